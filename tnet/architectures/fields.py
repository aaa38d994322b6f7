"""What the fields of a spec may hold: one check per kind of field."""

from collections.abc import Sequence

import numpy as np

from tnet.errors import SpecError, TNetError
from tnet.geometry.shapes import Shape, as_shape
from tnet.network.groups import OPERATORS, Operator, positive_int

UNITS: dict[Operator, float | None] = {
    "product": None,
    "softplus": None,
    "max": 0.0,
    "sum": 0.0,
    "norm": 0.0,
}
"""The initial state u with g(g(a, b), u) = g(a, b), None where also g(a, u) = a for every a, so
that a first step without u is the same. The product has 1 and softplus minus infinity."""


def checked_count(value: object, field: str) -> int:
    """Return a positive int, else raise a `SpecError` that names the field."""
    try:
        return positive_int(value, what=field)
    except TNetError as error:
        raise SpecError(str(error)) from None


def checked_operator(operator: object) -> Operator:
    """Return one of `OPERATORS`, else raise a `SpecError`."""
    for known in OPERATORS:
        if isinstance(operator, str) and operator == known:
            return known
    raise SpecError(f"operator is {operator!r}; choose one of {', '.join(OPERATORS)}")


def checked_flag(value: object, field: str) -> bool:
    """Return a bool, else raise a `SpecError` that names the field."""
    if not isinstance(value, bool):
        raise SpecError(f"{field} is {value!r}; give True or False")
    return value


def checked_sizes(
    values: object, *, field: str, one: str, per: str, count: int, where: str
) -> tuple[int, ...]:
    """Return `count` positive ints, else raise a `SpecError`.

    Parameters
    ----------
    values : object
        What the caller gave.
    field, one, per : str
        The field's name, what one entry is, and of what: ``widths``, ``width``, ``level``.
    count : int
        How many entries there must be.
    where : str
        What the entries are for, in the message: ``3 levels``.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> checked_sizes([2, 3], field="widths", one="width", per="level", count=2, where="2 levels")
    (2, 3)
    """
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise SpecError(f"{field} is {values!r}; give a sequence, one int per {per}")
    if len(values) != count:
        raise SpecError(f"{field} has {len(values)} entries for {where}; give one {one} per {per}")
    return tuple(
        checked_count(value, f"{one} of {per} {place}") for place, value in enumerate(values)
    )


def plain_shape(shape: Shape) -> Shape:
    """Check a shape; a line becomes a number, a grid a tuple."""
    sides = as_shape(shape)
    return sides[0] if len(sides) == 1 else sides
