"""In which order to contract when all readings of a side share one axis that is kept short."""

import heapq
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.operands import Operands, network_operands
from tnet.contraction.orders.leaf_to_root import leaf_to_root_pairs
from tnet.contraction.orders.looped_order import looped_pairs
from tnet.cuts.min_cut import min_cut
from tnet.entanglement.isometries import COLUMN, ROW, Ids, Question
from tnet.network.model import TensorNetwork

_MOST_NEIGHBOURS = 32
"""Partners of a new intermediate that are weighed at every hyperedge."""

_LARGEST_LOG2 = 900.0
"""Sizes are compared as floats, and beyond this as equal."""


@lru_cache(maxsize=32)
def plain_order(network: TensorNetwork) -> Ids:
    """Return an order that knows nothing of sides: that of an evaluation.

    Parameters
    ----------
    network : TensorNetwork
        With products only.

    Returns
    -------
    ndarray of int64, shape (n_tensors - 1, 2)
        On forests from the leaves to the roots, where every row and column axis is as long as the
        least cut of what lies below; with loops, an order found as if all readings were summed.
    """
    if network.forest is not None:
        pairs = leaf_to_root_pairs(network, network.forest, {})
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return looped_pairs(replace(network_operands(network, features=False), output=()))


def orders_by_sides(
    network: TensorNetwork,
    side_a: NDArray[np.bool_],
    operands: Operands,
    question: Question,
) -> tuple[Ids, ...]:
    """Return orders that look at sides and at the sizes after decompositions.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    operands, question
        What is contracted.

    Returns
    -------
    tuple of ndarray of int64, shape (n_tensors - 1, 2)
        One order takes first the tensors on one side of a least cut that hang together, which
        keep a row axis or a column axis alone: in the plain order, or greedily, small results
        first, whatever costs less. What that leaves is merged greedily. Another order is greedy
        from the start. The one that promises less work and memory comes first.
    """
    part_of = _parts(operands, min_cut(network, side_a).tensors_on_a)
    followed, parted, found, greedy = (_Sizes(operands, question) for _ in range(4))
    for one, other in _within_parts(plain_order(network), part_of):
        followed.merge(one, other)
    parted.merge_greedily(range(operands.count), part_of)
    found.merge_greedily(found.merge_parts((followed, parted), part_of))
    greedy.merge_greedily(range(operands.count))
    ranked = sorted((found, greedy), key=_Sizes.promise)
    return tuple(np.array(sizes.pairs, dtype=np.int64).reshape(-1, 2) for sizes in ranked)


