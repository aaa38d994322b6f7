"""The direction in which the end-to-end matrix of balanced factors descends."""

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.fields import checked_count
from tnet.errors import ParameterError
from tnet.expressiveness.linear_networks.factors import checked_factors
from tnet.expressiveness.linear_networks.regression import Matrix


def end_to_end_gradient(matrix: ArrayLike, gradient: ArrayLike, depth: int) -> Matrix:
    r"""Return what a step of size 1 on balanced factors takes from the end-to-end matrix.

    Parameters
    ----------
    matrix : array, shape (k, d)
        :math:`W_e`, the product of the factors.
    gradient : array, shape (k, d)
        G, the gradient of the loss at `matrix`.
    depth : int
        Number N of factors.

    Returns
    -------
    ndarray, shape (k, d)
        :math:`\sum_{j=1}^N (W_e W_e^\top)^{(j-1)/N}\, G\, (W_e^\top W_e)^{(N-j)/N}`.

    Raises
    ------
    SpecError
        If `depth` is below 1.
    ParameterError
        If the matrices differ in shape or hold a number that is not finite.

    Notes
    -----
    For gradient flow on balanced factors :math:`\dot W_e` is minus this, exactly [1]_ (theorem
    1). With :math:`W_e = U \Sigma V^\top`, U and V square, entry (a, b) of
    :math:`U^\top G V` is multiplied by
    :math:`\sum_j \sigma_a^{2(j-1)/N} \sigma_b^{2(N-j)/N}`, and a zeroth power is 1, also of 0.
    All multipliers are at least 0: the gradient is preconditioned, more along the large singular
    directions of :math:`W_e`.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> end_to_end_gradient([[2.0, 0.0]], [[1.0, 1.0]], depth=2).tolist()
    [[4.0, 2.0]]
    """
    n = checked_count(depth, "depth")
    weights, slope = _alike(matrix, gradient)
    return multiplied(weights, slope, n)


def multiplied(weights: Matrix, slope: Matrix, depth: int) -> Matrix:
    """`end_to_end_gradient` of what has been checked."""
    left, values, right = np.linalg.svd(weights)
    powers = np.arange(depth) * (2 / depth)
    # A column per power: a zero singular value has zeroth power 1, as 0.0**0 does.
    of_rows = np.pad(values, (0, len(left) - len(values)))[:, None] ** powers
    of_columns = np.pad(values, (0, len(right) - len(values)))[:, None] ** powers[::-1]
    multipliers = of_rows @ of_columns.T
    found: Matrix = left @ (multipliers * (left.T @ slope @ right.T)) @ right
    return found


def single_output_gradient(weights: ArrayLike, gradient: ArrayLike, depth: int) -> Matrix:
    r"""Return the same for one output, where the rule needs no decomposition.

    Parameters
    ----------
    weights : array, shape (d,)
        w, the end-to-end map to one number.
    gradient : array, shape (d,)
        Of the loss at w.
    depth : int
        Number N of factors.

    Returns
    -------
    ndarray, shape (d,)
        :math:`\|w\|^{2-2/N} (g + (N-1)\, \mathrm{proj}_w\, g)`, the projection on w being 0
        at w = 0.

    Raises
    ------
    SpecError
        If `depth` is below 1.
    ParameterError
        If the vectors differ in length or hold a number that is not finite.

    Notes
    -----
    The gradient is scaled by how far w has come, and its part along w counts N times [1]_ (claim 3
    there): a step size that adapts, and a kind of momentum.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> single_output_gradient([2.0, 0.0], [1.0, 1.0], depth=2).tolist()
    [4.0, 2.0]
    """
    n = checked_count(depth, "depth")
    (w,), (g,) = _alike([weights], [gradient])
    size = float(np.linalg.norm(w))
    if size == 0:
        return g if n == 1 else np.zeros_like(g)
    unit = w / size
    found: Matrix = size ** (2 - 2 / n) * (g + (n - 1) * (unit @ g) * unit)
    return found


def _alike(matrix: object, gradient: object) -> tuple[Matrix, Matrix]:
    (weights,) = checked_factors([np.asarray(matrix)])
    (slope,) = checked_factors([np.asarray(gradient)])
    if weights.shape != slope.shape:
        raise ParameterError(
            f"the weights have shape {weights.shape} and the gradient {slope.shape}; give the "
            "gradient the shape of the weights"
        )
    return weights, slope
