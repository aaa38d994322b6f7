"""Building a schedule: like steps at like depth become one operation on stacks."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.arrange import Arrangement, arranged
from tnet.contraction.members import Ids, Loaded, Members
from tnet.contraction.operands import Operands, classes
from tnet.contraction.orders.order_cost import distinct_entries
from tnet.contraction.picks import Pick, pick_of
from tnet.contraction.schedule import BATCH, Dims, Operation, Schedule, Stack, View
from tnet.contraction.sequence import in_sequence
from tnet.network.groups import Operator


def stacked(
    operands: Operands,
    pairs: Ids,
    loaded: Loaded,
    *,
    batch: int | None,
    operators: Sequence[Operator] | None = None,
    alike: bool = True,
) -> Schedule:
    """Group the steps of an order into operations on stacks.

    Parameters
    ----------
    operands : Operands
        What is contracted.
    pairs : ndarray of int, shape (S, 2)
        The order: operands of each step; results are numbered after the operands.
    loaded : Loaded
        Where the operands lie.
    batch : int or None
        Id of the batch index.
    operators : sequence of str, optional
        What stands between the operands of each step; the product unless given.
    alike : bool
        Whether like steps are done at once; else every step is an operation.
    """
    builder = _Builder(operands, pairs, loaded, batch, operators)
    builder.reduce_operands()
    for depth in builder.depths():
        for steps in [depth] if alike else np.split(depth, len(depth)):
            builder.contract(steps)
    return builder.finished()


class _Builder:
    """Members of every stack made so far, and the operations that made them."""

    def __init__(
        self,
        operands: Operands,
        pairs: Ids,
        loaded: Loaded,
        batch: int | None,
        operators: Sequence[Operator] | None,
    ) -> None:
        self.operands, self.pairs, self.batch = operands, pairs, batch
        self.sources = loaded.sources
        self.stacks = list(loaded.stacks)
        self.members: list[Members] = list(loaded.members)
        self.operations: list[Operation] = []
        self.names: list[Operator] = sorted(set(operators or ["product"]))
        codes = [self.names.index(name) for name in operators or []]
        self.codes = np.array(codes, dtype=np.int64) if operators else np.zeros(len(pairs), int)
        n_all = operands.count + len(pairs)
        self.stack_of = np.full(n_all, -1, dtype=np.int64)
        self.place_of = np.zeros(n_all, dtype=np.int64)
        self.row_of = np.zeros(n_all, dtype=np.int64)
        self.with_batch = np.zeros(n_all, dtype=bool)
        self.totals = np.bincount(distinct_entries(operands)[1], minlength=len(operands.dims))
        # An index of the result is never complete.
        self.totals[list(operands.output)] += 1
        for number, members in enumerate(self.members):
            self._register(number, members)

    def _register(self, stack: int, members: Members) -> None:
        self.stack_of[members.operands] = stack
        self.place_of[members.operands] = np.arange(len(members.operands))
        self.row_of[members.operands] = members.rows
        self.with_batch[members.operands] = BATCH in self.stacks[stack].dims

    def reduce_operands(self) -> None:
        """Take diagonals, and sum indices that only one operand has."""
        for number in range(len(self.sources)):
            members = self.members[number]
            axes = members.axes
            if not axes.shape[1]:
                continue
            first = (axes[:, :, None] == axes[:, None, :]).argmax(axis=2)
            kept = self.totals[axes] > 1
            plain = (first == np.arange(axes.shape[1])).all(axis=1) & kept.all(axis=1)
            if plain.all():
                continue
            signature = np.concatenate([first, kept], axis=1)
            for rows in classes(np.where(plain[:, None], -1, signature)):
                if not plain[rows[0]]:
                    self._reduce(number, members.at(rows), first[rows[0]], kept[rows[0]])

    def _reduce(self, number: int, members: Members, first: Ids, kept: NDArray[np.bool_]) -> None:
        stack = self.stacks[number]
        columns = [c for c in range(len(first)) if first[c] == c and kept[c]]
        rows, place = np.unique(members.rows, return_inverse=True)
        dims = tuple(stack.dims[column] for column in columns)
        pick = pick_of(number, rows, stack.rows)
        result = self._new_stack(dims, rows)
        lonely = tuple(stack.dims[c] for c in range(len(first)) if first[c] == c and not kept[c])
        identity = View(tuple((column,) for column in range(len(stack.dims))))
        self.operations.append(
            Operation(
                kind="reduce",
                operator="product",
                left=pick,
                right=None,
                left_view=identity,
                right_view=identity,
                result=result,
                grid=pick.grid,
                dims=dims,
                members=len(members.operands),
                example=-1,
                involved=stack.dims,
                sums=bool(lonely),
                labels=(tuple(first.tolist()), tuple(columns)),
            )
        )
        self._add(
            Members(
                members.operands,
                members.axes[:, columns],
                place.reshape(-1),
                members.counts[:, columns],
                members.lonely + lonely,
            )
        )

    def _new_stack(self, dims: Dims, rows: Ids) -> int:
        self.stacks.append(Stack(dims, len(rows)))
        return len(self.stacks) - 1

    def _add(self, members: Members) -> None:
        self.members.append(members)
        self._register(len(self.members) - 1, members)

    def depths(self) -> Iterator[Ids]:
        """Numbers of the steps at every depth, where all that a step reads lies less deep."""
        depth = [0] * (self.operands.count + len(self.pairs))
        for step, (a, b) in enumerate(self.pairs.tolist(), start=self.operands.count):
            depth[step] = 1 + max(depth[a], depth[b])
        of_step = np.array(depth[self.operands.count :], dtype=np.int64)
        order = np.argsort(of_step, kind="stable")
        bounds = np.flatnonzero(np.diff(of_step[order], prepend=-1, append=-1))
        for start, stop in itertools.pairwise(bounds):
            yield order[start:stop]

    def contract(self, steps: Ids) -> None:
        """Do steps of one depth, grouped by the stacks that they read."""
        left, right = self.pairs[steps].T
        swapped = self._order_key(left) > self._order_key(right)
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        codes = self.codes[steps]
        key = np.stack([codes, self.stack_of[left], self.stack_of[right]], axis=1)
        for group in classes(key):
            self._contract_alike(steps[group], left[group], right[group])

    def _order_key(self, operands: Ids) -> Ids:
        """Arrays with examples stand to the left, then older stacks, then earlier rows."""
        many, stacks = len(self.stack_of), self.stack_of[operands]
        # There are fewer stacks than operands and results twice.
        first = np.where(self.with_batch[operands], 0, 2 * many) + stacks
        return first * many + self.row_of[operands]

    def _contract_alike(self, steps: Ids, left: Ids, right: Ids) -> None:
        a = self.members[self.stack_of[left[0]]].at(self.place_of[left])
        b = self.members[self.stack_of[right[0]]].at(self.place_of[right])
        same = a.axes[:, :, None] == b.axes[:, None, :]
        merged = a.counts + (same * b.counts[:, None, :]).sum(axis=2)
        summed = same.any(axis=2) & (merged == self.totals[a.axes])
        signature = np.concatenate([same.reshape(len(steps), -1), summed], axis=1)
        for group in classes(signature):
            first = group[0]
            matches = tuple((int(c), int(d)) for c, d in np.argwhere(same[first]))
            columns = frozenset(np.flatnonzero(summed[first]).tolist())
            left_stack = self.stacks[self.stack_of[left[0]]]
            right_stack = self.stacks[self.stack_of[right[0]]]
            arrangement = arranged(left_stack, right_stack, matches, columns)
            alike = _Alike(steps[group], a.at(group), b.at(group), merged[group])
            rows = self._operate(alike, arrangement, sums=bool(columns or a.lonely or b.lonely))
            self._add(alike.results(arrangement, rows, self.operands.count))

    def _operate(self, alike: "_Alike", arrangement: Arrangement, *, sums: bool) -> Ids:
        """Add the operation that does like steps; return the row that each step makes."""
        a, b = alike.left, alike.right
        numbers = int(self.stack_of[a.operands[0]]), int(self.stack_of[b.operands[0]])
        left, right = (self.stacks[number] for number in numbers)
        # Steps that read the same rows have the same result, which is computed once.
        pairs = a.rows * right.rows + b.rows
        distinct, example, place = np.unique(pairs, return_index=True, return_inverse=True)
        grid, picks = _common_grid(
            pick_of(numbers[0], a.rows[example], left.rows),
            pick_of(numbers[1], b.rows[example], right.rows),
            b.rows[example],
        )
        dims = arrangement.dims(left, right)
        only_right = [right.dims[d] for c, d in arrangement.result if c < 0]
        self.operations.append(
            Operation(
                kind=arrangement.kind,
                operator=self.names[int(self.codes[alike.steps[0]])],
                left=picks[0],
                right=picks[1],
                left_view=arrangement.left,
                right_view=arrangement.right,
                result=self._new_stack(dims, distinct),
                grid=grid,
                dims=dims,
                members=len(alike.steps),
                example=int(alike.steps[0]),
                involved=(*left.dims, *only_right, *a.lonely, *b.lonely),
                sums=sums,
            )
        )
        rows: Ids = place.reshape(-1)
        return rows

    def finished(self) -> Schedule:
        """Put the operations in an order that holds little, and say where the result is."""
        output = self.operands.output
        dims = tuple(
            BATCH if index == self.batch else self.operands.dims[index] for index in output
        )
        if not len(self.stack_of):
            return Schedule(self.sources, tuple(self.stacks), (), None, (None,) * len(dims), dims)
        last = len(self.stack_of) - 1
        stack, place = int(self.stack_of[last]), int(self.place_of[last])
        members = self.members[stack]
        final = pick_of(stack, members.rows[place : place + 1], self.stacks[stack].rows)
        axes = members.axes[place].tolist()
        columns = tuple(axes.index(index) if index in axes else None for index in output)
        operations = in_sequence(self.operations, stack)
        return Schedule(self.sources, tuple(self.stacks), tuple(operations), final, columns, dims)


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """Steps that are the same contraction of different operands.

    Attributes
    ----------
    steps : ndarray of int, shape (n,)
        Their numbers.
    left, right : Members
        Their operands.
    merged : ndarray of int, shape (n, k)
        For every column of the left operand, how many operands with the index are merged.
    """

    steps: Ids
    left: Members
    right: Members
    merged: Ids

    def results(self, arrangement: Arrangement, rows: Ids, n_operands: int) -> Members:
        """Return what the steps make, in rows of one stack."""
        a, b, shape = self.left, self.right, (len(self.steps), len(arrangement.result))
        axes = [a.axes[:, c] if c >= 0 else b.axes[:, d] for c, d in arrangement.result]
        counts = [self.merged[:, c] if c >= 0 else b.counts[:, d] for c, d in arrangement.result]
        return Members(
            self.steps + n_operands,
            np.array(axes, dtype=np.int64).T.reshape(shape),
            rows,
            np.array(counts, dtype=np.int64).T.reshape(shape),
        )


def _common_grid(a: Pick, b: Pick, right: Ids) -> tuple[tuple[int, ...], tuple[Pick, Pick]]:
    """Read both operands along the same axes; where their grids differ, one is copied."""
    if len(a.grid) > 1 and len(b.grid) > 1 and a.grid != b.grid:
        b = Pick(b.stack, (len(right),), rows=right)
    grid = max(a.grid, b.grid, key=lambda grid: (len(grid), grid))
    return grid, (a, b)
