"""Scores far beyond floating point, beside sums of logarithms and exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

import tnet


def filled(network, size, seed=0):
    """Parameters of magnitude around `size`, of either sign."""
    generator = np.random.default_rng(seed)
    return {
        name: size * generator.uniform(0.5, 1.5, shape) * generator.choice([-1, 1], shape)
        for name, shape in network.parameter_shapes.items()
    }


def fractions(array):
    """The same numbers as fractions, in which nothing is rounded."""
    flat = [Fraction(entry) for entry in np.asarray(array, dtype=float).ravel().tolist()]
    return np.array([*flat, None], dtype=object)[:-1].reshape(np.shape(array))


def exact_scores(network, parameters, features):
    """Scores of a line with windows of 2 as fractions, level by level."""
    matrices = {name: fractions(array) for name, array in parameters.items()}
    values = [fractions(features[:, mode]) for mode in range(network.n_modes)]
    for level in range(network.n_modes.bit_length() - 1):
        own = matrices[f"conv{level}"]
        sent = [value @ matrix for value, matrix in zip(values, own, strict=True)]
        values = [left * right for left, right in zip(sent[0::2], sent[1::2], strict=True)]
    return values[0] @ matrices["out"]


def exact_log2(fraction):
    """Binary logarithm of the magnitude of a fraction, however large or small it is."""
    parts = []
    for whole in (abs(fraction.numerator), fraction.denominator):
        shift = max(whole.bit_length() - 64, 0)
        parts.append(shift + math.log2(whole >> shift))
    return parts[0] - parts[1]


def assert_equal_to_fractions(found, expected):
    """Signs and logarithms of `Scaled` against fractions; a relative error of 1e-9 in the score."""
    logs, signs = found.log2_abs(), np.sign(found.mantissa)
    for place in np.ndindex(expected.shape):
        assert logs[place] == pytest.approx(exact_log2(expected[place]), abs=1e-9)
        assert signs[place] == (1 if expected[place] > 0 else -1)


@pytest.mark.parametrize("size", [1e-200, 1e-30, 1e-3, 1.0, 1e3, 1e30, 1e200])
@pytest.mark.parametrize("inputs", [4, 16, 64])
def test_scores_are_those_of_fractions(inputs, size):
    widths = (3,) * (inputs.bit_length() - 1)
    network = tnet.ConvNet(inputs, features=2, widths=widths, outputs=3).compile()
    parameters = filled(network, size)
    features = np.random.default_rng(1).standard_normal((2, inputs, 2))
    found = tnet.evaluate_scaled(network, parameters, features)
    assert found.mantissa.shape == (2, 3)
    assert found.log2.shape == (2,)
    assert_equal_to_fractions(found, exact_scores(network, parameters, features))


def test_examples_of_very_different_sizes_have_a_power_of_two_each():
    network = tnet.ConvNet(16, features=2, widths=(3,) * 4, outputs=3).compile()
    parameters = filled(network, 1.0)
    sizes = np.array([1e-150, 1.0, 1e150, 1e-300]).reshape(4, 1, 1)
    features = sizes * np.random.default_rng(1).standard_normal((4, 16, 2))
    found = tnet.evaluate_scaled(network, parameters, features)
    assert_equal_to_fractions(found, exact_scores(network, parameters, features))
    largest = np.abs(found.mantissa).max(axis=1)
    assert ((largest >= 0.5) & (largest < 1)).all()


def test_slices_of_very_different_sizes_are_added():
    """The slices of a bond whose values weigh from 1e-250 to 1e250, all times 1e250."""
    weights = np.logspace(-250, 250, 6)
    network = tnet.from_einsum("ak,kb,k,->ab", (9, 6), (6, 9), (6,), ())
    generator = np.random.default_rng(0)
    left, right = generator.uniform(0.5, 1.5, (9, 6)), generator.uniform(0.5, 1.5, (6, 9))
    parameters = {"t0": left, "t1": right, "t2": weights, "t3": np.array(1e250)}
    plan = tnet.plan(network, task="contract")
    bond = next(index for index in range(network.n_indices) if network.dim_of(index) == 6)
    found = tnet.contract_scaled(network, parameters, plan=plan.with_limit(None, (bond,)))
    expected = (fractions(left) * fractions(weights)) @ fractions(right) * Fraction(1e250)
    assert_equal_to_fractions(found, expected)


LONGEST = 65_536


def rank_one(network, size, generator):
    """Matrices of rank one, with equal columns: a score is the product of the columns' sums."""
    parameters, log2 = {}, 0.0
    for group in network.tensor_groups:
        shape = network.parameter_shape(group)
        rows_axis = 0 if group.shared else 1
        columns = tuple(1 if axis > rows_axis else dim for axis, dim in enumerate(shape))
        column = size * generator.uniform(0.5, 1.5, columns)
        parameters[group.parameter] = np.broadcast_to(column, shape)
        log2 += math.fsum(np.log2(column.sum(axis=rows_axis)).ravel().tolist())
    return parameters, log2


