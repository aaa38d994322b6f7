"""Least cuts of a forest for many partitions at once, in floating point.

The two-state programme of `tnet.cuts.forest` on logarithms, the axis of partitions contiguous.
For a subtree keep U = max(D, 0) and V = max(-D, 0), D = log2 f(A) - log2 f(B), and for a partition
one running total. A branching with cost c and children i has P = min(sum U_i, c) and
Q = min(sum V_i, c); the total gains min(P, Q), and U, V = P - min(P, Q), Q - min(P, Q), limited to
the least cost on the way up.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.condensed import Floats
from tnet.cuts.forest_programme import Bound, Programme, Step

_LONG_COLUMN = 512


def forest_log2(programme: Programme, sides: NDArray[np.bool_]) -> Floats:
    """Log2 of the least cut of each partition.

    Parameters
    ----------
    programme : Programme
        From `programme_of`.
    sides : ndarray of bool, shape (B, N)
        Elements on side A.

    Returns
    -------
    ndarray of float64, shape (B,)

    Notes
    -----
    Goes through blocks of ``programme.block`` partitions, in scratch memory that is allocated once
    and does not grow with B.
    """
    block = min(programme.block, len(sides))
    scratch = _Scratch(programme, block)
    found = np.empty(len(sides))
    for start in range(0, len(sides), max(block, 1)):
        rows = slice(start, start + block)
        found[rows] = _block_total(programme, scratch, sides[rows])
    return found * programme.unit_log2


class _Scratch:
    """Flat arrays of which every level takes a prefix, so that all it touches is contiguous."""

    def __init__(self, programme: Programme, block: int) -> None:
        sizes = [2 * programme.rows] * 3
        sizes.append(max((step.n_branchings for step in programme.steps), default=0))
        self._floats = [np.empty(size * block, dtype=programme.dtype) for size in sizes]
        readings = max((len(step.modes) for step in programme.steps), default=0)
        self._bytes = [np.empty(n * block, np.uint8) for n in (programme.n_modes, readings)]

    def floats(self, which: int, *shape: int) -> NDArray[np.floating]:
        size = math.prod(shape)
        return self._floats[which][:size].reshape(shape)

    def flags(self, which: int, *shape: int) -> NDArray[np.uint8]:
        return self._bytes[which][: shape[0] * shape[1]].reshape(shape)


def _block_total(programme: Programme, scratch: _Scratch, sides: NDArray[np.bool_]) -> Floats:
    width = len(sides)
    flags = scratch.flags(0, programme.n_modes, width)
    np.copyto(flags, sides.view(np.uint8).T)
    total = np.zeros(width)
    below = scratch.floats(0, 2, 0, width)
    for number, step in enumerate(programme.steps):
        here = scratch.floats(number % 2, 2, step.n_nodes, width)
        read = scratch.flags(1, len(step.modes), width)
        np.take(flags, step.modes, axis=0, out=read, mode="clip")
        if step.slabs:
            sums = here[:, : step.n_branchings]
            if step.counted is None:
                _add_slabs(below, step.slabs, sums)
            else:
                _count(read, len(step.slabs), step.counted, sums)
            gain = scratch.floats(3, step.n_branchings, width)
            total += _matched(sums, step, gain)
        if step.counted is None and len(step.modes):
            _read(read, step.cost, here[:, step.n_branchings :])
        if step.order is not None:
            ordered = scratch.floats(2, 2, step.n_nodes, width)
            np.take(here, step.order, axis=1, out=ordered, mode="clip")
            here[...] = ordered
        below = here
    return total


def _add_slabs(
    below: NDArray[np.floating], slabs: tuple[int, ...], sums: NDArray[np.floating]
) -> None:
    """Add U and V over the children; every branching has a first child and a second."""
    start = 2 * slabs[0]
    np.add(below[:, : slabs[0]], below[:, slabs[0] : start], out=sums)
    for size in slabs[2:]:
        sums[:, :size] += below[:, start : start + size]
        start += size


def _count(
    read: NDArray[np.uint8], n_children: int, cost: float, sums: NDArray[np.floating]
) -> None:
    """Sums of U and V over children that are readings of one cost."""
    dtype = np.uint8 if n_children < 256 else np.uint32
    on_a = np.add.reduce(read.reshape(n_children, *sums.shape[1:]), axis=0, dtype=dtype)
    np.multiply(on_a, sums.dtype.type(cost), out=sums[1])
    np.subtract(sums.dtype.type(n_children * cost), sums[1], out=sums[0])


def _matched(
    sums: NDArray[np.floating], step: Step, gain: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Turn the sums of U and V into those of the branchings; return what the totals gain."""
    if step.cap is not None:
        np.clip(sums, 0.0, step.cap, out=sums)
    np.minimum(sums[0], sums[1], out=gain)
    np.subtract(sums, gain, out=sums)
    if step.clip is not None:
        np.clip(sums, 0.0, step.clip, out=sums)
    return _summed(gain)


def _summed(gain: NDArray[np.floating]) -> NDArray[np.floating]:
    """Add the rows, long columns by halves: rounding then grows with the log of their length."""
    while len(gain) > _LONG_COLUMN:
        half = len(gain) // 2
        if len(gain) % 2:
            gain[0] += gain[-1]
        gain[:half] += gain[half : 2 * half]
        gain = gain[:half]
    return np.asarray(np.add.reduce(gain, axis=0))


def _read(read: NDArray[np.uint8], cost: Bound, values: NDArray[np.floating]) -> None:
    """U of a reading is its cost on side B, V on side A."""
    scale = np.asarray(cost, dtype=values.dtype)
    np.multiply(read, scale, out=values[1])
    np.subtract(scale, values[1], out=values[0])
