"""`Spec`: what every architecture can do, whatever its fields."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tnet.architectures.fields import (
    checked_count,
    checked_flag,
    checked_operator,
    checked_sizes,
    plain_shape,
)
from tnet.architectures.unrolling import MOST_TENSORS, counted, unrolled
from tnet.errors import SpecError
from tnet.geometry import pooling as geometries
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.pooling import Window
from tnet.geometry.shapes import Shape, as_shape, shape_text
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork

POOLINGS = ("square", "sequential", "mirror", "global", "random")


class Spec(ABC):
    """An architecture: frozen fields, checked once, and the network they compile to."""

    shared: bool
    operator: Operator

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Asked of a spec what only a network has: the likeliest slip, so it gets an answer.
            of_network = hasattr(TensorNetwork, name) or name in TensorNetwork.__dataclass_fields__
            hint = "; call .compile() for the network" if of_network else ""
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{hint}")

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """How the inputs lie, as a tuple."""

    @cached_property
    def n_parameters(self) -> int:
        """Number of scalars in the parameter arrays."""
        return self._network().n_parameters

    def compile(self) -> TensorNetwork:
        """Return the network that the spec describes."""
        return self._network()

    @abstractmethod
    def _network(self) -> TensorNetwork: ...

    def _check(self, *counts: str) -> None:
        """Check the fields that all specs have, and those of `counts`, which hold one size."""
        fields: dict[str, object] = {
            name: checked_count(getattr(self, name), name)
            for name in ("features", *counts, "outputs")
        }
        fields["operator"] = checked_operator(self.operator)
        fields["shared"] = checked_flag(self.shared, "shared")
        self._set(**fields)

    def _set(self, **fields: object) -> None:
        """Replace given values by checked ones, while the spec is made."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)


class GridSpec(Spec):
    """A spec whose elements lie on a line or a grid, said by `inputs`."""

    inputs: Shape

    @property
    def shape(self) -> tuple[int, ...]:
        """How the inputs lie, as a tuple."""
        return as_shape(self.inputs)


class CircuitSpec(Spec):
    """A spec whose hidden units may be used several times."""

    @abstractmethod
    def circuit(self) -> TensorNetwork:
        """Return the circuit with one index per unit, used as often as need be."""

    @cached_property
    def n_parameters(self) -> int:
        """Number of scalars in the parameter arrays."""
        return self.circuit().n_parameters

    def compile(self, *, unroll: bool = True, most_tensors: int = MOST_TENSORS) -> TensorNetwork:
        """Return the network, unrolled or as a graph for cuts.

        Parameters
        ----------
        unroll : bool
            Whether every use of a unit has its own copy, which is a tensor network. Otherwise
            every unit is there once and counts once per path to the score: for cuts alone, which
            are at least those of the unrolled network; see `tnet.architectures.unrolling.counted`.
        most_tensors : int
            Refuse to make more tensors than this when unrolling.

        Returns
        -------
        TensorNetwork

        Raises
        ------
        SizeLimitError
            If the unrolled network had more tensors; the message says how many.
        """
        return unrolled(self.circuit(), most_tensors=most_tensors) if unroll else self._network()

    def _network(self) -> TensorNetwork:
        return counted(self.circuit())


class PooledSpec(GridSpec):
    """A spec whose windows follow a mode tree, said by `pooling` and `window`."""

    pooling: str | ModeTree
    window: Window
    widths: Sequence[int]

    def __post_init__(self) -> None:
        self._set(inputs=plain_shape(self.inputs))
        self._check()
        if not isinstance(self.window, int):
            self._set(window=_frozen(self.window))
        self._set(widths=widths_by_level(self.tree, self.widths, self.tree.n_levels))

    @cached_property
    def tree(self) -> ModeTree:
        """The mode tree that the windows follow."""
        return tree_with_windows(pooled_tree(self.shape, self.pooling, self.window))


def widths_by_level(tree: ModeTree, widths: object, n_levels: int) -> tuple[int, ...]:
    """Return one width for each of the first `n_levels` levels, else raise a `SpecError`."""
    return checked_sizes(
        widths,
        field="widths",
        one="width",
        per="level" if n_levels == tree.n_levels else "level below the root",
        count=n_levels,
        where=f"{n_levels} levels (windows by level: {tree.levels_text()})",
    )


def tree_with_windows(tree: ModeTree) -> ModeTree:
    """Return `tree` if it has a window, else raise a `SpecError`."""
    if tree.n_levels == 0:
        raise SpecError(
            "the mode tree has no window, so the network has no level; use at least 2 inputs, "
            "or a window of one, ModeTree.from_nested((0,))"
        )
    return tree


def tree_over(shape: tuple[int, ...], tree: ModeTree, *, field: str) -> ModeTree:
    """Return `tree` if it is over as many elements as `shape` has, else raise a `SpecError`."""
    if tree.n_modes != math.prod(shape):
        raise SpecError(
            f"{field} is a tree of {tree.n_modes} modes, but inputs {shape_text(shape)} "
            f"are {math.prod(shape)} elements; give a tree of as many"
        )
    return tree


def pooled_tree(shape: tuple[int, ...], pooling: str | ModeTree, window: Window) -> ModeTree:
    """Return the tree that a pooling and its window mean for inputs of `shape`.

    Raises
    ------
    SpecError
        If the pooling is unknown, knows its own windows and is given some, or is a tree of
        other inputs.
    GeometryError
        If windows do not divide the inputs.

    Examples
    --------
    >>> pooled_tree((4,), "mirror", 2)
    ModeTree(((0, 3), (1, 2)))
    """
    if isinstance(pooling, ModeTree):
        _refuse_window("a ModeTree", window)
        return tree_over(shape, pooling, field="pooling")
    if pooling not in POOLINGS:
        raise SpecError(
            f"pooling is {pooling!r}; choose one of {', '.join(POOLINGS)}, or a ModeTree"
        )
    if pooling in ("mirror", "global"):
        _refuse_window(pooling, window)
        return geometries.mirror(shape) if pooling == "mirror" else geometries.global_(shape)
    windowed = {"square": geometries.square, "sequential": geometries.sequential}
    return windowed.get(pooling, geometries.random)(shape, window)


def _refuse_window(pooling: str, window: Window) -> None:
    if window != 2:
        raise SpecError(
            f"window is {window!r}, but pooling {pooling} knows its own windows; leave window out"
        )


def _frozen(window: Window) -> Window:
    if isinstance(window, np.ndarray):
        window = window.tolist()
    if isinstance(window, Sequence) and not isinstance(window, str):
        return tuple(
            tuple(entry) if isinstance(entry, Sequence) and not isinstance(entry, str) else entry
            for entry in window
        )
    return window
