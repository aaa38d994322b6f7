"""Rectifier and threshold networks against plain loops in exact arithmetic."""

import itertools
from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog
from strategies import examples

from tnet.errors import (
    FeatureError,
    FunctionError,
    MemoryLimitError,
    OperatorError,
    ParameterError,
    SizeLimitError,
    SpecError,
)
from tnet.expressiveness.rectifier import thresholds
from tnet.expressiveness.rectifier.affine import Affine
from tnet.expressiveness.rectifier.cells import cell_bound, cells
from tnet.expressiveness.rectifier.facets import boundary_pieces, facet_witness, facets
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.rectified import to_rectifier
from tnet.expressiveness.rectifier.reduction import Reduction, to_fewer_rectifiers
from tnet.expressiveness.rectifier.regions import decision_regions
from tnet.expressiveness.rectifier.three_signs import two_for_three
from tnet.expressiveness.rectifier.threshold_form import threshold_bytes, to_threshold
from tnet.expressiveness.rectifier.thresholds import ThresholdLayer, ThresholdNetwork


def exact_score(network, point):
    """The score as it is written, in rational numbers."""
    score = Fraction(network.bias)
    for sign, part in ((1, network.positive), (-1, network.negative)):
        for weights, offset in zip(part.weights.tolist(), part.offsets.tolist(), strict=True):
            value = sum(Fraction(w) * Fraction(x) for w, x in zip(weights, point, strict=True))
            score += sign * max(Fraction(0), value + Fraction(offset))
    return score


def exact_signs(network, points):
    return [1 if exact_score(network, point) >= 0 else -1 for point in points.tolist()]


def none(dim):
    return Affine(np.zeros((0, dim)), np.zeros(0))


def grid(dim, reach=3):
    """Integer points, of which many are ties of integer weights."""
    return np.array(list(itertools.product(range(-reach, reach + 1), repeat=dim)))


def integer_rows(draw, count, dim):
    """Small integers: parallel, equal, concurrent, constant and zero functions all occur."""
    size = draw(st.integers(1, 3))
    entries = st.integers(-size, size)
    row = st.lists(entries, min_size=dim + 1, max_size=dim + 1)
    rows = draw(st.lists(row, min_size=count, max_size=count))
    return np.array(rows, dtype=float).reshape(count, dim + 1)


@st.composite
def integer_networks(draw, *, most=(4, 3), dims=3):
    dim = draw(st.integers(1, dims))
    added, subtracted = (draw(st.integers(0, count)) for count in most)
    return RectifierNetwork(
        Affine.from_rows(integer_rows(draw, added, dim)),
        Affine.from_rows(integer_rows(draw, subtracted, dim)),
        draw(st.integers(-4, 1)),
    )


# Networks


@examples(60)
@given(integer_networks())
def test_scores_are_the_formula(network):
    points = grid(network.dim, reach=2)
    assert network.score(points).tolist() == [exact_score(network, p) for p in points.tolist()]
    assert network(points).tolist() == exact_signs(network, points)


def test_two_layers_are_absorbed_and_units_of_weight_zero_dropped():
    rng = np.random.default_rng(0)
    weights, offsets = rng.standard_normal((5, 3)), rng.standard_normal(5)
    outer, points = np.array([2.0, -0.5, 0.0, 1.0, -3.0]), rng.standard_normal((50, 3))
    network = RectifierNetwork.from_layers(weights, offsets, outer, 0.7)
    assert (len(network.positive), len(network.negative)) == (2, 2)
    expected = 0.7 + np.maximum(points @ weights.T + offsets, 0) @ outer
    np.testing.assert_allclose(network.score(points), expected, atol=1e-12)
    with pytest.raises(FrozenInstanceError):
        network.bias = 1.0
    with pytest.raises(ValueError, match="read-only"):
        network.positive.weights[0] = 2


# Threshold units


@examples(60)
@given(integer_networks())
def test_threshold_units_are_the_sums_over_pairs_of_subsets(network):
    by_hand = {}
    sizes = len(network.positive), len(network.negative)
    for first, second in itertools.product(*(range(2**size) for size in sizes)):
        row = [0.0] * network.dim + [network.bias]
        for k, function in enumerate(network.positive.rows):
            row = [r + (first >> k & 1) * f for r, f in zip(row, function, strict=True)]
        for k, function in enumerate(network.negative.rows):
            row = [r - (second >> k & 1) * f for r, f in zip(row, function, strict=True)]
        by_hand[first, second] = row
    dnf, cnf = to_threshold(network), to_threshold(network, form="cnf")
    assert dnf.units.rows.tolist() == list(by_hand.values())
    turned = sorted(by_hand, key=lambda pair: pair[::-1])
    assert cnf.units.rows.tolist() == [by_hand[pair] for pair in turned]
    assert (dnf.n_groups, cnf.n_groups) == (2 ** sizes[0], 2 ** sizes[1])
    assert threshold_bytes(network) == dnf.bytes
    assert threshold_bytes(network, form="cnf") == cnf.bytes


@examples(50)
@given(integer_networks(), st.sampled_from(["dnf", "cnf"]), st.randoms(use_true_random=False))
def test_both_forms_pruned_or_not_are_the_network_on_every_point_ties_too(network, form, random):
    points = np.array(random.choices(grid(network.dim).tolist(), k=60))
    eighths = np.array([[random.randint(-40, 40) / 8 for _ in points[0]] for _ in range(40)])
    points = np.vstack([points, eighths])
    expected = exact_signs(network, points)
    full = to_threshold(network, form=form)
    pruned = to_threshold(network, form=form, prune=True)
    assert full(points).tolist() == expected
    assert pruned(points).tolist() == expected
    assert pruned.n_units <= full.n_units


