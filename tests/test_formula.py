"""Formulas of min cuts: equal to the cut for all dims, nothing superfluous, and what binds."""

import dataclasses
import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from strategies import examples, forests_with_side, mode_trees_with_side, networks_with_side

import tnet
from tnet.cuts import formula as programme
from tnet.cuts import hull
from tnet.cuts.cut_formula import CutFormula
from tnet.cuts.formula import min_cut_formula
from tnet.cuts.hull import exact_direction, lower_hull
from tnet.errors import DimensionError, SizeLimitError, StructureError, UnknownNameError


def with_dims(network, dims):
    """The same network with other dims."""
    groups = [
        dataclasses.replace(group, dim=dims.get(group.name, group.dim))
        for group in network.index_groups
    ]
    # A tensor of its own each, as one group's would have to keep one shape.
    tensors = [
        tnet.TensorGroup(f"{group.name}_{row}", group.indices[row : row + 1])
        for group in network.tensor_groups
        for row in range(group.count)
    ]
    parts = network.inputs, network.input_modes, network.outputs, network.input_shape
    return tnet.TensorNetwork(tuple(groups), tuple(tensors), *parts)


def random_dims(network, generator):
    """Dims of all groups, now small and often 1, now spread over many sizes."""
    names = [group.name for group in network.index_groups]
    if generator.random() < 0.5:
        dims = {name: int(generator.choice([1, 2, 2, 3, 4, 5, 9])) for name in names}
    else:
        dims = {name: int(2 ** generator.uniform(0, 40)) for name in names}
    if len(network.inputs) != network.n_modes:
        # Readings of one element have one dim.
        inputs = {names[number] for number in network.group_of_index[network.inputs].tolist()}
        dims.update(dict.fromkeys(inputs, dims[min(inputs)]))
    return dims


def assert_equals_cut(network, side, n_draws, seed=0):
    formula = min_cut_formula(network, side)
    generator = np.random.default_rng(seed)
    for _ in range(n_draws):
        dims = random_dims(network, generator)
        asked = {name: dims[name] for name in formula.groups}
        assert formula(asked) == tnet.min_cut(with_dims(network, dims), side).dimension
    return formula


def assert_minimal(formula):
    """Every term is the only least one for some dims, found by a linear programme over logs."""
    rows = np.array(formula.exponents)
    for number, row in enumerate(rows):
        others = np.delete(rows, number, axis=0)
        assert not (row >= others).all(axis=1).any()
        if not len(others):
            continue
        bounds = [(0, None)] * rows.shape[1]
        found = linprog(
            np.ones(rows.shape[1]), A_ub=row - others, b_ub=-np.ones(len(others)), bounds=bounds
        )
        assert found.status == 0
        # Rounded to integers, logs times 100 still part the terms by more than rounding.
        logs = np.ceil(found.x * 100).astype(int).tolist()
        dims = {name: 2**log for name, log in zip(formula.groups, logs, strict=True)}
        assert [formula.terms[number]] == list(formula.active(dims).terms)


# --- the text of the paper's cases ---------------------------------------------------------------


def test_left_right_and_odd_even_of_sixteen_inputs():
    network = tnet.ConvNet(16, features=2, widths=(2, 2, 2, 2)).compile()
    assert str(min_cut_formula(network, tnet.partitions.left_right(16))) == (
        "min(x**8, r0**4, r1**2, r2, r3)"
    )
    odd_even = min_cut_formula(network, tnet.partitions.odd_even(16))
    assert str(odd_even) == "min(x**8, r0**8)"
    assert repr(odd_even) == "<CutFormula: min(x**8, r0**8)>"
    assert odd_even.terms == ({"x": 8}, {"r0": 8})
    assert odd_even.groups == ("x", "r0", "r1", "r2", "r3")
    assert odd_even.dims == dict.fromkeys(odd_even.groups, 2)


