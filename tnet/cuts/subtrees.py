"""Which subtrees of a forest are alike, so that a programme treats each kind once."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from tnet.network.rooting import Forest

Multiset = tuple[tuple[int, int], ...]
"""Kinds with how often each occurs, ascending."""


@dataclass(frozen=True, slots=True)
class Subtree:
    """A kind of subtree: its top node, and the kinds below it in no order.

    Attributes
    ----------
    label : hashable
        What matters of the index on top; None where a tensor is on top.
    children : tuple of (int, int)
        Numbers of the kinds below, each with how often it occurs.
    """

    label: Hashable
    children: Multiset


@dataclass(frozen=True, eq=False, slots=True)
class Subtrees:
    """The subtrees of a forest by kind.

    Attributes
    ----------
    kinds : tuple of Subtree
        Children before parents.
    kind_of : tuple of int
        Kind of the subtree under each position in breadth-first order.
    roots : tuple of (int, int)
        The kinds of whole trees, each with how often it occurs.
    """

    kinds: tuple[Subtree, ...]
    kind_of: tuple[int, ...]
    roots: Multiset


def kinds_of_subtrees(
    forest: Forest, n_tensors: int, label_of_index: Sequence[Hashable]
) -> Subtrees:
    """Number the kinds of subtrees of `forest`, in time linear in its nodes.

    Parameters
    ----------
    forest : Forest
        The rooting.
    n_tensors : int
        Nodes from here on are indices.
    label_of_index : sequence of hashable
        What distinguishes an index from others, by id; not None.

    Returns
    -------
    Subtrees
        Two subtrees are of one kind if reordering children makes them equal, labels included.
    """
    order, parent = forest.order.tolist(), forest.parent.tolist()
    below: list[list[int]] = [[] for _ in order]
    number_of: dict[Subtree, int] = {}
    kind_of = [0] * len(order)
    roots: list[int] = []
    for position in range(len(order) - 1, -1, -1):
        node = order[position]
        label = label_of_index[node - n_tensors] if node >= n_tensors else None
        kind = number_of.setdefault(Subtree(label, _multiset(below[position])), len(number_of))
        kind_of[position] = kind
        below[position] = []
        siblings = below[parent[position]] if parent[position] >= 0 else roots
        siblings.append(kind)
    return Subtrees(tuple(number_of), tuple(kind_of), _multiset(roots))


def canonical_positions(forest: Forest, subtrees: Subtrees) -> list[int]:
    """Positions depth first, parents before children, in an order that alike subtrees share."""
    children: list[list[int]] = [[] for _ in subtrees.kind_of]
    roots: list[int] = []
    for position, above in enumerate(forest.parent.tolist()):
        (children[above] if above >= 0 else roots).append(position)
    found: list[int] = []
    waiting = sorted(roots, key=subtrees.kind_of.__getitem__, reverse=True)
    while waiting:
        position = waiting.pop()
        found.append(position)
        waiting += sorted(children[position], key=subtrees.kind_of.__getitem__, reverse=True)
    return found


def _multiset(kinds: list[int]) -> Multiset:
    if len(kinds) == 1:
        return ((kinds[0], 1),)
    return tuple(sorted(Counter(kinds).items()))
