"""Lazy views of single tensors and indices: ``network.tensors["conv1[5]"]``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from tnet.errors import UnknownNameError
from tnet.network.groups import IndexGroup, Operator, Role, TensorGroup, read_only, row_named

if TYPE_CHECKING:
    from tnet.network.model import TensorNetwork


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a network: a named axis that the tensors naming it share."""

    name: str
    id: int
    group: str
    dim: int
    role: Role
    operator: Operator
    multiplicity: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a network: which indices it names, and which array it takes."""

    name: str
    id: int
    group: str
    indices: tuple[str, ...]
    dims: tuple[int, ...]
    parameter: str
    shared: bool
    layer: int
    operator: Operator
    root_axis: int | None


class Names(Sequence[str]):
    """The names of all rows of some groups, made when asked; ``find`` goes the other way."""

    def __init__(self, groups: Sequence[IndexGroup] | Sequence[TensorGroup], kind: str) -> None:
        self._groups = groups
        self._kind = kind

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First id of each group, and the total at the end."""
        starts = np.cumsum([0, *(group.count for group in self._groups)], dtype=np.int64)
        read_only(starts)
        return starts

    @cached_property
    def _by_name(self) -> dict[str, IndexGroup | TensorGroup]:
        return {group.name: group for group in self._groups}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._by_name)}

    def group_of(self, id_: int) -> int:
        """Number of the group that holds id `id_`."""
        return int(np.searchsorted(self.starts, id_, side="right")) - 1

    def __len__(self) -> int:
        return int(self.starts[-1])

    @overload
    def __getitem__(self, key: int) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[str, ...]: ...
    def __getitem__(self, key: int | slice) -> str | tuple[str, ...]:
        if isinstance(key, slice):
            return tuple(self[position] for position in range(*key.indices(len(self))))
        id_ = range(len(self))[key]
        number = self.group_of(id_)
        group = self._groups[number]
        return group.name if group.count == 1 else f"{group.name}[{id_ - self.starts[number]}]"

    def find(self, name: str) -> int:
        """Return the id of the row called `name`; a group of one answers to its bare name too."""
        row = row_named(name, self._by_name)
        base = name.partition("[")[0]
        if row is not None:
            return int(self.starts[self._numbers[base]]) + row
        if base in self._by_name:
            raise UnknownNameError(
                f"no {self._kind} is called {name!r}; group {base!r} has rows "
                f"{base}[0] to {base}[{self._by_name[base].count - 1}]: name one of them"
            )
        known = ", ".join(group.name for group in self._groups[:12])
        more = ", ..." if len(self._groups) > 12 else ""
        raise UnknownNameError(
            f"no {self._kind} is called {name!r}; the groups are {known}{more}: name one of them"
        )


class IndexView(Sequence[Index]):
    """The indices of a network, by id or by name, made when asked."""

    def __init__(self, network: "TensorNetwork") -> None:
        self._network = network

    def __len__(self) -> int:
        return self._network.n_indices

    @overload
    def __getitem__(self, key: int | str) -> Index: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Index, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Index | tuple[Index, ...]:
        if isinstance(key, slice):
            return tuple(self[position] for position in range(*key.indices(len(self))))
        names = self._network.index_names
        id_ = names.find(key) if isinstance(key, str) else range(len(self))[key]
        group = self._network.index_groups[names.group_of(id_)]
        return Index(
            names[id_],
            id_,
            group.name,
            group.dim,
            group.role,
            group.operator,
            group.multiplicity,
        )

    def __iter__(self) -> Iterator[Index]:
        return (self[position] for position in range(len(self)))


class TensorView(Sequence[Tensor]):
    """The tensors of a network, by id or by name, made when asked."""

    def __init__(self, network: "TensorNetwork") -> None:
        self._network = network

    def __len__(self) -> int:
        return self._network.n_tensors

    @overload
    def __getitem__(self, key: int | str) -> Tensor: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Tensor, ...]: ...
    def __getitem__(self, key: int | str | slice) -> Tensor | tuple[Tensor, ...]:
        if isinstance(key, slice):
            return tuple(self[position] for position in range(*key.indices(len(self))))
        names = self._network.tensor_names
        id_ = names.find(key) if isinstance(key, str) else range(len(self))[key]
        number = names.group_of(id_)
        group = self._network.tensor_groups[number]
        row = group.indices[id_ - int(names.starts[number])]
        return Tensor(
            names[id_],
            id_,
            group.name,
            tuple(self._network.index_names[int(index)] for index in row),
            self._network.group_dims(group),
            group.parameter,
            group.shared,
            group.layer,
            group.operator,
            group.root_axis,
        )

    def __iter__(self) -> Iterator[Tensor]:
        return (self[position] for position in range(len(self)))
