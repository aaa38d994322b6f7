"""Mode trees, contraction trees and schedules as pictures, against slow countings of their own."""

import itertools
import math
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import (
    check_inside,
    check_labels_apart,
    check_plain,
    dilated,
    networks,
    partitions,
    specs,
    titled,
)

import tnet
from tnet.contraction.schedule import entries
from tnet.drawing.mode_tree import draw_mode_tree
from tnet.drawing.plan_costs import memory_of, step_costs
from tnet.drawing.plan_drawing import draw_plan
from tnet.drawing.theme import DARK, LIGHT
from tnet.errors import PartitionError, StructureError


def windows_of(nested):
    """Modes of every window of nested tuples."""
    if isinstance(nested, int):
        return [], {nested}
    found, modes = [], set()
    for member in nested:
        inside, held = windows_of(member)
        found += inside
        modes |= held
    return [*found, modes], modes


@st.composite
def nested_trees(draw, most=12):
    """A tree over some modes, joined at random, with a side."""
    n_modes = draw(st.integers(2, most))
    parts = list(draw(st.permutations(range(n_modes))))
    while len(parts) > 1:
        count = draw(st.integers(2, min(3, len(parts))))
        parts = [*parts[count:], tuple(parts[:count])]
    side = draw(st.lists(st.booleans(), min_size=n_modes, max_size=n_modes))
    return parts[0], np.array(side)


@given(nested_trees())
@settings(max_examples=30, deadline=None)
def test_windows_modes_and_splits_are_those_of_the_nested_sets(case):
    nested, side = case
    drawing = draw_mode_tree(tnet.ModeTree.from_nested(nested), side_a=side)
    windows, _ = windows_of(nested)
    split = [w for w in windows if 0 < sum(bool(side[m]) for m in w) < len(w)]
    root = ET.fromstring(drawing.svg)
    assert len(titled(root, "circle", "window of level")) == len(windows)
    assert len(titled(root, "circle", "mode ")) == len(side)
    ringed = [e for e in titled(root, "circle", "window of level") if "stroke" in e.attrib]
    assert len(ringed) == len(split)
    many = "window" if len(windows) == 1 else "windows"
    hold = "holds" if len(windows) == 1 or len(split) == 1 else "hold"
    assert f"; {len(split)} of {len(windows)} {many} {hold} both sides" in drawing.scene.title
    modes = {int(t.title.split()[1].rstrip(":")): t.side for t in drawing.scene.terminals}
    assert modes == {mode: "a" if on_a else "b" for mode, on_a in enumerate(side)}
    assert len(drawing.scene.lines) == len(windows) + len(side) - 1
    check_inside(root)
    check_plain(root)
    check_labels_apart(root)


def test_no_lines_of_a_mode_tree_cross_in_its_own_order_and_windows_are_over_their_members():
    tree = tnet.ModeTree.from_nested((((0, 5), (1, (2, (3, 4)))), 6, (7, 8)))
    scene = draw_mode_tree(tree).scene
    pieces = [
        pair
        for line in scene.lines
        for stroke in line.strokes
        for pair in itertools.pairwise(stroke)
    ]

    def turn(a, b, c):
        return np.sign(round((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]), 4))

    for (a, b), (c, d) in itertools.combinations(pieces, 2):
        assert not (turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0)
    heights = {dot.title.split(":")[0]: dot.y for dot in scene.dots}
    levels = [heights[f"window of level {level}"] for level in range(5)]
    assert (np.diff(levels) < 0).all()
    assert max(levels) < min(terminal.y for terminal in scene.terminals)


