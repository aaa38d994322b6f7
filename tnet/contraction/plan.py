"""`plan`: in which order to contract, found by opt_einsum, and what that costs."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from tnet.contraction.leaf_to_root import as_positions, leaf_to_root_pairs
from tnet.contraction.memory import bytes_text
from tnet.errors import OperatorError, StructureError
from tnet.network.model import TensorNetwork

Task = Literal["evaluate", "contract"]
Path: TypeAlias = tuple[tuple[int, ...], ...]
Optimizer: TypeAlias = str | Sequence[tuple[int, ...]] | Callable[..., Any]
"""What opt_einsum takes: a name, a path, or a `PathOptimizer`."""

PLANNING_BATCH = 64
"""Examples that an order is chosen for; the order then serves any number of them."""

_MOST_OPERANDS_COMPARED = 400
"""Up to here opt_einsum's order is looked for beside ours, and the cheaper taken."""

_SHOWN_STEPS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One contraction of two operands, or the reduction of one.

    Attributes
    ----------
    operands : tuple of int
        Numbers of the operands: tensors, then features, then the results of earlier steps.
    involved : tuple of int
        Indices of the operands.
    result : tuple of int
        Indices that are kept.
    """

    operands: tuple[int, ...]
    involved: tuple[int, ...]
    result: tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """An order of contraction and its cost.

    Attributes
    ----------
    network : TensorNetwork
        What is contracted.
    task : {'evaluate', 'contract'}
        With features attached to every reading, or with the inputs open.
    inputs : tuple of tuple of int
        Index ids of every operand: the tensors, and for ``evaluate`` the features of every
        reading, which also have the batch index.
    output : tuple of int
        Index ids of the result.
    batch : int or None
        Id of the batch index, for ``evaluate``.
    path : tuple of tuple of int
        opt_einsum's: positions of the operands of each step in the list of those left.
    """

    network: TensorNetwork
    task: Task
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    batch: int | None
    path: Path

    @cached_property
    def sizes(self) -> Mapping[int, int]:
        """Dim of every index; 1 for the batch."""
        sizes = self.network.to_einsum()[2]
        return MappingProxyType(sizes if self.batch is None else sizes | {self.batch: 1})

    def __reduce__(self) -> tuple[type["Plan"], tuple[object, ...]]:
        # What is derived and cached stays behind.
        fields = (self.network, self.task, self.inputs, self.output, self.batch, self.path)
        return Plan, fields

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The path as steps of at most two operands, each naming what it makes."""
        return tuple(_steps(self.inputs, self.output, self.path))

    def _entries(self, indices: Sequence[int], batch: int) -> int:
        scale = batch if self.batch in indices else 1
        return scale * math.prod(self.sizes[index] for index in indices)

    def flops_for(self, batch: int) -> int:
        """Return the scalar operations for `batch` examples; a multiply and an add count two."""
        total = 0
        for step in self.steps:
            sums = len(step.result) < len(step.involved)
            total += self._entries(step.involved, batch) * (len(step.operands) - 1 + sums)
        return total

    @cached_property
    def flops(self) -> int:
        """Scalar operations for one example; a multiply and an add count two."""
        return self.flops_for(1)

    @cached_property
    def largest_intermediate(self) -> int:
        """Entries of the largest array any step makes, for one example."""
        return max((self._entries(step.result, 1) for step in self.steps), default=1)

    def peak_bytes(self, batch: int = 1, *, itemsize: int = 8) -> int:
        """Return the most bytes of intermediates and result held at once.

        Parameters
        ----------
        batch : int
            Number of examples.
        itemsize : int
            Bytes of one entry.

        Returns
        -------
        int
            Parameters and features not counted, nor the copies made to line axes up.
        """
        held: dict[int, int] = {}
        peak, now = 0, 0
        for number, step in enumerate(self.steps, start=len(self.inputs)):
            held[number] = self._entries(step.result, batch)
            now += held[number]
            peak = max(peak, now)
            now -= sum(held.pop(operand, 0) for operand in step.operands)
        return peak * itemsize

    def report(self) -> str:
        """Say the plan in a few lines: size, cost, and the dearest steps."""
        batch = "" if self.batch is None else " for one example"
        lines = [
            f"plan to {self.task}: {len(self.inputs):,} operands, {len(self.steps):,} steps",
            f"  scalar operations{batch}: {_count_text(self.flops)}",
            f"  largest intermediate{batch}: {_count_text(self.largest_intermediate)} entries",
            f"  peak{batch}: {bytes_text(self.peak_bytes())} of intermediates in float64",
        ]
        if self.batch is not None:
            lines.append(
                f"  a batch of 1,000: {_count_text(self.flops_for(1000))} operations, "
                f"peak {bytes_text(self.peak_bytes(1000))}"
            )
        cost = [self._entries(step.involved, 1) for step in self.steps]
        dearest = sorted(range(len(cost)), key=lambda number: -cost[number])[:_SHOWN_STEPS]
        lines.append("  dearest steps (indices involved -> kept):")
        for number in sorted(dearest):
            step = self.steps[number]
            lines.append(
                f"    {number:>5}  {self._indices_text(step.involved)} -> "
                f"{self._indices_text(step.result)}"
            )
        return "\n".join(lines)

    def _indices_text(self, indices: Sequence[int]) -> str:
        shown = [
            "batch" if index == self.batch else f"{self.network.index_names[index]}"
            for index in indices[:6]
        ]
        more = f" +{len(indices) - 6}" if len(indices) > 6 else ""
        return f"({' '.join(shown)}{more})"

    def __repr__(self) -> str:
        return f"<Plan: {self.report().splitlines()[0]}, {_count_text(self.flops)} operations>"


