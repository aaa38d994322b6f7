"""`Members`: which operands lie in a stack, while a schedule is built."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.schedule import Dims, Source, Stack

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Operands that lie in one stack.

    Attributes
    ----------
    operands : ndarray of int, shape (n,)
        Their numbers.
    axes : ndarray of int, shape (n, k)
        Index of every column.
    rows : ndarray of int, shape (n,)
        Row of the stack that each one is.
    counts : ndarray of int, shape (n, k)
        How many of the operands that have the index are merged in this one.
    lonely : tuple of int
        Dims of indices that were summed before.
    """

    operands: Ids
    axes: Ids
    rows: Ids
    counts: Ids
    lonely: Dims = ()

    def at(self, places: Ids) -> "Members":
        """Return some of the members."""
        if len(places) == len(self.operands) and (places == np.arange(len(places))).all():
            return self
        operands, axes = self.operands[places], self.axes[places]
        return Members(operands, axes, self.rows[places], self.counts[places], self.lonely)


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """Where the operands come from, one entry per source.

    Attributes
    ----------
    sources : tuple of Source
        What the first stacks hold.
    stacks : tuple of Stack
        Those stacks.
    members : tuple of Members
        Operands in them; columns of one index may repeat, and ``counts`` are all 1.
    """

    sources: tuple[Source, ...]
    stacks: tuple[Stack, ...]
    members: tuple[Members, ...]
