"""Gradient descent on the factors, and on their product by the end-to-end rule."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tnet.errors import UnbalancedStartWarning
from tnet.expressiveness.linear_networks.factors import (
    balance_residual,
    checked_factors,
    checked_matrix,
    is_balanced,
    product,
)
from tnet.expressiveness.linear_networks.fields import counted, positive
from tnet.expressiveness.linear_networks.following import Descent, follow
from tnet.expressiveness.linear_networks.losses import Loss, Matrix
from tnet.expressiveness.linear_networks.rules import multiplied


def descend_factors(
    loss: Loss, factors: Sequence[ArrayLike], *, rate: float, steps: int
) -> Descent:
    r"""Run gradient descent on the factors of a linear network.

    Parameters
    ----------
    loss : callable
        Takes :math:`W_N \cdots W_1`, returns its value and its gradient, as
        `l_p_regression` does.
    factors : sequence of array
        :math:`W_1, \ldots, W_N` at the start.
    rate : float
        Step size eta, above 0.
    steps : int
        How many, at least 1.

    Returns
    -------
    Descent

    Raises
    ------
    ParameterError
        If there is no factor, dims do not chain, or an entry, or one of the product, is not
        finite.
    SpecError
        If `rate` or `steps` is out of range.
    FunctionError
        If the loss does not return a real value and gradient, or not finite ones at the start.
    DivergenceError
        If loss or weights leave the finite numbers; the message says at which step.

    Warns
    -----
    UnbalancedStartWarning
        If the factors are not balanced: then no rule for their product is known.

    Notes
    -----
    The gradient in :math:`W_j` is :math:`(W_N \cdots W_{j+1})^\top G\, (W_{j-1} \cdots W_1)^\top`;
    all factors step at once.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.regression import l_p_regression
    >>> loss = l_p_regression([[1.0], [2.0]], [3.0, 6.0])
    >>> descend_factors(loss, [[[1.0]], [[1.0]]], rate=0.05, steps=100).matrix.round(6).tolist()
    [[3.0]]
    """
    start = checked_factors(factors)
    warn_unbalanced(start)
    return from_factors(loss, start, positive(rate, "rate"), steps)


def from_factors(loss: Loss, start: tuple[Matrix, ...], rate: float, steps: int) -> Descent:
    """`descend_factors` from what has been checked, with no warning."""

    def step(state: tuple[Matrix, ...], gradient: Matrix) -> tuple[Matrix, ...]:
        slopes = factor_gradients(state, gradient)
        return tuple(w - rate * slope for w, slope in zip(state, slopes, strict=True))

    losses, end = follow(loss, start, product, step, rate=rate, steps=steps)
    return Descent(losses, product(end), end, rate, f"factors, depth {len(end)}")


def factor_gradients(factors: Sequence[Matrix], gradient: Matrix) -> tuple[Matrix, ...]:
    """Return the gradient in every factor, given the gradient in their product."""
    behind = [np.eye(factors[0].shape[1])]
    for factor in factors[:-1]:
        behind.append(factor @ behind[-1])
    found = []
    back = gradient
    for factor, before in zip(reversed(factors), reversed(behind), strict=True):
        found.append(back @ before.T)
        back = factor.T @ back
    return tuple(reversed(found))


def descend_end_to_end(
    loss: Loss, matrix: ArrayLike, *, depth: int, rate: float, steps: int
) -> Descent:
    r"""Run the end-to-end rule of a linear network, without its factors.

    Parameters
    ----------
    loss : callable
        Takes a matrix, returns its value and its gradient.
    matrix : array, shape (k, d)
        The end-to-end matrix at the start.
    depth : int
        Number N of factors that are stood for.
    rate : float
        Step size eta, above 0.
    steps : int
        How many, at least 1.

    Returns
    -------
    Descent

    Raises
    ------
    ParameterError, SpecError, FunctionError, DivergenceError
        As `descend_factors` does.

    Notes
    -----
    :math:`W_e` moves by eta times `end_to_end_gradient`, which is the rule of gradient flow on
    balanced factors [1]_ in steps. Gradient descent on such factors does the same up to terms of
    the order of eta over a fixed time, if the gradient of the loss is locally Lipschitz and
    either N is at most 2 or :math:`W_e` has full rank, min(k, d), at the start. With lower rank,
    as of a hidden layer narrower than both ends, and N > 2 the difference may fall more slowly:
    the rule does not keep the rank, as the factors do. See `agreement`.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.regression import l_p_regression
    >>> loss = l_p_regression([[1.0], [2.0]], [3.0, 6.0])
    >>> descend_end_to_end(loss, [[1.0]], depth=2, rate=0.05, steps=100)
    end-to-end, depth 2, 100 steps of 0.05: 5 to ...  (numerical)
    """
    start, size = checked_matrix(matrix, "the matrix"), positive(rate, "rate")
    n = counted(depth, "depth")

    def step(state: Matrix, gradient: Matrix) -> Matrix:
        return state - size * multiplied(state, gradient, n)

    losses, end = follow(loss, start, _same, step, rate=size, steps=steps)
    return Descent(losses, end, (end,), size, f"end-to-end, depth {n}")


def _same(matrix: Matrix) -> Matrix:
    return matrix


def warn_unbalanced(factors: Sequence[Matrix]) -> None:
    """Warn the caller's caller if factors are not balanced."""
    if not is_balanced(factors):
        warnings.warn(
            f"the factors are not balanced (residual {balance_residual(factors):.3g}): their "
            "product need not follow the end-to-end rule; balanced_start and balanced_factors make "
            "balanced ones",
            UnbalancedStartWarning,
            stacklevel=3,
        )
