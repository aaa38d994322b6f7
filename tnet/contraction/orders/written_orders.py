"""Orders of kinds of subtrees, written out for all the operands of a forest."""

from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from tnet.contraction.operands import Ids
from tnet.contraction.orders.forest_tree import RootedForest
from tnet.contraction.orders.parts import Part
from tnet.contraction.orders.paths import Pairs
from tnet.contraction.orders.subtree_orders import SubtreeOrders, places

_FEW_MEMBERS = 8


def written_out(orders: SubtreeOrders, tops: list[int]) -> tuple[Pairs, list[int]]:
    """Write the order of every kind out for all subtrees of that kind which are used.

    Parameters
    ----------
    orders : SubtreeOrders
        With the kinds of the tops, and of all that their orders use.
    tops : list of int
        Operands that are to be merged with all below them.

    Returns
    -------
    pairs : ndarray of int64, shape (n_steps, 2)
        Equal steps of subtrees that are alike follow each other.
    number : list of int
        By operand, the number of what all at and below it is merged into; of those that no step
        merges, their own.
    """
    forest = orders.forest
    result = np.arange(forest.n_operands)
    following = forest.n_operands
    chunks: list[Pairs] = [np.zeros((0, 2), dtype=np.int64)]
    few: list[tuple[int, int]] = []
    for use in reversed(_uses(orders, tops)):
        if isinstance(use.places, list):
            # For few subtrees plain numbers are faster than arrays.
            columns = [
                [int(result[node]) for node in places] if leaf.whole else places
                for leaf, places in zip(use.leaves, use.places, strict=True)
            ]
            for one, other in use.steps:
                few += zip(columns[one], columns[other], strict=True)
                columns.append([*range(following, following + len(use.members))])
                following += len(use.members)
            result[use.members] = columns[-1]
            continue
        found = _steps_of(use, use.places, result, following)
        chunks += [np.array(few, dtype=np.int64).reshape(-1, 2), found]
        few = []
        following += len(found)
        if use.steps:
            result[use.members] = np.arange(following - len(use.members), following)
    chunks.append(np.array(few, dtype=np.int64).reshape(-1, 2))
    return np.concatenate(chunks), result.tolist()


def _steps_of(use: "_Use", places: Ids, result: Ids, following: int) -> Pairs:
    """Pairs of all members, step by step."""
    whole = np.array([leaf.whole for leaf in use.leaves])
    leaves = np.where(whole[:, np.newaxis], result[places], places)
    made = np.arange(len(use.steps) * len(use.members)).reshape(-1, len(use.members))
    numbers = np.concatenate([leaves, following + made])
    steps = np.array(use.steps, dtype=np.int64).reshape(-1, 2)
    return np.stack([numbers[steps[:, 0]].ravel(), numbers[steps[:, 1]].ravel()], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Use:
    """The order of one kind, and where it is used.

    Attributes
    ----------
    members : list of int
        Operands at the top.
    leaves : list of Part
        What the order merges.
    steps : list of tuple of int
        Numbers of leaves, then of the results of earlier steps.
    places : list of list of int, or ndarray of int64, shape (n_leaves, n_members)
        The node of every leaf for every member; lists where there are few members.
    """

    members: list[int]
    leaves: list[Part]
    steps: list[tuple[int, int]]
    places: list[list[int]] | Ids


def _uses(orders: SubtreeOrders, tops: list[int]) -> list[_Use]:
    """From the tops down, find the subtrees of every kind, and the places of their parts."""
    forest, kinds = orders.forest, orders.forest.kind
    located = _Located(forest)
    wanted: dict[int, list[int]] = {}
    for top in tops:
        wanted.setdefault(kinds[top], []).append(top)
    uses = []
    for kind in sorted(orders.order, reverse=True):
        if kind not in wanted:
            continue
        members = sorted(wanted.pop(kind))
        leaves, steps = _flattened(orders.order[kind])
        places = located.places(orders.example[kind], members, [leaf.node for leaf in leaves])
        uses.append(_Use(members, leaves, steps, places))
        for leaf, at in zip(leaves, places, strict=True):
            if leaf.whole:
                found = at if isinstance(at, list) else at.tolist()
                wanted.setdefault(kinds[leaf.node], []).extend(found)
    return uses


class _Located:
    """Finds the nodes of many subtrees that are where the nodes of their example are."""

    def __init__(self, forest: RootedForest) -> None:
        self.forest = forest
        self.children, self.starts = np.array(forest.children), np.array(forest.starts)

    def places(self, example: int, members: list[int], nodes: list[int]) -> list[list[int]] | Ids:
        """For every node at or below the example, those of all members."""
        if members == [example]:
            return [[node] for node in nodes]
        if len(members) <= _FEW_MEMBERS:
            maps = [places(self.forest, example, member) for member in members]
            return [[place_of(node) for place_of in maps] for node in nodes]
        known = {example: np.array(members)}
        for node in nodes:
            for below in reversed(_way_up(node, known, self.forest.parent)):
                above = known[self.forest.parent[below]]
                known[below] = self.children[self.starts[above] + self.forest.slot[below]]
        return np.stack([known[node] for node in nodes])


def _way_up(node: int, known: Container[int], parent: list[int]) -> list[int]:
    """Return the nodes from `node` up to the first known one, without that."""
    passed = []
    while node not in known:
        passed.append(node)
        node = parent[node]
    return passed


def _flattened(part: Part) -> tuple[list[Part], list[tuple[int, int]]]:
    """Take a product apart; deep ones without recursion."""
    leaves: list[Part] = []
    steps: list[tuple[int, int]] = []
    done: list[int] = []
    waiting: list[tuple[Part, bool]] = [(part, False)]
    while waiting:
        now, ready = waiting.pop()
        if ready:
            other, one = done.pop(), done.pop()
            steps.append((one, other))
            done.append(-len(steps))
        elif now.factors:
            waiting += [(now, True), (now.factors[1], False), (now.factors[0], False)]
        else:
            done.append(len(leaves))
            leaves.append(now)
    n = len(leaves)
    return leaves, [
        (n - 1 - one if one < 0 else one, n - 1 - other if other < 0 else other)
        for one, other in steps
    ]
