"""`draw_mode_tree`: nested sets of inputs as a tree, and where a partition splits them."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.mixed import Mixed
from tnet.architectures.spec import Spec
from tnet.drawing.draw import Drawing
from tnet.drawing.glyphs import Dot, Glyph, GlyphSide, Line, Text, union
from tnet.drawing.labels import numbers_below, side_entries
from tnet.drawing.parts import side_word
from tnet.drawing.scene import Scene, framed
from tnet.drawing.theme import Theme, theme_named
from tnet.drawing.tree_scene import TreePlaces, tree_places
from tnet.errors import StructureError
from tnet.geometry.mode_tree import ModeTree
from tnet.network.builder import NetworkBuilder
from tnet.network.counting import number_of
from tnet.network.sides import Side, side_of_modes

ORDERS = ("tree", "input")
_MOST_NODES = 2000
_ROW = 40.0
_FONT = 13.0


def draw_mode_tree(
    tree: ModeTree | Spec,
    *,
    side_a: Side | None = None,
    order: str = "tree",
    theme: str | Theme = "light",
) -> Drawing:
    """Draw a mode tree: modes at the bottom, each window a dot over its members.

    Parameters
    ----------
    tree : ModeTree or spec
        A mode tree, or a spec that has one; of a `Mixed` both trees are drawn.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int, optional
        Side A of a partition: modes and windows are coloured, and windows with modes of both
        sides are ringed.
    order : {'tree', 'input'}
        Modes from left to right as in the tree, which leaves no crossing, or as in the input.
    theme : {'light', 'dark'} or Theme
        Colours.

    Returns
    -------
    Drawing
        Above 2,000 nodes a summary, a dot per level.

    Raises
    ------
    StructureError
        If the spec has no mode tree, or `order` or `theme` is unknown.
    PartitionError
        If `side_a` does not fit the modes.

    Examples
    --------
    >>> import tnet
    >>> draw_mode_tree(tnet.pooling.mirror(8), side_a=range(4))
    <Drawing ... light: 8 modes, windows by level 4 > 2 > 1; 7 of 7 windows hold both sides>
    """
    if order not in ORDERS:
        raise StructureError(f"order is {order!r}; choose one of {', '.join(ORDERS)}")
    colours = theme_named(theme)
    trees, shape = _trees(tree)
    side = None if side_a is None else _side(shape, side_a)
    wood = _Wood(trees, side)
    if len(wood.up) > _MOST_NODES:
        return Drawing(_summary(wood), colours, side_a=side)
    return Drawing(_tree_scene(wood, order), colours, side_a=side)


class _Wood:
    """One or two trees over the same modes as one forest, all leaves first.

    Attributes
    ----------
    up, mode, level : ndarray of int
        Parent of every node; mode of every leaf, else the smallest inside; level, -1 at leaves.
    n_a, n_b : ndarray of int
        Modes of either side in every node.
    """

    def __init__(self, trees: Sequence[ModeTree], side: NDArray[np.bool_] | None) -> None:
        self.trees, self.side = trees, side
        n_modes = trees[0].n_modes
        starts = np.cumsum([0, *(len(tree.parent) for tree in trees)])[:-1]
        self.up = np.concatenate(
            [
                np.where(tree.parent < 0, -1, tree.parent + at)
                for tree, at in zip(trees, starts, strict=True)
            ]
        )
        self.level = np.concatenate([tree.level for tree in trees])
        on_a = np.zeros(n_modes, dtype=bool) if side is None else side
        self.mode = np.concatenate([_smallest(tree) for tree in trees])
        self.n_a = np.concatenate([_counted(tree, on_a) for tree in trees])
        self.n_b = np.concatenate([_counted(tree, ~on_a) for tree in trees])

    @property
    def is_window(self) -> NDArray[np.bool_]:
        return self.level >= 0

    @property
    def is_split(self) -> NDArray[np.bool_]:
        """Windows that hold modes of both sides."""
        return self.is_window & (self.n_a > 0) & (self.n_b > 0) & (self.side is not None)

    def side_of(self, node: int) -> GlyphSide:
        if self.side is None or (self.n_a[node] and self.n_b[node]):
            return "none"
        return "a" if self.n_a[node] else "b"

    def title(self) -> str:
        sizes = " and ".join(tree.levels_text() or "none" for tree in self.trees)
        title = f"{number_of(self.trees[0].n_modes, 'mode')}, windows by level {sizes}"
        if self.side is None:
            return title
        n_windows, n_split = int(self.is_window.sum()), int(self.is_split.sum())
        hold = "holds" if 1 in (n_windows, n_split) else "hold"
        return f"{title}; {n_split:,} of {number_of(n_windows, 'window')} {hold} both sides"


def _trees(tree: ModeTree | Spec) -> tuple[tuple[ModeTree, ...], tuple[int, ...]]:
    if isinstance(tree, Mixed):
        return (tree.tree_a, tree.tree_b), tree.shape
    if isinstance(tree, ModeTree):
        return (tree,), (tree.n_modes,)
    found = getattr(tree, "tree", None)
    if not isinstance(tree, Spec) or not isinstance(found, ModeTree):
        raise StructureError(
            f"{type(tree).__name__!r} has no mode tree; give a ModeTree, or a spec with windows "
            "such as ConvNet, HierarchicalTucker or Dilated"
        )
    return (found,), tree.shape


def _side(shape: tuple[int, ...], side_a: Side) -> NDArray[np.bool_]:
    """Read the partition as it is read of any network with inputs of this shape."""
    builder = NetworkBuilder()
    inputs = builder.indices("x", math.prod(shape), 1, role="input")
    builder.tensors("one", inputs[:, None])
    return side_of_modes(builder.build(input_shape=shape), side_a)


def _smallest(tree: ModeTree) -> NDArray[np.int64]:
    smallest = np.full(len(tree.parent), tree.n_modes, dtype=np.int64)
    smallest[: tree.n_modes] = np.arange(tree.n_modes)
    for start, end in pairwise(tree.level_start):
        below = np.arange(start, end)[tree.parent[start:end] >= 0]
        np.minimum.at(smallest, tree.parent[below], smallest[below])
    return smallest


def _counted(tree: ModeTree, flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Flagged modes inside every node."""
    counts = np.zeros(len(tree.parent), dtype=np.int64)
    counts[: tree.n_modes] = flags
    for start, end in pairwise(tree.level_start):
        below = np.arange(start, end)[tree.parent[start:end] >= 0]
        np.add.at(counts, tree.parent[below], counts[below])
    return counts


