"""`tiling`: how a mode tree splits under a partition, and the ranks that follow."""

from dataclasses import dataclass

import numpy as np

from tnet.architectures.dilated import Dilated
from tnet.claims import Claim
from tnet.errors import OperatorError, SpecError
from tnet.expressiveness.sides import side_of_elements
from tnet.geometry.mode_tree import ModeTree
from tnet.network.sides import Side

Modes = tuple[int, ...]


@dataclass(frozen=True)
class Tiling:
    """The largest nodes of a mode tree that lie on one side of a partition.

    Attributes
    ----------
    tiles_a, tiles_b : tuple of tuple of int
        The modes under each maximal node inside side A, and inside side B.
    facing : tuple of tuple of int
        The modes under each window, the root left out, that has a tile of side A and one of side
        B among its members. In a binary tree: the pairs of siblings of which one is a tile of A
        and one of B, at depth above 1.
    """

    tiles_a: tuple[Modes, ...]
    tiles_b: tuple[Modes, ...]
    facing: tuple[Modes, ...]


@dataclass(frozen=True)
class TilingBound:
    """A bound of the Schmidt number that is a power.

    Attributes
    ----------
    base, exponent : int
        Of the power.
    claim : Claim
        Which bound it is, and when it holds.
    """

    base: int
    exponent: int
    claim: Claim

    @property
    def dimension(self) -> int:
        """The bound, exact."""
        return int(self.base**self.exponent)

    def __str__(self) -> str:
        return f"{self.base}^{self.exponent} ({self.claim.kind})"


def modes_under(tree: ModeTree) -> list[Modes]:
    """Return the modes under every node, by node number.

    Examples
    --------
    >>> modes_under(ModeTree.from_nested(((0, 2), 1)))
    [(0,), (1,), (2,), (0, 2), (0, 1, 2)]
    """
    modes: list[list[int]] = [[mode] for mode in range(tree.n_modes)]
    modes += [[] for _ in tree.parent[tree.n_modes :]]
    for node, parent in enumerate(tree.parent[:-1].tolist()):
        modes[parent] += modes[node]
    return [tuple(sorted(under)) for under in modes]


def tiling(tree: ModeTree, side_a: Side) -> Tiling:
    r"""Find the largest nodes of a mode tree on either side of a partition.

    Parameters
    ----------
    tree : ModeTree
        Any mode tree.
    side_a : bool array of N, or iterable of int
        Elements on side A.

    Returns
    -------
    Tiling
        :math:`\Theta(I; T)`, :math:`\Theta(J; T)`, and the windows where both meet.

    Raises
    ------
    PartitionError
        If `side_a` is not one of the tree's modes, as of a tree over other inputs.

    Examples
    --------
    >>> found = tiling(ModeTree.from_nested(((0, 1), (2, 3))), [0, 1, 2])
    >>> found.tiles_a, found.tiles_b, found.facing
    (((0, 1), (2,)), ((3,),), ((2, 3),))
    """
    side = side_of_elements(tree.n_modes, side_a)
    parent = tree.parent
    # Whether every mode under a node is on A, or on B; a child comes before its parent.
    pure = np.ones((2, len(parent)), dtype=bool)
    pure[0, : tree.n_modes], pure[1, : tree.n_modes] = side, ~side
    for node, above in enumerate(parent[:-1].tolist()):
        pure[:, above] &= pure[:, node]
    tiles = pure.copy()
    tiles[:, :-1] &= ~pure[:, parent[:-1]]
    holds = np.zeros_like(pure)
    for which in range(2):
        holds[which, parent[:-1][tiles[which, :-1]]] = True
    facing = holds[0] & holds[1]
    facing[-1] = False
    modes = modes_under(tree)
    a, b, met = (tuple(sorted(modes[k] for k in np.nonzero(f)[0])) for f in (*tiles, facing))
    return Tiling(a, b, met)


