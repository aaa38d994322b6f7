"""`Descent`: where a descent went, and the loop that all of them run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import checked_count
from tnet.claims import Claim
from tnet.errors import DivergenceError, FunctionError
from tnet.expressiveness.linear_networks.factors import positive
from tnet.expressiveness.linear_networks.regression import Loss, Matrix

State = TypeVar("State")


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
        """Return the first step from which on the loss is at most `level`; None if not in time."""
        above = np.flatnonzero(~(self.losses <= level))
        if not len(above):
            return 0
        return int(above[-1]) + 1 if above[-1] + 1 < len(self.losses) else None

    def __repr__(self) -> str:
        return (
            f"{self.method}, {len(self.losses) - 1} steps of {self.rate:g}: "
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
    positive(rate, "rate")
    losses = np.empty(checked_count(steps, "steps") + 1)
    state = start
    # What overflows is reported below, with the step.
    with np.errstate(over="ignore", invalid="ignore"):
        for number in range(len(losses)):
            matrix = matrix_of(state)
            value, gradient = _evaluated(loss, matrix) if number == 0 else loss(matrix)
            finite = (
                np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(matrix).all()
            )
            if not finite:
                raise DivergenceError(
                    f"the loss was {losses[number - 1]:.3g} and is not finite after step {number} "
                    f"of {steps} with rate {rate:g}; take a smaller rate, such as {rate / 2:g}, or "
                    "start nearer to zero"
                )
            losses[number] = value
            if number < steps:
                state = step(state, gradient)
    return losses, state


def _evaluated(loss: Loss, matrix: Matrix) -> tuple[float, Matrix]:
    """Value and gradient at the start, checked for what the function may get wrong."""
    # A callable need not say which matrices it is of.
    shape = getattr(loss, "shape", matrix.shape)
    if shape != matrix.shape:
        raise FunctionError(
            f"the loss is of matrices of shape {shape}, the start has shape {matrix.shape}; start "
            "from a matrix of the former shape, or from factors with such a product"
        )
    value, gradient = loss(matrix)
    if np.ndim(value) or np.shape(gradient) != matrix.shape:
        raise FunctionError(
            f"the loss returned a value of shape {np.shape(value)} and a gradient of shape "
            f"{np.shape(gradient)}; make it return a number and an array of shape {matrix.shape}"
        )
    if not np.isfinite(value) or not np.isfinite(gradient).all():
        bad = int((~np.isfinite(gradient)).sum())
        raise FunctionError(
            f"at the start the loss is {value} and {bad} entries of its gradient are not finite; "
            "start where both are finite"
        )
    return value, gradient
