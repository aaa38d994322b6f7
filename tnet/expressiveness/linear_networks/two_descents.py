"""`agreement`: how near descent on factors and the end-to-end rule stay to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.fields import checked_count
from tnet.claims import Claim
from tnet.errors import FunctionError
from tnet.expressiveness.linear_networks.descent import (
    descend_end_to_end,
    from_factors,
    warn_unbalanced,
)
from tnet.expressiveness.linear_networks.factors import (
    balance_residual,
    checked_factors,
    is_balanced,
    product,
)
from tnet.expressiveness.linear_networks.regression import Loss


@dataclass(frozen=True)
class Agreement:
    """Distances between two descents over the same time, for smaller and smaller steps.

    Attributes
    ----------
    rates : tuple of float
        Step sizes, each half of the one before.
    gaps : tuple of float
        Frobenius norm of the difference of the end-to-end matrices at the end, over the norm of
        the one that the factors reach.
    order : float
        Slope of log(gap) over log(rate) by least squares; 1 says that halving the step halves
        the gap.
    residual : float
        Balance residual of the start.
    claim : Claim
        What is proved, and what is measured.
    """

    rates: tuple[float, ...]
    gaps: tuple[float, ...]
    order: float
    residual: float
    claim: Claim


def agreement(
    loss: Loss,
    factors: Sequence[ArrayLike],
    *,
    rate: float,
    steps: int,
    halvings: int = 3,
) -> Agreement:
    """Compare descent on factors with the end-to-end rule, halving the step.

    Parameters
    ----------
    loss : callable
        Takes a matrix, returns its value and its gradient.
    factors : sequence of array
        W_1, ..., W_N at the start, two at least.
    rate : float
        The largest step.
    steps : int
        How many of it; half the step takes twice as many, so that all end at one time.
    halvings : int
        How often the step is halved, at least 1.

    Returns
    -------
    Agreement

    Raises
    ------
    FunctionError
        If the two do not differ at all, as with one factor: then there is no order.
    ParameterError, SpecError, DivergenceError
        As `descend_factors` does.

    Warns
    -----
    UnbalancedStartWarning
        If the factors are not balanced; the gaps then tend to a drift that is not 0.

    Notes
    -----
    On balanced factors the gradient flows of both agree [1]_ (theorem 1), and each descent follows
    its flow up to an error of the order of its step: so the order is 1 in the limit.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> from tnet.expressiveness.linear_networks.balanced import balanced_start
    >>> from tnet.expressiveness.linear_networks.regression import generated_regression
    >>> start = balanced_start((3, 1, 1))
    >>> found = agreement(generated_regression(50, 3), start, rate=0.1, steps=40)
    >>> 0.8 < found.order < 1.2
    True
    """
    start = checked_factors(factors)
    warn_unbalanced(start)
    count = checked_count(halvings, "halvings") + 1
    rates, gaps = [rate / 2**k for k in range(count)], []
    for k, smaller in enumerate(rates):
        by_factors = from_factors(loss, start, smaller, steps * 2**k).matrix
        by_rule = descend_end_to_end(
            loss, product(start), depth=len(start), rate=smaller, steps=steps * 2**k
        ).matrix
        gaps.append(float(np.linalg.norm(by_factors - by_rule) / np.linalg.norm(by_factors)))
    if min(gaps) == 0:
        raise FunctionError(
            f"the two descents do not differ with {len(start)} factors; compare two factors or "
            "more, from a start that is not a minimum"
        )
    order = float(np.polyfit(np.log(rates), np.log(gaps), 1)[0])
    return Agreement(tuple(rates), tuple(gaps), order, balance_residual(start), _claim(start))


def _claim(start: Sequence[np.ndarray]) -> Claim:
    if is_balanced(start):
        return Claim(
            "numerical",
            "gaps computed at one time; in the limit of small steps they are 0, by the theorem on "
            "gradient flow",
            ("the start is balanced up to rounding",),
        )
    return Claim("no theorem", "the end-to-end rule holds for balanced starts only")
