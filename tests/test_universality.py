"""Realised tensors against networks run in plain loops, planted structure and least numbers."""

import itertools
import math
from ast import literal_eval

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import tnet
from tnet.errors import (
    FeatureError,
    FunctionError,
    GeometryError,
    SizeLimitError,
    SpecError,
    VerificationError,
)
from tnet.expressiveness.universality import recurrent, symmetric
from tnet.expressiveness.universality.average_pooling import average_pooling_universality
from tnet.expressiveness.universality.chains import fewest_chains
from tnet.expressiveness.universality.realise import realise

UNIVERSAL = ("product", "relu-max", "recurrent-relu-max")
SIZES = [(2, n) for n in range(1, 6)] + [(3, n) for n in range(1, 6)] + [(4, n) for n in (1, 2, 3)]


def shallow_value(by, parameters, shared, features):
    """One window over all elements, channel by channel."""
    filters = [parameters["conv0"]] if shared else parameters["conv0"]
    rows = [row @ filters[0 if shared else i] for i, row in enumerate(features)]
    total = 0.0
    for weight, *numbers in zip(parameters["out"], *rows, strict=True):
        if by == "product":
            total += weight * math.prod(numbers)
        elif by == "relu-max":
            total += weight * max([0.0, *numbers])
        else:
            total += weight * sum(max(0.0, number) for number in numbers)
    return total


def recurrent_value(parameters, shared, features):
    """The recursion of the states, from 0."""
    state = [0.0]
    for t, row in enumerate(features):
        hidden = row @ (parameters["C"] if shared else parameters["C"][t])
        core = parameters["G" if shared and t else f"G{t + 1}"]
        after = np.zeros(core.shape[2])
        for number, slices in zip(hidden.tolist(), core, strict=True):
            for entry, weights in zip(state, slices, strict=True):
                after += weights * max(number, entry, 0.0)
        state = after
    return float(state @ parameters["out"])


def grid_by_loops(found, by, shape):
    grid = np.empty(shape)
    for point in itertools.product(*map(range, shape)):
        features = [found.matrix[d] for d in point]
        if by == "recurrent-relu-max":
            value = recurrent_value(found.parameters, found.spec.shared, features)
        else:
            value = shallow_value(by, found.parameters, found.spec.shared, features)
        grid[point] = value
    return grid


def check(found, tensor, by):
    """The network has the tensor, says so truly, and takes no more channels than it may."""
    tensor = np.asarray(tensor, dtype=float)
    largest = np.abs(tensor).max()
    by_loops = grid_by_loops(found, by, tensor.shape)
    assert np.abs(by_loops - tensor).max() <= 1e-10 * largest
    assert found.residual <= 1e-10 * largest
    by_tnet = tnet.grid_tensor(found.spec, found.parameters, found.matrix)
    assert abs(np.abs(by_tnet - tensor).max() - found.residual) <= 1e-12 * largest
    assert 1 <= found.channels <= found.bound


def sizes(tensor):
    return len(tensor), np.ndim(tensor)


@st.composite
def tensors(draw):
    m, n = draw(st.sampled_from([size for size in SIZES if size[0] ** size[1] <= 3**4]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = (m,) * n
    kind = draw(st.sampled_from(["normal", "whole", "sparse", "low rank", "constant", "zero"]))
    if kind == "normal":
        return rng.standard_normal(shape) * 10.0 ** rng.integers(-30, 30)
    if kind == "whole":
        return rng.integers(-4, 5, shape)
    if kind == "sparse":
        return rng.standard_normal(shape) * (rng.random(shape) < 0.2)
    if kind == "low rank":
        vectors = rng.standard_normal((2, n, m))
        return sum(rank_one(rows) for rows in vectors)
    return np.full(shape, rng.standard_normal() if kind == "constant" else 0.0)


def rank_one(vectors):
    product = np.ones(())
    for vector in vectors:
        product = np.multiply.outer(product, vector)
    return product


def templates(m, seed):
    """An invertible matrix, not far from orthogonal."""
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.standard_normal((m, m)))[0] + 0.1 * rng.standard_normal((m, m)) / m


@pytest.mark.parametrize("by", UNIVERSAL)
@examples(25)
@given(tensor=tensors(), seed=st.none() | st.integers(0, 99))
def test_every_tensor_is_realised(by, tensor, seed):
    m, n = sizes(tensor)
    found = realise(tensor, by=by, matrix=None if seed is None else templates(m, seed))
    check(found, tensor, by)
    assert found.bound == m**n + (by != "product")
    assert found.channels <= m ** (n - 1) + (by == "relu-max")
    if not np.ptp(tensor):
        assert found.channels == 1


@examples(20)
@given(tensor=tensors())
def test_a_recurrent_network_with_one_core_for_all_steps_realises_every_tensor(tensor):
    m, n = sizes(tensor)
    found = realise(tensor, by="recurrent-relu-max", shared=True)
    check(found, tensor, "recurrent-relu-max")
    assert found.spec.shared
    assert found.bound == 2 + sum(m**t for t in range(1, n))


@pytest.mark.parametrize("by", UNIVERSAL[1:])
@examples(15)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 2**32))
def test_integers_are_exact(by, size, seed):
    tensor = np.random.default_rng(seed).integers(-(10**6), 10**6, (size[0],) * size[1])
    found = realise(tensor, by=by)
    assert found.residual == 0
    assert np.array_equal(grid_by_loops(found, by, tensor.shape), tensor)


