"""`min_cut_formula`: the min cut of a forest as a formula in the dims of its index groups."""

from typing import TypeAlias

import numpy as np

from tnet.claims import Claim
from tnet.cuts.cut_formula import CutFormula
from tnet.cuts.hull import LARGEST_EXPONENT, Vectors, lower_hull, minkowski_sum
from tnet.cuts.min_cut import min_cut
from tnet.cuts.subtrees import Multiset, Subtree, kinds_of_subtrees
from tnet.errors import SizeLimitError, StructureError, VerificationError
from tnet.network.groups import whole_number
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

_Forced: TypeAlias = tuple[Vectors, Vectors, Vectors]
"""Least products below a node that stands on A, on B, and on either."""

_COMPARED_PER_TERM = 40
"""A step may compare this many products for each term allowed."""


def min_cut_formula(
    network: TensorNetwork, side_a: Side, *, max_terms: int = 500, max_groups: int = 64
) -> CutFormula:
    r"""Say the min cut across a partition as a minimum of products of dims, for all dims at once.

    Parameters
    ----------
    network : TensorNetwork
        Without loops. Its dims do not matter to the formula.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A, as for `min_cut`.
    max_terms : int
        Most terms of any subtree, once products that are never least are left out. The time
        grows faster than their square.
    max_groups : int
        Most index groups, each a variable, outputs not counted. A network from
        `tnet.ConvNet` has few; a hand-made one has as many as indices are declared one by one.

    Returns
    -------
    CutFormula
        ``terms``, ``formula(**dims)``, ``active(dims)``, text and LaTeX.

    Raises
    ------
    StructureError
        If the network has a loop; `min_cut` answers for its present dims.
    SizeLimitError
        If there are more groups or products than the caps.
    PartitionError, UnknownNameError
        If `side_a` does not name inputs of this network.

    Notes
    -----
    The two-state programme of `min_cut` with a product of dims written as the vector of its
    exponents: a product of least products is a Minkowski sum, their minimum a union. At every
    step only vertices of the lower hull are kept, the products that are the only least one for
    some dims. So no term of the result can be left out, and the result is unique. Alike subtrees
    are treated once; k of them sum to k times the vectors of one.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(16, features=100, widths=(4, 4, 9, 9)).compile()
    >>> formula = min_cut_formula(net, tnet.partitions.left_right(16))
    >>> print(formula)
    min(x**8, r0**4, r1**2, r2, r3)
    >>> formula(), formula(r2=3)
    (9, 3)
    >>> print(min_cut_formula(net, tnet.partitions.odd_even(16)))
    min(x**8, r0**8)
    """
    side = side_of_modes(network, side_a)
    forest = network.forest
    if forest is None:
        raise StructureError(
            "a formula needs a network without loops, and this one has one; ask for numbers: "
            "min_cut gives the cut for the dims that it has"
        )
    variables = [n for n, group in enumerate(network.index_groups) if group.role != "output"]
    _check_size(network, variables, whole_number(max_groups, what="max_groups"))
    column_of = {number: column for column, number in enumerate(variables)}
    group_of = network.group_of_index.tolist()
    reading = [""] * network.n_indices
    for index, mode in zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True):
        reading[index] = "A" if side[mode] else "B"
    subtrees = kinds_of_subtrees(
        forest, network.n_tensors, list(zip(group_of, reading, strict=True))
    )
    costs = np.zeros((len(network.index_groups), len(variables)), dtype=np.int64)
    for number, column in column_of.items():
        costs[number, column] = network.index_groups[number].multiplicity
    programme = _Programme(costs, whole_number(max_terms, what="max_terms"))
    for kind in subtrees.kinds:
        programme.add(kind)
    exponents = programme.products(subtrees.roots)[2]
    groups = [network.index_groups[number] for number in variables]
    cut = min_cut(network, side)
    formula = CutFormula(
        tuple(group.name for group in groups),
        tuple(tuple(row) for row in exponents[::-1].tolist()),
        tuple(group.dim for group in groups),
        _claim(cut.claim),
    )
    if formula() != cut.dimension:
        raise VerificationError(
            f"the formula {formula} gives {formula()} for the dims of the network, min_cut gives "
            f"{cut.dimension_text}; report it with the network, and do not use either"
        )
    return formula


def _check_size(network: TensorNetwork, variables: list[int], max_groups: int) -> None:
    if len(variables) > max_groups:
        raise SizeLimitError(
            f"the formula would have {len(variables):,} variables, one per index group, above "
            f"max_groups={max_groups:,}; declare alike indices as one group, or raise max_groups"
        )
    groups = [network.index_groups[number] for number in variables]
    total = sum(group.count * group.multiplicity for group in groups)
    if total > LARGEST_EXPONENT:
        raise SizeLimitError(
            f"exponents could reach {total:,}, above {LARGEST_EXPONENT:,}; make multiplicities "
            "smaller, or ask min_cut for the dims that the network has"
        )


class _Programme:
    """The two-state programme over kinds of subtrees, children first."""

    def __init__(self, costs: Vectors, max_terms: int) -> None:
        self._costs = costs
        self._max_terms = max_terms
        self._below: list[_Forced] = []

    def add(self, kind: Subtree) -> None:
        """Work out a kind whose children are there."""
        on_a, on_b, on_either = self.products(kind.children)
        if not isinstance(kind.label, tuple):
            self._below.append((on_a, on_b, self._least(on_a, on_b)))
            return
        group, reads = kind.label
        cut = on_either + self._costs[group]
        forced_a = cut if reads == "B" else self._least(on_a, cut)
        forced_b = cut if reads == "A" else self._least(on_b, cut)
        # The tensor above decides the side, so an index has no free choice.
        self._below.append((forced_a, forced_b, cut[:0]))

    def products(self, kinds: Multiset) -> _Forced:
        """Multiply the least products of `kinds`, for each of the three choices of side."""
        zero = np.zeros((1, self._costs.shape[1]), dtype=np.int64)
        on_a, on_b, on_either = zero, zero, zero
        for number, times in kinds:
            a, b, either = self._below[number]
            # The hull of k like sums is k times the hull of one.
            on_a = self._sum(on_a, a * times)
            on_b = self._sum(on_b, b * times)
            on_either = self._sum(on_either, either * times)
        return on_a, on_b, on_either

    def _sum(self, left: Vectors, right: Vectors) -> Vectors:
        self._check(len(left) * len(right) // _COMPARED_PER_TERM)
        return self._check_pruned(minkowski_sum(left, right))

    def _least(self, left: Vectors, right: Vectors) -> Vectors:
        return self._check_pruned(lower_hull(np.concatenate([left, right])))

    def _check_pruned(self, vectors: Vectors) -> Vectors:
        self._check(len(vectors))
        return vectors

    def _check(self, n_terms: int) -> None:
        if n_terms > self._max_terms:
            raise SizeLimitError(
                f"a part of the formula has more than max_terms={self._max_terms:,} terms, or "
                "compares too many products for that; raise max_terms, or ask min_cut for the "
                "dims that the network has"
            )


def _claim(claim: Claim) -> Claim:
    reason = f"the min cut for all dims; for the dims of the network: {claim.reason}"
    return Claim(claim.kind, reason, claim.hypotheses)
