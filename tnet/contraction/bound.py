"""A schedule for a number of examples: every shape known, and the memory that it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from tnet.contraction.picks import Pick, Rows
from tnet.contraction.schedule import (
    BATCH,
    Dims,
    Operation,
    Schedule,
    Stack,
    View,
    entries,
)

_SCRATCH = {"product": 0, "max": 1, "sum": 2, "softplus": 0, "norm": 0}
"""Arrays as large as the result that an operator makes on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """How an operand is read, step by step; None where a step is not needed.

    Attributes
    ----------
    stack : int
        Number of the stack.
    split : tuple of int or None
        Shape in which the rows lie in a grid.
    key : tuple of slice or int, or None
        What is taken of them.
    rows : ndarray of int or None
        Rows to copy.
    order : tuple of int or None
        Permutation of the axes.
    shape : tuple of int or None
        Final shape.
    compact : bool
        Whether the entries are to be copied side by side.
    swapped : bool
        Whether the last two axes change places after that.
    plain : bool
        Whether the stack is read as it is.
    """

    stack: int
    split: tuple[int, ...] | None
    key: tuple[slice | int, ...] | None
    rows: Rows | None
    order: tuple[int, ...] | None
    shape: tuple[int, ...] | None
    compact: bool
    swapped: bool
    plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operation with its shapes.

    Attributes
    ----------
    operation : Operation
        What it does.
    left, right : Read
        Operands; `right` is None to reduce one.
    shape : tuple of int
        Of the stack made.
    left_log, right_log : Read
        How the powers of two beside the operands are read.
    batch_axis : int or None
        Axis of the result that runs over examples.
    """

    operation: Operation
    left: Read
    right: Read | None
    shape: tuple[int, ...]
    left_log: Read
    right_log: Read | None
    batch_axis: int | None


@dataclass(frozen=True, eq=False)
class BoundSchedule:
    """A schedule with shapes.

    Attributes
    ----------
    schedule : Schedule
        What to do.
    batch : int
        Number of examples.
    dims : tuple of tuple of int
        Dims of the rows of every source.
    calls : tuple of Call
        Operations in order.
    """

    schedule: Schedule
    batch: int
    dims: tuple[Dims, ...]
    calls: tuple[Call, ...]

    @cached_property
    def peak_entries(self) -> int:
        """Most entries held at once, beside parameters and features."""
        schedule, batch = self.schedule, self.batch
        size = [stack.rows * entries(stack.dims, batch) for stack in schedule.stacks]
        held = dict(_loaded(schedule, batch))
        now = sum(held.values())
        peak = now
        for call in self.calls:
            operation = call.operation
            made = size[operation.result]
            peak = max(peak, now + made + _scratch(operation, schedule, batch, made))
            held[operation.result] = made
            now += made - sum(held.pop(stack, 0) for stack in operation.frees)
        return peak


def bound_schedule(schedule: Schedule, batch: int) -> BoundSchedule:
    """Put a number of examples into a schedule.

    Parameters
    ----------
    schedule : Schedule
        For any number of examples.
    batch : int
        How many.
    """
    dims = tuple(sized(stack.dims, batch) for stack in schedule.stacks)
    calls = []
    for operation in schedule.operations:
        left_stack = schedule.stacks[operation.left.stack]
        right, right_log = None, None
        if operation.right is not None:
            right_stack = schedule.stacks[operation.right.stack]
            right = _read(operation, operation.right, operation.right_view, right_stack, batch)
            right_log = _read_log(operation, operation.right, right_stack, batch)
        calls.append(
            Call(
                operation,
                _read(operation, operation.left, operation.left_view, left_stack, batch),
                right,
                (prod(operation.grid), *sized(operation.dims, batch)),
                _read_log(operation, operation.left, left_stack, batch),
                right_log,
                operation.dims.index(BATCH) + 1 if BATCH in operation.dims else None,
            )
        )
    n_sources = len(schedule.sources)
    return BoundSchedule(schedule, batch, dims[:n_sources], tuple(calls))


def sized(dims: Dims, batch: int) -> tuple[int, ...]:
    """Put a number of examples among dims.

    Examples
    --------
    >>> sized((BATCH, 3), 10)
    (10, 3)
    """
    return tuple(dim if dim != BATCH else batch for dim in dims)


def _read(operation: Operation, pick: Pick, view: View, stack: Stack, batch: int) -> Read:
    dims = sized(stack.dims, batch)
    columns = [column for block in view.blocks for column in block]
    n = len(pick.grid)
    order = None
    if columns != sorted(columns):
        order = (*range(n), *(column + n for column in columns))
    blocks = tuple(prod(dims[column] for column in block) for block in view.blocks)
    found = _picked(operation, pick, dims, order, blocks)
    if not view.copies:
        return found
    return replace(found, compact=True, swapped=view.swapped, plain=False)


def _read_log(operation: Operation, pick: Pick, stack: Stack, batch: int) -> Read:
    """Powers of two: one to a row, or one to a row and example."""
    dims = (batch,) if BATCH in stack.dims else (1,)
    return _picked(operation, pick, dims, None, dims)


def _picked(
    operation: Operation,
    pick: Pick,
    dims: tuple[int, ...],
    order: tuple[int, ...] | None,
    blocks: tuple[int, ...],
) -> Read:
    grid = pick.grid
    if grid != operation.grid:
        grid = (1,) * len(operation.grid) if prod(grid) == 1 else operation.grid
    n = len(pick.grid)
    before = (*pick.grid, *dims)
    if order is not None:
        before = tuple(before[axis] for axis in order)
    shape = (*grid, *blocks)
    split = None if pick.shape is None else (*pick.shape, *dims)
    final = None if before == shape and n == len(grid) else shape
    steps = (split, pick.key, pick.rows, order, final)
    return Read(pick.stack, *steps, False, False, all(step is None for step in steps))


def _loaded(schedule: Schedule, batch: int) -> Iterator[tuple[int, int]]:
    """Sources that are copied when they are read: slices, and some rows of a group."""
    for number, source in enumerate(schedule.sources):
        if source.fixed or source.rows is not None:
            stack = schedule.stacks[number]
            yield number, stack.rows * entries(stack.dims, batch)


def _scratch(operation: Operation, schedule: Schedule, batch: int, made: int) -> int:
    """Entries of the copies that an operation makes of its operands, and on the way."""
    total = made * _SCRATCH[operation.operator]
    reads = [(operation.left, operation.left_view), (operation.right, operation.right_view)]
    for pick, view in reads:
        if pick is None:
            continue
        n_entries = prod(pick.grid) * entries(schedule.stacks[pick.stack].dims, batch)
        total += n_entries * (pick.copies + view.copies)
        if operation.kind == "inner" and pick is operation.left:
            total += n_entries
    return total
