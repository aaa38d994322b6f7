"""Linear networks: descent on factors, the end-to-end rule, balance, and what depth speeds up."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import fractional_matrix_power
from strategies import examples

import tnet
from tnet.errors import (
    DivergenceError,
    FeatureError,
    FunctionError,
    MemoryLimitError,
    ParameterError,
    SpecError,
    UnbalancedStartWarning,
    UnknownNameError,
)
from tnet.expressiveness.linear_networks.balanced import balanced_factors, balanced_start
from tnet.expressiveness.linear_networks.comparison import compare_descents
from tnet.expressiveness.linear_networks.descent import (
    descend_end_to_end,
    descend_factors,
    factor_gradients,
)
from tnet.expressiveness.linear_networks.factors import (
    as_linear,
    balance_residual,
    end_to_end,
    linear_factors,
)
from tnet.expressiveness.linear_networks.optimisers import descend
from tnet.expressiveness.linear_networks.regression import generated_regression, l_p_regression
from tnet.expressiveness.linear_networks.rules import end_to_end_gradient, single_output_gradient
from tnet.expressiveness.linear_networks.two_descents import agreement

WIDTHS = st.lists(st.integers(1, 4), min_size=2, max_size=5)
SEEDS = st.integers(0, 10**6)


def drawn_loss(inputs, outputs, power=2, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((20, inputs)), rng.standard_normal((20, outputs))
    return l_p_regression(x, y, power=power)


def looped_value(loss, matrix):
    """The l_p loss, entry by entry."""
    total = 0.0
    for x, y in zip(loss.inputs.tolist(), loss.targets.tolist(), strict=True):
        for row, target in zip(matrix.tolist(), y, strict=True):
            predicted = sum(w * entry for w, entry in zip(row, x, strict=True))
            total += abs(predicted - target) ** loss.power / loss.power
    return total / len(loss.inputs)


def differences(function, at, step=1e-6):
    """Gradient by central differences."""
    slope = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = step
        slope[place] = (function(at + moved) - function(at - moved)) / (2 * step)
    return slope


def chained(factors):
    whole = factors[0]
    for factor in factors[1:]:
        whole = factor @ whole
    return whole


def power_of(gram, exponent):
    """A power of a positive definite matrix, by Schur form; a zeroth one is the identity."""
    return np.eye(len(gram)) if exponent == 0 else fractional_matrix_power(gram, exponent)


def rule_by_powers(matrix, gradient, depth):
    total = np.zeros_like(matrix)
    for j in range(1, depth + 1):
        before = power_of(matrix @ matrix.T, (j - 1) / depth)
        total += before @ gradient @ power_of(matrix.T @ matrix, (depth - j) / depth)
    return total


@pytest.mark.parametrize("power", [2, 3, 4, 2.5])
def test_the_loss_and_its_gradient_are_those_of_loops_and_differences(power):
    loss = drawn_loss(3, 2, power)
    matrix = np.random.default_rng(1).standard_normal(loss.shape)
    value, gradient = loss(matrix)
    assert value == pytest.approx(looped_value(loss, matrix), rel=1e-12)
    slopes = differences(lambda at: looped_value(loss, at), matrix)
    np.testing.assert_allclose(gradient, slopes, atol=1e-6)


@given(WIDTHS, SEEDS)
@examples(40)
def test_gradients_of_factors_are_those_of_differences(widths, seed):
    rng = np.random.default_rng(seed)
    factors = [rng.standard_normal((b, a)) for a, b in itertools.pairwise(widths)]
    loss = drawn_loss(widths[0], widths[-1], seed=seed)
    found = factor_gradients(factors, loss(chained(factors))[1])
    for place, gradient in enumerate(found):

        def value(at, place=place):
            return loss(chained([*factors[:place], at, *factors[place + 1 :]]))[0]

        slopes = differences(value, factors[place])
        np.testing.assert_allclose(gradient, slopes, atol=1e-5 * max(1, abs(slopes).max()))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 5), SEEDS)
@examples(60)
def test_the_rule_is_that_of_matrix_powers(outputs, inputs, depth, seed):
    """Where a Gram matrix is singular, by its eigenvalues, those that are rounding being 0."""
    rng = np.random.default_rng(seed)
    matrix, gradient = rng.standard_normal((2, outputs, inputs))
    found = end_to_end_gradient(matrix, gradient, depth)
    left, right = matrix @ matrix.T, matrix.T @ matrix
    total = np.zeros_like(gradient)
    for j in range(1, depth + 1):
        total += (
            _psd_power(left, (j - 1) / depth) @ gradient @ _psd_power(right, (depth - j) / depth)
        )
    np.testing.assert_allclose(found, total, atol=1e-6 * max(1, np.abs(total).max()))


def _psd_power(gram, exponent):
    if exponent == 0:
        return np.eye(len(gram))
    values, vectors = np.linalg.eigh(gram)
    values = np.where(values > 1e-13 * values[-1], values, 0)
    return vectors @ np.diag(values**exponent) @ vectors.T


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_rule_of_square_matrices_agrees_with_powers_by_schur_form(depth):
    matrix, gradient = np.random.default_rng(depth).standard_normal((2, 3, 3))
    found = end_to_end_gradient(matrix, gradient, depth)
    np.testing.assert_allclose(found, rule_by_powers(matrix, gradient, depth), rtol=1e-9)


@given(st.integers(1, 6), st.integers(1, 5), SEEDS)
@examples(60)
def test_the_rule_of_one_output_is_the_rule(size, depth, seed):
    w, g = np.random.default_rng(seed).standard_normal((2, size))
    found = single_output_gradient(w, g, depth)
    np.testing.assert_allclose(found, end_to_end_gradient([w], [g], depth)[0], atol=1e-10)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_at_zero_only_depth_one_moves(depth):
    g = np.array([3.0, -4.0])
    moved = g if depth == 1 else np.zeros(2)
    np.testing.assert_array_equal(single_output_gradient(np.zeros(2), g, depth), moved)
    np.testing.assert_array_equal(end_to_end_gradient(np.zeros((1, 2)), [g], depth), [moved])


def test_zeroth_powers_are_the_identity_where_singular_values_are_zero():
    """W = 0 in two of three directions: by hand for N = 2, G (W'W)^(1/2) + (WW')^(1/2) G."""
    found = end_to_end_gradient(np.diag([4.0, 0.0]), np.array([[1.0, 2.0], [3.0, 5.0]]), 2)
    np.testing.assert_allclose(found, [[8.0, 8.0], [12.0, 0.0]], atol=1e-12)


@pytest.mark.parametrize("depth", [2, 3, 50])
def test_the_rule_of_a_matrix_of_rank_one_by_hand(depth):
    """W = s u v' has three kinds of terms: G vv', uu' G, and N - 2 times uu' G vv'."""
    rng = np.random.default_rng(depth)
    u, v = (x / np.linalg.norm(x) for x in rng.standard_normal((2, 5)))
    gradient = rng.standard_normal((5, 5))
    left, right = np.outer(u, u), np.outer(v, v)
    wanted = gradient @ right + left @ gradient + (depth - 2) * left @ gradient @ right
    found = end_to_end_gradient(3 * np.outer(u, v), gradient, depth)
    np.testing.assert_allclose(found, 3 ** (2 - 2 / depth) * wanted, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("gap", [0.0, 1e-15, 1e-9, 1e-4, 0.5])
@pytest.mark.parametrize("depth", [2, 7, 1000])
def test_the_sum_over_factors_is_a_geometric_series(gap, depth):
    """Singular values that are equal, nearly equal and apart, against the sum term by term."""
    values = np.array([2.0, 2.0 * (1 - gap)])
    powers = np.arange(depth) * (2 / depth)
    wanted = (values[:, None] ** powers) @ (values[:, None] ** powers[::-1]).T
    found = end_to_end_gradient(np.diag(values), np.ones((2, 2)), depth)
    np.testing.assert_allclose(found, wanted, rtol=1e-11)


def test_depth_costs_nothing_in_the_rule():
    np.testing.assert_allclose(end_to_end_gradient(np.eye(2), np.ones((2, 2)), 10**7), 1e7)
    assert end_to_end_gradient(np.ones((1, 50_000)), np.ones((1, 50_000)), 3).shape == (1, 50_000)


@pytest.mark.parametrize("scale", [1e-250, 1e-150, 1e-5, 1e120])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_rule_scales_as_its_degree_says(scale, depth):
    w, g = np.random.default_rng(1).standard_normal((2, 4))
    found = single_output_gradient(scale * w, g, depth)
    wanted = scale ** (2 - 2 / depth) * single_output_gradient(w, g, depth)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    np.testing.assert_allclose(found, end_to_end_gradient([scale * w], [g], depth)[0], rtol=1e-12)


@pytest.mark.parametrize("entry", [1e308, 1e-308, 1e200])
@pytest.mark.parametrize("widths", [(2, 2), (2, 2, 2), (2, 3, 4, 2)])
def test_matrices_of_any_size_have_balanced_factors(entry, widths):
    factors = balanced_factors(np.full((2, 2), entry), widths)
    np.testing.assert_allclose(end_to_end(factors), entry, rtol=1e-13)


def test_products_and_residuals_do_not_overflow_on_the_way():
    eye = np.eye(2)
    large = end_to_end([1e200 * eye, 1e200 * eye, 1e-300 * eye])
    np.testing.assert_allclose(large, 1e100 * eye)
    assert balance_residual([1e-200 * eye, 1e-200 * eye]) == 0
    with pytest.warns(UnbalancedStartWarning):
        descend_factors(square, [[[1e-200]], [[2e-200]]], rate=1, steps=1)


def test_adagrad_is_the_same_where_squares_overflow():
    def steep(matrix):
        return 0.0, 1e200 * matrix

    found = descend(steep, [[1.0]], optimiser="adagrad", rate=0.25, steps=1)
    assert found.matrix == pytest.approx(0.75)


def test_a_loss_may_change_its_argument_and_return_lists():
    def careless(matrix):
        value, gradient = square(matrix)
        matrix[...] = 7
        return value, gradient.tolist()

    start = balanced_start((2, 2, 2), scale=1)
    for loss in (square, careless):
        descents = [
            descend_factors(loss, start, rate=0.1, steps=3),
            descend_end_to_end(loss, end_to_end(start), depth=2, rate=0.1, steps=3),
            descend(loss, end_to_end(start), optimiser="adagrad", rate=0.1, steps=3),
        ]
        if loss is square:
            wanted = descents
    for one, other in zip(wanted, descents, strict=True):
        np.testing.assert_array_equal(one.losses, other.losses)


def test_values_print_on_one_short_line():
    loss = generated_regression(200, 8, power=4)
    assert repr(loss) == "l_4 regression 8 -> 1, examples: 200"
    found = agreement(SWAP, [np.eye(2)] * 2, rate=0.1, steps=4)
    assert re.fullmatch(r"gaps (\S+, ){3}\S+ for steps from 0.1 to 0.0125: order .*", repr(found))
    assert repr(descend(square, [[1.0]], rate=0.1, steps=1)).startswith("gradient, 1 step of 0.1")


def test_the_module_lists_its_public_names_alone():
    assert dir(tnet.linear_networks) == tnet.linear_networks.__all__
    assert tnet.linear_networks.DescentComparison is not tnet.Comparison


@given(WIDTHS, st.floats(0.01, 10), SEEDS)
@examples(60)
def test_balanced_starts_are_balanced_and_of_the_size_asked_for(widths, scale, seed):
    factors = balanced_start(widths, scale=scale, seed=seed)
    assert [f.shape for f in factors] == list(zip(widths[1:], widths, strict=False))
    largest = scale ** (2 / len(factors))
    for after, before in zip(factors[1:], factors, strict=False):
        np.testing.assert_allclose(after.T @ after, before @ before.T, atol=1e-12 * largest)
    assert balance_residual(factors) <= 1e-12 * largest
    assert np.linalg.norm(chained(factors), 2) == pytest.approx(scale)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), SEEDS)
