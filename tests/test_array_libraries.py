"""Values in PyTorch and JAX beside NumPy's, moving between them, and arrays that do not fit."""

import sys
from functools import partial

import numpy as np
import pytest
from other_libraries import NETWORKS, drawn, evaluated, opened

import tnet
from tnet.contraction.libraries import move_parameters
from tnet.errors import FeatureError, MissingLibraryError, ParameterError

# Other operators than the product order their operands: they take real numbers only.
NAMES_AND_DTYPES = [
    (name, dtype)
    for name, network in NETWORKS.items()
    for dtype in ["float32", "float64", *["complex64", "complex128"] * network.is_product]
]


@pytest.mark.parametrize(("name", "dtype"), NAMES_AND_DTYPES)
def test_values_are_those_of_numpy_in_the_arrays_of_the_library(library, name, dtype):
    arrays = drawn(NETWORKS[name], dtype)
    own = move_parameters(arrays, library.name)
    # Compiled as one, or each operation by itself, which takes JAX seconds for a network.
    call = partial(evaluated, NETWORKS[name])
    found = call(own) if name in ("line", "shared, max") else library.compiled(call)(own)
    expected = call(arrays)
    assert library.owns(found)
    assert library.device_of(found) == library.device_of(own["features"])
    assert np.asarray(found).dtype == expected.dtype == dtype
    tolerance = 1e-4 if dtype in ("float32", "complex64") else 1e-12
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * largest)


def test_features_may_be_one_array_for_every_element(library):
    arrays = drawn(NETWORKS["line"])
    own = move_parameters(arrays, library.name)
    features = own.pop("features")
    found = tnet.evaluate(NETWORKS["line"], own, [features[:, mode] for mode in range(4)])
    assert library.owns(found)
    np.testing.assert_allclose(found, evaluated(NETWORKS["line"], arrays), rtol=1e-12)


def chain(n_tensors):
    """Numbers multiplied one after the other."""
    return tnet.from_einsum(",".join(["a"] * n_tensors) + "->a", *[(1,)] * n_tensors)


@pytest.mark.parametrize("name", ["torch", "jax32"])
def test_scaled_results_go_far_beyond_single_precision(name):
    network = chain(20)
    tiny = {f"t{k}": np.array([1e-30]) for k in range(20)}
    with opened(name) as library:
        own = move_parameters(tiny, library.name, dtype="float32")
        found = tnet.contract_scaled(network, own)
        assert library.owns(found.mantissa)
        assert np.asarray(found.mantissa).dtype == np.float32
        # A logarithm of some 2,000 in 32 bits is good to 1e-4.
        assert float(found.log2_abs()[0]) == pytest.approx(-600 * np.log2(10), rel=1e-6)
        assert float(tnet.contract(network, own)[0]) == 0


@pytest.mark.parametrize(
    ("name", "dtype", "tolerance"),
    [("torch", "float64", 1e-12), ("jax", "float64", 1e-12), ("jax32", "float32", 1e-5)],
)
def test_scaled_scores_are_those_of_numpy(name, dtype, tolerance):
    network = NETWORKS["line, product, 3 outputs"]
    arrays = {key: 1e-3 * array for key, array in drawn(network, dtype).items()}
    with opened(name) as library:
        own = move_parameters(arrays, library.name)
        features = own.pop("features")

        def scaled(given):
            found = tnet.evaluate_scaled(network, given, features)
            return found.mantissa, found.log2, found.log2_abs()

        mantissa, log2, log2_abs = library.compiled(scaled)(own)
        assert library.owns(mantissa)
        assert np.asarray(mantissa).dtype == dtype
        assert log2.shape == (3,)
        large = {key: array.astype("float64") for key, array in arrays.items()}
        # Scores of some 1e-34, which float32 hardly has.
        expected = np.log2(np.abs(evaluated(network, large)))
        np.testing.assert_allclose(log2_abs, expected, rtol=tolerance)


def test_thirty_two_bits_are_what_jax_has_unless_told():
    arrays = drawn(NETWORKS["line"], "float32")
    with opened("jax32"):
        found = evaluated(NETWORKS["line"], move_parameters(arrays, "jax"))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, evaluated(NETWORKS["line"], arrays), rtol=1e-4)


def test_results_lie_where_the_arrays_lie(torch):
    if not torch.module.cuda.is_available():
        pytest.skip("there is no CUDA device")
    arrays = drawn(NETWORKS["line"])
    own = move_parameters(arrays, "torch", device="cuda")
    found = evaluated(NETWORKS["line"], own)
    assert found.device.type == "cuda"
    np.testing.assert_allclose(found.cpu(), evaluated(NETWORKS["line"], arrays), rtol=1e-9)
    with pytest.raises(ParameterError, match=r"(?is)(?=.*cpu)(?=.*cuda)"):
        evaluated(NETWORKS["line"], {**own, "features": own["features"].cpu()})


def test_a_map_over_sets_of_parameters(jax):
    network, features = NETWORKS["line"], drawn(NETWORKS["line"])["features"]
    sets = [tnet.random_parameters(network, seed=seed) for seed in range(3)]
    stacked = {name: np.stack([one[name] for one in sets]) for name in sets[0]}
    own = move_parameters({"features": features}, "jax")["features"]
    call = jax.module.vmap(lambda given: tnet.evaluate(network, given, own))
    expected = [tnet.evaluate(network, one, features) for one in sets]
    np.testing.assert_allclose(call(move_parameters(stacked, "jax")), expected, rtol=1e-12)


