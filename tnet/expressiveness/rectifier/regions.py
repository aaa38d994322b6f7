"""Decision regions of rectifier networks in the plane: signs on a grid, and the exact boundary."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import checked_count
from tnet.claims import Claim
from tnet.errors import FeatureError, SizeLimitError
from tnet.expressiveness.rectifier.affine import Array, finite_vector
from tnet.expressiveness.rectifier.cells import CELL_LIMIT, cell_bound
from tnet.expressiveness.rectifier.networks import RectifierNetwork

_ON_LINE = 1e-12
"""Of the largest that a value's terms can be in the box: below it is rounding, and counts as 0."""


@dataclass(frozen=True, eq=False, repr=False)
class DecisionRegions:
    """What a network of two inputs decides in a box.

    Attributes
    ----------
    x, y : ndarray, shape (resolution,)
        The grid.
    signs : ndarray of int, shape (resolution, resolution)
        Entry (i, j) is the decision at (x[j], y[i]).
    segments : ndarray, shape (count, 2, 2)
        Ends of the boundary's pieces: the boundary of where the network is negative.
    polygons : tuple of ndarray, shape (corners, 2)
        The cells in which the score is affine, cut at the box.
    claim : Claim
        How exact they are.
    """

    x: Array
    y: Array
    signs: NDArray[np.int64]
    segments: Array
    polygons: tuple[Array, ...]
    claim: Claim

    def __repr__(self) -> str:
        return (
            f"<DecisionRegions: {len(self.polygons)} cells, {len(self.segments)} boundary segments>"
        )


def decision_regions(
    network: RectifierNetwork,
    box: tuple[tuple[float, float], tuple[float, float]],
    *,
    resolution: int = 200,
    cell_limit: int = CELL_LIMIT,
) -> DecisionRegions:
    r"""Find where a network of two inputs is positive in a box, and the exact boundary.

    Parameters
    ----------
    network : RectifierNetwork
        Of points with two entries.
    box : ((float, float), (float, float))
        Least and largest x, then y.
    resolution : int
        Points of the sign grid along either axis, at least 2.
    cell_limit : int
        Most cells.

    Returns
    -------
    DecisionRegions

    Raises
    ------
    FeatureError
        If the points of the network have other than two entries, or the box is empty.
    SizeLimitError
        If there can be more cells than `cell_limit`.

    Notes
    -----
    The zeros of the functions inside the rectifiers cut the box into convex polygons, on each of
    which the score is affine. A polygon in which it goes below zero adds the part of its zero line
    inside, or the side on which it is zero. So a line along which the score only touches zero is
    part of the boundary, and a polygon on which it is zero throughout is not.

    Examples
    --------
    >>> from tnet.expressiveness.rectifier.facets import facet_witness
    >>> found = decision_regions(facet_witness(2, 2), ((-2, 2), (-2, 2)), resolution=5)
    >>> found
    <DecisionRegions: 4 cells, 3 boundary segments>
    >>> found.signs[0].tolist()
    [-1, -1, -1, 1, 1]
    """
    if network.dim != 2:
        raise FeatureError(
            f"the network takes points of {network.dim} entries, and regions are drawn in the "
            "plane; give a network whose points have 2"
        )
    (left, right), (low, high) = (
        finite_vector(np.asarray(side), f"box[{axis}]", 2) for axis, side in enumerate(box)
    )
    if left >= right or low >= high:
        raise FeatureError(
            f"the box is [{left:g}, {right:g}] by [{low:g}, {high:g}]; give the smaller number of "
            "each side first"
        )
    rows = np.vstack([network.positive.rows, network.negative.rows])
    if cell_bound(len(rows), 2) > cell_limit:
        raise SizeLimitError(
            f"{len(rows)} lines can have {cell_bound(len(rows), 2):,} cells, above the limit of "
            f"{cell_limit:,}; take fewer rectifiers or raise cell_limit"
        )
    corners = np.array([[left, low], [right, low], [right, high], [left, high]])
    polygons = _polygons(corners, rows)
    count = max(2, checked_count(resolution, "resolution"))
    x, y = np.linspace(left, right, count), np.linspace(low, high, count)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    claim = Claim(
        "numerical",
        "exact but for rounding: every cell of the arrangement is cut at its own zero line",
        (f"values below {_ON_LINE:.0e} of their largest terms in the box count as zero",),
    )
    segments = _boundary(network, polygons, float(np.abs(corners).max()))
    decided = network(grid).reshape(count, count)
    return DecisionRegions(x, y, decided, segments, tuple(polygons), claim)


def _polygons(box: Array, rows: Array) -> list[Array]:
    """Cut a convex polygon by the zero lines of functions, one after the other."""
    reach = float(np.abs(box).max())
    polygons = [box]
    for row in rows:
        cut: list[Array] = []
        for polygon in polygons:
            values = _values(polygon, row, reach)
            sides = [side for side in (values, -values) if (side > 0).any()]
            # Two sides unless the line passes by.
            cut += [_kept(polygon, side) for side in sides] if len(sides) == 2 else [polygon]
        polygons = cut
    return polygons


def _values(points: Array, row: Array, reach: float) -> Array:
    """Values of an affine function, zero where they are within rounding of it."""
    values = points @ row[:-1] + row[-1]
    size = np.abs(row[:-1]).sum() * reach + abs(row[-1])
    rounded: Array = np.where(np.abs(values) <= _ON_LINE * size, 0.0, values)
    return rounded


def _kept(polygon: Array, values: Array) -> Array:
    """The part of a convex polygon where values given at its corners are at least 0."""
    corners: list[Array] = []
    for at, value in enumerate(values):
        after = (at + 1) % len(values)
        if value >= 0:
            corners.append(polygon[at])
        if value * values[after] < 0:
            share = value / (value - values[after])
            corners.append(polygon[at] + share * (polygon[after] - polygon[at]))
    return np.array(corners)


def _boundary(network: RectifierNetwork, polygons: list[Array], reach: float) -> Array:
    """Zero lines of the score within the polygons on which it goes below zero, each once."""
    parts = [(1.0, network.positive), (-1.0, network.negative)]
    found: dict[tuple[float, ...], Array] = {}
    for polygon in polygons:
        piece = np.array([0.0, 0.0, network.bias])
        for sign, part in parts:
            piece += sign * (part(polygon.mean(axis=0)[None])[0] > 0) @ part.rows
        values = _values(polygon, piece, reach)
        if not (values < 0).any():
            continue
        zeros = [polygon[at] for at in np.flatnonzero(values == 0)]
        for at in np.flatnonzero(values * np.roll(values, -1) < 0):
            after = (at + 1) % len(values)
            share = values[at] / (values[at] - values[after])
            zeros.append(polygon[at] + share * (polygon[after] - polygon[at]))
        if len(zeros) == 2:
            segment = np.array(sorted(zeros, key=tuple))
            found.setdefault(tuple(segment.round(9).ravel() + 0.0), segment)
    return np.array(list(found.values())).reshape(-1, 2, 2)
