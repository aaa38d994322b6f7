"""Operands on a forest, rooted: who hangs below whom, and which parts are alike."""

from dataclasses import dataclass
from math import isnan
from random import Random

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.operands import Ids, Operands
from tnet.contraction.order_cost import Logs, distinct_entries, log2_dims


@dataclass(frozen=True, eq=False)
class Legs:
    """What operands carry, taken apart: the bonds and hyperedges that join, and the rest.

    Attributes
    ----------
    owner, joint : ndarray of int64, shape (n_edges,)
        Operand and index id, for indices of two or more operands that are not outputs.
    open_log2 : ndarray of float64, shape (n_operands,)
        Size of the outputs that no other operand has.
    loose_log2 : ndarray of float64, shape (n_operands,)
        Size of the indices that are summed and that no other operand has; nan without any.
    common : dict of int to frozenset of int
        Outputs that other operands have as well, by operand.
    """

    owner: Ids
    joint: Ids
    open_log2: Logs
    loose_log2: Logs
    common: dict[int, frozenset[int]]


def legs_of(operands: Operands, *, ones_join: bool = False) -> Legs:
    """Take apart what operands carry; dims of 1 join only if told to."""
    owner, ids = distinct_entries(operands)
    n, n_ids, logs = operands.count, len(operands.dims), log2_dims(operands)
    ends = np.bincount(ids, minlength=n_ids)
    is_output = np.zeros(n_ids, dtype=bool)
    is_output[list(operands.output)] = True
    alone, kept = ends[ids] == 1, is_output[ids]

    def sums(chosen: NDArray[np.bool_]) -> Logs:
        return np.bincount(owner[chosen], weights=logs[ids[chosen]], minlength=n).astype(np.float64)

    loose = sums(alone & ~kept)
    loose[np.bincount(owner[alone & ~kept], minlength=n) == 0] = np.nan
    common: dict[int, set[int]] = {}
    shared = kept & ~alone
    for operand, index in zip(owner[shared].tolist(), ids[shared].tolist(), strict=True):
        common.setdefault(operand, set()).add(index)
    joins = ~alone & ~kept
    if not ones_join:
        # Through a dim of 1 nothing is said, so what it joins may as well be merged apart.
        joins &= logs[ids] > 0
    known: dict[frozenset[int], frozenset[int]] = {}
    one_each = {
        operand: known.setdefault(found := frozenset(indices), found)
        for operand, indices in common.items()
    }
    return Legs(owner[joins], ids[joins], sums(alone & kept), loose, one_each)


@dataclass(frozen=True, eq=False)
class RootedForest:
    """Operands ``0..n-1`` and the indices that join them, as nodes of rooted trees.

    Attributes
    ----------
    n_operands : int
        Nodes from here on are indices.
    log2_of : list of float
        Binary logarithm of the dim, by node; 0 for operands.
    roots : list of int
        An operand for every tree.
    parent : list of int
        Parent of every node; -1 at roots.
    children : list of int
        Children of every node, alike ones together.
    starts : list of int
        Node ``v`` has ``children[starts[v]:starts[v + 1]]``.
    kind : list of int
        Nodes whose subtrees are alike in structure and dims have one kind; a kind is below
        another only if its number is less.
    slot : list of int
        Place of every node among the children of its parent.
    open_log2 : list of float
        Size of the outputs that no other operand has, by operand.
    loose_log2 : list of float or None
        Size of the summed indices that no other operand has, by operand; None without any.
    common : dict of int to frozenset of int
        Outputs that other operands have as well, by operand.
    """

    n_operands: int
    log2_of: list[float]
    roots: list[int]
    parent: list[int]
    children: list[int]
    starts: list[int]
    kind: list[int]
    slot: list[int]
    open_log2: list[float]
    loose_log2: list[float | None]
    common: dict[int, frozenset[int]]

    def below(self, node: int) -> list[int]:
        """Children of a node."""
        return self.children[self.starts[node] : self.starts[node + 1]]

    def is_matrix(self, operand: int) -> bool:
        """Whether an operand has a parent, one index below it, and nothing else."""
        return (
            self.parent[operand] >= 0
            and self.starts[operand + 1] - self.starts[operand] == 1
            and self.open_log2[operand] == 0
            and self.loose_log2[operand] is None
            and operand not in self.common
        )


def rooted_forest(operands: Operands, *, ones_join: bool = False) -> RootedForest | None:
    """Root the graph of operands and non-output indices, or return None if it has a loop.

    Notes
    -----
    A root stands in the middle of its tree: of the open legs, where there are any that one
    operand alone has, else of the operands; but at the end of a chain.
    """
    legs = legs_of(operands, ones_join=ones_join)
    n = operands.count
    ids, joint = np.unique(legs.joint, return_inverse=True)
    n_nodes = n + len(ids)
    edges = np.stack([legs.owner, joint + n])
    first, tree_of = _components(edges, n_nodes)
    if edges.shape[1] != n_nodes - len(first):
        return None
    order, parent = _searched(edges, first, n_nodes)
    roots = _roots(edges, order, parent, tree_of, legs)
    order, parent = _searched(edges, roots, n_nodes)
    logs = np.concatenate([np.zeros(n), log2_dims(operands)[ids]])
    kind = _kinds(order, parent, logs, legs)
    nodes = np.argsort((parent + 1) * n_nodes + kind, kind="stable")
    below = nodes[len(roots) :]
    starts = np.concatenate([[0], np.cumsum(np.bincount(parent[below], minlength=n_nodes))])
    slot = np.zeros(n_nodes, dtype=np.int64)
    slot[below] = np.arange(len(below)) - starts[parent[below]]
    return RootedForest(
        n,
        logs.tolist(),
        roots.tolist(),
        parent.tolist(),
        below.tolist(),
        starts.tolist(),
        kind.tolist(),
        slot.tolist(),
        legs.open_log2.tolist(),
        [None if isnan(log2) else log2 for log2 in legs.loose_log2.tolist()],
        legs.common,
    )


