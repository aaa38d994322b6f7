"""An order of contraction for forests, in nearly linear time.

Planners that know only pairs can go far astray on hyperedges, where three and more tensors meet
in one index; on a forest, messages that pass from the leaves to the root never make an
intermediate larger than an index with a batch, or the dense block of the outputs below it. Where
it pays, parameters are multiplied among themselves first. For the most frequent kinds of subtrees
that is looked for, once for all that are alike; the others are a few plain numbers each.
"""

import heapq
import math
from collections.abc import Container

import numpy as np

from tnet.contraction.operands import Operands
from tnet.contraction.orders.forest_tree import RootedForest, rooted_forest
from tnet.contraction.orders.order_cost import cost_of, distinct_entries, log2_dims
from tnet.contraction.orders.parts import Nodes, Scale
from tnet.contraction.orders.paths import Pairs
from tnet.contraction.orders.subtree_orders import Messages, Steps, SubtreeOrders
from tnet.contraction.orders.written_orders import written_out

MOST_COMPARED = 12_000
"""Operands up to which other orders are looked for, opt_einsum's greedy one among them."""

_MOST_NEIGHBOURS = 1_000_000

_MOST_KINDS_SEARCHED = 60
_VISITS = 60

_LEAST_SHARE = 1e-4
"""Of all operands: where there are many kinds, those with fewer members hardly count."""

_LONGEST_SEARCHED = 12_000
"""Operands and messages of a kind, beyond which its order is that of the messages."""


def forest_pairs(operands: Operands) -> Pairs | None:
    """Find an order in which to merge operands on a forest.

    Parameters
    ----------
    operands : Operands
        Index sets.

    Returns
    -------
    ndarray of int64, shape (n_operands - 1, 2), or None
        Pairs of operand numbers; None if they are not a forest.

    Notes
    -----
    Never dearer than opt_einsum's ``greedy`` up to 12,000 operands, at whose indices a million
    pairs meet: then that is asked too.

    Examples
    --------
    >>> from tnet.contraction.operands import operands_of_sets
    >>> sets = [frozenset("ab"), frozenset("bc"), frozenset("cd")]
    >>> sizes = {"a": 10, "b": 2, "c": 10, "d": 2}
    >>> forest_pairs(operands_of_sets(sets, frozenset("ad"), sizes)[0]).tolist()
    [[2, 1], [3, 0]]
    """
    forest = rooted_forest(operands)
    if forest is None:
        return None
    found = [message_pairs(operands, forest)]
    if operands.count > MOST_COMPARED:
        return found[0]
    if 1 in operands.dims:
        joined = rooted_forest(operands, ones_join=True)
        found += [] if joined is None else [message_pairs(operands, joined)]
    if operands.count > 2 and _neighbour_pairs(operands) <= _MOST_NEIGHBOURS:
        greedy = _greedy_below(operands, cost_of(operands, found[0]).total_log2 + 1e-9)
        found += [] if greedy is None else [greedy]
    if len(found) == 1:
        return found[0]
    return min(found, key=lambda pairs: cost_of(operands, pairs).total_log2)


