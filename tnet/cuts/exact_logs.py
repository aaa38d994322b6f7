"""Products as exponents over pairwise coprime integers, and their logs to any number of digits.

The logs of pairwise coprime integers above 1 are linearly independent over the rationals: a
product of powers of them is 1 only if every exponent is 0. So two products are equal if and
only if their exponents are, and unequal ones are told apart by logs with enough digits.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

_GUARD_BITS = 64


def coprime_base(numbers: Iterable[int]) -> tuple[int, ...]:
    """Find pairwise coprime integers above 1 of which all `numbers` are products of powers.

    Parameters
    ----------
    numbers : iterable of int
        At least 1 each.

    Returns
    -------
    tuple of int
        Ascending.

    Examples
    --------
    >>> coprime_base([4, 6, 9])
    (2, 3)
    >>> coprime_base([12, 35, 12])
    (12, 35)
    """
    waiting, base = sorted(set(numbers), reverse=True), list[int]()
    while waiting:
        number = waiting.pop()
        for position, other in enumerate(base):
            common = math.gcd(number, other)
            if common > 1:
                # The product of all in both lists falls by the common factor, so this ends.
                del base[position]
                waiting += [common, number // common, other // common]
                break
        else:
            if number > 1:
                base.append(number)
    return tuple(sorted(base))


def exponents_over(base: Sequence[int], number: int) -> dict[int, int]:
    """Write `number` as powers of the members of a coprime base, by position.

    Examples
    --------
    >>> exponents_over((2, 3), 12)
    {0: 2, 1: 1}
    """
    found: dict[int, int] = {}
    for position, factor in enumerate(base):
        while number % factor == 0:
            number //= factor
            found[position] = found.get(position, 0) + 1
        if number == 1:
            break
    return found


@lru_cache(maxsize=4096)
def scaled_log2(number: int, bits: int) -> int:
    """Log2 of `number` in units of ``2**-bits``, too low by less than two units.

    The mantissa is squared once per binary digit of the log. Cutting it off after the j-th
    squaring, at 64 places beyond `bits`, lowers the log by less than 2**(1 - j - 64) units: next
    to nothing beside the one unit by which the digits left out lower it.

    Examples
    --------
    >>> scaled_log2(8, 10) / 2**10
    3.0
    >>> round(scaled_log2(3, 60) / 2**60, 12)
    1.584962500721
    """
    width = bits + _GUARD_BITS
    result = number.bit_length() - 1
    mantissa = number << width >> result
    for _ in range(bits):
        mantissa = mantissa * mantissa >> width
        carry = mantissa >> (width + 1)
        mantissa >>= carry
        result = 2 * result + carry
    return result
