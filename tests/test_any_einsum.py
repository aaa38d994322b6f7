"""Any einsum: `contract` of `from_einsum` beside np.einsum and sums over one index at a time."""

import itertools
import math

import numpy as np
import opt_einsum as oe
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from opt_einsum.testing import rand_equation
from strategies import examples

import tnet

DTYPES = ["float32", "float64", "complex64", "complex128", "int64"]
EQUATIONS = [
    # One operand: diagonals, traces, sums, transposes.
    *["a->a", "ab->ab", "ab->ba", "ab->", "ab->b", "abc->ca", "abcd->db"],
    *["aa->a", "aa->", "aaa->a", "aab->ba", "aab->b", "aabb->", "abab->ba", "abba->a"],
    # Outer products, alone and beside sums.
    *["a,b->ab", "a,b->ba", "a,b,c->cab", "ab,cd->dacb", "ab,cd->", "ab,cd->da", "a,b->b"],
    # Products entry by entry, and hyperedges kept and summed.
    *["a,a->a", "a,a->", "ab,ab->ab", "ab,ba->ab", "a,a,a,a->a", "ab,ac,ad->bcd", "ab,ac,ad->abcd"],
    *["ab,ac,ad->", "abc,abd,abe->cde", "abc,bcd,cda,dab->", "ab,ab,ab->b"],
    # Scalars: empty terms and nothing kept.
    *["->", ",->", ",a->a", ",,ab,->b", "ab,->ab", ",,->"],
    # Chains, rings, stars and diagonals inside them.
    *["ab,bc->ac", "ab,bc->ca", "ab,bc,cd->ad", "ab,bc,ca->", "ab,bc,ca->b", "aab,bbc,cca->"],
    *["abb,bca->c", "aab,b->a", "aa,ab,bb->", "abc,abd->cd", "abc,cbd->dab", "abcd,dcba->"],
]
DIMS = {
    "different": {"a": 2, "b": 3, "c": 4, "d": 2, "e": 3},
    "some of size 1": {"a": 1, "b": 3, "c": 1, "d": 2, "e": 1},
    "all of size 1": dict.fromkeys("abcde", 1),
}


def drawn(shape, generator, dtype="float64"):
    """Normal numbers, small whole ones where the dtype is an integer's."""
    if np.dtype(dtype).kind in "iu":
        return generator.integers(0, 4, size=shape).astype(dtype)
    array = generator.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        array = array + 1j * generator.standard_normal(shape)
    return np.asarray(array, dtype=dtype)


def contracted(equation, arrays):
    network = tnet.from_einsum(equation, *arrays)
    return tnet.contract(network, {f"t{number}": array for number, array in enumerate(arrays)})


def assert_close(found, expected):
    """Alike to rounding in their dtype, beside the largest entry."""
    kind = np.dtype(expected.dtype)
    rtol = 0 if kind.kind in "iu" else 200 * np.finfo(kind).eps
    largest = np.abs(expected).max(initial=0)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * largest)


def summed_one_by_one(terms, output, arrays):
    """Sum over the indices one at a time, always one whose tensors span the fewest entries."""
    factors = []
    for term, array in zip(terms, arrays, strict=True):
        symbols = "".join(dict.fromkeys(term))
        number = {symbol: place for place, symbol in enumerate(symbols)}
        diagonal = np.einsum(array, [number[s] for s in term], list(range(len(symbols))))
        factors.append((diagonal, symbols))
    dims = {s: d for array, symbols in factors for s, d in zip(symbols, array.shape, strict=True)}

    def spanned(symbol):
        return {s for _, symbols in factors if symbol in symbols for s in symbols}

    inner = set(dims) - set(output)
    while inner:
        symbol = min(sorted(inner), key=lambda s: math.prod(dims[other] for other in spanned(s)))
        union = "".join(sorted(spanned(symbol)))
        joined = product_of([f for f in factors if symbol in f[1]], union, dims)
        factors = [f for f in factors if symbol not in f[1]]
        factors.append((joined.sum(axis=union.index(symbol)), union.replace(symbol, "")))
        inner.remove(symbol)
    return product_of(factors, output, dims)


