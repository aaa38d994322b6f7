"""Flow decided exactly: against exhaustion, long logs, near-ties, ties, and faulty solvers."""

import contextlib
import math
import sys
from decimal import Decimal, localcontext
from unittest import mock

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import cut_dimension, exhaustive_min_cut_dimension
from strategies import examples, forests_with_side, networks_with_side

import tnet
from tnet.cuts import exact_flow, flow, flow_scaling, flow_solvers
from tnet.cuts.exact_logs import coprime_base, exponents_over, scaled_log2
from tnet.errors import VerificationError
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

NEAR_TIES = (1, 2, 3, 4, 6, 8, 9, 12, 18, 27, 1024, 1025, 959, 997, 908, 1053)


@contextlib.contextmanager
def solver(name):
    """Solve by one library; OR-tools counts as absent where SciPy is asked for."""
    if name == "ortools":
        pytest.importorskip("ortools.graph.python.max_flow")
        yield
        return
    hidden = "ortools.graph.python"
    before = {hidden: sys.modules[hidden]} if hidden in sys.modules else {}
    sys.modules[hidden] = None
    try:
        yield
    finally:
        del sys.modules[hidden]
        sys.modules.update(before)


both_solvers = pytest.mark.parametrize("library", ["scipy", "ortools"])


@contextlib.contextmanager
def coarse(heaviest=2**4, largest=2**30 - 2):
    """Round weights so that little is decided by them, and let few units pass at a time."""
    with (
        mock.patch.object(flow, "HEAVIEST_INDEX", heaviest),
        mock.patch.object(flow_scaling, "LARGEST_CAPACITY", largest),
    ):
        yield


def random_network(rng, *, n_tensors, n_indices, dims, max_ends=3):
    """Hypernetwork with loops, hyperedges, multiplicities, rereads and loose parts."""
    rows = [[] for _ in range(n_tensors)]
    groups, modes, dim_of_mode = [], [], []
    for index in range(n_indices):
        role = str(rng.choice(["input", "inner", "inner", "inner"])) if index > 1 else "input"
        role = "output" if role == "inner" and rng.random() < 0.05 else role
        dim = int(rng.choice(dims))
        if role == "input":
            same = [mode for mode, other in enumerate(dim_of_mode) if other == dim]
            if same and rng.random() < 0.3:
                modes.append(int(rng.choice(same)))
            else:
                modes.append(len(dim_of_mode))
                dim_of_mode.append(dim)
        n_ends = int(rng.integers(1, min(max_ends, n_tensors) + 1))
        for tensor in rng.choice(n_tensors, size=n_ends, replace=False).tolist():
            rows[tensor] += [index] * (2 if rng.random() < 0.05 else 1)
        multiplicity = int(rng.choice([1, 1, 1, 2, 3]))
        groups.append(IndexGroup(f"i{index}", dim, role=role, multiplicity=multiplicity))
    tensors = tuple(
        TensorGroup(f"t{number}", np.array([row], dtype=np.int32).reshape(1, len(row)))
        for number, row in enumerate(rows)
    )
    return TensorNetwork(tuple(groups), tensors, input_modes=np.array(modes, dtype=np.int32))


def random_case(seed, **options):
    rng = np.random.default_rng(seed)
    network = random_network(rng, **options)
    return network, rng.random(network.n_modes) < 0.5


def small_case(seed):
    rng = np.random.default_rng(seed)
    dims = NEAR_TIES if seed % 3 else (2, 3, 4, 6)
    sizes = {"n_tensors": int(rng.integers(1, 6)), "n_indices": int(rng.integers(2, 10))}
    return random_case(seed, dims=dims, **sizes)


def assert_least(network, side_a, least):
    cut = tnet.min_cut(network, side_a, method="flow")
    assert cut.dimension == least
    assert cut.slack_log2 == 0
    assert cut.verify()


# --- least, against exhaustion and long logs -----------------------------------------------------


@pytest.mark.parametrize("block", range(20))
def test_flow_is_least_over_all_side_assignments_of_five_thousand_networks(block):
    for seed in range(250 * block, 250 * (block + 1)):
        network, side_a = small_case(seed)
        least = exhaustive_min_cut_dimension(network, side_a)
        with solver("scipy"):
            assert_least(network, side_a, least)
        if seed % 5 == 0:
            with coarse(2 ** (seed % 7)):
                assert_least(network, side_a, least)
            with coarse(2**49, largest=62):
                assert_least(network, side_a, least)


