"""Two-layer rectifier networks: the sign of a sum of rectifiers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import ParameterError
from tnet.expressiveness.rectifier.affine import (
    Affine,
    Array,
    checked_instance,
    finite_number,
    finite_vector,
)


@dataclass(frozen=True, eq=False, repr=False)
class RectifierNetwork:
    r"""The network :math:`\mathrm{sgn}(w_0 + \sum_P R(a_k(x)) - \sum_N R(a_k(x)))`.

    R(z) is max(z, 0), and the sign of zero is +1: the network is positive where its score is at
    least 0.

    Attributes
    ----------
    positive : Affine
        The functions of P, whose rectifiers are added.
    negative : Affine
        The functions of N, whose rectifiers are subtracted.
    bias : float
        The number w_0.

    Raises
    ------
    ParameterError
        If a part is no `Affine`, the two have points of different dims, or the bias is not
        finite.

    Notes
    -----
    A weight after a rectifier is absorbed, :math:`|w| R(a) = R(|w| a)` [1]_; `from_layers` does so.

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> net = RectifierNetwork(Affine([[1], [-1]], [0, 0]), Affine([[0]], [0]), -2)
    >>> net([[1], [2], [-3]])
    array([-1,  1,  1])
    """

    positive: Affine
    negative: Affine
    bias: float

    def __post_init__(self) -> None:
        checked_instance(self.positive, Affine, "positive")
        checked_instance(self.negative, Affine, "negative")
        if self.positive.dim != self.negative.dim:
            raise ParameterError(
                f"positive functions take {self.positive.dim} numbers and negative ones "
                f"{self.negative.dim}; give both weights as many columns"
            )
        object.__setattr__(self, "bias", finite_number(self.bias, "bias"))

    @classmethod
    def from_layers(
        cls, weights: ArrayLike, offsets: ArrayLike, outer: ArrayLike, bias: float
    ) -> "RectifierNetwork":
        r"""Return the network :math:`\mathrm{sgn}(w_0 + w \cdot R(Wx + b))`.

        Parameters
        ----------
        weights : array, shape (n, d)
            First layer W.
        offsets : array, shape (n,)
            First layer b.
        outer : array, shape (n,)
            Second layer w; a unit whose weight is 0 is left out.
        bias : float
            Second layer w_0.

        Raises
        ------
        ParameterError
            If shapes do not fit or an entry is not finite.

        Examples
        --------
        >>> RectifierNetwork.from_layers([[1, 0], [0, 1], [1, 1]], [0, 0, 0], [2, -1, 0], 1)
        <RectifierNetwork: 1 added and 1 subtracted rectifiers of 2 numbers>
        """
        layer = Affine(np.asarray(weights), np.asarray(offsets))
        factors = finite_vector(outer, "outer", len(layer))
        scaled = layer.rows * np.abs(factors)[:, None]
        added, subtracted = Affine.from_rows(scaled[factors > 0]), scaled[factors < 0]
        return cls(added, Affine.from_rows(subtracted), bias)

    @property
    def dim(self) -> int:
        """Number d of entries of a point."""
        return self.positive.dim

    def score(self, points: ArrayLike) -> Array:
        """Return the sum before the sign on points (B, d), shape (B,).

        Raises
        ------
        FeatureError
            If the points have another shape or are not finite.
        """
        added, subtracted = (
            np.maximum(part(points), 0).sum(axis=1) for part in (self.positive, self.negative)
        )
        total: Array = self.bias + added - subtracted
        return total

    def __call__(self, points: ArrayLike) -> NDArray[np.int64]:
        """Return +1 or -1 on points (B, d), shape (B,); a score of 0 gives +1."""
        return signs(self.score(points))

    def __repr__(self) -> str:
        return (
            f"<RectifierNetwork: {len(self.positive)} added and {len(self.negative)} subtracted "
            f"rectifiers of {self.dim} numbers>"
        )


def signs(values: ArrayLike) -> NDArray[np.int64]:
    """Return +1 where a value is at least 0, else -1.

    Examples
    --------
    >>> signs([-0.5, 0, 2])
    array([-1,  1,  1])
    """
    return np.where(np.asarray(values) >= 0, 1, -1)
