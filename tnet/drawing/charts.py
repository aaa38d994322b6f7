"""Charts in the language of the pictures: maps of values, and curves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.drawing.draw import Drawing
from tnet.drawing.glyphs import Box, Cell, GlyphSide, Line, Text, union
from tnet.drawing.scene import Scene
from tnet.drawing.theme import Theme, theme_named
from tnet.errors import StructureError

_SIZE = 12.0
_TICK = 5.0
_MOST_CELLS = 128
_PANEL = Box(64, 40, 544, 400)
_COLOURS: tuple[tuple[GlyphSide, bool], ...] = (
    ("a", False),
    ("b", False),
    ("none", False),
    ("a", True),
)


def draw_heat_map(
    values: ArrayLike,
    *,
    title: str,
    x_label: str,
    y_label: str,
    unit: str = "",
    first_row: int = 0,
    theme: str | Theme = "light",
) -> Drawing:
    """Draw a matrix as a map of shades, the first row at the top.

    Parameters
    ----------
    values : array of float, shape (rows, columns)
        NaN and infinite entries are left blank. Above 128 rows or columns the means of blocks
        are drawn.
    title, x_label, y_label : str
        What it shows, and what columns and rows are.
    unit : str
        Unit of the values.
    first_row : int
        What the first row is called; the first column is 0.
    theme : {'light', 'dark'} or Theme
        Colours.

    Returns
    -------
    Drawing

    Raises
    ------
    StructureError
        If `values` is not a matrix with an entry.

    Examples
    --------
    >>> draw_heat_map([[0, 1], [1, 2]], title="t", x_label="x", y_label="y").save("map.gif")
    Traceback (most recent call last):
        ...
    tnet.errors.FileFormatError: ...
    """
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or not matrix.size:
        raise StructureError(f"a map needs a matrix with an entry; got shape {matrix.shape}")
    rows, columns = matrix.shape
    shown = _block_means(matrix, _MOST_CELLS)
    finite = shown[np.isfinite(shown)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    width, height = _PANEL.width / shown.shape[1], _PANEL.height / shown.shape[0]
    cells = [
        Cell(
            _PANEL.x0 + column * width,
            _PANEL.y0 + row * height,
            width,
            height,
            "none",
            f"{y_label} {row * rows // shown.shape[0] + first_row}, {x_label} "
            f"{column * columns // shown.shape[1]}: {value:.4g} {unit}".rstrip(),
            "value",
            # By halves: the range of finite values need not be finite.
            (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5,
        )
        for (row, column), value in np.ndenumerate(shown)
        if math.isfinite(value)
    ]
    x_ticks = {_along_x(t + 0.5, (0, columns)): str(t) for t in _whole_ticks(columns)}
    y_ticks = {
        _PANEL.y0 + (t - first_row + 0.5) / rows * _PANEL.height: str(t)
        for t in _whole_ticks(first_row + rows)
        if t >= first_row
    }
    texts, ticks = _frame(title, x_label, y_label, x_ticks, y_ticks)
    scale, scale_texts = _scale(low, high, unit)
    return _drawing(title, [*cells, *scale], ticks, [*texts, *scale_texts], theme)


def draw_curves(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    theme: str | Theme = "light",
) -> Drawing:
    """Draw up to four curves, each named at its end.

    Parameters
    ----------
    curves : mapping of str to (x, y)
        Points of each curve, ascending in x; those that are not finite are left out.
    title, x_label, y_label : str
        What it shows, and what the axes are.
    theme : {'light', 'dark'} or Theme
        Colours.

    Returns
    -------
    Drawing

    Raises
    ------
    StructureError
        If there is no curve, more than four, or a curve without a finite point.
    """
    if not 1 <= len(curves) <= len(_COLOURS):
        raise StructureError(f"a chart has 1 to {len(_COLOURS)} curves; got {len(curves)}")
    points = {name: _finite_points(name, x, y) for name, (x, y) in curves.items()}
    everything = np.concatenate(list(points.values()))
    x_range = _widened(everything[:, 0])
    y_range = _widened(np.append(everything[:, 1], 0.0))
    lines = []
    ends = []
    for (name, at), (side, cut) in zip(points.items(), _COLOURS, strict=False):
        stroke = tuple((_along_x(x, x_range), _along_y(y, y_range)) for x, y in at.tolist())
        stroke = stroke if len(stroke) > 1 else (stroke[0], stroke[0])
        lines.append(Line((stroke,), 2.2, side, name, "curve", cut, dash=6.0 if cut else 0.0))
        ends.append((stroke[-1][1], name))
    x_ticks = {_along_x(t, x_range): _number(t) for t in _round_ticks(*x_range)}
    y_ticks = {_along_y(t, y_range): _number(t) for t in _round_ticks(*y_range)}
    texts, ticks = _frame(title, x_label, y_label, x_ticks, y_ticks)
    names = _names_at_ends(ends)
    samples = [
        replace(line, strokes=(((text.x - 20, text.y), (text.x - 5, text.y)),))
        for line in lines
        for text in names
        if text.text == line.title
    ]
    return _drawing(title, [], [*ticks, *lines, *samples], [*texts, *names], theme)


def _finite_points(name: str, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if across.shape != up.shape or across.ndim != 1 or (np.diff(across) < 0).any():
        raise StructureError(
            f"curve {name!r} has x of shape {across.shape} and y of shape {up.shape}; give two "
            "lists of one length, x ascending"
        )
    flat: NDArray[np.float64] = np.stack([across, up], axis=-1)
    kept: NDArray[np.float64] = flat[np.isfinite(flat).all(axis=1)]
    if not len(kept):
        raise StructureError(f"curve {name!r} has no finite point; leave it out")
    return kept


def _block_means(matrix: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Means over blocks of the finite entries, at most `most` along either axis."""
    for axis in (0, 1):
        count = matrix.shape[axis]
        if count <= most:
            continue
        starts = np.arange(most) * count // most
        finite = np.isfinite(matrix)
        total = np.add.reduceat(np.where(finite, matrix, 0.0), starts, axis=axis)
        entries = np.add.reduceat(finite.astype(np.float64), starts, axis=axis)
        matrix = np.full(total.shape, np.nan)
        np.divide(total, entries, out=matrix, where=entries > 0)
    return matrix


