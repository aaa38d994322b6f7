"""Better orders for products of some tens of parts: a greedy start, then all orders of a few."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations

from tnet.contraction.orders.few_parts import cheapest_product
from tnet.contraction.orders.parts import Nodes, Part, Scale, operations

Score = Callable[[float, float, float], float]


def gained(weight: float) -> Score:
    """Score a product by its entries less those of its factors, which count `weight` times."""

    def score(made: float, one: float, other: float) -> float:
        return operations(made) - weight * (operations(one) + operations(other))

    return score


def growth(made: float, one: float, other: float) -> float:
    """How many times as large a product is as its larger factor, as a binary logarithm."""
    return made - max(one, other) + 1e-3 * (one + other)


def greedy_product(parts: list[Part], kept: Nodes, scale: Scale, score: Score) -> Part:
    """Merge parts, at every step those two with a common joint whose score is least."""
    left = dict(enumerate(parts))
    holders = Counter(joint for part in parts for joint in part.joints)
    holders.update(kept)

    def tried(a: int, b: int) -> tuple[float, int, int]:
        one, other = left[a], left[b]
        shared = one.joints & other.joints
        gone = [joint for joint in shared if holders[joint] == 2]
        made = (
            one.open_log2
            + other.open_log2
            + scale.entries((one.joints | other.joints).difference(gone), one.common | other.common)
        )
        return score(made, scale.size(one), scale.size(other)), a, b

    def joined(a: int, b: int) -> bool:
        return not left[a].joints.isdisjoint(left[b].joints)

    waiting = {(a, b): tried(a, b) for a, b in combinations(left, 2) if joined(a, b)}
    following = len(parts)
    while len(left) > 1:
        _, a, b = min(waiting.values())
        shared = left[a].joints & left[b].joints
        gone = frozenset(joint for joint in shared if holders[joint] == 2)
        holders.subtract(shared)
        left[following] = scale.product(left.pop(a), left.pop(b), gone)
        waiting = {pair: cost for pair, cost in waiting.items() if not {a, b} & set(pair)}
        # Pairs whose last common joint has just lost a holder sum it now.
        for pair in waiting:
            if any(holders[joint] == 2 for joint in left[pair[0]].joints & shared):
                waiting[pair] = tried(*pair)
        for other in left:
            if other != following and joined(other, following):
                waiting[other, following] = tried(other, following)
        following += 1
    return next(iter(left.values()))


def reworked(part: Part, scale: Scale, most: int, visits: int) -> Part:
    """Take the last steps of every intermediate apart, and merge them in the best order.

    Parameters
    ----------
    part : Part
        A product.
    scale : Scale
        Dims.
    most : int
        Parts of which all orders are tried.
    visits : int
        Intermediates to look at, latest first.
    """
    return _reworked(part, scale, most, [visits])


def _reworked(part: Part, scale: Scale, most: int, visits: list[int]) -> Part:
    if not part.factors or visits[0] <= 0:
        return part
    visits[0] -= 1
    parts = opened([*part.factors], most, lambda one: one.factors)
    if len(parts) > 2:
        part = cheapest_product(parts, part.joints, scale, part)
    one, other = (_reworked(factor, scale, most, visits) for factor in part.factors)
    if one is part.factors[0] and other is part.factors[1]:
        return part
    return scale.product(one, other, (one.joints | other.joints) - part.joints)


def opened(
    parts: list[Part], most: int, factors_of: Callable[[Part], tuple[Part, ...]]
) -> list[Part]:
    """Take the part whose last step is dearest apart, until there are enough parts."""
    found = {number: (part, factors_of(part)) for number, part in enumerate(parts)}
    following = len(parts)
    costs = {number: _last_cost(*entry) for number, entry in found.items()}
    while len(found) < most:
        number = max(costs, key=costs.__getitem__)
        if costs.pop(number) < 0:
            break
        for factor in found.pop(number)[1]:
            found[following] = factor, factors_of(factor)
            costs[following] = _last_cost(*found[following])
            following += 1
    return [part for part, _ in found.values()]


def _last_cost(part: Part, factors: tuple[Part, ...]) -> float:
    return part.cost - sum(factor.cost for factor in factors) if factors else -1.0
