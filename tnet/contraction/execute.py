"""Following a schedule, with or without powers of two beside every array."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tnet.contraction.arithmetic import Arithmetic
from tnet.contraction.bound import BoundSchedule, Read, sized
from tnet.contraction.libraries import copied
from tnet.contraction.loading import load
from tnet.contraction.scaled import power_of_two
from tnet.contraction.schedule import BATCH, Operation

Array = Any
"""An array of NumPy, PyTorch or JAX."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a schedule is run on.

    Attributes
    ----------
    parameters : mapping of str to array
        By name.
    features : mapping of int to array (n_modes, B, d)
        By d: features of the elements of that dim, in order.
    sliced : mapping of int to int
        Values of sliced indices.
    """

    parameters: Mapping[str, Array]
    features: Mapping[int, Array]
    sliced: Mapping[int, int]


def run(bound: BoundSchedule, values: Values, arithmetic: Arithmetic) -> Array:
    """Contract; return an array with its axes in the order of the result.

    Parameters
    ----------
    bound : BoundSchedule
        What to do.
    values : Values
        Arrays of one library.
    arithmetic : Arithmetic
        Of floating point, or of residues.

    Returns
    -------
    array
        Perhaps a view of a parameter, where there was nothing to contract.
    """
    xp = arithmetic.namespace
    stacks = _loaded(bound, values)
    for call in bound.calls:
        # What is right already is passed by, and calls are few: at one example that counts.
        operation, one, other = call.operation, call.left, call.right
        left = stacks[one.stack] if one.plain else read(xp, stacks[one.stack], one)
        if other is None:
            result = arithmetic.reduce(left, *operation.labels)
        else:
            right = stacks[other.stack] if other.plain else read(xp, stacks[other.stack], other)
            if operation.kind == "matmul":
                result = arithmetic.matmul(left, right)
            else:
                result = _combined(arithmetic, operation, left, right)
        if result.shape != call.shape:
            result = xp.reshape(result, call.shape)
        stacks[operation.result] = result
        for gone in operation.frees:
            stacks[gone] = None
    return _final(bound, xp, stacks)


def run_scaled(bound: BoundSchedule, values: Values, arithmetic: Arithmetic) -> tuple[Array, Array]:
    """Contract with a power of two beside every array, example by example.

    Parameters
    ----------
    bound, values, arithmetic
        As for `run`.

    Returns
    -------
    array
        As from `run`; its largest magnitude lies in [1/2, 1), or all is zero.
    array, shape (1,) or (B,)
        Powers of two beside it.
    """
    xp = arithmetic.namespace
    stacks = _loaded(bound, values)
    logs: list[Array] = [None] * len(stacks)
    for number in range(len(bound.schedule.sources)):
        stack = bound.schedule.stacks[number]
        batch_axis = stack.dims.index(BATCH) + 1 if BATCH in stack.dims else None
        stacks[number], logs[number] = power_of_two(xp, stacks[number], batch_axis)
    for call in bound.calls:
        operation = call.operation
        left = read(xp, stacks[call.left.stack], call.left)
        log = read(xp, logs[call.left.stack], call.left_log)
        if call.right is None or call.right_log is None:
            result = arithmetic.reduce(left, *operation.labels)
        else:
            right = read(xp, stacks[call.right.stack], call.right)
            if operation.kind == "matmul":
                result = arithmetic.matmul(left, right)
            else:
                result = _combined(arithmetic, operation, left, right)
            log = log + read(xp, logs[call.right.stack], call.right_log)
        result, extra = power_of_two(xp, shaped(xp, result, call.shape), call.batch_axis)
        stacks[operation.result] = result
        logs[operation.result] = xp.reshape(log, (call.shape[0], -1)) + extra
        for gone in operation.frees:
            stacks[gone] = logs[gone] = None
    return _final(bound, xp, stacks), _final_log(bound, xp, logs)


def _loaded(bound: BoundSchedule, values: Values) -> list[Array]:
    stacks: list[Array] = [None] * len(bound.schedule.stacks)
    for number, source in enumerate(bound.schedule.sources):
        stacks[number] = load(
            source, bound.dims[number], values.parameters, values.features, values.sliced
        )
    return stacks


def read(xp: Any, array: Array, how: Read) -> Array:
    """Read rows of a stack as an operation needs them."""
    if how.split is not None:
        array = xp.reshape(array, how.split)
    if how.key is not None:
        array = array[how.key if xp is np else forward(how.key, array.shape[0])]
    elif how.rows is not None:
        array = array.take(how.rows, axis=0) if xp is np else array[how.rows]
    if how.order is not None:
        array = xp.permute_dims(array, how.order)
    if how.shape is not None:
        array = xp.reshape(array, how.shape)
    if how.compact and xp is np:
        array = np.ascontiguousarray(array)
    return xp.matrix_transpose(array) if how.swapped else array


def forward(key: tuple[slice | int, ...], n_rows: int) -> tuple[Any, ...]:
    """Return a key without slices that run backwards, which not every library has.

    Examples
    --------
    >>> forward((slice(3, None, -1),), 4)
    (array([3, 2, 1, 0]),)
    """
    first = key[0]
    if isinstance(first, slice) and (first.step or 1) < 0:
        return (np.arange(*first.indices(n_rows)),)
    return key


def _combined(arithmetic: Arithmetic, operation: Operation, left: Array, right: Array) -> Array:
    if operation.kind == "inner":
        return arithmetic.inner(left, right)
    return arithmetic.combine(operation.operator, left, right)


def shaped(xp: Any, array: Array, shape: tuple[int, ...]) -> Array:
    """Reshape an array unless it has the shape already."""
    return array if tuple(array.shape) == shape else xp.reshape(array, shape)


def _final(bound: BoundSchedule, xp: Any, stacks: list[Array]) -> Array:
    schedule = bound.schedule
    dims = sized(schedule.output_dims, bound.batch)
    if schedule.final is None:
        return xp.ones(dims)
    array = stacks[schedule.final.stack]
    if schedule.final.key is not None:
        array = array[schedule.final.key]
    present = [column for column in schedule.output if column is not None]
    if present != sorted(present):
        array = xp.permute_dims(array, (0, *(column + 1 for column in present)))
    pairs = zip(schedule.output, dims, strict=True)
    array = shaped(xp, array, tuple(1 if column is None else dim for column, dim in pairs))
    if tuple(array.shape) != dims or not any(call.right for call in bound.calls):
        # Never a view of a parameter, nor one entry for many.
        array = copied(xp.broadcast_to(array, dims))
    return array


def _final_log(bound: BoundSchedule, xp: Any, logs: list[Array]) -> Array:
    final = bound.schedule.final
    if final is None:
        return xp.zeros(1)
    log = logs[final.stack]
    return log[0] if final.key is None else log[final.key][0]