def test_a_tie_is_positive_in_every_form():
    # The score is 0 at (1, 0), and on the line x = 1 to the left of y = 0.
    network = facet_witness(2, 2)
    ties = np.array([[1.0, 0.0], [1.0, -5.0], [0.5, 0.5]])
    assert network.score(ties).tolist() == [0, 0, 0]
    for form, prune in itertools.product(("dnf", "cnf"), (False, True)):
        assert to_threshold(network, form=form, prune=prune)(ties).tolist() == [1, 1, 1]


@pytest.mark.parametrize("form", ["dnf", "cnf"])
def test_regions_without_inside_are_kept(form):
    # Positive on a point, on a line, nowhere, everywhere.
    absolute = Affine([[1], [-1]], [0, 0])
    for bias, expected in ((0, [-1, 1, -1]), (-1, [-1, -1, -1]), (1, [1, 1, 1])):
        network = RectifierNetwork(none(1), absolute, bias)
        pruned = to_threshold(network, form=form, prune=True)
        assert pruned([[-1], [0], [1]]).tolist() == expected
    assert to_threshold(RectifierNetwork(none(1), absolute, -1), form=form, prune=True).n_units == 0
    line = RectifierNetwork(Affine([[0, 1]], [0]), Affine([[1, 0], [-1, 0], [0, 1]], [0] * 3), 0)
    pruned = to_threshold(line, form=form, prune=True)
    assert pruned([[0, 5], [0, -5], [1, 5], [-0.5, 0]]).tolist() == [1, 1, -1, -1]
    for bias in (-1, 0):
        constant = RectifierNetwork(none(2), none(2), bias)
        for prune in (False, True):
            found = to_threshold(constant, form=form, prune=prune)
            assert found([[3, 4]]).tolist() == [1 if bias >= 0 else -1]


@pytest.mark.parametrize("block", [1, 7, 64])
@pytest.mark.parametrize("form", ["dnf", "cnf"])
def test_blocks_change_nothing(monkeypatch, block, form):
    rng = np.random.default_rng(1)
    sizes = [4, 5, 6, 9, 16, 4]
    units = Affine(rng.integers(-3, 4, (sum(sizes), 2)), rng.integers(-4, 5, sum(sizes)))
    network = ThresholdNetwork(units, np.cumsum([0, *sizes]), form)
    points = rng.integers(-4, 5, (40, 2))
    inner, outer = (all, any) if form == "dnf" else (any, all)
    expected = []
    for point in points.tolist():
        true = [sum(w * x for w, x in zip(r, [*point, 1], strict=True)) >= 0 for r in units.rows]
        groups = [true[a:b] for a, b in itertools.pairwise(network.starts.tolist())]
        expected.append(1 if outer(inner(group) for group in groups) else -1)
    monkeypatch.setattr(thresholds, "BLOCK", block)
    assert network(points).tolist() == expected
    assert network(np.zeros((0, 2))).shape == (0,)
    assert len(set(expected)) == 2 or form == "cnf"


def test_networks_without_units():
    for form, starts, expected in (
        ("dnf", [0], -1),
        ("dnf", [0, 0], 1),
        ("cnf", [0], 1),
        ("cnf", [0, 0], -1),
    ):
        network = ThresholdNetwork(none(2), starts, form)
        assert network([[0, 0], [1, 2]]).tolist() == [expected] * 2


def test_conjunctions_have_bias_one_minus_m_and_disjunctions_m_minus_one():
    units = Affine([[1, 0], [0, 1], [-1, -1]], [0, 0, 2])
    both, one = ThresholdLayer.conjunction(units), ThresholdLayer.disjunction(units)
    assert (both.bias, one.bias) == (-2, 2)
    points = grid(2)
    true = units(points) >= 0
    assert both(points).tolist() == np.where(true.all(axis=1), 1, -1).tolist()
    assert one(points).tolist() == np.where(true.any(axis=1), 1, -1).tolist()
    assert ThresholdNetwork(units, [0, 3], "dnf").single_layer().bias == -2
    assert ThresholdNetwork(units, [0, 1, 2, 3], "dnf").single_layer().bias == 2
    assert ThresholdNetwork(units, [0, 3], "cnf").single_layer().bias == 2
    assert ThresholdNetwork(units, [0, 1, 2, 3], "cnf").single_layer().bias == -2
    with pytest.raises(
        SpecError, match="are two layers above the units, not one; give a single group"
    ):
        ThresholdNetwork(units, [0, 1, 3], "dnf").single_layer()


# Cells and facets


def open_patterns(rows):
    """All sign patterns that occur on open sets, each by a linear programme of its own."""
    found = set()
    dim = rows.shape[1] - 1
    moving = [row for row in rows if row[:-1].any()]
    for pattern in itertools.product([False, True], repeat=len(moving)):
        signed = np.array([row if on else -row for row, on in zip(moving, pattern, strict=True)])
        if moving:
            solved = linprog(
                np.r_[np.zeros(dim), -1],
                A_ub=np.column_stack([-signed[:, :-1], np.ones(len(signed))]),
                b_ub=signed[:, -1],
                bounds=[(None, None)] * dim + [(None, 1)],
            )
            if -solved.fun <= 1e-7:
                continue
        signs = iter(pattern)
        found.add(tuple(next(signs) if row[:-1].any() else bool(row[-1] > 0) for row in rows))
    return found


