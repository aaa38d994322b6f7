"""Sizes: how large a gap, a glyph and a letter are, from how much there is to draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.glyphs import text_width
from tnet.drawing.positions import Layout, Points
from tnet.network.model import TensorNetwork

_NAME_FONT = 11.0
_NAMED_SQUARE = 27.0
_MOST_NAMED = 64


@dataclass(frozen=True, eq=False, slots=True)
class Sizes:
    """Scale of a picture, in pixels.

    Attributes
    ----------
    gap, band : float
        One unit of the layout along x and along y.
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

    gap: float
    band: float
    font: float
    square: NDArray[np.float64]
    radius: NDArray[np.float64]
    terminal: float
    named: bool

    def to_pixels(self, points: Points) -> Points:
        """Scale `points` of a layout; y then grows downwards."""
        return points * [self.gap, -self.band]


def sizes_for(network: TensorNetwork, layout: Layout, dots: NDArray[np.bool_]) -> Sizes:
    """Choose sizes so that the picture fills a page and nothing in a row touches."""
    # Tips of open legs count for the extent, not for the gaps.
    spots = np.concatenate([layout.tensors, layout.indices[dots], layout.terminals])
    every = np.concatenate([spots, layout.indices])
    columns, rows = (float(extent) for extent in np.ptp(every, axis=0)) if len(every) else (0, 0)
    least = 1800 / max(columns, 1) if columns > 256 else 7.0
    gap = max(3.0, float(np.clip(1200 / max(columns, 1), least, 46)))
    width = max(420.0, columns * gap)
    band = float(np.clip(0.46 * width / max(rows, 1), 27, 66))
    font = float(np.clip(width / 82, 12, 23))
    gaps = _least_gaps(spots) * gap
    n_tensors, n_dots = len(layout.tensors), int(dots.sum())
    square = np.clip(0.68 * gaps[:n_tensors], 2, min(15, 0.45 * band))
    radius = np.zeros(len(layout.indices))
    radius[dots] = np.clip(0.2 * gaps[n_tensors : n_tensors + n_dots], 1.3, 5)
    terminal = float(np.clip(0.37 * gap, 1.2, 6.5))
    named = _can_be_named(network, gaps[:n_tensors])
    if named:
        square = np.full(n_tensors, _NAMED_SQUARE)
        band = max(band, 1.25 * _NAMED_SQUARE)
    return Sizes(gap, band, min(font, band / 1.45), square, radius, terminal, named)


def name_font(name: str) -> float:
    """Size at which `name` fits into a large square; 0 if it does not."""
    size = _NAME_FONT * min(1.0, (_NAMED_SQUARE - 3) / text_width(name, _NAME_FONT))
    return size if size >= 7 else 0.0


def _can_be_named(network: TensorNetwork, gaps: NDArray[np.float64]) -> bool:
    """Whether the tensors are few, each of its own group, far apart, and shortly named."""
    groups = network.tensor_groups
    return (
        len(groups) == network.n_tensors <= _MOST_NAMED
        and bool((gaps >= 1.3 * _NAMED_SQUARE).all())
        and all(name_font(group.name) > 0 for group in groups)
    )


def _least_gaps(spots: Points) -> NDArray[np.float64]:
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
