"""Arithmetic modulo a prime, beside Python's own whole numbers."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import arrays_of_tensors
from strategies import examples, networks

import tnet
from tnet.errors import OperatorError, ParameterError, StructureError

PRIMES = [2, 3, 4194301, 2**31 - 1]
"""The smallest, the largest of 22 bits, and the largest that is taken."""

DTYPES = ["int64", "int32", "int8", "uint8", "uint64", "bool"]


def exact(array):
    """The same whole numbers as Python's, which have no largest."""
    flat = [int(entry) for entry in np.asarray(array).ravel().tolist()]
    return np.array([*flat, None], dtype=object)[:-1].reshape(np.shape(array))


def summed(arrays, rows, kept, dims):
    """The contraction term by term: a product for every value of all indices, summed."""
    total = exact(np.zeros([dims[index] for index in kept], dtype=int))
    indices = sorted({*itertools.chain(*rows), *kept})
    for values in itertools.product(*(range(dims[index]) for index in indices)):
        at = dict(zip(indices, values, strict=True))
        pairs = zip(arrays, rows, strict=True)
        term = math.prod(array[tuple(at[index] for index in row)] for array, row in pairs)
        total[tuple(at[index] for index in kept)] += term
    return total


def whole_numbers(shape, dtype, seed):
    """All that the dtype can hold, the least and the largest among them."""
    if dtype == "bool":
        return np.random.default_rng(seed).integers(0, 2, size=shape).astype(bool)
    limits = np.iinfo(dtype)
    array = np.random.default_rng(seed).integers(
        limits.min, limits.max, size=shape, dtype=dtype, endpoint=True
    )
    flat = array.reshape(-1)
    flat[:1], flat[-1:] = limits.max, limits.min
    return array


def whole_parameters(network, dtype, seed=0):
    shapes = network.parameter_shapes
    return {name: whole_numbers(shapes[name], dtype, seed + k) for k, name in enumerate(shapes)}


def terms_of(network):
    """Products that the term-by-term sum takes."""
    return math.prod(group.dim**group.count for group in network.index_groups)


@examples(60)
@given(
    networks(multiplicities=False, dims=st.sampled_from([1, 2, 2, 3]), max_readings=3).filter(
        lambda network: terms_of(network) <= 3000
    ),
    st.sampled_from(PRIMES),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
)
def test_random_networks_term_by_term(network, prime, dtype, seed):
    parameters = whole_parameters(network, dtype, seed)
    rows, kept, dims = network.to_einsum()
    arrays = [exact(array) for array in arrays_of_tensors(network, parameters)]
    expected = summed(arrays, rows, kept, dims)
    found = tnet.contract(network, parameters, modulo=prime)
    assert found.dtype == np.int64
    assert found.shape == expected.shape
    assert (exact(found) == expected % prime).all()
    dims_of_modes = [0] * network.n_modes
    for mode, index in zip(network.input_modes.tolist(), network.inputs.tolist(), strict=True):
        dims_of_modes[mode] = network.dim_of(index)
    features = [whole_numbers((2, dim), dtype, seed + 50) for dim in dims_of_modes]
    found = tnet.evaluate(network, parameters, features, modulo=prime)
    for example in range(2):
        read = [exact(features[mode][example]) for mode in network.input_modes.tolist()]
        attached = [*rows, *((index,) for index in network.inputs.tolist())]
        scores = summed([*arrays, *read], attached, network.outputs.tolist(), dims)
        assert (exact(found[example]) == scores % prime).all()


