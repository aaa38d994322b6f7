"""Following a plan step by step."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.pairwise import Axes, contract_pair, reduced
from tnet.contraction.plan import Plan
from tnet.contraction.scaled import normalised
from tnet.network.parameters import Parameters

Array = NDArray[Any]
_ONE = np.zeros(())


def run(
    plan: Plan, parameters: Parameters, features: list[Array], *, scaled: bool
) -> tuple[Array, NDArray[np.float64]]:
    """Contract the operands of `plan` in its order.

    Parameters
    ----------
    plan : Plan
        What to do.
    parameters : mapping of str to array
        Checked arrays.
    features : list of ndarray, shape (B, d_i)
        By mode; empty where the inputs stay open.
    scaled : bool
        Whether to carry powers of two beside every intermediate.

    Returns
    -------
    ndarray
        Axes in the order of ``plan.output``, size-1 dims included.
    ndarray, shape () or (B,)
        Power of two beside it; 0 unless `scaled`.
    """
    held = _operands(plan, parameters, features, scaled=scaled)
    batch = plan.batch
    for number, step in enumerate(plan.steps, start=len(plan.inputs)):
        keep = frozenset(step.result)
        operands = [held.pop(operand) for operand in step.operands]
        left, left_axes, log2 = operands[0]
        if len(operands) == 1:
            array, axes = reduced(left, left_axes, keep)
        else:
            right, right_axes, right_log2 = operands[1]
            array, axes = contract_pair(left, left_axes, right, right_axes, keep)
            log2 = log2 + right_log2
        held[number] = _rescaled(array, axes, log2, batch) if scaled else (array, axes, log2)
    array, axes, log2 = held.popitem()[1] if held else (np.ones(()), (), _ONE)
    return _arranged(plan, array, axes, features), log2


_Held = tuple[Array, Axes, NDArray[np.float64]]


def _operands(
    plan: Plan, parameters: Parameters, features: list[Array], *, scaled: bool
) -> dict[int, _Held]:
    """Arrays of the tensors and features, axes of size 1 left out."""
    network, held = plan.network, dict[int, _Held]()
    for group in network.tensor_groups:
        values = np.asarray(parameters[group.parameter])
        for row in range(group.count):
            array = values if group.shared else values[row]
            held[len(held)] = _squeezed(array, plan.inputs[len(held)])
    if features:
        for mode in network.input_modes.tolist():
            array = features[mode]
            inner = plan.inputs[len(held)][1]
            axes = (plan.network.n_indices,) if array.shape[1] == 1 else (network.n_indices, inner)
            held[len(held)] = (array.reshape(array.shape[: len(axes)]), axes, _ONE)
    if scaled:
        held = {
            number: _rescaled(array, axes, log2, plan.batch)
            for number, (array, axes, log2) in held.items()
        }
    return held


def _squeezed(array: Array, indices: tuple[int, ...]) -> _Held:
    axes = tuple(i for i, size in zip(indices, array.shape, strict=True) if size > 1)
    return array.reshape([size for size in array.shape if size > 1]), axes, _ONE


def _rescaled(array: Array, axes: Axes, log2: NDArray[np.float64], batch: int | None) -> _Held:
    """Normalise, example by example where there are examples."""
    per_example = batch in axes
    if per_example and axes[0] != batch:
        place = axes.index(batch)
        array = np.moveaxis(array, place, 0)
        axes = (axes[place], *axes[:place], *axes[place + 1 :])
    result = normalised(array, log2, per_example=per_example)
    return result.mantissa, axes, result.log2


def _arranged(plan: Plan, array: Array, axes: Axes, features: list[Array]) -> Array:
    """Bring the axes into the order of the output, those of size 1 and an absent batch put back."""
    sizes = dict(plan.sizes)
    if plan.batch is not None and features:
        sizes[plan.batch] = features[0].shape[0]
    present = [index for index in plan.output if index in axes]
    array = array.transpose([axes.index(index) for index in present])
    array = array.reshape([sizes[i] if i in axes else 1 for i in plan.output])
    return np.broadcast_to(array, [sizes[index] for index in plan.output]).copy()
