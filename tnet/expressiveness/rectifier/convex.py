"""Convex sums of rectifiers, and where one of their pieces is the largest and zero."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.expressiveness.rectifier.affine import Affine, Array
from tnet.expressiveness.rectifier.cells import OPEN, normalised, widest
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
        """Return how far below zero it goes, at most 1 in its own scale; negative if it does not.

        Both signs are those of a linear programme with two tolerances of 1e-10.
        """
        rows = self.inner.rows
        size = float(np.abs(np.vstack([self.base, rows])).max()) or 1.0
        count, dim = len(rows), len(self.base) - 1
        # Variables x, z, t: z_k is at least a_k(x) and 0, and base(x) + sum z is at most -t.
        above = np.block(
            [
                [rows[:, :-1] / size, -np.eye(count), np.zeros((count, 1))],
                [self.base[None, :-1] / size, np.ones((1, count)), np.ones((1, 1))],
            ]
        )
        bounds = free_variables(dim + count + 1)
        bounds[dim:-1, 0] = 0.0
        bounds[-1, 1] = 1.0
        below = -np.r_[rows[:, -1], self.base[-1]] / size
        return maximise(np.eye(dim + count + 1)[-1], above, below, bounds=bounds).value


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
