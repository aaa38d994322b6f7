"""Which indices to hold at one value at a time, so that a contraction fits in memory."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tnet.contraction.memory import bytes_text
from tnet.contraction.plan import Plan
from tnet.contraction.schedule import entries
from tnet.errors import MemoryLimitError

_ITEMSIZE = 8
"""Bytes of an entry in float64, which limits are planned for."""

_NEARLY_LARGEST = 2.0
"""Powers of two below the largest intermediate down to which one is worth slicing."""


def indices_to_slice(plan: Plan, memory_limit: int) -> tuple[int, ...]:
    """Choose indices one by one, each time the one that costs the fewest extra operations.

    Parameters
    ----------
    plan : Plan
        Without slices.
    memory_limit : int
        Bytes that a run may take beside parameters and features, in float64.

    Returns
    -------
    tuple of int
        Ids of indices. Examples are not among them: a run takes as few at a time as it must,
        which costs nothing.

    Raises
    ------
    MemoryLimitError
        If no choice found fits; the message says the least that does.

    Notes
    -----
    Slicing an index of dim d repeats every step that does not involve it d times. An index is
    worth slicing only if a large intermediate has it.
    """
    result = _ITEMSIZE * entries(plan.output_dims, 1)
    if result > memory_limit:
        raise MemoryLimitError(
            f"memory_limit is {bytes_text(memory_limit)}, but the result alone takes "
            f"{bytes_text(result)}; give at least {bytes_text(plan.peak_bytes())}, or evaluate on "
            "features instead of contracting"
        )
    steps = _Steps.of(plan)
    chosen: tuple[int, ...] = ()
    least = plan.peak_bytes()
    while (peak := plan.with_limit(None, chosen).peak_bytes()) > memory_limit:
        least = min(least, peak)
        index = steps.cheapest(chosen)
        if index is None:
            raise MemoryLimitError(
                f"memory_limit is {bytes_text(memory_limit)}; with the best slices found the "
                f"contraction takes {bytes_text(least)}: give at least {least} bytes, or another "
                "optimizer"
            )
        chosen = (*chosen, index)
    return chosen


@dataclass(frozen=True, slots=True)
class _Steps:
    """Indices that every step involves and keeps, the examples left out."""

    involved: list[frozenset[int]]
    kept: list[frozenset[int]]
    dims: Sequence[int]

    @classmethod
    def of(cls, plan: Plan) -> "_Steps":
        operands = plan.operands
        sets = operands.sets()
        left = Counter(index for indices in sets for index in indices)
        left.update(operands.output)
        involved, kept = [], []
        for a, b in plan.pairs.tolist():
            for index in sets[a] & sets[b]:
                left[index] -= 1
            together = sets[a] | sets[b]
            sets.append(frozenset(index for index in together if left[index] > 1))
            involved.append(together - {plan.batch})
            kept.append(sets[-1] - {plan.batch})
        return cls(involved, kept, operands.dims)

    def _log2(self, indices: frozenset[int], chosen: tuple[int, ...]) -> float:
        return sum(math.log2(self.dims[index]) for index in indices if index not in chosen)

    def cheapest(self, chosen: tuple[int, ...]) -> int | None:
        """Return the index of a large intermediate that costs least to slice; None if none is."""
        sizes = [self._log2(indices, chosen) for indices in self.kept]
        largest = max(sizes, default=0.0)
        candidates = {
            index
            for indices, size in zip(self.kept, sizes, strict=True)
            if size >= largest - _NEARLY_LARGEST
            for index in indices
            if self.dims[index] > 1 and index not in chosen
        }
        if not candidates:
            return None
        logs = [self._log2(indices, chosen) for indices in self.involved]
        costs = [2.0 ** (log - max(logs)) for log in logs]
        total = sum(costs)

        def sliced_cost(index: int) -> tuple[float, int]:
            pairs = zip(costs, self.involved, strict=True)
            within = sum(cost for cost, indices in pairs if index in indices)
            dim = self.dims[index]
            # Of two that cost the same, the one that saves more.
            return within + dim * max(total - within, 0.0), -dim

        return min(sorted(candidates), key=sliced_cost)
