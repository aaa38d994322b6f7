"""Factors of a linear network: checks, their product and balance, and `tnet.Linear`."""

import functools
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.linear import Linear
from tnet.errors import ParameterError, SpecError
from tnet.expressiveness.arguments import shown
from tnet.expressiveness.linear_networks.losses import Matrix
from tnet.expressiveness.linear_networks.scaling import (
    exponent,
    in_range,
    norm,
    taken_out,
    times_power,
)
from tnet.network.parameters import check_finite, check_parameters

ROUNDINGS = 16
"""Units in the last place, per row or column, that count as rounding."""

EPS = float(np.finfo(np.float64).eps)
"""The gap between 1 and the next float."""


def checked_factors(factors: Sequence[ArrayLike]) -> tuple[Matrix, ...]:
    """Return the factors W_1, ..., W_N as float matrices whose dims chain.

    Raises
    ------
    ParameterError
        If there is none, one is no finite real matrix, or one does not take what the one before
        it gives.

    Examples
    --------
    >>> checked_factors([np.ones((2, 3)), np.ones((1, 4))])
    Traceback (most recent call last):
        ...
    tnet.errors.ParameterError: W_2 has shape (1, 4) and W_1 (2, 3); give W_2 2 columns, one per ...
    """
    try:
        given = tuple(factors)
    except TypeError as error:
        raise ParameterError(
            f"the factors are {shown(factors)}; give a sequence of matrices, the first nearest to "
            "the input"
        ) from error
    found = tuple(checked_matrix(factor, f"W_{number}") for number, factor in enumerate(given, 1))
    if not found:
        raise ParameterError("there is no factor; give one matrix at least")
    for number, (before, factor) in enumerate(itertools.pairwise(found), 1):
        if factor.shape[1] != len(before):
            raise ParameterError(
                f"W_{number + 1} has shape {factor.shape} and W_{number} {before.shape}; "
                f"give W_{number + 1} {len(before)} columns, one per row of W_{number}"
            )
    return found


def checked_matrix(values: ArrayLike, name: str) -> Matrix:
    """Return a finite real matrix of floats.

    Raises
    ------
    ParameterError
        If it is none; the message calls it `name`.

    Examples
    --------
    >>> checked_matrix([[1, 2]], "the gradient")
    array([[1., 2.]])
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ParameterError(f"{name} is no array ({error}); give rows of one length") from error
    check_finite({name: array})
    if array.ndim != 2 or not array.size or array.dtype.kind == "c":
        raise ParameterError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; give a matrix of real numbers"
        )
    return array.astype(np.float64)


def end_to_end(factors: Sequence[ArrayLike]) -> Matrix:
    r"""Return :math:`W_e = W_N \cdots W_1`.

    Parameters
    ----------
    factors : sequence of array
        :math:`W_1, \ldots, W_N`, the first nearest to the input.

    Returns
    -------
    ndarray, shape (k, d)

    Raises
    ------
    ParameterError
        If their dims do not chain, an entry is not finite, or one of the product would not be.

    Examples
    --------
    >>> end_to_end([[[1.0, 2.0]], [[3.0], [0.0]]]).tolist()
    [[3.0, 6.0], [0.0, 0.0]]
    """
    return finite_product(checked_factors(factors))


def finite_product(factors: Sequence[Matrix]) -> Matrix:
    """`end_to_end` of what has been checked: whole or not at all, also on the way there."""
    whole, power = taken_out(factors[0])
    for factor in factors[1:]:
        reduced, more = taken_out(factor)
        whole, most = taken_out(reduced @ whole)
        power += more + most
    return in_range(times_power(whole, power), "the product of the factors", error=ParameterError)


def product(factors: Sequence[Matrix]) -> Matrix:
    """Multiply factors, the first nearest to the input."""
    return functools.reduce(lambda so_far, factor: factor @ so_far, factors)


def balance_residual(factors: Sequence[ArrayLike]) -> float:
    r"""Return the largest Frobenius norm of :math:`W_{j+1}^\top W_{j+1} - W_j W_j^\top`.

    Parameters
    ----------
    factors : sequence of array
        :math:`W_1, \ldots, W_N`.

    Returns
    -------
    float
        0 for balanced factors, and for a single one.

    Raises
    ------
    ParameterError
        If their dims do not chain, an entry is not finite, or the residual would not be.

    Notes
    -----
    Gradient flow keeps every one of these differences as it is [1]_; descent changes them by
    terms of the order of the square of a step.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> balance_residual([[[2.0]], [[1.0]]])
    3.0
    """
    reduced, power = _over_one_power(checked_factors(factors))
    residual = times_power(np.array([_residual(reduced)]), 2 * power)
    (found,) = in_range(residual, "the balance residual", error=ParameterError)
    return float(found)


def _over_one_power(factors: Sequence[Matrix]) -> tuple[list[Matrix], int]:
    """The factors over one power of two, and its exponent: their squares cannot overflow."""
    power = max((exponent(factor) for factor in factors if factor.any()), default=0)
    return [times_power(factor, -power) for factor in factors], power


def _residual(factors: Sequence[Matrix]) -> float:
    pairs = itertools.pairwise(factors)
    return max((norm(after.T @ after - before @ before.T) for before, after in pairs), default=0.0)


def is_balanced(factors: Sequence[Matrix]) -> bool:
    """Whether the balance residual is rounding beside the squares of the factors."""
    reduced, _ = _over_one_power(factors)
    largest = max(norm(factor) ** 2 for factor in reduced)
    return bool(_residual(reduced) <= max(map(rounding, factors)) * largest)


def rounding(matrix: Matrix) -> float:
    """Return the share of a matrix's largest singular value that counts as rounding."""
    share: float = ROUNDINGS * max(matrix.shape) * EPS
    return share


