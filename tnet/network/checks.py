"""What must hold for the parts of a network to fit; checked once, when it is made."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tnet.errors import DimensionError, ParameterError, StructureError
from tnet.network.groups import Ids, IndexGroup, TensorGroup, positive_int

if TYPE_CHECKING:
    from tnet.network.model import TensorNetwork


def checked_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Return `shape` as a tuple of ints; a line of length 0 is that of a network without inputs."""
    if not isinstance(shape, Sequence | np.ndarray) or isinstance(shape, str):
        raise StructureError(
            f"input_shape is {shape!r}; give a tuple of ints, such as (8,) for a line of 8"
        )
    if tuple(shape) == (0,):
        return (0,)
    what = f"each side of input_shape {tuple(shape)}"
    return tuple(positive_int(side, what=what) for side in shape)


def check_network(network: "TensorNetwork") -> None:
    """Raise the error that names the first part of `network` that does not fit."""
    for kind, groups in (("index", network.index_groups), ("tensor", network.tensor_groups)):
        counts = Counter(group.name for group in groups)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise StructureError(f"two {kind} groups are called {twice[0]!r}; rename one")
    classes = _dim_classes(network.index_groups)
    for group in network.tensor_groups:
        _check_rows(network, group, classes)
    _check_every_index_is_used(network)
    for role, ids in (("input", network.inputs), ("output", network.outputs)):
        _check_open_legs(network, role, ids)
    _check_modes(network)
    _check_parameters_agree(network)


def _dim_classes(groups: tuple[IndexGroup, ...]) -> Ids:
    """Number the distinct dims, so that dims of any size compare as small ints, by group."""
    classes: dict[int, int] = {}
    numbers = [classes.setdefault(group.dim, len(classes)) for group in groups]
    return np.array(numbers, dtype=np.int32)


def _check_rows(network: "TensorNetwork", group: TensorGroup, class_of_group: Ids) -> None:
    rows = group.indices
    if rows.size and (rows.min() < 0 or rows.max() >= network.n_indices):
        row, axis = np.argwhere((rows < 0) | (rows >= network.n_indices))[0]
        raise StructureError(
            f"tensor group {group.name!r} names index id {rows[row, axis]} in row {row}, axis "
            f"{axis}; ids are 0..{network.n_indices - 1}: use one of them"
        )
    classes = class_of_group[network.group_of_index[rows]]
    differs = classes != classes[:1]
    if differs.any():
        row, axis = np.argwhere(differs)[0]
        first, other = int(rows[0, axis]), int(rows[row, axis])
        raise DimensionError(
            f"axis {axis} of tensor group {group.name!r} meets index "
            f"{network.index_names[first]!r} of dim {network.dim_of(first)} in row 0 but "
            f"{network.index_names[other]!r} of dim {network.dim_of(other)} in row {row}; "
            "tensors of one group have one shape: split the group or give both the same dim"
        )


def _check_every_index_is_used(network: "TensorNetwork") -> None:
    used = np.zeros(network.n_indices, dtype=bool)
    for group in network.tensor_groups:
        used[group.indices] = True
    if not used.all():
        lonely = network.index_names[int(np.argmin(used))]
        raise StructureError(
            f"index {lonely!r} is in no tensor; let a tensor name it or leave it out"
        )


def _check_open_legs(network: "TensorNetwork", role: str, ids: Ids) -> None:
    declared = network._ids_of_role(role)
    if not np.array_equal(np.sort(ids), declared):
        raise StructureError(
            f"{role}s must list every index of role {role!r} once; got {len(ids)} ids "
            f"({len(np.unique(ids))} distinct) for {len(declared)} such indices"
        )


def _check_modes(network: "TensorNetwork") -> None:
    modes = network.input_modes
    n_modes = math.prod(network.input_shape)
    if len(modes) and (modes.min() < 0 or modes.max() >= n_modes):
        wrong = int(modes[(modes < 0) | (modes >= n_modes)][0])
        raise StructureError(
            f"a reading reads mode {wrong}, but input_shape {network.input_shape} has modes "
            f"0..{n_modes - 1}; change the mode or the shape"
        )
    # One more than there are readings is room enough to find an element that none reads.
    read = np.zeros(min(n_modes, len(modes) + 1), dtype=bool)
    read[modes[modes < len(read)]] = True
    if not read.all():
        raise StructureError(
            f"input_shape {network.input_shape} has {n_modes} elements, but no index reads mode "
            f"{int(np.argmin(read))}; give every element a reading"
        )
    classes = _dim_classes(network.index_groups)[network.group_of_index[network.inputs]]
    class_of_mode = np.full(n_modes, -1, dtype=np.int32)
    class_of_mode[modes] = classes
    differs = class_of_mode[modes] != classes
    if differs.any():
        mode = int(modes[np.argmax(differs)])
        dims = sorted({network.dim_of(int(i)) for i in network.inputs[modes == mode]})
        raise DimensionError(
            f"element {mode} is read by indices of dims {dims}; give all readings of one element "
            "one dim"
        )


def _check_parameters_agree(network: "TensorNetwork") -> None:
    first_of: dict[str, TensorGroup] = {}
    for group in network.tensor_groups:
        first = first_of.setdefault(group.parameter, group)
        here, there = network.parameter_shape(group), network.parameter_shape(first)
        if here != there or group.shared != first.shared:
            raise ParameterError(
                f"tensor groups {first.name!r} and {group.name!r} take one parameter "
                f"{group.parameter!r}, but shapes {there} and {here}; give them one shape or "
                "two parameters"
            )
