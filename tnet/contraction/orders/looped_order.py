"""An order of contraction for networks with loops: opt_einsum's planners, or cotengra."""

import heapq
import math
import time
from random import Random
from typing import Any

import numpy as np

from tnet.contraction.operands import Operands
from tnet.contraction.orders.forest_order import greedy_pairs
from tnet.contraction.orders.order_cost import cost_of
from tnet.contraction.orders.paths import Pairs, pairs_of
from tnet.errors import MissingLibraryError

MOST_SOLVED = 16
"""Operands up to which opt_einsum's ``auto-hq`` tries orders without drawing random numbers."""

MOST_DRAWN = 12_000
"""Operands up to which greedy orders are drawn at random; beyond, there is one greedy order."""

_MOST_DRAWS = 128
_BRANCHES = 8


def looped_pairs(operands: Operands, *, seconds: float = 2.0, seed: int = 0) -> Pairs:
    """Find an order in which to merge operands that may have loops.

    Parameters
    ----------
    operands : Operands
        Index sets.
    seconds : float
        No new draw is begun after so long; 128 draws are the most.
    seed : int
        Of the draws. The order depends on the seed alone where the time suffices for all draws.

    Returns
    -------
    ndarray of int64, shape (n_operands - 1, 2)
        Up to 16 operands by opt_einsum's ``auto-hq``; up to 12,000 the best of its greedy order
        and randomly drawn ones [1]_; beyond, its greedy order.

    References
    ----------
    .. [1] Gray and Kourtis. Hyper-optimized tensor network contraction. Quantum 5, 410 (2021).

    Examples
    --------
    >>> from tnet.contraction.operands import operands_of_sets
    >>> sets = [frozenset("ab"), frozenset("bc"), frozenset("ca")]
    >>> found, _ = operands_of_sets(sets, frozenset(), {"a": 9, "b": 2, "c": 3})
    >>> looped_pairs(found).tolist()
    [[0, 2], [1, 3]]
    """
    if operands.count < 2:
        return np.zeros((0, 2), dtype=np.int64)
    if operands.count <= MOST_SOLVED:
        from opt_einsum.paths import auto_hq

        sizes = dict(enumerate(operands.dims))
        path = auto_hq(operands.sets(), frozenset(operands.output), sizes)
        return pairs_of(path, operands.count)
    best = greedy_pairs(operands)
    if operands.count <= MOST_DRAWN:
        least = cost_of(operands, best).total_log2
        end, random = time.monotonic() + seconds, Random(seed)
        for _ in range(_MOST_DRAWS):
            if time.monotonic() > end:
                break
            drawn = _drawn_pairs(operands, random)
            if (cost := cost_of(operands, drawn).total_log2) < least:
                best, least = drawn, cost
    return best


def _drawn_pairs(operands: Operands, random: Random) -> Pairs:
    """Return a greedy order in which good pairs are drawn by chance, the best likeliest.

    opt_einsum's own draws set the seed of the whole process, so the chances are ours.
    """
    from opt_einsum.paths import ssa_greedy_optimize

    def score(made: int, one: int, other: int, *_: Any) -> float:
        return made - (one + other) * (1 + 0.01 * random.gauss(0, 1))

    def choose(queue: list[Any], remaining: Any) -> Any:
        choices: list[Any] = []
        while queue and len(choices) < _BRANCHES:
            candidate = heapq.heappop(queue)
            if candidate[1] in remaining and candidate[2] in remaining:
                choices.append(candidate)
        if not choices:
            return None
        least = choices[0][0][0]
        scale = max(1.0, abs(least))
        chances = [math.exp(-(choice[0][0] - least) / scale) for choice in choices]
        (number,) = random.choices(range(len(choices)), weights=chances)
        chosen = choices.pop(number)
        for other in choices:
            heapq.heappush(queue, other)
        return chosen

    sizes = dict(enumerate(operands.dims))
    output = frozenset(operands.output)
    found = ssa_greedy_optimize(operands.sets(), output, sizes, choose, score)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def cotengra_pairs(operands: Operands, *, seconds: float = 2.0, seed: int = 0) -> Pairs:
    """Find an order with cotengra: greedy trees drawn at random, then locally improved.

    Parameters
    ----------
    operands : Operands
        Index sets.
    seconds : float
        No new trial is begun after so long; 128 trials are the most.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray of int64, shape (n_operands - 1, 2)
        Found in this process, without workers.

    Raises
    ------
    MissingLibraryError
        If cotengra is not installed.
    """
    try:
        import cotengra
    except ImportError:
        raise MissingLibraryError(
            "optimize='cotengra' needs cotengra, which is not installed; "
            "pip install 'tnet[planners]', or leave optimize out"
        ) from None
    if operands.count < 2:
        return np.zeros((0, 2), dtype=np.int64)
    optimizer = cotengra.HyperOptimizer(
        methods=["greedy"],
        minimize="flops",
        max_repeats=_MOST_DRAWS,
        max_time=seconds,
        parallel=False,
        optlib="random",
        reconf_opts={},
        progbar=False,
        seed=seed,
    )
    sets = [tuple(sorted(indices)) for indices in operands.sets()]
    tree = optimizer.search(sets, operands.output, dict(enumerate(operands.dims)))
    return pairs_of(tree.get_path(), operands.count)
