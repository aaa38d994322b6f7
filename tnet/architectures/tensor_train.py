"""`TensorTrain`: a chain of full cores, one per element."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from tnet.architectures.fields import checked_count, checked_sizes
from tnet.architectures.spec import GridSpec
from tnet.architectures.tree_networks import as_network, window_cores
from tnet.errors import SpecError
from tnet.geometry.mode_tree import ModeTree
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class TensorTrain(GridSpec):
    r"""Tensor train, the matrix product state of physics: one full core per element.

    .. math::
        h^0_k = \sum_i G^0_{ik} f_i(x_0), \qquad
        h^t_k = \sum_{ij} G^t_{ijk} \, g(f_i(x_t), h^{t-1}_j), \qquad
        h(x) = h^{N-1}

    The first core has no state to take and is a matrix; the last leads to the scores, and is a
    matrix where there is a single one. `Recurrent` is the same with a matrix before every core.

    Parameters
    ----------
    inputs : int
        Number of elements, N.
    features : int
        Representation functions per element, M.
    ranks : int or sequence of int
        Dims of the N - 1 bonds between neighbours: one for all, or one per bond.
    shared : bool
        Whether the cores between the first and the last carry one array; all ranks are then the
        same.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between an element and the state.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    Notes
    -----
    Network names: index groups ``x``, ``r{t+1}`` (the bond between elements t and t + 1), ``y``;
    tensor groups ``core{t}``, with axes: element, bond to the left, bond to the right. With
    `shared`, cores 1 to N - 2 take the parameter ``core``.

    References
    ----------
    .. [1] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> import tnet
    >>> net = TensorTrain(6, features=2, ranks=4).compile()
    >>> [tnet.min_cut(net, range(k)).dimension for k in range(1, 6)]
    [2, 4, 4, 4, 2]
    """

    inputs: int
    _: KW_ONLY
    features: int
    ranks: int | Sequence[int]
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(inputs=checked_count(self.inputs, "inputs"))
        self._check()
        self._set(ranks=checked_ranks(self.ranks, self.inputs - 1, self.shared, per="bond"))

    def _network(self) -> TensorNetwork:
        indices, tensors = window_cores(
            _caterpillar(self.inputs),
            features=self.features,
            frames=None,
            ranks=bond_dims(self.ranks, self.inputs - 1),
            shared=False,
            outputs=self.outputs,
            operator=self.operator,
        )
        if self.shared:
            inner = [replace(core, parameter="core") for core in tensors[1:-1]]
            tensors = [*tensors[:1], *inner, *tensors[1:][-1:]]
        return as_network((indices, tensors), self.shape)


def checked_ranks(ranks: object, count: int, shared: bool, *, per: str) -> int | tuple[int, ...]:
    """Return one rank, or `count` of them, which are the same if cores are shared.

    Raises
    ------
    SpecError
        If there are too many, too few, or different ones for shared cores.
    """
    if isinstance(ranks, int | np.integer):
        return checked_count(ranks, "ranks")
    checked = checked_sizes(
        ranks, field="ranks", one="rank", per=per, count=count, where=f"{count} {per}s"
    )
    if shared and len(set(checked)) > 1:
        raise SpecError(
            f"ranks are {min(checked)} to {max(checked)}, but shared cores have one shape; give "
            "one rank for all, or unshare"
        )
    return checked


def bond_dims(ranks: int | Sequence[int], count: int) -> tuple[int, ...]:
    """Repeat a single rank for each of `count` bonds."""
    return (ranks,) * count if isinstance(ranks, int) else tuple(ranks)


def _caterpillar(n_modes: int) -> ModeTree:
    """Join element 0 alone, then each further element with all before it."""
    windows = np.arange(n_modes, 2 * n_modes, dtype=np.int32)
    return ModeTree(np.concatenate([windows, windows[1:], [-1]]), n_modes)
