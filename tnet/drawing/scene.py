"""Scene: a picture of a network as data, every glyph in one coordinate system."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.result import MinCut
from tnet.drawing import labels
from tnet.drawing.frames import Disc
from tnet.drawing.glyphs import Box, Cell, Dot, Glyph, Line, Square, Text, union
from tnet.drawing.inset import inset_cells
from tnet.drawing.parts import Parts, side_word
from tnet.drawing.positions import Layout
from tnet.drawing.rings import ring_labels, ring_stripes, round_mode_labels
from tnet.drawing.sizes import Sizes
from tnet.network.model import TensorNetwork

_LEAST_TEXT_WIDTH = 460.0


@dataclass(frozen=True, slots=True)
class Scene:
    """All glyphs of a picture; y grows downwards.

    Attributes
    ----------
    title : str
        One sentence on the picture.
    view : Box
        Everything lies inside it.
    stripes, cells : tuple of Cell
        Shades behind the bands of tensors; the elements of a grid by side.
    rings : tuple of Line
        Shades behind the rings of tensors.
    lines : tuple of Line
        One per index that is drawn.
    dots : tuple of Dot
        Copy tensors.
    squares : tuple of Square
        Tensors.
    terminals : tuple of Dot
        One per reading, in the order of the network's inputs.
    texts : tuple of Text
        Labels and caption.
    legend : tuple of glyphs
        Samples that stand before the words of the legend.
    is_graph : bool
        Whether lines join squares and dots, as in all pictures but charts.
    """

    title: str
    view: Box
    stripes: tuple[Cell, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    squares: tuple[Square, ...] = ()
    terminals: tuple[Dot, ...] = ()
    cells: tuple[Cell, ...] = ()
    texts: tuple[Text, ...] = ()
    legend: tuple[Glyph, ...] = ()
    rings: tuple[Line, ...] = ()
    is_graph: bool = True

    def glyphs(self) -> tuple[Glyph, ...]:
        """All glyphs in the order of painting."""
        uncut = [line for line in self.lines if not line.cut]
        cut = [line for line in self.lines if line.cut]
        return (
            *self.stripes,
            *self.rings,
            *uncut,
            *cut,
            *self.terminals,
            *self.dots,
            *self.squares,
            *self.cells,
            *self.legend,
            *self.texts,
        )


def network_scene(
    network: TensorNetwork,
    layout: Layout,
    side_a: NDArray[np.bool_] | None = None,
    cut: MinCut | None = None,
    *,
    radial: bool = False,
) -> Scene:
    """Draw every tensor and every index of `network`.

    Parameters
    ----------
    network : TensorNetwork
        What to draw.
    layout : Layout
        Where its parts stand.
    side_a : ndarray of bool, shape (N,), optional
        Elements on side A; those of `cut` where that is given.
    cut : MinCut, optional
        Colours the sides and dashes the indices it holds.
    radial : bool
        Whether to lay the levels around one another instead of one above another.

    Returns
    -------
    Scene

    Examples
    --------
    >>> import tnet
    >>> from tnet.drawing.layout import layered_layout
    >>> net = tnet.ConvNet(4, features=3, widths=(2, 5)).compile()
    >>> scene = network_scene(net, layered_layout(net))
    >>> len(scene.squares), len(scene.dots), len(scene.terminals)
    (7, 3, 4)
    """
    parts = Parts(network, layout, side_a if cut is None else cut.side_a, cut, radial=radial)
    lines = [parts.line(index) for index in range(network.n_indices)]
    squares = [parts.square(tensor) for tensor in range(network.n_tensors)]
    dots = [parts.dot(index) for index in np.nonzero(parts.dots)[0].tolist()]
    terminals = [parts.terminal(place) for place in range(len(network.inputs))]
    drawn: list[Glyph] = [*lines, *squares, *dots, *terminals]
    content = union([glyph.box for glyph in drawn] or [Box(0, 0, 0, 0)])
    around = _around(parts, content, lines, [side_word(terminal.side) for terminal in terminals])
    font = parts.sizes.font
    return framed(
        labels.caption_text(network, cut),
        around.covered(content),
        font,
        labels.legend_entries(
            0.86 * font, parts.counts, bool(dots), cut is not None and bool(len(cut.cut_ids)), False
        ),
        stripes=around.stripes,
        rings=around.rings,
        lines=tuple(lines),
        dots=tuple(dots),
        squares=tuple(squares),
        terminals=tuple(terminals),
        cells=around.cells,
        texts=(*around.texts, *(parts.names() if parts.sizes.named else [])),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands behind and beside the network."""

    stripes: tuple[Cell, ...]
    rings: tuple[Line, ...]
    cells: tuple[Cell, ...]
    texts: tuple[Text, ...]

    def covered(self, content: Box) -> Box:
        glyphs: list[Glyph] = [*self.stripes, *self.rings, *self.cells, *self.texts]
        return union([content, *(glyph.box for glyph in glyphs)])


