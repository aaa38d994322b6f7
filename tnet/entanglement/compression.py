"""Running a `Programme`: stacked products, stacked QR decompositions, powers of two beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.arithmetic import numpy_matmul
from tnet.contraction.loading import load
from tnet.contraction.scaled import power_of_two
from tnet.entanglement.isometries import Ids, Join, Legs, Load, Programme, Step

Array: TypeAlias = NDArray[Any]
Stacks: TypeAlias = dict[int, tuple[Array, Array]]
"""Arrays of every stack, and the powers of two beside them."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """What a programme is run on.

    Attributes
    ----------
    parameters : mapping of str to array
        By name.
    fixed : mapping of int to int
        Values of outputs that are not open.
    factor : array, shape (M, M), or None
        Features in terms of orthonormal functions: the axis ``i`` of every reading becomes ``j``
        by ``factor[i, j]``.
    dtype : dtype
        Of the arithmetic.
    """

    parameters: Mapping[str, Array]
    fixed: Mapping[int, int]
    factor: Array | None
    dtype: np.dtype[Any]


def compressed_matrices(
    programme: Programme,
    values: Values,
) -> tuple[Array, float]:
    """Return small matrices with the singular values of the matricizations.

    Parameters
    ----------
    programme : Programme
        What to do.
    values : Values
        What it is run on.

    Returns
    -------
    array, shape (*open outputs, rows, columns)
        Up to isometries from the left and from the right, the matricizations.
    float
        Log2 of what they are to be multiplied by.
    """
    if programme.final is None:
        return np.ones((1,) * len(programme.outputs) + (1, 1), values.dtype), 0.0
    stacks: Stacks = {}
    for step in programme.steps:
        shape = step.shape
        made = np.empty((step.count, *shape.kept, shape.row, shape.column), values.dtype)
        log = np.empty((step.count, 1))
        for start in range(0, step.count, step.at_once):
            part = slice(start, start + step.at_once)
            if isinstance(step.action, Load):
                made[part], log[part] = _loaded(programme, step, step.action, part, values)
            else:
                made[part], log[part] = _joined(step, step.action, part, stacks, values)
        stacks[step.result] = made, log
        for stack in step.frees:
            del stacks[stack]
    stack, row = programme.final
    arrays, log = stacks[stack]
    matrices = arrays[row]
    present = [axis for axis in programme.outputs if axis is not None]
    matrices = matrices.transpose(*present, len(present), len(present) + 1)
    dims = iter(matrices.shape)
    shape_of_outputs = [1 if axis is None else next(dims) for axis in programme.outputs]
    return matrices.reshape(*shape_of_outputs, *matrices.shape[-2:]), float(log[row, 0])


def _loaded(
    programme: Programme, step: Step, load_of: Load, part: slice, values: Values
) -> tuple[Array, Array]:
    source, dims = programme.sources[load_of.source]
    array = load(source, dims, values.parameters, {}, values.fixed)
    array, log = power_of_two(np, array[load_of.rows[part]].astype(values.dtype, copy=False), None)
    rows = len(load_of.labels)
    bundles = (*load_of.row, *load_of.column)
    array = np.einsum(array, [rows, *load_of.labels], [rows, *load_of.kept, *bundles])
    first = 1 + len(load_of.kept)
    readings = tuple(range(first, first + len(bundles)))
    return _settled(array, log, step, values, readings=readings, n_row=len(load_of.row))


def _joined(
    step: Step,
    join: Join,
    part: slice,
    stacks: Stacks,
    values: Values,
) -> tuple[Array, Array]:
    left, left_log = _picked(join.left, join.left_rows[part], stacks)
    right, right_log = _picked(join.right, join.right_rows[part], stacks)
    product = _product(left, join.left_legs, right, join.right_legs)
    return _settled(
        product.transpose(join.order),
        left_log + right_log,
        step,
        values,
        readings=join.readings,
        n_row=join.n_row,
    )


def _picked(stack: int, rows: Ids, stacks: Stacks) -> tuple[Array, Array]:
    """Take rows of a stack; neighbours without a copy, and one for all of them once."""
    first, last = int(rows[0]), int(rows[-1])
    key: slice | Ids = rows
    if (rows == first).all():
        key = slice(first, first + 1)
    elif last - first == len(rows) - 1 and (np.diff(rows) == 1).all():
        key = slice(first, last + 1)
    arrays, logs = stacks[stack]
    return arrays[key], logs[key]


def _product(left: Array, left_legs: Legs, right: Array, right_legs: Legs) -> Array:
    """Multiply row by row: batch axes, then the other axes of the left, then of the right."""
    x, left_batch, left_ends = _lined_up(left, left_legs, summed_last=True)
    y, _, right_ends = _lined_up(right, right_legs, summed_last=False)
    product = numpy_matmul(x, y) if left_legs.summed else x * y
    return product.reshape(product.shape[0], *left_batch, *left_ends, *right_ends)


def _lined_up(
    array: Array, legs: Legs, *, summed_last: bool
) -> tuple[Array, tuple[int, ...], tuple[int, ...]]:
    """Read an operand as a stack of matrices; return also the dims of its batch and other axes."""
    batch = [1 + axis for axis in legs.batch]
    ends = [*(1 + axis for axis in legs.free), array.ndim - 2, array.ndim - 1]
    summed = [1 + axis for axis in legs.summed]
    batch_dims = tuple(array.shape[axis] for axis in batch)
    end_dims = tuple(array.shape[axis] for axis in ends)
    n_ends, n_summed = prod(end_dims), prod(array.shape[axis] for axis in summed)
    if summed_last:
        order, matrix = [0, *batch, *ends, *summed], (n_ends, n_summed)
    else:
        order, matrix = [0, *batch, *summed, *ends], (n_summed, n_ends)
    return (
        array.transpose(order).reshape(array.shape[0], *batch_dims, *matrix),
        batch_dims,
        end_dims,
    )


def _settled(
    array: Array,
    log: Array,
    step: Step,
    values: Values,
    *,
    readings: tuple[int, ...],
    n_row: int,
) -> tuple[Array, Array]:
    """Bring the parts of row and column together, and shorten what is too long."""
    if values.factor is not None:
        for axis in readings:
            array = np.moveaxis(np.tensordot(array, values.factor, axes=(axis, 0)), -1, axis)
    made, shape, count = step.made, step.shape, array.shape[0]
    first_row = 1 + len(made.kept)
    first_column = first_row + n_row
    kept, row = range(1, first_row), range(first_row, first_column)
    column = range(first_column, array.ndim)
    if shape.row < made.row:
        tall = array.transpose(0, *row, *kept, *column).reshape(count, made.row, -1)
        short = _r_factors(tall).reshape(count, -1, *made.kept, made.column)
        array = np.moveaxis(short, 1, -2)
    elif shape.column < made.column:
        tall = array.transpose(0, *column, *kept, *row).reshape(count, made.column, -1)
        short = _r_factors(tall).reshape(count, -1, *made.kept, made.row)
        array = np.moveaxis(short, 1, -1)
    else:
        array = array.reshape(count, *made.kept, made.row, made.column)
    array, extra = power_of_two(np, array, None)
    return array, log + extra


def _r_factors(tall: Array) -> Array:
    factors: Any = np.linalg.qr(tall, mode="r")
    return np.asarray(factors)
