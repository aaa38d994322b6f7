"""Few maxima of one number per element that add up to a tensor: shallow ReLU/max networks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.expressiveness.universality.boxes import Box, boxes_of, mesh, supported
from tnet.expressiveness.universality.chains import fewest_chains, strictly_inside
from tnet.expressiveness.universality.targets import Terms, commonest, zero_below

Array = NDArray[Any]

_MOST_BOXES = 2048
"""Boxes that are compared pair by pair."""


def max_terms(tensor: Array) -> Terms:
    r"""Write a tensor as a sum of few maxima of one non-negative number per element.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * N

    Returns
    -------
    Terms
        At least one channel, and at most :math:`M^{N-1} + 1`.

    Notes
    -----
    Ones off a set of templates per element, zeros on it: the maximum is 0 on the box of these
    sets and 1 elsewhere. With boxes :math:`D^1 \supset D^2 \supset \ldots` and positive numbers
    :math:`w_k`, one maximum is all of their sum,

    .. math:: \sum_k w_k \bigl(1 - 1_{D^k}(d)\bigr) = \max_i a_i(d_i), \qquad
        a_i(d) = \sum_{k: d \notin D^k_i} w_k ,

    because d lies in the first boxes of the chain, up to the least number of boxes that one of
    its templates lies in. So the tensor less a constant is written as boxes, and those of one
    sign fall into as few chains as can be. What the ones add up to is a constant, and adds to the
    numbers of a channel of its sign, or is a channel.

    The constant is the most frequent entry, the least or the largest. The boxes are the largest
    found in the support, less the least entry they hold, again and again; or fibres, where a
    maximum is ``top`` everywhere but on the fibre, and ``top - entry`` there.

    Examples
    --------
    >>> max_terms(1 - np.eye(3)).weights.shape
    (4,)
    """
    found = []
    for constant in dict.fromkeys((commonest(tensor), tensor.min(), tensor.max(), 0.0)):
        rest = tensor - constant
        least = zero_below(tensor)
        rest[np.abs(rest) <= least] = 0
        searches = [_by_boxes(rest, least), *(_by_fibres(rest, k) for k in range(rest.ndim))]
        found += [
            _with_background(terms, constant, least) for terms in searches if terms is not None
        ]
    return min(found, key=lambda terms: len(terms.weights))


def _with_background(terms: Terms, constant: float, least: float) -> Terms:
    """Add a constant, and all that the terms are too large by outside their boxes."""
    values, weights = terms.values, terms.weights
    tops = values.max(axis=1, initial=0).max(axis=0, initial=0)
    rest = constant - float(weights @ tops)
    rest = rest if abs(rest) > least else 0.0
    same_sign = np.flatnonzero(weights * rest > 0)
    if len(same_sign):
        values[:, :, same_sign[0]] += abs(rest)
        return Terms(values, weights)
    if rest or not len(weights):
        ones = np.ones((*values.shape[:2], 1))
        return Terms(np.concatenate([values, ones], axis=2), np.append(weights, rest))
    return terms


def _by_fibres(rest: Array, axis: int) -> Terms:
    """One term per fibre that is not zero, two if it has entries of both signs."""
    n, m = rest.ndim, len(rest)
    moved = np.moveaxis(rest, axis, -1)
    values, weights = list[Array](), list[float]()
    for sign in (1.0, -1.0):
        parts = np.maximum(sign * moved, 0)
        for place in np.argwhere(parts.any(axis=-1)).tolist():
            fibre = parts[tuple(place)]
            value = np.full((n, m), fibre.max())
            value[[k for k in range(n) if k != axis], place] = 0
            value[axis] -= fibre
            values.append(value)
            weights.append(-sign)
    return _stacked(values, weights, rest)


def _by_boxes(rest: Array, least: float) -> Terms | None:
    """Chains of boxes, None if the search ended early."""
    values, weights = list[Array](), list[float]()
    for sign in (1.0, -1.0):
        part = np.maximum(sign * rest, 0)
        boxes, heights = _nested_boxes(part, least)
        if part.any():
            return None
        values += list(_chained(boxes, heights))
        weights += [-sign] * (len(values) - len(weights))
    return _stacked(values, weights, rest)


def _nested_boxes(part: Array, least: float) -> tuple[Array, Array]:
    """Boxes in the support of a non-negative tensor, flags (n, N, M), and their heights."""
    heights = dict[bytes, float]()

    def taken(part: Array, box: Box) -> None:
        inside = part[mesh(box)]
        height = float(inside.min())
        flags = np.zeros((part.ndim, len(part)), dtype=bool)
        for row, side in zip(flags, box, strict=True):
            row[side] = True
        heights[flags.tobytes()] = heights.get(flags.tobytes(), 0.0) + height
        part[mesh(box)] = np.where(inside - height > least, inside - height, 0)

    for _ in boxes_of(part, supported, taken):
        if len(heights) > _MOST_BOXES:
            break
    flags = np.frombuffer(b"".join(heights), dtype=bool).reshape(-1, part.ndim, len(part))
    return flags, np.array(list(heights.values()))


def _chained(boxes: Array, heights: Array) -> Iterator[Array]:
    """Numbers (N, M) of one maximum per chain of boxes."""
    if not len(boxes):
        return
    for chain in fewest_chains(strictly_inside(boxes.reshape(len(boxes), -1))):
        yield np.einsum("k,kid->id", heights[chain], ~boxes[chain])


def _stacked(values: list[Array], weights: list[float], rest: Array) -> Terms:
    if not values:
        return Terms(np.zeros((rest.ndim, len(rest), 0)), np.zeros(0))
    return Terms(np.stack(values, axis=2), np.array(weights))
