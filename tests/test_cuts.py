"""Min cuts: least by exhaustion, methods agree, bounds hold, and claims that hold."""

import dataclasses
import math
import warnings

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import (
    dense_rank,
    exhaustive_min_cut_dimension,
    modular_coefficients,
    modular_parameters,
    modular_rank,
)
from strategies import (
    POWERS_OF_TWO,
    examples,
    forests_with_side,
    mode_trees_with_side,
    networks_with_side,
    size_of_coefficients,
)

import tnet
from tnet.cuts.crossing import mixed_component
from tnet.cuts.flow import flow_sides
from tnet.cuts.flow_solvers import LARGEST_CAPACITY
from tnet.cuts.products import common_base, product_text
from tnet.cuts.ratios import integers, products, times
from tnet.errors import RedundantWidthWarning, StructureError, VerificationError
from tnet.network.runs import Runs


def network_of(tensors, indices, *, inputs, outputs=(), readings=None, multiplicity=None):
    """A network from ``{tensor: "abc"}`` and ``{index: dim}``, weights of their own."""
    builder = tnet.NetworkBuilder()
    for name, dim in indices.items():
        role = "input" if name in inputs else "output" if name in outputs else "inner"
        builder.index(
            name,
            dim,
            role=role,
            mode=readings[name] if readings and role == "input" else None,
            multiplicity=(multiplicity or {}).get(name, 1),
        )
    for name, row in tensors.items():
        builder.tensor(name, list(row))
    return builder.build()


# --- least, against exhaustion -------------------------------------------------------------------


@examples(250)
@given(networks_with_side(max_tensors=6, operators=True))
def test_flow_is_least_over_all_side_assignments(case):
    network, side_a = case
    cut = tnet.min_cut(network, side_a, method="flow")
    assert cut.dimension == exhaustive_min_cut_dimension(network, side_a)
    assert cut.verify()


@examples(150)
@given(networks_with_side(max_tensors=6))
def test_auto_is_least_over_all_side_assignments_and_uses_the_forest_where_there_is_one(case):
    network, side_a = case
    cut = tnet.min_cut(network, side_a)
    assert cut.method == ("flow" if network.forest is None else "forest")
    assert cut.dimension == exhaustive_min_cut_dimension(network, side_a)
    assert cut.verify()


@examples(100)
@given(forests_with_side(max_tensors=9))
def test_forest_is_least_over_all_side_assignments(case):
    network, side_a = case
    cut = tnet.min_cut(network, side_a, method="forest")
    assert cut.dimension == exhaustive_min_cut_dimension(network, side_a)


@examples(60)
@given(forests_with_side(max_tensors=9, dims=(3, 5, 2**31 - 1, 2**35 + 1, 2**60 + 3, 2**61 - 1)))
def test_forests_whose_products_pass_64_bits_are_exact(case):
    network, side_a = case
    cut = tnet.min_cut(network, side_a, method="forest")
    assert cut.dimension == exhaustive_min_cut_dimension(network, side_a)


@examples(60)
@given(st.lists(st.tuples(st.integers(1, 2**40), st.integers(0, 3)), min_size=1, max_size=8))
def test_products_pass_into_long_integers_before_64_bits_overflow(children):
    children.sort(key=lambda child: child[1])
    values, parents = (list(column) for column in zip(*children, strict=True))
    runs = Runs.of(np.array(parents), 4)
    expected = [math.prod(v for v, p in children if p == parent) for parent in range(4)]
    assert products(integers(values), runs).tolist() == expected
    assert times(integers(values), integers(values)).tolist() == [v * v for v in values]


@examples(60)
@given(forests_with_side(max_tensors=200))
def test_flow_equals_the_exact_cut_of_a_forest(case):
    network, side_a = case
    exact = tnet.min_cut(network, side_a, method="forest")
    flow = tnet.min_cut(network, side_a, method="flow")
    assert exact.verify()
    assert flow.verify()
    assert flow.dimension == exact.dimension
    assert flow.slack_log2 == exact.slack_log2 == 0