@examples(50)
@given(st.data(), st.integers(1, 3), st.integers(0, 5))
def test_cells_are_the_patterns_that_occur(data, dim, count):
    functions = Affine.from_rows(integer_rows(data.draw, count, dim))
    found = cells(functions)
    patterns = [tuple(pattern) for pattern in found.patterns.tolist()]
    assert len(patterns) == len(set(patterns))
    assert set(patterns) == open_patterns(functions.rows)
    moving = functions.weights.any(axis=1)
    for pattern, point in zip(found.patterns, found.points, strict=True):
        assert ((functions(point[None])[0] > 0) == pattern)[moving].all()


@pytest.mark.parametrize(("count", "dim"), [(12, 1), (10, 2), (9, 3), (7, 4), (5, 5), (4, 6)])
def test_generic_hyperplanes_have_as_many_cells_as_can_be(count, dim):
    rng = np.random.default_rng(count)
    found = cells(Affine(rng.standard_normal((count, dim)), rng.standard_normal(count)))
    assert len(found.patterns) == len(set(map(tuple, found.patterns.tolist())))
    assert len(found.patterns) == cell_bound(count, dim)


def irredundant(network):
    """How many of all 2^n inequalities cannot be left out, each by one programme of all others."""
    sign = 1 if not len(network.negative) else -1
    part = network.positive if sign == 1 else network.negative
    base = np.r_[np.zeros(network.dim), sign * network.bias]
    sums = [
        base + sum((row for row, on in zip(part.rows, subset, strict=True) if on), 0 * base)
        for subset in itertools.product([0, 1], repeat=len(part))
    ]
    free = [(None, None)] * network.dim
    every = np.array(sums)
    if sign == -1:
        # What must be at most 0 may be 0 throughout; what must be below 0 may not.
        every = every[every.any(axis=1)].reshape(-1, network.dim + 1)
    inside = linprog(
        np.r_[np.zeros(network.dim), -1],
        A_ub=np.column_stack([every[:, :-1], np.ones(len(every))]),
        b_ub=-every[:, -1],
        bounds=[*free, (None, 1)],
    )
    if -inside.fun <= 1e-9:
        return 0
    halfspaces = {
        tuple((row // np.gcd.reduce(row)).tolist()) for row in every.astype(int) if row[:-1].any()
    }
    count = 0
    for one in halfspaces:
        others = np.array([other for other in halfspaces if other != one]).reshape(-1, len(one))
        solved = linprog(
            -np.array(one[:-1]),
            A_ub=np.vstack([others[:, :-1], one[:-1]]),
            b_ub=np.r_[-others[:, -1], 1 - one[-1]],
            bounds=free,
        )
        count += -solved.fun + one[-1] > 1e-9
    return count


@examples(40)
@given(st.sampled_from([(4, 0), (0, 4)]).flatmap(lambda most: integer_networks(most=most)))
def test_facets_are_the_inequalities_that_cannot_be_left_out(network):
    found = facets(network)
    assert found.count == irredundant(network)
    np.testing.assert_allclose(network.score(found.points), 0, atol=1e-6)
    for function, point in zip(found.functions.rows, found.points, strict=True):
        assert function[:-1] @ point + function[-1] == pytest.approx(0, abs=1e-6)
    if found.count:
        pruned = to_threshold(network, prune=True)
        assert pruned.n_units == found.count


@st.composite
def subtracted_networks(draw):
    """Often positive just where all functions are at most 0, or on another cell."""
    dim = draw(st.integers(1, 3))
    rows = integer_rows(draw, draw(st.integers(0, 4)), dim)
    return RectifierNetwork(none(dim), Affine.from_rows(rows), draw(st.sampled_from([0, 0, 1, 2])))


@examples(60)
@given(subtracted_networks())
def test_facets_of_where_subtracted_rectifiers_are_zero(network):
    found = facets(network)
    assert found.count == irredundant(network)
    np.testing.assert_allclose(network.score(found.points), 0, atol=1e-6)
    sums = -found.subsets.astype(float) @ network.negative.rows
    sums[:, -1] += network.bias
    np.testing.assert_array_equal(found.functions.rows, sums)
    for function, point in zip(found.functions.rows, found.points, strict=True):
        assert function[:-1] @ point + function[-1] == pytest.approx(0, abs=1e-6)
        beyond = point - 1e-3 * function[:-1] / np.linalg.norm(function[:-1])
        assert network.score(beyond[None])[0] < -1e-6
    if found.count:
        for form in ("dnf", "cnf"):
            assert to_threshold(network, form=form, prune=True).n_units == found.count


@pytest.mark.parametrize(
    ("rows", "bias", "count", "kind"),
    [
        ([[1, 0]], 0, 1, "exact by theorem"),
        ([[3, -3], [3, -4]], 0, 1, "numerical"),
        ([[1, 0, 0], [0, 1, 0]], 0, 2, "exact by theorem"),
        ([[2, 1, 0], [1, 1, 3], [1, 0, 5]], 0, 2, "numerical"),
        ([[1, 0], [-1, 1]], 1, 2, "numerical"),
        ([[1, 0], [-1, 1], [-2, 0]], 1, 2, "numerical"),
        ([[1, 0], [-1, 0]], 0, 0, "numerical"),
        ([[1, 0]], -1, 0, "exact by theorem"),
        ([[1, 0]], 1, 1, "exact by theorem"),
    ],
)
def test_a_score_that_is_never_positive_has_the_facets_of_a_cell(rows, bias, count, kind):
    rows = np.array(rows, dtype=float)
    network = RectifierNetwork(none(rows.shape[1] - 1), Affine.from_rows(rows), bias)
    found = facets(network)
    assert (found.count, found.claim.kind) == (count, kind)
    assert irredundant(network) == count


def test_the_same_for_the_cells_of_groups():
    # -R(x) - R(y) + R(z): where z > 0 the group's own function has a zero, and where z < 0 not.
    network = RectifierNetwork(
        Affine([[0, 0, 1]], [0]), Affine([[1, 0, 0], [0, 1, 0], [1, 0, 0]], [0, 0, -1]), 0
    )
    for form in ("dnf", "cnf"):
        pruned = to_threshold(network, form=form, prune=True)
        points = grid(3)
        assert pruned(points).tolist() == exact_signs(network, points)
        assert "touches" not in pruned.claim.reason


def test_what_only_touches_zero_is_kept_and_said():
    # 1 - R(2 - x) + 2 R(3 - 3x) is at least 0, and 0 at x = 1 in one of its two groups.
    network = RectifierNetwork(Affine([[-3], [-3]], [3, 3]), Affine([[-1]], [2]), 1)
    pruned = to_threshold(network, form="cnf", prune=True)
    assert (pruned(grid(1)) == 1).all()
    assert pruned.n_groups == 1
    assert "where a score only touches 0" in pruned.claim.reason


def test_mixed_sizes_of_weights():
    network = RectifierNetwork(Affine([[-3e-9, -2e-9]], [1e-9]), Affine([[-3, -3]], [-3]), 0)
    points = grid(2)
    pruned = to_threshold(network, form="cnf", prune=True)
    assert pruned(points).tolist() == network(points).tolist()
    # The same in units of x as small as that.
    tiny = RectifierNetwork(Affine([[3e-9]], [2]), Affine([[2e-9]], [-1]), 2)
    for form in ("dnf", "cnf"):
        far = 1e9 * grid(1)
        assert to_threshold(tiny, form=form, prune=True)(far).tolist() == tiny(far).tolist()


@pytest.mark.parametrize(("rectifiers", "dim"), [(1, 1), (2, 2), (3, 3), (4, 4), (3, 5), (10, 12)])
def test_the_witness_has_all_facets_but_the_empty_one(rectifiers, dim):
    found = facets(facet_witness(rectifiers, dim))
    assert found.count == 2**rectifiers - 1
    assert found.claim.kind == "exact by theorem"
    if rectifiers <= 4:
        assert found.count == irredundant(facet_witness(rectifiers, dim))


def test_facets_in_the_wall_of_a_cell_are_counted_once():
    # R(x) - 1 is zero where x - 1 is, and so is R(x) + R(x - 1) - 1.
    network = RectifierNetwork(Affine([[1, 0], [1, 0], [0, 1]], [0, -1, 0]), none(2), -1)
    found = facets(network)
    assert found.count == irredundant(network) == 3
    assert facets(RectifierNetwork(Affine([[1], [0]], [0, 5]), none(1), -5)).count == 0


def test_pieces_of_any_boundary():
    assert boundary_pieces(RectifierNetwork(none(1), none(1), -1)).count == 0
    assert facets(RectifierNetwork(none(1), none(1), -1)).count == 0
    # |x| - 1, bent down by 2 R(x - 2) where x > 2.
    bent = RectifierNetwork(Affine([[1], [-1]], [0, 0]), Affine([[2]], [-4]), -1)
    found = boundary_pieces(bent)
    np.testing.assert_allclose(found.points[:, 0], [-1, 1, 3], atol=1e-9)
    assert found.subsets.astype(int).tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 1]]
    rng = np.random.default_rng(3)
    one_sided = RectifierNetwork.from_layers(
        rng.standard_normal((7, 2)), rng.standard_normal(7), np.ones(7), -3
    )
    assert boundary_pieces(one_sided).count == facets(one_sided).count


