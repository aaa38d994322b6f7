"""`Dilated`: dilated convolutions, whose order of dilations is a mode tree."""

import itertools
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from tnet.architectures.fields import checked_count
from tnet.architectures.spec import GridSpec, tree_over, tree_with_windows, widths_by_level
from tnet.architectures.tree_networks import as_network, window_matrices
from tnet.errors import SpecError
from tnet.geometry.mode_tree import ModeTree
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class Dilated(GridSpec):
    r"""A dilated convolutional network: every member of a window is mixed, then they multiply.

    A window of members a, b (or more) computes, entry by entry,

    .. math:: \phi = g\bigl(W^{0} \phi^a, \; W^{1} \phi^b\bigr),

    where a member is :math:`f(x_m)` or the :math:`\phi` of a window. The root's entries are the
    scores: nothing is mixed after it, so that the root's hyperedge is itself the output, and its
    members separate: across them the rank is 1.

    Parameters
    ----------
    inputs : int
        Number of elements on a line: a power of `kernel`, unless a tree is given.
    features : int
        Representation functions per element, M.
    widths : sequence of int
        Channels of every level below the root's, first level first.
    dilations : sequence of int or ModeTree, optional
        For each level how far the elements that it joins lie apart: 1, kernel, kernel^2, ... in
        any order, ascending unless said. Or any mode tree, of which these are special cases.
    kernel : int
        Places of a window. A tree knows its own.
    shared : bool
        Whether a level has one matrix per place in the window, as a convolution has.
    outputs : int
        Channels of the root. ``y`` is there even if it is one.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between the members of a window.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    Notes
    -----
    Network names: index groups ``x``, ``r{l}``, ``y`` (a hyperedge over the members of the
    root); tensor groups ``conv{l}.tap{k}``, and ``conv{l}.from_x.tap{k}`` and so on for members
    from lower levels.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> import tnet
    >>> Dilated(8, features=2, widths=(3, 3), dilations=(2, 1, 4)).tree
    ModeTree((((0, 2), (1, 3)), ((4, 6), (5, 7))))
    >>> net = Dilated(8, features=2, widths=(3, 3)).compile()
    >>> [tnet.min_cut(net, side).dimension for side in ([0, 2], [0, 4], range(4))]
    [4, 4, 1]
    """

    inputs: int
    _: KW_ONLY
    features: int
    widths: Sequence[int]
    dilations: Sequence[int] | ModeTree | None = None
    kernel: int = 2
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(inputs=checked_count(self.inputs, "inputs"))
        self._check("kernel")
        if not isinstance(self.dilations, ModeTree):
            self._set(dilations=self._checked_dilations())
        elif self.kernel != 2:
            raise SpecError(
                f"kernel is {self.kernel}, but a ModeTree knows its own windows; leave kernel out"
            )
        self._set(widths=widths_by_level(self.tree, self.widths, self.tree.n_levels - 1))

    def _checked_dilations(self) -> tuple[int, ...]:
        n_levels = next(k for k in itertools.count() if max(2, self.kernel) ** k >= self.inputs)
        if self.kernel < 2 or self.kernel**n_levels != self.inputs or n_levels == 0:
            raise SpecError(
                f"inputs is {self.inputs} and kernel {self.kernel}; the inputs are a power of the "
                "kernel, which is at least 2: change one, or give a tree as dilations"
            )
        wanted = [self.kernel**level for level in range(n_levels)]
        given = wanted if self.dilations is None else self.dilations
        if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
            raise SpecError(f"dilations is {given!r}; give {wanted} in any order, or a ModeTree")
        found = tuple(checked_count(step, "a dilation") for step in given)
        if sorted(found) != wanted:
            raise SpecError(
                f"dilations are {list(found)}, which do not cover {self.inputs} inputs; give "
                f"{wanted} in any order, or a ModeTree"
            )
        return found

    @cached_property
    def tree(self) -> ModeTree:
        """The mode tree that the windows follow."""
        if isinstance(self.dilations, ModeTree):
            return tree_with_windows(tree_over(self.shape, self.dilations, field="dilations"))
        return _dilated_tree(tuple(self.dilations or ()), self.kernel)

    def _network(self) -> TensorNetwork:
        groups = window_matrices(
            self.tree,
            features=self.features,
            widths=self.widths,
            shared=self.shared,
            operator=self.operator,
            outputs=self.outputs,
        )
        return as_network(groups, self.shape)


def _dilated_tree(dilations: tuple[int, ...], kernel: int) -> ModeTree:
    """Join at every level the elements whose numbers differ in one digit in base `kernel`."""
    axes = sorted(dilations, reverse=True)
    levels = []
    for dilation in dilations:
        axis = axes.index(dilation)
        window = np.arange(kernel ** (len(axes) - 1), dtype=np.int32)
        window = np.expand_dims(window.reshape((kernel,) * (len(axes) - 1)), axis)
        levels.append(np.broadcast_to(window, (kernel,) * len(axes)).reshape(-1))
        del axes[axis]
    return ModeTree.from_levels(levels)
