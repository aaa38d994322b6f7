"""`DeepRecurrent`: recurrent arithmetic circuits of several layers, unrolled."""

from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import UNITS, checked_count
from tnet.architectures.recurrent import initial_state, initial_tensor
from tnet.architectures.spec import CircuitSpec
from tnet.architectures.tree_networks import as_network, with_scores
from tnet.network.groups import IndexGroup, Operator, TensorGroup
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class DeepRecurrent(CircuitSpec):
    r"""A recurrent network of several layers, whose states meet entry by entry.

    .. math::
        h^{t,l} = g\bigl(W_H^l h^{t-1,l}, \; W_I^l h^{t,l-1}\bigr), \quad h^{t,0} = f(x_t), \quad
        h(x) = \mathrm{out} \cdot h^{T,L}, \qquad t = 1, \ldots, T, \; l = 1, \ldots, L

    At t = 1 the unit u with g(g(a, b), u) = g(a, b) stands for :math:`W_H^l h^{0,l}`: ones for
    the product. With the product and ``softplus``, :math:`g(a, u) = a` and nothing need be there.
    With ``max``, ``sum`` and ``norm``, u = 0 and the network holds a vector ``h0`` for all layers,
    whose value is that of `initial_state`; others are a network that starts from another state.

    From two layers on, the state of a lower layer is used by the step after it and by the layer
    above it. Compiled, the network is unrolled: every use has its own copy, and an element is
    read as often as there are paths from it to the score.

    Parameters
    ----------
    steps : int
        Length of the input, T.
    features : int
        Representation functions per element, M.
    hidden : int
        Dim of the states, R.
    layers : int
        Number of layers, L.
    shared : bool
        Whether all steps share the matrices of a layer, as in a recurrent network proper.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    See Also
    --------
    Recurrent : one layer, whose state and input meet in a full core.

    Notes
    -----
    Network names: index groups ``x``, ``h{l}`` (states of layer l by time), ``y`` and ``h0``;
    tensor groups ``in{l}`` (:math:`W_I^l`), ``hid{l}`` (:math:`W_H^l`), ``out``. If unshared,
    tensors with several copies are ``in{l}.{t}`` and so on, t from 0.

    For the first half of the elements against the rest, T even, one layer has the rank
    min(R, M^(T/2)), two layers at least comb(min(M, R) + T/2 - 1, T/2) [1]_.

    References
    ----------
    .. [1] Levine, Sharir, Ziv, Shashua. Benefits of depth for long-term memory of recurrent
       networks. 2018. arXiv:1710.09431.

    Examples
    --------
    >>> import tnet
    >>> spec = DeepRecurrent(4, features=2, hidden=2, layers=2)
    >>> net = spec.compile()
    >>> net.input_modes.tolist()
    [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]
    >>> tnet.min_cut(net, [0, 1]).dimension
    8
    """

    steps: int
    _: KW_ONLY
    features: int
    hidden: int
    layers: int = 2
    shared: bool = True
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(steps=checked_count(self.steps, "steps"))
        self._check("hidden", "layers")

    @property
    def shape(self) -> tuple[int, ...]:
        """One element per step."""
        return (self.steps,)

    @property
    def initial_state(self) -> dict[str, NDArray[np.float64]]:
        """The parameter ``h0`` that makes the initial state u, where the network has it."""
        return initial_state(self.operator, self.hidden)

    def circuit(self) -> TensorNetwork:
        """Return the circuit with one index per state, used as often as need be."""
        steps, layers = self.steps, self.layers
        state = np.arange((layers + 1) * steps, dtype=np.int32).reshape(layers + 1, steps)
        indices = [IndexGroup("x", self.features, steps, role="input")]
        indices += [
            IndexGroup(f"h{layer}", self.hidden, steps, "inner", self.operator)
            for layer in range(1, layers + 1)
        ]
        tensors: list[TensorGroup] = []
        if UNITS[self.operator] is not None:
            tensors.append(initial_tensor(state[1:, 0].tolist()))
        for layer in range(1, layers + 1):
            pairs = {"in": (state[layer - 1], state[layer])}
            if steps > 1:
                pairs["hid"] = (state[layer, :-1], state[layer, 1:])
            tensors += [
                TensorGroup(
                    f"{name}{layer}",
                    np.stack(ends, axis=1),
                    self.shared,
                    layer=layer - 1,
                    root_axis=1,
                )
                for name, ends in pairs.items()
            ]
        top = int(state[-1, -1])
        return as_network(with_scores((indices, tensors), top, self.outputs), self.shape)