@pytest.mark.parametrize("n_levels", [2, 3, 4, 5, 6])
def test_blocks_have_the_formula_of_theory(n_levels):
    n_inputs = 2**n_levels
    network = tnet.ConvNet(n_inputs, features=2, widths=(2,) * n_levels).compile()
    for b in range(n_levels):
        formula = min_cut_formula(network, tnet.partitions.blocks(n_inputs, 2**b))
        times = n_inputs // 2 ** (b + 1)
        # m_b = min(r_b, min_{l<b} r_l^(2^(b-1-l)), M^(2^b)), to the power N / 2^(b+1)
        expected = [{"x": 2**b * times}]
        expected += [{f"r{level}": 2 ** (b - 1 - level) * times} for level in range(b)]
        expected += [{f"r{b}": times}]
        assert list(formula.terms) == expected
    left_right = min_cut_formula(network, tnet.partitions.left_right(n_inputs))
    assert left_right == formula


@pytest.mark.parametrize("side", [[], range(16)])
def test_the_trivial_cut_is_one(side):
    formula = min_cut_formula(tnet.ConvNet(16, features=3, widths=(2,) * 4).compile(), side)
    assert str(formula) == "1"
    assert formula._repr_latex_() == "$1$"
    assert formula() == formula(x=7) == 1
    assert formula.active().least_dims == dict.fromkeys(formula.groups, 1)


def test_a_single_term_stands_without_min_and_a_product_with_a_star():
    network = tnet.from_einsum("a,bc,cd->abd", (2,), (3, 4), (4, 5))
    groups = [g.name for g in network.index_groups]
    formula = min_cut_formula(network, [1])
    assert str(formula) == f"min({groups[1]}, {groups[2]}, {groups[3]})"
    bond = tnet.NetworkBuilder()
    for name in ("p", "q"):
        bond.index(f"in_{name}", 3, role="input")
        bond.index(f"with_{name}", 2, role="input")
        bond.tensor(f"t_{name}", [f"in_{name}", f"with_{name}"])
    crossed = min_cut_formula(bond.build(), ["in_p", "in_q"])
    assert set(map(frozenset, crossed.terms)) == {
        frozenset({a, b}) for a in ("in_p", "with_p") for b in ("in_q", "with_q")
    }
    assert "in_p*in_q" in str(crossed)
    one = min_cut_formula(tnet.ConvNet(4, features=2, widths=(2, 2)).compile(), [0])
    assert str(one) == "min(x, r0)"


def test_latex_has_subscripts_braces_and_escapes():
    network = tnet.ConvNet(64, features=2, widths=(2,) * 6).compile()
    formula = min_cut_formula(network, tnet.partitions.left_right(64))
    assert formula._repr_latex_() == (
        r"$\min\left(x^{32}, r_{0}^{16}, r_{1}^{8}, r_{2}^{4}, r_{3}^{2}, r_{4}, r_{5}\right)$"
    )
    builder = tnet.NetworkBuilder()
    builder.index("in_a%", 2, role="input", multiplicity=3)
    builder.index("b", 3, role="input")
    builder.tensor("t", ["in_a%", "b"])
    latex = min_cut_formula(builder.build(), [0])._repr_latex_()
    assert latex == r"$\min\left(\mathrm{in\_a\%}^{3}, b\right)$"


def test_many_terms_are_shortened_in_the_repr_only():
    network = tnet.ConvNet(64, features=2, widths=(2,) * 6).compile()
    formula = min_cut_formula(network, tnet.partitions.random_balanced(64, seed=0))
    assert len(formula.terms) > 20
    assert repr(formula).endswith(f"... {len(formula.terms) - 12} more)>")
    assert str(formula).count(", ") == len(formula.terms) - 1


# --- equal to the min cut for all dims -----------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        (16, {"window": 2}),
        (27, {"window": 3}),
        (64, {"window": 4}),
        (24, {"window": [2, 3, 4]}),
        ((4, 4), {"window": 2}),
        ((8, 8), {"pooling": "mirror"}),
        (12, {"pooling": "global"}),
        (16, {"pooling": "random", "outputs": 3}),
        (16, {"window": 4, "shared": True, "outputs": 5}),
    ],
)
def test_equals_the_cut_of_the_network_rebuilt_with_other_dims(inputs, options):
    n_levels = 1
    while True:
        try:
            spec = tnet.ConvNet(inputs, features=2, widths=(2,) * n_levels, **options)
            break
        except tnet.TNetError:
            n_levels += 1
    network = spec.compile()
    sides = [tnet.partitions.random_balanced(inputs, seed=seed) for seed in range(2)]
    for side in [*sides, tnet.partitions.left_right(inputs), tnet.partitions.checkerboard(inputs)]:
        assert_minimal(assert_equals_cut(network, side, 40))


