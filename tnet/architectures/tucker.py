"""`Tucker`: a matrix per element, then one full core."""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from tnet.architectures.fields import checked_count, checked_sizes, plain_shape
from tnet.architectures.spec import GridSpec
from tnet.architectures.tree_networks import as_network, window_cores
from tnet.errors import SpecError
from tnet.geometry.pooling import global_
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class Tucker(GridSpec):
    r"""Tucker decomposition: a matrix per element into one core over all of them.

    .. math:: h(x) = \sum_{i_0 \ldots i_{N-1}} G_{i_0 \ldots i_{N-1}} \,
        g\bigl((W_0 f(x_0))_{i_0}, \ldots, (W_{N-1} f(x_{N-1}))_{i_{N-1}}\bigr)

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid.
    features : int
        Representation functions per element, M.
    widths : int or sequence of int
        Dims of the core: one for all elements, or one per element.
    shared : bool
        Whether all elements share one matrix; the dims of the core are then the same.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between the legs of the core.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    Notes
    -----
    The core has the product of all widths entries. Names are those of `HierarchicalTucker` with
    a single window: ``x``, ``r0``, ``frame``, ``core0``; with different widths every element has
    groups of its own, ``r0.{m}`` and ``frame.{m}``.

    Examples
    --------
    >>> import tnet
    >>> net = Tucker(4, features=5, widths=(2, 3, 2, 3)).compile()
    >>> tnet.min_cut(net, [0, 1]).dimension, net.n_parameters
    (6, 86)
    """

    inputs: int | tuple[int, ...]
    _: KW_ONLY
    features: int
    widths: int | Sequence[int]
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(inputs=plain_shape(self.inputs))
        self._check()
        if isinstance(self.widths, int | np.integer):
            self._set(widths=checked_count(self.widths, "widths"))
        else:
            self._set(widths=self._one_per_element())

    def _one_per_element(self) -> tuple[int, ...]:
        n_modes = math.prod(self.shape)
        widths = checked_sizes(
            self.widths,
            field="widths",
            one="width",
            per="element",
            count=n_modes,
            where=f"{n_modes} elements",
        )
        if self.shared and len(set(widths)) > 1:
            raise SpecError(
                f"widths are {min(widths)} to {max(widths)}, but shared elements have one matrix; "
                "give one width for all, or unshare"
            )
        return widths

    def _network(self) -> TensorNetwork:
        tree = global_(self.shape)
        widths = self.widths
        groups = window_cores(
            tree,
            features=self.features,
            frames=(widths,) * tree.n_modes if isinstance(widths, int) else widths,
            ranks=(),
            shared=self.shared,
            outputs=self.outputs,
            operator=self.operator,
        )
        return as_network(groups, self.shape)
