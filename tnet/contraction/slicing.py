"""Which indices to hold at one value at a time, so that a contraction fits in memory."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tnet.contraction.memory import bytes_text
from tnet.contraction.plan import Plan
from tnet.contraction.schedule import entries
from tnet.errors import MemoryLimitError

MOST_SLICES = 2**20
"""A plan in more slices is refused: at a millisecond each it would take a quarter of an hour."""

_ITEMSIZE = 8
"""Bytes of an entry in float64, which limits are planned for."""

_NEARLY_PEAK_LOG2 = 2.0
"""Steps down to a quarter of the most memory are those that slices must make smaller."""


def limited_plan(plan: Plan, memory_limit: int) -> Plan:
    """Return a plan that stays within a memory limit, with the fewest extra operations found.

    Parameters
    ----------
    plan : Plan
        Without a limit.
    memory_limit : int
        Bytes that a run may take beside parameters and features, in float64.

    Returns
    -------
    Plan
        With few examples at a time, which costs nothing; where one does not fit, with like steps
        one after the other; where that does not, with slices.

    Raises
    ------
    MemoryLimitError
        If no choice found fits; the message says the least that does.

    Notes
    -----
    Slicing an index of dim d repeats every step that does not involve it d times. Indices are
    chosen one by one, each time the one with the fewest extra operations for what it takes off
    the largest steps, and those that turn out not to be needed are given back.
    """
    for candidate in (plan, plan.one_by_one()):
        if candidate.peak_bytes() <= memory_limit:
            return candidate.with_limit(memory_limit)
    base = min(plan, plan.one_by_one(), key=lambda candidate: candidate.peak_bytes())
    steps, chosen = _Steps.of(base), tuple[int, ...]()
    least = base.peak_bytes()
    while (peak := base.with_limit(None, chosen).peak_bytes()) > memory_limit:
        least = min(least, peak)
        index = steps.cheapest(chosen)
        if index is None or _n_slices(base, (*chosen, index)) > MOST_SLICES:
            raise _too_little(base, memory_limit, least)
        chosen = (*chosen, index)
    return base.with_limit(memory_limit, _needed(base, chosen, memory_limit))


@lru_cache(maxsize=16)
def plan_for_batch(plan: Plan, batch: int) -> Plan:
    """Return a plan whose limit leaves room for the results of a whole batch, if there is one.

    Parameters
    ----------
    plan : Plan
        Limited for one example.
    batch : int
        Number of examples.
    """
    limit = plan.memory_limit
    if limit is None or plan.peak_bytes(batch) <= limit:
        return plan
    room = limit - _ITEMSIZE * entries(plan.output_dims, batch)
    whole = replace(plan, sliced=(), stacks=True, memory_limit=None)
    try:
        found = limited_plan(whole, room)
    except MemoryLimitError:
        return plan
    return found.with_limit(limit, found.sliced)


def _too_little(plan: Plan, memory_limit: int, least: int) -> MemoryLimitError:
    result = _ITEMSIZE * entries(plan.output_dims, 1)
    return MemoryLimitError(
        f"memory_limit is {bytes_text(memory_limit)}; the result takes {bytes_text(result)}, and "
        f"with the best slices found the contraction takes {bytes_text(least)}: give at least "
        f"{least} bytes, or another optimizer"
    )


def _n_slices(plan: Plan, indices: Sequence[int]) -> int:
    return math.prod(plan.operands.dims[index] for index in indices)


def _needed(plan: Plan, chosen: tuple[int, ...], memory_limit: int) -> tuple[int, ...]:
    """Leave out indices without which the contraction fits as well, those of large dims first."""
    for index in sorted(chosen, key=lambda index: -plan.operands.dims[index]):
        fewer = tuple(other for other in chosen if other != index)
        if plan.with_limit(None, fewer).peak_bytes() <= memory_limit:
            chosen = fewer
    return chosen


@dataclass(frozen=True, slots=True)
class _Steps:
    """Indices of the operands and of the result of every step, the examples left out."""

    operands: list[tuple[frozenset[int], frozenset[int]]]
    kept: list[frozenset[int]]
    dims: Sequence[int]

    @classmethod
    def of(cls, plan: Plan) -> "_Steps":
        operands = plan.operands
        sets = [indices - {plan.batch} for indices in operands.sets()]
        left = Counter(index for indices in sets for index in indices)
        left.update(operands.output)
        pairs, kept = [], []
        for a, b in plan.pairs.tolist():
            for index in sets[a] & sets[b]:
                left[index] -= 1
            sets.append(frozenset(index for index in sets[a] | sets[b] if left[index] > 1))
            pairs.append((sets[a], sets[b]))
            kept.append(sets[-1])
        return cls(pairs, kept, operands.dims)

    def cheapest(self, chosen: tuple[int, ...]) -> int | None:
        """Return the index to slice next; None if none makes the largest steps smaller."""
        logs = {index: math.log2(dim) for index, dim in enumerate(self.dims)}
        logs |= dict.fromkeys(chosen, 0.0)
        work = [sum(logs[i] for i in a | b) for a, b in self.operands]
        memory = list(self._memory_log2(logs, frozenset()))
        peak = max(memory, default=0.0)
        large = [s for s, log in enumerate(memory) if log >= peak - _NEARLY_PEAK_LOG2]
        candidates = {index for step in large for index in self.kept[step] if logs[index]}
        candidates |= {i for step in large for side in self.operands[step] for i in side if logs[i]}
        if not candidates:
            return None
        costs = [2.0 ** (log - max(work)) for log in work]
        total = sum(costs)

        large_set = frozenset(large)

        def price(index: int) -> float:
            steps = zip(costs, self.operands, strict=True)
            within = sum(cost for cost, (a, b) in steps if index in a or index in b)
            dim = self.dims[index]
            extra = math.log2((within + dim * max(total - within, 0.0)) / total)
            # What is taken off the sum of the large steps, not off the largest alone: often
            # several are as large.
            before = _log2_sum(memory[step] for step in large)
            smaller = self._memory_log2(logs, frozenset([index]))
            after = _log2_sum(log for step, log in enumerate(smaller) if step in large_set)
            return (extra + 1e-3) / max(before - after, 1e-6)

        return min(sorted(candidates), key=price)

    def _memory_log2(self, logs: dict[int, float], gone: frozenset[int]) -> Iterator[float]:
        """Entries that every step reads and makes."""
        for (a, b), kept in zip(self.operands, self.kept, strict=True):
            yield _log2_sum(sum(logs[i] for i in indices - gone) for indices in (a, b, kept))


def _log2_sum(logs: Iterator[float]) -> float:
    found = list(logs)
    top = max(found)
    return top + math.log2(sum(2.0 ** (log - top) for log in found))
