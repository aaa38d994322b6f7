"""A plan as a tree: operands at the bottom, each step a dot, the larger and darker the dearer."""

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.memory import bytes_text
from tnet.contraction.plan import Plan
from tnet.contraction.plan_report import count_text
from tnet.drawing.glyphs import Box, Dot, Glyph, Line, Square, Text, union
from tnet.drawing.plan_costs import heights_of, memory_of, step_costs
from tnet.drawing.positions import Points, reading_ranks
from tnet.drawing.scene import Scene, framed
from tnet.drawing.tree_scene import TreePlaces, tree_places
from tnet.network.counting import number_of

_MOST_LABELS = 8
_LEAST_SHADE = 0.25


def plan_scene(plan: Plan) -> Scene:
    """Draw every operand and step of `plan`, of which there are some hundreds at most."""
    n_operands = plan.operands.count
    up, heights = heights_of(plan.pairs, n_operands)
    places = tree_places(up, np.array(heights, dtype=float), _keys(plan, up))
    cost = step_costs(plan)
    squares, terminals = _leaves(plan, places)
    steps = _steps(plan, places, cost.flops_log2, cost.result_log2)
    lines = _lines(plan, places, cost.result_log2)
    drawn: list[Glyph] = [*lines, *squares, *terminals, *steps]
    texts = _cost_texts(
        steps, cost.flops_log2, [glyph.box for glyph in drawn[len(lines) :]], places
    )
    content = union([*(glyph.box for glyph in drawn), *(text.box for text in texts)])
    return framed(
        plan_title(plan),
        content,
        places.font,
        _legend(0.86 * places.font, bool(terminals), bool(steps)),
        lines=tuple(lines),
        squares=tuple(squares),
        dots=tuple(steps),
        terminals=tuple(terminals),
        texts=tuple(texts),
    )


def plan_title(plan: Plan) -> str:
    """Say the plan in one sentence."""
    batch = "" if plan.batch is None else " for one example"
    slices = f", {number_of(plan.n_slices, 'slice')}" if plan.sliced else ""
    operations = number_of(len(plan.schedule.operations), "operation")
    return (
        f"plan to {plan.task}: {number_of(plan.operands.count, 'operand')}, "
        f"{number_of(plan.n_steps, 'step')} in {operations}{slices}; {count_text(plan.flops)} "
        f"scalar operations, largest intermediate {count_text(plan.largest_intermediate)} entries, "
        f"peak {bytes_text(plan.peak_bytes())}{batch}"
    )


def short_count(log2: float) -> str:
    """Write a count of operations in a few letters.

    Examples
    --------
    >>> [short_count(log2) for log2 in (3.0, 10.0, 40.0, 200.0)]
    ['8', '1.02k', '1.1T', '2^200']
    """
    if log2 >= 50:
        return f"2^{log2:.0f}"
    value = 2.0**log2
    for unit in ("", "k", "M", "G"):
        if value < 999.5:
            return f"{value:.3g}{unit}"
        value /= 1000
    return f"{value:.3g}T"


def _keys(plan: Plan, up: NDArray[np.int64]) -> NDArray[np.int64]:
    """Smallest reading under every node, so that inputs stand in order as far as steps allow."""
    network = plan.network
    keys = np.arange(len(up), dtype=np.int64) + len(network.inputs)
    ranks = reading_ranks(network)
    if plan.batch is not None:
        keys[network.n_tensors : plan.operands.count] = ranks
    else:
        for reading, rank in zip(network.inputs.tolist(), ranks.tolist(), strict=True):
            at = network.incidence.tensors_at(reading)
            keys[at] = np.minimum(keys[at], rank)
    for node, parent in enumerate(up.tolist()):
        if parent >= 0:
            keys[parent] = min(keys[parent], keys[node])
    return keys


def _leaves(plan: Plan, places: TreePlaces) -> tuple[list[Square], list[Dot]]:
    network, at = plan.network, [(x, y) for x, y in places.points.tolist()]
    largest = min(13.0, 0.45 * places.band)
    sizes = np.clip(0.62 * places.room, 2, largest).tolist()
    squares = [
        Square(*at[tensor], size=sizes[tensor], side="none", title=f"tensor {name}")
        for tensor, name in enumerate(network.tensor_names)
    ]
    if plan.batch is None:
        return squares, []
    radius = float(np.clip(0.33 * places.gap, 1.2, min(6.0, 0.25 * places.band)))
    readings = zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True)
    terminals = [
        Dot(
            *at[network.n_tensors + place],
            radius=radius,
            side="a",
            title=f"features at {network.index_names[reading]}, mode {mode}",
            kind="input",
        )
        for place, (reading, mode) in enumerate(readings)
    ]
    return squares, terminals


