"""Convolution as linear algebra: operators, circulants, rates, and regression on shifts."""

import math

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import tnet
from tnet.errors import (
    FeatureError,
    FunctionError,
    GeometryError,
    MemoryLimitError,
    SpecError,
)
from tnet.expressiveness.convolution.circulants import circulant_eigenvalues, nearest_circulant
from tnet.expressiveness.convolution.operators import convolution_operator
from tnet.expressiveness.convolution.products import compose_kernels, toeplitz_product
from tnet.expressiveness.convolution.rates import (
    circulant_rate,
    szego_rate,
    toeplitz_product_rate,
)
from tnet.expressiveness.convolution.shifted_copies import all_shifts, shifted_copies_optimum
from tnet.expressiveness.linear_networks.balanced import balanced_factors
from tnet.expressiveness.linear_networks.descent import descend_factors
from tnet.expressiveness.linear_networks.regression import l_p_regression

SEEDS = st.integers(0, 10**6)
SIZES = (16, 32, 64, 128)


@st.composite
def operators(draw, *, boundary=None, axes=None, strided=True):
    """A convolution that fits, real or complex, of one to three axes."""
    axes = draw(st.integers(1, 3)) if axes is None else axes
    around = draw(st.sampled_from(["zero", "circular"])) if boundary is None else boundary
    shape = tuple(draw(st.integers(1, 5)) for _ in range(axes))
    kernel_shape, origin = [], []
    for side in shape:
        size = draw(st.integers(1, side if around == "circular" else 2 * side - 1))
        least, most = (0, size - 1) if around == "circular" else (max(0, size - side), side - 1)
        kernel_shape.append(size)
        origin.append(draw(st.integers(least, min(most, size - 1))))
    rng = np.random.default_rng(draw(SEEDS))
    kernel = rng.standard_normal(kernel_shape)
    if draw(st.booleans()):
        kernel = kernel + 1j * rng.standard_normal(kernel_shape)
    stride = tuple(draw(st.integers(1, 3)) for _ in range(axes)) if strided else 1
    return convolution_operator(
        kernel, shape, boundary=around, stride=stride, origin=tuple(origin)
    ), rng


def looped(operator, image):
    """The sum of the definition, term by term."""
    found = np.zeros(operator.output_shape, dtype=np.complex128)
    for at in np.ndindex(operator.output_shape):
        for entry in np.ndindex(operator.kernel.shape):
            parts = zip(at, operator.stride, operator.origin, entry, strict=True)
            read = [i * s + o - j for i, s, o, j in parts]
            if operator.boundary == "circular":
                read = [r % side for r, side in zip(read, operator.input_shape, strict=True)]
            if all(0 <= r < side for r, side in zip(read, operator.input_shape, strict=True)):
                found[at] += operator.kernel[entry] * image[tuple(read)]
    return found


def dense_shift(shape, shift):
    """Permutation matrix of a cyclic shift, from images of one element."""
    size = math.prod(shape)
    columns = [
        np.roll(unit.reshape(shape), shift, axis=tuple(range(len(shape)))).ravel()
        for unit in np.eye(size)
    ]
    return np.stack(columns, axis=1)


@given(operators())
@examples(120)
def test_an_operator_is_the_sum_of_its_definition(case):
    operator, rng = case
    image = rng.standard_normal(operator.input_shape)
    wanted = looped(operator, image)
    np.testing.assert_allclose(operator.apply(image), wanted, atol=1e-11)
    matrix = operator.to_sparse().toarray()
    np.testing.assert_allclose(matrix @ image.ravel(), wanted.ravel(), atol=1e-11)
    two = np.stack([image, 2 * image])
    np.testing.assert_allclose(operator.apply(two), [wanted, 2 * wanted], atol=1e-11)


