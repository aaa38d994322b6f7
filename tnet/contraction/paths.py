"""Two ways to write an order of contraction: pairs of operand numbers, and opt_einsum's path."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.errors import StructureError

Pairs: TypeAlias = NDArray[np.int64]
"""Shape (n_steps, 2): numbers of the operands of each step; results follow all operands."""

Path: TypeAlias = tuple[tuple[int, ...], ...]


def positions_of(pairs: Pairs, n_operands: int) -> Path:
    """Turn operand numbers into positions in the list of operands left, as opt_einsum counts.

    Parameters
    ----------
    pairs : ndarray of int, shape (n_operands - 1, 2)
        Every operand and every result but the last is taken once.
    n_operands : int
        Number of operands.

    Returns
    -------
    tuple of tuple of int
        Positions ascend within a step. A single operand is reduced by a step of its own.

    Notes
    -----
    Results are appended with ever larger numbers, so the list of those left stays sorted: the
    position of a number is the number less the smaller ones taken by earlier steps. These are
    counted bit by bit, O(n log n) in all.

    Examples
    --------
    >>> import numpy as np
    >>> positions_of(np.array([(0, 1), (2, 3)]), 3)
    ((0, 1), (0, 1))
    """
    if n_operands < 2:
        return ((0,),) * n_operands
    taken = np.sort(np.asarray(pairs, dtype=np.int64), axis=1)
    places = taken - _smaller_before(taken.ravel()).reshape(-1, 2)
    # The lower one of the same step is still in the list.
    places[:, 1] += 1
    return tuple(map(tuple, places.tolist()))


def _smaller_before(permutation: Pairs) -> Pairs:
    """For every value of a permutation of 0..n-1, how many smaller values stand before it."""
    n = len(permutation)
    counts = np.zeros(n, dtype=np.int64)
    values = permutation
    for bit in range(max(n - 1, 1).bit_length() - 1, -1, -1):
        # `values` is grouped by the bits above this one; group g starts at g << (bit + 1).
        low = (values >> bit) & 1 == 0
        lows_before = np.cumsum(low) - low
        start = (values >> (bit + 1)) << (bit + 1)
        lows_before -= lows_before[start]
        high = ~low
        counts[values[high]] += lows_before[high]
        place = np.where(low, start + lows_before, np.arange(n) - lows_before)
        place[high] += np.minimum(1 << bit, n - start[high])
        regrouped = np.empty_like(values)
        regrouped[place] = values
        values = regrouped
    return counts[permutation]


def pairs_of(path: Sequence[Sequence[int]], n_operands: int) -> Pairs:
    """Turn an opt_einsum path into pairs of operand numbers.

    Parameters
    ----------
    path : sequence of sequence of int
        Positions of the operands of each step in the list of those left; the result is appended.
        A step of three or more operands becomes successive pairs; a step of one operand renames
        it and vanishes.
    n_operands : int
        Number of operands.

    Returns
    -------
    ndarray of int64, shape (n_operands - 1, 2)
        No row if there is at most one operand.

    Raises
    ------
    StructureError
        If a step takes positions that are not there, or operands are left over.

    Examples
    --------
    >>> pairs_of([(0, 1, 2)], 3).tolist()
    [[0, 1], [3, 2]]
    """
    steps = [tuple(int(position) for position in step) for step in path]
    left = n_operands
    for number, step in enumerate(steps):
        if not step or len(set(step)) != len(step) or not all(0 <= p < left for p in step):
            raise StructureError(
                f"step {number} of the path takes positions {step} of {left} operands left; "
                "positions are distinct and count from 0"
            )
        left -= len(step) - 1
    if left > 1 and n_operands:
        raise StructureError(
            f"the path leaves {left} of {n_operands} operands uncontracted; add steps until one is "
            "left"
        )
    return np.array(list(_followed(steps, n_operands)), dtype=np.int64).reshape(-1, 2)


def _followed(steps: Sequence[tuple[int, ...]], n_operands: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of a checked path."""
    places = _Places(n_operands, n_operands + len(steps))
    number_at = list(range(n_operands))
    following = n_operands
    for step in steps:
        ascending = sorted(step)
        taken = {p: number_at[places.take(p - gone)] for gone, p in enumerate(ascending)}
        first, *others = (taken[position] for position in step)
        for other in others:
            yield first, other
            first, following = following, following + 1
        places.append()
        number_at.append(first)


class _Places:
    """Places of which some are free, as a tree of counts: the k-th taken one in O(log n)."""

    def __init__(self, taken: int, room: int) -> None:
        self.leaves = 1 << max(room, 1).bit_length()
        self.end = taken
        level = np.zeros(self.leaves, dtype=np.int64)
        level[:taken] = 1
        levels = [level]
        while len(levels[-1]) > 1:
            levels.append(levels[-1].reshape(-1, 2).sum(axis=1))
        # The children of node i are 2i and 2i + 1, and the root is 1.
        self.counts = [0, *(count for level in reversed(levels) for count in level.tolist())]

    def take(self, rank: int) -> int:
        """Free the place that is the `rank`-th of those taken, and return it."""
        counts, node = self.counts, 1
        while node < self.leaves:
            counts[node] -= 1
            node *= 2
            if rank >= counts[node]:
                rank -= counts[node]
                node += 1
        counts[node] -= 1
        return node - self.leaves

    def append(self) -> None:
        """Take the place after the last one ever taken."""
        node = self.end + self.leaves
        self.end += 1
        while node:
            self.counts[node] += 1
            node //= 2
