"""`Overlapping`: windows that share elements, unrolled."""

import itertools
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

import numpy as np

from tnet.architectures.fields import checked_count, checked_sizes, plain_shape
from tnet.architectures.spec import CircuitSpec, GridSpec
from tnet.architectures.tree_networks import as_network, with_scores
from tnet.errors import SpecError
from tnet.geometry.shapes import shape_text
from tnet.network.groups import Ids, IndexGroup, Operator, TensorGroup
from tnet.network.model import TensorNetwork

Sizes = int | Sequence[int | tuple[int, ...]]
"""One int for all levels, or one entry per level: an int, or one int per axis."""


@dataclass(frozen=True)
class Overlapping(CircuitSpec, GridSpec):
    r"""A convolutional network whose windows overlap, with a matrix per place in the window.

    At position p of level l, with windows of `kernel` places k that lie `stride` apart,

    .. math:: \phi^{l,p} = g_k \bigl(W^{l,k} \phi^{l-1, p \cdot \mathrm{stride} + k}\bigr),
        \qquad \phi^{-1,p} = f(x_p),

    entry by entry, and the scores are read from the one position of the last level. Windows have
    no padding. With kernel and stride alike nothing overlaps. A unit that several windows share
    is used several times: compiled, the network is unrolled, and every use has its own copy.

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid.
    features : int
        Representation functions per element, M.
    widths : sequence of int
        Channels of every level, deepest last.
    kernel : int or sequence
        Places of a window: one int for all levels, or one entry per level: an int, or one int per
        axis. The windows of the last level must leave one position.
    stride : int or sequence
        How far windows lie apart, at most the kernel; in the same form.
    shared : bool
        Whether all positions of a level share the matrices.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        The g between the places of a window.

    Raises
    ------
    SpecError
        If a field has a value it cannot take, or windows do not fit; the message names the level.

    Notes
    -----
    Network names: index groups ``x``, ``r{l}``, ``y``; tensor groups ``conv{l}.tap{k}``, places
    counted row by row, and ``out``. If unshared, tensors with several copies are
    ``conv{l}.tap{k}.{p}``.

    References
    ----------
    .. [1] Levine, Sharir, Cohen, Shashua. Quantum entanglement in deep learning architectures.
       Physical Review Letters 122, 2019. arXiv:1803.09780.

    Examples
    --------
    >>> import tnet
    >>> spec = Overlapping(5, features=2, widths=(2, 2), kernel=3)
    >>> len(spec.compile().inputs)
    9
    >>> tnet.min_cut(spec.compile(), [0, 1]).dimension
    4
    """

    inputs: int | tuple[int, ...]
    _: KW_ONLY
    features: int
    widths: Sequence[int]
    kernel: Sizes
    stride: Sizes = 1
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(inputs=plain_shape(self.inputs))
        self._check()
        n_levels = len(self.widths) if isinstance(self.widths, Sequence | np.ndarray) else 1
        if n_levels == 0:
            raise SpecError("widths is empty; give one width per level, at least one")
        widths = checked_sizes(
            self.widths,
            field="widths",
            one="width",
            per="level",
            count=n_levels,
            where=f"{n_levels} levels",
        )
        self._set(widths=widths)
        for field in ("kernel", "stride"):
            self._set(**{field: self._by_level(field)})
        left = self.sides[-1]
        if max(left) > 1:
            raise SpecError(
                f"the windows of {n_levels} levels leave {shape_text(left)} positions of "
                f"{shape_text(self.shape)} inputs; let the last kernel cover "
                f"{shape_text(self.sides[-2])}, or add a level"
            )

    def _by_level(self, field: str) -> int | tuple[int | tuple[int, ...], ...]:
        given = getattr(self, field)
        if isinstance(given, int | np.integer):
            return checked_count(given, field)
        n_levels = len(self.widths)
        if isinstance(given, str) or not isinstance(given, Sequence) or len(given) != n_levels:
            raise SpecError(
                f"{field} is {given!r}; give an int, or one entry for each of {n_levels} levels"
            )
        entries: list[int | tuple[int, ...]] = []
        for level, entry in enumerate(given):
            what = f"{field} of level {level}"
            if isinstance(entry, Sequence) and len(entry) == len(self.shape):
                entries.append(tuple(checked_count(side, what) for side in entry))
            else:
                entries.append(checked_count(entry, what))
        return tuple(entries)

    def _at(self, field: str, level: int) -> tuple[int, ...]:
        """Kernel or stride of a level, one int per axis."""
        given = getattr(self, field)
        entry = given if isinstance(given, int) else given[level]
        return (entry,) * len(self.shape) if isinstance(entry, int) else entry

    @cached_property
    def sides(self) -> tuple[tuple[int, ...], ...]:
        """Grid of the inputs, then of the positions of every level."""
        sides = [self.shape]
        for level in range(len(self.widths)):
            kernel, stride = self._at("kernel", level), self._at("stride", level)
            if any(step > width for step, width in zip(stride, kernel, strict=True)):
                raise SpecError(
                    f"stride {shape_text(stride)} of level {level} is larger than its kernel "
                    f"{shape_text(kernel)}, so positions are left out; make it smaller"
                )
            free = [side - width for side, width in zip(sides[-1], kernel, strict=True)]
            if min(free) < 0 or any(f % step for f, step in zip(free, stride, strict=True)):
                raise SpecError(
                    f"windows of {shape_text(kernel)} at stride {shape_text(stride)} do not fit "
                    f"the {shape_text(sides[-1])} positions below level {level}; the positions "
                    "less the kernel must be a multiple of the stride: change one of the three"
                )
            sides.append(tuple(f // step + 1 for f, step in zip(free, stride, strict=True)))
        return tuple(sides)

    def circuit(self) -> TensorNetwork:
        """Return the circuit with one index per position, used by all windows over it."""
        below = np.arange(self._n_positions(-1), dtype=np.int32).reshape(self.shape)
        indices = [IndexGroup("x", self.features, below.size, role="input")]
        tensors: list[TensorGroup] = []
        for level, width in enumerate(self.widths):
            indices.append(
                IndexGroup(f"r{level}", width, self._n_positions(level), "inner", self.operator)
            )
            first = int(below.reshape(-1)[-1]) + 1
            here = np.arange(first, first + indices[-1].count, dtype=np.int32)
            for tap, members in enumerate(self._members(level, below)):
                rows = np.stack([members, here], axis=1)
                name = f"conv{level}.tap{tap}"
                tensors.append(TensorGroup(name, rows, self.shared, layer=level, root_axis=1))
            below = here.reshape(self.sides[level + 1])
        top = int(below.reshape(-1)[0])
        return as_network(with_scores((indices, tensors), top, self.outputs), self.shape)

    def _n_positions(self, level: int) -> int:
        return int(np.prod(self.sides[level + 1], dtype=np.int64))

    def _members(self, level: int, below: Ids) -> list[Ids]:
        """For every place in the window, what it holds at each position."""
        kernel, stride = self._at("kernel", level), self._at("stride", level)
        return [
            below[
                tuple(
                    slice(start, start + step * (side - 1) + 1, step)
                    for start, step, side in zip(place, stride, self.sides[level + 1], strict=True)
                )
            ].reshape(-1)
            for place in itertools.product(*map(range, kernel))
        ]
