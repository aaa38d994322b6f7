"""Mode trees, pooling geometries and partitions, each against an independent definition."""

import copy
import itertools
import math
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import nested_height, nested_sets, tree_sets
from strategies import examples, nested_trees

import tnet
from tnet import ModeTree, partitions, pooling
from tnet.errors import GeometryError, PartitionError


def blocks_by_level(tree):
    """Sets of modes under the windows of each level."""
    found = tree_sets(tree)
    return [{modes for level, modes in found if level == wanted} for wanted in range(tree.n_levels)]


def places(shape):
    """Coordinates of every mode, row by row."""
    return list(itertools.product(*map(range, shape)))


# --- mode trees ----------------------------------------------------------------------------------


@examples(150)
@given(nested_trees())
def test_a_tree_has_the_windows_and_levels_of_its_nesting(nested):
    tree = ModeTree.from_nested(nested)
    assert Counter(tree_sets(tree)) == Counter(nested_sets(nested)[0])
    assert tree.n_levels == nested_height(nested) + 1
    assert tree.level[: tree.n_modes].tolist() == [-1] * tree.n_modes
    for level in range(tree.n_levels):
        expected = sum(height == level for height, _ in nested_sets(nested)[0])
        assert tree.windows_at(level) == expected
    assert tree.level_start[-1] == len(tree.parent)
    assert list(tree.level) == sorted(tree.level)


@examples(100)
@given(nested_trees())
def test_a_tree_turns_back_from_its_nested_form(nested):
    tree = ModeTree.from_nested(nested)
    again = ModeTree.from_nested(tree.to_nested())
    assert again == tree
    assert hash(again) == hash(tree)
    assert again.to_nested() == tree.to_nested()


@examples(60)
@given(nested_trees(), st.randoms(use_true_random=False))
def test_relabelling_puts_every_mode_in_the_place_of_another(nested, rng):
    tree = ModeTree.from_nested(nested)
    modes = list(range(tree.n_modes))
    rng.shuffle(modes)
    expected = [(level, frozenset(modes[m] for m in under)) for level, under in tree_sets(tree)]
    assert Counter(tree_sets(tree.relabelled(modes))) == Counter(expected)


def test_the_order_of_members_has_no_meaning_but_the_nesting_has():
    assert ModeTree.from_nested(((2, 3), (1, 0))) == ModeTree.from_nested(((0, 1), (3, 2)))
    assert ModeTree.from_nested(((0, 1), (2, 3))) != ModeTree.from_nested(((0, 2), (1, 3)))
    assert ModeTree.from_nested(((0, 1), 2)) != ModeTree.from_nested((0, 1, 2))
    assert ModeTree.from_nested((0,)) != ModeTree.from_nested(0)
    assert ModeTree.from_nested(((0, 1), 2)) != ((0, 1), 2)


def test_the_smallest_trees():
    single = ModeTree.from_nested(0)
    assert (single.n_modes, single.n_levels, single.to_nested()) == (1, 0, 0)
    window = ModeTree.from_nested((0,))
    assert (window.n_levels, window.to_nested(), window.windows_at(0)) == (1, (0,), 1)


@pytest.mark.parametrize("leaves", [1, 20_001], ids=["windows of one", "caterpillar"])
def test_a_tree_of_twenty_thousand_levels_is_no_trouble(leaves):
    nested = 0
    for level in range(20_000):
        nested = (nested,) if leaves == 1 else (nested, level + 1)
    tree = ModeTree.from_nested(nested)
    assert (tree.n_modes, tree.n_levels) == (leaves, 20_000)
    assert tree.level[leaves:].tolist() == list(range(20_000))
    assert ModeTree.from_nested(tree.to_nested()) == tree
    assert len(repr(tree)) < 300
    assert tree.relabelled(np.arange(leaves)) == tree


def test_a_caterpillar_of_two_thousand_levels_compiles_and_is_cut():
    nested = 0
    for level in range(2_000):
        nested = (nested, level + 1)
    tree = ModeTree.from_nested(nested)
    spec = tnet.ConvNet(2_001, features=3, widths=(2,) * 2_000, pooling=tree)
    network = spec.compile()
    assert tnet.min_cut(network, range(1_000)).dimension == 2
    assert tnet.min_cut(network, range(0, 2_001, 2)).verify()