def tiling_upper_bound(spec: Dilated, side_a: Side) -> TilingBound:
    r"""Bound the Schmidt number by the number of tiles.

    Parameters
    ----------
    spec : Dilated
        With products and one width r.
    side_a : bool array of N, or iterable of int
        Elements on side A, I; the others are J.

    Returns
    -------
    TilingBound
        :math:`r^{\min(|\Theta(I)|, |\Theta(J)|)}`, for any weights.

    Raises
    ------
    SpecError
        If widths differ.
    OperatorError
        If the operator is not the product.
    PartitionError
        If the side does not fit.

    See Also
    --------
    tnet.min_cut : never more than this bound, and less where M or the root limits.

    Notes
    -----
    From [1]_. Every tile contributes r channels to what lies above it, and the function is linear
    in each: fix one channel per tile of I, and the function of J that is left is one of at most r
    to the number of tiles of I.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> spec = Dilated(8, features=2, widths=(3, 3))
    >>> print(tiling_upper_bound(spec, [0, 1, 4]))
    3^2 (upper bound)
    """
    width = _width(spec)
    found = tiling(spec.tree, side_a)
    claim = Claim(
        "upper bound",
        "each side is seen through one matrix per tile, with as many columns as the width",
        ("products", "holds for any weights, shared or not"),
    )
    return TilingBound(width, min(len(found.tiles_a), len(found.tiles_b)), claim)


def tiling_lower_bound(spec: Dilated, side_a: Side) -> TilingBound:
    r"""Bound the largest Schmidt number from below by the windows where tiles meet.

    Parameters
    ----------
    spec : Dilated
        With products, one width r, and weights of every window's own.
    side_a : bool array of N, or iterable of int
        Elements on side A, I; the others are J.

    Returns
    -------
    TilingBound
        :math:`\min(r, M)^k`, k the number of sibling pairs of which one is in
        :math:`\Theta(I)` and one in :math:`\Theta(J)`, at depth above 1. Almost all weights have
        at least this Schmidt number.

    Raises
    ------
    SpecError
        If widths differ or weights are shared.
    OperatorError
        If the operator is not the product.
    PartitionError
        If the side does not fit.

    Notes
    -----
    From [1]_, where M is at least r; with fewer features the network holds one of width M. One
    choice of weights shows it: tiles copy their first features, channel by channel, the windows
    where tiles meet then are the sum of r products of independent functions, and everything above
    sums its channels, which multiplies these sums. Minors are polynomials of the weights, so that
    almost all weights have this rank if one choice has. Nothing is mixed after the root, so a
    pair below it adds no rank. Windows of three members or more count once if they hold tiles of
    both sides.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> print(tiling_lower_bound(Dilated(4, features=3, widths=(4,)), [0]))
    3^1 (lower bound)
    """
    width = _width(spec)
    if spec.shared:
        raise SpecError(
            "shared is True, but this bound needs weights of every window's own; use "
            "max_schmidt_number, which finds lower bounds for shared weights too"
        )
    found = tiling(spec.tree, side_a)
    return TilingBound(min(width, spec.features), len(found.facing), lower_claim())


def lower_claim() -> Claim:
    """Say when the lower bound of a tree holds.

    Examples
    --------
    >>> print(lower_claim())
    lower bound: one choice of weights ...
    """
    return Claim(
        "lower bound",
        "one choice of weights multiplies independent sums, one per window where tiles of both "
        "sides meet; so almost all weights have this Schmidt number at least",
        ("products", "weights of every window's own", "linearly independent features"),
    )


def _width(spec: Dilated) -> int:
    """The one width of all windows below the root; 1 where there is none, as rank then is."""
    check_products(spec.operator)
    if len(set(spec.widths)) > 1:
        raise SpecError(
            f"widths are {tuple(spec.widths)}, but this bound is of networks of one width; use "
            "min_cut, which takes any"
        )
    return next(iter(spec.widths), 1)


def check_products(operator: str) -> None:
    """Raise unless the operator is the product.

    Raises
    ------
    OperatorError
        That names the operator.

    Examples
    --------
    >>> check_products("product")
    """
    if operator != "product":
        raise OperatorError(
            f"operator is {operator!r}, and the bounds count sums of products; measure ranks of "
            "such networks with grid_rank or separation_rank"
        )
