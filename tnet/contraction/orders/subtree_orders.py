"""For every subtree of a rooted forest, an order that merges it into one."""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from math import isfinite

from tnet.contraction.orders.chain_order import LONGEST_SOLVED, chain_products
from tnet.contraction.orders.few_parts import cheapest_product
from tnet.contraction.orders.forest_tree import RootedForest
from tnet.contraction.orders.local_search import gained, greedy_product, growth, opened, reworked
from tnet.contraction.orders.parts import NONE, Nodes, Part, Scale, moved

_MOST_PARTS = 8
"""Parts of which all orders are tried."""

_MOST_SEARCHED = 20
"""Parts to which the latest intermediates are taken apart."""

_MOST_REWORKED = 3
"""Orders, of those found for a kind, that are looked at step by step."""

_SCORES = (gained(0.5), gained(1.0), gained(2.0), growth)

_MOST_WRITTEN = 64
"""A whole of more products is not opened up again."""

_FEW_OPERANDS = 12_000
_SOLVED_AMONG_MANY = 8
"""Matrices of a run up to which the best order is found where there may be very many runs."""


class Steps:
    """Pairs of operand numbers, one after the other in a flat list.

    Parameters
    ----------
    following : int
        Number of the first result.
    """

    def __init__(self, following: int) -> None:
        self.flat: list[int] = []
        self.following = following

    def merge(self, one: int, other: int) -> int:
        """Add a step, and return the number of its result."""
        self.flat += (one, other)
        self.following += 1
        return self.following - 1


class Messages:
    """Orders that pass messages from the leaves to the roots, as plain numbers.

    Parameters
    ----------
    forest : RootedForest
        Operands and joining indices.
    scale : Scale
        Dims.

    Attributes
    ----------
    open_log2 : list of float
        Size of the outputs at and below every node that no other operand has.
    common : list of frozenset of int
        Outputs at and below every node that several operands have.

    Notes
    -----
    A subtree passes one message to its parent. The messages that arrive at an index are
    multiplied, smallest first, and what arrived at an operand is multiplied into it, in the order
    that neighbours in it cannot better by changing places [1]_. Runs of matrices are multiplied
    as matrix chains.

    References
    ----------
    .. [1] Ibaraki and Kameda. On the optimal nesting order for computing N-relational joins.
       ACM Transactions on Database Systems 9 (1984).
    """

    def __init__(self, forest: RootedForest, scale: Scale) -> None:
        self.forest = forest
        self.scale = scale
        n_joints = len(forest.parent) - forest.n_operands
        self.open_log2 = [*forest.open_log2, *([0.0] * n_joints)]
        self.common = [NONE] * len(forest.parent)
        for operand, outputs in forest.common.items():
            self.common[operand] = outputs
        opened, common, parent = self.open_log2, self.common, forest.parent
        for node in reversed(forest.order):
            above = parent[node]
            if above >= 0:
                opened[above] += opened[node]
                common[above] = _union(common[above], common[node])
        many = forest.n_operands > _FEW_OPERANDS
        self._longest_solved = _SOLVED_AMONG_MANY if many else LONGEST_SOLVED

    def add(self, operand: int, number: Sequence[int], steps: Steps) -> int:
        """Merge all at and below an operand, and return the number of the result.

        Parameters
        ----------
        operand : int
            Not inside a run of matrices.
        number : sequence of int
            By operand, the number of what all at and below it is merged into; only those next
            below this operand, or below its run, are looked up.
        steps : Steps
            Gets the steps.
        """
        run = self.forest.run(operand)
        if len(run) > 1:
            return self._add_run(run, number, steps)
        joints = self.forest.below(operand)
        if len(joints) > 1:
            joints.sort(key=self._rank)
        made = operand
        for joint in joints:
            made = steps.merge(self._arrived(joint, number, steps), made)
        return made

    def is_solved(self, operand: int) -> bool:
        """Whether all at and below an operand is a chain short enough to be solved."""
        run, below = self.forest.run(operand), self.forest.next_below(operand)
        return (
            len(run) < self._longest_solved
            and len(run) > 1
            and len(below) == 1
            and not self.forest.below(below[0])
        )

    def _rank(self, joint: int) -> tuple[bool, float]:
        """Return by what the messages that an operand takes are sorted.

        The batch is multiplied in once, so it is put off; it does not change the order.
        """
        gain = 2.0 ** -self.scale.joint[joint] - 2.0 ** -self.open_log2[joint]
        return bool(self.common[joint]), gain

    def _message_log2(self, operand: int) -> float:
        """Size of a message, without the index that it arrives at."""
        forest, size = self.forest, self.open_log2[operand]
        if forest.starts[operand] == forest.starts[operand + 1]:
            size += forest.loose_log2[operand] or 0.0
        return size + self.scale.entries((), self.common[operand])

    def _arrived(self, joint: int, number: Sequence[int], steps: Steps) -> int:
        """Multiply what arrives at an index from below, smallest first."""
        below = self.forest.below(joint)
        if len(below) == 1:
            return number[below[0]]
        made = [number[operand] for operand in below]
        opened = [self.open_log2[operand] for operand in below]
        common = [self.common[operand] for operand in below]
        waiting = [(self._message_log2(operand), place) for place, operand in enumerate(below)]
        heapq.heapify(waiting)
        while len(waiting) > 1:
            (_, one), (_, other) = heapq.heappop(waiting), heapq.heappop(waiting)
            made.append(steps.merge(made[one], made[other]))
            opened.append(opened[one] + opened[other])
            common.append(_union(common[one], common[other]))
            size = opened[-1] + self.scale.entries((), common[-1])
            heapq.heappush(waiting, (size, len(made) - 1))
        return made[-1]

    def _add_run(self, run: list[int], number: Sequence[int], steps: Steps) -> int:
        """Multiply a run of matrices and what arrives at its lower end."""
        forest, joint_log2 = self.forest, self.scale.joint
        joints = [forest.children[forest.starts[operand]] for operand in reversed(run)]
        below = forest.below(joints[0])
        if len(below) == 1:
            end = self._message_log2(below[0])
        else:
            end = self.open_log2[joints[0]] + self.scale.entries((), self.common[joints[0]])
        top, above = forest.open_log2[run[0]], forest.parent[run[0]]
        if above >= 0:
            top += joint_log2[above]
        sizes = [end, *[joint_log2[joint] for joint in joints], top]
        # Only ratios count, so what is beyond the range of floats is scaled down.
        over = max(max(sizes) - 300.0, 0.0)
        dims = [2.0 ** max(log2 - over, -300.0) for log2 in sizes]
        # The latest product of all that begin at a matrix; factors are made before products.
        made = [self._arrived(joints[0], number, steps), *reversed(run)]
        for first, middle, _ in chain_products(dims, longest_solved=self._longest_solved):
            made[first] = steps.merge(made[first], made[middle])
        return made[0]


