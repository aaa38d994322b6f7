"""Many cuts at once: equal to single ones, however they are run; and cuts between pairs."""

import itertools
import math
import os
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import exhaustive_min_cut_dimension
from strategies import examples, forests, mode_trees_with_side, networks

import tnet
from tnet.cuts import forest_programme, sweep
from tnet.cuts.batch import CutBatch, min_cuts
from tnet.cuts.condensed import condensed
from tnet.cuts.forest_batch import forest_log2
from tnet.cuts.forest_programme import programme_of
from tnet.cuts.pairwise import pairwise_min_cuts
from tnet.errors import PartitionError, SpecError, SweepError

POOLINGS = ["square", "mirror", "global", "random"]


def random_sides(network, count, seed=0):
    """Partitions of all shares, the empty and the full one first."""
    rng = np.random.default_rng(seed)
    sides = rng.random((count, network.n_modes)) < rng.random((count, 1))
    sides[:1], sides[1:2] = False, True
    return sides


def all_sides(network):
    flags = itertools.product([False, True], repeat=network.n_modes)
    return np.array(list(flags), dtype=bool).reshape(-1, network.n_modes)


def chain(n_modes, dims=(2, 3, 5)):
    """A matrix product state: the forest as deep as it gets."""
    builder = tnet.NetworkBuilder()
    builder.indices("x", n_modes, 4, role="input")
    for site in range(n_modes - 1):
        builder.index(f"b{site}", dims[site % len(dims)])
    for site in range(n_modes):
        bonds = [f"b{other}" for other in (site - 1, site) if 0 <= other < n_modes - 1]
        builder.tensor(f"t{site}", [f"x[{site}]" if n_modes > 1 else "x", *bonds])
    return builder.build()


def assert_equals_single_cuts(network, sides):
    batch = min_cuts(network, sides)
    singles = [tnet.min_cut(network, side) for side in sides]
    assert batch.log2.tolist() == pytest.approx([cut.log2 for cut in singles], abs=1e-9)
    assert len(batch) == len(sides)


# --- equal to single cuts ------------------------------------------------------------------------


@examples(60)
@given(forests(), st.integers(0, 2**32))
def test_forests_equal_single_cuts(network, seed):
    assert_equals_single_cuts(network, random_sides(network, 12, seed))


@examples(60)
@given(forests(max_tensors=30, dims=(1, 2, 4, 8)), st.integers(0, 2**32))
def test_forests_of_whole_costs_are_exact(network, seed):
    sides = random_sides(network, 12, seed)
    exact = [tnet.min_cut(network, side).log2 for side in sides]
    assert min_cuts(network, sides).log2.tolist() == exact


@examples(120)
@given(networks(operators=True))
def test_any_network_equals_exhaustion(network):
    sides = all_sides(network)
    found = min_cuts(network, sides).log2
    least = [math.log2(exhaustive_min_cut_dimension(network, side)) for side in sides]
    assert found.tolist() == pytest.approx(least, abs=1e-9)


@examples(60)
@given(mode_trees_with_side(max_modes=14), st.data())
def test_irregular_trees_equal_single_cuts(case, data):
    tree, side = case
    dims = st.integers(1, 6)
    spec = tnet.ConvNet(
        tree.n_modes,
        features=data.draw(dims),
        widths=[data.draw(dims) for _ in range(tree.n_levels)],
        pooling=tree,
        outputs=data.draw(st.integers(1, 3)),
    )
    network = spec.compile()
    assert_equals_single_cuts(network, np.concatenate([side[None], random_sides(network, 6)]))


WINDOWS = [
    (16, 2),
    (16, 4),
    (27, 3),
    ((6, 6), (2, 3)),
    ((4, 6), (2, (2, 3))),
    ((2, 2, 3), [(2, 2, 3)]),
]


def convnets(shape, window, pooling, **options):
    """The spec of as many levels as the pooling has, widths taken in turn."""
    choice = {"window": window} if pooling in ("square", "random") else {}
    widths = options.pop("widths")
    for n_levels in range(1, 7):
        try:
            return tnet.ConvNet(
                shape, widths=widths[:n_levels], pooling=pooling, **choice, **options
            )
        except SpecError as error:
            if "give one width per level" not in str(error):
                raise
    raise AssertionError("more levels than widths")


