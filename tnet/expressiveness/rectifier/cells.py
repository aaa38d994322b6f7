"""Cells: the sign patterns of affine functions that occur, found without trying all of them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.errors import SizeLimitError
from tnet.expressiveness.arguments import checked_whole
from tnet.expressiveness.rectifier.affine import Affine, Array
from tnet.expressiveness.rectifier.programmes import free_variables, maximise

CELL_LIMIT = 100_000
"""Most cells that are enumerated unless more are allowed."""

OPEN = 1e-8
"""Least distance to the nearest wall, in units of the farthest hyperplane's distance from the
origin (or 1), for a cell to count as open."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Open cells of an arrangement of hyperplanes.

    Attributes
    ----------
    patterns : ndarray of bool, shape (m, n)
        Where each function is positive; a constant function has the sign of its value everywhere,
        and zero counts as not positive.
    points : ndarray, shape (m, d)
        One point inside each cell.
    """

    patterns: NDArray[np.bool_]
    points: Array


def cell_bound(n_functions: int, dim: int) -> int:
    """Return how many cells n hyperplanes cut a space of `dim` dimensions into at most.

    Examples
    --------
    >>> cell_bound(16, 2), cell_bound(3, 5)
    (137, 8)
    """
    return sum(math.comb(n_functions, i) for i in range(min(n_functions, dim) + 1))


def cells(functions: Affine, *, limit: int = CELL_LIMIT) -> Cells:
    r"""Enumerate the sign patterns that affine functions take on open sets.

    Parameters
    ----------
    functions : Affine
        n functions of d numbers.
    limit : int
        Most cells, at least 1; more are refused before anything is computed.

    Returns
    -------
    Cells
        Each pattern once, with a point inside.

    Raises
    ------
    SizeLimitError
        If there can be more cells than `limit`.
    SpecError
        If the limit is no whole number of at least 1.

    Notes
    -----
    One hyperplane after the other is added, and cuts some of the cells there are in two: just those
    that are cells of the other hyperplanes' traces on it, an arrangement of one dimension less, in
    which the same is done. In no dimensions there is one cell, a point. So nothing is tried in
    vain: the work is that of the cells there are, at most
    :math:`\sum_{i \le \mathrm{rank}} \binom{n}{i}`, and not of the :math:`2^n` patterns. If the
    weights are linearly independent the values can be anything, and all patterns occur. A cell
    thinner than 1e-8 (see `OPEN`) is not told from an empty one.

    Examples
    --------
    >>> lines = Affine([[1, 0], [0, 1], [1, 1]], [0, 0, -1])
    >>> len(cells(lines).patterns)
    7
    """
    checked_whole(limit, "cell_limit")
    weights = functions.weights
    moving = np.abs(weights).max(axis=1) > 0
    rows = normalised(functions.rows[moving])
    rank = int(np.linalg.matrix_rank(rows[:, :-1])) if len(rows) else 0
    most = cell_bound(len(rows), rank)
    if most > limit:
        raise SizeLimitError(
            f"{len(rows)} hyperplanes with normals of rank {rank} can have {most:,} cells, above "
            f"the limit of {limit:,}; take fewer rectifiers or inputs, or raise cell_limit"
        )
    if rank == len(rows):
        found, points = _all_patterns(rows)
    else:
        found, points = _cut_one_by_one(rows, scale_of(rows))
    patterns = np.empty((len(found), len(functions)), dtype=bool)
    patterns[:, moving] = found
    patterns[:, ~moving] = functions.offsets[~moving] > 0
    return Cells(patterns, points)


def normalised(rows: Array) -> Array:
    """Divide each row of weights and offset by the length of its weights.

    Examples
    --------
    >>> normalised(np.array([[3.0, 4.0, 10.0]])).tolist()
    [[0.6, 0.8, 2.0]]
    """
    # Twice, so that neither very large nor very small weights over- or underflow.
    rows = rows / np.abs(rows[:, :-1]).max(axis=1, keepdims=True, initial=0)
    scaled: Array = rows / np.linalg.norm(rows[:, :-1], axis=1, keepdims=True)
    return scaled


def scale_of(rows: Array) -> float:
    """Distance of the farthest of these (normalised) hyperplanes from the origin, or 1."""
    farthest = float(np.abs(rows[:, -1]).max(initial=0))
    return farthest if farthest > 0 else 1.0


def widest(rows: Array, scale: float, *, on: Array | None = None) -> tuple[float, Array]:
    """Find the point at which the least of affine functions is largest, up to `scale`.

    Parameters
    ----------
    rows : ndarray, shape (n, d + 1)
        Normalised weights and offsets; positive means inside.
    scale : float
        Unit of length.
    on : ndarray, shape (d + 1,), optional
        Normalised; the point is to be a zero of this function.

    Returns
    -------
    distance : float
        The least value there, recomputed, over `scale`.
    point : ndarray, shape (d,)

    Examples
    --------
    >>> distance, point = widest(np.array([[1.0, 0.0], [-1.0, 4.0]]), 4.0)
    >>> round(4 * distance, 9), point.round(9).tolist()
    (2.0, [2.0])
    """
    dim = rows.shape[1] - 1
    for far in (np.inf, 1 / OPEN):
        bounds = np.tile([-far, far], (dim + 1, 1))
        bounds[-1, 1] = 1.0
        found = maximise(
            np.r_[np.zeros(dim), 1.0],
            np.column_stack([-rows[:, :-1], np.ones(len(rows))]),
            rows[:, -1] / scale,
            bounds=bounds,
            equal=None if on is None else (np.r_[on[:-1], 0.0], -on[-1] / scale),
            finite=far < np.inf,
        )
        # Between normals that differ by little more than rounding the solver may run off to
        # infinity, though the least value is bounded.
        if len(found.point):
            break
    point: Array = found.point[:-1] * scale
    return float((rows[:, :-1] @ point + rows[:, -1]).min(initial=scale)) / scale, point


def largest(row: Array, within: Array, scale: float) -> float:
    """Largest value of a normalised function where others are at least 0, in units of `scale`.

    It is infinite if there is no largest, and minus infinity if the others never are.
    """
    bounds = free_variables(len(row) - 1)
    found = maximise(row[:-1], -within[:, :-1], within[:, -1] / scale, bounds=bounds)
    return found.value + float(row[-1]) / scale


def _all_patterns(rows: Array) -> tuple[NDArray[np.bool_], Array]:
    """Every pattern, and a point whose values are all `scale` or minus it."""
    count, scale = len(rows), scale_of(rows)
    patterns = np.arange(2**count)[:, None] >> np.arange(count) & 1 > 0
    values = np.where(patterns, scale, -scale) - rows[:, -1]
    return patterns, values @ np.linalg.pinv(rows[:, :-1]).T


def _cut_one_by_one(rows: Array, scale: float) -> tuple[NDArray[np.bool_], Array]:
    """Cells of normalised functions, and points inside."""
    dim = rows.shape[1] - 1
    patterns, points = np.zeros((1, 0), dtype=bool), np.zeros((1, dim))
    for number, row in enumerate(rows):
        before = rows[:number]
        cut, at = _traces(before, row, scale)
        steps = _clearance(at, before, row[:-1], scale)[:, None] / 2 * row[:-1]
        numbers = {pattern.tobytes(): place for place, pattern in enumerate(patterns)}
        # A trace in a cell that is too thin to be listed has no number.
        known = [(numbers.get(pattern.tobytes(), -1), k) for k, pattern in enumerate(cut)]
        kept = np.array([pair for pair in known if pair[0] >= 0], dtype=np.int64)
        places, traces = kept.reshape(-1, 2).T
        points[places] = at[traces] - steps[traces]
        sides = points @ row[:-1] + row[-1] > 0
        patterns = np.vstack(
            [
                np.column_stack([patterns, sides]),
                np.column_stack([patterns[places], np.ones(len(places), dtype=bool)]),
            ]
        )
        points = np.vstack([points, at[traces] + steps[traces]])
    return patterns, points


def _traces(rows: Array, on: Array, scale: float) -> tuple[NDArray[np.bool_], Array]:
    """Cells of functions on the hyperplane where another one is zero, and points inside."""
    pivot = int(np.argmax(np.abs(on[:-1])))
    solved = np.delete(on, pivot) / on[pivot]
    traces = np.delete(rows, pivot, axis=1) - rows[:, [pivot]] * solved
    lengths = np.linalg.norm(traces[:, :-1], axis=1)
    moving = lengths > OPEN
    if (np.abs(traces[~moving, -1]) <= OPEN * scale).any():
        # One of the hyperplanes is this one, which then cuts no open cell.
        return np.zeros((0, len(rows)), dtype=bool), np.zeros((0, len(on) - 1))
    found, at = _cut_one_by_one(traces[moving] / lengths[moving, None], scale)
    patterns = np.empty((len(found), len(rows)), dtype=bool)
    patterns[:, moving] = found
    patterns[:, ~moving] = traces[~moving, -1] > 0
    points = np.insert(at, pivot, -at @ solved[:-1] - solved[-1], axis=1)
    values = np.abs(points @ rows[:, :-1].T + rows[:, -1])
    thick = values.min(axis=1, initial=np.inf) > OPEN * scale
    return patterns[thick], points[thick]


def _clearance(points: Array, rows: Array, direction: Array, scale: float) -> Array:
    """How far one can go from points, both ways, before a function is zero; at most `scale`."""
    values = np.abs(points @ rows[:, :-1].T + rows[:, -1])
    speeds = np.abs(rows[:, :-1] @ direction)
    reach = np.divide(values, speeds, out=np.full(values.shape, np.inf), where=speeds > 0)
    clear: Array = reach.min(axis=1, initial=scale)
    return clear
