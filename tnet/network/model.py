"""`TensorNetwork`: one immutable, columnar hypergraph that every engine reads."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from tnet.errors import StructureError
from tnet.network.checks import check_network, checked_shape
from tnet.network.counting import number_of
from tnet.network.groups import Ids, IndexGroup, TensorGroup, frozen_ids, read_only
from tnet.network.incidence import Incidence, derive_incidence
from tnet.network.rooting import Forest, derive_forest
from tnet.network.views import IndexView, Names, TensorView

_LEFT_OUT: Ids = np.zeros(0, dtype=np.int32)
"""Stands for ids to be filled in."""

_SHOWN_GROUPS = 14


@dataclass(frozen=True, eq=False, repr=False)
class TensorNetwork:
    """A tensor network, or one generalised by other operators, as a hypergraph in columns.

    Index ids count through `index_groups` in order, tensor ids through `tensor_groups`. An index
    with three or more ends is the copy tensor; a dense one is never built.

    Parameters
    ----------
    index_groups : sequence of IndexGroup
        All indices. Each must be named by at least one tensor.
    tensor_groups : sequence of TensorGroup
        All tensors.
    inputs : array of int, shape (n_readings,), optional
        The input indices, in the order of the axes that contraction keeps. Ascending ids unless
        given.
    input_modes : array of int, shape (n_readings,), optional
        The element that each reading reads. The i-th reads mode i unless given. An element may
        be read several times, always by indices of one dim.
    outputs : array of int, optional
        The output indices in order. Ascending ids unless given.
    input_shape : tuple of int, optional
        How the elements lie, a line or a grid; modes count row by row. A line of all modes read
        unless given.

    Raises
    ------
    StructureError
        If the parts do not fit; the message names the part.
    DimensionError
        If an axis of a group meets indices of two dims, or readings of one element differ in dim.
    ParameterError
        If groups of one parameter differ in shape.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ia,aj->ij", (3, 2), (2, 4))
    >>> net
    TensorNetwork: 2 inputs, 2 tensors, 3 indices, forest, product
      indices  i       dim 3  input
               a       dim 2
               j       dim 4  input
      tensors  t0      3x2
               t1      2x4
    >>> net.tensors["t1"].indices
    ('a', 'j')
    """

    index_groups: tuple[IndexGroup, ...]
    tensor_groups: tuple[TensorGroup, ...]
    inputs: Ids = field(default_factory=lambda: _LEFT_OUT)
    input_modes: Ids = field(default_factory=lambda: _LEFT_OUT)
    outputs: Ids = field(default_factory=lambda: _LEFT_OUT)
    input_shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "index_groups", tuple(self.index_groups))
        object.__setattr__(self, "tensor_groups", tuple(self.tensor_groups))
        self._set_ids("inputs", self._ids_of_role("input"))
        self._set_ids("outputs", self._ids_of_role("output"))
        self._set_ids("input_modes", np.arange(len(self.inputs), dtype=np.int32))
        if len(self.input_modes) != len(self.inputs):
            raise StructureError(
                f"input_modes has {len(self.input_modes)} entries for {len(self.inputs)} inputs; "
                "give one mode per reading"
            )
        if not self.input_shape:
            n_modes = int(self.input_modes.max()) + 1 if len(self.input_modes) else 0
            object.__setattr__(self, "input_shape", (n_modes,))
        object.__setattr__(self, "input_shape", checked_shape(self.input_shape))
        check_network(self)

    def _ids_of_role(self, role: str) -> Ids:
        roles = np.repeat(
            [group.role == role for group in self.index_groups] or [False],
            [group.count for group in self.index_groups] or [0],
        )
        return np.nonzero(roles)[0].astype(np.int32)

    def _set_ids(self, name: str, default: Ids) -> None:
        given = getattr(self, name)
        ids = frozen_ids(default if given is _LEFT_OUT else given, what=name, ndim=1)
        object.__setattr__(self, name, ids)

    @property
    def n_modes(self) -> int:
        """Number of input elements, N."""
        return math.prod(self.input_shape)

    @cached_property
    def n_indices(self) -> int:
        """Number of indices."""
        return sum(group.count for group in self.index_groups)

    @cached_property
    def n_tensors(self) -> int:
        """Number of tensors."""
        return sum(group.count for group in self.tensor_groups)

    @cached_property
    def n_parameters(self) -> int:
        """Number of scalars in all parameter arrays, each array counted once."""
        sizes = {
            group.parameter: math.prod(self.parameter_shape(group)) for group in self.tensor_groups
        }
        return sum(sizes.values())

    @cached_property
    def is_product(self) -> bool:
        """Whether every operator is the product: only then is this a true tensor network."""
        return self.operators == ("product",)

    @cached_property
    def operators(self) -> tuple[str, ...]:
        """Operators other than the product that occur, sorted; else the product alone."""
        found: set[str] = {group.operator for group in self.index_groups}
        found |= {group.operator for group in self.tensor_groups}
        return tuple(sorted(found - {"product"})) or ("product",)

    @cached_property
    def index_names(self) -> Names:
        """Names of all indices, by id; ``find`` gives the id of a name."""
        return Names(self.index_groups, "index")

    @cached_property
    def tensor_names(self) -> Names:
        """Names of all tensors, by id; ``find`` gives the id of a name."""
        return Names(self.tensor_groups, "tensor")

    @property
    def indices(self) -> IndexView:
        """Lazy view of single indices, by id or name."""
        return IndexView(self)

    @property
    def tensors(self) -> TensorView:
        """Lazy view of single tensors, by id or name."""
        return TensorView(self)

    @cached_property
    def group_of_index(self) -> Ids:
        """Number of the group of each index, shape (n_indices,)."""
        counts = [group.count for group in self.index_groups]
        groups = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        read_only(groups)
        return groups

    @cached_property
    def incidence(self) -> Incidence:
        """Which tensors touch which indices."""
        return derive_incidence(self.tensor_groups, self.n_indices)

    @cached_property
    def forest(self) -> Forest | None:
        """The network rooted, if tensors and indices other than outputs form a forest."""
        return derive_forest(self)

    @cached_property
    def parameter_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of every parameter array: (count, then dims), or dims where shared."""
        shapes = {group.parameter: self.parameter_shape(group) for group in self.tensor_groups}
        return MappingProxyType(shapes)

    @cached_property
    def modes_by_dim(self) -> Mapping[int, Ids]:
        """Elements that are read, ascending, by the dim of their readings."""
        dims = np.array([group.dim for group in self.index_groups], dtype=object)
        of_reading = dims[self.group_of_index[self.inputs]] if len(self.inputs) else dims[:0]
        modes = {
            dim: np.unique(self.input_modes[of_reading == dim])
            for dim in sorted(set(of_reading.tolist()))
        }
        read_only(*modes.values())
        return MappingProxyType(modes)

    def check_unrolled(self) -> None:
        """Raise if an index stands for several: such a network can be cut, not computed with.

        Raises
        ------
        StructureError
            With the index group.
        """
        for group in self.index_groups:
            if group.multiplicity > 1:
                raise StructureError(
                    f"index group {group.name!r} has multiplicity {group.multiplicity}: the "
                    "network stands for an unrolled one, and only cuts read it; compile the "
                    "unrolled one to compute with it"
                )

    def group_dims(self, group: TensorGroup) -> tuple[int, ...]:
        """Dims of the axes of the tensors in `group`."""
        starts = self.index_names.starts
        numbers = np.searchsorted(starts, group.indices[0], side="right") - 1
        return tuple(self.index_groups[number].dim for number in numbers)

    def parameter_shape(self, group: TensorGroup) -> tuple[int, ...]:
        """Shape of the array that `group` takes: a leading count axis unless shared."""
        dims = self.group_dims(group)
        return dims if group.shared else (group.count, *dims)

    def dim_of(self, index: int) -> int:
        """Dim of the index with id `index`."""
        return self.index_groups[self.index_names.group_of(index)].dim

    def to_einsum(self) -> tuple[list[tuple[int, ...]], tuple[int, ...], dict[int, int]]:
        """Say the network in the common tongue of opt_einsum and cotengra.

        Returns
        -------
        inputs : list of tuple of int
            Index ids of each tensor, in the order of tensor ids.
        output : tuple of int
            Ids of the input indices, then of the output indices.
        sizes : dict of int to int
            Dim of every index.

        Examples
        --------
        >>> import tnet
        >>> tnet.from_einsum("ia,aj->ij", (3, 2), (2, 4)).to_einsum()
        ([(0, 1), (1, 2)], (0, 2), {0: 3, 1: 2, 2: 4})
        """
        rows = [tuple(row) for group in self.tensor_groups for row in group.indices.tolist()]
        output = (*self.inputs.tolist(), *self.outputs.tolist())
        dims = [group.dim for group in self.index_groups]
        sizes = {index: dims[number] for index, number in enumerate(self.group_of_index.tolist())}
        return rows, output, sizes

    def to_networkx(self) -> Any:
        """Return the network as a bipartite networkx graph; see `tnet.network.graphs`."""
        from tnet.network.graphs import to_networkx

        return to_networkx(self)

    @cached_property
    def _digest(self) -> bytes:
        sha = hashlib.blake2b(digest_size=20)
        sha.update(repr(self.index_groups).encode())
        for group in self.tensor_groups:
            fields = (group.name, group.indices.shape, group.shared, group.parameter)
            sha.update(repr((fields, group.layer, group.operator, group.root_axis)).encode())
            sha.update(group.indices.tobytes())
        for ids in (self.inputs, self.input_modes, self.outputs):
            sha.update(repr(ids.shape).encode() + ids.tobytes())
        sha.update(repr(self.input_shape).encode())
        return sha.digest()

    def __reduce__(self) -> tuple[Any, ...]:
        # Made afresh from its fields, so that a copy is checked and read-only like any other.
        fields = (self.index_groups, self.tensor_groups, self.inputs, self.input_modes)
        return TensorNetwork, (*fields, self.outputs, self.input_shape)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorNetwork):
            return NotImplemented
        return self is other or self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.input_shape)) if len(self.input_shape) > 1 else ""
        inputs = number_of(self.n_modes, "input") + (f" ({shape})" if shape else "")
        if len(self.inputs) != self.n_modes:
            inputs += f" read {number_of(len(self.inputs), 'time')}"
        structure = "with loops" if self.forest is None else "forest"
        title = (
            f"TensorNetwork: {inputs}, {number_of(self.n_tensors, 'tensor')}, "
            f"{number_of(self.n_indices, 'index', 'indices')}, {structure}, "
            f"{', '.join(self.operators)}"
        )
        lines = [title, *_group_lines("indices", [self._index_line(g) for g in self.index_groups])]
        lines += _group_lines("tensors", [self._tensor_line(g) for g in self.tensor_groups])
        return "\n".join(lines)

    def _index_line(self, group: IndexGroup) -> str:
        extra: list[str] = [group.role] if group.role != "inner" else []
        extra += [group.operator] if group.operator != "product" else []
        extra += [f"multiplicity {group.multiplicity}"] if group.multiplicity > 1 else []
        return _row(group.name, group.count, f"dim {group.dim}", extra)

    def _tensor_line(self, group: TensorGroup) -> str:
        extra: list[str] = ["shared"] if group.shared and group.count > 1 else []
        extra += [f"parameter {group.parameter}"] if group.parameter != group.name else []
        extra += [group.operator] if group.operator != "product" else []
        shape = "x".join(map(str, self.group_dims(group))) or "scalar"
        return _row(group.name, group.count, shape, extra)


def _row(name: str, count: int, shape: str, extra: Sequence[str]) -> str:
    times = f"{count:,} of " if count > 1 else ""
    return f"{name:<7} {times}{shape}  {' '.join(extra)}".rstrip()


def _group_lines(title: str, rows: Sequence[str]) -> list[str]:
    shown = list(rows[:_SHOWN_GROUPS])
    if len(rows) > len(shown):
        shown.append(f"... and {len(rows) - len(shown):,} more groups")
    return [f"  {title if not line else '':<7}  {row}" for line, row in enumerate(shown)]
