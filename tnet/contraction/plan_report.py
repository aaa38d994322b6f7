"""A plan in words: what it costs, and where."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tnet.contraction.memory import bytes_text
from tnet.contraction.schedule import BATCH, Operation
from tnet.network.counting import number_of

if TYPE_CHECKING:
    from tnet.contraction.plan import Plan

_SHOWN = 10
"""Operations listed, and columns of each."""

_LARGE_BATCH = 1000


def report(plan: "Plan") -> str:
    """Say a plan in a few lines: size, cost, and the dearest operations."""
    batch = "" if plan.batch is None else " for one example"
    lines = [
        f"plan to {plan.task}: {number_of(plan.operands.count, 'operand')}, "
        f"{number_of(plan.n_steps, 'step')} in "
        f"{number_of(len(plan.schedule.operations), 'operation')}",
        f"  scalar operations{batch}: {count_text(plan.flops)}",
        f"  largest intermediate{batch}: {count_text(plan.largest_intermediate)} entries",
        f"  peak{batch}: {bytes_text(plan.peak_bytes())} in float64, the result included",
    ]
    if plan.batch is not None:
        lines.append(
            f"  a batch of {_LARGE_BATCH:,}: {count_text(plan.flops_for(_LARGE_BATCH))} "
            f"operations, peak {bytes_text(plan.peak_bytes(_LARGE_BATCH))}"
        )
    if plan.memory_limit is not None:
        lines.append(f"  memory limit: {bytes_text(plan.memory_limit)}")
    if not plan.stacks:
        lines.append("  like steps run one after the other, to save memory")
    if plan.sliced:
        names = ", ".join(plan.network.index_names[index] for index in plan.sliced[:_SHOWN])
        lines.append(f"  {plan.n_slices:,} slices, one for every value of {names}")
    dearest = sorted(plan.schedule.operations, key=lambda step: -step.flops(1))[:_SHOWN]
    shown = [step for step in plan.schedule.operations if step in dearest and step.is_step]
    if shown:
        lines.append("  dearest operations (steps: dims involved -> kept; the first of them):")
        lines.extend(f"    {_operation_text(plan, step)}" for step in shown)
    return "\n".join(lines)


def _operation_text(plan: "Plan", operation: Operation) -> str:
    a, b = plan.pairs[operation.example].tolist()
    return (
        f"{operation.members:>7,}: {_dims_text(operation.involved)} -> "
        f"{_dims_text(operation.dims)}; {_operand_name(plan, a)} with {_operand_name(plan, b)}"
    )


def _dims_text(dims: Sequence[int]) -> str:
    shown = ["batch" if dim == BATCH else str(dim) for dim in dims[:_SHOWN]]
    more = [f"+{len(dims) - _SHOWN}"] if len(dims) > _SHOWN else []
    return f"({' '.join(shown + more)})"


def _operand_name(plan: "Plan", operand: int) -> str:
    network = plan.network
    if operand < network.n_tensors:
        return network.tensor_names[operand]
    if operand < plan.operands.count:
        reading = int(network.inputs[operand - network.n_tensors])
        return f"features at {network.index_names[reading]}"
    return f"step {operand - plan.operands.count}"


def count_text(count: int) -> str:
    """Write a count digit by digit, or as a power of two where it is long.

    Examples
    --------
    >>> count_text(1234567), count_text(2**60)
    ('1,234,567', '2^60.0')
    """
    return f"{count:,}" if count < 10**15 else f"2^{math.log2(count):.1f}"
