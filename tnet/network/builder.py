"""`NetworkBuilder`: declare indices and tensors by name, then freeze them into a network."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tnet.errors import StructureError, UnknownNameError
from tnet.network.groups import (
    Ids,
    IndexGroup,
    Role,
    TensorGroup,
    frozen_ids,
    operator_named,
    positive_int,
    row_named,
    whole_number,
)
from tnet.network.model import TensorNetwork


class NetworkBuilder:
    """The one mutable object of the library: collects groups until `build`.

    Examples
    --------
    >>> import tnet
    >>> b = tnet.NetworkBuilder()
    >>> left = b.index("left", 3, role="input")
    >>> right = b.index("right", 4, role="input")
    >>> b.index("bond", 2)
    2
    >>> b.tensor("A", ["left", "bond"])
    >>> b.tensor("B", ["bond", right])
    >>> tnet.min_cut(b.build(), ["left"]).dimension
    2
    """

    def __init__(self) -> None:
        self._index_groups: dict[str, IndexGroup] = {}
        self._tensor_groups: dict[str, TensorGroup] = {}
        self._first_ids: dict[str, int] = {}
        self._n_indices = 0
        self._readings: list[Ids] = []
        self._modes: list[Ids] = []
        self._n_modes = 0

    def index(
        self,
        name: str,
        dim: int,
        *,
        role: Role = "inner",
        mode: int | None = None,
        operator: str = "product",
        multiplicity: int = 1,
    ) -> int:
        """Declare one index and return its id.

        Parameters
        ----------
        name : str
            Unique, without brackets.
        dim : int
            Number of values, at least 1.
        role : {'inner', 'input', 'output'}
            Inputs and outputs are open legs.
        mode : int, optional
            The element an input reads; inputs number the modes in order of declaration unless
            said.
        operator : {'product', 'max', 'sum', 'softplus', 'norm'}
            How a hyperedge combines its children.
        multiplicity : int
            Exponent with which the index counts in a cut.

        Returns
        -------
        int
            Id to name the index by in `tensor` and `tensors`.

        Raises
        ------
        DimensionError
            If `dim` is not a positive integer.
        StructureError
            If the name is taken or illegal, or `mode` is given for an index that reads nothing.
        """
        modes = None if mode is None else [mode]
        ids = self.indices(
            name, 1, dim, role=role, modes=modes, operator=operator, multiplicity=multiplicity
        )
        return int(ids[0])

    def indices(
        self,
        name: str,
        count: int,
        dim: int,
        *,
        role: Role = "inner",
        modes: ArrayLike | None = None,
        operator: str = "product",
        multiplicity: int = 1,
    ) -> Ids:
        """Declare `count` indices of one dim, called ``name[0]`` and so on.

        Parameters are as for `index`; `modes` gives one element per input index.

        Returns
        -------
        ndarray of int32, shape (count,)
            Their ids.
        """
        if name in self._index_groups:
            raise StructureError(f"index {name!r} is declared twice; rename one")
        group = IndexGroup(
            name,
            dim,
            positive_int(count, what=f"count of index group {name!r}"),
            role,
            operator_named(operator, where=f"index group {name!r}"),
            multiplicity,
        )
        new_modes = self._modes_for(group, modes)
        ids = np.arange(self._n_indices, self._n_indices + group.count, dtype=np.int32)
        if new_modes is not None:
            self._readings.append(ids)
            self._modes.append(new_modes)
            self._n_modes = max(self._n_modes, int(new_modes.max()) + 1)
        self._index_groups[name] = group
        self._first_ids[name] = self._n_indices
        self._n_indices += group.count
        return ids

    def _modes_for(self, group: IndexGroup, modes: ArrayLike | None) -> Ids | None:
        if group.role != "input":
            if modes is not None:
                raise StructureError(
                    f"index {group.name!r} has role {group.role!r} and reads no element; "
                    "leave its mode out or make it an input"
                )
            return None
        if modes is None:
            return np.arange(self._n_modes, self._n_modes + group.count, dtype=np.int32)
        given = frozen_ids(modes, what=f"modes of {group.name!r}", ndim=1)
        if len(given) != group.count or given.min() < 0:
            shown = ", ".join(map(str, given[:8].tolist())) + (", ..." if len(given) > 8 else "")
            raise StructureError(
                f"modes of {group.name!r} must be {group.count} mode numbers, 0 or larger, one per "
                f"index; got {len(given)}: {shown}"
            )
        return given

    def tensor(
        self,
        name: str,
        indices: Sequence[str | int],
        *,
        parameter: str | None = None,
        layer: int = 0,
        operator: str = "product",
        root_axis: int | None = None,
    ) -> None:
        """Declare one tensor by the names or ids of its indices, axis by axis.

        Parameters
        ----------
        name : str
            Unique, without brackets.
        indices : sequence of str or int
            Declared before; the same one twice is a diagonal.
        parameter : str, optional
            Name of its array, `name` unless said.
        layer : int
            Height in a picture.
        operator : {'product', 'max', 'sum', 'softplus', 'norm'}
            What a full core puts between its incoming legs.
        root_axis : int, optional
            Axis of the leg that leads to the root.

        Raises
        ------
        UnknownNameError
            If an index has not been declared.
        StructureError
            If the name is taken or illegal.
        """
        if not isinstance(indices, Iterable):
            raise StructureError(f"indices of tensor {name!r} are {indices!r}; give a list of them")
        row = [self._id_of(index, tensor=name) for index in indices]
        rows = np.array([row], dtype=np.int32).reshape(1, len(row))
        self.tensors(
            name,
            rows,
            shared=True,
            parameter=parameter,
            layer=layer,
            operator=operator,
            root_axis=root_axis,
        )

    def _id_of(self, index: str | int | np.integer[Any], *, tensor: str) -> int:
        if not isinstance(index, str):
            id_ = whole_number(index, what=f"an index of tensor {tensor!r}, unless a name,")
            if 0 <= id_ < self._n_indices:
                return id_
            raise UnknownNameError(
                f"tensor {tensor!r} names index id {id_}, but {self._n_indices} indices are "
                "declared, with ids from 0; use an id that index or indices returned"
            )
        base = index.partition("[")[0]
        row = row_named(index, self._index_groups)
        if row is not None:
            return self._first_ids[base] + row
        if base in self._index_groups:
            raise UnknownNameError(
                f"tensor {tensor!r} names index {index!r}, but group {base!r} has rows {base}[0] "
                f"to {base}[{self._index_groups[base].count - 1}]; name one of them"
            )
        raise UnknownNameError(
            f"tensor {tensor!r} names index {index!r}, which is not declared; "
            f"call index({index!r}, dim) before it"
        )

    def tensors(
        self,
        name: str,
        rows: ArrayLike,
        *,
        shared: bool = False,
        parameter: str | None = None,
        layer: int = 0,
        operator: str = "product",
        root_axis: int | None = None,
    ) -> None:
        """Declare many tensors of one shape at once.

        Parameters
        ----------
        name : str
            Unique, without brackets; row ``k`` is called ``name[k]``.
        rows : array of int, shape (count, order)
            Index ids of each tensor.
        shared : bool
            Whether all rows carry the same array.
        parameter, layer, operator, root_axis
            As for `tensor`.

        Raises
        ------
        UnknownNameError
            If an id has not been declared.
        StructureError
            If the name is taken or illegal.
        """
        if name in self._tensor_groups:
            raise StructureError(f"tensor {name!r} is declared twice; rename one")
        group = TensorGroup(
            name,
            frozen_ids(rows, what=f"rows of tensor group {name!r}", ndim=2),
            shared,
            parameter or name,
            layer,
            operator_named(operator, where=f"tensor group {name!r}"),
            root_axis,
        )
        unknown = (group.indices < 0) | (group.indices >= self._n_indices)
        if unknown.any():
            self._id_of(int(group.indices[unknown][0]), tensor=name)
        self._tensor_groups[name] = group

    def build(self, input_shape: tuple[int, ...] | None = None) -> TensorNetwork:
        """Freeze what was declared into a network; the builder may go on afterwards.

        Parameters
        ----------
        input_shape : tuple of int, optional
            How the elements lie; a line unless said.

        Returns
        -------
        TensorNetwork

        Raises
        ------
        StructureError, DimensionError, ParameterError
            If the parts do not fit; see `TensorNetwork`.
        """
        empty = np.zeros(0, dtype=np.int32)
        return TensorNetwork(
            tuple(self._index_groups.values()),
            tuple(self._tensor_groups.values()),
            np.concatenate([empty, *self._readings]),
            np.concatenate([empty, *self._modes]),
            input_shape=input_shape or (),
        )
