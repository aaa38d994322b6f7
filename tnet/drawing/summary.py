"""Summary: a large network drawn by its groups, never by its tensors."""

import math
from collections import defaultdict
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.result import MinCut
from tnet.drawing import labels
from tnet.drawing.glyphs import (
    Box,
    Cell,
    Dot,
    Glyph,
    GlyphSide,
    Line,
    Point,
    Square,
    Stroke,
    Text,
    union,
)
from tnet.drawing.inset import inset_cells
from tnet.drawing.parts import shape_text
from tnet.drawing.positions import has_dot
from tnet.drawing.scene import Scene, framed
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

_BAND = 28.0
_FONT = 13.0
_SQUARE = 15.0
_RADIUS = 5.0
_COLUMN = 300.0
_LONGEST = 16
_IN_A_BAND = 4
_MOST_BANDS = 60


def summary_scene(
    network: TensorNetwork,
    side_a: NDArray[np.bool_] | None = None,
    cut: MinCut | None = None,
) -> Scene:
    """Draw a square per tensor group and a dot or short line per index group, in bands by layer.

    Parameters
    ----------
    network : TensorNetwork
        What to draw, of any size.
    side_a : ndarray of bool, shape (N,), optional
        Elements on side A; those of `cut` where that is given.
    cut : MinCut, optional
        Dashes the groups it holds, with the exponent of each.

    Returns
    -------
    Scene
        Of a band with many groups, the first few and how many more there are.
    """
    side_a = side_a if cut is None else cut.side_a
    touched = [_touched(network, group) for group in network.tensor_groups]
    factors = {} if cut is None else cut.factors
    index_heights = _index_heights(network, touched)
    tensor_heights = [2 * group.layer + 1 for group in network.tensor_groups]
    cut_heights = [
        height
        for group, height in zip(network.index_groups, index_heights, strict=True)
        if group.name in factors
    ]
    rows, left_out = _rows({*tensor_heights, *index_heights}, cut_heights)
    tensor_places, more = _places(tensor_heights, rows)
    index_places, more_indices = _places(index_heights, rows)
    squares = {
        number: _square(network, number, place, cut) for number, place in tensor_places.items()
    }
    dots = _dots(network, index_places, factors)
    lines = _lines(network, touched, tensor_places, index_places, factors)
    texts = [
        _tensor_text(network.tensor_groups[number], *at) for number, at in tensor_places.items()
    ]
    texts += [
        _index_text(network.index_groups[number], *at, factors)
        for number, at in index_places.items()
    ]
    texts += [
        Text(*place, f"… and {count:,} more", _FONT, "start", "level", f"{count:,} more {what}")
        for hidden, what in ((more, "tensor groups"), (more_indices, "index groups"))
        for place, count in hidden.items()
    ]
    texts += [
        Text(
            0.9 * _SQUARE,
            -row * _BAND,
            f"… {count:,} bands left out",
            _FONT,
            "start",
            "level",
            "bands left out",
        )
        for row, count in left_out.items()
    ]
    drawn: list[Glyph] = [*lines, *squares.values(), *dots, *texts]
    content = union([glyph.box for glyph in drawn] or [Box(0, 0, 0, 0)])
    cells: tuple[Cell, ...] = ()
    if side_a is not None:
        cells = inset_cells(network.input_shape, side_a, content, None, _FONT)
    counts = None if side_a is None else (int(side_a.sum()), int((~side_a).sum()))
    copies = any(dot.kind == "copy tensor" for dot in dots)
    return framed(
        labels.caption_text(network, cut),
        union([content, *(cell.box for cell in cells)]),
        _FONT,
        labels.legend_entries(0.86 * _FONT, counts, copies, bool(factors), True),
        lines=tuple(lines),
        dots=tuple(dot for dot in dots if dot.kind != "input"),
        terminals=tuple(dot for dot in dots if dot.kind == "input"),
        squares=tuple(squares.values()),
        cells=cells,
        texts=tuple(texts),
    )


def _touched(network: TensorNetwork, group: TensorGroup) -> list[int]:
    """Numbers of the index groups that the tensors of `group` touch."""
    found = np.bincount(
        network.group_of_index[group.indices.ravel()], minlength=len(network.index_groups)
    )
    return [int(number) for number in np.nonzero(found)[0]]


def _index_heights(network: TensorNetwork, touched: list[list[int]]) -> list[int]:
    """Inputs at the bottom, outputs on top, the rest above the lowest layer that touches them."""
    lowest: dict[int, int] = {}
    highest: dict[int, int] = {}
    for group, numbers in zip(network.tensor_groups, touched, strict=True):
        for number in numbers:
            lowest[number] = min(lowest.get(number, group.layer), group.layer)
            highest[number] = max(highest.get(number, group.layer), group.layer)
    bottom = min((2 * group.layer for group in network.tensor_groups), default=0)
    return [
        bottom
        if group.role == "input"
        else 2 * (highest if group.role == "output" else lowest)[number] + 2
        for number, group in enumerate(network.index_groups)
    ]


