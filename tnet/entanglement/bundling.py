"""Building a `Programme`: like steps at like depth become one step on stacks."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.loading import loaded_network
from tnet.contraction.members import Members
from tnet.contraction.operands import Operands, classes, network_operands
from tnet.contraction.schedule import Dims, Source
from tnet.entanglement.isometries import (
    COLUMN,
    KEPT,
    ROW,
    SUMMED,
    Ids,
    Join,
    Legs,
    Load,
    Programme,
    Question,
    Shape,
    Step,
    by_depth,
    reordered,
)
from tnet.network.model import TensorNetwork


def question_of(
    network: TensorNetwork, side_a: NDArray[np.bool_], *, open_outputs: bool
) -> tuple[Operands, Question]:
    """Say what becomes of every index, with the outputs open or each at one value.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    open_outputs : bool
        Whether the matrices of all outputs are asked for, or that of one.

    Returns
    -------
    Operands
        The tensors, without outputs that are not open.
    Question
        About their indices.
    """
    outputs = tuple(network.outputs.tolist())
    whole = network_operands(network, features=False)
    operands = whole if open_outputs else whole.without(outputs)
    dims, open_ones = operands.dims, outputs if open_outputs else ()
    distinct = np.unique(operands.owners * len(dims) + operands.ids) % max(len(dims), 1)
    totals = np.bincount(distinct, minlength=len(dims))
    totals[list(open_ones)] += 1
    roles = np.full(len(dims), SUMMED, dtype=np.int64)
    roles[network.inputs] = np.where(side_a[network.input_modes], ROW, COLUMN)
    return operands, Question(dims, totals, roles, open_ones)


def programme_of(
    network: TensorNetwork, operands: Operands, question: Question, pairs: Ids
) -> Programme:
    """Build the programme that follows an order of contraction.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    operands, question
        From `question_of`.
    pairs : ndarray of int, shape (n_tensors - 1, 2)
        The order: operands of each step; results are numbered after the operands.
    """
    held = () if question.outputs else tuple(network.outputs.tolist())
    loaded = loaded_network(network, operands, sliced=held)
    builder = _Builder(operands.count, question, pairs)
    for source, (stack, members) in enumerate(zip(loaded.stacks, loaded.members, strict=True)):
        builder.load(source, stack.dims, members)
    n_depths = 0
    for steps in by_depth(pairs, operands.count):
        builder.contract(steps)
        n_depths += 1
    sources = tuple(
        (source, stack.dims) for source, stack in zip(loaded.sources, loaded.stacks, strict=True)
    )
    if not operands.count:
        return Programme(sources, (), None, (None,) * len(question.outputs), 1)
    return builder.finished(sources, depth=1 + n_depths)


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """Columns of two stacks that are the same index, and what becomes of it."""

    left: int
    right: int
    role: int


class _Builder:
    """Members of every stack made so far, and the steps that made them."""

    def __init__(self, count: int, question: Question, pairs: Ids) -> None:
        self.count, self.question, self.pairs = count, question, pairs
        self.steps: list[Step] = []
        self.members: list[Members] = []
        self.stack_of = np.full(count + len(pairs), -1, dtype=np.int64)
        self.place_of = np.zeros(count + len(pairs), dtype=np.int64)

    def load(self, source: int, dims: tuple[int, ...], members: Members) -> None:
        """Take the operands in a source, grouped by what becomes of their columns."""
        axes = members.axes
        first = axes
        if axes.shape[1]:
            first = (axes[:, :, None] == axes[:, None, :]).argmax(axis=2)
        whole = self.question.totals[axes] == 1
        roles = np.where(whole, self.question.roles[axes], KEPT)
        for places in classes(np.concatenate([first, roles], axis=1)):
            self._load_alike(source, dims, members.at(places), first[places[0]], roles[places[0]])

    def _load_alike(
        self, source: int, dims: tuple[int, ...], members: Members, first: Ids, roles: Ids
    ) -> None:
        columns = [c for c in range(len(first)) if first[c] == c]
        kept, row, column = (
            tuple(c for c in columns if roles[c] == role) for role in (KEPT, ROW, COLUMN)
        )
        rows, place = np.unique(members.rows, return_inverse=True)
        made = Shape(
            tuple(dims[c] for c in kept),
            prod(dims[c] for c in row),
            prod(dims[c] for c in column),
        )
        axes = members.axes[:, kept]
        self._add(
            Load(source, rows, tuple(first.tolist()), kept, row, column),
            len(rows),
            made,
            Members(members.operands, axes, place.reshape(-1), np.ones_like(axes)),
            widest=prod(dims),
            products=prod(dims),
        )

    def _add(
        self,
        action: Load | Join,
        count: int,
        made: Shape,
        members: Members,
        *,
        widest: int,
        products: int,
    ) -> None:
        shape = made.compressed()
        flops = count * products
        if shape != made:
            shorter = min(shape.entries // shape.row, shape.entries // shape.column)
            flops += 2 * count * made.entries * shorter
        number = len(self.steps)
        self.steps.append(Step(action, number, count, made, shape, widest, flops))
        self.members.append(members)
        self.stack_of[members.operands] = number
        self.place_of[members.operands] = np.arange(len(members.operands))

    def contract(self, steps: Ids) -> None:
        """Do steps of one depth, grouped by the stacks that they read."""
        left, right = self.pairs[steps].T
        swapped = self._order_key(left) > self._order_key(right)
        left, right = np.where(swapped, right, left), np.where(swapped, left, right)
        key = np.stack([self.stack_of[left], self.stack_of[right]], axis=1)
        for group in classes(key):
            self._contract_alike(steps[group], left[group], right[group])

    def _order_key(self, operands: Ids) -> Ids:
        return self.stack_of[operands] * len(self.stack_of) + self.place_of[operands]

    def _contract_alike(self, steps: Ids, left: Ids, right: Ids) -> None:
        a = self.members[self.stack_of[left[0]]].at(self.place_of[left])
        b = self.members[self.stack_of[right[0]]].at(self.place_of[right])
        same = a.axes[:, :, None] == b.axes[:, None, :]
        merged = a.counts + (same * b.counts[:, None, :]).sum(axis=2)
        whole = same.any(axis=2) & (merged == self.question.totals[a.axes])
        roles = np.where(whole, self.question.roles[a.axes], KEPT)
        signature = np.concatenate([same.reshape(len(steps), -1), roles], axis=1)
        for group in classes(signature):
            first = group[0]
            matches = [
                _Match(int(c), int(d), int(roles[first, c])) for c, d in np.argwhere(same[first])
            ]
            counts = replace(a.at(group), counts=merged[group])
            self._join(steps[group], counts, b.at(group), matches)

    def _join(self, steps: Ids, a: Members, b: Members, matches: list[_Match]) -> None:
        numbers = int(self.stack_of[a.operands[0]]), int(self.stack_of[b.operands[0]])
        left, right = (self.steps[number].shape for number in numbers)
        matches = sorted(matches, key=lambda match: (match.role != KEPT, match.role))
        batch = [match for match in matches if match.role != SUMMED]
        summed = [match for match in matches if match.role == SUMMED]
        free = _free(len(left.kept), [match.left for match in matches])
        others = _free(len(right.kept), [match.right for match in matches])
        n_common = sum(match.role == KEPT for match in batch)
        common = batch[:n_common]
        of_row = [left.kept[m.left] for m in batch if m.role == ROW]
        of_column = [left.kept[m.left] for m in batch if m.role == COLUMN]
        made = Shape(
            (
                *(left.kept[match.left] for match in common),
                *(left.kept[c] for c in free),
                *(right.kept[d] for d in others),
            ),
            left.row * right.row * prod(of_row),
            left.column * right.column * prod(of_column),
        )
        order, readings = _order(n_common, len(of_row), len(of_column), len(free), len(others))
        # Steps that read the same rows have the same result, which is computed once.
        _, example, place = np.unique(
            a.rows * self.steps[numbers[1]].count + b.rows, return_index=True, return_inverse=True
        )
        action = Join(
            *numbers,
            a.rows[example],
            b.rows[example],
            Legs(tuple(m.left for m in batch), free, tuple(m.left for m in summed)),
            Legs(tuple(m.right for m in batch), others, tuple(m.right for m in summed)),
            order,
            n_kept=len(made.kept),
            n_row=len(of_row) + 2,
            readings=readings,
        )
        lefts = [match.left for match in common] + list(free)
        self._add(
            action,
            len(example),
            made,
            Members(
                steps + self.count,
                np.concatenate([a.axes[:, lefts], b.axes[:, others]], axis=1),
                place.reshape(-1),
                np.concatenate([a.counts[:, lefts], b.counts[:, others]], axis=1),
            ),
            widest=max(made.entries, left.entries, right.entries),
            products=2 * made.entries * prod(left.kept[match.left] for match in summed),
        )

    def finished(self, sources: tuple[tuple[Source, Dims], ...], *, depth: int) -> Programme:
        """Put the steps in an order that holds little, and say where the result is."""
        last = len(self.stack_of) - 1
        stack, place = int(self.stack_of[last]), int(self.place_of[last])
        members = self.members[stack]
        axes = members.axes[place].tolist()
        outputs = tuple(axes.index(i) if i in axes else None for i in self.question.outputs)
        steps = [step for step in self.steps if step.result != stack]
        steps.append(self.steps[stack])
        return Programme(
            sources, reordered(steps), (stack, int(members.rows[place])), outputs, depth
        )


def _free(count: int, matched: list[int]) -> tuple[int, ...]:
    return tuple(column for column in range(count) if column not in matched)


def _order(
    n_common: int, n_row: int, n_column: int, n_free: int, n_others: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Bring the axes of a product in the order kept, row, column; and say which are readings."""
    first_row = 1 + n_common
    first_column = first_row + n_row
    first_free = first_column + n_column
    left = first_free + n_free
    first_other = left + 2
    right = first_other + n_others
    kept = (*range(1, first_row), *range(first_free, left), *range(first_other, right))
    row = (*range(first_row, first_column), left, right)
    column = (*range(first_column, first_free), left + 1, right + 1)
    at_row, at_column = 1 + len(kept), 1 + len(kept) + len(row)
    readings = (*range(at_row, at_row + n_row), *range(at_column, at_column + n_column))
    return (0, *kept, *row, *column), readings
