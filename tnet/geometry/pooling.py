"""Pooling geometries: which elements each window joins, level by level, as mode trees."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from tnet.errors import GeometryError
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.shapes import Shape, as_shape, generator_of, shape_text

Window: TypeAlias = int | Sequence[int | tuple[int, ...]]
"""One int for all levels, or one entry per level: an int, or one int per axis."""

__all__ = ["Window", "global_", "mirror", "random", "sequential", "square"]


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _entry_per_axis(entry: object, sides: tuple[int, ...], level: int) -> tuple[int, ...]:
    """Read the window of one level; an axis already at 1 stays there under a single int."""
    if _is_int(entry):
        window = tuple(1 if side == 1 else entry for side in sides)
    elif isinstance(entry, Sequence) and not isinstance(entry, str):
        window = tuple(entry)
    else:
        window = ()
    if len(window) != len(sides) or not all(_is_int(side) and side >= 1 for side in window):
        raise GeometryError(
            f"window of level {level} is {entry!r}; give a positive int, or one per axis of the "
            f"{shape_text(sides)} grid"
        )
    return window


def _level_windows(shape: tuple[int, ...], window: Window) -> Iterator[tuple[int, ...]]:
    """Yield the window of each level, one int per axis, until one element is left."""
    entries: Iterable[int | tuple[int, ...]]
    if isinstance(window, Sequence) and not isinstance(window, str) and len(window):
        entries = window
    elif _is_int(window) and window >= 2:
        entries = itertools.repeat(window)
    else:
        raise GeometryError(
            f"window is {window!r}; give an int of at least 2, or one entry per level"
        )
    sides = shape
    for level, entry in enumerate(entries):
        if max(sides) == 1 and _is_int(window):
            return
        if max(sides) == 1 and _is_int(entry) and entry > 1:
            raise GeometryError(
                f"level {level} has one element and its window {entry} nothing to join; leave out "
                f"the entries after the first {level} of {window!r}"
            )
        current = _entry_per_axis(entry, sides, level)
        for side, step in zip(sides, current, strict=True):
            if side % step:
                raise GeometryError(
                    f"window {shape_text(current)} of level {level} does not divide the "
                    f"{shape_text(sides)} grid; give one entry per level whose products are the "
                    f"sides of {shape_text(shape)}"
                )
        sides = tuple(side // step for side, step in zip(sides, current, strict=True))
        yield current
    if max(sides) > 1:
        raise GeometryError(
            f"windows {window!r} leave a grid of {shape_text(sides)}; "
            "add levels until one element is left"
        )


def _quotient(sides: tuple[int, ...], maps: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Number the windows of a grid, row by row, given the map of every axis to its quotient."""
    quotient_sides = [int(axis_map.max()) + 1 for axis_map in maps]
    total = np.zeros(sides, dtype=np.int64)
    for axis, axis_map in enumerate(maps):
        stride = math.prod(quotient_sides[axis + 1 :])
        spread = [1] * len(sides)
        spread[axis] = -1
        total += (axis_map * stride).reshape(spread)
    return total.reshape(-1)


def square(inputs: Shape, window: Window = 2) -> ModeTree:
    """Join neighbours: windows over the grid, then over the grid of windows, and so on.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.
    window : int or sequence
        One int for all levels, or one entry per level: an int, or one int per axis. An int on a
        grid is the side of a square window; an axis that is down to 1 stays there.

    Returns
    -------
    ModeTree

    Raises
    ------
    GeometryError
        If a window does not divide its grid, or the last level leaves more than one element.

    Examples
    --------
    >>> square(8)
    ModeTree((((0, 1), (2, 3)), ((4, 5), (6, 7))))
    >>> square((28, 28), (2, 2, 7))
    <ModeTree: 784 modes, windows by level 196 > 49 > 1>
    """
    sides = as_shape(inputs)
    levels = []
    for step in _level_windows(sides, window):
        maps = [np.arange(side) // width for side, width in zip(sides, step, strict=True)]
        levels.append(_quotient(sides, maps))
        sides = tuple(side // width for side, width in zip(sides, step, strict=True))
    return ModeTree.from_levels(levels)


def sequential(inputs: Shape, window: Window = 2) -> ModeTree:
    """Join neighbours in row-by-row order, as if the elements lay on one line.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.
    window : int or sequence of int
        Elements per window: one int for all levels, or one per level.

    Returns
    -------
    ModeTree

    Raises
    ------
    GeometryError
        As for `square` on the line.

    Examples
    --------
    >>> sequential((2, 4))
    ModeTree((((0, 1), (2, 3)), ((4, 5), (6, 7))))
    """
    return square(math.prod(as_shape(inputs)), window)


def mirror(inputs: Shape) -> ModeTree:
    """Join every element with its reflections along each axis, at every level.

    The sides halve, rounding up; elements on a centre line have fewer partners.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.

    Returns
    -------
    ModeTree

    Examples
    --------
    >>> mirror(4)
    ModeTree(((0, 3), (1, 2)))
    >>> mirror((2, 2))
    ModeTree((0, 1, 2, 3))
    """
    sides = as_shape(inputs)
    levels = []
    while max(sides) > 1:
        maps = [np.minimum(np.arange(side), np.arange(side)[::-1]) for side in sides]
        levels.append(_quotient(sides, maps))
        sides = tuple((side + 1) // 2 for side in sides)
    return ModeTree.from_levels(levels)


def global_(inputs: Shape) -> ModeTree:
    """Join all elements in one window: the shallow network.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.

    Returns
    -------
    ModeTree

    Examples
    --------
    >>> global_(4)
    ModeTree((0, 1, 2, 3))
    """
    return ModeTree.from_levels([np.zeros(math.prod(as_shape(inputs)), dtype=np.int32)])


def random(inputs: Shape, window: Window = 2, *, seed: int = 0) -> ModeTree:
    """Join elements at random, in windows of the sizes that `square` has.

    Parameters
    ----------
    inputs : int or tuple of int
        Length of a line or sides of a grid.
    window : int or sequence
        As for `square`.
    seed : int
        Seed of NumPy's default generator.

    Returns
    -------
    ModeTree
        Drawn uniformly from the trees that have `square`'s shape.

    Raises
    ------
    GeometryError
        As for `square`, and if `seed` is not a whole number of at least 0.
    """
    tree = square(inputs, window)
    # Shuffling the modes alone already makes every tree of this shape equally likely.
    return tree.relabelled(generator_of(seed).permutation(tree.n_modes))