@pytest.mark.parametrize(
    ("nested", "message"),
    [
        ((0, 2), "mode 1 is missing among 2 modes"),
        ((0, 10**13), "mode 1 is missing among 2 modes"),
        ((0, 1, 1), "mode 1 is there twice among 3 modes"),
        (((0, 1), ()), r"non-empty sequences; got \(\)"),
        ((), r"non-empty sequences; got \(\)"),
        ((0, -1), "mode numbers start at 0; got -1"),
        ((0, 1.0), "got 1.0"),
        ((0, True), "got True"),
        ("01", "got '01'"),
        ((0, "1"), "got '1'"),
        (None, "got None"),
    ],
)
def test_a_nesting_that_is_no_tree_is_refused(nested, message):
    with pytest.raises(GeometryError, match=message) as caught:
        ModeTree.from_nested(nested)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("parent", "n_modes", "message"),
    [
        ([2, 2, -1], 0, "at least one mode"),
        ([], 1, None),
        ([2, 2, 2], 2, "the last node, has parent -1"),
        ([1, 2, -1], 2, "node 0 has parent 1; a parent is a window"),
        ([2, 9, -1], 2, "node 1 has parent 9"),
        ([3, 3, 2, -1], 2, "node 2 has parent 2"),
        ([3, 3, 3, -1], 2, "window 2 has no child"),
        ([3, 3, 4, 5, 5, -1], 3, None),
        ([2.5, 2, -1], 2, "parent must be an integer array of one axis; got dtype float64"),
        ([[1, -1]], 1, "got dtype int64 and shape"),
    ],
)
def test_parents_that_are_no_tree_are_refused(parent, n_modes, message):
    if message is None and parent:
        assert ModeTree(parent, n_modes).n_levels == 2
        return
    with pytest.raises(GeometryError, match=message):
        ModeTree(parent, n_modes)


def test_windows_out_of_the_order_of_their_level_are_refused():
    with pytest.raises(GeometryError, match="in the order of their level"):
        ModeTree([3, 4, 5, 4, 6, 6, -1], 3)


def test_relabelling_by_what_is_no_permutation_is_refused():
    tree = ModeTree.from_nested(((0, 1), (2, 3)))
    for modes in ([0, 0, 1, 2], [0, 1, 2], [1, 2, 3, 4], [[0, 1], [2, 2]]):
        with pytest.raises(GeometryError, match=r"each of 0\.\.3 once"):
            tree.relabelled(modes)


@pytest.mark.parametrize(
    "made", [lambda tree: tree, lambda tree: pickle.loads(pickle.dumps(tree)), copy.deepcopy]
)
def test_the_parents_of_a_tree_are_read_only(made):
    tree = made(ModeTree.from_nested(((0, 1), 2)))
    assert tree == ModeTree.from_nested(((0, 1), 2))
    with pytest.raises(ValueError, match="read-only"):
        tree.parent[0] = 4


# --- pooling -------------------------------------------------------------------------------------