MOVED = {"a": np.arange(6.0).reshape(2, 3), "b": [[1, 2], [3, 4]]}


class TestMoving:
    def test_there_and_back(self, library):
        there = move_parameters(MOVED, library.name, device="cpu")
        assert all(library.owns(array) for array in there.values())
        back = move_parameters(there, "numpy", device="cpu")
        for name, array in MOVED.items():
            assert type(back[name]) is np.ndarray
            np.testing.assert_array_equal(back[name], array)
            assert back[name].dtype == np.asarray(array).dtype

    @pytest.mark.parametrize("dtype", ["int32", "float32", "float64", "complex64", "complex128"])
    def test_dtypes(self, library, dtype):
        there = move_parameters(MOVED, library.name, dtype=dtype)
        assert {np.asarray(array).dtype for array in there.values()} == {np.dtype(dtype)}
        np.testing.assert_array_equal(np.asarray(there["b"]), MOVED["b"])

    def test_what_is_moved_is_not_the_original(self, torch):
        there = move_parameters(MOVED, "torch")
        there["a"] += 1
        assert MOVED["a"][0, 0] == 0
        leaf = {"a": there["a"].requires_grad_()}
        np.testing.assert_array_equal(move_parameters(leaf, "numpy")["a"], there["a"].detach())

    @pytest.mark.parametrize("device", ["nowhere", "cuda:77"])
    def test_devices_that_are_not_there(self, library, device):
        with pytest.raises(ParameterError, match=f"{library.name} has no device '{device}' here"):
            move_parameters(MOVED, library.name, device=device)

    def test_bad_requests(self, monkeypatch):
        with pytest.raises(ParameterError, match="library is 'cupy'; choose one of numpy, torch"):
            move_parameters(MOVED, "cupy")
        with pytest.raises(ParameterError, match="NumPy has no device 'cuda'"):
            move_parameters(MOVED, "numpy", device="cuda")
        with pytest.raises(ParameterError, match="dtype is 'float31'; name one such as"):
            move_parameters(MOVED, "numpy", dtype="float31")
        with pytest.raises(ParameterError, match=r"dtype is .*; parameters are numbers"):
            move_parameters(MOVED, "numpy", dtype="datetime64")
        with pytest.raises(ParameterError, match="'z' is complex128 and would lose its imaginary"):
            move_parameters({"z": np.ones(2) * 1j}, "numpy", dtype="float64")
        monkeypatch.setitem(sys.modules, "torch", None)
        with pytest.raises(MissingLibraryError, match=r"torch, which is not.*tnet\[torch\]"):
            move_parameters(MOVED, "torch")


class TestBadInput:
    network = NETWORKS["line"]
    arrays = drawn(network)

    @pytest.mark.parametrize("name", ["conv1", "features"])
    def test_arrays_of_two_libraries(self, library, name):
        own = move_parameters(self.arrays, library.name)
        both = rf"(?is)(?=.*{library.name})(?=.*numpy)(?=.*move_parameters)"
        with pytest.raises(ParameterError, match=both):
            evaluated(self.network, {**self.arrays, name: own[name]})
        with pytest.raises(ParameterError, match=both):
            evaluated(self.network, {**own, name: self.arrays[name]})

    def test_wrong_shapes_are_named_as_in_numpy(self, library):
        own = move_parameters(self.arrays, library.name)
        wrong = move_parameters({"f": np.ones((3, 5, 2)), "c": np.ones((2, 2))}, library.name)
        with pytest.raises(FeatureError, match=r"the network takes \(B, 4, 2\)"):
            evaluated(self.network, {**own, "features": wrong["f"]})
        with pytest.raises(ParameterError, match=r"'conv1' has shape \(2, 2\)"):
            evaluated(self.network, {**own, "conv1": wrong["c"]})

    def test_parameters_that_are_not_finite_are_named(self, library):
        poisoned = self.arrays["conv1"].copy()
        poisoned[1, 0, 1] = np.nan
        own = move_parameters({**self.arrays, "conv1": poisoned}, library.name)
        with pytest.raises(ParameterError, match=r"'conv1' has nan at \(1, 0, 1\)"):
            evaluated(self.network, own)

    def test_torch_takes_one_dtype(self, torch):
        own = move_parameters(self.arrays, "torch")
        single = move_parameters(self.arrays, "torch", dtype="float32")
        for name in ("conv1", "features"):
            message = rf"(?s)(?=.*{name})(?=.*float32)(?=.*float64).*PyTorch multiplies only one"
            with pytest.raises(ParameterError, match=message):
                evaluated(self.network, {**own, name: single[name]})

    def test_other_libraries_are_named(self):
        class Array(list):
            shape, dtype, ndim = (2,), np.dtype("float64"), 1

        network = tnet.from_einsum("a->a", (2,))
        with pytest.raises(ParameterError, match=r"an array is a .*Array; give arrays of numpy"):
            tnet.contract(network, {"t0": Array([1.0, 2.0])})
