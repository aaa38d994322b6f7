"""Two ways to write an order of contraction: pairs of operand numbers, and opt_einsum's path."""

from collections.abc import Sequence
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

    Notes
    -----
    A step takes, of the operands and results not taken yet, those at its positions. What two
    neighbouring stretches of steps take is found from what each would take alone, for all
    stretches of one length at once: O(n log^2 n) in all.

    Examples
    --------
    >>> pairs_of([(0, 1, 2)], 3).tolist()
    [[0, 1], [3, 2]]
    """
    lengths = np.array([len(step) for step in path], dtype=np.int64)
    step_of = np.repeat(np.arange(len(lengths)), lengths)
    begin = np.cumsum(lengths) - lengths
    # A position beyond the range of arrays is as wrong as a negative one.
    positions = np.array(
        [int(p) if 0 <= p < n_operands else -1 for step in path for p in step], dtype=np.int64
    )
    ascending = np.lexsort((positions, step_of))
    left = np.concatenate([[n_operands], n_operands - np.cumsum(lengths - 1)])
    _check_path(path, positions[ascending], step_of, left)
    taken = np.empty_like(positions)
    taken[ascending] = _ranked(positions[ascending] - np.arange(len(positions)) + begin[step_of])
    # Results join the list after the operands, one a step, but in pairs one a pair.
    numbers = np.concatenate([np.arange(n_operands), n_operands - 1 + np.cumsum(lengths - 1)])
    for step in np.nonzero(lengths == 1)[0].tolist():
        numbers[n_operands + step] = numbers[taken[begin[step]]]
    taken = numbers[taken]
    others = np.arange(len(taken)) != begin[step_of]
    second = np.arange(len(taken))[others] == begin[step_of[others]] + 1
    pairs = np.stack([n_operands - 1 + np.arange(len(second)), taken[others]], axis=1)
    pairs[second, 0] = taken[begin[lengths > 1]]
    return pairs


def _check_path(
    path: Sequence[Sequence[int]], positions: Pairs, step_of: Pairs, left: Pairs
) -> None:
    """Check positions that ascend in every step against what is left before it."""
    wrong = np.bincount(step_of, minlength=len(path)) == 0
    wrong[step_of[(positions < 0) | (positions >= left[step_of])]] = True
    again = (positions[1:] == positions[:-1]) & (step_of[1:] == step_of[:-1])
    wrong[step_of[1:][again]] = True
    if wrong.any():
        number = int(np.argmax(wrong))
        raise StructureError(
            f"step {number} of the path takes positions {tuple(int(p) for p in path[number])} of "
            f"{left[number]} operands left; positions are distinct and count from 0: give others"
        )
    if left[-1] > 1:
        raise StructureError(
            f"the path leaves {left[-1]} of {left[0]} operands uncontracted; add steps until one "
            "is left"
        )


def _ranked(ranks: Pairs) -> Pairs:
    """Take the number at every rank among those of 0, 1, 2, ... not taken before."""
    n = len(ranks)
    room = 1 << max(n - 1, 0).bit_length()
    # Ranks after all others change nothing; every stretch of `size` of them has its values sorted.
    values, source = np.zeros(room, dtype=np.int64), np.arange(room)
    values[:n] = ranks
    size = 1
    while size < room:
        earlier, later = values.reshape(-1, 2, size).transpose(1, 0, 2)
        number = np.arange(len(earlier))[:, np.newaxis]
        # A later rank skips the earlier values that are no more than those skipped below it.
        skips = (earlier - np.arange(size) + 4 * room * number).ravel()
        skipped = np.searchsorted(skips, (later + 4 * room * number).ravel(), side="right")
        skipped = skipped.reshape(later.shape) - size * number
        is_later = np.zeros(room, dtype=bool)
        is_later[(np.arange(size) + skipped + 2 * size * number).ravel()] = True
        sources = source.reshape(-1, 2, size)
        merged, source = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        merged[is_later], merged[~is_later] = (later + skipped).ravel(), earlier.ravel()
        source[is_later], source[~is_later] = sources[:, 1].ravel(), sources[:, 0].ravel()
        values, size = merged, 2 * size
    taken = np.empty(room, dtype=np.int64)
    taken[source] = values
    return taken[:n]