@pytest.mark.parametrize("prime", PRIMES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shared", [False, True])
def test_a_forward_pass_in_whole_numbers(prime, dtype, shared):
    spec = tnet.ConvNet(16, features=5, widths=(4, 6, 3, 6), outputs=2, shared=shared)
    network = spec.compile()
    parameters = whole_parameters(network, dtype)
    features = whole_numbers((3, 16, 5), dtype, 99)
    matrices = {name: exact(array) for name, array in parameters.items()}
    values = [exact(features[:, mode]) for mode in range(16)]
    for level in range(4):
        own = matrices[f"conv{level}"]
        sent = [value @ (own if shared else own[k]) for k, value in enumerate(values)]
        values = [left * right for left, right in zip(sent[0::2], sent[1::2], strict=True)]
    expected = values[0] @ matrices["out"] % prime
    found = tnet.evaluate(network, parameters, features, modulo=prime)
    assert found.dtype == np.int64
    assert (exact(found) == expected).all()


@pytest.mark.parametrize("prime", PRIMES)
@pytest.mark.parametrize("n_terms", [511, 512, 513, 2047, 2048, 2049, 5000, 9000])
@pytest.mark.parametrize("equation", ["ak,kb->ab", "k,k->", "ak->a", "ka,kb,kc->abc"])
def test_long_sums_are_exact(prime, n_terms, equation):
    """Entries of the largest magnitude, all of one sign: no sum is longer or larger."""
    dims = {"a": 2, "b": 3, "c": 2, "k": n_terms}
    terms = equation.split("->")[0].split(",")
    shapes = [tuple(dims[symbol] for symbol in term) for term in terms]
    network = tnet.from_einsum(equation, *shapes)
    half = prime // 2
    parameters = {f"t{k}": np.full(shape, half) for k, shape in enumerate(shapes)}
    expected = n_terms * half ** len(terms) % prime
    assert (tnet.contract(network, parameters, modulo=prime) == expected).all()
    parameters["t0"] = -parameters["t0"]
    assert (tnet.contract(network, parameters, modulo=prime) == -expected % prime).all()
    drawn = {name: whole_numbers(array.shape, "int64", 7) for name, array in parameters.items()}
    expected = np.einsum(equation, *(exact(array % prime) for array in drawn.values())) % prime
    assert (exact(tnet.contract(network, drawn, modulo=prime)) == expected).all()


def test_sums_longer_than_float64_counts():
    n_terms, prime = 2**22 + 3, 2**31 - 1
    network = tnet.from_einsum("k->", (n_terms,))
    found = tnet.contract(network, {"t0": np.full(n_terms, prime // 2)}, modulo=prime)
    assert found == n_terms * (prime // 2) % prime


@pytest.mark.parametrize("prime", [5, 257, 65537, 4194301, 4194319, 2147483629])
def test_deep_products_never_leave_the_residues(prime):
    network = tnet.ConvNet(1024, features=1, widths=(1,) * 10).compile()
    parameters = {name: np.full(shape, -3) for name, shape in network.parameter_shapes.items()}
    features = np.full((1, 1024, 1), 2)
    n_tensors = network.n_tensors
    expected = pow(-3, n_tensors, prime) * pow(2, 1024, prime) % prime
    assert tnet.evaluate(network, parameters, features, modulo=prime).tolist() == [expected]


class TestRefusals:
    network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
    parameters = whole_parameters(network, "int8")
    features = np.ones((3, 4, 2), dtype=int)

    @pytest.mark.parametrize("modulo", [-7, 0, 1, 4, 2047, 4194303, 1373653, 25326001])
    def test_what_is_no_prime(self, modulo):
        with pytest.raises(ParameterError, match=f"modulo is {modulo}, which is not a prime; take"):
            tnet.evaluate(self.network, self.parameters, self.features, modulo=modulo)

    @pytest.mark.parametrize("modulo", [2**31 + 11, 2**61 - 1, 3215031751])
    def test_primes_that_are_too_large(self, modulo):
        with pytest.raises(ParameterError, match=f"{modulo}; residues are .* up to 2147483647"):
            tnet.contract(self.network, self.parameters, modulo=modulo)

    @pytest.mark.parametrize("modulo", [7.0, "7", True, [7]])
    def test_what_is_no_whole_number(self, modulo):
        with pytest.raises(ParameterError, match=r"modulo is .*; give a prime number such as"):
            tnet.contract(self.network, self.parameters, modulo=modulo)

    @pytest.mark.parametrize("dtype", ["float64", "complex128", "object", "str"])
    def test_arrays_that_are_not_whole_numbers(self, dtype):
        wrong = {**self.parameters, "conv1": self.parameters["conv1"].astype(dtype)}
        with pytest.raises(ParameterError, match=r"'conv1' has dtype .*give NumPy arrays of int"):
            tnet.contract(self.network, wrong, modulo=7)
        with pytest.raises(ParameterError, match=r"features of dim 2 has dtype|features of dim"):
            tnet.evaluate(self.network, self.parameters, self.features.astype(dtype), modulo=7)

    def test_arrays_of_other_libraries(self):
        torch = pytest.importorskip("torch")
        wrong = {name: torch.as_tensor(array) for name, array in self.parameters.items()}
        with pytest.raises(ParameterError, match=r"dtype torch.int8; modulo a prime, give NumPy"):
            tnet.contract(self.network, wrong, modulo=7)

    def test_other_operators_have_no_residues(self):
        network = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
        with pytest.raises(OperatorError, match=r"'max', which residues of a prime do not have"):
            tnet.evaluate(network, self.parameters, self.features, modulo=7)

    def test_the_usual_checks_hold(self):
        fewer = {name: array for name, array in self.parameters.items() if name != "conv1"}
        with pytest.raises(ParameterError, match="'conv1' is missing"):
            tnet.contract(self.network, fewer, modulo=7)
        plan = tnet.plan(self.network)
        with pytest.raises(StructureError, match="to evaluate this network"):
            tnet.contract(self.network, self.parameters, plan=plan, modulo=7)