@examples(60)
def test_any_matrix_has_balanced_factors(outputs, inputs, depth, spare, seed):
    matrix = np.random.default_rng(seed).standard_normal((outputs, inputs))
    hidden = [min(outputs, inputs) + spare] * (depth - 1)
    for rotation in (None, seed):
        factors = balanced_factors(matrix, [inputs, *hidden, outputs], seed=rotation)
        np.testing.assert_allclose(chained(factors), matrix, atol=1e-12)
        assert balance_residual(factors) < 1e-12 * max(1, np.linalg.norm(matrix) ** 2)


def test_the_balanced_factors_of_zero_are_zero():
    assert all(not factor.any() for factor in balanced_factors(np.zeros((2, 3)), (3, 2, 2)))


def test_the_residual_is_the_largest_difference_of_gram_matrices():
    factors = [np.array([[3.0, 0.0]]), np.array([[2.0], [0.0]]), np.eye(2)]
    # W_2'W_2 = 4 against 9; W_3'W_3 = I against diag(4, 0).
    assert balance_residual(factors) == 5.0
    assert balance_residual(factors[1:]) == pytest.approx(math.sqrt(10))
    assert balance_residual([np.ones((2, 2))]) == 0.0


def test_one_step_on_factors_is_what_loops_make_of_it():
    loss = drawn_loss(3, 2, power=4)
    start = balanced_start((3, 2, 2), scale=1.0)
    slopes = [
        differences(lambda at: loss(start[1] @ at)[0], start[0]),
        differences(lambda at: loss(at @ start[0])[0], start[1]),
    ]
    found = descend_factors(loss, start, rate=0.1, steps=1)
    for before, after, slope in zip(start, found.factors, slopes, strict=True):
        np.testing.assert_allclose(after, before - 0.1 * slope, atol=1e-7)
    np.testing.assert_allclose(found.matrix, found.factors[1] @ found.factors[0], atol=1e-15)
    assert found.losses[1] == loss(found.matrix)[0]


