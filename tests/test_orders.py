"""Orders of contraction: their cost against plain sets, their quality against other planners."""

import builtins
import math
import random
from collections import Counter
from unittest import mock

import numpy as np
import opt_einsum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opt_einsum.paths import dynamic_programming, linear_to_ssa, optimal, ssa_to_linear
from strategies import forests

import tnet
from tnet.contraction.operands import Operands, network_operands, operands_of_sets
from tnet.contraction.orders import forest_order, forest_tree, subtree_orders
from tnet.contraction.orders.chain_order import chain_products
from tnet.contraction.orders.forest_order import forest_pairs, greedy_pairs
from tnet.contraction.orders.looped_order import cotengra_pairs, looped_pairs
from tnet.contraction.orders.optimizer import ForestOptimizer, register_optimizer
from tnet.contraction.orders.order_cost import cost_of
from tnet.contraction.orders.parts import Part
from tnet.contraction.orders.paths import pairs_of, positions_of
from tnet.errors import MemoryLimitError, MissingLibraryError, StructureError
from tnet.geometry.mode_tree import ModeTree

BATCH = 64


def assert_is_an_order(pairs, n_operands):
    assert pairs.shape == (n_operands - 1, 2)
    assert np.array_equal(np.sort(pairs.ravel()), np.arange(2 * n_operands - 2))
    assert (pairs.max(axis=1, initial=-1) < n_operands + np.arange(len(pairs))).all()


def cost_by_sets(operands, pairs):
    """Exact operations and largest result, following the sets."""
    needed = Counter(index for indices in operands.sets() for index in indices)
    needed.update(set(operands.output))
    present, dims = list(operands.sets()), operands.dims
    total, largest = 0, 1
    for one, other in pairs:
        for operand in (one, other):
            needed.subtract(present[operand])
        involved = present[one] | present[other]
        result = frozenset(index for index in involved if needed[index])
        needed.update(result)
        present.append(result)
        total += math.prod(dims[i] for i in involved) * (1 + (result < involved))
        largest = max(largest, math.prod(dims[i] for i in result))
    return total, largest


def planned(operands, planner):
    path = planner(
        operands.sets(), frozenset(operands.output), dict(enumerate(operands.dims)), None
    )
    return cost_by_sets(operands, linear_to_ssa(path))[0]


def ours(operands):
    pairs = forest_pairs(operands)
    assert_is_an_order(pairs, operands.count)
    return cost_by_sets(operands, pairs.tolist())[0]


@st.composite
def operand_sets(draw, *, max_operands=12):
    n_ids = draw(st.integers(1, 9))
    rows = draw(
        st.lists(st.lists(st.integers(0, n_ids - 1), max_size=4), min_size=1, max_size=max_operands)
    )
    used = sorted({index for row in rows for index in row})
    output = draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    dims = draw(st.lists(st.integers(1, 5), min_size=n_ids, max_size=n_ids))
    flat = np.array([index for row in rows for index in row], dtype=np.int64)
    starts = np.cumsum([0, *map(len, rows)])
    return Operands(flat, starts, tuple(output), dims)


@st.composite
def operands_with_order(draw, **options):
    operands = draw(operand_sets(**options))
    left, pairs = list(range(operands.count)), []
    for step in range(operands.count - 1):
        chosen = draw(st.lists(st.sampled_from(left), min_size=2, max_size=2, unique=True))
        left = [number for number in left if number not in chosen] + [operands.count + step]
        pairs.append(chosen)
    return operands, np.array(pairs, dtype=np.int64).reshape(-1, 2)


@given(operands_with_order(max_operands=20))
def test_positions_and_pairs_are_each_others_inverse_and_opt_einsums(case):
    operands, pairs = case
    n = operands.count
    path = positions_of(pairs, n)
    if n > 1:
        assert path == tuple(tuple(sorted(step)) for step in ssa_to_linear(pairs.tolist()))
    assert np.array_equal(pairs_of(path, n), np.sort(pairs, axis=1))


def test_steps_of_one_and_of_three_operands():
    assert pairs_of([(1,), (0, 1, 2), (1, 0)], 4).tolist() == [[0, 2], [4, 3], [5, 1]]
    assert pairs_of([(0,)], 1).shape == (0, 2)
    assert positions_of(np.zeros((0, 2), dtype=np.int64), 1) == ((0,),)
    assert positions_of(np.zeros((0, 2), dtype=np.int64), 0) == ()


