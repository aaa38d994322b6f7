"""Spectra against dense SVD of the einsum tensor, and their measures on known states."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tnet
from tnet.claims import Claim
from tnet.contraction import memory
from tnet.entanglement.measures import SchmidtSpectrum
from tnet.errors import (
    MemoryLimitError,
    OperatorError,
    ParameterError,
    PartitionError,
    SweepError,
)

TWO = tnet.from_einsum("ab->ab", (2, 2))
BELL = {"t0": np.eye(2) / math.sqrt(2)}


def spectrum_of(values):
    """A spectrum with the given singular values, the largest 1."""
    values = np.asarray(values, dtype=np.float64)
    claim = Claim("numerical", "by hand")
    return SchmidtSpectrum(values, 0.0, (len(values), len(values)), 2.0**-52, claim)


probability_vectors = st.lists(st.floats(0.01, 1), min_size=1, max_size=12).map(
    lambda weights: np.array(sorted(weights, reverse=True)) / sum(weights)
)


def dense(network, parameters):
    inputs, output, _ = network.to_einsum()
    operands = []
    for tensor, indices in enumerate(inputs):
        view = network.tensors[tensor]
        array = parameters[view.parameter]
        row = tensor - network.tensor_names.find(f"{view.group}[0]")
        operands += [array if view.shared else array[row], list(indices)]
    return np.einsum(*operands, list(output))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [
            tnet.ConvNet(8, features=2, widths=(2, 3, 4)),
            tnet.ConvNet(8, features=2, widths=(3, 3, 3), shared=True, outputs=3),
            tnet.ConvNet((2, 4), features=2, widths=(2, 2), pooling="mirror"),
            tnet.ConvNet(5, features=3, widths=(4,), pooling="global"),
        ]
    ),
    st.integers(0, 2**8 - 1),
    st.integers(0, 3),
)
def test_spectrum_is_the_svd_of_the_matricization(spec, bits, seed):
    network = spec.compile()
    parameters = tnet.random_parameters(network, seed=seed)
    n = network.n_modes
    side = np.array([bool(bits >> mode & 1) for mode in range(n)])
    output = seed % spec.outputs
    tensor = dense(network, parameters).reshape([spec.features] * n + [-1])[..., output]
    order = [*np.nonzero(side)[0], *np.nonzero(~side)[0]]
    matrix = tensor.transpose(order).reshape(spec.features ** int(side.sum()), -1)
    expected = np.linalg.svd(matrix, compute_uv=False)
    spectrum = tnet.schmidt_spectrum(network, parameters, side, output=output)
    assert spectrum.values[0] == 1
    assert spectrum.shape == matrix.shape
    # What the compressed matrix leaves out is zero for any weights.
    n_values = len(spectrum.values)
    np.testing.assert_allclose(
        spectrum.values * 2**spectrum.log2_scale,
        expected[:n_values],
        rtol=1e-12,
        atol=1e-14 * expected[0],
    )
    assert (expected[n_values:] <= 1e-12 * expected[0]).all()
    assert spectrum.number() <= tnet.min_cut(network, side).dimension


def test_rank_equals_the_cut_where_the_theorem_holds():
    network = tnet.ConvNet(16, features=2, widths=(2, 4, 4, 4)).compile()
    parameters = tnet.random_parameters(network, seed=3)
    for side in (tnet.partitions.left_right(16), tnet.partitions.blocks(16, 4)):
        cut = tnet.min_cut(network, side)
        assert cut.claim.kind == "exact by theorem"
        assert tnet.schmidt_spectrum(network, parameters, side).number() == cut.dimension


def test_measures_of_a_bell_state():
    spectrum = tnet.schmidt_spectrum(TWO, BELL, [0])
    assert spectrum.number() == 2
    assert spectrum.entropy() == pytest.approx(1)
    assert spectrum.entropy(math.e) == pytest.approx(math.log(2))
    assert spectrum.geometric_measure == pytest.approx(0.5)
    assert spectrum.claim.kind == "numerical"
    assert "number 2 of at most 2" in repr(spectrum)


def test_measures_of_products_and_of_zero():
    product = tnet.schmidt_spectrum(TWO, {"t0": np.ones((2, 2))}, [0])
    assert product.number() == 1
    assert product.entropy() == pytest.approx(0, abs=1e-12)
    assert product.geometric_measure == pytest.approx(0, abs=1e-12)
    zero = tnet.schmidt_spectrum(TWO, {"t0": np.zeros((2, 2))}, [0])
    assert (zero.number(), zero.entropy(), zero.geometric_measure) == (0, 0, 0)
    assert zero.log2_scale == -math.inf


@given(probability_vectors, st.floats(1.5, 20))
def test_measures_are_their_formulas_on_probabilities(p, base):
    spectrum = spectrum_of(np.sqrt(p / p[0]))
    shannon = -sum(float(x) * math.log(x) for x in p)
    close = {"rel": 1e-9, "abs": 1e-12}
    np.testing.assert_allclose(spectrum.probabilities, p, rtol=1e-12)
    np.testing.assert_allclose(spectrum.shares, np.cumsum(p), rtol=1e-12)
    assert spectrum.shares.max() <= 1
    assert spectrum.entropy(base) == pytest.approx(shannon / math.log(base), **close)
    assert spectrum.effective_rank == pytest.approx(math.exp(shannon), **close)
    assert 1 - 1e-12 <= spectrum.effective_rank <= len(p) * (1 + 1e-12)
    assert spectrum.renyi_entropy(0, base) == pytest.approx(math.log(len(p), base), **close)
    assert spectrum.renyi_entropy(1, base) == pytest.approx(shannon / math.log(base), **close)
    assert spectrum.renyi_entropy(math.inf, base) == pytest.approx(-math.log(p[0], base), **close)
    for order in (0.1, 0.5, 0.9, 1.2, 1.5, 2, 3.7, 40):
        total = sum(float(x) ** order for x in p)
        expected = math.log(total) / (1 - order) / math.log(base)
        assert spectrum.renyi_entropy(order, base) == pytest.approx(expected, rel=1e-7, abs=1e-10)


@given(probability_vectors)
def test_renyi_entropies_fall_with_the_order_and_meet_their_limits(p):
    spectrum = spectrum_of(np.sqrt(p / p[0]))
    orders = [0, 1e-6, 0.3, 0.5, 1 - 1e-9, 1, 1 + 1e-9, 1.5, 2, 10, 1e3, 1e6, math.inf]
    entropies = [spectrum.renyi_entropy(order) for order in orders]
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(entropies))
    assert entropies[1] == pytest.approx(entropies[0], abs=1e-4)
    assert entropies[4] == pytest.approx(entropies[5], abs=1e-7)
    assert entropies[6] == pytest.approx(entropies[5], abs=1e-7)
    assert entropies[-2] == pytest.approx(entropies[-1], abs=1e-4)
    assert spectrum.entropy() == pytest.approx(entropies[5], abs=1e-12)


def test_number_and_gap_at_a_tolerance():
    spectrum = spectrum_of([1, 0.5, 1e-3, 1e-17, 0])
    assert [spectrum.number(rtol) for rtol in (None, 0, 0.1, 0.5)] == [3, 4, 2, 1]
    gaps = [spectrum.gap(rtol) for rtol in (None, 0, 0.1, 0.5)]
    assert gaps == pytest.approx([1e14, math.inf, 500, 2])
    assert spectrum_of([1, 0.5]).gap() == math.inf
    assert spectrum.renyi_entropy(0) == pytest.approx(math.log2(3))
    assert spectrum.renyi_entropy(0, rtol=0) == 2
    assert spectrum.renyi_entropy(2, rtol=0.7) == 0


@pytest.mark.parametrize(("values", "number"), [([0.0, 0.0], 0), ([1.0, 0.0], 1), ([1.0], 1)])
def test_measures_of_rank_zero_and_one(values, number):
    spectrum = spectrum_of(values)
    assert (spectrum.number(), spectrum.gap()) == (number, math.inf)
    assert spectrum.effective_rank == number
    assert (spectrum.entropy(), spectrum.geometric_measure) == (0, 0)
    for order in (0, 0.5, 1, 1.2, 2, math.inf):
        assert spectrum.renyi_entropy(order) == 0
    assert spectrum.shares.tolist() == [float(number)] * len(values)


def test_spectra_of_the_library_say_how_clear_their_number_is():
    network = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
    spectrum = tnet.schmidt_spectrum(network, tnet.random_parameters(network), range(4))
    assert spectrum.number() == 4
    assert spectrum.gap() > 1e6
    assert spectrum.gap(0.5) < 1e3


def test_empty_and_full_sides_have_number_one():
    for side in ([], [0, 1]):
        assert tnet.schmidt_spectrum(TWO, BELL, side).number() == 1


def test_scale_is_carried_beyond_floating_point():
    network = tnet.ConvNet(16, features=1, widths=(1,) * 4).compile()
    tiny = {name: np.full_like(a, 1e-20) for name, a in tnet.random_parameters(network).items()}
    spectrum = tnet.schmidt_spectrum(network, tiny, range(8))
    assert spectrum.values.tolist() == [1]
    assert spectrum.log2_scale == pytest.approx(31 * math.log2(1e-20))


def test_feature_gram_gives_the_spectrum_of_the_function():
    # f_1 = 1 and f_2 = x on [0, 1]; quadrature that is exact for them is the independent oracle.
    nodes, weights = np.polynomial.legendre.leggauss(4)
    points, weights = (nodes + 1) / 2, weights / 2
    values = np.stack([np.ones(4), points])
    gram = (values * weights) @ values.T
    coefficients = np.array([[1.0, 2.0], [-0.5, 3.0]])
    root = np.sqrt(weights)
    samples = root[:, None] * (values.T @ coefficients @ values) * root
    expected = np.linalg.svd(samples, compute_uv=False)[:2]
    spectrum = tnet.schmidt_spectrum(TWO, {"t0": coefficients}, [0], feature_gram=gram)
    np.testing.assert_allclose(spectrum.values * 2**spectrum.log2_scale, expected, rtol=1e-10)
    plain = tnet.schmidt_spectrum(TWO, {"t0": coefficients}, [0])
    assert plain.number() == spectrum.number() == 2
    assert abs(plain.entropy() - spectrum.entropy()) > 0.01


class TestBadInput:
    def test_what_does_not_fit_is_refused_with_its_bytes(self, monkeypatch):
        network = tnet.ConvNet(4096, features=4, widths=(16,) * 12).compile()
        parameters = tnet.random_parameters(network)
        with pytest.raises(MemoryLimitError, match=r"4096 readings takes 2\^8197 bytes, but"):
            tnet.schmidt_spectrum(network, parameters, tnet.partitions.odd_even(4096))
        monkeypatch.setattr(memory, "available_bytes", lambda: 100)
        large = tnet.from_einsum("ab->ab", (2000, 2000))
        with pytest.raises(MemoryLimitError, match=r"takes [\d.]+ MiB, but 100 bytes are free"):
            tnet.schmidt_spectrum(large, {"t0": np.zeros((2000, 2000))}, [0])

    def test_no_coefficient_tensor_with_other_operators(self):
        network = tnet.ConvNet(4, features=2, widths=(2, 2), operator="sum").compile()
        with pytest.raises(OperatorError, match="no coefficient tensor"):
            tnet.schmidt_spectrum(network, tnet.random_parameters(network), [0])

    def test_parameters_that_are_not_finite_are_named(self):
        with pytest.raises(ParameterError, match=r"'t0' has inf at \(0, 1\)"):
            tnet.schmidt_spectrum(TWO, {"t0": np.array([[1, np.inf], [0, 1]])}, [0])

    def test_an_output_that_does_not_exist(self):
        with pytest.raises(PartitionError, match=r"output is 1; the network has outputs 0\.\.0"):
            tnet.schmidt_spectrum(TWO, BELL, [0], output=1)

    @pytest.mark.parametrize(
        ("gram", "message"),
        [
            (np.eye(3), r"shape \(3, 3\)"),
            ([[1, 2], [0, 1]], "conjugate transpose"),
            (np.diag([1.0, -1.0]), "negative eigenvalue -1"),
            ([[1, np.nan], [np.nan, 1]], "finite"),
        ],
    )
    def test_gram_matrices_that_are_none(self, gram, message):
        with pytest.raises(ParameterError, match=message):
            tnet.schmidt_spectrum(TWO, BELL, [0], feature_gram=gram)

    def test_gram_of_an_element_read_twice(self):
        b = tnet.NetworkBuilder()
        b.indices("x", 2, 2, role="input", modes=[0, 0])
        b.tensor("t", ["x[0]", "x[1]"])
        network = b.build()
        with pytest.raises(PartitionError, match="read once"):
            tnet.schmidt_spectrum(
                network, tnet.random_parameters(network), [0], feature_gram=np.eye(2)
            )

    def test_measures_with_impossible_options(self):
        spectrum = tnet.schmidt_spectrum(TWO, BELL, [0])
        with pytest.raises(PartitionError, match="base of an entropy"):
            spectrum.entropy(1)
        with pytest.raises(PartitionError, match="base of an entropy"):
            spectrum.renyi_entropy(2, 0.5)
        for order in (-0.1, math.nan):
            with pytest.raises(PartitionError, match="order of a Rényi entropy is at least 0"):
                spectrum.renyi_entropy(order)
        for measure in (spectrum.number, spectrum.gap):
            for rtol in (-1, 1, math.nan):
                with pytest.raises(PartitionError, match="rtol must be"):
                    measure(rtol)

    @pytest.mark.parametrize("given", ["a", None, True, 2j, [2]])
    def test_measures_of_what_is_no_number(self, given):
        spectrum = tnet.schmidt_spectrum(TWO, BELL, [0])
        with pytest.raises(PartitionError, match="base of an entropy must be above 1"):
            spectrum.entropy(given)
        with pytest.raises(PartitionError, match="order of a Rényi entropy is at least 0"):
            spectrum.renyi_entropy(given)
        if given is not None:
            for measure in (spectrum.number, spectrum.gap, spectrum.runs_into_tolerance):
                with pytest.raises(PartitionError, match="rtol must be"):
                    measure(given)

    def test_a_spec_in_place_of_its_network(self):
        spec = tnet.ConvNet(4, features=2, widths=(2, 2))
        for ask in (tnet.schmidt_spectrum, tnet.entanglement_profile):
            with pytest.raises(AttributeError, match=r"call \.compile\(\) for the network"):
                ask(spec, {}, [0])

    @pytest.mark.parametrize(
        ("sides", "message"),
        [
            ([0, 1], r"sides is a bool array of shape \(B, 2\); got dtype int64 and shape \(2,\)"),
            (np.ones((2, 3), dtype=bool), r"sides is .* dtype bool and shape \(2, 3\)"),
            (np.ones(2, dtype=bool), r"sides is .* dtype bool and shape \(2,\)"),
            (True, r"sides is .* dtype bool and shape \(\)"),
            ([[True], [True, False]], "sides has rows of several lengths; give each 2 flags"),
        ],
    )
    def test_sides_of_a_profile_that_do_not_fit(self, sides, message):
        with pytest.raises(PartitionError, match=message):
            tnet.entanglement_profile(TWO, BELL, sides)

    def test_an_executor_that_is_none(self):
        with pytest.raises(SweepError, match="executor is of type int and has no submit"):
            tnet.entanglement_profile(TWO, BELL, [[True, False]], executor=3)


def test_products_have_no_entropy_but_rounding_and_none_is_told():
    product = spectrum_of([1, 1e-16])
    assert (product.entropy(), product.geometric_measure) == (0, 0)
    assert "entropy 0 bits, geometric measure 0>" in repr(product)
    weak = spectrum_of([1, 1e-7])
    assert 0 < weak.entropy() < 1e-12


def test_values_run_into_the_tolerance_where_neither_it_nor_the_next_is_far():
    def runs(values, rtol):
        return spectrum_of(values).runs_into_tolerance(rtol)

    assert runs([1, 1e-3, 1e-5], 1e-4)
    assert not runs([1, 1e-3, 1e-5], 1e-7)
    assert not runs([1, 1e-3, 1e-7], 1e-4)
    assert not runs([1, 1e-1, 1e-6], 1e-5)
    assert not runs([0, 0], 0.1)
