"""Sizes of a radial picture: how far from the middle each level stands."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.frames import Disc
from tnet.drawing.glyphs import Point
from tnet.drawing.positions import Layout, Points
from tnet.drawing.sizes import (
    NAME_FONT,
    NAMED_BAND,
    NAMED_GAP,
    NAMED_SQUARE,
    Sizes,
    can_be_named,
    drawn_spots,
    glyph_sizes,
    least_gaps,
)
from tnet.network.model import TensorNetwork

_GAP_OF_THE_STEM = 0.32
_WIDEST_BAND = 84.0
_SAME_ROW = 1e-6
_LEAST_RADIUS = 200.0
_LARGEST_FONT = 54.0
_MOST_ENLARGED = 1.7
_WIDEST_TERMINAL = 8.5


def radial_sizes(network: TensorNetwork, layout: Layout, dots: NDArray[np.bool_]) -> Sizes:
    """Choose rings so that the picture fills a page and nothing in a ring touches.

    Parameters
    ----------
    network : TensorNetwork
        What is drawn.
    layout : Layout
        Its layered layout: x becomes the angle, from the top clockwise, and y the ring.
    dots : ndarray of bool, shape (n_indices,)
        Which indices have a dot.
    """
    spots = drawn_spots(layout, dots)
    if not len(spots):
        spots = np.zeros((1, 2))
    x = np.concatenate([spots, layout.indices])[:, 0]
    columns = float(np.ptp(x))
    turn = (2 * math.pi - _GAP_OF_THE_STEM) / max(columns, 1.0)
    turn = min(turn, 2 * math.pi / (columns + 1.6))
    named = can_be_named(network)
    gap = float(np.clip(2700 / max(columns, 1), 9.0, 54.0))
    heights, row_of = np.unique(spots[:, 1].round(6), return_inverse=True)
    # Very many rings come close; very few spread, so that their middle has room.
    closest = float(np.clip(1100 / len(heights), 4.0, max(26.0, _LEAST_RADIUS / len(heights))))
    band = float(np.clip(gap / turn / len(heights), closest, _WIDEST_BAND))
    if named:
        band, gap = max(band, NAMED_BAND), max(gap, NAMED_GAP)
    units = least_gaps(spots)
    alone = _stem_rows(_links(network, layout, dots), spots, heights)
    radii = _radii(heights, alone, _needed(units, row_of, turn, gap, named), band)
    middle = float(heights[-alone]) if alone else None
    disc = Disc(
        # The tips of output legs are above the highest level.
        np.append(heights, heights[-1] + 1),
        np.append(radii, max(radii[-1] - 0.8 * band, 0.0)),
        float(x.min()),
        float(x.max()),
        turn,
        middle,
        _column(spots, middle),
        float(np.clip(0.62 * radii[radii > 0].min(initial=60.0), 18.0, 46.0)),
    )
    pixels = units.copy()
    shared = np.isfinite(units)
    pixels[shared] *= turn * disc.radius(spots[shared, 1])
    square, radius = glyph_sizes(pixels, dots, len(layout.tensors), band, named)
    # In proportion, so that words are as large on a page whatever is drawn.
    font = float(np.clip(radii.max() / 30, 12, _LARGEST_FONT))
    if named:
        # Names in the squares are never larger than the words around.
        square *= min(_enlarged(disc.to_pixels(spots), len(square)), font / NAME_FONT)
    between = float(pixels[len(spots) - len(layout.terminals) :].min(initial=44.0))
    terminal = float(np.clip(0.37 * min(between, band), 1.2, 6.5))
    return Sizes(disc, min(between, 46.0), band, font, square, radius, terminal, named)


def _stem_rows(links: Iterable[tuple[Point, Point]], spots: Points, heights: Points) -> int:
    """How many rows from the top hold one node, each but the last with one node below."""
    below: dict[Point, list[Point]] = {}
    for low, high in links:
        below.setdefault(high, []).append(low)
    rows = 0
    for height in heights[::-1].tolist():
        here = spots[np.abs(spots[:, 1] - height) < _SAME_ROW]
        if len(here) > 1:
            return rows
        rows += 1
        if len(below.get((float(here[0, 0]), float(here[0, 1])), [])) != 1:
            return rows
    return rows


def _links(
    network: TensorNetwork, layout: Layout, dots: NDArray[np.bool_]
) -> Iterator[tuple[Point, Point]]:
    """Places of the lower and of the upper end of all that joins two nodes."""
    at_tensors = [(x, y) for x, y in layout.tensors.tolist()]
    terminals = ((x, y) for x, y in layout.terminals.tolist())
    terminal_at = dict(zip(network.inputs.tolist(), terminals, strict=True))
    for index, (x, y) in enumerate(layout.indices.tolist()):
        ends = [at_tensors[tensor] for tensor in network.incidence.tensors_at(index).tolist()]
        ends += [terminal_at[index]] if index in terminal_at else []
        for end in ends if dots[index] else ends[1:]:
            low, high = sorted((end, (x, y) if dots[index] else ends[0]), key=lambda at: at[1])
            yield low, high


def _needed(
    units: Points, row_of: NDArray[np.int64], turn: float, gap: float, named: bool
) -> Points:
    """Least radius at which the nodes of each row have room; the lowest row has the inputs."""
    needed = np.zeros(int(row_of.max()) + 1)
    room = np.full(len(needed), gap if named else min(gap, 8.0))
    room[0] = gap
    np.maximum.at(needed, row_of.reshape(-1), room[row_of.reshape(-1)] / (units * turn))
    return needed


def _radii(heights: Points, alone: int, needed: Points, band: float) -> Points:
    """Radii of the rows, outwards from the middle or from a hole."""
    radii = np.zeros(len(heights))
    first = len(heights) - alone - 1
    for row in range(first, -1, -1):
        if row == first and not alone:
            radii[row] = max(1.5 * band, needed[row])
            continue
        apart = heights[row + 1] - heights[row]
        radii[row] = max(radii[row + 1] + band * apart, needed[row])
    # Where the inputs need a wide circle, the others spread over the room inside.
    outside = heights[: first + 1]
    if alone:
        middle = heights[first + 1]
        even = radii[0] * (middle - outside) / max(middle - outside.min(initial=middle), 1e-9)
    else:
        even = radii[0] - _WIDEST_BAND * (outside - outside[0])
    radii[: first + 1] = np.maximum(radii[: first + 1], even)
    return radii


def _enlarged(places: Points, n_tensors: int) -> float:
    """How much larger the squares, which are first, may be: their names are then easier to read."""
    apart = np.abs(places[:n_tensors, None] - places[None]).max(axis=2)
    apart[np.arange(n_tensors), np.arange(n_tensors)] = np.inf
    to_squares = float(apart[:, :n_tensors].min(initial=np.inf)) / NAMED_GAP
    room = 2 * (float(apart[:, n_tensors:].min(initial=np.inf)) - _WIDEST_TERMINAL)
    return float(np.clip(min(to_squares, room / NAMED_SQUARE), 1.0, _MOST_ENLARGED))


def _column(spots: Points, middle: float | None) -> float:
    if middle is None:
        return 0.0
    return float(spots[np.abs(spots[:, 1] - middle) < _SAME_ROW][0, 0])
