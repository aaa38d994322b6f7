"""Widths by design against brute force over all small integer widths."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tnet
from tnet.design.search import Monomial, Problem, fewest, fewest_within
from tnet.errors import DesignError, PartitionError

LINE = tnet.ConvNet(8, features=5, widths=(1, 1, 1))
SIDES = [
    tnet.partitions.left_right(8),
    tnet.partitions.odd_even(8),
    tnet.partitions.blocks(8, 2),
]


def tried(spec, targets, largest):
    """Parameters and log2 cuts for all widths up to `largest`."""
    for widths in itertools.product(range(1, largest + 1), repeat=spec.tree.n_levels):
        network = tnet.ConvNet(
            spec.inputs,
            features=spec.features,
            widths=widths,
            pooling=spec.tree,
            shared=spec.shared,
            outputs=spec.outputs,
        ).compile()
        yield widths, network.n_parameters, [tnet.min_cut(network, s).log2 for s, _ in targets]


SPECS = [
    tnet.ConvNet(4, features=3, widths=(1, 1)),
    tnet.ConvNet(4, features=6, widths=(1, 1), shared=True, outputs=7),
    tnet.ConvNet((2, 4), features=3, widths=(1, 1), window=((2, 2), 2)),
    tnet.ConvNet(
        5, features=4, widths=(1, 1), pooling=tnet.ModeTree.from_nested(((0, 1), 2, 3, 4))
    ),
]


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@settings(max_examples=20, deadline=None)
@given(st.sampled_from(SPECS), st.data())
def test_fewest_parameters_are_those_of_brute_force(spec, data):
    n_modes = spec.tree.n_modes
    masks = data.draw(st.lists(st.integers(1, 2**n_modes - 2), min_size=1, max_size=3))
    sides = [[mode for mode in range(n_modes) if mask >> mode & 1] for mask in masks]
    reachable = [
        tnet.min_cut(
            tnet.ConvNet(
                spec.inputs, features=spec.features, widths=(6, 6), pooling=spec.tree
            ).compile(),
            side,
        ).log2
        for side in sides
    ]
    targets = [
        (side, bits * data.draw(st.floats(0, 1)))
        for side, bits in zip(sides, reachable, strict=True)
    ]
    design = tnet.design_widths(spec, targets)
    expected = min(
        n_parameters
        for _, n_parameters, logs in tried(spec, targets, 6)
        if all(log >= bits - 1e-9 for log, (_, bits) in zip(logs, targets, strict=True))
    )
    assert design.n_parameters == expected
    assert design.n_parameters == design.spec.compile().n_parameters
    for cut, (_, bits) in zip(design.cuts, targets, strict=True):
        assert cut.log2 >= bits - 1e-9
    assert design.claim.kind == "numerical"


@pytest.mark.parametrize("budget", [35, 60, 120, 200])
def test_the_best_ratio_within_a_budget_is_that_of_brute_force(budget):
    spec = tnet.ConvNet(4, features=4, widths=(1, 1))
    targets = [([0, 1], 3.0), ([0, 2], 4.0)]
    design = tnet.design_widths(spec, targets, budget=budget)
    best = max(
        (min(log / bits for log, (_, bits) in zip(logs, targets, strict=True)), -n_parameters)
        for _, n_parameters, logs in tried(spec, targets, 16)
        if n_parameters <= budget
    )
    assert design.ratio == pytest.approx(best[0], rel=1e-6)
    assert design.n_parameters == -best[1]


def test_early_widths_serve_interleaved_and_deep_widths_coarse_partitions():
    coarse = tnet.design_widths(LINE, [(SIDES[0], math.log2(5))]).spec.widths
    fine = tnet.design_widths(LINE, [(SIDES[1], 4 * math.log2(5))]).spec.widths
    assert coarse[2] == 5
    assert fine == (5, 1, 1)


def test_targets_of_nothing_take_widths_of_one():
    assert tnet.design_widths(LINE, []).spec.widths == (1, 1, 1)
    assert tnet.design_widths(LINE, [(SIDES[0], 0.0)]).spec.widths == (1, 1, 1)
    assert "widths (1, 1, 1)" in repr(tnet.design_widths(LINE, []))


@pytest.mark.parametrize(
    ("targets", "budget", "message"),
    [
        (
            [(SIDES[0], 1.0), (SIDES[1], 10.0)],
            None,
            r"target 1 asks a cut of 2\^10, but features=5 caps that partition at 2\^9.28771",
        ),
        ([([], 1.0)], None, r"target 0 asks a cut of 2\^1, .* caps that partition at 2\^0"),
        ([(SIDES[0], -1.0)], None, "target 0 is -1.0; give the log2"),
        ([(SIDES[0], math.nan)], None, "target 0 is nan"),
        ([(SIDES[0], 1.0)], 10, r"budget is 10 parameters, but widths of 1 already take 47"),
    ],
)
def test_what_cannot_be_had_is_said_with_the_reason(targets, budget, message):
    with pytest.raises(DesignError, match=message):
        tnet.design_widths(LINE, targets, budget=budget)


def test_a_side_of_another_network_is_refused():
    with pytest.raises(PartitionError, match=r"modes 0\.\.7"):
        tnet.design_widths(LINE, [([0, 9], 1.0)])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_search_is_exact_on_random_problems(seed):
    generator = np.random.default_rng(seed)
    levels = int(generator.integers(1, 4))
    rows = generator.integers(0, 4, size=(generator.integers(1, 5), levels)).astype(float)
    rows = rows[rows.any(axis=1)]
    bits = generator.random(len(rows)) * 6
    coefficients = generator.integers(1, 20, size=levels + 1).tolist()
    chain = [(0,), *((level - 1, level) for level in range(1, levels)), (levels - 1,)]
    problem = Problem(rows, bits, tuple(map(Monomial, coefficients, chain)))
    grid = np.stack(np.meshgrid(*[np.arange(1, 66 if levels < 3 else 34)] * levels), axis=-1)
    widths = grid.reshape(-1, levels)
    allowed = (np.log2(widths) @ rows.T >= bits).all(axis=1)
    costs = sum(
        c * widths[:, list(at)].prod(axis=1) for c, at in zip(coefficients, chain, strict=True)
    )
    found, proved = fewest(problem)
    assert proved
    assert problem.reached(found)
    if allowed.any():
        assert problem.cost(found) <= costs[allowed].min()
    assert fewest_within(problem, problem.cost(found)) == (found, True)
    assert fewest_within(problem, problem.cost(found) - 1) == (None, True)


@pytest.mark.parametrize(("features", "side", "best"), [(3, [0], (3, 1)), (2, [0, 1], (4, 4))])
def test_a_generous_budget_stops_where_the_features_cap_the_cut(features, side, best):
    spec = tnet.ConvNet(4, features=features, widths=(1, 1))
    design = tnet.design_widths(spec, [(side, 1.0)], budget=10**4)
    assert design.spec.widths == best
    assert "cut short" not in design.claim.reason


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
def test_shared_weights_are_said_to_reach_less_than_their_cuts():
    spec = tnet.ConvNet(8, features=3, widths=(1, 1, 1), shared=True)
    design = tnet.design_widths(spec, [(SIDES[0], 2.0)])
    assert design.cuts[0].dimension == 4
    assert design.bounds[0].dimension == 3
    assert "which bound what shared weights reach" in design.claim.reason


@pytest.mark.parametrize(
    ("targets", "budget", "message"),
    [
        ([(SIDES[0], "3")], None, "target 0 is '3'"),
        ([(SIDES[0], 10**400)], None, "target 0 is 1000"),
        ([SIDES[0]], None, "give pairs of a side and a log2"),
        ([(SIDES[0], 1.0)], 99.5, "budget is 99.5; give a whole number"),
    ],
)
def test_targets_and_budgets_of_another_kind(targets, budget, message):
    with pytest.raises(DesignError, match=message):
        tnet.design_widths(LINE, targets, budget=budget)
