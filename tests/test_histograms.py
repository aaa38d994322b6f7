"""Bounds of shallow widths: ranks against plain loops over the recursion, and exact ones."""

import itertools
import math
import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from oracles import modular_rank

import tnet
from tnet.errors import MemoryLimitError, OperatorError, SpecError, SweepError
from tnet.expressiveness import recurrent_bounds
from tnet.expressiveness.grid_ranks import grid_rank
from tnet.expressiveness.grid_tensors import grid_tensor
from tnet.expressiveness.recurrent_bounds import recurrent_width_bounds
from tnet.expressiveness.witnesses import equal_pairs
from tnet.network.groups import OPERATORS

RECTIFIERS = [operator for operator in OPERATORS if operator != "product"]


def g(operator, a, b):
    return {
        "max": lambda: max(a, b, 0.0),
        "sum": lambda: max(a, 0.0) + max(b, 0.0),
        "softplus": lambda: math.log(math.exp(a) + math.exp(b)),
        "norm": lambda: math.sqrt(a * a + b * b),
    }[operator]()


def plain_grid(operator, shared, parameters, steps, features):
    """Every entry by the recursion from the unit of the operator, on one-hot features."""
    unit = -math.inf if operator == "softplus" else 0.0
    grid = np.empty((features,) * steps)
    for cell in itertools.product(range(features), repeat=steps):
        h = [unit]
        for t, symbol in enumerate(cell):
            a = (parameters["C"] if shared else parameters["C"][t])[symbol]
            core = parameters["G" if shared and t else f"G{t + 1}"].reshape(len(a), len(h), -1)
            met = [[g(operator, x, y) for y in h] for x in a]
            h = np.einsum("ij,ijk->k", met, core).tolist()
        grid[cell] = np.dot(h, parameters["out"])
    return grid