@pytest.mark.parametrize(("shape", "window"), WINDOWS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_convnets_of_every_pooling_equal_single_cuts(shape, window, pooling):
    for widths in [(3,) * 6, (8,) * 6, (7, 2, 9, 4, 30, 5)]:
        network = convnets(shape, window, pooling, features=5, widths=widths).compile()
        assert_equals_single_cuts(network, random_sides(network, 20))


def test_a_window_of_more_children_than_a_byte_counts():
    network = tnet.ConvNet(600, features=2, widths=(2**500,), pooling="global").compile()
    sides = np.arange(600) < np.array([0, 1, 255, 256, 257, 300, 511, 600])[:, None]
    assert min_cuts(network, sides).log2.tolist() == [0, 1, 255, 256, 257, 300, 89, 0]


@pytest.mark.parametrize("n_modes", [1, 2, 3, 50, 400])
def test_chains_equal_single_cuts(n_modes):
    network = chain(n_modes)
    assert_equals_single_cuts(network, random_sides(network, 10))


def test_whole_costs_too_large_for_single_precision_stay_exact():
    network = tnet.ConvNet(8, features=2**1_000, widths=(2**9_001, 2**3, 2**9_000)).compile()
    wide = tnet.ConvNet(2**13, features=2**12_000, widths=(2**12_000,) * 13).compile()
    assert programme_of(condensed(network, network.forest), 8).dtype is np.float32
    assert programme_of(condensed(wide, wide.forest), 2**13).dtype is np.float64
    for net in (network, wide):
        sides = random_sides(net, 5)
        exact = [tnet.min_cut(net, side).log2 for side in sides]
        assert min_cuts(net, sides).log2.tolist() == exact


def test_a_network_without_inputs_has_no_cut():
    network = tnet.from_einsum("ab,ab->", (2, 3), (2, 3))
    assert min_cuts(network, np.zeros((3, 0), dtype=bool)).log2.tolist() == [0, 0, 0]


# --- what a batch gives --------------------------------------------------------------------------


def test_exponents_are_those_of_single_cuts():
    network = tnet.ConvNet(16, features=3, widths=(4, 5, 6, 7)).compile()
    sides = random_sides(network, 30)
    batch = min_cuts(network, sides)
    rows = [3, 0, 29]
    exponents = batch.exponents(rows)
    dims = [group.dim for group in network.index_groups]
    for row, powers in zip(rows, exponents.tolist(), strict=True):
        cut = tnet.min_cut(network, sides[row])
        assert math.prod(d**p for d, p in zip(dims, powers, strict=True)) == cut.dimension
        assert batch.cut(row).factors == cut.factors
    assert batch.exponents(4).shape == (1, len(dims))
    assert batch.exponents([]).shape == (0, len(dims))


def test_batch_is_an_array_and_says_what_it_is():
    network = tnet.ConvNet(16, features=2, widths=(4, 4, 4, 4)).compile()
    given_sides = random_sides(network, 5)
    batch = min_cuts(network, given_sides)
    assert isinstance(batch, CutBatch)
    assert np.array_equal(np.asarray(batch), batch.log2)
    assert np.asarray(batch, dtype=np.float32).dtype == np.float32
    assert batch.claim.kind == "exact by theorem"
    assert repr(batch).startswith("<CutBatch: 5 partitions, log2 0 to ")
    given_sides[:] = True
    assert not batch.sides[0].any()
    with pytest.raises(ValueError, match="read-only"):
        batch.log2[0] = 1
    shared = tnet.ConvNet(16, features=2, widths=(3,) * 4, shared=True).compile()
    assert min_cuts(shared, batch.sides).claim.kind == "upper bound"


def test_both_shapes_and_no_partition():
    network = tnet.ConvNet((4, 4), features=2, widths=(3, 4)).compile()
    sides = tnet.partitions.random_balanced((4, 4), seed=0, count=7)
    flat = min_cuts(network, sides.reshape(7, 16))
    assert np.array_equal(min_cuts(network, sides).log2, flat.log2)
    assert min_cuts(network, np.moveaxis(sides, 1, 2)[::2]).log2.shape == (4,)
    none = min_cuts(network, sides[:0])
    assert len(none) == 0
    assert repr(none) == "<CutBatch: 0 partitions (upper bound)>"


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (
            np.zeros((3, 16), dtype=int),
            r"bool.*shape \(B, 16\) or \(B, 4, 4\); got dtype int64.*as",
        ),
        (np.zeros(16, dtype=bool), r"got shape \(16,\); for a single partition, use min_cut"),
        (np.zeros((4, 4), dtype=bool), r"got shape \(4, 4\); for a single partition"),
        (np.zeros((3, 15), dtype=bool), r"\(B, 16\) or \(B, 4, 4\); got shape \(3, 15\); reshape"),
        ([["x"]], r"got dtype <U1"),
    ],
)
def test_bad_sides_are_refused(sides, message):
    network = tnet.ConvNet((4, 4), features=2, widths=(3, 4)).compile()
    with pytest.raises(PartitionError, match=message):
        min_cuts(network, sides)


