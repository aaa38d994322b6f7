"""How fast banded Toeplitz matrices come to behave like circulants, measured."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.fields import checked_count, checked_flag
from tnet.claims import Claim
from tnet.errors import FunctionError, SpecError
from tnet.expressiveness.arguments import shown
from tnet.expressiveness.convolution.circulants import nearest_circulant
from tnet.expressiveness.convolution.kernels import Array
from tnet.expressiveness.convolution.operators import convolution_operator
from tnet.expressiveness.convolution.products import (
    check_room,
    on_a_line,
    toeplitz,
    toeplitz_product,
)
from tnet.expressiveness.linear_networks.fields import listed
from tnet.expressiveness.linear_networks.scaling import in_range, norm, taken_out, times_power

_QUADRATURE = 4096
_ROUNDINGS = 64


@dataclass(frozen=True, eq=False, repr=False)
class ConvergenceRate:
    """A quantity that shrinks as matrices grow.

    Attributes
    ----------
    quantity : str
        What it is.
    sizes : tuple of int
        Numbers of rows.
    values : tuple of float
        The quantity, one per size.
    slope : float
        Of log(value) over log(size) by least squares; NaN where a value is 0.
    expected : float
        What theory says of the slope.
    claim : Claim
        Whether that is a law of every size, or of the limit.
    """

    quantity: str
    sizes: tuple[int, ...]
    values: tuple[float, ...]
    slope: float
    expected: float
    claim: Claim

    def __repr__(self) -> str:
        range_of = f"from n = {self.sizes[0]} to {self.sizes[-1]}"
        zeros = sum(value == 0 for value in self.values)
        if zeros == len(self.values):
            return f"{self.quantity}: all 0 {range_of} ({self.claim.kind})"
        measured = f"{zeros} values 0" if zeros else f"n^{self.slope:.3f} measured"
        return (
            f"{self.quantity}: {measured} {range_of}, n^{self.expected:g} by theory "
            f"({self.claim.kind})"
        )


def toeplitz_product_rate(
    first: ArrayLike, second: ArrayLike, sizes: Sequence[int]
) -> ConvergenceRate:
    r"""Measure how :math:`\|T_n(f) T_n(g) - T_n(fg)\|_F^2 / n` falls with n.

    Parameters
    ----------
    first, second : array
        Kernels of one axis, origins in the middle.
    sizes : sequence of int
        Two or more, ascending, the first large enough for the composition.

    Returns
    -------
    ConvergenceRate
        Expected slope -1; all values are 0 where the product is Toeplitz.

    Raises
    ------
    SpecError
        If there are fewer than two sizes, or they do not ascend.
    FeatureError, GeometryError
        As `toeplitz_product` does.

    Examples
    --------
    >>> toeplitz_product_rate([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], (16, 32, 64))
    ||T(f)T(g) - T(fg)||^2/n: n^-1.000 measured from n = 16 to 64, n^-1 by theory (exact by theorem)
    """
    numbers = _ascending(sizes)
    values = [toeplitz_product(first, second, n).squared_norm / n for n in numbers]
    claim = Claim(
        "exact by theorem",
        "the corners, which the norm is of, do not change with n",
        ("both kernels are banded, and their composition fits",),
    )
    return _rate("||T(f)T(g) - T(fg)||^2/n", numbers, values, -1, claim)


def circulant_rate(
    kernel: ArrayLike, sizes: Sequence[int], *, nearest: bool = False
) -> ConvergenceRate:
    r"""Measure how :math:`\|T_n - C_n\|_F / \sqrt n` falls: Toeplitz and circulant of one kernel.

    Parameters
    ----------
    kernel : array
        Of one axis, its origin in the middle.
    sizes : sequence of int
        Two or more, ascending, none below the kernel's length.
    nearest : bool
        Whether C is the circulant nearest to T instead of the one that wraps the kernel around.

    Returns
    -------
    ConvergenceRate
        Expected slope -1/2: the two are asymptotically equivalent.

    Raises
    ------
    SpecError
        If there are fewer than two sizes, or they do not ascend.
    FeatureError, GeometryError
        As `convolution_operator` does.

    Notes
    -----
    Wrapping adds the entry :math:`k_d` in \|d\| places, d its distance from the origin: so the
    squared norm is :math:`\sum_d |d| |k_d|^2` for every n that is no smaller than the kernel. The
    nearest circulant has :math:`\sum_d |d| (1 - |d|/n) |k_d|^2`. Asymptotic equivalence is the
    word of [1]_.

    References
    ----------
    .. [1] R. M. Gray. Toeplitz and circulant matrices: a review. Foundations and Trends in
       Communications and Information Theory 2 (2006).

    Examples
    --------
    >>> circulant_rate([1.0, 2.0, 1.0], (8, 16, 32)).values[0] ** 2
    0.25
    """
    numbers, to_nearest = _ascending(sizes), checked_flag(nearest, "nearest")
    k, power = taken_out(on_a_line(kernel, numbers[0]))
    check_room(k.itemsize, numbers[-1])
    gaps = np.array([_gap(k, n, nearest=to_nearest) / np.sqrt(n) for n in numbers])
    values = in_range(times_power(gaps, power), "the norm").tolist()
    if to_nearest:
        claim = Claim("numerical", "the rate of the limit, measured")
    else:
        claim = Claim(
            "exact by theorem",
            "the squared norm of the corners that wrapping fills does not change with n",
            ("the kernel is banded",),
        )
    return _rate("||T - C||/sqrt(n)", numbers, values, -0.5, claim)


def _gap(kernel: Array, size: int, *, nearest: bool) -> float:
    """Frobenius norm of T - C."""
    dense = toeplitz(kernel, size)
    if nearest:
        return nearest_circulant(dense).distance
    circulant = convolution_operator(kernel, size, boundary="circular")
    return norm(dense - circulant.to_sparse().toarray())


def szego_rate(
    kernel: ArrayLike,
    sizes: Sequence[int],
    *,
    function: Callable[[Array], Array] = np.square,
) -> ConvergenceRate:
    r"""Measure how the mean of F over the eigenvalues of Toeplitz matrices tends to Szego's limit.

    Parameters
    ----------
    kernel : array
        Of one axis and odd length, Hermitian about its middle, so that the matrices are.
    sizes : sequence of int
        Two or more, ascending, none so small that the kernel does not fit.
    function : callable
        F, on arrays of real numbers: the eigenvalues, and the values of the symbol.

    Returns
    -------
    ConvergenceRate
        ``values`` are :math:`|\frac1n \sum_k F(\lambda_k) - \frac1{2\pi} \int F(f)|`; expected
        slope -1.

    Raises
    ------
    SpecError
        If the kernel is not Hermitian, there are fewer than two sizes, or they do not ascend.
    FunctionError
        If F is not real and finite on the eigenvalues or the symbol.
    FeatureError, GeometryError
        As `convolution_operator` does; also if the symbol would not be finite.

    Notes
    -----
    The mean tends to the integral for every continuous F (Szego, see [1]_); for smooth F, banded
    kernels, at the rate 1/n. The integral is a mean over 4096 points of the circle; a difference
    that is rounding counts as 0, as all are where F is linear.

    References
    ----------
    .. [1] R. M. Gray. Toeplitz and circulant matrices: a review. Foundations and Trends in
       Communications and Information Theory 2 (2006).

    Examples
    --------
    >>> szego_rate([1.0, 3.0, 1.0], (50, 100), function=np.log)
    eigenvalue mean - integral: n^-1.000 measured from n = 50 to 100, n^-1 by theory (numerical)
    """
    numbers = _ascending(sizes)
    k = on_a_line(kernel, numbers[0])
    if not len(k) % 2 or not np.allclose(k, k[::-1].conj(), rtol=0, atol=1e-12 * np.abs(k).max()):
        raise SpecError(
            f"the kernel of {len(k)} entries is not Hermitian about its middle, so the eigenvalues "
            "need not be real, nor the limit hold; give an odd number of entries, each the "
            "conjugate of its mirror image"
        )
    offsets = np.arange(len(k)) - len(k) // 2
    angles = 2 * np.pi * np.arange(_QUADRATURE) / _QUADRATURE
    reduced, power = taken_out(k)
    waves = (np.exp(-1j * angles[:, None] * offsets) @ reduced).real
    symbol = in_range(times_power(waves, power), "the symbol of the kernel")
    check_room(k.itemsize, numbers[-1])
    limit = _mean(function, symbol, "the symbol")
    means = [
        _mean(function, np.linalg.eigvalsh(toeplitz(k, n)), f"the eigenvalues of n = {n}")
        for n in numbers
    ]
    largest = np.abs(_on(function, symbol, "the symbol")).max()
    rounding = _ROUNDINGS * float(np.finfo(np.float64).eps * largest)
    values = [gap if gap > rounding else 0.0 for gap in (abs(mean - limit) for mean in means)]
    claim = Claim(
        "numerical",
        "the mean tends to the integral by Szego's theorem; the rate is measured",
        ("the kernel is banded and Hermitian", "the function is smooth on the symbol's range"),
    )
    return _rate("eigenvalue mean - integral", numbers, values, -1, claim)


def _ascending(sizes: Sequence[int]) -> tuple[int, ...]:
    found = tuple(checked_count(size, "size") for size in listed(sizes, "sizes"))
    if len(found) < 2 or any(a >= b for a, b in itertools.pairwise(found)):
        raise SpecError(f"sizes are {shown(found)}; give two at least, ascending")
    return found


def _mean(function: Callable[[Array], Array], at: Array, where: str) -> float:
    reduced, power = taken_out(_on(function, at, where))
    return float(times_power(reduced.mean(keepdims=True), power)[0])


def _on(function: Callable[[Array], Array], at: Array, where: str) -> Array:
    """Real, finite values of the function."""
    if not callable(function):
        raise FunctionError(
            f"the function is {shown(function)}; give one of arrays, such as numpy.square"
        )
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(function(at.copy()))
    except ValueError as error:
        raise FunctionError(
            f"the function cannot take arrays ({error}); give one of arrays, such as numpy.square"
        ) from error
    real = values.dtype.kind in "biuf"
    if values.shape != at.shape or not real or not np.isfinite(values).all():
        raise FunctionError(
            f"the function is not real and finite, or of another shape, on {where}, which lie "
            f"between {at.min():.4g} and {at.max():.4g}; give one that is real and finite there"
        )
    return values.astype(np.float64)


def _rate(
    quantity: str,
    sizes: tuple[int, ...],
    values: Sequence[float],
    expected: float,
    claim: Claim,
) -> ConvergenceRate:
    slope = np.nan
    if min(values) > 0:
        slope = float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
    return ConvergenceRate(quantity, sizes, tuple(values), slope, expected, claim)
