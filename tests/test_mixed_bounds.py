"""Tilings against sets, their bounds against exact ranks, and what mixing adds."""

import itertools

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import PRIME, modular_rank, tree_sets
from strategies import examples, mode_trees_with_side, nested_trees

import tnet
from tnet.errors import OperatorError, PartitionError, SpecError
from tnet.expressiveness.grid_ranks import grid_rank
from tnet.expressiveness.grid_tensors import grid_tensor
from tnet.expressiveness.mixed_bounds import (
    mixed_lower_bound,
    single_tree_width,
    swapped_dilations,
)
from tnet.expressiveness.tilings import tiling, tiling_lower_bound, tiling_upper_bound

EXAMPLE = np.isin(np.arange(1, 17), [1, 3, 5, 7, 9, 10, 13, 14])


def over(tree, *, features=2, width=2):
    widths = (width,) * (tree.n_levels - 1)
    return tnet.Dilated(tree.n_modes, features=features, widths=widths, dilations=tree)


def dilated(n, *dilations, features=2, width=2):
    widths = (width,) * (len(dilations) - 1)
    return tnet.Dilated(n, features=features, widths=widths, dilations=dilations)


@examples(100)
@given(mode_trees_with_side(max_modes=10))
def test_tiles_are_the_largest_sets_of_a_tree_on_one_side(case):
    tree, side = case
    sets = {frozenset([mode]) for mode in range(tree.n_modes)}
    sets |= {modes for _, modes in tree_sets(tree)}
    found = tiling(tree, side)
    for tiles, flags in ((found.tiles_a, side), (found.tiles_b, ~side)):
        inside = [modes for modes in sets if modes <= set(np.nonzero(flags)[0].tolist())]
        largest = [modes for modes in inside if not any(modes < other for other in inside)]
        assert sorted(map(set, tiles), key=min) == sorted(largest, key=min)
        assert sorted(itertools.chain(*tiles)) == np.nonzero(flags)[0].tolist()


@examples(60)
@given(nested_trees(max_modes=7), st.integers(1, 3), st.integers(1, 3), st.data())
def test_the_exact_rank_lies_between_both_bounds(nested, features, width, data):
    spec = over(tnet.ModeTree.from_nested(nested), features=features, width=width)
    n = spec.tree.n_modes
    side = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    lower, upper = tiling_lower_bound(spec, side), tiling_upper_bound(spec, side)
    network = spec.compile()
    assert lower.dimension <= modular_rank(network, side) <= upper.dimension
    assert tnet.min_cut(network, side).dimension <= upper.dimension
    assert (lower.claim.kind, upper.claim.kind) == ("lower bound", "upper bound")


def test_the_worked_example():
    trees = dilated(16, 1, 2, 4, 8), dilated(16, 2, 1, 8, 4)
    mixed = tnet.Mixed(*trees, features=2, width=4)
    hybrids = list(mixed.hybrids())
    for spec in trees:
        assert len(tiling(spec.tree, EXAMPLE).tiles_a) == 6
        assert tiling_lower_bound(spec, EXAMPLE).dimension == 64
        assert tiling_upper_bound(spec, EXAMPLE).dimension == 64
    best = max(hybrids, key=lambda spec: tiling_lower_bound(spec, EXAMPLE).exponent)
    assert tiling_lower_bound(best, EXAMPLE).dimension == 256
    assert tiling_upper_bound(best, EXAMPLE).dimension == 256
    bound = mixed_lower_bound(mixed, EXAMPLE)
    assert (bound.dimension, str(bound)) == (256, "2^8 (lower bound)")
    # And the ranks themselves, exactly, of one tree, and of the best hybrid.
    corners = np.array(list(itertools.product(range(2), repeat=8)))
    for spec, rank in ((trees[0], 64), (trees[1], 64), (best, 256)):
        network = spec.compile()
        rng = np.random.default_rng(0)
        parameters = {
            group.parameter: rng.integers(0, PRIME, network.parameter_shape(group))
            for group in network.tensor_groups
        }
        whole = np.empty((256, 256, 16, 2), dtype=np.int64)
        whole[:, :, EXAMPLE] = np.eye(2, dtype=np.int64)[corners][:, None]
        whole[:, :, ~EXAMPLE] = np.eye(2, dtype=np.int64)[corners][None]
        values = tnet.evaluate(network, parameters, whole.reshape(-1, 16, 2), modulo=PRIME)
        assert flint.nmod_mat(256, 256, values.reshape(-1).tolist(), PRIME).rank() == rank


