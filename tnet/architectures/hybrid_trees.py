"""Hybrid trees: windows of one tree or another, chosen between one common window and the next."""

import itertools
from collections.abc import Collection, Iterator

from tnet.geometry.mode_tree import ModeTree, Nested

Modes = frozenset[int]
Members = dict[Modes, list[Modes]]


def windows_by_modes(tree: ModeTree) -> dict[Modes, int]:
    """Return the node number of every window by the modes under it.

    Examples
    --------
    >>> found = windows_by_modes(ModeTree.from_nested(((0, 1), 2)))
    >>> {tuple(sorted(modes)): node for modes, node in found.items()}
    {(0, 1): 3, (0, 1, 2): 4}
    """
    return {modes: tree.n_modes + place for place, modes in enumerate(_modes(tree)[tree.n_modes :])}


def hybrid_trees(
    first: ModeTree, second: ModeTree, mixture: Collection[Modes]
) -> Iterator[ModeTree]:
    """Yield every tree that takes its windows from either tree between mixture nodes.

    Parameters
    ----------
    first, second : ModeTree
        Over the same modes, without windows of one.
    mixture : collection of frozenset of int
        Windows of both trees, by the modes under them. The root is always one.

    Yields
    ------
    ModeTree
        Each once: two choices at every mixture node between which and the next ones the two
        trees differ.

    Examples
    --------
    >>> trees = [ModeTree.from_nested(n) for n in (((0, 1), (2, 3)), ((0, 2), (1, 3)))]
    >>> len(list(hybrid_trees(*trees, [])))
    2
    """
    members = _members(first), _members(second)
    root = frozenset(range(first.n_modes))
    places = sorted({root, *mixture}, key=lambda modes: (-len(modes), sorted(modes)))
    free = [
        place
        for place in places
        if _segment(place, members[0], mixture) != _segment(place, members[1], mixture)
    ]
    for chosen in itertools.product(members, repeat=len(free)):
        taken = dict.fromkeys(places, members[0]) | dict(zip(free, chosen, strict=True))
        yield ModeTree.from_nested(_nested(root, taken))


def _modes(tree: ModeTree) -> list[Modes]:
    """Modes under every node, by node number."""
    modes: list[set[int]] = [{mode} for mode in range(tree.n_modes)]
    modes += [set() for _ in tree.parent[tree.n_modes :]]
    for node, parent in enumerate(tree.parent[:-1].tolist()):
        modes[parent] |= modes[node]
    return [frozenset(under) for under in modes]


def _members(tree: ModeTree) -> Members:
    """Members of every window, all by the modes under them."""
    modes = _modes(tree)
    members: Members = {}
    for node, parent in enumerate(tree.parent[:-1].tolist()):
        members.setdefault(modes[parent], []).append(modes[node])
    return members


def _segment(place: Modes, members: Members, mixture: Collection[Modes]) -> frozenset[Modes]:
    """Windows below `place`, down to the next mixture nodes."""
    found: set[Modes] = set()
    left = list(members[place])
    while left:
        modes = left.pop()
        found.add(modes)
        if modes not in mixture:
            left += members.get(modes, [])
    return frozenset(found)


def _nested(root: Modes, taken: dict[Modes, Members]) -> Nested:
    """Nested tree under `root`; below a mixture node, windows of the tree that it took."""
    members = {root: taken[root]}
    inside: dict[Modes, list[Modes]] = {}
    left = [root]
    while left:
        modes = left.pop()
        inside[modes] = members[modes][modes]
        for member in inside[modes]:
            members[member] = taken.get(member, members[modes])
            left += [member] if len(member) > 1 else []
    # By size, so that what a window holds is there before it, whatever the depth.
    nested: dict[Modes, Nested] = {}
    for modes in sorted(inside, key=len):
        nested[modes] = tuple(nested.get(member, min(member)) for member in inside[modes])
    return nested[root]
