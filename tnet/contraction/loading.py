"""Where the operands of a network lie: parameters stacked by group, features by element."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.members import Ids, Loaded, Members
from tnet.contraction.operands import Operands, classes
from tnet.contraction.schedule import BATCH, Source, Stack
from tnet.network.model import TensorNetwork


def loaded_network(
    network: TensorNetwork, operands: Operands, *, sliced: Sequence[int] = ()
) -> Loaded:
    """Say in which arrays the operands of a network lie.

    Parameters
    ----------
    network : TensorNetwork
        What is contracted.
    operands : Operands
        Its tensors, and perhaps features at its readings.
    sliced : sequence of int
        Indices that are held at one value.

    Returns
    -------
    Loaded
        Columns of dim 1 and of sliced indices are left out.
    """
    is_sliced = np.zeros(len(operands.dims), dtype=bool)
    is_sliced[list(sliced)] = True
    parts = [*_parameters(network, is_sliced)]
    if operands.count > network.n_tensors:
        parts.extend(_features(network, is_sliced))
    stacks, members = [], []
    for source, numbers, axes, rows in parts:
        fixed = {axis for axis, _ in source.fixed}
        columns = [c for c, dim in enumerate(source.shape) if dim != 1 and c not in fixed]
        kept = axes[:, columns].astype(np.int64)
        dense = source.modes is None or bool(source.fixed)
        n_rows = int(rows.max()) + 1 if source.modes is None or fixed else len(source.modes)
        stacks.append(Stack(tuple(source.shape[c] for c in columns), n_rows, dense))
        members.append(Members(numbers, kept, rows, np.ones_like(kept)))
    return Loaded(tuple(part[0] for part in parts), tuple(stacks), tuple(members))


_Part = tuple[Source, Ids, NDArray[Any], Ids]
"""A source, the operands in it, the index of each of their axes, the row that each one is."""


def _parameters(network: TensorNetwork, is_sliced: NDArray[np.bool_]) -> Iterator[_Part]:
    start = 0
    for group in network.tensor_groups:
        shape = network.group_dims(group)
        for places in classes(is_sliced[group.indices]):
            axes = group.indices[places]
            whole = len(places) == group.count
            base = np.zeros(len(places), dtype=np.int64) if group.shared else places
            fixed = _fixed(axes, is_sliced)
            if not fixed and (whole or group.shared):
                source, rows = Source(group.parameter, group.shared, shape), base
            else:
                source = Source(group.parameter, group.shared, shape, None, base, fixed)
                rows = np.arange(len(places))
            yield source, start + places, axes, rows
        start += group.count


def _fixed(axes: NDArray[Any], is_sliced: NDArray[np.bool_]) -> tuple[tuple[int, Ids], ...]:
    """Axes whose index is sliced, in all rows alike, and that index for every row."""
    return tuple((int(axis), axes[:, axis]) for axis in np.flatnonzero(is_sliced[axes[0]]))


def _features(network: TensorNetwork, is_sliced: NDArray[np.bool_]) -> Iterator[_Part]:
    batch = network.n_indices
    for dim, ids in network.modes_by_dim.items():
        modes = ids.astype(np.int64)
        places = np.flatnonzero(np.isin(network.input_modes, modes))
        rows = np.searchsorted(modes, network.input_modes[places]).astype(np.int64)
        axes = np.stack([np.full(len(places), batch), network.inputs[places]], axis=1)
        for chosen in classes(is_sliced[axes]):
            fixed = _fixed(axes[chosen], is_sliced)
            if fixed:
                source = Source(None, False, (BATCH, dim), modes, rows[chosen], fixed)
                read = np.arange(len(chosen))
            else:
                source, read = Source(None, False, (BATCH, dim), modes), rows[chosen]
            yield source, network.n_tensors + places[chosen], axes[chosen], read


def load(
    source: Source,
    dims: tuple[int, ...],
    parameters: Mapping[str, Any],
    features: Mapping[int, Any],
    values: Mapping[int, int],
) -> Any:
    """Return the rows of a source as one array.

    Parameters
    ----------
    source : Source
        What to read.
    dims : tuple of int
        Of a row as the stack has it.
    parameters : mapping of str to array
        By name.
    features : mapping of int to array (n_modes, B, d)
        By d: features of the elements of that dim, in order.
    values : mapping of int to int
        Of sliced indices.
    """
    if source.parameter is None:
        array = features[source.shape[1]]
    else:
        array = parameters[source.parameter]
        array = array[None] if source.shared else array
    if source.rows is None:
        return array if array.shape[1:] == dims else array.reshape((array.shape[0], *dims))
    if source.fixed:
        key: list[Any] = [source.rows, *[slice(None)] * len(source.shape)]
        for axis, indices in source.fixed:
            key[axis + 1] = np.array([values[index] for index in indices.tolist()])
        # All arrays in a key broadcast to one axis, which comes first.
        array = array[tuple(key)]
    else:
        array = array[source.rows]
    return array.reshape((array.shape[0], *dims))
