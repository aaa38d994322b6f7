"""The libraries that find maximum flows: OR-tools where it is installed, else SciPy.

On 256 x 256 grids across which flow must travel far, OR-tools takes a tenth of SciPy's time;
elsewhere they are alike. Both lead to one cut, that around the source, and neither is believed:
`flow_scaling` checks what they return.
"""

from typing import Any

import numpy as np

from tnet.cuts.flow_graph import Amounts, Nodes
from tnet.errors import VerificationError

LARGEST_CAPACITY = 2**30 - 2
"""SciPy adds the capacities of an arc and its reverse in 32 bits and does not notice overflow."""

NEVER_FULL = LARGEST_CAPACITY + 1
"""Twice this still fits in 32 bits."""


def maximum_flow(n_nodes: int, tail: Nodes, head: Nodes, capacities: Amounts) -> Amounts:
    """Find a maximum flow between the last two nodes.

    Parameters
    ----------
    n_nodes : int
        The last two are the source and the sink.
    tail, head : ndarray of int64, shape (n_pairs,)
        Distinct pairs in ascending order, the lower node first.
    capacities : ndarray of int64, shape (2, n_pairs)
        From tail to head and back, at most `NEVER_FULL`.

    Returns
    -------
    ndarray of int64, shape (n_pairs,)
        Net flow from tail to head, not checked.
    """
    joins_source = (tail == n_nodes - 2) | (head == n_nodes - 2)
    if not joins_source.any() or not (head == n_nodes - 1).any():
        return np.zeros(len(tail), dtype=np.int64)
    try:
        from ortools.graph.python import max_flow
    except ImportError:
        return scipy_flow(n_nodes, tail, head, capacities)
    return ortools_flow(max_flow.SimpleMaxFlow(), n_nodes, tail, head, capacities)


def ortools_flow(
    solver: Any, n_nodes: int, tail: Nodes, head: Nodes, capacities: Amounts
) -> Amounts:
    """Push and relabel, in 64 bits; see `maximum_flow`."""
    arcs = solver.add_arcs_with_capacity(
        np.concatenate([tail, head]).astype(np.int32),
        np.concatenate([head, tail]).astype(np.int32),
        capacities.reshape(-1),
    )
    status = solver.solve(n_nodes - 2, n_nodes - 1)
    if status != solver.OPTIMAL:
        raise VerificationError(
            f"OR-tools finds no maximum flow but says {status}; report it with the network, and "
            "uninstall OR-tools to use SciPy instead"
        )
    ahead, back = np.asarray(solver.flows(arcs), dtype=np.int64).reshape(2, -1)
    flow: Amounts = ahead - back
    return flow


def scipy_flow(n_nodes: int, tail: Nodes, head: Nodes, capacities: Amounts) -> Amounts:
    """Dinic's algorithm, in 32 bits; see `maximum_flow`."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow as dinic

    rows = np.concatenate([tail, head]).astype(np.int32)
    columns = np.concatenate([head, tail]).astype(np.int32)
    values = capacities.reshape(-1).astype(np.int32)
    graph: Any = csr_array((values, (rows, columns)), shape=(n_nodes, n_nodes))
    found: Any = dinic(graph, n_nodes - 2, n_nodes - 1).flow.tocoo()
    ahead = found.row < found.col
    keys = found.row[ahead].astype(np.int64) * n_nodes + found.col[ahead]
    pairs = tail * n_nodes + head
    place = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
    known = pairs[place] == keys
    flow = np.zeros(len(tail), dtype=np.int64)
    flow[place[known]] = found.data[ahead][known]
    return flow