def _tree_scene(wood: _Wood, order: str) -> Scene:
    columns = None
    if order == "input":
        step = wood.trees[0].n_modes + 1
        tree_of = np.repeat(np.arange(len(wood.trees)), [len(tree.parent) for tree in wood.trees])
        columns = (wood.mode + step * tree_of).astype(float)
    places = tree_places(wood.up, wood.level + 1.0, _keys(wood), columns)
    leaves = np.nonzero(~wood.is_window)[0].tolist()
    lines = _lines(wood, places)
    dots = [_dot(wood, places, node) for node in np.nonzero(wood.is_window)[0].tolist()]
    terminals = [_dot(wood, places, leaf) for leaf in leaves]
    drawn: list[Glyph] = [*lines, *dots, *terminals]
    content = union([glyph.box for glyph in drawn])
    font = places.font
    leaves = np.nonzero(~wood.is_window)[0].tolist()
    words = [
        f": {side_word(wood.side_of(leaf))}" if wood.side is not None else "" for leaf in leaves
    ]
    numbers = numbers_below(
        places.points[leaves, 0].tolist(),
        max((dot.box.y1 for dot in terminals), default=0.0),
        wood.mode[leaves].tolist(),
        words,
        font,
    )
    texts = [*_level_texts(wood, places, content.x0 - 1.3 * font), *numbers]
    return framed(
        wood.title(),
        union([content, *(text.box for text in texts)]),
        font,
        _legend(wood, 0.86 * font),
        lines=tuple(lines),
        dots=tuple(dots),
        terminals=tuple(terminals),
        texts=tuple(texts),
    )


def _keys(wood: _Wood) -> NDArray[np.int64]:
    """Smallest modes, those of the second tree after all of the first."""
    tree_of = np.repeat(np.arange(len(wood.trees)), [len(tree.parent) for tree in wood.trees])
    return wood.mode + wood.trees[0].n_modes * tree_of