@pytest.mark.parametrize("order", ["tree", "input"])
@pytest.mark.parametrize("inputs", [16, 64, 256])
def test_modes_stand_in_the_order_asked_for_with_room_between(inputs, order):
    side = math.isqrt(inputs)
    tree = tnet.pooling.mirror((side, side))
    drawing = draw_mode_tree(tree, side_a=range(inputs // 2), order=order)
    terminals = sorted(drawing.scene.terminals, key=lambda terminal: terminal.x)
    modes = [int(terminal.title.split()[1].rstrip(":")) for terminal in terminals]
    first = [min(window) for window in windows_of(tree.to_nested())[0] if len(window) == 4]
    assert (modes == list(range(inputs))) == (order == "input")
    assert order == "input" or modes[::4] == first
    assert np.diff([terminal.x for terminal in terminals]).min() >= 5
    dots = [(dot.x, dot.y) for dot in drawing.scene.dots]
    assert len(set(dots)) == len(dots)
    root = ET.fromstring(drawing.svg)
    check_inside(root)
    check_labels_apart(root)


def test_specs_with_a_tree_are_drawn_and_others_refused():
    with_tree = {"line", "outputs", "grid", "mirror", "global", "random", "ht", "dilated"}
    for name, spec in specs(16).items():
        if name in with_tree:
            assert draw_mode_tree(spec).svg == draw_mode_tree(spec.tree).svg
        else:
            with pytest.raises(StructureError, match=f"'{type(spec).__name__}' has no mode tree"):
                draw_mode_tree(spec)
    with pytest.raises(StructureError, match="'str' has no mode tree"):
        draw_mode_tree("mirror")


def test_of_a_mixed_network_both_trees_are_drawn_side_by_side():
    mixed = tnet.Mixed(dilated(16).tree, dilated(16, True).tree, features=2, width=4)
    scene = draw_mode_tree(mixed, side_a=partitions.odd_even(16)).scene
    assert len(scene.terminals) == 32
    assert len(scene.dots) == 30
    first, second = scene.terminals[:16], scene.terminals[16:]
    assert max(t.x for t in first) < min(t.x for t in second)
    split = [sum(dot.cut for dot in scene.dots if (dot.x < second[0].x) == one) for one in (1, 0)]
    texts = [text.text for text in scene.texts]
    assert {"16 modes, in either tree", "level 0: 16 windows"} <= set(texts)
    # Evens and odds meet at once in the first tree, one level later in the second.
    assert split == [15, 7]


def test_a_very_large_mode_tree_is_drawn_by_level():
    tree = tnet.pooling.sequential(2**16)
    start = time.perf_counter()
    drawing = draw_mode_tree(tree, side_a=partitions.left_right(2**16), theme="dark")
    root = ET.fromstring(drawing.svg)
    print(f"65,536 modes drawn in {time.perf_counter() - start:.2f} s")
    texts = [text.text for text in drawing.scene.texts]
    assert "level 15: 1 window, 1 of both sides" in texts
    assert "level 0: 32,768 windows, 0 of both sides" in texts
    assert sum(dot.cut for dot in drawing.scene.dots) == 1
    # A dot is a whole level: no side is drawn, and none explained.
    words = {text.text for text in drawing.scene.texts if text.kind == "legend"}
    assert words == {"windows of a level", "some of both sides"}
    check_inside(root)
    check_labels_apart(root)


def test_sides_of_a_mode_tree_are_read_as_those_of_a_network():
    spec = tnet.ConvNet((4, 4), features=2, widths=(2, 2))
    by_shape = draw_mode_tree(spec, side_a=partitions.left_right((4, 4)))
    modes = np.nonzero(partitions.left_right((4, 4)).ravel())[0]
    assert by_shape.svg == draw_mode_tree(spec, side_a=modes.tolist()).svg
    with pytest.raises(PartitionError, match=r"contains mode 16"):
        draw_mode_tree(spec, side_a=[16])
    with pytest.raises(StructureError, match=r"order is 'up'; choose one of tree, input"):
        draw_mode_tree(spec, order="up")


PLANNED = {
    **{
        name: network
        for name, network in networks(16).items()
        if "looped" not in name and name != "tucker"
    },
    "rectifier": tnet.ConvNet(8, features=3, widths=(2, 3, 2), operator="max").compile(),
    "ring": tnet.from_einsum("abi,bcj,cak->ijk", (2, 3, 2), (3, 4, 2), (4, 2, 2)),
}


def slow_flops(plan):
    """Operations and entries of every step, by sets, as if nobody had thought of anything."""
    n_operands = plan.operands.count
    held = [set(indices) for indices in plan.inputs]
    held += [None] * plan.n_steps
    free = set(range(n_operands))
    flops, made = [], []
    for step, (left, right) in enumerate(plan.pairs.tolist()):
        free -= {left, right}
        involved = held[left] | held[right]
        elsewhere = set().union(*(held[other] for other in free)) | set(plan.output)
        kept = involved & elsewhere
        held[n_operands + step] = kept
        free.add(n_operands + step)
        size = math.prod(plan.sizes[index] for index in involved)
        flops.append(size * (2 if kept != involved else 1))
        made.append(math.prod(plan.sizes[index] for index in kept))
    return flops, made


@pytest.mark.parametrize("name", PLANNED)
def test_steps_cost_what_sets_say_and_together_what_the_plan_says(name):
    plan = tnet.plan(PLANNED[name])
    flops, made = slow_flops(plan)
    cost = step_costs(plan)
    np.testing.assert_allclose(np.exp2(cost.flops_log2), flops)
    np.testing.assert_allclose(np.exp2(cost.result_log2), made)
    assert sum(flops) == plan.flops


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PLANNED)
def test_a_contraction_tree_has_a_dot_per_step_the_larger_the_dearer(name, theme):
    plan = tnet.plan(PLANNED[name])
    drawing = draw_plan(plan, theme=theme)
    root = ET.fromstring(drawing.svg)
    steps = titled(root, "circle", "step ")
    assert len(steps) == plan.n_steps
    assert len(titled(root, "rect", "tensor ")) == plan.network.n_tensors
    assert len(titled(root, "circle", "features at ")) == len(plan.network.inputs)
    assert len(drawing.scene.lines) == 2 * plan.n_steps
    flops, _ = slow_flops(plan)
    shades = [dot.shade for dot in drawing.scene.dots]
    for step, other in itertools.combinations(range(plan.n_steps), 2):
        assert (flops[step] < flops[other]) == (shades[step] < shades[other] - 1e-9)
    ringed = [k for k, dot in enumerate(drawing.scene.dots) if dot.cut]
    assert ringed == [peak_step(plan)]
    most = LIGHT.most if theme == "light" else DARK.most
    dearest = int(np.argmax(flops))
    if min(flops) < max(flops):
        assert steps[dearest].get("fill") == most
    check_inside(root)
    check_plain(root)
    check_labels_apart(root)


def peak_step(plan):
    memory = memory_of(plan)
    return plan.schedule.operations[memory.during.index(max(memory.during))].example


def test_a_tree_of_a_plan_is_that_of_its_pairs():
    plan = tnet.plan(PLANNED["line"], task="contract")
    scene = draw_plan(plan).scene
    at = {(square.x, square.y): k for k, square in enumerate(scene.squares)}
    at |= {(dot.x, dot.y): len(scene.squares) + k for k, dot in enumerate(scene.dots)}
    found = {(at[line.strokes[0][0]], at[line.strokes[0][-1]]) for line in scene.lines}
    n = plan.operands.count
    assert found == {
        (part, n + step) for step, pair in enumerate(plan.pairs.tolist()) for part in pair
    }


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("task", ["evaluate", "contract"])
@pytest.mark.parametrize("name", ["line", "tt", "cp", "ht", "outputs", "ring"])
def test_the_memory_profile_has_the_peak_of_the_plan(name, task, batch):
    plan = tnet.plan(PLANNED[name], task=task)
    if task == "contract" and name != "ring":
        plan = tnet.plan(networks(4)[name], task=task)
    memory = memory_of(plan, batch=batch, itemsize=4)
    assert memory.peak == plan.peak_bytes(batch, itemsize=4)
    assert len(memory.during) == len(memory.before) == len(plan.schedule.operations)
    for during, before, operation in zip(
        memory.during, memory.before, plan.schedule.operations, strict=True
    ):
        stack = plan.schedule.stacks[operation.result]
        assert during >= before + 4 * stack.rows * entries(stack.dims, batch)


def test_the_profile_keeps_to_limits_slices_and_one_by_one():
    network = tnet.ConvNet(64, features=4, widths=(8,) * 6).compile()
    plan = tnet.plan(network)
    limited = plan.with_limit(plan.peak_bytes(20))
    assert memory_of(limited, batch=500).peak == limited.peak_bytes(500)
    single = plan.one_by_one()
    assert memory_of(single).peak == single.peak_bytes()
    assert len(memory_of(single).during) > len(memory_of(plan).during)
    ring = tnet.from_einsum("abi,bcj,cak->ijk", *[(8, 8, 2)] * 3)
    sliced = tnet.plan(ring, task="contract", memory_limit=1100)
    assert sliced.sliced
    assert memory_of(sliced).peak == sliced.peak_bytes()
    assert "slices" in draw_plan(sliced).scene.title


@pytest.mark.parametrize("name", PLANNED)
def test_a_schedule_has_two_bars_per_operation_and_its_peak_is_that_of_the_plan(name):
    plan = tnet.plan(PLANNED[name])
    drawing = draw_plan(plan, view="schedule", batch=3)
    root = ET.fromstring(drawing.svg)
    bars = titled(root, "rect", "operation ")
    costs = [bar for bar in bars if "at once" in bar.findtext("{*}title")]
    assert len(costs) == len(plan.schedule.operations)
    assert len(bars) == 3 * len(costs)
    members = [
        int(bar.findtext("{*}title").split(": ")[1].split()[0].replace(",", "")) for bar in costs
    ]
    assert members == [operation.members for operation in plan.schedule.operations]
    held = [bar.findtext("{*}title") for bar in bars if "held before" in bar.findtext("{*}title")]
    most = max(int(title.split(": ")[1].split()[0].replace(",", "")) for title in held)
    assert most == plan.peak_bytes(3)
    (dashed,) = [line for line in drawing.scene.lines if line.cut]
    top = min(cell.y for cell in drawing.scene.cells if cell.side == "b")
    assert dashed.strokes[0][0][1] == pytest.approx(top)
    check_inside(root)
    check_plain(root)
    check_labels_apart(root)


def test_very_many_operations_are_drawn_in_blocks():
    plan = tnet.plan(tnet.TensorTrain(300, features=2, ranks=3).compile())
    assert len(plan.schedule.operations) > 200
    drawing = draw_plan(plan, view="schedule")
    bars = [cell for cell in drawing.scene.cells if cell.side == "a"]
    assert len(bars) == 160
    assert any("operations 0 to" in cell.title for cell in bars)
    check_labels_apart(ET.fromstring(drawing.svg))


def test_a_plan_of_very_many_steps_is_drawn_as_its_schedule_and_no_tree():
    plan = tnet.plan(tnet.ConvNet(1024, features=2, widths=(2,) * 10).compile())
    assert not draw_plan(plan).scene.is_graph
    with pytest.raises(StructureError, match=r"1,000 at most; this plan has 3,070: use 'schedule'"):
        draw_plan(plan, view="tree")


def test_plans_without_steps_are_drawn():
    for network in (tnet.from_einsum("a->a", (5,)), tnet.from_einsum(",->", (), ())):
        plan = tnet.plan(network, task="contract")
        for view in ("tree", "schedule"):
            root = ET.fromstring(draw_plan(plan, view=view).svg)
            check_inside(root)
            check_plain(root)


@pytest.mark.parametrize("plan", [3, None, "tree"])
def test_what_is_no_plan_is_refused(plan):
    with pytest.raises(StructureError, match=f"of type {type(plan).__name__}; give a Plan"):
        draw_plan(plan)


def test_one_step_is_singular():
    plan = tnet.plan(tnet.from_einsum("ab,bc->ac", (2, 2), (2, 2)), task="contract")
    title = draw_plan(plan).scene.title
    assert title.startswith("plan to contract: 2 operands, 1 step in 1 operation; ")
    assert plan.report().startswith("plan to contract: 2 operands, 1 step in 1 operation\n")


def test_unknown_views_and_batches_are_refused():
    plan = tnet.plan(PLANNED["ring"])
    with pytest.raises(StructureError, match=r"view is 'bars'; choose one of auto, tree, schedule"):
        draw_plan(plan, view="bars")
    for batch in (0, -1, True, 1.5):
        with pytest.raises(StructureError, match=r"batch is .*; give a positive number"):
            draw_plan(plan, batch=batch)
