"""`design_widths`: the widths with the fewest parameters that reach asked cuts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.claims import Claim
from tnet.cuts.cut_formula import CutFormula
from tnet.cuts.formula import min_cut_formula
from tnet.cuts.min_cut import min_cut
from tnet.cuts.result import MinCut
from tnet.cuts.schmidt_bound import RankBound, schmidt_bound
from tnet.design.search import Monomial, Problem, fewest, fewest_within
from tnet.errors import DesignError
from tnet.network.sides import Side

_BITS = 1e-9
"""A cut reaches a target from this many bits below it, to forgive rounded logarithms."""

_MOST_BITS = 1e15
_MOST_IMPROVEMENTS = 200


@dataclass(frozen=True, eq=False, repr=False)
class WidthDesign:
    """Widths chosen for targets, checked by cutting the network they make.

    Attributes
    ----------
    spec : ConvNet
        The architecture with the chosen widths.
    n_parameters : int
        Its number of parameters.
    targets : tuple of float
        Asked log2 of each cut.
    cuts : tuple of MinCut
        What the chosen widths give, in the same order.
    claim : Claim
        Whether the widths are proved best.
    """

    spec: ConvNet
    n_parameters: int
    targets: tuple[float, ...]
    cuts: tuple[MinCut, ...]
    claim: Claim

    @cached_property
    def bounds(self) -> tuple[RankBound, ...]:
        """What each Schmidt number is at most: below the cut where sharing weights costs some."""
        return tuple(schmidt_bound(cut.network, cut.side_a) for cut in self.cuts)

    @property
    def ratio(self) -> float:
        """Smallest ratio of the log2 of a cut to its target."""
        pairs = zip(self.cuts, self.targets, strict=True)
        return min((cut.log2 / target for cut, target in pairs if target > 0), default=math.inf)

    def __repr__(self) -> str:
        reached = ", ".join(
            f"2^{cut.log2:.4g} for 2^{target:.4g}"
            for cut, target in zip(self.cuts, self.targets, strict=True)
        )
        return (
            f"<WidthDesign: widths {tuple(self.spec.widths)}, {self.n_parameters:,} parameters, "
            f"cuts {reached}>"
        )


def design_widths(
    spec: ConvNet, targets: Sequence[tuple[Side, float]], *, budget: int | None = None
) -> WidthDesign:
    r"""Choose the widths of a network so that its cuts reach what is asked.

    Parameters
    ----------
    spec : ConvNet
        The architecture; its widths are replaced, all else is kept.
    targets : sequence of (side, float)
        For each partition, side A as for `min_cut` and the log2 that its cut should have, at
        least 0.
    budget : int, optional
        Without it, the fewest parameters whose cuts reach every target. With it, the widths
        within that many parameters that maximise the smallest ratio of log2 cut to target, with
        the fewest parameters among those.

    Returns
    -------
    WidthDesign
        Integer widths, with the cuts recomputed by `min_cut`.

    Raises
    ------
    DesignError
        If a target is beyond what `features` allow, whatever the widths; if the budget is below
        the smallest network; or if a target is not a number of at least 0.
    PartitionError, UnknownNameError
        If a side does not name inputs of the network.

    Notes
    -----
    A cut is the least of products of dims (`min_cut_formula`), so a target is one linear
    inequality per product in the logarithms of the widths, and the number of parameters is a sum
    of products of widths: convex in those logarithms. Integer widths are found by branch and
    bound on that convex programme; they are proved best, to five digits of its bounds, unless the
    claim says that the search was cut short. For shared weights the cut is an upper bound of what
    can be reached.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(8, features=100, widths=(1, 1, 1))
    >>> sides = tnet.partitions.left_right(8), tnet.partitions.odd_even(8)
    >>> tnet.design_widths(spec, [(sides[0], 1.0), (sides[1], 8.0)]).spec.widths
    (4, 2, 2)
    """
    if not isinstance(spec, ConvNet):
        raise DesignError(
            f"widths are chosen for a ConvNet, and this is {type(spec).__name__}; compare the "
            "cuts of its widths by min_cut_formula"
        )
    if not isinstance(targets, Sequence):
        raise DesignError(f"targets is {targets!r}; give a list of pairs of a side and a log2")
    for number, target in enumerate(targets):
        if not isinstance(target, Sequence) or len(target) != 2:
            raise DesignError(f"target {number} is {target!r}; give pairs of a side and a log2")
    if budget is not None and (
        isinstance(budget, bool) or not isinstance(budget, int | np.integer)
    ):
        raise DesignError(f"budget is {budget!r}; give a whole number of parameters")
    formulas = [_formula(spec, side) for side, _ in targets]
    asked = tuple(_checked_target(number, bits) for number, (_, bits) in enumerate(targets))
    for number, (formula, bits) in enumerate(zip(formulas, asked, strict=True)):
        _check_reachable(number, formula, bits, spec)
    monomials = _parameter_count(spec)
    if budget is None:
        widths, proved = fewest(_problem(spec, formulas, asked, monomials))
    else:
        widths, proved = _best_within(spec, formulas, asked, monomials, budget)
    chosen = replace(spec, widths=widths)
    network = chosen.compile()
    cuts = tuple(min_cut(network, side) for side, _ in targets)
    return WidthDesign(chosen, network.n_parameters, asked, cuts, _claim(spec, budget, proved))


def _claim(spec: ConvNet, budget: int | None, proved: bool) -> Claim:
    sought = "fewest parameters" if budget is None else "largest smallest ratio in the budget"
    if spec.shared:
        sought += " for these cuts, which bound what shared weights reach"
    if proved:
        return Claim("numerical", f"{sought}, by branch and bound on a convex programme")
    return Claim(
        "upper bound" if budget is None else "lower bound",
        f"the search for the {sought} was cut short; widths with a better value may exist",
    )


def _formula(spec: ConvNet, side: Side) -> CutFormula:
    # The tree decides the formula; widths and sharing do not, so any will do.
    any_widths = replace(spec, widths=[2] * spec.tree.n_levels, shared=False)
    return min_cut_formula(any_widths.compile(), side)


def _checked_target(number: int, bits: float) -> float:
    is_number = isinstance(bits, int | float | np.number) and not isinstance(bits, bool)
    if not is_number or not 0 <= bits < _MOST_BITS:
        raise DesignError(f"target {number} is {bits!r}; give the log2 of a cut, at least 0")
    return float(bits)


def _check_reachable(number: int, formula: CutFormula, bits: float, spec: ConvNet) -> None:
    """Terms without any width cap the cut, whatever the widths."""
    cap = _cap(spec, formula)
    if bits > cap + _BITS:
        raise DesignError(
            f"target {number} asks a cut of 2^{bits:.10g}, but features={spec.features} caps that "
            f"partition at 2^{cap:.10g}, whatever the widths; raise features or ask for less"
        )


def _parameter_count(spec: ConvNet) -> tuple[Monomial, ...]:
    """The number of parameters as a sum of products of widths."""
    network = replace(spec, widths=[1] * spec.tree.n_levels).compile()
    level_of = {f"r{level}": level for level in range(spec.tree.n_levels)}
    monomials = []
    for group in network.tensor_groups:
        names = [
            network.index_groups[network.index_names.group_of(int(index))].name
            for index in group.indices[0]
        ]
        fixed = math.prod(
            dim
            for name, dim in zip(names, network.group_dims(group), strict=True)
            if name not in level_of
        )
        levels = tuple(level_of[name] for name in names if name in level_of)
        monomials.append(Monomial(fixed * (1 if group.shared else group.count), levels))
    return tuple(monomials)


def _problem(
    spec: ConvNet,
    formulas: Sequence[CutFormula],
    bits: Sequence[float],
    monomials: tuple[Monomial, ...],
) -> Problem:
    rows: list[NDArray[np.float64]] = []
    bounds: list[float] = []
    for formula, target in zip(formulas, bits, strict=True):
        for term in formula.terms:
            row = np.zeros(spec.tree.n_levels)
            for name, exponent in term.items():
                if name != "x":
                    row[int(name[1:])] = exponent
            if row.any():
                rows.append(row)
                bounds.append(target - _BITS - term.get("x", 0) * math.log2(spec.features))
    return Problem(
        np.array(rows).reshape(len(rows), spec.tree.n_levels), np.array(bounds), monomials
    )


def _best_within(
    spec: ConvNet,
    formulas: Sequence[CutFormula],
    asked: Sequence[float],
    monomials: tuple[Monomial, ...],
    budget: int,
) -> tuple[tuple[int, ...], bool]:
    """Raise the ratio as long as widths within the budget reach it."""
    least = sum(monomial.coefficient for monomial in monomials)
    if budget < least:
        raise DesignError(
            f"budget is {budget:,} parameters, but widths of 1 already take {least:,}; raise it"
        )
    best, proved = (1,) * spec.tree.n_levels, True
    low, high = 0.0, _largest_ratio(spec, formulas, asked)
    # The features cap every cut; widths that reach the cap cannot be bettered.
    bits = [high * target for target in asked]
    widths, sure = fewest_within(_problem(spec, formulas, bits, monomials), budget)
    if widths is not None:
        return widths, sure
    for _ in range(_MOST_IMPROVEMENTS):
        # Halve the bracket while it is wide; then ask for anything better at all.
        narrow = high - low <= 1e-3 * max(high, 1e-3)
        aim = low + 1e-7 * max(low, 1.0) if narrow else (low + high) / 2
        bits = [aim * target for target in asked]
        widths, sure = fewest_within(_problem(spec, formulas, bits, monomials), budget)
        proved = proved and sure
        if widths is None and narrow:
            return best, proved
        if widths is None:
            high = aim
        else:
            best, low = widths, max(aim, _ratio(formulas, asked, widths))
            high = max(high, low)
    return best, False


def _ratio(formulas: Sequence[CutFormula], asked: Sequence[float], widths: Sequence[int]) -> float:
    dims = {f"r{level}": width for level, width in enumerate(widths)}
    return min(
        (
            math.log2(formula({n: d for n, d in dims.items() if n in formula.groups})) / target
            for formula, target in zip(formulas, asked, strict=True)
            if target > 0
        ),
        default=0.0,
    )


def _largest_ratio(spec: ConvNet, formulas: Sequence[CutFormula], asked: Sequence[float]) -> float:
    """What the features allow, however wide the levels."""
    caps = [
        _cap(spec, formula) / target
        for formula, target in zip(formulas, asked, strict=True)
        if target > 0
    ]
    return min(caps, default=0.0)


def _cap(spec: ConvNet, formula: CutFormula) -> float:
    """Log2 that the terms without any width allow."""
    fixed = [term for term in formula.terms if not set(term) - {"x"}]
    return min((term.get("x", 0) * math.log2(spec.features) for term in fixed), default=math.inf)
