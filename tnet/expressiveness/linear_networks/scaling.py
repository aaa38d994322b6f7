"""Powers of two taken out of arrays, so that squares and products stay in the floating range."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.errors import FeatureError, TNetError

_LOWEST = -5000
"""A power of two that makes 0 of every float; lower ones need not be told apart."""


def exponents(values: NDArray[Any], axes: tuple[int, ...] | None = None) -> NDArray[np.int64]:
    """Return e along some axes for the largest 2^e that no entry exceeds in size; 0 for zeros.

    Examples
    --------
    >>> exponents(np.array([[3.0, -9.0], [0.0, 1e-300]]), (1,)).tolist()
    [[3], [-997]]
    """
    largest = np.maximum(np.abs(values.real), np.abs(values.imag)).max(axis=axes, keepdims=True)
    return np.where(largest > 0, np.frexp(largest)[1].astype(np.int64) - 1, 0)


def exponent(values: NDArray[Any]) -> int:
    """Return it for a whole array.

    Examples
    --------
    >>> exponent(np.array([1e308j])), exponent(np.zeros(2))
    (1023, 0)
    """
    return int(exponents(values).item())


def times_power(values: NDArray[Any], power: float | NDArray[np.int64]) -> NDArray[Any]:
    """Multiply by 2^power: without rounding if `power` is whole, infinite where it overflows.

    Examples
    --------
    >>> times_power(np.array([1.5, 1e300j]), -1).tolist()
    [(0.75+0j), 5e+299j]
    """
    whole = np.floor(np.maximum(power, _LOWEST)).astype(np.int64)
    rest = 2.0 ** np.maximum(power - whole, 0)
    with np.errstate(over="ignore", under="ignore"):
        if values.dtype.kind != "c":
            found: NDArray[Any] = np.ldexp(values * rest, whole)
            return found
        found = np.empty_like(values)
        found.real = np.ldexp(values.real * rest, whole)
        found.imag = np.ldexp(values.imag * rest, whole)
        return found


def taken_out(values: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return the array over its power of two, and that power's exponent.

    Examples
    --------
    >>> taken_out(np.array([3.0, -12.0]))
    (array([ 0.375, -1.5  ]), 3)
    """
    power = exponent(values)
    return times_power(values, -power), power


def norm(values: NDArray[Any]) -> float:
    """Return the Frobenius norm, squares of no entry overflowing on the way.

    Examples
    --------
    >>> norm(np.array([3e200, 4e200])) / 1e200, norm(np.zeros(2))
    (5.0, 0.0)
    """
    reduced, power = taken_out(values)
    return float(times_power(np.array(np.linalg.norm(reduced)), power))


def in_range(
    values: NDArray[Any], what: str, *, error: type[TNetError] = FeatureError
) -> NDArray[Any]:
    """Return the array, if no entry has overflowed.

    Raises
    ------
    TNetError
        The `error` given.

    Examples
    --------
    >>> in_range(np.array([np.inf]), "the product")
    Traceback (most recent call last):
        ...
    tnet.errors.FeatureError: the product exceeds the floating-point range of 1.8e+308; scale ...
    """
    if not np.isfinite(values).all():
        raise error(
            f"{what} exceeds the floating-point range of 1.8e+308; scale the numbers given down"
        )
    return values
