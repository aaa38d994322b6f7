"""Linear programmes, solved with the tolerances that the geometry here is decided with."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from tnet.errors import VerificationError
from tnet.expressiveness.rectifier.affine import Array

_TOLERANCE = 1e-10
_SOLVED, _INFEASIBLE, _UNBOUNDED = 0, 2, 3


@dataclass(frozen=True, eq=False, slots=True)
class Optimum:
    """The largest value of a linear programme, and where it is.

    Attributes
    ----------
    value : float
        Infinite if there is no largest one, minus infinity if nothing is allowed.
    point : ndarray
        Empty if the value is not finite.
    """

    value: float
    point: Array


def maximise(
    objective: Array,
    matrix: Any,
    most: Array,
    *,
    bounds: Array,
    equal: tuple[Array, float] | None = None,
    finite: bool = False,
) -> Optimum:
    """Maximise a linear function.

    Parameters
    ----------
    objective : ndarray, shape (v,)
        Of the variables.
    matrix : ndarray or sparse array, shape (c, v)
        Times the variables it is at most `most`.
    most : ndarray, shape (c,)
        Right-hand side.
    bounds : ndarray, shape (v, 2)
        Least and largest value of each variable, infinite ones too.
    equal : (ndarray of shape (v,), float), optional
        One equation.
    finite : bool
        Whether it is known that there is a largest value.

    Raises
    ------
    VerificationError
        If the solver gives up, or says that there is no largest value where there is one.

    Examples
    --------
    >>> free = np.array([[-np.inf, np.inf]])
    >>> maximise(np.ones(1), np.array([[2.0]]), np.array([3.0]), bounds=free).value
    1.5
    """
    solver: Any = optimize.linprog
    solved = solver(
        -objective,
        A_ub=matrix,
        b_ub=most,
        A_eq=None if equal is None else equal[0][None],
        b_eq=None if equal is None else [equal[1]],
        bounds=bounds,
        options={
            "primal_feasibility_tolerance": _TOLERANCE,
            "dual_feasibility_tolerance": _TOLERANCE,
        },
    )
    if not finite and solved.status in (_UNBOUNDED, _INFEASIBLE):
        return Optimum(math.inf if solved.status == _UNBOUNDED else -math.inf, np.zeros(0))
    if solved.status != _SOLVED:
        raise VerificationError(
            f"a linear programme was not solved ({solved.message}); bring the weights to similar "
            "sizes"
        )
    return Optimum(float(-solved.fun), solved.x)


def free_variables(count: int) -> Array:
    """Return bounds that bound nothing, shape (count, 2)."""
    return np.tile([-np.inf, np.inf], (count, 1))