@pytest.mark.parametrize("by", ["product", "relu-max"])
@pytest.mark.parametrize("size", [(2, 11), (16, 3), (90, 2), (2000, 1)])
def test_larger_tensors(by, size):
    tensor = np.random.default_rng(0).standard_normal((size[0],) * size[1])
    found = realise(tensor, by=by)
    assert found.residual <= 1e-10 * np.abs(tensor).max()
    assert found.channels <= size[0] ** (size[1] - 1) + (by == "relu-max")
    rng = np.random.default_rng(1)
    for _ in range(3):
        point = tuple(rng.integers(0, size[0], size[1]).tolist())
        features = [found.matrix[d] for d in point]
        conv, out = found.parameters["conv0"], found.parameters["out"]
        numbers = np.array([row @ conv[i] for i, row in enumerate(features)])
        met = numbers.prod(axis=0) if by == "product" else np.maximum(numbers.max(axis=0), 0)
        assert met @ out == pytest.approx(tensor[point], abs=1e-9)


# Planted structure


@examples(40)
@given(size=st.sampled_from([s for s in SIZES if s[1] > 1]), seed=st.integers(0, 2**32))
def test_a_product_of_vectors_is_one_channel(size, seed):
    m, n = size
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-3, 4, (n, m)) * (rng.random((n, m)) < 0.8)
    for tensor in (rank_one(vectors), rank_one(vectors * rng.random((n, m)))):
        found = realise(tensor)
        assert found.channels == 1
        assert found.claim.kind == "exact by theorem"
    assert realise(rank_one(vectors)).residual == 0


@examples(40)
@given(tensor=st.integers(0, 2**32), size=st.integers(1, 6), rank=st.integers(0, 6))
def test_a_matrix_takes_as_many_products_as_its_rank(tensor, size, rank):
    rng = np.random.default_rng(tensor)
    left, right = rng.standard_normal((size, rank)), rng.standard_normal((rank, size))
    assert realise(left @ right).channels == max(1, min(size, rank))


def graded(seed, size):
    """Entries of many sizes, of both signs and 0."""
    rng = np.random.default_rng(seed)
    shape = (size[0],) * size[1]
    return rng.integers(-1, 2, shape) * 10.0 ** rng.integers(-12, 12, shape)


@pytest.mark.parametrize("by", UNIVERSAL)
@examples(40)
@given(size=st.sampled_from([(2, 2), (3, 2), (4, 2), (2, 3), (3, 3)]), seed=st.integers(0, 2**32))
def test_entries_of_very_different_sizes_are_all_there(by, size, seed):
    tensor = graded(seed, size)
    check(realise(tensor, by=by), tensor, by)


def test_an_entry_far_below_the_largest_is_not_dropped():
    tensor = [[-1e-11, 0, -1e-11], [-1e9, 0, 0], [-0.01, 0, -1.0]]
    found = realise(tensor)
    check(found, tensor, "product")
    assert found.channels == 2
    with pytest.raises(VerificationError, match=r"by rounding alone; give a larger rtol$"):
        realise(tensor, rtol=1e-25)


# What the number of products is


