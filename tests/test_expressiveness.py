"""Representation functions and templates: constructions checked by exact arithmetic."""

import itertools
import math
from dataclasses import FrozenInstanceError
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from tnet.claims import Claim
from tnet.errors import FeatureError, FunctionError, SpecError, VerificationError
from tnet.expressiveness.representations import AffineNeurons, BinaryPairs, Gaussians, OneHot
from tnet.expressiveness.templates import (
    TemplateSet,
    invertible_neurons,
    invertible_templates,
    template_matrix,
)


def exact_determinant(matrix):
    rows = [[flint.fmpq(*Fraction(entry).as_integer_ratio()) for entry in row] for row in matrix]
    return flint.fmpq_mat(rows).det()


def by_hand(kind, x):
    """One feature vector of one element, as the formulas are written."""
    sigmoid = [1 / (1 + math.exp(-(2.0 * x[0] - x[1] + 0.5))), 1 / (1 + math.exp(-x[1]))]
    return {
        "sigmoid": sigmoid,
        "relu": [max(0.0, 2.0 * x[0] - x[1] + 0.5), max(0.0, x[1])],
        "gaussians": [
            math.exp(-((x[0] - 1) ** 2 + x[1] ** 2) / 2),
            math.exp(-(x[0] ** 2 + (x[1] - 2) ** 2) / (2 * 9)),
        ],
    }[kind]


NEURONS = ([[2.0, -1.0], [0.0, 1.0]], [0.5, 0.0])
VECTOR_FUNCTIONS = {
    "sigmoid": AffineNeurons(*NEURONS),
    "relu": AffineNeurons(*NEURONS, activation="relu"),
    "gaussians": Gaussians([[1.0, 0.0], [0.0, 2.0]], [1.0, 3.0]),
}


@pytest.mark.parametrize("kind", VECTOR_FUNCTIONS)
def test_functions_of_vectors_are_their_formulas(kind):
    inputs = np.random.default_rng(0).standard_normal((4, 3, 2))
    found = VECTOR_FUNCTIONS[kind](inputs)
    assert found.shape == (4, 3, 2)
    for b, n in itertools.product(range(4), range(3)):
        np.testing.assert_allclose(found[b, n], by_hand(kind, inputs[b, n]), rtol=1e-12)


def test_functions_of_numbers():
    x = np.array([[0.0, 1.0, 0.25]])
    np.testing.assert_allclose(
        AffineNeurons([1.0, 2.0, 0.0], [0.0, -1.0, 1.0], "relu")(x)[0],
        [[0, 0, 1], [1, 1, 1], [0.25, 0, 1]],
    )
    bumps = Gaussians([0.0, 1.0], 0.5)(x)[0]
    np.testing.assert_allclose(bumps[:, 0], np.exp(-2 * x[0] ** 2))
    assert BinaryPairs()(x).tolist() == [[[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]]]
    assert OneHot(3)(np.array([[1, 2]])).tolist() == [[[0, 1, 0], [0, 0, 1]]]
    # No overflow on the way.
    assert AffineNeurons([1.0], [0.0])(np.array([[-1e4, 1e4]])).tolist() == [[[0.0], [1.0]]]


def test_functions_are_frozen():
    neurons = AffineNeurons([1.0], [0.0])
    with pytest.raises(FrozenInstanceError):
        neurons.activation = "relu"
    with pytest.raises(ValueError, match="read-only"):
        neurons.weights[0] = 2


DISTINCT = st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=12, unique=True).map(
    lambda values: np.array(values, dtype=np.float64) / 1000
)


@examples(80)
@given(DISTINCT)
def test_neurons_of_both_kinds_are_invertible_on_distinct_templates(templates):
    m = len(templates)
    for activation in ("sigmoid", "relu"):
        found = invertible_neurons(templates, activation)
        assert exact_determinant(found.matrix) != 0
        np.testing.assert_allclose(
            found.matrix, found.functions(templates[:, None])[:, 0], rtol=1e-15
        )
        found.verify()
        assert found.claim.kind == "exact by theorem"
    # What the proof promises of the sigmoid, in the norm of row sums.
    matrix = invertible_neurons(templates, "sigmoid").matrix
    assert np.linalg.norm(np.linalg.inv(matrix), np.inf) <= 8 / 3 + 1e-9
    triangle = np.tril(np.ones((m, m)))[np.argsort(np.argsort(templates))]
    assert np.abs(matrix - triangle).max() <= 1 / (8 * m) + 1e-9


