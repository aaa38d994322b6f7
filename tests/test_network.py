"""The model: invariants, names, views, printing, equality, forests, parameters."""

import copy
import math
import pickle

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import einsum_coefficients
from strategies import examples, forests, networks

import tnet
from tnet import IndexGroup, TensorGroup, TensorNetwork
from tnet.errors import UnknownNameError


def rebuilt(network, **changes):
    """The network made again from its fields, some of them changed."""
    fields = ("index_groups", "tensor_groups", "inputs", "input_modes", "outputs", "input_shape")
    return TensorNetwork(**{field: getattr(network, field) for field in fields} | changes)


# --- invariants ----------------------------------------------------------------------------------


@examples(100)
@given(networks(operators=True))
def test_columns_count_what_they_hold(network):
    assert network.n_indices == len(network.indices) == len(network.index_names)
    assert network.n_tensors == len(network.tensors) == len(network.tensor_names)
    assert network.n_modes == math.prod(network.input_shape) == len(set(network.input_modes))
    roles = [index.role for index in network.indices]
    assert sorted(network.inputs) == [i for i, role in enumerate(roles) if role == "input"]
    assert sorted(network.outputs) == [i for i, role in enumerate(roles) if role == "output"]
    named = {name for tensor in network.tensors for name in tensor.indices}
    assert named == set(network.index_names)


@examples(100)
@given(networks())
def test_incidence_lists_every_pair_once_both_ways(network):
    incidence = network.incidence
    pairs = {(t, i) for t, row in enumerate(network.to_einsum()[0]) for i in row}
    found = list(zip(incidence.tensor_of.tolist(), incidence.index_of.tolist(), strict=True))
    assert len(found) == len(pairs)
    assert set(found) == pairs
    for index in range(network.n_indices):
        assert incidence.tensors_at(index).tolist() == sorted(t for t, i in pairs if i == index)
        assert incidence.degrees()[index] == len(incidence.tensors_at(index))


def arrays_of(network):
    yield from (network.inputs, network.input_modes, network.outputs, network.group_of_index)
    yield from (group.indices for group in network.tensor_groups)
    incidence = network.incidence
    yield from (incidence.tensor_of, incidence.index_of, incidence.tensor_start)
    yield from (incidence.by_index, incidence.index_start)
    yield from (network.forest.order, network.forest.parent, network.index_names.starts)


@pytest.mark.parametrize(
    "made",
    [
        lambda network: network,
        lambda network: pickle.loads(pickle.dumps(network)),
        copy.copy,
        copy.deepcopy,
        rebuilt,
    ],
    ids=["compiled", "unpickled", "copied", "deep copy", "rebuilt"],
)
def test_every_array_is_read_only(made):
    network = made(tnet.ConvNet(4, features=2, widths=(3, 5), outputs=2).compile())
    for array in arrays_of(network):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_network_keeps_no_handle_on_the_arrays_it_was_given():
    rows = np.array([[0, 1]])
    inputs = np.array([0])
    network = TensorNetwork(
        (IndexGroup("a", 2, role="input"), IndexGroup("b", 3)), (TensorGroup("t", rows),), inputs
    )
    rows[0, 0], inputs[0] = 1, 1
    assert network.tensors[0].indices == ("a", "b")
    assert network.inputs.tolist() == [0]


def test_fields_of_groups_are_plain_python_values_whatever_was_given():
    group = TensorGroup("t", [[0]], np.bool_(True), "p", np.int64(3), "product", np.int32(0))
    assert [type(v) for v in (group.shared, group.layer, group.root_axis)] == [bool, int, int]
    assert type(IndexGroup("a", np.int64(3), np.int8(2)).dim) is int


# --- equality ------------------------------------------------------------------------------------


@examples(60)
@given(networks(operators=True))
def test_equal_networks_hash_alike_and_survive_pickling_and_copying(network):
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network), rebuilt(network)):
        assert other == network
        assert hash(other) == hash(network)
        assert other is not network
        assert repr(other) == repr(network)


def one_tensor(**changes):
    index = {"name": "a", "dim": 4, "count": 2, "role": "input"}
    tensor = {"name": "t", "indices": [[0], [1]], "layer": 0}
    for key, value in changes.items():
        kind, field = key.split("_", 1)
        (index if kind == "index" else tensor)[field] = value
    return TensorNetwork((IndexGroup(**index),), (TensorGroup(**tensor),))


