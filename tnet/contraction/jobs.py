"""From what a caller gives to a job that can run: every check made once, before and after."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

import numpy as np

from tnet.contraction.execute import Values
from tnet.contraction.features import features_by_dim
from tnet.contraction.libraries import (
    all_finite,
    as_array,
    common_namespace,
    double,
    is_traced,
    kind_of,
    library_name,
    namespace_of,
    to_numpy,
)
from tnet.contraction.memory import check_fits
from tnet.contraction.modular import checked_prime, residues
from tnet.contraction.pieces import Job, computed
from tnet.contraction.plan import Plan, Task
from tnet.contraction.planning import plan as make_plan
from tnet.contraction.slicing import plan_for_batch
from tnet.errors import (
    FeatureError,
    MemoryLimitError,
    OperatorError,
    ParameterError,
    StructureError,
)
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters

Array = Any
"""An array of NumPy, PyTorch or JAX."""

_Key = TypeVar("_Key")

_MOST_AXES = 64
"""Axes that a NumPy array can have."""


def contraction(
    network: TensorNetwork,
    parameters: Parameters,
    plan: Plan | None,
    modulo: int | None,
    *,
    scaled: bool,
) -> Job:
    """Prepare `contract`; errors are those that it lists."""
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r}, which sums do not commute with, "
            "so no order of contraction gives its function; evaluate it on features instead"
        )
    n_axes = len(network.inputs) + len(network.outputs)
    if n_axes > _MOST_AXES:
        raise StructureError(
            f"the dense array has {n_axes} axes, and an array can have {_MOST_AXES}; evaluate the "
            "network on features instead"
        )
    arrays, prime = _checked_parameters(network, parameters, modulo, scaled=scaled)
    if prime is None:
        _check_alike(arrays, {})
    return Job(_fitting(network, plan, "contract"), Values(arrays, {}, {}), 1, prime, scaled)


def evaluation(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    plan: Plan | None,
    modulo: int | None,
    *,
    scaled: bool,
) -> Job:
    """Prepare `evaluate`; errors are those that it lists."""
    arrays, prime = _checked_parameters(network, parameters, modulo, scaled=scaled)
    by_dim, batch = features_by_dim(network, features)
    if prime is not None:
        by_dim = residues(by_dim, prime, what="features of dim")
    else:
        _check_alike(arrays, by_dim)
        _check_features(by_dim)
        by_dim = _floating(by_dim) if scaled else by_dim
    plan = plan_for_batch(_fitting(network, plan, "evaluate"), batch)
    return Job(plan, Values(arrays, by_dim, {}), batch, prime, scaled)


def _named(arrays: Mapping[str, Array]) -> list[tuple[str, Array]]:
    return [(f"parameter {name!r}", array) for name, array in arrays.items()]


def _checked_parameters(
    network: TensorNetwork, parameters: Parameters, modulo: int | None, *, scaled: bool
) -> tuple[dict[str, Array], int | None]:
    check_parameters(network, parameters)
    arrays = {name: as_array(array) for name, array in parameters.items()}
    if modulo is not None:
        if not network.is_product:
            raise OperatorError(
                f"the network has operator {network.operators[0]!r}, which residues of a prime do "
                "not have; leave modulo out"
            )
        prime = checked_prime(modulo)
        return residues(arrays, prime, what="parameter"), prime
    _check_kinds(network, arrays)
    return (_floating(arrays) if scaled else arrays), None


def _floating(arrays: Mapping[_Key, Array]) -> dict[_Key, Array]:
    """Powers of two are taken out of floating point: whole numbers become that."""
    found = dict(arrays)
    for key, array in arrays.items():
        if kind_of(array) in "biu":
            xp = namespace_of(array)
            found[key] = xp.astype(array, double(xp))
    return found


def _check_features(by_dim: Mapping[int, Array]) -> None:
    for dim, array in by_dim.items():
        if kind_of(array) not in "biufc":
            raise FeatureError(f"features of dim {dim} have dtype {array.dtype}; give numbers")


def _check_kinds(network: TensorNetwork, arrays: Mapping[str, Array]) -> None:
    allowed = "biufc" if network.is_product else "biuf"
    if {kind_of(array) for array in arrays.values()} <= set(allowed):
        return
    for name, array in arrays.items():
        if kind_of(array) not in allowed:
            wanted = "numbers" if network.is_product else "real numbers"
            raise ParameterError(
                f"parameter {name!r} has dtype {array.dtype}; the network with operator "
                f"{network.operators[0]!r} takes {wanted}: convert it"
            )


def _check_alike(arrays: Mapping[str, Array], by_dim: Mapping[int, Array]) -> None:
    """One library for all; PyTorch multiplies only one dtype, and says so far from the cause."""
    if all(type(array) is np.ndarray for array in (*arrays.values(), *by_dim.values())):
        return
    named = [*_named(arrays), *((f"features of dim {d}", a) for d, a in by_dim.items())]
    common_namespace(named)
    if not named or library_name(named[0][1]) != "torch":
        return
    first, array = named[0]
    for what, other in named:
        if other.dtype != array.dtype:
            raise ParameterError(
                f"{first} has dtype {array.dtype} but {what} has {other.dtype}; PyTorch multiplies "
                "only one dtype: convert one, or move_parameters with dtype="
            )


def _fitting(network: TensorNetwork, plan: Plan | None, task: Task) -> Plan:
    if plan is None:
        return make_plan(network, task=task)
    if not isinstance(plan, Plan):
        raise StructureError(
            f"plan is {plan!r}; give one made by plan(network, task={task!r}, optimize=...)"
        )
    if plan.task != task or plan.network != network:
        raise StructureError(
            f"the plan is to {plan.task} {'this' if plan.network == network else 'another'} "
            f"network; make one by plan(network, task={task!r})"
        )
    return plan


def finished(job: Job, executor: Executor | None, progress: bool) -> tuple[Array, Array | None]:
    """Run a job if it fits in memory, and say why if the result is not finite."""
    arrays = [*job.values.parameters.values(), *job.values.features.values()]
    itemsize = 8 if job.prime else max((array.dtype.itemsize for array in arrays), default=8)
    _check_memory(job, itemsize)
    array, log2 = computed(job, itemsize=itemsize, executor=executor, progress=progress)
    if job.prime is None and not is_traced(array) and not all_finite(array):
        _diagnose(job.values, array)
    return array, log2


def _check_memory(job: Job, itemsize: int) -> None:
    needed, limit = job.plan.peak_bytes(job.batch, itemsize=itemsize), job.plan.memory_limit
    dense = job.plan.task == "contract"
    what = "the dense array" if dense else f"a batch of {job.batch:,}"
    if limit is not None and needed > limit:
        raise MemoryLimitError(
            f"{what} takes {needed} bytes as planned, in entries of {itemsize} bytes, but the "
            f"plan's memory_limit is {limit}; give {needed}"
            + ("" if dense else ", or split the batch")
        )
    remedy = "plan with a memory_limit, or split the batch"
    if dense:
        remedy = (
            "evaluate the network on features instead; a memory_limit helps only where the "
            "intermediates, not the result, are too large"
        )
    check_fits(needed, what=what, remedy=remedy)


def _diagnose(values: Values, result: Array) -> None:
    """Say why a result is not finite, unless it is only too large."""
    check_finite({name: to_numpy(array) for name, array in values.parameters.items()})
    for dim, array in values.features.items():
        if not all_finite(array):
            raise FeatureError(
                f"features of dim {dim} are not all finite, nor is the result; replace NaN and "
                "infinities"
            )
    xp = common_namespace([("result", result)])
    if bool(xp.any(xp.isnan(result))):
        raise ParameterError(
            "the result is not a number although all parameters and features are finite: "
            "intermediates overflow; use the scaled call"
        )


def whole_numbers(array: Array, modulo: int | None) -> Array:
    """Return residues as integers between 0 and the prime; anything else as it is."""
    return array if modulo is None else np.remainder(array.astype(np.int64), modulo)
