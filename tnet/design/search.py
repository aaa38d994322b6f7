"""Fewest parameters under products of widths: branch and bound on a convex programme."""

import heapq
import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_LN2 = math.log(2)
_MOST_NODES = 4000
_SLACK = 1e-5
"""Share of a bound that is not trusted: the solver stops a little above the minimum."""


@dataclass(frozen=True, slots=True)
class Monomial:
    """``coefficient`` times the product of the widths of `levels`."""

    coefficient: int
    levels: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """Least sum of monomials in integer widths, subject to linear bounds on their log2.

    Attributes
    ----------
    exponents : ndarray, shape (n_rows, n_levels)
        Non-negative.
    bits : ndarray, shape (n_rows,)
        ``exponents @ log2(widths) >= bits``.
    monomials : tuple of Monomial
        What the widths cost.
    """

    exponents: Vector
    bits: Vector
    monomials: tuple[Monomial, ...]

    @property
    def n_levels(self) -> int:
        """Number of widths."""
        return int(self.exponents.shape[1])

    def cost(self, widths: tuple[int, ...]) -> int:
        """Number of parameters, exactly."""
        return sum(
            monomial.coefficient * math.prod(widths[level] for level in monomial.levels)
            for monomial in self.monomials
        )

    def reached(self, widths: tuple[int, ...]) -> bool:
        """Whether every bound holds."""
        logs = np.array([math.log2(width) for width in widths])
        return bool((self.exponents @ logs >= self.bits).all())


def fewest(problem: Problem) -> tuple[tuple[int, ...], bool]:
    """Search the cheapest integer widths that reach every bound.

    Parameters
    ----------
    problem : Problem
        Costs and bounds.

    Returns
    -------
    tuple of int
        The widths.
    bool
        Whether they are proved cheapest; False if the search was cut short after some thousand
        nodes.

    Examples
    --------
    >>> costs = Monomial(5, (0,)), Monomial(2, (1,))
    >>> fewest(Problem(np.array([[1.0, 1.0]]), np.array([3.0]), costs))
    ((2, 4), True)
    """
    start = _rounded_down(problem, _enough(problem))
    cheaper, proved = _cheaper(problem, problem.cost(start))
    return cheaper or start, proved


def fewest_within(problem: Problem, at_most: int) -> tuple[tuple[int, ...] | None, bool]:
    """Search the cheapest widths that cost no more than `at_most`; None if there are none."""
    start = _rounded_down(problem, _enough(problem))
    if problem.cost(start) > at_most:
        return _cheaper(problem, at_most + 1)
    cheaper, proved = _cheaper(problem, problem.cost(start))
    return cheaper or start, proved


def _cheaper(problem: Problem, limit: int) -> tuple[tuple[int, ...] | None, bool]:
    """Search the cheapest widths that cost less than `limit`, best bounds first."""
    found: tuple[int, ...] | None = None
    low = (1,) * problem.n_levels
    high = _within(problem, low, limit)
    order = itertools.count()
    heap = [(0.0, next(order), low, high)] if min(high) >= 1 else []
    for _ in range(_MOST_NODES):
        if not heap:
            return found, True
        bound, _, low, high = heapq.heappop(heap)
        if math.ceil(bound) >= limit:
            return found, True
        relaxed, bound = _relaxed(problem, low, high)
        if relaxed is None or math.ceil(bound) >= limit:
            continue
        widths = _rounded_down(problem, _rounded_up(relaxed, low, high), low)
        if problem.reached(widths) and problem.cost(widths) < limit:
            found, limit = widths, problem.cost(widths)
        for least, most in _branches(relaxed, low, high):
            affordable = tuple(map(min, most, _within(problem, least, limit)))
            if all(map(int.__le__, least, affordable)) and problem.reached(affordable):
                heapq.heappush(heap, (bound, next(order), least, affordable))
    return found, not heap


def _enough(problem: Problem) -> tuple[int, ...]:
    """Widths that reach every bound: double all until they do."""
    widths = (1,) * problem.n_levels
    while not problem.reached(widths):
        widths = tuple(2 * width for width in widths)
    return widths


