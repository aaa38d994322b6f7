"""Optimisers that work on the matrix itself: what depth is compared with."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from tnet.expressiveness.arguments import checked_choice
from tnet.expressiveness.linear_networks.factors import checked_matrix
from tnet.expressiveness.linear_networks.fields import positive
from tnet.expressiveness.linear_networks.following import Descent, follow
from tnet.expressiveness.linear_networks.losses import Loss, Matrix

Optimiser = Literal["gradient", "adagrad", "adadelta"]

_ADAGRAD_FLOOR = 1e-10
_ADADELTA_DECAY, _ADADELTA_FLOOR = 0.95, 1e-6

_Moments: TypeAlias = tuple[Matrix, Matrix, Matrix]
"""The matrix, and roots of what is kept of the squares of gradients and of steps."""


def descend(
    loss: Loss,
    matrix: ArrayLike,
    *,
    optimiser: Optimiser = "gradient",
    rate: float,
    steps: int,
) -> Descent:
    r"""Run an optimiser on the matrix itself, for comparison with depth.

    Parameters
    ----------
    loss : callable
        Takes a matrix, returns its value and its gradient.
    matrix : array, shape (k, d)
        The start.
    optimiser : {'gradient', 'adagrad', 'adadelta'}
        What makes a step of a gradient.
    rate : float
        Step size, above 0. AdaDelta's own is 1.
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
    *AdaGrad* [1]_ divides the gradient, entry by entry, by the root of the sum of the squares of
    all gradients so far. *AdaDelta* [2]_ divides it by a running root mean square and multiplies
    by one of its own steps: decay 0.95, 1e-6 added under both roots.

    References
    ----------
    .. [1] Duchi, Hazan, Singer. Adaptive subgradient methods for online learning and stochastic
       optimization. JMLR 12 (2011).
    .. [2] Zeiler. ADADELTA: an adaptive learning rate method. 2012. arXiv:1212.5701.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.regression import l_p_regression
    >>> loss = l_p_regression([[1.0], [2.0]], [3.0, 6.0])
    >>> descend(loss, [[1.0]], optimiser="adagrad", rate=1, steps=100).matrix.round(6).tolist()
    [[3.0]]
    """
    start, size = checked_matrix(matrix, "the matrix"), positive(rate, "rate")
    name = checked_choice(optimiser, get_args(Optimiser), "optimiser")
    step = {"gradient": _plain, "adagrad": _adagrad, "adadelta": _adadelta}[name]
    zero = np.zeros_like(start)
    losses, end = follow(
        loss,
        (start, zero, zero),
        lambda state: state[0],
        lambda state, gradient: step(state, gradient, size),
        rate=size,
        steps=steps,
    )
    return Descent(losses, end[0], (end[0],), size, name)


def _plain(state: _Moments, gradient: Matrix, rate: float) -> _Moments:
    matrix, slopes, steps = state
    return matrix - rate * gradient, slopes, steps


def _adagrad(state: _Moments, gradient: Matrix, rate: float) -> _Moments:
    matrix, slopes, steps = state
    # The root of a sum of squares, which does not overflow where the squares do.
    slopes = np.hypot(slopes, gradient)
    return matrix - rate * gradient / (slopes + _ADAGRAD_FLOOR), slopes, steps


def _adadelta(state: _Moments, gradient: Matrix, rate: float) -> _Moments:
    matrix, slopes, steps = state
    slopes = _running(slopes, gradient)
    floor = np.sqrt(_ADADELTA_FLOOR)
    step = -np.hypot(steps, floor) / np.hypot(slopes, floor) * gradient
    return matrix + rate * step, slopes, _running(steps, step)


def _running(root: Matrix, new: Matrix) -> Matrix:
    """Root of the running mean of squares."""
    found: Matrix = np.hypot(np.sqrt(_ADADELTA_DECAY) * root, np.sqrt(1 - _ADADELTA_DECAY) * new)
    return found