@pytest.mark.parametrize("widths", [(3, 1, 1), (3, 3, 2), (4, 3, 3, 2), (3, 2, 3)])
def test_both_descents_tend_to_the_flow_of_the_end_to_end_matrix(widths):
    """The flow by an integrator of its own, with the rule by matrix powers."""
    depth = len(widths) - 1
    loss = drawn_loss(widths[0], widths[-1])
    start = balanced_start(widths, scale=0.8, seed=3)
    shape = (widths[-1], widths[0])

    def flow(_, flat):
        matrix = flat.reshape(shape)
        gradient = loss(matrix)[1]
        left, right = matrix @ matrix.T, matrix.T @ matrix
        terms = (
            _psd_power(left, (j - 1) / depth) @ gradient @ _psd_power(right, (depth - j) / depth)
            for j in range(1, depth + 1)
        )
        return -sum(terms).ravel()

    solved = solve_ivp(flow, (0, 2), end_to_end(start).ravel(), rtol=1e-9, atol=1e-11)
    end = solved.y[:, -1].reshape(shape)
    gaps = []
    for steps in (200, 400):
        rate = 2 / steps
        by_factors = descend_factors(loss, start, rate=rate, steps=steps).matrix
        by_rule = descend_end_to_end(
            loss, end_to_end(start), depth=depth, rate=rate, steps=steps
        ).matrix
        gaps.append([np.linalg.norm(matrix - end) for matrix in (by_factors, by_rule)])
    assert max(gaps[0]) < 0.02
    for coarse, fine in zip(*gaps, strict=True):
        assert coarse / fine == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize("widths", [(3, 1, 1), (3, 3, 2, 2), (4, 4, 4, 4, 4), (3, 5, 5, 2)])
