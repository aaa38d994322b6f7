"""The two-state programme of `tnet.cuts.forest`, node by node: for chains and other deep trees.

A chain of n tensors has 2n levels of a node or two. There a loop over nodes in Python integers
is many times faster than array operations by level, and decides the same comparisons.
"""

import math

import numpy as np

from tnet.cuts.crossing import Flags
from tnet.network.groups import Ids
from tnet.network.rooting import Forest

Ratio = tuple[int, int]
"""Over and under, in lowest terms."""

_ONE: Ratio = (1, 1)


def deep_forest_sides(
    n_tensors: int, forest: Forest, cost_of: list[int], excluded: tuple[Flags, Flags]
) -> Flags:
    """Say for every tensor whether it stands on side A in a least cut.

    Parameters
    ----------
    n_tensors : int
        Nodes from here on are indices.
    forest : Forest
        The rooting.
    cost_of : list of int
        Cost of every index.
    excluded : tuple of two bool arrays, shape (n_indices,)
        Indices that cannot join side A, and side B: they read the other.

    Returns
    -------
    ndarray of bool, shape (n_tensors,)
        True on side A; the same choice among equal cuts as `forest_sides`.
    """
    order, parent = forest.order.tolist(), forest.parent.tolist()
    barred = [flags.tolist() for flags in excluded]
    # By position: ratio f(A) / f(B) of a tensor; price of joining A and B of an index, None once
    # it exceeds the cost, which no further factor can mend.
    ratio: list[Ratio] = [_ONE] * len(order)
    prices: tuple[list[Ratio | None], list[Ratio | None]] = (
        [_ONE] * len(order),
        [_ONE] * len(order),
    )
    joins = ([False] * len(order), [False] * len(order))
    for position in range(len(order) - 1, -1, -1):
        node, above = order[position], parent[position]
        if node < n_tensors:
            over, under = ratio[position]
            if above >= 0 and over != under:
                side = 0 if over > under else 1
                dear, cheap = (over, under) if over > under else (under, over)
                cost = cost_of[order[above] - n_tensors]
                prices[side][above] = _raised(prices[side][above], dear, cheap, cost)
            continue
        index = node - n_tensors
        forced: list[Ratio] = []
        for side in (0, 1):
            price = None if barred[side][index] else prices[side][position]
            joins[side][position] = price is not None and _joins(price, cost_of[index])
            kept = price if price is not None and joins[side][position] else (cost_of[index], 1)
            forced.append(kept)
        (a_over, a_under), (b_over, b_under) = forced
        ratio[above] = _times(ratio[above], a_over * b_under, a_under * b_over)
    return _descended(order, parent, n_tensors, ratio, joins)


def _times(ratio: Ratio, over: int, under: int) -> Ratio:
    over, under = ratio[0] * over, ratio[1] * under
    common = math.gcd(over, under)
    return over // common, under // common


def _raised(price: Ratio | None, over: int, under: int, cost: int) -> Ratio | None:
    if price is None:
        return None
    raised = _times(price, over, under)
    return None if raised[0] > cost * raised[1] else raised


def _joins(price: Ratio, cost: int) -> bool:
    """At equal price the index itself is cut, unless nothing need be."""
    return price == _ONE or price[0] < cost * price[1]


def _descended(
    order: list[int],
    parent: list[int],
    n_tensors: int,
    ratio: list[Ratio],
    joins: tuple[list[bool], list[bool]],
) -> Flags:
    on_a = [False] * len(order)
    joined = [False] * len(order)
    for position, node in enumerate(order):
        above = parent[position]
        inherited = above >= 0 and on_a[above]
        if node >= n_tensors:
            on_a[position] = inherited
            joined[position] = joins[0 if inherited else 1][position]
        elif above >= 0 and joined[above]:
            on_a[position] = inherited
        else:
            over, under = ratio[position]
            on_a[position] = over < under or (over == under and inherited)
    nodes: Ids = np.array(order, dtype=np.int32)
    tensors = nodes < n_tensors
    sides = np.zeros(n_tensors, dtype=bool)
    sides[nodes[tensors]] = np.array(on_a, dtype=bool)[tensors]
    return sides
