"""`agreement`: how near descent on factors and the end-to-end rule stay to each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tnet.claims import Claim
from tnet.errors import FunctionError, SpecError
from tnet.expressiveness.linear_networks.descent import (
    descend_end_to_end,
    from_factors,
    warn_unbalanced,
)
from tnet.expressiveness.linear_networks.factors import (
    EPS,
    balance_residual,
    checked_factors,
    finite_product,
    is_balanced,
    rounding,
)
from tnet.expressiveness.linear_networks.fields import MOST, counted, positive
from tnet.expressiveness.linear_networks.losses import Loss, Matrix, checked_loss
from tnet.expressiveness.linear_networks.scaling import norm


@dataclass(frozen=True, repr=False)
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
        Of the order: measured, where it is proved to tend to 1, else no theorem. Its hypotheses
        state how near to a lower rank the descents came.
    """

    rates: tuple[float, ...]
    gaps: tuple[float, ...]
    order: float
    residual: float
    claim: Claim

    def __repr__(self) -> str:
        gaps = ", ".join(f"{gap:.2g}" for gap in self.gaps[:4])
        return (
            f"gaps {gaps}{', ...' if len(self.gaps) > 4 else ''} for steps from "
            f"{self.rates[0]:g} to {self.rates[-1]:g}: order {self.order:.3g}  ({self.claim.kind})"
        )


def agreement(
    loss: Loss,
    factors: Sequence[ArrayLike],
    *,
    rate: float,
    steps: int,
    halvings: int = 3,
) -> Agreement:
    r"""Compare descent on factors with the end-to-end rule, halving the step.

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
        How often the step is halved, at least 1; so often that no descent has 2^31 steps.

    Returns
    -------
    Agreement

    Raises
    ------
    FunctionError
        If the two do not differ beyond rounding, as with one factor: then there is no order.
    ParameterError, SpecError, DivergenceError
        As `descend_factors` does.

    Warns
    -----
    UnbalancedStartWarning
        If the factors are not balanced; the gaps then tend to a drift that is not 0.

    Notes
    -----
    On balanced factors the gradient flows of both agree [1]_ (theorem 1). Each descent follows its
    flow up to an error of the order of its step, over a time in which the flow exists, if its
    direction is locally Lipschitz: then the gaps are of the order of the step. Let the gradient of
    the loss be locally Lipschitz. Then so is the direction of the factors, always, and that of the
    rule where

    - N = 2, as :math:`(W^\top W)^{1/2}` is Lipschitz in W; or
    - :math:`W_e` has full rank min(k, d), as the powers of its Gram matrices are smooth there. Flow
      keeps the rank: :math:`|\dot\sigma| \le N \|G\|\, \sigma^{2-2/N}` for every singular value.

    With lower rank, by the start or by a layer narrower than both ends, and N > 2, the rule is
    continuous only: a singular value enters by its power 2/N, and steps of the rule, unlike those
    on the factors, make singular values of the order of eta where the flow has none. The gaps then
    still tend to 0, since the flow is unique; their order, in the cases that were measured, to 2/N.

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
    matrix, largest, count = finite_product(start), positive(rate, "rate"), counted(steps, "steps")
    times = counted(halvings, "halvings")
    if times >= MOST.bit_length() or count << times > MOST:
        raise SpecError(
            f"halving the step {times:,} times makes 2^{times} times {count:,} steps, and fewer "
            "than 2^31 are taken; ask for fewer halvings"
        )
    warn_unbalanced(start)
    evaluated, shares = checked_loss(loss, matrix.shape), []

    def watched(at: Matrix) -> tuple[float, Matrix]:
        shares.append(_least_share(at))
        return evaluated(at)

    rates, gaps = tuple(largest / 2**k for k in range(times + 1)), []
    for k, smaller in enumerate(rates):
        by_factors = from_factors(watched, start, smaller, count * 2**k).matrix
        by_rule = descend_end_to_end(
            watched, matrix, depth=len(start), rate=smaller, steps=count * 2**k
        ).matrix
        gaps.append(norm(by_factors - by_rule) / (norm(by_factors) or 1))
    if min(gaps) <= max(matrix.shape) * EPS:
        raise FunctionError(
            f"the two descents do not differ beyond rounding, with {len(start)} "
            f"{'factor' if len(start) == 1 else 'factors'}; compare two factors or more, from a "
            "start that is no stationary point"
        )
    order = float(np.polyfit(np.log(rates), np.log(gaps), 1)[0])
    claim = _claim(start, min(shares), rounding(matrix))
    return Agreement(rates, tuple(gaps), order, balance_residual(start), claim)


def _least_share(matrix: Matrix) -> float:
    """Least singular value over the largest; 0 for the zero matrix."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return float(values[-1] / values[0]) if values[0] else 0.0


def _claim(start: Sequence[Matrix], share: float, tolerance: float) -> Claim:
    if not is_balanced(start):
        return Claim("no theorem", "the end-to-end rule holds for balanced starts only")
    balanced = "the start is balanced up to rounding"
    if len(start) > 2 and share <= tolerance:
        return Claim(
            "no theorem",
            f"the product lacks rank and there are {len(start)} factors, where the rule is "
            "continuous but not Lipschitz: the gaps tend to 0, at an order that is not known",
            (balanced, "the gradient of the loss is locally Lipschitz"),
        )
    return Claim(
        "numerical",
        "gaps and order computed at one time; in the limit of small steps the gaps are 0 and the "
        "order is at least 1, by the theorem on gradient flow",
        (
            balanced,
            "the gradient of the loss is locally Lipschitz",
            f"along the descents the least singular value is at least {share:.2g} of the largest"
            if len(start) > 2
            else "two factors, for which the rule is Lipschitz at any rank",
        ),
    )
