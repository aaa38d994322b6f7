"""Plans run unchanged in opt_einsum and cotengra, and give there the numbers they give here."""

import networkx as nx
import numpy as np
import opt_einsum as oe
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import arrays_of_tensors
from strategies import examples, networks

import tnet


def positive(shape, seed):
    """Numbers around 1: their products neither cancel nor leave floating point."""
    return np.random.default_rng(seed).uniform(0.5, 1.5, size=shape)


def positive_parameters(network):
    """Entries around one over the largest dim, so that sums over that index stay around 1."""
    drawn = {}
    for number, group in enumerate(network.tensor_groups):
        largest = max(network.group_dims(group), default=1)
        drawn[group.parameter] = positive(network.parameter_shape(group), number) / largest
    return drawn


def positive_features(network, batch):
    """One array (B, d_i) for every element."""
    readings = zip(network.input_modes.tolist(), network.inputs.tolist(), strict=True)
    dims = {mode: network.dim_of(index) for mode, index in readings}
    return [positive((batch, dims[mode]), 1000 + mode) for mode in range(network.n_modes)]


def lattice(side, dim):
    """A square lattice without open legs."""
    graph = nx.grid_2d_graph(side, side)
    nx.set_edge_attributes(graph, dim, "dim")
    return tnet.from_graph(graph)