def test_no_unit_of_a_pruned_group_can_be_left_out():
    rng = np.random.default_rng(5)
    network = RectifierNetwork.from_layers(
        rng.standard_normal((6, 2)), rng.standard_normal(6), [1, 1, 1, -1, -1, -1], -0.3
    )
    pruned = to_threshold(network, prune=True)
    assert pruned.n_groups > 1
    for begin, end in itertools.pairwise(pruned.starts.tolist()):
        rows = pruned.units.rows[begin:end]
        for one in range(len(rows)):
            others = np.delete(rows, one, axis=0)
            least = linprog(
                rows[one, :-1],
                A_ub=np.vstack([-others[:, :-1], -rows[one, :-1]]),
                b_ub=np.r_[others[:, -1], rows[one, -1] + 1],
                bounds=[(None, None)] * 2,
            )
            assert least.fun + rows[one, -1] < -1e-9


# Sizes


def test_sixteen_rectifiers_are_65536_units():
    network = facet_witness(16, 16)
    full = to_threshold(network)
    assert full.n_units == 65536
    assert full.bytes == threshold_bytes(network) == 8 * (65536 * 17 + 65537)
    points = np.random.default_rng(0).integers(-2, 3, (40, 16)) / 4
    assert full(points).tolist() == exact_signs(network, points)
    assert to_threshold(network, prune=True).n_units == facets(network).count == 65535


