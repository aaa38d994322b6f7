"""A forest condensed to the branchings that its cuts depend on, as plain columns.

Write D for log2 f(A) - log2 f(B) of a subtree (`tnet.cuts.forest` says what f is). A node with a
single child passes D on, limited to its cost; a subtree without readings has D = 0. So only
readings and branchings are kept, each with the least cost on the way to the branching above.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.products import common_base
from tnet.network.groups import Ids
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Condensed:
    """Readings and branchings of a forest, depth by depth; a parent stands before its children.

    Attributes
    ----------
    parent : ndarray of int32, shape (n_nodes,)
        The branching above; -1 at the top. Every branching has at least two children.
    level_start : tuple of int
        Depth ``d`` holds nodes ``level_start[d]`` to ``level_start[d + 1] - 1``.
    cap : ndarray of float64, shape (n_nodes,)
        Cost of a branching index; infinite at a tensor.
    clip : ndarray of float64, shape (n_nodes,)
        Bound on D, the cap included; the D of a reading is plus or minus its clip. 0 at the top.
    mode : ndarray of int32, shape (n_nodes,)
        Element that a reading reads; -1 at a branching.
    unit_log2 : float
        Log2 of the unit of `cap` and `clip`.
    whole : bool
        Whether all costs are whole numbers of units, so that sums are exact.
    """

    parent: Ids
    level_start: tuple[int, ...]
    cap: Floats
    clip: Floats
    mode: Ids
    unit_log2: float
    whole: bool

    @property
    def n_levels(self) -> int:
        """Number of depths."""
        return len(self.level_start) - 1

    def level(self, depth: int) -> slice:
        """Nodes that stand at `depth`."""
        return slice(self.level_start[depth], self.level_start[depth + 1])


def condensed(network: TensorNetwork, forest: Forest) -> Condensed:
    """Condense `forest`, in time linear in it and one pass of array operations per level."""
    is_index = forest.order >= network.n_tensors
    by_group, unit_log2, whole = costs_in_units(network)
    cost = np.full(len(forest.order), np.inf)
    indices = forest.order[is_index] - network.n_tensors
    cost[is_index] = by_group[network.group_of_index[indices]]
    position = np.zeros(network.n_indices, dtype=np.int32)
    position[indices] = np.nonzero(is_index)[0]
    read = position[network.inputs]
    # Every reading is a node of its own below its index, which may join tensors below as well.
    parent = np.concatenate([forest.parent, read])
    branches = _branches(forest, parent)
    anchor, limit, depth = _contracted(forest, cost, branches)
    kept = np.concatenate([np.nonzero(branches)[0], np.arange(len(cost), len(parent))])
    above, costs = parent[kept], np.concatenate([cost, cost[read]])[kept]
    # The number -1 of no parent takes the last entries: no branching, no bound, depth -1.
    new_parent, new_depth = anchor[above], depth[anchor[above]] + 1
    clip = np.minimum(np.minimum(costs, limit[above]), np.append(cost, np.inf)[new_parent])
    modes = np.full(len(parent), -1, dtype=np.int32)
    modes[len(cost) :] = network.input_modes
    used = (new_parent >= 0) | (kept < len(cost))
    order = np.argsort(new_depth[used], kind="stable")
    rank = np.full(len(parent) + 1, -1, dtype=np.int32)
    rank[kept[used][order]] = np.arange(len(order))
    clip = np.where(new_parent >= 0, clip, 0.0)
    return Condensed(
        rank[new_parent[used][order]],
        (0, *np.cumsum(np.bincount(new_depth[used])).tolist()),
        costs[used][order],
        clip[used][order],
        modes[kept[used][order]],
        unit_log2,
        whole,
    )


def costs_in_units(network: TensorNetwork) -> tuple[Floats, float, bool]:
    """Cost of each index group, the log2 of its unit, and whether units are whole and exact."""
    groups = network.index_groups
    powers = common_base(group.dim for group in groups if group.role != "output")
    if powers is not None:
        base, exponents = powers
        units = [exponents.get(g.dim, 0) * g.multiplicity for g in groups]
        if sum(unit * g.count for unit, g in zip(units, groups, strict=True)) < 2**53:
            return np.array(units, dtype=np.float64), math.log2(base), True
    bits = [group.multiplicity * math.log2(group.dim) for group in groups]
    return np.array(bits, dtype=np.float64), 1.0, False


def _branches(forest: Forest, parent: Ids) -> NDArray[np.bool_]:
    """Mark the nodes with readings below two or more of their children."""
    n_nodes = len(forest.order)
    live = np.zeros(len(parent), dtype=bool)
    live[n_nodes:] = True
    live[parent[n_nodes:]] = True
    for depth in range(forest.n_levels - 1, 0, -1):
        here = forest.level(depth)
        live[forest.parent[here][live[here]]] = True
    above = parent[live]
    return np.asarray(np.bincount(above[above >= 0], minlength=n_nodes) > 1)


def _contracted(
    forest: Forest, cost: Floats, branches: NDArray[np.bool_]
) -> tuple[Ids, Floats, Ids]:
    """Nearest branching at or above each node, least cost short of it, condensed depth.

    One more entry at the end answers for the number -1 of no node.
    """
    n_nodes = len(cost)
    anchor = np.append(np.where(branches, np.arange(n_nodes), -1), -1).astype(np.int32)
    limit = np.append(np.where(branches, np.inf, cost), np.inf)
    depth = np.full(n_nodes + 1, -1, dtype=np.int32)
    for level in range(forest.n_levels):
        here = forest.level(level)
        above = forest.parent[here]
        depth[here] = depth[anchor[above]] + 1
        passes = ~branches[here]
        anchor[here][passes] = anchor[above[passes]]
        limit[here][passes] = np.minimum(limit[here][passes], limit[above[passes]])
    return anchor, limit, depth