# --- blocks, threads, processes ------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 7, 8, 9, 23])
@pytest.mark.parametrize("widths", [(4, 4, 4, 4), (3, 5, 2, 7)])
def test_blocks_do_not_show(monkeypatch, count, widths):
    network = tnet.ConvNet(16, features=3, widths=widths).compile()
    sides = random_sides(network, count)
    whole = min_cuts(network, sides).log2
    monkeypatch.setattr(forest_programme, "_WORKING_SET", 1)
    programme = programme_of(condensed(network, network.forest), 16)
    assert programme.block == 8
    assert np.array_equal(forest_log2(programme, sides), whole)
    assert np.array_equal(min_cuts(network, sides).log2, whole)


@pytest.mark.parametrize("loop", [False, True])
def test_threads_processes_and_serial_agree(monkeypatch, loop):
    monkeypatch.setattr(forest_programme, "_WORKING_SET", 1)
    network = ring() if loop else tnet.ConvNet(16, features=3, widths=(3, 5, 2, 7)).compile()
    sides = random_sides(network, 40)
    single = [tnet.min_cut(network, side).log2 for side in sides]
    serial = min_cuts(network, sides).log2
    assert serial.tolist() == pytest.approx(single, abs=1e-9)
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        assert np.array_equal(min_cuts(network, sides, executor=threads).log2, serial)
        assert np.array_equal(min_cuts(network, sides, executor=processes).log2, serial)


def ring(n_modes=6):
    rows = [f"{'abcdef'[i]}{'ghijkl'[i]}{'ghijkl'[(i + 1) % n_modes]}" for i in range(n_modes)]
    return tnet.from_einsum(f"{','.join(rows)}->abcdef", *[(3, 2, 2)] * n_modes)


def dies_at_full_sides(sides):
    if sides.all():
        os._exit(1)
    return np.zeros((len(sides), 2))


def fails_at_full_sides(sides):
    if sides.all():
        raise ArithmeticError("too full")
    return np.stack([sides.sum(axis=1), np.zeros(len(sides))], axis=1)


def test_a_failing_block_is_named_and_the_others_are_kept():
    sides = np.zeros((64, 3), dtype=bool)
    sides[10:12] = True
    with pytest.raises(
        SweepError, match=r"partitions 10 to 11 failed with ArithmeticError: too f.*62 of 64"
    ) as caught:
        sweep.swept(fails_at_full_sides, sides, block=2, executor=None, progress=False)
    finished = caught.value.finished
    assert len(finished) == 31
    assert sum(end - start for start, end, _ in finished) == 62
    assert all(found.shape == (2, 2) for _, _, found in finished)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert str(copied) == str(caught.value)
    assert len(copied.finished) == 31


def test_a_worker_that_dies_is_an_error_that_keeps_what_is_finished():
    sides = np.zeros((40, 3), dtype=bool)
    sides[-2:] = True
    with (
        ProcessPoolExecutor(1) as processes,
        pytest.raises(
            SweepError, match=r"failed with BrokenProcessPool.*run the others again"
        ) as caught,
    ):
        sweep.swept(dies_at_full_sides, sides, block=1, executor=processes, progress=False)
    assert len(caught.value.finished) >= 1
    with pytest.raises(SweepError, match=r"partitions 0 to 1 failed.*0 of 40"):
        sweep.swept(dies_at_full_sides, sides, block=1, executor=processes, progress=False)


