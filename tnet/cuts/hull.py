"""Exponent vectors that matter: vertices of the lower hull, decided in exact integers.

A set V of vectors stands for the function min over v in V of <v, y>, where y, the logs of the
dims, is componentwise at least 0. A vector matters if it is the only minimum for some y, which
makes it a vertex of the convex hull of V plus the orthant. Floating point proposes, for every
vector, either a y or a convex combination of others that lies nowhere above it. Integers verify
the proposal, and where it does not hold, an exact simplex method decides.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.int64]
"""Shape (n_vectors, n_groups), entries from 0 to `LARGEST_EXPONENT`."""

LARGEST_EXPONENT = 2**36
"""Keeps inner products with integer directions within 64 bits."""

_DIRECTIONS = 256
"""Random directions that find vertices before the others are tried one by one."""


def lower_hull(vectors: Vectors) -> Vectors:
    """Keep the vectors that are the only minimum of <v, y> for some y >= 0.

    Parameters
    ----------
    vectors : ndarray of int64, shape (n_vectors, n_groups)
        Entries of at least 0.

    Returns
    -------
    ndarray of int64, shape (n_kept, n_groups)
        Distinct, in ascending lexicographic order. For every y >= 0 the minimum over them is
        that over `vectors`.

    Examples
    --------
    >>> lower_hull(np.array([[4, 0], [0, 4], [2, 2], [1, 1], [5, 5], [3, 1]]))
    array([[0, 4],
           [1, 1],
           [4, 0]])
    """
    kept = _undominated(np.unique(vectors, axis=0))
    if len(kept) <= 2:
        return kept
    varying = (kept != kept[0]).any(axis=0)
    return kept[_vertices(kept[:, varying])]


def minkowski_sum(left: Vectors, right: Vectors) -> Vectors:
    """Sum every vector on the left with every one on the right, pruned to the lower hull."""
    if len(left) <= 1 or len(right) <= 1:
        return left + right
    sums = left[:, None, :] + right[None, :, :]
    return lower_hull(sums.reshape(-1, left.shape[1]))


def _undominated(vectors: Vectors) -> Vectors:
    """Leave out what is nowhere below another vector; `vectors` are distinct and sorted."""
    alive = np.ones(len(vectors), dtype=bool)
    # By ascending sum, a vector can only be dominated by an earlier one.
    for position in np.argsort(vectors.sum(axis=1), kind="stable").tolist():
        if alive[position]:
            alive &= (vectors < vectors[position]).any(axis=1)
            alive[position] = True
    return vectors[alive]


def _vertices(vectors: Vectors) -> NDArray[np.bool_]:
    """Mark the vertices; `vectors` are distinct, sorted, and none dominates another."""
    kept = np.zeros(len(vectors), dtype=bool)
    directions = np.random.default_rng(0).integers(1, 2**10, (vectors.shape[1], _DIRECTIONS))
    # Of equal minima the first in lexicographic order is a vertex: shift y a little.
    kept[(vectors @ directions).argmin(axis=0)] = True
    kept[(vectors @ directions**2).argmin(axis=0)] = True
    for position in np.nonzero(~kept)[0].tolist():
        while not kept[position]:
            direction = _direction(vectors[kept], vectors[position])
            if direction is None:
                break
            kept[int((vectors @ direction).argmin())] = True
    return kept


def _direction(others: Vectors, vector: Vectors) -> NDArray[Any] | None:
    """Find an integer y >= 0 for which `vector` is below all `others`.

    None means that a convex combination of the others lies nowhere above `vector`, so that there
    is no such y.
    """
    from scipy.optimize import nnls

    n_others, n_groups = others.shape
    differences = others - vector
    scale = int(np.abs(differences).max())
    # Weights w >= 0 and slacks s >= 0 with sum w (v - vector) + s = 0 and sum w = 1. The residual
    # of the least squares is 0, or points along -y.
    system = np.ones((n_groups + 1, n_others + n_groups))
    system[:n_groups, :n_others] = differences.T / scale
    system[:, n_others:] = np.eye(n_groups + 1, n_groups)
    target = np.zeros(n_groups + 1)
    target[n_groups] = 1
    try:
        weights, _ = nnls(system, target)
    except RuntimeError:
        return exact_direction(differences)
    direction = _rounded((system @ weights)[:n_groups], scale)
    if (differences @ direction > 0).all():
        return direction
    used, tight = weights[:n_others] > 0, weights[n_others:] == 0
    if _combine_to_nowhere_above_zero(differences[used].tolist(), tight.tolist()):
        return None
    return exact_direction(differences)


def _rounded(direction: NDArray[np.float64], scale: int) -> Vectors:
    """Round so that inner products with entries up to `scale` fit in 64 bits."""
    direction = np.maximum(direction, 0)
    bits = min(50, 62 - scale.bit_length() - len(direction).bit_length())
    largest = float(direction.max())
    return np.rint(direction * (2.0**bits / largest if largest else 0.0)).astype(np.int64)


def _combine_to_nowhere_above_zero(vectors: list[list[int]], tight: Sequence[bool]) -> bool:
    """Say whether weights >= 0, not all 0, sum `vectors` to 0 where `tight` and at most 0 else."""
    rows = [[vector[group] for vector in vectors] for group, at in enumerate(tight) if at]
    weights = _null_vector(rows, len(vectors))
    if weights is None or not (min(weights) >= 0 or max(weights) <= 0):
        return False
    weights = [abs(weight) for weight in weights]
    sums = (
        sum(weight * vector[group] for weight, vector in zip(weights, vectors, strict=True))
        for group in range(len(tight))
    )
    return all(total <= 0 for total in sums)


def _null_vector(rows: list[list[int]], n_columns: int) -> list[int] | None:
    """Return the integer vector that all `rows` annul, if there is exactly one up to scale.

    Elimination without fractions [1]_.

    References
    ----------
    .. [1] Bareiss. Sylvester's identity and multistep integer-preserving Gaussian elimination.
       Mathematics of Computation 22, 1968.
    """
    table = np.array(rows, dtype=object).reshape(len(rows), n_columns)
    pivots: list[int] = []
    last = 1
    for column in range(n_columns):
        rank = len(pivots)
        candidates = np.nonzero(table[rank:, column])[0]
        if not len(candidates):
            continue
        table[[rank, rank + int(candidates[0])]] = table[[rank + int(candidates[0]), rank]]
        last = _pivoted(table, rank, column, last)
        pivots.append(column)
    free = [column for column in range(n_columns) if column not in pivots]
    if len(free) != 1:
        return None
    weights = [last] * n_columns
    for row, column in enumerate(pivots):
        weights[column] = -table[row, free[0]]
    return weights


def _pivoted(table: NDArray[Any], row: int, column: int, last: int) -> int:
    """Clear `column` of all rows but `row`, in integers, and return the new pivot."""
    pivot = int(table[row, column])
    kept = table[row].copy()
    # Entries are minors of the first table, so the division leaves no remainder.
    table[:] = (pivot * table - np.outer(table[:, column], kept)) // last
    table[row] = kept
    return pivot


def exact_direction(differences: Vectors) -> NDArray[Any] | None:
    """Find an integer y >= 0 with <d, y> > 0 for every row d, or None if there is none.

    Parameters
    ----------
    differences : ndarray of int64, shape (n_vectors, n_groups)
        Rows d.

    Returns
    -------
    ndarray of Python ints, shape (n_groups,), or None

    Notes
    -----
    The simplex method, without fractions and with Bland's rule [1]_, on: maximise sum w subject
    to w >= 0, sum w d <= 0 and sum w <= 1. The maximum is 1 if there is no y; if it is 0, the
    dual solution is one.

    References
    ----------
    .. [1] Bland. New finite pivoting rules for the simplex method. Mathematics of Operations
       Research 2, 1977.

    Examples
    --------
    >>> exact_direction(np.array([[2, -1], [-1, 1]]))
    array([2, 3], dtype=object)
    >>> exact_direction(np.array([[2, -1], [-2, 1]])) is None
    True
    """
    n_vectors, n_groups = differences.shape
    n_rows = n_groups + 1
    table = np.zeros((n_rows + 1, n_vectors + n_rows + 1), dtype=object)
    table[:n_groups, :n_vectors] = differences.T.astype(object)
    table[n_groups, :n_vectors] = 1
    table[:n_rows, n_vectors:-1] = np.eye(n_rows, dtype=np.int64).astype(object)
    table[n_groups, -1] = 1
    table[n_rows, :n_vectors] = -1
    basis = list(range(n_vectors, n_vectors + n_rows))
    last = 1
    while table[n_rows, -1] == 0:
        entering = np.nonzero(table[n_rows, :-1] < 0)[0]
        if not len(entering):
            return table[n_rows, n_vectors : n_vectors + n_groups]
        column = int(entering[0])
        rows = np.nonzero(table[:n_rows, column] > 0)[0].tolist()
        ratios = [Fraction(table[row, -1], table[row, column]) for row in rows]
        leaving = min(zip(ratios, (basis[row] for row in rows), rows, strict=True))[2]
        last = _pivoted(table, leaving, column, last)
        basis[leaving] = column
    return None
