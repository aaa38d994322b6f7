"""`schmidt_bound`: how large the Schmidt number can be, with weight sharing taken into account."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.equivariant import EquivariantBound, equivariant_bound
from tnet.cuts.min_cut import min_cut
from tnet.cuts.products import product_text
from tnet.cuts.result import MinCut
from tnet.network.counting import number_of
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side

_LONGEST_PRINTED_BITS = 40


@dataclass(frozen=True, eq=False, repr=False)
class RankBound:
    """An upper bound on the Schmidt number over all weights.

    Attributes
    ----------
    dimension : int
        No weights have a larger Schmidt number.
    effective_widths : dict of str to int
        Index groups that count with fewer dims than they have, and with how many: at most that
        many channels of any one of their indices are linearly independent.
    cut : MinCut
        The min cut, which `dimension` never exceeds.
    claim : Claim
        What `dimension` says, and how it was found.
    """

    dimension: int
    effective_widths: dict[str, int]
    cut: MinCut
    claim: Claim

    @property
    def side_a(self) -> NDArray[np.bool_]:
        """Elements on side A, shape (N,)."""
        return self.cut.side_a

    @property
    def log2(self) -> float:
        """Log2 of `dimension`."""
        return math.log2(self.dimension)

    @property
    def dimension_text(self) -> str:
        """`dimension` in full, or its log2 where it is long."""
        if self.dimension.bit_length() < _LONGEST_PRINTED_BITS:
            return product_text([(self.dimension, 1)])
        return f"2^{self.log2:.1f}"

    def __str__(self) -> str:
        n_a = int(self.side_a.sum())
        sides = f"{n_a:,} against {number_of(len(self.side_a) - n_a, 'input')}"
        return (
            f"Schmidt number at most {self.dimension_text}, min cut {self.cut.dimension_text}  "
            f"({sides}; {self.claim.kind})"
        )

    def __repr__(self) -> str:
        return f"<RankBound: {self}>"


def schmidt_bound(network: TensorNetwork, side_a: Side) -> RankBound:
    r"""Bound the Schmidt number over all weights that respect the sharing of `network`.

    Where every tensor has weights of its own this is the min cut. Where tensors share arrays,
    two facts lower it: only so many channels of a window are linearly independent, and siblings
    that carry the same arrays and are parted alike contribute the same matrix, so that the window
    commutes with their permutations.

    Parameters
    ----------
    network : TensorNetwork
        Any network. Sharing is used on forests whose operators are all the product and whose
        indices have multiplicity 1; other networks get the min cut, and the claim says why.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A: flags, or mode numbers or names of inputs. Side B is the rest; either may be
        empty.

    Returns
    -------
    RankBound
        ``dimension`` (int), ``log2``, ``effective_widths``, ``cut``, ``side_a``, ``claim``.

    Raises
    ------
    PartitionError, UnknownNameError
        If `side_a` does not name inputs of this network.
    VerificationError
        If the flow solver contradicts itself, on networks with loops.

    Notes
    -----
    The family of a window of :math:`r` channels is :math:`X_a = \bigotimes_c
    Z_{a,c}^{\otimes k_c}`, with one class c per kind of alike siblings. By Schur-Weyl duality it
    is a direct sum, over partitions :math:`\lambda_c` of :math:`k_c`, of :math:`\prod_c \dim
    V_{\lambda_c}` copies of :math:`\bigotimes_c S_{\lambda_c}(Z_{a,c})`, whose ranks are bounded
    part by part by dims of Schur functors. The bound is never above the min cut. It is attained
    for most shared trees, not for all: only a certificate makes a number exact. A forest is read
    from its root, which `root_axis` gives; without it, the last tensor of each tree is the root,
    and symmetries about another tensor are not seen. Operators other than the product have no
    theorem: `dimension` is that of the cut, and the claim says so.

    Examples
    --------
    Four elements of two features in one window, all with the same filters: the coefficient tensor
    is symmetric, so an element of :math:`\mathrm{Sym}^2 \otimes \mathrm{Sym}^2`.

    >>> import tnet
    >>> from tnet.cuts.schmidt_bound import schmidt_bound
    >>> spec = tnet.ConvNet(4, features=2, widths=(4,), window=4, shared=True)
    >>> print(schmidt_bound(spec.compile(), [0, 2]))
    Schmidt number at most 3, min cut 4  (2 against 2 inputs; upper bound)
    >>> spec = tnet.ConvNet(4, features=2, widths=(4,), window=4)
    >>> print(schmidt_bound(spec.compile(), [0, 2]))
    Schmidt number at most 4, min cut 4  (2 against 2 inputs; exact by theorem)
    """
    cut = min_cut(network, side_a)
    if not network.is_product:
        return RankBound(cut.dimension, {}, cut, cut.claim)
    if not shares_weights(network):
        reason = f"no weights are shared, so the bound is the min cut; {cut.claim.reason}"
        return RankBound(cut.dimension, {}, cut, _restated(cut.claim, reason))
    forest = network.forest
    if forest is None:
        return _of_cut(cut, "the network has a loop")
    if any(group.multiplicity > 1 for group in network.index_groups):
        return _of_cut(cut, "an index stands for several")
    bound = equivariant_bound(network, forest, cut.side_a)
    widths = {
        group.name: dim
        for group, dim in zip(network.index_groups, bound.dims, strict=True)
        if group.role == "inner" and dim < group.dim
    }
    return RankBound(bound.rank, widths, cut, _claim(network, bound, widths))


def shares_weights(network: TensorNetwork) -> bool:
    """Whether two tensors of `network` take one array.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(4, features=2, widths=(2, 3), shared=True)
    >>> shares_weights(spec.compile())
    True
    """
    takers = Counter(group.parameter for group in network.tensor_groups)
    return any(
        takers[group.parameter] > 1 or (group.shared and group.count > 1)
        for group in network.tensor_groups
    )


def _restated(claim: Claim, reason: str) -> Claim:
    return Claim(claim.kind, reason, claim.hypotheses)


def _of_cut(cut: MinCut, obstacle: str) -> RankBound:
    reason = f"{obstacle}, so sharing is not used and the bound is the min cut; {cut.claim.reason}"
    return RankBound(cut.dimension, {}, cut, _restated(cut.claim, reason))


def _claim(network: TensorNetwork, bound: EquivariantBound, widths: dict[str, int]) -> Claim:
    reason = (
        "no weights have a larger Schmidt number: windows commute with permutations of siblings "
        "that share weights and are parted alike (docs/theory/schmidt-bound.md)"
    )
    if widths:
        listed = ", ".join(f"{name} {dim}" for name, dim in list(widths.items())[:8])
        reason += f"; effective widths {listed}" + (", ..." if len(widths) > 8 else "")
    if bound.in_blocks:
        reason += "; large groups of alike siblings were taken in blocks, which loosens the bound"
    if len(network.inputs) != network.n_modes:
        reason += "; an element is read more than once, so the bound is of the readings' tensor"
    return Claim("upper bound", reason, ("product operators", "a forest"))
