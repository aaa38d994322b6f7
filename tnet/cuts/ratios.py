"""Arrays of exact positive ratios: 64-bit while they fit, Python integers beyond."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.network.runs import Runs

Integers = NDArray[Any]
"""int64, or object holding Python ints; never rounded."""

_BITS = 62.0


def integers(values: list[int]) -> Integers:
    """Return `values` as int64 if they fit, else as Python integers."""
    small = max(values, default=0) < 2**_BITS
    return np.array(values, dtype=np.int64 if small else object)


def log2_of(values: Integers) -> NDArray[np.float64]:
    """Log2 of positive integers of any length."""
    if values.dtype == object:
        return np.array([math.log2(value) for value in values], dtype=np.float64)
    return np.log2(values)


def _longest(values: Integers) -> float:
    """Log2 of the largest entry, 0 if there is none."""
    return math.log2(values.max()) if values.size else 0.0


def times(left: Integers, right: Integers) -> Integers:
    """Multiply entry by entry, in Python integers where 64 bits could overflow."""
    if object not in (left.dtype, right.dtype) and _longest(left) + _longest(right) < _BITS:
        return left * right
    product: Integers = left.astype(object) * right.astype(object)
    return product


def fits(values: Integers, children: Runs) -> bool:
    """Whether products over the children of every parent stay within 64 bits."""
    if values.dtype == object:
        return False
    if children.widest * _longest(values) < _BITS:
        return True
    return bool(children.sums(log2_of(values)).max(initial=0) < _BITS)


def multiplied(values: Integers, children: Runs) -> Integers:
    """Multiply over the children of every parent, in the dtype given; 1 without children."""
    if children.trivial:
        return values
    total: Integers = np.ones(children.n_parents, dtype=values.dtype)
    if len(children.starts):
        total[children.parents] = np.multiply.reduceat(values, children.starts)
    return total


def products(values: Integers, children: Runs) -> Integers:
    """Multiply over the children of every parent, exactly; 1 without children."""
    return multiplied(values if fits(values, children) else values.astype(object), children)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Exact positive ratios ``over / under``.

    Attributes
    ----------
    over, under : ndarray of int64 or object, shape (n,)
        Positive integers without a common factor, or nearly so.
    """

    over: Integers
    under: Integers

    def above_one(self) -> "Ratios":
        """Return max(ratio, 1)."""
        larger = self.over > self.under
        return Ratios(np.where(larger, self.over, 1), np.where(larger, self.under, 1))

    def fits(self, children: Runs) -> bool:
        """Whether products over children stay within 64 bits."""
        return fits(self.over, children) and fits(self.under, children)

    def inverse(self) -> "Ratios":
        """Return 1 / ratio."""
        return Ratios(self.under, self.over)

    def divided_by(self, other: "Ratios") -> "Ratios":
        """Return ratio / other, entry by entry, in lowest terms where numbers are long."""
        return Ratios(times(self.over, other.under), times(self.under, other.over)).reduced()

    def product_over(self, children: Runs) -> "Ratios":
        """Multiply over the children of every parent."""
        if children.trivial:
            return self
        return Ratios(products(self.over, children), products(self.under, children)).reduced()

    def short_product_over(self, children: Runs) -> "Ratios":
        """Multiply over the children of every parent, where that is known to fit."""
        return Ratios(multiplied(self.over, children), multiplied(self.under, children)).reduced()

    def reduced(self) -> "Ratios":
        """Divide out common factors, unless all numbers are short anyway."""
        longest = max(self.over.max(initial=1), self.under.max(initial=1))
        if longest < 2**20:
            return self
        common = np.gcd(self.over, self.under)
        over, under = self.over // common, self.under // common
        if over.dtype == object and max(over.max(initial=1), under.max(initial=1)) < 2**_BITS:
            return Ratios(over.astype(np.int64), under.astype(np.int64))
        return Ratios(over, under)

    def log2(self) -> NDArray[np.float64]:
        """Log2 of every ratio."""
        return log2_of(self.over) - log2_of(self.under)

    def kept_where(self, keep: NDArray[np.bool_]) -> "Ratios":
        """Put 1 wherever `keep` is False."""
        return Ratios(np.where(keep, self.over, 1), np.where(keep, self.under, 1))
