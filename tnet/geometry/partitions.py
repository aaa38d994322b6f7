"""Partitions of the inputs that the literature asks about, as bool arrays of the input shape."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tnet.errors import PartitionError
from tnet.geometry.shapes import Shape, as_shape, generator_of, shape_text

Side = NDArray[np.bool_]

__all__ = [
    "blocks",
    "centre",
    "checkerboard",
    "left_right",
    "odd_even",
    "random_balanced",
    "top_bottom",
]


def left_right(inputs: Shape) -> Side:
    """Part the left half from the right: side A is the first half of the last axis.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A. Of an odd side, the middle belongs to side B.

    Examples
    --------
    >>> left_right(6).astype(int)
    array([1, 1, 1, 0, 0, 0])
    """
    shape = as_shape(inputs)
    half: Side = np.arange(shape[-1]) < shape[-1] // 2
    return np.broadcast_to(half, shape).copy()


def top_bottom(inputs: Shape) -> Side:
    """Part the top half from the bottom: side A is the first half of the first axis of a grid.

    Parameters
    ----------
    inputs : tuple of int
        Sides of a grid.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A. Of an odd side, the middle belongs to side B.

    Raises
    ------
    PartitionError
        If the inputs lie on a line.

    Examples
    --------
    >>> top_bottom((2, 3)).astype(int)
    array([[1, 1, 1],
           [0, 0, 0]])
    """
    shape = as_shape(inputs)
    if len(shape) < 2:
        raise PartitionError(
            f"a line of {shape[0]} inputs has no top and bottom; give a grid, or part it left from "
            "right"
        )
    half: Side = np.arange(shape[0]) < shape[0] // 2
    return np.broadcast_to(half.reshape(-1, *[1] * (len(shape) - 1)), shape).copy()


def odd_even(inputs: Shape) -> Side:
    """Part the odd places of the last axis from the even: side A is the 1st, 3rd, 5th and so on.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid; a grid gets stripes.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A.

    Examples
    --------
    >>> odd_even(6).astype(int)
    array([1, 0, 1, 0, 1, 0])
    """
    shape = as_shape(inputs)
    return np.broadcast_to(np.arange(shape[-1]) % 2 == 0, shape).copy()


def checkerboard(inputs: Shape) -> Side:
    """Part the black squares of a checkerboard from the white.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line (where it is `odd_even`) or sides of a grid.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A, which holds the corner of mode 0.

    Examples
    --------
    >>> checkerboard((2, 3)).astype(int)
    array([[1, 0, 1],
           [0, 1, 0]])
    """
    return blocks(inputs, 1)


def blocks(inputs: Shape, size: int | Sequence[int]) -> Side:
    """Alternate blocks of `size` elements along every axis, as a checkerboard of blocks.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.
    size : int or sequence of int
        Side of a block, one for all axes or one per axis.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A, which holds the block of mode 0.

    Raises
    ------
    PartitionError
        If `size` is not positive or not one per axis.

    Examples
    --------
    >>> blocks(8, 2).astype(int)
    array([1, 1, 0, 0, 1, 1, 0, 0])
    """
    shape = as_shape(inputs)
    sizes = list(size) if isinstance(size, Sequence | np.ndarray) else [size] * len(shape)
    if len(sizes) != len(shape) or any(
        isinstance(s, bool) or not isinstance(s, int | np.integer) or s < 1 for s in sizes
    ):
        raise PartitionError(
            f"block size {size!r} does not fit inputs {shape_text(shape)}; give a positive int, "
            "or one per axis"
        )
    number = np.zeros(shape, dtype=np.int64)
    for axis, block in enumerate(sizes):
        spread = [1] * len(shape)
        spread[axis] = -1
        number += (np.arange(shape[axis]) // int(block)).reshape(spread)
    side: Side = number % 2 == 0
    return side


def centre(inputs: Shape) -> Side:
    """Part the middle from the rim: along every axis, the middle half.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.

    Returns
    -------
    ndarray of bool, of the input shape
        True on side A, the places from ``(n + 1) // 4`` up to ``n - (n + 1) // 4``: symmetric
        under every reflection.

    Examples
    --------
    >>> centre(8).astype(int)
    array([0, 0, 1, 1, 1, 1, 0, 0])
    """
    shape = as_shape(inputs)
    side = np.zeros(shape, dtype=bool)
    side[tuple(slice((n + 1) // 4, n - (n + 1) // 4) for n in shape)] = True
    return side


def random_balanced(inputs: Shape, *, seed: int = 0, count: int | None = None) -> Side:
    """Put half of the elements on side A, drawn uniformly.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.
    seed : int
        Seed of NumPy's default generator.
    count : int, optional
        How many partitions to draw.

    Returns
    -------
    ndarray of bool, of the input shape, with a leading axis of `count` if that is given
        True on side A, which has ``N // 2`` elements.

    Raises
    ------
    PartitionError
        If `count` is not a positive integer.
    GeometryError
        If `seed` is not a whole number of at least 0.

    Examples
    --------
    >>> random_balanced(100, seed=1).sum()
    np.int64(50)
    >>> random_balanced((4, 4), count=3).shape
    (3, 4, 4)
    """
    shape = as_shape(inputs)
    if count is not None and (
        isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1
    ):
        raise PartitionError(f"count must be a positive integer; got {count!r}")
    n_modes = int(np.prod(shape))
    sides = np.tile(np.arange(n_modes) < n_modes // 2, (count or 1, 1))
    generator_of(seed).permuted(sides, axis=1, out=sides)
    return sides.reshape(shape if count is None else (count, *shape))
