"""Separation ranks seen on points, against dense matricizations and functions of known rank."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import dense_rank
from strategies import examples, mode_trees_with_side

import tnet
from tnet.contraction import memory
from tnet.entanglement.separation_rank import separation_rank
from tnet.errors import FeatureError, FunctionError, MemoryLimitError, PartitionError


def points(seed, n, *shape):
    return np.random.default_rng(seed).normal(size=(n, *shape))


def powers(x):
    """Three representation functions of every element: 1, x, x^2."""
    return np.stack([np.ones_like(x), x, x**2], axis=-1)


@examples(40)
@given(mode_trees_with_side(max_modes=5), st.integers(0, 2**31), st.integers(1, 2))
def test_product_networks_show_their_exact_rank(case, seed, outputs):
    tree, side = case
    widths = np.random.default_rng(seed).integers(1, 4, size=tree.n_levels).tolist()
    spec = tnet.ConvNet(tree.n_modes, features=3, widths=widths, pooling=tree, outputs=outputs)
    network = spec.compile()
    parameters = tnet.random_parameters(network, seed=seed)
    n_a = int(side.sum())
    seen = separation_rank(
        lambda x: tnet.evaluate(network, parameters, powers(x)),
        side,
        points(seed, 30, n_a),
        points(seed + 1, 30, tree.n_modes - n_a),
        rtol=1e-10,
    )
    assert seen.number() == dense_rank(network, parameters, side)
    assert seen.claim.kind == "lower bound"


def test_every_cell_is_one_evaluation_of_the_whole_input():
    calls, rng = [], np.random.default_rng(0)
    side = np.array([False, True, True, False])
    rows, columns = rng.normal(size=(5, 2, 3)), rng.normal(size=(4, 2, 3))

    def function(x):
        calls.append(x.shape)
        return np.sin(x.reshape(len(x), -1) @ np.arange(12.0))

    expected = np.empty((5, 4))
    for i, j in itertools.product(range(5), range(4)):
        whole = np.stack([columns[j, 0], rows[i, 0], rows[i, 1], columns[j, 1]])
        expected[i, j] = math.sin(whole.reshape(-1) @ np.arange(12.0))
    singular = np.linalg.svd(expected, compute_uv=False)
    for block in (1, 3, 7, 20, 4096):
        calls.clear()
        seen = separation_rank(function, side, rows, columns, block=block)
        np.testing.assert_allclose(seen.values * 2**seen.log2_scale, singular, atol=1e-13)
        assert max(shape[0] for shape in calls) == min(block, 20)
        assert sum(shape[0] for shape in calls) == 20
        assert {shape[1:] for shape in calls} == {(4, 3)}
    assert seen.shape == (5, 4)


@pytest.mark.parametrize(
    ("function", "rank"),
    [
        (lambda x: np.ones(len(x)), 1),
        (lambda x: x.prod(axis=1), 1),
        (lambda x: x.sum(axis=1), 2),
        (lambda x: x.sum(axis=1) ** 2, 3),
        (lambda x: np.cos(x.sum(axis=1)), 2),
        (lambda x: np.exp(x.sum(axis=1)), 1),
        (lambda x: np.zeros(len(x)), 0),
    ],
)
def test_functions_of_known_separation_rank(function, rank):
    seen = separation_rank(function, [0, 2], points(1, 12, 2), points(2, 9, 1))
    assert seen.number() == rank
    assert seen.gap() > 1e6
    assert seen.shares[-1] == pytest.approx(1 if rank else 0)
    assert all(seen.shares[rank - 1 :] > 1 - 1e-12) or rank == 0
    np.testing.assert_allclose(
        seen.shares * (seen.values**2).sum(), np.cumsum(seen.values**2), atol=1e-12
    )


def test_rectifier_networks_show_more_with_more_points():
    rng = np.random.default_rng(3)
    inner, outer = rng.normal(size=(6, 40)), rng.normal(size=40)

    def network(x):
        return np.maximum(x @ inner, 0) @ outer

    ranks = [
        separation_rank(network, range(3), points(4, n, 3), points(5, n, 3)).number()
        for n in (2, 8, 20)
    ]
    assert ranks == [2, 8, 20]
    without = separation_rank(
        lambda x: x @ inner @ outer, range(3), points(4, 9, 3), points(5, 9, 3)
    )
    assert without.number() == 2


def test_max_networks_on_templates_are_their_grid_tensors():
    spec = tnet.ConvNet(4, features=3, widths=(3, 3), operator="max")
    network = spec.compile()
    parameters = tnet.random_parameters(network, seed=2)
    templates = points(6, 3, 3)

    def on_templates(choice):
        return tnet.evaluate(network, parameters, templates[choice])

    grid = np.array(list(itertools.product(range(3), repeat=4)))
    tensor = on_templates(grid).reshape(3, 3, 3, 3)
    halves = np.array(list(itertools.product(range(3), repeat=2)))
    side = tnet.partitions.odd_even(4)
    for function in (on_templates, lambda choice: tensor[tuple(choice.T)]):
        seen = separation_rank(function, side, halves, halves)
        rows, columns = np.nonzero(side)[0], np.nonzero(~side)[0]
        matrix = tensor.transpose([*rows, *columns]).reshape(9, 9)
        singular = np.linalg.svd(matrix, compute_uv=False)
        np.testing.assert_allclose(seen.values * 2**seen.log2_scale, singular, atol=1e-12)
        assert seen.number() == np.linalg.matrix_rank(matrix)


def test_sides_as_grids_as_numbers_and_as_nothing():
    grid = tnet.partitions.checkerboard((2, 2))
    numbers = np.nonzero(grid.reshape(-1))[0]
    rows, columns = points(7, 6, 2), points(8, 6, 2)

    def function(x):
        return np.sin(x[:, 0] * x[:, 1]) + x[:, 2] * x[:, 3] ** 2

    of = [separation_rank(function, side, rows, columns) for side in (grid, numbers, {0, 3})]
    np.testing.assert_array_equal(of[0].values, of[1].values)
    np.testing.assert_array_equal(of[0].values, of[2].values)
    empty = separation_rank(function, [], np.zeros((1, 0)), points(9, 7, 4))
    assert (empty.number(), empty.shape) == (1, (1, 7))


def test_values_of_every_kind():
    rows, columns = points(1, 12, 1), points(2, 12, 1)

    def seen(function, **options):
        return separation_rank(function, [0], rows, columns, **options)

    assert seen(lambda x: x.sum(axis=1) > 0).number() > 2
    assert seen(lambda x: x.prod(axis=1).astype(np.float32)).number() == 1
    assert seen(lambda x: x.prod(axis=1).astype(np.float16)).rounding == pytest.approx(2**-10)
    assert seen(lambda x: np.exp(1j * x.sum(axis=1))).number() == 1
    two = [seen(lambda x: np.stack([x[:, 0], x.sum(axis=1)], axis=1), output=k) for k in (0, 1)]
    assert [one.number() for one in two] == [1, 2]
    loose = seen(lambda x: x[:, 0] + 1e-4 * x[:, 1], rtol=0.1)
    assert (loose.number(), loose.number(1e-9), loose.default_rtol) == (1, 2, 0.1)
    assert repr(loose).startswith("<SeparationRank: number 1 of at most 12 at rtol 0.1")
    assert loose.effective_rank == pytest.approx(1, abs=1e-3)


def test_a_rank_as_large_as_the_points_allow_says_so():
    def bump(x):
        return np.exp(-((x[:, 0] - x[:, 1]) ** 2) * 50)

    few = np.linspace(0, 1, 4)[:, None]
    seen = separation_rank(bump, [0], few, np.linspace(0, 1, 9)[:, None])
    assert (seen.number(), seen.full) == (4, True)
    assert "; full: as many as there are points; take more" in seen.claim.reason
    assert repr(seen).endswith("; full: as many as there are points; take more>")
    enough = separation_rank(lambda x: x.sum(axis=1), [0], few, few)
    assert (enough.number(), enough.full) == (2, False)
    assert "full" not in enough.claim.reason + repr(enough)


class Recorded:
    """Stands for a tensor that records gradients and lies on a device."""

    def __init__(self, values, steps=()):
        self.values, self.steps = values, steps

    def detach(self):
        return Recorded(self.values, (*self.steps, "detach"))

    def cpu(self):
        return Recorded(self.values, (*self.steps, "cpu"))

    def __array__(self, dtype=None, copy=None):
        assert self.steps == ("detach", "cpu")
        return self.values


def test_tensors_that_record_gradients_are_detached_first():
    seen = separation_rank(lambda x: Recorded(x.sum(axis=1)), [0], points(1, 5, 1), points(2, 5, 1))
    assert seen.number() == 2


def test_modules_of_pytorch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2)).double()
    seen = separation_rank(
        lambda x: module(torch.as_tensor(x)), [0, 1], points(1, 9, 2), points(2, 9, 2), output=1
    )
    assert seen.number() == 2


class TestBadInput:
    def ask(self, function=lambda x: x.sum(axis=1), side=(0, 1), a=(5, 2), b=(4, 1), **options):
        return separation_rank(function, side, points(0, *a), points(1, *b), **options)

    def test_the_question_itself_is_fine(self):
        assert self.ask().number() == 2

    @pytest.mark.parametrize(
        ("side", "message"),
        [
            ([0], "has 1 of 3 elements, but points_a has 2"),
            ([0, 1, 2], "has 3 of 3 elements"),
            ([0, 3], r"element numbers in 0\.\.2"),
            ([-1, 0], r"element numbers in 0\.\.2"),
            ([0, 0], "every element once"),
            ([0.0, 1.0], "a bool array of 3 entries"),
            (["x", "y"], "a bool array of 3 entries"),
            (np.array([True, True]), "has 2 of 2 elements, but points_a has 2 elements and "),
            (np.array([1, 1, 0]), "a bool array of 3|every element once"),
        ],
    )
    def test_sides_that_do_not_fit(self, side, message):
        with pytest.raises(PartitionError, match=message):
            self.ask(side=side)

    @pytest.mark.parametrize(
        ("a", "b", "message"),
        [
            ((5,), (4, 1), r"points_a has shape \(5,\)"),
            ((5, 2), (0, 1), r"points_b has shape \(0, 1\)"),
            ((5, 2, 3), (4, 1, 2), r"shape \(3,\) in points_a and \(2,\) in points_b"),
        ],
    )
    def test_points_that_do_not_fit(self, a, b, message):
        with pytest.raises(FeatureError, match=message):
            self.ask(a=a, b=b)

    def test_points_that_are_no_numbers(self):
        with pytest.raises(FeatureError, match="points_b has entries that are not finite"):
            separation_rank(lambda x: x[:, 0], [0], np.ones((2, 1)), np.full((2, 1), np.nan))
        with pytest.raises(FeatureError, match=r"points_a has shape .* dtype <U1"):
            separation_rank(lambda x: x[:, 0], [0], np.full((2, 1), "x"), np.ones((2, 1)))

    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (lambda x: 1.0, r"returned shape \(\)"),
            (lambda x: x[:1, 0], r"returned shape \(1,\) .* for 20 examples"),
            (lambda x: x[:, :, None], r"returned shape \(20, 3, 1\)"),
            (lambda x: np.full(len(x), None), "dtype object"),
            (lambda x: np.full(len(x), np.nan), "returned nan for one of the inputs"),
            (lambda x: np.log(np.arange(len(x)) * 1.0 == 3), "returned -inf"),
        ],
    )
    def test_functions_that_return_something_else(self, function, message):
        with np.errstate(divide="ignore"), pytest.raises(FunctionError, match=message):
            self.ask(function)

    def test_an_output_that_the_function_does_not_have(self):
        with pytest.raises(PartitionError, match=r"output is 3; the function has outputs 0\.\.2"):
            self.ask(lambda x: x, output=3)

    @pytest.mark.parametrize(
        "options",
        [{"block": 0}, {"rtol": 1}, {"rtol": 0}, {"rtol": -0.1}, {"rtol": "a"}, {"rtol": True}],
    )
    def test_options_that_cannot_be(self, options):
        with pytest.raises(PartitionError, match="block is at least 1, and rtol"):
            self.ask(**options)

    @pytest.mark.parametrize("name", ["output", "block"])
    @pytest.mark.parametrize("value", [True, 1.0, "a", None])
    def test_options_that_are_no_whole_numbers(self, name, value):
        with pytest.raises(PartitionError, match=f"{name} is {value!r}; give a whole number"):
            self.ask(**{name: value})

    def test_a_function_that_cannot_be_called(self):
        with pytest.raises(FunctionError, match="function is 3 of type int"):
            self.ask(3)

    def test_rows_of_several_lengths(self):
        with pytest.raises(FunctionError, match="the function returned no array"):
            self.ask(lambda x: [[1.0], *([1.0, 2.0] for _ in x[1:])])
        with pytest.raises(FeatureError, match="points_b is no array"):
            separation_rank(lambda x: x[:, 0], [0], np.ones((2, 1)), [[1.0], [1.0, 2.0]])

    @pytest.mark.parametrize("side", [3, None, 1.5, [[0], [1, 2]], "01"])
    def test_sides_of_another_type(self, side):
        with pytest.raises(PartitionError, match=r"side_a is .* element numbers in 0\.\.2"):
            self.ask(side=side)

    def test_a_grid_that_does_not_fit(self, monkeypatch):
        monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
        with pytest.raises(MemoryLimitError, match=r"2,000 x 1,000 points with 7 examples at once"):
            self.ask(a=(2000, 2), b=(1000, 1), block=7)
