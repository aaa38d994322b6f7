"""Circulants: eigenvalues by Fourier transform, and the one nearest to a matrix."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from tnet.claims import Claim
from tnet.contraction.memory import check_fits
from tnet.errors import FeatureError, GeometryError
from tnet.expressiveness.convolution.kernels import (
    Array,
    Places,
    checked_kernel,
    checked_sides,
    wrapped,
)
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.expressiveness.linear_networks.scaling import in_range, norm, taken_out, times_power
from tnet.geometry.shapes import Shape, shape_text


def circulant_eigenvalues(kernel: ArrayLike, shape: Shape, *, origin: Places = None) -> Array:
    r"""Return the eigenvalues of the convolution with a kernel on a circle, or torus.

    Parameters
    ----------
    kernel : array
        At most as long as the input along every axis.
    shape : int or tuple of int
        Sides of the input.
    origin : int or tuple of int, optional
        As for `convolution_operator`: the middle entry unless given.

    Returns
    -------
    ndarray of complex, shape `shape`
        Entry f belongs to the wave :math:`e^{2\pi i \sum_a f_a x_a / n_a}`.

    Raises
    ------
    FeatureError, GeometryError
        As `convolution_operator` does; also if an eigenvalue would not be finite.

    Notes
    -----
    They are the Fourier transform of the first column, and all circulants of one shape have the
    same eigenvectors: so products of circulants are circulants, and commute.

    Examples
    --------
    >>> circulant_eigenvalues([1.0, -2.0, 1.0], 4).real.round(12).tolist()
    [0.0, -2.0, -4.0, -2.0]
    """
    entries, sides, place = checked_kernel(kernel, shape, "circular", origin)
    reduced, power = taken_out(entries)
    found = fft.fftn(wrapped(reduced, sides, place))
    return in_range(times_power(found, power), "an eigenvalue")


@dataclass(frozen=True, eq=False, repr=False)
class NearestCirculant:
    """The circulant nearest to a matrix in the Frobenius norm.

    Attributes
    ----------
    column : ndarray
        Its first column, in the shape of the input: the kernel with origin 0.
    distance : float
        Frobenius norm of the difference.
    relative : float
        The same over the norm of the matrix; 0 for the zero matrix.
    claim : Claim
        Why it is nearest.
    """

    column: Array
    distance: float
    relative: float
    claim: Claim

    def __repr__(self) -> str:
        return (
            f"nearest circulant on {shape_text(self.column.shape)}: distance {self.distance:.4g}, "
            f"{self.relative:.3g} of the norm  ({self.claim.kind})"
        )


def nearest_circulant(matrix: ArrayLike, shape: Shape | None = None) -> NearestCirculant:
    r"""Project a matrix on the circulants.

    Parameters
    ----------
    matrix : array, shape (n, n)
    shape : int or tuple of int, optional
        Sides of the input, n in product: several for block circulants with circulant blocks. A
        line unless given.

    Returns
    -------
    NearestCirculant

    Raises
    ------
    FeatureError
        If the matrix is not square, or an entry, or the distance, is not finite.
    GeometryError
        If the shape has another number of elements.
    MemoryLimitError
        If a table of n by n numbers does not fit in memory.

    Notes
    -----
    The cyclic shifts are orthogonal in the Frobenius inner product and span the circulants, so the
    coefficient of a shift is the mean of the matrix along its diagonal, wrapped around [1]_.

    References
    ----------
    .. [1] T. Chan. An optimal circulant preconditioner for Toeplitz systems. SIAM J. Sci. Stat.
       Comput. 9 (1988).

    Examples
    --------
    >>> nearest_circulant([[1.0, 2.0], [0.0, 3.0]]).column.tolist()
    [2.0, 1.0]
    """
    dense = finite_numbers(matrix, "matrix")
    if dense.ndim != 2 or dense.shape[0] != dense.shape[1]:
        raise FeatureError(
            f"the matrix has shape {dense.shape}, and a circulant is square; give a square matrix"
        )
    sides = checked_sides(len(dense) if shape is None else shape)
    if math.prod(sides) != len(dense):
        raise GeometryError(
            f"shape {shape_text(sides)} has {math.prod(sides)} elements and the matrix "
            f"{len(dense)} rows; give a shape of {len(dense)} elements"
        )
    size = len(dense)
    check_fits(
        8 * size**2 * (2 * len(sides) + 1),
        what=f"the table of shifts of {size} elements",
        remedy="take a smaller input",
    )
    shift = _shift_of_entries(sides)
    reduced, power = taken_out(dense)
    column = _sums(shift, reduced, size) / size
    gap, whole = norm(reduced - column[shift]), norm(reduced)
    (distance,) = in_range(times_power(np.array([gap]), power), "the distance")
    claim = Claim(
        "exact by theorem",
        "the cyclic shifts are orthogonal and span the circulants, so this is the projection",
    )
    nearest = times_power(column, power).reshape(sides)
    return NearestCirculant(nearest, float(distance), gap / (whole or 1), claim)


def _shift_of_entries(sides: tuple[int, ...]) -> Array:
    """For every entry (i, j) of the matrix the number of the shift i - j, around the circle."""
    places = np.indices(sides).reshape(len(sides), -1)
    difference = (places[:, :, None] - places[:, None]) % np.array(sides)[:, None, None]
    numbers: Array = np.ravel_multi_index(tuple(difference), sides)
    return numbers


def _sums(shift: Array, dense: Array, size: int) -> Array:
    """Sum of the entries of every shift."""
    sums = np.bincount(shift.ravel(), dense.real.ravel(), size)
    if dense.dtype.kind == "f":
        return sums
    return sums + 1j * np.bincount(shift.ravel(), dense.imag.ravel(), size)
