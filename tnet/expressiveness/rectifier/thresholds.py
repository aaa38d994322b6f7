"""Threshold units: one layer with a vote, and conjunctions and disjunctions of units."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.claims import Claim
from tnet.errors import ParameterError, SpecError
from tnet.expressiveness.arguments import checked_choice
from tnet.expressiveness.rectifier.affine import (
    Affine,
    Array,
    checked_instance,
    checked_points,
    finite_number,
    finite_vector,
)
from tnet.expressiveness.rectifier.networks import signs
from tnet.network.groups import read_only

Form = Literal["dnf", "cnf"]
FORMS: tuple[Form, ...] = get_args(Form)

BLOCK = 2**21
"""Products of a point and a unit that are held at once: 16 MiB, and 4 MiB for their signs."""

_AS_GIVEN = Claim("exact by theorem", "the units are those that were given")


@dataclass(frozen=True, eq=False, repr=False)
class ThresholdLayer:
    r"""One layer of threshold units and a vote, :math:`\mathrm{sgn}(w_0 + \sum_k w_k\,
    \mathrm{sgn}(u_k \cdot x + c_k))`.

    The sign of zero is +1, of the units and of the vote.

    Attributes
    ----------
    units : Affine
        The functions inside the units.
    outer : ndarray, shape (m,)
        Weights of the vote.
    bias : float
        The number w_0.

    Raises
    ------
    ParameterError
        If the units are no `Affine`, there are other than m votes, or a number is not finite.

    Examples
    --------
    >>> layer = ThresholdLayer.conjunction(Affine([[1, 0], [0, 1]], [0, 0]))
    >>> layer.bias, layer([[1, 1], [1, -1]]).tolist()
    (-1.0, [1, -1])
    """

    units: Affine
    outer: Array
    bias: float

    def __post_init__(self) -> None:
        checked_instance(self.units, Affine, "units")
        object.__setattr__(self, "outer", finite_vector(self.outer, "outer", len(self.units)))
        object.__setattr__(self, "bias", finite_number(self.bias, "bias"))

    @classmethod
    def conjunction(cls, units: Affine) -> "ThresholdLayer":
        """Return the layer that is positive where all m units are; its bias is 1 - m."""
        count = len(checked_instance(units, Affine, "units"))
        return cls(units, np.ones(count), 1 - count)

    @classmethod
    def disjunction(cls, units: Affine) -> "ThresholdLayer":
        """Return the layer that is positive where one of m units is; its bias is m - 1."""
        count = len(checked_instance(units, Affine, "units"))
        return cls(units, np.ones(count), count - 1)

    def __call__(self, points: ArrayLike) -> NDArray[np.int64]:
        """Return +1 or -1 on points (B, d), shape (B,)."""
        return signs(self.bias + signs(self.units(points)) @ self.outer)

    def __repr__(self) -> str:
        return f"<ThresholdLayer: {len(self.units)} units of {self.units.dim} numbers>"


@dataclass(frozen=True, eq=False, repr=False)
class ThresholdNetwork:
    """Threshold units in groups: a disjunction of conjunctions, or a conjunction of disjunctions.

    Attributes
    ----------
    units : Affine
        The functions inside the units, group after group.
    starts : ndarray of int, shape (groups + 1,)
        Group g is units ``starts[g]`` to ``starts[g + 1] - 1``. With ``"dnf"`` a group without
        units is always positive, and a network without groups never; with ``"cnf"`` a group
        without units never is, and a network without groups always.
    form : {'dnf', 'cnf'}
        Groups are conjunctions, of which one must be positive; or disjunctions, which all must.
    claim : Claim
        What it computes, and why.

    Raises
    ------
    SpecError
        If the form is another.
    ParameterError
        If the units are no `Affine`, or `starts` does not run from 0 to their number.

    Examples
    --------
    >>> units = Affine([[1], [-1], [1]], [0, 1, -2])
    >>> net = ThresholdNetwork(units, [0, 2, 3], "dnf")
    >>> net, net([[-1.0], [0.5], [1.5], [2.0]]).tolist()
    (<ThresholdNetwork: 3 units in 2 groups, dnf>, [-1, 1, -1, 1])
    """

    units: Affine
    starts: NDArray[np.int64]
    form: Form
    claim: Claim = _AS_GIVEN

    def __post_init__(self) -> None:
        check_form(self.form)
        checked_instance(self.units, Affine, "units")
        starts = np.array(self.starts)
        runs = starts.ndim == 1 and len(starts) and starts.dtype.kind in "iu"
        if (
            not runs
            or starts[0] != 0
            or starts[-1] != len(self.units)
            or (np.diff(starts) < 0).any()
        ):
            raise ParameterError(
                f"starts of the groups must ascend from 0 to {len(self.units)}, the number of "
                f"units; got {self.starts!r}"
            )
        starts = starts.astype(np.int64)
        read_only(starts)
        object.__setattr__(self, "starts", starts)

    @property
    def n_units(self) -> int:
        """Number of threshold units of the first layer."""
        return len(self.units)

    @property
    def n_groups(self) -> int:
        """Number of conjunctions of a dnf, or of disjunctions of a cnf."""
        return len(self.starts) - 1

    @property
    def bytes(self) -> int:
        """Bytes of its arrays."""
        return self.units.weights.nbytes + self.units.offsets.nbytes + self.starts.nbytes

    @property
    def constant(self) -> int | None:
        """The value +1 or -1 if a group without units, or no group, makes it one; else None."""
        decided = 1 if self.form == "dnf" else -1
        if self.n_groups == 0:
            return -decided
        return decided if (np.diff(self.starts) == 0).any() else None

    def single_layer(self) -> ThresholdLayer:
        """Return it as one layer and a vote.

        Raises
        ------
        SpecError
            If there are several groups and one of them has several units: that takes two layers
            above the units.

        Examples
        --------
        >>> units = Affine([[1], [-1]], [0, 1])
        >>> ThresholdNetwork(units, [0, 1, 2], "dnf").single_layer().bias
        1.0
        """
        single = self.n_groups == 1
        if not single and (np.diff(self.starts) != 1).any():
            raise SpecError(
                f"{self.n_groups} groups of up to {np.diff(self.starts).max(initial=0)} units are "
                "two layers above the units, not one; give a single group, or groups of one unit"
            )
        conjunction = single == (self.form == "dnf")
        make = ThresholdLayer.conjunction if conjunction else ThresholdLayer.disjunction
        return make(self.units)

    def __call__(self, points: ArrayLike) -> NDArray[np.int64]:
        """Return +1 or -1 on points (B, d), shape (B,).

        Points and units are taken in blocks: beside them and the result about 20 MiB are held.

        Raises
        ------
        FeatureError
            If the points have another shape or are not finite.
        """
        given = checked_points(points, self.units.dim)
        if self.constant is not None:
            return np.full(len(given), self.constant)
        step = max(1, BLOCK // min(self.n_units, BLOCK))
        found = [self._decided(given[at : at + step]) for at in range(0, len(given), step)]
        positive = np.concatenate([np.zeros(0, dtype=bool), *found])
        return np.where(positive, 1, -1)

    def _decided(self, points: Array) -> NDArray[np.bool_]:
        """Which points are positive: over groups any (dnf), within a group all, or the reverse."""
        dnf = self.form == "dnf"
        within, over = (np.logical_and, np.logical_or) if dnf else (np.logical_or, np.logical_and)
        result = np.full(len(points), not dnf)
        carried = np.full(len(points), dnf)
        for begin, end in _spans(self.n_units, max(1, BLOCK // max(len(points), 1))):
            values = points @ self.units.weights[begin:end].T
            values += self.units.offsets[begin:end]
            inside = self.starts[(self.starts > begin) & (self.starts < end)] - begin
            reduced = within.reduceat(values >= 0, np.r_[0, inside], axis=1)
            # The first group may go on from the block before, the last one into the next.
            reduced[:, 0] = within(reduced[:, 0], carried)
            ended = end in self.starts
            complete = reduced if ended else reduced[:, :-1]
            result = over(result, over.reduce(complete, axis=1))
            carried = np.full(len(points), dnf) if ended else reduced[:, -1]
        return result

    def __repr__(self) -> str:
        return f"<ThresholdNetwork: {self.n_units} units in {self.n_groups} groups, {self.form}>"


def check_form(form: str) -> None:
    """Raise if a form is neither dnf nor cnf."""
    checked_choice(form, FORMS, "form")


def _spans(count: int, step: int) -> Iterator[tuple[int, int]]:
    return ((begin, min(begin + step, count)) for begin in range(0, count, step))