def test_halving_the_step_halves_the_gap_between_factors_and_rule(widths):
    loss = drawn_loss(widths[0], widths[-1])
    found = agreement(loss, balanced_start(widths, scale=0.5), rate=0.1, steps=40)
    assert found.order == pytest.approx(1, abs=0.05)
    assert found.rates == (0.1, 0.05, 0.025, 0.0125)
    assert found.gaps[0] < 0.05
    assert found.claim.kind == "numerical"
    assert found.residual < 1e-14


SWAP = l_p_regression(np.eye(2), [[0.0, 1.0], [1.0, 0.0]])
RANK_ONE = np.diag([1.0, 0.0])


@pytest.mark.parametrize("depth", [3, 4, 8])
def test_where_rank_is_lacking_the_gap_shrinks_like_the_step_to_the_power_2_over_n(depth):
    """Measured: the local order falls to 2/N from above. No theorem, and the claim says so."""
    found = agreement(SWAP, [RANK_ONE] * depth, rate=0.05, steps=20, halvings=6)
    orders = np.log2(np.array(found.gaps[:-1]) / found.gaps[1:])
    assert (np.diff(orders) < 0).all()
    assert 2 / depth < orders[-1] < 2 / depth + 0.05
    assert found.claim.kind == "no theorem"
    assert f"{depth} factors" in found.claim.reason


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ([RANK_ONE] * 2, "numerical"),
        ([np.diag([1.0, 0.1])] * 3, "numerical"),
        (balanced_start((2, 1, 2)), "numerical"),
        (balanced_start((2, 1, 2, 2)), "no theorem"),
        (balanced_start((2, 2, 1, 2)), "no theorem"),
        (balanced_factors(RANK_ONE, (2, 2, 2, 2), seed=1), "no theorem"),
    ],
)
def test_the_claim_of_an_agreement_asks_for_full_rank_or_two_factors(start, kind):
    found = agreement(SWAP, start, rate=0.05, steps=4, halvings=1)
    assert found.claim.kind == kind
    full = len(start) > 2 and kind == "numerical"
    assert any("least singular value" in line for line in found.claim.hypotheses) == full


def test_at_any_rank_two_factors_agree_at_order_one():
    found = agreement(SWAP, [RANK_ONE] * 2, rate=0.05, steps=20)
    assert found.order == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("depth", [3, 8])
def test_descent_on_factors_keeps_the_rank_and_is_of_order_one_where_the_rule_is_not(depth):
    def ends(steps):
        rate = 1 / steps
        whole = chained([RANK_ONE] * depth)
        by_factors = descend_factors(SWAP, [RANK_ONE] * depth, rate=rate, steps=steps).matrix
        by_rule = descend_end_to_end(SWAP, whole, depth=depth, rate=rate, steps=steps).matrix
        return by_factors, by_rule

    (coarse, by_rule), (fine, _), (finest, _) = ends(40), ends(80), ends(160)
    assert np.linalg.svd(finest, compute_uv=False)[1] < 1e-15
    assert np.linalg.svd(by_rule, compute_uv=False)[1] > 1e-3
    # Euler's method: successive differences halve.
    ratio = np.linalg.norm(coarse - fine) / np.linalg.norm(fine - finest)
    assert ratio == pytest.approx(2, abs=0.1)


def test_from_an_unbalanced_start_the_gap_does_not_go_away():
    loss = drawn_loss(3, 2)
    start = [2 * np.eye(3), 0.2 * np.eye(2, 3)]
    with pytest.warns(UnbalancedStartWarning, match=r"residual 6\.88"):
        found = agreement(loss, start, rate=0.02, steps=100)
    assert found.gaps[-1] > 0.1
    assert abs(found.order) < 0.1
    assert found.claim.kind == "no theorem"


def test_flow_keeps_the_balance_and_descent_nearly():
    """The drift of the balance over a fixed time is of the order of the step."""
    loss = drawn_loss(3, 2)
    start = balanced_start((3, 3, 2), scale=0.5)
    drifts = [
        balance_residual(descend_factors(loss, start, rate=2 / steps, steps=steps).factors)
        for steps in (50, 100, 200)
    ]
    assert drifts[0] / drifts[1] == pytest.approx(2, abs=0.2)
    assert drifts[1] / drifts[2] == pytest.approx(2, abs=0.2)


