"""`shallow_open_set`: deep rectifier networks that one shallow channel matches, all around."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.architectures.cp import CP
from tnet.architectures.recurrent import Recurrent
from tnet.claims import Claim
from tnet.errors import OperatorError, ParameterError
from tnet.expressiveness.arguments import checked_choice, network_of
from tnet.expressiveness.depth.conv_open_sets import conv_centre, conv_channel, conv_radius
from tnet.expressiveness.depth.recurrent_open_sets import (
    recurrent_centre,
    recurrent_channel,
    recurrent_radius,
)
from tnet.network.parameters import Parameters, check_finite, check_parameters

Array = NDArray[Any]
Operators: TypeAlias = Literal["max", "product"]


@dataclass(frozen=True, eq=False, repr=False)
class OpenSet:
    """An open set of weights at which a deep network is no more than one shallow channel.

    Attributes
    ----------
    spec : ConvNet or Recurrent
        The deep network.
    shallow : {'max', 'product'}
        Operator of the shallow one.
    parameters : dict of str to ndarray
        Weights in the middle of the set.
    radius : float
        Weights that differ from these by less, each, are in the set.
    claim : Claim
        Exact by theorem.
    """

    spec: ConvNet | Recurrent
    shallow: Operators
    parameters: dict[str, Array]
    radius: float
    claim: Claim

    def contains(self, parameters: Parameters) -> bool:
        """Say whether weights are in the set: strict inequalities, so the set is open.

        Parameters
        ----------
        parameters : mapping of str to array
            Of the deep network.

        Returns
        -------
        bool

        Raises
        ------
        ParameterError
            If an array does not fit or is not finite.
        """
        return self._channel(parameters) is not None

    def shallow_network(self, parameters: Parameters) -> tuple[CP, dict[str, Array]]:
        """Construct the shallow network of width 1 with the same grid tensor.

        Parameters
        ----------
        parameters : mapping of str to array
            Of the deep network, in the set.

        Returns
        -------
        spec : CP
            Of width 1.
        parameters : dict of str to ndarray

        Raises
        ------
        ParameterError
            If an array does not fit, is not finite, or the weights are not in the set.
        """
        channel = self._channel(parameters)
        if channel is None:
            raise ParameterError(
                "these weights are not in the open set; start from .parameters and change every "
                f"weight by less than {self.radius:.3g}"
            )
        vectors, weight = channel
        shallow = CP(len(vectors), features=self.spec.features, width=1, operator=self.shallow)
        return shallow, {"conv0": vectors[:, :, None], "out": np.array([weight])}

    def _channel(self, parameters: Parameters) -> tuple[Array, float] | None:
        check_parameters(network_of(self.spec), parameters)
        check_finite(parameters)
        arrays = {name: np.asarray(array) for name, array in parameters.items()}
        if isinstance(self.spec, Recurrent):
            return recurrent_channel(self.spec, self.shallow, arrays)
        return conv_channel(self.spec, self.shallow, arrays)

    def __repr__(self) -> str:
        return (
            f"<OpenSet: one shallow channel with {self.shallow} has the same grid tensor, within "
            f"{self.radius:.3g} of every weight ({self.claim.kind})>"
        )


def shallow_open_set(spec: ConvNet | Recurrent, *, shallow: Operators = "max") -> OpenSet:
    r"""Construct an open set of deep ReLU/max networks that a shallow width of 1 matches.

    Parameters
    ----------
    spec : ConvNet or Recurrent
        With operator max. A `ConvNet` of two levels or more, any windows; a `Recurrent` of two
        steps or more.
    shallow : {'max', 'product'}
        Operator of the shallow network: ReLU/max, or linear activation and products.

    Returns
    -------
    OpenSet
        ``parameters``, ``radius``, ``contains()``, ``shallow_network()``, ``claim``.

    Raises
    ------
    SpecError
        If the spec is shallow, irregular or of another kind; or a `ConvNet` with shared weights,
        for products.
    OperatorError
        If the spec's operator is not max, or `shallow` is not one of the two.

    Notes
    -----
    Claims 9 and 11 of [1]_ and theorem 5.3 of [2]_: so depth is not completely efficient with
    ReLU/max. An open set has positive probability under any density that is positive there.

    *ConvNet, max.* In all first-level channels but channel 0 the weights are negative, so their
    windows give 0; at the levels above channel 0 feeds channel 0 with a positive weight and the
    others with negative ones. One channel is alive, positive factors move out of a maximum, and
    the score is out[0] times the largest of :math:`c_i b_{d_i}^{(i)}` and 0, c the product of the
    weights on the way up: one ReLU/max channel.

    *ConvNet, product.* If also the smallest :math:`c_0 b_d^{(0)}` is above all others, the
    score depends on element 0 alone. With weights shared no element can be above the others.

    *Recurrent.* If every entry of the state, from the first step on, is above all entries that
    later steps put in, each maximum is the state: the score depends on element 0 alone. The
    centre has the constant grid tensor.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.
    .. [2] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> import tnet
    >>> deep = tnet.ConvNet(4, features=3, widths=(2, 2), operator="max")
    >>> found = shallow_open_set(deep)
    >>> shallow, weights = found.shallow_network(found.parameters)
    >>> ours = tnet.grid_tensor(deep, found.parameters, np.eye(3))
    >>> found.radius, np.allclose(ours, tnet.grid_tensor(shallow, weights, np.eye(3)))
    (1.0, True)
    """
    shallow = checked_choice(shallow, get_args(Operators), "shallow", OperatorError)
    if isinstance(spec, Recurrent):
        centre, radius = recurrent_centre(spec), recurrent_radius(spec)
        reason = "every maximum is the state, so the score depends on the first element alone"
    else:
        centre, radius = conv_centre(spec, shallow), conv_radius(spec, shallow)
        reason = "one channel is alive, and positive factors move out of a maximum"
    claim = Claim(
        "exact by theorem",
        reason,
        ("ReLU/max deep network", "one-hot templates (or first-level weights behind an inverse F)"),
    )
    return OpenSet(spec, shallow, centre, radius, claim)