def as_linear(factors: Sequence[ArrayLike]) -> tuple[Linear, dict[str, NDArray[np.float64]]]:
    """Return the spec of a linear network, and its parameters, from factors.

    Parameters
    ----------
    factors : sequence of array
        W_1, ..., W_N.

    Returns
    -------
    spec : Linear
    parameters : dict of str to ndarray
        ``W1``, ``W2``, ...: the transposes, of axes (from, to).

    Raises
    ------
    ParameterError
        If their dims do not chain, or an entry is not finite.

    Examples
    --------
    >>> import tnet
    >>> spec, parameters = as_linear([[[1.0, 2.0]], [[3.0], [4.0]]])
    >>> tnet.evaluate(spec.compile(), parameters, np.array([[[1.0, 1.0]]])).tolist()
    [[9.0, 12.0]]
    """
    checked = checked_factors(factors)
    spec = Linear((checked[0].shape[1], *(len(factor) for factor in checked)))
    return spec, {f"W{number}": factor.T for number, factor in enumerate(checked, 1)}


def linear_factors(spec: Linear, parameters: Mapping[str, ArrayLike]) -> tuple[Matrix, ...]:
    """Return the factors of a linear network, the inverse of `as_linear`.

    Parameters
    ----------
    spec : Linear
    parameters : mapping of str to array
        ``W1``, ``W2``, ... of axes (from, to).

    Returns
    -------
    tuple of ndarray
        W_1, ..., W_N of axes (to, from).

    Raises
    ------
    SpecError
        If `spec` is no `tnet.Linear`.
    ParameterError
        If an array is missing, of another shape or not finite.

    Examples
    --------
    >>> spec, parameters = as_linear([[[1.0, 2.0]], [[3.0], [4.0]]])
    >>> [factor.tolist() for factor in linear_factors(spec, parameters)]
    [[[1.0, 2.0]], [[3.0], [4.0]]]
    """
    if not isinstance(spec, Linear):
        raise SpecError(f"the spec is {shown(spec)}; give a tnet.Linear")
    check_parameters(spec.compile(), parameters)
    names = (f"W{number}" for number in range(1, len(spec.widths)))
    return checked_factors([np.asarray(parameters[name]).T for name in names])
