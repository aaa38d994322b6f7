"""`ModeTree`: nested sets of modes, as one array of parents."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import GeometryError

Nested: TypeAlias = int | Sequence[Any]
"""A mode number, or a window: a sequence of modes and windows."""

_SHOWN_NESTED = 40
_SHOWN_LEVELS = 24


@dataclass(frozen=True, eq=False, repr=False)
class ModeTree:
    """A rooted tree over the modes: each inner node is a window that joins its children.

    Nodes ``0..n_modes-1`` are the modes; the windows follow, in the order of their level. The
    level of a window is its height above the leaves: windows of modes alone have level 0.

    Parameters
    ----------
    parent : array of int, shape (n_nodes,)
        Parent of each node; -1 at the root, which is the last node.
    n_modes : int
        Number of modes.

    Raises
    ------
    GeometryError
        If the array does not describe one such tree.

    Examples
    --------
    >>> import tnet
    >>> tree = tnet.ModeTree.from_nested(((0, 1), 2))
    >>> tree.n_levels, tree.parent.tolist()
    (2, [3, 3, 4, 4, -1])
    >>> tree
    ModeTree(((0, 1), 2))
    """

    parent: NDArray[np.int32]
    n_modes: int

    def __post_init__(self) -> None:
        given = np.asarray(self.parent)
        if given.dtype.kind not in "iu" or given.ndim != 1:
            raise GeometryError(
                f"parent must be an integer array of one axis; got dtype {given.dtype} and shape "
                f"{given.shape}"
            )
        parent = np.array(given, dtype=np.int32)
        n_nodes = len(parent)
        if not 1 <= self.n_modes <= n_nodes or parent[-1] != -1:
            raise GeometryError(
                "a mode tree has at least one mode, and its root, the last node, has parent -1; "
                f"got {self.n_modes} modes and parents that end in {parent[-3:].tolist()}"
            )
        nodes = np.arange(n_nodes - 1, dtype=np.int32)
        bad = (parent[:-1] <= nodes) | (parent[:-1] >= n_nodes) | (parent[:-1] < self.n_modes)
        if bad.any():
            node = int(np.argmax(bad))
            raise GeometryError(
                f"node {node} has parent {parent[node]}; a parent is a window "
                f"({self.n_modes}..{n_nodes - 1}) with a larger number than its child: renumber "
                "the windows"
            )
        has_child = np.zeros(n_nodes, dtype=bool)
        has_child[parent[:-1]] = True
        empty = np.nonzero(~has_child[self.n_modes :])[0]
        if len(empty):
            raise GeometryError(f"window {self.n_modes + int(empty[0])} has no child; remove it")
        parent.flags.writeable = False
        object.__setattr__(self, "parent", parent)
        if np.any(np.diff(self.level) < 0):
            window = self.n_modes + int(np.argmax(np.diff(self.level[self.n_modes :]) < 0))
            raise GeometryError(
                f"window {window} is of a higher level than window {window + 1}; number windows in "
                "the order of their level"
            )

    @classmethod
    def from_nested(cls, nested: Nested) -> "ModeTree":
        """Read a tree from nested sequences of mode numbers.

        Parameters
        ----------
        nested : int or nested sequences of int
            ``((0, 1), 2)`` joins modes 0 and 1 first, then 2. Every mode 0..N-1 occurs once. The
            order of the members of a window has no meaning.

        Returns
        -------
        ModeTree

        Raises
        ------
        GeometryError
            If a mode is missing, repeated or not a number, or a window is empty.
        """
        modes, windows = _flatten(nested)
        n_modes = len(modes)
        counts = Counter(modes)
        if any(mode not in counts for mode in range(n_modes)):
            twice = [mode for mode, count in counts.items() if count > 1]
            missing = next(mode for mode in range(n_modes) if mode not in counts)
            fault = f"mode {twice[0]} is there twice" if twice else f"mode {missing} is missing"
            raise GeometryError(
                f"a mode tree holds every mode 0..N-1 once; {fault} among {n_modes} modes: list it "
                "once"
            )
        heights, smallest = _heights(windows)
        # Windows by level, and within a level by their smallest mode.
        ranked = sorted(range(len(windows)), key=lambda w: (heights[w], smallest[w]))
        number = {window: n_modes + place for place, window in enumerate(ranked)}
        parent = np.full(n_modes + len(windows), -1, dtype=np.int32)
        for window, members in enumerate(windows):
            for kind, which in members:
                parent[which if kind == "mode" else number[which]] = number[window]
        return cls(parent, n_modes)

    @classmethod
    def from_levels(cls, windows: Iterable[ArrayLike]) -> "ModeTree":
        """Build a tree from the window that every node of each level joins.

        Parameters
        ----------
        windows : iterable of int arrays
            Entry ``l`` gives, for every node of the level below, the number of its window at
            level ``l``, counted from 0. The last level has one window.

        Returns
        -------
        ModeTree
        """
        levels = [np.asarray(level, dtype=np.int32) for level in windows]
        if not levels:
            return cls(np.array([-1], dtype=np.int32), 1)
        first = np.cumsum([len(level) for level in levels])
        parts = [level + np.int32(start) for level, start in zip(levels, first, strict=True)]
        return cls(np.concatenate([*parts, np.array([-1], np.int32)]), len(levels[0]))

    @cached_property
    def level(self) -> NDArray[np.int32]:
        """Level of every node, shape (n_nodes,): -1 at modes, else height above the leaves."""
        level = np.full(len(self.parent), -1, dtype=np.int32)
        waiting = np.bincount(self.parent[:-1], minlength=len(level))
        ready = np.arange(self.n_modes)
        height = -1
        while len(ready):
            level[ready] = height
            parents = self.parent[ready]
            windows, joined = np.unique(parents[parents >= 0], return_counts=True)
            waiting[windows] -= joined
            # A window is ready one round after the last of its children.
            ready = windows[waiting[windows] == 0]
            height += 1
        return level

    @property
    def n_levels(self) -> int:
        """Number of levels of windows, L; 0 for a single mode that no window holds."""
        return int(self.level[-1]) + 1

    @cached_property
    def level_start(self) -> tuple[int, ...]:
        """First node of level -1 (the modes), of level 0, ..., and the number of nodes."""
        edges = np.arange(-1, self.n_levels + 1)
        return tuple(int(start) for start in np.searchsorted(self.level, edges))

    def windows_at(self, level: int) -> int:
        """Return the number of windows at `level`."""
        return self.level_start[level + 2] - self.level_start[level + 1]

    def relabelled(self, modes: ArrayLike) -> "ModeTree":
        """Return the tree with mode ``modes[i]`` in the place of mode i.

        Parameters
        ----------
        modes : array of int, shape (n_modes,)
            A permutation.

        Raises
        ------
        GeometryError
            If `modes` is not a permutation of the modes.
        """
        places = np.asarray(modes)
        if not np.array_equal(np.sort(places, axis=None), np.arange(self.n_modes)):
            raise GeometryError(
                f"modes must list each of 0..{self.n_modes - 1} once; got an array of shape "
                f"{places.shape} that does not"
            )
        parent = self.parent.copy()
        parent[places] = self.parent[: self.n_modes]
        return ModeTree(_renumbered(parent, self.level_start), self.n_modes)

    def to_nested(self) -> Nested:
        """Return the tree as nested tuples, the members of each window by their smallest mode."""
        parts: list[tuple[int, Nested]] = [(mode, mode) for mode in range(self.n_modes)]
        members: list[list[tuple[int, Nested]]] = [[] for _ in self.parent]
        for node, parent in enumerate(self.parent.tolist()):
            if node >= self.n_modes:
                inside = sorted(members[node], key=lambda member: member[0])
                parts.append((inside[0][0], tuple(nested for _, nested in inside)))
            if parent >= 0:
                members[parent].append(parts[node])
        return parts[-1][1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ModeTree):
            return NotImplemented
        return self.n_modes == other.n_modes and np.array_equal(self.parent, other.parent)

    def __hash__(self) -> int:
        return hash((self.n_modes, self.parent.tobytes()))

    def __reduce__(self) -> tuple[Any, ...]:
        # Made afresh, so that a copy is read-only too.
        return ModeTree, (self.parent, self.n_modes)

    def __repr__(self) -> str:
        if len(self.parent) <= 2 * _SHOWN_NESTED:
            return f"ModeTree({self.to_nested()})"
        return f"<ModeTree: {self.n_modes:,} modes, windows by level {self.levels_text()}>"

    def levels_text(self) -> str:
        """Write the number of windows of every level, the first levels of many."""
        shown = [
            f"{self.windows_at(level):,}" for level in range(min(self.n_levels, _SHOWN_LEVELS))
        ]
        if self.n_levels > _SHOWN_LEVELS:
            shown += [f"... {self.n_levels - _SHOWN_LEVELS - 1:,} more levels ...", "1"]
        return " > ".join(shown)


def _renumbered(parent: NDArray[np.int32], level_start: tuple[int, ...]) -> NDArray[np.int32]:
    """Number the windows of each level by their smallest mode, as `ModeTree.from_nested` does."""
    smallest = np.full(len(parent), len(parent), dtype=np.int32)
    smallest[: level_start[1]] = np.arange(level_start[1])
    number = np.arange(len(parent), dtype=np.int32)
    for start, end in itertools.pairwise(level_start):
        number[start:end][np.argsort(smallest[start:end], kind="stable")] = np.arange(start, end)
        below = parent[start:end] >= 0
        np.minimum.at(smallest, parent[start:end][below], smallest[start:end][below])
    renumbered = np.full(len(parent), -1, dtype=np.int32)
    renumbered[number[:-1]] = number[parent[:-1]]
    return renumbered


def _flatten(nested: Nested) -> tuple[list[int], list[list[tuple[str, int]]]]:
    """List the modes, and the members of each window, every window after those inside it."""
    modes: list[int] = []
    windows: list[list[tuple[str, int]]] = []

    def is_mode(item: object) -> TypeGuard[int]:
        return isinstance(item, int | np.integer) and not isinstance(item, bool)

    if is_mode(nested):
        return [int(nested)], []
    # An explicit stack of (window, members still to read, members read): any depth is legal.
    stack: list[tuple[Any, Any, list[tuple[str, int]]]] = []

    def enter(window: Any) -> None:
        if isinstance(window, str) or not isinstance(window, Sequence) or not len(window):
            raise GeometryError(
                f"a mode tree is made of mode numbers and non-empty sequences; got {window!r}"
            )
        stack.append((window, iter(window), []))

    enter(nested)
    while stack:
        _, members, read = stack[-1]
        for item in members:
            if not is_mode(item):
                enter(item)
                break
            if item < 0:
                raise GeometryError(f"mode numbers start at 0; got {item}")
            modes.append(int(item))
            read.append(("mode", int(item)))
        else:
            stack.pop()
            windows.append(read)
            if stack:
                stack[-1][2].append(("window", len(windows) - 1))
    return modes, windows


def _heights(windows: list[list[tuple[str, int]]]) -> tuple[list[int], list[int]]:
    """Height above the leaves, and smallest mode, of every window."""
    heights: list[int] = []
    smallest: list[int] = []
    for members in windows:
        inner = [which for kind, which in members if kind == "window"]
        heights.append(max((heights[window] for window in inner), default=-1) + 1)
        smallest.append(
            min(which if kind == "mode" else smallest[which] for kind, which in members)
        )
    return heights, smallest