def test_hidden_rotations_change_nothing_of_what_is_learned():
    loss = drawn_loss(3, 2)
    matrix = 0.3 * np.random.default_rng(5).standard_normal((2, 3))
    ends = [
        descend_factors(
            loss, balanced_factors(matrix, (3, 4, 2), seed=seed), rate=0.1, steps=50
        ).matrix
        for seed in (None, 0, 1)
    ]
    np.testing.assert_allclose(ends[1], ends[0], atol=1e-12)
    np.testing.assert_allclose(ends[2], ends[0], atol=1e-12)


def looped_adagrad(loss, matrix, rate, steps):
    w, total = matrix.copy(), np.zeros_like(matrix)
    for _ in range(steps):
        gradient = loss(w)[1]
        for place in np.ndindex(w.shape):
            total[place] += gradient[place] ** 2
            w[place] -= rate * gradient[place] / math.sqrt(total[place])
    return w


def looped_adadelta(loss, matrix, rate, steps):
    w, squares, moves = matrix.copy(), np.zeros_like(matrix), np.zeros_like(matrix)
    for _ in range(steps):
        gradient = loss(w)[1]
        for at in np.ndindex(w.shape):
            squares[at] = 0.95 * squares[at] + 0.05 * gradient[at] ** 2
            move = gradient[at] * math.sqrt(moves[at] + 1e-6) / math.sqrt(squares[at] + 1e-6)
            moves[at] = 0.95 * moves[at] + 0.05 * move**2
            w[at] -= rate * move
    return w


@pytest.mark.parametrize(
    ("name", "oracle"), [("adagrad", looped_adagrad), ("adadelta", looped_adadelta)]
)
@pytest.mark.parametrize("power", [2, 4])
def test_optimisers_follow_their_published_updates(name, oracle, power):
    loss = drawn_loss(3, 2, power)
    start = np.full((2, 3), 0.2)
    found = descend(loss, start, optimiser=name, rate=0.7, steps=30)
    np.testing.assert_allclose(found.matrix, oracle(loss, start, 0.7, 30), rtol=1e-6)


def test_gradient_descent_finds_least_squares_and_is_depth_one():
    loss = drawn_loss(3, 2)
    plain = descend(loss, np.zeros((2, 3)), rate=0.3, steps=300)
    solved = np.linalg.lstsq(loss.inputs, loss.targets, rcond=None)[0].T
    np.testing.assert_allclose(plain.matrix, solved, atol=1e-10)
    alone = descend_factors(loss, [np.zeros((2, 3))], rate=0.3, steps=300)
    by_rule = descend_end_to_end(loss, np.zeros((2, 3)), depth=1, rate=0.3, steps=300)
    np.testing.assert_allclose(alone.losses, plain.losses, rtol=1e-12)
    np.testing.assert_allclose(by_rule.losses, plain.losses, rtol=1e-9)


def test_depth_speeds_up_l_4_regression_and_not_l_2():
    start = end_to_end(balanced_start((8, 1)))
    steps = {}
    for power in (2, 4):
        loss = generated_regression(200, 8, power=power)
        found = compare_descents(loss, start, steps=500, optimisers=("adagrad",))
        steps[power] = found.steps_to(1e-3)
        assert found.claim.kind == "numerical"
        assert found.claim.hypotheses == ("at the end of the rates tried: none",)
    assert steps[2]["depth 1"] < steps[2]["depth 2"] < steps[2]["depth 3"]
    assert steps[4]["depth 1"] > 3 * steps[4]["depth 2"] > 3 * steps[4]["depth 3"]


def test_the_least_loss_of_a_comparison_is_that_of_least_squares():
    loss = generated_regression(60, 3)
    found = compare_descents(loss, [[0.1, 0.1, 0.1]], steps=50, depths=(1, 2), rates=(0.5, 1))
    solved = np.linalg.lstsq(loss.inputs, loss.targets, rcond=None)[0].T
    assert found.least == pytest.approx(looped_value(loss, solved), rel=1e-9)
    assert list(found.descents) == ["depth 1", "depth 2", "adagrad", "adadelta"]
    assert found.steps_to(1e-9)["adadelta"] is None
    assert (found.excess("depth 1") >= -1e-15).all()
    assert "adagrad" in repr(found)


def test_rates_that_diverge_are_passed_over():
    loss = generated_regression(60, 3, power=4)
    found = compare_descents(
        loss, [[1.0, 1.0, 1.0]], steps=30, depths=(1,), optimisers=(), rates=(0.1, 1e3)
    )
    assert found.descents["depth 1"].rate == 0.1
    with pytest.raises(DivergenceError, match="depth 1 diverges with all rates from 1000 to 2000"):
        compare_descents(
            loss, [[1.0, 1.0, 1.0]], steps=30, depths=(1,), optimisers=(), rates=(1e3, 2e3)
        )


