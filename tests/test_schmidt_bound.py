"""Schmidt bounds: between the exact rank and the min cut, and the theory's worked values."""

import itertools
import math
import time
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import einsum_coefficients, modular_rank
from strategies import (
    examples,
    forests_with_side,
    mode_trees_with_side,
    networks_with_side,
    size_of_coefficients,
)

import tnet
from tnet.architectures.effective import effective_widths
from tnet.cuts.equivariant import equivariant_bound
from tnet.cuts.families import Family, block_sizes, joined
from tnet.cuts.schmidt_bound import schmidt_bound
from tnet.cuts.schur import count_partitions, partitions, schur_dim, specht_dim
from tnet.errors import PartitionError, RedundantWidthWarning, UnknownNameError
from tnet.network.effective import effective_dim, symmetric_dim


def compiled(spec):
    with warnings.catch_warnings():
        # Redundant widths are half of the subject.
        warnings.simplefilter("ignore", RedundantWidthWarning)
        return spec.compile()


def shared_convnet(n, window, features, widths, **options):
    spec = tnet.ConvNet(n, features=features, widths=widths, window=window, shared=True, **options)
    return compiled(spec)


# Values worked out in the theory: (N, window, M, widths), side, cut, bound, rank.
WORKED = [
    ((16, 4, 2, (4, 5)), [0, 1, 2, 3, 4, 10, 12, 13, 15], 32, 30, 30),
    ((16, 4, 2, (7, 6)), [1, 2, 3, 4, 5, 7, 9, 11], 96, 45, 45),
    ((16, 4, 2, (4, 4)), tnet.partitions.odd_even(16), 256, 81, 81),
    ((16, 2, 2, (2, 2, 6, 4)), [3, 9, 10, 11, 12, 13, 14, 15], 16, 12, 12),
    ((16, 4, 2, (3, 3)), [1, 2, 3, 4, 5, 7, 12, 13, 15], 24, 22, 21),
    ((4, 4, 2, (4,)), [0, 2], 4, 3, 3),
    ((8, 2, 2, (2, 4, 4)), tnet.partitions.left_right(8), 4, 3, 3),
]


@pytest.mark.parametrize(("net", "side", "cut", "bound", "rank"), WORKED)
def test_worked_values(net, side, cut, bound, rank):
    network = shared_convnet(*net)
    found = schmidt_bound(network, side)
    assert (found.cut.dimension, found.dimension) == (cut, bound)
    assert modular_rank(network, found.side_a) == rank
    assert found.claim.kind == "upper bound"
    assert found.log2 == pytest.approx(math.log2(bound))


def test_effective_widths_are_reported_and_lower_the_bound():
    network = shared_convnet(16, 2, 2, (2, 2, 6, 4))
    found = schmidt_bound(network, [3, 9, 10, 11, 12, 13, 14, 15])
    assert found.effective_widths == {"r2": 3}
    assert "effective widths r2 3" in found.claim.reason
    full = equivariant_bound(network, network.forest, found.side_a, effective=False)
    assert (full.rank, full.dims) == (16, (2, 2, 2, 6, 4))
    assert schmidt_bound(shared_convnet(8, 2, 2, (9, 9, 99)), [0]).effective_widths == {
        "r0": 3,
        "r1": 6,
        "r2": 21,
    }


def test_it_prints_what_it_bounds_and_how_far_below_the_cut():
    found = schmidt_bound(shared_convnet(4, 4, 2, (4,)), [0, 2])
    text = "Schmidt number at most 3, min cut 4  (2 against 2 inputs; upper bound)"
    assert (str(found), repr(found)) == (text, f"<RankBound: {text}>")
    long = schmidt_bound(shared_convnet(1024, 4, 2, (4,) * 5), tnet.partitions.odd_even(1024))
    assert str(long).startswith("Schmidt number at most 2^")
    assert long.log2 == pytest.approx(256 * math.log2(3))