def _steps(plan: Plan, places: TreePlaces, flops: Points, results: Points) -> list[Dot]:
    """A dot per step; the largest are the dearest, on a logarithmic scale."""
    n_operands, peak = plan.operands.count, _peak_step(plan)
    shares = _shares(flops)
    largest = np.minimum(np.minimum(0.46 * places.room[n_operands:], 0.36 * places.band), 13.0)
    dots = []
    for step, share in enumerate(shares.tolist()):
        x, y = places.points[n_operands + step].tolist()
        at_peak = step == peak
        title = (
            f"step {step}: {short_count(flops[step])} operations, makes "
            f"{short_count(results[step])} entries"
        )
        if at_peak:
            title += "; memory is fullest here, or at a step like it done at the same time"
        radius = max(1.3, float(largest[step]) * (0.35 + 0.65 * share) / (1.2 if at_peak else 1))
        shade = _LEAST_SHADE + (1 - _LEAST_SHADE) * share
        dots.append(Dot(x, y, radius, "none", title, "step", at_peak, shade))
    return dots


def _shares(logs: Points) -> Points:
    """From 0 at the least to 1 at the largest."""
    spread = float(np.ptp(logs)) if len(logs) else 0.0
    return (logs - logs.min()) / spread if spread > 0 else np.full(len(logs), 0.5)


def _peak_step(plan: Plan) -> int | None:
    """A step of the operation that holds the most bytes; None where that stands for no step."""
    memory = memory_of(plan)
    if not memory.during:
        return None
    operation = plan.schedule.operations[memory.peak_operation]
    return operation.example if operation.is_step else None


def _lines(plan: Plan, places: TreePlaces, results: Points) -> list[Line]:
    """A line per operand and result that a step takes, the wider the more entries."""
    n_operands = plan.operands.count
    widest = max(0.9, min(4.6, 0.16 * places.gap))
    lines = []
    for node, stroke in enumerate(places.strokes()):
        if not stroke:
            continue
        if node < n_operands:
            lines.append(Line((stroke,), min(0.9, widest), "none", f"operand {node}"))
            continue
        step = node - n_operands
        width = min(widest, 0.9 + 0.2 * float(results[step]))
        title = f"result of step {step}: {short_count(results[step])} entries"
        lines.append(Line((stroke,), width, "none", title))
    return lines


def _cost_texts(
    steps: list[Dot], flops: Points, taken: list[Box], places: TreePlaces
) -> list[Text]:
    """Costs beside the dearest steps, as long as they are on nothing else."""
    size = min(0.8 * places.font, 12.0)
    texts: list[Text] = []
    for step in np.argsort(-flops, kind="stable")[:_MOST_LABELS].tolist():
        dot, cost = steps[step], short_count(flops[step])
        text = Text(
            dot.box.x1 + 0.4 * size, dot.y, cost, size, "start", "level", f"step {step}: {cost}"
        )
        boxes = [*taken, *(other.box for other in texts)]
        if not any(_overlap(text.box, box) for box in boxes):
            texts.append(text)
    return texts


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _legend(size: float, features: bool, steps: bool) -> list[tuple[str, Glyph]]:
    entries: list[tuple[str, Glyph]] = [
        ("tensor", Square(0, 0, 0.7 * size, "none", "legend: tensor"))
    ]
    if features:
        entries.append(("features", Dot(0, 0, 0.35 * size, "a", "legend: features", "input")))
    if steps:
        cheap = Dot(0, 0, 0.25 * size, "none", "legend: cheap step", "step", False, _LEAST_SHADE)
        dear = Dot(0, 0, 0.5 * size, "none", "legend: dear step", "step", False, 1.0)
        fullest = Dot(0, 0, 0.4 * size, "none", "legend: memory fullest", "step", True, 0.5)
        entries += [("cheap step", cheap), ("dear step", dear), ("memory fullest", fullest)]
    return entries