def _components(edges: Ids, n_nodes: int) -> tuple[Ids, Ids]:
    """Lowest node of every component, and the component of every node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(edges.shape[1]), edges), shape=(n_nodes, n_nodes)).tocsr()
    _, labels = connected_components(graph, directed=False)
    _, first = np.unique(labels, return_index=True)
    return first, labels.astype(np.int64)


def _searched(edges: Ids, roots: Ids, n_nodes: int) -> tuple[Ids, Ids]:
    """Nodes breadth first from the roots, and the parent of every node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    # One more node above all roots turns the forest into a tree for a single search.
    above = np.full(len(roots), n_nodes)
    tails = np.concatenate([edges[0], edges[1], above])
    heads = np.concatenate([edges[1], edges[0], roots])
    size = n_nodes + 1
    graph = coo_array((np.ones(len(tails)), (tails, heads)), shape=(size, size)).tocsr()
    order, predecessor = breadth_first_order(graph, n_nodes, directed=True)
    parent = predecessor[:n_nodes].astype(np.int64)
    parent[parent == n_nodes] = -1
    return order[1:].astype(np.int64), parent


def _roots(edges: Ids, order: Ids, parent: Ids, tree_of: Ids, legs: Legs) -> Ids:
    """Choose an operand to be the root of every tree, now that they are rooted anywhere."""
    n, n_nodes = len(legs.open_log2), len(parent)
    has_open = np.zeros(tree_of.max(initial=-1) + 1, dtype=bool)
    has_open[tree_of[:n][legs.open_log2 > 0]] = True
    weight = np.zeros(n_nodes)
    weight[:n] = np.where(has_open[tree_of[:n]], legs.open_log2, 1.0)
    heavy, above, count = weight.tolist(), parent.tolist(), [1] * n_nodes
    for node in reversed(order.tolist()):
        if above[node] >= 0:
            heavy[above[node]] += heavy[node]
            count[above[node]] += count[node]
    below = np.array(heavy)
    total = np.zeros(len(has_open))
    np.maximum.at(total, tree_of, below)
    # The nodes that have half the weight below them lie on one way down; the last is the middle.
    middle = np.zeros(len(has_open), dtype=np.int64)
    passed = order[2 * below[order] >= total[tree_of[order]] * (1 - 1e-12)]
    middle[tree_of[passed]] = passed
    graph = _Graph.of(edges, n_nodes)
    whole = np.bincount(tree_of).tolist()
    chosen = []
    for tree, node in enumerate(middle.tolist()):

        def behind(other: int, node: int = node, tree: int = tree) -> int:
            return count[other] if above[other] == node else whole[tree] - count[node]

        if node >= n:
            chosen.append(graph.end_of_run(min(graph.near(node), key=behind), node))
        else:
            near = graph.near(node)
            chosen.append(graph.end_of_run(node, min(near, default=-1)))
    return np.array(chosen, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Graph:
    """Neighbours of every node."""

    neighbours: list[int]
    starts: list[int]

    @classmethod
    def of(cls, edges: Ids, n_nodes: int) -> "_Graph":
        tails = np.concatenate([edges[0], edges[1]])
        heads = np.concatenate([edges[1], edges[0]])
        starts = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=n_nodes))])
        return cls(heads[np.argsort(tails, kind="stable")].tolist(), starts.tolist())

    def near(self, node: int) -> list[int]:
        return self.neighbours[self.starts[node] : self.starts[node + 1]]

    def end_of_run(self, operand: int, coming_from: int) -> int:
        """Follow a run of matrices away from a neighbour, to the operand that ends it."""
        while True:
            near = self.near(operand)
            onward = [index for index in near if index != coming_from]
            if len(near) != 2 or len(self.near(onward[0])) != 2:
                return operand
            coming_from = onward[0]
            operand = next(end for end in self.near(coming_from) if end != operand)


def _kinds(order: Ids, parent: Ids, logs: Logs, legs: Legs) -> Ids:
    """Number the kinds of subtrees from the leaves up."""
    sets = {outputs: number for number, outputs in enumerate(dict.fromkeys(legs.common.values()))}
    common = np.full(len(parent), -1.0)
    common[list(legs.common)] = [sets[outputs] for outputs in legs.common.values()]
    up = np.where(parent >= 0, logs[parent], 0.0)
    mark = np.zeros(len(parent), dtype=np.int64)
    for column in (legs.open_log2, np.nan_to_num(legs.loose_log2, nan=-1.0), common, logs, up):
        if len(column) and np.ptp(column):
            padded = np.append(column, np.full(len(parent) - len(column), -2.0))
            number = np.unique(padded, return_inverse=True)[1]
            mark = np.unique(mark * len(parent) + number, return_inverse=True)[1]
    marks = mark.tolist()
    # The kinds of the children enter as a sum of random numbers, so their order does not count.
    draw, drawn = Random(0).getrandbits, list[int]()
    kinds: dict[tuple[int, int], int] = {}
    kind, sums, above = [0] * len(parent), [0] * len(parent), parent.tolist()
    for node in reversed(order.tolist()):
        found = kinds.setdefault((marks[node], sums[node]), len(drawn))
        if found == len(drawn):
            drawn.append(draw(100))
        kind[node] = found
        if above[node] >= 0:
            sums[above[node]] += drawn[found]
    return np.array(kind, dtype=np.int64)
