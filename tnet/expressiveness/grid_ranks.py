"""What a grid tensor tells: its ranks, and the coefficient tensor behind it."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.contraction.modular import checked_prime, residues
from tnet.entanglement.measures import scaled_singular_values
from tnet.errors import FeatureError
from tnet.expressiveness.sides import side_of_elements
from tnet.expressiveness.templates import checked_matrix
from tnet.network.sides import Side

Array = NDArray[Any]

_ROUNDINGS = 16
"""Units in the last place, times the longer side, that count as rounding in a rank."""


def grid_coefficients(grid: ArrayLike, matrix: ArrayLike, *, elements: int | None = None) -> Array:
    r"""Recover the coefficient tensor from a grid tensor: the inverse of F on every mode.

    Parameters
    ----------
    grid : array, shape (M, ..., M, \*output dims)
        Of a network of products.
    matrix : array, shape (M, M)
        F, from `template_matrix`.
    elements : int, optional
        How many of the axes are elements; all unless given.

    Returns
    -------
    ndarray, of the grid's shape
        The tensor that `tnet.contract` gives, where every element is read once.

    Raises
    ------
    FeatureError
        If F is singular, with its rank, or the grid has axes of other lengths.

    Examples
    --------
    >>> import tnet
    >>> from tnet.expressiveness.grid_tensors import grid_tensor
    >>> net = tnet.ConvNet(3, features=2, widths=(2,), window=3).compile()
    >>> p, f = tnet.random_parameters(net), np.array([[1.0, 2.0], [0.0, 1.0]])
    >>> np.allclose(grid_coefficients(grid_tensor(net, p, f), f), tnet.contract(net, p))
    True
    """
    values, inverse_of = np.asarray(grid), checked_matrix(matrix)
    n_elements = values.ndim if elements is None else elements
    if not 0 <= n_elements <= values.ndim or set(values.shape[:n_elements]) - {len(inverse_of)}:
        raise FeatureError(
            f"the grid has shape {values.shape}; its first {n_elements} axes must have length "
            f"{len(inverse_of)}, the number of templates: give elements, or another matrix"
        )
    for axis in range(n_elements):
        moved = np.moveaxis(values, axis, 0)
        solved = np.linalg.solve(inverse_of, moved.reshape(len(inverse_of), -1))
        values = np.moveaxis(solved.reshape(moved.shape), 0, axis)
    return values


def grid_rank(
    grid: ArrayLike, side_a: Side, *, modulo: int | None = None, rtol: float | None = None
) -> int:
    """Rank of a grid tensor as a matrix between two groups of elements.

    Parameters
    ----------
    grid : array, one axis per element
        Of one output.
    side_a : bool array, or iterable of int
        Elements on side A, whose axes are the rows.
    modulo : int, optional
        The prime that the entries are residues of; the rank is then exact.
    rtol : float, optional
        Singular values up to `rtol` times the largest count as rounding. Unless given, 16 units
        in the last place times the longer side of the matrix.

    Returns
    -------
    int
        A lower bound of the separation rank of the function, whatever the templates.

    Raises
    ------
    PartitionError
        If `side_a` does not fit.
    FeatureError
        If an entry is not finite.

    Examples
    --------
    >>> grid_rank(np.eye(4).reshape(2, 2, 2, 2), [0, 1]), grid_rank(np.ones((2, 2, 2)), [1])
    (4, 1)
    """
    values = np.asarray(grid)
    if not np.isfinite(values).all():
        raise FeatureError(
            "the grid has entries that are not finite, so it has no rank; replace them"
        )
    side = side_of_elements(values.ndim, side_a)
    rows, columns = np.nonzero(side)[0].tolist(), np.nonzero(~side)[0].tolist()
    n_rows = math.prod(values.shape[axis] for axis in rows)
    matrix = values.transpose([*rows, *columns]).reshape(n_rows, -1)
    if modulo is not None:
        return exact_rank(matrix, modulo)
    return rank_of_values(matrix, rtol)


def exact_rank(matrix: Array, modulo: int) -> int:
    """Rank of a matrix of residues modulo a prime.

    Examples
    --------
    >>> exact_rank(np.array([[1, 2], [3, 6]]), 7)
    1
    """
    from flint import nmod_mat

    prime = checked_prime(modulo)
    n_rows, n_columns = matrix.shape
    found = residues({"entries": matrix}, prime, what="grid")["entries"]
    whole = np.remainder(found.astype(np.int64), prime)
    return int(nmod_mat(n_rows, n_columns, whole.reshape(-1).tolist(), prime).rank())


def rank_tolerance(shape: tuple[int, ...]) -> float:
    """Relative size of singular values that count as rounding, unless one is given.

    Examples
    --------
    >>> rank_tolerance((1000, 10))
    3.552713678800501e-12
    """
    return _ROUNDINGS * max(shape) * float(np.finfo(np.float64).eps)


def rank_of_values(matrix: Array, rtol: float | None = None) -> int:
    """Count the singular values above a tolerance.

    Examples
    --------
    >>> rank_of_values(np.diag([1.0, 1e-3, 0.0])), rank_of_values(np.diag([1.0, 1e-3]), 0.1)
    (2, 1)
    """
    if rtol is not None and not (isinstance(rtol, int | float) and 0 <= rtol < 1):
        raise FeatureError(
            f"rtol is {rtol!r}; give a share of the largest value, from 0 to below 1"
        )
    values, _ = scaled_singular_values(matrix)
    return int((values > (rank_tolerance(matrix.shape) if rtol is None else rtol)).sum())