def _neighbour_pairs(operands: Operands) -> int:
    """Pairs of operands with a common index, counted once for every such index."""
    ids = distinct_entries(operands)[1]
    ends = np.bincount(ids, minlength=len(operands.dims))
    ends[list(operands.output)] = 0
    return int(np.sum(ends * (ends - 1) // 2))


class _TooDearError(Exception):
    """Ends a search whose order is too dear already."""


def greedy_pairs(operands: Operands) -> Pairs:
    """Return opt_einsum's greedy order, of operands with loops or without.

    Examples
    --------
    >>> from tnet.contraction.operands import operands_of_sets
    >>> sets = [frozenset("ab"), frozenset("bc"), frozenset("ca")]
    >>> greedy_pairs(operands_of_sets(sets, frozenset(), dict.fromkeys("abc", 2))[0]).tolist()
    [[0, 1], [2, 3]]
    """
    return _greedy(operands, math.inf)


def _greedy_below(operands: Operands, most_log2: float) -> Pairs | None:
    """Return opt_einsum's greedy order, or None if an intermediate is larger than said.

    Among hyperedges they can have hundreds of digits, and then the search takes for ever.
    """
    try:
        return _greedy(operands, 2.0**most_log2 if most_log2 < 1024 else math.inf)
    except _TooDearError:
        return None


def _greedy(operands: Operands, most: float) -> Pairs:
    from opt_einsum.paths import ssa_greedy_optimize

    def entries_gained(made: int, one: int, other: int, *_: object) -> int:
        if one > most or other > most:
            raise _TooDearError
        return made - one - other

    if operands.count < 2:
        return np.zeros((0, 2), dtype=np.int64)
    sizes, output = dict(enumerate(operands.dims)), frozenset(operands.output)
    found = ssa_greedy_optimize(operands.sets(), output, sizes, None, entries_gained)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def message_pairs(operands: Operands, forest: RootedForest) -> Pairs:
    """Pair operands from the leaves to the roots, and join what the trees leave."""
    logs = log2_dims(operands)
    scale = Scale(forest.log2_of, {index: float(logs[index]) for index in operands.output})
    messages = Messages(forest, scale)
    orders = SubtreeOrders(messages)
    _search(orders)
    tops, others = _divided(forest, orders.order)
    pairs, number = written_out(orders, tops)
    steps = Steps(forest.n_operands + len(pairs))
    for operand in reversed(others):
        number[operand] = messages.add(operand, number, steps)
    _join(messages, number, steps)
    return np.concatenate([pairs, np.array(steps.flat, dtype=np.int64).reshape(-1, 2)])


def _search(orders: SubtreeOrders) -> None:
    """Find the orders of the most frequent kinds, from the leaves up."""
    forest = orders.forest
    starts = np.array(forest.starts)[: forest.n_operands + 1]
    heads = np.nonzero((np.diff(starts) > 0) & ~np.array(forest.inside, dtype=bool))[0]
    kinds, first, members = np.unique(
        np.array(forest.kind)[heads], return_index=True, return_counts=True
    )
    ranked = np.lexsort((kinds, -members))
    if len(kinds) > _MOST_KINDS_SEARCHED:
        frequent = members[ranked] >= _LEAST_SHARE * forest.n_operands
        ranked = ranked[frequent][:_MOST_KINDS_SEARCHED]
    visits = max(1, _VISITS // max(len(ranked), 1))
    for operand in heads[first[np.sort(ranked)]].tolist():
        # A kind is as frequent as those above it, but one below may have been too long.
        below = forest.next_below(operand)
        known = all(not forest.below(node) or forest.kind[node] in orders.order for node in below)
        if known and len(below) + len(forest.run(operand)) <= _LONGEST_SEARCHED:
            orders.add(operand, visits=visits)


def _divided(forest: RootedForest, known: Container[int]) -> tuple[list[int], list[int]]:
    """Operands at the top of subtrees of known kinds, and those above them that take messages."""
    tops, others = [], []
    # Whether an operand is in a subtree of a known kind; the last stands above the roots.
    covered = [False] * (len(forest.parent) + 1)
    for node in forest.order:
        above = covered[forest.parent[node]]
        covered[node] = above
        if above or node >= forest.n_operands or forest.inside[node] or not forest.below(node):
            continue
        if forest.kind[node] in known:
            tops.append(node)
            covered[node] = True
        else:
            others.append(node)
    return tops, others


def _join(messages: Messages, number: list[int], steps: Steps) -> None:
    """Multiply what the trees leave: first those with the same batch, and smallest first."""
    groups: dict[Nodes, list[tuple[float, int]]] = {}
    for root in messages.forest.roots:
        entry = messages.open_log2[root], number[root]
        groups.setdefault(messages.common[root], []).append(entry)

    def merged(waiting: list[tuple[float, int]]) -> tuple[float, int]:
        heapq.heapify(waiting)
        while len(waiting) > 1:
            (size, one), (other_size, other) = heapq.heappop(waiting), heapq.heappop(waiting)
            heapq.heappush(waiting, (size + other_size, steps.merge(one, other)))
        return waiting[0]

    left = []
    for common, group in groups.items():
        size, made = merged(group)
        left.append((size + messages.scale.entries((), common), made))
    if left:
        merged(left)
