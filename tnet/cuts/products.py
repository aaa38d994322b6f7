"""Products of dims too long to print, and integers that are powers of one."""

import math
from collections.abc import Iterable, Mapping

_LONGEST_PRINTED = 10**12


def product(factors: Iterable[tuple[int, int]]) -> int:
    """Multiply ``base ** exponent`` over all factors, exactly."""
    return math.prod(base**exponent for base, exponent in factors)


def product_log2(factors: Iterable[tuple[int, int]]) -> float:
    """Add ``exponent * log2(base)`` over all factors."""
    return math.fsum(exponent * math.log2(base) for base, exponent in factors)


def product_text(factors: Iterable[tuple[int, int]]) -> str:
    """Write a product so that a person can read it: in full, or as powers with its log2.

    Examples
    --------
    >>> product_text([(2, 3), (3, 1)])
    '24'
    >>> product_text([(10, 524288)])
    '10^524288 (2^1741647.0)'
    """
    merged: dict[int, int] = {}
    for base, exponent in factors:
        merged[base] = merged.get(base, 0) + exponent
    bits = product_log2(merged.items())
    if bits < math.log2(_LONGEST_PRINTED):
        return str(product(merged.items()))
    return f"{powers_text(merged)} (2^{bits:.1f})"


def powers_text(powers: Mapping[int, int] | Mapping[str, int]) -> str:
    """Write ``base^exponent`` terms, ones left out; an empty product is 1."""
    terms = [
        f"{base}^{exponent}" if exponent > 1 else f"{base}"
        for base, exponent in powers.items()
        if exponent and base != 1
    ]
    return "·".join(terms) or "1"


def _primitive_root(number: int) -> int:
    """Return the smallest p of which `number`, at least 2, is a power."""
    exponent = 2
    while exponent < number.bit_length():
        root = _integer_root(number, exponent)
        if root**exponent == number:
            number = root
        else:
            exponent += 1
    return number


def _integer_root(number: int, exponent: int) -> int:
    """Return the largest integer whose power is at most `number`."""
    low, high = 1, 1 << (number.bit_length() // exponent + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**exponent <= number else (low, middle)
    return low


def common_base(numbers: Iterable[int]) -> tuple[int, dict[int, int]] | None:
    """Find p of which all `numbers` are powers.

    Parameters
    ----------
    numbers : iterable of int
        At least 1 each.

    Returns
    -------
    tuple of int and dict, or None
        The smallest such p and the exponent of every number; None if there is no such p. Where
        all are 1, p is 2.

    Examples
    --------
    >>> common_base([4, 8, 1])
    (2, {4: 2, 8: 3, 1: 0})
    >>> common_base([6, 12]) is None
    True
    """
    distinct = list(dict.fromkeys(numbers))
    larger = [number for number in distinct if number > 1]
    base = _primitive_root(min(larger)) if larger else 2
    exponents: dict[int, int] = {}
    for number in distinct:
        exponent, rest = 0, number
        while rest % base == 0:
            rest //= base
            exponent += 1
        if rest != 1:
            return None
        exponents[number] = exponent
    return base, exponents