def product_of(factors, union, dims):
    total = np.ones([dims[symbol] for symbol in union])
    for array, symbols in factors:
        order = [symbols.index(symbol) for symbol in union if symbol in symbols]
        shape = [dims[symbol] if symbol in symbols else 1 for symbol in union]
        total = total * array.transpose(order).reshape(shape)
    return total


@pytest.mark.parametrize("dims", DIMS.values(), ids=DIMS.keys())
@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_equations_of_every_kind(dtype, equation, dims):
    generator = np.random.default_rng(len(equation))
    terms = equation.split("->")[0].split(",")
    arrays = [drawn([dims[symbol] for symbol in term], generator, dtype) for term in terms]
    expected = np.einsum(equation, *arrays)
    found = contracted(equation, arrays)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    assert found.shape == expected.shape
    assert_close(found, np.asarray(expected))


@pytest.mark.parametrize("equation", ["a,a->a", "a,a->", "a,b->ab", "ab,bc->ac", "ab,c->", ",->"])
@pytest.mark.parametrize("dtypes", list(itertools.product(DTYPES, repeat=2)), ids="-".join)
def test_the_dtype_is_the_one_that_holds_all_operands(equation, dtypes):
    generator = np.random.default_rng(0)
    terms = equation.split("->")[0].split(",")
    pairs = zip(terms, dtypes, strict=True)
    arrays = [drawn((2,) * len(term), generator, dtype) for term, dtype in pairs]
    found = contracted(equation, arrays)
    assert found.dtype == np.result_type(*dtypes) == np.einsum(equation, *arrays).dtype
    single = "float32" in dtypes or "complex64" in dtypes
    tolerance = 1e-5 if single else 1e-12
    np.testing.assert_allclose(found, np.einsum(equation, *arrays), rtol=tolerance, atol=tolerance)


@st.composite
def random_equations(draw, *, merged=0):
    """An equation by opt_einsum's own generator; merging indices makes hyperedges and diagonals."""
    equation, _, dims = rand_equation(
        n=draw(st.integers(2, 6)),
        regularity=draw(st.integers(1, 3)),
        n_out=draw(st.integers(0, 2)),
        d_min=draw(st.integers(1, 2)),
        d_max=3,
        seed=draw(st.integers(0, 2**31)),
        global_dim=draw(st.booleans()),
        return_size_dict=True,
    )
    left, _, output = equation.partition("->")
    inner = sorted(set(left) - set(output) - {","})
    for symbol in inner[:merged]:
        other = draw(st.sampled_from(sorted(set(left) - {","})))
        left = left.replace(symbol, other)
    return f"{left}->{output}", {symbol: int(dim) for symbol, dim in dims.items()}


def assert_contracts_as_einsum(equation, dims, dtype, seed):
    terms = equation.split("->")[0].split(",")
    assume(math.prod(dims[s] for s in set("".join(terms))) <= 10**5)
    generator = np.random.default_rng(seed)
    arrays = [drawn([dims[symbol] for symbol in term], generator, dtype) for term in terms]
    expected = np.asarray(np.einsum(equation, *arrays))
    found = contracted(equation, arrays)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    tolerance = 1e-3 if dtype in ("float32", "complex64") else 1e-10
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@examples(150)
@given(random_equations(), st.sampled_from(DTYPES), st.integers(0, 2**31))
def test_random_equations_of_opt_einsum(case, dtype, seed):
    assert_contracts_as_einsum(*case, dtype, seed)


@examples(150)
@given(random_equations(merged=3), st.sampled_from(DTYPES), st.integers(0, 2**31))
def test_random_equations_with_hyperedges_and_diagonals(case, dtype, seed):
    assert_contracts_as_einsum(*case, dtype, seed)


def test_every_order_of_the_output():
    generator = np.random.default_rng(0)
    arrays = [drawn(shape, generator) for shape in [(2, 3, 5), (5, 4), (2, 6)]]
    for order in itertools.permutations("bcaf"):
        equation = f"abe,ec,af->{''.join(order)}"
        np.testing.assert_allclose(contracted(equation, arrays), np.einsum(equation, *arrays))


