"""`truncation_penalty`: widths that a network needs when its upper levels become one window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.claims import Claim
from tnet.errors import OperatorError
from tnet.expressiveness.arguments import checked_whole
from tnet.expressiveness.depth.deep_specs import check_levels, check_windows_of_two
from tnet.expressiveness.depth.numerals import numeral


@dataclass(frozen=True, eq=False, repr=False)
class TruncationPenalty:
    """Widths that a network of fewer levels needs at least, level by level.

    Attributes
    ----------
    depth : int
        Levels of the truncated network; the last is one window over all that is left.
    widths : tuple of int
        Least width of each of its levels.
    rank : int
        Schmidt number of the deep network across `side_a`, for almost all weights: no less.
    side_a : ndarray of bool, shape (N,)
        The partition that the last width is bounded by.
    claim : Claim
        A lower bound.
    """

    depth: int
    widths: tuple[int, ...]
    rank: int
    side_a: NDArray[np.bool_]
    claim: Claim

    @property
    def width(self) -> int:
        """Least width of the last level, the one that pools globally."""
        return self.widths[-1]

    @property
    def uniform_width(self) -> int:
        """Least width if all levels have the same."""
        return max(self.widths)

    def __repr__(self) -> str:
        shown = "; ".join(map(numeral, self.widths))
        return f"<TruncationPenalty: depth {self.depth}, widths at least ({shown})>"


def truncation_penalty(spec: ConvNet, depth: int) -> TruncationPenalty:
    r"""Bound the widths of a network that has only `depth` levels but the same function.

    Parameters
    ----------
    spec : ConvNet
        The deep network: products, windows of 2, N = 2^L elements; weights shared or not.
    depth : int
        Levels of the truncated network, 1 to L: windows of 2 at all but the last, which joins
        all that is left. At 1 it is the shallow network, at L the deep one itself.

    Returns
    -------
    TruncationPenalty
        ``width``, exact however long: the last width; ``widths``: those of all levels.

    Raises
    ------
    SpecError
        If windows are not of 2, the spec is shallow, or `depth` is not 1 to L.
    OperatorError
        If the operator is not the product.

    Notes
    -----
    Put :math:`c` = `depth` - 1 and let alternating blocks of :math:`2^c` elements be the sides.
    A truncated network has its global window over whole blocks: only the hyperedge of that
    window is cut, so its rank is at most its last width. The deep network has a window over each
    pair of blocks, and rank :math:`m_c^{N / 2^{c+1}}` for almost all weights, with

    .. math:: m_c = \min(r_c, e_{c-1}), \quad e_l = \min(r_l, e_{l-1}^2), \quad e_{-1} = M,

    or, for shared weights, :math:`e_l = \min(r_l, \binom{e_{l-1} + 1}{2})`. Lower levels: across
    blocks of :math:`2^b`, b < c, every window of level b in the truncated network costs its own
    width, so that is :math:`m_b` at least. Weights that reach the rank, and why other partitions
    say no more of the last width, are in docs/theory/depth-efficiency.md. The shallow case is
    the complete depth efficiency of [1]_; [2]_ compares two depths.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.
    .. [2] Cohen, Sharir, Shashua. On the expressive power of deep learning: a tensor analysis.
       COLT 2016. arXiv:1509.05009.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(16, features=4, widths=(4, 4, 4, 4))
    >>> [truncation_penalty(spec, depth).width for depth in (1, 2, 3, 4)]
    [65536, 256, 16, 4]
    """
    check_levels(spec)
    check_windows_of_two(spec)
    if spec.operator != "product":
        raise OperatorError(
            f"operator is {spec.operator!r}, but the rank of the deep network is known for "
            "products; bound one with given weights by shallow_width_lower_bound"
        )
    n_levels = len(spec.widths)
    depth = checked_whole(depth, f"depth (of {n_levels} levels)", most=n_levels)
    by_block = _ranks_of_pairs(spec)
    block = 2 ** (depth - 1)
    leaf = spec.tree.n_modes
    rank = by_block[depth - 1] ** (leaf // (2 * block))
    claim = Claim(
        "lower bound",
        "across alternating blocks the truncated network has no larger rank than the last width, "
        "and the deep network this one",
        (
            "products, windows of 2",
            "deep weights shared" if spec.shared else "deep weights of every window's own",
            "almost all weights of the deep network",
            "any weights of the truncated network, which has windows of 2 at the same places "
            "below its last level",
        ),
    )
    side = _alternating(spec, depth)
    return TruncationPenalty(depth, (*by_block[: depth - 1], rank), rank, side, claim)


def _ranks_of_pairs(spec: ConvNet) -> list[int]:
    """For every level, the rank between the two members of a window."""
    span, found = spec.features, []
    for width in spec.widths:
        found.append(min(width, span))
        products = span * (span + 1) // 2 if spec.shared else span * span
        span = min(width, products)
    return found


def _alternating(spec: ConvNet, depth: int) -> NDArray[np.bool_]:
    """Elements under the first member of their window of level depth - 1."""
    parent = spec.tree.parent
    node: NDArray[np.integer] = np.arange(spec.tree.n_modes)
    for _ in range(depth - 1):
        node = parent[node]
    members = np.unique(node)
    _, first = np.unique(parent[members], return_index=True)
    side: NDArray[np.bool_] = np.isin(node, members[first])
    return side
