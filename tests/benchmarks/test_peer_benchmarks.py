"""One cut beside general graph libraries, as a table of ratios; shown, never asserted.

N = 64 and 1,024; also 65,536 and 2^20 where benchmarks are enabled (``pytest --benchmark-enable``).
Building a graph is not counted, only solving it. Libraries that are not installed are left out.
"""

import importlib.util
import math
from functools import partial

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow
from timing import best_time

import tnet

UNITS = 2**20
LARGEST = {"networkx": 1024, "igraph": 65_536, "SciPy": 65_536, "OR-tools": 2**20, "tnet": 2**20}


def arcs(network, side):
    """Tails, heads and capacities: an arc per index, and unbounded ones to its tensors."""
    incidence, n_indices = network.incidence, network.n_indices
    tensor = incidence.tensor_of + 2 * n_indices
    source, sink = 2 * n_indices + network.n_tensors, 2 * n_indices + network.n_tensors + 1
    bits = [round(math.log2(group.dim) * UNITS) for group in network.index_groups]
    capacity = np.array(bits)[network.group_of_index]
    reads_a, reads_b = network.inputs[side], network.inputs[~side]
    every = np.arange(n_indices)
    parts = [
        (every, every + n_indices, capacity),
        (incidence.index_of + n_indices, tensor, capacity[incidence.index_of] + 1),
        (tensor, incidence.index_of, capacity[incidence.index_of] + 1),
        (np.full(len(reads_a), source), reads_a, capacity[reads_a] + 1),
        (reads_b + n_indices, np.full(len(reads_b), sink), capacity[reads_b] + 1),
    ]
    tails, heads, capacities = (np.concatenate(column) for column in zip(*parts, strict=True))
    return tails, heads, capacities, source, sink


def networkx_solver(tails, heads, capacities, source, sink):
    graph = nx.DiGraph()
    rows = zip(tails.tolist(), heads.tolist(), capacities.tolist(), strict=True)
    graph.add_weighted_edges_from(rows, weight="capacity")
    return lambda: nx.minimum_cut_value(graph, source, sink)


def scipy_solver(tails, heads, capacities, source, sink):
    data = capacities.astype(np.int32)
    ends = tails.astype(np.int32), heads.astype(np.int32)
    graph = csr_array((data, ends), shape=(sink + 1, sink + 1))
    return lambda: int(maximum_flow(graph, source, sink).flow[[source]].sum(dtype=np.int64))


def ortools_solver(tails, heads, capacities, source, sink):
    from ortools.graph.python import max_flow

    graph = max_flow.SimpleMaxFlow()
    graph.add_arcs_with_capacity(tails, heads, capacities)

    def solve():
        graph.solve(source, sink)
        return graph.optimal_flow()

    return solve


def igraph_solver(tails, heads, capacities, source, sink):
    import igraph

    graph = igraph.Graph(sink + 1, np.stack([tails, heads], axis=1).tolist(), directed=True)
    capacity = capacities.tolist()
    return lambda: graph.maxflow_value(source, sink, capacity)


PEERS = {
    "networkx": ("networkx", networkx_solver),
    "igraph": ("igraph", igraph_solver),
    "SciPy": ("scipy", scipy_solver),
    "OR-tools": ("ortools", ortools_solver),
}


def test_one_cut_beside_general_graph_libraries(benchmark, capsys):
    sizes = [64, 1024, 65_536, 2**20] if benchmark.enabled else [64, 1024]
    rows = []
    for size in sizes:
        depth = size.bit_length() - 1
        network = tnet.ConvNet(size, features=4, widths=(4, 8) * (depth // 2)).compile()
        side = tnet.partitions.random_balanced(size, seed=1)
        ask = partial(tnet.min_cut, network, side)
        cut, first = best_time(ask, rounds=1)
        ours = best_time(ask, seconds=1)[1]
        cells = [f"{size:>9,}  tnet {ours * 1e3:9.2f} ms (first {first * 1e3:.1f})"]
        graph = arcs(network, side)
        for name, (module, solver) in PEERS.items():
            if size > LARGEST[name] or importlib.util.find_spec(module) is None:
                continue
            value, seconds = best_time(solver(*graph), seconds=1)
            assert value / UNITS == pytest.approx(cut.log2)
            cells.append(f"{name} {seconds * 1e3:.2f} ms ({seconds / ours:.1f}x)")
        rows.append(", ".join(cells))
    benchmark.pedantic(ask, rounds=1)
    with capsys.disabled():
        print("\n" + "\n".join(rows))