def square_blocks(shape, windows):
    """Blocks of every level by brute force: elements whose coordinates fall in one block."""
    sizes = [1] * len(shape)
    for window in windows:
        sizes = [size * step for size, step in zip(sizes, window, strict=True)]
        blocks = {}
        for mode, place in enumerate(places(shape)):
            key = tuple(x // size for x, size in zip(place, sizes, strict=True))
            blocks.setdefault(key, set()).add(mode)
        yield {frozenset(block) for block in blocks.values()}


@st.composite
def grids(draw, max_elements=400):
    axes = draw(st.integers(1, 3))
    levels = draw(st.integers(1, 4))
    windows = [tuple(draw(st.integers(1, 3)) for _ in range(axes)) for _ in range(levels)]
    shape = tuple(math.prod(window[axis] for window in windows) for axis in range(axes))
    if math.prod(shape) > max_elements:
        return (4, 6), ((2, 3), (2, 2))
    return shape, tuple(windows)


@examples(60)
@given(grids())
def test_square_pooling_joins_the_elements_of_a_block(case):
    shape, windows = case
    tree = pooling.square(shape, windows)
    assert blocks_by_level(tree) == list(square_blocks(shape, windows))


@pytest.mark.parametrize(
    ("shape", "window", "windows"),
    [
        (8, 2, [(2,)] * 3),
        (27, 3, [(3,)] * 3),
        (12, (2, 3, 2), [(2,), (3,), (2,)]),
        ((4, 4), 2, [(2, 2)] * 2),
        ((28, 28), (2, 2, 7), [(2, 2), (2, 2), (7, 7)]),
        ((2, 8), 2, [(2, 2), (1, 2), (1, 2)]),
        ((4, 6), ((2, 1), (1, 3), 2), [(2, 1), (1, 3), (2, 2)]),
        ((2, 2, 4), 2, [(2, 2, 2), (1, 1, 2)]),
        ((1, 1), ((1, 1),), [(1, 1)]),
    ],
)
def test_one_window_for_all_levels_or_one_per_level_and_axis(shape, window, windows):
    sides = (shape,) if isinstance(shape, int) else shape
    assert blocks_by_level(pooling.square(shape, window)) == list(square_blocks(sides, windows))


def test_sequential_pooling_follows_the_rows():
    expected = list(square_blocks((24,), [(2,), (3,), (4,)]))
    assert blocks_by_level(pooling.sequential((4, 6), (2, 3, 4))) == expected
    assert pooling.sequential(16) == pooling.square(16)
    assert pooling.sequential((4, 4)) != pooling.square((4, 4))


def mirror_blocks(shape):
    """Blocks of every level by definition: an element joins its reflections along each axis."""
    blocks = {place: {mode} for mode, place in enumerate(places(shape))}
    while max(shape) > 1:
        joined = {}
        for place, modes in blocks.items():
            images = itertools.product(
                *({x, side - 1 - x} for x, side in zip(place, shape, strict=True))
            )
            joined.setdefault(min(images), set()).update(modes)
        yield {frozenset(modes) for modes in joined.values()}
        # The first half of every axis, with the centre line, is the next grid.
        shape = tuple((side + 1) // 2 for side in shape)
        assert set(joined) == set(places(shape))
        blocks = joined


@pytest.mark.parametrize("shape", [1, 2, 3, 5, 8, 13, (2, 2), (3, 3), (4, 6), (5, 7), (1, 6)])
def test_mirror_pooling_joins_every_element_with_its_reflections(shape):
    sides = (shape,) if isinstance(shape, int) else shape
    assert blocks_by_level(pooling.mirror(shape)) == list(mirror_blocks(sides))


def test_global_pooling_is_one_window():
    assert blocks_by_level(pooling.global_((3, 4))) == [{frozenset(range(12))}]
    assert blocks_by_level(pooling.global_(1)) == [{frozenset([0])}]


def test_random_pooling_has_the_sizes_of_square_and_is_fixed_by_its_seed():
    sizes = [sorted(map(len, level)) for level in blocks_by_level(pooling.square(24, (2, 3, 4)))]
    trees = [pooling.random(24, (2, 3, 4), seed=seed) for seed in range(20)]
    for tree in trees:
        assert [sorted(map(len, level)) for level in blocks_by_level(tree)] == sizes
    assert len(set(trees)) == 20
    assert trees[3] == pooling.random(24, (2, 3, 4), seed=3)


def test_random_pooling_draws_all_trees_of_four_alike():
    counts = {}
    for seed in range(600):
        pairs = frozenset(blocks_by_level(pooling.random(4, seed=seed))[0])
        counts[pairs] = counts.get(pairs, 0) + 1
    assert len(counts) == 3
    assert min(counts.values()) > 150


@pytest.mark.parametrize(
    ("inputs", "window", "message"),
    [
        (6, 4, "window 4 of level 0 does not divide the 6 grid"),
        (12, 2, "window 2 of level 2 does not divide the 3 grid.*sides of 12"),
        ((4, 6), 2, "window 2x2 of level 1 does not divide the 2x3 grid"),
        (8, (2, 2), r"windows \(2, 2\) leave a grid of 2; add levels"),
        ((4, 4), ((2, 2), (1, 2)), "leave a grid of 2x1"),
        (8, 1, "window is 1; give an int of at least 2"),
        (8, 0, "window is 0"),
        (8, -2, "window is -2"),
        (8, 2.0, r"window is 2\.0"),
        (8, True, "window is True"),
        (8, "2", "window is '2'"),
        (8, (), r"window is \(\)"),
        (8, (2, "2", 2), "window of level 1 is '2'; give a positive int"),
        (8, (2, 0, 2), "window of level 1 is 0"),
        ((4, 4), ((2, 2, 1), 2), r"window of level 0 is \(2, 2, 1\); .* one per axis of the 4x4"),
        (0, 2, "inputs must be a positive integer or a tuple of them; got 0"),
        ((4, -1), 2, r"inputs must be .* got \(4, -1\)"),
        ((), 2, "at least one axis"),
        (4.0, 2, r"inputs must be .* got 4\.0"),
        ("4", 2, "inputs must be .* got '4'"),
        (None, 2, "inputs must be .* got None"),
        (True, 2, "inputs must be .* got True"),
        ((2**20, 2**20), 2, r"1,099,511,627,776 elements; fewer than 2\^30 fit"),
    ],
)
def test_a_window_that_does_not_fit_the_inputs_is_refused(inputs, window, message):
    with pytest.raises(GeometryError, match=message):
        pooling.square(inputs, window)


# --- partitions ----------------------------------------------------------------------------------

SHAPES = [(1,), (6,), (7,), (4, 6), (5, 3), (28, 28), (2, 3, 4)]

BY_PLACE = {
    "left_right": lambda place, shape: place[-1] < shape[-1] // 2,
    "odd_even": lambda place, _: place[-1] % 2 == 0,
    "checkerboard": lambda place, _: sum(place) % 2 == 0,
    "centre": lambda place, shape: all(
        (n + 1) // 4 <= x < n - (n + 1) // 4 for x, n in zip(place, shape, strict=True)
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", BY_PLACE)
def test_a_partition_puts_every_element_where_its_place_says(name, shape):
    side = getattr(partitions, name)(shape)
    assert (side.dtype, side.shape) == (bool, shape)
    assert side.reshape(-1).tolist() == [BY_PLACE[name](place, shape) for place in places(shape)]


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if len(shape) > 1])
def test_top_is_the_first_half_of_the_first_axis(shape):
    side = partitions.top_bottom(shape).reshape(-1)
    assert side.tolist() == [place[0] < shape[0] // 2 for place in places(shape)]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_alternate_along_every_axis(shape, size):
    side = partitions.blocks(shape, size).reshape(-1)
    assert side.tolist() == [sum(x // size for x in place) % 2 == 0 for place in places(shape)]


def test_blocks_may_have_a_size_per_axis():
    side = partitions.blocks((4, 6), (2, 3)).reshape(-1)
    assert side.tolist() == [(x // 2 + y // 3) % 2 == 0 for x, y in places((4, 6))]


@pytest.mark.parametrize("shape", [(7,), (8,), (9, 10), (5, 5, 5)])
def test_the_centre_is_symmetric_and_about_half_of_every_axis(shape):
    side = partitions.centre(shape)
    for axis, n in enumerate(shape):
        assert np.array_equal(side, np.flip(side, axis))
        assert abs(side.any(axis=tuple({*range(len(shape))} - {axis})).sum() - n / 2) <= 1.5


@pytest.mark.parametrize("shape", [(8,), (9,), (4, 5)])
def test_a_random_balanced_partition_has_half_of_the_elements_and_a_seed(shape):
    n = math.prod(shape)
    many = partitions.random_balanced(shape, seed=4, count=50)
    assert many.shape == (50, *shape)
    assert (many.reshape(50, -1).sum(axis=1) == n // 2).all()
    assert len({side.tobytes() for side in many}) > 25
    assert np.array_equal(many, partitions.random_balanced(shape, seed=4, count=50))
    one = partitions.random_balanced(shape, seed=4)
    assert one.shape == shape
    assert np.array_equal(one, partitions.random_balanced(shape, seed=4, count=1)[0])


def test_random_balanced_partitions_are_uniform():
    many = partitions.random_balanced(4, count=6000)
    _, counts = np.unique(many, axis=0, return_counts=True)
    assert len(counts) == 6
    assert (abs(counts - 1000) < 200).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: partitions.top_bottom(8), "a line of 8 inputs has no top and bottom"),
        (lambda: partitions.blocks(8, 0), "block size 0 does not fit inputs 8"),
        (lambda: partitions.blocks((4, 4), (2,)), r"block size \(2,\) does not fit inputs 4x4"),
        (lambda: partitions.blocks(8, (1.5,)), "block size"),
        (lambda: partitions.random_balanced(8, count=0), "count must be a positive integer; got 0"),
        (lambda: partitions.random_balanced(8, count=2.0), r"got 2\.0"),
        (lambda: partitions.random_balanced(8, count="2"), "got '2'"),
        (lambda: partitions.random_balanced(8, count=[2]), r"got \[2\]"),
    ],
)
def test_a_partition_that_cannot_be_made_is_refused(make, message):
    with pytest.raises(PartitionError, match=message) as caught:
        make()
    assert isinstance(caught.value, ValueError)


@given(st.integers(0, 100), st.sampled_from([(8, 2), ((4, 4), 2), ((4, 6), ((2, 3), 2))]))
def test_a_random_tree_equals_the_same_nesting_written_out(seed, case):
    tree = tnet.pooling.random(*case, seed=seed)
    assert tnet.ModeTree.from_nested(tree.to_nested()) == tree


def test_a_level_with_nothing_left_to_join_is_refused():
    with pytest.raises(GeometryError, match=r"level 3 has one element .* after the first 3 of"):
        tnet.pooling.square(8, (2, 2, 2, 2))
    assert tnet.pooling.square(8, (2, 2, 2, 1)).n_levels == 4
