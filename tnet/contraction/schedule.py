"""`Schedule`: a plan as few operations on stacks of like arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tnet.contraction.picks import Pick, Rows
from tnet.network.groups import Operator

BATCH = 0
"""Stands for the number of examples among dims, which are at least 1."""

Dims = tuple[int, ...]
"""Dims of the columns of a stack; `BATCH` where there are as many as examples."""


def entries(dims: Sequence[int], batch: int) -> int:
    """Return the product of dims, with `batch` examples.

    Examples
    --------
    >>> entries((BATCH, 3, 2), 10)
    60
    """
    return math.prod(dim if dim != BATCH else batch for dim in dims)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where the rows of a stack come from.

    Attributes
    ----------
    parameter : str or None
        Name of the array; None for features.
    shared : bool
        Whether the array is one row, without an axis of rows.
    shape : tuple of int
        Dims of a row, size-1 dims and those of sliced indices included.
    modes : ndarray of int or None
        Elements whose features are the rows; None for a parameter.
    rows : ndarray of int or None
        Rows taken of the array; None for all of them.
    fixed : tuple of (int, ndarray of int)
        Axes of a row that are held at one value, and by which sliced index in every row.
    """

    parameter: str | None
    shared: bool
    shape: Dims
    modes: Rows | None = None
    rows: Rows | None = None
    fixed: tuple[tuple[int, Rows], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Like arrays, one beside the other.

    Attributes
    ----------
    dims : tuple of int
        Of every axis but that of the rows; none is 1.
    rows : int
        Arrays in the stack.
    dense : bool
        Whether the entries of a row lie in memory in order.
    """

    dims: Dims
    rows: int
    dense: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """How an operation reads its operand: columns in blocks, each read as one axis.

    Attributes
    ----------
    blocks : tuple of tuple of int
        Columns of the stack; an empty block is an axis of size 1.
    copies : bool
        Whether the entries must be copied to be read so.
    swapped : bool
        Whether the last two axes change places after that.
    """

    blocks: tuple[tuple[int, ...], ...]
    copies: bool = False
    swapped: bool = False


Kind = Literal["matmul", "multiply", "inner", "reduce"]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One call that contracts all like pairs of arrays, or reduces like arrays.

    Attributes
    ----------
    kind : {'matmul', 'multiply', 'inner', 'reduce'}
        Sums over shared columns; none; over all but the common ones; diagonals and sums of one
        operand.
    operator : str
        What stands between the operands; anything but the product sums nothing.
    left, right : Pick
        Rows of the operands; `right` is None to reduce one.
    left_view, right_view : View
        Their columns.
    result : int
        Number of the stack made.
    grid : tuple of int
        Rows of the result, along as many axes as the operands are read with.
    dims : tuple of int
        Columns of the result.
    members : int
        Steps of the plan that this operation does.
    example : int
        One of those steps.
    involved : tuple of int
        Dims of all indices of a step, those already summed included.
    sums : bool
        Whether a step sums anything.
    labels : tuple of tuple of int
        For ``reduce``: a label for every column, and the labels kept.
    frees : tuple of int
        Stacks that nothing reads afterwards.
    """

    kind: Kind
    operator: Operator
    left: Pick
    right: Pick | None
    left_view: View
    right_view: View
    result: int
    grid: tuple[int, ...]
    dims: Dims
    members: int
    example: int
    involved: Dims
    sums: bool
    labels: tuple[tuple[int, ...], ...] = ()
    frees: tuple[int, ...] = ()

    @property
    def is_step(self) -> bool:
        """Whether it stands for steps of the plan, and is no preparation of an operand."""
        return self.right is not None

    def flops(self, batch: int) -> int:
        """Return scalar operations of its steps; a multiply and an add count two."""
        return self.members * entries(self.involved, batch) * (1 + self.sums)


@dataclass(frozen=True, eq=False)
class Schedule:
    """Operations in order.

    Attributes
    ----------
    sources : tuple of Source
        Of the first stacks.
    stacks : tuple of Stack
        All stacks; operation ``k`` makes stack ``len(sources) + k``, or as it says.
    operations : tuple of Operation
        What to do.
    final : Pick or None
        The row of the stack that is the result; None where there is no operand.
    output : tuple of int or None
        For every axis of the result the column of that stack, None where it is absent.
    output_dims : tuple of int
        Dim of every axis of the result.
    """

    sources: tuple[Source, ...]
    stacks: tuple[Stack, ...]
    operations: tuple[Operation, ...]
    final: Pick | None
    output: tuple[int | None, ...]
    output_dims: Dims
