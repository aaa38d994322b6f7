"""Three threshold units as two rectifiers."""

import math
from fractions import Fraction

import numpy as np

from tnet.errors import FunctionError, SpecError
from tnet.expressiveness.rectifier.affine import Affine, Array, checked_instance
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.thresholds import ThresholdLayer

_ROUNDING = 1e-12

_LARGEST_DENOMINATOR = 2**20
"""Common denominator of p and q up to which the network is multiplied by it."""


def two_for_three(layer: ThresholdLayer) -> RectifierNetwork:
    r"""Return two rectifiers that equal a disjunction of three threshold units, if they can.

    Parameters
    ----------
    layer : ThresholdLayer
        A disjunction of three units of values :math:`z_k = v_k \cdot x + d_k`.

    Returns
    -------
    RectifierNetwork
        Exact, ties too, where p and q are fractions of denominators up to 2^20 and arithmetic is
        exact (small integers, say); else inputs within rounding of a tie may differ.

    Raises
    ------
    FunctionError
        If no unit is the right combination of the two others; the message says what was found
        for the third one.
    SpecError
        If the layer is no disjunction of three units.
    ParameterError
        If the layer is no `ThresholdLayer`.

    Notes
    -----
    Let :math:`v_3 = p v_1 + q v_2` with p, q > 0, and :math:`r = d_3 - p d_1 - q d_2 > 0` [1]_.
    Then

    .. math:: \mathrm{sgn}(-r + R(p z_1 + r) + R(q z_2 + r))

    is it: the sums over subsets are :math:`-r, p z_1, q z_2` and :math:`p z_1 + q z_2 + r = z_3`,
    the first is never positive, and positive factors do not change a sign. With r = 0 the first
    would be always positive; with r < 0 the third unit is redundant. The three may come in any
    order. All is multiplied by a common denominator of p and q, which turns no sign and leaves
    integers where there were integers. Of two units with proportional weights p and q are not
    unique, and none are sought.

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> units = Affine([[1, 0], [0, 1], [2, 3]], [0, 0, 1])
    >>> net = two_for_three(ThresholdLayer.disjunction(units))
    >>> net([[0.0, -1.0], [-1.0, 0.5], [-1.0, -0.5], [-0.1, -0.2]])
    array([ 1,  1, -1,  1])
    """
    checked_instance(layer, ThresholdLayer, "layer")
    if len(layer.units) != 3 or (layer.outer != 1).any() or layer.bias != 2:
        raise SpecError(
            f"the layer has {len(layer.units)} units, votes {layer.outer.tolist()} and bias "
            f"{layer.bias:g}; give a disjunction of three, with votes of 1 and bias 2"
        )
    rows = layer.units.rows
    for first, second, third in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        found = _combination(rows[first], rows[second], rows[third])
        if found is not None and min(found) > 0:
            common = math.lcm(found[0].denominator, found[1].denominator)
            times = common if common <= _LARGEST_DENOMINATOR else 1
            p, q, r = (float(number * times) for number in found)
            inner = np.vstack([p * rows[first], q * rows[second]])
            inner[:, -1] += r
            none = Affine(np.zeros((0, layer.units.dim)), np.zeros(0))
            return RectifierNetwork(Affine.from_rows(inner), none, -r)
    found = _combination(*rows)
    values = "no p and q"
    if found is not None:
        values = "p = {:.4g}, q = {:.4g}, r = {:.4g}".format(*map(float, found))
    raise FunctionError(
        "two rectifiers need v3 = p v1 + q v2 and r = d3 - p d1 - q d2 with p, q, r > 0 in some "
        f"order of the units, and v1, v2 not proportional; in the given order there is {values}: "
        "keep the three, or change a unit"
    )


def _combination(
    first: Array, second: Array, third: Array
) -> tuple[Fraction, Fraction, Fraction] | None:
    """The numbers p, q and r; None if the third weights are no unique combination."""
    pair = np.column_stack([first[:-1], second[:-1]])
    factors, _, rank, _ = np.linalg.lstsq(pair, third[:-1], rcond=None)
    size = np.abs(pair).max() * np.abs(factors).max() + np.abs(third[:-1]).max()
    if rank < 2 or np.abs(pair @ factors - third[:-1]).max() > _ROUNDING * size:
        return None
    exact = [[Fraction(entry) for entry in row.tolist()] for row in (first, second, third)]
    p, q = _exact_factors(*exact) or map(Fraction, factors.tolist())
    return p, q, exact[2][-1] - p * exact[0][-1] - q * exact[1][-1]


def _exact_factors(
    first: list[Fraction], second: list[Fraction], third: list[Fraction]
) -> tuple[Fraction, Fraction] | None:
    """Find the p and q that make up the third weights without rounding, None if none do."""
    at = max(range(len(first) - 1), key=lambda k: abs(first[k]))

    def minor(row: list[Fraction], other: list[Fraction], k: int) -> Fraction:
        return row[at] * other[k] - row[k] * other[at]

    to = max(range(len(first) - 1), key=lambda k: abs(minor(first, second, k)))
    whole = minor(first, second, to)
    if whole == 0:
        return None
    p, q = minor(third, second, to) / whole, minor(first, third, to) / whole
    triples = zip(first[:-1], second[:-1], third[:-1], strict=True)
    return (p, q) if all(p * a + q * b == c for a, b, c in triples) else None