@examples(40)
@given(size=st.integers(1, 6), rank=st.integers(0, 6), whole=st.booleans(), seed=st.integers(0, 99))
def test_of_matrices_the_number_of_products_is_the_least(size, rank, whole, seed):
    rng = np.random.default_rng(seed)
    left = rng.integers(-3, 4, (size, rank))
    matrix = left @ left.T if whole else (left + rng.random(left.shape)) @ rng.random((rank, size))
    for shared in (False, True):
        wanted = matrix + matrix.T if shared else matrix
        found = realise(wanted, shared=shared)
        true = np.linalg.matrix_rank(wanted, rtol=1e-11)
        assert found.channels == max(1, true)
        assert found.claim.kind == ("exact by theorem" if whole or true < 2 else "numerical")
        if true > 1:
            assert "the tensor has this rank as a matrix" in found.claim.reason


def test_claims_on_the_number_of_products():
    kinds = [
        (np.eye(3), False, "exact by theorem"),
        ([[2, -1], [-1, 0]], True, "exact by theorem"),
        (np.sqrt(2) * np.eye(3), False, "numerical"),
        # Of rank 2; the entry that makes it so is within rounding of 0.
        ([[10**15, 10**15, 0], [10**15, 10**15 + 1, 0], [0, 0, 10**15]], False, "numerical"),
    ]
    for matrix, shared, kind in kinds:
        assert realise(matrix, shared=shared).claim.kind == kind, matrix
    diagonal = np.zeros((3, 3, 3))
    diagonal[range(3), range(3), range(3)] = [1, 2, 3]
    for shared in (False, True):
        found = realise(diagonal, shared=shared)
        assert found.channels == 3
        assert found.claim.kind == "exact by theorem"
        assert "between two groups of elements" in found.claim.reason
        assert realise(diagonal / 7, shared=shared).claim.kind == "numerical"
    # Of CP rank 3, and 2 between any two groups: no rank shows that 3 are needed.
    w = np.zeros((2, 2, 2))
    w[0, 0, 1] = w[0, 1, 0] = w[1, 0, 0] = 1
    found = realise(w)
    assert found.channels == 3
    assert found.claim.kind == "upper bound"


@pytest.mark.parametrize("by", ["product", "relu-max"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("elements", [2, 3, 4])
def test_blocks_are_found(by, count, elements):
    rng = np.random.default_rng(count)
    tensor = np.zeros((6,) * elements)
    order = [rng.permutation(6) for _ in range(elements)]
    for block in range(count):
        sides = [places[2 * block : 2 * block + 2] for places in order]
        inside = rank_one(rng.random((elements, 2)) + 1) if by == "product" else 2.0 + block
        tensor[np.ix_(*sides)] = inside
    found = realise(tensor, by=by)
    # The constant behind the boxes takes one channel more.
    assert found.channels == count + (by == "relu-max")
    background = realise(tensor + 7, by=by)
    assert background.channels <= count + 1


@examples(15)
@given(size=st.sampled_from([(3, 3), (2, 4), (4, 3)]), seed=st.integers(0, 2**32))
def test_fibres_and_points_are_found(size, seed):
    m, n = size
    rng = np.random.default_rng(seed)
    axis, count = int(rng.integers(n)), int(rng.integers(1, 5))
    rows = np.zeros((m ** (n - 1), m))
    rows[rng.choice(len(rows), count, replace=False)] = rng.standard_normal((count, m))
    tensor = np.moveaxis(rows.reshape((m,) * n), -1, axis)
    assert realise(tensor).channels <= count
    assert realise(np.abs(tensor), by="relu-max").channels <= count + 1
    points = np.zeros(m**n)
    points[rng.choice(len(points), count, replace=False)] = 1 + rng.random(count)
    points = points.reshape((m,) * n)
    assert realise(points).channels <= count
    assert realise(points, by="relu-max").channels <= count + 1


@examples(20)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 2**32), whole=st.booleans())
def test_one_maximum_of_many_levels_is_one_channel(size, seed, whole):
    m, n = size
    rng = np.random.default_rng(seed)
    numbers = rng.integers(0, 6, (n, m)) if whole else rng.random((n, m))
    tensor = np.max(np.meshgrid(*numbers, indexing="ij"), axis=0)
    for sign in (1, -1):
        found = realise(sign * tensor, by="relu-max")
        check(found, sign * tensor, "relu-max")
        assert found.channels == 1


def test_the_rank_bounds_the_channels_from_below():
    tensor = 1 - np.eye(9).reshape(3, 3, 3, 3)
    found = realise(tensor, by="relu-max")
    assert found.channels >= 2 * tnet.grid_rank(tensor, [0, 1]) / (3 * 4)
    assert realise(tensor).channels >= 9