def pairs_by_list(path, n_operands):
    """Follow a path with a plain list of the numbers left."""
    left, pairs = list(range(n_operands)), []
    for step in path:
        first, *others = (left[position] for position in step)
        left = [number for place, number in enumerate(left) if place not in step]
        for other in others:
            pairs.append([first, other])
            first = n_operands + len(pairs) - 1
        left.append(first)
    return pairs


@given(st.data(), st.integers(2, 80))
def test_paths_of_steps_of_any_length_are_those_of_a_plain_list(data, n):
    path, left = [], n
    while left > 1:
        step = data.draw(st.lists(st.integers(0, left - 1), min_size=1, max_size=4, unique=True))
        path.append(tuple(step))
        left -= len(step) - 1
        if len(path) > 200:
            path.append(tuple(range(left)))
            left = 1
    assert pairs_of(path, n).tolist() == pairs_by_list(path, n)


@pytest.mark.parametrize("n", [1023, 1025, 3000])
def test_long_paths_are_those_of_a_plain_list(n):
    rng = random.Random(n)
    path = [tuple(rng.sample(range(left), 2)) for left in range(n, 1, -1)]
    assert pairs_of(path, n).tolist() == pairs_by_list(path, n)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ([(0, 2**70)], "step 0 of the path takes positions"),
        ([(1, 2), (0, -1)], r"step 1 of the path takes positions \(0, -1\) of 2 operands left"),
        ([(0, 3)], r"step 0 of the path takes positions \(0, 3\) of 3 operands left"),
        ([(0, 1), (0, 0)], r"step 1 of the path takes positions \(0, 0\)"),
        ([(0, 1)], "leaves 2 of 3 operands uncontracted"),
        ([()], "step 0"),
    ],
)
def test_paths_that_do_not_fit_are_refused(path, message):
    with pytest.raises(StructureError, match=message):
        pairs_of(path, 3)


@given(operands_with_order())
def test_cost_of_an_order_is_that_of_following_the_sets(case):
    operands, pairs = case
    total, largest = cost_by_sets(operands, pairs.tolist())
    found = cost_of(operands, pairs)
    assert 2.0**found.total_log2 == pytest.approx(total)
    assert 2.0**found.largest_log2 == pytest.approx(largest)


def test_costs_beyond_the_range_of_floats():
    ring = [frozenset((k, (k + 1) % 5, 9 + k)) for k in range(5)]
    sizes = dict.fromkeys([*range(5), *range(9, 14)], 2**500)
    operands, _ = operands_of_sets(ring, frozenset(range(9, 14)), sizes)
    pairs = np.array([(0, 1), (2, 3), (5, 6), (7, 4)])
    total, _ = cost_by_sets(operands, pairs.tolist())
    assert cost_of(operands, pairs).total_log2 == pytest.approx(math.log2(total))
    assert_is_an_order(looped_pairs(operands, seconds=0.1), 5)


@pytest.mark.parametrize("by_hand", [0, 2_000], ids=["SciPy", "by hand"])
@given(operands=operand_sets())
@settings(deadline=None)
def test_a_forest_is_one_by_networkxs_answer_without_dims_of_one(by_hand, operands):
    with mock.patch.object(forest_tree, "_FEW_NODES", by_hand):
        check_against_networkx(operands)


def check_against_networkx(operands):
    import networkx as nx

    graph = nx.Graph()
    for operand, indices in enumerate(operands.sets()):
        graph.add_node(("operand", operand))
        for index in indices - set(operands.output):
            if operands.dims[index] > 1:
                graph.add_edge(("operand", operand), index)
    is_forest = forest_tree.rooted_forest(operands) is not None
    assert is_forest == nx.is_forest(graph)
    pairs = forest_pairs(operands)
    assert (pairs is None) == (not is_forest)
    if pairs is not None:
        assert_is_an_order(pairs, operands.count)


def likeness(operands, forest, node):
    """All that a subtree is, its legs upwards included, written out."""
    n = forest.n_operands
    below = sorted(likeness(operands, forest, child) for child in forest.below(node))
    up = forest.log2_of[forest.parent[node]] if forest.parent[node] >= 0 else 0.0
    if node >= n:
        return "index", forest.log2_of[node], up, below
    joined = {forest.parent[node], *forest.below(node)}
    ends = Counter(index for indices in operands.sets() for index in indices)
    legs = [
        (index in operands.output, index if ends[index] > 1 else -1, operands.dims[index])
        for index in operands.sets()[node]
        if (ends[index] == 1 or index in operands.output)
    ]
    alone = [math.prod(dim for kept, at, dim in legs if kept and at < 0)]
    summed = sorted(dim for kept, _, dim in legs if not kept)
    common = sorted(at for kept, at, _ in legs if kept and at >= 0)
    return "operand", len(joined), up, alone, bool(summed), math.prod(summed), common, below