def _parts(operands: Operands, on_a: NDArray[np.bool_]) -> list[int]:
    """Number the connected parts of the tensors of each side."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    # Every index is two nodes, one for the tensors of each side.
    owners = operands.owners
    n_nodes = operands.count + 2 * len(operands.dims)
    nodes = operands.count + 2 * operands.ids + on_a[owners]
    graph = csr_array((np.ones(len(owners)), (owners, nodes)), shape=(n_nodes, n_nodes))
    labels: list[int] = connected_components(graph, directed=False)[1].tolist()
    return labels[: operands.count]


def _within_parts(pairs: Ids, part_of: list[int]) -> list[tuple[int, int]]:
    """Follow an order, but merge only what is of one part."""
    held: list[dict[int, int]] = [{part: number} for number, part in enumerate(part_of)]
    following = len(part_of)
    steps: list[tuple[int, int]] = []
    for one, other in pairs.tolist():
        more, fewer = sorted((held[one], held[other]), key=len, reverse=True)
        for part, number in fewer.items():
            if part not in more:
                more[part] = number
                continue
            steps.append((more[part], number))
            more[part], following = following, following + 1
        held.append(more)
    return steps


class _Sizes:
    """Log2 sizes of intermediates, each decomposed as soon as it can be."""

    def __init__(self, operands: Operands, question: Question) -> None:
        self.question = question
        self.logs = [math.log2(dim) for dim in question.dims]
        self.holders: list[set[int]] = [set() for _ in question.dims]
        self.is_open = set(question.outputs)
        bounds = operands.starts.tolist()
        ids = operands.ids.tolist()
        self.kept: list[set[int]] = [set(ids[a:b]) for a, b in itertools.pairwise(bounds)]
        for number, indices in enumerate(self.kept):
            for index in indices:
                self.holders[index].add(number)
        self.row = [0.0] * len(self.kept)
        self.column = [0.0] * len(self.kept)
        self.size = [0.0] * len(self.kept)
        for number in range(len(self.kept)):
            self._settle(number)
        self.pairs: list[tuple[int, int]] = []
        self.flops: list[float] = []

    def _settle(self, number: int) -> float:
        """Move complete indices to row and column; return the operations of a decomposition."""
        kept = self.kept[number]
        for index in [i for i in kept if len(self.holders[i]) == 1 and i not in self.is_open]:
            kept.remove(index)
            role = self.question.roles[index]
            self.row[number] += self.logs[index] if role == ROW else 0.0
            self.column[number] += self.logs[index] if role == COLUMN else 0.0
        rest, row, column = self._log2_of(kept), self.row[number], self.column[number]
        self.row[number] = min(row, rest + column)
        self.column[number] = min(column, rest + self.row[number])
        self.size[number] = rest + self.row[number] + self.column[number]
        if self.row[number] < row:
            return 2 * _power(row + 2 * (rest + column))
        return 2 * _power(column + 2 * (rest + row)) if self.column[number] < column else 0.0

    def _log2_of(self, indices: set[int]) -> float:
        return float(sum(self.logs[index] for index in indices))

    def merge(self, one: int, other: int) -> int:
        """Merge two intermediates; return the number of the result."""
        number = len(self.kept)
        self.pairs.append((one, other))
        self.kept.append(self.kept[one] | self.kept[other])
        for index in self.kept[number]:
            self.holders[index] -= {one, other}
            self.holders[index].add(number)
        self.row.append(self.row[one] + self.row[other])
        self.column.append(self.column[one] + self.column[other])
        self.size.append(0.0)
        product = self._log2_of(self.kept[number]) + self.row[number] + self.column[number]
        self.flops.append(2 * _power(product) + self._settle(number))
        return number

    def promise(self) -> float:
        """Log2 of operations times entries: either may be what is short."""
        return math.log2(1 + sum(self.flops)) + max(self.size, default=0.0)

    def merge_parts(self, runs: Sequence["_Sizes"], part_of: Sequence[int]) -> list[int]:
        """Merge every part as in the run that does it cheapest; return what is left.

        Parameters
        ----------
        runs : sequence of _Sizes
            In which only what is of one part has been merged.
        part_of : sequence of int
            Part of every operand.
        """
        totals = [dict.fromkeys(part_of, 0.0) for _ in runs]
        parts = [list(part_of) for _ in runs]
        for run, total, part in zip(runs, totals, parts, strict=True):
            for (one, _), flops in zip(run.pairs, run.flops, strict=True):
                part.append(part[one])
                total[part[one]] += flops
        best = {p: min(range(len(runs)), key=lambda run: totals[run][p]) for p in totals[0]}
        last = {part: number for number, part in enumerate(part_of)}
        for number, (run, part) in enumerate(zip(runs, parts, strict=True)):
            made = {operand: operand for operand in range(len(part_of))}
            for result, (one, other) in enumerate(run.pairs, start=len(part_of)):
                if best[part[one]] == number:
                    made[result] = last[part[one]] = self.merge(made[one], made[other])
        return list(last.values())

    def _gain(self, one: int, other: int) -> float:
        """Entries that merging two makes, less those of the two."""
        whole = self.kept[one] | self.kept[other]
        both = {one, other}
        made = self._log2_of({i for i in whole if i in self.is_open or self.holders[i] - both})
        for index in whole:
            if not self.holders[index] - both and self.question.roles[index] in (ROW, COLUMN):
                made += self.logs[index]
        made += self.row[one] + self.row[other] + self.column[one] + self.column[other]
        return _power(made) - _power(self.size[one]) - _power(self.size[other])

    def merge_greedily(
        self, left: Iterable[int], part_of: Sequence[int] | None = None
    ) -> list[int]:
        """Merge neighbours, those first that gain least; return what is left.

        Parameters
        ----------
        left : iterable of int
            Intermediates.
        part_of : sequence of int, optional
            Only neighbours of one part are merged. Otherwise all end in one, those last that have
            no neighbour.
        """
        parts = dict.fromkeys(left, 0)
        if part_of is not None:
            parts = {number: part_of[number] for number in parts}
        queue = [entry for number in parts for entry in self._offers(number, parts)]
        heapq.heapify(queue)
        while queue:
            _, one, other = heapq.heappop(queue)
            if one in parts and other in parts:
                made = self.merge(one, other)
                parts[made] = parts.pop(one)
                del parts[other]
                for entry in self._offers(made, parts):
                    heapq.heappush(queue, entry)
        if part_of is None:
            parts = {self._merge_smallest_first(list(parts)): 0}
        return list(parts)

    def _merge_smallest_first(self, left: list[int]) -> int:
        smallest = [(self.size[number], number) for number in left]
        heapq.heapify(smallest)
        while len(smallest) > 1:
            (_, one), (_, other) = heapq.heappop(smallest), heapq.heappop(smallest)
            made = self.merge(one, other)
            heapq.heappush(smallest, (self.size[made], made))
        return smallest[0][1]

    def _offers(self, number: int, parts: dict[int, int]) -> list[tuple[float, int, int]]:
        """Merges of one intermediate with neighbours of its part."""
        part = parts[number]
        partners: set[int] = set()
        for index in self.kept[number]:
            held = sorted(self.holders[index], reverse=True)[:_MOST_NEIGHBOURS]
            partners.update(held)
        alike = [other for other in sorted(partners) if parts.get(other) == part]
        return [(self._gain(number, other), number, other) for other in alike if other != number]


def _power(log2: float) -> float:
    return float(2.0 ** min(log2, _LARGEST_LOG2))
