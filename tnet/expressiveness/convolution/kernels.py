"""Checks of kernels and shapes that all questions about convolution share."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import GeometryError
from tnet.expressiveness.arguments import checked_choice, shown
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.geometry.shapes import Shape, as_shape, shape_text

Array: TypeAlias = NDArray[Any]

Boundary = Literal["zero", "circular"]

Places: TypeAlias = int | Sequence[int] | None
"""One int per axis, or one int for a line."""


def checked_kernel(
    kernel: ArrayLike, shape: Shape, boundary: str, origin: Places
) -> tuple[Array, tuple[int, ...], tuple[int, ...]]:
    """Return kernel, sides of the input, and the place of the kernel's origin.

    Raises
    ------
    FeatureError
        If the kernel holds no finite numbers.
    GeometryError
        If it has other axes than the input, reaches farther than the boundary leaves room for, or
        the origin is outside it.
    SpecError
        If the boundary is unknown.
    """
    entries, sides = finite_numbers(kernel, "kernel"), checked_sides(shape)
    checked_choice(boundary, get_args(Boundary), "boundary")
    if entries.ndim != len(sides):
        raise GeometryError(
            f"the kernel has {entries.ndim} axes and the input {len(sides)} "
            f"({shape_text(entries.shape)} on {shape_text(sides)}); give one axis each"
        )
    middle = [(size - 1) // 2 for size in entries.shape]
    place = middle if origin is None else per_axis(origin, len(sides), "origin", least=0)
    if any(at >= size for at, size in zip(place, entries.shape, strict=True)):
        raise GeometryError(
            f"origin {tuple(place)} is outside the kernel of shape {shape_text(entries.shape)}; "
            "give one of its entries"
        )
    for axis, (size, at, side) in enumerate(zip(entries.shape, place, sides, strict=True)):
        reach = max(at, size - 1 - at)
        if (size if boundary == "circular" else reach + 1) > side:
            raise GeometryError(
                f"axis {axis} of the kernel has {size} entries, {reach} beyond its origin, and the "
                f"input {side}: with boundary {boundary} at most "
                f"{f'{side} entries' if boundary == 'circular' else f'{side - 1} beyond'} fit; "
                "give a smaller kernel or a larger input"
            )
    return entries, sides, tuple(place)


def checked_sides(shape: Shape) -> tuple[int, ...]:
    """Return the sides of an input, which make fewer than 2^30 elements.

    Raises
    ------
    GeometryError
        If a side is no positive int, there is none, or the elements are too many.
    """
    if _has_no_axis(shape):
        raise GeometryError(
            f"the shape is {shown(shape)}; give a positive integer, or a tuple of them"
        )
    return as_shape(shape)


def _has_no_axis(values: object) -> bool:
    """Whether it is no sequence of ints, though Python or NumPy would call it one."""
    alone = isinstance(values, np.ndarray) and not values.ndim
    return alone or isinstance(values, bytes | bytearray)


def per_axis(values: Places, axes: int, name: str, *, least: int) -> tuple[int, ...]:
    """Return one int per axis, none below `least`; one int stands for all axes.

    Raises
    ------
    GeometryError
        If an entry is no such int, or their number is another.
    """
    given = (values,) * axes if isinstance(values, int | np.integer) else values
    if _has_no_axis(given) or not isinstance(given, Sequence | np.ndarray) or len(given) != axes:
        raise GeometryError(f"{name} is {shown(values)}; give one int per axis, {axes} of them")
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise GeometryError(f"{name} is {shown(values)}; give ints of at least {least}")
    return tuple(int(value) for value in given)


def wrapped(kernel: Array, sides: Sequence[int], origin: Sequence[int]) -> Array:
    """Lay a kernel out over the input, its origin first: the first column of the circulant.

    Examples
    --------
    >>> wrapped(np.array([1.0, 2.0, 3.0]), (5,), (1,)).tolist()
    [2.0, 3.0, 0.0, 0.0, 1.0]
    """
    column = np.zeros(sides, dtype=kernel.dtype)
    column[tuple(slice(size) for size in kernel.shape)] = kernel
    return np.roll(column, [-at for at in origin], axis=tuple(range(len(origin))))
