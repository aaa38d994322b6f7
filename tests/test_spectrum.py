"""Spectra without the dense tensor, held against SVDs of it and against plain recursions."""

import concurrent.futures
import itertools
import math
import multiprocessing
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import arrays_of_tensors, matricized
from strategies import (
    examples,
    forests_with_side,
    networks_with_side,
    size_of_coefficients,
)

import tnet
from tnet.contraction import memory
from tnet.entanglement import spectrum as spectra_module
from tnet.entanglement.bundling import programme_of, question_of
from tnet.entanglement.compression import Values, compressed_matrices
from tnet.entanglement.profile import entanglement_profile
from tnet.entanglement.side_orders import orders_by_sides, plain_order
from tnet.entanglement.spectrum import schmidt_spectra, schmidt_spectrum
from tnet.errors import MemoryLimitError, PartitionError, StructureError, SweepError

BLOCKS = tnet.partitions.blocks


def coefficients_of_outputs(network, parameters):
    """Dense coefficient tensors by `numpy.einsum`, outputs on the first axis, in row order."""
    rows, kept, dims = network.to_einsum()
    pairs = zip(arrays_of_tensors(network, parameters), rows, strict=True)
    n_inputs = len(network.inputs)
    order = [*kept[n_inputs:], *kept[:n_inputs]]
    dense = np.einsum(*(part for pair in pairs for part in pair), order)
    return dense.reshape(-1, *(dims[index] for index in kept[:n_inputs]))


def dense_values(network, parameters, side):
    """Singular values of the dense matricization of every output."""
    return [
        np.linalg.svd(matricized(network, tensor, side), compute_uv=False)
        for tensor in coefficients_of_outputs(network, parameters)
    ]


def assert_same(spectrum, expected, scale=None, tolerance=1e-12):
    """The values, and zeros where they are left out, up to a part of the largest."""
    scale = expected[0] if scale is None else scale
    found = np.zeros_like(expected, dtype=np.float64)
    n = len(spectrum.values)
    assert n <= len(expected)
    if spectrum.log2_scale > -math.inf:
        found[:n] = spectrum.values * 2**spectrum.log2_scale
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(scale, 1e-300))


def complex_parameters(network, seed):
    real, imaginary = (tnet.random_parameters(network, seed=s) for s in (seed, seed + 1))
    return {name: real[name] + 1j * imaginary[name] for name in real}


def parameters_for(network, seed):
    return (tnet.random_parameters if seed % 2 else complex_parameters)(network, seed=seed)


