"""Balanced factors: of a given matrix, and at random."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.linear import Linear
from tnet.errors import SpecError
from tnet.expressiveness.linear_networks.factors import (
    ROUNDINGS,
    checked_factors,
    positive,
)
from tnet.expressiveness.linear_networks.regression import Matrix


def balanced_factors(
    matrix: ArrayLike, widths: Sequence[int], *, seed: int | None = None
) -> tuple[Matrix, ...]:
    r"""Split a matrix into balanced factors: :math:`W_{j+1}^\top W_{j+1} = W_j W_j^\top`.

    Parameters
    ----------
    matrix : array, shape (k, d)
        The wanted :math:`W_N \cdots W_1`.
    widths : sequence of int
        d, the hidden widths, k: as `tnet.Linear` takes them.
    seed : int, optional
        Of a random rotation of every hidden layer; none unless given.

    Returns
    -------
    tuple of ndarray
        :math:`W_1, \ldots, W_N`, W_j of shape (widths[j], widths[j-1]).

    Raises
    ------
    SpecError
        If the widths' ends are not d and k, or a hidden width is below the rank of the matrix.
    ParameterError
        If the matrix holds a number that is not finite.

    Notes
    -----
    With :math:`W = U \Sigma V^\top` the factors are
    :math:`\Sigma^{1/N} V^\top, \Sigma^{1/N}, \ldots, U \Sigma^{1/N}`, padded with zeros to the
    widths: every Gram matrix of a hidden layer is :math:`\Sigma^{2/N}`. A rotation of a hidden
    layer changes neither the product nor the balance.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.factors import balance_residual, end_to_end
    >>> factors = balanced_factors([[0.0, 8.0]], (2, 3, 3, 1), seed=0)
    >>> end_to_end(factors).round(12).tolist(), balance_residual(factors) < 1e-12
    ([[0.0, 8.0]], True)
    """
    (target,) = checked_factors([matrix])
    dims = Linear(widths).widths
    if (dims[-1], dims[0]) != target.shape:
        raise SpecError(
            f"widths run from {dims[0]} to {dims[-1]} and the matrix has shape {target.shape}; "
            f"give widths that begin with {target.shape[1]} and end with {target.shape[0]}"
        )
    left, values, right = np.linalg.svd(target, full_matrices=False)
    rank = int((values > ROUNDINGS * max(target.shape) * np.finfo(float).eps * values[0]).sum())
    if rank > min(dims):
        raise SpecError(
            f"the matrix has rank {rank} and the narrowest layer width {min(dims)}; give hidden "
            f"widths of at least {rank}"
        )
    return _split(left[:, :rank], values[:rank], right[:rank], dims, seed)


def balanced_start(
    widths: Sequence[int], *, scale: float = 0.1, seed: int = 0
) -> tuple[Matrix, ...]:
    """Draw balanced factors at random.

    Parameters
    ----------
    widths : sequence of int
        Dims of the input, of every hidden layer and of the output, as `tnet.Linear` takes them.
    scale : float
        Largest singular value of the end-to-end matrix, above 0.
    seed : int
        Of the normal draw of that matrix, and of the rotations of the hidden layers.

    Returns
    -------
    tuple of ndarray
        W_1, ..., W_N, W_j of shape (widths[j], widths[j-1]).

    Raises
    ------
    SpecError
        If a width is no positive int, there are fewer than two, or the scale is not positive.

    Notes
    -----
    Where a hidden layer is narrower than both ends, the singular values beyond its width are left
    out of the drawn matrix.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.factors import end_to_end
    >>> start = balanced_start((4, 2, 3), scale=0.5)
    >>> [factor.shape for factor in start], f"{np.linalg.norm(end_to_end(start), 2):.3f}"
    ([(2, 4), (3, 2)], '0.500')
    """
    dims = Linear(widths).widths
    size = positive(scale, "scale")
    drawn = np.random.default_rng(seed).standard_normal((dims[-1], dims[0]))
    left, values, right = np.linalg.svd(drawn, full_matrices=False)
    rank = min(dims)
    return _split(left[:, :rank], size * values[:rank] / values[0], right[:rank], dims, seed)


def _split(
    left: Matrix, values: Matrix, right: Matrix, dims: Sequence[int], seed: int | None
) -> tuple[Matrix, ...]:
    """Balanced factors with the given singular value decomposition."""
    depth, rank = len(dims) - 1, len(values)
    root = values ** (1 / depth)
    # Orthonormal columns, rank of them, for every layer: the singular vectors at both ends.
    frames = [right.T, *(np.eye(width, rank) for width in dims[1:-1]), left]
    if seed is not None:
        rng = np.random.default_rng([seed, depth])
        for layer in range(1, depth):
            rotation = np.linalg.qr(rng.standard_normal((dims[layer], dims[layer])))[0]
            frames[layer] = rotation @ frames[layer]
    pairs = zip(frames[1:], frames, strict=False)
    return tuple((after * root) @ before.T for after, before in pairs)