def _around(parts: Parts, content: Box, lines: list[Line], sides: list[str]) -> _Around:
    network, layout, sizes = parts.network, parts.layout, parts.sizes
    font, words = sizes.font, [f": {side}" for side in sides]
    cells: tuple[Cell, ...] = ()
    if isinstance(sizes.frame, Disc):
        rings = ring_stripes(layout, sizes.frame, sizes.band)
        modes = round_mode_labels(network, layout, sizes, sizes.frame, words)
        content = union([content, *(ring.box for ring in rings), *(mode.box for mode in modes)])
        middle = (content.y0 + content.y1) / 2
        levels = ring_labels(network, layout, sizes, content.x0 - 1.5 * font, middle)
        if parts.side_a is not None:
            cells = inset_cells(network.input_shape, parts.side_a, content, None, font)
        return _Around((), rings, cells, (*levels, *modes))
    levels = labels.level_labels(network, layout, sizes, content.x0 - 1.3 * font)
    modes = labels.mode_labels(network, layout, sizes, words)
    if parts.side_a is not None:
        cells = inset_cells(network.input_shape, parts.side_a, content, lines, 1.2 * font)
    inside = union([content, *(text.box for text in levels)]).grown(0.5 * font)
    stripes = _stripes(layout, sizes, inside.x0, content.x1 + 0.8 * font)
    return _Around(stripes, (), cells, (*levels, *modes))


def framed(
    title: str,
    picture: Box,
    font: float,
    entries: list[tuple[str, Glyph]],
    *,
    stripes: tuple[Cell, ...] = (),
    lines: tuple[Line, ...] = (),
    dots: tuple[Dot, ...] = (),
    squares: tuple[Square, ...] = (),
    terminals: tuple[Dot, ...] = (),
    cells: tuple[Cell, ...] = (),
    texts: tuple[Text, ...] = (),
    rings: tuple[Line, ...] = (),
) -> Scene:
    """Set caption and legend below `picture`, and a view box around all."""
    middle, width = (picture.x0 + picture.x1) / 2, max(_LEAST_TEXT_WIDTH, picture.width)
    caption = labels.caption(title, middle, picture.y1 + 0.9 * font, width, font)
    below = union(text.box for text in caption).y1 + 0.5 * font
    samples, words = labels.legend(entries, middle, below, width, 0.86 * font)
    everything: Iterable[Glyph] = (*samples, *words, *caption)
    view = union([picture, *(glyph.box for glyph in everything)]).grown(1.1 * font)
    return Scene(
        title,
        view,
        stripes,
        lines,
        dots,
        squares,
        terminals,
        cells,
        (*texts, *caption, *words),
        tuple(samples),
        rings,
    )


def _stripes(layout: Layout, sizes: Sizes, left: float, right: float) -> tuple[Cell, ...]:
    """Shade the bands that tensors stand in, so that levels are seen at a glance."""
    heights = np.unique(layout.tensors[:, 1].round(6)).tolist()
    # Bands too close together would merge into one grey field.
    tall = 0.8 if len(heights) < 2 else min(0.8, 0.5 * float(np.diff(heights).min()))
    return tuple(
        Cell(
            left,
            -(height + tall / 2) * sizes.band,
            right - left,
            tall * sizes.band,
            "none",
            "band of tensors",
            "stripe",
        )
        for height in heights
    )
