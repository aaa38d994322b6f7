"""The two-state programme has two engines, by level and by node: they make the same choices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tnet
from tnet.cuts import forest as programme
from tnet.cuts.ratios import Ratios, integers, log2_of, products, times
from tnet.network.runs import Runs


@st.composite
def trees_with_side(draw):
    """Random trees of tensors, with hyperedges, dims from tiny to 2^70, and a side."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_tensors = draw(st.integers(1, 40))
    dims = draw(st.sampled_from([[2], [2, 3], [1, 2, 3, 4, 6], [2**40, 2**40 - 1, 3**44, 2]]))
    b = tnet.NetworkBuilder()
    legs = [[] for _ in range(n_tensors)]
    joined = 1
    while joined < n_tensors:
        ends = int(generator.integers(1, 4))
        bond = b.index(f"b{joined}", int(generator.choice(np.array(dims, dtype=object))))
        legs[int(generator.integers(joined))].append(bond)
        for tensor in range(joined, min(joined + ends, n_tensors)):
            legs[tensor].append(bond)
        joined += ends
    for number in range(draw(st.integers(1, 20))):
        dim = int(generator.choice(np.array(dims, dtype=object)))
        legs[int(generator.integers(n_tensors))].append(b.index(f"x{number}", dim, role="input"))
    for tensor, indices in enumerate(legs):
        b.tensor(f"t{tensor}", indices)
    network = b.build()
    return network, generator.random(network.n_modes) < 0.5


@settings(max_examples=400, deadline=None)
@given(trees_with_side())
def test_both_engines_give_the_same_sides(case):
    network, side = case
    found = []
    for threshold in (0, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(programme, "_NODES_PER_LEVEL", threshold)
            found.append(tnet.min_cut(network, side))
    np.testing.assert_array_equal(found[0].tensors_on_a, found[1].tensors_on_a)
    assert found[0].verify()
    assert found[0].dimension <= tnet.min_cut(network, side, method="flow").dimension


def test_a_level_of_a_million_dear_children_stays_exact_and_short():
    # One hyperedge over 10^5 inputs of a huge dim: the price of joining leaves 64 bits at once.
    spec = tnet.ConvNet(10**5, features=3**30, widths=(7**20,), pooling="global")
    cut = tnet.min_cut(spec.compile(), tnet.partitions.odd_even(10**5))
    assert cut.dimension == 7**20
    alone = tnet.min_cut(spec.compile(), [17])
    assert alone.dimension == 3**30


def test_products_beyond_64_bits_are_taken_in_python_integers():
    values = integers([2**40, 3**25, 5**20, 7])
    children = Runs.of(np.array([0, 0, 2, 2]), 4)
    assert products(values, children).tolist() == [2**40 * 3**25, 1, 5**20 * 7, 1]
    assert times(values, values).tolist() == [int(value) ** 2 for value in values.tolist()]
    assert log2_of(integers([2**2000]))[0] == 2000


def test_ratios_reduce_and_compare_exactly():
    ratios = Ratios(integers([2**50, 3 * 2**40, 5]), integers([2**49, 2**42, 5]))
    reduced = ratios.reduced()
    assert reduced.over.tolist() == [2, 3, 1]
    assert reduced.under.tolist() == [1, 4, 1]
    above = ratios.above_one()
    assert above.over.tolist() == [2**50, 1, 1]
    np.testing.assert_allclose(ratios.log2(), [1, math.log2(0.75), 0], atol=1e-12)
    halves = ratios.divided_by(Ratios(integers([4, 1, 3]), integers([1, 1, 2]))).reduced()
    assert [a * 2 == b for a, b in zip(halves.over, halves.under, strict=True)] == [
        True,
        False,
        False,
    ]
