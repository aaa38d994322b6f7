"""`compare_descents`: depth against optimisers, each with its best step size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from tnet.claims import Claim
from tnet.errors import DivergenceError, ParameterError, SpecError, UnknownNameError
from tnet.expressiveness.arguments import checked_choice, checked_whole, shown
from tnet.expressiveness.linear_networks.balanced import balanced_factors
from tnet.expressiveness.linear_networks.descent import descend_factors
from tnet.expressiveness.linear_networks.factors import checked_matrix
from tnet.expressiveness.linear_networks.fields import listed, positive
from tnet.expressiveness.linear_networks.following import Descent
from tnet.expressiveness.linear_networks.losses import Loss, Matrix, checked_loss
from tnet.expressiveness.linear_networks.optimisers import Optimiser, descend

RATES: tuple[float, ...] = tuple(2.0**power for power in range(-8, 5))
"""Step sizes tried unless others are given."""

_MOST_FACTORS = 10**6
"""Factors of one descent, each an array of its own."""


@dataclass(frozen=True, eq=False, repr=False)
class DescentComparison:
    """Descents of one loss from one end-to-end matrix.

    Attributes
    ----------
    descents : dict of str to Descent
        By name, ``depth 2`` or ``adagrad``: the best of those tried.
    least : float
        Least value of the loss that was found, by any of them or by a quasi-Newton method.
    claim : Claim
        What was chosen, and how.
    """

    descents: dict[str, Descent]
    least: float
    claim: Claim

    def excess(self, name: str) -> NDArray[np.float64]:
        """Return the losses of one descent, less the least that was found.

        Raises
        ------
        UnknownNameError
            If no descent has that name.
        """
        if not isinstance(name, str) or name not in self.descents:
            raise UnknownNameError(
                f"no descent is called {shown(name)}; name one of {', '.join(self.descents)}"
            )
        found: NDArray[np.float64] = self.descents[name].losses - self.least
        return found

    def steps_to(self, fraction: float) -> dict[str, int | None]:
        """Return from which step on each descent keeps below that fraction of the first excess."""
        positive(fraction, "fraction")
        return {
            name: descent.steps_to(_level(descent, self.least, fraction))
            for name, descent in self.descents.items()
        }

    def __repr__(self) -> str:
        rows = [f"  {name:<9} {descent.rate:<9g} {self.excess(name)[-1]:.3g}"
                for name, descent in self.descents.items()]  # fmt: skip
        title = f"loss above {self.least:.4g} at the end ({self.claim.kind})"
        return "\n".join([title, "            rate", *rows])


def compare_descents(
    loss: Loss,
    matrix: ArrayLike,
    *,
    steps: int,
    depths: Sequence[int] = (1, 2, 3),
    optimisers: Sequence[Optimiser] = ("adagrad", "adadelta"),
    rates: Sequence[float] = RATES,
    goal: float = 1e-3,
) -> DescentComparison:
    """Descend one loss at several depths and with optimisers, each at its best step size.

    Parameters
    ----------
    loss : callable
        Takes a matrix, returns its value and its gradient; convex, for `least` to be the least.
    matrix : array, shape (k, d)
        The end-to-end matrix from which all start, not 0.
    steps : int
        How many each may take.
    depths : sequence of int
        Of linear networks with balanced factors and hidden widths min(k, d); 1 is gradient
        descent.
    optimisers : sequence of {'gradient', 'adagrad', 'adadelta'}
        On the matrix itself.
    rates : sequence of float
        Step sizes to try.
    goal : float
        Fraction of the loss at the start, less the least, to come down to: the rate that takes
        the fewest steps is kept; where none is fast enough, the one with the lowest loss at the
        end.

    Returns
    -------
    DescentComparison

    Raises
    ------
    DivergenceError
        If a descent diverges with every rate.
    SpecError
        If a number is out of range, or there is nothing to compare or no rate.
    ParameterError
        If the matrix is 0, from which two factors or more do not move.
    ParameterError, FunctionError
        As `descend_factors` does.

    Notes
    -----
    Depth adds nothing that could be expressed. Of [1]_ is the observation, on measured data, that
    it speeds up the l_4 regression and not the l_2 one.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.regression import generated_regression
    >>> loss = generated_regression(100, 4, power=4)
    >>> found = compare_descents(loss, [[0.05] * 4], steps=100, rates=(0.25, 0.5, 1))
    >>> bool(found.excess("depth 2")[-1] < found.excess("depth 1")[-1])
    True
    """
    start = checked_matrix(matrix, "the matrix")
    if not start.any():
        raise ParameterError(
            "the matrix is 0, from which two factors or more do not move; start elsewhere"
        )
    runs = _runs(loss, start, depths, optimisers, steps)
    tried = sorted({positive(rate, "rate") for rate in listed(rates, "rates")})
    if not runs or not tried:
        raise SpecError(
            f"{len(runs)} descents and {len(tried)} rates are given; give at least one of each"
        )
    positive(goal, "goal")
    found = {name: _converging(name, run, tried) for name, run in runs.items()}
    lowest = (float(descent.losses.min()) for all_of in found.values() for descent in all_of)
    least = min(_quasi_newton(loss, start), *lowest)
    best = {name: _fastest(all_of, least, goal) for name, all_of in found.items()}
    edges = [name for name, descent in best.items() if descent.rate in (tried[0], tried[-1])]
    claim = Claim(
        "numerical",
        f"one start; of {len(tried)} rates from {tried[0]:g} to {tried[-1]:g} the one that is "
        f"fastest to {goal:g} of the first excess, of {steps} steps at most",
        (f"at the end of the rates tried: {', '.join(edges) or 'none'}",),
    )
    return DescentComparison(best, least, claim)


def _runs(
    loss: Loss,
    start: Matrix,
    depths: Sequence[int],
    optimisers: Sequence[Optimiser],
    steps: int,
) -> dict[str, Callable[..., Descent]]:
    """What to do with a ``rate``, by name."""
    outputs, inputs = start.shape
    runs: dict[str, Callable[..., Descent]] = {}
    for depth in listed(depths, "depths"):
        n = checked_whole(depth, "depth", most=_MOST_FACTORS)
        factors = balanced_factors(start, (inputs, *[min(start.shape)] * (n - 1), outputs))
        runs[f"depth {n}"] = partial(descend_factors, loss, factors, steps=steps)
    for optimiser in listed(optimisers, "optimisers"):
        name = checked_choice(optimiser, get_args(Optimiser), "optimiser")
        runs[name] = partial(descend, loss, start, optimiser=name, steps=steps)
    return runs


def _converging(name: str, run: Callable[..., Descent], rates: Sequence[float]) -> list[Descent]:
    """The descents with those rates that do not diverge."""
    found = []
    for rate in rates:
        try:
            found.append(run(rate=rate))
        except DivergenceError as error:
            last = error
    if not found:
        raise DivergenceError(
            f"{name} diverges with all rates from {rates[0]:g} to {rates[-1]:g}; try smaller ones"
        ) from last
    return found


def _fastest(descents: Sequence[Descent], least: float, goal: float) -> Descent:
    def slowness(descent: Descent) -> tuple[float, float]:
        steps = descent.steps_to(_level(descent, least, goal))
        return np.inf if steps is None else steps, float(descent.losses[-1])

    return min(descents, key=slowness)


def _level(descent: Descent, least: float, fraction: float) -> float:
    return least + fraction * (float(descent.losses[0]) - least)


def _quasi_newton(loss: Loss, start: Matrix) -> float:
    """Least value that BFGS finds; infinite if it does not end at a number."""
    evaluated = checked_loss(loss, start.shape)

    def flat(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = evaluated(weights.reshape(start.shape))
        return value, gradient.ravel()

    # A step that is tried may leave the finite numbers and be taken back.
    with np.errstate(all="ignore"):
        found = minimize(flat, start.ravel(), jac=True, method="BFGS", options={"gtol": 1e-12})
    return float(found.fun) if np.isfinite(found.fun) else np.inf