@given(operators())
@examples(80)
def test_the_adjoint_is_the_conjugate_transpose(case):
    operator, rng = case
    outputs = rng.standard_normal(operator.output_shape)
    matrix = operator.to_sparse().toarray()
    wanted = (matrix.conj().T @ outputs.ravel()).reshape(operator.input_shape)
    np.testing.assert_allclose(operator.adjoint(outputs), wanted, atol=1e-11)
    view = operator.to_linear_operator()
    assert view.shape == matrix.shape == operator.shape
    np.testing.assert_allclose(view.rmatvec(outputs.ravel()), wanted.ravel(), atol=1e-11)
    np.testing.assert_allclose(view @ np.eye(matrix.shape[1]), matrix, atol=1e-11)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_on_a_line_it_is_numpys_and_the_matrix_scipys_toeplitz(size):
    rng = np.random.default_rng(size)
    kernel, x = rng.standard_normal(size), rng.standard_normal(7)
    operator = convolution_operator(kernel, 7)
    np.testing.assert_allclose(operator.apply(x), np.convolve(x, kernel, "same"), atol=1e-12)
    origin = (size - 1) // 2
    column = np.pad(kernel[origin:], (0, 7 - (size - origin)))
    row = np.pad(kernel[origin::-1], (0, 6 - origin))
    np.testing.assert_array_equal(
        operator.to_sparse().toarray(), scipy.linalg.toeplitz(column, row)
    )
    np.testing.assert_allclose(
        operator.apply(x), scipy.linalg.matmul_toeplitz((column, row), x), atol=1e-12
    )


@pytest.mark.parametrize("sides", [(1, 1), (2, 3), (3, 3), (4, 1)])
@pytest.mark.parametrize(("boundary", "theirs"), [("zero", "fill"), ("circular", "wrap")])
def test_on_a_grid_it_is_scipys_two_dimensional_convolution(sides, boundary, theirs):
    rng = np.random.default_rng(0)
    kernel, image = rng.standard_normal(sides), rng.standard_normal((5, 6))
    found = convolution_operator(kernel, (5, 6), boundary=boundary).apply(image)
    wanted = scipy.signal.convolve2d(image, kernel, mode="same", boundary=theirs)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_grid_is_block_toeplitz_with_toeplitz_blocks_and_banded():
    kernel = np.arange(1.0, 10).reshape(3, 3)
    matrix = convolution_operator(kernel, (4, 5)).to_sparse().toarray().reshape(4, 5, 4, 5)
    for i in range(4):
        for j in range(4):
            block = matrix[i, :, j]
            if abs(i - j) > 1:
                assert not block.any()
            else:
                row = kernel[i - j + 1]
                wanted = scipy.linalg.toeplitz([row[1], row[2], 0, 0, 0], [row[1], row[0], 0, 0, 0])
                np.testing.assert_array_equal(block, wanted)