class TestAgainstDense:
    @examples(150)
    @given(networks_with_side(multiplicities=False), st.integers(0, 99))
    def test_networks_with_loops_hyperedges_diagonals_rereads_and_outputs(self, case, seed):
        network, side = case
        assume(size_of_coefficients(network) < 5000)
        parameters = parameters_for(network, seed)
        expected = dense_values(network, parameters, side)
        largest = max(values[0] for values in expected)
        found = schmidt_spectra(network, parameters, side)
        assert len(found) == len(expected)
        for output, (spectrum, values) in enumerate(zip(found, expected, strict=True)):
            single = schmidt_spectrum(network, parameters, side, output=output)
            # All outputs are computed with one scale, a single one with its own.
            assert_same(spectrum, values, largest)
            assert_same(single, values, max(values[0], 1e-3 * largest))
            assert math.prod(single.shape) == size_of_coefficients(network)

    @examples(60)
    @given(forests_with_side(max_tensors=9, dims=(1, 2, 2, 3)), st.integers(0, 99))
    def test_forests(self, case, seed):
        network, side = case
        assume(size_of_coefficients(network) < 5000)
        parameters = parameters_for(network, seed)
        expected = dense_values(network, parameters, side)
        largest = max(values[0] for values in expected)
        for spectrum, values in zip(
            schmidt_spectra(network, parameters, side), expected, strict=True
        ):
            assert_same(spectrum, values, largest)

    @examples(60)
    @given(networks_with_side(multiplicities=False), st.integers(0, 99), st.booleans())
    def test_every_order_gives_the_same(self, case, seed, open_outputs):
        network, side = case
        assume(size_of_coefficients(network) < 5000)
        parameters = tnet.random_parameters(network, seed=seed)
        operands, question = question_of(network, side, open_outputs=open_outputs)
        fixed = {} if open_outputs else dict.fromkeys(network.outputs.tolist(), 0)
        values = Values(parameters, fixed, None, np.dtype(np.float64))
        found = []
        for pairs in (
            plain_order(network),
            *orders_by_sides(network, side, operands, question),
        ):
            taken = sorted(pairs.ravel().tolist())
            assert taken == list(range(2 * network.n_tensors - 2))
            programme = programme_of(network, operands, question, pairs)
            matrices, log2 = compressed_matrices(programme, values)
            decomposed = np.linalg.svd(matrices, compute_uv=False) * 2.0**log2
            found.append(decomposed.reshape(-1, decomposed.shape[-1]))
        least = min(values.shape[1] for values in found)
        for values in found:
            np.testing.assert_allclose(
                values[:, :least], found[0][:, :least], atol=1e-12 * max(found[0].max(), 1e-300)
            )
            assert (values[:, least:] <= 1e-12 * found[0].max()).all()

    @pytest.mark.parametrize(
        "spec",
        [
            tnet.ConvNet(8, features=2, widths=(3, 2, 3), shared=True, outputs=3),
            tnet.ConvNet((2, 4), features=2, widths=(2, 3), pooling="mirror"),
            tnet.ConvNet(6, features=3, widths=(4, 2), window=(3, 2)),
            tnet.ConvNet(5, features=3, widths=(4,), pooling="global"),
            tnet.TensorTrain(7, features=3, ranks=4),
            tnet.Recurrent(6, features=2, hidden=3, ranks=2, shared=True),
            tnet.Overlapping(4, features=2, widths=(2, 2), kernel=(2, 3), outputs=2),
            tnet.HierarchicalTucker(4, features=3, widths=(2, 3)),
        ],
        ids=lambda spec: type(spec).__name__,
    )
    def test_architectures(self, spec):
        network = spec.compile()
        assert size_of_coefficients(network) < 20_000
        parameters = tnet.random_parameters(network, seed=5)
        rng = np.random.default_rng(0)
        for share in (0.0, 0.3, 0.5, 0.7, 1.0):
            side = rng.random(network.n_modes) < share
            expected = dense_values(network, parameters, side)
            for spectrum, values in zip(
                schmidt_spectra(network, parameters, side), expected, strict=True
            ):
                assert_same(spectrum, values)
                assert spectrum.number() <= tnet.min_cut(network, side).dimension

    @pytest.mark.parametrize(
        ("dtype", "tolerance"),
        [
            ("float16", 1e-6),
            ("float32", 1e-6),
            ("complex64", 1e-6),
            ("int8", 1e-12),
            ("longdouble", 1e-12),
        ],
    )
    def test_precisions(self, dtype, tolerance):
        network = tnet.ConvNet(6, features=2, widths=(3, 4), window=(2, 3)).compile()
        drawn = tnet.random_parameters(network, seed=1)
        parameters = {name: (4 * array).astype(dtype) for name, array in drawn.items()}
        wide = "complex128" if dtype == "complex64" else "float64"
        as_wide = {name: array.astype(wide) for name, array in parameters.items()}
        spectrum = schmidt_spectrum(network, parameters, [0, 1, 3])
        (expected,) = dense_values(network, as_wide, np.array([1, 1, 0, 1, 0, 0], dtype=bool))
        assert_same(spectrum, expected, tolerance=tolerance)
        single = tolerance == 1e-6
        assert spectrum.rounding >= np.finfo(np.float32 if single else np.float64).eps
        assert spectrum.rounding < (1e-4 if single else 1e-12)

    @pytest.mark.parametrize("cheap", [0, 1e9])
    def test_a_lattice(self, cheap, monkeypatch):
        monkeypatch.setattr(spectra_module, "_CHEAP", cheap)
        spectra_module._programme.cache_clear()
        equation = "agA,abhB,biC,gcjD,hcdkE,idlF,jeG,kefH,lfI->ABCDEFGHI"
        terms = equation.partition("->")[0].split(",")
        network = tnet.from_einsum(equation, *[(2,) * len(term) for term in terms])
        parameters = tnet.random_parameters(network, seed=8)
        (tensor,) = coefficients_of_outputs(network, parameters)
        for flags in list(itertools.product([False, True], repeat=9))[::7]:
            side = np.array(flags)
            expected = np.linalg.svd(matricized(network, tensor, side), compute_uv=False)
            assert_same(schmidt_spectrum(network, parameters, side), expected)

    def test_zero_functions_and_networks_without_inputs(self):
        network = tnet.ConvNet(8, features=2, widths=(2, 2, 2), outputs=2).compile()
        zero = {name: np.zeros_like(a) for name, a in tnet.random_parameters(network).items()}
        for spectrum in schmidt_spectra(network, zero, range(3)):
            assert spectrum.number() == 0
            assert spectrum.log2_scale == -math.inf
        one_zero = tnet.random_parameters(network)
        one_zero["out"][:, 1] = 0
        numbers = [spectrum.number() for spectrum in schmidt_spectra(network, one_zero, range(4))]
        assert numbers == [2, 0]
        scalar = tnet.from_einsum("ab,ba->", (2, 3), (3, 2))
        ones = {"t0": np.ones((2, 3)), "t1": np.ones((3, 2))}
        spectrum = schmidt_spectrum(scalar, ones, [])
        assert (spectrum.values.tolist(), spectrum.shape) == ([1.0], (1, 1))
        assert 2**spectrum.log2_scale == pytest.approx(6)