@examples(40)
@given(forests_with_side(max_tensors=200, dims=(1, 2, 4, 64)))
def test_flow_equals_the_forest_where_dims_are_powers_of_one_integer(case):
    network, side_a = case
    exact = tnet.min_cut(network, side_a, method="forest")
    flow = tnet.min_cut(network, side_a, method="flow")
    assert flow.dimension == exact.dimension
    assert flow.slack_log2 == 0


@examples(60)
@given(networks_with_side(max_tensors=6))
def test_a_side_and_its_complement_have_one_cut(case):
    network, side_a = case
    assert tnet.min_cut(network, side_a).dimension == tnet.min_cut(network, ~side_a).dimension


@examples(60)
@given(networks_with_side(max_tensors=6))
def test_factors_log2_and_names_say_what_dimension_says(case):
    network, side_a = case
    cut = tnet.min_cut(network, side_a)
    dims = {group.name: group.dim for group in network.index_groups}
    assert math.prod(dims[name] ** power for name, power in cut.factors.items()) == cut.dimension
    assert cut.log2 == pytest.approx(math.log2(cut.dimension))
    costs = [network.indices[n].dim ** network.indices[n].multiplicity for n in cut.indices]
    assert math.prod(costs) == cut.dimension


# --- ways of writing a side ----------------------------------------------------------------------


def test_flags_modes_names_and_grids_of_flags_say_the_same_side():
    network = tnet.ConvNet((2, 4), features=3, widths=(2, 5), window=(2, (1, 2))).compile()
    flags = tnet.partitions.left_right((2, 4))
    modes = np.nonzero(flags.reshape(-1))[0]
    expected = tnet.min_cut(network, flags)
    for side in (
        flags.reshape(-1),
        flags.reshape(-1).tolist(),
        modes,
        modes.tolist(),
        set(modes.tolist()),
        iter(modes.tolist()),
        [f"x[{mode}]" for mode in modes],
    ):
        cut = tnet.min_cut(network, side)
        assert cut.side_a.tolist() == expected.side_a.tolist()
        assert cut.dimension == expected.dimension


@pytest.mark.parametrize("method", ["forest", "flow"])
@pytest.mark.parametrize("side", [[], range(8)], ids=["empty", "full"])
def test_an_empty_or_full_side_has_dimension_one(method, side):
    network = tnet.ConvNet(8, features=3, widths=(2, 5, 7)).compile()
    cut = tnet.min_cut(network, side, method=method)
    assert cut.dimension == 1
    assert len(cut.indices) == 0
    assert cut.verify()


# --- verify --------------------------------------------------------------------------------------


@pytest.fixture
def line_cut():
    network = tnet.ConvNet(8, features=3, widths=(2, 5, 7)).compile()
    return tnet.min_cut(network, tnet.partitions.odd_even(8))


def test_verify_refuses_a_cut_with_an_index_taken_away(line_cut):
    tampered = dataclasses.replace(line_cut, cut_ids=line_cut.cut_ids[1:])
    with pytest.raises(VerificationError, match=r"cut \d+ indices, but the cut lists 3"):
        tampered.verify()


def test_verify_refuses_a_cut_with_an_index_too_many(line_cut):
    ids = np.append(line_cut.cut_ids, np.int32(line_cut.network.n_indices - 1))
    with pytest.raises(VerificationError, match="is in one only"):
        dataclasses.replace(line_cut, cut_ids=ids).verify()


def test_verify_refuses_sides_of_tensors_that_cut_other_indices(line_cut):
    with pytest.raises(VerificationError, match="is in one only"):
        dataclasses.replace(line_cut, tensors_on_a=np.zeros_like(line_cut.tensors_on_a)).verify()


def test_verify_refuses_another_side_of_the_inputs(line_cut):
    with pytest.raises(VerificationError):
        dataclasses.replace(line_cut, side_a=tnet.partitions.blocks(8, 2)).verify()


def test_verify_refuses_another_network(line_cut):
    other = tnet.ConvNet(8, features=3, widths=(2, 5, 7), pooling="random").compile()
    with pytest.raises(VerificationError):
        dataclasses.replace(line_cut, network=other).verify()


