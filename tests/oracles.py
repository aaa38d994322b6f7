"""Slow, obvious references to hold the fast paths against."""

import itertools
import math

import flint
import numpy as np

PRIME = 2**31 - 1


def costs_of(network):
    """What each index costs when cut, by id; None for outputs."""
    return [
        None if group.role == "output" else group.dim**group.multiplicity
        for group in network.index_groups
        for _ in range(group.count)
    ]


def cut_dimension(network, on_a, side_a):
    """Product of the dims of the indices with ends on both sides, the tensors' sides given."""
    rows = [row for group in network.tensor_groups for row in group.indices.tolist()]
    total = 1
    for index, cost in enumerate(costs_of(network)):
        if cost is None:
            continue
        ends = {on_a[tensor] for tensor, row in enumerate(rows) if index in row}
        readings = zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True)
        ends |= {bool(side_a[mode]) for reading, mode in readings if reading == index}
        if len(ends) == 2:
            total *= cost
    return total


def exhaustive_min_cut_dimension(network, side_a):
    """Least cut over every assignment of sides to the tensors."""
    assignments = itertools.product([False, True], repeat=network.n_tensors)
    return min(cut_dimension(network, on_a, side_a) for on_a in assignments)


def arrays_of_tensors(network, parameters):
    """The array of every tensor in the order of ids."""
    return [
        parameters[group.parameter] if group.shared else parameters[group.parameter][row]
        for group in network.tensor_groups
        for row in range(group.count)
    ]


def einsum_coefficients(network, parameters):
    """Coefficient tensor of output 0 by `numpy.einsum`, one axis per reading."""
    rows, kept, _ = network.to_einsum()
    pairs = zip(arrays_of_tensors(network, parameters), rows, strict=True)
    dense = np.einsum(*(part for pair in pairs for part in pair), kept)
    return dense[(..., *[0] * len(network.outputs))]


def modular_parameters(network, seed=0):
    """Uniform weights modulo PRIME, one array per parameter."""
    rng = np.random.default_rng(seed)
    return {
        group.parameter: rng.integers(0, PRIME, size=network.parameter_shape(group))
        for group in network.tensor_groups
    }


def _aligned(array, axes, union):
    order = [axes.index(index) for index in union if index in axes]
    shape = [array.shape[axes.index(index)] if index in axes else 1 for index in union]
    return array.transpose(order).reshape(shape)


def modular_coefficients(network, parameters):
    """Coefficient tensor of output 0 modulo PRIME, by summing out inner indices one by one."""
    rows, _, _ = network.to_einsum()
    outputs = set(network.outputs.tolist())
    factors = []
    for array, row in zip(arrays_of_tensors(network, parameters), rows, strict=True):
        axes = list(dict.fromkeys(row))
        diagonal = np.einsum(array, list(row), axes)
        taken = tuple(0 if index in outputs else slice(None) for index in axes)
        factors.append((diagonal[taken], [index for index in axes if index not in outputs]))
    inputs = network.inputs.tolist()
    open_or_fixed = {*inputs, *outputs}
    inner = [index for index in range(network.n_indices) if index not in open_or_fixed]
    for index in [*inner, None]:
        joined = [f for f in factors if index is None or index in f[1]]
        factors = [f for f in factors if index is not None and index not in f[1]]
        union = inputs if index is None else sorted({i for _, axes in joined for i in axes})
        total = np.ones([1] * len(union), dtype=np.int64)
        for array, axes in joined:
            total = total * _aligned(array, axes, union) % PRIME
        if index is not None:
            total = total.sum(axis=union.index(index)) % PRIME
        factors.append((total, [i for i in union if i != index]))
    dims = [network.dim_of(index) for index in inputs]
    return np.broadcast_to(factors[0][0], dims)


def matricized(network, coefficients, side_a):
    """Rows run over the readings on side A, columns over those on side B."""
    on_a = np.asarray(side_a, dtype=bool).reshape(-1)[network.input_modes]
    order = [*np.nonzero(on_a)[0], *np.nonzero(~on_a)[0]]
    n_rows = math.prod(coefficients.shape[axis] for axis in np.nonzero(on_a)[0])
    return coefficients.transpose(order).reshape(n_rows, -1)


def dense_rank(network, parameters, side_a):
    """Rank of the matricization in floating point, rounding well below the tolerance."""
    matrix = matricized(network, einsum_coefficients(network, parameters), side_a)
    return int(np.linalg.matrix_rank(matrix, rtol=1e-10))


def modular_rank(network, side_a, seed=0):
    """Exact rank, modulo PRIME, of the matricization with uniform random weights."""
    matrix = matricized(
        network, modular_coefficients(network, modular_parameters(network, seed)), side_a
    )
    n_rows, n_columns = matrix.shape
    return flint.nmod_mat(n_rows, n_columns, matrix.reshape(-1).tolist(), PRIME).rank()


def nested_height(nested):
    """Level of a nested tree: -1 for a mode, else one above its highest member."""
    return 1 + max(map(nested_height, nested)) if isinstance(nested, tuple) else -1


def nested_sets(nested):
    """The windows of a nested tree as (level, modes under it), in no order."""
    if not isinstance(nested, tuple):
        return [], frozenset([nested])
    windows, modes = [], frozenset()
    for member in nested:
        inner, under = nested_sets(member)
        windows += inner
        modes |= under
    return [*windows, (nested_height(nested), modes)], modes


def tree_sets(tree):
    """The windows of a `ModeTree` as (level, modes under it), read off its parents."""
    under = [{node} if node < tree.n_modes else set() for node in range(len(tree.parent))]
    for node, parent in enumerate(tree.parent.tolist()):
        if parent >= 0:
            under[parent] |= under[node]
    windows = range(tree.n_modes, len(tree.parent))
    return [(int(tree.level[window]), frozenset(under[window])) for window in windows]
