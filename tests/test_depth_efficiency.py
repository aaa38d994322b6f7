"""Depth against width: grids by plain loops, dense and exact ranks, all partitions of a few."""

import itertools
import math

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import modular_rank
from strategies import examples

import tnet
from tnet.errors import (
    FeatureError,
    OperatorError,
    ParameterError,
    PartitionError,
    RedundantWidthWarning,
    SizeLimitError,
    SpecError,
)
from tnet.expressiveness.depth.candidates import candidates
from tnet.expressiveness.depth.distance import distance_to_width
from tnet.expressiveness.depth.efficiency import depth_efficiency
from tnet.expressiveness.depth.open_sets import shallow_open_set
from tnet.expressiveness.depth.term_ranks import term_rank
from tnet.expressiveness.depth.truncation import truncation_penalty
from tnet.expressiveness.depth.width_bound import shallow_width_lower_bound
from tnet.expressiveness.depth.witness import depth_witness, score_error

MEETS = {
    "product": lambda a, b: a * b,
    "max": lambda a, b: max(a, b, 0),
    "sum": lambda a, b: max(a, 0) + max(b, 0),
    "softplus": lambda a, b: math.log(math.exp(a) + math.exp(b)),
    "norm": math.hypot,
}


def plain_grid(spec, parameters):
    """Every entry by the recursion over windows, one-hot templates, a channel at a time."""
    tree, meet = spec.tree, MEETS[spec.operator]
    children = [np.nonzero(tree.parent == node)[0].tolist() for node in range(len(tree.parent))]
    row = {
        int(n): k for level in range(-1, tree.n_levels) for k, n in enumerate(nodes(tree, level))
    }

    def passed(node, cell):
        """What a node hands to its window: its channels behind the matrix above it."""
        array = parameters[f"conv{int(tree.level[node]) + 1}"]
        matrix = array if spec.shared else array[row[node]]
        below = np.eye(spec.features)[cell[node]] if node < tree.n_modes else window(node, cell)
        return [sum(x * w for x, w in zip(below, column, strict=True)) for column in matrix.T]

    def window(node, cell):
        first, *others = [passed(child, cell) for child in children[node]]
        for other in others:
            first = [meet(a, b) for a, b in zip(first, other, strict=True)]
        return first

    grid = np.empty((spec.features,) * tree.n_modes)
    for cell in itertools.product(range(spec.features), repeat=tree.n_modes):
        root = window(len(tree.parent) - 1, cell)
        grid[cell] = sum(x * w for x, w in zip(root, parameters["out"], strict=True))
    return grid


def nodes(tree, level):
    return np.nonzero(tree.level == level)[0]


def matrix_of(grid, side):
    rest = [axis for axis in range(grid.ndim) if axis not in side]
    rows = math.prod(grid.shape[axis] for axis in side)
    return grid.transpose([*side, *rest]).reshape(rows, -1)


