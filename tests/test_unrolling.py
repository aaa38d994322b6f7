"""Units used several times: copies, paths, and the cuts of both graphs."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import exhaustive_min_cut_dimension
from strategies import examples

import tnet
from tnet.architectures.deep_recurrent import DeepRecurrent
from tnet.architectures.overlapping import Overlapping
from tnet.architectures.unrolled_cut import unrolled_min_cut
from tnet.architectures.unrolling import counted, path_counts, unrolled
from tnet.errors import PartitionError, SizeLimitError

WIDTHS = st.integers(1, 7)


@st.composite
def circuits_with_side(draw):
    """Deep recurrent and overlapping specs of a few hundred copies, with a side."""
    if draw(st.booleans()):
        spec = DeepRecurrent(
            draw(st.integers(1, 5)),
            features=draw(WIDTHS),
            hidden=draw(WIDTHS),
            layers=draw(st.integers(1, 3)),
            shared=draw(st.booleans()),
            outputs=draw(st.integers(1, 2)),
        )
    else:
        n_levels, kernel, stride = draw(st.integers(1, 3)), draw(st.integers(2, 3)), 1
        inputs = 1
        if draw(st.booleans()) and kernel == 3:
            stride = 2
        for _ in range(n_levels):
            inputs = (inputs - 1) * stride + kernel
        spec = Overlapping(
            inputs,
            features=draw(WIDTHS),
            widths=[draw(WIDTHS) for _ in range(n_levels)],
            kernel=kernel,
            stride=stride,
            shared=draw(st.booleans()),
            outputs=draw(st.integers(1, 2)),
        )
    n_modes = spec.shape[0]
    flags = draw(st.lists(st.booleans(), min_size=n_modes, max_size=n_modes))
    return spec, np.array(flags, dtype=bool)


@examples(150)
@given(circuits_with_side())
def test_cuts_of_the_three_graphs_are_in_order(case):
    spec, side = case
    exact = tnet.min_cut(spec.compile(), side).dimension
    assert unrolled_min_cut(spec.circuit(), side) == exact
    by_paths = tnet.min_cut(spec.compile(unroll=False), side)
    assert exact <= by_paths.dimension
    if max(path_counts(spec.circuit())) == 1:
        assert exact == by_paths.dimension
    assert by_paths.claim.kind in ("upper bound", "exact by theorem")


@pytest.mark.parametrize(
    ("spec", "side", "unrolled_cut", "counted_cut"),
    [
        (Overlapping(5, features=4, widths=(7, 6), kernel=3), [3, 4], 28, 49),
        (DeepRecurrent(4, features=3, hidden=5, layers=3), [0], 32805, 59049),
        (DeepRecurrent(5, features=4, hidden=5, layers=2), [0, 1], 500, 625),
        (DeepRecurrent(6, features=4, hidden=3, layers=2), [0, 1, 2], 81, 81),
    ],
)
def test_counting_paths_can_exceed_the_unrolled_cut(spec, side, unrolled_cut, counted_cut):
    network = spec.compile()
    assert network.forest is not None
    assert tnet.min_cut(network, side).dimension == unrolled_cut
    assert unrolled_min_cut(spec.circuit(), side) == unrolled_cut
    assert tnet.min_cut(spec.compile(unroll=False), side).dimension == counted_cut


@pytest.mark.parametrize(
    "spec",
    [
        DeepRecurrent(2, features=3, hidden=2, layers=3),
        Overlapping(3, features=3, widths=(2, 4), kernel=2),
    ],
    ids=str,
)
def test_both_graphs_against_every_assignment_of_sides(spec):
    for graph in (spec.compile(), spec.compile(unroll=False)):
        for side in itertools.product([False, True], repeat=graph.n_modes):
            cut = tnet.min_cut(graph, np.array(side))
            assert cut.dimension == exhaustive_min_cut_dimension(graph, side)


@pytest.mark.parametrize(
    "spec",
    [
        DeepRecurrent(4, features=2, hidden=2, layers=2),
        DeepRecurrent(4, features=2, hidden=3, layers=3, shared=False),
        Overlapping(4, features=2, widths=(2, 2, 2), kernel=2),
        Overlapping(5, features=2, widths=(2, 3), kernel=3, shared=True),
    ],
    ids=str,
)
def test_no_cut_is_below_the_exact_rank_of_the_function(spec):
    network = spec.compile()
    p = tnet.random_parameters(network, seed=4)
    n = spec.shape[0]
    probes = np.random.default_rng(0).standard_normal((12, n, 2))
    for bits in range(1, 2**n - 1):
        side = np.array([(bits >> k) & 1 for k in range(n)], dtype=bool)
        mixed = np.where(side[:, None], probes[:, None], probes[None])
        values = tnet.evaluate(network, p, mixed.reshape(-1, n, 2)).reshape(12, 12)
        rank = np.linalg.matrix_rank(values, rtol=1e-9)
        assert rank <= tnet.min_cut(network, side).dimension


def test_paths_count_the_copies():
    circuit = Overlapping(4, features=2, widths=(3, 3, 3), kernel=2).circuit()
    assert path_counts(circuit) == [1, 3, 3, 1, 1, 2, 1, 1, 1, 1]
    network = unrolled(circuit)
    assert np.bincount(network.input_modes).tolist() == [1, 3, 3, 1]
    counts = {group.name: group.count for group in network.index_groups}
    assert counts == {"x": 8, "r0": 4, "r1": 2, "r2": 1}
    by_paths = counted(circuit)
    multiplicities = {group.name: group.multiplicity for group in by_paths.index_groups}
    assert multiplicities == {
        "x.times1": 1,
        "x.times3": 3,
        "r0.times1": 1,
        "r0.times2": 2,
        "r1": 1,
        "r2": 1,
    }
    assert by_paths.input_modes.tolist() == [0, 1, 2, 3]
    assert by_paths.n_parameters == circuit.n_parameters


def test_a_network_used_once_unrolls_to_itself():
    for outputs in (1, 3):
        network = tnet.ConvNet(8, features=2, widths=(2, 3, 4), outputs=outputs).compile()
        assert unrolled(network) == network == counted(network)


def test_unshared_copies_carry_the_array_of_their_unit():
    spec = DeepRecurrent(3, features=2, hidden=2, layers=2, shared=False)
    network = spec.compile()
    copies = {group.name: (group.count, group.shared) for group in network.tensor_groups}
    # Paths from step t of the lower layer to the end of the upper one: 3, 2, 1.
    assert {name: copies[name] for name in ("in1.0", "in1.1", "in1.2")} == {
        "in1.0": (3, True),
        "in1.1": (2, True),
        "in1.2": (1, True),
    }
    assert copies["hid2"] == (2, False)
    assert spec.n_parameters == network.n_parameters == 3 * 4 + 2 * 4 + 3 * 4 + 2 * 4 + 2


def test_a_cut_of_a_deep_network_needs_no_copies():
    spec = DeepRecurrent(40, features=4, hidden=3)
    with pytest.raises(SizeLimitError, match=r"\d tensors, more than 1,000"):
        spec.compile(most_tensors=1000)
    assert unrolled_min_cut(spec.circuit(), range(20)) == 3 ** (1 + 20)
    huge = Overlapping(41, features=2, widths=(2,) * 40, kernel=2)
    with pytest.raises(SizeLimitError, match=r"2\^40 bits, more than 67,108,864"):
        unrolled_min_cut(huge.circuit(), range(20))
    with pytest.raises(PartitionError):
        unrolled_min_cut(spec.circuit(), [40])
