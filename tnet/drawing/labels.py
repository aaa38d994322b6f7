"""Labels: names of the bands, numbers of the inputs, the caption and the legend."""

import itertools
import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tnet.cuts.products import powers_text
from tnet.cuts.result import MinCut
from tnet.drawing.glyphs import Dot, Glyph, Line, Square, Text, text_width
from tnet.drawing.positions import Layout
from tnet.drawing.sizes import Sizes
from tnet.network.groups import IndexGroup
from tnet.network.model import TensorNetwork

_LONGEST_NAME = 34
LONGEST_LABEL = 42
_GROUPS_SPELLED = 3
_ALL_MODES = 64
_FACTORS_SPELLED = 6
_CAPTION_LINES = 4
_MOST_PUSHED = 48


def plain(text: str) -> str:
    """Write `text` on one line, without what no font shows."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return " ".join(shown.split()) or "\N{REPLACEMENT CHARACTER}"


def shortened(text: str, longest: int = _LONGEST_NAME) -> str:
    """Cut `text` to `longest` characters, the last an ellipsis."""
    text = plain(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def level_labels(network: TensorNetwork, layout: Layout, sizes: Sizes, right: float) -> list[Text]:
    """One label per band, all ending at `right`; where bands are close, further apart.

    Of very many bands that are closer than their labels, only those are labelled that have room.
    """
    named = band_names(network, layout)
    crowded = len(named) > _MOST_PUSHED and sizes.band < 1.25 * sizes.font
    labels: list[Text] = []
    for height, label in named:
        y = -height * sizes.band
        lowest = labels[-1].y + 1.25 * sizes.font if labels else y
        if crowded and y < lowest:
            continue
        shown = shortened(label, LONGEST_LABEL)
        labels.append(Text(right, max(y, lowest), shown, sizes.font, "end", "level", plain(label)))
    return labels


def band_names(network: TensorNetwork, layout: Layout) -> list[tuple[float, str]]:
    """Height and name of every band of tensors or indices, from the highest."""
    bands: dict[float, list[str]] = {}
    for height, label in (*_tensor_bands(network, layout), *_index_bands(network, layout)):
        bands.setdefault(height, []).append(label)
    return [(height, "; ".join(bands[height])) for height in sorted(bands, reverse=True)]


def _tensor_bands(network: TensorNetwork, layout: Layout) -> list[tuple[float, str]]:
    starts = network.tensor_names.starts
    bands: dict[float, list[str]] = {}
    for number, group in enumerate(network.tensor_groups):
        heights = np.unique(layout.tensors[starts[number] : starts[number + 1], 1])
        for height in heights.tolist():
            bands.setdefault(round(height, 6), []).append(group.name)
    return [(height, _listed(names, "tensors")) for height, names in bands.items()]


def _index_bands(network: TensorNetwork, layout: Layout) -> list[tuple[float, str]]:
    starts = network.index_names.starts
    heights = layout.indices[:, 1].copy()
    # Inputs are named where they begin, wherever their lines lead.
    heights[network.inputs] = layout.terminals[:, 1]
    bands: dict[float, list[IndexGroup]] = {}
    for number, group in enumerate(network.index_groups):
        for height in np.unique(heights[starts[number] : starts[number + 1]]).tolist():
            bands.setdefault(round(height, 6), []).append(group)
    return [(height, _index_label(groups)) for height, groups in bands.items()]


def _listed(names: Sequence[str], what: str) -> str:
    spelled = ", ".join(names)
    if len(names) == 1 or (len(names) <= _GROUPS_SPELLED and len(spelled) <= _LONGEST_NAME):
        return spelled
    return f"{len(names)} {what}"


def _index_label(groups: Sequence[IndexGroup]) -> str:
    dims = sorted({group.dim for group in groups})
    roles = {group.role for group in groups}
    what = {"input": "inputs", "output": "outputs"}.get(next(iter(roles)), "indices")
    operators = sorted({group.operator for group in groups} - {"product"})
    dim = f"dim {dims[0]}" if len(dims) == 1 else f"dims {dims[0]} to {dims[-1]}"
    name = _listed([group.name for group in groups], what if len(roles) == 1 else "indices")
    return "  ".join([name, dim, *operators])


def mode_labels(
    network: TensorNetwork, layout: Layout, sizes: Sizes, sides: Sequence[str]
) -> list[Text]:
    """Number the inputs below their terminals: all of them, or every second, fourth, ..."""
    if not len(network.inputs):
        return []
    bottom = -float(layout.terminals[:, 1].min()) * sizes.band + sizes.terminal
    modes = network.input_modes.tolist()
    x = (layout.terminals[:, 0] * sizes.gap).tolist()
    return numbers_below(x, bottom, modes, sides, sizes.font)


def numbers_below(
    x: Sequence[float], bottom: float, modes: Sequence[int], sides: Sequence[str], font: float
) -> list[Text]:
    """Write numbers of modes below `bottom`: all of them, or every second, fourth, ..."""
    longest = "0" * len(str(max(modes)))
    order = sorted(range(len(x)), key=lambda place: x[place])
    least = min((x[b] - x[a] for a, b in itertools.pairwise(order)), default=math.inf)
    size = min(font, 0.78 * least / text_width(longest, 1))
    step = 1
    if len(x) > _ALL_MODES or size < 5:
        size = font
        while step * least < 1.35 * text_width(longest, size):
            step *= 2
    y = bottom + 0.95 * size
    return [
        Text(
            x[place], y, str(modes[place]), size, "middle", "mode",
            f"mode {modes[place]}{sides[place]}",
        )
        for place in order[::step]
    ]  # fmt: skip


def caption_text(network: TensorNetwork, cut: MinCut | None) -> str:
    """One sentence on the picture: the cut, or what the network is made of."""
    if cut is None:
        return repr(network).splitlines()[0].removeprefix("TensorNetwork: ")
    if len(cut.factors) <= _FACTORS_SPELLED:
        return plain(str(cut))
    spelled = dict(list(cut.factors.items())[: _FACTORS_SPELLED - 1])
    factors = f"{powers_text(spelled)}·… ({len(cut.factors):,} groups)"
    _, _, after = str(cut).rpartition("  (")
    return plain(f"min cut {cut.dimension_text} = {factors} ({after}")


def caption(text: str, middle: float, top: float, width: float, size: float) -> list[Text]:
    """Set `text` below the picture, wrapped to `width`; what is too long ends in an ellipsis."""
    letters = max(20, int(width / text_width("0", size)))
    # A factor such as r0^8 is never torn: lines break at spaces, and within words at last resort.
    lines = textwrap.wrap(
        text, letters, max_lines=_CAPTION_LINES, placeholder=" …", break_on_hyphens=False
    )
    return [
        Text(middle, top + (0.7 + 1.35 * row) * size, line, size, "middle", "caption", text)
        for row, line in enumerate(lines)
    ]


def legend(
    entries: Sequence[tuple[str, Glyph]], middle: float, top: float, width: float, size: float
) -> tuple[list[Glyph], list[Text]]:
    """Set glyphs, which come centred at (0, 0), and words in rows no wider than `width`."""
    slot, space = 1.9 * size, 1.2 * size
    rows: list[list[tuple[str, Glyph]]] = [[]]
    used = 0.0
    for word, glyph in entries:
        wide = slot + text_width(word, size) + space
        if rows[-1] and used + wide > width:
            rows.append([])
            used = 0.0
        rows[-1].append((word, glyph))
        used += wide
    glyphs: list[Glyph] = []
    texts: list[Text] = []
    for number, row in enumerate(rows):
        total = sum(slot + text_width(word, size) for word, _ in row) + space * (len(row) - 1)
        x, y = middle - total / 2, top + (0.7 + 1.5 * number) * size
        for word, glyph in row:
            glyphs.append(_moved(glyph, x + slot / 2 - 0.3 * size, y))
            texts.append(Text(x + slot, y, word, size, "start", "legend", f"legend: {word}"))
            x += slot + text_width(word, size) + space
    return glyphs, texts


def legend_entries(
    size: float, sides: tuple[int, int] | None, has_dots: bool, has_cut: bool, summary: bool
) -> list[tuple[str, Glyph]]:
    """What the glyphs mean, for the kinds that occur."""
    entries: list[tuple[str, Glyph]] = []
    word = "tensor group" if summary else "tensor"
    entries.append((word, Square(0, 0, 0.75 * size, "none", f"legend: {word}")))
    if has_dots:
        entries.append(("copy tensor", Dot(0, 0, 0.3 * size, "none", "legend: copy tensor")))
    if sides is not None:
        entries += side_entries(size, sides)
    if has_cut:
        stroke = ((-0.75 * size, 0.0), (0.75 * size, 0.0))
        dashed = Line((stroke,), 0.16 * size, "none", "legend: cut", cut=True, dash=0.34 * size)
        entries.append(("cut", dashed))
    return entries


def side_entries(size: float, sides: tuple[int, int]) -> list[tuple[str, Glyph]]:
    """The colours of both sides, with how many elements each has."""
    words = [f"side {side} ({count:,})" for side, count in zip("AB", sides, strict=True)]
    return [
        (words[0], Dot(0, 0, 0.4 * size, "a", f"legend: {words[0]}", "input")),
        (words[1], Dot(0, 0, 0.4 * size, "b", f"legend: {words[1]}", "input")),
    ]


def _moved(glyph: Glyph, x: float, y: float) -> Glyph:
    if isinstance(glyph, Line):
        strokes = tuple(tuple((px + x, py + y) for px, py in stroke) for stroke in glyph.strokes)
        return replace(glyph, strokes=strokes)
    return replace(glyph, x=x, y=y)
