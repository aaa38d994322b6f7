"""Losses of a matrix: the mean l_p error of a linear map, and data to regress on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tnet.contraction.memory import check_fits
from tnet.errors import FeatureError, ParameterError, SpecError
from tnet.expressiveness.arguments import checked_seed, shown
from tnet.expressiveness.linear_networks.fields import counted, real_number
from tnet.expressiveness.linear_networks.finite import finite_numbers
from tnet.expressiveness.linear_networks.losses import Matrix
from tnet.expressiveness.linear_networks.scaling import taken_out

MOST_POWER = 1000
"""Largest p of an l_p loss; an error of 2 to more than this leaves the floating range."""


@dataclass(frozen=True, eq=False, repr=False)
class PowerRegression:
    r"""The mean over examples of :math:`\frac1p \sum_i |(Wx - y)_i|^p`, and its gradient in W.

    Attributes
    ----------
    inputs : ndarray, shape (m, d)
        An example per row.
    targets : ndarray, shape (m, k)
        What W is to make of each.
    power : float
        p, from 2 to 1000.
    """

    inputs: Matrix
    targets: Matrix
    power: float

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (k, d) of the matrices it takes."""
        return self.targets.shape[1], self.inputs.shape[1]

    def __call__(self, matrix: ArrayLike) -> tuple[float, Matrix]:
        """Return value and gradient at a matrix; not finite where they leave the floating range.

        Raises
        ------
        ParameterError
            If it is no real matrix of that shape.
        """
        weights = self._checked(matrix)
        # Without a warning: what descends on it looks at the value, and a search may come back.
        with np.errstate(over="ignore", invalid="ignore"):
            error = self.inputs @ weights.T - self.targets
            # |e|^(p-2) once: value and gradient are this times e^2 and e.
            weighted = np.abs(error) ** (self.power - 2) * error
            m = len(self.inputs)
            value = float((weighted * error).sum() / (self.power * m))
            return value, weighted.T @ self.inputs / m

    def _checked(self, matrix: ArrayLike) -> Matrix:
        try:
            weights = np.asarray(matrix)
        except ValueError as error:
            raise ParameterError(
                f"the matrix is no array ({error}); give rows of one length"
            ) from error
        if weights.shape != self.shape or weights.dtype.kind not in "biuf":
            raise ParameterError(
                f"the matrix has shape {weights.shape} and dtype {weights.dtype}; give real "
                f"numbers of shape {self.shape}"
            )
        return weights.astype(np.float64, copy=False)

    def __repr__(self) -> str:
        (k, d), m = self.shape, len(self.inputs)
        return f"l_{self.power:g} regression {d} -> {k}, examples: {m}"


def l_p_regression(inputs: ArrayLike, targets: ArrayLike, *, power: float = 2) -> PowerRegression:
    """Return the l_p regression loss of examples.

    Parameters
    ----------
    inputs : array, shape (m, d)
        An example per row.
    targets : array, shape (m, k) or (m,)
        Its targets; one number each is k = 1.
    power : float
        p, at least 2, so that there is a gradient that does not jump, and at most 1000.

    Returns
    -------
    PowerRegression
        Called with W of shape (k, d) it returns value and gradient.

    Raises
    ------
    FeatureError
        If shapes do not fit, or a number is not finite.
    SpecError
        If `power` is out of this range.

    Examples
    --------
    >>> value, gradient = l_p_regression([[1.0, 2.0]], [1.0], power=4)(np.zeros((1, 2)))
    >>> value, gradient.tolist()
    (0.25, [[-1.0, -2.0]])
    """
    p = real_number(power)
    if not 2 <= p <= MOST_POWER:
        raise SpecError(
            f"power is {shown(power)}; give a number from 2, where an l_p loss becomes smooth, to "
            f"{MOST_POWER:,}"
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
    return PowerRegression(x, y, p)


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
    MemoryLimitError
        If the examples do not fit in memory.

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
    m, d = counted(examples, "examples"), counted(features, "features")
    ratio, deviation = real_number(condition), real_number(noise)
    if not 1 <= ratio < np.inf or not 0 <= deviation < np.inf:
        raise SpecError(
            f"condition is {shown(condition)} and noise {shown(noise)}; give finite numbers, a "
            "condition of at least 1 and a noise of at least 0"
        )
    check_fits(24 * m * d, what=f"{m:,} examples of {d:,} features", remedy="ask for fewer")
    rng = np.random.default_rng(checked_seed(seed))
    x = rng.standard_normal((m, d)) * np.geomspace(1, ratio**-0.5, d)
    y = x @ rng.standard_normal(d) + deviation * rng.standard_normal(m)
    y, _ = taken_out(y)
    return l_p_regression(x, y / np.sqrt((y**2).mean()), power=power)