def test_verify_refuses_another_dimension(line_cut):
    line_cut.__dict__["dimension"] = line_cut.dimension - 1
    with pytest.raises(VerificationError, match="as stated"):
        line_cut.verify()


@examples(80)
@given(networks_with_side(), st.data())
def test_inputs_hang_together_exactly_where_a_graph_without_the_cut_says_so(case, data):
    network, side_a = case
    cut = data.draw(st.sets(st.integers(0, network.n_indices - 1)))
    graph = nx.Graph()
    for tensor, row in enumerate(network.to_einsum()[0]):
        graph.add_edges_from(
            (("tensor", tensor), index)
            for index in row
            if index not in cut and index not in network.outputs
        )
    sides = {index: side_a[mode] for index, mode in zip(*readings_of(network), strict=True)}
    components = [[sides[i] for i in part if i in sides] for part in nx.connected_components(graph)]
    found = mixed_component(network, np.array(sorted(cut), dtype=np.int32), side_a)
    assert (found is None) == all(len(set(part)) < 2 for part in components)
    if found is not None:
        assert (side_a[found[0]], side_a[found[1]]) == (True, False)


def readings_of(network):
    return network.inputs.tolist(), network.input_modes.tolist()


def test_arrays_of_a_cut_are_read_only(line_cut):
    for array in (line_cut.side_a, line_cut.tensors_on_a, line_cut.cut_ids):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


# --- the cut bounds the rank ---------------------------------------------------------------------


@examples(120)
@given(networks_with_side(multiplicities=False, dims=st.sampled_from([1, 2, 3])))
def test_the_rank_of_random_weights_is_at_most_the_cut(case):
    network, side_a = case
    assume(size_of_coefficients(network) <= 4096)
    cut = tnet.min_cut(network, side_a)
    assert dense_rank(network, tnet.random_parameters(network, seed=1), side_a) <= cut.dimension
    assert modular_rank(network, side_a) <= cut.dimension


@examples(200)
@given(
    networks_with_side(multiplicities=False, dims=POWERS_OF_TWO),
    st.sampled_from(["forest", "flow"]),
)
def test_where_exactness_is_claimed_by_theorem_random_weights_reach_the_cut(case, method):
    network, side_a = case
    assume(size_of_coefficients(network) <= 4096)
    assume(method == "flow" or network.forest is not None)
    cut = tnet.min_cut(network, side_a, method=method)
    assume(cut.claim.kind == "exact by theorem")
    assert modular_rank(network, side_a) == cut.dimension


@examples(60)
@given(
    networks_with_side(
        multiplicities=False, sharing=False, rereads=False, dims=st.sampled_from([1, 3, 9])
    )
)
def test_unshared_networks_of_powers_of_three_are_exact_by_theorem_and_reach_the_cut(case):
    network, side_a = case
    assume(size_of_coefficients(network) <= 3**8)
    cut = tnet.min_cut(network, side_a)
    assert cut.claim.kind == "exact by theorem"
    assert modular_rank(network, side_a) == cut.dimension


# --- claims --------------------------------------------------------------------------------------


def convnet_case(n, window, features, widths, *, shared, side):
    spec = tnet.ConvNet(n, features=features, widths=widths, window=window, shared=shared)
    with warnings.catch_warnings():
        # Some of these networks are there because a width is redundant.
        warnings.simplefilter("ignore", RedundantWidthWarning)
        return spec.compile(), side


def bridge(a, b, c, d, w=2):
    dims = {"a": a, "b": b, "c": c, "d": d, "w": w}
    return network_of({"T": "abw", "U": "cdw"}, dims, inputs="abcd"), ["a", "d"]


def cycle_of_one_tensor(parameters):
    builder = tnet.NetworkBuilder()
    sites = builder.indices("site", 4, 2, role="input")
    bonds = builder.indices("bond", 4, 2)
    rows = np.stack([sites, bonds, np.roll(bonds, -1)], axis=1)
    if parameters == "shared group":
        builder.tensors("T", rows, shared=True)
    else:
        for number, row in enumerate(rows):
            builder.tensor(f"T{number}", row.tolist(), parameter="T")
    return builder.build(), [0, 2]


