"""What a `ConvNet` compiles to: names, ids, shapes, counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import einsum_coefficients
from strategies import examples, mode_trees_with_side

import tnet
from tnet.network.groups import OPERATORS


def index_table(network):
    return {g.name: (g.count, g.dim, g.role) for g in network.index_groups}


def tensor_table(network):
    return {g.name: (g.count, network.group_dims(g)) for g in network.tensor_groups}


def test_a_line_with_outputs_has_the_names_ids_and_shapes_laid_down():
    network = tnet.ConvNet(8, features=3, widths=(2, 5, 7), outputs=10).compile()
    assert index_table(network) == {
        "x": (8, 3, "input"),
        "r0": (4, 2, "inner"),
        "r1": (2, 5, "inner"),
        "r2": (1, 7, "inner"),
        "y": (1, 10, "output"),
    }
    assert tensor_table(network) == {
        "conv0": (8, (3, 2)),
        "conv1": (4, (2, 5)),
        "conv2": (2, (5, 7)),
        "out": (1, (7, 10)),
    }
    rows = {group.name: group.indices.tolist() for group in network.tensor_groups}
    assert rows["conv0"] == [[mode, 8 + mode // 2] for mode in range(8)]
    assert rows["conv1"] == [[8 + k, 12 + k // 2] for k in range(4)]
    assert rows["conv2"] == [[12, 14], [13, 14]]
    assert rows["out"] == [[14, 15]]
    assert network.inputs.tolist() == network.input_modes.tolist() == list(range(8))
    assert network.outputs.tolist() == [15]
    layers = {group.name: (group.layer, group.root_axis) for group in network.tensor_groups}
    assert layers == {"conv0": (0, 1), "conv1": (1, 1), "conv2": (2, 1), "out": (3, 1)}


def test_without_outputs_there_is_no_y_and_out_is_a_vector():
    network = tnet.ConvNet(4, features=3, widths=(2, 5)).compile()
    assert "y" not in index_table(network)
    assert tensor_table(network)["out"] == (1, (5,))
    assert network.tensors["out"].root_axis is None
    assert len(network.outputs) == 0


@pytest.mark.parametrize("outputs", [1, 4])
def test_a_child_that_joins_from_lower_down_makes_a_group_of_its_own(outputs):
    tree = tnet.ModeTree.from_nested(((0, 1), 2))
    spec = tnet.ConvNet(3, features=11, widths=(2, 5), pooling=tree, outputs=outputs)
    network = spec.compile()
    out = (5,) if outputs == 1 else (5, 4)
    assert tensor_table(network) == {
        "conv0": (2, (11, 2)),
        "conv1": (1, (2, 5)),
        "conv1.from_x": (1, (11, 5)),
        "out": (1, out),
    }
    assert network.tensors["conv1.from_x"].indices == ("x[2]", "r1")
    assert network.tensors["conv1"].indices == ("r0", "r1")


def test_children_from_several_levels_are_told_apart():
    # Levels: (0, 1) is 0; ((0, 1), 2) is 1; the root joins levels 1, 0 and -1 at level 2.
    tree = tnet.ModeTree.from_nested((((0, 1), 2), (3, 4), 5))
    network = tnet.ConvNet(6, features=7, widths=(2, 3, 4), pooling=tree).compile()
    assert tensor_table(network) == {
        "conv0": (4, (7, 2)),
        "conv1": (1, (2, 3)),
        "conv1.from_x": (1, (7, 3)),
        "conv2": (1, (3, 4)),
        "conv2.from_r0": (1, (2, 4)),
        "conv2.from_x": (1, (7, 4)),
        "out": (1, (4,)),
    }
    assert network.tensors["conv2.from_r0"].indices == ("r0[1]", "r2")


def test_shared_weights_are_one_array_per_group():
    network = tnet.ConvNet(8, features=3, widths=(2, 3, 6), shared=True, outputs=10).compile()
    assert [group.shared for group in network.tensor_groups] == [True] * 4
    shapes = {k: v.shape for k, v in tnet.random_parameters(network).items()}
    assert shapes == {"conv0": (3, 2), "conv1": (2, 3), "conv2": (3, 6), "out": (6, 10)}
    unshared = tnet.ConvNet(8, features=3, widths=(2, 3, 6)).compile()
    assert [group.shared for group in unshared.tensor_groups] == [False, False, False, True]


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 8 * 3 * 2 + 4 * 2 * 5 + 2 * 5 * 7 + 7),
        ({"outputs": 10}, 8 * 3 * 2 + 4 * 2 * 5 + 2 * 5 * 7 + 70),
        ({"shared": True}, 3 * 2 + 2 * 5 + 5 * 7 + 7),
        ({"shared": True, "outputs": 10}, 3 * 2 + 2 * 5 + 5 * 7 + 70),
        ({"operator": "max"}, 8 * 3 * 2 + 4 * 2 * 5 + 2 * 5 * 7 + 7),
    ],
)
def test_n_parameters_counts_every_filter_bank_once(options, expected):
    spec = tnet.ConvNet(8, features=3, widths=(2, 5, 7), **options)
    assert spec.n_parameters == expected == spec.compile().n_parameters


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@examples(80)
@given(mode_trees_with_side(), st.booleans(), st.integers(1, 3), st.sampled_from(OPERATORS))
def test_any_mode_tree_compiles_to_a_forest_with_one_hyperedge_per_window(
    case, shared, outputs, operator
):
    tree, _ = case
    widths = tuple(range(2, 2 + tree.n_levels))
    network = tnet.ConvNet(
        tree.n_modes,
        features=7,
        widths=widths,
        pooling=tree,
        shared=shared,
        outputs=outputs,
        operator=operator,
    ).compile()
    n_nodes = len(tree.parent)
    assert network.n_indices == n_nodes + (outputs > 1)
    assert network.n_tensors == n_nodes
    assert network.forest.n_roots == 1
    assert network.operators == (operator,)
    # Every node but the root has one matrix, from its own index to that of its parent.
    rows = {
        tuple(row)
        for group in network.tensor_groups
        if group.name != "out"
        for row in group.indices.tolist()
    }
    assert rows == {(node, int(up)) for node, up in enumerate(tree.parent[:-1])}
    for node, level in enumerate(tree.level.tolist()):
        assert network.indices[node].dim == (7 if level < 0 else widths[level])
    assert sum(group.name.startswith("conv") for group in network.tensor_groups) == len(
        {(tree.level[node], tree.level[up]) for node, up in enumerate(tree.parent[:-1])}
    )


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_operator_stands_on_the_hyperedges(operator):
    network = tnet.ConvNet(4, features=3, widths=(2, 5), operator=operator, outputs=2).compile()
    operators = {group.name: group.operator for group in network.index_groups}
    assert operators == {"x": "product", "r0": operator, "r1": operator, "y": "product"}
    assert network.is_product == (operator == "product")
    assert {group.operator for group in network.tensor_groups} == {"product"}


def test_the_coefficients_are_those_of_the_layer_by_layer_recursion():
    spec = tnet.ConvNet(4, features=3, widths=(2, 5), outputs=2)
    network = spec.compile()
    p = tnet.random_parameters(network, seed=5)
    low = [np.einsum("ag,bg->abg", p["conv0"][k], p["conv0"][k + 1]) for k in (0, 2)]
    high = [np.einsum("abg,gh->abh", part, p["conv1"][k]) for k, part in enumerate(low)]
    expected = np.einsum("abh,cdh,h->abcd", *high, p["out"][:, 0])
    np.testing.assert_allclose(einsum_coefficients(network, p), expected)


@pytest.mark.parametrize(
    ("pooling", "same_as"),
    [
        ("square", lambda: tnet.pooling.square((4, 4))),
        ("sequential", lambda: tnet.pooling.sequential((4, 4))),
        ("mirror", lambda: tnet.pooling.mirror((4, 4))),
        ("global", lambda: tnet.pooling.global_((4, 4))),
        ("random", lambda: tnet.pooling.random((4, 4), seed=0)),
    ],
)
def test_a_pooling_by_name_is_that_of_the_geometry(pooling, same_as):
    tree = same_as()
    spec = tnet.ConvNet((4, 4), features=2, widths=(3,) * tree.n_levels, pooling=pooling)
    assert spec.tree == tree
    assert spec.compile().input_shape == (4, 4)


def test_specs_are_values():
    spec = tnet.ConvNet(8, features=3, widths=[2, 5, 7], window=[2, 2, 2])
    assert spec == tnet.ConvNet(8, features=3, widths=(2, 5, 7), window=(2, 2, 2))
    assert spec == tnet.ConvNet((8,), features=3, widths=np.array([2, 5, 7]), window=(2, 2, 2))
    assert spec == tnet.ConvNet(8, features=3, widths=(2, 5, 7), window=np.array([2, 2, 2]))
    assert hash(spec) == hash(tnet.ConvNet(8, features=3, widths=(2, 5, 7), window=(2, 2, 2)))
    assert spec != tnet.ConvNet(8, features=3, widths=(2, 5, 8), window=(2, 2, 2))
    assert spec.compile() == spec.compile()


def test_a_single_input_needs_a_window_of_one():
    tree = tnet.ModeTree.from_nested((0,))
    network = tnet.ConvNet(1, features=3, widths=(2,), pooling=tree).compile()
    assert tensor_table(network) == {"conv0": (1, (3, 2)), "out": (1, (2,))}


def test_a_million_inputs_compile_to_a_few_columns():
    depth = 20
    network = tnet.ConvNet(2**depth, features=4, widths=(4,) * depth).compile()
    assert network.n_tensors == 2 ** (depth + 1) - 1
    assert network.n_indices == 2 ** (depth + 1) - 1
    assert len(network.tensor_groups) == depth + 1
    assert network.n_parameters == 16 * (2 ** (depth + 1) - 2) + 4
    assert network.tensors[f"conv1[{2**19 - 1}]"].indices == (
        f"r0[{2**19 - 1}]",
        f"r1[{2**18 - 1}]",
    )


def test_a_photograph_compiles_with_windows_per_level():
    network = tnet.ConvNet((28, 28), features=2, widths=(4, 4, 4), window=(2, 2, 7)).compile()
    assert [group.count for group in network.tensor_groups] == [784, 196, 49, 1]
    assert math.prod(network.input_shape) == network.n_modes == 784
