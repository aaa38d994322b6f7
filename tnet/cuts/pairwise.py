"""`pairwise_min_cuts`: how strongly any two inputs can be correlated, all others free."""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.min_cut import min_cut
from tnet.network.groups import Ids, IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

Table = NDArray[np.float64]


def pairwise_min_cuts(network: TensorNetwork) -> Table:
    """Log2 of the least cut that parts each input from each other, all others on either side.

    Parameters
    ----------
    network : TensorNetwork
        Any network.

    Returns
    -------
    ndarray of float64, shape (N, N)
        Symmetric. Infinite on the diagonal, since nothing parts an input from itself; 0 between
        inputs that do not hang together.

    Notes
    -----
    This is the least of `min_cut` over the partitions that part the two, hence a bound on the
    Schmidt number across the best of them, not on any one. In a forest whose elements are read
    once, it is the least cost of an index on the path between the two, which are joined one by
    one in descending order of cost: O(N^2) time, and memory for two tables. Otherwise N - 1 maximum
    flows of Gusfield's method [1]_, which takes any symmetric submodular cut function: least cuts
    that charge a hyperedge once, other inputs free, are one. That is meant for small N.

    References
    ----------
    .. [1] Gusfield. Very simple methods for all pairs network flow analysis. SIAM J. Comput. 19
       (1990) 143-155.

    Examples
    --------
    >>> import tnet
    >>> network = tnet.ConvNet(4, features=8, widths=(4, 2)).compile()
    >>> tnet.pairwise_min_cuts(network)
    array([[inf,  2.,  1.,  1.],
           [ 2., inf,  1.,  1.],
           [ 1.,  1., inf,  2.],
           [ 1.,  1.,  2., inf]])
    """
    read_once = len(np.unique(network.input_modes)) == len(network.input_modes)
    if network.forest is not None and read_once:
        return _by_merging(network)
    return _by_flows(network)


def _by_merging(network: TensorNetwork) -> Table:
    """Join by indices in descending cost; a pair gets the cost of the index that joins it."""
    n_modes, n_tensors = network.n_modes, network.n_tensors
    groups, group_of = network.index_groups, network.group_of_index
    costs = [group.dim**group.multiplicity for group in groups]
    ranks = {cost: rank for rank, cost in enumerate(sorted(set(costs), reverse=True))}
    rank_of = np.array([ranks[cost] for cost in costs], dtype=np.int64)[group_of]
    is_output = np.zeros(network.n_indices, dtype=bool)
    is_output[network.outputs] = True
    mode_of = np.full(network.n_indices, -1)
    mode_of[network.inputs] = network.input_modes
    merged = _Merged(n_tensors, n_modes)
    for index in np.argsort(rank_of, kind="stable").tolist():
        if is_output[index]:
            continue
        ends = network.incidence.tensors_at(index).tolist()
        if mode_of[index] >= 0:
            ends.append(n_tensors + int(mode_of[index]))
        group = groups[group_of[index]]
        for end in ends[1:]:
            merged.join(ends[0], end, group.multiplicity * math.log2(group.dim))
    return merged.table()


