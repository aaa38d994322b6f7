"""A disjunction of 2^n threshold units as n rectifiers: exactly, or as nearly as can be."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from tnet.claims import Claim
from tnet.errors import SizeLimitError, SpecError
from tnet.expressiveness.arguments import checked_choice
from tnet.expressiveness.rectifier.affine import Affine, Array, checked_instance, checked_points
from tnet.expressiveness.rectifier.code_order import find_code_order
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.programmes import free_variables, maximise
from tnet.expressiveness.rectifier.threshold_form import subset_sums
from tnet.expressiveness.rectifier.thresholds import ThresholdLayer

_ENTRIES_LIMIT = 20_000
"""Entries of the units' weights and offsets up to which the best fit is searched."""

_ROUNDINGS = 64
"""Units in the last place of the largest entry up to which a fit counts as exact."""


@dataclass(frozen=True, eq=False, repr=False)
class Reduction:
    """Rectifiers that stand for exponentially many threshold units.

    Attributes
    ----------
    network : RectifierNetwork
        The n rectifiers, all added.
    units : Affine
        The threshold units in the order of their codes.
    order : tuple of int
        Which unit of the layer has code k, that is, stands for the sum over the bits of k.
    residual : float
        The largest sum of a unit's absolute differences, weights and offset together.
    exact : bool
        Whether it is 0 up to rounding.
    claim : Claim
        What follows.
    """

    network: RectifierNetwork
    units: Affine
    order: tuple[int, ...]
    residual: float
    exact: bool
    claim: Claim

    def same_argmax(self, points: ArrayLike) -> NDArray[np.bool_]:
        r"""Return at which points the unit of largest value is surely the same, shape (B,).

        Notes
        -----
        A unit's value and the rectifiers' sum for its code differ by at most the residual times
        :math:`\|x\|_\infty`, x with its constant entry 1. So the largest stays the largest while
        the residual is below :math:`m / (2 \|x\|_\infty)`, m its margin over the second, strictly
        (theorem 3 of [1]_). It says nothing about whether the largest value is at least 0: see
        `same_decision`.

        References
        ----------
        .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.
        """
        values, slack = self._values(points)
        if values.shape[1] == 1 or self.residual == 0:
            return np.ones(len(values), dtype=bool)
        top = np.partition(values, -2, axis=1)[:, -2:]
        certain: NDArray[np.bool_] = 2 * slack < top[:, 1] - top[:, 0]
        return certain

    def same_decision(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return at which points the sign is surely the same, shape (B,).

        The largest values differ by at most the residual times the largest entry of x and 1: so
        the sign is that of the units where theirs is at least that, or below minus that.
        """
        values, slack = self._values(points)
        largest = values.max(axis=1)
        certain: NDArray[np.bool_] = (largest >= slack) | (largest < -slack)
        return certain

    def _values(self, points: ArrayLike) -> tuple[Array, Array]:
        given = checked_points(points, self.units.dim)
        sizes = np.abs(given).max(axis=1, initial=1.0)
        return self.units(given), self.residual * np.maximum(sizes, 1.0)

    def __repr__(self) -> str:
        return (
            f"<Reduction: {len(self.units)} units to {len(self.network.positive)} rectifiers, "
            f"residual {self.residual:.3g}>"
        )


def to_fewer_rectifiers(
    layer: ThresholdLayer, *, order: Literal["any", "given"] = "any"
) -> Reduction:
    r"""Return n rectifiers that stand for a disjunction of 2^n threshold units.

    Parameters
    ----------
    layer : ThresholdLayer
        A disjunction of :math:`2^n` units.
    order : {'any', 'given'}
        Whether units may be renumbered, which changes no disjunction, or unit k has code k.

    Returns
    -------
    Reduction
        Exact where the units are subset sums; else the closest there is in the given order.

    Raises
    ------
    SpecError
        If the layer is no disjunction, or the number of units no power of two.
    ParameterError
        If the layer is no `ThresholdLayer`.
    SizeLimitError
        If the fit has more than 20,000 entries.

    Notes
    -----
    Let the columns of :math:`[V; d]` be the units, and T the binary codes over a row of ones. If
    :math:`[V; d] = U T`, the last column of U being :math:`(0, \ldots, 0, w_0)`, the units are the
    :math:`2^n` sums :math:`w_0 + \sum_S a_k` of the rectifier network whose functions are the
    other columns (eq. 8 of [1]_), so its score is their largest value. A permutation of the units
    is within this: it is found from the sums alone (`find_code_order`). Otherwise U is the best in
    the norm :math:`\|(V - UT)^T\|_\infty`, the largest sum of absolute values in a column of the
    difference, by a linear programme; no renumbering is tried then.

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> units = Affine([[1, 1], [0, 0], [0, 1], [1, 0]], [-1, -1, -1, -1])
    >>> found = to_fewer_rectifiers(ThresholdLayer.disjunction(units))
    >>> found, found.order
    (<Reduction: 4 units to 2 rectifiers, residual 0>, (1, 3, 2, 0))
    """
    checked_instance(layer, ThresholdLayer, "layer")
    count = len(layer.units)
    checked_choice(order, ("any", "given"), "order")
    if count == 0 or count & (count - 1):
        raise SpecError(
            f"the layer has {count} units; n rectifiers stand for 2^n of them: repeat a unit until "
            "there are"
        )
    if (layer.outer != 1).any() or layer.bias != count - 1:
        raise SpecError(
            f"the layer has votes of {layer.outer.min():g} to {layer.outer.max():g} and bias "
            f"{layer.bias:g}; only a disjunction can be reduced: give votes of 1 and bias "
            f"{count - 1}"
        )
    # The fit is that of the units divided by a power of two, which is exact: so the programme's
    # tolerances are in the units' own scale.
    power = int(np.frexp(np.abs(layer.units.rows).max())[1])
    rows = np.ldexp(layer.units.rows, -power)
    tolerance = _ROUNDINGS * rows.shape[1] * float(np.finfo(np.float64).eps * np.abs(rows).max())
    places = np.arange(count)
    fit = _by_single_codes(rows)
    if _residual(rows, fit) > tolerance and order == "any":
        found = find_code_order(rows, tolerance)
        if found is not None:
            places, fit = found, _by_single_codes(rows[found])
    exact = _residual(rows[places], fit) <= tolerance
    if not exact:
        fit = _closest(rows)
    residual = float(np.ldexp(_residual(rows[places], fit), power))
    units = Affine.from_rows(layer.units.rows[places])
    return _reduction(units, np.ldexp(fit, power), places, residual, exact)


def _by_single_codes(rows: Array) -> Array:
    """The functions, and w_0 below them, read off the units whose codes have at most one bit."""
    singles = rows[2 ** np.arange(len(rows).bit_length() - 1)] - rows[0]
    last = np.zeros(rows.shape[1])
    last[-1] = rows[0, -1]
    return np.vstack([singles, last])


def _residual(rows: Array, fit: Array) -> float:
    return float(np.abs(rows - subset_sums(fit[:-1], fit[-1, -1])).sum(axis=1).max())


def _closest(rows: Array) -> Array:
    """The fit whose largest sum of absolute differences in a unit is least."""
    count, columns = rows.shape
    bits, dim = count.bit_length() - 1, columns - 1
    if rows.size > _ENTRIES_LIMIT:
        raise SizeLimitError(
            f"{count:,} units of {columns} entries are no subset sums, and fitting "
            f"{rows.size:,} entries is above the limit of {_ENTRIES_LIMIT:,}; take fewer units"
        )
    codes = (np.arange(count)[:, None] >> np.arange(bits) & 1).astype(np.float64)
    # Sums of every entry of the functions in turn, and w_0 in the last entry; then the absolute
    # differences, entry by entry; then their largest sum.
    build: Any = sparse
    ones = build.csr_array(np.r_[np.zeros(dim * count), np.ones(count)][:, None])
    sums = build.hstack([build.kron(build.eye_array(columns), build.csr_array(codes)), ones])
    entries = build.eye_array(columns * count)
    total = build.kron(np.ones((1, columns)), build.eye_array(count))
    most = build.csr_array(np.ones((count, 1)))
    above = build.block_array(
        [[-sums, -entries, None], [sums, -entries, None], [None, total, -most]], format="csr"
    )
    target = rows.T.ravel()
    free = sums.shape[1]
    bounds = free_variables(above.shape[1])
    bounds[free:, 0] = 0.0
    found = maximise(
        -(np.arange(above.shape[1]) == above.shape[1] - 1).astype(np.float64),
        above,
        np.r_[-target, target, np.zeros(count)],
        bounds=bounds,
        finite=True,
    )
    functions = found.point[: columns * bits].reshape(columns, bits).T
    last = np.zeros(columns)
    last[-1] = found.point[free - 1]
    return np.vstack([functions, last])


def _reduction(
    units: Affine, fit: Array, places: NDArray[np.int64], residual: float, exact: bool
) -> Reduction:
    none = Affine(np.zeros((0, units.dim)), np.zeros(0))
    network = RectifierNetwork(Affine.from_rows(fit[:-1]), none, fit[-1, -1])
    if exact:
        claim = Claim(
            "exact by theorem",
            "the units are the sums over all subsets of the rectifiers' functions",
            ("equal up to rounding", "arithmetic is exact; else ties may turn"),
        )
    else:
        claim = Claim(
            "numerical",
            "the closest subset sums in the norm of largest row sums; same_argmax and "
            "same_decision say for which points nothing changes",
            ("a linear programme solved in floating point", "units in the given order"),
        )
    return Reduction(network, units, tuple(places.tolist()), residual, exact, claim)
