"""The frame of a chart: panel, axes, ticks and labels, none of them on another."""

import math
import textwrap
from collections.abc import Mapping, Sequence

from tnet.drawing.draw import Drawing
from tnet.drawing.glyphs import Box, Cell, Dot, Glyph, Line, Text, text_width, union
from tnet.drawing.labels import plain, shortened
from tnet.drawing.scene import Scene
from tnet.drawing.theme import Theme, theme_named

SIZE = 12.0
PANEL = Box(64, 40, 544, 400)
_TITLE = 14.0
_TICK = 5.0
_LONGEST_LABEL = 60
_TITLE_LINES = 3


def along_x(value: float, span: tuple[float, float], panel: Box = PANEL) -> float:
    """Place a value on the x axis; the span may be as wide as floats go."""
    return panel.x0 + _share(value, span) * panel.width


def along_y(value: float, span: tuple[float, float], panel: Box = PANEL) -> float:
    """Place a value on the y axis; the span may be as wide as floats go."""
    return panel.y1 - _share(value, span) * panel.height


def _share(value: float, span: tuple[float, float]) -> float:
    # By halves: the range of finite values need not be finite.
    return (value / 2 - span[0] / 2) / (span[1] / 2 - span[0] / 2)


def widened(low: float, high: float) -> tuple[float, float]:
    """Return a span that holds both values and has room for ticks that differ.

    Examples
    --------
    >>> widened(3.0, 3.0), widened(0.0, 1.0)
    ((2.5, 3.5), (0.0, 1.0))
    """
    least = max(abs(low), abs(high)) * 2.0**-40
    if high / 2 - low / 2 > max(least, 1e-300):
        return low, high
    around = max(0.5, 2.0**30 * least)
    limit = math.ldexp(1.0, 1023)
    return max(low - around, -limit), min(high + around, limit)


def round_ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers between `low` and `high`.

    Examples
    --------
    >>> round_ticks(0.0, 10.0)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    quarter = high / 4 - low / 4
    power = math.floor(math.log10(quarter))
    factor = next(factor for factor in (5, 2, 1) if quarter >= factor * 10.0**power)
    # A product of the whole number and the power, so that 3 * 0.1 is not written 0.30000000000004.
    step = factor * 10.0**power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1) if math.isfinite(k * step)]


def whole_ticks(count: int) -> list[int]:
    """At most nine evenly spaced whole numbers below `count`."""
    steps = (s for k in range(20) for s in (10**k, 2 * 10**k, 5 * 10**k))
    return list(range(0, count, next(step for step in steps if count <= 9 * step)))


def number_text(value: float) -> str:
    """Write the number at a tick."""
    return f"{value:.6g}" if value else "0"


def title_texts(title: str, panel: Box = PANEL) -> list[Text]:
    """Set the title over the panel and over the label of its y axis, in lines that fit."""
    width = max(20, int((panel.width + 100) / text_width("0", _TITLE)))
    lines = textwrap.wrap(
        plain(title), width, max_lines=_TITLE_LINES, placeholder=" …", break_on_hyphens=False
    )
    middle = (panel.x0 + panel.x1) / 2
    top = panel.y0 - 40 - 1.3 * _TITLE * (len(lines) - 1)
    return [
        Text(middle, top + 1.3 * _TITLE * row, line, _TITLE, "middle", "caption", title)
        for row, line in enumerate(lines)
    ]


def axes(
    x_label: str,
    y_label: str,
    x_ticks: Mapping[float, str],
    y_ticks: Mapping[float, str],
    panel: Box = PANEL,
) -> tuple[list[Text], list[Line]]:
    """Axes, ticks and labels around the panel; an empty label is left out."""
    left, bottom = panel.x0 - 4, panel.y1 + 4
    middle = (panel.x0 + panel.x1) / 2
    across, up = (shortened(label, _LONGEST_LABEL) for label in (x_label, y_label))
    named = [
        Text(middle, bottom + 38, across, SIZE, "middle", "level", x_label),
        Text(panel.x0 - 44, panel.y0 - 18, up, SIZE, "start", "level", y_label),
    ]
    texts = [text for text in named if text.title]
    strokes = [
        ((left, panel.y0), (left, bottom), (panel.x1, bottom)),
        *(((x, bottom), (x, bottom + _TICK)) for x in x_ticks),
        *(((left - _TICK, y), (left, y)) for y in y_ticks),
    ]
    for x, text in _apart(x_ticks).items():
        texts.append(Text(x, bottom + 16, text, SIZE, "middle", "level", text))
    for y, text in y_ticks.items():
        texts.append(Text(left - 8, y, text, SIZE, "end", "level", text))
    return texts, [Line(tuple(strokes), 1.0, "none", "axes", "axis")]


def _apart(ticks: Mapping[float, str]) -> dict[float, str]:
    """Those of the words along x that have room, from the left."""
    kept: dict[float, str] = {}
    free = -math.inf
    for x, text in sorted(ticks.items()):
        half = text_width(text, SIZE) / 2
        if x - half >= free:
            kept[x] = text
            free = x + half + 0.4 * SIZE
    return kept


def chart(
    title: str,
    cells: Sequence[Cell],
    lines: Sequence[Line],
    texts: Sequence[Text],
    theme: str | Theme,
    *,
    dots: Sequence[Dot] = (),
) -> Drawing:
    """Make a drawing of the parts of a chart."""
    glyphs: list[Glyph] = [*cells, *lines, *dots, *texts]
    scene = Scene(
        plain(title),
        union(glyph.box for glyph in glyphs).grown(12),
        cells=tuple(cells),
        lines=tuple(lines),
        dots=tuple(dots),
        texts=tuple(texts),
        is_graph=False,
    )
    return Drawing(scene, theme_named(theme))