def plain_train_values(network, parameters, left):
    """Left sites by a loop of QR decompositions, right sites too, then one SVD; log2 carried."""
    arrays = arrays_of_tensors(network, parameters)
    logs = 0.0

    def absorbed(cores):
        nonlocal logs
        factor = None
        for core in cores:
            block = core if factor is None else np.tensordot(factor, core, 1)
            factor = np.linalg.qr(block.reshape(-1, core.shape[-1]), mode="r")
            logs += math.log2(np.abs(factor).max())
            factor /= np.abs(factor).max()
        return factor

    first = [arrays[0], *(core.transpose(1, 0, 2) for core in arrays[1:left])]
    last = [arrays[-1], *(core.transpose(2, 0, 1) for core in arrays[-2 : left - 1 : -1])]
    return np.linalg.svd(absorbed(first) @ absorbed(last).T, compute_uv=False), logs


def block_gram(network_parameters, levels, start, length):
    """Inner products of the channels of one subtree, over all its readings, with its log2.

    Where channels multiply, Gram matrices multiply entry by entry.
    """
    features = network_parameters["conv0"].shape[1]
    grams, log2 = [np.eye(features)] * length, 0.0
    for level in range(levels):
        weights = network_parameters[f"conv{level}"][start >> level : (start + length) >> level]
        sent = [w.T @ gram @ w for w, gram in zip(weights, grams, strict=True)]
        grams = [one * other for one, other in zip(sent[0::2], sent[1::2], strict=True)]
        for number, gram in enumerate(grams):
            log2 += math.log2(np.abs(gram).max())
            grams[number] = gram / np.abs(gram).max()
    return grams[0], log2


