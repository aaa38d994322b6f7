"""A layer of threshold units as rectifiers, two for each unit."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.claims import Claim
from tnet.errors import SpecError
from tnet.expressiveness.arguments import checked_choice
from tnet.expressiveness.rectifier.affine import checked_instance, finite_number
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.thresholds import ThresholdLayer

Ramp = Literal["centred", "below"]

_DROWNED = 2.0**40
"""Times eps: from values as large, what is left of eps in a difference has 12 bits or fewer."""


@dataclass(frozen=True, eq=False, repr=False)
class RectifiedLayer:
    """A rectifier network that stands for a layer of threshold units.

    Attributes
    ----------
    network : RectifierNetwork
        With two rectifiers per unit whose vote is not 0.
    layer : ThresholdLayer
        What it stands for.
    eps : float
        Width of the ramp.
    ramp : {'centred', 'below'}
        Where it is.
    claim : Claim
        Where the two are equal.
    """

    network: RectifierNetwork
    layer: ThresholdLayer
    eps: float
    ramp: Ramp
    claim: Claim

    def exact_on(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return at which points (B, d) every unit is outside its ramp, shape (B,).

        Values above 2^40 eps are not counted as exact: there eps drowns in rounding.

        Raises
        ------
        FeatureError
            If the points have another shape or are not finite.
        """
        values = self.layer.units(points)[:, self.layer.outer != 0]
        above = 0 if self.ramp == "below" else self.eps
        outside = (values >= above) | (values <= -self.eps)
        exact = outside & (np.abs(values) <= _DROWNED * self.eps)
        return np.asarray(exact.all(axis=1))

    def __repr__(self) -> str:
        return f"<RectifiedLayer: {self.network!r}, eps {self.eps:g}, ramp {self.ramp}>"


def to_rectifier(
    layer: ThresholdLayer, *, eps: float = 1.0, ramp: Ramp = "centred"
) -> RectifiedLayer:
    r"""Return a rectifier network that equals a layer of threshold units outside narrow strips.

    Parameters
    ----------
    layer : ThresholdLayer
        With n units; of a `ThresholdNetwork` take ``single_layer()``.
    eps : float
        Width of the ramp that stands for a unit's step, positive.
    ramp : {'centred', 'below'}
        From -eps to eps, or from -eps to 0.

    Returns
    -------
    RectifiedLayer
        With at most 2n rectifiers; ``exact_on`` says on which points it is exact.

    Raises
    ------
    SpecError
        If eps is not positive, or the ramp is another.
    ParameterError
        If the layer is no `ThresholdLayer`.

    Notes
    -----
    With z the value inside a unit, the sign of z is

    * ``"centred"``: :math:`\frac1\epsilon [R(z + \epsilon) - R(z - \epsilon)] - 1`, exact for
      :math:`|z| \ge \epsilon` [1]_; at z = 0 it is 0 and not 1;
    * ``"below"``: :math:`\frac2\epsilon [R(z + \epsilon) - R(z)] - 1`, exact for
      :math:`z \ge 0` and :math:`z \le -\epsilon`, ties included.

    Both are computed with rounding, so a vote that ends in exactly 0 may turn; conjunctions and
    disjunctions have no such vote, their sums are odd numbers.

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> from tnet.expressiveness.rectifier.affine import Affine
    >>> layer = ThresholdLayer.conjunction(Affine([[1, 0], [0, 1]], [0, 0]))
    >>> below = to_rectifier(layer, eps=0.5, ramp="below")
    >>> below.exact_on([[0.0, 1.0], [-0.2, 1.0]]), below.network([[0.0, 1.0]])
    (array([ True, False]), array([1]))
    """
    checked_instance(layer, ThresholdLayer, "layer")
    width = finite_number(eps, "eps")
    if width <= 0:
        raise SpecError(f"eps is {width:g}; give the ramp a positive width")
    checked_choice(ramp, get_args(Ramp), "ramp")
    weights, offsets = layer.units.weights, layer.units.offsets
    centred = ramp == "centred"
    steep = layer.outer / width * (1.0 if centred else 2.0)
    network = RectifierNetwork.from_layers(
        np.vstack([weights, weights]),
        np.r_[offsets + width, offsets - width if centred else offsets],
        np.r_[steep, -steep],
        layer.bias - layer.outer.sum(),
    )
    condition = "|z| >= eps" if centred else "z >= 0 or z <= -eps"
    claim = Claim(
        "exact by theorem",
        f"two rectifiers make a ramp that is the unit's sign where {condition}",
        (f"{condition} in every unit: see exact_on", "the vote is not 0 but for rounding"),
    )
    return RectifiedLayer(network, layer, width, ramp, claim)
