"""Facets: the linear pieces that bound where a convex sum of rectifiers is negative."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.errors import OperatorError
from tnet.expressiveness.arguments import checked_whole
from tnet.expressiveness.rectifier.affine import Affine, Array, checked_instance
from tnet.expressiveness.rectifier.cells import (
    CELL_LIMIT,
    OPEN,
    Cells,
    cells,
    normalised,
    scale_of,
)
from tnet.expressiveness.rectifier.convex import (
    Convex,
    crossing,
    listed,
    moving_rows,
    one_sided,
    parallel,
    walls,
)
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.network.groups import read_only

_ONE_SIGN = Claim(
    "exact by theorem",
    "the convex side is empty, as rectifiers are never negative: bias of at least 0 and rectifiers "
    "added, or below 0 and subtracted",
)
_RANK = ("rank decided in floating point",)
_ALL = Claim(
    "exact by theorem",
    "the weights are linearly independent and the convex side has inside, so every subset but the "
    "empty one has a facet",
    _RANK,
)
_CORNER = Claim(
    "exact by theorem",
    "the bias is 0 and rectifiers are subtracted, so the network is positive where every function "
    "is at most 0; the weights are linearly independent, so each is a facet",
    _RANK,
)
_NUMERICAL = Claim(
    "numerical",
    "one linear programme per cell or wall, with a point inside each cell and on each piece",
    (
        f"cells and pieces thinner than {OPEN:.0e} of the arrangement's scale count as empty",
        "weights are of similar sizes",
    ),
)


@dataclass(frozen=True, eq=False, repr=False)
class Facets:
    """Facets of the decision boundary of a network whose rectifiers have one sign.

    Attributes
    ----------
    subsets : ndarray of bool, shape (count, n)
        Which rectifiers are active on each facet.
    functions : Affine
        The network's score there; the facet lies where it is zero.
    points : ndarray, shape (count, d)
        A point of each facet's interior, up to rounding.
    claim : Claim
        How the count is known.
    """

    subsets: NDArray[np.bool_]
    functions: Affine
    points: Array
    claim: Claim

    def __post_init__(self) -> None:
        read_only(self.subsets, self.points)

    @property
    def count(self) -> int:
        """Number of facets."""
        return len(self.subsets)

    def __repr__(self) -> str:
        return f"<Facets: {self.count} ({self.claim.kind})>"


def facets(network: RectifierNetwork, *, cell_limit: int = CELL_LIMIT) -> Facets:
    r"""Find the facets of the decision boundary of a network whose rectifiers have one sign.

    Parameters
    ----------
    network : RectifierNetwork
        With rectifiers that are all added, or all subtracted.
    cell_limit : int
        Most cells that are enumerated.

    Returns
    -------
    Facets
        Of the closure of the convex side: where the network is negative if rectifiers are added,
        positive if they are subtracted. If that side has inside, as many as threshold units are
        needed, and enough, above one layer of them.

    Raises
    ------
    OperatorError
        If some rectifiers are added and others subtracted: the boundary is not that of a convex
        set.
    SizeLimitError
        If there can be more cells than `cell_limit`.
    ParameterError
        If the network is no `RectifierNetwork`.
    SpecError
        If the limit is no whole number of at least 1.

    Notes
    -----
    Let f be the score, or minus the score if rectifiers are subtracted. It is convex, the largest
    of the :math:`2^n` functions :math:`g_S = w_0 + \sum_S a_k` (signs turned likewise), and
    :math:`Q = \{f < 0\}` is an open polyhedron. If it has a point, the facets of its closure are
    the halfspaces that no description of it can leave out. S gives one if and only if

    * in the open cell where just the functions of S are positive, :math:`g_S` has a zero:
      there :math:`g_S` is the only largest one; or
    * the same holds after leaving out functions that are multiples of :math:`g_S`, which vanish
      on the whole hyperplane. Two cells share such a facet; it is counted once.

    So one linear programme with n constraints decides about S, and only the cells that occur are
    asked; the :math:`2^n` functions are never built. The witness
    :math:`\mathrm{sgn}(-1 + \sum_k R(x_k))` has all :math:`2^n - 1` [1]_. A halfspace that can be
    left out may still touch the polyhedron, in a face of lower dimension: it is no facet.

    If Q is empty and rectifiers are added, the network is positive everywhere, without a facet. If
    they are subtracted it is positive on :math:`P = \{f = 0\}`, which has inside if and only if
    some :math:`g_S` is 0 throughout the open cell of S. Then
    :math:`f = \sum_{k \notin S} R(a_k) + \sum_{k \in S} R(-a_k)`, so P is the closure of that cell
    and its facets are the cell's: at most n. With bias 0 and independent weights they are n. A P
    without inside has no facets, but units are needed (`to_threshold`).

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> facets(facet_witness(4, 5))
    <Facets: 15 (exact by theorem)>
    """
    checked_instance(network, RectifierNetwork, "network")
    convex = one_sided(network)
    if convex is None:
        raise OperatorError(
            f"the network adds {len(network.positive)} rectifiers and subtracts "
            f"{len(network.negative)}, so no side of its boundary is convex; use boundary_pieces, "
            "or rectifiers of one sign"
        )
    closed = len(network.negative) > 0
    found, claim = facet_subsets(convex, cells(convex.inner, limit=cell_limit), closed=closed)
    turned = -1.0 if closed else 1.0
    rows = np.array([turned * convex.piece(subset) for subset in found.patterns])
    return Facets(
        found.patterns,
        Affine.from_rows(rows.reshape(-1, network.dim + 1)),
        found.points,
        claim,
    )


def boundary_pieces(network: RectifierNetwork, *, cell_limit: int = CELL_LIMIT) -> Facets:
    """Find the linear pieces of the decision boundary of any network, cell by cell.

    Parameters
    ----------
    network : RectifierNetwork
        Rectifiers may be added and subtracted.
    cell_limit : int
        Most cells that are enumerated.

    Returns
    -------
    Facets
        ``subsets`` is over the added, then the subtracted rectifiers: the cells that the boundary
        runs through, and the score in each. Pieces that lie in a wall between cells are not among
        them. Without such pieces, and with rectifiers of one sign, these are the facets.

    Raises
    ------
    SizeLimitError
        If there can be more cells than `cell_limit`.
    ParameterError
        If the network is no `RectifierNetwork`.
    SpecError
        If the limit is no whole number of at least 1.

    Notes
    -----
    One linear programme per cell, 1 to 2 ms each: 1,024 cells take 1.5 s, the 65,536 of
    ``facet_witness(16, 16)`` minutes. A lower `cell_limit` refuses such networks at once.

    Examples
    --------
    >>> ring = RectifierNetwork(Affine([[1], [-1]], [0, 0]), Affine([[2]], [-4]), -1)
    >>> boundary_pieces(ring).points.round(6).tolist()
    [[-1.0], [1.0], [3.0]]
    """
    checked_instance(network, RectifierNetwork, "network")
    rows = np.vstack([network.positive.rows, network.negative.rows])
    sign = np.r_[np.ones(len(network.positive)), -np.ones(len(network.negative))]
    base = np.r_[np.zeros(network.dim), network.bias]
    inner = Affine.from_rows(rows)
    scale = scale_of(normalised(moving_rows(rows)))
    kept = []
    for pattern in cells(inner, limit=cell_limit).patterns:
        point = crossing(base + (pattern * sign) @ rows, rows, pattern, scale)
        if point is not None:
            kept.append((pattern, point))
    found = listed(kept, inner)
    pieces = base + (found.patterns * sign) @ rows
    return Facets(found.patterns, Affine.from_rows(pieces), found.points, _NUMERICAL)


def facet_witness(rectifiers: int, dim: int) -> RectifierNetwork:
    r"""Return the network :math:`\mathrm{sgn}(-1 + \sum_k R(x_k))`, which has the most facets.

    Parameters
    ----------
    rectifiers : int
        Number n of rectifiers.
    dim : int
        Number d of inputs, at least n.

    Raises
    ------
    OperatorError
        If there are fewer inputs than rectifiers.
    SpecError
        If a number is no whole one of at least 1.

    Examples
    --------
    >>> facet_witness(2, 2)([[0.5, 0.5], [0.5, -3.0], [-9.0, 1.0]])
    array([ 1, -1,  1])
    """
    rectifiers, dim = checked_whole(rectifiers, "rectifiers"), checked_whole(dim, "dim")
    if rectifiers > dim:
        raise OperatorError(
            f"the witness takes 1 to {dim} rectifiers of {dim} inputs, one input each; got "
            f"{rectifiers}"
        )
    none = Affine(np.zeros((0, dim)), np.zeros(0))
    return RectifierNetwork(Affine(np.eye(rectifiers, dim), np.zeros(rectifiers)), none, -1.0)


def facet_subsets(convex: Convex, found: Cells, *, closed: bool) -> tuple[Cells, Claim]:
    """Find which pieces bound where a convex function is negative, and how that is known.

    Of the cells of its inner functions. If it is negative nowhere, none does; but if `closed`,
    those do that bound where it is 0, as long as that has inside.
    """
    rows = convex.inner.rows
    constant = not convex.base[:-1].any()
    level = convex.base[-1]
    if constant and (level > 0 or (level == 0 and not closed)):
        return listed([], convex.inner), _ONE_SIGN
    weights = normalised(moving_rows(rows))[:, :-1]
    independent = len(rows) == 0 or len(rows) == np.linalg.matrix_rank(weights)
    if constant and len(weights) == len(rows) and independent:
        return (_independent(convex, found), _ALL) if level < 0 else (_corner(convex), _CORNER)
    flat = convex.flat_pattern(found.patterns)
    if flat is not None:
        return (walls(convex.inner, flat) if closed else listed([], convex.inner)), _NUMERICAL
    if convex.reach() <= OPEN:
        return listed([], convex.inner), _NUMERICAL
    return _crossed(convex, found), _NUMERICAL


def _independent(convex: Convex, found: Cells) -> Cells:
    """All subsets but the empty one: the values of independent functions are free."""
    some = found.patterns[found.patterns.any(axis=1)]
    level = -convex.base[-1]
    values = np.where(some, level / some.sum(axis=1, keepdims=True), -level)
    points = (values - convex.inner.offsets) @ np.linalg.pinv(convex.inner.weights).T
    return Cells(some, points)


def _corner(convex: Convex) -> Cells:
    """The facets of where independent functions are all at most 0: one is 0, and others below."""
    single = np.eye(len(convex.inner), dtype=bool)
    sizes = np.linalg.norm(convex.inner.weights, axis=1)
    values = np.where(single, 0.0, -sizes * scale_of(normalised(convex.inner.rows)))
    points = (values - convex.inner.offsets) @ np.linalg.pinv(convex.inner.weights).T
    return Cells(single, points)


def _crossed(convex: Convex, found: Cells) -> Cells:
    rows = convex.inner.rows
    scale = scale_of(normalised(moving_rows(rows)))
    kept: dict[tuple[bool, ...], tuple[NDArray[np.bool_], Array]] = {}
    for pattern in found.patterns:
        piece = convex.piece(pattern)
        apart = np.array([not parallel(row, piece) for row in rows], dtype=bool)
        point = crossing(piece, rows[apart], pattern[apart], scale)
        if point is not None:
            # A facet in a wall is found from both cells beside it.
            kept.setdefault((*apart.tolist(), *pattern[apart].tolist()), (pattern, point))
    return listed(list(kept.values()), convex.inner)
