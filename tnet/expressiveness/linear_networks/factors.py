"""Factors of a linear network: checks, their product and balance, and `tnet.Linear`."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.linear import Linear
from tnet.errors import ParameterError, SpecError
from tnet.expressiveness.linear_networks.regression import Matrix
from tnet.network.parameters import check_finite, check_parameters

ROUNDINGS = 16
"""Units in the last place, per row or column, that count as rounding."""


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
    found = [_as_array(factor, f"W_{number}") for number, factor in enumerate(factors, 1)]
    if not found:
        raise ParameterError("there is no factor; give one matrix at least")
    check_finite({f"W_{number}": factor for number, factor in enumerate(found, 1)})
    for number, factor in enumerate(found, 1):
        if factor.ndim != 2 or not factor.size or factor.dtype.kind == "c":
            raise ParameterError(
                f"W_{number} has shape {factor.shape} and dtype {factor.dtype}; give a matrix of "
                "real numbers"
            )
        before = found[number - 2]
        if number > 1 and factor.shape[1] != len(before):
            raise ParameterError(
                f"W_{number} has shape {factor.shape} and W_{number - 1} {before.shape}; "
                f"give W_{number} {len(before)} columns, one per row of W_{number - 1}"
            )
    return tuple(factor.astype(np.float64) for factor in found)


def _as_array(factor: ArrayLike, name: str) -> NDArray[Any]:
    try:
        return np.asarray(factor)
    except ValueError as error:
        raise ParameterError(f"{name} is no array ({error}); give rows of one length") from error


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
        If their dims do not chain, or an entry is not finite.

    Examples
    --------
    >>> end_to_end([[[1.0, 2.0]], [[3.0], [0.0]]]).tolist()
    [[3.0, 6.0], [0.0, 0.0]]
    """
    return product(checked_factors(factors))


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
        If their dims do not chain, or an entry is not finite.

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
    checked = checked_factors(factors)
    pairs = zip(checked[1:], checked, strict=False)
    return max(
        (float(np.linalg.norm(after.T @ after - before @ before.T)) for after, before in pairs),
        default=0.0,
    )


def is_balanced(factors: Sequence[Matrix]) -> bool:
    """Whether the balance residual is rounding beside the squares of the factors."""
    largest = max(float(np.linalg.norm(factor)) ** 2 for factor in factors)
    rounding = ROUNDINGS * max(max(f.shape) for f in factors) * float(np.finfo(np.float64).eps)
    return bool(balance_residual(factors) <= rounding * largest)


def positive(value: object, name: str) -> float:
    """Return a finite number above 0, else raise a `SpecError` that names it."""
    if not isinstance(value, int | float | np.number) or not 0 < float(value) < np.inf:
        raise SpecError(f"{name} is {value!r}; give a finite number above 0")
    return float(value)


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
    ParameterError
        If an array is missing, of another shape or not finite.

    Examples
    --------
    >>> spec, parameters = as_linear([[[1.0, 2.0]], [[3.0], [4.0]]])
    >>> [factor.tolist() for factor in linear_factors(spec, parameters)]
    [[[1.0, 2.0]], [[3.0], [4.0]]]
    """
    arrays = {name: np.asarray(values) for name, values in parameters.items()}
    check_parameters(spec.compile(), arrays)
    names = (f"W{number}" for number in range(1, len(spec.widths)))
    return checked_factors([arrays[name].T for name in names])