@examples(40)
@given(DISTINCT)
def test_rectifier_neurons_have_the_product_of_the_gaps_as_determinant(templates):
    found = invertible_neurons(templates, "relu")
    gaps = np.diff(np.sort(templates))
    typical = gaps.mean() if len(gaps) else 1.0
    expected = np.prod(gaps / typical)
    determinant = exact_determinant(found.matrix)
    assert abs(float(determinant.p) / float(determinant.q)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_templates_of_several_entries_are_projected(activation):
    # A grid: neither axis alone tells its points apart.
    points = np.array(list(itertools.product(range(4), range(4))), dtype=np.float64)
    found = invertible_neurons(points, activation)
    assert exact_determinant(found.matrix) != 0
    assert found.functions.weights.shape == (16, 2)
    again = invertible_neurons(points, activation)
    np.testing.assert_array_equal(found.matrix, again.matrix)


def test_chosen_templates_are_invertible_and_as_good_as_greed_gets():
    rng = np.random.default_rng(0)
    for functions in (
        Gaussians(np.linspace(-1, 1, 5), 0.4),
        AffineNeurons(rng.standard_normal(5), rng.standard_normal(5)),
        lambda x: np.stack([x**k for k in range(5)], axis=-1),
    ):
        candidates = np.linspace(-2, 2, 41)
        found = invertible_templates(functions, candidates)
        assert len(set(found.chosen)) == 5
        np.testing.assert_array_equal(found.templates, candidates[list(found.chosen)])
        assert exact_determinant(found.matrix) != 0
        assert found.condition == pytest.approx(np.linalg.cond(found.matrix))
        found.verify()
        drawn = [
            np.linalg.cond(template_matrix(functions, rng.choice(candidates, 5, replace=False)))
            for _ in range(40)
        ]
        assert found.condition < np.median(drawn)


def test_scales_of_functions_do_not_matter():
    found = invertible_templates(
        lambda x: np.stack([np.ones_like(x), 1e-30 * x], axis=-1), np.linspace(0, 1, 11)
    )
    assert sorted(found.templates.tolist()) == [0.0, 1.0]


def test_a_set_that_was_tampered_with_is_found_out():
    calls = []

    def unsteady(x):
        calls.append(x)
        return np.stack([np.ones_like(x), x + len(calls) // 2], axis=-1)

    found = TemplateSet(unsteady, np.array([0.0, 1.0]), None, Claim("numerical", "by hand"))
    with pytest.raises(VerificationError, match="from the identity"):
        found.verify()
    assert str(found).startswith("<TemplateSet: 2 functions and templates")


SUMS = AffineNeurons([0.0, 1.0, 2.0], [1.0, 5.0, 11.0], "relu")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            # On positive numbers the third is twice the second plus the first.
            lambda: invertible_templates(SUMS, np.linspace(0, 1, 9)),
            FunctionError,
            "3 functions on 9 candidates have rank 2",
        ),
        (
            lambda: invertible_templates(OneHot(4), [0, 1]),
            FunctionError,
            "4 functions on 2 candidates have rank 2",
        ),
        (
            lambda: TemplateSet(OneHot(2), np.array([1, 1]), None, Claim("numerical", "by hand")),
            FunctionError,
            "2 functions on 2 templates are a matrix of rank 1",
        ),
        (
            lambda: invertible_neurons([0.0, 2.0, 1.0, 2.0]),
            FeatureError,
            "templates 1 and 3 are equal",
        ),
        (
            lambda: invertible_neurons([[0.0, 1.0], [2.0, 0.0], [0.0, 1.0]], "relu"),
            FeatureError,
            "templates 0 and 2 are equal",
        ),
        (lambda: invertible_neurons([1.0, np.nan]), FeatureError, "give finite numbers"),
        (lambda: invertible_neurons([1.0], "tanh"), SpecError, "activation is 'tanh'"),
        (lambda: template_matrix(OneHot(2), 3), FeatureError, r"shape \(\)"),
        (lambda: template_matrix(lambda x: x, [1.0, 2.0]), FunctionError, r"shape \(2, 1\)"),
        (
            lambda: template_matrix(lambda x: np.log(x)[..., None], [1.0, np.inf]),
            FunctionError,
            "finite numbers of shape",
        ),
        (lambda: AffineNeurons([1.0], [1.0, 2.0]), SpecError, "of 1 neurons and biases of 2"),
        (lambda: AffineNeurons([np.inf], [1.0]), SpecError, "weights has shape .* give finite"),
        (lambda: AffineNeurons([1.0], [1.0], "tanh"), SpecError, "activation is 'tanh'"),
        (lambda: Gaussians([1.0, 2.0], [1.0, 1.0, 1.0]), SpecError, "means are of 2"),
        (lambda: Gaussians([1.0], 0.0), SpecError, "a deviation is 0.0; give positive"),
        (lambda: OneHot(0), SpecError, "symbols must be an integer"),
        (lambda: OneHot(2)(np.array([[2]])), FeatureError, r"from 2 to 2; symbols are 0\.\.1"),
        (lambda: OneHot(2)(np.array([[0.5]])), FeatureError, "symbols are whole numbers"),
        (lambda: BinaryPairs()(np.array([[16.0]])), FeatureError, "scale shades to 0"),
        (
            lambda: Gaussians([[1.0, 2.0]], 1.0)(np.ones((3, 4))),
            FeatureError,
            "take vectors of 2 entries",
        ),
    ],
)
def test_bad_functions_and_templates_are_answered(call, error, message):
    with pytest.raises(error, match=message):
        call()