@pytest.mark.parametrize(("features", "steps"), [(2, 4), (3, 4), (4, 2), (2, 6)])
def test_states_are_as_few_as_in_the_witness_of_equal_pairs(features, steps):
    spec, parameters = tnet.equal_pairs(steps, features)
    tensor = tnet.grid_tensor(spec, parameters, np.eye(features))
    found = realise(tensor, by="recurrent-relu-max")
    check(found, tensor, "recurrent-relu-max")
    assert found.channels == features
    assert found.residual == 0


def test_a_recurrent_network_may_be_a_sum_of_maxima():
    rng = np.random.default_rng(0)
    numbers = rng.random((4, 3))
    tensor = np.max(np.meshgrid(*numbers, indexing="ij"), axis=0)
    found = realise(tensor, by="recurrent-relu-max")
    check(found, tensor, "recurrent-relu-max")
    assert found.channels == 1


# One filter for all elements


def symmetrised(tensor):
    orders = list(itertools.permutations(range(tensor.ndim)))
    return sum(tensor.transpose(order) for order in orders) / len(orders)


def of_sets(rng, m, n, whole):
    """A tensor whose entries depend on the set of templates that occur."""
    drawn = {}
    tensor = np.empty((m,) * n)
    for point in itertools.product(range(m), repeat=n):
        value = float(rng.integers(-9, 10)) if whole else rng.standard_normal()
        tensor[point] = drawn.setdefault(frozenset(point), value)
    return tensor


@examples(40)
@given(
    size=st.sampled_from([*SIZES, (5, 3), (2, 8)]),
    seed=st.integers(0, 2**32),
    matrix=st.booleans(),
)
def test_symmetric_tensors_are_sums_of_powers(size, seed, matrix):
    m, n = size
    rng = np.random.default_rng(seed)
    # Entries by multiset, so that the tensor is symmetric to the last digit.
    drawn = {}
    tensor = np.empty((m,) * n)
    for point in itertools.product(range(m), repeat=n):
        tensor[point] = drawn.setdefault(tuple(sorted(point)), rng.standard_normal())
    found = realise(tensor, shared=True, matrix=templates(m, seed) if matrix else None)
    check(found, tensor, "product")
    assert found.bound == math.comb(m + n - 1, n)


def test_symmetric_tensors_of_few_powers():
    rng = np.random.default_rng(0)
    assert realise(rank_one([rng.standard_normal(3)] * 4), shared=True).channels == 1
    left = rng.standard_normal((5, 2))
    assert realise(left @ np.diag([1, -2]) @ left.T, shared=True).channels == 2
    diagonal = np.zeros((4, 4, 4))
    diagonal[range(3), range(3), range(3)] = [1, -2, 3]
    assert realise(diagonal, shared=True).channels == 3
    assert realise(np.zeros((2, 2, 2)), shared=True).channels == 1
    averaged = symmetrised(rng.standard_normal((3, 3, 3)))
    assert realise(averaged, shared=True).channels <= 10


def fewest_channels_by_force(tensor):
    """Least number of shared maxima: weights by linear algebra, chains by largest antichains."""
    m, n = sizes(tensor)
    sets = [set(c) for k in range(1, m + 1) for c in itertools.combinations(range(m), k)]
    meets = np.array([[float(bool(s & b)) for b in sets] for s in sets])
    values = [tensor[tuple(sorted(s) + [min(s)] * (n - len(s)))] for s in sets]
    weights = np.rint(np.linalg.solve(meets, values))
    total = 0
    for sign in (1, -1):
        chosen = [b for b, w in zip(sets, weights, strict=True) if sign * w > 0]
        total += max(
            len(part)
            for k in range(len(chosen) + 1)
            for part in itertools.combinations(chosen, k)
            if not any(a < b or b < a for a, b in itertools.combinations(part, 2))
        )
    return max(1, total)


@examples(40)
@given(
    size=st.sampled_from([*SIZES, (5, 2)]),
    seed=st.integers(0, 2**32),
    whole=st.booleans(),
)
def test_functions_of_the_set_of_templates_are_maxima(size, seed, whole):
    m, n = size
    tensor = of_sets(np.random.default_rng(seed), m, n, whole)
    found = realise(tensor, by="relu-max", shared=True)
    check(found, tensor, "relu-max")
    assert found.bound == sum(math.comb(m, k) for k in range(1, min(m, n) + 1))
    if whole:
        assert found.residual == 0
    if n >= m:
        assert found.bound == 2**m - 1
        assert found.claim.kind == "exact by theorem"
        if whole:
            assert found.channels == fewest_channels_by_force(tensor)
    elif found.channels > 1:
        needs_two = found.channels == 2 and tensor.min() < 0 < tensor.max()
        assert found.claim.kind == ("exact by theorem" if needs_two else "upper bound")