@given(WIDTHS, SEEDS)
@examples(20)
def test_factors_and_the_parameters_of_linear_are_one_another(widths, seed):
    factors = balanced_start(widths, scale=1.0, seed=seed)
    spec, parameters = as_linear(factors)
    assert spec == tnet.Linear(widths)
    x = np.random.default_rng(seed).standard_normal((5, widths[0]))
    scores = tnet.evaluate(spec.compile(), parameters, x[:, None])
    np.testing.assert_allclose(scores, x @ chained(factors).T, atol=1e-10)
    for back, factor in zip(linear_factors(spec, parameters), factors, strict=True):
        np.testing.assert_array_equal(back, factor)
    drawn = tnet.random_parameters(spec.compile(), seed=1)
    assert end_to_end(linear_factors(spec, drawn)).shape == (widths[-1], widths[0])


def test_a_descent_prints_and_counts_its_steps():
    loss = l_p_regression([[1.0]], [1.0])
    found = descend(loss, [[0.0]], rate=0.5, steps=3)
    assert found.losses.tolist() == [1 / 2, 1 / 8, 1 / 32, 1 / 128]
    assert [found.steps_to(level) for level in (1, 1 / 8, 0.1, 0.001)] == [0, 1, 2, None]
    assert repr(found) == "gradient, 3 steps of 0.5: 0.5 to 0.007812  (numerical)"


def square(matrix):
    return float((matrix**2).sum()), 2 * matrix


ONE = [np.ones((1, 1))]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: descend_factors(square, [], rate=1, steps=1), ParameterError, "no factor"),
        (
            lambda: descend_factors(square, [np.ones((2, 3)), np.ones((1, 3))], rate=1, steps=1),
            ParameterError,
            r"W_2 has shape \(1, 3\) and W_1 \(2, 3\); give W_2 2 columns",
        ),
        (
            lambda: end_to_end([[[1.0, np.nan]]]),
            ParameterError,
            r"'W_1' has nan at \(0, 1\)",
        ),
        (lambda: end_to_end([[[1.0], [1.0, 2.0]]]), ParameterError, "W_1 is no array"),
        (lambda: end_to_end([np.ones(3)]), ParameterError, r"W_1 has shape \(3,\)"),
        (lambda: descend_factors(square, ONE, rate=0, steps=1), SpecError, "rate is 0"),
        (lambda: descend(square, ONE[0], rate=-1, steps=1), SpecError, "rate is -1"),
        (lambda: descend(square, ONE[0], rate=1, steps=0), SpecError, "steps"),
        (
            lambda: descend_end_to_end(square, ONE[0], depth=0, rate=1, steps=1),
            SpecError,
            "depth",
        ),
        (
            lambda: descend(square, ONE[0], optimiser="adam", rate=1, steps=1),
            SpecError,
            "choose one of gradient, adagrad, adadelta",
        ),
        (
            lambda: descend(lambda w: (1.0, np.ones(3)), ONE[0], rate=1, steps=1),
            FunctionError,
            r"a gradient of shape \(3,\)",
        ),
        (
            lambda: descend(lambda w: (np.inf, w), ONE[0], rate=1, steps=1),
            FunctionError,
            "at the start the loss is inf and 0 entries",
        ),
        (
            lambda: descend(drawn_loss(3, 2), ONE[0], rate=1, steps=1),
            FunctionError,
            r"matrices of shape \(2, 3\), the start has shape \(1, 1\); start from",
        ),
        (
            lambda: end_to_end_gradient(np.ones((1, 2)), np.ones((2, 1)), 2),
            ParameterError,
            "give the gradient the shape of the weights",
        ),
        (lambda: single_output_gradient([1.0], [1.0], 0), SpecError, "depth"),
        (lambda: balanced_start((3,)), SpecError, "at least two"),
        (lambda: balanced_start((3, 0, 1)), SpecError, "width 1"),
        (lambda: balanced_start((3, 1), scale=0), SpecError, "scale is 0"),
        (lambda: balanced_factors(np.eye(2), (2, 1, 2)), SpecError, "hidden widths of at least 2"),
        (lambda: balanced_factors(np.eye(2), (2, 3)), SpecError, "begin with 2 and end with 2"),
        (
            lambda: l_p_regression([[1.0], [np.inf]], [1.0, 2.0]),
            FeatureError,
            r"inputs\[1, 0\] is inf",
        ),
        (
            lambda: l_p_regression([[1.0]], [1.0, 2.0]),
            FeatureError,
            r"shape \(1, 1\) and targets \(2,\)",
        ),
        (lambda: l_p_regression([[1.0]], [np.nan]), FeatureError, r"targets\[0\] is nan"),
        (lambda: l_p_regression([["a"]], [1.0]), FeatureError, "real numbers"),
        (
            lambda: l_p_regression([[1.0]], [1.0], power=1),
            SpecError,
            "power is 1; give a number from 2",
        ),
        (
            lambda: generated_regression(5, 2, condition=0.5),
            SpecError,
            "condition is 0.5 .* of at least 1",
        ),
        (lambda: generated_regression(0, 2), SpecError, "examples"),
        (
            lambda: compare_descents(square, ONE[0], steps=1, depths=(), optimisers=()),
            SpecError,
            "0 descents",
        ),
        (lambda: compare_descents(square, ONE[0], steps=1, rates=()), SpecError, "0 rates"),
        (lambda: compare_descents(square, ONE[0], steps=1, goal=0), SpecError, "goal is 0"),
        (
            lambda: agreement(square, ONE, rate=0.1, steps=2),
            FunctionError,
            "beyond rounding, with 1 factor;",
        ),
        (lambda: agreement(square, ONE, rate=0.1, steps=2, halvings=0), SpecError, "halvings"),
        (
            lambda: linear_factors(tnet.Linear((2, 1)), {"W1": np.ones((1, 2))}),
            ParameterError,
            "W1",
        ),
    ],
)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


