"""How input elements lie: a line or a grid, as a tuple of side lengths."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from tnet.errors import GeometryError

Shape: TypeAlias = int | Sequence[int]
"""Number of elements of a line, or the sides of a grid."""


def as_shape(shape: Shape) -> tuple[int, ...]:
    """Return `shape` as a tuple of positive ints.

    Raises
    ------
    GeometryError
        If a side is not a positive integer, or there is none.
    """
    if not isinstance(shape, int | np.integer | Sequence | np.ndarray):
        raise GeometryError(f"inputs must be a positive integer or a tuple of them; got {shape!r}")
    sides = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    for side in sides:
        if isinstance(side, bool) or not isinstance(side, int | np.integer) or side < 1:
            raise GeometryError(
                f"inputs must be a positive integer or a tuple of them; got {shape!r}"
            )
    if not sides:
        raise GeometryError("inputs must have at least one axis; got an empty shape")
    if math.prod(sides) > np.iinfo(np.int32).max // 2:
        raise GeometryError(
            f"inputs {shape!r} are {math.prod(sides):,} elements; fewer than 2^30 fit: give fewer"
        )
    return tuple(int(side) for side in sides)


def generator_of(seed: int) -> np.random.Generator:
    """Return NumPy's default generator with a seed.

    Raises
    ------
    GeometryError
        If `seed` is not a whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise GeometryError(f"seed is {seed!r}; give a whole number of at least 0")
    return np.random.default_rng(seed)


def shape_text(shape: Sequence[int]) -> str:
    """Write a shape as people do: ``8x8``."""
    return "x".join(map(str, shape))