@examples(60)
@given(networks_with_side(max_tensors=6, operators=True), st.sampled_from([1, 8, 2**12, 2**49]))
def test_flow_is_least_however_coarsely_weights_are_rounded(case, heaviest):
    network, side_a = case
    with coarse(heaviest):
        assert_least(network, side_a, exhaustive_min_cut_dimension(network, side_a))


def long_log2(dim, *, digits=110, bits=300):
    """Floor of log2 in units of ``2**-bits``, by another way than the library's."""
    with localcontext(prec=digits):
        return int(Decimal(dim).ln() / Decimal(2).ln() * 2**bits)


def networkx_cut_dimension(network, side_a):
    """Least cut by networkx on integer capacities of 300 binary digits."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["A", "B", *range(network.n_tensors)])
    for index in network.indices:
        if index.role != "output":
            capacity = index.multiplicity * long_log2(index.dim)
            graph.add_edge(("in", index.id), ("out", index.id), capacity=capacity)
    for tensor, row in enumerate(network.to_einsum()[0]):
        for index in row:
            if network.indices[index].role != "output":
                graph.add_edge(("out", index), tensor)
                graph.add_edge(tensor, ("in", index))
    for reading, mode in zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True):
        graph.add_edge(*(("A", ("in", reading)) if side_a[mode] else (("out", reading), "B")))
    _, (around_a, _) = nx.minimum_cut(graph, "A", "B")
    return cut_dimension(network, [t in around_a for t in range(network.n_tensors)], side_a)


@pytest.mark.parametrize("block", range(6))
def test_flow_equals_networkx_with_long_integers_on_hundreds_of_networks(block):
    for seed in range(50 * block, 50 * (block + 1)):
        dims = [(2, 3, 4, 5, 6, 7, 8), NEAR_TIES, tuple(range(900, 1100))][seed % 3]
        network, side_a = random_case(
            seed, n_tensors=12 + seed % 20, n_indices=30 + seed % 40, dims=dims
        )
        expected = networkx_cut_dimension(network, side_a)
        for heaviest in (2**49, 2**6):
            with coarse(heaviest):
                assert_least(network, side_a, expected)


@both_solvers
@pytest.mark.parametrize("seed", range(4))
def test_flow_equals_networkx_on_a_grid_with_either_library(library, seed):
    network = grid(9, seed=seed)
    rows, columns = np.indices((9, 9))
    for side_a in (columns < 4, (rows + columns) % 2 == 1, rows * columns % 3 == 1):
        with solver(library):
            assert_least(network, side_a, networkx_cut_dimension(network, side_a.reshape(-1)))


@examples(40)
@given(forests_with_side(max_tensors=200, dims=NEAR_TIES))
def test_flow_equals_the_forest_programme_where_dims_nearly_tie(case):
    network, side_a = case
    with coarse(2**10):
        assert_least(network, side_a, tnet.min_cut(network, side_a, method="forest").dimension)


# --- near-ties and ties --------------------------------------------------------------------------


def row_of_bundles(*bundles, shared=(), beside=0):
    """Three tensors in a row, joined by bundles of bonds.

    `shared` bonds join the first and the last besides; `beside` is a number of other pairs of
    tensors, each with one bond of 5 between an input of either side.
    """
    builder = tnet.NetworkBuilder()
    n_tensors = len(bundles) + 1
    left, right = (
        builder.index(name, 2, role="input", mode=mode, multiplicity=2**19)
        for mode, name in enumerate(["left", "right"])
    )
    rows = [[] for _ in range(n_tensors)]
    rows[0].append(left)
    rows[-1].append(right)
    ends = [(k, k + 1, bundle) for k, bundle in enumerate(bundles)] + [(0, n_tensors - 1, shared)]
    for number, (first, second, bundle) in enumerate(ends):
        for dim in sorted(set(bundle)):
            ids = builder.indices(f"b{number}_{dim}", list(bundle).count(dim), dim).tolist()
            rows[first] += ids
            rows[second] += ids
    for number, row in enumerate(rows):
        builder.tensor(f"T{number}", row)
    if beside:
        ones = builder.indices("ones", beside, 7, role="input", modes=np.arange(2, 2 + beside))
        modes = np.arange(2 + beside, 2 + 2 * beside)
        twos = builder.indices("twos", beside, 7, role="input", modes=modes)
        bonds = builder.indices("bonds", beside, 5)
        builder.tensors("P", np.stack([ones, bonds], axis=1))
        builder.tensors("Q", np.stack([bonds, twos], axis=1))
    side_a = np.zeros(2 + 2 * beside, dtype=bool)
    side_a[0] = True
    side_a[2 : 2 + beside] = True
    return builder.build(), side_a


PAIRS = [
    ([1025], [1024]),
    ([959, 997], [908, 1053]),
    ([10**9 + 9], [10**9 + 7]),
    ([2**61 + 1], [2**61 - 1]),
    ([2**200 + 1], [2**200 - 1]),
    ([4, 9], [6, 6]),
    ([2, 2], [4]),
    ([12, 18], [6, 36]),
]


@pytest.mark.parametrize(
    ("n_others", "swap"), [(40, False), (40, True), (2000, True), (30_000, False)]
)
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_near_ties_are_decided_behind_thousands_of_other_bonds(pair, n_others, swap):
    first, second = pair[::-1] if swap else pair
    least = min(math.prod(first), math.prod(second))
    others = [3] * n_others
    share_them = row_of_bundles(first, second, shared=others)
    have_their_own = row_of_bundles([*first, *others], [*second, *others])
    for network, side_a in (share_them, have_their_own):
        assert_least(network, side_a, least * 3**n_others)
    network, side_a = row_of_bundles(first, second, beside=n_others)
    assert_least(network, side_a, least * 5**n_others)


@pytest.mark.parametrize("last", [([1025], [1024]), ([1024], [1025]), ([6], [2, 3])])
def test_products_of_other_dims_tie_in_the_thousands_beside_the_pair_that_decides(last):
    first, second = [4, 9] * 2000 + last[0], [6, 6] * 2000 + last[1]
    network, side_a = row_of_bundles(first, second, [3, 12] * 2000 + last[0])
    cut = tnet.min_cut(network, side_a, method="flow")
    assert cut.dimension == min(math.prod(first), math.prod(second))
    assert cut.slack_log2 == 0


def test_thousands_of_ties_in_a_row_and_side_by_side_are_exact():
    network, side_a = row_of_bundles(*([[4, 9], [6, 6], [36], [2, 18]] * 500))
    assert_least(network, side_a, 36)
    # A checkerboard: to cut all inputs of side A or all of side B is one and the same price.
    network = grid(40, dims=(3,), input_dim=2)
    rows, columns = np.indices((40, 40))
    assert_least(network, (rows + columns) % 2 == 1, 2**800)


def test_the_small_pair_of_the_reference_is_decided():
    network, side_a = row_of_bundles([959, 997], [908, 1053])
    assert (959 * 997, 908 * 1053) == (956_123, 956_124)
    cut = tnet.min_cut(network, side_a, method="flow")
    assert cut.factors == {"b0_959": 1, "b0_997": 1}
    assert "the cut is least, proved by an equal flow" in cut.claim.reason


# --- capacities that 32 or 64 bits do not hold ---------------------------------------------------


@both_solvers
@pytest.mark.parametrize("dim", [2**40, 2**40 + 1, 3**50])
def test_totals_beyond_32_bits_are_exact_with_either_library(library, dim):
    network, side_a = row_of_bundles([dim] * 3000, [dim] * 2999 + [dim - 1])
    with solver(library):
        assert_least(network, side_a, dim**2999 * (dim - 1))


@both_solvers
@pytest.mark.parametrize("times", [10**5, 2**31, 2**40, 2**62])
def test_multiplicities_that_make_costs_of_any_length_are_exact(library, times):
    for dims in ((2, 2, 2), (2, 3, 5), (1024, 1025, 2)):
        builder = tnet.NetworkBuilder()
        for number, side in enumerate("ab"):
            builder.index(side, dims[0], role="input", mode=number, multiplicity=2 * times)
        builder.index("p", dims[1], multiplicity=times)
        builder.index("q", dims[1], multiplicity=times - 1)
        builder.index("r", dims[2], multiplicity=1)
        builder.tensor("S", "apq")
        builder.tensor("T", "pqb")
        builder.tensor("U", "ra")
        builder.tensor("V", "rb")
        with solver(library):
            cut = tnet.min_cut(builder.build(), ["a"], method="flow")
        assert cut.slack_log2 == 0
        bonds = (2 * times - 1) * Decimal(dims[1]).ln() + Decimal(dims[2]).ln()
        leg = 2 * times * Decimal(dims[0]).ln()
        tie = dims == (2, 2, 2)
        expected = {"p": times, "q": times - 1, "r": 1} if bonds < leg and not tie else None
        if expected:
            assert cut.factors == expected
        else:
            assert sum(cut.factors.values()) == 2 * times


def test_a_few_wide_indices_do_not_coarsen_many_narrow_ones():
    network, side_a = row_of_bundles([2, 3] * 50, [5] + [6] * 49, shared=[3**40])
    assert_least(network, side_a, 5 * 6**49 * 3**40)


# --- the parts of the proof ----------------------------------------------------------------------


@examples(200)
@given(st.lists(st.integers(1, 10**6) | st.sampled_from([2**70, 6**30, 10**30 + 57]), max_size=8))
def test_a_coprime_base_is_coprime_and_writes_every_number(numbers):
    base = coprime_base(numbers)
    assert all(math.gcd(a, b) == 1 for k, a in enumerate(base) for b in base[:k])
    assert all(factor > 1 for factor in base)
    for number in numbers:
        powers = exponents_over(base, number)
        assert math.prod(base[j] ** e for j, e in powers.items()) == number


@examples(200)
@given(st.integers(1, 10**9) | st.integers(1, 2**200), st.integers(0, 300))
def test_long_logs_are_too_low_by_less_than_two_units(number, bits):
    with localcontext(prec=200):
        exact = Decimal(number).ln() / Decimal(2).ln() * 2**bits
        assert 0 <= exact - scaled_log2(number, bits) + Decimal(10) ** -60 < 2


def test_logs_get_more_digits_until_they_decide(monkeypatch):
    network, side_a = row_of_bundles([2**200 + 1], [2**200 - 1])
    monkeypatch.setattr(exact_flow, "FIRST_BITS", 1)
    assert_least(network, side_a, 2**200 - 1)


@pytest.mark.parametrize(
    ("name", "value"), [("LAST_BITS", exact_flow.FIRST_BITS), ("_MOST_BYTES", 0)]
)
def test_what_stays_undecided_is_said_in_bits(monkeypatch, name, value):
    monkeypatch.setattr(exact_flow, name, value)
    network, side_a = row_of_bundles([2**200 - 1] * 2, [2**200 + 1] * 2)
    cut = tnet.min_cut(network, side_a, method="flow")
    assert 0 < cut.slack_log2 < 1e-8
    assert cut.log2 - 2 * math.log2(2**200 - 1) <= cut.slack_log2
    assert cut.claim.kind == "upper bound"
    assert "bits smaller, proved by flow" in cut.claim.reason
    assert cut.verify()


def faulty(change):
    def solve(n_nodes, tail, head, capacities):
        return change(flow_solvers.scipy_flow(n_nodes, tail, head, capacities))

    return solve


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found * 0, "not maximal"),
        (lambda found: found // 2, "not maximal|does not balance"),
        (lambda found: found * 2, "exceeds a capacity"),
        (lambda found: -found, "exceeds a capacity"),
        (lambda found: found - (np.arange(len(found)) == 0), "balance at a node"),
    ],
    ids=["none", "half", "double", "backwards", "one unit lost"],
)
@pytest.mark.parametrize("dims", [(2, 4), (2, 3, 5, 7)])
def test_a_solver_that_returns_no_maximum_flow_is_found_out(monkeypatch, change, message, dims):
    monkeypatch.setattr(flow_scaling, "maximum_flow", faulty(change))
    with pytest.raises(VerificationError, match=message):
        tnet.min_cut(grid(6, dims=dims), tnet.partitions.left_right((6, 6)), method="flow")


def test_a_cut_that_does_not_weigh_what_flows_is_found_out(monkeypatch):
    network, side_a = row_of_bundles([4, 9], [6, 6], [7, 5])
    monkeypatch.setattr(flow, "crossing_indices", lambda *_: network.inputs[:1])
    with pytest.raises(VerificationError, match=r"maximum flow is .* but the cut it gives weighs"):
        tnet.min_cut(network, side_a, method="flow")


def test_a_solver_that_gives_up_is_reported():
    pytest.importorskip("ortools.graph.python.max_flow")
    with mock.patch("ortools.graph.python.max_flow.SimpleMaxFlow") as made:
        made.return_value.solve.return_value = "BAD_RESULT"
        with pytest.raises(VerificationError, match="OR-tools finds no maximum flow"):
            tnet.min_cut(grid(3), tnet.partitions.left_right((3, 3)), method="flow")


# --- size ----------------------------------------------------------------------------------------


def bonds_between(builder, rows, ends, *, dims, rng):
    """Join rows pair by pair with bonds of random dims, one index group per dim."""
    firsts, seconds = ends
    bond_dims = rng.choice(dims, size=len(firsts))
    for dim in np.unique(bond_dims).tolist():
        chosen = np.nonzero(bond_dims == dim)[0]
        ids = builder.indices(f"b{dim}", len(chosen), dim).tolist()
        for first, second, bond in zip(firsts[chosen], seconds[chosen], ids, strict=True):
            rows[first].append(bond)
            rows[second].append(bond)


def neighbours(side):
    """Cells of a square grid that lie side by side or one above the other."""
    cells = np.arange(side * side).reshape(side, side)
    pairs = [(cells[:, :-1], cells[:, 1:]), (cells[:-1], cells[1:])]
    return [np.concatenate([pair[k].reshape(-1) for pair in pairs]) for k in (0, 1)]


def grid(side, *, dims=(2, 3, 4, 5, 6, 7, 8), input_dim=6, seed=0):
    """Tensors on a square grid, bonds between neighbours, one open leg each."""
    builder = tnet.NetworkBuilder()
    inputs = builder.indices("x", side * side, input_dim, role="input").tolist()
    rows = [[index] for index in inputs]
    bonds_between(builder, rows, neighbours(side), dims=dims, rng=np.random.default_rng(seed))
    for number, row in enumerate(rows):
        builder.tensor(f"T{number}", row)
    return builder.build((side, side))


def grid_read_at_its_ends(side, *, dims=(2, 3, 4, 5, 6, 7, 8), seed=0):
    """A grid read only in its first and last columns, so that flow crosses all of it."""
    builder = tnet.NetworkBuilder()
    inputs = builder.indices("x", 2 * side, 2**40, role="input").tolist()
    rows = [[] for _ in range(side * side)]
    for row in range(side):
        rows[row * side].append(inputs[row])
        rows[(row + 1) * side - 1].append(inputs[side + row])
    bonds_between(builder, rows, neighbours(side), dims=dims, rng=np.random.default_rng(seed))
    for number, row in enumerate(rows):
        builder.tensor(f"T{number}", row)
    return builder.build()


def windows(n_inputs, *, window=3, input_dim=6, seed=0):
    """A line of tensors, each on a window that overlaps the next, and bonds between neighbours."""
    builder = tnet.NetworkBuilder()
    inputs = builder.indices("x", n_inputs, input_dim, role="input")
    tensors = np.arange(n_inputs - window + 1)
    rows = [inputs[k : k + window].tolist() for k in tensors]
    dims, rng = (2, 3, 4, 5, 6, 7, 8), np.random.default_rng(seed)
    bonds_between(builder, rows, (tensors[:-1], tensors[1:]), dims=dims, rng=rng)
    for number, row in enumerate(rows):
        builder.tensor(f"T{number}", row)
    return builder.build()


@both_solvers
def test_larger_lines_and_grids_are_decided_whatever_the_side(library):
    for network in (windows(2000), grid(40), grid_read_at_its_ends(30)):
        for seed in range(2):
            side_a = np.random.default_rng(seed).random(network.n_modes) < 0.5
            with solver(library):
                cut = tnet.min_cut(network, side_a)
            with solver("scipy"), coarse(2**20, largest=2**12):
                again = tnet.min_cut(network, ~side_a)
            assert cut.dimension == again.dimension
            assert cut.slack_log2 == again.slack_log2 == 0
            assert cut.verify()
