"""A plan as its operations in order: what each costs, and the memory held while it runs."""

import math
from itertools import pairwise

import numpy as np

from tnet.contraction.memory import bytes_text
from tnet.contraction.plan import Plan
from tnet.contraction.schedule import Operation
from tnet.drawing.chart_frame import (
    SIZE,
    along_y,
    axes,
    chart,
    round_ticks,
    title_texts,
    whole_ticks,
    widened,
)
from tnet.drawing.draw import Drawing
from tnet.drawing.glyphs import Box, Cell, Line, Text
from tnet.drawing.plan_costs import memory_of
from tnet.drawing.plan_tree import plan_title, short_count
from tnet.drawing.theme import Theme
from tnet.network.counting import number_of

_COSTS = Box(84, 40, 724, 210)
_BYTES = Box(84, 280, 724, 450)
_MOST_BARS = 160
_MOST_COUNTS = 24


def schedule_chart(plan: Plan, batch: int, theme: str | Theme) -> Drawing:
    """Draw two rows of bars, one bar per operation; of very many, of blocks of them."""
    operations = plan.schedule.operations
    memory = memory_of(plan, batch=batch)
    blocks = _blocks(len(operations))
    costs = [_log2(sum(operations[k].flops(batch) for k in block)) for block in blocks]
    cells, texts, lines = _cost_bars(operations, blocks, costs)
    held = [max(memory.during[k] for k in block) for block in blocks]
    waiting = [memory.before[max(block, key=lambda k: memory.during[k])] for block in blocks]
    more_cells, more_texts, more_lines = _byte_bars(blocks, held, waiting, memory.peak)
    title = plan_title(plan) if batch == 1 else f"{plan_title(plan)}; bars: {batch:,} examples"
    return chart(
        title,
        [*cells, *more_cells],
        [*lines, *more_lines],
        [*title_texts(title, _COSTS), *texts, *more_texts],
        theme,
    )


def _blocks(count: int) -> list[range]:
    bounds = np.linspace(0, count, min(count, _MOST_BARS) + 1).round().astype(int).tolist()
    return [range(low, high) for low, high in pairwise(bounds)]


def _log2(count: int) -> float:
    return math.log2(count) if count > 0 else 0.0


def _cost_bars(
    operations: tuple[Operation, ...], blocks: list[range], costs: list[float]
) -> tuple[list[Cell], list[Text], list[Line]]:
    """Bars of the binary logarithms of the scalar operations, and how many steps each does."""
    span = widened(0.0, max(costs, default=0.0) * 1.08)
    cells, texts = [], []
    size = min(SIZE, 0.5 * _COSTS.width / max(len(blocks), 1))
    for number, (block, cost) in enumerate(zip(blocks, costs, strict=True)):
        left, width = _bar(number, len(blocks), _COSTS)
        y, members = along_y(cost, span, _COSTS), sum(operations[k].members for k in block)
        kinds = ", ".join(sorted({operations[k].kind for k in block}))
        steps = number_of(members, "step")
        title = f"{_name(block)}: {steps} at once ({kinds}), {short_count(cost)} operations"
        cells.append(Cell(left, y, width, _COSTS.y1 - y, "a", title))
        if len(blocks) <= _MOST_COUNTS and size >= 7:
            label = f"×{short_count(_log2(members))}" if members > 0 else "×0"
            texts.append(
                Text(left + width / 2, y - 0.8 * size, label, size, "middle", "level", title)
            )
    ticks = {along_y(t, span, _COSTS): f"2^{t:g}" for t in round_ticks(*span) if t == int(t)}
    words, lines = axes("", "scalar operations; above: steps at once", {}, ticks, _COSTS)
    return cells, [*texts, *words], lines


def _byte_bars(
    blocks: list[range], held: list[int], waiting: list[int], peak: int
) -> tuple[list[Cell], list[Text], list[Line]]:
    """Bars of the bytes held, the part that was there before in the other colour."""
    span = widened(0.0, float(peak))
    cells, lines, texts = [], [], []
    for number, (block, most, before) in enumerate(zip(blocks, held, waiting, strict=True)):
        left, width = _bar(number, len(blocks), _BYTES)
        top, middle = along_y(float(most), span, _BYTES), along_y(float(before), span, _BYTES)
        title = f"{_name(block)}: {most:,} bytes, {before:,} of them held before"
        cells.append(Cell(left, top, width, middle - top, "b", title))
        cells.append(Cell(left, middle, width, _BYTES.y1 - middle, "none", title))
    if held:
        where, y = held.index(peak), along_y(float(peak), span, _BYTES)
        text = f"peak {bytes_text(peak)}, {_name(blocks[where])}"
        lines.append(
            Line((((_BYTES.x0, y), (_BYTES.x1, y)),), 1.5, "none", text, "axis", cut=True, dash=6.0)
        )
        texts.append(Text(_BYTES.x1, y - 0.9 * SIZE, text, SIZE, "end", "cut", text))
    ticks = [t for t in round_ticks(*span) if t == int(t)]
    y_ticks = {along_y(t, span, _BYTES): short_count(_log2(int(t))) if t else "0" for t in ticks}
    x_ticks = {
        _BYTES.x0 + (number + 0.5) / len(blocks) * _BYTES.width: str(blocks[number][0])
        for number in whole_ticks(len(blocks))
    }
    words, frame = axes(
        "operation, in the order they run",
        "bytes held; lower part: held before",
        x_ticks,
        y_ticks,
        _BYTES,
    )
    return cells, [*texts, *words], [*frame, *lines]


def _bar(number: int, count: int, panel: Box) -> tuple[float, float]:
    """Left end and width of a bar."""
    room = panel.width / count
    return panel.x0 + (number + 0.1) * room, 0.8 * room


def _name(block: range) -> str:
    if len(block) == 1:
        return f"operation {block[0]}"
    return f"operations {block[0]} to {block[-1]}"
