"""Networks over a mode tree: members of a window meet in one hyperedge, or in one full core."""

from collections.abc import Sequence

import numpy as np

from tnet.geometry.mode_tree import ModeTree
from tnet.network.groups import Ids, IndexGroup, Operator, TensorGroup
from tnet.network.model import TensorNetwork

Groups = tuple[list[IndexGroup], list[TensorGroup]]


def as_network(groups: Groups, shape: tuple[int, ...]) -> TensorNetwork:
    """Freeze groups into a network over inputs of `shape`, each read once."""
    indices, tensors = groups
    return TensorNetwork(tuple(indices), tuple(tensors), input_shape=shape)


def window_matrices(
    tree: ModeTree,
    *,
    features: int,
    widths: Sequence[int],
    shared: bool,
    operator: Operator,
    outputs: int | None = None,
) -> Groups:
    """Give every window a hyperedge, and every member a matrix that leads into it.

    Parameters
    ----------
    tree : ModeTree
        Which members the windows join.
    features : int
        Dim of the inputs.
    widths : sequence of int
        Dim of the hyperedges of every level; the root's left out if it is an output.
    shared : bool
        Whether a level has one array, or one per place in the window where the root is an output.
    operator : Operator
        How the hyperedges combine their members.
    outputs : int, optional
        Makes the root's hyperedge itself the output ``y`` of this dim, and tells the members of
        a window apart: groups ``conv{l}.tap{k}``.

    Returns
    -------
    list of IndexGroup
        ``x``, ``r{l}`` and perhaps ``y``; ids are the node numbers of the tree.
    list of TensorGroup
        ``conv{l}`` from the level below, ``conv{l}.from_x`` and ``conv{l}.from_r{k}`` from lower.
    """
    dims = list(widths) if outputs is None else [*widths, outputs]
    indices = [IndexGroup("x", features, tree.n_modes, role="input")]
    indices += [
        IndexGroup(f"r{level}", dim, tree.windows_at(level), "inner", operator)
        for level, dim in enumerate(dims)
    ]
    taps = None
    if outputs is not None:
        indices[-1] = IndexGroup("y", outputs, 1, "output", operator)
        taps = _places_in_windows(tree)
    tensors = []
    for level, members in enumerate(_members_by_level(tree)):
        for source in np.unique(tree.level[members])[::-1].tolist():
            found = members[tree.level[members] == source]
            name = f"conv{level}{_origin(source, level)}"
            parts = {name: found}
            if taps is not None:
                places = np.unique(taps[found]).tolist()
                parts = {f"{name}.tap{k}": found[taps[found] == k] for k in places}
            for part, nodes in parts.items():
                rows = np.stack([nodes, tree.parent[nodes]], axis=1)
                tensors.append(TensorGroup(part, rows, shared, layer=level, root_axis=1))
    return indices, tensors


def with_scores(groups: Groups, top: int, outputs: int) -> Groups:
    """Let `out` lead from index `top` to the scores ``y``; a single score has no index.

    Parameters
    ----------
    groups : pair of lists
        Index groups and tensor groups.
    top : int
        Id of the index that the scores are read from.
    outputs : int
        Number of scores.
    """
    indices, tensors = groups
    row = [top]
    if outputs > 1:
        row.append(sum(group.count for group in indices))
        indices = [*indices, IndexGroup("y", outputs, role="output")]
    out = TensorGroup(
        "out",
        np.array([row], dtype=np.int32),
        shared=True,
        layer=1 + max(group.layer for group in tensors),
        root_axis=1 if outputs > 1 else None,
    )
    return indices, [*tensors, out]


