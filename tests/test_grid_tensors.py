"""Grid tensors against one evaluation per entry, coefficients and recursions written out."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PRIME, einsum_coefficients, modular_coefficients, modular_parameters
from strategies import examples, networks

import tnet
from tnet.errors import (
    FeatureError,
    MemoryLimitError,
    OperatorError,
    PartitionError,
    StructureError,
)
from tnet.expressiveness import grid_tensors
from tnet.expressiveness.grid_ranks import grid_coefficients, grid_rank
from tnet.expressiveness.grid_tensors import grid_tensor
from tnet.expressiveness.recurrent_grids import recurrent_grid
from tnet.expressiveness.representations import AffineNeurons, OneHot
from tnet.network.groups import OPERATORS


def by_entry(network, parameters, tables):
    """The grid entry by entry: one example at a time, features looked up in a plain loop."""
    sizes = [len(table) for table in tables]
    grid = {}
    for cell in itertools.product(*map(range, sizes)):
        features = [table[[row]] for table, row in zip(tables, cell, strict=True)]
        grid[cell] = tnet.evaluate(network, parameters, features)[0]
    first = np.asarray(next(iter(grid.values())))
    return np.array(list(grid.values())).reshape(*sizes, *first.shape)


SPECS = {
    "convnet": lambda op: tnet.ConvNet(4, features=2, widths=(3, 2), outputs=2, operator=op),
    "recurrent": lambda op: tnet.Recurrent(4, features=2, hidden=3, ranks=2, operator=op),
    "deep recurrent": lambda op: tnet.DeepRecurrent(3, features=2, hidden=2, layers=2, operator=op),
    "overlapping": lambda op: tnet.Overlapping(3, features=2, widths=(2, 2), kernel=2, operator=op),
    "dilated": lambda op: tnet.Dilated(4, features=2, widths=(3,), operator=op),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("kind", SPECS)
def test_a_grid_tensor_holds_every_evaluation(kind, operator):
    spec = SPECS[kind](operator)
    network = spec.compile()
    parameters = tnet.random_parameters(network, seed=1) | getattr(spec, "initial_state", {})
    matrix = np.random.default_rng(0).standard_normal((3, 2))
    found = grid_tensor(spec, parameters, matrix)
    expected = by_entry(network, parameters, [matrix] * network.n_modes)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found, grid_tensor(network, parameters, matrix))


@examples(40)
@given(networks(max_readings=4, multiplicities=False), st.integers(0, 2**32))
def test_a_grid_of_any_network_is_its_coefficients_on_the_features(network, seed):
    rng = np.random.default_rng(seed)
    dims = [0] * network.n_modes
    for reading, mode in zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True):
        dims[mode] = network.dim_of(reading)
    tables = [rng.standard_normal((int(rng.integers(1, 3)), dim)) for dim in dims]
    parameters = tnet.random_parameters(network)
    # One axis per reading, summed against the features of its element; one letter per element.
    letters = list(range(len(network.inputs)))
    places = [len(letters) + mode for mode in network.input_modes.tolist()]
    operands = [einsum_coefficients(network, parameters), letters]
    for letter, place, mode in zip(letters, places, network.input_modes.tolist(), strict=True):
        operands += [tables[mode], [place, letter]]
    ordered = [len(letters) + mode for mode in range(network.n_modes)]
    expected = np.einsum(*operands, ordered)
    found = grid_tensor(network, parameters, tables)
    outputs = len(network.outputs)
    np.testing.assert_allclose(found[(..., *[0] * outputs)], expected, rtol=1e-7, atol=1e-9)


def test_templates_go_through_the_functions():
    network = tnet.ConvNet(3, features=2, widths=(2,), window=3, operator="sum").compile()
    parameters = tnet.random_parameters(network)
    neurons = AffineNeurons([[1.0, 0.0], [2.0, -1.0]], [0.0, 0.5], "relu")
    templates = np.array([[0.0, 1.0], [2.0, 0.5], [1.0, -1.0]])
    rows = np.maximum(templates @ np.array([[1.0, 2.0], [0.0, -1.0]]) + [0.0, 0.5], 0)
    np.testing.assert_allclose(
        grid_tensor(network, parameters, templates, neurons),
        grid_tensor(network, parameters, rows),
    )
    symbols = grid_tensor(network, parameters, [1, 0], OneHot(2))
    np.testing.assert_array_equal(symbols, grid_tensor(network, parameters, np.eye(2)[::-1]))


@pytest.mark.parametrize("equation", ["ab,ab->", "ab,b->a", "ac,cb->ab"])
def test_a_network_without_inputs_has_one_value(equation):
    operands, outputs = equation.split("->")
    dims = {"a": 2, "b": 3, "c": 4}
    rng = np.random.default_rng(0)
    builder, arrays = tnet.NetworkBuilder(), {}
    for letter in sorted(set(operands) - {","}):
        builder.index(letter, dims[letter], role="output" if letter in outputs else "inner")
    for number, operand in enumerate(operands.split(",")):
        builder.tensor(f"t{number}", list(operand))
        arrays[f"t{number}"] = rng.integers(-5, 5, [dims[letter] for letter in operand])
    network = builder.build()
    expected = np.einsum(equation, *arrays.values())
    for templates in ([], np.eye(2)):
        found = grid_tensor(network, arrays, templates)
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found, expected)
    modular = grid_tensor(network, arrays, [], modulo=PRIME)
    np.testing.assert_array_equal(modular, expected % PRIME)
    with pytest.raises(FeatureError, match="1 arrays for 0 elements"):
        grid_tensor(network, arrays, [np.eye(2)])


def test_blocks_make_no_difference(monkeypatch):
    spec = tnet.ConvNet(6, features=2, widths=(3, 2), window=(2, 3), outputs=2, operator="norm")
    network = spec.compile()
    parameters = tnet.random_parameters(network)
    whole = grid_tensor(network, parameters, np.eye(2))
    sizes = []
    evaluate = grid_tensors.evaluate

    def watched(net, arrays, features, **options):
        sizes.append(len(features[0]))
        return evaluate(net, arrays, features, **options)

    monkeypatch.setattr(grid_tensors, "_BLOCK_BYTES", 4096)
    monkeypatch.setattr(grid_tensors, "evaluate", watched)
    np.testing.assert_allclose(grid_tensor(network, parameters, np.eye(2)), whole, rtol=1e-12)
    assert len(sizes) > 3
    assert sum(sizes) == 64


def test_elements_on_a_grid_have_sides_of_that_shape(capsys):
    network = tnet.ConvNet((2, 2), features=2, widths=(3,)).compile()
    parameters = tnet.random_parameters(network, dtype="complex128")
    grid = grid_tensor(network, parameters, np.eye(2), progress=True)
    assert grid.dtype == np.complex128
    np.testing.assert_allclose(grid, tnet.contract(network, parameters))
    assert "16/16" in capsys.readouterr().err
    side = tnet.partitions.left_right((2, 2))
    assert grid_rank(grid, side) == grid_rank(grid, [0, 2]) == 3


def test_a_mixed_spec_has_a_grid_too():
    trees = [tnet.Dilated(4, features=2, widths=(2,), dilations=d).tree for d in ((1, 2), (2, 1))]
    mixed = tnet.Mixed(*trees, features=2, width=4, operator="max")
    parameters = [tnet.random_parameters(net, seed=k) for k, net in enumerate(mixed.networks())]
    corners = np.array(list(itertools.product(np.eye(2), repeat=4)))
    expected = mixed.evaluate(parameters, corners).reshape(2, 2, 2, 2, 1)
    np.testing.assert_allclose(grid_tensor(mixed, parameters, np.eye(2)), expected)


def test_modulo_a_prime_entries_and_ranks_are_exact():
    network = tnet.ConvNet(4, features=3, widths=(4,), window=4, shared=True).compile()
    parameters = modular_parameters(network)
    grid = grid_tensor(network, parameters, np.eye(3, dtype=np.int64), modulo=PRIME)
    np.testing.assert_array_equal(grid, modular_coefficients(network, parameters))
    # Sym^2 of 3 features has dim 6, the cut of the hyperedge is 4.
    assert grid_rank(grid, [0, 2], modulo=PRIME) == 4


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_recurrent_grids_by_common_beginnings_are_grid_tensors(operator, shared, steps):
    spec = tnet.Recurrent(steps, features=3, hidden=2, ranks=4, shared=shared, operator=operator)
    parameters = tnet.random_parameters(spec.compile(), seed=2) | spec.initial_state
    matrix = np.random.default_rng(1).standard_normal((3, 3))
    np.testing.assert_allclose(
        recurrent_grid(spec, parameters, matrix),
        grid_tensor(spec, parameters, matrix),
        rtol=1e-9,
        atol=1e-12,
    )


def test_coefficients_come_back_from_the_grid():
    spec = tnet.ConvNet(4, features=3, widths=(2, 2), outputs=2)
    network = spec.compile()
    parameters = tnet.random_parameters(network)
    matrix = np.random.default_rng(0).standard_normal((3, 3))
    grid = grid_tensor(network, parameters, matrix)
    np.testing.assert_allclose(
        grid_coefficients(grid, matrix, elements=4),
        tnet.contract(network, parameters),
        atol=1e-10,
    )
    assert grid_rank(grid[..., 0], [0, 2]) == 4 == tnet.min_cut(network, [0, 2]).dimension


@pytest.mark.parametrize(
    ("m", "r", "t", "one", "two"),
    [(2, 2, 4, 2, 4), (3, 3, 4, 3, 9), (3, 3, 6, 3, 27), (4, 3, 6, 3, 30)],
)
def test_start_and_end_of_deep_recurrent_networks(m, r, t, one, two):
    templates = np.random.default_rng(5).integers(0, PRIME, (m, m))
    for layers, expected in ((1, one), (2, two)):
        network = tnet.DeepRecurrent(t, features=m, hidden=r, layers=layers).compile()
        parameters = modular_parameters(network, seed=3)
        grid = grid_tensor(network, parameters, templates, modulo=PRIME)
        assert grid_rank(grid, range(t // 2), modulo=PRIME) == expected
    assert two >= math.comb(min(m, r) + t // 2 - 1, t // 2)


NET = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
PARAMETERS = tnet.random_parameters(NET)
MIXED = tnet.Mixed(*[tnet.pooling.sequential(4)] * 2, features=2, width=2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: grid_tensor(NET, PARAMETERS, np.ones((2, 3))),
            FeatureError,
            r"element 0 have features of shape \(2, 3\); the element takes 2",
        ),
        (
            lambda: grid_tensor(NET, PARAMETERS, [np.eye(2)] * 3),
            FeatureError,
            "a list of 3 arrays for 4 elements",
        ),
        (
            lambda: grid_tensor(NET, PARAMETERS, np.ones((0, 2))),
            FeatureError,
            r"shape \(0, 2\)",
        ),
        (lambda: grid_tensor(NET, [PARAMETERS], np.eye(2)), FeatureError, "only a Mixed spec"),
        (lambda: grid_tensor(MIXED, PARAMETERS, np.eye(2)), FeatureError, "a pair of mappings"),
        (
            lambda: grid_tensor(MIXED, [PARAMETERS] * 2, np.eye(2), modulo=7),
            OperatorError,
            "leave modulo out",
        ),
        (
            lambda: grid_coefficients(np.ones((2, 2)), [[1.0, 2.0], [2.0, 4.0]]),
            FeatureError,
            "has rank 1 of 2",
        ),
        (
            lambda: grid_coefficients(np.ones((2, 3)), np.eye(2)),
            FeatureError,
            r"shape \(2, 3\); its first 2 axes must have length 2",
        ),
        (lambda: grid_coefficients(np.ones(2), np.ones((2, 3))), FeatureError, r"shape \(2, 3\)"),
        (lambda: grid_rank(np.ones((2, 2)), [2]), PartitionError, "mode 2"),
        (lambda: grid_rank(np.full((2, 2), np.nan), [1]), FeatureError, "not finite"),
    ],
)
def test_bad_grids_are_answered(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_grids_too_large_are_refused_with_their_size():
    wide = tnet.ConvNet(32, features=10, widths=(2,) * 5).compile()
    with pytest.raises(MemoryLimitError, match=r"a grid of 10\^32 = about 2\^106\.3 inputs takes"):
        grid_tensor(wide, tnet.random_parameters(wide), np.eye(10))
    many = tnet.ConvNet(65, features=1, widths=(1,), window=65).compile()
    with pytest.raises(StructureError, match=r"1\^65 = 1 inputs is an array of 65 axes"):
        grid_tensor(many, tnet.random_parameters(many), np.ones((1, 1)))
    spec = tnet.Recurrent(20, features=10, hidden=2, ranks=2)
    with pytest.raises(MemoryLimitError, match=r"10\^20"):
        recurrent_grid(spec, tnet.random_parameters(spec.compile()), np.eye(10))