@examples(150)
@given(mode_trees_with_side(), st.data())
def test_without_sharing_it_is_the_min_cut_and_so_is_the_programme(case, data):
    tree, side = case
    dims = st.integers(1, 40)
    spec = tnet.ConvNet(
        tree.n_modes,
        features=data.draw(dims),
        widths=[data.draw(dims) for _ in range(tree.n_levels)],
        pooling=tree,
    )
    network = spec.compile()
    found, cut = schmidt_bound(network, side), tnet.min_cut(network, side)
    assert found.dimension == cut.dimension
    assert found.effective_widths == {}
    assert found.claim.kind == cut.claim.kind
    assert found.claim.reason.startswith("no weights are shared")
    for effective in (False, True):
        bound = equivariant_bound(network, network.forest, found.side_a, effective=effective)
        assert bound.rank == cut.dimension


@examples(150)
@given(forests_with_side(max_tensors=60))
def test_the_programme_is_the_min_cut_on_any_forest_without_sharing(case):
    # Several trees, full cores, outputs, hyperedges with readings, and near-ties of dims.
    network, side = case
    cut = tnet.min_cut(network, side).dimension
    for effective in (False, True):
        bound = equivariant_bound(network, network.forest, side, effective=effective)
        assert bound.rank == cut


def assert_between_rank_and_cut(network, side):
    found = schmidt_bound(network, side)
    side = found.side_a
    rank = modular_rank(network, side)
    full = equivariant_bound(network, network.forest, side, effective=False).rank
    assert rank <= found.dimension <= full <= found.cut.dimension
    assert schmidt_bound(network, ~side).dimension == found.dimension
    return rank == found.dimension


REGULAR = [(4, 2), (8, 2), (16, 2), (9, 3), (16, 4), (4, 4), (8, (2, 4)), (8, (4, 2)), (12, (3, 4))]


@examples(250)
@given(st.sampled_from(REGULAR), st.data())
def test_regular_shared_trees_lie_between_the_rank_and_the_cut(shape, data):
    n, window = shape
    levels = tnet.pooling.sequential(n, window).n_levels
    widths = [data.draw(st.integers(1, 7)) for _ in range(levels)]
    features = data.draw(st.integers(1, 2 if n > 9 else 3))
    assume(features**n <= 2**16)
    network = shared_convnet(n, window, features, widths)
    bits = data.draw(st.integers(0, 2**n - 1))
    assert_between_rank_and_cut(network, np.array([bits >> m & 1 for m in range(n)], dtype=bool))


@examples(200)
@given(mode_trees_with_side(max_modes=10), st.data())
def test_irregular_shared_trees_lie_between_the_rank_and_the_cut(case, data):
    tree, side = case
    spec = tnet.ConvNet(
        tree.n_modes,
        features=data.draw(st.integers(1, 3 if tree.n_modes < 9 else 2)),
        widths=[data.draw(st.integers(1, 6)) for _ in range(tree.n_levels)],
        pooling=tree,
        shared=True,
    )
    assert_between_rank_and_cut(compiled(spec), side)


class Copies:
    """Trees by hand: copies of few templates, their arrays shared by parameter name."""

    def __init__(self):
        self.builder = tnet.NetworkBuilder()
        self.count = itertools.count()
        self.dims = []
        self.size = 1

    def index(self, dim, role="inner"):
        self.dims.append(dim)
        self.size *= dim if role == "input" else 1
        return self.builder.index(f"e{len(self.dims)}", dim, role=role)

    def tensor(self, legs, kind):
        # One array for all tensors of a kind and shape, whatever hangs below.
        shape = "x".join(str(self.dims[leg]) for leg in legs)
        self.builder.tensor(f"t{next(self.count)}", legs, parameter=f"{kind}:{shape}")

    def grow(self, template, top):
        """Hang a copy of `template`, a list of tensors, below the index `top`."""
        for kind, legs in template:
            ids = [top]
            for role, dim, below in legs:
                ids.append(self.index(dim, role))
                self.grow(below, ids[-1])
            # A diagonal names its last leg twice.
            self.tensor(ids + ids[-1:] if kind == "diagonal" else ids, kind)


def random_template(rng, pool):
    """Two to four tensors, alike ones among them, each above inputs or an earlier template."""
    kinds = []
    for _ in range(rng.integers(1, 3)):
        legs = []
        for _ in range(rng.choice([0, 1, 2], p=[0.05, 0.8, 0.15])):
            below = pool[-1] if pool and rng.random() < 0.8 else []
            role = "input" if not below or rng.random() < 0.1 else "inner"
            legs.append((role, int(rng.integers(2, 4)) if below else 2, below))
        kinds.append((str(rng.choice(["a", "b", "diagonal"], p=[0.6, 0.3, 0.1])), legs))
    return [kinds[rng.integers(len(kinds))] for _ in range(rng.integers(2, 5))]


