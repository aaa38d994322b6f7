"""For every kind of subtree of a rooted forest, an order that merges it into one."""

import heapq
from collections.abc import Callable
from math import isfinite

from tnet.contraction.chain_order import chain_splits
from tnet.contraction.few_parts import cheapest_product
from tnet.contraction.forest_tree import RootedForest
from tnet.contraction.local_search import gained, greedy_product, growth, opened, reworked
from tnet.contraction.parts import NONE, Nodes, Part, Scale, moved

_MOST_PARTS = 8
"""Parts of which all orders are tried."""

_MOST_SEARCHED = 40
"""Parts to which the latest intermediates are taken apart."""

_MOST_REWORKED = 3
"""Orders, of those found for a kind, that are looked at step by step."""

_SCORES = (gained(0.5), gained(1.0), gained(2.0), growth)

_MOST_WRITTEN = 64
"""A whole of more products is not opened up again."""


class SubtreeOrders:
    """Orders for the kinds of subtrees, made from the leaves up.

    Parameters
    ----------
    forest : RootedForest
        Operands and joining indices.
    scale : Scale
        Dims.

    Attributes
    ----------
    example : dict of int to int
        An operand of each kind; the order of the kind is written below it.
    order : dict of int to Part
        By kind.

    Notes
    -----
    A subtree passes one message to its parent. The messages that arrive at an index are
    multiplied, smallest first, and what arrived at an operand is multiplied into it, in the order
    that neighbours in it cannot better by changing places [1]_. Runs of matrices are multiplied
    as matrix chains. Then a few of the latest intermediates are taken apart, and put together in
    the order that is best of all.

    References
    ----------
    .. [1] Ibaraki and Kameda. On the optimal nesting order for computing N-relational joins.
       ACM Transactions on Database Systems 9 (1984).
    """

    def __init__(self, forest: RootedForest, scale: Scale) -> None:
        self.forest = forest
        self.scale = scale
        self.example: dict[int, int] = {}
        self.order: dict[int, Part] = {}

    def add(self, operand: int, *, visits: int) -> None:
        """Find the order of the kind of `operand`; kinds below it that it uses are known."""
        kind = self.forest.kind[operand]
        run = self.run(operand)
        found = self._along(run) if len(run) > 1 else self._absorbed(operand)
        if visits:
            found = self._improved(operand, found, visits)
        self.example[kind], self.order[kind] = operand, found

    def run(self, operand: int) -> list[int]:
        """Return matrices that lead down from an operand by bonds; itself first."""
        forest = self.forest
        run = [operand]
        if operand in forest.common or forest.loose_log2[operand] is not None:
            return run
        joints = forest.below(operand)
        while len(joints) == 1 and len(below := forest.below(joints[0])) == 1:
            if not forest.is_matrix(below[0]):
                break
            run.append(below[0])
            joints = forest.below(below[0])
        return run

    def bare(self, operand: int) -> Part:
        """Return an operand as a part."""
        forest = self.forest
        joints = forest.below(operand)
        if forest.parent[operand] >= 0:
            joints = [*joints, forest.parent[operand]]
        return Part(
            operand,
            False,
            (),
            frozenset(joints),
            forest.common.get(operand, NONE),
            forest.open_log2[operand],
            forest.loose_log2[operand],
        )

    def whole(self, operand: int) -> Part:
        """Return all below an operand as a part."""
        made = self.order[self.forest.kind[operand]]
        if not made.factors:
            return self.bare(operand)
        up = frozenset((self.forest.parent[operand],))
        return Part(operand, True, (), up, made.common, made.open_log2, None, made.cost)

    def _arrived(self, joint: int) -> Part:
        """Multiply what arrives at an index from below, smallest first."""
        parts = [self.whole(operand) for operand in self.forest.below(joint)]
        if len(parts) == 1:
            return parts[0]
        size, product = self.scale.size, self.scale.product
        waiting = [(size(part), number) for number, part in enumerate(parts)]
        heapq.heapify(waiting)
        while len(waiting) > 1:
            (_, one), (_, other) = heapq.heappop(waiting), heapq.heappop(waiting)
            parts.append(product(parts[one], parts[other], NONE))
            heapq.heappush(waiting, (size(parts[-1]), len(parts) - 1))
        return parts[-1]

    def _absorbed(self, operand: int) -> Part:
        """Multiply what arrived at the indices below an operand into it."""
        part, joint_log2 = self.bare(operand), self.scale.joint
        arrived = [(self._arrived(joint), joint) for joint in self.forest.below(operand)]
        if len(arrived) > 1:
            # The batch is multiplied in once, so it is put off; it does not change the order.
            arrived.sort(
                key=lambda pair: (
                    bool(pair[0].common),
                    2.0 ** -joint_log2[pair[1]] - 2.0 ** -pair[0].open_log2,
                )
            )
        for message, joint in arrived:
            part = self.scale.product(message, part, frozenset((joint,)))
        return part

    def _along(self, run: list[int]) -> Part:
        """Multiply a run of matrices and what arrives at its lower end."""
        scale, joints = self.scale, [self.forest.below(operand)[0] for operand in run]
        end = self._arrived(joints[-1])
        parts = [end, *(self.bare(operand) for operand in reversed(run))]
        sizes = [scale.size(end) - scale.joint[joints[-1]]]
        sizes += [scale.joint[joint] for joint in reversed(joints)]
        sizes.append(scale.size(parts[-1]) - scale.joint[joints[0]])
        # Only ratios count, so what is beyond the range of floats is scaled down.
        top = max(sizes) - 300.0 if max(sizes) > 300.0 else 0.0
        splits = chain_splits([2.0 ** max(log2 - top, -300.0) for log2 in sizes])
        made = {(i, i + 1): part for i, part in enumerate(parts)}
        for first, last in sorted(splits, key=lambda block: block[1] - block[0]):
            split = splits[first, last]
            joint = frozenset((joints[len(joints) - split],))
            made[first, last] = scale.product(made[first, split], made[split, last], joint)
        return made[0, len(parts)]

    def _improved(self, operand: int, found: Part, visits: int) -> Part:
        """Take the latest steps apart, and put them together in other orders."""
        if not isfinite(found.cost) or not found.factors:
            return found
        above = self.forest.parent[operand]
        kept: Nodes = frozenset((above,)) if above >= 0 else NONE
        parts = opened(list(found.factors), _MOST_SEARCHED, self._factors)
        ways = [found]
        if len(parts) > 2:
            ways += [greedy_product(parts, kept, self.scale, score) for score in _SCORES]
        few = opened(list(found.factors), _MOST_PARTS, self._factors)
        ways.append(cheapest_product(few, kept, self.scale, found))
        ways.sort(key=lambda way: way.cost)
        ways = [reworked(way, self.scale, _MOST_PARTS, visits) for way in ways[:_MOST_REWORKED]]
        return min(ways, key=lambda way: way.cost)

    def _factors(self, part: Part) -> tuple[Part, ...]:
        if not part.whole:
            return part.factors
        if self.order[self.forest.kind[part.node]].products > _MOST_WRITTEN:
            return ()
        kind = self.forest.kind[part.node]
        place_of = places(self.forest, self.example[kind], part.node)
        return tuple(moved(factor, place_of) for factor in self.order[kind].factors)


def places(forest: RootedForest, example: int, operand: int) -> Callable[[int], int]:
    """Return the map from the nodes at and below an example to those of an operand of its kind."""
    known = {example: operand, forest.parent[example]: forest.parent[operand]}
    parent, children, starts, slot = forest.parent, forest.children, forest.starts, forest.slot

    def place_of(node: int) -> int:
        passed = []
        while node not in known:
            passed.append(node)
            node = parent[node]
        while passed:
            node = passed.pop()
            known[node] = children[starts[known[parent[node]]] + slot[node]]
        return known[node]

    return place_of