def test_sizes_are_refused_before_anything_is_built():
    rng = np.random.default_rng(0)
    weights, offsets = rng.standard_normal((30, 2)), rng.standard_normal(30)
    network = RectifierNetwork.from_layers(weights, offsets, np.ones(30), -15)
    with pytest.raises(
        MemoryLimitError,
        match=r"2\^30 = 1,073,741,824 threshold units, which take 32\.0 GiB, above the limit of "
        r"1\.0 GiB; ask for prune=True, which builds at most 466 units",
    ):
        to_threshold(network)
    pruned = to_threshold(network, prune=True)
    points = rng.standard_normal((200, 2))
    assert pruned(points).tolist() == network(points).tolist()
    with pytest.raises(SizeLimitError, match=r"can have 1,099,511,627,776 cells.*cell_limit"):
        to_threshold(facet_witness(40, 40), prune=True)
    with pytest.raises(MemoryLimitError, match=r"4 rectifiers are .* above the limit of 100 bytes"):
        to_threshold(facet_witness(4, 4), memory_limit=100)


# Threshold units as rectifiers


@examples(60)
@given(
    st.data(),
    st.sampled_from(["centred", "below"]),
    st.sampled_from([0.25, 0.5, 1.0, 2.0]),
    st.integers(1, 4),
)
def test_two_rectifiers_are_one_unit_outside_the_ramp(data, ramp, eps, count):
    units = Affine.from_rows(integer_rows(data.draw, count, 2))
    votes = st.lists(st.integers(-3, 3), min_size=count, max_size=count)
    layer = ThresholdLayer(units, np.array(data.draw(votes)), data.draw(st.integers(-3, 3)))
    found = to_rectifier(layer, eps=eps, ramp=ramp)
    assert len(found.network.positive) == len(found.network.negative) == (layer.outer != 0).sum()
    points = np.vstack([grid(2), grid(2) / 8])
    values = units(points)[:, layer.outer != 0]
    outside = abs(values) >= eps if ramp == "centred" else (values >= 0) | (values <= -eps)
    exact = found.exact_on(points)
    assert exact.tolist() == outside.all(axis=1).tolist()
    # Powers of two and small integers: no rounding, so even votes that tie are the same.
    assert found.network(points)[exact].tolist() == layer(points)[exact].tolist()


def test_the_ramps_at_zero():
    layer = ThresholdLayer(Affine([[1.0]], [0.0]), [1.0], 0.0)
    centred, below = (to_rectifier(layer, eps=0.5, ramp=ramp) for ramp in ("centred", "below"))
    points = [[-0.5], [-0.25], [0.0], [0.25], [0.5]]
    assert centred.network.score(points).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert below.network.score(points).tolist() == [-1, 0, 1, 1, 1]
    assert not centred.exact_on([[0.0]])[0]
    assert below.exact_on([[0.0]])[0]
    # Far away eps is lost in rounding, and that is said.
    assert not to_rectifier(layer, eps=1e-12).exact_on([[1e6]])[0]


# Fewer rectifiers


@examples(60)
@given(st.data(), st.integers(0, 4), st.integers(1, 3), st.booleans())
def test_subset_sums_are_folded_exactly_in_any_order(data, bits, dim, shuffled):
    functions = integer_rows(data.draw, bits, dim)
    bias = data.draw(st.integers(-4, 4))
    sums = [
        np.r_[np.zeros(dim), bias] + sum((functions[k] for k in range(bits) if s >> k & 1), 0.0)
        for s in range(2**bits)
    ]
    order = data.draw(st.permutations(range(2**bits))) if shuffled else range(2**bits)
    layer = ThresholdLayer.disjunction(Affine.from_rows(np.array([sums[k] for k in order])))
    found = to_fewer_rectifiers(layer, order="any" if shuffled else "given")
    assert found.exact
    assert found.residual == 0
    assert len(found.network.positive) == bits
    assert sorted(found.order) == list(range(2**bits))
    assert found.units.rows.tolist() == layer.units.rows[list(found.order)].tolist()
    points = grid(dim)
    assert found.network(points).tolist() == layer(points).tolist()
    assert found.same_argmax(points).all()
    assert found.same_decision(points).all()


def test_rounded_subset_sums_of_ten_are_found_in_any_order():
    rng = np.random.default_rng(4)
    functions = rng.standard_normal((10, 6))
    sums = np.array([functions[[k for k in range(10) if s >> k & 1]].sum(0) for s in range(1024)])
    sums[:, -1] -= 0.3
    layer = ThresholdLayer.disjunction(Affine.from_rows(sums[rng.permutation(1024)]))
    found = to_fewer_rectifiers(layer)
    assert found.exact
    points = rng.standard_normal((500, 5))
    assert found.network(points).tolist() == layer(points).tolist()


def best_residual(rows):
    """The same optimum by another programme: a row for every unit and every choice of signs."""
    count, columns = rows.shape
    bits = count.bit_length() - 1
    above, most = [], []
    for unit, signs in itertools.product(range(count), itertools.product([-1, 1], repeat=columns)):
        row = np.zeros(bits * columns + 2)
        for k in range(bits):
            if unit >> k & 1:
                row[k * columns : (k + 1) * columns] = -np.array(signs)
        row[-2], row[-1] = -signs[-1], -1
        above.append(row)
        most.append(-np.dot(signs, rows[unit]))
    objective = np.zeros(bits * columns + 2)
    objective[-1] = 1
    return linprog(objective, A_ub=above, b_ub=most, bounds=[(None, None)] * len(objective)).fun