@pytest.mark.parametrize("bound", [2**62, 1])
@given(operands=operand_sets())
@settings(deadline=None)
def test_subtrees_of_one_kind_are_those_that_are_alike(bound, operands):
    with mock.patch.object(forest_tree, "_MOST_MARKS", bound):
        forest = forest_tree.rooted_forest(operands)
    if forest is None:
        return
    written = {}
    for node, kind in enumerate(forest.kind):
        written.setdefault(kind, set()).add(repr(likeness(operands, forest, node)))
        assert all(forest.kind[child] < kind for child in forest.below(node))
    assert all(len(found) == 1 for found in written.values())
    assert len(set.union(*written.values())) == len(written)


def passed(operands):
    """Orders of the messages alone, as where there are very many kinds."""
    with (
        mock.patch.object(forest_order, "_LONGEST_SEARCHED", 0),
        mock.patch.object(subtree_orders, "_FEW_OPERANDS", 0),
    ):
        return forest_order.message_pairs(operands, forest_tree.rooted_forest(operands))


@given(forests(max_tensors=40), st.booleans())
@settings(deadline=None, max_examples=40)
def test_messages_alone_are_an_order_and_searches_only_better_it(network, features):
    operands = network_operands(network, features=features, batch_dim=BATCH)
    if operands.count < 2 or forest_tree.rooted_forest(operands) is None:
        return
    pairs = passed(operands)
    assert_is_an_order(pairs, operands.count)
    assert ours(operands) <= cost_by_sets(operands, pairs.tolist())[0] * 1.000001


@pytest.mark.parametrize("closed", [False, True])
@given(st.lists(st.integers(2, 1000), min_size=5, max_size=60))
@settings(deadline=None, max_examples=25)
def test_messages_along_a_chain_are_within_the_bound_of_the_sweep(closed, dims):
    operands = chain(dims, closed=closed)
    found = cost_by_sets(operands, passed(operands).tolist())[0]
    assert found <= planned(operands, dynamic_programming) * 1.155


@pytest.mark.parametrize("p_open", [0.0, 0.001])
def test_trees_of_very_many_kinds_are_no_dearer_than_greedy(p_open):
    operands = random_tree(random.Random(1), 15_000, p_open=p_open, p_hyper=0.2)
    pairs = forest_pairs(operands)
    assert_is_an_order(pairs, operands.count)
    greedy = cost_of(operands, greedy_pairs(operands)).total_log2
    assert cost_of(operands, pairs).total_log2 <= greedy + 1e-9


def test_no_object_is_made_for_a_tensor_where_there_are_many_kinds():
    made = Counter()

    class Counted(Part):
        def __init__(self, *args, **kwargs):
            made["parts"] += 1
            super().__init__(*args, **kwargs)

    operands = chain([random.Random(0).randint(2, 60) for _ in range(20_001)], closed=False)
    with mock.patch.object(subtree_orders, "Part", Counted):
        assert_is_an_order(forest_pairs(operands), 20_000)
    assert made["parts"] == 0


@given(forests(max_tensors=40), st.booleans())
@settings(deadline=None, max_examples=40)
def test_forests_are_never_dearer_than_greedy(network, features):
    operands = network_operands(network, features=features, batch_dim=BATCH)
    if operands.count < 3 or forest_tree.rooted_forest(operands) is None:
        return
    assert ours(operands) <= cost_by_sets(operands, greedy_pairs(operands).tolist())[0] * 1.000001


def random_tree(rng, n, *, p_open, p_hyper):
    rows, n_ids, open_legs = [[] for _ in range(n)], 0, []
    for tensor in range(1, n):
        above = rng.randrange(max(0, tensor - 30), tensor)
        if rows[above] and rng.random() < p_hyper:
            rows[tensor].append(rng.choice(rows[above]))
            continue
        rows[above].append(n_ids)
        rows[tensor].append(n_ids)
        n_ids += 1
    for row in rows:
        if rng.random() < p_open:
            row.append(n_ids)
            open_legs.append(n_ids)
            n_ids += 1
    dims = {index: rng.randint(1, 6) for index in range(n_ids)}
    sets = [frozenset(row) for row in rows]
    return operands_of_sets(sets, frozenset(open_legs), dims)[0]


