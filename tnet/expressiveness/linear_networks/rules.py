"""The direction in which the end-to-end matrix of balanced factors descends."""

import numpy as np
from numpy.typing import ArrayLike

from tnet.errors import ParameterError
from tnet.expressiveness.linear_networks.factors import checked_matrix, rounding
from tnet.expressiveness.linear_networks.fields import counted
from tnet.expressiveness.linear_networks.losses import Matrix
from tnet.expressiveness.linear_networks.scaling import in_range, taken_out, times_power


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
        If `depth` is below 1 or has more than 31 bits.
    ParameterError
        If the matrices differ in shape, or an entry, or one of the result, is not finite.

    Notes
    -----
    For gradient flow on balanced factors :math:`\dot W_e` is minus this, exactly [1]_ (theorem
    1). With :math:`W_e = U \Sigma V^\top`, U and V square, entry (a, b) of
    :math:`U^\top G V` is multiplied by
    :math:`\sum_j \sigma_a^{2(j-1)/N} \sigma_b^{2(N-j)/N}`, and a zeroth power is 1, also of 0.
    All multipliers are at least 0: the gradient is preconditioned, more along the large singular
    directions of :math:`W_e`.

    Singular values of at most 16 units in the last place times the longer side times the largest
    one count as 0: their small powers would make much of what is rounding.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> end_to_end_gradient([[2.0, 0.0]], [[1.0, 1.0]], depth=2).tolist()
    [[4.0, 2.0]]
    """
    n = counted(depth, "depth")
    weights, slope = _alike(matrix, gradient)
    return _in_range(multiplied(weights, slope, n))


def multiplied(weights: Matrix, slope: Matrix, depth: int) -> Matrix:
    """`end_to_end_gradient` of what has been checked; infinite where it overflows."""
    if depth == 1:
        return slope
    reduced, power = taken_out(weights)
    small, more = taken_out(slope)
    left, values, right = np.linalg.svd(reduced, full_matrices=False)
    values = np.where(values > rounding(reduced) * values[0], values, 0)
    # An entry between a singular vector and none at all has one term of the sum, the last power.
    last = values ** (2 - 2 / depth)
    by_right, by_left = small @ right.T, left.T @ small
    inner = left.T @ by_right
    found = left @ ((_multipliers(values, depth) - last[:, None] - last) * inner) @ right
    found += (by_right * last) @ right + left @ (last[:, None] * by_left)
    return times_power(found, power * (2 - 2 / depth) + more)


def _multipliers(values: Matrix, depth: int) -> Matrix:
    """Sum of a^j b^(N-1-j), j from 0 to N-1, over all pairs a, b of values to the power 2/N."""
    larger = np.maximum.outer(values, values)
    ratios = np.minimum.outer(values, values) / np.where(larger, larger, 1)
    # A geometric series of ratio r: (1 - r^N) / (1 - r), by logarithms so that r may be near 1.
    logs = 2 * np.log(ratios, out=np.full_like(ratios, -np.inf), where=ratios > 0)
    equal = logs == 0
    steps = np.where(equal, -1, np.expm1(logs / depth))
    series = np.where(equal, depth, np.expm1(logs) / steps)
    found: Matrix = larger ** (2 - 2 / depth) * series
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
        If `depth` is below 1 or has more than 31 bits.
    ParameterError
        If the vectors differ in length, or an entry, or one of the result, is not finite.

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
    n = counted(depth, "depth")
    (w,), (g,) = _alike(_row(weights, "the weights"), _row(gradient, "the entries of the gradient"))
    if n == 1 or not w.any():
        return g if n == 1 else np.zeros_like(g)
    (w, power), (g, more) = taken_out(w), taken_out(g)
    size = float(np.linalg.norm(w))
    unit = w / size
    found = size ** (2 - 2 / n) * (g + (n - 1) * (unit @ g) * unit)
    return _in_range(times_power(found, power * (2 - 2 / n) + more))


def _in_range(found: Matrix) -> Matrix:
    return in_range(found, "the gradient of the end-to-end matrix", error=ParameterError)


def _row(vector: ArrayLike, name: str) -> ArrayLike:
    """A matrix of one row."""
    try:
        array = np.asarray(vector)
    except ValueError as error:
        raise ParameterError(f"{name} are no array ({error}); give one axis of numbers") from error
    if array.ndim != 1:
        raise ParameterError(f"{name} have shape {array.shape}; give one axis of numbers")
    return array[None]


def _alike(matrix: ArrayLike, gradient: ArrayLike) -> tuple[Matrix, Matrix]:
    weights = checked_matrix(matrix, "the matrix of weights")
    slope = checked_matrix(gradient, "the gradient")
    if weights.shape != slope.shape:
        raise ParameterError(
            f"the weights have shape {weights.shape} and the gradient {slope.shape}; give the "
            "gradient the shape of the weights"
        )
    return weights, slope
