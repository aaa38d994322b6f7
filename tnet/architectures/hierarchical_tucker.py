"""`HierarchicalTucker`: full cores over any mode tree."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from tnet.architectures.spec import PooledSpec
from tnet.architectures.tree_networks import as_network, window_cores
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.pooling import Window
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class HierarchicalTucker(PooledSpec):
    r"""Hierarchical Tucker: a matrix per element, then a full core per window.

    A window of members a, b (or more) with core G computes

    .. math:: \phi_k = \sum_{ij} G_{ijk} \, g(a_i, b_j),

    and a member is :math:`W_m f(x_m)` for an element m, or the :math:`\phi` of a window. A window
    of one has a matrix for a core and no g. With the product, `ConvNet` is the special case whose
    cores are zero off the diagonal :math:`i = j`, with the same widths.

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid.
    features : int
        Representation functions per element, M.
    widths : sequence of int
        Dims of the legs that enter the windows, by the level of the member: first those of the
        elements' matrices, then those of the windows of level 0, and so on; the root's window has
        a leg of dim `outputs` instead. One per level, as in `ConvNet`.
    pooling : {'square', 'sequential', 'mirror', 'global', 'random'} or ModeTree
        Which members the windows join, as for `ConvNet`.
    window : int or sequence
        As for `ConvNet`.
    shared : bool
        Whether all elements share one matrix, and all windows of a level one core.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between the members of a window.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.
    GeometryError
        If windows do not divide the inputs.

    Notes
    -----
    Network names: index groups ``x``, ``r0`` (behind the matrices), ``r{l+1}`` (legs of the
    windows of level l), ``y``; tensor groups ``frame`` and ``core{l}``. Where a level has windows
    of several kinds, they are ``core{l}.of_...`` with the members' legs. Axes of a core: members
    by the node number in the mode tree, elements first, then the root.

    References
    ----------
    .. [1] Cohen, Sharir, Shashua. On the expressive power of deep learning: a tensor analysis.
       COLT 2016. arXiv:1509.05009.

    Examples
    --------
    >>> import tnet
    >>> HierarchicalTucker(4, features=3, widths=(2, 5)).compile()
    TensorNetwork: 4 inputs, 7 tensors, 10 indices, forest, product
      indices  x       4 of dim 3  input
               r0      4 of dim 2
               r1      2 of dim 5
      tensors  frame   4 of 3x2
               core0   2 of 2x2x5
               core1   5x5
    """

    inputs: int | tuple[int, ...]
    _: KW_ONLY
    features: int
    widths: Sequence[int]
    pooling: str | ModeTree = "square"
    window: Window = 2
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def _network(self) -> TensorNetwork:
        groups = window_cores(
            self.tree,
            features=self.features,
            frames=(self.widths[0],) * self.tree.n_modes,
            ranks=self.widths[1:],
            shared=self.shared,
            outputs=self.outputs,
            operator=self.operator,
        )
        return as_network(groups, self.shape)
