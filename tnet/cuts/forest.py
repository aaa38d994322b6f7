"""Least cut of a forest by a two-state programme, level by level, in exact integers.

Every tensor stands on side A or B. Root each tree at a tensor, and for a subtree let f(s) be the
least product of dims cut inside it when its top tensor stands on side s. All that the rest of
the tree needs is the ratio f(A) / f(B): an index of cost c, its children i below and the tensor
above on side A, is either uncut, at prod_i f_i(A), or cut, at c * prod_i min(f_i(A), f_i(B)), so
it joins if prod_i max(f_i(A) / f_i(B), 1) < c. These ratios lie between 1/c and c, so they stay
short where the products themselves have a million digits.
"""

from dataclasses import dataclass

import numpy as np

from tnet.cuts.crossing import Flags
from tnet.cuts.deep_forest import deep_forest_sides
from tnet.cuts.ratios import Integers, Ratios, integers, log2_of, times
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest
from tnet.network.runs import Runs

_NODES_PER_LEVEL = 140
"""On average; with fewer, a loop over nodes is faster than array operations by level."""

_MARGIN = 1.0
"""Bits by which a rounded log2 must exceed another before it decides alone."""


@dataclass(slots=True)
class _Decisions:
    """What the way up leaves for the way down, by position in breadth-first order."""

    joins_a: Flags
    joins_b: Flags
    prefers_a: Flags
    prefers_b: Flags


def forest_sides(network: TensorNetwork, forest: Forest, side_a: Flags) -> Flags:
    """Say for every tensor whether it stands on side A in a least cut.

    Parameters
    ----------
    network : TensorNetwork
        A forest, its outputs left out.
    forest : Forest
        Its rooting.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.

    Returns
    -------
    ndarray of bool, shape (n_tensors,)
        True on side A. Among equal cuts, indices nearer the root are cut.
    """
    cost_of_group = [group.dim**group.multiplicity for group in network.index_groups]
    excluded = _terminals(network, side_a)
    n_nodes = len(forest.order)
    if n_nodes < _NODES_PER_LEVEL * forest.n_levels:
        cost_of = [cost_of_group[number] for number in network.group_of_index.tolist()]
        return deep_forest_sides(network.n_tensors, forest, cost_of, excluded)
    costs = integers(cost_of_group)
    decisions = _Decisions(*(np.zeros(n_nodes, dtype=bool) for _ in range(4)))
    below = Ratios(np.ones(0, dtype=np.int64), np.ones(0, dtype=np.int64))
    for depth in range(forest.n_levels - 1, -1, -1):
        here = forest.level(depth)
        children = forest.children[depth]
        if depth % 2 == 0:
            below = below.product_over(children)
            decisions.prefers_a[here] = below.over < below.under
            decisions.prefers_b[here] = below.over > below.under
        else:
            indices = forest.order[here] - network.n_tensors
            cost = costs[network.group_of_index[indices]]
            not_a, not_b = excluded[0][indices], excluded[1][indices]
            a, decisions.joins_a[here] = _forced(below, children, cost, not_a)
            b, decisions.joins_b[here] = _forced(below.inverse(), children, cost, not_b)
            below = a.divided_by(b)
    on_a = _descend(forest, decisions)
    tensors = forest.order < network.n_tensors
    sides = np.zeros(network.n_tensors, dtype=bool)
    sides[forest.order[tensors]] = on_a[tensors]
    return sides


def _terminals(network: TensorNetwork, side_a: Flags) -> tuple[Flags, Flags]:
    """Mark the indices that read side B, which cannot join A, and those that read side A."""
    reads = side_a[network.input_modes]
    not_a, not_b = (np.zeros(network.n_indices, dtype=bool) for _ in range(2))
    not_a[network.inputs[~reads]] = True
    not_b[network.inputs[reads]] = True
    return not_a, not_b


def _forced(below: Ratios, children: Runs, cost: Integers, excluded: Flags) -> tuple[Ratios, Flags]:
    """Price of a side at each index, over the children's free choice, and whether it joins."""
    extra = below.above_one()
    dear = excluded
    if not children.n_children:
        price = Ratios(np.ones_like(cost), np.ones_like(cost))
    elif extra.fits(children):
        price = extra.short_product_over(children)
    else:
        # What is certainly too dear by its rounded log2 is not multiplied out.
        bits = children.sums(extra.log2())
        dear = excluded | (bits > log2_of(cost) + _MARGIN)
        price = extra.kept_where(children.spread(~dear)).product_over(children)
    limit = times(cost, price.under)
    # At equal price the index itself is cut: fewer, and nearer the root.
    joins = ~dear & ((price.over < limit) | (price.over == price.under))
    return Ratios(np.where(joins, price.over, cost), np.where(joins, price.under, 1)), joins


def _descend(forest: Forest, decisions: _Decisions) -> Flags:
    """Choose sides from the roots down; an index passes on the side of the tensor above it."""
    on_a = np.zeros(len(forest.order), dtype=bool)
    joined = np.zeros(len(forest.order), dtype=bool)
    for depth in range(forest.n_levels):
        here = forest.level(depth)
        parent = forest.parent[here]
        inherited = on_a[parent] if depth else np.zeros(here.stop, dtype=bool)
        if depth % 2:
            on_a[here] = inherited
            joined[here] = np.where(inherited, decisions.joins_a[here], decisions.joins_b[here])
            continue
        prefers_a, prefers_b = decisions.prefers_a[here], decisions.prefers_b[here]
        follows = joined[parent] if depth else np.zeros(here.stop, dtype=bool)
        free = np.where(inherited, ~prefers_b, prefers_a)
        on_a[here] = np.where(follows, inherited, free)
    return on_a
