"""`Plan`: an order of contraction, what it costs, and the memory that it takes."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.bound import BoundSchedule, bound_schedule
from tnet.contraction.directed import directed_order
from tnet.contraction.loading import loaded_network
from tnet.contraction.operands import Operands, network_operands
from tnet.contraction.orders.paths import positions_of
from tnet.contraction.schedule import BATCH, Dims, Operation, Schedule, entries
from tnet.contraction.stacking import stacked
from tnet.network.model import TensorNetwork

Task = Literal["evaluate", "contract"]
Path: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """An order of contraction: a value that can be kept, pickled and run.

    Attributes
    ----------
    network : TensorNetwork
        What is contracted.
    task : {'evaluate', 'contract'}
        With features attached to every reading, or with the inputs open.
    pairs : ndarray of int, shape (S, 2)
        Operands of each step. Operands are the tensors, for ``evaluate`` then the features of
        every reading, then the results of the steps.
    sliced : tuple of int
        Ids of indices that are held at one value after the other, to save memory.
    memory_limit : int or None
        Bytes that a run may take beside parameters and features.
    stacks : bool
        Whether like steps are done at once; one after the other they need less memory.
    """

    network: TensorNetwork
    task: Task
    pairs: NDArray[np.int64]
    sliced: tuple[int, ...] = ()
    memory_limit: int | None = None
    stacks: bool = True

    def __post_init__(self) -> None:
        self.pairs.flags.writeable = False

    def __reduce__(self) -> tuple[type["Plan"], tuple[object, ...]]:
        # What is derived and cached stays behind.
        fields = (self.network, self.task, self.pairs, self.sliced, self.memory_limit)
        return Plan, (*fields, self.stacks)

    @cached_property
    def operands(self) -> Operands:
        """Index sets of the operands, in columns; one example."""
        return network_operands(self.network, features=self.batch is not None)

    @property
    def batch(self) -> int | None:
        """Id of the batch index, for ``evaluate``."""
        return self.network.n_indices if self.task == "evaluate" else None

    @cached_property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """Index ids of every operand, as opt_einsum takes them."""
        ids, bounds = self.operands.ids.tolist(), self.operands.starts.tolist()
        return tuple(tuple(ids[a:b]) for a, b in itertools.pairwise(bounds))

    @property
    def output(self) -> tuple[int, ...]:
        """Index ids of the result."""
        return self.operands.output

    @property
    def output_dims(self) -> Dims:
        """Dim of every axis of the result; `BATCH` for the examples."""
        dims = self.operands.dims
        return tuple(BATCH if index == self.batch else dims[index] for index in self.output)

    @cached_property
    def path(self) -> Path:
        """Positions of the operands of each step in the list of those left, as opt_einsum's."""
        return positions_of(self.pairs, self.operands.count)

    @cached_property
    def sizes(self) -> Mapping[int, int]:
        """Dim of every index; 1 for the batch."""
        return MappingProxyType(dict(enumerate(self.operands.dims)))

    @property
    def n_steps(self) -> int:
        """Contractions of two operands."""
        return len(self.pairs)

    @property
    def n_slices(self) -> int:
        """Values that the sliced indices take together; 1 if there are none."""
        return math.prod([self.operands.dims[index] for index in self.sliced])

    @cached_property
    def schedule(self) -> Schedule:
        """Steps grouped into operations on stacks of like arrays."""
        operands, operators = self.operands, None
        if not self.network.is_product:
            operators = directed_order(self.network).operators
        loaded = loaded_network(self.network, operands, sliced=self.sliced)
        return stacked(
            operands.without(self.sliced),
            self.pairs,
            loaded,
            batch=self.batch,
            operators=operators,
            alike=self.stacks,
        )

    def bound(self, batch: int) -> BoundSchedule:
        """Return the schedule for a number of examples."""
        return _bound(self.schedule, batch)

    def flops_for(self, batch: int) -> int:
        """Return the scalar operations for `batch` examples, over all slices.

        A multiply and an add count two. Equal steps, of which `evaluate` computes one, all count.
        """
        return self.n_slices * sum(step.flops(batch) for step in self._steps)

    @cached_property
    def flops(self) -> int:
        """Scalar operations for one example; a multiply and an add count two."""
        return self.flops_for(1)

    @property
    def _steps(self) -> tuple[Operation, ...]:
        """Operations that stand for steps; all, where there is no step."""
        steps = tuple(step for step in self.schedule.operations if step.is_step)
        return steps or self.schedule.operations

    @cached_property
    def largest_intermediate(self) -> int:
        """Entries of the largest array that any one step makes, for one example."""
        return max((entries(step.dims, 1) for step in self._steps), default=1)

    def examples_at_once(self, batch: int, *, itemsize: int = 8) -> int:
        """Return how many of `batch` examples a run takes at a time within the memory limit.

        Parameters
        ----------
        batch : int
            Number of examples.
        itemsize : int
            Bytes of one entry.

        Returns
        -------
        int
            All of them without a limit; at least 1.
        """
        if self.memory_limit is None or self.batch is None or batch < 2:
            return batch
        if self._peak(batch, batch) * itemsize <= self.memory_limit:
            return batch
        # Parts need the whole result beside them, so "all at once" may fit where fewer do not.
        low, high = 1, batch - 1
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._peak(batch, middle) * itemsize <= self.memory_limit
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def _peak(self, batch: int, at_once: int) -> int:
        """Entries held at most, the whole result included."""
        within = self.bound(at_once).peak_entries
        if at_once >= batch and not self.sliced:
            return within
        result = entries(self.output_dims, batch)
        return result + within

    def peak_bytes(self, batch: int = 1, *, itemsize: int = 8) -> int:
        """Return the most bytes that a run holds at once, the result included.

        Parameters
        ----------
        batch : int
            Number of examples.
        itemsize : int
            Bytes of one entry.

        Returns
        -------
        int
            Parameters and features are not counted: they are there before. Operands that have to
            be copied are.
        """
        return self._peak(batch, self.examples_at_once(batch, itemsize=itemsize)) * itemsize

    def with_limit(self, memory_limit: int | None, sliced: tuple[int, ...] = ()) -> "Plan":
        """Return the same order with a memory limit and the indices to slice for it."""
        return replace(self, memory_limit=memory_limit, sliced=sliced)

    def one_by_one(self) -> "Plan":
        """Return the same order, one step after the other, for less memory and more time."""
        return replace(self, stacks=False)

    def report(self) -> str:
        """Say the plan in a few lines: size, cost, and the dearest operations."""
        from tnet.contraction.plan_report import report

        return report(self)

    def __repr__(self) -> str:
        return f"<Plan: {self.report().splitlines()[0]}, {self.flops:.3g} operations>"


@lru_cache(maxsize=32)
def _bound(schedule: Schedule, batch: int) -> BoundSchedule:
    return bound_schedule(schedule, batch)