@pytest.mark.parametrize("size", [(3, 2), (5, 2), (5, 3), (60, 2)])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("constant", [0, 4, -4])
def test_one_shared_maximum_and_a_constant_are_found_on_few_elements(size, sign, constant):
    m, n = size
    # The least number is 0, so that only a constant of the other sign takes a channel.
    numbers = np.random.default_rng(m).permutation(m)
    tensor = sign * np.max(np.meshgrid(*[numbers] * n, indexing="ij"), axis=0) + constant
    found = realise(tensor, by="relu-max", shared=True)
    check(found, tensor, "relu-max")
    assert found.residual == 0
    assert found.channels == (1 if sign * constant >= 0 else 2)
    alone = realise(sign * np.arange(1.0, m), by="relu-max", shared=True)
    assert alone.channels == 1
    flat = realise(np.full((m,) * n, sign * 3.5), by="relu-max", shared=True)
    assert flat.channels == 1
    assert flat.residual == 0


@pytest.mark.parametrize(("tensor", "shared"), [([[2, 1], [1, -1]], False), ([3, -1, 2], True)])
def test_a_channel_of_maxima_for_each_sign_is_least(tensor, shared):
    found = realise(tensor, by="relu-max", shared=shared)
    assert (found.channels, found.claim.kind) == (2, "exact by theorem")
    assert "sign of w alone" in found.claim.reason


@examples(60)
@given(size=st.integers(0, 8), seed=st.integers(0, 2**32), share=st.floats(0, 1))
def test_chains_are_as_few_as_the_largest_antichain(size, seed, share):
    rng = np.random.default_rng(seed)
    inside = np.triu(rng.random((size, size)) < share, 1)
    for k in range(size):
        inside |= inside[:, [k]] & inside[[k]]
    chains = fewest_chains(inside)
    assert sorted(itertools.chain(*chains)) == list(range(size))
    assert all(inside[a, b] for chain in chains for a, b in itertools.pairwise(chain))
    antichains = [
        k
        for k in range(size + 1)
        for part in itertools.combinations(range(size), k)
        if not inside[np.ix_(part, part)].any()
    ]
    assert len(chains) == max(antichains)


# Sums


@pytest.mark.parametrize("shared", [False, True])
@examples(40)
@given(size=st.sampled_from(SIZES), seed=st.integers(0, 2**32), shift=st.sampled_from([0, 50, -50]))
def test_sums_over_elements_take_two_channels(shared, size, seed, shift):
    m, n = size
    rng = np.random.default_rng(seed)
    parts = np.round(8 * rng.standard_normal((n, m))) + shift
    parts = n * np.stack([parts[0]] * n) if shared else parts
    tensor = sum(np.meshgrid(*parts, indexing="ij"))
    found = realise(tensor, by="relu-sum", shared=shared)
    check(found, tensor, "relu-sum")
    assert found.residual == 0
    one_sign = (parts >= 0).all() or (parts <= 0).all()
    one_sign |= not shared and ((tensor >= 0).all() or (tensor <= 0).all())
    assert found.channels == (1 if one_sign else 2)
    assert found.bound == 2


def test_what_rules_out_a_sum_is_shown_on_the_tensor():
    tensor = np.zeros((3, 3, 3, 3))
    tensor += np.eye(9).reshape(3, 3, 3, 3)
    message = r"first 2 elements .* rank 9, and T\[0, 0, 0, 0\] - T\[.*\] = 2, where a sum gives 0"
    with pytest.raises(FunctionError, match=message):
        realise(tensor, by="relu-sum")
    halves = np.eye(3)[:, :, None, None] + np.ones((3, 3))
    message = (
        r"each half, but not of each element: T\[0, 0, 0, 0\] - T\[1, 0, 0, 0\] - "
        r"T\[0, 1, 0, 0\] \+ T\[1, 1, 0, 0\] = 2, "
    )
    with pytest.raises(FunctionError, match=message):
        realise(halves, by="relu-sum")