def copies(seed):
    """A network of one or two trees; None where it has too many inputs."""
    rng = np.random.default_rng(seed)
    pool = []
    for _ in range(rng.integers(1, 4)):
        pool.append(random_template(rng, pool))
    made = Copies()
    for _ in range(rng.choice([1, 1, 2])):
        top = made.index(int(rng.integers(2, 6)))
        made.grow(pool[-1], top)
        made.tensor([top, made.index(2, "output")] if rng.random() < 0.2 else [top], "out")
        if made.size > 2**12:
            return None
    return made.builder.build()


@examples(300)
@given(st.integers(0, 2**40), st.data())
def test_trees_by_hand_with_arrays_shared_by_parameter(seed, data):
    network = copies(seed)
    assume(network is not None and network.n_modes > 1 and network.n_indices < 50)
    bits = data.draw(st.integers(0, 2**network.n_modes - 1))
    side = np.array([bits >> mode & 1 for mode in range(network.n_modes)], dtype=bool)
    assert_between_rank_and_cut(network, side)


@examples(150)
@given(networks_with_side())
def test_networks_of_every_structure_get_a_bound_that_holds(case):
    network, side = case
    found = schmidt_bound(network, side)
    assert found.dimension <= found.cut.dimension
    if size_of_coefficients(network) <= 2**10:
        assert modular_rank(network, side) <= found.dimension


def leaves(builder, n, dim, parameter):
    """A window whose n members each read one element by the array `parameter`."""
    top = builder.index("top", dim)
    for number in range(n):
        x = builder.index(f"x{number}", 2, role="input")
        builder.tensor(f"w{number}", [x, top], parameter=parameter(number))
    builder.tensor("out", [top])
    return builder.build()


@pytest.mark.parametrize(
    ("parameter", "bound"),
    [
        (lambda number: "W", 3),
        (lambda number: f"W{number % 2}", 3),  # {0, 2} and {1, 3} alike: Sym^2 against Sym^2
        (lambda number: f"W{number // 2}", 4),
        (lambda number: f"W{number}", 4),
    ],
)
def test_only_siblings_of_one_parameter_and_one_side_are_alike(parameter, bound):
    network = leaves(tnet.NetworkBuilder(), 4, 9, parameter)
    found = schmidt_bound(network, [0, 2])
    assert (found.dimension, modular_rank(network, found.side_a)) == (bound, bound)


def test_steps_of_a_recurrence_share_arrays_across_levels():
    b = tnet.NetworkBuilder()
    h = b.index("h0", 3)
    b.tensor("in0", [b.index("x0", 2, role="input"), h], parameter="in")
    for t in range(1, 5):
        following = b.index(f"h{t}", 3)
        b.tensor(f"hid{t}", [h, following], parameter="hid")
        b.tensor(f"in{t}", [b.index(f"x{t}", 2, role="input"), following], parameter="in")
        h = following
    b.tensor("out", [h])
    network = b.build()
    for bits in range(2**5):
        assert_between_rank_and_cut(network, [m for m in range(5) if bits >> m & 1])


@pytest.mark.parametrize("axes", [("xxz", "xxz"), ("xxz", "xzz")])
def test_an_array_entered_by_other_axes_is_not_alike(axes):
    b = tnet.NetworkBuilder()
    top = b.index("top", 20)
    for number in range(4):
        legs = {name: b.index(f"{name}{number}", 2, role="input") for name in "xz"}
        b.tensor(f"w{number}", [*(legs[name] for name in axes[number % 2]), top], parameter="W")
    b.tensor("out", [top])
    network = b.build()
    side = ["x0", "z0", "x1", "z1"]
    bound = schmidt_bound(network, side).dimension
    assert bound == (10 if axes[0] == axes[1] else 16)
    assert_between_rank_and_cut(network, side)