def test_average_pooling_is_a_constant_kernel_with_a_stride():
    image = np.arange(24.0).reshape(4, 6)
    pool = convolution_operator(np.full((2, 2), 0.25), (4, 6), stride=2, origin=1)
    # The origin is the last entry, which looks ahead from the first element of each window.
    means = image.reshape(2, 2, 3, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(pool.apply(image), means, atol=1e-13)


@given(operators(strided=True))
@examples(40)
def test_a_stride_selects_rows(case):
    operator, _ = case
    whole = convolution_operator(
        operator.kernel, operator.input_shape, boundary=operator.boundary, origin=operator.origin
    )
    numbers = np.arange(whole.shape[0]).reshape(operator.input_shape)
    kept = numbers[tuple(slice(None, None, stride) for stride in operator.stride)].ravel()
    rows = whole.to_sparse().toarray()[kept]
    np.testing.assert_array_equal(operator.to_sparse().toarray(), rows)


@given(operators(boundary="circular", strided=False))
@examples(60)
def test_waves_are_eigenvectors_of_circulants(case):
    operator, _ = case
    shape = operator.input_shape
    found = circulant_eigenvalues(operator.kernel, shape, origin=operator.origin)
    matrix = operator.to_sparse().toarray()
    places = np.indices(shape)
    for frequency in np.ndindex(shape):
        phase = sum(f * x / n for f, x, n in zip(frequency, places, shape, strict=True))
        wave = np.exp(2j * np.pi * phase).ravel()
        np.testing.assert_allclose(matrix @ wave, found[frequency] * wave, atol=1e-10)


def test_on_a_line_a_circulant_is_scipys_and_is_solved_like_it():
    kernel = np.array([1.0, 5.0, 2.0])
    operator = convolution_operator(kernel, 6, boundary="circular")
    column = np.array([5.0, 2, 0, 0, 0, 1])
    np.testing.assert_array_equal(operator.to_sparse().toarray(), scipy.linalg.circulant(column))
    b = np.arange(6.0)
    solved = np.fft.ifft(np.fft.fft(b) / circulant_eigenvalues(kernel, 6)).real
    np.testing.assert_allclose(solved, scipy.linalg.solve_circulant(column, b), atol=1e-12)


@given(operators(boundary="circular", axes=2, strided=False), SEEDS)
@examples(40)
def test_products_of_circulants_are_circulant_and_commute(case, seed):
    first, _ = case
    shape = first.input_shape
    kernel = np.random.default_rng(seed).standard_normal(shape)
    second = convolution_operator(kernel, shape, boundary="circular", origin=0)
    a, b = first.to_sparse().toarray(), second.to_sparse().toarray()
    np.testing.assert_allclose(a @ b, b @ a, atol=1e-11)
    assert nearest_circulant(a @ b, shape).relative < 1e-12
    shift = dense_shift(shape, (1, 0))
    np.testing.assert_allclose(shift @ a @ b, a @ b @ shift, atol=1e-11)


@pytest.mark.parametrize("shape", [5, (2, 3), (4, 4), (2, 2, 2)])
@pytest.mark.parametrize("is_complex", [False, True])
def test_the_nearest_circulant_is_least_squares_over_all_shifts(shape, is_complex):
    sides = (shape,) if isinstance(shape, int) else shape
    size = math.prod(sides)
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((size, size))
    if is_complex:
        matrix = matrix + 1j * rng.standard_normal((size, size))
    basis = np.stack([dense_shift(sides, s).ravel() for s in np.ndindex(sides)], axis=1)
    weights, *_ = np.linalg.lstsq(basis, matrix.ravel(), rcond=None)
    found = nearest_circulant(matrix, shape)
    np.testing.assert_allclose(found.column.ravel(), weights, atol=1e-12)
    gap = np.linalg.norm(basis @ weights - matrix.ravel())
    assert found.distance == pytest.approx(gap)
    assert found.relative == pytest.approx(gap / np.linalg.norm(matrix))
    assert found.claim.kind == "exact by theorem"


def test_a_circulant_is_nearest_to_itself():
    operator = convolution_operator(np.arange(6.0).reshape(2, 3), (3, 4), boundary="circular")
    found = nearest_circulant(operator.to_sparse().toarray(), (3, 4))
    assert found.distance < 1e-12
    again = convolution_operator(found.column, (3, 4), boundary="circular", origin=0)
    image = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_allclose(again.apply(image), operator.apply(image), atol=1e-12)
    assert nearest_circulant(np.zeros((2, 2))).relative == 0.0


@given(st.integers(1, 6), st.integers(1, 6), st.integers(12, 24), SEEDS)
@examples(60)
def test_a_product_of_toeplitz_matrices_lacks_two_corners(first, second, size, seed):
    rng = np.random.default_rng(seed)
    f, g = rng.standard_normal(first), rng.standard_normal(second)
    found = toeplitz_product(f, g, size)
    wanted = np.zeros((size, size))
    entry = dict(enumerate(f, -((first - 1) // 2))), dict(enumerate(g, -((second - 1) // 2)))
    for i in range(size):
        for j in range(size):
            outside = [*range(-12, 0), *range(size, size + 12)]
            wanted[i, j] = sum(entry[0].get(i - m, 0) * entry[1].get(m - j, 0) for m in outside)
    assert found.squared_norm == pytest.approx(np.sum(wanted**2), rel=1e-9, abs=1e-18)
    assert found.rank <= found.rank_bound
    # Corners of a random banded product are triangular with entries on the diagonal: full rank.
    assert found.rank == found.rank_bound
    assert found.claim.kind == "exact by theorem"


def test_matrices_that_look_back_only_are_closed_under_products():
    found = toeplitz_product([3.0, 0.5], [1.0, -1.0], 9)
    assert (found.rank, found.rank_bound, found.squared_norm) == (0, 0, 0.0)
    rate = toeplitz_product_rate([3.0, 0.5], [1.0, -1.0], SIZES)
    assert np.isnan(rate.slope)
    assert repr(rate).endswith("all 0 from n = 16 to 128 (exact by theorem)")


def test_composition_on_a_circle_is_the_convolution_of_the_kernels():
    rng = np.random.default_rng(0)
    f, g, image = rng.standard_normal((3, 2)), rng.standard_normal((2, 2)), np.eye(5, 6)
    one, two = (
        convolution_operator(kernel, (5, 6), boundary="circular", origin=0) for kernel in (f, g)
    )
    both = convolution_operator(compose_kernels(f, g), (5, 6), boundary="circular", origin=0)
    np.testing.assert_allclose(one.apply(two.apply(image)), both.apply(image), atol=1e-12)


def test_the_corners_of_a_product_fall_as_one_over_n_exactly():
    rate = toeplitz_product_rate([1.0, 2, 3, 4], [5.0, 6, 7], SIZES)
    assert rate.slope == pytest.approx(-1, abs=1e-9)
    assert np.ptp([n * value for n, value in zip(SIZES, rate.values, strict=True)]) < 1e-9
    assert rate.claim.kind == "exact by theorem"


def test_the_law_holds_from_the_least_size_that_the_composition_fits():
    rate = toeplitz_product_rate(np.ones(7), np.ones(7), (7, 8, 64))
    np.testing.assert_allclose(rate.values, rate.values[0] * 7 / np.array([7, 8, 64]))
    with pytest.raises(GeometryError, match="6 beyond its origin"):
        toeplitz_product_rate(np.ones(7), np.ones(7), (6, 8, 64))


def test_toeplitz_and_circulant_are_asymptotically_equivalent():
    kernel = np.array([1.0, -2, 5, 0.5])
    # The origin is entry 1, so that the entries lie 1, 0, 1 and 2 from it.
    weighted = 1 * 1 + 0 * 4 + 1 * 25 + 2 * 0.25
    rate = circulant_rate(kernel, SIZES)
    assert rate.slope == pytest.approx(-0.5, abs=1e-9)
    np.testing.assert_allclose(rate.values, np.sqrt(weighted / np.array(SIZES)))
    assert rate.claim.kind == "exact by theorem"
    nearest = circulant_rate(kernel, SIZES, nearest=True)
    distances = np.array([1, 0, 1, 2])
    for n, value in zip(SIZES, nearest.values, strict=True):
        wanted = np.sum(distances * (1 - distances / n) * kernel**2) / n
        assert value == pytest.approx(math.sqrt(wanted))
    assert nearest.claim.kind == "numerical"


def test_szegos_means_by_the_known_spectrum_of_three_diagonals():
    """Eigenvalues a + 2 b cos(k pi / (n + 1)); for b = 1, a = 3 the integral of ln is ln phi^2."""
    rate = szego_rate([1.0, 3.0, 1.0], SIZES, function=np.log)
    limit = 2 * math.log((1 + math.sqrt(5)) / 2)
    for n, value in zip(SIZES, rate.values, strict=True):
        known = np.log(3 + 2 * np.cos(np.arange(1, n + 1) * math.pi / (n + 1))).mean()
        assert value == pytest.approx(abs(known - limit), rel=1e-6)
    assert rate.slope == pytest.approx(-1, abs=0.01)
    assert rate.claim.kind == "numerical"


def test_szegos_means_of_squares_and_of_the_matrix_itself():
    """The trace of T^2 lacks the corners: sum |d| |k_d|^2 over n; the trace of T lacks nothing."""
    kernel = np.array([1 - 2j, 3.0, 1 + 2j])
    rate = szego_rate(kernel, SIZES)
    np.testing.assert_allclose(rate.values, 10 / np.array(SIZES), rtol=1e-9)
    assert np.isnan(szego_rate(kernel, SIZES, function=lambda x: x).slope)


def wave_image(shape, missing, seed=0):
    """A real image whose Fourier transform is 0 at given frequencies and their mirror images."""
    waves = np.fft.fftn(np.random.default_rng(seed).standard_normal(shape))
    for place in missing:
        waves[place] = 0
        waves[tuple(-f % n for f, n in zip(place, shape, strict=True))] = 0
    return np.fft.ifftn(waves).real


def dense_optimum(xs, ys):
    """Least squares and least norm over all matrices, from all shifts of all images."""
    shifts = [(x_shift, y_shift) for x, y in zip(xs, ys, strict=True)
              for x_shift, y_shift in zip(rolled(x), rolled(y), strict=True)]  # fmt: skip
    inputs, targets = (np.stack(side) for side in zip(*shifts, strict=True))
    solved, *_ = np.linalg.lstsq(inputs, targets, rcond=1e-10)
    return solved.T, float(((inputs @ solved - targets) ** 2).sum())


def rolled(image):
    axes = tuple(range(image.ndim))
    return [np.roll(image, shift, axis=axes).ravel() for shift in np.ndindex(image.shape)]


@pytest.mark.parametrize(
    ("shape", "missing"),
    [
        ((6,), []),
        ((6,), [(0,)]),
        ((7,), [(1,), (3,)]),
        ((3, 4), []),
        ((3, 4), [(1, 2), (0, 0)]),
        ((4, 4), [(2, 2)]),
        ((2, 3, 2), [(1, 1, 0)]),
    ],
)
@pytest.mark.parametrize("images", [1, 2])
def test_the_optimum_over_shifts_is_dense_least_squares(shape, missing, images):
    xs = np.stack([wave_image(shape, missing, seed) for seed in range(images)])
    ys = np.random.default_rng(9).standard_normal((images, *shape))
    found = shifted_copies_optimum(xs, ys, shape=shape)
    wanted, residual = dense_optimum(xs, ys)
    operator = convolution_operator(found.kernel, shape, boundary="circular", origin=0)
    np.testing.assert_allclose(operator.to_sparse().toarray(), wanted, atol=1e-9)
    assert found.residual == pytest.approx(residual, rel=1e-9, abs=1e-18)
    mirrored = {tuple(-f % n for f, n in zip(place, shape, strict=True)) for place in missing}
    assert set(found.null_frequencies) == set(missing) | mirrored
    assert found.unique == (not missing)
    assert found.invertible == (not missing)
    if images == 1:
        alone = shifted_copies_optimum(xs[0], ys[0])
        np.testing.assert_array_equal(alone.kernel, found.kernel)


def test_an_optimum_can_be_unique_and_not_invertible():
    found = shifted_copies_optimum([1.0, 0, 0, 0], [1.0, 0, 1.0, 0])
    assert (found.unique, found.invertible) == (True, False)
    np.testing.assert_allclose(found.kernel, [1, 0, 1, 0], atol=1e-15)
    nothing = shifted_copies_optimum(np.zeros(3), np.ones(3))
    assert (nothing.unique, nothing.invertible, nothing.residual) == (False, False, 9.0)
    assert not nothing.kernel.any()


def test_another_matrix_is_as_good_where_the_optimum_is_not_unique():
    x, y = wave_image((6,), [(2,)]), wave_image((6,), [(2,)], seed=1)
    found = shifted_copies_optimum(x, y)
    circulant = convolution_operator(found.kernel, 6, boundary="circular", origin=0)
    matrix = circulant.to_sparse().toarray()
    unseen = np.cos(2 * np.pi * 2 * np.arange(6) / 6)
    other = matrix + np.outer(np.arange(6.0), unseen)
    errors = [np.sum((all_shifts(x) @ w.T - all_shifts(y)) ** 2) for w in (matrix, other)]
    np.testing.assert_allclose(errors, found.residual, atol=1e-20)
    assert np.linalg.norm(other) > np.linalg.norm(matrix)


def test_complex_images_have_complex_kernels():
    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((2, 5)) + 1j * rng.standard_normal((2, 5))
    y = convolution_operator(kernel, 5, boundary="circular", origin=0).apply(x)
    np.testing.assert_allclose(shifted_copies_optimum(x, y).kernel, kernel, atol=1e-12)


@pytest.mark.parametrize("widths", [(6, 6), (6, 6, 6), (6, 6, 6, 6)])
def test_a_linear_network_trained_on_shifts_learns_the_convolution(widths):
    rng = np.random.default_rng(2)
    x = np.array([1.0, 0.3, 0, 0, 0, -0.2])
    y = convolution_operator([0.5, 1.0, -0.25], 6, boundary="circular").apply(x)
    loss = l_p_regression(all_shifts(x), all_shifts(y))
    start = np.eye(6) + 0.1 * rng.standard_normal((6, 6))
    found = descend_factors(loss, balanced_factors(start, widths), rate=0.2, steps=1500)
    optimum = shifted_copies_optimum(x, y)
    assert nearest_circulant(start).relative > 0.05
    assert nearest_circulant(found.matrix).relative < 1e-6
    np.testing.assert_allclose(found.matrix[:, 0], optimum.kernel, atol=1e-6)


@given(operators(), st.sampled_from([1e-290, 1e-160, 1e160, 1e290]))
@examples(40)
def test_an_operator_of_any_size_is_linear(case, scale):
    """Kernel or image far from 1 in size, the other so that the result is not."""
    operator, rng = case
    image = rng.standard_normal(operator.input_shape)
    scaled = convolution_operator(
        scale * operator.kernel,
        operator.input_shape,
        boundary=operator.boundary,
        stride=operator.stride,
        origin=operator.origin,
    )
    wanted = operator.apply(image)
    np.testing.assert_allclose(scaled.apply(image / scale), wanted, atol=1e-12)
    both = np.stack([image / scale, np.zeros_like(image), image])
    np.testing.assert_allclose(scaled.apply(both)[0], wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "kernel"),
    [
        ([1e-200, 2e-200], [1.0, 2.0], [1e200, 0]),
        ([1e200, 2.0], [1.0, 2.0], [1e-200, 2e-200]),
        ([1.0, 0.0], [1e300, 2e300], [1e300, 2e300]),
    ],
)
def test_the_optimum_over_shifts_is_found_at_any_size(x, y, kernel):
    found = shifted_copies_optimum(x, y)
    np.testing.assert_allclose(found.kernel, kernel, rtol=1e-14, atol=1e-14 * max(kernel))
    assert (found.unique, found.invertible) == (True, True)
    assert found.residual == 0


@pytest.mark.parametrize("scale", [1e-200, 1e-100, 1e100, 1e200, 1e307])
def test_distances_to_circulants_scale_with_the_matrix(scale):
    plain, found = (
        nearest_circulant(np.diag([1.0, 2.0])),
        nearest_circulant(np.diag([1, 2]) * scale),
    )
    assert found.distance == pytest.approx(scale * plain.distance, rel=1e-14)
    assert found.relative == pytest.approx(plain.relative, rel=1e-14)
    rates = [circulant_rate(factor * np.array([1.0, 2, 3]), (4, 8)) for factor in (1, scale)]
    np.testing.assert_allclose(rates[1].values, scale * np.array(rates[0].values), rtol=1e-13)
    waves = circulant_eigenvalues(scale * np.array([1.0, 2, 3]), 4)
    np.testing.assert_allclose(waves, scale * circulant_eigenvalues([1.0, 2, 3], 4), rtol=1e-14)


def test_the_circulant_nearest_to_a_constant_matrix_is_the_matrix():
    found = nearest_circulant(np.full((2, 2), 1e308))
    assert (found.column.tolist(), found.distance) == ([1e308, 1e308], 0)


@pytest.mark.parametrize("scale", [1e-200, 1e-70, 1e70])
def test_corners_are_found_for_kernels_of_any_size(scale):
    """The rank does not depend on the size; the squared norm may be below the least float."""
    found = toeplitz_product(scale * np.array([1.0, 2, 3]), [scale, 0, scale], 20)
    assert (found.rank, found.rank_bound) == (2, 2)
    assert found.squared_norm == pytest.approx(10 * scale**4, rel=1e-12)


def test_values_print_on_one_short_line():
    circulant = nearest_circulant(np.diag([1.0, 2.0]))
    assert repr(circulant) == (
        "nearest circulant on 2: distance 0.7071, 0.316 of the norm  (exact by theorem)"
    )
    copies = shifted_copies_optimum(np.ones(300), np.ones(300))
    assert repr(copies).startswith("circulant on 300: 299 null frequencies, not invertible, resid")
    assert repr(toeplitz_product([1.0, 2, 3], [1.0, 0, 1], 20)) == (
        "T(f)T(g) - T(fg): rank 2 of at most 2, squared norm 10  (exact by theorem)"
    )
    assert "all 0 from n = 8 to 16" in repr(circulant_rate([0.0, 3.0, 0.0], (8, 16)))


def test_the_module_lists_its_public_names_alone():
    assert dir(tnet.convolution) == tnet.convolution.__all__


LINE = np.ones(3)
WORDS = np.array(["zero", "zero"])


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: convolution_operator([1, np.nan], 4), FeatureError, r"kernel\[1\] is nan"),
        (lambda: convolution_operator(np.ones((2, 2)), 4), GeometryError, "2 axes and the input 1"),
        (lambda: convolution_operator(LINE, (3, 3)), GeometryError, "1 axes and the input 2"),
        (
            lambda: convolution_operator(np.ones(8), 4),
            GeometryError,
            "axis 0 of the kernel has 8 entries, 4 beyond its origin.*zero at most 3 beyond",
        ),
        (
            lambda: convolution_operator(np.ones((2, 5)), (3, 4), boundary="circular"),
            GeometryError,
            "axis 1 of the kernel has 5 entries.*circular at most 4 entries",
        ),
        (
            lambda: convolution_operator(LINE, 4, boundary="same"),
            SpecError,
            "zero or circular",
        ),
        (
            lambda: convolution_operator(LINE, 4, stride=0),
            GeometryError,
            "stride is 0; give ints of at least 1",
        ),
        (lambda: convolution_operator(LINE, 4, stride=(1, 2)), GeometryError, "1 of them"),
        (lambda: convolution_operator(LINE, 4, origin=3), GeometryError, r"origin \(3,\) is out"),
        (lambda: convolution_operator(LINE, 4, origin=-1), GeometryError, "at least 0"),
        (lambda: convolution_operator(LINE, 0), GeometryError, "positive"),
        (lambda: convolution_operator([], 4), FeatureError, "numbers along one axis"),
        (
            lambda: convolution_operator(LINE, 4).apply(np.ones(5)),
            FeatureError,
            "give arrays whose last axes are 4",
        ),
        (
            lambda: convolution_operator(LINE, 4).adjoint([1, 2, np.inf, 4]),
            FeatureError,
            r"outputs\[2\] is inf",
        ),
        (lambda: circulant_eigenvalues(np.ones(5), 4), GeometryError, "at most 4 entries"),
        (lambda: nearest_circulant(np.ones((2, 3))), FeatureError, "give a square matrix"),
        (
            lambda: nearest_circulant(np.eye(4), (3, 2)),
            GeometryError,
            "6 elements .* 4 rows; give a shape of 4",
        ),
        (lambda: compose_kernels(LINE, np.eye(2)), GeometryError, "1 and 2 axes"),
        (lambda: toeplitz_product(LINE, np.eye(2), 9), GeometryError, "2 axes and the input 1"),
        (lambda: circulant_rate(LINE, [8]), SpecError, "two at least, ascending"),
        (lambda: circulant_rate(LINE, [16, 8]), SpecError, "two at least, ascending"),
        (lambda: szego_rate([1.0, 2.0, 3.0], SIZES), SpecError, "not Hermitian"),
        (lambda: szego_rate([1.0, 1.0], SIZES), SpecError, "of 2 entries .* give an odd number"),
        (
            lambda: szego_rate([1.0, 0.0, 1.0], SIZES, function=np.log),
            FunctionError,
            "on the symbol, which lie between -2 and 2",
        ),
        (lambda: shifted_copies_optimum([1, np.inf], [1, 2]), FeatureError, r"inputs\[1\] is inf"),
        (lambda: shifted_copies_optimum([1, 2], [1, 2, 3]), FeatureError, "an image is 2; give"),
        (
            lambda: shifted_copies_optimum(np.ones((2, 3)), np.ones((1, 3)), shape=3),
            FeatureError,
            "give one each",
        ),
        (lambda: shifted_copies_optimum([1, 2], [1, 2], rtol=1), SpecError, "rtol is 1"),
        (lambda: convolution_operator([[1], [1, 2]], 4), FeatureError, "kernel is no array"),
        (lambda: all_shifts(np.ones(10**7)), MemoryLimitError, "all shifts of 10000000 elements"),
        (lambda: circulant_rate(LINE, (8, 10**7)), MemoryLimitError, "of 10000000 rows"),
        (lambda: all_shifts([[np.nan]]), FeatureError, r"image\[0, 0\] is nan"),
        (
            lambda: convolution_operator([1e308, 1e308], 2).apply([1e308, 1.0]),
            FeatureError,
            r"an output exceeds the floating-point range of 1.8e\+308; scale",
        ),
        (lambda: circulant_eigenvalues([1e308] * 2, 2), FeatureError, "eigenvalue exceeds"),
        (lambda: compose_kernels([1e308], [1e308]), FeatureError, "composition exceeds"),
        (lambda: toeplitz_product([1e200] * 3, LINE, 5), FeatureError, "squared norm exceeds"),
        (lambda: szego_rate([1e308] * 3, SIZES), FeatureError, "symbol of the kernel exceeds"),
        (lambda: shifted_copies_optimum([1e-300], [1e300]), FeatureError, "kernel exceeds"),
        (
            lambda: szego_rate(LINE, SIZES, function=lambda x: x * 1j),
            FunctionError,
            "not real and finite",
        ),
        (lambda: szego_rate(LINE, SIZES, function=None), FunctionError, "function is None; give"),
        (
            lambda: szego_rate(LINE, SIZES, function=lambda x: 1 if x > 0 else 2),
            FunctionError,
            "cannot take arrays",
        ),
        (lambda: circulant_rate(LINE, 8), SpecError, "sizes is 8; give a sequence"),
        (lambda: szego_rate(LINE, 8), SpecError, "sizes is 8; give a sequence"),
        (lambda: toeplitz_product_rate(LINE, LINE, b"ab"), SpecError, "give a sequence"),
        (lambda: shifted_copies_optimum([1.0], [1.0], rtol="a"), SpecError, "rtol is 'a'"),
        (lambda: shifted_copies_optimum([1.0], [1.0], rtol=True), SpecError, "rtol is True"),
        (
            lambda: convolution_operator(LINE, 4, boundary=WORDS),
            SpecError,
            "zero or circular",
        ),
        (lambda: circulant_rate(LINE, SIZES, nearest=WORDS), SpecError, "nearest is array"),
        (lambda: convolution_operator(LINE, np.array(4)), GeometryError, "shape is array"),
        (lambda: convolution_operator(LINE, b"a"), GeometryError, "shape is b'a'"),
        (
            lambda: convolution_operator(LINE, 4, stride=np.array(1)),
            GeometryError,
            r"stride is array\(1\); give one int per axis",
        ),
        (lambda: convolution_operator(LINE, 4, origin=b"a"), GeometryError, "origin is b'a'"),
        (lambda: nearest_circulant(np.eye(2), np.array(2)), GeometryError, "shape is array"),
        (lambda: toeplitz_product(LINE, LINE, 10**7), MemoryLimitError, "10000000 rows takes"),
        (lambda: toeplitz_product(LINE, LINE, 10**8), MemoryLimitError, "100000000 rows takes"),
        (lambda: convolution_operator(LINE, 2**30), GeometryError, r"fewer than 2\^30 fit"),
        (
            lambda: convolution_operator(LINE, 2**30 - 1).to_sparse(),
            MemoryLimitError,
            "apply, which forms no matrix",
        ),
    ],
)
def test_bad_input_is_named(call, error, match):
    with pytest.raises(error, match=match):
        call()