@examples(40)
@given(tensor=tensors())
def test_a_refused_tensor_has_the_alternating_sum_that_is_named(tensor):
    try:
        found = realise(tensor, by="relu-sum")
    except FunctionError as error:
        words = str(error).split(" = ")
        terms = words[0][words[0].index("T[") :]
        points = [literal_eval(f"({part.split(']')[0]},)") for part in terms.split("T[")[1:]]
        stated = float(words[1].split(",")[0])
        assert stated != 0
        signs = [1, -1, -1, 1]
        value = sum(s * tensor[p] for s, p in zip(signs, points, strict=True))
        assert value == pytest.approx(stated, rel=1e-4)
        # The four points are a rectangle: what differs splits over two groups of elements.
        steps = [np.array(p) - np.array(points[0]) for p in points]
        assert not (steps[1] * steps[2]).any()
        assert (steps[1] + steps[2] == steps[3]).all()
    else:
        check(found, tensor, "relu-sum")


# Average pooling over windows


def window_span(sides, windows, m):
    """All one-hot functions of the elements of a window, for all windows, as rows."""
    n = math.prod(sides)
    elements = np.arange(n).reshape(sides)
    rows = []
    starts = [range(-(w - 1), side) for side, w in zip(sides, windows, strict=True)]
    grid = list(itertools.product(range(m), repeat=n))
    for start in itertools.product(*starts):
        box = tuple(slice(max(0, s), max(0, s + w)) for s, w in zip(start, windows, strict=True))
        inside = elements[box].reshape(-1).tolist()
        rows += [
            [all(p[i] == d for i, d in zip(inside, wanted, strict=True)) for p in grid]
            for wanted in itertools.product(range(m), repeat=len(inside))
        ]
    return np.array(rows, dtype=float)


@pytest.mark.parametrize(
    ("sides", "windows", "m"),
    [
        ((1,), (1,), 3),
        ((4,), (1,), 3),
        ((4,), (2,), 3),
        ((5,), (3,), 2),
        ((4,), (4,), 2),
        ((3,), (7,), 2),
        ((2, 3), (2, 2), 2),
        ((2, 3), (1, 2), 2),
        ((3, 3), (2, 2), 2),
        ((2, 2), (2, 2), 3),
        ((2, 2, 2), (2, 1, 2), 2),
        ((3,), (2,), 1),
    ],
)
def test_average_pooling_reaches_a_space_of_that_dimension(sides, windows, m):
    found = average_pooling_universality(sides, features=m, receptive_field=windows)
    span = window_span(sides, windows, m)
    dimension = int(np.linalg.matrix_rank(span))
    assert found.dimension == dimension
    assert found.needed_dimension == span.shape[1]
    assert found.universal == (dimension == span.shape[1])
    n = math.prod(sides)
    functions = np.random.default_rng(0).standard_normal(len(span)) @ span
    halves = functions.reshape(m ** (n // 2), -1)
    assert np.linalg.matrix_rank(halves) <= found.rank_bound
    assert not (found.excluded_by_rank and found.universal)


@examples(100)
@given(half=st.integers(1, 30), m=st.integers(2, 9), window=st.integers(1, 40))
def test_the_rank_condition_bounds_the_window(half, m, window):
    n = 2 * half
    found = average_pooling_universality(n, features=m, receptive_field=window)
    inside = min(window, n)
    margin = n / 2 + 1 - math.log(n, m) - inside
    if abs(margin) > 1e-9:
        assert found.excluded_by_rank == (margin > 0)


def test_average_pooling_says_why():
    images = average_pooling_universality((28, 28), features=100, receptive_field=5)
    assert images.universal is False
    assert images.excluded_by_rank
    assert "no window of 25 elements sees an interaction of all 784" in repr(images)
    assert images.rank_bound == 784 * 100**24
    narrow = average_pooling_universality(6, features=2, receptive_field=5)
    assert narrow.universal is False
    assert not narrow.excluded_by_rank
    convolution = average_pooling_universality(3, features=2, receptive_field=3, shared=True)
    assert convolution.universal is None
    assert convolution.claim.kind == "no theorem"
    for wrong in ((2, 2), 0, "3", True):
        with pytest.raises(SpecError, match="receptive_field"):
            average_pooling_universality(3, features=2, receptive_field=wrong)
    with pytest.raises(SpecError, match="too many to count"):
        average_pooling_universality((4096, 4096), features=2, receptive_field=3)
    with pytest.raises(GeometryError, match="positive"):
        average_pooling_universality(0, features=2, receptive_field=3)


# Bad input


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (3.0, r"shape \(\); give one axis per element, at least one"),
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.ones((0, 0)), r"shape \(0, 0\)"),
        ([[1, 2], [3]], "rows of different lengths"),
        (np.ones(2) * 1j, "complex128, and networks here are real; take the real and the imag"),
        (["a", "b"], "dtype <U1"),
        (np.ma.masked_equal([1.0, 2.0], 2), "1 masked entries"),
        ([[1.0, 2.0], [np.nan, np.inf]], r"entry \(1, 0\) .* is nan, and 2 in all"),
        ([1, 2**53 + 1], r"entry \(1,\) .* 2\^53"),
        (np.array([0, -(2**63)]), r"entry \(1,\) .* 2\^53"),
        ([1e300, 0.0], r"entry \(0,\) .* 2\^900"),
    ],
)
def test_what_is_no_grid_tensor_is_refused(tensor, message):
    with pytest.raises(FunctionError, match=message):
        realise(tensor)