RAGGED = [[1.0], [1.0, 2.0]]


@pytest.mark.parametrize("seed", [-1, 1.5, "a", [], True, [[1], [1, 2]]])
def test_seeds_are_whole_numbers(seed):
    for call in (
        lambda: balanced_start((2, 2), seed=seed),
        lambda: balanced_factors(np.eye(2), (2, 2), seed=seed),
        lambda: generated_regression(4, 2, seed=seed),
    ):
        with pytest.raises(SpecError, match=r"seed is .*; give a whole number of at least 0"):
            call()


@pytest.mark.parametrize("factors", [3, np.array(3.0), None])
def test_factors_are_a_sequence(factors):
    for call in (
        as_linear,
        end_to_end,
        balance_residual,
        lambda given: descend_factors(square, given, rate=1, steps=1),
        lambda given: agreement(square, given, rate=1, steps=1),
    ):
        with pytest.raises(ParameterError, match="give a sequence of matrices"):
            call(factors)


@pytest.mark.parametrize(
    ("loss", "match"),
    [
        (3, "the loss is 3; give a function"),
        (lambda w: None, "returned None; make it return a real number and a real array"),
        (lambda w: 3.0, "returned 3.0"),
        (lambda w: (1.0, w, w), "make it return"),
        (lambda w: "ab", "returned 'ab'"),
        (lambda w: (1j, w), "value of shape .* dtype complex128"),
        (lambda w: (1.0, 1j * w), "gradient of shape .* dtype complex128"),
        (lambda w: (1.0, RAGGED), "returned no arrays"),
    ],
)
def test_what_is_no_loss_is_named_by_every_descent(loss, match):
    for call in (
        lambda: descend(loss, ONE[0], rate=1, steps=1),
        lambda: descend_factors(loss, ONE * 2, rate=1, steps=1),
        lambda: descend_end_to_end(loss, ONE[0], depth=2, rate=1, steps=1),
        lambda: agreement(loss, ONE * 2, rate=1, steps=1),
        lambda: compare_descents(loss, ONE[0], steps=1),
    ):
        with pytest.raises(FunctionError, match=match):
            call()


def test_a_gradient_that_turns_complex_on_the_way_is_refused():
    def turning(matrix):
        return float((matrix**2).sum()), 2 * matrix * (1 if matrix[0, 0] == 1 else 1j)

    with pytest.raises(FunctionError, match="dtype complex128"):
        descend(turning, ONE[0], rate=0.1, steps=5)