EQUALITY_FAILS = {
    "window of 3": (convnet_case(9, 3, 2, (3, 2), shared=False, side=[3, 5, 7, 8]), 8, 7),
    "bridge": (bridge(3, 5, 3, 5), 15, 14),
    "symmetric tensors": (convnet_case(4, 4, 2, (4,), shared=True, side=[0, 2]), 4, 3),
    "shared halves": (
        convnet_case(8, 2, 2, (2, 4, 4), shared=True, side=tnet.partitions.left_right(8)),
        4,
        3,
    ),
    "shared, odd/even": (
        convnet_case(16, 4, 2, (4, 4), shared=True, side=tnet.partitions.odd_even(16)),
        256,
        81,
    ),
    "cycle, one shared group": (cycle_of_one_tensor("shared group"), 4, 3),
    "cycle, groups of one parameter": (cycle_of_one_tensor("one parameter"), 4, 3),
    "worked list 32": (
        convnet_case(16, 4, 2, (4, 5), shared=True, side=[0, 1, 2, 3, 4, 10, 12, 13, 15]),
        32,
        30,
    ),
    "worked list 96": (
        convnet_case(16, 4, 2, (7, 6), shared=True, side=[1, 2, 3, 4, 5, 7, 9, 11]),
        96,
        45,
    ),
    "worked list 16": (
        convnet_case(16, 2, 2, (2, 2, 6, 4), shared=True, side=[3, 9, 10, 11, 12, 13, 14, 15]),
        16,
        12,
    ),
    "worked list 24": (
        convnet_case(16, 4, 2, (3, 3), shared=True, side=[1, 2, 3, 4, 5, 7, 12, 13, 15]),
        24,
        21,
    ),
}


@pytest.mark.parametrize(("case", "dimension", "rank"), EQUALITY_FAILS.values(), ids=EQUALITY_FAILS)
@pytest.mark.parametrize("method", ["auto", "flow"])
def test_where_equality_fails_the_claim_is_an_upper_bound(case, dimension, rank, method):
    network, side_a = case
    cut = tnet.min_cut(network, side_a, method=method)
    assert cut.dimension == dimension
    assert cut.claim.kind == "upper bound"
    flags = cut.side_a
    assert modular_rank(network, flags) == rank


def test_the_bridge_with_smaller_legs_reaches_its_cut_all_the_same():
    network, side_a = bridge(2, 3, 2, 3)
    cut = tnet.min_cut(network, side_a)
    assert cut.dimension == modular_rank(network, cut.side_a) == 6
    assert cut.claim.kind == "upper bound"


def test_a_hyperedge_is_charged_once_and_the_rank_is_the_cut():
    network, side_a = convnet_case(
        16, 4, 2, (2, 2), shared=False, side=tnet.partitions.odd_even(16)
    )
    cut = tnet.min_cut(network, side_a)
    assert cut.dimension == modular_rank(network, cut.side_a) == 16
    assert cut.claim.kind == "exact by theorem"


@pytest.mark.parametrize("operator", ["max", "sum", "softplus", "norm"])
def test_other_operators_have_a_cut_but_no_theorem(operator):
    spec = tnet.ConvNet(8, features=2, widths=(2, 4, 4), operator=operator)
    cut = tnet.min_cut(spec.compile(), tnet.partitions.odd_even(8))
    assert cut.dimension == 16
    assert cut.claim.kind == "no theorem"


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (tnet.ConvNet(4, features=2, widths=(2, 2), shared=True).compile(), "weights are shared"),
        (tnet.ConvNet(4, features=2, widths=(3, 4)).compile(), "not powers of one integer"),
        (
            network_of(
                {"A": "abp", "B": "cp"},
                {"a": 2, "b": 2, "c": 2, "p": 2},
                inputs="abc",
                readings={"a": 0, "b": 0, "c": 1},
            ),
            "read more than once",
        ),
        (
            network_of(
                {"A": "ap", "B": "cp"},
                {"a": 4, "c": 4, "p": 2},
                inputs="ac",
                multiplicity={"p": 2},
            ),
            "an index stands for several",
        ),
    ],
)
def test_an_upper_bound_says_which_hypothesis_fails(network, reason):
    cut = tnet.min_cut(network, [0])
    assert cut.claim.kind == "upper bound"
    assert reason in cut.claim.reason


