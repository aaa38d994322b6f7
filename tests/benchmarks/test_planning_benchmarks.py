"""Times of planning, and costs beside other planners; shown, never asserted."""

import importlib.util
import random
from functools import partial

import numpy as np
import pytest
from opt_einsum.paths import dynamic_programming, linear_to_ssa
from timing import best_time

import tnet
from tnet.contraction.operands import network_operands, operands_of_sets
from tnet.contraction.orders.forest_order import forest_pairs, greedy_pairs
from tnet.contraction.orders.looped_order import cotengra_pairs
from tnet.contraction.orders.order_cost import cost_of
from tnet.contraction.orders.paths import pairs_of, positions_of

BATCH = 64


def evaluated(spec):
    return network_operands(spec.compile(), features=True, batch_dim=BATCH)


def line(depth):
    return evaluated(tnet.ConvNet(2**depth, features=3, widths=(4,) * depth))


def dp_pairs(operands):
    sizes = dict(enumerate(operands.dims))
    path = dynamic_programming(operands.sets(), frozenset(operands.output), sizes, None)
    return np.array(linear_to_ssa(path))


def chain(n):
    rng = random.Random(n)
    sets = [frozenset((k, k + 1)) for k in range(n)]
    sizes = {k: rng.randint(2, 60) for k in range(n + 1)}
    return operands_of_sets(sets, frozenset((0, n)), sizes)[0]


def tree(n):
    """Bonds of dims 2 to 8 between tensors drawn at random, nothing open."""
    rng = random.Random(n)
    rows = [[] for _ in range(n)]
    for bond in range(n - 1):
        rows[bond + 1].append(bond)
        rows[rng.randrange(max(0, bond - 30), bond + 1)].append(bond)
    sizes = {bond: rng.randint(2, 8) for bond in range(n - 1)}
    return operands_of_sets([frozenset(row) for row in rows], frozenset(), sizes)[0]


def caterpillar(n):
    """A tensor train with a leg at every tensor, to which features of a batch are attached."""
    rng, length = random.Random(n), n // 2
    sets = [frozenset((k, k + 1, n + 1 + k)) for k in range(length)]
    sets += [frozenset((n + 1 + k, "batch")) for k in range(length)]
    sizes = {index: rng.randint(2, 8) for one in sets for index in one} | {"batch": BATCH}
    return operands_of_sets(sets, frozenset(["batch"]), sizes)[0]


def test_growth_with_the_inputs(benchmark, capsys):
    seconds = {}
    depths = (10, 12, 14, 16) if benchmark.enabled else (6, 8)
    for depth in depths:
        operands = line(depth)
        pairs, seconds[depth] = best_time(partial(forest_pairs, operands), rounds=3)
        _, written = best_time(partial(positions_of, pairs, operands.count), rounds=3)
        with capsys.disabled():
            print(
                f"\nN=2^{depth}: {operands.count:,} operands, order {seconds[depth]:.3f} s, "
                f"path {written:.3f} s",
                end="",
            )
    with capsys.disabled():
        ratio = seconds[depths[-1]] / seconds[depths[0]]
        print(f"\n{2 ** (depths[-1] - depths[0])} times the inputs: {ratio:.1f} times as long")
    benchmark.pedantic(forest_pairs, args=(line(depths[-1]),), rounds=3)


@pytest.mark.parametrize("make", [chain, tree, caterpillar], ids=lambda make: make.__name__)
def test_growth_where_hardly_two_subtrees_are_alike(benchmark, capsys, make):
    for n in (25_000, 50_000, 100_000, 200_000) if benchmark.enabled else (1_000, 2_000):
        operands = make(n)
        pairs, ordered = best_time(partial(forest_pairs, operands), rounds=3)
        path, written = best_time(partial(positions_of, pairs, n), rounds=3)
        found, read = best_time(partial(pairs_of, path, n), rounds=3)
        assert np.array_equal(found, np.sort(pairs, axis=1))
        with capsys.disabled():
            print(
                f"\n{make.__name__}, {n:,} operands: order {ordered:.3f} s, "
                f"path written {written:.3f} s, read {read:.3f} s",
                end="",
            )
    benchmark.pedantic(forest_pairs, args=(operands,), rounds=3)


SUBJECTS = {
    "caterpillar of 50": partial(caterpillar, 50),
    "chain of 40": partial(chain, 40),
    "tree of 300": partial(tree, 300),
    "tree of 3,000": partial(tree, 3000),
    "ConvNet 16": lambda: evaluated(tnet.ConvNet(16, features=100, widths=(9, 4, 7, 3))),
    "ConvNet 9, mirror": lambda: evaluated(
        tnet.ConvNet((3, 3), features=3, widths=(20, 4), pooling="mirror", outputs=10)
    ),
    "ConvNet 8, M=2": lambda: evaluated(tnet.ConvNet(8, features=2, widths=(30, 2, 30))),
}

PLANNERS = {"greedy": (greedy_pairs, 10_000), "dp": (dp_pairs, 40)}
if importlib.util.find_spec("cotengra") is not None:
    PLANNERS["cotengra"] = (partial(cotengra_pairs, seconds=2.0), 1_000)


@pytest.mark.parametrize("name", SUBJECTS)
def test_costs_beside_other_planners(benchmark, capsys, name):
    operands = SUBJECTS[name]()
    pairs, seconds = best_time(partial(forest_pairs, operands), rounds=1)
    ours = cost_of(operands, pairs).total_log2
    words = [f"\n{name}: 2^{ours:.2f} operations in {1e3 * seconds:.0f} ms"]
    for planner, (action, most_operands) in PLANNERS.items():
        if operands.count <= most_operands:
            found, seconds = best_time(partial(action, operands), rounds=1)
            ratio = 2.0 ** (cost_of(operands, found).total_log2 - ours)
            words.append(f"{planner} {ratio:.3f} times as many in {1e3 * seconds:.0f} ms")
    with capsys.disabled():
        print("; ".join(words))
    benchmark.pedantic(forest_pairs, args=(operands,), rounds=1)
