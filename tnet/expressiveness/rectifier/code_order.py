"""Numbering vectors as subset sums: which of them is the sum of which generators."""

import numpy as np
from numpy.typing import NDArray

from tnet.expressiveness.rectifier.affine import Array

_SEED = 0


def find_code_order(rows: Array, tolerance: float) -> NDArray[np.int64] | None:
    r"""Number 2^n units so that unit k is the sum over the bits of k, if that can be done.

    Parameters
    ----------
    rows : ndarray, shape (2^n, d + 1)
        Weights and offsets; the unit of number 0 has no weights.
    tolerance : float
        Largest difference of entries that counts as rounding.

    Returns
    -------
    ndarray of int, shape (2^n,), or None
        Which row is unit k; None if no numbering makes them subset sums.

    Notes
    -----
    Let :math:`c + \sum_S u_k` be the rows. Along a random direction turn each u_k so that it
    ascends: the sums stay the same but for their start, which is then the least row. The least
    row that is not yet a sum is the start plus the next u_k; its sums with all before are struck
    off. What is left is which u_k had been turned: those of the code of c, a row without weights,
    whatever code it has got now. Renumbering by exclusive or with that code turns them back. Of
    several rows without weights any will do.

    Examples
    --------
    >>> find_code_order(np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0], [2.0, -1.0]]), 1e-12)
    array([1, 0, 3, 2])
    """
    count, columns = rows.shape
    direction = np.random.default_rng(_SEED).standard_normal(columns)
    along = rows @ direction
    close = tolerance * float(np.abs(direction).sum())
    left = [int(place) for place in np.argsort(along, kind="stable")]
    codes = [left.pop(0)]
    while len(codes) < count:
        start, least = codes[0], left[0]
        sums = rows[codes] + (rows[least] - rows[start])
        heights = along[codes] + (along[least] - along[start])
        found = _struck_off(sums, heights, (rows, along), left, (tolerance, close))
        if found is None:
            return None
        codes += found
    order = np.array(codes)
    resting = np.flatnonzero(np.abs(rows[order, :-1]).max(axis=1) <= tolerance)
    return order[np.arange(count) ^ resting[0]] if len(resting) else None


def _struck_off(
    sums: Array,
    heights: Array,
    given: tuple[Array, Array],
    left: list[int],
    rounding: tuple[float, float],
) -> list[int] | None:
    """Take the rows that are these sums from `left`, which ascends; None if one is missing."""
    rows, along = given
    tolerance, close = rounding
    found = [-1] * len(sums)
    kept: list[int] = []
    wanted = sorted(range(len(sums)), key=lambda number: float(heights[number]))
    open_sums: list[int] = []
    upcoming = iter(wanted)
    following = next(upcoming, None)
    for place in left:
        while following is not None and heights[following] <= along[place] + close:
            open_sums.append(following)
            following = next(upcoming, None)
        fitting = (k for k in open_sums if np.abs(sums[k] - rows[place]).max() <= tolerance)
        match = next(fitting, None)
        if match is None:
            if any(heights[number] < along[place] - close for number in open_sums):
                return None
            kept.append(place)
            continue
        open_sums.remove(match)
        found[match] = place
    if -1 in found:
        return None
    left[:] = kept
    return found
