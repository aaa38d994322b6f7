"""`Descent`: where a descent went, and the loop that all of them run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.contraction.memory import check_fits
from tnet.errors import DivergenceError, FunctionError, ParameterError, SpecError
from tnet.expressiveness.arguments import shown
from tnet.expressiveness.linear_networks.fields import counted, positive, real_number
from tnet.expressiveness.linear_networks.losses import Loss, Matrix, checked_loss
from tnet.expressiveness.linear_networks.scaling import in_range, norm

State = TypeVar("State")

_CAUTION = 0.1
"""How far the first step of a rate that is advised moves the matrix, over its norm or 1."""


@dataclass(frozen=True, eq=False, repr=False)
class Descent:
    """Where a descent went.

    Attributes
    ----------
    losses : ndarray, shape (steps + 1,)
        Value of the loss before every step, and after the last.
    matrix : ndarray, shape (k, d)
        The end-to-end matrix at the end.
    factors : tuple of ndarray
        W_1, ..., W_N at the end; `matrix` alone where there are none.
    rate : float
        Step size.
    method : str
        What descended.
    claim : Claim
        What the numbers are.
    """

    losses: NDArray[np.float64]
    matrix: Matrix
    factors: tuple[Matrix, ...]
    rate: float
    method: str
    claim: Claim = field(
        default=Claim("numerical", "losses computed along one descent from one start")
    )

    def steps_to(self, level: float) -> int | None:
        """Return the first step from which on the loss is at most `level`; None if not in time.

        Raises
        ------
        SpecError
            If `level` is no real number.
        """
        number = real_number(level)
        if np.isnan(number):
            raise SpecError(f"level is {shown(level)}; give a real number, a value of the loss")
        above = np.flatnonzero(~(self.losses <= number))
        if not len(above):
            return 0
        return int(above[-1]) + 1 if above[-1] + 1 < len(self.losses) else None

    def __repr__(self) -> str:
        count = len(self.losses) - 1
        return (
            f"{self.method}, {count} {'step' if count == 1 else 'steps'} of {self.rate:g}: "
            f"{self.losses[0]:.4g} to {self.losses[-1]:.4g}  ({self.claim.kind})"
        )


def follow(
    loss: Loss,
    start: State,
    matrix_of: Callable[[State], Matrix],
    step: Callable[[State, Matrix], State],
    *,
    rate: float,
    steps: int,
) -> tuple[NDArray[np.float64], State]:
    """Take steps; return the losses on the way and where they lead."""
    size, count = positive(rate, "rate"), counted(steps, "steps")
    check_fits(8 * (count + 1), what=f"the losses of {count:,} steps", remedy="take fewer")
    losses = np.empty(count + 1)
    state = start
    # What overflows is reported below, with the step.
    with np.errstate(over="ignore", invalid="ignore"):
        first = in_range(matrix_of(state), "the product of the factors", error=ParameterError)
        evaluated = checked_loss(loss, first.shape)
        losses[0], gradient = _at_the_start(evaluated, first)
        gentle = min(size / 2, _CAUTION * max(1, norm(first)) / (norm(gradient) or 1))
        for number in range(1, count + 1):
            state = step(state, gradient)
            matrix = matrix_of(state)
            if np.isfinite(matrix).all():
                losses[number], gradient = evaluated(matrix)
                if np.isfinite(losses[number]) and np.isfinite(gradient).all():
                    continue
            raise DivergenceError(
                f"the loss was {losses[number - 1]:.3g} and is not finite after step {number} "
                f"of {count} with rate {size:g}; take a smaller rate, such as {gentle:.2g}, or "
                "start nearer to zero"
            )
    return losses, state


def _at_the_start(loss: Loss, matrix: Matrix) -> tuple[float, Matrix]:
    """Value and gradient, which must be finite."""
    value, gradient = loss(matrix)
    if not np.isfinite(value) or not np.isfinite(gradient).all():
        bad = int((~np.isfinite(gradient)).sum())
        raise FunctionError(
            f"at the start the loss is {value} and {bad} entries of its gradient are not finite; "
            "start where both are finite"
        )
    return value, gradient
