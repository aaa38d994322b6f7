"""`Scaled`: numbers with a power of two beside them, where floating point would run out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Scaled:
    """An array ``mantissa * 2**log2``.

    Attributes
    ----------
    mantissa : ndarray
        The largest magnitude lies in [1/2, 1), or all is zero.
    log2 : ndarray of float
        Whole numbers: one for the array, or for every example, shape (B,).
    """

    mantissa: Array
    log2: NDArray[np.float64]

    def value(self) -> Array:
        """Return the plain array; entries beyond floating point become 0 or infinite."""
        spread = self.log2.reshape(self.log2.shape + (1,) * (self.mantissa.ndim - self.log2.ndim))
        with np.errstate(over="ignore", under="ignore"):
            exponents = np.clip(spread, -5000, 5000).astype(np.int64)
            # In two halves: the power of two alone may not fit where the product does.
            half = exponents // 2
            plain: Array = self.mantissa * np.exp2(half) * np.exp2(exponents - half)
        return plain

    def log2_abs(self) -> NDArray[np.float64]:
        """Return log2 of the magnitudes; minus infinity at zeros."""
        spread = self.log2.reshape(self.log2.shape + (1,) * (self.mantissa.ndim - self.log2.ndim))
        with np.errstate(divide="ignore"):
            logs: NDArray[np.float64] = np.log2(np.abs(self.mantissa)) + spread
        return logs


def normalised(array: Array, log2: NDArray[np.float64], *, per_example: bool) -> Scaled:
    """Move the power of two of the largest magnitude from the array into its log2.

    Parameters
    ----------
    array : ndarray
        Examples along the first axis if `per_example`.
    log2 : ndarray, shape () or (B,)
        Power of two that stands beside `array` already.
    per_example : bool
        Whether every example has its own power of two.
    """
    axes = tuple(range(1 if per_example else 0, array.ndim))
    largest = np.abs(array).max(axis=axes, initial=0.0)
    exponent = np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1]
    shape = exponent.shape + (1,) * (array.ndim - exponent.ndim)
    # Powers of two are exact; half at a time, since 2^-1074 has no inverse.
    half = exponent // 2
    mantissa = array * np.exp2(-half).reshape(shape) * np.exp2(half - exponent).reshape(shape)
    return Scaled(mantissa, np.asarray(log2 + exponent, dtype=np.float64))