def halves(steps):
    return [c for c in itertools.combinations(range(steps), steps // 2) if 0 in c]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("operator", RECTIFIERS)
def test_ranks_are_those_of_the_recursion(operator, shared, monkeypatch):
    drawn = []

    def recording(*given, **options):
        drawn.append(tnet.random_parameters(*given, **options))
        return drawn[-1]

    monkeypatch.setattr(recurrent_bounds, "random_parameters", recording)
    options = {"samples": 2, "shared": shared, "operator": operator}
    found = recurrent_width_bounds(4, 3, (1, 2), **options)
    best = recurrent_width_bounds(4, 3, (1, 2), side_a="best", **options)
    assert len(drawn) == 8
    for place, parameters in enumerate(drawn[:4]):
        grid = plain_grid(operator, shared, parameters, 4, 3)
        ranks = {
            side: np.linalg.matrix_rank(
                grid.transpose([*side, *(t for t in range(4) if t not in side)]).reshape(9, 9),
                rtol=1e-12,
            )
            for side in halves(4)
        }
        assert found.schmidt_numbers.reshape(-1)[place] == ranks[0, 2]
        assert best.schmidt_numbers.reshape(-1)[place] == max(ranks.values())
    np.testing.assert_array_equal(found.widths, found.schmidt_numbers * 2 / (3 * 4))


@pytest.mark.parametrize("shared", [False, True])
def test_with_the_product_ranks_are_exact(shared):
    found = recurrent_width_bounds(4, 3, (1, 2, 3), samples=3, shared=shared, operator="product")
    for rank, row in zip(found.ranks, found.schmidt_numbers, strict=True):
        spec = tnet.Recurrent(4, features=3, hidden=3, ranks=rank, shared=shared)
        assert set(row.tolist()) == {modular_rank(spec.compile(), np.arange(4) % 2 == 0)}
        assert min(3, rank) ** 2 <= row[0]
    assert "exact modulo" in found.sampling


def test_the_largest_bounds_of_the_papers_sizes():
    small = recurrent_width_bounds(2, 10, (1,), samples=1)
    assert small.largest == 1
    found = recurrent_width_bounds(6, 2, (8,), samples=1, operator="norm")
    assert found.largest == 2 * 8 / 12
    # M = 10, T = 6: 2 * 1000 / 60; M = T = 6: 2 * 216 / 36.
    sizes = [(10, 100 / 3), (6, 12.0)]
    for features, largest in sizes:
        bounds = recurrent_bounds.WidthBounds(
            6, features, (1,), np.ones((1, 1), dtype=np.int64), features * 3, "", found.claim
        )
        assert bounds.largest == pytest.approx(largest)


@pytest.mark.parametrize(("m", "t", "rank", "width"), [(3, 6, 27, 3.0), (4, 4, 16, 2.0)])
def test_the_witness_is_ones_minus_the_identity(m, t, rank, width):
    spec, parameters = equal_pairs(t, m)
    grid = grid_tensor(spec, parameters, np.eye(m))
    for cell in itertools.product(range(m), repeat=t):
        equal = all(cell[k] == cell[k + 1] for k in range(0, t, 2))
        assert grid[cell] == (0.0 if equal else 1.0)
    assert spec.ranks == m
    assert grid_rank(grid, range(0, t, 2)) == rank == m ** (t // 2)
    assert 2 * rank / (m * t) == width


def test_other_shallow_operators_divide_by_their_own_rank():
    found = {
        shallow: recurrent_width_bounds(4, 3, (2,), samples=2, shallow=shallow)
        for shallow in ("max", "product", "sum")
    }
    assert {name: bounds.term_rank for name, bounds in found.items()} == {
        "max": 6, "product": 1, "sum": 2,
    }  # fmt: skip
    ranks = [bounds.schmidt_numbers.tolist() for bounds in found.values()]
    assert ranks[0] == ranks[1] == ranks[2]
    # One term of each has no higher rank than that.
    rng = np.random.default_rng(0)
    a = rng.standard_normal((4, 3))
    terms = {
        "max": np.maximum.reduce(np.meshgrid(*a, indexing="ij")).clip(0),
        "product": np.multiply.reduce(np.meshgrid(*a, indexing="ij")),
        "sum": np.add.reduce(np.meshgrid(*a.clip(0), indexing="ij")),
    }
    for name, term in terms.items():
        assert grid_rank(term, [0, 2]) <= found[name].term_rank


def test_draws_depend_on_seed_rank_and_number_alone():
    first = recurrent_width_bounds(4, 4, (1, 2), samples=4, seed=1)
    again = recurrent_width_bounds(4, 4, (2,), samples=2, seed=1)
    other = recurrent_width_bounds(4, 4, (1, 2), samples=4, seed=2)
    assert again.schmidt_numbers.tolist() == first.schmidt_numbers[1:, :2].tolist()
    assert first.schmidt_numbers.tolist() != other.schmidt_numbers.tolist()


def test_executors_give_the_same():
    here = recurrent_width_bounds(4, 3, (1, 2), samples=3)
    fresh = multiprocessing.get_context("spawn")
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(1, fresh) as processes:
        for executor in (threads, processes):
            there = recurrent_width_bounds(4, 3, (1, 2), samples=3, executor=executor)
            assert there.schmidt_numbers.tolist() == here.schmidt_numbers.tolist()


class FailsAfter:
    """An executor whose tasks fail from the n-th on."""

    def __init__(self, n):
        self.left = n

    def submit(self, function, *given):
        future = Future()
        if self.left:
            future.set_result(function(*given))
            self.left -= 1
        else:
            future.set_exception(RuntimeError("the worker is gone"))
        return future


def test_a_failed_draw_says_what_is_finished(capsys):
    with pytest.raises(SweepError, match=r"draw 2 .* is gone; 2 are finished") as caught:
        recurrent_width_bounds(2, 2, (1, 2), samples=2, executor=FailsAfter(2))
    assert [place for place, _, _ in caught.value.finished] == [0, 1]
    recurrent_width_bounds(2, 2, (1,), samples=2, progress=True)
    assert "2/2" in capsys.readouterr().err


def test_the_result_prints_and_draws():
    found = recurrent_width_bounds(4, 3, (1, 4), samples=5, rtol=1e-9, seed=3)
    assert str(found).splitlines()[0] == "widths at least, of 1.5 at most (lower bound)"
    assert "singular values above 1e-09" in found.sampling
    assert "5 networks per rank with operator max" in found.sampling
    assert "seed 3" in found.sampling
    curves = found.curves(bins=6)
    assert list(curves) == ["R = 1", "R = 4"]
    for x, y in curves.values():
        assert y[1:-1:2].sum() == pytest.approx(1)
        assert x[-1] == found.largest
        assert y[0] == y[-1] == 0
    picture = tnet.draw_curves(curves, title="t", x_label="width", y_label="share")
    assert "R = 4" in picture.svg
    with pytest.raises(ValueError, match="read-only"):
        found.schmidt_numbers[0, 0] = 1


@pytest.mark.parametrize(
    ("given", "options", "error", "message"),
    [
        ((5, 3, (1,)), {}, SpecError, "steps is 5; the bound halves the inputs"),
        ((4, 0, (1,)), {}, SpecError, "features is .*; give a whole number"),
        ((4, 3, ()), {}, SpecError, "ranks is empty"),
        ((4, 3, 2), {}, SpecError, "ranks is 2; give a sequence"),
        ((4, 3, (0,)), {}, SpecError, "rank of histogram 0 must be"),
        ((4, 3, (1,)), {"samples": 0}, SpecError, "samples is 0; give a whole number"),
        ((4, 3, (1,)), {"operator": "mean"}, SpecError, "operator is 'mean'"),
        ((4, 3, (1,)), {"side_a": "left"}, SpecError, "side_a is 'left'; choose odd/even or best"),
        ((4, 3, (1,)), {"shallow": "norm"}, OperatorError, "shallow is 'norm', whose terms can"),
        ((16, 10, (1,)), {}, MemoryLimitError, r"a grid of 10\^16 = 10,000,000,000,000,000 inputs"),
    ],
)
def test_bad_questions_are_answered(given, options, error, message):
    with pytest.raises(error, match=message):
        recurrent_width_bounds(*given, **{"samples": 1, **options})


def test_odd_pairs_are_refused():
    with pytest.raises(SpecError, match="steps is 3; pairs need an even"):
        equal_pairs(3, 2)
