"""The picture of the interactive page: glyphs as plain numbers, coloured by the page itself."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from tnet.drawing import labels
from tnet.drawing.glyphs import Box, Glyph, Line, Text, text_width, union
from tnet.drawing.layout import layered_layout
from tnet.drawing.positions import Layout, has_dot
from tnet.drawing.scene import network_scene
from tnet.drawing.sizes import Sizes, sizes_for
from tnet.network.model import TensorNetwork
from tnet.network.views import Names

_LONGEST_LABEL = 26
_WIDEST_LINE = 4.6
_LABEL_ROOM = "  dim 1024"


def picture_of(network: TensorNetwork) -> dict[str, Any]:
    """Draw every tensor and index, and a key to press for every reading.

    Parameters
    ----------
    network : TensorNetwork
        Small enough to be drawn whole.

    Returns
    -------
    dict
        Ready for JSON. Lines and squares go by id, keys by place in ``network.inputs``; lengths
        are in pixels, y downwards.
    """
    layout = layered_layout(network)
    sizes = sizes_for(network, layout, has_dot(network))
    scene = network_scene(network, layout)
    modes = labels.mode_labels(network, layout, sizes, [""] * len(network.inputs))
    keys = _keys(network, layout, sizes, modes)
    modes = [] if keys["labelled"] else _below(modes, keys)
    drawn: list[Glyph] = [*scene.lines, *scene.squares, *scene.dots]
    pressed = [Box(x, y, x + keys["width"], y + keys["height"]) for x, y in keys["at"]]
    content = union([*(glyph.box for glyph in drawn), *pressed] or [Box(0, 0, 0, 0)])
    bands = _bands(network, layout, sizes, content.x0 - 1.3 * sizes.font)
    boxes = [content, *(text.box for text in modes), *(_band_box(band, sizes) for band in bands)]
    view = union(boxes).grown(0.8 * sizes.font)
    dotted = np.nonzero(has_dot(network))[0].tolist()
    return {
        "view": _rounded([view.x0, view.y0, view.width, view.height]),
        "font": round(sizes.font, 2),
        "widest": min(_WIDEST_LINE, max(0.9, 0.16 * sizes.gap)),
        "lines": [_line(line) for line in scene.lines],
        "dots": [
            [index, *_rounded([dot.x, dot.y, dot.radius])]
            for index, dot in zip(dotted, scene.dots, strict=True)
        ],
        "squares": [_rounded([square.x, square.y, square.size]) for square in scene.squares],
        "keys": keys,
        "modes": [_text(text) for text in modes],
        "names": [_text(text) for text in scene.texts if text.kind == "name"],
        "bands": bands,
        "stripes": [_rounded([stripe.y, stripe.height]) for stripe in scene.stripes],
    }


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 2) for value in values]


def _line(line: Line) -> dict[str, Any]:
    strokes = [_rounded(part for point in stroke for part in point) for stroke in line.strokes]
    return {"strokes": strokes, "curved": line.curved}


def _text(text: Text) -> list[Any]:
    return [*_rounded([text.x, text.y, text.size]), text.text]


def _keys(
    network: TensorNetwork, layout: Layout, sizes: Sizes, modes: list[Text]
) -> dict[str, Any]:
    """Upper left corners of the keys, as wide as the gaps between inputs allow."""
    across, down = sizes.to_pixels(layout.terminals).T if len(network.inputs) else np.zeros((2, 0))
    gaps = np.diff(np.unique(across.round(3)))
    width = round(min(0.86 * float(gaps.min(initial=sizes.gap)), 34.0), 2)
    font = min((text.size for text in modes), default=0.0)
    widest = max((text_width(text.text, font) for text in modes), default=0.0)
    return {
        "width": width,
        "height": round(max(1.35 * sizes.font, 24.0 if width > 12 else 32.0), 2),
        "at": [_rounded([x - width / 2, y]) for x, y in zip(across, down, strict=True)],
        "font": round(font, 2),
        "labelled": len(modes) == len(network.inputs) and 1.3 * widest < width and font >= 8,
    }


def _below(modes: list[Text], keys: dict[str, Any]) -> list[Text]:
    """Move the numbers of the modes from under the ends of the lines to under the keys."""
    low = max((y for _, y in keys["at"]), default=0.0) + keys["height"]
    return [replace(text, y=low + 0.95 * text.size) for text in modes]


def _bands(
    network: TensorNetwork, layout: Layout, sizes: Sizes, right: float
) -> list[dict[str, Any]]:
    """What stands in each band, from the top; the page writes it with the dims of the moment."""
    heights = layout.indices[:, 1].copy()
    heights[network.inputs] = layout.terminals[:, 1]
    tensors = _numbers_at(layout.tensors[:, 1], network.tensor_names)
    indices = _numbers_at(heights, network.index_names)
    bands: list[dict[str, Any]] = []
    for height in sorted({*tensors, *indices}, reverse=True):
        y = -height * sizes.band
        if bands:
            y = max(y, bands[-1]["y"] + 1.25 * sizes.font)
        names = [network.tensor_groups[number].name for number in tensors.get(height, [])]
        label = labels.shortened(", ".join(names), _LONGEST_LABEL) if names else ""
        groups = indices.get(height, [])
        listed = ", ".join(network.index_groups[number].name for number in groups)
        room = labels.shortened(listed, _LONGEST_LABEL) + _LABEL_ROOM
        at = {"x": round(right, 2), "y": round(y, 2)}
        bands.append({**at, "tensors": label, "groups": groups, "room": room})
    return bands


def _numbers_at(heights: np.ndarray[Any, Any], names: Names) -> dict[float, list[int]]:
    """Numbers of the groups that have a member at each height."""
    found: dict[float, list[int]] = {}
    for number, (start, end) in enumerate(zip(names.starts, names.starts[1:], strict=False)):
        for height in np.unique(heights[start:end].round(6)).tolist():
            found.setdefault(height, []).append(number)
    return found


def _band_box(band: dict[str, Any], sizes: Sizes) -> Box:
    width = text_width(band["tensors"] or band["room"], 0.82 * sizes.font)
    return Box(band["x"] - width, band["y"], band["x"], band["y"]).grown(0.5 * sizes.font)
