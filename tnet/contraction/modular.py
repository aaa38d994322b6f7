"""Arithmetic modulo a prime, on float64 matrix products that are exact."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.arithmetic import numpy_matmul, reduced_by_einsum
from tnet.errors import ParameterError
from tnet.network.groups import Operator

Floats = NDArray[np.float64]

LARGEST_PRIME = 2**31 - 1
"""Largest prime that products of residues are computed for."""

_EXACT = 2**53
"""Whole numbers up to here are exact in float64."""

_WHOLE_BITS = 22
"""Primes up to so many bits take one matrix product to a step, longer ones two."""

_SUMMED = 2**22
"""Residues of 31 bits that float64 sums exactly."""

_AT_ONCE = 2**14
"""Residues settled at a time, so that they stay in the processor's cache."""

_WITNESSES = (2, 3, 5, 7)
"""Bases of Miller and Rabin's test that decide every number below 3,215,031,751."""


def checked_prime(modulo: int) -> int:
    """Return `modulo` if it is a prime that products can be computed for.

    Raises
    ------
    ParameterError
        If it is not a prime, or too large.

    Notes
    -----
    Decided by the test of Miller and Rabin with the bases 2, 3, 5, 7, which is exact below
    3,215,031,751 [1]_.

    References
    ----------
    .. [1] Pomerance, Selfridge, Wagstaff. The pseudoprimes to 25·10^9. Mathematics of Computation
       35 (1980) 1003-1026; Jaeschke, ibid. 61 (1993) 915-926.

    Examples
    --------
    >>> checked_prime(2**31 - 1)
    2147483647
    """
    if isinstance(modulo, bool) or not isinstance(modulo, int | np.integer):
        raise ParameterError(f"modulo is {modulo!r}; give a prime number such as 4194301")
    prime = int(modulo)
    if prime > LARGEST_PRIME:
        raise ParameterError(
            f"modulo is {prime}; residues are multiplied exactly up to {LARGEST_PRIME}: take a "
            "smaller prime"
        )
    if not _is_prime(prime):
        raise ParameterError(
            f"modulo is {prime}, which is not a prime; take one such as 4194301 or 2147483647"
        )
    return prime


def _is_prime(number: int) -> bool:
    if number < 2 or any(number % base == 0 for base in _WITNESSES):
        return number in _WITNESSES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _WITNESSES:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def residues(named: Mapping[Any, Any], prime: int, *, what: str) -> dict[Any, Floats]:
    """Return whole numbers as residues between -prime/2 and prime/2, in float64.

    Parameters
    ----------
    named : mapping to array of int
        What is converted.
    prime : int
        The prime.
    what : str
        For the message, such as ``parameter``.

    Raises
    ------
    ParameterError
        If an array is not NumPy's or not of whole numbers.
    """
    found: dict[Any, Floats] = {}
    for name, values in named.items():
        array = np.asarray(values) if not hasattr(values, "dtype") else values
        if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "biu":
            kind = getattr(array, "dtype", type(array))
            raise ParameterError(
                f"{what} {name!r} has dtype {kind}; modulo a prime, give NumPy arrays of integers"
            )
        found[name] = _residues(array, prime)
    return found


def _residues(array: Any, prime: int) -> Floats:
    least, largest = int(array.min(initial=0)), int(array.max(initial=0))
    if least < -_EXACT or largest > _EXACT:
        # In the array's own integers: not all of them are exact in float64.
        array = np.remainder(array, array.dtype.type(prime))
        least, largest = 0, prime
    floats = np.array(array, dtype=np.float64, order="K")
    is_settled = -prime <= 2 * least and 2 * largest <= prime
    return floats if is_settled else PrimeArithmetic(prime).settled(floats)


@dataclass(frozen=True, slots=True)
class PrimeArithmetic:
    """Residues of a prime p between -p/2 and p/2, as whole numbers in float64.

    Up to 22 bits a product of two residues is at most 2^42, so a matrix product sums 2047 of them
    exactly; longer sums are split. A longer prime has one factor split into two halves of 16
    bits, for two matrix products.

    Attributes
    ----------
    prime : int
        The prime.
    """

    prime: int

    @property
    def namespace(self) -> Any:
        """NumPy's functions."""
        return np

    def matmul(self, left: Floats, right: Floats) -> Floats:
        """Multiply stacks of matrices."""
        total: Floats | None = None
        for terms in self._runs(left.shape[-1]):
            part = self._halves(left[..., terms], right[..., terms, :], numpy_matmul)
            total = part if total is None else self.settled(total + part)
        return np.zeros((*left.shape[:-1], right.shape[-1])) if total is None else total

    def combine(self, operator: Operator, left: Floats, right: Floats) -> Floats:
        """Multiply entry by entry; primes know the product alone."""
        return self._halves(left, right, np.multiply)

    def inner(self, left: Floats, right: Floats) -> Floats:
        """Multiply entry by entry and sum over the last axis."""
        return self._total(self.combine("product", left, right), -1)

    def reduce(self, array: Floats, labels: tuple[int, ...], kept: tuple[int, ...]) -> Floats:
        """Take diagonals of equal labels of the axes after the first, and sum the others."""
        distinct = tuple(dict.fromkeys(labels))
        array = reduced_by_einsum(np, array, labels, distinct)
        for place in reversed(range(len(distinct))):
            if distinct[place] not in kept:
                array = self._total(array, place + 1)
        return array

    def _total(self, array: Floats, axis: int) -> Floats:
        """Sum residues along an axis, in runs that are exact."""
        starts = np.arange(0, array.shape[axis], _SUMMED)
        if len(starts) > 1:
            array = self.settled(np.add.reduceat(array, starts, axis=axis))
        return self.settled(array.sum(axis=axis))

    def settled(self, values: Floats) -> Floats:
        """Bring whole numbers of at most 2^53 back between -p/2 and p/2, in place."""
        values = np.asarray(values)
        flat = values.ravel(order="K")
        if not np.may_share_memory(flat, values):
            self._settle(values, np.empty_like(values))
            return values
        scratch = np.empty(min(_AT_ONCE, len(flat)))
        for start in range(0, len(flat), _AT_ONCE):
            part = flat[start : start + _AT_ONCE]
            self._settle(part, scratch[: len(part)])
        return values

    def _settle(self, values: Floats, scratch: Floats) -> None:
        np.multiply(values, 1.0 / self.prime, out=scratch)
        np.rint(scratch, out=scratch)
        np.multiply(scratch, self.prime, out=scratch)
        np.subtract(values, scratch, out=values)

    def _runs(self, n_terms: int) -> Iterator[slice]:
        """Terms that one product sums exactly."""
        half = self.prime // 2 + 1
        largest = half * (half if self._is_short else 2**16)
        at_once = _EXACT // largest - 1
        for start in range(0, n_terms, at_once):
            yield slice(start, start + at_once)

    @property
    def _is_short(self) -> bool:
        return self.prime.bit_length() <= _WHOLE_BITS

    def _halves(self, left: Floats, right: Floats, multiply: Any) -> Floats:
        """Multiply, the left factor in two halves where the product would not be exact."""
        if self._is_short:
            return self.settled(multiply(left, right))
        high = np.rint(left * 2.0**-16)
        low = left - high * 2.0**16
        upper = self.settled(multiply(high, right))
        upper *= 2.0**16
        return self.settled(self.settled(upper) + self.settled(multiply(low, right)))