def test_options_are_checked():
    with pytest.raises(SpecError, match="product, relu-max, recurrent-relu-max, relu-sum"):
        realise([1.0], by="max")
    with pytest.raises(SpecError, match="shared is 1"):
        realise([1.0], shared=1)
    with pytest.raises(SpecError, match="most"):
        realise([1.0], most=0)
    with pytest.raises(SpecError, match="rtol is 1"):
        realise([1.0], rtol=1)
    with pytest.raises(SizeLimitError, match=r"2\^15 = 32,768 entries .* limit is 16,384"):
        realise(np.zeros((2,) * 15))
    assert realise(np.zeros((2,) * 3), most=8).channels == 1
    with pytest.raises(SizeLimitError, match="limit is 7 entries"):
        realise(np.zeros((2,) * 3), most=7)
    with pytest.raises(FeatureError, match="rank 1 of 2"):
        realise(np.eye(2), matrix=np.ones((2, 2)))
    with pytest.raises(FeatureError, match="has 3 rows, and the tensor 2"):
        realise(np.eye(2), matrix=np.eye(3))
    with pytest.raises(FeatureError, match="tensors here are real; give real features"):
        realise(np.eye(2), matrix=1j * np.eye(2))


WORDS = np.array(["product", "max"])


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: realise([1.0], by=WORDS), SpecError, r"by is array\(.*choose one of product, "),
        (lambda: realise([1.0], shared=np.ones(2)), SpecError, "give True or False"),
        (
            lambda: realise([1.0], most=[5] * 199),
            SpecError,
            r"most is \[5, 5, .*, \.\.\.\]; give",
        ),
        (lambda: realise([1.0], rtol=10**400), SpecError, "rtol is an integer of 1,329 bits;"),
        (lambda: realise(np.eye(2), matrix=[["a", "b"]] * 2), FeatureError, "matrix has dtype <U1"),
        (lambda: realise(np.eye(2), matrix=[[1], [1, 2]]), FeatureError, "different lengths"),
        (
            lambda: realise(np.eye(2), matrix=np.ma.masked_equal(np.eye(2), 0)),
            FeatureError,
            "the template matrix has 2 masked entries",
        ),
        (lambda: realise(np.ones((1,) * 40)), SizeLimitError, "has 40 axes, and the limit is 32"),
        (
            lambda: average_pooling_universality(b"x", features=2, receptive_field=1),
            GeometryError,
            "inputs is b'x'; give a positive number",
        ),
        (
            lambda: average_pooling_universality([3] * 199, features=2, receptive_field=1),
            GeometryError,
            r"inputs is \[3, 3, 3, 3, 3, 3, \.\.\.\]; give a positive number",
        ),
        (
            lambda: average_pooling_universality(10**5000, features=2, receptive_field=1),
            GeometryError,
            "inputs is an integer of 16,610 bits",
        ),
        (
            lambda: average_pooling_universality(np.array(3), features=2, receptive_field=1),
            GeometryError,
            r"inputs is array\(3\)",
        ),
        (
            lambda: average_pooling_universality(3, features=[2] * 199, receptive_field=1),
            SpecError,
            r"features is \[2, 2, 2, 2, 2, 2, \.\.\.\]; give a whole number of at least 1",
        ),
        (
            lambda: average_pooling_universality(3, features=2, receptive_field=np.array(1)),
            SpecError,
            r"receptive_field is array\(1\)",
        ),
        (
            lambda: average_pooling_universality(3, features=2, receptive_field=1, shared=WORDS),
            SpecError,
            "give True or False",
        ),
        (lambda: tnet.invertible_neurons([0.0, 1.0], WORDS), SpecError, "activation is array"),
        (lambda: tnet.invertible_neurons([0.0, 1.0], seed="a"), SpecError, "seed is 'a'"),
        (lambda: tnet.invertible_neurons([[0.0], [1, 2]]), FeatureError, "different lengths"),
        (lambda: tnet.invertible_neurons([0.0, 1j]), FeatureError, "real ones"),
        (lambda: tnet.invertible_neurons([0.0, np.inf]), FeatureError, "give finite numbers"),
        (
            lambda: tnet.invertible_neurons(np.ma.masked_equal([0.0, 1.0, 2.0], 1)),
            FeatureError,
            "1 masked entries",
        ),
        (lambda: tnet.template_matrix(3, [1.0]), FunctionError, "functions are 3; give one"),
        (lambda: tnet.template_matrix(np.sin, ["a"]), FeatureError, "dtype <U1"),
    ],
)
def test_what_is_no_option_is_refused_in_words(call, error, match):
    with pytest.raises(error, match=match) as caught:
        call()
    assert len(str(caught.value)) < 300


