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
    Terms,
    commonest,
    is_whole,
    zero_below,
)

Array = NDArray[Any]
Term = tuple[list[Array], float]
"""One vector per element, and a weight."""


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
    a constant, its most frequent entry:

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
    if background and len(best) > 1:
        ones: Term = ([np.ones(len(tensor))] * tensor.ndim, background)
        best = min(best, [ones, *_fewest(tensor - background, most=len(best) - 1)], key=len)
    values = np.array([vectors for vectors, _ in best]).transpose(1, 2, 0)
    return Terms(values, np.array([weight for _, weight in best]))


def _fewest(tensor: Array, most: int | None = None) -> list[Term]:
    """Fewest terms found; a search by boxes gives up at `most` terms."""
    if not tensor.any():
        return [([np.zeros(len(tensor))] * tensor.ndim, 0.0)]
    fibres = [_by_fibres(tensor, axis) for axis in range(tensor.ndim)]
    found = min(fibres, key=len)
    eliminated = [_elimination(tensor, axes) for axes in _pairs(tensor.ndim)]
    if eliminated:
        count, build = min(eliminated, key=lambda pair: pair[0])
        if count < len(found):
            found = build()
    limit = len(found) if most is None else min(most, len(found))
    return _by_boxes(tensor, limit) or found


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
    rest, terms = tensor.copy(), list[Term]()

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