class TestThousandsOfInputs:
    def test_tensor_train_beside_a_plain_sweep(self):
        network = tnet.TensorTrain(2000, features=3, ranks=5).compile()
        parameters = tnet.random_parameters(network, seed=2)
        expected, logs = plain_train_values(network, parameters, 900)
        spectrum = schmidt_spectrum(network, parameters, range(900))
        assert len(spectrum.values) == 5
        np.testing.assert_allclose(spectrum.values, expected / expected[0], rtol=1e-8, atol=1e-13)
        assert spectrum.log2_scale == pytest.approx(logs + math.log2(expected[0]), rel=1e-12)

    def test_two_halves_of_a_tree_beside_gram_matrices(self):
        network = tnet.ConvNet(2048, features=3, widths=(5,) * 11).compile()
        parameters = tnet.random_parameters(network, seed=3)
        halves = [block_gram(parameters, 10, start, 1024) for start in (0, 1024)]
        (a, log_a), (b, log_b) = halves
        a, b = (w.T @ gram @ w for w, gram in zip(parameters["conv10"], (a, b), strict=True))
        out = np.diag(parameters["out"])
        squares = np.sort(np.linalg.eigvals(a @ out @ b @ out).real)[::-1]
        spectrum = schmidt_spectrum(network, parameters, tnet.partitions.left_right(2048))
        np.testing.assert_allclose(spectrum.values**2, squares / squares[0], atol=1e-12)
        log2 = (log_a + log_b + math.log2(squares[0])) / 2
        assert spectrum.log2_scale == pytest.approx(log2, rel=1e-12)

    @pytest.mark.parametrize("scale", [1e-3, 1e3])
    def test_parameters_of_any_size(self, scale):
        network = tnet.ConvNet(4096, features=2, widths=(4,) * 12).compile()
        drawn = tnet.random_parameters(network)
        side = BLOCKS(4096, 1024)
        plain = schmidt_spectrum(network, drawn, side)
        found = schmidt_spectrum(network, {k: scale * v for k, v in drawn.items()}, side)
        assert plain.number() == 16 == tnet.min_cut(network, side).dimension
        np.testing.assert_allclose(found.values, plain.values, rtol=1e-10)
        grown = network.n_tensors * math.log2(scale)
        assert found.log2_scale == pytest.approx(plain.log2_scale + grown, rel=1e-12)
        assert found.shape == (2**2048, 2**2048)
        assert f"number 16 of at most 16 at rtol {found.default_rtol:.1g}" in repr(found)

    @examples(15)
    @given(st.integers(0, 99), st.data())
    def test_there_are_as_many_values_as_the_cut_where_the_theorem_holds(self, seed, data):
        network = tnet.ConvNet(64, features=2, widths=(2, 4, 2, 4, 4, 4)).compile()
        blocks = BLOCKS(64, 2 ** data.draw(st.integers(2, 5)))
        side = blocks ^ (np.random.default_rng(seed).random(64) < data.draw(st.floats(0, 0.1)))
        cut = tnet.min_cut(network, side)
        assume(cut.dimension <= 128)
        assert cut.claim.kind == "exact by theorem"
        spectrum = schmidt_spectrum(network, tnet.random_parameters(network, seed=seed), side)
        assert len(spectrum.values) == cut.dimension
        assert spectrum.number() == cut.dimension or spectrum.values[-1] < 1e-10

    def test_number_below_the_cut_where_weights_are_shared(self):
        network = tnet.ConvNet(16, features=2, widths=(4, 4), window=4, shared=True).compile()
        side = tnet.partitions.odd_even(16)
        spectrum = schmidt_spectrum(network, tnet.random_parameters(network, seed=1), side)
        assert len(spectrum.values) == tnet.min_cut(network, side).dimension == 256
        assert spectrum.number() == tnet.max_schmidt_number(network, side).lower == 81
        assert spectrum.gap() > 1e6


