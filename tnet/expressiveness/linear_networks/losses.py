"""What a loss may be, checked before the first step and at every one."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.errors import FunctionError
from tnet.expressiveness.arguments import shown

Matrix: TypeAlias = NDArray[np.float64]

Loss: TypeAlias = Callable[[Matrix], tuple[float, Matrix]]
"""Takes the end-to-end matrix (k, d), returns the value and its gradient (k, d)."""


def checked_loss(loss: object, shape: tuple[int, ...]) -> Loss:
    """Return the loss as a function that is given copies, and whose answers are checked.

    Parameters
    ----------
    loss : callable
        What the caller gave.
    shape : tuple of int
        Of the matrices it will be called with.

    Returns
    -------
    callable
        Raises a `FunctionError` where the loss returns something else than a real number and a
        real array of the matrix's shape; they need not be finite.

    Raises
    ------
    FunctionError
        If it cannot be called, or says that it is of matrices of another shape.

    Examples
    --------
    >>> checked_loss(lambda matrix: (0, matrix.tolist()), (1, 2))(np.ones((1, 2)))
    (0.0, array([[1., 1.]]))
    """
    if not callable(loss):
        raise FunctionError(
            f"the loss is {shown(loss)}; give a function of a matrix that returns its value and "
            "its gradient"
        )
    # A callable need not say which matrices it is of.
    own = getattr(loss, "shape", shape)
    if isinstance(own, tuple) and own != shape:
        raise FunctionError(
            f"the loss is of matrices of shape {shown(own)}, the start has shape {shape}; start "
            "from a matrix of the former shape, or from factors with such a product"
        )

    def evaluated(matrix: Matrix) -> tuple[float, Matrix]:
        return _value_and_gradient(loss(matrix.copy()), shape)

    return evaluated


def _value_and_gradient(returned: Any, shape: tuple[int, ...]) -> tuple[float, Matrix]:
    wanted = f"make it return a real number and a real array of shape {shape}"
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise FunctionError(f"the loss returned {shown(returned)}; {wanted}")
    try:
        value, gradient = (np.asarray(part) for part in returned)
    except ValueError as error:
        raise FunctionError(f"the loss returned no arrays ({error}); {wanted}") from error
    real = value.dtype.kind in "biuf" and gradient.dtype.kind in "biuf"
    if value.ndim or gradient.shape != shape or not real:
        raise FunctionError(
            f"the loss returned a value of shape {value.shape} and dtype {value.dtype}, and a "
            f"gradient of shape {gradient.shape} and dtype {gradient.dtype}; {wanted}"
        )
    return float(value), gradient.astype(np.float64)