def _count_text(count: int) -> str:
    return f"{count:,}" if count < 10**15 else f"2^{math.log2(count):.1f}"


def _steps(inputs: Sequence[tuple[int, ...]], output: tuple[int, ...], path: Path) -> list[Step]:
    """Follow a path; what an index is needed for decides whether a step keeps it."""
    present = [tuple(dict.fromkeys(indices)) for indices in inputs]
    needed = Counter(index for indices in present for index in indices)
    needed.update(output)
    left = list(range(len(present)))
    steps: list[Step] = []
    for positions in path:
        chosen = [left[position] for position in positions]
        for position in sorted(positions, reverse=True):
            del left[position]
        while chosen:
            operands, chosen = chosen[:2], chosen[2:]
            for operand in operands:
                needed.subtract(present[operand])
            involved = tuple(dict.fromkeys(i for operand in operands for i in present[operand]))
            result = tuple(index for index in involved if needed[index] > 0)
            needed.update(result)
            steps.append(Step(tuple(operands), involved, result))
            present.append(result)
            if not chosen:
                left.append(len(present) - 1)
                break
            chosen.insert(0, len(present) - 1)
    return steps


def plan(
    network: TensorNetwork, *, task: Task = "evaluate", optimize: Optimizer | None = None
) -> Plan:
    """Find an order in which to contract a network.

    Parameters
    ----------
    network : TensorNetwork
        With products only: sums do not commute with other operators, so such a network has one
        order, leaf to root, and `evaluate` follows it.
    task : {'evaluate', 'contract'}
        ``evaluate`` attaches features to every reading, for any number of examples;
        ``contract`` leaves the inputs open.
    optimize : str, path or opt_einsum.paths.PathOptimizer, optional
        Whatever opt_einsum takes. Unless said: on forests from the leaves to the roots, or
        opt_einsum's ``auto`` where that is cheaper; with loops, ``auto``.

    Returns
    -------
    Plan
        Values by name are cached, so that the same question costs nothing twice.

    Raises
    ------
    OperatorError
        If an operator is not the product.
    StructureError
        If the task or the name of the optimizer is unknown, or a path does not fit.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab,bc,cd->ad", (10, 2), (2, 10), (10, 2))
    >>> plan = tnet.plan(net, task="contract")
    >>> plan.path, plan.flops
    (((1, 2), (0, 1)), 160)
    """
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r}, and sums do not commute with it: "
            "its order is fixed, leaf to root, and not for planning; call evaluate"
        )
    if task not in get_args(Task):
        raise StructureError(f"task is {task!r}; choose one of {', '.join(get_args(Task))}")
    if optimize is None or isinstance(optimize, str):
        return _named_plan(network, task, optimize)
    return _make_plan(network, task, optimize)