@pytest.mark.parametrize(("outputs", "bound"), [("yyyy", 3), ("yzyz", 3), ("yyzz", 4)])
def test_slices_at_different_outputs_are_not_alike(outputs, bound):
    b = tnet.NetworkBuilder()
    top = b.index("top", 9)
    for number, output in enumerate(outputs):
        x = b.index(f"x{number}", 2, role="input")
        if number == outputs.index(output):
            b.index(output, 3, role="output")
        b.tensor(f"w{number}", [x, top, output], parameter="W")
    b.tensor("out", [top])
    assert schmidt_bound(b.build(), [0, 2]).dimension == bound


def test_a_loop_falls_back_on_the_min_cut():
    b = tnet.NetworkBuilder()
    sites, bonds = b.indices("site", 4, 2, role="input"), b.indices("bond", 4, 2)
    b.tensors("T", np.stack([sites, bonds, np.roll(bonds, -1)], axis=1), shared=True)
    found = schmidt_bound(b.build(), [0, 2])
    assert (found.dimension, found.claim.kind) == (4, "upper bound")
    assert found.claim.reason.startswith("the network has a loop, so sharing is not used")


def test_an_index_that_stands_for_several_falls_back_on_the_min_cut():
    x = tnet.IndexGroup("x", 2, 4, role="input")
    top = tnet.IndexGroup("top", 3, multiplicity=2)
    rows = np.array([[m, 4] for m in range(4)])
    network = tnet.TensorNetwork((x, top), (tnet.TensorGroup("W", rows, shared=True),))
    found = schmidt_bound(network, [0, 2])
    assert found.dimension == found.cut.dimension
    assert "an index stands for several" in found.claim.reason


@pytest.mark.parametrize("operator", ["max", "sum", "softplus", "norm"])
def test_other_operators_have_no_theorem(operator):
    network = shared_convnet(4, 4, 2, (4,), operator=operator)
    found = schmidt_bound(network, [0, 2])
    assert (found.dimension, found.claim.kind) == (4, "no theorem")
    assert found.effective_widths == {}


def test_elements_read_twice_are_bounded_as_readings():
    b = tnet.NetworkBuilder()
    top = b.index("top", 4)
    for number, mode in enumerate([0, 1, 0, 1, 2]):
        x = b.index(f"x{number}", 2, role="input", mode=mode)
        b.tensor(f"w{number}", [x, top], parameter="W")
    b.tensor("out", [top])
    network = b.build()
    found = schmidt_bound(network, [0])
    assert found.dimension == modular_rank(network, found.side_a) == 3
    assert "read more than once" in found.claim.reason


@examples(60)
@given(st.sampled_from([(8, 2), (16, 4), (9, 3)]), st.data())
def test_more_channels_or_features_never_lower_the_bound(shape, data):
    n, window = shape
    levels = tnet.pooling.sequential(n, window).n_levels
    widths = [data.draw(st.integers(1, 9)) for _ in range(levels)]
    features = data.draw(st.integers(1, 4))
    side = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    bound = schmidt_bound(shared_convnet(n, window, features, widths), side).dimension
    for level in range(levels):
        wider = [w + (level == k) for k, w in enumerate(widths)]
        wide = schmidt_bound(shared_convnet(n, window, features, wider), side).dimension
        assert wide >= bound
    assert schmidt_bound(shared_convnet(n, window, features + 1, widths), side).dimension >= bound
    assert schmidt_bound(shared_convnet(n, window, features, widths), []).dimension == 1


@pytest.mark.parametrize("rank", [2, 3, 40])
@pytest.mark.parametrize("alike", [2, 5, 30, 100, 1500])
def test_big_groups_of_alike_siblings_are_quick_and_no_worse_than_their_cut(rank, alike):
    family = Family(10, 2 * rank, 3 * rank, rank)
    groups = [(family, alike), (Family(10, 2, 1, 1), alike)]
    found = joined(10, groups, block_sizes(groups))
    cut = joined(10, groups, [1, 1])
    assert found.rank <= cut.rank
    assert found.rows <= cut.rows <= 10 * rank**alike
    assert found.cols <= cut.cols


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 12])
def test_blocks_are_looser_than_the_whole_and_tighter_than_single_siblings(block):
    groups = [(Family(3, 4, 5, 2), 12)]
    whole, parts, single = (joined(3, groups, [size]) for size in (12, block, 1))
    assert whole.rank <= parts.rank <= single.rank
    assert whole.rows <= parts.rows <= single.rows


