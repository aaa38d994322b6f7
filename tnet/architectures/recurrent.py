"""`Recurrent`: one layer of a recurrent network, a chain of full cores behind matrices."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import UNITS, checked_count
from tnet.architectures.spec import Spec
from tnet.architectures.tensor_train import bond_dims, checked_ranks
from tnet.architectures.tree_networks import as_network, with_scores
from tnet.network.groups import IndexGroup, Operator, TensorGroup
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class Recurrent(Spec):
    r"""A recurrent network of one layer, whose state meets the input in a full core.

    .. math::
        h^t_k = \sum_{ij} G^t_{ijk} \, g\bigl((C^t f(x_t))_i, h^{t-1}_j\bigr), \qquad
        h(x) = \mathrm{out} \cdot h^T, \qquad t = 1, \ldots, T

    The initial state is :math:`h^0_j = u` with :math:`g(g(a, b), u) = g(a, b)`. Only the sum of
    :math:`G^1` over j then matters, so the first core takes a state of dim 1. With the product
    (u = 1) and ``softplus`` (u is minus infinity), :math:`g(a, u) = a`: the first core needs no
    state and is a matrix. With ``max``, ``sum`` (:math:`g(a, 0) = \max(a, 0)`) and ``norm``
    (:math:`g(a, 0) = |a|`), where u = 0, it does, and the network holds a tensor ``h0`` of one
    entry. Its value is that of `initial_state`; others are a network that starts from another
    state.

    Parameters
    ----------
    steps : int
        Length of the input, T.
    features : int
        Representation functions per element, M.
    hidden : int
        Rows of the matrices C.
    ranks : int or sequence of int
        Dims of the states :math:`h^1, \ldots, h^T`: one for all, or one per step.
    shared : bool
        Whether all steps share C, and all steps but the first share G. One core for all steps is
        then the case where the first matrix is the sum of G over j.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between input and state.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    See Also
    --------
    DeepRecurrent : several layers, whose states meet entry by entry.

    Notes
    -----
    Network names: index groups ``x``, ``c`` (behind C), ``h{t}`` (states), ``y`` and ``h0``;
    tensor groups ``C``, ``G{t}`` and ``out``. Axes of a core: input, state before, state after.
    With `shared`, cores 2 to T take the parameter ``G``.

    References
    ----------
    .. [1] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> spec = Recurrent(4, features=3, hidden=2, ranks=5, operator="max")
    >>> net = spec.compile()
    >>> parameters = tnet.random_parameters(net) | spec.initial_state
    >>> tnet.evaluate(net, parameters, np.ones((7, 4, 3))).shape
    (7,)
    """

    steps: int
    _: KW_ONLY
    features: int
    hidden: int
    ranks: int | Sequence[int]
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(steps=checked_count(self.steps, "steps"))
        self._check("hidden")
        self._set(ranks=checked_ranks(self.ranks, self.steps, self.shared, per="step"))

    @property
    def shape(self) -> tuple[int, ...]:
        """One element per step."""
        return (self.steps,)

    @property
    def initial_state(self) -> dict[str, NDArray[np.float64]]:
        """The parameter ``h0`` that makes the initial state u, where the network has it."""
        return initial_state(self.operator, 1)

    def _network(self) -> TensorNetwork:
        steps = self.steps
        times = np.arange(steps, dtype=np.int32)
        indices = [
            IndexGroup("x", self.features, steps, role="input"),
            IndexGroup("c", self.hidden, steps),
        ]
        indices += [
            IndexGroup(f"h{step + 1}", rank)
            for step, rank in enumerate(bond_dims(self.ranks, steps))
        ]
        rows = np.stack([times, steps + times], axis=1)
        tensors = [TensorGroup("C", rows, self.shared, layer=0, root_axis=1)]
        first = [steps, 2 * steps]
        if UNITS[self.operator] is not None:
            indices.append(IndexGroup("h0", 1))
            tensors.append(initial_tensor([3 * steps]))
            first.insert(1, 3 * steps)
        tensors.append(self._core(1, first))
        for step in range(1, steps):
            state = 2 * steps + step
            tensors.append(self._core(step + 1, [steps + step, state - 1, state]))
        top = 3 * steps - 1
        return as_network(with_scores((indices, tensors), top, self.outputs), self.shape)

    def _core(self, step: int, legs: list[int]) -> TensorGroup:
        """Core of a step, counted from 1."""
        row = np.array([legs], dtype=np.int32)
        return TensorGroup(
            f"G{step}",
            row,
            shared=True,
            parameter="G" if self.shared and step > 1 else "",
            layer=step,
            operator=self.operator,
            root_axis=row.shape[1] - 1,
        )


def initial_tensor(indices: list[int]) -> TensorGroup:
    """Tensors of the initial state, one array for all, that lead to `indices`."""
    rows = np.array(indices, dtype=np.int32)[:, None]
    return TensorGroup("h0", rows, shared=True, layer=0, root_axis=0)


def initial_state(operator: Operator, dim: int) -> dict[str, NDArray[np.float64]]:
    """Return the array of `initial_tensor`, or nothing for operators that need none.

    Examples
    --------
    >>> initial_state("max", 2), initial_state("product", 2)
    ({'h0': array([0., 0.])}, {})
    """
    unit = UNITS[operator]
    return {} if unit is None else {"h0": np.full(dim, unit)}
