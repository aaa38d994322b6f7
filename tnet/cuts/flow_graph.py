"""The graph whose least cut of arcs is the least cut of indices, and how it is contracted.

An index with two ends, counting a reading as an end on the terminal of its side, is one edge
between them, open both ways. An index with more is an arc from an in-node to an out-node, with
unbounded arcs from its tensors to the in-node and from the out-node to them, so that it is
charged once. Where it is read, a terminal is its in-node (side A) or its out-node (side B).
Outputs and indices of dim 1 cost nothing and are left out.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.crossing import Flags
from tnet.network.model import TensorNetwork

Nodes: TypeAlias = NDArray[np.int64]
Amounts: TypeAlias = NDArray[np.int64]

UNBOUNDED = -1
"""Stands for the index of an arc that no cut may take."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """One edge or arc per index, and the unbounded arcs of hyperedges.

    The nodes are the tensors by id, then the in- and out-nodes; the last two are the source
    (side A) and the sink (side B).

    Attributes
    ----------
    n_nodes : int
        How many nodes there are.
    tail, head : ndarray of int64, shape (n_links,)
        Ends of each link; nothing leads into the source or out of the sink.
    index : ndarray of int64, shape (n_links,)
        Id of the index; `UNBOUNDED` where there is none.
    both : ndarray of bool, shape (n_links,)
        Whether it is open from head to tail too.
    """

    n_nodes: int
    tail: Nodes
    head: Nodes
    index: NDArray[np.int64]
    both: Flags

    @classmethod
    def of(cls, network: TensorNetwork, side_a: Flags) -> "Links":
        """Translate `network`, its readings on side A tied to the source, the others to the sink.

        Nodes of hyperedges lie behind the tensors: first in-nodes, then out-nodes.
        """
        start = network.incidence.index_start.astype(np.int64)
        by_index = network.incidence.by_index.astype(np.int64)
        is_read = np.zeros(network.n_indices, dtype=bool)
        is_read[network.inputs] = True
        reads_a = np.zeros(network.n_indices, dtype=bool)
        reads_a[network.inputs] = side_a[network.input_modes]
        ends = np.diff(start) + is_read
        costs = [group.role != "output" and group.dim > 1 for group in network.index_groups]
        ends[~np.array(costs, dtype=bool)[network.group_of_index]] = 0

        edges, hyper = np.nonzero(ends == 2)[0], np.nonzero(ends > 2)[0]
        n_in = int((~reads_a[hyper]).sum())
        n_out = int((~is_read[hyper] | reads_a[hyper]).sum())
        source = network.n_tensors + n_in + n_out
        sink = source + 1
        entry, leave = (np.full(network.n_indices, node) for node in (source, sink))
        entry[hyper[~reads_a[hyper]]] = network.n_tensors + np.arange(n_in)
        leave[hyper[~is_read[hyper] | reads_a[hyper]]] = network.n_tensors + n_in + np.arange(n_out)

        first = by_index[start[edges]]
        other = by_index[np.minimum(start[edges] + 1, len(by_index) - 1)]
        tail = np.where(reads_a[edges], source, first)
        head = np.where(reads_a[edges], first, np.where(is_read[edges], sink, other))
        touched = np.repeat(np.arange(network.n_indices), np.diff(start))
        into = (ends[touched] > 2) & (entry[touched] != source)
        out_of = (ends[touched] > 2) & (leave[touched] != sink)
        unbounded = np.full(int(into.sum() + out_of.sum()), UNBOUNDED)
        return cls(
            sink + 1,
            np.concatenate([tail, entry[hyper], by_index[into], leave[touched[out_of]]]),
            np.concatenate([head, leave[hyper], entry[touched[into]], by_index[out_of]]),
            np.concatenate([edges, hyper, unbounded]),
            np.concatenate([~is_read[edges], np.zeros(len(hyper) + len(unbounded), dtype=bool)]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """What flow may still pass between pairs of nodes, both ways, in 64 bits.

    Attributes
    ----------
    n_nodes : int
        The last two are the source and the sink.
    tail, head : ndarray of int64, shape (n_pairs,)
        Distinct pairs, the lower node first.
    room : ndarray of int64, shape (2, n_pairs)
        Left from tail to head, and from head to tail.
    parts : ndarray of int64, shape (2, n_pairs)
        Number of indices whose rounded weights are in it.
    unbounded : ndarray of bool, shape (2, n_pairs)
        Never full.
    """

    n_nodes: int
    tail: Nodes
    head: Nodes
    room: Amounts
    parts: Amounts
    unbounded: Flags

    @classmethod
    def of(cls, links: Links, weights: Amounts) -> "Residual":
        """Start without flow; `weights` has one entry per index."""
        bounded = links.index != UNBOUNDED
        ahead = np.where(bounded, weights[links.index], 0)
        room = np.stack([ahead, ahead * links.both])
        parts = np.stack([bounded, links.both]).astype(np.int64)
        unbounded = np.stack([~bounded, np.zeros_like(bounded)])
        return _merged(links.n_nodes, links.tail, links.head, (room, parts, unbounded))

    @property
    def source(self) -> int:
        """Node of side A."""
        return self.n_nodes - 2

    @property
    def sink(self) -> int:
        """Node of side B."""
        return self.n_nodes - 1

    def after(self, flow: Amounts) -> "Residual":
        """Push `flow` from tails to heads; negative the other way."""
        room = np.where(self.unbounded, self.room, self.room + np.stack([-flow, flow]))
        return Residual(self.n_nodes, self.tail, self.head, room, self.parts, self.unbounded)

    def reached(self, passable: Flags, start: int, *, backwards: bool = False) -> Flags:
        """Nodes to which a path of passable arcs leads from `start`, or from which one leads to it.

        Parameters
        ----------
        passable : ndarray of bool, shape (2, n_pairs)
            Arcs that may be taken, from tail to head and from head to tail.
        start : int
            Counts as reached.
        backwards : bool
            Whether paths lead to `start`.

        Returns
        -------
        ndarray of bool, shape (n_nodes,)
        """
        from scipy.sparse.csgraph import breadth_first_order

        graph = self._digraph(passable[::-1] if backwards else passable)
        flags = np.zeros(self.n_nodes, dtype=bool)
        flags[breadth_first_order(graph, start, return_predecessors=False)] = True
        return flags

    def leaving(self, inside: Flags, amounts: Amounts) -> int:
        """Sum over arcs from nodes inside to nodes outside."""
        ahead = inside[self.tail] & ~inside[self.head]
        back = inside[self.head] & ~inside[self.tail]
        return int(amounts[0, ahead].sum() + amounts[1, back].sum())

    def contraction(self, whole: Flags) -> Nodes:
        """Number the nodes of the graph in which no arc in `whole` can be cut.

        Nodes that such arcs join both ways become one, those that they lead to from the source
        become the source, those from which they lead to the sink the sink.

        Parameters
        ----------
        whole : ndarray of bool, shape (2, n_pairs)
            Arcs that no cut of interest takes.

        Returns
        -------
        ndarray of int64, shape (n_nodes,)
            New number of every node; source and sink come last again.
        """
        from scipy.sparse.csgraph import connected_components

        _, label = connected_components(self._digraph(whole), directed=True, connection="strong")
        on_a = self.reached(whole, self.source)
        on_b = self.reached(whole, self.sink, backwards=True)
        free = ~(on_a | on_b)
        names, number = np.unique(label[free], return_inverse=True)
        merged = np.full(self.n_nodes, len(names))
        merged[free] = number
        merged[on_b] = len(names) + 1
        return merged

    def contracted(self, number: Nodes) -> "Residual":
        """Merge the nodes of one number; what leads from source to sink, all cuts share."""
        n_nodes = int(number[self.sink]) + 1
        tail, head = number[self.tail], number[self.head]
        kept = (tail != head) & (np.minimum(tail, head) != n_nodes - 2)
        columns = self.room[:, kept], self.parts[:, kept], self.unbounded[:, kept]
        return _merged(n_nodes, tail[kept], head[kept], columns)

    def _digraph(self, passable: Flags) -> Any:
        from scipy.sparse import csr_array

        tail = np.concatenate([self.tail[passable[0]], self.head[passable[1]]])
        head = np.concatenate([self.head[passable[0]], self.tail[passable[1]]])
        ones = np.ones(len(tail), dtype=np.int8)
        return csr_array((ones, (tail, head)), shape=(self.n_nodes, self.n_nodes))


def _merged(
    n_nodes: int, tail: Nodes, head: Nodes, columns: tuple[Amounts, Amounts, Flags]
) -> Residual:
    """Turn pairs so that the lower node comes first, and add up those that are alike."""
    turned = tail > head
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.argsort(low * n_nodes + high, kind="stable")
    low, high = low[order], high[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.nonzero(first)[0]
    room, parts, unbounded = (
        np.where(turned, column[::-1], column)[:, order] for column in columns
    )
    if not len(starts):
        return Residual(n_nodes, low, high, room, parts, unbounded)
    return Residual(
        n_nodes,
        low[starts],
        high[starts],
        np.add.reduceat(room, starts, axis=1),
        np.add.reduceat(parts, starts, axis=1),
        np.logical_or.reduceat(unbounded, starts, axis=1),
    )