def test_an_equation_without_an_arrow_keeps_what_occurs_once_in_alphabetical_order():
    generator = np.random.default_rng(0)
    arrays = [drawn((2, 3), generator), drawn((4, 2), generator)]
    np.testing.assert_allclose(contracted("ba, cb", arrays), np.einsum("ba,cb", *arrays))


def chain(n):
    return [(k, k + 1) for k in range(n)], (0, n)


def ring(n):
    return [(k, (k + 1) % n) for k in range(n)], (n // 2,)


def tree(n):
    """Every tensor hangs on an earlier one by a bond; four have an open leg."""
    generator = np.random.default_rng(n)
    rows = [[] for _ in range(n)]
    for tensor in range(1, n):
        full = [t for t in range(tensor) if len(rows[t]) < 4]
        rows[int(generator.choice(full))].append(tensor)
        rows[tensor].append(tensor)
    for number in range(4):
        rows[number * n // 4].append(n + number)
    return [tuple(row) for row in rows], (n, n + 1, n + 2, n + 3)


def tree_of_hyperedges(n):
    """Each index joins one tensor to the three below it."""
    parents = [(tensor - 1) // 3 for tensor in range(n)]
    has_children = set(parents[1:])
    rows = [((parents[t],) if t else ()) + ((t,) if t in has_children else ()) for t in range(n)]
    return rows, (0,)


def star(n):
    return [(0,)] * n, (0,)


def ladder(n):
    half = n // 2
    first, second = ([(side * n + k, side * n + k + 1) for k in range(half)] for side in (0, 1))
    rungs = [2 * n + k for k in range(half)]
    rows = [
        (*pair, rung) for line in (first, second) for pair, rung in zip(line, rungs, strict=True)
    ]
    return rows, (0, n)


def apart(n):
    return [(k,) for k in range(n)], (3, 1)


def diagonals(n):
    return [(k, k, k + 1) for k in range(n)], (n,)


@pytest.mark.parametrize("n_operands", [50, 200])
@pytest.mark.parametrize(
    "shape", [chain, ring, tree, tree_of_hyperedges, star, ladder, apart, diagonals]
)
def test_two_hundred_operands(shape, n_operands):
    rows, kept = shape(n_operands)
    number = {index: place for place, index in enumerate(sorted({i for row in rows for i in row}))}
    terms = ["".join(oe.get_symbol(number[index]) for index in row) for row in rows]
    output = "".join(oe.get_symbol(number[index]) for index in kept)
    generator = np.random.default_rng(1)
    # Around 1/2 and positive: sums over indices of two values neither cancel nor grow.
    arrays = [generator.uniform(0.3, 0.9, size=(2,) * len(row)) for row in rows]
    expected = summed_one_by_one(terms, output, arrays)
    assert np.abs(expected).min() > 1e-250
    found = contracted(f"{','.join(terms)}->{output}", arrays)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_the_slow_sum_agrees_with_einsum():
    generator = np.random.default_rng(0)
    for equation in EQUATIONS:
        terms = equation.split("->")[0].split(",")
        arrays = [drawn([DIMS["different"][s] for s in term], generator) for term in terms]
        found = summed_one_by_one(terms, equation.split("->")[1], arrays)
        np.testing.assert_allclose(found, np.einsum(equation, *arrays), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("equation", ["ab->ab", "ab->ba", "ab,bc->ac", "aa,ab->b", "ab,->ab"])
def test_strided_read_only_and_reversed_arrays(equation):
    generator = np.random.default_rng(0)
    arrays = []
    for term in equation.split("->")[0].split(","):
        wide = drawn((6,) * len(term), generator)
        view = np.asarray(wide[(slice(None, None, -2),) * len(term)].T)
        view.flags.writeable = False
        arrays.append(view)
    np.testing.assert_allclose(contracted(equation, arrays), np.einsum(equation, *arrays))


@pytest.mark.parametrize("equation", ["a->a", "ab->ab", "ab->ba", "aa->a", "a,->a", "a,b->ab"])
def test_a_result_is_an_array_of_its_own(equation):
    terms = equation.split("->")[0].split(",")
    arrays = [np.ones((3,) * len(term)) for term in terms]
    found = contracted(equation, arrays)
    found[...] = 7.0
    assert all((array == 1).all() for array in arrays)
