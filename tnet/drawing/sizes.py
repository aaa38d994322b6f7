"""Sizes: how large a gap, a glyph and a letter are, from how much there is to draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.frames import Disc, Plane
from tnet.drawing.glyphs import text_width
from tnet.drawing.positions import Layout, Points
from tnet.network.model import TensorNetwork

NAME_FONT = 11.0
NAMED_SQUARE = 27.0
NAMED_BAND = 1.25 * NAMED_SQUARE
NAMED_GAP = 1.3 * NAMED_SQUARE
_MOST_NAMED = 64
_TALLEST = 2400.0


@dataclass(frozen=True, eq=False, slots=True)
class Sizes:
    """Scale of a picture, in pixels.

    Attributes
    ----------
    frame : Plane or Disc
        From units of the layout to pixels.
    gap, band : float
        One unit of the layout along x and along y; on a disc, between inputs and between rings.
    font : float
        Size of captions and labels.
    square : ndarray, shape (n_tensors,)
        Side of each tensor's square.
    radius : ndarray, shape (n_indices,)
        Radius of each index's dot, where it has one.
    terminal : float
        Radius of the input terminals.
    named : bool
        Whether the squares are large enough to hold the names of their tensors.
    """

    frame: Plane | Disc
    gap: float
    band: float
    font: float
    square: NDArray[np.float64]
    radius: NDArray[np.float64]
    terminal: float
    named: bool

    def to_pixels(self, points: Points) -> Points:
        """Place `points` of a layout; y then grows downwards."""
        return self.frame.to_pixels(points)


def sizes_for(network: TensorNetwork, layout: Layout, dots: NDArray[np.bool_]) -> Sizes:
    """Choose sizes so that the picture fills a page and nothing in a row touches."""
    spots = drawn_spots(layout, dots)
    every = np.concatenate([spots, layout.indices])
    columns, rows = (float(extent) for extent in np.ptp(every, axis=0)) if len(every) else (0, 0)
    gap, band, font = page_scale(columns, rows)
    gaps = least_gaps(spots) * gap
    terminal = float(np.clip(0.37 * gap, 1.2, 6.5))
    named = can_be_named(network) and bool((gaps[: len(layout.tensors)] >= NAMED_GAP).all())
    if named:
        band = max(band, NAMED_BAND)
    square, radius = glyph_sizes(gaps, dots, len(layout.tensors), band, named)
    font = min(font, max(band / 1.45, 12.0))
    return Sizes(Plane(gap, band), gap, band, font, square, radius, terminal, named)


def name_font(name: str, square: float = NAMED_SQUARE) -> float:
    """Size at which `name` fits into a square with names; 0 if it does not."""
    size = NAME_FONT * min(1.0, (NAMED_SQUARE - 3) / text_width(name, NAME_FONT))
    return size * square / NAMED_SQUARE if size >= 7 else 0.0


def page_scale(columns: float, rows: float) -> tuple[float, float, float]:
    """Gap between columns, band of a row, and font size with which so many fill a page."""
    least = 1800 / max(columns, 1) if columns > 256 else 7.0
    gap = max(3.0, float(np.clip(1200 / max(columns, 1), least, 46)))
    width = max(420.0, columns * gap)
    # Very many levels come closer than their labels, of which some are then left out.
    shortest = float(np.clip(_TALLEST / max(rows, 1), 6, 27))
    band = float(np.clip(0.46 * width / max(rows, 1), shortest, 66))
    return gap, band, float(np.clip(width / 82, 12, 23))


def can_be_named(network: TensorNetwork) -> bool:
    """Whether the tensors are few, each of its own group, and shortly named."""
    groups = network.tensor_groups
    return len(groups) == network.n_tensors <= _MOST_NAMED and all(
        name_font(group.name) > 0 for group in groups
    )


def drawn_spots(layout: Layout, dots: NDArray[np.bool_]) -> Points:
    """Where glyphs stand: tensors, dots, then terminals; not the tips of open legs."""
    return np.concatenate([layout.tensors, layout.indices[dots], layout.terminals])


def glyph_sizes(
    gaps: Points, dots: NDArray[np.bool_], n_tensors: int, band: float, named: bool
) -> tuple[Points, Points]:
    """Sides of the squares and radii of the dots that leave room in every row.

    Parameters
    ----------
    gaps : ndarray of float64
        Least gap in the row of every spot, in pixels.
    dots : ndarray of bool, shape (n_indices,)
        Which indices have a dot.
    n_tensors : int
        How many of the spots are tensors; those of dots follow.
    band : float
        Pixels between rows.
    named : bool
        Whether squares hold names.
    """
    square = np.clip(0.68 * gaps[:n_tensors], 2, min(15, 0.45 * band))
    if named:
        square = np.full(n_tensors, NAMED_SQUARE)
    radius = np.zeros(len(dots))
    widest = min(5.0, max(1.3, 0.19 * band))
    radius[dots] = np.clip(0.2 * gaps[n_tensors : n_tensors + int(dots.sum())], 1.3, widest)
    return square, radius


def least_gaps(spots: Points) -> Points:
    """Least gap in the row of each spot, in units; infinite in a row of one."""
    gaps = np.full(len(spots), np.inf)
    if len(spots) < 2:
        return gaps
    order = np.lexsort((spots[:, 0], spots[:, 1]))
    x, y = spots[order].T
    new_row = np.diff(y) > 1e-6
    row = np.concatenate([[0], np.cumsum(new_row)])
    least = np.full(int(row[-1]) + 1, np.inf)
    np.minimum.at(least, row[1:][~new_row], np.diff(x)[~new_row])
    gaps[order] = least[row]
    return gaps
