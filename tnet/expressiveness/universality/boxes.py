"""Boxes of grid points, grown around a point as far as a condition holds."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Box = tuple[Array, ...]
"""Which templates of every element, ascending: the grid points of their product."""
Fits = Callable[[Array, int], Array]
"""Which slices go with one of them: a matrix with a slice per row, and the row's number."""

_WORK = 2**17
"""Boxes times entries of the tensor that a search may go through."""


def supported(slices: Array, row: int) -> Array:
    """Slices without a zero, those that a box inside the support takes."""
    fits: Array = (slices != 0).all(axis=1)
    return fits


def proportional(tolerance: float) -> Fits:
    """Slices that are a multiple, not zero, of a given one up to a tolerance."""

    def fits(slices: Array, row: int) -> Array:
        given = slices[row]
        peak = int(np.argmax(np.abs(given)))
        ratio = slices[:, peak] / given[peak]
        # Divided by the ratio where that is large, so that both slices count alike.
        error = np.abs(slices - ratio[:, None] * given).max(axis=1)
        near: Array = (ratio != 0) & (error <= tolerance * np.maximum(1, np.abs(ratio)))
        return near

    return fits


def boxes_of(rest: Array, fits: Fits, taken: Callable[[Array, Box], None]) -> Iterator[Box]:
    """Grow boxes until nothing is left of a tensor, largest of a few tries first.

    Parameters
    ----------
    rest : ndarray
        The tensor, changed in place.
    fits : callable
        Which slices a box may take in.
    taken : callable
        Takes a box out of `rest`; at least one of its entries becomes zero.

    Yields
    ------
    Box
        Before it is taken out.

    Notes
    -----
    Boxes grow around four grid points, the largest and the least entry and the first and the last.
    A search that takes too long ends early, with something left.
    """
    for _ in range(max(1, _WORK // rest.size)):
        points = np.flatnonzero(rest)
        if not len(points):
            return
        sizes = np.abs(rest.flat[points])
        picked = {*points[[0, -1, int(np.argmax(sizes)), int(np.argmin(sizes))]].tolist()}
        best = max((_grown(rest, point, fits) for point in sorted(picked)), key=_volume)
        yield best
        taken(rest, best)


def _grown(rest: Array, point: int, fits: Fits) -> Box:
    """Box around a point, along the axes with the shortest fibres first."""
    at = np.unravel_index(point, rest.shape)
    reach = [np.count_nonzero(fibre) for fibre in fibres_through(rest, at)]
    box = [np.array([place]) for place in at]
    for axis in sorted(range(rest.ndim), key=lambda axis: reach[axis]):
        box[axis] = np.arange(rest.shape[axis])
        slices = rest[mesh(box)].swapaxes(0, axis).reshape(rest.shape[axis], -1)
        box[axis] = np.flatnonzero(fits(slices, int(at[axis])))
    return tuple(box)


def mesh(box: Sequence[Array]) -> Box:
    """Index of the entries in a box, as `numpy.ix_` makes it but without its checks.

    Examples
    --------
    >>> np.arange(6).reshape(2, 3)[mesh([np.array([1]), np.array([0, 2])])]
    array([[3, 5]])
    """
    n = len(box)
    return tuple(side.reshape((1,) * k + (-1,) + (1,) * (n - 1 - k)) for k, side in enumerate(box))


def fibres_through(tensor: Array, at: tuple[Any, ...]) -> list[Array]:
    """Entries along every axis through a grid point."""
    return [tensor[(*at[:axis], slice(None), *at[axis + 1 :])] for axis in range(tensor.ndim)]


def _volume(box: Box) -> int:
    return int(np.prod([len(side) for side in box]))
