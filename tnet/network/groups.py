"""Groups of like indices and of like tensors: the columns a network is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import DimensionError, StructureError

Ids: TypeAlias = NDArray[np.int32]
Operator = Literal["product", "max", "sum", "softplus", "norm"]
Role = Literal["input", "inner", "output"]

OPERATORS: tuple[Operator, ...] = get_args(Operator)
ROLES: tuple[Role, ...] = get_args(Role)


_LONGEST_DIM_BITS = 13_000
"""Longer ints cannot be written in decimal under Python's default limit of 4,300 digits."""


def read_only(*arrays: NDArray[Any]) -> None:
    """Forbid writing to `arrays`, which a value holds and others read."""
    for array in arrays:
        array.flags.writeable = False


def frozen_ids(values: ArrayLike, *, what: str, ndim: int) -> Ids:
    """Return `values` as a read-only int32 array of `ndim` axes that nobody else can write to."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise StructureError(f"{what} is no array ({error}); give rows of one length") from error
    if array.size == 0:
        array = array.astype(np.int32)
    if array.dtype.kind not in "iu" or array.ndim != ndim:
        raise StructureError(
            f"{what} must be an integer array of {ndim} axes; "
            f"got dtype {array.dtype} and shape {array.shape}"
        )
    limits = np.iinfo(np.int32)
    if array.size and (array.min() < limits.min or array.max() > limits.max):
        raise StructureError(f"{what} must fit in 32 bits; got {array.min()} to {array.max()}")
    ids = np.array(array, dtype=np.int32, order="C")
    ids.flags.writeable = False
    return ids


def positive_int(value: object, *, what: str) -> int:
    """Return `value` as an int of at least 1; bools and floats are refused, NumPy ints taken."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer) or value < 1:
        raise DimensionError(f"{what} must be an integer of at least 1; got {value!r}")
    return int(value)


def whole_number(value: object, *, what: str) -> int:
    """Return `value` as an int, whatever its sign; bools and floats are refused."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise StructureError(f"{what} must be an integer; got {value!r}")
    return int(value)


def operator_named(name: str, *, where: str) -> Operator:
    """Return `name` if it is one of `OPERATORS`, else raise."""
    if name not in OPERATORS:
        raise StructureError(f"{where} has operator {name!r}; choose one of {', '.join(OPERATORS)}")
    return name


def _check_group_name(name: object) -> None:
    if not isinstance(name, str) or not name:
        raise StructureError(f"a name must be a non-empty string; got {name!r}")
    if "[" in name or "]" in name:
        raise StructureError(
            f"name {name!r} contains a bracket; brackets are reserved for rows, as in conv1[5]: "
            "rename it"
        )


def row_named(name: str, groups: Mapping[str, "IndexGroup | TensorGroup"]) -> int | None:
    """Return which row of its group `name` means, None if there is no such row.

    A group of one row answers to its bare name too.
    """
    base, bracket, rest = name.partition("[")
    if base not in groups:
        return None
    if not bracket:
        return 0 if groups[base].count == 1 else None
    digits = rest.removesuffix("]")
    if not rest.endswith("]") or not digits.isdecimal() or int(digits) >= groups[base].count:
        return None
    return int(digits)


@dataclass(frozen=True, slots=True)
class IndexGroup:
    """`count` indices of one dim and one role.

    Attributes
    ----------
    name : str
        Unique among the index groups of a network; without brackets.
    dim : int
        Number of values each index takes, at least 1 and below 2^13000.
    count : int
        How many indices the group has, at least 1.
    role : {'inner', 'input', 'output'}
        Inputs are open legs that read an element; outputs are open legs held at one value.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        How a hyperedge of the group combines its children.
    multiplicity : int
        Exponent with which an index counts in a cut, for graphs that stand for an unrolled one.

    Raises
    ------
    DimensionError
        If `dim`, `count` or `multiplicity` is not a positive integer.
    StructureError
        If the name, role or operator is not a legal one.

    Examples
    --------
    >>> IndexGroup("r0", dim=4, count=8)
    IndexGroup(name='r0', dim=4, count=8, role='inner', operator='product', multiplicity=1)
    """

    name: str
    dim: int
    count: int = 1
    role: Role = "inner"
    operator: Operator = "product"
    multiplicity: int = 1

    def __post_init__(self) -> None:
        _check_group_name(self.name)
        where = f"index group {self.name!r}"
        for field in ("dim", "count", "multiplicity"):
            value = positive_int(getattr(self, field), what=f"{field} of {where}")
            object.__setattr__(self, field, value)
        if self.dim.bit_length() > _LONGEST_DIM_BITS:
            raise DimensionError(
                f"dim of {where} has {self.dim.bit_length():,} bits; a dim has at most "
                f"{_LONGEST_DIM_BITS:,}: use several indices, or multiplicity"
            )
        if self.role not in ROLES:
            raise StructureError(f"{where} has role {self.role!r}; choose {', '.join(ROLES)}")
        operator_named(self.operator, where=where)


@dataclass(frozen=True, eq=False, slots=True)
class TensorGroup:
    """Tensors of one shape, a row of index ids each.

    Attributes
    ----------
    name : str
        Unique among the tensor groups of a network; without brackets.
    indices : ndarray of int32, shape (count, order)
        Row ``k`` lists the index ids of tensor ``name[k]``, axis by axis; read-only.
    shared : bool
        Whether all rows carry the same array.
    parameter : str
        Name of the array the group takes; the group's own name unless said. Groups with one
        `parameter` carry the same array.
    layer : int
        Height in a layered picture: 0 is next to the inputs.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        What a full core puts between its incoming legs.
    root_axis : int or None
        The leg that leads to the root; None where direction has no meaning, or at the root.

    Raises
    ------
    StructureError
        If a field is not a legal one.
    """

    name: str
    indices: Ids
    shared: bool = False
    parameter: str = ""
    layer: int = 0
    operator: Operator = "product"
    root_axis: int | None = None

    def __post_init__(self) -> None:
        _check_group_name(self.name)
        where = f"tensor group {self.name!r}"
        object.__setattr__(self, "indices", frozen_ids(self.indices, what=f"{where}", ndim=2))
        object.__setattr__(self, "parameter", self.parameter or self.name)
        if not isinstance(self.parameter, str):
            raise StructureError(f"{where} has parameter {self.parameter!r}; give a name")
        if not isinstance(self.shared, bool | np.bool_):
            raise StructureError(f"{where} has shared {self.shared!r}; give True or False")
        object.__setattr__(self, "shared", bool(self.shared))
        object.__setattr__(self, "layer", whole_number(self.layer, what=f"layer of {where}"))
        operator_named(self.operator, where=where)
        if self.count < 1:
            raise StructureError(f"{where} has no tensor; give it at least one row")
        if self.root_axis is None:
            return
        axis = whole_number(self.root_axis, what=f"root_axis of {where}")
        object.__setattr__(self, "root_axis", axis)
        if not 0 <= axis < self.order:
            raise StructureError(
                f"{where} has root_axis {axis}; its tensors have axes 0..{self.order - 1}: name one"
            )

    @property
    def count(self) -> int:
        """Number of tensors."""
        return int(self.indices.shape[0])

    @property
    def order(self) -> int:
        """Number of indices of each tensor."""
        return int(self.indices.shape[1])

    def __getstate__(self) -> list[Any]:
        return [getattr(self, field) for field in self.__dataclass_fields__]

    def __setstate__(self, state: list[Any]) -> None:
        for field, value in zip(self.__dataclass_fields__, state, strict=True):
            object.__setattr__(self, field, value)
        read_only(self.indices)