@pytest.mark.parametrize("n", [3, 30, 300, 3000])
@pytest.mark.parametrize("p_hyper", [0.0, 0.3])
@pytest.mark.parametrize("p_open", [0.0, 0.02])
def test_random_trees_are_never_dearer_than_greedy(n, p_open, p_hyper):
    rng = random.Random(n)
    for _ in range(4 if n < 1000 else 1):
        operands = random_tree(rng, n, p_open=p_open, p_hyper=p_hyper)
        greedy = cost_by_sets(operands, greedy_pairs(operands).tolist())[0]
        assert ours(operands) <= greedy * 1.000001


SPECS = [
    tnet.ConvNet(4, features=2, widths=(2, 2)),
    tnet.ConvNet(4, features=1, widths=(50, 3)),
    tnet.ConvNet(3, features=2, widths=(17,), pooling="global"),
    tnet.ConvNet(4, features=3, widths=(1, 7), outputs=10),
    tnet.ConvNet(6, features=2, widths=(4, 6), outputs=10, window=(3, 2)),
    tnet.ConvNet(4, features=100, widths=(10, 2), shared=True),
    tnet.ConvNet((2, 2), features=5, widths=(9,), pooling="global"),
    tnet.ConvNet(
        3, features=3, widths=(40, 2, 30, 3), pooling=ModeTree.from_nested(((((0,), 1),), (2,)))
    ),
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_compiled_networks_cost_what_the_best_planner_finds(spec):
    operands = network_operands(spec.compile(), features=True, batch_dim=BATCH)
    best = planned(operands, dynamic_programming)
    if operands.count <= 7:
        best = min(best, planned(operands, optimal))
    assert ours(operands) <= 1.01 * best


def test_networks_on_which_greedy_goes_astray_are_planned_all_the_same():
    depth = 10
    net = tnet.ConvNet(2**depth, features=3, widths=(4,) * depth).compile()
    operands = network_operands(net, features=True, batch_dim=BATCH)
    per_leaf_to_root = sum(
        2 * BATCH * 4 * (3 if level == 0 else 4) * 2 ** (depth - level) for level in range(depth)
    )
    pairs = forest_pairs(operands)
    assert_is_an_order(pairs, operands.count)
    assert cost_by_sets(operands, pairs.tolist())[0] < 1.3 * per_leaf_to_root


def chain(dims, *, closed):
    sets = [frozenset((k, k + 1)) for k in range(len(dims) - 1)]
    output = frozenset((0, len(dims) - 1))
    if closed:
        output = frozenset()
        sets = [frozenset([0]), *sets, frozenset([len(dims) - 1])]
    return operands_of_sets(sets, output, dict(enumerate(dims)))[0]


@pytest.mark.parametrize(
    ("closed", "n"), [(False, 2), (True, 2), (False, 9), (True, 9), (False, 40)]
)
def test_chains_cost_what_dp_finds(n, closed):
    rng = random.Random(n)
    for _ in range(4):
        operands = chain([rng.randint(2, 60) for _ in range(n + 1)], closed=closed)
        assert ours(operands) <= planned(operands, dynamic_programming)


@given(st.lists(st.integers(1, 1000), min_size=66, max_size=150))
@settings(deadline=None, max_examples=15)
def test_chains_beyond_the_exact_ones_are_near_the_best(dims):
    n = len(dims)
    best = np.zeros((n, n))
    for length in range(2, n):
        for i in range(n - length):
            j = i + length
            k = np.arange(i + 1, j)
            inner = np.array(dims, dtype=float)[k]
            best[i, j] = np.min(best[i, k] + best[k, j] + dims[i] * inner * dims[j])
    products = chain_products(dims)
    found = sum(dims[i] * dims[k] * dims[j] for i, k, j in products)
    assert len(products) == n - 2
    assert best[0, n - 1] * (1 - 1e-12) <= found <= best[0, n - 1] * 1.155


@pytest.mark.parametrize(("closed", "n"), [(False, 100_000), (True, 5_000)])
def test_long_chains_are_ordered_without_recursion(closed, n):
    rng = random.Random(0)
    operands = chain([rng.randint(2, 9) for _ in range(n + 1)], closed=closed)
    pairs = forest_pairs(operands)
    assert_is_an_order(pairs, operands.count)
    assert cost_of(operands, pairs).largest_log2 <= math.log2(81)


def test_a_long_caterpillar_passes_a_message_along():
    n = 15_000
    sets = [frozenset((k, k + 1, n + 1 + k)) for k in range(n)]
    sets += [frozenset((n + 1 + k, "batch")) for k in range(n)]
    sizes = dict.fromkeys([*range(2 * n + 1)], 4) | {"batch": BATCH}
    operands, _ = operands_of_sets(sets, frozenset(["batch"]), sizes)
    pairs = forest_pairs(operands)
    assert_is_an_order(pairs, operands.count)
    assert cost_of(operands, pairs).largest_log2 <= math.log2(BATCH * 16)


def test_parts_that_do_not_touch_are_multiplied_small_ones_first():
    sets = [frozenset("a"), frozenset("b"), frozenset("c"), frozenset()]
    operands, names = operands_of_sets(sets, frozenset("abc"), {"a": 2, "b": 30, "c": 5})
    assert ours(operands) == 2 + 10 + 300
    assert names == ["a", "b", "c"]


def lattice(width, dim=3):
    number, sets = {}, {(i, j): set() for i in range(width) for j in range(width)}
    for (i, j), row in sets.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other in sets:
                index = number.setdefault(((i, j), other), len(number))
                row.add(index)
                sets[other].add(index)
    found = [frozenset(row) for row in sets.values()]
    return operands_of_sets(found, frozenset(), dict.fromkeys(range(len(number)), dim))[0]


def test_lattices_are_drawn_alike_by_one_seed_and_no_dearer_than_greedy():
    operands = lattice(6)
    state = random.getstate()
    pairs = looped_pairs(operands, seconds=60, seed=3)
    assert random.getstate() == state
    assert np.array_equal(pairs, looped_pairs(operands, seconds=60, seed=3))
    assert_is_an_order(pairs, operands.count)
    greedy = cost_of(operands, greedy_pairs(operands)).total_log2
    assert cost_of(operands, pairs).total_log2 < greedy
    assert forest_pairs(operands) is None


def test_small_loops_are_solved_and_no_time_is_no_error():
    ring = lattice(3)
    solved = looped_pairs(ring)
    assert cost_by_sets(ring, solved.tolist())[0] <= planned(ring, dynamic_programming)
    assert_is_an_order(looped_pairs(lattice(5), seconds=0), 25)


def test_cotengra_by_name():
    pytest.importorskip("cotengra")
    operands = lattice(5)
    pairs = cotengra_pairs(operands, seconds=1)
    assert_is_an_order(pairs, operands.count)
    greedy = cost_of(operands, greedy_pairs(operands)).total_log2
    assert cost_of(operands, pairs).total_log2 <= greedy


def test_cotengra_that_is_missing_is_named_with_its_extra(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("cotengra"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingLibraryError, match=r"tnet\[planners\]"):
        cotengra_pairs(lattice(2))


def test_opt_einsum_takes_the_optimizer_by_name_and_as_an_object():
    register_optimizer()
    register_optimizer()
    rng = np.random.default_rng(0)
    for equation, shapes in [
        ("za,zb,ac,bc,cd->zd", [(7, 2), (7, 3), (2, 4), (3, 4), (4, 5)]),
        ("ab,bc,ca,cd->d", [(2, 3), (3, 4), (4, 2), (4, 5)]),
    ]:
        arrays = [rng.normal(size=shape) for shape in shapes]
        expected = np.einsum(equation, *arrays)
        for optimizer in ("tnet", ForestOptimizer(), ForestOptimizer(seconds=0.1, seed=1)):
            found = opt_einsum.contract(equation, *arrays, optimize=optimizer)
            np.testing.assert_allclose(found, expected)
    assert isinstance(ForestOptimizer(), ForestOptimizer)


def test_one_optimizer_serves_several_contractions_and_keeps_a_memory_limit():
    optimizer = ForestOptimizer()
    sets = [frozenset("ab"), frozenset("bc"), frozenset("cd")]
    sizes = {"a": 10, "b": 2, "c": 10, "d": 2}
    assert optimizer(sets, frozenset("ad"), sizes, 20) == ((1, 2), (0, 1))
    assert optimizer(sets[:2], frozenset("ac"), sizes, None) == ((0, 1),)
    with pytest.raises(MemoryLimitError, match="memory_limit is 19 entries"):
        optimizer(sets, frozenset("ad"), sizes, 19)