class TestFeatureGram:
    @examples(40)
    @given(
        networks_with_side(multiplicities=False, rereads=False, dims=st.sampled_from([2])),
        st.integers(0, 99),
        st.integers(0, 2),
    )
    def test_it_is_the_dense_tensor_with_a_factor_at_every_axis(self, case, seed, rank):
        network, side = case
        assume(size_of_coefficients(network) < 5000)
        drawn = np.random.default_rng(seed).normal(size=(2, 2, 2))
        root = (drawn[0] + 1j * drawn[1])[:, : rank + 1] if seed % 2 else drawn[0][:, : rank + 1]
        parameters = parameters_for(network, seed // 2)
        tensors = coefficients_of_outputs(network, parameters)
        for axis in range(1, tensors.ndim):
            tensors = np.moveaxis(np.tensordot(tensors, root, (axis, 0)), -1, axis)
        n_rows = root.shape[1] ** int(side.sum())
        order = [0, *(1 + np.nonzero(side[network.input_modes])[0])]
        order += [axis for axis in range(1, tensors.ndim) if axis not in order]
        found = schmidt_spectra(network, parameters, side, feature_gram=root @ root.conj().T)
        matrices = tensors.transpose(order).reshape(len(tensors), n_rows, -1)
        expected = np.linalg.svd(matrices, compute_uv=False)
        largest = expected.max()
        for spectrum, values in zip(found, expected, strict=True):
            n = min(len(values), len(spectrum.values))
            scaled = spectrum.values * 2**spectrum.log2_scale
            # Less accurate: the factor of a Gram matrix without full rank is a square root of it.
            np.testing.assert_allclose(scaled[:n], values[:n], atol=1e-10 * largest)
            assert (np.append(scaled[n:], values[n:]) <= 1e-7 * largest).all()

    def test_a_polynomial_of_two_uniform_inputs(self):
        """Features b and 1 - b; Gauss-Legendre sums, exact for these, are the oracle."""
        nodes, weights = np.polynomial.legendre.leggauss(4)
        points, roots = (nodes + 1) / 2, np.sqrt(weights / 2)
        features = np.stack([points, 1 - points])
        gram = (features * roots**2) @ features.T
        np.testing.assert_allclose(gram, [[1 / 3, 1 / 6], [1 / 6, 1 / 3]])
        samples = roots[:, None] * (1 + np.outer(points, points)) * roots
        expected = np.linalg.svd(samples, compute_uv=False)[:2]
        network = tnet.from_einsum("ab->ab", (2, 2))
        arrays = {"t0": np.array([[2.0, 1.0], [1.0, 1.0]])}
        spectrum = schmidt_spectrum(network, arrays, [0], feature_gram=gram)
        assert_same(spectrum, expected)
        assert abs(spectrum.entropy() - schmidt_spectrum(network, arrays, [0]).entropy()) > 0.1

    def test_a_single_feature_scales(self):
        network = tnet.ConvNet(4, features=1, widths=(2, 2)).compile()
        parameters = tnet.random_parameters(network)
        plain = schmidt_spectrum(network, parameters, [0])
        scaled = schmidt_spectrum(network, parameters, [0], feature_gram=[[9.0]])
        assert scaled.log2_scale == pytest.approx(plain.log2_scale + 4 * math.log2(3))
        none = schmidt_spectrum(network, parameters, [0], feature_gram=[[0.0]])
        assert none.log2_scale == -math.inf


class TestMemory:
    def test_what_does_not_fit_is_refused_before_anything_is_computed(self):
        network = tnet.ConvNet(4096, features=4, widths=(16,) * 12).compile()
        parameters = tnet.random_parameters(network)
        with pytest.raises(MemoryLimitError, match=r"4096 readings takes 2\^\d+ bytes, but"):
            schmidt_spectrum(network, parameters, tnet.partitions.odd_even(4096))

    def test_the_figure_is_what_is_free(self, monkeypatch):
        network = tnet.ConvNet(64, features=2, widths=(4,) * 6).compile()
        parameters = tnet.random_parameters(network)
        monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
        with pytest.raises(MemoryLimitError, match=r"[\d.,]+ [MG]iB, but 1000 bytes are free"):
            schmidt_spectrum(network, parameters, BLOCKS(64, 4))
        assert schmidt_spectrum(network, parameters, BLOCKS(64, 32)).number() == 4

    @pytest.mark.parametrize("size", [16, 128, 512])
    def test_the_simulated_peak_is_not_exceeded(self, size):
        network = tnet.ConvNet(512, features=4, widths=(8,) * 9).compile()
        parameters = tnet.random_parameters(network)
        side = BLOCKS(512, size) if size == 128 else np.arange(512) % 512 < size
        schmidt_spectrum(network, parameters, side)
        programme = spectra_module._programme(network, side.tobytes(), False)
        values = Values(parameters, {}, None, np.dtype(np.float64))
        tracemalloc.start()
        compressed_matrices(programme, values)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 8 * programme.peak_entries + 200_000
        assert 8 * programme.peak_entries < 4 * peak + 200_000


class TestProfile:
    network = tnet.ConvNet((2, 4), features=2, widths=(2, 4), outputs=3).compile()
    parameters = tnet.random_parameters(network, seed=4)
    sides = tnet.partitions.random_balanced((2, 4), seed=0, count=9)

    def test_every_spectrum_is_that_of_its_partition(self):
        profile = entanglement_profile(self.network, self.parameters, self.sides, output=1)
        assert len(profile) == 9
        for row, (side, spectrum) in enumerate(zip(self.sides, profile.spectra, strict=True)):
            alone = schmidt_spectrum(self.network, self.parameters, side, output=1)
            assert np.array_equal(spectrum.values, alone.values)
            assert (spectrum.log2_scale, spectrum.shape) == (alone.log2_scale, alone.shape)
            assert (spectrum.rounding, spectrum.claim) == (alone.rounding, alone.claim)
            assert profile.entropies[row] == alone.entropy()
            assert profile.numbers[row] == alone.number()
            assert profile.geometric_measures[row] == alone.geometric_measure
        assert "9 partitions, entropies" in repr(profile)

    def test_executors_give_the_same(self):
        here = entanglement_profile(self.network, self.parameters, self.sides)
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as processes:
            there = entanglement_profile(
                self.network, self.parameters, self.sides, executor=processes
            )
        assert np.array_equal(here.entropies, there.entropies)

    def test_no_partitions(self):
        profile = entanglement_profile(self.network, self.parameters, np.zeros((0, 8), dtype=bool))
        assert (len(profile), profile.numbers.shape) == (0, (0,))
        assert repr(profile) == "<EntanglementProfile: 0 partitions>"

    def test_what_failed_is_named_and_the_rest_kept(self):
        network = tnet.ConvNet(64, features=2, widths=(4,) * 6).compile()
        parameters = tnet.random_parameters(network)
        sides = np.stack([BLOCKS(64, 32), tnet.partitions.odd_even(64)])
        with pytest.raises(
            SweepError, match="partitions 1 to 1 failed with MemoryLimitError"
        ) as caught:
            entanglement_profile(network, parameters, sides)
        ((start, end, (spectrum,)),) = caught.value.finished
        assert (start, end, spectrum.number()) == (0, 1, 4)

    def test_bad_input(self):
        with pytest.raises(PartitionError, match=r"shape \(B, 8\) or \(B, 2, 4\); got dtype int64"):
            entanglement_profile(self.network, self.parameters, np.zeros((3, 8), dtype=int))
        with pytest.raises(PartitionError, match=r"got dtype bool and shape \(8,\)"):
            entanglement_profile(self.network, self.parameters, self.sides[0].reshape(-1))
        with pytest.raises(PartitionError, match=r"got dtype bool and shape \(2, 7\)"):
            entanglement_profile(self.network, self.parameters, np.zeros((2, 7), dtype=bool))
        with pytest.raises(PartitionError, match=r"outputs 0\.\.2"):
            entanglement_profile(self.network, self.parameters, self.sides, output=3)


def test_an_index_that_stands_for_several_is_refused():
    builder = tnet.NetworkBuilder()
    builder.index("x", 2, role="input")
    builder.index("k", 2, multiplicity=3)
    builder.tensor("a", ["x", "k"])
    builder.tensor("b", ["k"])
    network = builder.build()
    with pytest.raises(StructureError, match=r"'k' has multiplicity 3"):
        schmidt_spectrum(network, tnet.random_parameters(network), [0])
