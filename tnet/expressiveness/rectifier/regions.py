"""Decision regions of rectifier networks in the plane: signs on a grid, and the exact boundary."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.contraction.memory import bytes_text
from tnet.errors import FeatureError, MemoryLimitError, SizeLimitError
from tnet.expressiveness.arguments import checked_whole, shown
from tnet.expressiveness.rectifier.affine import Array, checked_instance, finite_vector
from tnet.expressiveness.rectifier.cells import CELL_LIMIT, cell_bound
from tnet.expressiveness.rectifier.networks import RectifierNetwork

_ON_LINE = 1e-12
"""Of the largest that a value's terms can be in the box: below it is rounding, and counts as 0."""

_LARGEST = 1e150
"""Largest that a score's terms may be in the box: squares of them are still numbers."""

_MOST_BYTES = 2**30
"""Most bytes of the grid of signs."""


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
        Points of the sign grid along either axis, at least 2; of 11,585 the signs take 1 GiB, and
        more are refused.
    cell_limit : int
        Most cells.

    Returns
    -------
    DecisionRegions

    Raises
    ------
    FeatureError
        If the points of the network have other than two entries, the box is empty or no box, or
        the score is above 1e150 in it.
    ParameterError
        If the network is no `RectifierNetwork`, or the box has other than finite numbers.
    SpecError
        If the resolution is no whole number of at least 2, or the limit none of at least 1.
    MemoryLimitError
        If the signs take more than 1 GiB.
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
    checked_instance(network, RectifierNetwork, "network")
    checked_whole(cell_limit, "cell_limit")
    count = _grid_points(resolution)
    if network.dim != 2:
        raise FeatureError(
            f"the network takes points of {network.dim} entries, and regions are drawn in the "
            "plane; give a network whose points have 2"
        )
    (left, right), (low, high) = _sides(box)
    corners = np.array([[left, low], [right, low], [right, high], [left, high]])
    rows = np.vstack([network.positive.rows, network.negative.rows])
    _check_sizes(rows, network.bias, float(np.abs(corners).max()))
    if cell_bound(len(rows), 2) > cell_limit:
        raise SizeLimitError(
            f"{len(rows)} lines can have {cell_bound(len(rows), 2):,} cells, above the limit of "
            f"{cell_limit:,}; take fewer rectifiers or raise cell_limit"
        )
    polygons = _polygons(corners, rows)
    x, y = np.linspace(left, right, count), np.linspace(low, high, count)
    claim = Claim(
        "numerical",
        "exact but for rounding: every cell of the arrangement is cut at its own zero line",
        (f"values below {_ON_LINE:.0e} of their largest terms in the box count as zero",),
    )
    segments = _boundary(network, polygons, float(np.abs(corners).max()))
    decided = np.empty((count, count), dtype=np.int64)
    for line, height in zip(decided, y, strict=True):
        line[:] = network(np.column_stack([x, np.full(count, height)]))
    return DecisionRegions(x, y, decided, segments, tuple(polygons), claim)


def _grid_points(resolution: int) -> int:
    """Points along an axis, or raise if they are none or too many."""
    count = checked_whole(resolution, "resolution", least=2)
    needed = 8 * count**2
    if needed > _MOST_BYTES:
        raise MemoryLimitError(
            f"resolution is {shown(count)}, so the signs take {bytes_text(needed)}, above the "
            f"limit of {bytes_text(_MOST_BYTES)}; give at most {math.isqrt(_MOST_BYTES // 8):,}"
        )
    return count


def _sides(box: object) -> tuple[Array, Array]:
    """Both sides of a box, or raise if it has no inside."""
    if not isinstance(box, Sequence | np.ndarray) or len(box) != 2:
        raise FeatureError(
            f"the box is {shown(box)}; give ((least x, largest x), (least y, largest y))"
        )
    across, up = (finite_vector(side, f"box[{axis}]", 2) for axis, side in enumerate(box))
    if across[0] >= across[1] or up[0] >= up[1]:
        raise FeatureError(
            f"the box is [{across[0]:g}, {across[1]:g}] by [{up[0]:g}, {up[1]:g}]; give the "
            "smaller number of each side first"
        )
    return across, up


def _check_sizes(rows: Array, bias: float, reach: float) -> None:
    """Raise if the score's terms are so large in the box that products of them overflow."""
    entries = np.abs([*rows.ravel(), bias, reach])
    # Only where no product overflows is it formed.
    if entries.max() <= _LARGEST:
        sizes = np.abs(rows) @ [reach, reach, 1.0]
        if sizes.sum() + abs(bias) <= _LARGEST:
            return
    raise FeatureError(
        f"the box reaches out to {reach:g}, where the score's terms are above {_LARGEST:g}; give a "
        "smaller box or smaller weights"
    )


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
            # In the box's own scale, in which ends that differ by rounding are one.
            found.setdefault(tuple((segment / reach).round(9).ravel() + 0.0), segment)
    return np.array(list(found.values())).reshape(-1, 2, 2)
