"""What an operation does with numbers: floating point here, residues of a prime in `modular`."""

from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

import numpy as np

from tnet.network.groups import Operator

Array = Any
"""An array of NumPy, PyTorch or JAX."""


class Arithmetic(Protocol):
    """Contractions of operands whose axes are lined up."""

    @property
    def namespace(self) -> Any:
        """The array library's functions."""

    def matmul(self, left: Array, right: Array) -> Array:
        """Multiply stacks of matrices."""

    def combine(self, operator: Operator, left: Array, right: Array) -> Array:
        """Combine entry by entry."""

    def inner(self, left: Array, right: Array) -> Array:
        """Multiply entry by entry and sum over the last axis."""

    def reduce(self, array: Array, labels: tuple[int, ...], kept: tuple[int, ...]) -> Array:
        """Take diagonals of equal labels of the axes after the first, and sum the others."""

    def settled(self, values: Array) -> Array:
        """Bring a sum of results back to the form that results have."""


@dataclass(frozen=True, slots=True)
class FloatArithmetic:
    """Floating point, real or complex, of any array library.

    Attributes
    ----------
    namespace : module
        The array library's functions.
    """

    namespace: Any

    def matmul(self, left: Array, right: Array) -> Array:
        """Multiply stacks of matrices."""
        if right.shape[0] == 1 and self.namespace is np:
            return numpy_matmul(left, right)
        return self.namespace.matmul(left, right)

    def combine(self, operator: Operator, left: Array, right: Array) -> Array:
        """Combine entry by entry."""
        if operator == "product":
            return left * right
        xp = self.namespace
        match operator:
            case "max":
                return xp.clip(xp.maximum(left, right), 0, None)
            case "sum":
                return xp.clip(left, 0, None) + xp.clip(right, 0, None)
            case "softplus":
                return xp.logaddexp(left, right)
            case "norm":
                return xp.hypot(left, right)

    def inner(self, left: Array, right: Array) -> Array:
        """Multiply entry by entry and sum over the last axis."""
        return self.namespace.sum(left * right, axis=-1)

    def reduce(self, array: Array, labels: tuple[int, ...], kept: tuple[int, ...]) -> Array:
        """Take diagonals of equal labels of the axes after the first, and sum the others."""
        return reduced_by_einsum(self.namespace, array, labels, kept)

    def settled(self, values: Array) -> Array:
        """Return a sum as it is."""
        return values


def reduced_by_einsum(
    xp: Any, array: Array, labels: tuple[int, ...], kept: tuple[int, ...]
) -> Array:
    """Take diagonals of equal labels of the axes after the first, and sum the others."""
    rows = max(labels, default=0) + 1
    return xp.einsum(array, [rows, *labels], [rows, *kept])


def numpy_matmul(left: Array, right: Array) -> Array:
    """Multiply stacks of matrices; one matrix to the right of a whole stack is one product.

    Examples
    --------
    >>> numpy_matmul(np.ones((5, 3, 2)), np.ones((1, 2, 4))).shape
    (5, 3, 4)
    """
    matrix_shape = right.shape[-2:]
    if right.ndim < 3 or right.size != prod(matrix_shape) or left.size == prod(left.shape[-2:]):
        return np.matmul(left, right)
    lead, matrix = left.shape[:-2], right.reshape(matrix_shape)
    if left.flags.c_contiguous:
        flat = np.matmul(left.reshape(-1, left.shape[-1]), matrix)
        return flat.reshape(*lead, left.shape[-2], matrix.shape[-1])
    swapped = left.swapaxes(-3, -2)
    if swapped.flags.c_contiguous:
        flat = np.matmul(swapped.reshape(-1, left.shape[-1]), matrix)
        return flat.reshape(*swapped.shape[:-1], matrix.shape[-1]).swapaxes(-3, -2)
    return np.matmul(left, right)