class _Merged:
    """Sets of tensors and elements; the elements of a set are a chain, and joins append chains."""

    def __init__(self, n_tensors: int, n_modes: int) -> None:
        self._n_modes = n_modes
        self._above = list(range(n_tensors + n_modes))
        self._first = [-1] * n_tensors + list(range(n_modes))
        self._last = list(self._first)
        self._size = [0] * n_tensors + [1] * n_modes
        self._next = [-1] * n_modes
        self._joins: list[tuple[int, int, int, int, float]] = []

    def _root(self, node: int) -> int:
        above = self._above
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def join(self, one: int, other: int, log2: float) -> None:
        """Join the sets of two nodes at a cost."""
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        if self._size[one] < self._size[other]:
            one, other = other, one
        self._above[other] = one
        if self._size[other]:
            sizes = self._size[one], self._size[other]
            self._joins.append((self._first[one], self._first[other], *sizes, log2))
            self._next[self._last[one]] = self._first[other]
            self._last[one] = self._last[other]
            self._size[one] += self._size[other]

    def table(self) -> Table:
        """Fill a rectangle for each join, elements in the order of their chains, and sort back."""
        heads = [i for i, _ in enumerate(self._above) if self._root(i) == i and self._size[i]]
        order = []
        for head in heads:
            mode = self._first[head]
            while mode >= 0:
                order.append(mode)
                mode = self._next[mode]
        place = np.empty(self._n_modes, dtype=np.int64)
        place[order] = np.arange(self._n_modes)
        chained = np.zeros((self._n_modes, self._n_modes))
        for first, second, n_first, n_second, log2 in self._joins:
            rows = slice(place[first], place[first] + n_first)
            columns = slice(place[second], place[second] + n_second)
            chained[rows, columns] = log2
            chained[columns, rows] = log2
        np.fill_diagonal(chained, np.inf)
        table = chained[place]
        return np.take(table, place, axis=1, out=chained, mode="clip")


def _by_flows(network: TensorNetwork) -> Table:
    """Gusfield: every element's least cut from its neighbour in a tree that is mended as it grows.

    The least cost on the path between two elements of the tree is their least cut.
    """
    n_modes = network.n_modes
    neighbour = np.zeros(n_modes, dtype=np.int64)
    table = np.zeros((n_modes, n_modes))
    np.fill_diagonal(table, np.inf)
    for mode in range(1, n_modes):
        target = int(neighbour[mode])
        log2, on_side = _least_between(network, mode, target)
        later = np.arange(mode + 1, n_modes)
        neighbour[later[on_side[later] & (neighbour[later] == target)]] = mode
        table[mode, :mode] = np.minimum(table[target, :mode], log2)
        table[:mode, mode] = table[mode, :mode]
    return table


def _least_between(network: TensorNetwork, one: int, other: int) -> tuple[float, NDArray[np.bool_]]:
    """Least cut between two elements, and the elements on the side of the first."""
    freed, holders = _with_others_free(network, one, other)
    cut = min_cut(freed, np.array([True, False]), method="flow")
    return cut.log2, cut.tensors_on_a[holders]


def _with_others_free(network: TensorNetwork, one: int, other: int) -> tuple[TensorNetwork, Ids]:
    """Network whose inputs are two elements, each element held by a tensor of its own.

    The tensor of an element names all of its readings, so that they are on one side, at no cost.
    """
    fixed = np.zeros(network.n_modes, dtype=bool)
    fixed[[one, other]] = True
    is_terminal = np.zeros(network.n_indices, dtype=bool)
    is_terminal[network.inputs[fixed[network.input_modes]]] = True
    index_groups: list[IndexGroup] = []
    new_id = np.empty(network.n_indices, dtype=np.int32)
    start = 0
    for number, group in enumerate(network.index_groups):
        for terminal in (False, True):
            ids = np.nonzero((network.group_of_index == number) & (is_terminal == terminal))[0]
            if not len(ids):
                continue
            free = "inner" if group.role == "input" else group.role
            role = "input" if terminal else free
            name = f"i{len(index_groups)}"
            index_groups.append(dataclasses.replace(group, name=name, count=len(ids), role=role))
            new_id[ids] = np.arange(start, start + len(ids))
            start += len(ids)
    tensor_groups = [
        dataclasses.replace(group, name=f"t{number}", indices=new_id[group.indices])
        for number, group in enumerate(network.tensor_groups)
    ]
    holders = [
        TensorGroup(f"element{mode}", new_id[network.inputs[network.input_modes == mode]][None])
        for mode in range(network.n_modes)
    ]
    terminals = network.inputs[is_terminal[network.inputs]]
    modes = network.input_modes[is_terminal[network.inputs]]
    freed = TensorNetwork(
        tuple(index_groups),
        (*tensor_groups, *holders),
        new_id[terminals],
        np.where(modes == one, 0, 1).astype(np.int32),
        new_id[network.outputs],
    )
    first = network.n_tensors
    return freed, np.arange(first, first + network.n_modes, dtype=np.int32)