def _rounded_down(
    problem: Problem, widths: tuple[int, ...], low: tuple[int, ...] | None = None
) -> tuple[int, ...]:
    """Lower one width after another as far as the bounds allow, the dearest steps first."""
    low = low or (1,) * problem.n_levels
    savings = sorted(
        range(problem.n_levels),
        key=lambda level: (
            sum(
                m.coefficient * math.prod(widths[k] for k in m.levels)
                for m in problem.monomials
                if level in m.levels
            )
            / widths[level]
        ),
        reverse=True,
    )
    for level in savings:
        bottom, top = low[level] - 1, widths[level]
        while top - bottom > 1:
            middle = (bottom + top) // 2
            tried = (*widths[:level], middle, *widths[level + 1 :])
            bottom, top = (bottom, middle) if problem.reached(tried) else (middle, top)
        widths = (*widths[:level], top, *widths[level + 1 :])
    return widths


def _within(problem: Problem, low: tuple[int, ...], limit: int) -> tuple[int, ...]:
    """Largest width of each level that costs less than `limit` with all others at their least."""
    highs = []
    for level in range(problem.n_levels):
        base = problem.cost((*low[:level], 0, *low[level + 1 :]))
        step = problem.cost((*low[:level], 1, *low[level + 1 :])) - base
        highs.append(max((limit - 1 - base) // step, 0) if step else limit)
    return tuple(highs)


def _rounded_up(relaxed: Vector, low: tuple[int, ...], high: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        min(max(math.ceil(value - 1e-9), least), most)
        for value, least, most in zip(relaxed.tolist(), low, high, strict=True)
    )


def _branches(
    relaxed: Vector, low: tuple[int, ...], high: tuple[int, ...]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Split the widest-open level, where the relaxed width is farthest from whole."""
    open_levels = [level for level in range(len(low)) if low[level] < high[level]]
    if not open_levels:
        return []

    def distance(level: int) -> float:
        value = float(relaxed[level])
        return min(value - math.floor(value), math.ceil(value) - value) / value

    level = max(open_levels, key=lambda k: (distance(k), high[k] - low[k]))
    split = min(max(math.floor(relaxed[level]), low[level]), high[level] - 1)
    below = low, (*high[:level], split, *high[level + 1 :])
    above = (*low[:level], split + 1, *low[level + 1 :]), high
    return [below, above]


def _relaxed(
    problem: Problem, low: tuple[int, ...], high: tuple[int, ...]
) -> tuple[Vector | None, float]:
    """Widths without the demand that they are whole, and a lower bound of the cost."""
    from scipy.optimize import Bounds, LinearConstraint, minimize

    if not problem.reached(high):
        return None, math.inf
    if low == high:
        return np.array(low, dtype=np.float64), float(problem.cost(low))
    coefficients = np.log([float(m.coefficient) for m in problem.monomials])
    powers = np.zeros((len(problem.monomials), problem.n_levels))
    for row, monomial in enumerate(problem.monomials):
        for level in monomial.levels:
            powers[row, level] += 1

    def log_cost(logs: Vector) -> tuple[float, Vector]:
        terms = coefficients + powers @ logs
        largest = terms.max()
        weights = np.exp(terms - largest)
        return float(largest + math.log(weights.sum())), powers.T @ weights / weights.sum()

    solved = minimize(
        log_cost,
        np.log(np.array(high, dtype=np.float64)),
        jac=True,
        bounds=Bounds(np.log(low), np.log(high)),
        constraints=[
            LinearConstraint(row, bits * _LN2, np.inf)
            for row, bits in zip(problem.exponents, problem.bits, strict=True)
        ],
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-12},
    )
    if not solved.success:
        # Nothing is known but that no width is below its least.
        return np.array(high, dtype=np.float64), float(problem.cost(low))
    bound = math.exp(float(solved.fun)) * (1 - _SLACK)
    return np.exp(np.asarray(solved.x, dtype=np.float64)), max(bound, float(problem.cost(low)))
