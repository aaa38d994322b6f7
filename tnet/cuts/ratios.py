"""Arrays of exact positive ratios: 64-bit while they fit, Python integers beyond."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Segments:
    """Runs of children with one parent each, in the order of the parents.

    Attributes
    ----------
    parents : ndarray of int, shape (n_runs,)
        Parents that have children, ascending.
    starts : ndarray of int, shape (n_runs,)
        First child of each.
    n_parents, n_children : int
        How many there are, with and without children.
    widest : int
        Most children of one parent.
    """

    parents: NDArray[np.int64]
    starts: NDArray[np.int64]
    n_parents: int
    n_children: int
    widest: int

    @classmethod
    def of(cls, parent_of_child: NDArray[np.integer], n_parents: int) -> "Segments":
        """Read the runs off ascending parent numbers."""
        change = np.ones(len(parent_of_child), dtype=bool)
        np.not_equal(parent_of_child[1:], parent_of_child[:-1], out=change[1:])
        starts = np.nonzero(change)[0]
        parents = parent_of_child[starts].astype(np.int64)
        n_children = len(parent_of_child)
        widest = int(np.diff(starts, append=n_children).max(initial=0))
        return cls(parents, starts, n_parents, n_children, widest)

    @property
    def trivial(self) -> bool:
        """Whether every parent has one child, so that a product is the child itself."""
        return len(self.starts) == self.n_parents == self.n_children

    def spread(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Give every child the flag of its parent."""
        if self.trivial:
            return flags
        return np.repeat(flags[self.parents], np.diff(np.append(self.starts, self.n_children)))

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the children of every parent; 0 without children."""
        if self.trivial:
            return values
        total = np.zeros(self.n_parents)
        if len(self.starts):
            total[self.parents] = np.add.reduceat(values, self.starts)
        return total

    def fits(self, values: Integers) -> bool:
        """Whether products over children stay within 64 bits."""
        if values.dtype == object:
            return False
        if self.widest * _longest(values) < _BITS:
            return True
        return bool(self.sums(log2_of(values)).max(initial=0) < _BITS)

    def products(self, values: Integers) -> Integers:
        """Multiply over the children of every parent, exactly; 1 without children."""
        if self.trivial:
            return values
        exact = values if self.fits(values) else values.astype(object)
        total: Integers = np.ones(self.n_parents, dtype=exact.dtype)
        if len(self.starts):
            total[self.parents] = np.multiply.reduceat(exact, self.starts)
        return total


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

    def fits(self, children: Segments) -> bool:
        """Whether products over children stay within 64 bits."""
        return children.fits(self.over) and children.fits(self.under)

    def inverse(self) -> "Ratios":
        """Return 1 / ratio."""
        return Ratios(self.under, self.over)

    def divided_by(self, other: "Ratios") -> "Ratios":
        """Return ratio / other, entry by entry, in lowest terms where numbers are long."""
        return Ratios(times(self.over, other.under), times(self.under, other.over)).reduced()

    def product_over(self, children: Segments) -> "Ratios":
        """Multiply over the children of every parent."""
        over, under = children.products(self.over), children.products(self.under)
        return self if children.trivial else Ratios(over, under).reduced()

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
