"""Profiles: every entry is the cut of its block; shapes, limits and what is said of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, forests, mode_trees_with_side, networks
from test_min_cuts import POOLINGS, WINDOWS, chain, convnets, ring

import tnet
from tnet.cuts import interval_tables, profile
from tnet.cuts.profile import cut_profile
from tnet.errors import MemoryLimitError, StructureError


def single_cuts(network):
    """The matrix of a profile, cut by cut."""
    shape = network.input_shape
    longest = min(shape, default=0)
    rows = []
    for length in range(1, longest + 1):
        if length ** len(shape) >= network.n_modes:
            break
        rows.append(np.full(network.n_modes, np.nan))
        for corner in np.ndindex(*(side - length + 1 for side in shape)):
            side_a = np.zeros(shape, dtype=bool)
            side_a[tuple(slice(c, c + length) for c in corner)] = True
            first = np.ravel_multi_index(corner, shape)
            rows[-1][first] = tnet.min_cut(network, side_a).log2
    return np.array(rows).reshape(len(rows), network.n_modes)


def assert_profile(network):
    found, matrix = cut_profile(network), single_cuts(network)
    assert found.matrix == pytest.approx(matrix, abs=1e-9, nan_ok=True)
    assert found.lengths.tolist() == list(range(1, len(matrix) + 1))
    assert len(found) == len(matrix)
    if len(matrix):
        assert found.least == pytest.approx(np.nanmin(matrix, axis=1))
        assert found.median == pytest.approx(np.nanmedian(matrix, axis=1))
        assert found.largest == pytest.approx(np.nanmax(matrix, axis=1))
    return found


@examples(40)
@given(forests(max_tensors=15))
def test_forests(network):
    assert_profile(network)


@examples(40)
@given(networks())
def test_any_network(network):
    assert_profile(network)


@examples(30)
@given(mode_trees_with_side(max_modes=10), st.lists(st.integers(1, 9), min_size=10, max_size=10))
def test_irregular_trees(case, dims):
    tree, _ = case
    widths = dims[: tree.n_levels]
    options = {"features": dims[-1], "widths": widths, "pooling": tree, "outputs": 2}
    assert_profile(tnet.ConvNet(tree.n_modes, **options).compile())


@pytest.mark.parametrize(("shape", "window"), WINDOWS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_convnets_of_every_pooling(shape, window, pooling):
    widths = (4, 7, 2, 4, 3, 9)
    assert_profile(convnets(shape, window, pooling, features=3, widths=widths).compile())


def test_rows_in_parts_join(monkeypatch):
    monkeypatch.setattr(interval_tables, "_ENTRIES_AT_ONCE", 7)
    assert_profile(tnet.ConvNet(16, features=3, widths=(4, 5, 2, 6)).compile())


def test_blocks_in_parts_join(monkeypatch):
    monkeypatch.setattr(profile, "_FLAGS_AT_ONCE", 100)
    assert_profile(tnet.ConvNet((4, 4), features=3, widths=(4, 5)).compile())
    assert_profile(ring())


def test_chain_of_many_sites():
    assert_profile(chain(20))


def test_what_a_profile_says_of_itself():
    found = cut_profile(tnet.ConvNet(8, features=2, widths=(2, 2, 2)).compile())
    assert repr(found) == (
        "<CutProfile: lengths 1 to 7, log2 1 to 3 (largest at 4; exact by theorem)>"
    )
    with pytest.raises(ValueError, match="read-only"):
        found.matrix[0, 0] = 1
    squares = cut_profile(tnet.ConvNet((4, 4), features=2, widths=(2, 2)).compile())
    assert repr(squares).startswith("<CutProfile: sides 1 to 3, ")
    assert squares.claim.kind == "exact by theorem"
    assert cut_profile(ring()).claim.kind == "upper bound"
    single = cut_profile(chain(1))
    assert single.matrix.shape == (0, 1)
    assert repr(single) == "<CutProfile: nothing to part in 1 input>"


def test_what_is_too_large_is_refused(monkeypatch):
    wide = tnet.ConvNet(2**15, features=2, widths=(2,) * 15).compile()
    with pytest.raises(MemoryLimitError, match=r"32,768 inputs take 8\.0 GiB.*min_cuts"):
        cut_profile(wide)
    monkeypatch.setattr(profile, "_MOST_WORK", 1000)
    with pytest.raises(StructureError, match=r"unbalanced tree have 6\.6e\+03 entries.*min_cuts"):
        cut_profile(chain(20))
    monkeypatch.setattr(profile, "_MOST_WORK", 600)
    with pytest.raises(StructureError, match=r"16 inputs need 29 cuts.*min_cuts"):
        cut_profile(tnet.ConvNet((4, 4), features=2, widths=(2, 2)).compile())
    monkeypatch.setattr(profile, "_MOST_FLOWS", 10)
    with pytest.raises(StructureError, match=r"6 inputs need 20 maximum flows"):
        cut_profile(ring())


def test_a_network_with_loops_and_no_inputs_has_nothing_to_part():
    profile = tnet.cut_profile(tnet.from_einsum("ab,ab->", (2, 3), (2, 3)))
    assert len(profile) == 0
    assert profile.matrix.shape == (0, 0)