def test_features_limit_the_lower_bound_and_the_root_adds_no_rank():
    spec = dilated(4, 1, 2, features=3, width=4)
    assert tiling_lower_bound(spec, [0]).dimension == 3
    assert tiling_upper_bound(spec, [0]).dimension == 4
    assert modular_rank(spec.compile(), np.arange(4) == 0) == 3
    assert tiling(spec.tree, [0, 1]).facing == ()
    assert tiling_lower_bound(spec, [0, 1]).dimension == 1
    assert modular_rank(spec.compile(), np.arange(4) < 2) == 1
    assert tiling_upper_bound(dilated(2, 1), [0]).dimension == 1
    assert tiling_upper_bound(spec, []).dimension == 1


ORDERS = list(itertools.permutations((1, 2, 4)))


@pytest.mark.parametrize("orders", list(itertools.combinations(ORDERS, 2)), ids=str)
@pytest.mark.parametrize("mixture", ["all", ()])
def test_the_mixed_bound_is_that_of_the_best_hybrid(orders, mixture):
    trees = [dilated(8, *order).tree for order in orders]
    mixed = tnet.Mixed(*trees, features=2, width=4, mixture=mixture)
    hybrids = list(mixed.hybrids())
    for chosen in itertools.chain(*(itertools.combinations(range(8), n) for n in range(5))):
        best = max(tiling_lower_bound(spec, chosen).exponent for spec in hybrids)
        assert mixed_lower_bound(mixed, chosen).exponent == best


def test_the_mixed_bound_of_uneven_trees():
    nested = [((((0, 1), (2, 3)), 4), (5, 6)), ((((0, 2), (1, 3)), 4), (5, 6))]
    trees = [tnet.ModeTree.from_nested(part) for part in nested]
    for mixture in ("all", [(0, 1, 2, 3)], [(0, 1, 2, 3, 4)], ()):
        mixed = tnet.Mixed(*trees, features=3, width=4, mixture=mixture)
        for chosen in itertools.combinations(range(7), 3):
            best = max(tiling_lower_bound(spec, chosen).exponent for spec in mixed.hybrids())
            assert mixed_lower_bound(mixed, chosen).exponent == best


def test_mixed_networks_reach_their_bound():
    trees = [dilated(8, *order).tree for order in ((1, 2, 4), (2, 1, 4))]
    mixed = tnet.Mixed(*trees, features=2, width=4)
    parameters = [tnet.random_parameters(net, seed=k) for k, net in enumerate(mixed.networks())]
    grid = grid_tensor(mixed, parameters, np.eye(2))[..., 0]
    strict = 0
    for rest in itertools.combinations(range(1, 8), 3):
        side = [0, *rest]
        bound = mixed_lower_bound(mixed, side).dimension
        assert grid_rank(grid, side, rtol=1e-10) >= bound
        alone = max(tiling_lower_bound(spec, side).dimension for spec in map(over, trees))
        strict += bound > alone
    assert strict > 0