def balanced(n):
    return list(itertools.combinations(range(n), n // 2))


def exact_rank(matrix):
    rows = [[int(entry) for entry in row] for row in matrix]
    return flint.fmpz_mat(rows).rank()


def whole(parameters, seed=0, low=-3, high=4):
    rng = np.random.default_rng(seed)
    return {name: rng.integers(low, high, size=a.shape) for name, a in parameters.items()}


def oracle_term_rank(operator, features, n, side):
    if operator == "max":
        return (features - 1) * min(len(side), n - len(side)) + 1
    return {"product": 1, "sum": 2}[operator]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("operator", ["product", "max", "sum", "softplus", "norm"])
@pytest.mark.parametrize(("inputs", "window"), [(4, 2), (6, (2, 3))])
def test_the_best_rank_is_that_of_plain_loops_over_all_halves(inputs, window, operator, shared):
    spec = tnet.ConvNet(
        inputs, features=2, widths=(2, 2), window=window, operator=operator, shared=shared
    )
    parameters = tnet.random_parameters(spec.compile(), seed=4)
    grid = plain_grid(spec, parameters)
    for shallow in ("product", "max", "sum"):
        found = shallow_width_lower_bound(spec, parameters, operator=shallow)
        ratios = [
            np.linalg.matrix_rank(matrix_of(grid, side), rtol=1e-11)
            / oracle_term_rank(shallow, 2, inputs, side)
            for side in balanced(inputs)
        ]
        assert found.ratio == max(ratios)
        assert found.width == math.ceil(max(ratios))
        on_a = np.nonzero(found.side_a)[0].tolist()
        assert found.rank == np.linalg.matrix_rank(matrix_of(grid, on_a), rtol=1e-11)
        assert found.claim.kind == "numerical"
        assert str(on_a)[1:-1] in found.argument


@pytest.mark.parametrize("operator", ["product", "max", "sum"])
@pytest.mark.parametrize("seed", range(3))
def test_ranks_of_whole_numbers_are_exact(operator, seed):
    spec = tnet.ConvNet(6, features=2, widths=(2, 2), window=(2, 3), operator=operator)
    net = spec.compile()
    parameters = whole(tnet.random_parameters(net), seed)
    grid = plain_grid(spec, parameters)
    found = shallow_width_lower_bound(net, parameters, operator="product")
    assert found.rank == max(exact_rank(matrix_of(grid, side)) for side in balanced(6))
    assert found.claim.kind == ("numerical" if operator == "sum" else "lower bound")


def test_templates_take_the_place_of_first_level_weights():
    spec = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max")
    parameters = whole(tnet.random_parameters(spec.compile()), seed=1, low=-50, high=50)
    templates = np.array([[1, 0], [2, -1], [0, 3]])
    wider = tnet.ConvNet(4, features=3, widths=(2, 2), operator="max")
    moved = parameters | {"conv0": templates @ parameters["conv0"]}
    ours = shallow_width_lower_bound(spec, parameters, operator="max", templates=templates)
    listed = shallow_width_lower_bound(spec, parameters, operator="max", templates=[templates] * 4)
    theirs = shallow_width_lower_bound(wider, moved, operator="max")
    assert ours.rank == listed.rank == theirs.rank > 1
    assert ours.term_rank == theirs.term_rank == 5
    products = tnet.ConvNet(4, features=2, widths=(2, 2))
    assert shallow_width_lower_bound(products, parameters, templates=templates).rank == 4


def test_a_deep_product_network_of_64_inputs_needs_no_grid():
    spec = tnet.ConvNet(64, features=2, widths=(3, 2, 2, 2, 2, 4))
    parameters = whole(tnet.random_parameters(spec.compile()), low=1, high=100)
    side = tnet.partitions.left_right(64)
    found = shallow_width_lower_bound(spec, parameters, sides=[side])
    assert found.width == found.rank == tnet.min_cut(spec.compile(), side).dimension == 2
    assert found.claim.kind == "lower bound"
    floats = {name: array / 99 for name, array in parameters.items()}
    assert shallow_width_lower_bound(spec, floats, sides=[side]).rank == 2


def test_readings_of_one_element_are_one_axis_and_scores_are_asked_one_by_one():
    spec = tnet.DeepRecurrent(4, features=2, hidden=2, layers=2)
    parameters = tnet.random_parameters(spec.compile())
    grid = tnet.grid_tensor(spec, parameters, np.eye(2))
    best = max(np.linalg.matrix_rank(matrix_of(grid, side)) for side in balanced(4))
    assert shallow_width_lower_bound(spec, parameters).rank == best
    scores = tnet.ConvNet(4, features=2, widths=(2, 2), outputs=2, operator="max")
    weights = tnet.random_parameters(scores.compile())
    weights["out"][:, 0] = 0
    found = [shallow_width_lower_bound(scores, weights, output=y).width for y in (0, 1)]
    assert found[0] == 0 < found[1]


@examples(60)
@given(
    operator=st.sampled_from(["product", "max", "sum"]),
    inputs=st.integers(2, 5),
    features=st.integers(1, 3),
    width=st.integers(1, 4),
    shared=st.booleans(),
    integers=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_a_network_that_is_shallow_gets_no_bound_above_its_width(
    *, operator, inputs, features, width, shared, integers, seed
):
    spec = tnet.ConvNet(
        inputs, features=features, widths=(width,), window=inputs, operator=operator, shared=shared
    )
    net = spec._network()
    parameters = tnet.random_parameters(net, seed=seed)
    if integers:
        parameters = whole(parameters, seed)
    found = shallow_width_lower_bound(net, parameters, operator=operator)
    assert found.width <= width
    errors = distance_to_width(net, parameters, [width], operator=operator)
    assert errors.relative[0] < 1e-7


def test_planted_widths_are_found_exactly_with_products():
    for width in range(1, 9):
        net = tnet.CP(6, features=2, width=width).compile()
        assert shallow_width_lower_bound(net, tnet.random_parameters(net, seed=3)).width == width


@pytest.mark.parametrize(("features", "n_a", "n_b"), [(2, 1, 1), (2, 2, 2), (3, 2, 2), (3, 1, 3)])
def test_no_single_term_has_a_larger_rank_and_some_have_it(features, n_a, n_b):
    rng = np.random.default_rng(0)
    n = n_a + n_b
    side = np.arange(n) < n_a
    most = term_rank("max", [features] * n, side)
    tables = list(rng.normal(size=(100, n, features)))
    # With one number below 0 at every element, the others can all be told apart.
    apart = [rng.permutation(n * features).reshape(n, features) + 1.0 for _ in range(200)]
    tables += [np.where(np.arange(features) > 0, table, -1.0) for table in apart]
    ranks = [rank_of_term(table, n_a, max) for table in tables]
    assert max(ranks) == most == (features - 1) * min(n_a, n_b) + 1
    sums = [rank_of_term(np.maximum(table, 0), n_a, lambda *terms: sum(terms)) for table in tables]
    assert max(sums) == term_rank("sum", [features] * n, side)
    assert term_rank("product", [features] * n, side) == 1


def rank_of_term(table, n_a, meet):
    """Rank of one channel, which meets an entry of every row of a table, and 0."""
    n, features = table.shape
    grid = np.empty((features,) * n)
    for cell in itertools.product(range(features), repeat=n):
        grid[cell] = meet(0.0, *(table[i, d] for i, d in enumerate(cell)))
    return np.linalg.matrix_rank(matrix_of(grid, range(n_a)), rtol=1e-11)


@pytest.mark.parametrize("operator", ["softplus", "norm"])
def test_a_single_term_of_softplus_or_norm_can_have_full_rank(operator):
    net = tnet.CP(2, features=3, width=1, operator=operator).compile()
    parameters = {name: 3 * a for name, a in tnet.random_parameters(net, seed=1).items()}
    assert shallow_width_lower_bound(net, parameters).rank == 3
    with pytest.raises(OperatorError, match=f"'{operator}', and a single channel .* full rank"):
        shallow_width_lower_bound(net, parameters, operator=operator)


def test_candidates_are_all_halves_or_named_ones():
    for n in range(2, 9):
        sides = [tuple(np.nonzero(side)[0].tolist()) for side in candidates((n,)).sides]
        halves = {frozenset([h, tuple(set(range(n)) - set(h))]) for h in balanced(n)}
        assert {frozenset([s, tuple(set(range(n)) - set(s))]) for s in sides} == halves
        assert len(sides) == len(halves)
    many = candidates((4, 4), seed=3)
    assert len(many.sides) == len(np.unique(many.sides, axis=0))
    assert (many.sides.sum(axis=1) == 8).all()
    assert (many.sides == candidates((4, 4), seed=3).sides).all()
    assert candidates((16,), [[0], [0, 1]]).text == "2 given partitions"


@pytest.mark.parametrize("shared", [False, True])
def test_products_are_completely_depth_efficient(shared):
    for inputs, features, widths in [(4, 4, (3, 2)), (8, 3, (3, 3, 3)), (16, 2, (2, 2, 2, 2))]:
        spec = tnet.ConvNet(inputs, features=features, widths=widths, shared=shared)
        expected = min(widths[0], features) ** (inputs // 2)
        found = depth_efficiency(spec, samples=6)
        assert found.shares == {expected: 1.0}
        assert found.complete == 1
        assert found.interval.exact
        assert found.interval.lower == expected == modular_rank_of(spec)
        against_max = depth_efficiency(spec, samples=2, shallow="max")
        most = (features - 1) * inputs // 2 + 1
        assert against_max.widths.tolist() == [-(-expected // most)] * 2


def modular_rank_of(spec):
    return modular_rank(spec.compile(), tnet.partitions.odd_even(spec.shape))


@pytest.mark.parametrize("shared", [False, True])
def test_rectifiers_are_not(shared):
    spec = tnet.ConvNet(4, features=4, widths=(4, 2), operator="max", shared=shared)
    found = depth_efficiency(spec, samples=40, shallow="max", seed=2)
    assert 0 < found.complete < 1
    assert found.share_up_to(1) > 0
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.largest == 3
    assert found.interval is None
    for draw in (0, 7, 39):
        seed = int(np.random.SeedSequence([2, draw]).generate_state(1)[0])
        grid = plain_grid(spec, tnet.random_parameters(spec.compile(), seed=seed))
        rank = np.linalg.matrix_rank(matrix_of(grid, [0, 2]), rtol=1e-12)
        assert found.ratios[draw] == rank / 7
    x, y = found.curve(bins=6)
    assert (x[0], x[-1]) == (0, 3)
    assert y[1:-1:2].sum() == pytest.approx(1)
    best = depth_efficiency(spec, samples=40, shallow="max", side_a="best", seed=2)
    assert (best.ratios >= found.ratios).all()
    assert "all 3 balanced partitions" in best.sampling


DEEP = [
    (tnet.ConvNet(4, features=3, widths=(2, 1), operator="max"), 2),
    (tnet.ConvNet(4, features=2, widths=(4, 3), operator="max", shared=True), 2),
    (tnet.ConvNet(4, features=3, widths=(3, 2), operator="max", pooling="mirror"), 3),
    (tnet.ConvNet(8, features=2, widths=(3, 2, 2), operator="max"), 2),
    (tnet.ConvNet(6, features=2, widths=(2, 2), window=(2, 3), operator="max", shared=True), 2),
    (tnet.ConvNet(8, features=2, widths=(2, 1), window=(2, 4), operator="max"), 2),
]


@pytest.mark.parametrize(("spec", "k"), DEEP, ids=range(len(DEEP)))
def test_the_witness_says_whether_pairs_are_equal_and_needs_exponential_width(spec, k):
    witness = depth_witness(spec)
    pairs = [np.nonzero(spec.tree.parent == w)[0].tolist() for w in nodes(spec.tree, 0)]
    grid = plain_grid(spec, witness.parameters)
    for cell in itertools.product(range(spec.features), repeat=spec.tree.n_modes):
        equal = all(cell[i] == cell[j] < k for i, j in pairs)
        assert grid[cell] == k - equal
    assert np.nonzero(witness.side_a)[0].tolist() == [pair[0] for pair in pairs]
    rank = exact_rank(matrix_of(grid, [pair[0] for pair in pairs]))
    assert witness.rank == k ** len(pairs)
    assert rank == witness.rank + (k < spec.features)
    bound = shallow_width_lower_bound(
        spec, witness.parameters, operator="max", sides=[witness.side_a]
    )
    assert bound.claim.kind == "lower bound"
    assert bound.rank == rank
    assert bound.width >= witness.width() == math.ceil(witness.rank / bound.term_rank)
    assert witness.width("product") == witness.rank


@pytest.mark.parametrize(("spec", "k"), DEEP, ids=range(len(DEEP)))
def test_near_the_witness_the_rank_stays(spec, k):
    witness = depth_witness(spec)
    rng = np.random.default_rng(5)
    centre = tnet.grid_tensor(spec, witness.parameters, np.eye(spec.features))
    part = (slice(k),) * spec.tree.n_modes
    on_a = np.nonzero(witness.side_a)[0].tolist()
    assert 0 < witness.radius < 1
    for trial in range(12):
        signs = [lambda s: rng.choice([-1.0, 1.0], s), np.ones, lambda s: rng.uniform(-1, 1, s)]
        near = {
            name: array + witness.radius * signs[trial % 3](array.shape)
            for name, array in witness.parameters.items()
        }
        grid = tnet.grid_tensor(spec, near, np.eye(spec.features))
        least = np.linalg.svd(matrix_of(grid[part], on_a), compute_uv=False)[-1]
        assert least > 1e-6
        error = np.abs(grid - centre).max()
        assert error <= score_error(witness.parameters, witness.radius) * (1 + 1e-12)
        far = {n: a + 0.3 * signs[trial % 3](a.shape) for n, a in witness.parameters.items()}
        error = np.abs(tnet.grid_tensor(spec, far, np.eye(spec.features)) - centre).max()
        assert error <= score_error(witness.parameters, 0.3) * (1 + 1e-12)


def test_far_from_the_witness_the_rank_falls():
    spec = tnet.ConvNet(4, features=3, widths=(3, 1), operator="max")
    witness = depth_witness(spec)
    flat = {name: np.zeros(array.shape) for name, array in witness.parameters.items()}
    assert shallow_width_lower_bound(spec, flat, operator="max").width == 0
    assert witness.radius < 1


OPEN = [
    tnet.ConvNet(4, features=3, widths=(2, 3), operator="max"),
    tnet.ConvNet(8, features=2, widths=(3, 2, 2), operator="max"),
    tnet.ConvNet(6, features=2, widths=(1, 2), window=(3, 2), operator="max"),
    tnet.ConvNet(4, features=3, widths=(2, 2), operator="max", pooling="mirror"),
    tnet.Recurrent(4, features=3, hidden=2, ranks=2, operator="max"),
    tnet.Recurrent(4, features=3, hidden=2, ranks=3, operator="max", shared=True),
    tnet.Recurrent(3, features=2, hidden=3, ranks=(1, 2, 4), operator="max"),
]
SHARED = tnet.ConvNet(8, features=2, widths=(3, 2, 2), operator="max", shared=True)


@pytest.mark.parametrize(
    ("spec", "shallow"),
    [*itertools.product(OPEN, ["max", "product"]), (SHARED, "max")],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_one_shallow_channel_matches_all_networks_of_an_open_set(spec, shallow):
    found = shallow_open_set(spec, shallow=shallow)
    n, rng = spec.shape[0], np.random.default_rng(1)
    assert found.contains(found.parameters)
    ranks = set()
    for trial in range(12):
        signs = [lambda s: rng.choice([-1.0, 1.0], s), lambda s: rng.uniform(-1, 1, s)]
        scale = found.radius * (1 - 1e-6)
        near = {
            name: array + scale * signs[trial % 2](array.shape)
            for name, array in found.parameters.items()
        }
        assert found.contains(near)
        cp, weights = found.shallow_network(near)
        assert (cp.width, cp.operator) == (1, shallow)
        deep = tnet.grid_tensor(spec, near, np.eye(spec.features))
        np.testing.assert_allclose(
            tnet.grid_tensor(cp, weights, np.eye(spec.features)), deep, rtol=1e-12, atol=1e-13
        )
        bound = shallow_width_lower_bound(spec, near, operator=shallow)
        assert bound.width <= 1
        ranks.add(bound.rank)
    # Of one product channel, or of what does not listen, the rank is 1; of a maximum it is more.
    if shallow == "product" or isinstance(spec, tnet.Recurrent):
        assert ranks <= {0, 1}
        assert 1 in ranks
    else:
        assert max(ranks) > 1
    outside = {name: -array - 1 for name, array in found.parameters.items()}
    assert not found.contains(outside)
    with pytest.raises(ParameterError, match="not in the open set"):
        found.shallow_network(outside)
    assert f"channel with {shallow}" in repr(found)
    assert n == len(cp.compile().inputs)


def moved(parameters, distance, *, matrices, others):
    """All weights changed by `distance`: those of the first row and of the rest by own signs."""
    found = {}
    for name, array in parameters.items():
        first, rest = matrices if name.startswith(("C", "conv")) else others
        signs = np.full(array.shape, rest)
        signs[0] = first
        found[name] = array + distance * signs
    return found


@pytest.mark.parametrize("spec", [OPEN[0], OPEN[1], *OPEN[4:]])
def test_the_radius_holds_at_the_corners_and_is_not_far_too_small(spec):
    found = shallow_open_set(spec, shallow="product")
    signs = list(itertools.product([-1.0, 1.0], repeat=2))
    corners = [{"matrices": a, "others": b} for a, b in itertools.product(signs, signs)]
    inside, outside = found.radius * (1 - 1e-6), found.radius * 1.05
    assert all(found.contains(moved(found.parameters, inside, **corner)) for corner in corners)
    tight = [found.contains(moved(found.parameters, outside, **corner)) for corner in corners]
    # With one C for all steps, no corner has a low first step and high ones later.
    assert spec.shared or not all(tight)


def test_the_centre_of_the_recurrent_set_is_the_constant_tensor():
    for spec in OPEN[4:]:
        grid = tnet.grid_tensor(spec, shallow_open_set(spec).parameters, np.eye(spec.features))
        np.testing.assert_allclose(grid, 2.0)


def truncated(spec, depth, widths):
    """Windows of 2 up to level depth - 2, then one over all that is left."""
    n = spec.tree.n_modes
    groups = list(range(n))
    for _ in range(depth - 1):
        groups = [tuple(groups[k : k + 2]) for k in range(0, len(groups), 2)]
    tree = tnet.ModeTree.from_nested(tuple(groups))
    return tnet.ConvNet(n, features=spec.features, widths=widths, pooling=tree)


WIDTHS = [(3, 2, 3), (2, 4, 4), (4, 3, 2), (3, 4, 5), (2, 3, 9), (1, 4, 4)]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("features", [2, 3])
@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
def test_the_deep_rank_across_blocks_is_exact(widths, features, shared):
    spec = tnet.ConvNet(8, features=features, widths=widths, shared=shared)
    for depth in (1, 2, 3):
        found = truncation_penalty(spec, depth)
        assert (found.side_a == tnet.partitions.blocks(8, 2 ** (depth - 1))).all()
        assert modular_rank(spec.compile(), found.side_a) == found.rank == found.width
        if not shared:
            assert tnet.min_cut(spec.compile(), found.side_a).dimension == found.rank


@pytest.mark.parametrize("features", [2, 5])
@pytest.mark.parametrize("widths", WIDTHS)
def test_no_partition_asks_for_a_larger_last_width(widths, features):
    spec = tnet.ConvNet(8, features=features, widths=widths)
    sides = np.array([s for s in itertools.product([False, True], repeat=8) if not s[0]])
    deep = [tnet.min_cut(spec.compile(), side).dimension for side in sides]
    for depth in (1, 2, 3):
        found = truncation_penalty(spec, depth)
        free = [10**6] * (depth - 1)
        cuts = {}
        for last in {found.width, max(1, found.width - 1)}:
            net = truncated(spec, depth, (*free, last)).compile()
            cuts[last] = [tnet.min_cut(net, side).dimension for side in sides]
        assert all(cut >= rank for cut, rank in zip(cuts[found.width], deep, strict=True))
        if found.width > 1:
            short = zip(sides, cuts[found.width - 1], deep, strict=True)
            lost = [side for side, cut, rank in short if cut < rank]
            assert any((side == ~found.side_a).all() for side in lost)


def test_ranks_across_blocks_of_16_inputs_are_exact():
    spec = tnet.ConvNet(16, features=2, widths=(3, 4, 3, 5))
    found = [truncation_penalty(spec, depth) for depth in (1, 2, 3, 4)]
    assert [penalty.rank for penalty in found] == [256, 81, 9, 3]
    for penalty in found:
        assert modular_rank(spec.compile(), penalty.side_a) == penalty.rank


def test_a_shallow_network_of_the_bound_is_wide_enough():
    """Each pair is a sum of r_0 products, and the network is multilinear in the pairs."""
    spec = tnet.ConvNet(8, features=3, widths=(2, 3, 2))
    parameters = tnet.random_parameters(spec.compile(), seed=6)
    found = shallow_width_lower_bound(spec, parameters)
    choices = list(itertools.product(range(2), repeat=4))
    leaves, passed = parameters["conv0"], parameters["conv1"]
    shallow = np.array([leaves[mode][:, [c[mode // 2] for c in choices]] for mode in range(8)])
    weights = []
    for choice in choices:
        low = [np.prod([passed[k + j][choice[k + j]] for j in (0, 1)], axis=0) for k in (0, 2)]
        high = np.prod([low[k] @ parameters["conv2"][k] for k in (0, 1)], axis=0)
        weights.append(high @ parameters["out"])
    cp = tnet.CP(8, features=3, width=16)
    wide = tnet.contract(cp.compile(), {"conv0": shallow, "out": np.array(weights)})
    np.testing.assert_allclose(wide, tnet.contract(spec.compile(), parameters), atol=1e-12)
    assert found.width == cp.width


@pytest.mark.parametrize("widths", WIDTHS)
def test_each_lower_width_is_needed_too(widths):
    spec = tnet.ConvNet(8, features=3, widths=widths)
    for depth in (2, 3):
        needed = truncation_penalty(spec, depth)
        assert needed.uniform_width == max(needed.widths)
        for level, width in enumerate(needed.widths):
            if width == 1:
                continue
            free = [10**6] * depth
            free[level] = width - 1
            net = truncated(spec, depth, tuple(free)).compile()
            side = tnet.partitions.blocks(8, 2**level)
            assert tnet.min_cut(net, side).dimension < modular_rank(spec.compile(), side)


def test_penalties_of_long_inputs_are_exact():
    spec = tnet.ConvNet(1024, features=4, widths=(4,) * 10)
    found = truncation_penalty(spec, 1)
    assert found.width == 4**512
    assert "2^1024 or more" in repr(found)
    assert [truncation_penalty(spec, depth).width.bit_length() for depth in (9, 10)] == [5, 3]


@pytest.mark.parametrize("operator", ["product", "max"])
@pytest.mark.parametrize("shallow", ["product", "max", "sum"])
def test_distances_are_tails_of_singular_values(operator, shallow):
    spec = tnet.ConvNet(6, features=2, widths=(3, 2), window=(2, 3), operator=operator)
    parameters = tnet.random_parameters(spec.compile(), seed=8)
    grid = plain_grid(spec, parameters)
    widths = (1, 2, 3, 8, 10**30)
    found = distance_to_width(spec, parameters, widths, operator=shallow)
    most = oracle_term_rank(shallow, 2, 6, range(3))
    for width, distance in zip(widths, found.distances, strict=True):
        tails = [
            np.sqrt(
                (np.linalg.svd(matrix_of(grid, s), compute_uv=False)[width * most :] ** 2).sum()
            )
            for s in balanced(6)
        ]
        assert distance == pytest.approx(max(tails), abs=1e-12)
    np.testing.assert_allclose(found.distances, found.relative * np.linalg.norm(grid))


@pytest.mark.parametrize("shallow", ["product", "max"])
def test_no_shallow_network_is_nearer(shallow):
    spec = tnet.ConvNet(4, features=3, widths=(3, 3), operator=shallow)
    parameters = tnet.random_parameters(spec.compile(), seed=2)
    if shallow == "max":
        parameters = depth_witness(spec).parameters
    deep = plain_grid(spec, parameters).ravel()
    found = distance_to_width(spec, parameters, (1, 2), operator=shallow)
    assert found.relative[0] > (0.01 if shallow == "max" else 0.1)
    rng = np.random.default_rng(0)
    for width, least in zip((1, 2), found.distances, strict=True):
        best = math.inf
        for _ in range(100):
            tables = rng.normal(size=(4, 3, width))
            terms = tables[0]
            for table in tables[1:]:
                met = (terms[:, None], table[None])
                terms = np.multiply(*met) if shallow == "product" else np.maximum(*met)
                terms = terms.reshape(-1, width)
            terms = terms if shallow == "product" else np.maximum(terms, 0)
            # The best sum of these terms.
            weights = np.linalg.lstsq(terms, deep)[0]
            best = min(best, np.linalg.norm(terms @ weights - deep))
        assert best >= least


def test_distances_on_templates_of_whole_numbers_are_those_of_the_grid():
    parameters = whole(tnet.random_parameters(PRODUCT.compile()), low=-9, high=9)
    templates = np.array([[1, 2], [3, -1], [0, 5]])
    grid = tnet.grid_tensor(PRODUCT, parameters, templates)
    found = distance_to_width(PRODUCT, parameters, [1, 3], templates=templates)
    matrices = [matrix_of(grid.astype(float), side) for side in balanced(4)]
    for width, distance in zip((1, 3), found.distances, strict=True):
        tails = [np.linalg.svd(matrix, compute_uv=False)[width:] for matrix in matrices]
        assert distance == pytest.approx(max(np.linalg.norm(tail) for tail in tails))
    assert shallow_width_lower_bound(PRODUCT, parameters, templates=templates).rank == max(
        exact_rank(matrix) for matrix in matrices
    )


def test_large_and_small_scales_do_not_matter():
    spec = tnet.ConvNet(4, features=2, widths=(2, 2))
    parameters = tnet.random_parameters(spec.compile())
    plain = distance_to_width(spec, parameters, [1, 2])
    tiny = {name: array * 1e-60 for name, array in parameters.items()}
    scaled = distance_to_width(spec, tiny, [1, 2])
    np.testing.assert_allclose(scaled.relative, plain.relative)
    assert scaled.norm_log2 < -1000
    zero = {name: 0 * array for name, array in parameters.items()}
    found = distance_to_width(spec, zero, [1])
    assert (found.relative[0], found.distances[0]) == (0, 0)


PRODUCT = tnet.ConvNet(4, features=2, widths=(2, 2))
SHALLOW = tnet.CP(4, features=2, width=3).as_convnet
MAX = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: depth_efficiency(SHALLOW, samples=2), SpecError, "one level.*shallow already"),
        (lambda: depth_efficiency(PRODUCT, samples=0), SpecError, "samples"),
        (lambda: depth_efficiency(PRODUCT, samples=1, side_a="odd"), SpecError, "side_a is 'odd'"),
        (lambda: depth_efficiency(PRODUCT, samples=1, seed=-1), SpecError, "seed is -1"),
        (lambda: depth_efficiency(PRODUCT, samples=1, shallow="norm"), OperatorError, "'norm'"),
        (
            lambda: depth_efficiency(
                tnet.ConvNet(4, features=2, widths=(2, 2), outputs=2), samples=1
            ),
            SpecError,
            "outputs is 2",
        ),
        (
            lambda: depth_efficiency(tnet.CP(4, features=2, width=3), samples=1),
            SpecError,
            "is a CP; give the ConvNet spec",
        ),
        (
            lambda: depth_efficiency(
                tnet.ConvNet(16, features=4, widths=(2,) * 4, operator="max"), samples=1
            ),
            SizeLimitError,
            "65,536 by 65,536.*up to 4,096",
        ),
        (
            lambda: depth_efficiency(tnet.ConvNet(64, features=4, widths=(4,) * 6), samples=1),
            SizeLimitError,
            r"min cut 2\^64 or more.*up to 4,096",
        ),
        (
            lambda: depth_efficiency(
                tnet.ConvNet(2**14, features=4, widths=(2,) * 14, operator="max"), samples=1
            ),
            SizeLimitError,
            r"2\^16384 or more by 2\^16384",
        ),
        (
            lambda: shallow_width_lower_bound(
                tnet.Mixed(
                    *(
                        tnet.Dilated(4, features=2, widths=(2,), dilations=order)
                        for order in ((1, 2), (2, 1))
                    ),
                    features=2,
                    width=2,
                ),
                {},
            ),
            SpecError,
            "Mixed spec is two networks",
        ),
        (lambda: truncation_penalty(SHALLOW, 1), SpecError, "one level"),
        (
            lambda: truncation_penalty(PRODUCT, 3),
            SpecError,
            r"depth \(of 2 levels\) is 3; give a whole number from 1 to 2",
        ),
        (lambda: truncation_penalty(PRODUCT, 0), SpecError, "depth"),
        (lambda: truncation_penalty(MAX, 1), OperatorError, "operator is 'max'"),
        (
            lambda: truncation_penalty(tnet.ConvNet(9, features=2, widths=(2, 2), window=3), 1),
            SpecError,
            "9 inputs.*windows of 2",
        ),
        (
            lambda: truncation_penalty(
                tnet.ConvNet(
                    3,
                    features=2,
                    widths=(2, 2),
                    pooling=tnet.ModeTree.from_nested(((0, 1), 2)),
                ),
                1,
            ),
            SpecError,
            "3 inputs.*windows of 2",
        ),
        (lambda: depth_witness(PRODUCT), OperatorError, "operator is 'product'"),
        (
            lambda: depth_witness(
                tnet.ConvNet(9, features=2, widths=(2, 2), window=3, operator="max")
            ),
            SpecError,
            "9 inputs.*give every window of the first level 2",
        ),
        (
            lambda: depth_witness(tnet.ConvNet(4, features=2, widths=(1, 2), operator="max")),
            SpecError,
            "width of level 0 is 1; give 2 or more of both",
        ),
        (
            lambda: shallow_open_set(
                tnet.ConvNet(
                    3,
                    features=2,
                    widths=(2, 2),
                    pooling=tnet.ModeTree.from_nested(((0, 1), 2)),
                    operator="max",
                )
            ),
            SpecError,
            "irregular",
        ),
        (lambda: shallow_open_set(SHARED, shallow="product"), SpecError, "shared is True"),
        (
            lambda: shallow_open_set(MAX, shallow="sum"),
            OperatorError,
            "'sum'; choose max or product",
        ),
        (
            lambda: shallow_open_set(tnet.Recurrent(3, features=2, hidden=2, ranks=2)),
            OperatorError,
            "operator is 'product'; .* choose max",
        ),
        (
            lambda: shallow_open_set(
                tnet.Recurrent(1, features=2, hidden=2, ranks=2, operator="max")
            ),
            SpecError,
            "steps is 1 and outputs 1; give two steps or more",
        ),
    ],
)
def test_bad_specs_are_refused_with_what_is_wrong(call, error, match):
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize("ask", [shallow_width_lower_bound, distance_to_width])
def test_bad_arguments_are_refused_with_what_is_wrong(ask):
    def asked(spec, parameters, **options):
        more = {"widths": [1]} if ask is distance_to_width else {}
        return ask(spec, parameters, **more, **options)

    parameters = tnet.random_parameters(PRODUCT.compile())
    broken = parameters | {"conv1": parameters["conv1"].copy()}
    broken["conv1"][1, 0, 1] = np.nan
    with pytest.raises(ParameterError, match=r"'conv1' has nan at \(1, 0, 1\)"):
        asked(PRODUCT, broken)
    with pytest.raises(ParameterError, match="'out' is missing"):
        asked(PRODUCT, {name: a for name, a in parameters.items() if name != "out"})
    with pytest.raises(PartitionError, match="sides is empty"):
        asked(PRODUCT, parameters, sides=[])
    with pytest.raises(PartitionError, match="7"):
        asked(PRODUCT, parameters, sides=[[7]])
    with pytest.raises(PartitionError, match="output is 1"):
        asked(PRODUCT, parameters, output=1)
    with pytest.raises(FeatureError, match=r"element 0 have features of shape \(3, 3\)"):
        asked(PRODUCT, parameters, templates=np.eye(3))
    with pytest.raises(FeatureError, match="a list of 3 arrays for 4 elements"):
        asked(PRODUCT, parameters, templates=[np.eye(2)] * 3)
    with pytest.raises(OperatorError, match="'softplus'"):
        asked(PRODUCT, parameters, operator="softplus")
    for seed in (-1, 0.5, True, "one", None):
        with pytest.raises(SpecError, match=f"seed is {seed!r}; give a whole number of at least 0"):
            asked(PRODUCT, parameters, seed=seed)
    huge = {name: array * 1e200 for name, array in parameters.items()}
    with pytest.raises(FeatureError, match=r"not finite.*scale"):
        asked(MAX, huge)
    one = tnet.from_einsum("a->a", (2,))
    with pytest.raises(PartitionError, match="two elements or more, and the network has 1; give"):
        asked(one, {"t0": np.ones(2)})
    long = tnet.ConvNet(32, features=2, widths=(2,) * 5, operator="max")
    weights = tnet.random_parameters(long.compile())
    with pytest.raises(SizeLimitError, match="4,294,967,296 entries, and 16,777,216"):
        asked(long, weights, sides=[range(3)])


def test_bad_widths_are_refused():
    parameters = tnet.random_parameters(PRODUCT.compile())
    for widths, match in [([], "widths is"), ([0], "width 0"), ("12", "widths is '12'")]:
        with pytest.raises(SpecError, match=match):
            distance_to_width(PRODUCT, parameters, widths)


WORDS = np.array(["product", "max"])


@pytest.mark.parametrize("ask", [shallow_width_lower_bound, distance_to_width])
@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"network": 3}, SpecError, "the network is 3; give a TensorNetwork, or the spec"),
        ({"sides": np.array(1)}, PartitionError, r"sides is array\(1\)"),
        ({"sides": 1}, PartitionError, "sides is 1; give a sequence of sides"),
        ({"templates": [[1, 2], [3]]}, FeatureError, "the templates is made of rows"),
        ({"templates": [[[1, 2], [3]]] * 4}, FeatureError, "entry 0 of the templates is made of"),
        ({"templates": [["a", "b"]] * 2}, FeatureError, "entry 0 of the templates has dtype <U1"),
        ({"templates": np.eye(2) * 1j, "network": "max"}, FeatureError, "complex, .* 'max' is of"),
        ({"templates": np.ma.masked_equal(np.eye(2), 0)}, FeatureError, "2 masked entries"),
        ({"operator": WORDS}, OperatorError, "shallow operator is array"),
        ({"seed": [1] * 199}, SpecError, r"seed is \[1, 1, 1, 1, 1, 1, \.\.\.\]; give a whole"),
    ],
)
def test_what_is_no_argument_is_refused_in_words(ask, options, error, match):
    network = {"max": MAX, None: PRODUCT}.get(options.get("network"), options.get("network"))
    more = {"widths": [1]} if ask is distance_to_width else {}
    more |= {name: value for name, value in options.items() if name != "network"}
    parameters = tnet.random_parameters(PRODUCT.compile())
    if network is MAX:
        parameters = tnet.random_parameters(MAX.compile())
    with pytest.raises(error, match=match) as caught:
        ask(network, parameters, **more)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("operator", ["max", "sum", "softplus", "norm"])
def test_complex_templates_are_for_products_alone(operator):
    spec = tnet.ConvNet(4, features=2, widths=(2, 2), operator=operator)
    parameters = tnet.random_parameters(spec.compile())
    complex_ones = np.array([[1, 1j], [1, -1j]])
    for templates in (complex_ones, [complex_ones] * 4):
        with pytest.raises(
            FeatureError, match=f"complex, and the operator '{operator}' is of real"
        ):
            tnet.grid_tensor(spec, parameters, templates)
    with pytest.raises(FeatureError, match="complex"):
        tnet.grid_tensor(spec, parameters, [0.0, 1.0], lambda x: np.stack([x, x * 1j], axis=-1))
    grid = tnet.grid_tensor(PRODUCT, tnet.random_parameters(PRODUCT.compile()), complex_ones)
    assert np.iscomplexobj(grid)


DRAWN = depth_efficiency(PRODUCT, samples=2)
BOUNDS = tnet.recurrent_width_bounds(2, 2, [1], samples=1, operator="product")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: distance_to_width(PRODUCT, {}, np.array(3)), SpecError, r"widths is array\(3\)"),
        (lambda: distance_to_width(PRODUCT, {}, b"12"), SpecError, "widths is b'12'"),
        (
            lambda: truncation_penalty(PRODUCT, 10**5000),
            SpecError,
            "is an integer of 16,610 bits",
        ),
        (lambda: depth_efficiency(PRODUCT, samples=10**30), SpecError, "from 1 to 1,048,576"),
        (lambda: depth_efficiency(PRODUCT, samples=1, side_a=WORDS), SpecError, "side_a is array"),
        (
            lambda: depth_efficiency(PRODUCT, samples=1, shallow=WORDS),
            OperatorError,
            "operator is array",
        ),
        (
            lambda: depth_efficiency(PRODUCT, samples=1, progress=WORDS),
            SpecError,
            "give True or False",
        ),
        (lambda: DRAWN.curve(bins=10**30), SpecError, "bins is .*from 1 to 1,048,576"),
        (lambda: DRAWN.share_up_to(None), SpecError, "width is None; give a number"),
        (lambda: DRAWN.share_up_to("a"), SpecError, "width is 'a'; give a number"),
        (lambda: shallow_open_set(MAX, shallow=WORDS), OperatorError, "shallow is array"),
        (lambda: depth_witness(MAX).width(WORDS), OperatorError, "operator is array"),
        (lambda: tnet.grid_tensor(3, {}, np.eye(2)), SpecError, "the network is 3"),
        (lambda: tnet.grid_tensor(PRODUCT, 3, np.eye(2)), FeatureError, "parameters are a int"),
        (
            lambda: tnet.grid_tensor(PRODUCT, {}, np.eye(2), progress=WORDS),
            SpecError,
            "give True or False",
        ),
        (
            lambda: tnet.recurrent_width_bounds(10**30, 2, [1], samples=1),
            SpecError,
            "steps is .*from 1 to 1,048,576",
        ),
        (lambda: BOUNDS.curves(bins=10**30), SpecError, "bins is .*from 1 to 1,048,576"),
        (
            lambda: tnet.recurrent_width_bounds(2, 2, [1], samples=10**30),
            SpecError,
            "samples is .*from 1 to 1,048,576",
        ),
        (
            lambda: tnet.recurrent_width_bounds(2, 2, np.array(1), samples=1),
            SpecError,
            "ranks is 1; give a sequence",
        ),
        (
            lambda: tnet.recurrent_width_bounds(2, 2, [1], samples=1, shallow=WORDS),
            OperatorError,
            "shallow is array",
        ),
        (
            lambda: tnet.recurrent_width_bounds(2, 2, [1], samples=1, side_a=WORDS),
            SpecError,
            "side_a is array",
        ),
        (
            lambda: tnet.recurrent_width_bounds(2, 2, [1], samples=1, seed=-1),
            SpecError,
            "seed is -1",
        ),
    ],
)
def test_what_is_no_choice_or_number_is_refused_in_words(call, error, match):
    with pytest.raises(error, match=match) as caught:
        call()
    assert len(str(caught.value)) < 300


def test_counts_may_be_integers_of_numpy():
    deep = tnet.ConvNet(16, features=3, widths=(3,) * 4)
    for depth in range(1, 5):
        found = truncation_penalty(deep, np.int64(depth))
        assert found.widths == truncation_penalty(deep, depth).widths
        assert repr(found) == repr(truncation_penalty(deep, depth))
    assert depth_efficiency(PRODUCT, samples=np.int32(2), seed=np.uint8(0)).shares == DRAWN.shares
    assert DRAWN.share_up_to(np.float32(4)) == 1


def test_a_shared_bound_of_recurrent_networks_is_of_any_shallow_network():
    assert any("shared or not" in text for text in BOUNDS.claim.hypotheses)


def test_redundant_widths_are_warned_of_where_the_caller_is_and_only_by_those_who_draw():
    spec = tnet.ConvNet(4, features=2, widths=(9, 9), shared=True)
    with pytest.warns(RedundantWidthWarning) as warned:
        depth_efficiency(spec, samples=1)
    assert [warning.filename for warning in warned] == [__file__]
    with pytest.warns(RedundantWidthWarning):
        parameters = tnet.random_parameters(spec.compile())
    # Warnings are errors here: no more of them.
    shallow_width_lower_bound(spec, parameters)
    distance_to_width(spec, parameters, [1])
    tnet.grid_tensor(spec, parameters, np.eye(2))


def test_sixty_four_elements_are_a_grid():
    spec = tnet.ConvNet(64, features=1, widths=(1,), pooling="global", operator="max")
    parameters = {"conv0": np.ones((64, 1, 1)), "out": np.ones(1)}
    assert shallow_width_lower_bound(spec, parameters).rank == 1