@examples(60)
@given(mode_trees_with_side(max_modes=14))
def test_irregular_trees_equal_the_cut_for_random_dims(case):
    tree, side = case
    n_levels = int(tree.level.max()) + 1
    network = tnet.ConvNet(len(side), features=2, widths=(2,) * n_levels, pooling=tree).compile()
    assert_minimal(assert_equals_cut(network, side, 10))


@examples(50)
@given(forests_with_side(max_tensors=10))
def test_hand_made_forests_equal_the_cut_for_random_dims(case):
    network, side = case
    assert_minimal(assert_equals_cut(network, side, 10))


@examples(80)
@given(networks_with_side(max_tensors=6, operators=True))
def test_networks_with_rereads_multiplicities_and_diagonals(case):
    network, side = case
    if network.forest is None:
        with pytest.raises(StructureError, match="min_cut gives the cut"):
            min_cut_formula(network, side)
        return
    formula = min_cut_formula(network, side)
    assert formula() == tnet.min_cut(network, side, method="flow").dimension
    assert_equals_cut(network, side, 6)
    assert formula.claim.kind == tnet.min_cut(network, side).claim.kind


def test_a_side_and_its_complement_have_one_formula():
    network = tnet.ConvNet(32, features=2, widths=(2,) * 5).compile()
    side = tnet.partitions.random_balanced(32, seed=4)
    assert min_cut_formula(network, side) == min_cut_formula(network, ~side)


def test_dims_of_the_network_do_not_matter_to_the_terms():
    side = tnet.partitions.random_balanced(16, seed=3)
    found = [
        min_cut_formula(tnet.ConvNet(16, features=m, widths=w).compile(), side)
        for m, w in [(1, (1, 1, 1, 1)), (50, (3, 2**40, 7, 2))]
    ]
    assert found[0].terms == found[1].terms
    assert found[0]() == 1


def test_the_claim_is_that_of_the_cut_and_says_that_the_formula_holds_for_all_dims():
    side = tnet.partitions.left_right(8)
    for widths, shared in [((2, 4, 4), False), ((2, 3, 4), False), ((2, 3, 4), True)]:
        network = tnet.ConvNet(8, features=2, widths=widths, shared=shared).compile()
        claim = min_cut_formula(network, side).claim
        assert claim.kind == tnet.min_cut(network, side).claim.kind
        assert claim.reason.startswith("the min cut for all dims")


# --- the hull ------------------------------------------------------------------------------------


@examples(150)
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 6), min_size=n, max_size=n), min_size=1, max_size=14
        )
    )
)
def test_hull_keeps_exactly_what_a_linear_programme_finds_strictly_least(rows):
    kept = {tuple(row) for row in lower_hull(np.array(rows)).tolist()}
    distinct = {tuple(row) for row in rows}
    for row in distinct:
        others = np.array([other for other in distinct if other != row]).reshape(-1, len(row))
        bounds = [(0, None)] * len(row)
        found = linprog(
            np.zeros(len(row)), A_ub=row - others, b_ub=-np.ones(len(others)), bounds=bounds
        )
        assert (row in kept) == (found.status == 0)


@examples(100)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-5, 6), min_size=n, max_size=n), min_size=1, max_size=7
        )
    )
)
def test_exact_direction_exists_where_a_linear_programme_finds_one(rows):
    differences = np.array(rows)
    direction = exact_direction(differences)
    found = linprog(np.zeros(differences.shape[1]), A_ub=-differences, b_ub=-np.ones(len(rows)))
    assert (direction is None) == (found.status == 2)
    if direction is not None:
        assert min(direction) >= 0
        assert (differences.astype(object) @ direction > 0).all()