def test_a_mixed_network_of_sixteen_inputs_seen_on_probes():
    orders = swapped_dilations(4, 2)
    assert (orders[2] == EXAMPLE).all()
    trees = [dilated(16, *order).tree for order in orders[:2]]
    mixed = tnet.Mixed(*trees, features=2, width=4)
    parameters = [tnet.random_parameters(net, seed=k) for k, net in enumerate(mixed.networks())]
    rng = np.random.default_rng(0)
    probes = rng.standard_normal((2, 80, 8, 2))
    seen = tnet.separation_rank(
        lambda x: mixed.evaluate(parameters, x), EXAMPLE, *probes, rtol=1e-12
    )
    # More than 64, the most of either tree of half the width.
    assert seen.number() == 80
    assert mixed_lower_bound(mixed, EXAMPLE).dimension == 256


@pytest.mark.parametrize("swapped", [1, 2, 3])
@pytest.mark.parametrize("levels", [4, 5])
def test_each_order_alone_has_as_many_tiles_as_the_corollary_counts(levels, swapped):
    dilations, other, side = swapped_dilations(levels, swapped)
    n = 2**levels
    assert side.sum() == n // 2
    specs = [dilated(n, *order) for order in (dilations, other)]
    for spec in specs:
        found = tiling(spec.tree, side)
        wanted = n // 4 + n // 2 ** (swapped + 1)
        assert len(found.tiles_a) == len(found.tiles_b) == len(found.facing) == wanted
    mixed = tnet.Mixed(*specs, features=2, width=4)
    assert mixed_lower_bound(mixed, side).exponent == n // 2


def test_the_width_that_one_tree_needs():
    found = single_tree_width(128, 4)
    assert (found.least, found.exponent, found.claim.kind) == (1626, 16 / 9, "lower bound")
    for width, swapped in itertools.product((2, 3, 4, 10, 31), (1, 2, 3)):
        half, least = width // 2, 1
        while least ** (2 ** (swapped - 1) + 1) < half ** (2**swapped):
            least += 1
        assert single_tree_width(width, swapped).least == least
    assert single_tree_width(10, 1).least == 5
    assert single_tree_width(2 * 10**30, 3).least == 10**48


TREE = dilated(8, 1, 2, 4)
MIXED = tnet.Mixed(TREE, dilated(8, 2, 1, 4), features=2, width=4)


def with_fields(spec, **fields):
    kept = {"features": 2, "widths": (2, 2), **fields}
    return tnet.Dilated(spec.inputs, **kept)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tiling(TREE.tree, [0, 8]), PartitionError, r"mode 8; .* 0\.\.7"),
        (lambda: tiling(TREE.tree, EXAMPLE), PartitionError, r"shape \(8,\); got shape \(16,\)"),
        (
            lambda: tiling_upper_bound(with_fields(TREE, widths=(2, 3)), [0]),
            SpecError,
            r"widths are \(2, 3\), but this bound is of networks of one width; use min_cut",
        ),
        (
            lambda: tiling_upper_bound(with_fields(TREE, operator="max"), [0]),
            OperatorError,
            "operator is 'max', and the bounds count sums of products",
        ),
        (
            lambda: tiling_lower_bound(with_fields(TREE, shared=True), [0]),
            SpecError,
            "shared is True, .* max_schmidt_number",
        ),
        (
            lambda: mixed_lower_bound(
                tnet.Mixed(TREE, TREE, features=2, width=2, operator="norm"), [0]
            ),
            OperatorError,
            "operator is 'norm'",
        ),
        (
            lambda: mixed_lower_bound(
                tnet.Mixed(TREE, TREE, features=2, width=2, shared=True), [0]
            ),
            SpecError,
            "shared is True",
        ),
        (lambda: mixed_lower_bound(MIXED, EXAMPLE), PartitionError, r"got shape \(16,\)"),
        (lambda: swapped_dilations(4, 4), SpecError, "swap at least 1 and fewer than all"),
        (lambda: swapped_dilations(4, 0), SpecError, "swapped must be an integer"),
        (lambda: single_tree_width(1, 2), SpecError, "give a width of 2 or more"),
        (lambda: single_tree_width(8, 15), SpecError, "swap up to 14"),
    ],
)
def test_bad_bounds_are_answered(call, error, message):
    with pytest.raises(error, match=message):
        call()
