"""`convolution_operator`: a convolution as a linear map, with zeros or a circle around it."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, signal, sparse

from tnet.contraction.memory import check_fits
from tnet.errors import FeatureError
from tnet.expressiveness.convolution.kernels import (
    Array,
    Boundary,
    Places,
    checked_kernel,
    per_axis,
    wrapped,
)
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.expressiveness.linear_networks.scaling import (
    exponents,
    in_range,
    taken_out,
    times_power,
)
from tnet.geometry.shapes import Shape, shape_text

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

_WORDS_PER_ENTRY = 5
"""Numbers and places kept while a matrix is made, besides two per axis."""


@dataclass(frozen=True, eq=False, repr=False)
class ConvolutionOperator:
    r"""The map :math:`y_i = \sum_j k_j\, x_{s i + o - j}`, o the kernel's origin, s the stride.

    Attributes
    ----------
    kernel : ndarray
        k, an axis per axis of the input.
    input_shape : tuple of int
        Sides of the input.
    boundary : {'zero', 'circular'}
        What x is outside: 0, or x again.
    origin : tuple of int
        o: the entry of the kernel that meets the element itself.
    stride : tuple of int
        s: every how many elements an output is kept, the first always.
    """

    kernel: Array
    input_shape: tuple[int, ...]
    boundary: Boundary
    origin: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Sides of the output."""
        pairs = zip(self.input_shape, self.stride, strict=True)
        return tuple(-(-side // stride) for side, stride in pairs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix."""
        return math.prod(self.output_shape), math.prod(self.input_shape)

    def apply(self, images: ArrayLike) -> Array:
        """Convolve images by fast Fourier transforms.

        Parameters
        ----------
        images : array, shape (..., then input_shape)

        Returns
        -------
        ndarray, shape (..., then output_shape)

        Raises
        ------
        FeatureError
            If the last axes are not the input's, or an entry, or one of the result, is not
            finite.
        """
        checked = self._checked(images, self.input_shape, "images")
        found: Array = self._convolved(checked, self.kernel, self.origin)[self._kept]
        return found

    def adjoint(self, outputs: ArrayLike) -> Array:
        """Apply the conjugate transpose: fill the gaps of the stride with 0, then correlate.

        Parameters
        ----------
        outputs : array, shape (..., then output_shape)

        Returns
        -------
        ndarray, shape (..., then input_shape)

        Raises
        ------
        FeatureError
            If the last axes are not the output's, or an entry, or one of the result, is not
            finite.
        """
        checked = self._checked(outputs, self.output_shape, "outputs")
        axes = len(self.input_shape)
        spread = np.zeros(checked.shape[:-axes] + self.input_shape, dtype=checked.dtype)
        spread[self._kept] = checked
        sizes = zip(self.kernel.shape, self.origin, strict=True)
        mirrored = tuple(size - 1 - at for size, at in sizes)
        return self._convolved(spread, np.flip(self.kernel).conj(), mirrored)

    def to_sparse(self) -> "sparse.csr_array[Any]":
        """Return the matrix: banded block Toeplitz, or block circulant, less rows by stride.

        Raises
        ------
        MemoryLimitError
            If its entries, with their places, do not fit in memory.
        """
        entries = self.kernel.size * self.shape[0]
        check_fits(
            entries * (_WORDS_PER_ENTRY + 2 * len(self.input_shape)) * 8,
            what=f"a matrix of {entries:,} entries",
            remedy="take a smaller input, or apply, which forms no matrix",
        )
        rows = np.indices(self.output_shape).reshape(len(self.input_shape), -1)
        at = rows * np.array(self.stride)[:, None]
        # One diagonal per entry of the kernel.
        offsets = np.indices(self.kernel.shape).reshape(len(at), -1)
        read = at[:, None] + (np.array(self.origin)[:, None] - offsets)[:, :, None]
        sides = np.array(self.input_shape)[:, None, None]
        inside = ((read >= 0) & (read < sides)).all(axis=0) | (self.boundary == "circular")
        columns = np.ravel_multi_index(tuple(read % sides), self.input_shape)
        number = np.broadcast_to(np.arange(rows.shape[1]), columns.shape)
        values = np.broadcast_to(self.kernel.reshape(-1, 1), columns.shape)
        placed = (values[inside], (number[inside], columns[inside]))
        return sparse.csr_array(placed, shape=self.shape)

    def to_linear_operator(self) -> "LinearOperator[Any]":
        """Return SciPy's view of it, on flat vectors, with no matrix formed."""
        from scipy.sparse.linalg import LinearOperator

        return LinearOperator(
            self.shape,
            matvec=lambda x: self.apply(np.reshape(x, self.input_shape)).ravel(),
            rmatvec=lambda y: self.adjoint(np.reshape(y, self.output_shape)).ravel(),
            dtype=self.kernel.dtype,
        )

    @property
    def _kept(self) -> tuple[Any, ...]:
        """Index of the elements that the stride keeps, of the last axes."""
        return (..., *(slice(None, None, stride) for stride in self.stride))

    def _convolved(self, images: Array, kernel: Array, origin: tuple[int, ...]) -> Array:
        """Convolve over powers of two, one for every image, so that no Fourier sum overflows."""
        entries, power = taken_out(kernel)
        powers = exponents(images, tuple(range(-len(self.input_shape), 0)))
        found = self._transformed(times_power(images, -powers), entries, origin)
        return in_range(times_power(found, powers + power), "an output")

    def _transformed(self, images: Array, kernel: Array, origin: tuple[int, ...]) -> Array:
        axes = tuple(range(-len(self.input_shape), 0))
        leading = (1,) * (images.ndim - kernel.ndim)
        if self.boundary == "zero":
            full: Array = signal.fftconvolve(
                images, kernel.reshape(leading + kernel.shape), axes=axes
            )
            sides = zip(origin, self.input_shape, strict=True)
            inside: tuple[Any, ...] = (..., *(slice(at, at + side) for at, side in sides))
            within: Array = full[inside]
            return within
        column = wrapped(kernel, self.input_shape, origin)
        found = fft.ifftn(fft.fftn(images, axes=axes) * fft.fftn(column), axes=axes)
        is_real = kernel.dtype.kind == images.dtype.kind == "f"
        return found.real if is_real else found

    def _checked(self, values: ArrayLike, sides: tuple[int, ...], name: str) -> Array:
        array = finite_numbers(values, name)
        if array.shape[-len(sides) :] != sides:
            raise FeatureError(
                f"{name} have shape {array.shape}; give arrays whose last axes are "
                f"{shape_text(sides)}"
            )
        return array

    def __repr__(self) -> str:
        return (
            f"convolution {shape_text(self.input_shape)} -> {shape_text(self.output_shape)}, "
            f"kernel {shape_text(self.kernel.shape)}, boundary {self.boundary}"
        )


def convolution_operator(
    kernel: ArrayLike,
    shape: Shape,
    *,
    boundary: Boundary = "zero",
    stride: int | tuple[int, ...] = 1,
    origin: Places = None,
) -> ConvolutionOperator:
    r"""Return the convolution with a kernel as a linear map.

    Parameters
    ----------
    kernel : array
        Real or complex, an axis per axis of the input.
    shape : int or tuple of int
        Sides of the input: a line, a grid, or more axes.
    boundary : {'zero', 'circular'}
        What lies around the input: zeros, or the input again.
    stride : int or tuple of int
        Every how many elements, along all axes or each, an output is kept.
    origin : int or tuple of int, optional
        The entry of the kernel that meets the element itself; the middle one, the earlier of two,
        unless given. 0 makes the map look back only.

    Returns
    -------
    ConvolutionOperator
        ``apply``, ``adjoint``, ``to_sparse``, ``to_linear_operator``.

    Raises
    ------
    FeatureError
        If the kernel holds an entry that is not finite.
    GeometryError
        If kernel and input differ in axes, the kernel reaches beyond what the boundary leaves
        room for, or stride or origin do not fit.
    SpecError
        If the boundary is unknown.

    Notes
    -----
    With zeros around a line the matrix is Toeplitz: its entry (i, j) is
    :math:`k_{i-j+o}`, so the kernel lies on a band. On a grid it is block Toeplitz with Toeplitz
    blocks. On a circle it is circulant, diagonal in the Fourier basis. A stride keeps some of the
    rows, so average pooling is a constant kernel with the stride of its size.

    Examples
    --------
    >>> operator = convolution_operator([1.0, 2.0, 3.0], 4)
    >>> operator.to_sparse().toarray()
    array([[2., 1., 0., 0.],
           [3., 2., 1., 0.],
           [0., 3., 2., 1.],
           [0., 0., 3., 2.]])
    >>> convolution_operator([0.5, 0.5], 4, stride=2, origin=1).to_sparse().toarray()
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    entries, sides, place = checked_kernel(kernel, shape, boundary, origin)
    steps = per_axis(stride, len(sides), "stride", least=1)
    return ConvolutionOperator(entries, sides, boundary, place, steps)
