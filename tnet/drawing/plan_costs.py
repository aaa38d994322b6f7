"""What a plan costs, step by step and operation by operation, for pictures of it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.bound import BoundSchedule
from tnet.contraction.orders.order_cost import OrderCost, cost_of
from tnet.contraction.plan import Plan
from tnet.contraction.schedule import entries

Entries = list[int]


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """Bytes held while a schedule runs, beside parameters and features.

    Attributes
    ----------
    during : list of int
        At most while each operation runs: what is held already, what it makes, and its copies.
    before : list of int
        When each operation starts.
    """

    during: Entries
    before: Entries

    @property
    def peak(self) -> int:
        """The most bytes that are held at once; 0 where nothing is done."""
        return max(self.during, default=0)

    @property
    def peak_operation(self) -> int:
        """The first operation during which so many are held."""
        return int(np.argmax(self.during))


def step_costs(plan: Plan) -> OrderCost:
    """Return the operations and entries of every step of `plan`, for one example and slice."""
    return cost_of(plan.operands.without(plan.sliced), plan.pairs)


def memory_of(plan: Plan, *, batch: int = 1, itemsize: int = 8) -> Memory:
    """Return what is held at each operation; the most of it is `Plan.peak_bytes`.

    Parameters
    ----------
    plan : Plan
        An order of contraction.
    batch : int
        Number of examples.
    itemsize : int
        Bytes of one entry.

    Returns
    -------
    Memory
        Of one run over as many examples as the plan takes at once.

    Examples
    --------
    >>> import tnet
    >>> plan = tnet.plan(tnet.ConvNet(8, features=2, widths=(2, 2, 2)).compile())
    >>> memory_of(plan).peak == plan.peak_bytes()
    True
    """
    at_once = plan.examples_at_once(batch, itemsize=itemsize)
    bound = plan.bound(at_once)
    whole = at_once >= batch and not plan.sliced
    # Runs over parts add up their results in an array beside them.
    result = 0 if whole else entries(plan.output_dims, batch)
    schedule = bound.schedule
    size = [stack.rows * entries(stack.dims, at_once) for stack in schedule.stacks]
    loaded = _alone(bound, 0, 0)
    copied = {
        number
        for number, source in enumerate(schedule.sources)
        if source.fixed or source.rows is not None
    }
    now, during, before = loaded, [], []
    for number, operation in enumerate(schedule.operations):
        before.append((result + now) * itemsize)
        during.append((result + now + _alone(bound, number, number + 1) - loaded) * itemsize)
        freed = [stack for stack in operation.frees if stack >= len(schedule.sources)]
        freed += [stack for stack in operation.frees if stack in copied]
        now += size[operation.result] - sum(size[stack] for stack in freed)
    return Memory(during, before)


def _alone(bound: BoundSchedule, first: int, end: int) -> int:
    """Peak of some of the calls with nothing held but what is loaded before all of them."""
    return replace(bound, calls=bound.calls[first:end]).peak_entries


def heights_of(pairs: NDArray[np.int64], n_operands: int) -> tuple[NDArray[np.int64], Entries]:
    """Return the parent of every operand and step, and how high each stands over its leaves.

    Examples
    --------
    >>> up, heights = heights_of(np.array([[0, 1], [2, 3]]), 3)
    >>> up.tolist(), heights
    ([3, 3, 4, 4, -1], [0, 0, 1, 1, 2])
    """
    up = np.full(n_operands + len(pairs), -1, dtype=np.int64)
    heights = [0] * len(up)
    for step, (left, right) in enumerate(pairs.tolist()):
        node = n_operands + step
        up[[left, right]] = node
        heights[node] = 1 + max(heights[left], heights[right])
    for node in range(n_operands):
        # A leaf hangs right under the step that takes it.
        heights[node] = heights[up[node]] - 1 if up[node] >= 0 else 0
    return up, heights
