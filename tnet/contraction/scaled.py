"""`Scaled`: numbers with a power of two beside them, where floating point would run out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tnet.contraction.libraries import double, namespace_of

Array = Any
"""An array of NumPy, PyTorch or JAX."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """An array ``mantissa * 2**log2``.

    Attributes
    ----------
    mantissa : array
        The largest magnitude lies in [1/2, 1), or all is zero; example by example, where there
        are examples.
    log2 : array of float
        Whole numbers: one for the array, or for every example, shape (B,).
    """

    mantissa: Array
    log2: Array

    def _spread(self) -> Array:
        missing = self.mantissa.ndim - self.log2.ndim
        return self.log2.reshape((*self.log2.shape, *(1,) * missing))

    def value(self) -> Array:
        """Return the plain array; entries beyond floating point become 0 or infinite."""
        xp = namespace_of(self.mantissa)
        with np.errstate(over="ignore", under="ignore"):
            return shifted(xp, self.mantissa, xp.clip(self._spread(), -5000.0, 5000.0))

    def log2_abs(self) -> Array:
        """Return log2 of the magnitudes; minus infinity at zeros.

        Of a network whose scores are positive these are the scores in the log domain: the class
        of the largest is that of the largest score, however small the scores are. Scores of
        either sign are compared by ``mantissa``, which has one power of two to an example.
        """
        xp = namespace_of(self.mantissa)
        with np.errstate(divide="ignore"):
            return xp.log2(xp.abs(self.mantissa)) + self._spread()


def shifted(xp: Any, array: Array, exponents: Array) -> Array:
    """Multiply an array by powers of two, exactly.

    Parameters
    ----------
    xp : module
        Functions of the array's library.
    array : array
        Real or complex.
    exponents : array of float
        Whole numbers; broadcast against `array`.

    Examples
    --------
    >>> shifted(np, np.array([3.0]), np.array([-1.0]))
    array([1.5])
    """
    # Half at a time, since the power of two alone may not fit where the product does.
    half = xp.floor(exponents / 2)
    kind = array.real.dtype
    first, second = xp.exp2(half), xp.exp2(exponents - half)
    return array * xp.astype(first, kind) * xp.astype(second, kind)


def power_of_two(xp: Any, array: Array, batch_axis: int | None) -> tuple[Array, Array]:
    """Move the power of two of the largest magnitude out of every row, and of every example.

    Parameters
    ----------
    xp : module
        Functions of the array's library.
    array : array, shape (n, ...)
        Row by row.
    batch_axis : int or None
        Axis of examples.

    Returns
    -------
    array
        The largest magnitude of every row and example lies in [1/2, 1), unless all is zero or
        not finite.
    array of float, shape (n, B) or (n, 1)
        Powers of two taken out.

    Examples
    --------
    >>> power_of_two(np, np.array([[12.0, -3.0]]), None)
    (array([[ 0.75  , -0.1875]]), array([[4.]]))
    """
    axes = tuple(axis for axis in range(1, array.ndim) if axis != batch_axis)
    largest = xp.abs(array)
    if axes:
        largest = xp.max(largest, axis=axes, keepdims=True)
    exponents = xp.frexp(xp.where(xp.isfinite(largest), largest, xp.ones_like(largest)))[1]
    exponents = xp.astype(exponents, double(xp))
    taken = xp.reshape(exponents, (array.shape[0], -1 if batch_axis is not None else 1))
    return shifted(xp, array, -exponents), taken
