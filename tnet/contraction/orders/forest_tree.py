"""Operands on a forest, rooted: who hangs below whom, and which parts are alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from random import Random

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.operands import Ids, Operands
from tnet.contraction.orders.order_cost import Logs, distinct_entries, log2_dims

_FEW_NODES = 2_000
"""Nodes up to which a search by hand takes less time than to import SciPy."""

_UNSEEN = -2

_MOST_MARKS = 2**62


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
    shared = kept & ~alone
    joins = ~alone & ~kept
    if not ones_join:
        # Through a dim of 1 nothing is said, so what it joins may as well be merged apart.
        joins &= logs[ids] > 0
    common = _common(owner[shared].tolist(), ids[shared].tolist())
    return Legs(owner[joins], ids[joins], sums(alone & kept), loose, common)


def _common(owners: list[int], outputs: list[int]) -> dict[int, frozenset[int]]:
    """Gather outputs by their owner; equal sets are one object, for there may be many."""
    found: dict[int, frozenset[int]] = {}
    none: frozenset[int] = frozenset()
    known: dict[tuple[frozenset[int], int], frozenset[int]] = {}
    for owner, output in zip(owners, outputs, strict=True):
        key = found.get(owner, none), output
        if key not in known:
            known[key] = key[0] | {output}
        found[owner] = known[key]
    return found


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
    order : list of int
        All nodes, parents before their children.
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
    inside : list of bool
        Whether an operand is a matrix that a run of matrices leads down to: by bonds alone, each
        the only index below the operand above.
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
    order: list[int]
    parent: list[int]
    children: list[int]
    starts: list[int]
    kind: list[int]
    slot: list[int]
    inside: list[bool]
    open_log2: list[float]
    loose_log2: list[float | None]
    common: dict[int, frozenset[int]]

    def below(self, node: int) -> list[int]:
        """Children of a node."""
        return self.children[self.starts[node] : self.starts[node + 1]]

    def run(self, operand: int) -> list[int]:
        """Return matrices that lead down from an operand by bonds; itself first."""
        run = [operand]
        children, starts, inside = self.children, self.starts, self.inside
        while starts[operand + 1] > starts[operand]:
            operand = children[starts[children[starts[operand]]]]
            if not inside[operand]:
                break
            run.append(operand)
        return run

    def next_below(self, operand: int) -> list[int]:
        """Return the operands below an operand, or below the run that it leads down to."""
        joints = self.below(self.run(operand)[-1])
        return [node for joint in joints for node in self.below(joint)]


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
    logs = log2_dims(operands)[ids]
    kind = _kinds(order, parent, logs, legs)
    nodes = np.argsort((parent + 1) * n_nodes + kind, kind="stable")
    below = nodes[len(roots) :]
    starts = np.concatenate([[0], np.cumsum(np.bincount(parent[below], minlength=n_nodes))])
    slot = np.zeros(n_nodes, dtype=np.int64)
    slot[below] = np.arange(len(below)) - starts[parent[below]]
    return RootedForest(
        n,
        [0.0] * n + logs.tolist(),
        roots.tolist(),
        order.tolist(),
        parent.tolist(),
        below.tolist(),
        starts.tolist(),
        kind.tolist(),
        slot.tolist(),
        _inside_runs(parent, starts, legs).tolist(),
        legs.open_log2.tolist(),
        [None if isnan(log2) else log2 for log2 in legs.loose_log2.tolist()],
        legs.common,
    )


def _components(edges: Ids, n_nodes: int) -> tuple[Ids, Ids]:
    """Lowest node of every component, and the component of every node."""
    if n_nodes <= _FEW_NODES:
        order, parent = _few_searched(edges, range(n_nodes), n_nodes)
        begins = parent[order] < 0
        labels = np.empty(n_nodes, dtype=np.int64)
        labels[order] = np.cumsum(begins) - 1
        return order[begins], labels
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(edges.shape[1]), edges), shape=(n_nodes, n_nodes)).tocsr()
    _, found = connected_components(graph, directed=False)
    _, first = np.unique(found, return_index=True)
    return first, found.astype(np.int64)


def _searched(edges: Ids, roots: Ids, n_nodes: int) -> tuple[Ids, Ids]:
    """Nodes breadth first from the roots, and the parent of every node."""
    if n_nodes <= _FEW_NODES:
        return _few_searched(edges, roots.tolist(), n_nodes)
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


def _few_searched(edges: Ids, roots: Iterable[int], n_nodes: int) -> tuple[Ids, Ids]:
    """Search tree after tree; of the roots, those that an earlier one reaches are none."""
    graph = _Graph.of(edges, n_nodes)
    parent, order = [_UNSEEN] * n_nodes, list[int]()
    for root in roots:
        if parent[root] != _UNSEEN:
            continue
        parent[root], searched = -1, [root]
        for node in searched:
            for other in graph.near(node):
                if parent[other] == _UNSEEN:
                    parent[other] = node
                    searched.append(other)
        order += searched
    return np.array(order, dtype=np.int64), np.array(parent, dtype=np.int64)


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


def _inside_runs(parent: Ids, starts: Ids, legs: Legs) -> NDArray[np.bool_]:
    """Find the operands that continue a run of matrices from above."""
    n = len(legs.open_log2)
    n_below = np.diff(starts)
    alone = np.isnan(legs.loose_log2)
    alone[list(legs.common)] = False
    above = parent[:n]
    leads_on = (n_below[:n] == 1) & alone
    # A root has no index above, and -1 stands for any that will do.
    return np.asarray(
        (above >= 0)
        & leads_on
        & (legs.open_log2 == 0)
        & (n_below[above] == 1)
        & leads_on[np.maximum(parent[above], 0)]
    )


def _kinds(order: Ids, parent: Ids, joint_log2: Logs, legs: Legs) -> Ids:
    """Number the kinds of subtrees from the leaves up."""
    marks, n_bits = _marks(parent, joint_log2, legs)
    # The kinds of the children enter as a sum of random numbers, so their order does not count;
    # the marks have the low bits of it to themselves.
    draw, drawn = Random(0).getrandbits, list[int]()
    kinds: dict[int, int] = {}
    kind, keys = [0] * len(parent), marks.tolist()
    # The parent -1 of a root is one more node, after all others.
    above = parent.tolist()
    keys.append(0)
    for node in reversed(order.tolist()):
        key = keys[node]
        found = kinds.get(key)
        if found is None:
            found = kinds[key] = len(drawn)
            drawn.append(draw(100) << n_bits)
        kind[node] = found
        keys[above[node]] += drawn[found]
    return np.array(kind, dtype=np.int64)


def _marks(parent: Ids, joint_log2: Logs, legs: Legs) -> tuple[Ids, int]:
    """Number what nodes have alone, and of how many bits the numbers may be."""
    n, n_nodes = len(legs.open_log2), len(parent)
    dims = np.zeros(n_nodes, dtype=np.int64)
    dims[n:] = 1 + np.unique(joint_log2, return_inverse=True)[1].reshape(-1)
    sets = {outputs: number for number, outputs in enumerate(dict.fromkeys(legs.common.values()))}
    common = np.full(n, -1.0)
    common[list(legs.common)] = [sets[outputs] for outputs in legs.common.values()]
    columns = [dims, np.where(parent >= 0, dims[parent], 0)]
    for values in (legs.open_log2, np.nan_to_num(legs.loose_log2, nan=-1.0), common):
        if len(values) and np.ptp(values):
            column = np.zeros(n_nodes, dtype=np.int64)
            column[:n] = np.unique(values, return_inverse=True)[1].reshape(-1)
            columns.append(column)
    marks, bound = np.zeros(n_nodes, dtype=np.int64), 1
    for column in columns:
        many = int(column.max(initial=0)) + 1
        if bound * many > _MOST_MARKS:
            marks, bound = np.unique(marks, return_inverse=True)[1].reshape(-1), n_nodes
        marks, bound = marks * many + column, bound * many
    return marks, bound.bit_length()
