"""`Linear`: a chain of matrices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tnet.architectures.fields import checked_count
from tnet.architectures.spec import Spec
from tnet.architectures.tree_networks import as_network
from tnet.errors import SpecError
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class Linear(Spec):
    r"""A linear network, :math:`h(x) = W_N \cdots W_1 x`.

    It has a single element, the vector x, so that there is no partition of inputs to speak of:
    of the two sides one is empty, and every cut is 1. What limits it is the `rank` of the product.

    Parameters
    ----------
    widths : sequence of int
        Dims of x, of every hidden layer and of the scores: one more than there are matrices.

    Raises
    ------
    SpecError
        If there are fewer than two widths, or one is not a positive int.

    Notes
    -----
    Network names: index groups ``x``, ``r{l}``, ``y``; tensor groups ``W{l}``, l from 1, of axes
    (from, to): the transposes of the :math:`W_l` above.

    References
    ----------
    .. [1] Arora, Cohen, Hazan. On the optimization of deep networks: implicit acceleration by
       overparameterization. ICML 2018. arXiv:1802.06509.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> spec = Linear((5, 2, 3))
    >>> spec.rank, spec.n_parameters
    (2, 16)
    >>> net = spec.compile()
    >>> tnet.evaluate(net, tnet.random_parameters(net), np.ones((7, 1, 5))).shape
    (7, 3)
    """

    widths: Sequence[int]

    def __post_init__(self) -> None:
        widths = self.widths
        if isinstance(widths, str) or not isinstance(widths, Sequence | np.ndarray):
            raise SpecError(f"widths is {widths!r}; give a sequence, one int per layer")
        if len(widths) < 2:
            raise SpecError(
                f"widths has {len(widths)} entries; give at least two, the dims of x and of the "
                "scores"
            )
        checked = (checked_count(width, f"width {place}") for place, width in enumerate(widths))
        self._set(widths=tuple(checked))

    @property
    def shape(self) -> tuple[int, ...]:
        """One element, whose features are the entries of x."""
        return (1,)

    @property
    def rank(self) -> int:
        """Largest rank of the product of the matrices, which almost all weights have."""
        return min(self.widths)

    def _network(self) -> TensorNetwork:
        last = len(self.widths) - 1
        indices = [IndexGroup("x", self.widths[0], role="input")]
        indices += [IndexGroup(f"r{k}", self.widths[k]) for k in range(1, last)]
        indices.append(IndexGroup("y", self.widths[last], role="output"))
        tensors = [
            TensorGroup(
                f"W{k + 1}",
                np.array([[k, k + 1]], dtype=np.int32),
                shared=True,
                layer=k,
                root_axis=1,
            )
            for k in range(last)
        ]
        return as_network((indices, tensors), self.shape)