@pytest.mark.parametrize(
    "change",
    [
        {"index_name": "b"},
        {"index_dim": 5},
        {"index_role": "inner"},
        {"index_operator": "max"},
        {"index_multiplicity": 2},
        {"tensor_name": "u"},
        {"tensor_indices": [[1], [0]]},
        {"tensor_indices": [[0, 1]]},
        {"tensor_shared": True},
        {"tensor_parameter": "p"},
        {"tensor_layer": 1},
        {"tensor_operator": "sum"},
        {"tensor_root_axis": 0},
    ],
)
def test_a_change_of_any_field_makes_another_network(change):
    assert one_tensor(**change) != one_tensor()
    assert one_tensor(**change) == one_tensor(**change)


def test_order_modes_and_shape_of_the_inputs_are_part_of_a_network():
    network = tnet.from_einsum("abcd->abcd", (2, 2, 2, 2))
    assert rebuilt(network, inputs=[1, 0, 2, 3]) != network
    assert rebuilt(network, input_modes=[1, 0, 2, 3]) != network
    assert rebuilt(network, input_shape=(2, 2)) != network
    assert network != "a network"


# --- names and views -----------------------------------------------------------------------------


@examples(60)
@given(networks())
def test_names_lead_back_to_their_ids(network):
    for id_, name in enumerate(network.tensor_names):
        assert network.tensor_names.find(name) == id_
        assert network.tensors[name] == network.tensors[id_]
        assert network.tensors[id_ - network.n_tensors].id == id_
    for id_, name in enumerate(network.index_names):
        assert network.index_names.find(name) == id_
        assert network.indices[name].dim == network.dim_of(id_)


