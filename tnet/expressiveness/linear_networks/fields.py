"""What the options of descents may hold: numbers, counts and lists of them."""

import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from tnet.errors import SpecError
from tnet.expressiveness.arguments import checked_whole, shown

MOST = 2**31 - 1
"""Steps, examples or factors that are counted."""


def real_number(value: object) -> float:
    """Return a real number as a float; NaN for words, bools, complex numbers and too long ints.

    Examples
    --------
    >>> real_number(2), real_number(np.float32(0.5)), real_number(True), real_number("1")
    (2.0, 0.5, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return float("nan")
    try:
        return float(value)
    except OverflowError:
        return float("nan")


def positive(value: object, name: str) -> float:
    """Return a finite number above 0, else raise a `SpecError` that names it."""
    number = real_number(value)
    if not 0 < number < np.inf:
        raise SpecError(f"{name} is {shown(value)}; give a finite number above 0")
    return number


def counted(value: object, name: str) -> int:
    """Return a positive int of at most 31 bits, else raise a `SpecError` that names it."""
    return checked_whole(value, name, most=MOST)


def listed(values: object, name: str) -> tuple[Any, ...]:
    """Return the entries of a sequence, else raise a `SpecError` that names it.

    Examples
    --------
    >>> listed(range(2), "depths")
    (0, 1)
    >>> listed(b"ab", "depths")
    Traceback (most recent call last):
        ...
    tnet.errors.SpecError: depths is b'ab'; give a sequence, such as a tuple
    """
    no_axis = isinstance(values, np.ndarray) and not values.ndim
    if isinstance(values, str | bytes | bytearray) or not isinstance(values, Iterable) or no_axis:
        raise SpecError(f"{name} is {shown(values)}; give a sequence, such as a tuple")
    return tuple(values)
