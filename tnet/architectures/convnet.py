"""`ConvNet`: convolutional circuits over any mode tree, and their rectifier relatives."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tnet.architectures.effective import effective_widths
from tnet.errors import RedundantWidthWarning, SpecError, TNetError
from tnet.geometry import pooling as geometries
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.pooling import Window
from tnet.geometry.shapes import Shape, as_shape, shape_text
from tnet.network.groups import OPERATORS, Ids, IndexGroup, Operator, TensorGroup, positive_int
from tnet.network.model import TensorNetwork

_WITH_WINDOW: dict[str, Callable[[Shape, Window], ModeTree]] = {
    "square": geometries.square,
    "sequential": geometries.sequential,
    "random": geometries.random,
}
_WITHOUT_WINDOW: dict[str, Callable[[Shape], ModeTree]] = {
    "mirror": geometries.mirror,
    "global": geometries.global_,
}
POOLINGS = ("square", "sequential", "mirror", "global", "random")


@dataclass(frozen=True)
class ConvNet:
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

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", _plain(as_shape(self.inputs)))
        for field in ("features", "outputs"):
            try:
                value = positive_int(getattr(self, field), what=field)
            except TNetError as error:
                raise SpecError(str(error)) from None
            object.__setattr__(self, field, value)
        if self.operator not in OPERATORS:
            raise SpecError(f"operator is {self.operator!r}; choose one of {', '.join(OPERATORS)}")
        if not isinstance(self.shared, bool):
            raise SpecError(f"shared is {self.shared!r}; give True or False")
        if not isinstance(self.window, int):
            object.__setattr__(self, "window", _frozen(self.window))
        object.__setattr__(self, "widths", self._checked_widths())

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Asked of a spec what only a network has: the likeliest slip, so it gets an answer.
            of_network = hasattr(TensorNetwork, name) or name in TensorNetwork.__dataclass_fields__
            hint = "; call .compile() for the network" if of_network else ""
            raise AttributeError(f"a ConvNet has no attribute {name!r}{hint}")

    def _checked_widths(self) -> tuple[int, ...]:
        tree = self.tree
        if isinstance(self.widths, str) or not isinstance(self.widths, Sequence | np.ndarray):
            raise SpecError(f"widths is {self.widths!r}; give a sequence, one int per level")
        if tree.n_levels == 0:
            raise SpecError(
                "the mode tree has no window, so the network has no level; use at least 2 inputs, "
                "or a window of one, ModeTree.from_nested((0,))"
            )
        if len(self.widths) != tree.n_levels:
            raise SpecError(
                f"widths has {len(self.widths)} entries for {tree.n_levels} levels (windows by "
                f"level: {tree.levels_text()}); give one width per level"
            )
        try:
            return tuple(
                positive_int(width, what=f"width of level {level}")
                for level, width in enumerate(self.widths)
            )
        except TNetError as error:
            raise SpecError(str(error)) from None

    @property
    def shape(self) -> tuple[int, ...]:
        """How the inputs lie, as a tuple."""
        return as_shape(self.inputs)

    @cached_property
    def tree(self) -> ModeTree:
        """The mode tree that the windows follow."""
        if isinstance(self.pooling, ModeTree):
            return self._given_tree(self.pooling)
        if self.pooling not in POOLINGS:
            raise SpecError(
                f"pooling is {self.pooling!r}; choose one of {', '.join(POOLINGS)}, or a ModeTree"
            )
        if self.pooling in _WITH_WINDOW:
            return _WITH_WINDOW[self.pooling](self.shape, self.window)
        self._refuse_window(self.pooling)
        return _WITHOUT_WINDOW[self.pooling](self.shape)

    def _given_tree(self, tree: ModeTree) -> ModeTree:
        self._refuse_window("a ModeTree")
        if tree.n_modes != math.prod(self.shape):
            raise SpecError(
                f"pooling is a tree of {tree.n_modes} modes, but inputs {shape_text(self.shape)} "
                f"are {math.prod(self.shape)} elements; give a tree of as many"
            )
        return tree

    def _refuse_window(self, pooling: str) -> None:
        if self.window != 2:
            raise SpecError(
                f"window is {self.window!r}, but pooling {pooling} knows its own windows; leave "
                "window out"
            )

    @cached_property
    def n_parameters(self) -> int:
        """Number of scalars in the parameter arrays."""
        return self._network().n_parameters

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
        redundant = self._redundant_levels()
        if redundant:
            warnings.warn(
                f"{_listed(redundant, self.widths)} linearly independent, as weights are shared; "
                "that many have the same functions",
                RedundantWidthWarning,
                stacklevel=2,
            )
        return self._network()

    def _redundant_levels(self) -> dict[int, int]:
        """Levels with more channels than shared weights can use, and how many they can use."""
        if not self.shared or self.operator != "product":
            return {}
        useful = effective_widths(self.tree, self.features, self.widths)
        return {level: e for level, e in enumerate(useful) if e < self.widths[level]}

    def _network(self) -> TensorNetwork:
        tree, n_levels = self.tree, self.tree.n_levels
        index_groups = [IndexGroup("x", self.features, tree.n_modes, role="input")]
        index_groups += [
            IndexGroup(
                f"r{level}", self.widths[level], tree.windows_at(level), "inner", self.operator
            )
            for level in range(n_levels)
        ]
        tensor_groups = [group for level in range(n_levels) for group in self._convolutions(level)]
        top = len(tree.parent) - 1
        last = [top]
        if self.outputs > 1:
            index_groups.append(IndexGroup("y", self.outputs, role="output"))
            last = [top, top + 1]
        tensor_groups.append(
            TensorGroup(
                "out",
                np.array([last], dtype=np.int32),
                shared=True,
                layer=n_levels,
                root_axis=1 if self.outputs > 1 else None,
            )
        )
        return TensorNetwork(tuple(index_groups), tuple(tensor_groups), input_shape=self.shape)

    def _convolutions(self, level: int) -> list[TensorGroup]:
        """Groups of matrices that enter the windows of `level`, the level below first."""
        child_level = self._children_by_level[level]
        sources = np.unique(self.tree.level[child_level])[::-1]
        groups = []
        for source in sources.tolist():
            children = child_level[self.tree.level[child_level] == source]
            name = f"conv{level}"
            if source != level - 1:
                name += ".from_x" if source == -1 else f".from_r{source}"
            rows = np.stack([children, self.tree.parent[children]], axis=1)
            groups.append(TensorGroup(name, rows, self.shared, layer=level, root_axis=1))
        return groups

    @cached_property
    def _children_by_level(self) -> list[Ids]:
        """Nodes whose parent is a window of each level, ascending."""
        tree = self.tree
        level_of_parent = tree.level[tree.parent[:-1]]
        by_level = np.argsort(level_of_parent, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(level_of_parent, minlength=tree.n_levels))
        return np.split(by_level, ends[:-1])


def _plain(shape: tuple[int, ...]) -> Shape:
    return shape[0] if len(shape) == 1 else shape


def _listed(useful: dict[int, int], widths: Sequence[int]) -> str:
    listed = [
        f"of the {widths[level]} channels of level {level} at most {width}"
        for level, width in list(useful.items())[:4]
    ]
    more = f" (and so on, {len(useful)} levels in all)" if len(useful) > 4 else ""
    return f"{', '.join(listed)}{more} are"


def _frozen(window: Window) -> Window:
    if isinstance(window, np.ndarray):
        window = window.tolist()
    if isinstance(window, Sequence) and not isinstance(window, str):
        return tuple(
            tuple(entry) if isinstance(entry, Sequence) and not isinstance(entry, str) else entry
            for entry in window
        )
    return window
