"""`Programme`: contraction with all readings of one side on one axis, in shapes alone.

Every array of a contraction keeps the indices that are still to be contracted, one row axis for
all readings of side A that it has seen whole, and one column axis for those of side B. Where one
of these is longer than all other axes together, a QR decomposition replaces it by an axis as long
as those: the isometry that is dropped changes no singular value of the whole.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.schedule import Dims, Source

Ids: TypeAlias = NDArray[np.int64]

BLOCK_ENTRIES = 2**18
"""Entries of the products made before a decomposition takes them: what stays in a cache."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of every array in a stack.

    Attributes
    ----------
    kept : tuple of int
        Dims of indices still to be contracted.
    row, column : int
        Lengths of the axes of the readings of side A and of side B.
    """

    kept: Dims
    row: int
    column: int

    @property
    def entries(self) -> int:
        """Entries of one array."""
        return prod(self.kept) * self.row * self.column

    def compressed(self) -> "Shape":
        """Return the shape after the decomposition that shortens an axis, if there is one."""
        kept = prod(self.kept)
        if self.row > kept * self.column:
            return Shape(self.kept, kept * self.column, self.column)
        return Shape(self.kept, self.row, min(self.column, kept * self.row))


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Reading some arrays of a source: diagonals taken, indices of no other operand summed.

    Attributes
    ----------
    rows : ndarray of int
        Of the source.
    labels : tuple of int
        One for every column of the source; equal ones are a diagonal.
    kept, row, column : tuple of int
        Labels of the result, by what they are.
    """

    source: int
    rows: Ids
    labels: tuple[int, ...]
    kept: tuple[int, ...]
    row: tuple[int, ...]
    column: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Which axes of an operand stand for what in a product; its row and column axis come last.

    Attributes
    ----------
    batch : tuple of int
        Those that both operands have and the result as well.
    free : tuple of int
        Those that only this one has.
    summed : tuple of int
        Those that both have and no other operand.
    """

    batch: tuple[int, ...]
    free: tuple[int, ...]
    summed: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """Multiplying arrays of two stacks, pair by pair.

    Attributes
    ----------
    left, right : int
        Stacks.
    left_rows, right_rows : ndarray of int
        Their arrays.
    left_legs, right_legs : Legs
        What their axes are.
    order : tuple of int
        Axes of the product, which are rows of the stack, batch, free, row and column axis of the
        left, then of the right operand, in the order kept, row, column.
    n_kept, n_row : int
        How many of them are kept, and how many make the row.
    readings : tuple of int
        Axes, in the new order, of readings that no other operand has.
    """

    left: int
    right: int
    left_rows: Ids
    right_rows: Ids
    left_legs: Legs
    right_legs: Legs
    order: tuple[int, ...]
    n_kept: int
    n_row: int
    readings: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What makes one stack.

    Attributes
    ----------
    action : Load or Join
        How.
    result : int
        The stack.
    count : int
        Arrays in it.
    made, shape : Shape
        Before and after the decomposition.
    widest : int
        Entries of the largest of the arrays read and made for one of them.
    flops : int
        Scalar operations, decompositions included.
    frees : tuple of int
        Stacks that nothing reads afterwards.
    """

    action: Load | Join
    result: int
    count: int
    made: Shape
    shape: Shape
    widest: int
    flops: int
    frees: tuple[int, ...] = ()

    @property
    def at_once(self) -> int:
        """Arrays multiplied and decomposed at a time."""
        return max(1, min(self.count, BLOCK_ENTRIES // self.widest))


@dataclass(frozen=True, eq=False)
class Programme:
    """Steps in order, and where the matrices are that they end in.

    Attributes
    ----------
    sources : tuple of (Source, tuple of int)
        What `Load` reads, and the dims of its rows.
    steps : tuple of Step
        What to do; step ``k`` makes the stack that it says.
    final : tuple of int or None
        Stack and row of the result; None for a network without tensors.
    outputs : tuple of int or None
        For every output left open, its axis among those kept; None where it has dim 1.
    depth : int
        Decompositions and products on the longest way from an operand to the result.
    """

    sources: tuple[tuple[Source, Dims], ...]
    steps: tuple[Step, ...]
    final: tuple[int, int] | None
    outputs: tuple[int | None, ...]
    depth: int

    @cached_property
    def peak_entries(self) -> int:
        """Most entries held at once, beside the parameters."""
        held: dict[int, int] = {}
        now = peak = 0
        for step in self.steps:
            made = step.count * step.shape.entries
            # The product, a permuted copy, what the decomposition copies, and the magnitudes and
            # copies of taking out the power of two.
            scratch = 5 * step.at_once * step.widest
            peak = max(peak, now + made + scratch)
            held[step.result] = made
            now += made - sum(held.pop(stack) for stack in step.frees)
        # The last decomposition copies its matrix.
        return max(peak, 3 * self.steps[-1].shape.entries if self.steps else 0)

    @cached_property
    def flops(self) -> int:
        """Scalar operations, those of the last decompositions included."""
        total = sum(step.flops for step in self.steps)
        if self.steps:
            last = self.steps[-1].shape
            total += 4 * last.entries * min(last.row, last.column)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of the indices of a network.

    Attributes
    ----------
    dims : sequence of int
        Of every index, by id.
    totals : ndarray of int, shape (n_indices,)
        Operands that have the index, and one more where it is in the result.
    roles : ndarray of int, shape (n_indices,)
        What becomes of an index that no other operand has: `SUMMED`, `ROW` or `COLUMN`.
    outputs : tuple of int
        Ids of outputs left open.
    """

    dims: Sequence[int]
    totals: Ids
    roles: Ids
    outputs: tuple[int, ...]


SUMMED, ROW, COLUMN, KEPT = range(4)


def reordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Put the steps that make the last stack depth first, and say what each one frees.

    What a stack needs is then made shortly before it.
    """
    maker = {step.result: step for step in steps}
    ordered: list[Step] = []
    seen: set[int] = set()
    waiting = [(steps[-1].result, False)]
    while waiting:
        stack, is_ready = waiting.pop()
        if is_ready:
            ordered.append(maker[stack])
        elif stack not in seen:
            seen.add(stack)
            waiting.append((stack, True))
            waiting.extend((below, False) for below in _read(maker[stack]))
    read = {steps[-1].result}
    for place in range(len(ordered) - 1, -1, -1):
        frees = _read(ordered[place]) - read
        read |= frees
        ordered[place] = replace(ordered[place], frees=tuple(sorted(frees)))
    return tuple(ordered)


def _read(step: Step) -> set[int]:
    return {step.action.left, step.action.right} if isinstance(step.action, Join) else set()


def by_depth(pairs: Ids, count: int) -> Iterator[Ids]:
    """Yield the numbers of the steps at every depth; all that a step reads lies less deep.

    Examples
    --------
    >>> [steps.tolist() for steps in by_depth(np.array([[0, 1], [2, 3], [4, 5]]), 4)]
    [[0, 1], [2]]
    """
    depth = [0] * (count + len(pairs))
    for step, (one, other) in enumerate(pairs.tolist(), start=count):
        depth[step] = 1 + max(depth[one], depth[other])
    of_step = np.array(depth[count:], dtype=np.int64)
    order = np.argsort(of_step, kind="stable")
    bounds = np.flatnonzero(np.diff(of_step[order], prepend=-1, append=-1))
    for start, stop in itertools.pairwise(bounds):
        yield order[start:stop]
