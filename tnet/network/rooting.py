"""Is the network a forest, and if so, who is whose parent, level by level."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tnet.network.groups import Ids, read_only
from tnet.network.incidence import row_starts
from tnet.network.runs import Runs

if TYPE_CHECKING:
    from tnet.network.model import TensorNetwork


@dataclass(frozen=True, eq=False)
class Forest:
    """Tensors and non-output indices as nodes of a rooted forest, in breadth-first order.

    Node ``t < n_tensors`` is tensor ``t``; node ``n_tensors + e`` is index ``e``. Every tree has
    a tensor as its root, so tensors stand at even depth and indices at odd depth, and the
    children of one parent are neighbours in `order`.

    Attributes
    ----------
    order : ndarray of int32, shape (n_nodes,)
        Nodes, roots first, depth by depth.
    parent : ndarray of int32, shape (n_nodes,)
        Position in `order` of each position's parent; -1 at roots.
    level_start : tuple of int
        Depth ``d`` holds positions ``level_start[d]`` to ``level_start[d + 1] - 1``.
    """

    order: Ids
    parent: Ids
    level_start: tuple[int, ...]

    def __post_init__(self) -> None:
        read_only(self.order, self.parent)

    @property
    def n_roots(self) -> int:
        """Number of trees."""
        return self.level_start[1] if len(self.level_start) > 1 else 0

    @property
    def n_levels(self) -> int:
        """Number of depths."""
        return len(self.level_start) - 1

    @cached_property
    def children(self) -> tuple[Runs, ...]:
        """For every depth, the runs of nodes one level down that have one parent each."""
        runs = []
        for depth in range(self.n_levels):
            here = self.level(depth)
            below = slice(here.stop, here.stop)
            if depth + 1 < self.n_levels:
                below = self.level(depth + 1)
            parents = self.parent[below] - np.int32(here.start)
            runs.append(Runs.of(parents, here.stop - here.start))
        return tuple(runs)

    def level(self, depth: int) -> slice:
        """Positions in `order` that stand at `depth`."""
        return slice(self.level_start[depth], self.level_start[depth + 1])


def derive_forest(network: "TensorNetwork") -> Forest | None:
    """Root `network`, or return None if tensors and non-output indices have a loop.

    Outputs hold one value, so they connect nothing and are left out. Time and memory are linear
    in the number of incidences.
    """
    neighbours, starts = _neighbours(network)
    n_nodes = network.n_tensors + network.n_indices - len(network.outputs)
    n_edges = len(neighbours) // 2
    roots = _tensors_that_lead_nowhere(network)
    # A graph of n_nodes - n_roots edges in which all is reached from the roots is a forest with
    # one root to a tree. Where these roots do not serve, count the trees.
    if n_edges and n_edges == n_nodes - len(roots):
        order, parent = _breadth_first(neighbours, starts, roots)
        if len(order) == n_nodes:
            return Forest(order, parent, _level_starts(parent))
    n_trees, tree_of = _trees(network, neighbours, starts)
    if n_edges != n_nodes - n_trees:
        return None
    roots = _last_tensors(tree_of[: network.n_tensors], roots)
    order, parent = _breadth_first(neighbours, starts, roots)
    return Forest(order, parent, _level_starts(parent))


def _neighbours(network: "TensorNetwork") -> tuple[Ids, Ids]:
    """Compressed rows of the graph on tensors and indices, outputs without any neighbour."""
    incidence, n_tensors = network.incidence, np.int32(network.n_tensors)
    neighbours = np.concatenate([incidence.index_of + n_tensors, incidence.by_index])
    starts = np.concatenate(
        [incidence.tensor_start, incidence.index_start[1:] + incidence.tensor_start[-1]]
    )
    if len(network.outputs):
        nodes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        is_output = np.zeros(len(starts) - 1, dtype=bool)
        is_output[network.outputs + n_tensors] = True
        kept = ~(is_output[nodes] | is_output[neighbours])
        neighbours = neighbours[kept]
        starts = row_starts(np.bincount(nodes[kept], minlength=len(starts) - 1))
    return neighbours, starts


def _tensors_that_lead_nowhere(network: "TensorNetwork") -> Ids:
    """Tensors without a leg to the root, or whose leg to the root is an output."""
    is_output = np.zeros(network.n_indices, dtype=bool)
    is_output[network.outputs] = True
    parts = [
        np.ones(group.count, dtype=bool)
        if group.root_axis is None
        else is_output[group.indices[:, group.root_axis]]
        for group in network.tensor_groups
    ]
    return np.nonzero(np.concatenate([np.zeros(0, dtype=bool), *parts]))[0].astype(np.int32)


def _trees(network: "TensorNetwork", neighbours: Ids, starts: Ids) -> tuple[int, Ids]:
    """Count the components that hold a tensor, and number the component of every node."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n_nodes = len(starts) - 1
    graph = csr_array((_weights(neighbours), neighbours, starts), shape=(n_nodes, n_nodes))
    # Every edge is there both ways, so strong components are the components, found in one pass.
    n_components, labels = connected_components(graph, connection="strong")
    return int(n_components) - len(network.outputs), labels.astype(np.int32)


def _last_tensors(tree_of_tensor: Ids, preferred: Ids) -> Ids:
    """Choose a tensor per tree: the last that leads nowhere, else the last."""
    tensors = np.arange(len(tree_of_tensor), dtype=np.int32)
    chosen = np.full(int(tree_of_tensor.max(initial=-1)) + 1, -1, dtype=np.int32)
    chosen[tree_of_tensor] = tensors
    chosen[tree_of_tensor[preferred]] = preferred
    return chosen[chosen >= 0]


def _weights(edges: Ids) -> NDArray[np.float64]:
    """Weights that nobody reads: stored zeros are edges too, and untouched memory costs nothing."""
    return np.zeros(len(edges))


def _breadth_first(neighbours: Ids, starts: Ids, roots: Ids) -> tuple[Ids, Ids]:
    """Nodes in breadth-first order from `roots`, and the position of each one's parent."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    above = len(starts) - 1
    # One more node above all roots turns the forest into a tree for a single search.
    edges = np.concatenate([neighbours, roots])
    rows = np.append(starts, np.int32(len(edges)))
    graph = csr_array((_weights(edges), edges, rows), shape=(above + 1, above + 1))
    order, predecessor = breadth_first_order(graph, above, directed=True)
    order = order[1:].astype(np.int32)
    position = np.full(above + 1, -1, dtype=np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    return order, position[predecessor[order]]


def _level_starts(parent: Ids) -> tuple[int, ...]:
    starts = [0]
    end = int(np.searchsorted(parent, np.int32(0)))
    while end > starts[-1]:
        starts.append(end)
        # Parents ascend along the order: a level ends where the first child of the next stands.
        end = int(np.searchsorted(parent, np.int32(end)))
    return tuple(starts)