@pytest.mark.parametrize("size", [1e-3, 1e3])
def test_sixty_five_thousand_inputs(size):
    network = tnet.ConvNet(LONGEST, features=2, widths=(2,) * 16).compile()
    generator = np.random.default_rng(0)
    # All entries of a value are then one number, and so they stay from level to level.
    parameters, log2 = rank_one(network, size, generator)
    scales = generator.uniform(0.5, 1.5, (3, LONGEST, 1))
    expected = [log2 + math.fsum(np.log2(row).ravel().tolist()) for row in scales]
    features = np.broadcast_to(scales, (3, LONGEST, 2))
    found = tnet.evaluate_scaled(network, parameters, features)
    assert np.isfinite(found.mantissa).all()
    assert np.isfinite(found.log2).all()
    assert (found.log2 == np.rint(found.log2)).all()
    # Some 10^6 powers of two; a score is a product of some 200,000 rounded numbers.
    assert np.abs(found.log2).min() > 10**6
    np.testing.assert_allclose(found.log2_abs(), expected, rtol=0, atol=1e-6)
    with np.errstate(over="ignore", invalid="ignore"):
        plain = tnet.evaluate(network, parameters, features)
    assert (plain == (0 if size < 1 else np.inf)).all()


def test_the_class_of_the_largest_score_where_plain_scores_are_zero():
    inputs, classes = 64, 3
    network = tnet.ConvNet(inputs, features=3, widths=(3,) * 6, outputs=classes).compile()
    generator = np.random.default_rng(5)
    # Positive scores, such as probabilities are; every class mostly has a channel of its own.
    parameters = {
        name: 1e-5 * (np.eye(3) + generator.uniform(0.01, 0.1, shape))
        for name, shape in network.parameter_shapes.items()
    }
    features = generator.uniform(0.1, 1.0, (20, inputs, 3))
    assert (tnet.evaluate(network, parameters, features) == 0).all()
    scores = exact_scores(network, parameters, features)
    expected = [max(range(classes), key=row.__getitem__) for row in scores.tolist()]
    assert len(set(expected)) > 1
    logs = tnet.evaluate_scaled(network, parameters, features).log2_abs()
    assert logs.argmax(axis=1).tolist() == expected
    # Shares of the classes, from differences of logarithms.
    shares = np.exp2(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    exact = [[float(score / sum(row)) for score in row] for row in scores.tolist()]
    np.testing.assert_allclose(shares, exact, rtol=1e-10)


def test_zeros_stay_zeros():
    network = tnet.ConvNet(16, features=2, widths=(2,) * 4, outputs=2).compile()
    parameters = filled(network, 1e-100)
    parameters["out"][:, 1] = 0
    features = np.ones((3, 16, 2))
    features[1] = 0
    found = tnet.evaluate_scaled(network, parameters, features)
    assert (found.mantissa[:, 0] != 0).tolist() == [True, False, True]
    assert (found.mantissa[:, 1] == 0).all()
    logs = found.log2_abs()
    assert (logs[:, 1] == -np.inf).all()
    assert logs[1, 0] == -np.inf
    assert np.isfinite(logs[[0, 2], 0]).all()


@pytest.mark.parametrize("operator", ["max", "sum", "norm", "softplus"])
def test_other_operators_have_a_mantissa_and_a_power_of_two(operator):
    network = tnet.ConvNet(8, features=2, widths=(3,) * 3, outputs=2, operator=operator).compile()
    parameters = tnet.random_parameters(network)
    features = np.random.default_rng(0).standard_normal((4, 8, 2))
    found = tnet.evaluate_scaled(network, parameters, features)
    np.testing.assert_array_equal(found.value(), tnet.evaluate(network, parameters, features))
    assert found.log2.shape == (4,)