def _union(one: Nodes, other: Nodes) -> Nodes:
    """Unite two sets, most often one and the same or empty, without a new object."""
    if one is other or not other:
        return one
    return one | other if one else other


class SubtreeOrders:
    """Orders for the kinds of subtrees, searched from the leaves up.

    Parameters
    ----------
    messages : Messages
        The orders that a search starts from.

    Attributes
    ----------
    example : dict of int to int
        An operand of each kind; the order of the kind is written below it.
    order : dict of int to Part
        By kind; operands with nothing below them need none.

    Notes
    -----
    A few of the latest intermediates are taken apart, and put together in the order that is best
    of all.
    """

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self.forest = messages.forest
        self.scale = messages.scale
        self.example: dict[int, int] = {}
        self.order: dict[int, Part] = {}

    def add(self, operand: int, *, visits: int) -> None:
        """Find the order of the kind of `operand`; those of the operands below it are known."""
        kind, found = self.forest.kind[operand], self._passed(operand)
        if not self.messages.is_solved(operand):
            found = self._improved(operand, found, visits)
        self.example[kind], self.order[kind] = operand, found

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
        if not self.forest.below(operand):
            return self.bare(operand)
        made = self.order[self.forest.kind[operand]]
        up = frozenset((self.forest.parent[operand],))
        return Part(operand, True, (), up, made.common, made.open_log2, None, made.cost)

    def _passed(self, operand: int) -> Part:
        """Return the order of the messages as a part."""
        n, steps = self.forest.n_operands, Steps(self.forest.n_operands)
        last = self.messages.add(operand, range(n), steps)
        parts = {node: self.bare(node) for node in self.forest.run(operand)}
        parts |= {node: self.whole(node) for node in steps.flat if node < n and node not in parts}
        holders = Counter(joint for part in parts.values() for joint in part.joints)
        for step in range(len(steps.flat) // 2):
            one, other = (parts[node] for node in steps.flat[2 * step : 2 * step + 2])
            shared = one.joints & other.joints
            holders.subtract(shared)
            summed = frozenset([joint for joint in shared if holders[joint] == 1])
            parts[n + step] = self.scale.product(one, other, summed)
        return parts[last]

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
        # Ways of one cost are most often one way.
        distinct = sorted({way.cost: way for way in reversed(ways)}.items())[:_MOST_REWORKED]
        ways = [reworked(way, self.scale, _MOST_PARTS, visits) for _, way in distinct]
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