def test_a_masked_array_without_masked_entries_is_an_array():
    assert realise(np.ma.array(np.eye(2))).channels == 2


def test_what_one_filter_cannot_do_is_shown():
    with pytest.raises(FunctionError, match=r"T\[0, 1\] = 1.0 but T\[1, 0\] = 2.0"):
        realise([[0, 1], [2, 0]], shared=True)
    tensor = np.zeros((2, 2, 2))
    tensor[0, 1, 1] = tensor[1, 0, 1] = tensor[1, 1, 0] = 5
    message = r"how often, and T\[0, 0, 1\] = 0.0 but T\[0, 1, 1\] = 5.0"
    with pytest.raises(FunctionError, match=message):
        realise(tensor, by="relu-max", shared=True)
    assert realise(tensor, shared=True).channels <= 4


def test_what_grows_too_large_is_refused(monkeypatch):
    rng = np.random.default_rng(0)
    with pytest.raises(SizeLimitError, match="more than 2,048 sets of at most 2"):
        realise(np.ones((100, 100)), by="relu-max", shared=True)
    monkeypatch.setattr(symmetric, "_MOST_POWERS", 3)
    with pytest.raises(SizeLimitError, match="dimension 4, and the limit is 3"):
        realise(symmetrised(rng.standard_normal((2, 2, 2))), shared=True)
    monkeypatch.setattr(recurrent, "_MOST_CORE_ENTRIES", 10)
    # Hidden units by rank before by rank after: 3 (1 2 + 2 4 + 4 1), and side by side.
    for shared, message in ((False, "up to 4, would have 42"), (True, "up to 8, would have 216")):
        with pytest.raises(SizeLimitError, match=f"{message} entries, and the limit is 10"):
            realise(rng.standard_normal((2, 2, 2)), by="recurrent-relu-max", shared=shared)


@pytest.mark.parametrize("by", UNIVERSAL)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_neurons_on_templates_will_do(by, activation):
    tensor = np.random.default_rng(0).standard_normal((4, 4, 4))
    neurons = tnet.invertible_neurons([0.0, 3.0, 1.0, 2.0], activation)
    found = realise(tensor, by=by, matrix=neurons.matrix)
    check(found, tensor, by)
    on_inputs = tnet.grid_tensor(found.spec, found.parameters, neurons.templates, neurons.functions)
    np.testing.assert_allclose(on_inputs, tensor, atol=1e-10)


def test_rounding_beyond_the_promise_is_an_error(monkeypatch):
    matrix = np.vander(np.linspace(0, 1, 10))
    tensor = np.random.default_rng(0).standard_normal((10, 10))
    with pytest.raises(VerificationError, match=r"misses the tensor by .* condition number of"):
        realise(tensor, matrix=matrix)
    found = realise(tensor, matrix=matrix, rtol=0.01)
    assert 1e-10 < found.residual / np.abs(tensor).max() < 0.01
    monkeypatch.setattr(symmetric, "TOLERANCE", 1e-25)
    with pytest.raises(VerificationError, match="equations have a condition number of"):
        realise(symmetrised(tensor[:3, :3, None] + tensor[:3, :3]), shared=True)


def test_a_realisation_prints_what_it_is():
    found = realise([[1.0, 2.0], [2.0, 4.0]])
    assert repr(found) == (
        "<Realisation: CP, product, unshared, 1 of at most 4 channels, residual 0 "
        "(exact by theorem)>"
    )
    assert not found.matrix.flags.writeable
    assert realise(1 - np.eye(3), by="relu-max").claim.kind == "upper bound"
