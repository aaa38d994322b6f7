"""Runs of children with one parent each, as a breadth-first order leaves them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Runs:
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
    def of(cls, parent_of_child: NDArray[np.integer], n_parents: int) -> "Runs":
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
