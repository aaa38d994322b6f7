"""The one order of a network whose operators do not commute with sums: leaf to root."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tnet.errors import OperatorError
from tnet.network.groups import Operator, TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest


@dataclass(slots=True)
class DirectedOrder:
    """Steps with what stands between their operands.

    Attributes
    ----------
    following : int
        Number of the next result.
    pairs : list of (int, int)
        Operands of every step.
    operators : list of str
        What stands between them; anything but the product sums nothing.
    """

    following: int
    pairs: list[tuple[int, int]] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)

    def step(self, left: int, right: int, operator: Operator) -> int:
        """Add a step and return the number of its result."""
        self.pairs.append((left, right))
        self.operators.append(operator)
        self.following += 1
        return self.following - 1

    def folded(self, operands: list[int], operator: Operator) -> int:
        """Add the steps that combine operands one after the other."""
        first = operands[0]
        for other in operands[1:]:
            first = self.step(first, other, operator)
        return first


def directed_order(network: TensorNetwork) -> DirectedOrder:
    """Order the tensors of a network, and the features of its readings, from leaf to root.

    Parameters
    ----------
    network : TensorNetwork
        A forest of which every tensor but the root names its leg to the root.

    Returns
    -------
    DirectedOrder
        Operands are the tensors, then the features in order of the readings.

    Raises
    ------
    OperatorError
        If the network has no direction in which it can be evaluated.
    """
    forest = _directed(network)
    n_tensors, order = network.n_tensors, DirectedOrder(network.n_tensors + len(network.inputs))
    waiting: dict[int, list[int]] = {}
    for number, reading in enumerate(network.inputs.tolist(), start=n_tensors):
        waiting.setdefault(reading, []).append(number)
    group_of_tensor = np.searchsorted(network.tensor_names.starts, forest.order, side="right") - 1
    starts = network.tensor_names.starts.tolist()
    rows = [group.indices.tolist() for group in network.tensor_groups]
    operators = [group.operator for group in network.index_groups]
    operator_of_index = [operators[number] for number in network.group_of_index.tolist()]
    result = 0
    for node, number in zip(
        reversed(forest.order.tolist()), reversed(group_of_tensor.tolist()), strict=True
    ):
        if node >= n_tensors:
            continue
        group = network.tensor_groups[number]
        indices = rows[number][node - starts[number]]
        messages = []
        for axis, index in enumerate(indices):
            if axis != group.root_axis:
                arrived = _arrived(network, waiting, index)
                messages.append(order.folded(arrived, operator_of_index[index]))
        result = _through(order, group, node, messages)
        if group.root_axis is not None:
            waiting.setdefault(indices[group.root_axis], []).append(result)
    if len(network.outputs):
        output = int(network.outputs[0])
        order.folded(waiting[output], operator_of_index[output])
    return order


def _arrived(network: TensorNetwork, waiting: dict[int, list[int]], index: int) -> list[int]:
    if index not in waiting:
        raise OperatorError(
            f"nothing below index {network.index_names[index]!r} leads to it; set root_axis so "
            "that every leg is reached from the inputs"
        )
    # The last tensors of a level come first.
    return waiting.pop(index)[::-1]


def _through(order: DirectedOrder, group: TensorGroup, tensor: int, messages: list[int]) -> int:
    """Add the steps from the messages at the legs of a tensor to what it sends on."""
    if group.operator == "product":
        return order.folded([tensor, *messages], "product")
    if not messages:
        return tensor
    return order.step(order.folded(messages, group.operator), tensor, "product")


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
            f"{forest.n_roots} roots and {len(network.outputs)} outputs: split it into several"
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
            "root_axis, and so has no order from leaf to root; name it once, an output by root_axis"
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
