"""`ConvNet`: convolutional circuits over any mode tree, and their rectifier relatives."""

import warnings
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from tnet.architectures.effective import effective_widths
from tnet.architectures.spec import PooledSpec
from tnet.architectures.tree_networks import as_network, window_matrices, with_scores
from tnet.errors import RedundantWidthWarning
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.pooling import Window
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class ConvNet(PooledSpec):
    """A convolutional network: at every level a 1x1 convolution, then a pooling window.

    With the product it is the convolutional arithmetic circuit; with ``max`` or ``sum`` its
    rectifier relatives. Depth, geometry and irregularity are those of the mode tree.

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid.
    features : int
        Representation functions per element, M.
    widths : sequence of int
        Channels of every level, deepest last: ``r_0, ..., r_{L-1}``.
    pooling : {'square', 'sequential', 'mirror', 'global', 'random'} or ModeTree
        Which elements the windows join. ``random`` draws with seed 0; pass
        ``tnet.pooling.random(...)`` for another.
    window : int or sequence
        One int for all levels, or one entry per level: an int, or one int per axis. Not for
        ``mirror``, ``global`` and trees, which know their windows.
    shared : bool
        Whether all locations of a level share one filter bank.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        What a window puts between its members: ``max`` is max(a, b, 0), ``sum`` is
        max(a, 0) + max(b, 0), ``softplus`` ln(e^a + e^b), ``norm`` sqrt(a^2 + b^2).

    Attributes
    ----------
    tree : ModeTree
        The mode tree that `pooling` and `window` give.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.
    GeometryError
        If windows do not divide the inputs.

    Notes
    -----
    Network names: index groups ``x`` (inputs, dim M), ``r{l}`` (one hyperedge per window of level
    l) and ``y`` (outputs); tensor groups ``conv0`` (x to r0), ``conv{l}`` (r{l-1} to r{l}) and
    ``out``. A child that joins level l from lower down makes ``conv{l}.from_x`` or
    ``conv{l}.from_r{k}``.

    References
    ----------
    .. [1] Cohen and Shashua. Convolutional rectifier networks as generalized tensor
       decompositions. ICML 2016. arXiv:1603.00162.
    .. [2] Cohen and Shashua. Inductive bias of deep convolutional networks through pooling
       geometry. ICLR 2017. arXiv:1605.06743.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(8, features=100, widths=(2, 9, 9))
    >>> net = spec.compile()
    >>> tnet.min_cut(net, tnet.partitions.left_right(8)).dimension
    4
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

    def compile(self) -> TensorNetwork:
        """Return the network, built level by level without a loop over tensors.

        Returns
        -------
        TensorNetwork
            Index ids are the node numbers of the mode tree, then the output.

        Warns
        -----
        RedundantWidthWarning
            If weights are shared and a level has more channels than can be linearly independent;
            see `tnet.architectures.effective`.

        Examples
        --------
        >>> import tnet
        >>> tnet.ConvNet(4, features=3, widths=(2, 3), outputs=10, shared=True).compile()
        TensorNetwork: 4 inputs, 7 tensors, 8 indices, forest, product
          indices  x       4 of dim 3  input
                   r0      2 of dim 2
                   r1      dim 3
                   y       dim 10  output
          tensors  conv0   4 of 3x2  shared
                   conv1   2 of 2x3  shared
                   out     3x10
        """
        warn_of_redundant_widths(self)
        return self._network()

    def redundant_levels(self) -> dict[int, int]:
        """Levels with more channels than shared weights can use, and how many they can use."""
        if not self.shared or self.operator != "product":
            return {}
        useful = effective_widths(self.tree, self.features, self.widths)
        return {level: e for level, e in enumerate(useful) if e < self.widths[level]}

    def _network(self) -> TensorNetwork:
        groups = window_matrices(
            self.tree,
            features=self.features,
            widths=self.widths,
            shared=self.shared,
            operator=self.operator,
        )
        groups = with_scores(groups, len(self.tree.parent) - 1, self.outputs)
        return as_network(groups, self.shape)


def warn_of_redundant_widths(spec: ConvNet) -> None:
    """Warn the caller's caller if shared weights leave channels of `spec` without use."""
    redundant = spec.redundant_levels()
    if redundant:
        warnings.warn(
            f"{_listed(redundant, spec.widths)} linearly independent, as weights are shared; "
            "that many have the same functions",
            RedundantWidthWarning,
            stacklevel=3,
        )


def _listed(useful: dict[int, int], widths: Sequence[int]) -> str:
    listed = [
        f"of the {widths[level]} channels of level {level} at most {width}"
        for level, width in list(useful.items())[:4]
    ]
    more = f" (and so on, {len(useful)} levels in all)" if len(useful) > 4 else ""
    return f"{', '.join(listed)}{more} are"
