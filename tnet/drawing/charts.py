"""Charts in the language of the pictures: maps of values, and curves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.drawing.chart_frame import (
    PANEL,
    SIZE,
    along_x,
    along_y,
    axes,
    chart,
    number_text,
    round_ticks,
    title_texts,
    whole_ticks,
    widened,
)
from tnet.drawing.draw import Drawing
from tnet.drawing.glyphs import Cell, Dot, GlyphSide, Line, Text
from tnet.drawing.labels import shortened
from tnet.drawing.theme import Theme
from tnet.errors import StructureError

_MOST_CELLS = 128
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
        NaN and infinite entries are left blank, and there is no scale where all are. Above 128
        rows or columns the means of blocks are drawn.
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
    matrix = real_numbers(values, "values of a map")
    if matrix.ndim != 2 or not matrix.size:
        raise StructureError(f"a map needs a matrix with an entry; got shape {matrix.shape}")
    rows, columns = matrix.shape
    shown = _block_means(matrix, _MOST_CELLS)
    finite = shown[np.isfinite(shown)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    width, height = PANEL.width / shown.shape[1], PANEL.height / shown.shape[0]
    cells = [
        Cell(
            PANEL.x0 + column * width,
            PANEL.y0 + row * height,
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
    x_ticks = {along_x(t + 0.5, (0, columns)): str(t) for t in whole_ticks(columns)}
    y_ticks = {
        PANEL.y0 + (t - first_row + 0.5) / rows * PANEL.height: str(t)
        for t in whole_ticks(first_row + rows)
        if t >= first_row
    }
    texts, ticks = axes(x_label, y_label, x_ticks, y_ticks)
    scale, scale_texts = _scale(low, high, unit) if finite.size else ([], [])
    words = [*title_texts(title), *texts, *scale_texts]
    return chart(title, [*cells, *scale], ticks, words, theme)


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
        Points of each curve, ascending in x; those that are not finite are left out, and a single
        one is a dot.
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
        If `curves` is no mapping of names to pairs, or there is no curve, more than four, or a
        curve without a finite point.
    """
    if not isinstance(curves, Mapping):
        raise StructureError(
            f"curves are of type {type(curves).__name__}; give a mapping such as {{'name': (x, y)}}"
        )
    if not 1 <= len(curves) <= len(_COLOURS):
        raise StructureError(f"a chart has 1 to {len(_COLOURS)} curves; got {len(curves)}")
    points = {name: _finite_points(name, *_pair(name, pair)) for name, pair in curves.items()}
    everything = np.concatenate(list(points.values()))
    x_range = widened(float(everything[:, 0].min()), float(everything[:, 0].max()))
    y_range = widened(min(0.0, float(everything[:, 1].min())), max(0.0, everything[:, 1].max()))
    lines: list[Line] = []
    dots: list[Dot] = []
    ends = []
    for (name, at), (side, cut) in zip(points.items(), _COLOURS, strict=False):
        stroke = tuple((along_x(x, x_range), along_y(y, y_range)) for x, y in at.tolist())
        if len(stroke) == 1:
            dots.append(Dot(*stroke[0], 3.5, side, name, "point", cut))
        else:
            lines.append(Line((stroke,), 2.2, side, name, "curve", cut, dash=6.0 if cut else 0.0))
        ends.append((stroke[-1][1], name))
    x_ticks = {along_x(t, x_range): number_text(t) for t in round_ticks(*x_range)}
    y_ticks = {along_y(t, y_range): number_text(t) for t in round_ticks(*y_range)}
    texts, ticks = axes(x_label, y_label, x_ticks, y_ticks)
    names = _names_at_ends(ends)
    beside = {text.title: text for text in names}
    for line in [*lines]:
        text = beside[line.title]
        lines.append(replace(line, strokes=(((text.x - 20, text.y), (text.x - 5, text.y)),)))
    for dot in [*dots]:
        text = beside[dot.title]
        dots.append(replace(dot, x=text.x - 12.5, y=text.y))
    words = [*title_texts(title), *texts, *names]
    return chart(title, [], [*ticks, *lines], words, theme, dots=dots)


def real_numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return `values` as floats, or raise a `StructureError` that says what they are instead.

    Examples
    --------
    >>> real_numbers([1, 2], "x")
    array([1., 2.])
    """
    found: NDArray[np.float64]
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"found {array.dtype}")
        found = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise StructureError(
            f"{what} are not all real numbers that a float holds ({error}); give numbers, nan for "
            "what is missing"
        ) from error
    return found


def _pair(name: object, pair: object) -> tuple[ArrayLike, ArrayLike]:
    """Check that a curve has a name, and two lists."""
    if not isinstance(name, str):
        raise StructureError(f"a curve is named {name!r}; give its name as a string")
    if not isinstance(pair, Sequence | np.ndarray) or isinstance(pair, str) or len(pair) != 2:
        raise StructureError(f"curve {name!r} is no pair; give two lists of numbers, (x, y)")
    return pair[0], pair[1]


def _finite_points(name: str, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    across = real_numbers(x, f"x of curve {name!r}")
    up = real_numbers(y, f"y of curve {name!r}")
    if across.shape != up.shape or across.ndim != 1 or (across[1:] < across[:-1]).any():
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


def _scale(low: float, high: float, unit: str) -> tuple[list[Cell], list[Text]]:
    """A column of shades from the least value to the largest."""
    steps, x = 32, PANEL.x1 + 20
    height = PANEL.height / steps
    cells = [
        Cell(x, PANEL.y1 - (k + 1) * height, 14, height, "none", "scale", "value", k / (steps - 1))
        for k in range(steps)
    ]
    ends = [(PANEL.y1 - 6, low), (PANEL.y0 + 6, high)]
    texts = [
        Text(x + 20, y, f"{value:.4g} {unit}".rstrip(), SIZE, "start", "level", "scale")
        for y, value in ends
    ]
    return cells, texts


def _names_at_ends(ends: Sequence[tuple[float, str]]) -> list[Text]:
    """Names beside the ends of curves, pushed apart where they would overlap."""
    placed = sorted(ends)
    heights = [y for y, _ in placed]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + 1.3 * SIZE)
    return [
        Text(PANEL.x1 + 30, y, shortened(name), SIZE, "start", "level", name)
        for y, (_, name) in zip(heights, placed, strict=True)
    ]