def _lines(wood: _Wood, places: TreePlaces) -> list[Line]:
    width = max(0.9, min(1.8, 0.12 * places.gap))
    return [
        Line((stroke,), width, wood.side_of(node), f"{_name(wood, node)} in its window")
        for node, stroke in enumerate(places.strokes())
        if stroke
    ]


def _dot(wood: _Wood, places: TreePlaces, node: int) -> Dot:
    x, y = places.points[node].tolist()
    split = bool(wood.is_split[node])
    title, side = _name(wood, node), wood.side_of(node)
    title += _side_words(wood, node)
    if not wood.is_window[node]:
        radius = float(np.clip(0.37 * places.gap, 1.2, min(6.5, 0.4 * places.band)))
        return Dot(x, y, radius, side, title, "input")
    radius = float(np.clip(0.24 * places.room[node], 1.3, min(6.5, 0.25 * places.band)))
    return Dot(x, y, radius, side, title, "window", split)


def _side_words(wood: _Wood, node: int) -> str:
    if wood.side is None:
        return ""
    return ": both sides" if wood.is_split[node] else f": {side_word(wood.side_of(node))}"


def _name(wood: _Wood, node: int) -> str:
    if not wood.is_window[node]:
        return f"mode {wood.mode[node]}"
    held = int(wood.n_a[node] + wood.n_b[node])
    modes = number_of(held, "mode")
    return f"window of level {wood.level[node]}: {modes}, first {wood.mode[node]}"


def _level_texts(wood: _Wood, places: TreePlaces, right: float) -> list[Text]:
    """One label per level; of very many only those that have room."""
    texts: list[Text] = []
    for level in range(int(wood.level.max()), -2, -1):
        label = _level_text(wood, level)
        y = -(level + 1) * places.band
        if not texts or y - texts[-1].y >= 1.2 * places.font:
            texts.append(Text(right, y, label, places.font, "end", "level", label))
    return texts


def _level_text(wood: _Wood, level: int) -> str:
    if level >= 0:
        return f"level {level}: {number_of(int((wood.level == level).sum()), 'window')}"
    # Of two trees each has all the modes.
    modes = number_of(wood.trees[0].n_modes, "mode")
    return modes if len(wood.trees) == 1 else f"{modes}, in either tree"


def _legend(wood: _Wood, size: float, *, by_level: bool = False) -> list[tuple[str, Glyph]]:
    """What the dots mean; a dot of a whole level has no side, but may hold both."""
    word, ringed = "window", "window of both sides"
    if by_level:
        word, ringed = "windows of a level", "some of both sides"
    entries: list[tuple[str, Glyph]] = [
        (word, Dot(0, 0, 0.3 * size, "none", f"legend: {word}", "window"))
    ]
    if wood.side is None:
        return entries
    if not by_level:
        entries += side_entries(size, (int(wood.side.sum()), int((~wood.side).sum())))
    both = Dot(0, 0, 0.3 * size, "none", f"legend: {ringed}", "window", True)
    return [*entries, (ringed, both)]


def _summary(wood: _Wood) -> Scene:
    """A dot per level, with how many windows there are, and how many hold both sides."""
    dots: list[Dot] = []
    texts: list[Text] = []
    levels = range(-1, int(wood.level.max()) + 1)
    rows = np.linspace(0, len(levels) - 1, min(len(levels), 60)).round().astype(int).tolist()
    for row, place in enumerate(rows):
        level = levels[place]
        here = wood.level == level
        split = int(wood.is_split[here].sum())
        label = _level_text(wood, level)
        if level >= 0 and wood.side is not None:
            label += f", {split:,} of both sides"
        y = -row * _ROW
        dots.append(Dot(0, y, 5.0, "none", label, "window" if level >= 0 else "input", split > 0))
        texts.append(Text(16, y, label, _FONT, "start", "cut" if split else "level", label))
    lines = [
        Line((((0.0, low.y), (0.0, high.y)),), 1.4, "none", f"from {low.title} to {high.title}")
        for low, high in pairwise(dots)
    ]
    drawn: list[Glyph] = [*lines, *dots, *texts]
    return framed(
        wood.title(),
        union(glyph.box for glyph in drawn),
        _FONT,
        _legend(wood, 0.86 * _FONT, by_level=True),
        lines=tuple(lines),
        dots=tuple(dot for dot in dots if dot.kind == "window"),
        terminals=tuple(dot for dot in dots if dot.kind == "input"),
        texts=tuple(texts),
    )
