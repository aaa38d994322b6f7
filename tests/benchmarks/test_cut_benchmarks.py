"""Times of compiling and cutting; shown, never asserted."""

import math

import networkx as nx
import pytest
from timing import best_time

import tnet


def line(depth, dim=4):
    return tnet.ConvNet(2**depth, features=dim, widths=(dim,) * depth)


@pytest.fixture(scope="module")
def million():
    return line(20).compile()


def test_compile_a_million_inputs(benchmark):
    network = benchmark.pedantic(lambda: line(20).compile(), rounds=3)
    assert network.n_tensors == 2**21 - 1


@pytest.mark.parametrize("name", ["left_right", "odd_even", "random_balanced"])
def test_cut_a_million_inputs(benchmark, million, name):
    assert million.forest is not None
    side = getattr(tnet.partitions, name)(2**20)
    cut = benchmark.pedantic(lambda: tnet.min_cut(million, side), rounds=3)
    assert cut.factors


def flow_graph(network, side):
    """The hypergraph as networkx sees it: an arc per index, capacities in bits."""
    graph = nx.DiGraph()
    for index in network.indices:
        graph.add_edge(("in", index.id), ("out", index.id), capacity=math.log2(index.dim))
    for tensor, row in enumerate(network.to_einsum()[0]):
        for index in row:
            graph.add_edge(("out", index), tensor)
            graph.add_edge(tensor, ("in", index))
    for reading, on_a in zip(network.inputs.tolist(), side.tolist(), strict=True):
        graph.add_edge(*(("A", ("in", reading)) if on_a else (("out", reading), "B")))
    return graph


@pytest.mark.parametrize("depth", [6, 10])
def test_cut_beside_networkx(benchmark, capsys, depth):
    network = line(depth).compile()
    side = tnet.partitions.random_balanced(2**depth, seed=1)
    graph = flow_graph(network, side)
    (bits, _), slow = best_time(lambda: nx.minimum_cut(graph, "A", "B"), rounds=1)
    cut, first = best_time(lambda: tnet.min_cut(network, side), rounds=1)
    _, forest = best_time(lambda: tnet.min_cut(network, side), rounds=20)
    _, flow = best_time(lambda: tnet.min_cut(network, side, method="flow"), rounds=5)
    benchmark(tnet.min_cut, network, side)
    assert cut.log2 == pytest.approx(bits)
    with capsys.disabled():
        print(
            f"\nN={2**depth}: networkx {1e3 * slow:.1f} ms, first {1e3 * first:.2f} ms, "
            f"forest {1e3 * forest:.2f} ms ({slow / forest:.0f} times), "
            f"flow {1e3 * flow:.2f} ms ({slow / flow:.0f} times)"
        )
