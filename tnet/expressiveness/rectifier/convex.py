"""Convex sums of rectifiers, and where one of their pieces is the largest and zero."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.expressiveness.rectifier.affine import Affine, Array
from tnet.expressiveness.rectifier.cells import OPEN, Cells, normalised, scale_of, widest
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.programmes import free_variables, maximise

_EQUAL = 1e-12
"""Relative difference of two hyperplanes' numbers below which they are one hyperplane."""


@dataclass(frozen=True, eq=False)
class Convex:
    """A convex function: an affine one, plus rectifiers.

    Attributes
    ----------
    base : ndarray, shape (d + 1,)
        Weights and offset of the affine part.
    inner : Affine
        What stands inside the rectifiers.
    """

    base: Array
    inner: Affine

    def piece(self, subset: NDArray[np.bool_]) -> Array:
        """Weights and offset where just the rectifiers of `subset` are active."""
        found: Array = self.base + subset.astype(np.float64) @ self.inner.rows
        return found

    def reach(self) -> float:
        """Return how far below zero it goes, at most 1 of its largest offset; negative if not.

        Both signs are those of a linear programme with two tolerances of 1e-10.
        """
        # Divided by the largest weight and the largest offset: a change of the units of x and f.
        rows = self.inner.rows
        sizes = np.abs(np.vstack([self.base, rows]))
        scales = np.full(len(self.base), sizes[:, :-1].max() or 1.0)
        scales[-1] = sizes[:, -1].max() or 1.0
        base, rows = self.base / scales, rows / scales
        count, dim = len(rows), len(self.base) - 1
        # Variables x, z, t: z_k is at least a_k(x) and 0, and base(x) + sum z is at most -t.
        above = np.block(
            [
                [rows[:, :-1], -np.eye(count), np.zeros((count, 1))],
                [base[None, :-1], np.ones((1, count)), np.ones((1, 1))],
            ]
        )
        bounds = free_variables(dim + count + 1)
        bounds[dim:-1, 0] = 0.0
        bounds[-1, 1] = 1.0
        below = -np.r_[rows[:, -1], base[-1]]
        last = np.eye(dim + count + 1)[-1]
        return maximise(last, above, below, bounds=bounds, finite=True).value

    def flat_pattern(self, patterns: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
        """Return the pattern of the cell on which the function is 0 throughout, or None.

        There is at most one, and beside it the function is positive. The zero is exact, of the
        numbers that are given.
        """
        pieces = self.base + patterns.astype(np.float64) @ self.inner.rows
        size = float(np.abs(self.inner.rows).sum() + np.abs(self.base).sum())
        for at in np.flatnonzero(np.abs(pieces).max(axis=1) <= _EQUAL * size).tolist():
            terms = np.vstack([self.base, self.inner.rows[patterns[at]]])
            if not any(math.fsum(column) for column in terms.T):
                flat: NDArray[np.bool_] = patterns[at]
                return flat
        return None


def walls(inner: Affine, pattern: NDArray[np.bool_]) -> Cells:
    """The facets of one open cell's closure: the cells beside it, and a point of each facet."""
    rows = inner.rows
    scale = scale_of(normalised(moving_rows(rows)))
    kept: dict[tuple[bool, ...], tuple[NDArray[np.bool_], Array]] = {}
    for row in rows[np.abs(rows[:, :-1]).max(axis=1, initial=0) > 0]:
        same = np.array([parallel(other, row) and bool(other.any()) for other in rows], dtype=bool)
        point = crossing(row, rows[~same], pattern[~same], scale)
        if point is not None:
            kept.setdefault(tuple(same.tolist()), (pattern ^ same, point))
    return listed(list(kept.values()), inner)


def listed(found: list[tuple[NDArray[np.bool_], Array]], inner: Affine) -> Cells:
    """Cells as arrays, of which there may be none."""
    patterns = np.array([pattern for pattern, _ in found], dtype=bool)
    points = np.array([point for _, point in found])
    return Cells(patterns.reshape(len(found), len(inner)), points.reshape(len(found), inner.dim))


def one_sided(network: RectifierNetwork) -> Convex | None:
    """Return the score, or minus the score, as a convex function; None if it has both signs."""
    base = np.r_[np.zeros(network.dim), network.bias]
    if not len(network.negative):
        return Convex(base, network.positive)
    return None if len(network.positive) else Convex(-base, network.negative)


def crossing(piece: Array, rows: Array, pattern: NDArray[np.bool_], scale: float) -> Array | None:
    """A zero of `piece` in the open cell where the functions `rows` have the signs `pattern`."""
    size = np.abs(piece).max(initial=0)
    if np.abs(piece[:-1]).max() <= _EQUAL * size or size == 0:
        return None
    moving = np.abs(rows[:, :-1]).max(axis=1, initial=0) > 0
    walls = normalised(rows[moving]) * np.where(pattern[moving], 1.0, -1.0)[:, None]
    distance, point = widest(walls, scale, on=normalised(piece[None])[0])
    return point if distance > OPEN else None


def parallel(row: Array, other: Array) -> bool:
    """Whether one function is a multiple of the other, up to rounding."""
    largest = int(np.argmax(np.abs(other)))
    difference = row * other[largest] - other * row[largest]
    size = np.abs(row).max() * np.abs(other).max()
    return bool(np.abs(difference).max() <= _EQUAL * size)


def moving_rows(rows: Array) -> Array:
    """Those of these functions that are not constant."""
    moving: Array = rows[np.abs(rows[:, :-1]).max(axis=1, initial=0) > 0]
    return moving