@pytest.mark.parametrize(
    "numbers",
    [
        {"rate": "a", "steps": 1},
        {"rate": True, "steps": 1},
        {"rate": np.ones(2), "steps": 1},
        {"rate": 10**400, "steps": 1},
        {"rate": 0.1, "steps": None},
        {"rate": 0.1, "steps": 2**40},
        {"rate": 0.1, "steps": 10**5000},
    ],
)
def test_rates_and_steps_are_numbers_in_range(numbers):
    for call in (
        lambda: descend(square, ONE[0], **numbers),
        lambda: descend_factors(square, ONE * 2, **numbers),
        lambda: descend_end_to_end(square, ONE[0], depth=2, **numbers),
        lambda: agreement(square, ONE * 2, **numbers),
    ):
        with pytest.raises(SpecError, match=r"(rate|steps) is .*; give a"):
            call()


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: linear_factors(3, {}), SpecError, "give a tnet.Linear"),
        (lambda: linear_factors(tnet.Linear((2, 1)), 3), ParameterError, "give a mapping"),
        (lambda: linear_factors(tnet.Linear((2, 1)), {"W1": RAGGED}), ParameterError, "'W1' is no"),
        (lambda: end_to_end_gradient(RAGGED, np.eye(2), 2), ParameterError, "weights is no array"),
        (lambda: end_to_end_gradient(np.eye(2), RAGGED, 2), ParameterError, "gradient is no array"),
        (lambda: single_output_gradient(RAGGED, [1.0], 2), ParameterError, "weights are no array"),
        (
            lambda: single_output_gradient(np.eye(2), [1.0], 2),
            ParameterError,
            "one axis of numbers",
        ),
        (lambda: single_output_gradient([1.0], 3.0, 2), ParameterError, "one axis of numbers"),
        (lambda: end_to_end_gradient(np.eye(2), np.eye(2), 10**30), SpecError, "depth is 1000"),
        (
            lambda: end_to_end_gradient(np.full((2, 2), 1e308), np.eye(2), 3),
            ParameterError,
            r"exceeds the floating-point range of 1.8e\+308; scale",
        ),
        (lambda: end_to_end([1e200 * np.eye(2)] * 2), ParameterError, "product of the factors exc"),
        (lambda: balance_residual([1e200 * np.eye(2), np.eye(2)]), ParameterError, "residual exc"),
        (lambda: SWAP(1j * np.eye(2)), ParameterError, "dtype complex128; give real numbers"),
        (lambda: SWAP(np.ones(2)), ParameterError, r"give real numbers of shape \(2, 2\)"),
        (lambda: SWAP(RAGGED), ParameterError, "matrix is no array"),
        (lambda: l_p_regression([[1.0]], [1.0], power=1e30), SpecError, "to 1,000"),
        (lambda: l_p_regression([[1.0]], [1.0], power=np.ones(2)), SpecError, "power is array"),
        (lambda: generated_regression(4, 2, noise="a"), SpecError, "noise 'a'; give finite"),
        (lambda: generated_regression(4, 2, noise=True), SpecError, "noise True; give finite"),
        (lambda: generated_regression(4, 2, condition=None), SpecError, "condition is None"),
        (lambda: generated_regression(2**40, 2), SpecError, "examples is 1099511627776"),
        (lambda: generated_regression(2**30, 2**30), MemoryLimitError, "ask for fewer"),
        (lambda: balanced_start((2**40, 1)), MemoryLimitError, "give smaller widths"),
        (lambda: balanced_start(np.array(3)), SpecError, "widths is array"),
        (lambda: balanced_start(b"ab"), SpecError, "widths is b'ab'"),
        (lambda: balanced_start((2, 2), scale=True), SpecError, "scale is True"),
        (
            lambda: agreement(square, ONE * 2, rate=0.1, steps=2, halvings=10**7),
            SpecError,
            "ask for fewer halvings",
        ),
        (
            lambda: agreement(square, [0 * ONE[0]] * 2, rate=0.1, steps=2),
            FunctionError,
            "with 2 factors; compare two factors or more, from a start that is no stationary",
        ),
        (lambda: compare_descents(square, [[0.0]], steps=1), ParameterError, "the matrix is 0"),
        (lambda: compare_descents(square, ONE[0], steps=1, depths=1), SpecError, "depths is 1"),
        (lambda: compare_descents(square, ONE[0], steps=1, depths=b"a"), SpecError, "a sequence"),
        (lambda: compare_descents(square, ONE[0], steps=1, rates=1.0), SpecError, "rates is 1.0"),
        (lambda: compare_descents(square, ONE[0], steps=1, optimisers=1), SpecError, "a sequence"),
        (
            lambda: compare_descents(square, ONE[0], steps=1, optimisers=(np.ones(2),)),
            SpecError,
            "optimiser is array",
        ),
        (
            lambda: compare_descents(square, ONE[0], steps=1, rates=(1,)).excess("depth 7"),
            UnknownNameError,
            "'depth 7'; name one of depth 1",
        ),
        (
            lambda: descend(square, ONE[0], rate=0.1, steps=1).steps_to(None),
            SpecError,
            "level is None",
        ),
    ],
)
def test_more_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_a_loss_that_overflows_is_infinite_without_a_warning():
    value, gradient = SWAP(np.full((2, 2), 1e200))
    assert value == np.inf
    assert gradient.shape == (2, 2)


def test_a_divergence_advises_a_rate_that_gives_finite_steps():
    loss = l_p_regression([[1.0]], [1.0], power=4)
    for rate in (1.5, 1e300):
        with pytest.raises(DivergenceError) as caught:
            descend(loss, [[4.0]], rate=rate, steps=100)
        advised = float(re.search(r"such as (\S+),", str(caught.value))[1])
        assert descend(loss, [[4.0]], rate=advised, steps=100).losses[-1] < 1


@pytest.mark.parametrize("rate", [1.5, 50.0])
def test_divergence_says_at_which_step_and_what_to_do(rate):
    loss = l_p_regression([[1.0]], [1.0], power=4)
    with pytest.raises(DivergenceError, match=r"after step \d+ of 1000 .*; take a smaller rate"):
        descend(loss, [[4.0]], rate=rate, steps=1000)
    with pytest.raises(DivergenceError, match="not finite after step"):
        descend_factors(loss, balanced_factors([[4.0]], (1, 1, 1)), rate=rate, steps=1000)
    with pytest.raises(DivergenceError, match="not finite after step"):
        descend_end_to_end(loss, [[4.0]], depth=3, rate=rate, steps=1000)


def test_an_unbalanced_start_is_warned_of_with_its_residual():
    with pytest.warns(UnbalancedStartWarning, match="residual 3"):
        descend_factors(square, [[[2.0]], [[1.0]]], rate=0.01, steps=1)


def test_a_start_whose_product_overflows_on_the_way_is_refused():
    start = [[[1e200]], [[1e200]], [[1e-300]]]
    for call in (
        lambda: descend_factors(square, [[[1e200]]] * 2, rate=1, steps=1),
        lambda: agreement(square, start, rate=1, steps=1),
    ):
        with pytest.raises(ParameterError, match="exceeds the floating-point range"):
            call()