@pytest.mark.parametrize(("bits", "dim", "seed"), [(1, 1, 0), (2, 1, 1), (2, 3, 2), (3, 2, 3)])
def test_the_closest_sums_and_what_they_guarantee(bits, dim, seed):
    rng = np.random.default_rng(seed)
    functions = 3 * rng.standard_normal((bits, dim + 1))
    sums = [functions[[k for k in range(bits) if s >> k & 1]].sum(0) for s in range(2**bits)]
    rows = np.array(sums) + 0.05 * rng.standard_normal((2**bits, dim + 1))
    layer = ThresholdLayer.disjunction(Affine.from_rows(rows))
    found = to_fewer_rectifiers(layer)
    assert not found.exact
    assert found.claim.kind == "numerical"
    assert found.residual == pytest.approx(best_residual(rows), rel=1e-6)
    points = 2 * rng.standard_normal((2000, dim))
    sums = np.array(
        [
            sum(
                (found.network.positive(points)[:, k] for k in range(bits) if s >> k & 1),
                np.full(len(points), found.network.bias),
            )
            for s in range(2**bits)
        ]
    ).T
    sure = found.same_argmax(points)
    assert 0 < sure.sum() < len(points)
    assert (layer.units(points).argmax(1) == sums.argmax(1))[sure].all()
    # The margin test itself, point by point.
    for point, is_sure in zip(points[:200], sure, strict=False):
        values = sorted(layer.units(point[None])[0])
        size = max(1.0, np.abs(point).max())
        assert is_sure == (found.residual < (values[-1] - values[-2]) / (2 * size))
    decided = found.same_decision(points)
    assert decided.any()
    assert (layer(points) == found.network(points))[decided].all()


@pytest.mark.parametrize("scale", [2.0**-900, 1e-12, 1e-10, 1e-9, 1e90, 2.0**1000])
def test_the_closest_sums_are_in_the_units_own_scale(scale):
    rows = np.array([[1.0, 0.0], [2, 1], [0, 3], [1, 1]])
    layer = ThresholdLayer.disjunction(Affine.from_rows(scale * rows))
    found = to_fewer_rectifiers(layer, order="given")
    assert found.residual / scale == pytest.approx(best_residual(rows), rel=1e-9)
    assert found.units.rows.tolist() == layer.units.rows.tolist()


def test_a_margin_of_just_twice_the_residual_is_no_guarantee():
    units = Affine([[0], [2]], [0, 0])
    network = RectifierNetwork(Affine([[1]], [-1]), none(1), 1)
    found = Reduction(network, units, (0, 1), 1.0, False, facets(facet_witness(1, 1)).claim)
    # At x = 1 the units have 0 and 2, and the rectifier's sums 1 and 1.
    assert not found.same_argmax([[1.0]])[0]
    assert found.same_argmax([[3.0]]).tolist() == [False]
    assert found.same_decision([[1.0], [-1.0]]).tolist() == [True, False]


@examples(80)
@given(
    st.lists(st.integers(-3, 3), min_size=6, max_size=6),
    st.tuples(*[st.integers(1, 7)] * 5),
    st.permutations(range(3)),
)
def test_three_signs_are_two_rectifiers_ties_too(numbers, factors, order):
    first, second = np.array(numbers, dtype=float).reshape(2, 3)
    assume(first[0] * second[1] != first[1] * second[0])
    p, q, r, below_p, below_q = factors
    third = p * first + q * second + [0, 0, r]
    first, second = below_p * first, below_q * second
    layer = ThresholdLayer.disjunction(
        Affine.from_rows(np.array([first, second, third])[list(order)])
    )
    network = two_for_three(layer)
    points = np.vstack([grid(2, 4), grid(2, 4) / 8])
    assert len(network.positive) == 2
    assert network(points).tolist() == layer(points).tolist()


def test_three_signs_of_small_integers_are_integers():
    units = Affine([[2, 1], [-3, -2], [-1, -1]], [-1, 0, 0])
    network = two_for_three(ThresholdLayer.disjunction(units))
    assert network.positive.rows.tolist() == [[2, 1, 0], [-3, -2, 1]]
    assert network.bias == -1


def test_three_signs_of_rounded_weights():
    rng = np.random.default_rng(7)
    first, second = rng.standard_normal((2, 6))
    third = 0.3 * first + 1.7 * second
    third[-1] += 0.2
    layer = ThresholdLayer.disjunction(Affine.from_rows(np.array([first, second, third])))
    points = rng.standard_normal((500, 5))
    assert two_for_three(layer)(points).tolist() == layer(points).tolist()


def test_three_signs_that_are_not():
    def disjunction(third):
        return ThresholdLayer.disjunction(Affine.from_rows(np.array([[1, 0, 0], [0, 1, 0], third])))

    with pytest.raises(FunctionError, match=r"p = 2, q = 3, r = 0: keep the three, or"):
        two_for_three(disjunction([2, 3, 0]))
    with pytest.raises(FunctionError, match=r"p = -1, q = -1, r = 1"):
        two_for_three(disjunction([-1, -1, 1]))
    with pytest.raises(FunctionError, match="no p and q"):
        two_for_three(ThresholdLayer.disjunction(Affine([[1], [2], [3]], [0, 0, 1])))
    with pytest.raises(SpecError, match="give a disjunction of three"):
        two_for_three(ThresholdLayer.conjunction(Affine(np.eye(3), np.zeros(3))))


