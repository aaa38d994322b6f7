"""Products of banded Toeplitz matrices: Toeplitz but for two corners of low rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import convolve

from tnet.architectures.fields import checked_count
from tnet.claims import Claim
from tnet.contraction.memory import check_fits
from tnet.errors import GeometryError
from tnet.expressiveness.arguments import shown
from tnet.expressiveness.convolution.kernels import Array, checked_kernel
from tnet.expressiveness.convolution.operators import convolution_operator
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.expressiveness.linear_networks.scaling import in_range, taken_out, times_power

_COPIES = 5
"""Dense matrices that a comparison holds at once."""


@dataclass(frozen=True, repr=False)
class ToeplitzProduct:
    """What the product of two banded Toeplitz matrices lacks to be Toeplitz.

    Attributes
    ----------
    rank : int
        Rank of T(f) T(g) - T(fg), up to rounding: singular values of at most 1e-12 n of the largest
        entry of the product count as 0.
    rank_bound : int
        What it is at most, for any size.
    squared_norm : float
        Squared Frobenius norm of the difference; 0 also where it is below the least float.
    claim : Claim
        Of `rank_bound`.
    """

    rank: int
    rank_bound: int
    squared_norm: float
    claim: Claim

    def __repr__(self) -> str:
        return (
            f"T(f)T(g) - T(fg): rank {self.rank} of at most {self.rank_bound}, squared norm "
            f"{self.squared_norm:.4g}  ({self.claim.kind})"
        )


def compose_kernels(first: ArrayLike, second: ArrayLike) -> Array:
    """Return the kernel of one convolution after another; their origins add.

    Parameters
    ----------
    first, second : array
        Kernels with equally many axes.

    Returns
    -------
    ndarray
        Of size a + b - 1 along an axis where they have a and b.

    Raises
    ------
    FeatureError
        If an entry, or one of the result, is not finite.
    GeometryError
        If they differ in axes.

    Notes
    -----
    On a circle the composition is this convolution exactly, and commutes. With zeros around, it
    differs from it near the border: see `toeplitz_product`.

    Examples
    --------
    >>> compose_kernels([1.0, 1.0], [1.0, -1.0]).tolist()
    [1.0, 0.0, -1.0]
    """
    a, b = finite_numbers(first, "first"), finite_numbers(second, "second")
    if a.ndim != b.ndim:
        raise GeometryError(f"the kernels have {a.ndim} and {b.ndim} axes; give equally many")
    (a, power), (b, more) = taken_out(a), taken_out(b)
    found = times_power(convolve(a, b, method="direct"), power + more)
    return in_range(found, "an entry of the composition")


def toeplitz_product(first: ArrayLike, second: ArrayLike, size: int) -> ToeplitzProduct:
    r"""Compare the product of two banded Toeplitz matrices with the Toeplitz matrix of fg.

    Parameters
    ----------
    first, second : array
        Kernels of one axis, origins in the middle.
    size : int
        Number n of rows, large enough for the kernel of the composition.

    Returns
    -------
    ToeplitzProduct

    Raises
    ------
    FeatureError
        If an entry is not finite, or the squared norm would not be.
    GeometryError
        If a kernel has another number of axes, or the composition does not fit.
    MemoryLimitError
        If dense matrices of that size do not fit in memory.

    Notes
    -----
    Let f reach p rows below and p' above the diagonal, g q and q'. Entry (i, j) of the
    difference is minus the sum of :math:`f_{i-m} g_{m-j}` over the m outside 0..n-1: the paths
    that leave the input and come back. Below 0 only :math:`\min(p, q')` values of m have
    such paths, beyond n - 1 only :math:`\min(p', q)`. So the rank is at most the sum of both, for
    any n, and 0 where both look back only. The corners do not meet from n = min(p + p', q + q') on,
    so wherever the composition fits, and neither changes with n.

    Examples
    --------
    >>> found = toeplitz_product([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], 20)
    >>> found.rank, found.rank_bound, round(found.squared_norm, 9)
    (2, 2, 10.0)
    """
    (f, power), (g, more) = (taken_out(on_a_line(kernel, size)) for kernel in (first, second))
    check_room(max(f.itemsize, g.itemsize), size)
    (p, p_up), (q, q_up) = reaches(f), reaches(g)
    origin = (len(f) - 1) // 2 + (len(g) - 1) // 2
    whole = convolution_operator(compose_kernels(f, g), size, origin=origin).to_sparse()
    product = toeplitz(f, size) @ toeplitz(g, size)
    difference = product - whole.toarray()
    scale = float(np.abs(product).max())
    squared = times_power(np.array([np.linalg.norm(difference) ** 2]), 2 * (power + more))
    (squared_norm,) = in_range(squared, "the squared norm")
    claim = Claim(
        "exact by theorem",
        "the difference is a sum over the elements outside the input that both kernels reach",
        ("zeros around the input",),
    )
    return ToeplitzProduct(
        int(np.linalg.matrix_rank(difference, tol=1e-12 * size * scale)),
        min(p, q_up) + min(p_up, q),
        float(squared_norm),
        claim,
    )


def on_a_line(kernel: ArrayLike, size: int) -> Array:
    """Return a checked kernel of one axis, which fits in a line of `size` elements."""
    return checked_kernel(kernel, checked_count(size, "size"), "zero", None)[0]


def toeplitz(kernel: Array, size: int) -> Array:
    """Return the dense Toeplitz matrix of a kernel, if there is room to work with it."""
    check_room(kernel.itemsize, size)
    dense: Array = convolution_operator(kernel, size).to_sparse().toarray()
    return dense


def check_room(itemsize: int, size: int) -> None:
    """Raise a `MemoryLimitError` if there is no room for dense matrices of a size."""
    check_fits(
        _COPIES * itemsize * size**2,
        what=f"a comparison of dense matrices of {shown(size)} rows",
        remedy="take smaller sizes: the laws are the same",
    )


def reaches(kernel: Array) -> tuple[int, int]:
    """How far a kernel reaches below and above the diagonal; zeros at its ends count as entries."""
    middle = (len(kernel) - 1) // 2
    return len(kernel) - 1 - middle, middle
