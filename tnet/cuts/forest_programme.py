"""Layout of the batched two-state programme: which slabs of rows are added at which depth.

Nodes stand such that the first children of all parents are neighbours, then the second, and so
on: every sum over children adds whole slabs of rows, and where windows are alike nothing is
gathered.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.condensed import Condensed, Floats
from tnet.network.groups import Ids

Bound = float | NDArray[np.floating]
"""One for all nodes, or a column."""

_WORKING_SET = 2**22
"""Bytes for a block of partitions: in cache, and arrays long beside the cost of a call."""

_LARGEST_BLOCK = 2**13


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """What happens at one depth: branchings from the slabs of their children, then readings.

    Attributes
    ----------
    slabs : tuple of int
        How many branchings have a first child, a second, and so on; none in a level of readings.
    counted : float or None
        Clip of all children where they are readings alike: counting them is enough.
    modes : ndarray of int32
        Elements that the readings of this level read, or of the level below where `counted`.
    cost : float or column
        Clip of the readings of this level.
    cap, clip : float, column or None
        Bounds of the branchings; None where they cannot bind.
    order : ndarray of int or None
        Brings the nodes into the slabs that the depth above adds.
    """

    slabs: tuple[int, ...]
    counted: float | None
    modes: Ids
    cost: Bound
    cap: Bound | None
    clip: Bound | None
    order: NDArray[np.int64] | None

    @property
    def n_branchings(self) -> int:
        """Number of branchings."""
        return self.slabs[0] if self.slabs else 0

    @property
    def n_nodes(self) -> int:
        """Number of branchings and readings."""
        return self.n_branchings + (len(self.modes) if self.counted is None else 0)


@dataclass(frozen=True, eq=False, slots=True)
class Programme:
    """Steps from the deepest level up; small, and picklable for workers.

    Attributes
    ----------
    steps : tuple of Step
        Deepest first.
    n_modes : int
        Number of elements.
    dtype : type
        float32 where costs are whole and all sums stay exact in it, else float64.
    unit_log2 : float
        Log2 of a unit of cost.
    """

    steps: tuple[Step, ...]
    n_modes: int
    dtype: type[np.float32] | type[np.float64]
    unit_log2: float

    @property
    def rows(self) -> int:
        """Most nodes at one depth."""
        return max((step.n_nodes for step in self.steps), default=0)

    @property
    def block(self) -> int:
        """How many partitions go through together."""
        width = np.dtype(self.dtype).itemsize
        branchings = max((step.n_branchings for step in self.steps), default=0)
        readings = max((len(step.modes) for step in self.steps), default=0)
        # Flags are read once: in a deep tree they may go beyond the cache, for longer rows.
        each = (4 * self.rows + branchings) * width + (self.n_modes + readings) // 8
        return int(np.clip(_WORKING_SET // max(each, 1), 8, _LARGEST_BLOCK))


def programme_of(tree: Condensed, n_modes: int) -> Programme:
    """Lay out the steps for the condensed forest `tree` of `n_modes` elements."""
    readings = tree.mode >= 0
    small = tree.whole and tree.clip[readings].sum() < 2**24
    dtype = np.float32 if small else np.float64
    n_children = np.bincount(tree.parent[tree.parent >= 0], minlength=len(tree.parent))
    sums = _reachable_sums(tree)
    steps: list[Step] = []
    placed = np.arange(*(tree.level_start[:2] if tree.n_levels else (0, 0)))
    for depth in range(tree.n_levels):
        order = np.argsort(-n_children[placed], kind="stable")
        nodes = placed[order]
        counts = n_children[nodes]
        inner = nodes[counts > 0]
        slabs = tuple(int((counts > child).sum()) for child in range(counts.max(initial=0)))
        below = _slab_order(tree, depth, nodes, n_children)
        counted = _alike(tree, below, slabs) if len(inner) == len(nodes) else None
        # Of two children one may be in U and one in V, each within the cap, or their sum is
        # limited by the clip: only more than two need the cap itself.
        capped = ((counts[: len(inner)] > 2) & (sums[inner] > tree.cap[inner])).any()
        reach = np.minimum(sums[inner], tree.cap[inner]) if capped else sums[inner]
        clipped = (reach > tree.clip[inner]).any() and depth > 0
        leaves = nodes[counts == 0]
        steps.append(
            Step(
                slabs,
                counted,
                tree.mode[leaves if counted is None else below],
                _bound(tree.clip[leaves], dtype),
                _bound(tree.cap[inner], dtype) if capped else None,
                _bound(tree.clip[inner], dtype) if clipped else None,
                None if np.array_equal(nodes, placed) else np.argsort(order),
            )
        )
        if counted is not None:
            break
        placed = below
    return Programme(tuple(reversed(steps)), n_modes, dtype, tree.unit_log2)


def _reachable_sums(tree: Condensed) -> Floats:
    """Return the most that U or V of the children of each node can sum to."""
    sums = np.zeros(len(tree.parent))
    for depth in range(tree.n_levels - 1, 0, -1):
        here = tree.level(depth)
        most = np.minimum(np.minimum(sums[here], tree.cap[here]), tree.clip[here])
        reach = np.where(tree.mode[here] >= 0, tree.clip[here], most)
        start = tree.level_start[depth - 1]
        end = tree.level_start[depth]
        sums[start:end] = np.bincount(tree.parent[here] - start, reach, minlength=end - start)
    return sums


def _slab_order(
    tree: Condensed, depth: int, nodes: NDArray[np.int64], n_children: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Order the level below: first children in the order of their parents, second ones, ..."""
    if depth + 1 == tree.n_levels:
        return np.zeros(0, dtype=np.int64)
    start = tree.level_start[depth]
    place = np.zeros(tree.level_start[depth + 1] - start, dtype=np.int64)
    place[nodes - start] = np.arange(len(nodes))
    children = np.arange(*tree.level_start[depth + 1 : depth + 3])
    # Branchings before readings, the larger first: slabs then agree with the order below.
    parents = place[tree.parent[children] - start]
    children = children[np.lexsort((-n_children[children], parents))]
    parents = np.sort(parents)
    first = np.searchsorted(parents, parents)
    number = np.arange(len(children)) - first
    return children[np.lexsort((parents, number))]


def _alike(tree: Condensed, below: NDArray[np.int64], slabs: tuple[int, ...]) -> float | None:
    """Clip of all nodes `below`, if they are readings alike and slabs are equal."""
    clips = tree.clip[below]
    if len(set(slabs)) != 1 or (tree.mode[below] < 0).any() or clips.min() < clips.max():
        return None
    return float(clips[0])


def _bound(values: Floats, dtype: type[np.float32] | type[np.float64]) -> Bound:
    if len(values) == 0 or values.min() == values.max():
        return float(values[0]) if len(values) else 0.0
    column = values[:, None]
    return column.astype(np.float32) if dtype is np.float32 else column
