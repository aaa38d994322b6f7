"""Evaluating networks whose operators do not commute with sums: leaf to root, in one order."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.errors import OperatorError
from tnet.network.groups import Ids, Operator, TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters
from tnet.network.rooting import Forest

Array = NDArray[Any]


def fold(operator: Operator, values: Array, starts: NDArray[np.integer]) -> Array:
    """Combine runs of values by an operator; a run of one is the value itself.

    Parameters
    ----------
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        a*b; max(a, b, 0); max(a, 0) + max(b, 0); ln(e^a + e^b); sqrt(a^2 + b^2).
    values : ndarray, shape (n, ...)
        Run after run.
    starts : ndarray of int, shape (n_runs,)
        First value of each run, ascending from 0.

    Returns
    -------
    ndarray, shape (n_runs, ...)
    """
    if len(starts) == len(values):
        return values
    match operator:
        case "product":
            folded = np.multiply.reduceat(values, starts, axis=0)
        case "max":
            folded = np.maximum(np.maximum.reduceat(values, starts, axis=0), 0)
        case "sum":
            folded = np.add.reduceat(np.maximum(values, 0), starts, axis=0)
        case "softplus":
            folded = np.logaddexp.reduceat(values, starts, axis=0)
        case "norm":
            folded = np.sqrt(np.add.reduceat(values * values, starts, axis=0))
    alone = np.diff(np.append(starts, len(values))) == 1
    folded[alone] = values[starts[alone]]
    return folded


@dataclass(slots=True)
class _Arrivals:
    """What reaches the indices of one group from below: ids, and a value per example."""

    ids: list[Ids] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)

    def take(self, indices: Ids, operator: Operator) -> tuple[Ids, Array]:
        """Fold all that has reached each of `indices`, ids ascending; the rest waits on."""
        ids, values = np.concatenate(self.ids), np.concatenate(self.values)
        here = np.isin(ids, indices)
        self.ids, self.values = [ids[~here]], [values[~here]]
        ids, values = ids[here], values[here]
        order = np.argsort(ids, kind="stable")
        distinct, starts = np.unique(ids[order], return_index=True)
        return distinct.astype(np.int32), fold(operator, values[order], starts)


def _nothing() -> _Arrivals:
    return _Arrivals([np.zeros(0, dtype=np.int32)], [np.zeros((0, 1, 1))])


def evaluate_leaf_to_root(
    network: TensorNetwork, parameters: Parameters, features: list[Array], n_examples: int
) -> Array:
    """Evaluate level by level, all like tensors of a level at once.

    Parameters
    ----------
    network : TensorNetwork
        A forest of which every tensor but the root names its leg to the root.
    parameters : mapping of str to array
        Checked arrays.
    features : list of ndarray, shape (B, d_i)
        By mode.
    n_examples : int
        B.

    Returns
    -------
    ndarray, shape (B, *output dims)

    Raises
    ------
    OperatorError
        If the network has no direction in which it can be evaluated.
    """
    forest = _directed(network)
    arrivals: dict[int, _Arrivals] = {}
    for place, reading in enumerate(network.inputs.tolist()):
        here = arrivals.setdefault(int(network.group_of_index[reading]), _Arrivals())
        here.ids.append(np.array([reading], dtype=np.int32))
        here.values.append(features[int(network.input_modes[place])][None])
    values: dict[int, tuple[Ids, Array]] = {}
    scalars: list[Array] = []
    deepest = forest.n_levels - 1
    for depth in range(deepest - deepest % 2, -1, -2):
        _settle(network, forest, depth + 1, arrivals, values)
        tensors = np.sort(forest.order[forest.level(depth)])
        starts = network.tensor_names.starts
        for number, group in enumerate(network.tensor_groups):
            low, high = np.searchsorted(tensors, [starts[number], starts[number + 1]])
            if low == high:
                continue
            rows = tensors[low:high] - int(starts[number])
            sent = _sent(network, group, rows, parameters, values)
            if group.root_axis is None:
                scalars.append(sent.sum(axis=-1))
                continue
            heads = group.indices[rows, group.root_axis]
            here = arrivals.setdefault(int(network.group_of_index[heads[0]]), _Arrivals())
            here.ids.append(heads)
            here.values.append(sent)
    if scalars:
        return np.broadcast_to(scalars[0][0], (n_examples,)).copy()
    output = int(network.group_of_index[network.outputs[0]])
    _, scores = arrivals[output].take(network.outputs, network.index_groups[output].operator)
    return np.broadcast_to(scores[0], (n_examples, scores.shape[-1])).copy()


def _settle(
    network: TensorNetwork,
    forest: Forest,
    depth: int,
    arrivals: dict[int, _Arrivals],
    values: dict[int, tuple[Ids, Array]],
) -> None:
    """Fold what has reached the indices at `depth`, group by group."""
    if depth >= forest.n_levels:
        return
    indices = forest.order[forest.level(depth)] - network.n_tensors
    for number in np.unique(network.group_of_index[indices]).tolist():
        here = indices[network.group_of_index[indices] == number]
        operator = network.index_groups[number].operator
        found = arrivals.setdefault(number, _nothing()).take(here, operator)
        if len(found[0]) < len(here):
            lonely = network.index_names[int(np.setdiff1d(here, found[0])[0])]
            raise OperatorError(
                f"nothing below index {lonely!r} leads to it; set root_axis so that every leg is "
                "reached from the inputs"
            )
        if number in values:
            ids = np.concatenate([values[number][0], found[0]])
            order = np.argsort(ids)
            found = ids[order], np.concatenate([values[number][1], found[1]])[order]
        values[number] = found


def _sent(
    network: TensorNetwork,
    group: TensorGroup,
    rows: NDArray[np.integer],
    parameters: Parameters,
    values: dict[int, tuple[Ids, Array]],
) -> Array:
    """What tensors send along their leg to the root, shape (n_rows, B, dim); dim 1 at a root."""
    array = np.asarray(parameters[group.parameter])
    array = array[None] if group.shared else array[rows]
    legs = [axis for axis in range(group.order) if axis != group.root_axis]
    order = [0, *(axis + 1 for axis in legs)]
    order += [] if group.root_axis is None else [group.root_axis + 1]
    array = array.transpose(order)
    array = array.reshape(*array.shape[: len(legs) + 1], -1)
    if not legs:
        return np.broadcast_to(array[:, None, :], (len(rows), 1, array.shape[-1]))
    incoming: Array = np.empty(0)
    for axis in legs:
        number = int(network.group_of_index[group.indices[rows[0], axis]])
        ids, held = values[number]
        leg = held[np.searchsorted(ids, group.indices[rows, axis])]
        incoming = leg if axis == legs[0] else _outer(group.operator, incoming, leg)
    matrix = array.reshape(array.shape[0], -1, array.shape[-1])
    sent: Array = np.matmul(incoming, matrix)
    return sent


def _outer(operator: Operator, left: Array, right: Array) -> Array:
    """Combine every entry of `left` with every entry of `right`: (n, B, i), (n, B, j) to i*j."""
    pairs = np.broadcast_arrays(left[..., :, None], right[..., None, :])
    both = fold(operator, np.concatenate([pair[None] for pair in pairs]), np.array([0]))[0]
    merged: Array = both.reshape(*both.shape[:-2], -1)
    return merged


def _directed(network: TensorNetwork) -> Forest:
    """Return the rooting, if the legs to the root agree with it."""
    forest = network.forest
    operator = network.operators[0]
    if forest is None:
        raise OperatorError(
            f"a network with operator {operator!r} is evaluated leaf to root, and this one has a "
            "loop; unroll it"
        )
    if len(network.outputs) > 1 or (not len(network.outputs) and forest.n_roots != 1):
        raise OperatorError(
            f"a network with operator {operator!r} has one root or one output; this one has "
            f"{forest.n_roots} roots and {len(network.outputs)} outputs"
        )
    parent_of_tensor = np.full(network.n_tensors, -1, dtype=np.int64)
    is_tensor = (forest.order < network.n_tensors) & (forest.parent >= 0)
    above = forest.order[forest.parent[is_tensor]]
    parent_of_tensor[forest.order[is_tensor]] = above - network.n_tensors
    is_output = np.zeros(network.n_indices, dtype=bool)
    is_output[network.outputs] = True
    start = 0
    for group in network.tensor_groups:
        parents = parent_of_tensor[start : start + group.count]
        _check_direction(network, group, parents, is_output)
        start += group.count
    return forest


def _check_direction(
    network: TensorNetwork,
    group: TensorGroup,
    parents: NDArray[np.int64],
    is_output: NDArray[np.bool_],
) -> None:
    legs = np.delete(group.indices, [] if group.root_axis is None else group.root_axis, axis=1)
    twice = any((legs[:, :k] == legs[:, k, None]).any() for k in range(1, legs.shape[1]))
    if twice or is_output[legs].any():
        raise OperatorError(
            f"tensor group {group.name!r} names an index twice, or an output other than by its "
            "root_axis; such a network has no order from leaf to root"
        )
    if group.root_axis is None:
        wrong = (parents >= 0) | (len(network.outputs) > 0)
    else:
        heads = group.indices[:, group.root_axis]
        wrong = np.where(is_output[heads], parents >= 0, heads != parents)
    if wrong.any():
        raise OperatorError(
            f"tensor {group.name!r} row {int(np.argmax(wrong))} does not lead to the root by its "
            f"root_axis ({group.root_axis}); set root_axis on every tensor below the root"
        )
