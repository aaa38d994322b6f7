"""Contracting one array, or two, along named axes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Axes = tuple[int, ...]
"""Index ids of the axes of an array."""


def reduced(array: Array, axes: Axes, keep: frozenset[int]) -> tuple[Array, Axes]:
    """Take diagonals of indices named twice, and sum over indices that nothing else needs.

    Parameters
    ----------
    array : ndarray
        One axis per entry of `axes`.
    axes : tuple of int
        Index of each axis, perhaps with repetitions.
    keep : frozenset of int
        Indices not to sum over.

    Returns
    -------
    ndarray
        The array with one axis for every kept index.
    tuple of int
        Its indices, in order of first mention.
    """
    distinct = tuple(dict.fromkeys(axes))
    kept = tuple(index for index in distinct if index in keep)
    if len(distinct) == len(axes):
        if len(kept) == len(axes):
            return array, axes
        lone = tuple(axis for axis, index in enumerate(axes) if index not in keep)
        return array.sum(axis=lone), kept
    labels = {index: label for label, index in enumerate(distinct)}
    subscripts = [labels[index] for index in axes]
    return np.einsum(array, subscripts, [labels[index] for index in kept]), kept


def contract_pair(
    left: Array, left_axes: Axes, right: Array, right_axes: Axes, keep: frozenset[int]
) -> tuple[Array, Axes]:
    """Multiply two arrays and sum over the indices that are not kept, by one batched matmul.

    Parameters
    ----------
    left, right : ndarray
        Operands.
    left_axes, right_axes : tuple of int
        Indices of their axes.
    keep : frozenset of int
        Indices of the result.

    Returns
    -------
    ndarray
        The result.
    tuple of int
        Its indices: those of both operands, then of the left alone, then of the right alone.

    Examples
    --------
    >>> product, axes = contract_pair(np.eye(2), (0, 1), np.ones((2, 3)), (1, 2), frozenset({0, 2}))
    >>> product.shape, axes
    ((2, 3), (0, 2))
    """
    left, left_axes = reduced(left, left_axes, keep | set(right_axes))
    right, right_axes = reduced(right, right_axes, keep | set(left_axes))
    both = [index for index in left_axes if index in right_axes]
    batch = [index for index in both if index in keep]
    summed = [index for index in both if index not in keep]
    only_left = [index for index in left_axes if index not in right_axes]
    only_right = [index for index in right_axes if index not in left_axes]
    a = _ordered(left, left_axes, [batch, only_left, summed])
    b = _ordered(right, right_axes, [batch, summed, only_right])
    product = np.matmul(a, b) if summed else a * b
    dims = dict(zip(left_axes, left.shape, strict=True))
    dims |= dict(zip(right_axes, right.shape, strict=True))
    result_axes = (*batch, *only_left, *only_right)
    return product.reshape([dims[index] for index in result_axes]), result_axes


def _ordered(array: Array, axes: Axes, blocks: list[list[int]]) -> Array:
    """Bring axes into blocks and merge each block into one axis."""
    position = {index: axis for axis, index in enumerate(axes)}
    order = [position[index] for block in blocks for index in block]
    sizes = [[array.shape[position[index]] for index in block] for block in blocks]
    return array.transpose(order).reshape([int(np.prod(block, dtype=np.int64)) for block in sizes])