def test_rows_are_numbered_and_a_group_of_one_answers_to_both_names():
    network = tnet.ConvNet(16, features=3, widths=(2, 4, 5, 7)).compile()
    tensor = network.tensors["conv1[5]"]
    assert (tensor.name, tensor.group, tensor.id) == ("conv1[5]", "conv1", 16 + 5)
    assert tensor.indices == ("r0[5]", "r1[2]")
    assert tensor.dims == (2, 4)
    assert network.tensors["out"] == network.tensors["out[0]"]
    assert network.tensors["out"].name == "out"
    assert [t.name for t in network.tensors[-2:]] == ["conv3[1]", "out"]
    assert network.indices[:2] == (network.indices["x[0]"], network.indices["x[1]"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conv1", r"group 'conv1' has rows conv1\[0\] to conv1\[3\]"),
        ("conv1[4]", r"has rows conv1\[0\] to conv1\[3\]"),
        ("conv1[-1]", r"has rows conv1\[0\] to conv1\[3\]"),
        ("conv1[1", r"has rows"),
        ("conv1[]", r"has rows"),
        ("conv9", r"no tensor is called 'conv9'; the groups are conv0, conv1, conv2, out"),
        ("", r"no tensor is called ''"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(name, message):
    network = tnet.ConvNet(8, features=3, widths=(2, 4, 5)).compile()
    with pytest.raises(UnknownNameError, match=message) as caught:
        network.tensors[name]
    assert isinstance(caught.value, LookupError)
    with pytest.raises(IndexError):
        network.tensors[network.n_tensors]


def test_a_small_network_prints_all_its_groups():
    builder = tnet.NetworkBuilder()
    builder.indices("x", 2, 3, role="input", modes=[0, 0])
    builder.index("h", 4, operator="max", multiplicity=2)
    builder.indices("y", 1, 5, role="output")
    builder.tensors("A", [[0, 2], [1, 2]], shared=True, parameter="W")
    builder.tensor("B", ["h", "y"], operator="max", root_axis=1)
    builder.tensor("s", [])
    assert repr(builder.build()).splitlines() == [
        "TensorNetwork: 1 input read 2 times, 4 tensors, 4 indices, forest, max",
        "  indices  x       2 of dim 3  input",
        "           h       dim 4  max multiplicity 2",
        "           y       dim 5  output",
        "  tensors  A       2 of 3x4  shared parameter W",
        "           B       4x5  max",
        "           s       scalar",
    ]


def test_a_network_of_a_million_inputs_prints_a_line_per_group_and_folds_the_rest():
    network = tnet.ConvNet((1024, 1024), features=4, widths=(4,) * 10).compile()
    lines = repr(network).splitlines()
    assert lines[0].startswith("TensorNetwork: 1,048,576 inputs (1024x1024), ")
    assert len(lines) < 32
    deep = tnet.ConvNet(2**20, features=4, widths=(4,) * 20).compile()
    assert "... and 7 more groups" in repr(deep)
    assert len(repr(deep).splitlines()) == 1 + 2 * 15


def test_a_network_with_loops_says_so():
    assert "with loops" in repr(tnet.from_einsum("ab,ab->", (2, 2), (2, 2)))


# --- builder -------------------------------------------------------------------------------------


def test_a_builder_gives_ids_in_order_and_goes_on_after_building():
    builder = tnet.NetworkBuilder()
    assert builder.index("a", 2, role="input") == 0
    assert builder.indices("b", 3, 2, role="input").tolist() == [1, 2, 3]
    builder.tensor("T", ["a", "b[0]", 2, np.int32(3)])
    first = builder.build()
    assert builder.index("c", 5, role="output") == 4
    builder.tensor("U", ["a", "c"])
    second = builder.build()
    assert (first.n_tensors, second.n_tensors) == (1, 2)
    assert first.input_modes.tolist() == [0, 1, 2, 3]
    assert second.outputs.tolist() == [4]


def test_inputs_number_the_modes_in_order_of_declaration_unless_told():
    builder = tnet.NetworkBuilder()
    builder.indices("late", 2, 2, role="input", modes=[2, 3])
    builder.index("early", 2, role="input", mode=0)
    builder.index("next", 2, role="input")
    builder.index("gap", 2, role="input", mode=1)
    builder.tensor("T", ["late[0]", "late[1]", "early", "next", "gap"])
    assert builder.build().input_modes.tolist() == [2, 3, 0, 4, 1]


def test_a_bare_tensor_is_shared_and_many_are_not_unless_told():
    builder = tnet.NetworkBuilder()
    ids = builder.indices("a", 2, 3, role="input")
    builder.tensor("T", ids)
    builder.tensors("U", ids[:, None])
    network = builder.build()
    assert {g.name: network.parameter_shape(g) for g in network.tensor_groups} == {
        "T": (3, 3),
        "U": (2, 3),
    }


# --- forests -------------------------------------------------------------------------------------


def bipartite_graph(network):
    """Tensors and indices other than outputs; a diagonal is one edge."""
    outputs = set(network.outputs.tolist())
    graph = nx.Graph()
    graph.add_nodes_from(range(network.n_tensors))
    for tensor, row in enumerate(network.to_einsum()[0]):
        graph.add_edges_from((tensor, network.n_tensors + i) for i in row if i not in outputs)
    return graph


def assert_rooted(network, forest):
    graph = bipartite_graph(network)
    order, parent, starts = forest.order.tolist(), forest.parent.tolist(), forest.level_start
    assert sorted(order) == sorted(graph)
    assert starts[0] == 0
    assert starts[-1] == len(order)
    assert forest.n_roots == nx.number_connected_components(graph)
    edges = {frozenset((order[p], order[k])) for k, p in enumerate(parent) if p >= 0}
    assert edges == {frozenset(edge) for edge in graph.edges}
    for depth in range(forest.n_levels):
        here = forest.level(depth)
        assert here.stop > here.start
        above = forest.level(depth - 1) if depth else slice(-1, 0)
        for position in range(here.start, here.stop):
            assert above.start <= parent[position] < above.stop
            assert (order[position] < network.n_tensors) == (depth % 2 == 0)
        assert parent[here] == sorted(parent[here])


@examples(150)
@given(networks(operators=True))
def test_a_forest_is_found_exactly_where_networkx_finds_one(network):
    assert (network.forest is not None) == nx.is_forest(bipartite_graph(network))
    if network.forest is not None:
        assert_rooted(network, network.forest)


@examples(50)
@given(forests(max_tensors=80))
def test_a_random_forest_is_rooted_level_by_level(network):
    assert_rooted(network, network.forest)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_compiled_network_is_rooted_at_its_output(outputs):
    network = tnet.ConvNet(8, features=2, widths=(3, 4, 5), outputs=outputs).compile()
    forest = network.forest
    assert network.tensor_names[int(forest.order[0])] == "out"
    assert [forest.level(d).stop - forest.level(d).start for d in range(forest.n_levels)] == [
        *(1, 1, 2, 2, 4, 4, 8, 8)
    ]
    assert_rooted(network, forest)


def test_a_forest_with_two_tops_in_one_tree_and_none_in_another_is_still_a_forest():
    builder = tnet.NetworkBuilder()
    builder.index("a", 2, role="input")
    builder.index("b", 2, role="input")
    builder.tensor("leads to the root", ["a"], root_axis=0)
    builder.tensor("one top", ["b"])
    builder.tensor("another top", ["b"])
    network = builder.build()
    assert_rooted(network, network.forest)


def test_an_output_connects_nothing():
    network = tnet.from_einsum("ay,ay->a", (2, 3), (2, 3))
    assert network.forest is None
    builder = tnet.NetworkBuilder()
    builder.index("a", 2, role="input")
    builder.index("y", 3, role="output")
    builder.tensor("T", ["a", "y"])
    builder.tensor("U", ["a", "y"])
    assert builder.build().forest is not None


def test_a_diagonal_is_no_loop():
    assert tnet.from_einsum("aab->b", (2, 2, 3)).forest is not None


# --- parameters ----------------------------------------------------------------------------------


def test_random_parameters_have_the_variance_that_keeps_signals_level():
    spec = tnet.ConvNet(64, features=9, widths=(16, 25, 4, 4, 4, 4))
    network = spec.compile()
    drawn = tnet.random_parameters(network, seed=3)
    for name, fan_in in {"conv0": 9, "conv1": 16, "conv2": 25}.items():
        scaled = drawn[name] * math.sqrt(fan_in)
        assert abs(scaled.mean()) < 5 / math.sqrt(scaled.size)
        assert abs(scaled.var() - 1) < 8 / math.sqrt(scaled.size)
    assert drawn["conv0"].shape == (64, 9, 16)
    assert drawn["out"].shape == (4,)


def test_random_parameters_are_fixed_by_their_seed():
    network = tnet.ConvNet(8, features=3, widths=(2, 4, 5)).compile()
    first, again, other = (tnet.random_parameters(network, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)
    flat = np.concatenate([array.ravel() for array in first.values()])
    assert len(np.unique(flat)) == flat.size


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_random_parameters_have_the_dtype_asked_for_and_one_variance(dtype):
    network = tnet.ConvNet(256, features=4, widths=(16,), pooling="global").compile()
    values = tnet.random_parameters(network, dtype=dtype)["conv0"]
    assert values.dtype == dtype
    assert np.mean(np.abs(values) ** 2) == pytest.approx(1 / 4, rel=0.05)
    if values.dtype.kind == "c":
        assert np.var(values.imag) == pytest.approx(1 / 8, rel=0.05)


def test_groups_of_one_parameter_and_shared_groups_take_one_array():
    builder = tnet.NetworkBuilder()
    a, b = builder.indices("a", 2, 3, role="input"), builder.indices("b", 2, 3, role="input")
    builder.tensors("T", a[:, None], shared=True, parameter="W")
    builder.tensors("U", b[:, None], shared=True, parameter="W")
    network = builder.build()
    assert {k: v.shape for k, v in tnet.random_parameters(network).items()} == {"W": (3,)}
    assert network.n_parameters == 3


@examples(60)
@given(networks())
def test_n_parameters_counts_the_scalars_of_the_arrays(network):
    drawn = tnet.random_parameters(network)
    assert network.n_parameters == sum(array.size for array in drawn.values())


# --- einsum --------------------------------------------------------------------------------------


@st.composite
def equations(draw):
    alphabet = draw(st.sampled_from(["abcd", "aBcZ", "αβγδ", "\u0100\u4e00x\U0001f600"]))
    dims = {symbol: draw(st.integers(1, 3)) for symbol in alphabet}
    terms = draw(st.lists(st.text(st.sampled_from(alphabet), max_size=4), min_size=1, max_size=4))
    used = sorted(set("".join(terms)))
    kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
    return terms, "".join(kept), dims


@examples(150)
@given(equations(), st.booleans())
def test_a_network_read_from_an_equation_contracts_as_numpy_does(case, implicit):
    terms, output, dims = case
    equation = ",".join(terms) + ("" if implicit else "->" + output)
    shapes = [tuple(dims[symbol] for symbol in term) for term in terms]
    network = tnet.from_einsum(equation, *shapes)
    rng = np.random.default_rng(0)
    operands = [rng.standard_normal(shape) for shape in shapes]
    letters = {symbol: chr(ord("a") + rank) for rank, symbol in enumerate(sorted(dims))}
    expected = np.einsum("".join(letters.get(c, c) for c in equation), *operands)
    parameters = {f"t{number}": operand for number, operand in enumerate(operands)}
    np.testing.assert_allclose(einsum_coefficients(network, parameters), expected)
    assert tnet.from_einsum(equation, *operands) == network


def test_what_follows_the_arrow_are_the_inputs_in_that_order():
    network = tnet.from_einsum(" ab , bc -> c a ", (2, 3), (3, 5))
    assert [network.index_names[int(i)] for i in network.inputs] == ["c", "a"]
    assert [t.shared for t in network.tensors] == [True, True]
    assert network.to_einsum() == ([(0, 1), (1, 2)], (2, 0), {0: 2, 1: 3, 2: 5})


def test_a_hundred_indices_are_no_more_trouble_than_three():
    symbols = [chr(0x100 + k) for k in range(101)]
    terms = [symbols[k] + symbols[k + 1] for k in range(100)]
    equation = ",".join(terms) + f"->{symbols[0]}{symbols[-1]}"
    network = tnet.from_einsum(equation, *[(2, 2)] * 100)
    parameters = tnet.random_parameters(network)
    expected = np.linalg.multi_dot(list(parameters.values()))
    rows, output, sizes = network.to_einsum()
    assert (len(rows), len(output), len(sizes)) == (100, 2, 101)
    found = parameters["t0"]
    for k in range(1, 100):
        found = np.einsum(found, [0, 1], parameters[network.tensors[k].parameter], [1, 2], [0, 2])
    np.testing.assert_allclose(found, expected)
    assert tnet.min_cut(network, [0]).dimension == 2


def test_a_scalar_network_has_no_inputs_and_a_cut_of_one():
    network = tnet.from_einsum("->", ())
    assert (network.n_modes, network.n_tensors, network.to_einsum()) == (0, 1, ([()], (), {}))
    assert tnet.min_cut(network, []).dimension == 1


# --- plain graphs --------------------------------------------------------------------------------


def test_nodes_become_tensors_edges_bonds_and_open_legs_inputs():
    graph = nx.MultiGraph()
    graph.add_node("u", open=[3, 5])
    graph.add_node("v", open=7)
    graph.add_edge("u", "v", dim=2)
    graph.add_edge("u", "v", dim=11)
    graph.add_edge("v", "v", dim=4)
    graph.add_node("alone")
    network = tnet.from_graph(graph)
    tensors = {tensor.name: (tensor.indices, tensor.dims) for tensor in network.tensors}
    assert tensors == {
        "u": (("u.0", "u.1", "u-v", "u-v#2"), (3, 5, 2, 11)),
        "v": (("v.0", "u-v", "u-v#2", "v-v", "v-v"), (7, 2, 11, 4, 4)),
        "alone": ((), ()),
    }
    assert [network.index_names[int(i)] for i in network.inputs] == ["u.0", "u.1", "v.0"]
    assert tnet.min_cut(network, ["v.0"]).dimension == 7
    assert tnet.min_cut(network, ["u.0"]).dimension == 3


def test_a_grid_of_tensors_has_the_cut_of_its_columns():
    graph = nx.grid_2d_graph(4, 5)
    nx.set_edge_attributes(graph, 3, "bond")
    nx.set_node_attributes(graph, 1000, "legs")
    network = tnet.from_graph(graph, "bond", open_legs="legs")
    left = [f"({row}, {column}).0" for row in range(4) for column in range(2)]
    assert tnet.min_cut(network, left).dimension == 3**4
