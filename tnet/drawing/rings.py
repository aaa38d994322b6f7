"""What stands around a radial picture: rings behind the tensors, and labels outside them."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from tnet.drawing.frames import Disc
from tnet.drawing.glyphs import Line, Point, Stroke, Text, text_width
from tnet.drawing.labels import LONGEST_LABEL, band_names, plain, shortened
from tnet.drawing.positions import Layout
from tnet.drawing.sizes import Sizes
from tnet.network.model import TensorNetwork

_MOST_LINES = 40
_SMALLEST_FONT = 8.0
# A cubic curve through a quarter of a circle is nearest to it with this handle.
_QUARTER = 0.5522847498


def ring_stripes(layout: Layout, disc: Disc, band: float) -> tuple[Line, ...]:
    """Shade the rings that tensors stand in, so that levels are seen at a glance."""
    heights = np.unique(layout.tensors[:, 1].round(6))
    radii = np.unique(disc.radius(heights).round(3))
    wide = 0.5 * min(band, float(np.diff(radii).min(initial=2 * band)))
    return tuple(
        Line((_circle(radius),), wide, "none", "ring of tensors", "ring", curved=True)
        for radius in radii.tolist()
        if radius > wide
    )


def _circle(radius: float) -> Stroke:
    k, points = _QUARTER * radius, [(0.0, -radius)]
    x, y, along = 0.0, -radius, (1.0, 0.0)
    for _ in range(4):
        ahead = (-along[1], along[0])
        corner = (x + along[0] * radius + ahead[0] * radius, y + radius * (along[1] + ahead[1]))
        points += [
            (x + along[0] * k, y + along[1] * k),
            (corner[0] - ahead[0] * k, corner[1] - ahead[1] * k),
            corner,
        ]
        (x, y), along = corner, ahead
    return tuple(points)


def ring_labels(
    network: TensorNetwork, layout: Layout, sizes: Sizes, right: float, middle: float
) -> list[Text]:
    """List what stands on the rings, from the middle outwards, in lines that end at `right`."""
    named = band_names(network, layout)
    lines = [("from the middle outwards:", "levels from the middle outwards")]
    lines += [(shortened(label, LONGEST_LABEL), plain(label)) for _, label in named[:_MOST_LINES]]
    if len(named) > _MOST_LINES:
        more = f"… and {len(named) - _MOST_LINES:,} more"
        lines.append((more, more))
    step = 1.35 * sizes.font
    top = middle - step * (len(lines) - 1) / 2
    return [
        Text(right, top + row * step, text, sizes.font, "end", "level", title)
        for row, (text, title) in enumerate(lines)
    ]


def round_mode_labels(
    network: TensorNetwork, layout: Layout, sizes: Sizes, disc: Disc, sides: Sequence[str]
) -> list[Text]:
    """Number the inputs outside the outermost ring: all of them, or every second, fourth, ..."""
    if not len(network.inputs):
        return []
    angles = disc.angle(layout.terminals[:, 0])
    radii = disc.radius(layout.terminals[:, 1]) + sizes.terminal
    order = np.argsort(angles, kind="stable").tolist()
    modes = [str(mode) for mode in network.input_modes.tolist()]
    widest = max(text_width(mode, 1) for mode in modes)
    # Rather some numbers that can be read beside the other words than all of them.
    smallest = max(_SMALLEST_FONT, 0.6 * sizes.font)
    size = max(smallest, min(sizes.font, sizes.gap / max(widest, 1.2)))
    step = 1
    while True:
        texts = [
            Text(
                *_outside(float(angles[place]), float(radii[place]), modes[place], size),
                modes[place],
                size,
                "middle",
                "mode",
                f"mode {modes[place]}{sides[place]}",
            )
            for place in order[::step]
        ]
        if len(texts) < 3 or not _touch(texts):
            return texts
        step *= 2


def _outside(angle: float, radius: float, text: str, size: float) -> Point:
    """Middle of a text whose box lies just outside a circle."""
    across, up = math.sin(angle), -math.cos(angle)
    reach = abs(across) * text_width(text, size) / 2 + abs(up) * 0.6 * size
    away = radius + 0.35 * size + reach
    return away * across, away * up


def _touch(texts: list[Text]) -> bool:
    """Whether any two neighbours around the circle meet, the last and the first included."""
    boxes = [text.box for text in texts]
    return any(
        one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
        for one, other in itertools.pairwise([*boxes, boxes[0]])
    )
