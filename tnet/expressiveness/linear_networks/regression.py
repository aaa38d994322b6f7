"""Losses of a matrix: the mean l_p error of a linear map, and data to regress on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.fields import checked_count
from tnet.errors import FeatureError, SpecError
from tnet.expressiveness.linear_networks.finite import finite_numbers

Matrix: TypeAlias = NDArray[np.float64]

Loss: TypeAlias = Callable[[Matrix], tuple[float, Matrix]]
"""Takes the end-to-end matrix (k, d), returns the value and its gradient (k, d)."""


@dataclass(frozen=True, eq=False)
class PowerRegression:
    r"""The mean over examples of :math:`\frac1p \sum_i |(Wx - y)_i|^p`, and its gradient in W.

    Attributes
    ----------
    inputs : ndarray, shape (m, d)
        An example per row.
    targets : ndarray, shape (m, k)
        What W is to make of each.
    power : float
        p, at least 2.
    """

    inputs: Matrix
    targets: Matrix
    power: float

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (k, d) of the matrices it takes."""
        return self.targets.shape[1], self.inputs.shape[1]

    def __call__(self, matrix: Matrix) -> tuple[float, Matrix]:
        """Return value and gradient at `matrix`."""
        error = self.inputs @ matrix.T - self.targets
        # |e|^(p-2) once: value and gradient are this times e^2 and e.
        weighted = np.abs(error) ** (self.power - 2) * error
        m = len(self.inputs)
        value = float((weighted * error).sum() / (self.power * m))
        return value, weighted.T @ self.inputs / m


def l_p_regression(inputs: ArrayLike, targets: ArrayLike, *, power: float = 2) -> PowerRegression:
    """Return the l_p regression loss of examples.

    Parameters
    ----------
    inputs : array, shape (m, d)
        An example per row.
    targets : array, shape (m, k) or (m,)
        Its targets; one number each is k = 1.
    power : float
        p, at least 2, so that there is a gradient that does not jump.

    Returns
    -------
    PowerRegression
        Called with W of shape (k, d) it returns value and gradient.

    Raises
    ------
    FeatureError
        If shapes do not fit, or a number is not finite.
    SpecError
        If `power` is below 2 or not finite.

    Examples
    --------
    >>> value, gradient = l_p_regression([[1.0, 2.0]], [1.0], power=4)(np.zeros((1, 2)))
    >>> value, gradient.tolist()
    (0.25, [[-1.0, -2.0]])
    """
    if not isinstance(power, int | float | np.number) or not 2 <= power < np.inf:
        raise SpecError(
            f"power is {power!r}; give a finite number of at least 2, where an l_p loss is smooth"
        )
    x, y = (
        finite_numbers(values, name, kinds="biuf")
        for values, name in ((inputs, "inputs"), (targets, "targets"))
    )
    y = y[:, None] if y.ndim == 1 else y
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise FeatureError(
            f"inputs have shape {x.shape} and targets {np.shape(targets)}; give a row of inputs "
            "per example, and as many rows of targets"
        )
    return PowerRegression(x, y, float(power))


def generated_regression(
    examples: int,
    features: int,
    *,
    condition: float = 30.0,
    noise: float = 0.1,
    power: float = 2,
    seed: int = 0,
) -> PowerRegression:
    r"""Return a regression with generated data, for comparing descents.

    Parameters
    ----------
    examples, features : int
        Numbers m of examples and d of features.
    condition : float
        Ratio of the largest to the least variance of a feature, at least 1.
    noise : float
        Standard deviation of what is added to the targets, before they are scaled.
    power : float
        p of the loss.
    seed : int
        Of all draws.

    Returns
    -------
    PowerRegression
        With one target per example.

    Raises
    ------
    SpecError
        If a number is out of range.

    Notes
    -----
    Features are independent and normal, their variances a geometric series from 1 to
    1/condition; targets are :math:`w^\top x` plus noise with w standard normal, scaled to mean
    square 1. It stands in for the measured data of [1]_, which are not part of this package.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> loss = generated_regression(50, 3)
    >>> loss.shape, round(float((loss.targets**2).mean()), 12)
    ((1, 3), 1.0)
    """
    m, d = checked_count(examples, "examples"), checked_count(features, "features")
    if not 1 <= condition < np.inf or not 0 <= noise < np.inf:
        raise SpecError(
            f"condition is {condition} and noise {noise}; give finite numbers, a condition of at "
            "least 1 and a noise of at least 0"
        )
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((m, d)) * np.geomspace(1, condition**-0.5, d)
    y = x @ rng.standard_normal(d) + noise * rng.standard_normal(m)
    return l_p_regression(x, y / np.sqrt((y**2).mean()), power=power)