@lru_cache(maxsize=64)
def _named_plan(network: TensorNetwork, task: Task, optimize: str | None) -> Plan:
    return _make_plan(network, task, optimize)


def _make_plan(network: TensorNetwork, task: Task, optimize: Optimizer | None) -> Plan:
    inputs, output, _ = network.to_einsum()
    batch = None
    if task == "evaluate":
        batch = network.n_indices
        inputs = inputs + [(batch, int(reading)) for reading in network.inputs]
        output = (batch, *network.outputs.tolist())
    unplanned = Plan(network, task, tuple(inputs), output, batch, ())
    if optimize is not None:
        return replace(unplanned, path=_found_path(unplanned, optimize))
    paths = []
    if network.forest is not None:
        paths.append(_leaf_to_root_path(unplanned))
    if not paths or len(inputs) <= _MOST_OPERANDS_COMPARED:
        paths.append(_found_path(unplanned, "auto"))
    plans = [replace(unplanned, path=path) for path in paths]
    return min(plans, key=lambda candidate: candidate.flops_for(PLANNING_BATCH))


def _leaf_to_root_path(plan: Plan) -> Path:
    network, attached = plan.network, dict[int, list[int]]()
    for operand in range(network.n_tensors, len(plan.inputs)):
        attached.setdefault(plan.inputs[operand][1], []).append(operand)
    forest = network.forest
    pairs = [] if forest is None else leaf_to_root_pairs(network, forest, attached)
    return as_positions(pairs, len(plan.inputs)) if len(plan.inputs) > 1 else _only(plan)


def _only(plan: Plan) -> Path:
    """The path of at most one operand: reduce it."""
    return ((0,),) * len(plan.inputs)


def _found_path(plan: Plan, optimize: Optimizer) -> Path:
    from opt_einsum.paths import get_path_fn

    if isinstance(optimize, str):
        try:
            optimizer = get_path_fn(optimize)
        except KeyError:
            raise StructureError(
                f"opt_einsum has no optimizer {optimize!r}; name one it has, such as 'auto', "
                "'greedy' or 'dp', or give a path"
            ) from None
    elif callable(optimize):
        optimizer = optimize
    else:
        return _checked_path(optimize, len(plan.inputs))
    if len(plan.inputs) < 2:
        return _only(plan)
    sizes = dict(plan.sizes)
    if plan.batch is not None:
        sizes[plan.batch] = PLANNING_BATCH
    # Index sets, not equations: opt_einsum's own equation strings are quadratic in the operands.
    sets = [frozenset(indices) for indices in plan.inputs]
    found = optimizer(sets, frozenset(plan.output), sizes, None)
    return _checked_path(found, len(plan.inputs))


def _checked_path(path: Sequence[Sequence[int]], n_operands: int) -> Path:
    left = n_operands
    checked = tuple(tuple(int(position) for position in step) for step in path)
    for number, step in enumerate(checked):
        if not step or len(set(step)) != len(step) or not all(0 <= p < left for p in step):
            raise StructureError(
                f"step {number} of the path takes positions {step} of {left} operands left; "
                "positions are distinct and count from 0"
            )
        left -= len(step) - 1
    if left > 1 and n_operands:
        raise StructureError(
            f"the path leaves {left} of {n_operands} operands uncontracted; add steps until one is "
            "left"
        )
    return checked