def _along_x(value: float, span: tuple[float, float]) -> float:
    return _PANEL.x0 + (value - span[0]) / (span[1] - span[0]) * _PANEL.width


def _along_y(value: float, span: tuple[float, float]) -> float:
    return _PANEL.y1 - (value - span[0]) / (span[1] - span[0]) * _PANEL.height


def _widened(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _round_ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers between `low` and `high`."""
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (5, 2, 1) if (high - low) / (step * factor) >= 4)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _whole_ticks(count: int) -> list[int]:
    """At most nine evenly spaced whole numbers below `count`."""
    step = next(s for k in range(10) for s in (10**k, 2 * 10**k, 5 * 10**k) if count <= 9 * s)
    return list(range(0, count, step))


def _number(value: float) -> str:
    return f"{value:.6g}" if value else "0"


def _frame(
    title: str,
    x_label: str,
    y_label: str,
    x_ticks: Mapping[float, str],
    y_ticks: Mapping[float, str],
) -> tuple[list[Text], list[Line]]:
    """Axes, ticks and labels around the panel."""
    left, bottom = _PANEL.x0 - 4, _PANEL.y1 + 4
    middle = (_PANEL.x0 + _PANEL.x1) / 2
    texts = [
        Text(middle, 16, title, 14.0, "middle", "caption", title),
        Text(middle, bottom + 38, x_label, _SIZE, "middle", "level", x_label),
        Text(_PANEL.x0 - 44, 22, y_label, _SIZE, "start", "level", y_label),
    ]
    strokes = [
        ((left, _PANEL.y0), (left, bottom), (_PANEL.x1, bottom)),
        *(((x, bottom), (x, bottom + _TICK)) for x in x_ticks),
        *(((left - _TICK, y), (left, y)) for y in y_ticks),
    ]
    for x, text in x_ticks.items():
        texts.append(Text(x, bottom + 16, text, _SIZE, "middle", "level", text))
    for y, text in y_ticks.items():
        texts.append(Text(left - 8, y, text, _SIZE, "end", "level", text))
    return texts, [Line(tuple(strokes), 1.0, "none", "axes", "axis")]


def _scale(low: float, high: float, unit: str) -> tuple[list[Cell], list[Text]]:
    """A column of shades from the least value to the largest."""
    steps, x = 32, _PANEL.x1 + 20
    height = _PANEL.height / steps
    cells = [
        Cell(x, _PANEL.y1 - (k + 1) * height, 14, height, "none", "scale", "value", k / (steps - 1))
        for k in range(steps)
    ]
    ends = [(_PANEL.y1 - 6, low), (_PANEL.y0 + 6, high)]
    texts = [
        Text(x + 20, y, f"{value:.4g} {unit}".rstrip(), _SIZE, "start", "level", "scale")
        for y, value in ends
    ]
    return cells, texts


def _names_at_ends(ends: Sequence[tuple[float, str]]) -> list[Text]:
    """Names beside the ends of curves, pushed apart where they would overlap."""
    placed = sorted(ends)
    heights = [y for y, _ in placed]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + 1.3 * _SIZE)
    return [
        Text(_PANEL.x1 + 30, y, name, _SIZE, "start", "level", name)
        for y, (_, name) in zip(heights, placed, strict=True)
    ]


def _drawing(
    title: str,
    cells: Sequence[Cell],
    lines: Sequence[Line],
    texts: Sequence[Text],
    theme: str | Theme,
) -> Drawing:
    glyphs: list[Cell | Line | Text] = [*cells, *lines, *texts]
    scene = Scene(
        title,
        union(glyph.box for glyph in glyphs).grown(12),
        cells=tuple(cells),
        lines=tuple(lines),
        texts=tuple(texts),
    )
    return Drawing(scene, theme_named(theme))
