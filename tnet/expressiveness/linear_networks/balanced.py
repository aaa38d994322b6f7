"""Balanced factors: of a given matrix, and at random."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.linear import Linear
from tnet.contraction.memory import check_fits
from tnet.errors import SpecError
from tnet.expressiveness.arguments import checked_seed, shown
from tnet.expressiveness.linear_networks.factors import checked_matrix, rounding
from tnet.expressiveness.linear_networks.fields import listed, positive
from tnet.expressiveness.linear_networks.losses import Matrix
from tnet.expressiveness.linear_networks.scaling import taken_out, times_power

_COPIES = 4
"""Arrays of the factors' size that are held at once, at most."""


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
        If the widths' ends are not d and k, a hidden width is below the rank of the matrix, or
        the seed is no whole number.
    ParameterError
        If the matrix holds a number that is not finite.
    MemoryLimitError
        If the factors do not fit in memory.

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
    target, power = taken_out(checked_matrix(matrix, "the matrix"))
    dims = _checked_widths(widths)
    if (dims[-1], dims[0]) != target.shape:
        raise SpecError(
            f"widths run from {dims[0]} to {dims[-1]} and the matrix has shape {target.shape}; "
            f"give widths that begin with {target.shape[1]} and end with {target.shape[0]}"
        )
    left, values, right = np.linalg.svd(target, full_matrices=False)
    rank = int((values > rounding(target) * values[0]).sum())
    if rank > min(dims):
        raise SpecError(
            f"the matrix has rank {rank} and the narrowest layer width {min(dims)}; give hidden "
            f"widths of at least {rank}"
        )
    decomposed = left[:, :rank], values[:rank], right[:rank]
    return _split(decomposed, power, dims, None if seed is None else checked_seed(seed))


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
        If a width is no positive int, there are fewer than two, the scale is not positive, or the
        seed no whole number.
    MemoryLimitError
        If the factors do not fit in memory.

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
    size, number, dims = positive(scale, "scale"), checked_seed(seed), _checked_widths(widths)
    drawn = np.random.default_rng(number).standard_normal((dims[-1], dims[0]))
    left, values, right = np.linalg.svd(drawn, full_matrices=False)
    rank = min(dims)
    # The scale, as a mantissa and a power of two, since a small one has smaller roots.
    mantissa, power = np.frexp(size)
    decomposed = left[:, :rank], mantissa * values[:rank] / values[0], right[:rank]
    return _split(decomposed, int(power), dims, number)


def _checked_widths(widths: Sequence[int]) -> tuple[int, ...]:
    """Widths as `tnet.Linear` takes them, of matrices that fit in memory."""
    dims = tuple(Linear(listed(widths, "widths")).widths)
    entries = dims[0] * dims[-1] + sum(a * b for a, b in itertools.pairwise(dims))
    check_fits(
        8 * _COPIES * (entries + max(dims[1:-1], default=0) ** 2),
        what=f"a network of {len(dims)} widths up to {shown(max(dims))}",
        remedy="give smaller widths",
    )
    return dims


def _split(
    decomposed: tuple[Matrix, Matrix, Matrix], power: int, dims: Sequence[int], seed: int | None
) -> tuple[Matrix, ...]:
    """Balanced factors with the given singular value decomposition, times 2^power."""
    left, values, right = decomposed
    depth, rank = len(dims) - 1, len(values)
    root = values ** (1 / depth)
    # Orthonormal columns, rank of them, for every layer: the singular vectors at both ends.
    frames = [right.T, *(np.eye(width, rank) for width in dims[1:-1]), left]
    if seed is not None:
        rng = np.random.default_rng([seed, depth])
        for layer in range(1, depth):
            rotation = np.linalg.qr(rng.standard_normal((dims[layer], dims[layer])))[0]
            frames[layer] = rotation @ frames[layer]
    pairs = itertools.pairwise(frames)
    return tuple(times_power((after * root) @ before.T, power / depth) for before, after in pairs)