@pytest.mark.parametrize("failure", ["nonsense", "gives up"])
def test_what_floating_point_proposes_does_not_decide(monkeypatch, failure):
    def astray(system, target):
        if failure == "gives up":
            raise RuntimeError("Maximum number of iterations reached.")
        return np.random.default_rng(1).random(system.shape[1]), 0.0

    network = tnet.ConvNet(32, features=2, widths=(2,) * 5).compile()
    side = tnet.partitions.random_balanced(32, seed=1)
    expected = min_cut_formula(network, side)
    monkeypatch.setattr("scipy.optimize.nnls", astray)
    monkeypatch.setattr(hull, "_DIRECTIONS", 1)
    assert min_cut_formula(network, side) == expected


def test_wide_exponents_stay_exact():
    wide = hull.LARGEST_EXPONENT
    vectors = np.array([[wide, 0, 0], [0, wide, 0], [wide // 2, wide // 2 - 1, 0], [1, 1, wide]])
    # Halfway, less one: below the line between the first two by one part in 2^36.
    assert len(lower_hull(vectors)) == 4
    vectors[2, 1] += 1
    assert len(lower_hull(vectors)) == 3


# --- what binds ----------------------------------------------------------------------------------


@examples(60)
@given(mode_trees_with_side(max_modes=10), st.integers(0, 2**32))
def test_active_agrees_with_evaluating_every_smaller_dim(case, seed):
    tree, side = case
    n_levels = int(tree.level.max()) + 1
    network = tnet.ConvNet(len(side), features=2, widths=(2,) * n_levels, pooling=tree).compile()
    formula = min_cut_formula(network, side)
    generator = np.random.default_rng(seed)
    dims = {name: int(generator.integers(1, 12)) for name in formula.groups}
    active = formula.active(dims)
    values = [math.prod(dims[name] ** k for name, k in term.items()) for term in formula.terms]
    binding = [t for t, value in zip(formula.terms, values, strict=True) if value == min(values)]
    assert active.dimension == min(values) == formula(dims)
    assert list(active.terms) == binding
    assert active.dims == dims
    for name, dim in dims.items():
        kept = [d for d in range(1, dim + 1) if formula({**dims, name: d}) == active.dimension]
        assert active.least_dims[name] == kept[0]
        assert kept == list(range(kept[0], dim + 1))


def test_active_decides_near_ties_exactly():
    network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
    formula = min_cut_formula(network, tnet.partitions.left_right(4))
    assert str(formula) == "min(x**2, r0, r1)"
    root = 10**30 + 7
    active = formula.active({"x": root, "r0": root**2 + 1, "r1": root**2})
    assert active.terms == ({"x": 2}, {"r1": 1})
    assert active.least_dims == {"x": root, "r0": root**2, "r1": root**2}
    below = formula.active({"x": root, "r0": root**2 - 1, "r1": root**2})
    assert below.terms == ({"r0": 1},)
    assert below.least_dims == {"x": root, "r0": root**2 - 1, "r1": root**2 - 1}


def test_active_reads_well():
    network = tnet.ConvNet(8, features=100, widths=(2, 9, 1)).compile()
    formula = min_cut_formula(network, tnet.partitions.left_right(8))
    assert repr(formula.active({"r2": 4})).splitlines() == [
        "min cut 4 = r0**2 = r2",
        "  x   100  may shrink to 2",
        "  r0    2  any narrower lowers the cut",
        "  r1    9  may shrink to 4",
        "  r2    4  any narrower lowers the cut",
    ]
    assert repr(formula.active()).endswith("r2    1  cannot shrink")


# --- asking --------------------------------------------------------------------------------------


def test_dims_come_by_keyword_by_mapping_or_from_the_network():
    network = tnet.ConvNet(8, features=100, widths=(2, 9, 9)).compile()
    formula = min_cut_formula(network, tnet.partitions.left_right(8))
    assert formula() == formula({}) == 4
    assert formula(r0=10) == formula({"r0": 10}) == formula({"r0": np.int64(10)}) == 9
    assert formula({"r0": 10}, r1=5) == 5
    assert type(formula(r0=np.int64(10))) is int
    assert formula(x=2**5000, r0=2**5000, r1=2**5000, r2=2**5000) == 2**5000
    assert isinstance(hash(formula), int)


def test_groups_may_be_called_like_the_parameters():
    builder = tnet.NetworkBuilder()
    for name in ("self", "dims"):
        builder.index(name, 5, role="input")
    builder.tensor("t", ["self", "dims"])
    formula = min_cut_formula(builder.build(), ["self"])
    assert formula(self=2, dims=3) == 2


@pytest.mark.parametrize("dims", [{"r9": 2}, {"y": 2}])
def test_unknown_groups_are_named(dims):
    network = tnet.ConvNet(4, features=2, widths=(2, 2), outputs=3).compile()
    formula = min_cut_formula(network, [0])
    with pytest.raises(UnknownNameError, match=r"no group 'r9'|no group 'y'.*x, r0, r1"):
        formula(dims)
    with pytest.raises(UnknownNameError, match="its groups are x, r0, r1"):
        formula.active(dims)


@pytest.mark.parametrize("dim", [0, -3, 2.0, True, "2"])
def test_dims_are_positive_integers(dim):
    formula = min_cut_formula(tnet.ConvNet(4, features=2, widths=(2, 2)).compile(), [0])
    with pytest.raises(DimensionError, match="dim of 'r0' must be an integer of at least 1"):
        formula(r0=dim)


def test_loops_are_refused_with_an_offer():
    network = tnet.from_einsum("iab,abj->ij", (2, 3, 3), (3, 3, 2))
    with pytest.raises(StructureError, match=r"without loops.*min_cut gives the cut"):
        min_cut_formula(network, [0])


def test_caps_on_groups_and_terms_say_what_to_raise():
    letters = "abcdefgh"
    chain = ",".join(f"{a}{b}{a.upper()}" for a, b in itertools.pairwise(letters))
    shapes = [(2, 2, 3)] * (len(letters) - 1)
    network = tnet.from_einsum(f"{chain}->{letters[:-1].upper()}", *shapes)
    with pytest.raises(SizeLimitError, match=r"15 variables.*raise max_groups"):
        min_cut_formula(network, [0], max_groups=10)
    side = [0, 2, 4, 6]
    with pytest.raises(SizeLimitError, match=r"more than max_terms=4 terms.*raise max_terms"):
        min_cut_formula(network, side, max_terms=4)
    assert len(min_cut_formula(network, side).terms) > 4
    assert issubclass(SizeLimitError, ValueError)


def test_exponents_beyond_the_exact_range_are_refused():
    builder = tnet.NetworkBuilder()
    builder.index("a", 2, role="input", multiplicity=2**40)
    builder.tensor("t", ["a"])
    with pytest.raises(SizeLimitError, match="make multiplicities smaller"):
        min_cut_formula(builder.build(), [0])


def test_a_formula_that_disagrees_with_the_cut_is_not_returned(monkeypatch):
    network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()

    class Wrong(CutFormula):
        def __call__(self, dims=None, /, **more_dims):
            return 3

    monkeypatch.setattr(programme, "CutFormula", Wrong)
    with pytest.raises(tnet.errors.VerificationError, match=r"gives 3.*min_cut gives 2"):
        min_cut_formula(network, [0])


def test_alike_subtrees_are_treated_once_so_long_lines_are_quick(monkeypatch):
    calls = []
    counted = programme.lower_hull
    monkeypatch.setattr(programme, "lower_hull", lambda v: calls.append(1) or counted(v))
    for name, side in [("left/right", "left_right"), ("odd/even", "odd_even")]:
        network = tnet.ConvNet(1024, features=2, widths=(2,) * 10).compile()
        calls.clear()
        started = time.perf_counter()
        formula = min_cut_formula(network, getattr(tnet.partitions, side)(1024))
        print(f"{name} of 1024: {time.perf_counter() - started:.2f} s, {formula}")
        assert len(calls) < 100
    network = tnet.ConvNet(64, features=2, widths=(2,) * 6).compile()
    started = time.perf_counter()
    formula = min_cut_formula(network, tnet.partitions.random_balanced(64, seed=0))
    print(f"random 64: {time.perf_counter() - started:.2f} s, {len(formula.terms)} terms")