def regular_graph(n_tensors, *, dim=2, removed=0.0):
    """A random 3-regular graph with three open legs, less a share of its bonds."""
    graph = nx.random_regular_graph(3, n_tensors, seed=1)
    lost = np.random.default_rng(1).random(graph.number_of_edges()) < removed
    graph.remove_edges_from([edge for edge, gone in zip(graph.edges, lost, strict=True) if gone])
    nx.set_edge_attributes(graph, dim, "dim")
    for node in range(0, n_tensors, n_tensors // 2 - 1):
        graph.nodes[node]["open"] = 2
    return tnet.from_graph(graph)


def random_tree(n_tensors, dim=3):
    """Every tensor hangs on an earlier one; four tensors have an open leg."""
    generator = np.random.default_rng(n_tensors)
    graph = nx.Graph()
    graph.add_node(0)
    for tensor in range(1, n_tensors):
        below = [t for t in range(max(0, tensor - 30), tensor) if graph.degree(t) < 4]
        graph.add_edge(int(generator.choice(below)), tensor, dim=dim)
    for number in range(4):
        graph.nodes[number * n_tensors // 4]["open"] = 2
    return tnet.from_graph(graph)


def tensor_train(length, *, dim=3, bond=4, closed=False):
    """A chain of tensors that each read one element; closed, it is a ring and has a loop."""
    b = tnet.NetworkBuilder()
    x = b.indices("x", length, dim, role="input")
    bonds = b.indices("bond", length if closed else length - 1, bond)
    last = [bonds[-1]] if closed else []
    b.tensor("first", [*last, x[0], bonds[0]])
    middle = np.stack([bonds[: length - 2], x[1:-1], bonds[1 : length - 1]], axis=1)
    b.tensors("middle", middle)
    b.tensor("last", [bonds[length - 2], x[-1], *last])
    return b.build()


def hyperedges(n_modes, *, dim=3):
    """Windows that share an index with their neighbours, a loop by a wide index, two outputs."""
    b = tnet.NetworkBuilder()
    x = b.indices("x", n_modes, 2, role="input")
    h = b.indices("h", n_modes // 2, dim)
    b.index("all", 2)
    b.index("y", 4, role="output")
    b.index("z", 2, role="output")
    for k in range(n_modes):
        b.tensor(f"read{k}", [x[k], h[k // 2], h[min(k // 2 + k % 2, len(h) - 1)]])
    for k in range(0, n_modes // 2, 4):
        b.tensor(f"wide{k}", [h[k], "all"])
    b.tensor("out", ["all", h[-1], "y"])
    b.tensor("more", ["all", h[0], "z"])
    return b.build()


def line(inputs, **options):
    depth = inputs.bit_length() - 1
    return tnet.ConvNet(inputs, features=3, widths=(3,) * depth, **options).compile()


EVALUATED = {
    "tree of 7 tensors": line(4),
    "tree of 2,047 tensors": line(1024),
    "tree of 511 shared tensors, 10 outputs": line(256, shared=True, outputs=10),
    "mirrored grid": tnet.ConvNet((5, 7), features=3, widths=(2, 3, 2), pooling="mirror").compile(),
    "windows of 4 on a grid, 5 outputs": tnet.ConvNet(
        (16, 16), features=2, widths=(3, 3, 2, 2), outputs=5
    ).compile(),
    "tensor train": tensor_train(200),
    "ring": tensor_train(10, closed=True),
    "hyperedges with loops and two outputs": hyperedges(16),
}
CONTRACTED = {
    "tree of 2,000 tensors": random_tree(2000),
    "3-regular": regular_graph(40),
    "3-regular less a third, 300 tensors": regular_graph(300, removed=1 / 3),
    "lattice": lattice(6, 3),
    "tensor train": tensor_train(8),
    "ring": tensor_train(7, closed=True),
    "hyperedges with loops and two outputs": hyperedges(8),
    "tree, 3 outputs": line(8, outputs=3),
}


def operands_of(plan, parameters, features):
    """Arrays in the order of ``plan.inputs``, of plans that peers have the memory for."""
    assert plan.peak_bytes(batch=3) < 2**26
    read = [features[mode] for mode in plan.network.input_modes.tolist()] if features else []
    return arrays_of_tensors(plan.network, parameters) + read


def interleaved(plan, arrays):
    """What opt_einsum takes for a plan: arrays and index ids by turns."""
    pairs = zip(arrays, map(list, plan.inputs), strict=True)
    return [*(part for pair in pairs for part in pair), list(plan.output)]


def by_opt_einsum(plan, arrays):
    return oe.contract(*interleaved(plan, arrays), optimize=plan.path)


def by_cotengra(plan, arrays):
    cotengra = pytest.importorskip("cotengra")
    return cotengra.array_contract(arrays, plan.inputs, plan.output, optimize=plan.path)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("network", EVALUATED.values(), ids=EVALUATED.keys())
def test_an_evaluation_runs_in_opt_einsum(network, batch):
    plan, parameters = tnet.plan(network), positive_parameters(network)
    features = positive_features(network, batch)
    found = tnet.evaluate(network, parameters, features)
    expected = by_opt_einsum(plan, operands_of(plan, parameters, features))
    assert np.abs(expected).min() > 0
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_array_equal(tnet.evaluate(network, parameters, features, plan=plan), found)


@pytest.mark.parametrize("network", EVALUATED.values(), ids=EVALUATED.keys())
def test_an_evaluation_runs_in_cotengra(network):
    plan, parameters = tnet.plan(network), positive_parameters(network)
    features = positive_features(network, 3)
    expected = by_cotengra(plan, operands_of(plan, parameters, features))
    found = tnet.evaluate(network, parameters, features)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("network", CONTRACTED.values(), ids=CONTRACTED.keys())
def test_a_contraction_runs_in_opt_einsum_and_cotengra(network):
    plan, parameters = tnet.plan(network, task="contract"), positive_parameters(network)
    arrays = operands_of(plan, parameters, [])
    found = tnet.contract(network, parameters)
    expected = by_opt_einsum(plan, arrays)
    assert np.abs(expected).min() > 0
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_allclose(by_cotengra(plan, arrays), expected, rtol=1e-10)


@pytest.mark.parametrize("optimize", ["greedy", "auto", "eager"])
@pytest.mark.parametrize(
    "network", [lattice(4, 2), tensor_train(6, closed=True)], ids=["lattice", "ring"]
)
def test_named_optimizers_run_in_opt_einsum(network, optimize):
    plan = tnet.plan(network, task="contract", optimize=optimize)
    parameters = positive_parameters(network)
    expected = by_opt_einsum(plan, operands_of(plan, parameters, []))
    np.testing.assert_allclose(tnet.contract(network, parameters, plan=plan), expected)


@pytest.mark.parametrize("network", [line(16), tensor_train(9, closed=True)], ids=["tree", "ring"])
def test_a_path_of_a_peer_runs_here(network):
    plan = tnet.plan(network)
    parameters, features = positive_parameters(network), positive_features(network, 2)
    arrays = operands_of(plan, parameters, features)
    path = oe.contract_path(*interleaved(plan, arrays), optimize="greedy")[0]
    theirs = tnet.plan(network, optimize=path)
    assert theirs.path == tuple(map(tuple, path))
    found = tnet.evaluate(network, parameters, features, plan=theirs)
    np.testing.assert_allclose(found, tnet.evaluate(network, parameters, features))


@pytest.mark.parametrize("name", ["3-regular", "lattice", "ring", "tree, 3 outputs"])
def test_flops_and_largest_intermediate_are_those_opt_einsum_counts_for_the_path(name):
    network = CONTRACTED[name]
    plan, parameters = tnet.plan(network, task="contract"), positive_parameters(network)
    operands = interleaved(plan, operands_of(plan, parameters, []))
    info = oe.contract_path(*operands, optimize=plan.path)[1]
    assert plan.flops == int(info.opt_cost)
    assert plan.largest_intermediate == int(info.largest_intermediate)


@examples(100)
@given(networks(multiplicities=False), st.integers(1, 3))
def test_random_networks_in_opt_einsum(network, batch):
    parameters, features = positive_parameters(network), positive_features(network, batch)
    plan = tnet.plan(network)
    found = tnet.evaluate(network, parameters, features)
    expected = by_opt_einsum(plan, operands_of(plan, parameters, features))
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    plan = tnet.plan(network, task="contract")
    expected = by_opt_einsum(plan, operands_of(plan, parameters, []))
    np.testing.assert_allclose(tnet.contract(network, parameters), expected, rtol=1e-10)