# Regions in the plane


@examples(25)
@given(integer_networks(most=(4, 3), dims=2).filter(lambda network: network.dim == 2))
def test_regions_are_cut_along_the_boundary(network):
    found = decision_regions(network, ((-2, 2), (-1, 3)), resolution=9)
    for i, j in itertools.product(range(9), range(9)):
        point = [found.x[j], found.y[i]]
        assert found.signs[i, j] == (1 if exact_score(network, point) >= 0 else -1)
    areas = []
    for polygon in found.polygons:
        x, y = polygon.T
        areas.append((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)
        middle = polygon.mean(axis=0, keepdims=True)
        mean = network.score(polygon).mean()
        assert network.score(middle)[0] == pytest.approx(mean, abs=1e-9)
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(16)
    if len(found.segments):
        along = np.array([0.0, 0.3, 1.0])[:, None, None]
        ends = found.segments[:, 0] * (1 - along) + found.segments[:, 1] * along
        np.testing.assert_allclose(network.score(ends.reshape(-1, 2)), 0, atol=1e-9)
    # Between neighbours clearly on different sides some segment is crossed, or touched.
    for (i, j), (k, m) in [((i, j), (i, j + 1)) for i in range(9) for j in range(8)]:
        ends = [[found.x[j], found.y[i]], [found.x[m], found.y[k]]]
        if np.prod(network.score(ends)) < 0:
            assert any(
                touches(segment, found.y[i], found.x[j], found.x[m]) for segment in found.segments
            )


def touches(segment, height, left, right):
    (x0, y0), (x1, y1) = segment
    if not min(y0, y1) - 1e-9 <= height <= max(y0, y1) + 1e-9:
        return False
    if abs(y1 - y0) < 1e-9:
        return min(x0, x1) <= right + 1e-9 and max(x0, x1) >= left - 1e-9
    x = x0 + (x1 - x0) * (height - y0) / (y1 - y0)
    return left - 1e-9 <= x <= right + 1e-9


def test_a_line_that_is_only_touched_is_a_boundary():
    # -|x| is negative but for the line x = 0; |x| is positive everywhere.
    absolute = Affine([[1, 0], [-1, 0]], [0, 0])
    touched = decision_regions(RectifierNetwork(none(2), absolute, 0), ((-1, 1), (-1, 1)))
    assert touched.segments.tolist() == [[[0.0, -1.0], [0.0, 1.0]]]
    clear = decision_regions(RectifierNetwork(absolute, none(2), 0), ((-1, 1), (-1, 1)))
    assert clear.segments.shape == (0, 2, 2)
    assert len(clear.polygons) == 2


def test_small_and_large_boxes_have_the_same_boundary():
    corner = RectifierNetwork(Affine(np.eye(2), [0, 0]), Affine(-np.eye(2), [0, 0]), 0)
    expected = decision_regions(corner, ((-1, 1), (-1, 2))).segments
    assert len(expected) == 2
    for scale in (1e-12, 1e100):
        found = decision_regions(corner, ((-scale, scale), (-scale, 2 * scale)))
        np.testing.assert_allclose(found.segments / scale, expected, atol=1e-9)


# Bad input


def test_bad_networks():
    with pytest.raises(ParameterError, match=r"weights\[1, 0\] is nan; replace it"):
        Affine([[1.0, 2.0], [np.nan, 1.0]], [0, 0])
    with pytest.raises(ParameterError, match=r"offsets\[1\] is inf"):
        Affine([[1.0], [2.0]], [0, np.inf])
    with pytest.raises(ParameterError, match=r"\(2, 1\) and offsets \(3,\)"):
        Affine([[1.0], [2.0]], [0, 0, 0])
    with pytest.raises(ParameterError, match="weights: got dtype complex128"):
        Affine([[1j]], [0])
    with pytest.raises(ParameterError, match="weights have rows of different lengths"):
        Affine([[1, 2], [1]], [0, 0])
    with pytest.raises(ParameterError, match="d at least 1"):
        Affine(np.zeros((2, 0)), [0, 0])
    with pytest.raises(ParameterError, match="bias is nan"):
        RectifierNetwork(none(2), none(2), np.nan)
    with pytest.raises(ParameterError, match="take 2 numbers and negative ones 3"):
        RectifierNetwork(none(2), none(3), 0)
    with pytest.raises(ParameterError, match=r"outer have shape \(1,\); give \(2,\)"):
        RectifierNetwork.from_layers([[1], [2]], [0, 0], [1], 0)
    with pytest.raises(
        ParameterError, match=r"ascend from 0 to 1, the number of units; got \[0, 2"
    ):
        ThresholdNetwork(Affine([[1]], [0]), [0, 2], "dnf")
    with pytest.raises(SpecError, match="form is 'xor'; choose dnf or cnf"):
        ThresholdNetwork(Affine([[1]], [0]), [0, 1], "xor")


def test_bad_questions():
    network = facet_witness(2, 3)
    with pytest.raises(FeatureError, match=r"points have shape \(4, 2\); give \(B, 3\)"):
        network(np.zeros((4, 2)))
    with pytest.raises(FeatureError, match=r"points\[0, 1\] is nan"):
        to_threshold(network)([[0, np.nan, 0]])
    with pytest.raises(SpecError, match="form is 'nnf'"):
        to_threshold(network, form="nnf")
    with pytest.raises(OperatorError, match="use boundary_pieces, or rectifiers of one sign"):
        facets(RectifierNetwork(Affine([[1]], [0]), Affine([[1]], [0]), 0))
    with pytest.raises(OperatorError, match="takes 1 to 2 rectifiers"):
        facet_witness(3, 2)
    layer = ThresholdLayer.disjunction(Affine(np.eye(3), np.zeros(3)))
    for eps in (0, -1.0):
        with pytest.raises(SpecError, match=r"eps is .*; give the ramp a positive width"):
            to_rectifier(layer, eps=eps)
    with pytest.raises(SpecError, match="choose centred or below"):
        to_rectifier(layer, ramp="above")
    with pytest.raises(SpecError, match=r"3 units; n rectifiers stand for 2\^n"):
        to_fewer_rectifiers(layer)
    with pytest.raises(SpecError, match="choose any or given"):
        to_fewer_rectifiers(layer, order="sorted")
    with pytest.raises(
        SpecError, match="only a disjunction can be reduced: give votes of 1 and bias 1"
    ):
        to_fewer_rectifiers(ThresholdLayer.conjunction(Affine(np.eye(2), np.zeros(2))))
    many = Affine(np.random.default_rng(0).standard_normal((4096, 5)), np.zeros(4096))
    with pytest.raises(SizeLimitError, match="4,096 units of 6 entries are no subset sums"):
        to_fewer_rectifiers(ThresholdLayer.disjunction(many))
    with pytest.raises(FeatureError, match="in the plane; give a network whose points have 2"):
        decision_regions(network, ((0, 1), (0, 1)))
    with pytest.raises(FeatureError, match=r"box is \[1, 0\]"):
        decision_regions(facet_witness(2, 2), ((1, 0), (0, 1)))
    with pytest.raises(SizeLimitError, match="4 cells, above the limit of 3"):
        decision_regions(facet_witness(2, 2), ((0, 1), (0, 1)), cell_limit=3)


@pytest.mark.parametrize("resolution", [1, 0, "a", 2.5, True])
def test_bad_resolutions(resolution):
    with pytest.raises(SpecError, match=r"resolution is .*; give a whole number of at least 2"):
        decision_regions(facet_witness(2, 2), ((0, 1), (0, 1)), resolution=resolution)


def test_bad_boxes():
    plane = facet_witness(2, 2)
    with pytest.raises(
        MemoryLimitError, match=r"take 7\.3 TiB, above the limit of 1\.0 GiB; give at most 11,585"
    ):
        decision_regions(plane, ((0, 1), (0, 1)), resolution=10**6)
    for side in ((-1e300, 1e300), (-1e160, 1e160), (0, 1e151)):
        with pytest.raises(FeatureError, match="where the score's terms are above 1e\\+150"):
            decision_regions(plane, (side, side))
    for box in (None, 3, ((0, 1),)):
        with pytest.raises(FeatureError, match=r"the box is .*; give \(\(least x, largest x\)"):
            decision_regions(plane, box)
    with pytest.raises(ParameterError, match=r"box\[0\]: got dtype"):
        decision_regions(plane, (1, 2))


@pytest.mark.parametrize("sizes", [(1.5, 2), ("a", 2), (True, 2), (0, 2), (2, None)])
def test_bad_witnesses(sizes):
    with pytest.raises(SpecError, match=r"(rectifiers|dim) is .*; give a whole number of at"):
        facet_witness(*sizes)


@pytest.mark.parametrize("limit", ["x", -1, 0, 2.5, None, True])
def test_bad_limits(limit):
    network, box = facet_witness(2, 2), ((0, 1), (0, 1))
    for name in ("memory_limit", "cell_limit"):
        with pytest.raises(SpecError, match=f"{name} is .*; give a whole number of at least 1"):
            to_threshold(network, **{name: limit})
    for question in (facets, boundary_pieces):
        with pytest.raises(SpecError, match="cell_limit is"):
            question(network, cell_limit=limit)
    with pytest.raises(SpecError, match="cell_limit is"):
        decision_regions(network, box, cell_limit=limit)


@pytest.mark.parametrize("wrong", [3, [[1.0]], None])
def test_what_is_no_network(wrong):
    for question in (facets, boundary_pieces, to_threshold, threshold_bytes):
        with pytest.raises(ParameterError, match=r"network: got .*; give an instance of Rect"):
            question(wrong)
    with pytest.raises(ParameterError, match="give an instance of RectifierNetwork"):
        decision_regions(wrong, ((0, 1), (0, 1)))
    for question in (to_rectifier, to_fewer_rectifiers, two_for_three):
        with pytest.raises(ParameterError, match=r"layer: got .*; give an instance of Threshold"):
            question(wrong)
    for make in (
        ThresholdLayer.disjunction,
        ThresholdLayer.conjunction,
        lambda units: ThresholdLayer(units, [1], 0),
        lambda units: ThresholdNetwork(units, [0, 1], "dnf"),
        lambda units: RectifierNetwork(units, none(1), 0),
        lambda units: RectifierNetwork(none(1), units, 0),
    ):
        with pytest.raises(ParameterError, match=r"give an instance of Affine"):
            make(wrong)
