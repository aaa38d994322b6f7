"""Trees of any kind on a page: where the nodes stand, and the line from each to its parent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.glyphs import Stroke
from tnet.drawing.layers_layout import spaced
from tnet.drawing.positions import Points
from tnet.drawing.sizes import least_gaps, page_scale
from tnet.drawing.tree_columns import tree_columns, tree_depths


@dataclass(frozen=True, eq=False, slots=True)
class TreePlaces:
    """Nodes of a forest in pixels, y downwards.

    Attributes
    ----------
    up : ndarray of int, shape (n_nodes,)
        Parent of every node, which comes after it; -1 at roots.
    points : ndarray of float64, shape (n_nodes, 2)
        Where each node stands.
    room : ndarray of float64, shape (n_nodes,)
        Least distance to a neighbour in the row.
    gap, band, font : float
        Between leaves, between rows, and size of the letters.
    bends : bool
        Whether lines rise straight to the row below their parent before they go across.
    """

    up: NDArray[np.integer[Any]]
    points: Points
    room: Points
    gap: float
    band: float
    font: float
    bends: bool

    def strokes(self) -> list[Stroke]:
        """Return the stroke from every node to its parent; none from roots."""
        at = [(x, y) for x, y in self.points.tolist()]
        strokes: list[Stroke] = []
        for node, parent in enumerate(self.up.tolist()):
            if parent < 0:
                strokes.append(())
                continue
            (x, y), high = at[node], at[parent]
            elbow = high[1] + self.band
            bent = self.bends and y > elbow + 1e-6 and x != high[0]
            strokes.append((at[node], (x, elbow), high) if bent else (at[node], high))
        return strokes


def tree_places(
    up: NDArray[np.integer[Any]],
    heights: Points,
    keys: NDArray[np.integer[Any]],
    columns: Points | None = None,
) -> TreePlaces:
    """Place a forest on a page.

    Parameters
    ----------
    up : ndarray of int, shape (n_nodes,)
        Parent of every node, which comes after it; -1 at roots.
    heights : ndarray of float64
        Row of every node, from 0.
    keys : ndarray of int
        Siblings stand in the order of their keys.
    columns : ndarray of float64, optional
        Column of every leaf, whatever may cross then; other nodes stand over the middle.
    """
    if columns is None:
        x = tree_columns(up, tree_depths(up), keys)
    else:
        x = _over_the_middle(up, heights, columns)
    gap, band, font = page_scale(float(np.ptp(x)), float(np.ptp(heights)))
    points = np.stack([x * gap, -heights * band], axis=1)
    room = least_gaps(np.stack([x * gap, heights], axis=1))
    return TreePlaces(up, points, room, gap, band, font, columns is None)


def _over_the_middle(up: NDArray[np.integer[Any]], heights: Points, columns: Points) -> Points:
    """Columns of the leaves as given; other nodes over the mean of their children, apart."""
    x = columns.astype(float)
    has_child = np.zeros(len(up), dtype=bool)
    has_child[up[up >= 0]] = True
    width = float(np.ptp(x)) + 1
    for height in np.unique(heights[has_child]).tolist():
        row = np.nonzero(has_child & (heights == height))[0]
        is_below = np.isin(up, row)
        means = np.bincount(up[is_below], x[is_below]) / np.maximum(np.bincount(up[is_below]), 1)
        row = row[np.argsort(means[row], kind="stable")]
        x[row] = spaced(means[row].tolist(), np.full(len(row), 0.7 * width / len(row)))
    return x