def test_progress_is_shown_on_stderr_only_when_asked(capsys):
    network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
    min_cuts(network, random_sides(network, 50))
    assert capsys.readouterr() == ("", "")
    min_cuts(network, random_sides(network, 50), progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "50/50" in err


# --- pairs ---------------------------------------------------------------------------------------


def exhaustive_pairs(network):
    """Least single cut over all partitions that part two elements."""
    sides = all_sides(network)
    log2 = np.array([tnet.min_cut(network, side).log2 for side in sides])
    table = np.full((network.n_modes, network.n_modes), np.inf)
    for i, j in itertools.permutations(range(network.n_modes), 2):
        table[i, j] = log2[sides[:, i] != sides[:, j]].min()
    return table


@examples(100)
@given(networks(max_readings=5))
def test_pairs_equal_exhaustion(network):
    assert pairwise_min_cuts(network) == pytest.approx(exhaustive_pairs(network), abs=1e-9)


@examples(40)
@given(mode_trees_with_side(max_modes=7), st.lists(st.integers(1, 9), min_size=8, max_size=8))
def test_pairs_in_trees_equal_exhaustion(case, dims):
    tree, _ = case
    network = tnet.ConvNet(
        tree.n_modes, features=dims[-1], widths=dims[: tree.n_levels], pooling=tree
    ).compile()
    assert pairwise_min_cuts(network) == pytest.approx(exhaustive_pairs(network), abs=1e-9)


@examples(40)
@given(forests(max_tensors=60))
def test_pairs_in_forests_equal_the_least_index_on_the_path(network):
    graph = nx.Graph()
    graph.add_nodes_from(("t", tensor) for tensor in range(network.n_tensors))
    outputs = set(network.outputs.tolist())
    for tensor, row in enumerate(network.to_einsum()[0]):
        graph.add_edges_from((("t", tensor), ("i", index)) for index in row if index not in outputs)
    inputs = network.inputs.tolist()
    table = pairwise_min_cuts(network)
    assert np.array_equal(table, table.T)
    assert np.isinf(table.diagonal()).all()
    rng = np.random.default_rng(0)
    for i, j in rng.integers(max(len(inputs), 1), size=(30, 2)).tolist():
        if i == j:
            continue
        ends = ("i", inputs[i]), ("i", inputs[j])
        least = 0.0
        if nx.has_path(graph, *ends):
            path = nx.shortest_path(graph, *ends)
            least = min(math.log2(network.dim_of(node)) for kind, node in path if kind == "i")
        assert table[i, j] == pytest.approx(least)


def test_pairs_in_a_grid_equal_flows_of_networkx():
    builder = tnet.NetworkBuilder()
    lattice = nx.grid_2d_graph(3, 4)
    rng = np.random.default_rng(3)
    rows = {site: [] for site in lattice}
    graph = nx.Graph()
    for number, site in enumerate(lattice):
        builder.index(f"x{number}", 7, role="input")
        rows[site].append(f"x{number}")
        graph.add_edge(number, site, capacity=math.log2(7))
    for number, (one, other) in enumerate(lattice.edges):
        dim = int(rng.integers(1, 5))
        builder.index(f"b{number}", dim)
        rows[one].append(f"b{number}")
        rows[other].append(f"b{number}")
        graph.add_edge(one, other, capacity=math.log2(dim))
    for number, row in enumerate(rows.values()):
        builder.tensor(f"t{number}", row)
    table = pairwise_min_cuts(builder.build())
    for i, j in itertools.combinations(range(12), 2):
        assert table[i, j] == pytest.approx(nx.minimum_cut_value(graph, i, j))


def test_rows_are_numbers_in_range_or_a_mask_and_nothing_else():
    network = tnet.ConvNet(4, features=3, widths=(2, 2)).compile()
    batch = tnet.min_cuts(network, np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]], bool))
    np.testing.assert_array_equal(batch.exponents([True, False, True]), batch.exponents([0, 2]))
    np.testing.assert_array_equal(batch.exponents(-1), batch.exponents([2]))
    for rows in (3, 1.5, [0.0], "a", None, [True], [[0]]):
        with pytest.raises(PartitionError, match="rows are numbers from 0 to 2, or a mask of 3"):
            batch.exponents(rows)
    with pytest.raises(PartitionError, match="rows are numbers"):
        batch.cut(7)
