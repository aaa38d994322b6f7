"""Regression on all shifts of an image: its optimum is a convolution."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from tnet.claims import Claim
from tnet.contraction.memory import check_fits
from tnet.errors import FeatureError, SpecError
from tnet.expressiveness.arguments import shown
from tnet.expressiveness.convolution.kernels import Array, checked_sides
from tnet.expressiveness.linear_networks.fields import real_number
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.expressiveness.linear_networks.scaling import in_range, taken_out, times_power
from tnet.geometry.shapes import Shape, shape_text

_ROUNDINGS = 16


@dataclass(frozen=True, eq=False, repr=False)
class ShiftedCopies:
    """The matrix that best maps all shifts of some images to those of others: a circulant.

    Attributes
    ----------
    kernel : ndarray
        First column of the circulant, in the shape of an image: a kernel with origin 0.
    unique : bool
        Whether no other matrix is as good. Otherwise this one has the least Frobenius norm.
    null_frequencies : tuple of tuple of int
        Where the Fourier transforms of all inputs are 0.
    invertible : bool
        Whether the circulant is.
    residual : float
        Sum of squares that remains, over all shifts; 0 where that is rounding.
    claim : Claim
        Why it is optimal.
    """

    kernel: Array
    unique: bool
    null_frequencies: tuple[tuple[int, ...], ...]
    invertible: bool
    residual: float
    claim: Claim

    def __repr__(self) -> str:
        unique = "unique" if self.unique else f"{len(self.null_frequencies)} null frequencies"
        invertible = "invertible" if self.invertible else "not invertible"
        return (
            f"circulant on {shape_text(self.kernel.shape)}: {unique}, {invertible}, residual "
            f"{self.residual:.4g}  ({self.claim.kind})"
        )


def all_shifts(image: ArrayLike) -> Array:
    """Return all cyclic shifts of an image, flat, a row each.

    Parameters
    ----------
    image : array
        Of any number n of elements, along one axis or more.

    Returns
    -------
    ndarray, shape (n, n)
        The first row is the image itself.

    Raises
    ------
    FeatureError
        If an entry is not finite.
    MemoryLimitError
        If n by n numbers do not fit in memory.

    Examples
    --------
    >>> all_shifts([1.0, 2.0, 3.0]).tolist()
    [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0]]
    """
    checked = finite_numbers(image, "image")
    check_fits(
        checked.nbytes * checked.size,
        what=f"all shifts of {checked.size} elements",
        remedy="shifted_copies_optimum needs no shifts",
    )
    axes = tuple(range(checked.ndim))
    shifts = np.ndindex(checked.shape)
    return np.stack([np.roll(checked, shift, axis=axes).ravel() for shift in shifts])


def shifted_copies_optimum(
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    shape: Shape | None = None,
    rtol: float | None = None,
) -> ShiftedCopies:
    r"""Minimise :math:`\sum_s \|W S_s x - S_s y\|^2` over all matrices W, s all cyclic shifts.

    Parameters
    ----------
    inputs, targets : array
        One image x and one target y, alike in shape; or several, on a first axis, if `shape` is
        given.
    shape : int or tuple of int, optional
        Sides of one image.
    rtol : float, optional
        A frequency is null where the inputs' Fourier transforms have at most `rtol` of their
        largest size; 16 units in the last place times the number of elements unless given.

    Returns
    -------
    ShiftedCopies

    Raises
    ------
    FeatureError
        If shapes do not fit, or an entry, or one of the result, is not finite.
    SpecError
        If `rtol` is not in [0, 1).

    Notes
    -----
    The shifts of x are the columns of a circulant X, those of y of a circulant Y, and the matrix
    of least squares and, among those, of least norm is :math:`Y X^+`: a product of circulants. At
    frequency f its eigenvalue is :math:`\hat y_f / \hat x_f`, for several images
    :math:`\sum \hat y \bar{\hat x} / \sum |\hat x|^2`, and 0 where all :math:`\hat x_f` are 0.
    It is unique if and only if there is no such f, since the rows of W can be changed freely
    outside the span of the shifts. Not every circulant is invertible: this one is if no
    eigenvalue is 0. Stated in [1]_ for one image.

    References
    ----------
    .. [1] Racioppo, He. Efficiency of convolutional neural networks. 2020.

    Examples
    --------
    >>> found = shifted_copies_optimum([1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0])
    >>> found.kernel.tolist(), found.unique, found.invertible
    ([0.5, 0.5, 0.0, 0.0], True, False)
    >>> shifted_copies_optimum([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]).null_frequencies
    ((1,), (2,), (3,))
    """
    x, y, sides = _checked(inputs, targets, shape)
    size = math.prod(sides)
    rounding = _ROUNDINGS * size * float(np.finfo(np.float64).eps)
    tolerance = rounding if rtol is None else real_number(rtol)
    if not 0 <= tolerance < 1:
        raise SpecError(f"rtol is {shown(rtol)}; give a number in [0, 1)")
    (x, of_inputs), (y, of_targets) = taken_out(x), taken_out(y)
    axes = tuple(range(1, len(sides) + 1))
    waves_x, waves_y = fft.fftn(x, axes=axes), fft.fftn(y, axes=axes)
    power = (np.abs(waves_x) ** 2).sum(axis=0)
    null = np.sqrt(power) <= tolerance * np.sqrt(power.max())
    products = (waves_y * waves_x.conj()).sum(axis=0)
    eigenvalues = np.where(null, 0, products / np.where(null, 1, power))
    is_real = x.dtype.kind == y.dtype.kind == "f"
    kernel = fft.ifftn(eigenvalues).real if is_real else fft.ifftn(eigenvalues)
    remaining = np.array([np.linalg.norm(waves_y - eigenvalues * waves_x) ** 2])
    remaining[remaining <= (rounding * np.linalg.norm(waves_y)) ** 2] = 0
    (residual,) = in_range(times_power(remaining, 2 * of_targets), "the residual")
    sizes = np.abs(eigenvalues)
    claim = Claim(
        "exact by theorem",
        "the shifts are the columns of circulants X and Y, and Y times the pseudoinverse of X is "
        "a circulant",
        (f"{int(null.sum())} frequencies at most {tolerance:.2g} of the largest count as 0",),
    )
    return ShiftedCopies(
        in_range(times_power(kernel, of_targets - of_inputs), "the optimal kernel"),
        not null.any(),
        tuple(tuple(place) for place in np.argwhere(null).tolist()),
        bool((sizes > tolerance * sizes.max()).all()),
        float(residual),
        claim,
    )


def _checked(
    inputs: ArrayLike, targets: ArrayLike, shape: Shape | None
) -> tuple[Array, Array, tuple[int, ...]]:
    """Images with a first axis for their number, and the sides of one."""
    x, y = finite_numbers(inputs, "inputs"), finite_numbers(targets, "targets")
    sides = checked_sides(x.shape if shape is None else shape)
    for name, images in (("inputs", x), ("targets", y)):
        alone = images.shape == sides
        if not alone and (shape is None or images.shape[1:] != sides):
            raise FeatureError(
                f"{name} have shape {images.shape}, and an image is {shape_text(sides)}; give one "
                "image, or name its `shape` and give several on a first axis"
            )
    if x.shape != y.shape:
        raise FeatureError(f"inputs have shape {x.shape} and targets {y.shape}; give one each")
    return x.reshape(-1, *sides), y.reshape(-1, *sides), sides