def _rows(heights: set[int], cut: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Rows of the bands shown, and by row how many are left out there.

    Of very many bands the lowest and the highest are shown, and some that hold cut groups, each
    with those next to it.
    """
    ordered = sorted(heights)
    if len(ordered) <= _MOST_BANDS:
        return {height: height - ordered[0] for height in ordered}, {}
    at = {height: place for place, height in enumerate(ordered)}
    ends = _MOST_BANDS // 3
    kept = {*range(ends), *range(len(ordered) - ends, len(ordered))}
    for height in sorted(cut)[: ends // 3]:
        kept.update(range(max(at[height] - 1, 0), min(at[height] + 2, len(ordered))))
    rows: dict[int, int] = {}
    left_out: dict[int, int] = {}
    row, before = 0, -1
    for place in sorted(kept):
        if place > before + 1:
            left_out[row] = place - before - 1
            row += 1
        rows[ordered[place]] = row
        row, before = row + 1, place
    return rows, left_out


def _places(heights: list[int], rows: dict[int, int]) -> tuple[dict[int, Point], dict[Point, int]]:
    """Places of the groups shown, by number, and how many more there are at the end of bands."""
    bands: dict[int, list[int]] = defaultdict(list)
    for number, height in enumerate(heights):
        bands[height].append(number)
    places: dict[int, Point] = {}
    more: dict[Point, int] = {}
    for height, row in rows.items():
        numbers = bands.get(height, [])
        for column, number in enumerate(numbers[:_IN_A_BAND]):
            places[number] = column * _COLUMN, -row * _BAND
        if len(numbers) > _IN_A_BAND:
            more[_IN_A_BAND * _COLUMN, -row * _BAND] = len(numbers) - _IN_A_BAND
    return places, more


def _square(network: TensorNetwork, number: int, place: Point, cut: MinCut | None) -> Square:
    group, side = network.tensor_groups[number], "none"
    title = f"tensor group {group.name}: {group.count:,} of {shape_text(network.group_dims(group))}"
    if cut is not None:
        start = int(network.tensor_names.starts[number])
        n_a = int(cut.tensors_on_a[start : start + group.count].sum())
        title += f", {n_a:,} on side A, {group.count - n_a:,} on side B"
        side = "a" if n_a == group.count else "b" if n_a == 0 else "none"
    return Square(*place, _SQUARE, cast(GlyphSide, side), title, "tensor group")


def _dots(network: TensorNetwork, places: dict[int, Point], factors: dict[str, int]) -> list[Dot]:
    dots = []
    copied = has_dot(network)
    for number, place in places.items():
        group = network.index_groups[number]
        start = int(network.index_names.starts[number])
        is_copy = bool(copied[start : start + group.count].any())
        if is_copy or group.role == "input":
            kind: Literal["copy tensor", "input"] = "copy tensor" if is_copy else "input"
            title = f"index group {group.name}: {group.count:,} of dim {group.dim}"
            dots.append(Dot(*place, _RADIUS, "none", title, kind, group.name in factors))
    return dots


def _lines(
    network: TensorNetwork,
    touched: list[list[int]],
    tensors: dict[int, Point],
    indices: dict[int, Point],
    factors: dict[str, int],
) -> list[Line]:
    strokes: dict[int, list[Stroke]] = defaultdict(list)
    for number, place in tensors.items():
        for index in touched[number]:
            if index in indices:
                strokes[index].append((indices[index], place))
    lines = []
    for index, drawn in strokes.items():
        group = network.index_groups[index]
        width = min(0.9 + 0.34 * math.log2(group.dim), 4.6)
        is_cut = group.name in factors
        title = f"index group {group.name}: {group.count:,} of dim {group.dim}"
        if is_cut:
            title += f", cut with exponent {factors[group.name]:,}"
        kind: Literal["input", "bond", "output"] = group.role if group.role != "inner" else "bond"
        dash = 5.0 if is_cut else 0.0
        lines.append(Line(tuple(drawn), width, "none", title, kind, is_cut, dash))
    return lines


def _tensor_text(group: TensorGroup, x: float, y: float) -> Text:
    label = f"{labels.shortened(group.name, _LONGEST)}  × {group.count:,}"
    title = f"tensor group {group.name}: {group.count:,} tensors"
    return Text(x + 0.9 * _SQUARE, y, label, _FONT, "start", "level", title)


def _index_text(group: IndexGroup, x: float, y: float, factors: dict[str, int]) -> Text:
    times = f"{group.count:,} of " if group.count > 1 else ""
    label = f"{labels.shortened(group.name, _LONGEST)}  {times}dim {group.dim}"
    title = f"index group {group.name}: {group.count:,} of dim {group.dim}"
    if group.name not in factors:
        return Text(x + 0.9 * _SQUARE, y, label, _FONT, "start", "level", title)
    label += f"  cut: {group.dim}^{factors[group.name]:,}"
    return Text(x + 0.9 * _SQUARE, y, label, _FONT, "start", "cut", title)