def window_cores(
    tree: ModeTree,
    *,
    features: int,
    frames: Sequence[int] | None,
    ranks: Sequence[int],
    shared: bool,
    outputs: int,
    operator: Operator,
) -> Groups:
    """Give every window one core over the legs of its members and its own leg to the root.

    Parameters
    ----------
    tree : ModeTree
        Which members the windows join.
    features : int
        Dim of the inputs.
    frames : sequence of int, optional
        Dims, by mode, of the legs behind a matrix per mode, the frame. Without it the cores take
        the inputs themselves.
    ranks : sequence of int
        Dim of the legs that leave the windows of every level below the root.
    shared : bool
        Whether all frames carry one array, and all cores alike of a level one. A single core's
        array has no count axis either way.
    outputs : int
        Number of scores; the root's core has a leg for them if they are several.
    operator : Operator
        What a core puts between its members.

    Returns
    -------
    list of IndexGroup
        ``x``, the frames' ``r0`` (``r0.{mode}`` if they differ in dim), the legs ``r{l+1}`` of
        the windows of level l, and ``y``.
    list of TensorGroup
        ``frame`` and ``core{l}``; where a level has windows of several kinds,
        ``core{l}.of_...`` lists the members' legs. Axes: members by node number, then the root.
    """
    n_modes = tree.n_modes
    indices = [IndexGroup("x", features, n_modes, role="input")]
    tensors: list[TensorGroup] = []
    leg = np.arange(len(tree.parent), dtype=np.int32)
    if frames is not None:
        modes = np.arange(n_modes, dtype=np.int32)
        leg += np.int32(n_modes)
        rows = np.stack([modes, leg[:n_modes]], axis=1)
        alike = len(set(frames)) == 1
        for suffix, part in [("", rows)] if alike else _one_by_one(rows):
            dim = frames[int(part[0, 0])]
            indices.append(IndexGroup(f"r0{suffix}", dim, len(part)))
            tensors.append(TensorGroup(f"frame{suffix}", part, shared, layer=0, root_axis=1))
    indices += [
        IndexGroup(f"r{level + 1}", rank, tree.windows_at(level))
        for level, rank in enumerate(ranks)
    ]
    if outputs > 1:
        indices.append(IndexGroup("y", outputs, role="output"))
    for level, members in enumerate(_members_by_level(tree)):
        is_root = level == tree.n_levels - 1
        for name, core_rows in _cores(tree, level, members, leg).items():
            scoreless = is_root and outputs == 1
            tensors.append(
                TensorGroup(
                    name,
                    core_rows[:, :-1] if scoreless else core_rows,
                    shared or len(core_rows) == 1,
                    layer=level + 1,
                    operator=operator,
                    root_axis=None if scoreless else core_rows.shape[1] - 1,
                )
            )
    return indices, tensors


def _one_by_one(rows: Ids) -> list[tuple[str, Ids]]:
    return [(f".{mode}", rows[mode : mode + 1]) for mode in range(len(rows))]


def _cores(tree: ModeTree, level: int, members: Ids, leg: Ids) -> dict[str, Ids]:
    """Legs of the windows of one level, members' first and the own last, by kind of window."""
    members = members[np.argsort(tree.parent[members], kind="stable")]
    windows, starts = np.unique(tree.parent[members], return_index=True)
    kinds: dict[tuple[int, ...], list[Ids]] = {}
    for window, inside in zip(windows, np.split(members, starts[1:].tolist()), strict=True):
        kind = tuple(tree.level[inside].tolist())
        kinds.setdefault(kind, []).append(leg[np.append(inside, window)])
    named = {}
    for kind, rows in kinds.items():
        origins = "_".join("x" if source < 0 else f"r{source + 1}" for source in kind)
        named[f"core{level}.of_{origins}" if len(kinds) > 1 else f"core{level}"] = np.stack(rows)
    return named


def _origin(source: int, level: int) -> str:
    if source == level - 1:
        return ""
    return ".from_x" if source == -1 else f".from_r{source}"


def _members_by_level(tree: ModeTree) -> list[Ids]:
    """Nodes whose parent is a window of each level, ascending."""
    level_of_parent = tree.level[tree.parent[:-1]]
    by_level = np.argsort(level_of_parent, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(level_of_parent, minlength=tree.n_levels))
    return np.split(by_level, ends[:-1])


def _places_in_windows(tree: ModeTree) -> Ids:
    """Which member of its window each node is, by node number."""
    parent = tree.parent[:-1]
    order = np.argsort(parent, kind="stable")
    sorted_parents = parent[order]
    first = np.searchsorted(sorted_parents, sorted_parents)
    places = np.zeros(len(parent), dtype=np.int32)
    places[order] = np.arange(len(parent)) - first
    return places