def test_a_window_of_thirty_mixed_siblings_is_taken_in_blocks():
    nested = tuple((2 * k, 2 * k + 1) for k in range(60))
    spec = tnet.ConvNet(
        120, features=9, widths=(9, 50), pooling=tnet.ModeTree.from_nested(nested), shared=True
    )
    found = schmidt_bound(compiled(spec), tnet.partitions.odd_even(120))
    assert "in blocks" in found.claim.reason
    assert found.dimension <= found.cut.dimension


def test_a_network_of_1024_inputs():
    network = shared_convnet(1024, 4, 3, (8, 8, 8, 8, 8))
    sides = tnet.partitions.random_balanced(1024, seed=0, count=3)
    for side in sides:
        start = time.perf_counter()
        found = schmidt_bound(network, side)
        print(f"{time.perf_counter() - start:.3f} s: {found}")
        assert found.dimension < found.cut.dimension


@pytest.mark.parametrize("k", range(8))
@pytest.mark.parametrize("n", range(6))
def test_schur_weyl_dims_add_up(k, n):
    shapes = list(partitions(k))
    assert sum(specht_dim(shape) * schur_dim(shape, n) for shape in shapes) == n**k
    assert sum(specht_dim(shape) ** 2 for shape in shapes) == math.factorial(k)


def semistandard(shape, n):
    """Count fillings by 1..n with rows weakly and columns strictly ascending."""
    boxes = [(i, j) for i, part in enumerate(shape) for j in range(part)]

    def extensions(filled):
        if len(filled) == len(boxes):
            return 1
        i, j = boxes[len(filled)]
        low = max(filled.get((i, j - 1), 1), filled.get((i - 1, j), 0) + 1)
        return sum(extensions(filled | {(i, j): value}) for value in range(low, n + 1))

    return extensions({})


def standard(shape):
    """Count the ways to build a shape box by box."""
    if not sum(shape):
        return 1
    return sum(
        standard((*shape[:i], part - 1, *shape[i + 1 :]))
        for i, part in enumerate(shape)
        if part > (shape[i + 1] if i + 1 < len(shape) else 0)
    )


@pytest.mark.parametrize("k", range(6))
def test_dims_count_tableaux(k):
    for shape in partitions(k):
        assert specht_dim(shape) == standard(shape)
        assert [schur_dim(shape, n) for n in range(4)] == [semistandard(shape, n) for n in range(4)]


@pytest.mark.parametrize("k", range(9))
@pytest.mark.parametrize("parts", range(10))
def test_partitions_are_listed_once_each(k, parts):
    expected = {
        tuple(sorted((p for p in choice if p), reverse=True))
        for choice in itertools.combinations_with_replacement(range(k + 1), min(parts, k))
        if sum(choice) == k
    }
    listed = list(partitions(k, parts))
    assert len(listed) == len(set(listed)) == count_partitions(k, parts)
    assert set(listed) == expected


@pytest.mark.parametrize("most", [1, 7, 10**9])
def test_symmetric_dims_are_multiset_counts(most):
    for dim, power in itertools.product(range(1, 7), range(8)):
        assert symmetric_dim(dim, power, most) == min(most, math.comb(dim + power - 1, power))
    assert symmetric_dim(10**6, 10**6, most) == most


def test_effective_dims_multiply_members_and_add_kinds():
    assert effective_dim(100, [[(2, 2), (3, 1)], [(2, 3)]]) == 3 * 3 + 4
    assert effective_dim(100, [[]]) == 1
    assert effective_dim(8, [[(2, 2), (3, 1)], [(2, 3)]]) == 8


@examples(40)
@given(st.sampled_from(REGULAR), st.integers(1, 3), st.data())
def test_widths_of_a_spec_agree_with_the_programme_on_regular_trees(shape, features, data):
    tree = tnet.pooling.sequential(*shape)
    widths = [data.draw(st.integers(1, 30)) for _ in range(tree.n_levels)]
    network = shared_convnet(*shape, features, widths)
    found = equivariant_bound(network, network.forest, np.zeros(shape[0], dtype=bool))
    assert effective_widths(tree, features, widths) == found.dims[1:]


