"""Glyphs: what a picture is made of, as frozen data that knows kinds and sides but no colours."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

GlyphSide = Literal["a", "b", "none"]
Point: TypeAlias = tuple[float, float]
Stroke: TypeAlias = tuple[Point, ...]

# A little above the mean advance of DejaVu Sans, so that an estimate errs on the wide side.
_ADVANCE = 0.62


def text_width(text: str, size: float) -> float:
    """Estimate how wide `text` is when set at `size`."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (_ADVANCE * (len(text) - wide) + wide)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with sides along the axes; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Extent along x."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent along y."""
        return self.y1 - self.y0

    def grown(self, margin: float) -> "Box":
        """Return the box with `margin` more on every side."""
        return Box(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all `boxes`, of which there is at least one.

    Examples
    --------
    >>> union([Box(0, 0, 1, 1), Box(2, -1, 3, 0)])
    Box(x0=0, y0=-1, x1=3, y1=1)
    """
    listed = list(boxes)
    return Box(
        min(box.x0 for box in listed),
        min(box.y0 for box in listed),
        max(box.x1 for box in listed),
        max(box.y1 for box in listed),
    )


@dataclass(frozen=True, slots=True)
class Square:
    """A tensor, or in a summary a group of them, centred at (x, y)."""

    x: float
    y: float
    size: float
    side: GlyphSide
    title: str
    kind: Literal["tensor", "tensor group"] = "tensor"

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.x, self.y, self.x, self.y).grown(self.size / 2)


@dataclass(frozen=True, slots=True)
class Dot:
    """A copy tensor or an input terminal; ringed where cut.

    In a summary a group of indices, in a mode tree a window, in a plan a step, whose `shade` says
    from 0 to 1 how dear it is; in a chart a curve of one point.
    """

    x: float
    y: float
    radius: float
    side: GlyphSide
    title: str
    kind: Literal["copy tensor", "input", "index group", "window", "step", "point"] = "copy tensor"
    cut: bool = False
    shade: float = 0.0

    @property
    def ring(self) -> float:
        """Width of the ring around a cut dot, 0 without one; half of it lies outside."""
        return max(1.2, 0.7 * self.radius) if self.cut else 0.0

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.x, self.y, self.x, self.y).grown(self.radius + self.ring / 2)


@dataclass(frozen=True, slots=True)
class Line:
    """One index: all its strokes, dashed where it is cut.

    Attributes
    ----------
    strokes : tuple of tuple of Point
        Where it runs: corners of a broken line, or, if `curved`, cubic curves one after the
        other: a point, then three for each.
    width : float
        Grows with log2 of the dim.
    side : {'a', 'b', 'none'}
        The side all ends are on; meaningless where `cut`.
    title : str
        Name, dim and side.
    kind : {'bond', 'hyperedge', 'input', 'output', 'open', 'curve', 'axis', 'ring'}
        What the index is; or a curve or axis of a chart; or a ring behind tensors.
    cut : bool
        Whether the cut holds it.
    dash : float
        Length of a dash where cut; the gaps are three quarters of that.
    curved : bool
        How to read the strokes.
    """

    strokes: tuple[Stroke, ...]
    width: float
    side: GlyphSide
    title: str
    kind: Literal["bond", "hyperedge", "input", "output", "open", "curve", "axis", "ring"] = "bond"
    cut: bool = False
    dash: float = 0.0
    curved: bool = False

    @property
    def box(self) -> Box:
        """What it covers at most: a curve stays within its points."""
        points = [point for stroke in self.strokes for point in stroke]
        return union(Box(x, y, x, y) for x, y in points).grown(self.width / 2)


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; (x, y) is the middle of its height, and along x what `anchor` says."""

    x: float
    y: float
    text: str
    size: float
    anchor: Literal["start", "middle", "end"]
    kind: Literal["level", "mode", "name", "caption", "legend", "cut"]
    title: str

    @property
    def box(self) -> Box:
        """What it covers, by estimate."""
        width = text_width(self.text, self.size)
        left = self.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return Box(left, self.y - 0.6 * self.size, left + width, self.y + 0.6 * self.size)


@dataclass(frozen=True, slots=True)
class Cell:
    """A plain rectangle: an element in the inset, the stripe behind a band, a value in a map.

    `shade` says how dark a value is, from 0 to 1; the others have none.
    """

    x: float
    y: float
    width: float
    height: float
    side: GlyphSide
    title: str
    kind: Literal["cell", "stripe", "value"] = "cell"
    shade: float = 0.0

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.x, self.y, self.x + self.width, self.y + self.height)


Glyph: TypeAlias = Square | Dot | Line | Text | Cell
