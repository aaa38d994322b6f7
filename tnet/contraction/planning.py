"""`plan`: in which order to contract, by our own planners, opt_einsum's or cotengra's."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, get_args

import numpy as np

from tnet.contraction.directed import directed_order
from tnet.contraction.operands import Operands, network_operands
from tnet.contraction.orders.forest_order import MOST_COMPARED, forest_pairs
from tnet.contraction.orders.leaf_to_root import leaf_to_root_pairs
from tnet.contraction.orders.looped_order import cotengra_pairs, looped_pairs
from tnet.contraction.orders.order_cost import cost_of
from tnet.contraction.orders.paths import Pairs, pairs_of
from tnet.contraction.plan import Plan, Task
from tnet.contraction.slicing import limited_plan
from tnet.errors import OperatorError, StructureError
from tnet.network.groups import whole_number
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

Optimizer: TypeAlias = str | Sequence[tuple[int, ...]] | Callable[..., Any]
"""What opt_einsum takes: a name, a path, or a `PathOptimizer`."""

PLANNING_BATCH = 64
"""Examples that an order is chosen for; the order then serves any number of them."""

_HARDLY_MORE_LOG2 = 0.007
"""Half a percent."""

OURS, COTENGRA = "tnet", "cotengra"
"""Names of planners beside those of opt_einsum."""


def plan(
    network: TensorNetwork,
    *,
    task: Task = "evaluate",
    optimize: Optimizer | None = None,
    memory_limit: int | None = None,
) -> Plan:
    """Find an order in which to contract a network.

    Parameters
    ----------
    network : TensorNetwork
        Any network. One with operators other than the product has one order, leaf to root, and
        one task, ``evaluate``.
    task : {'evaluate', 'contract'}
        ``evaluate`` attaches features to every reading, for any number of examples;
        ``contract`` leaves the inputs open.
    optimize : str, path or opt_einsum.paths.PathOptimizer, optional
        Whatever opt_einsum takes, or ``cotengra`` where that is installed. Unless given, our own:
        on forests an order found in nearly linear time, with loops opt_einsum's ``auto-hq`` for a
        few operands and the best of randomly drawn greedy orders, within two seconds, for more.
    memory_limit : int, optional
        Bytes that a run may take beside parameters and features, in float64. A run then takes as
        many examples at a time as fit, and indices are sliced where one example does not.

    Returns
    -------
    Plan
        Orders found by name are cached, so that the same question costs nothing twice.

    Raises
    ------
    OperatorError
        If an operator is not the product and a task or order is asked that it does not have.
    StructureError
        If the task or the name of the optimizer is unknown, a path does not fit, or the network
        stands for an unrolled one.
    MemoryLimitError
        If the limit cannot be met; the message says the least found that can.
    MissingLibraryError
        If cotengra is asked and not installed.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab,bc,cd->ad", (10, 2), (2, 10), (10, 2))
    >>> plan = tnet.plan(net, task="contract")
    >>> plan.path, plan.flops
    (((1, 2), (0, 1)), 160)
    >>> chain = tnet.from_einsum("ab,bc,cd,da->", *[(30, 30)] * 4)
    >>> tnet.plan(chain, task="contract", memory_limit=10_000).n_slices
    30
    """
    if task not in get_args(Task):
        raise StructureError(f"task is {task!r}; choose one of {', '.join(get_args(Task))}")
    network.check_unrolled()
    if optimize is None or isinstance(optimize, str):
        found = _named_plan(network, task, optimize)
    else:
        found = _made_plan(network, task, optimize)
    if memory_limit is None:
        return found
    return limited_plan(found, whole_number(memory_limit, what="memory_limit"))


@lru_cache(maxsize=64)
def _named_plan(network: TensorNetwork, task: Task, optimize: str | None) -> Plan:
    return _made_plan(network, task, optimize)


def _made_plan(network: TensorNetwork, task: Task, optimize: Optimizer | None) -> Plan:
    if not network.is_product:
        return Plan(network, task, _directed_pairs(network, task, optimize))
    operands = network_operands(network, features=task == "evaluate", batch_dim=PLANNING_BATCH)
    batch = network.n_indices if task == "evaluate" else None
    pairs = _found_pairs(operands, optimize, batch)
    forest = network.forest
    if optimize is None and forest is not None and operands.count <= MOST_COMPARED:
        pairs = _evener(network, forest, operands, pairs)
    return Plan(network, task, pairs)


def _evener(network: TensorNetwork, forest: Forest, operands: Operands, pairs: Pairs) -> Pairs:
    """Return the order straight from the leaves to the root where it costs hardly more.

    It has more like steps at like depth, hence fewer operations.
    """
    attached: dict[int, list[int]] = {}
    for number in range(network.n_tensors, operands.count):
        reading = int(network.inputs[number - network.n_tensors])
        attached.setdefault(reading, []).append(number)
    straight = leaf_to_root_pairs(network, forest, attached)
    even = np.array(straight, dtype=np.int64).reshape(-1, 2)
    dearer = cost_of(operands, even).total_log2 - cost_of(operands, pairs).total_log2
    return even if dearer <= _HARDLY_MORE_LOG2 else pairs


def _directed_pairs(network: TensorNetwork, task: Task, optimize: Optimizer | None) -> Pairs:
    operator = network.operators[0]
    if task != "evaluate" or optimize is not None:
        raise OperatorError(
            f"the network has operator {operator!r}, and sums do not commute with it: it has one "
            "order, leaf to root, and one task, evaluate; leave task and optimize out"
        )
    return np.array(directed_order(network).pairs, dtype=np.int64).reshape(-1, 2)


def _found_pairs(operands: Operands, optimize: Optimizer | None, batch: int | None) -> Pairs:
    if operands.count < 2 and (optimize is None or isinstance(optimize, str) or callable(optimize)):
        return pairs_of((), operands.count)
    name = optimize if isinstance(optimize, str) else None
    if optimize is None or name == OURS:
        pairs = forest_pairs(operands)
        return _looped(operands, batch) if pairs is None else pairs
    if name == COTENGRA:
        return cotengra_pairs(operands)
    if not isinstance(optimize, str) and not callable(optimize):
        return pairs_of(_path_in(optimize), operands.count)
    optimizer = _opt_einsum_named(optimize) if isinstance(optimize, str) else optimize
    # Index sets, not equations: opt_einsum's own equation strings are quadratic in the operands.
    sizes = dict(enumerate(operands.dims))
    path = optimizer(operands.sets(), frozenset(operands.output), sizes, None)
    return pairs_of(_path_in(path), operands.count)


def _path_in(optimize: Any) -> Sequence[Sequence[int]]:
    """Return a path given as lists, an array, or in NumPy's own form, which says what it is."""
    try:
        steps = [step for step in optimize if not isinstance(step, str)]
        return [[int(position) for position in step] for step in steps]
    except (TypeError, ValueError):
        raise StructureError(
            f"optimize is {optimize!r}; give a name, a path such as [(0, 1), (0, 1)], or an "
            "optimizer of opt_einsum"
        ) from None


def _looped(operands: Operands, batch: int | None) -> Pairs:
    """Plan with and without the examples, an index of all features that misleads greedy orders."""
    found = [looped_pairs(operands)]
    if batch is not None:
        found.append(looped_pairs(operands.without([batch])))
    return min(found, key=lambda pairs: cost_of(operands, pairs).total_log2)


def _opt_einsum_named(name: str) -> Callable[..., Any]:
    from opt_einsum.paths import get_path_fn

    try:
        found: Callable[..., Any] = get_path_fn(name)
    except KeyError:
        raise StructureError(
            f"there is no optimizer {name!r}; name one of opt_einsum's, such as 'auto', 'greedy' "
            f"or 'dp', or {COTENGRA!r}, or give a path"
        ) from None
    return found
