"""Themes: a colour for every kind of glyph, none of them chosen by a renderer."""

from dataclasses import dataclass
from types import MappingProxyType

from tnet.drawing.glyphs import Cell, Dot, GlyphSide, Line, Text
from tnet.errors import StructureError


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    name : str
        What the theme is called.
    background, stripe : str
        The paper, and the shade behind the bands of tensors.
    ink, muted : str
        Captions, and the smaller labels.
    side_a, side_b : str
        The two sides; told apart with any colour vision.
    neutral : str
        What is on neither side.
    cut : str
        The cut indices.
    on_glyph : str
        Names written inside squares.
    least, most : str
        Ends of the scale on which maps show values.
    """

    name: str
    background: str
    stripe: str
    ink: str
    muted: str
    side_a: str
    side_b: str
    neutral: str
    cut: str
    on_glyph: str
    least: str
    most: str

    def cell(self, cell: Cell) -> str:
        """Colour of a cell; values go evenly from `least` to `most`."""
        if cell.kind == "stripe":
            return self.stripe
        if cell.kind == "cell":
            return self.side(cell.side)
        return self.shade(cell.shade)

    def shade(self, share: float) -> str:
        """Colour so far between `least` and `most`."""
        ends = [[int(end[k : k + 2], 16) for k in (1, 3, 5)] for end in (self.least, self.most)]
        mixed = (round(a + (b - a) * share) for a, b in zip(*ends, strict=True))
        return "#" + "".join(f"{channel:02x}" for channel in mixed)

    def side(self, side: GlyphSide) -> str:
        """Colour of a side."""
        return {"a": self.side_a, "b": self.side_b, "none": self.neutral}[side]

    def line(self, line: Line) -> str:
        """Colour of a line."""
        if line.kind == "ring":
            return self.stripe
        return self.cut if line.cut else self.side(line.side)

    def dot(self, dot: Dot) -> str:
        """Colour inside a dot; a cut one is a ring of the cut's colour around the paper."""
        if dot.kind == "step":
            return self.shade(dot.shade)
        return self.background if dot.cut else self.side(dot.side)

    def text(self, text: Text) -> str:
        """Colour of a text."""
        if text.kind == "name":
            return self.on_glyph
        if text.kind == "cut":
            return self.cut
        return self.ink if text.kind == "caption" else self.muted


# Blue and orange are those of Okabe and Ito; the cut differs from both in lightness as well.
LIGHT = Theme(
    name="light",
    background="#ffffff",
    stripe="#f3f5f7",
    ink="#1b1f24",
    muted="#57606a",
    side_a="#0072b2",
    side_b="#e69f00",
    neutral="#6b7680",
    cut="#b3005e",
    on_glyph="#ffffff",
    least="#e8f1f8",
    most="#08304f",
)
DARK = Theme(
    name="dark",
    background="#12161b",
    stripe="#1a2027",
    ink="#e8edf2",
    muted="#9aa6b2",
    side_a="#56b4e9",
    side_b="#e69f00",
    neutral="#8b97a3",
    cut="#ff6fb5",
    on_glyph="#12161b",
    least="#18242e",
    most="#c6e5fa",
)
THEMES = MappingProxyType({theme.name: theme for theme in (LIGHT, DARK)})


def theme_named(theme: str | Theme) -> Theme:
    """Return the theme called `theme`, or `theme` itself if it is one.

    Raises
    ------
    StructureError
        If there is no theme of that name.

    Examples
    --------
    >>> theme_named("dark").background
    '#12161b'
    """
    if isinstance(theme, Theme):
        return theme
    if theme not in THEMES:
        raise StructureError(f"theme is {theme!r}; choose one of {', '.join(THEMES)}, or a Theme")
    return THEMES[theme]
