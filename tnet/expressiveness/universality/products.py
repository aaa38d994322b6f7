"""Few rank-one terms that add up to a tensor: the channels of a shallow product network."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.expressiveness.universality.boxes import (
    Box,
    boxes_of,
    fibres_through,
    mesh,
    proportional,
)
from tnet.expressiveness.universality.targets import (
    ROUNDING,
    TOLERANCE,
    Terms,
    commonest,
    is_whole,
    zero_below,
)

Array = NDArray[Any]
Term = tuple[list[Array], float]
"""One vector per element, and a weight."""

_NEAR = TOLERANCE / 10
"""Error, relative to the largest entry, of terms that add up; evaluation rounds too."""


def product_terms(tensor: Array) -> Terms:
    r"""Write a tensor as a sum of few products of one vector per element.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * N

    Returns
    -------
    Terms
        At least one channel, and at most :math:`M^{N-1}`.

    Notes
    -----
    The fewest terms of a few ways to go about it, on the tensor and on what is left of it after
    a constant, its most frequent entry. Terms that do not add up to the tensor within rounding,
    as of one with entries of very different sizes, are dropped; fibres always do:

    * boxes of rank one, as large as they grow around some grid points, one after the other;
    * a one-hot vector in all elements but one, and the fibre there: at most :math:`M^{N-1}`;
    * one-hot vectors in all elements but two, and the matrices there by Gaussian elimination with
      complete pivoting, as many terms as their ranks. For N = 2 that is the least number.

    The least number of terms, the CP rank, is NP-hard to find for N of 3 and more.

    Examples
    --------
    >>> product_terms(np.multiply.outer([1.0, 2.0], [3.0, 4.0])).weights.shape
    (1,)
    """
    best = _fewest(tensor)
    background = commonest(tensor)
    if background and len(best.weights) > 1:
        ones = np.ones((tensor.ndim, len(tensor), 1))
        rest = _fewest(tensor - background, most=len(best.weights) - 1)
        found = Terms(
            np.concatenate([ones, rest.values], axis=2), np.append(background, rest.weights)
        )
        if len(found.weights) < len(best.weights) and _adds_up(found, tensor):
            best = found
    return best


def _fewest(tensor: Array, most: int | None = None) -> Terms:
    """Fewest terms found that add up; a search by boxes gives up at `most` terms."""
    if not tensor.any():
        return Terms(np.zeros((tensor.ndim, len(tensor), 1)), np.zeros(1))
    fibres = [_by_fibres(tensor, axis) for axis in range(tensor.ndim)]
    found = _stacked(min(fibres, key=len))
    eliminated = [_elimination(tensor, axes) for axes in _pairs(tensor.ndim)]
    for count, build in sorted(eliminated, key=lambda pair: pair[0]):
        if count >= len(found.weights):
            break
        terms = _stacked(build())
        if _adds_up(terms, tensor):
            found = terms
            break
    limit = len(found.weights) if most is None else min(most, len(found.weights))
    boxes = _by_boxes(tensor, limit)
    if boxes and _adds_up(terms := _stacked(boxes), tensor):
        found = terms
    return found


def _stacked(terms: list[Term]) -> Terms:
    values = np.array([vectors for vectors, _ in terms]).transpose(1, 2, 0)
    return Terms(values, np.array([weight for _, weight in terms]))


def _adds_up(terms: Terms, tensor: Array) -> bool:
    """Whether the sum of the terms is the tensor within rounding."""
    width, half = len(terms.weights), tensor.ndim // 2
    left, right = terms.weights[None], np.ones((1, width))
    for element, values in enumerate(terms.values):
        if element < half:
            left = (left[:, None] * values).reshape(-1, width)
        else:
            right = (right[:, None] * values).reshape(-1, width)
    error = np.abs((left @ right.T).reshape(tensor.shape) - tensor)
    return bool(error.max() <= _NEAR * np.abs(tensor).max())


def _pairs(n: int) -> Iterator[tuple[int, int]]:
    return itertools.combinations(range(n), 2)


def _one_hot(size: int, place: int) -> Array:
    vector = np.zeros(size)
    vector[place] = 1.0
    return vector


def _by_fibres(tensor: Array, axis: int) -> list[Term]:
    moved = np.moveaxis(tensor, axis, -1)
    terms = []
    for place in np.argwhere(moved.any(axis=-1)).tolist():
        vectors = [_one_hot(len(tensor), d) for d in place]
        vectors.insert(axis, moved[tuple(place)])
        terms.append((vectors, 1.0))
    return terms


def _by_boxes(tensor: Array, most: int) -> list[Term] | None:
    """Terms on disjoint boxes, None if there would be more than `most`."""
    # What counts as zero is a multiple of nothing, but near to a multiple of everything.
    rest, terms = np.where(np.abs(tensor) > zero_below(tensor), tensor, 0), list[Term]()

    def taken(rest: Array, box: Box) -> None:
        rest[mesh(box)] = 0

    fits = proportional(ROUNDING * float(np.abs(tensor).max()))
    for box in boxes_of(rest, fits, taken):
        if len(terms) == most:
            return None
        terms.append(_box_term(rest, box))
    return None if rest.any() else terms


def _box_term(tensor: Array, box: Box) -> Term:
    """Vectors of a box of rank one: fibres through its largest entry, zero outside the box."""
    inside = tensor[mesh(box)]
    at = np.unravel_index(int(np.argmax(np.abs(inside))), inside.shape)
    weight = float(inside[at])
    vectors = []
    for axis, fibre in enumerate(fibres_through(inside, at)):
        # Of integers the fibre without its common factor: the weight that is left over is an
        # integer too (Gauss's lemma), and so the product is exact.
        scale = _common_factor(fibre) if is_whole(inside) else float(inside[at])
        vector = np.zeros(len(tensor))
        vector[box[axis]] = fibre / scale
        weight /= vector[box[axis][at[axis]]]
        vectors.append(vector)
    return vectors, weight


def _common_factor(fibre: Array) -> float:
    return float(np.gcd.reduce(fibre.astype(np.int64)))


def _elimination(tensor: Array, axes: tuple[int, int]) -> tuple[int, Callable[[], list[Term]]]:
    """How many terms the matrices along two axes take, and what makes them."""
    moved = np.moveaxis(tensor, axes, (-2, -1))
    rest = moved.reshape(-1, *moved.shape[-2:]).copy()
    least = max(zero_below(tensor), ROUNDING * float(np.abs(tensor).max()))
    every, steps = np.arange(len(rest)), list[tuple[Array, Array, Array]]()
    for _ in range(len(tensor)):
        rows, columns = np.divmod(np.abs(rest).reshape(len(rest), -1).argmax(axis=1), len(tensor))
        pivots = rest[every, rows, columns]
        active = np.flatnonzero(np.abs(pivots) > least)
        if not len(active):
            break
        rows, columns = rows[active], columns[active]
        left = rest[active, :, columns] / pivots[active, None]
        right = rest[active, rows].copy()
        rest[active] -= left[:, :, None] * right[:, None, :]
        # Rounding leaves the row and the column of a pivot only nearly zero.
        rest[active, rows], rest[active, :, columns] = 0, 0
        steps.append((active, left, right))

    def build() -> list[Term]:
        terms = []
        for active, left, right in steps:
            for matrix, first, second in zip(active, left, right, strict=True):
                place = np.unravel_index(int(matrix), moved.shape[:-2])
                vectors = [_one_hot(len(tensor), int(d)) for d in place]
                vectors.insert(axes[0], first)
                vectors.insert(axes[1], second)
                terms.append((vectors, 1.0))
        return terms

    return sum(len(active) for active, _, _ in steps), build
