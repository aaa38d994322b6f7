"""Which threshold units of a rectifier network are needed, found by linear programming."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.expressiveness.rectifier.affine import Affine, Array
from tnet.expressiveness.rectifier.cells import OPEN, Cells, cells, largest, normalised, scale_of
from tnet.expressiveness.rectifier.convex import (
    Convex,
    crossing,
    moving_rows,
    one_sided,
    parallel,
)
from tnet.expressiveness.rectifier.facets import facet_subsets
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.thresholds import Form, ThresholdNetwork


@dataclass(frozen=True, eq=False)
class Region:
    """Where a convex function is negative, or at most 0, by its pieces.

    Attributes
    ----------
    pieces : ndarray, shape (units, d + 1)
        The function is their largest where that matters.
    certain : bool
        Whether it clearly has inside, and the pieces are just the facets; else they are all that
        occur.
    """

    pieces: Array
    certain: bool


def pruned_groups(network: RectifierNetwork, form: Form, *, cell_limit: int) -> ThresholdNetwork:
    r"""Return the threshold units of a rectifier network without those that are not needed.

    Parameters
    ----------
    network : RectifierNetwork
        With n1 rectifiers that are added and n2 that are subtracted.
    form : {'dnf', 'cnf'}
        Of the result.
    cell_limit : int
        Most cells, of either part of the rectifiers.

    Returns
    -------
    ThresholdNetwork
        Of the same function.

    Raises
    ------
    SizeLimitError
        If there can be more cells than `cell_limit`.

    Notes
    -----
    *Patterns.* Every input lies in the closure of an open cell, and there the subset of the
    functions that are positive in the cell is one of those that give the largest sum. So only
    subsets that are the pattern of a cell are needed; others are never built.

    *One sign.* With rectifiers that are all added the network is negative on an open polyhedron,
    with all subtracted it is positive on a closed one. If that is empty no unit is kept, and if it
    has inside its facets are; none can be left out (`facets`).

    *Both signs.* A group is a polyhedron, each kept subset of the outer rectifiers one. A group
    that is never positive (dnf) or never negative (cnf) goes; in the others the facets are kept,
    and none of them can be left out of its group. A group without zeros of the score in its own
    cell goes if it lies in a single other group. It is not guaranteed that no fewer groups would
    do: a group may lie in the union of several.

    *Ties.* All this supposes that the score (of a group: its own function) goes beyond 0 by more
    than 1e-8 of its largest offset, or stays as far from it, or is exactly 0 on a cell. Where
    it only touches 0, on a set without inside, or comes as near, all units that occur are kept and
    the group stays, even if it is empty: a closed polyhedron without inside is not the
    intersection of its facets' halfspaces. Then the result is exact, but not shortest, and its
    claim says so.

    *Cost.* One linear programme after the other, 1 to 2 ms each. With both signs their number
    grows with the product of the two numbers of cells, and once more for groups that may be
    covered: n + n rectifiers of two inputs take about 1 s for n = 6, 4 s for 8, 9 s for 10 and over
    a minute for 16.

    Examples
    --------
    >>> net = RectifierNetwork.from_layers(np.eye(3), np.zeros(3), [1, 1, -1], -1)
    >>> pruned_groups(net, "dnf", cell_limit=100)
    <ThresholdNetwork: 6 units in 3 groups, dnf>
    """
    convex = one_sided(network)
    if convex is None:
        return _both_signs(network, form, cell_limit)
    return _one_sign(convex, form, not len(network.negative), cell_limit)


def _one_sign(convex: Convex, form: Form, added: bool, cell_limit: int) -> ThresholdNetwork:
    dim = convex.inner.dim
    region = _region(convex, cells(convex.inner, limit=cell_limit), closed=not added)
    if region is None:
        return _constant(dim, form, positive=added)
    rows = region.pieces if added else -region.pieces
    if not len(rows):
        return _constant(dim, form, positive=not added)
    single = added == (form == "dnf")
    starts = np.arange(len(rows) + 1) if single else np.array([0, len(rows)])
    return ThresholdNetwork(Affine.from_rows(rows), starts, form, _claim(region.certain))


def _both_signs(network: RectifierNetwork, form: Form, cell_limit: int) -> ThresholdNetwork:
    dnf = form == "dnf"
    outer, inner = network.positive, network.negative
    outer, inner = (outer, inner) if dnf else (inner, outer)
    base = np.r_[np.zeros(network.dim), -network.bias if dnf else network.bias]
    kept: list[tuple[NDArray[np.bool_], Region]] = []
    inner_cells = cells(inner, limit=cell_limit)
    for pattern in cells(outer, limit=cell_limit).patterns:
        convex = Convex(base - pattern.astype(np.float64) @ outer.rows, inner)
        region = _region(convex, inner_cells, closed=dnf)
        if region is not None:
            kept.append((pattern, region))
    regions = _without_covered(kept, outer, inner)
    if any(not len(region.pieces) for region in regions):
        return _constant(network.dim, form, positive=dnf)
    pieces = [region.pieces for region in regions]
    rows = np.vstack([np.zeros((0, network.dim + 1)), *pieces])
    starts = np.cumsum([0, *map(len, pieces)])
    certain = all(region.certain for region in regions)
    return ThresholdNetwork(Affine.from_rows(-rows if dnf else rows), starts, form, _claim(certain))


def _region(convex: Convex, found: Cells, *, closed: bool) -> Region | None:
    """Where the function is at most 0 (closed), or negative (open); None if that is nowhere."""
    if not closed and not convex.base[:-1].any() and convex.base[-1] >= 0:
        return None
    flat = convex.flat_pattern(found.patterns)
    if flat is not None and not closed:
        return None
    reach = 0.0 if flat is not None else convex.reach()
    if reach < -OPEN:
        return None
    certain = flat is not None or reach > OPEN
    if certain:
        found, _ = facet_subsets(convex, found, closed=closed)
    pieces = np.array([convex.piece(pattern) for pattern in found.patterns])
    pieces = pieces.reshape(-1, len(convex.base))
    # A constant piece allows everything, and is left out, or nothing.
    constant = ~pieces[:, :-1].any(axis=1)
    levels = pieces[constant, -1]
    if (levels > 0).any() or (not closed and (levels == 0).any()):
        return None
    return Region(pieces[~constant], certain)


def _without_covered(
    kept: list[tuple[NDArray[np.bool_], Region]], outer: Affine, inner: Affine
) -> list[Region]:
    """Leave out groups that lie in one other group and have no boundary of their own."""
    regions = [region for _, region in kept]
    left = list(range(len(kept)))
    for number, (pattern, region) in enumerate(kept):
        if not region.certain or _bounds(pattern, region, outer, inner):
            continue
        if any(_covers(regions[other], region) for other in left if other != number):
            left.remove(number)
    return [regions[number] for number in left]


def _bounds(pattern: NDArray[np.bool_], region: Region, outer: Affine, inner: Affine) -> bool:
    """Whether the score has a zero in the open cell of this group: then no other group is there.

    There the other groups are clearly on the other side.
    """
    rows = np.vstack([outer.rows, inner.rows])
    scale = scale_of(normalised(moving_rows(rows)))
    for piece in region.pieces:
        # Which piece is the largest is decided against the other pieces of the group.
        others = [piece - row for row in region.pieces if row is not piece]
        walls = np.vstack([outer.rows, *(row[None] for row in others)])
        inside = np.r_[pattern, np.ones(len(others), dtype=bool)]
        if crossing(piece, walls, inside, scale) is not None:
            return True
    return False


def _covers(region: Region, other: Region) -> bool:
    """Whether `other` clearly lies in `region`: it is at most 0 there, or the same piece."""
    if not len(other.pieces):
        return not len(region.pieces)
    walls = -normalised(other.pieces)
    scale = scale_of(walls)
    return all(
        any(_same_side(piece, own) for own in other.pieces)
        or largest(normalised(piece[None])[0], walls, scale) < -OPEN
        for piece in region.pieces
    )


def _same_side(row: Array, other: Array) -> bool:
    return parallel(row, other) and bool(row @ other > 0)


def _constant(dim: int, form: Form, *, positive: bool) -> ThresholdNetwork:
    """A network of no units: one empty group, or none at all."""
    starts = np.zeros(2 if positive == (form == "dnf") else 1, dtype=np.int64)
    return ThresholdNetwork(Affine(np.zeros((0, dim)), np.zeros(0)), starts, form, _claim(True))


def _claim(certain: bool) -> Claim:
    kept = "facets" if certain else "facets, and all that occur where a score only touches 0"
    return Claim(
        "numerical",
        f"the units of the exact network that linear programmes show to be needed: {kept}",
        (
            f"cells and pieces thinner than {OPEN:.0e} of the arrangement's scale count as empty",
            "weights are of similar sizes",
        ),
    )