def test_an_output_of_any_dim_leaves_the_cut_exact():
    spec = tnet.ConvNet(8, features=2, widths=(2, 4, 4), outputs=10)
    for method in ("forest", "flow"):
        cut = tnet.min_cut(spec.compile(), tnet.partitions.odd_even(8), method=method)
        assert (cut.dimension, cut.claim.kind) == (16, "exact by theorem")


# --- the theory's formulas -----------------------------------------------------------------------


def blocks_cut(features, widths, b):
    """Least cut of a windows-of-2 network across blocks of 2^b, by the formula."""
    n = 2 ** len(widths)
    early = [widths[level] ** 2 ** (b - 1 - level) for level in range(b)]
    return min(widths[b], *early, features**2**b) ** (n // 2 ** (b + 1))


dims_to_100 = st.integers(1, 100)


@examples(60)
@given(dims_to_100, st.lists(dims_to_100, min_size=1, max_size=6))
def test_blocks_of_every_size_follow_the_formula(features, widths):
    n = 2 ** len(widths)
    network = tnet.ConvNet(n, features=features, widths=widths).compile()
    for b in range(len(widths)):
        cut = tnet.min_cut(network, tnet.partitions.blocks(n, 2**b))
        assert cut.dimension == blocks_cut(features, widths, b)


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@examples(40)
@given(dims_to_100, st.lists(dims_to_100, min_size=2, max_size=6), st.booleans())
def test_left_right_and_odd_even_follow_their_formulas(features, widths, shared):
    depth = len(widths)
    n = 2**depth
    network = tnet.ConvNet(n, features=features, widths=widths, shared=shared).compile()
    left_right = min(
        features ** (n // 2),
        widths[-1],
        *(widths[level] ** 2 ** (depth - 2 - level) for level in range(depth - 1)),
    )
    assert tnet.min_cut(network, tnet.partitions.left_right(n)).dimension == left_right
    odd_even = min(features, widths[0]) ** (n // 2)
    assert tnet.min_cut(network, tnet.partitions.odd_even(n)).dimension == odd_even


@pytest.mark.parametrize(
    ("widths", "expected"),
    [((4, 2, 4), (2, 4, 256)), ((2, 9, 9), (4, 4, 16)), ((9, 9, 2), (2, 81, 6561))],
)
def test_deep_widths_limit_long_range_and_early_widths_short_range(widths, expected):
    network = tnet.ConvNet(8, features=100, widths=widths).compile()
    sides = (tnet.partitions.left_right(8), tnet.partitions.blocks(8, 2), [0, 2, 4, 6])
    for side, dimension in zip(sides, expected, strict=True):
        assert tnet.min_cut(network, side).dimension == dimension


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@examples(12)
@given(
    st.integers(1, 3),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(0, 2**16 - 1),
    st.booleans(),
)
def test_windows_of_four_have_the_rank_that_each_split_window_gives(features, widths, bits, shared):
    assume(features < 3)
    side = np.array([bits >> mode & 1 for mode in range(16)], dtype=bool)
    split = sum(0 < side[4 * k : 4 * k + 4].sum() < 4 for k in range(4))
    spec = tnet.ConvNet(16, features=features, widths=widths, window=4, shared=shared)
    network = spec.compile()
    rank = modular_rank(network, side)
    assert min(widths[0], features) ** split <= rank <= tnet.min_cut(network, side).dimension


@examples(60)
@given(dims_to_100, st.tuples(dims_to_100, dims_to_100, dims_to_100), st.integers(0, 2**64 - 1))
def test_the_cut_is_never_looser_than_the_recursion_over_windows_of_four(features, widths, bits):
    side = np.array([bits >> mode & 1 for mode in range(64)], dtype=bool)
    bound = [1] * 64
    for level, width in enumerate(widths, start=1):
        bound = [
            min(
                features ** int(min(part.sum(), (~part).sum())),
                width * math.prod(bound[4 * k : 4 * k + 4]),
            )
            for k, part in enumerate(np.split(side, 64 // 4**level))
        ]
    network = tnet.ConvNet(64, features=features, widths=widths, window=4).compile()
    assert tnet.min_cut(network, side).dimension <= bound[0]


@examples(60)
@given(st.integers(1, 9), dims_to_100, st.integers(0, 2**9 - 1))
def test_one_window_over_all_inputs_is_the_shallow_bound(features, width, bits):
    side = np.array([bits >> mode & 1 for mode in range(9)], dtype=bool)
    network = tnet.ConvNet(9, features=features, widths=(width,), pooling="global").compile()
    smaller = int(min(side.sum(), 9 - side.sum()))
    assert tnet.min_cut(network, side).dimension == min(features**smaller, width if smaller else 1)


@examples(60)
@given(mode_trees_with_side(max_modes=8), st.integers(1, 5), st.data())
def test_a_network_over_any_mode_tree_has_the_exhaustive_cut(case, features, data):
    tree, side_a = case
    widths = [data.draw(st.integers(1, 9)) for _ in range(tree.n_levels)]
    spec = tnet.ConvNet(tree.n_modes, features=features, widths=widths, pooling=tree)
    network = spec.compile()
    assume(network.n_tensors <= 12)
    assert tnet.min_cut(network, side_a).dimension == exhaustive_min_cut_dimension(network, side_a)


# --- outputs, readings, diagonals ----------------------------------------------------------------


@pytest.mark.parametrize("method", ["forest", "flow"])
def test_an_output_is_free_even_where_it_is_a_hyperedge(method):
    network = network_of(
        {"A": "ay", "B": "by", "C": "cy"},
        {"a": 3, "b": 5, "c": 7, "y": 2},
        inputs="abc",
        outputs="y",
    )
    cut = tnet.min_cut(network, ["a"], method=method)
    assert cut.dimension == 1
    assert cut.verify()
    assert modular_rank(network, cut.side_a) == 1


def test_without_mixing_after_the_root_the_rank_across_the_root_is_one():
    network = network_of(
        {"A": "ap", "B": "bp", "U": "py", "C": "cq", "D": "dq", "V": "qy"},
        dict.fromkeys("abcdpqy", 2),
        inputs="abcd",
        outputs="y",
    )
    assert tnet.min_cut(network, ["a", "b"]).dimension == 1
    assert tnet.min_cut(network, ["a", "c"]).dimension == 4


def test_all_readings_of_an_element_are_on_its_side_and_each_is_charged():
    indices = {"a": 2, "b": 2, "c": 2, "d": 2, "p": 64}
    network = network_of(
        {"A": "abp", "B": "cdp"},
        indices,
        inputs="abcd",
        readings={"a": 0, "b": 1, "c": 0, "d": 1},
    )
    for method in ("forest", "flow"):
        cut = tnet.min_cut(network, [0], method=method)
        # Both tensors on one side: the two readings of one element are cut.
        assert cut.dimension == 4
        assert len(cut.indices) == 2
    assert tnet.min_cut(network, ["c"]).side_a.tolist() == [True, False]


def test_multiplicity_is_the_exponent_with_which_an_index_counts():
    network = network_of(
        {"A": "ap", "B": "bp"}, {"a": 10, "b": 10, "p": 2}, inputs="ab", multiplicity={"p": 3}
    )
    for method in ("forest", "flow"):
        cut = tnet.min_cut(network, ["a"], method=method)
        assert (cut.dimension, cut.factors) == (8, {"p": 3})


def test_a_multiplicity_of_thousands_is_cheap_and_exact():
    network = network_of(
        {"A": "apq", "B": "bpq"},
        {"a": 2**12999, "b": 2**12999, "p": 3, "q": 5},
        inputs="ab",
        multiplicity={"p": 2000},
    )
    cut = tnet.min_cut(network, ["a"], method="flow")
    assert cut.dimension == 3**2000 * 5


# --- near-ties and large numbers -----------------------------------------------------------------


NEAR_TIE_PRODUCTS = [
    ((1025,), (1024,)),
    ((959, 997), (908, 1053)),
    ((2**40 + 1,), (2**40,)),
    ((2**70,), (2**70 - 1,)),
    ((2**40 - 1, 2**40 + 1), (2**40, 2**40)),
    ((3,) * 53, (2,) * 84),
    ((10**18 + 9,) * 30, (10**18 + 3,) * 29 + (10**18 + 189,)),
]


@pytest.mark.parametrize(("a", "b"), [*NEAR_TIE_PRODUCTS, *[(b, a) for a, b in NEAR_TIE_PRODUCTS]])
def test_near_ties_on_forests_are_decided_in_exact_integers(a, b):
    # One tensor between legs of both sides: it stands on the side whose legs multiply to more.
    names_a, names_b = [f"a{k}" for k in range(len(a))], [f"b{k}" for k in range(len(b))]
    builder = tnet.NetworkBuilder()
    for name, dim in zip([*names_a, *names_b], [*a, *b], strict=True):
        builder.index(name, dim, role="input")
    builder.tensor("T", [*names_a, *names_b])
    cut = tnet.min_cut(builder.build(), names_a, method="forest")
    assert cut.dimension == min(math.prod(a), math.prod(b))
    assert cut.slack_log2 == 0


@pytest.mark.parametrize("dim", [2**40, 2**70, 3**80, 10**30 + 57])
@pytest.mark.parametrize("method", ["forest", "flow"])
def test_huge_dims_are_exact(dim, method):
    spec = tnet.ConvNet(16, features=dim, widths=(dim + 1, dim, dim - 1, dim))
    cut = tnet.min_cut(spec.compile(), tnet.partitions.odd_even(16), method=method)
    assert cut.dimension == dim**8
    assert tnet.min_cut(spec.compile(), range(8), method=method).dimension == dim - 1


def bundle(bond_dims, *, n_inputs=60, input_dim=2**41 + 1):
    """Two tensors with many parallel bonds between them, and inputs too wide to be cut."""
    builder = tnet.NetworkBuilder()
    left = builder.indices("left", n_inputs, input_dim, role="input")
    right = builder.indices("right", n_inputs, input_dim, role="input")
    bonds = [builder.index(f"bond{k}", dim) for k, dim in enumerate(bond_dims)]
    builder.tensor("L", [*left, *bonds])
    builder.tensor("R", [*right, *bonds])
    return builder.build()


@pytest.mark.parametrize(
    "bond_dims",
    [
        [2**40] * 50,
        [2**40 - 2 * k - 1 for k in range(50)],
        [3**25 + k for k in range(50)],
        [2**41] * 59 + [3],
    ],
    ids=["powers of two", "odd", "near powers of three", "many"],
)
def test_capacities_whose_total_exceeds_32_bits_do_not_wrap(bond_dims):
    network = bundle(bond_dims)
    cut = tnet.min_cut(network, range(60))
    assert cut.method == "flow"
    assert cut.dimension == math.prod(bond_dims)
    assert cut.slack_log2 == 0
    assert cut.verify()


def test_capacities_that_are_near_the_32_bit_limit_themselves_do_not_wrap():
    # Exact exponents, the largest of them just inside and just outside what the solver takes.
    for multiplicity in (LARGEST_CAPACITY, LARGEST_CAPACITY + 1, 2**31, 2**40):
        network = network_of(
            {"A": "apq", "B": "bpq"},
            {"a": 2, "b": 2, "p": 2, "q": 2},
            inputs="ab",
            multiplicity=dict.fromkeys("abpq", multiplicity) | {"q": multiplicity - 5},
        )
        on_a = flow_sides(network, np.array([True, False])).on_a
        # Cutting one leg, not both bonds: both tensors stand on one side.
        assert on_a[0] == on_a[1]


def test_a_long_chain_of_loops_carries_a_flow_beyond_32_bits():
    builder = tnet.NetworkBuilder()
    left = builder.indices("left", 40, 2**50 + 1, role="input")
    right = builder.indices("right", 40, 2**50 + 1, role="input")
    layers = [builder.indices(f"bond{k}", 45, 2**40 + 1 + k) for k in range(6)]
    previous = left
    for k, bonds in enumerate(layers):
        builder.tensor(f"T{k}", [*previous, *bonds])
        previous = bonds
    builder.tensor("T6", [*previous, *right])
    cut = tnet.min_cut(builder.build(), range(40))
    assert cut.factors == {"bond0": 45}
    assert cut.dimension == (2**40 + 1) ** 45


def test_a_small_cut_found_by_flow_is_proved_least_although_capacities_are_rounded():
    network = network_of(
        {"A": "apq", "B": "bpq"}, {"a": 1025, "b": 1024, "p": 31, "q": 37}, inputs="ab"
    )
    cut = tnet.min_cut(network, ["a"])
    assert (cut.method, cut.dimension, cut.slack_log2) == ("flow", 1024, 0.0)


# --- printing ------------------------------------------------------------------------------------


def test_a_cut_of_a_million_bits_prints_as_powers():
    depth = 20
    spec = tnet.ConvNet(2**depth, features=10, widths=(10,) * depth, shared=True)
    cut = tnet.min_cut(spec.compile(), tnet.partitions.odd_even(2**depth))
    # The hyperedges of level 0 are cut, or the inputs of one side: 10 each way.
    assert sum(cut.factors.values()) == 2**19
    assert cut.dimension_text == "10^524288 (2^1741647.0)"
    assert str(cut).startswith("min cut 10^524288 (2^1741647.0) = ")
    assert "524,288 against 524,288 inputs" in str(cut)
    assert len(repr(cut)) < 300
    assert len(repr(cut.indices)) < 200
    assert cut.dimension.bit_length() == math.floor(cut.log2) + 1


@examples(100)
@given(st.lists(st.tuples(st.integers(1, 2**50), st.integers(0, 10**6)), max_size=6))
def test_product_text_never_fails_and_is_exact_while_short(factors):
    text = product_text(factors)
    if text.isdecimal():
        assert int(text) == math.prod(base**exponent for base, exponent in factors)
    else:
        assert "(2^" in text


@given(st.integers(2, 2**64), st.sets(st.integers(0, 9), min_size=1))
def test_powers_of_one_integer_are_recognised_whatever_their_size(base, exponents):
    numbers = [base**exponent for exponent in exponents]
    found = common_base(numbers)
    assert found is not None
    root, powers = found
    assert all(root ** powers[number] == number for number in numbers)
    assert common_base([*numbers, root, root + 1]) is None


def test_cutting_does_not_depend_on_how_tensors_are_grouped():
    spec = tnet.ConvNet(16, features=3, widths=(2, 4, 5, 7))
    grouped = spec.compile()
    terms, output, dims = grouped.to_einsum()
    text = ",".join("".join(chr(0x100 + i) for i in term) for term in terms)
    text += "->" + "".join(chr(0x100 + i) for i in output)
    single = tnet.from_einsum(text, *[tuple(dims[i] for i in term) for term in terms])
    for seed in range(10):
        side = tnet.partitions.random_balanced(16, seed=seed)
        assert tnet.min_cut(single, side).dimension == tnet.min_cut(grouped, side).dimension


def test_only_known_methods_are_taken_and_the_forest_only_without_loops():
    network = cycle_of_one_tensor("shared group")[0]
    with pytest.raises(StructureError, match="method is 'fast'; choose one of auto, forest, flow"):
        tnet.min_cut(network, [0], method="fast")
    with pytest.raises(StructureError, match="without loops"):
        tnet.min_cut(network, [0], method="forest")


def test_modular_coefficients_agree_with_floating_point_where_weights_are_small():
    network, _ = bridge(3, 2, 3, 2)
    parameters = {name: array % 7 for name, array in modular_parameters(network).items()}
    expected = np.einsum("abw,cdw->abcd", parameters["T"], parameters["U"])
    assert np.array_equal(modular_coefficients(network, parameters), expected)


@pytest.mark.parametrize("operator", ["product", "max"])
def test_a_cut_of_nothing_is_exact_for_products_whatever_is_shared(operator):
    spec = tnet.ConvNet(4, features=3, widths=(2, 2), shared=True, operator=operator)
    cut = tnet.min_cut(spec.compile(), [])
    assert cut.dimension == 1
    assert cut.claim.kind == ("exact by theorem" if operator == "product" else "no theorem")
