"""Counts of partitions by min cut: equal to enumeration, with witnesses, and in total 2^N."""

import dataclasses
import itertools
import math
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from strategies import examples, forests, nested_trees, networks

import tnet
from tnet.cuts import distribution as programme
from tnet.cuts.distribution import cut_distribution
from tnet.errors import SizeLimitError, StructureError, VerificationError
from tnet.geometry.mode_tree import ModeTree


def enumerated(network):
    """Counts by `min_cut` of every side, of all and of the balanced ones."""
    every, balanced = Counter(), Counter()
    for flags in itertools.product([False, True], repeat=network.n_modes):
        dimension = tnet.min_cut(network, np.array(flags, dtype=bool)).dimension
        every[dimension] += 1
        if sum(flags) == network.n_modes // 2:
            balanced[dimension] += 1
    return every, balanced


def assert_sound(network, distribution):
    """What holds without enumeration."""
    n_modes = network.n_modes
    assert distribution.total == 2**n_modes
    assert distribution.balanced_total == math.comb(n_modes, n_modes // 2)
    assert all(type(count) is int for count in distribution.counts.values())
    assert list(distribution.counts) == sorted(distribution.counts)
    # A side and its complement have one cut, so that sides come in pairs.
    if n_modes:
        assert all(count % 2 == 0 for count in distribution.counts.values())
    assert distribution.weakest.dimension == min(distribution.balanced_counts)
    assert distribution.strongest.dimension == max(distribution.balanced_counts)
    for found in (distribution.weakest, distribution.strongest):
        assert found.side_a.shape == network.input_shape
        assert found.side_a.dtype == bool
        assert found.side_a.sum() == n_modes // 2
        assert tnet.min_cut(network, found.side_a).dimension == found.dimension
    assert str(distribution)
    assert repr(distribution)


def assert_equals_enumeration(network):
    distribution = cut_distribution(network)
    every, balanced = enumerated(network)
    assert distribution.counts == every
    assert distribution.balanced_counts == balanced
    assert_sound(network, distribution)


@pytest.mark.parametrize(
    "spec",
    [
        tnet.ConvNet(8, features=2, widths=(2, 2, 2)),
        tnet.ConvNet(8, features=3, widths=(5, 7, 11)),
        tnet.ConvNet(8, features=3, widths=(2, 9, 4), outputs=6),
        tnet.ConvNet(8, features=4, widths=(1, 3, 2), operator="max"),
        tnet.ConvNet(9, features=2, widths=(3, 2), window=3),
        tnet.ConvNet((3, 3), features=3, widths=(5, 4), window=[(1, 3), (3, 1)]),
        tnet.ConvNet((2, 4), features=2, widths=(3, 4), pooling="mirror"),
        tnet.ConvNet(7, features=3, widths=(5,), pooling="global"),
        tnet.ConvNet(8, features=5, widths=(7, 3), window=[4, 2]),
        tnet.ConvNet(12, features=2, widths=(3, 5), window=[4, 3]),
    ],
)
def test_architectures_equal_enumeration(spec):
    assert_equals_enumeration(spec.compile())


@examples(25)
@given(nested_trees(max_modes=7))
def test_irregular_trees_equal_enumeration(nested):
    tree = ModeTree.from_nested(nested)
    widths = (3, 2, 5, 4, 7, 2)[: int(tree.level.max()) + 1]
    spec = tnet.ConvNet(tree.n_modes, features=3, widths=widths, pooling=tree)
    assert_equals_enumeration(spec.compile())


@examples(40)
@given(forests(max_tensors=7, dims=(1, 2, 3, 4, 6)))
def test_hand_made_forests_equal_enumeration(network):
    assume(network.n_modes <= 7)
    assert_equals_enumeration(network)


@examples(60)
@given(networks(max_tensors=6, operators=True))
def test_any_network_equals_enumeration_or_says_why_not(network):
    if network.forest is None:
        with pytest.raises(StructureError, match="needs a network without loops"):
            cut_distribution(network)
    elif len(network.inputs) != network.n_modes:
        with pytest.raises(StructureError, match="needs every element read once"):
            cut_distribution(network)
    else:
        assert_equals_enumeration(network)


def test_order_of_elements_and_of_tensors_does_not_matter_to_the_counts():
    network = tnet.ConvNet(8, features=3, widths=(2, 5, 4)).compile()
    modes = np.random.default_rng(0).permutation(8).astype(np.int32)
    shuffled = dataclasses.replace(network, input_modes=modes)
    expected, found = cut_distribution(network), cut_distribution(shuffled)
    assert found.counts == expected.counts
    assert found.balanced_counts == expected.balanced_counts
    assert_sound(shuffled, found)


def test_global_pooling_counts_by_the_smaller_side():
    distribution = cut_distribution(
        tnet.ConvNet(20, features=3, widths=(40,), pooling="global").compile()
    )
    expected = Counter()
    for n_chosen in range(21):
        expected[min(40, 3 ** min(n_chosen, 20 - n_chosen))] += math.comb(20, n_chosen)
    assert distribution.counts == expected
    assert distribution.balanced_counts == {40: math.comb(20, 10)}


def test_a_long_chain_of_cores_needs_no_recursion():
    b = tnet.NetworkBuilder()
    bonds = b.indices("bond", 119, 2).tolist()
    inputs = b.indices("x", 120, 2, role="input").tolist()
    for site, reading in enumerate(inputs):
        b.tensor(f"core{site}", [*bonds[max(0, site - 1) : site + 1], reading])
    network = b.build()
    distribution = cut_distribution(network)
    assert_sound(network, distribution)
    assert distribution.counts[1] == 2
    assert distribution.weakest.dimension == 2


def test_sixty_four_inputs_of_equal_widths():
    for features, widths in [(2, (2,) * 6), (10, (10,) * 6)]:
        network = tnet.ConvNet(64, features=features, widths=widths).compile()
        started = time.perf_counter()
        distribution = cut_distribution(network)
        print(f"64 inputs: {time.perf_counter() - started:.2f} s")
        assert_sound(network, distribution)
        dim = widths[0]
        assert set(distribution.counts) == {dim**k for k in range(33)}
        assert distribution.balanced_counts[dim] == 2
        np.testing.assert_array_equal(
            distribution.weakest.side_a ^ distribution.weakest.side_a[0],
            ~tnet.partitions.left_right(64),
        )
        # Every pair of neighbours is parted: 2 ways each, and each is balanced.
        assert distribution.counts[dim**32] == distribution.balanced_counts[dim**32] == 2**32


def test_grids_keep_their_shape():
    network = tnet.ConvNet((4, 8), features=2, widths=(4, 4, 4), window=[2, 2, (1, 2)]).compile()
    assert_sound(network, cut_distribution(network))


def test_the_table_and_texts():
    distribution = cut_distribution(tnet.ConvNet(8, features=3, widths=(2, 4, 4)).compile())
    assert str(distribution).splitlines()[:2] == [
        "min cuts of all 256 sides of 8 inputs, 70 of them balanced",
        "  cut  log2  all         balanced",
    ]
    assert repr(distribution) == (
        "<CutDistribution: 5 min cuts of 8 inputs, balanced from 4 to 16>"
    )
    assert distribution.claim.kind == "upper bound"
    assert repr(distribution.weakest).startswith("<PartitionCut: 4 with side A {")
    long = cut_distribution(tnet.ConvNet(64, features=2, widths=(2,) * 6).compile())
    assert "... 17 more min cuts ..." in str(long)
    assert "4.295e9" in str(long)
    assert "more}" in repr(long.strongest)
    assert not long.weakest.side_a.flags.writeable
    assert long.claim.kind == "exact by theorem"


def test_without_inputs_there_is_one_side():
    b = tnet.NetworkBuilder()
    b.index("k", 3)
    b.tensor("t", ["k"])
    distribution = cut_distribution(b.build())
    assert distribution.counts == distribution.balanced_counts == {1: 1}


def test_the_bound_on_states_is_named():
    network = tnet.ConvNet(32, features=3, widths=(5, 7, 11, 13, 17)).compile()
    with pytest.raises(SizeLimitError, match="more than max_states=50 states; raise max_states"):
        cut_distribution(network, max_states=50)


def test_loops_and_elements_read_twice_are_refused():
    loop = tnet.from_einsum("iab,abj->ij", (2, 3, 3), (3, 3, 2))
    with pytest.raises(StructureError, match=r"without loops.*use min_cut"):
        cut_distribution(loop)
    b = tnet.NetworkBuilder()
    for name in "pq":
        b.index(name, 2, role="input", mode=0)
    b.tensor("t", ["p", "q"])
    with pytest.raises(StructureError, match=r"reads 1 elements 2 times.*use min_cut"):
        cut_distribution(b.build())


def test_a_witness_that_min_cut_contradicts_is_not_returned(monkeypatch):
    network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
    monkeypatch.setattr(programme, "witness", lambda *_: [True] * 4)
    with pytest.raises(VerificationError, match="counted with cut 2 has min cut 1"):
        cut_distribution(network)
