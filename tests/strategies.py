"""Hypothesis strategies: networks, forests and mode trees, each with a side of a partition."""

import dataclasses
import itertools
import math

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tnet.geometry.mode_tree import ModeTree
from tnet.network.groups import OPERATORS, IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

SMALL_DIMS = st.sampled_from([1, 2, 2, 3, 4, 5])
POWERS_OF_TWO = st.sampled_from([1, 2, 2, 4])
NEAR_TIES = (1, 2, 3, 7, 50, 1024, 1025, 959, 997, 908, 1053)


def examples(count):
    """Settings of a property test: how many examples, and no limit on the time of one."""
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, suppress_health_check=slow)


def _parameter_shape(group, dims):
    shape = tuple(dims[index] for index in group.indices[0])
    return group.shared, shape if group.shared else (group.count, *shape)


@st.composite
def networks(
    draw,
    *,
    max_tensors=6,
    max_readings=5,
    dims=SMALL_DIMS,
    sharing=True,
    rereads=True,
    multiplicities=True,
    operators=False,
    outputs=True,
):
    """Hypernetworks with loops, hyperedges, diagonals, disconnected parts, rereads and outputs."""
    operator = st.sampled_from(OPERATORS) if operators else st.just("product")
    index_groups = []
    for number in range(draw(st.integers(1, 6))):
        roles = ["input", "inner", "inner"] + (["output"] if outputs else [])
        role = "input" if number == 0 else draw(st.sampled_from(roles))
        multiplicity = draw(st.sampled_from([1, 1, 2])) if multiplicities else 1
        count = draw(st.integers(1, 2))
        index_groups.append(
            IndexGroup(f"i{number}", draw(dims), count, role, draw(operator), multiplicity)
        )
    owner = [group for group in index_groups for _ in range(group.count)]
    ids = range(len(owner))
    dim_of = [group.dim for group in owner]
    alike = {dim: [i for i in ids if dim_of[i] == dim] for dim in set(dim_of)}
    tensor_groups, left = [], max_tensors - 1
    for number in range(draw(st.integers(1, 4))):
        if left == 0:
            break
        count = draw(st.integers(1, min(2, left)))
        left -= count
        first = draw(st.lists(st.sampled_from(ids), max_size=4))
        rows = [first]
        if count > 1:
            rows.append([draw(st.sampled_from(alike[dim_of[index]])) for index in first])
        group = TensorGroup(
            f"t{number}",
            np.array(rows, dtype=np.int32).reshape(count, len(first)),
            shared=sharing and draw(st.booleans()),
            layer=draw(st.integers(0, 3)),
            operator=draw(operator),
            root_axis=draw(st.none() | st.integers(0, len(first) - 1)) if first else None,
        )
        shape = _parameter_shape(group, dim_of)
        twins = [g for g in tensor_groups if _parameter_shape(g, dim_of) == shape]
        if sharing and twins and draw(st.booleans()):
            group = dataclasses.replace(group, parameter=twins[0].parameter)
        tensor_groups.append(group)
    used = {int(index) for group in tensor_groups for index in group.indices.flat}
    unused = [index for index in ids if index not in used]
    if unused or not tensor_groups:
        tensor_groups.append(TensorGroup("rest", np.array([unused], dtype=np.int32)))
    inputs = draw(st.permutations([i for i in ids if owner[i].role == "input"]))
    modes, dim_of_mode = [], []
    for index in inputs:
        same = [m for m, dim in enumerate(dim_of_mode) if dim == dim_of[index]]
        if rereads and same and draw(st.sampled_from([False, False, True])):
            modes.append(draw(st.sampled_from(same)))
        else:
            modes.append(len(dim_of_mode))
            dim_of_mode.append(dim_of[index])
    n_modes = len(dim_of_mode)
    shapes = [(n_modes,)] + [(s, n_modes // s) for s in range(2, n_modes) if n_modes % s == 0]
    return TensorNetwork(
        tuple(index_groups),
        tuple(tensor_groups),
        np.array(inputs, dtype=np.int32),
        np.array(modes, dtype=np.int32),
        draw(st.permutations([i for i in ids if owner[i].role == "output"])),
        draw(st.sampled_from(shapes)),
    )


def sides_of(network):
    """Flags of the elements of `network`, all choices alike."""
    n_modes = network.n_modes
    return st.lists(st.booleans(), min_size=n_modes, max_size=n_modes).map(
        lambda flags: np.array(flags, dtype=bool)
    )


@st.composite
def networks_with_side(draw, **options):
    network = draw(networks(**options))
    return network, draw(sides_of(network))


@st.composite
def forests(draw, *, max_tensors=200, dims=NEAR_TIES):
    """Forests grown at random, with hyperedges, several trees, outputs and near-ties of dims."""
    n_tensors = draw(st.integers(2, max_tensors))
    p_new_tree = draw(st.sampled_from([0.0, 0.02, 0.3]))
    p_input = draw(st.sampled_from([0.2, 0.6, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, ends = [[]], []
    for tensor in range(1, n_tensors):
        rows.append([])
        if rng.random() < p_new_tree:
            continue
        above = int(rng.integers(max(0, tensor - 20), tensor))
        joined = [e for e in rows[above] if rng.random() < 0.3]
        index = joined[0] if joined else len(ends)
        if not joined:
            ends.append([above])
            rows[above].append(index)
        ends[index].append(tensor)
        rows[tensor].append(index)
    for tensor, row in enumerate(rows):
        if rng.random() < p_input or not row:
            row.append(len(ends))
            ends.append([tensor])
    is_input = [len(tensors) == 1 or rng.random() < 0.1 for tensors in ends]
    n_bonds = len(ends)
    for _ in range(int(rng.integers(0, 3))):
        touched = rng.choice(n_tensors, size=min(3, n_tensors), replace=False)
        for tensor in touched.tolist():
            rows[tensor].append(len(ends))
        ends.append(touched.tolist())
    index_groups = tuple(
        IndexGroup(
            f"i{number}",
            int(rng.choice(dims)),
            role="output" if number >= n_bonds else "input" if is_input[number] else "inner",
        )
        for number in range(len(ends))
    )
    tensor_groups = tuple(
        TensorGroup(f"t{number}", np.array([rng.permutation(row)], dtype=np.int32))
        for number, row in enumerate(rows)
    )
    return TensorNetwork(index_groups, tensor_groups)


@st.composite
def forests_with_side(draw, **options):
    network = draw(forests(**options))
    seed = draw(st.integers(0, 2**32))
    share = draw(st.sampled_from([0.1, 0.5, 0.9]))
    return network, np.random.default_rng(seed).random(network.n_modes) < share


def _nested(draw, modes, depth):
    if len(modes) == 1 and (depth == 0 or draw(st.integers(0, 3)) > 0):
        return modes[0]
    if len(modes) == 1:
        return (_nested(draw, modes, depth - 1),)
    if depth == 0:
        return tuple(modes)
    cuts = sorted(draw(st.sets(st.integers(1, len(modes) - 1), min_size=1, max_size=3)))
    bounds = [0, *cuts, len(modes)]
    parts = [modes[start:stop] for start, stop in itertools.pairwise(bounds)]
    return tuple(_nested(draw, part, depth - 1) for part in parts)


@st.composite
def nested_trees(draw, *, min_modes=2, max_modes=10):
    """Nested tuples over shuffled modes, with windows of one among them."""
    n_modes = draw(st.integers(min_modes, max_modes))
    nested = _nested(draw, draw(st.permutations(range(n_modes))), draw(st.integers(0, 4)))
    return nested if isinstance(nested, tuple) else (nested,)


@st.composite
def mode_trees_with_side(draw, **options):
    tree = ModeTree.from_nested(draw(nested_trees(**options)))
    flags = draw(st.lists(st.booleans(), min_size=tree.n_modes, max_size=tree.n_modes))
    return tree, np.array(flags, dtype=bool)


def size_of_coefficients(network):
    """Number of entries of the coefficient tensor, one axis per reading."""
    return math.prod(network.dim_of(int(index)) for index in network.inputs)