@examples(60)
@given(mode_trees_with_side(max_modes=8), st.data())
def test_reduced_widths_have_the_same_largest_rank(case, data):
    tree, side = case
    features = data.draw(st.integers(1, 2))
    widths = [data.draw(st.integers(1, 9)) for _ in range(tree.n_levels)]
    reduced = effective_widths(tree, features, widths)
    ranks = [
        modular_rank(
            compiled(
                tnet.ConvNet(tree.n_modes, features=features, widths=r, pooling=tree, shared=True)
            ),
            side,
        )
        for r in (widths, reduced)
    ]
    assert ranks[0] == ranks[1]


def test_kinds_of_window_of_one_level_add_up():
    tree = tnet.ModeTree.from_nested(((0, 1), (2, 3, 4), 5))
    # Windows of 2 and of 3 on level 0; then two members from there and one mode.
    assert effective_widths(tree, 2, (99, 9999)) == (3 + 4, math.comb(8, 2) * 2)


def free_dimensions(tree, widths):
    """Dimension of the set of coefficient tensors: rank of their derivative at random weights."""
    spec = tnet.ConvNet(tree.n_modes, features=2, widths=widths, pooling=tree, shared=True)
    network = compiled(spec)
    arrays = tnet.random_parameters(network, seed=1)
    columns = []
    for name, array in arrays.items():
        for place in np.ndindex(array.shape):
            step = array.astype(complex)
            step[place] += 1e-30j
            moved = einsum_coefficients(network, arrays | {name: step})
            columns.append(moved.imag.reshape(-1) * 1e30)
    return int(np.linalg.matrix_rank(np.array(columns), rtol=1e-9))


def test_windows_of_two_kinds_need_more_channels_than_the_larger_kind():
    tree = tnet.ModeTree.from_nested(((0, 1), (2, 3, 4), (5, 6)))
    assert effective_widths(tree, 2, (9, 6)) == (7, 6)
    full = free_dimensions(tree, (9, 6))
    assert full == free_dimensions(tree, (7, 6)) == 24
    # Windows of 3 alone could use 4 channels.
    assert free_dimensions(tree, (4, 6)) < full


def test_kinds_of_window_below_one_window_count_together():
    tree = tnet.ModeTree.from_nested(((0, 1), (2, 3, 4)))
    spec = tnet.ConvNet(5, features=2, widths=(99, 99), pooling=tree, shared=True)
    network = compiled(spec)
    assert schmidt_bound(network, [0, 2]).effective_widths == {"r0": 4, "r1": 3 * 4}


def test_compile_warns_of_redundant_widths():
    spec = tnet.ConvNet(8, features=2, widths=(7, 6, 22), shared=True)
    text = (
        "of the 7 channels of level 0 at most 3, of the 22 channels of level 2 at most 21 are "
        "linearly independent"
    )
    with pytest.warns(RedundantWidthWarning, match=text) as caught:
        spec.compile()
    assert caught[0].filename == __file__
    assert spec.n_parameters == 2 * 7 + 7 * 6 + 6 * 22 + 22
    deep = tnet.ConvNet(64, features=1, widths=(2,) * 6, shared=True)
    with pytest.warns(RedundantWidthWarning, match="and so on, 6 levels in all"):
        deep.compile()


@pytest.mark.parametrize(
    "options",
    [
        {"widths": (3, 6, 21), "shared": True},
        {"widths": (7, 7, 30)},
        {"widths": (7, 7, 30), "shared": True, "operator": "max"},
    ],
)
def test_useful_unshared_and_rectified_widths_do_not_warn(options):
    assert tnet.ConvNet(8, features=2, **options).compile().n_modes == 8


@pytest.mark.parametrize(
    ("side", "error", "message"),
    [
        ([0, 9], PartitionError, r"mode 9; the network has modes 0\.\.3"),
        (np.zeros(3, dtype=bool), PartitionError, r"shape \(4,\); got shape \(3,\)"),
        ([1, 1], PartitionError, "contains mode 1 twice"),
        (["r0"], UnknownNameError, "index 'r0' is not an input"),
        (5, PartitionError, "side_a is 5 of type int"),
    ],
)
def test_bad_sides_are_named(side, error, message):
    with pytest.raises(error, match=message):
        schmidt_bound(shared_convnet(4, 4, 2, (4,)), side)
