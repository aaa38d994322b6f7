"""The four verbs: `contract` and `evaluate`, and both with a power of two beside the result."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.execute import run
from tnet.contraction.features import features_by_mode
from tnet.contraction.generalised import evaluate_leaf_to_root
from tnet.contraction.memory import check_fits
from tnet.contraction.plan import Plan
from tnet.contraction.plan import plan as make_plan
from tnet.contraction.scaled import Scaled, normalised
from tnet.errors import OperatorError, ParameterError, StructureError
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters

Array = NDArray[Any]

_MOST_AXES = 64
"""Axes that a NumPy array can have."""


def contract(network: TensorNetwork, parameters: Parameters, *, plan: Plan | None = None) -> Array:
    """Contract a network to the dense array over its readings and outputs.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    parameters : mapping of str to array
        One array per parameter.
    plan : Plan, optional
        Of task ``contract``; made and cached if left out.

    Returns
    -------
    ndarray
        One axis per reading, in order, then one per output.

    Raises
    ------
    OperatorError
        If an operator is not the product: sums do not commute with it.
    ParameterError
        If the parameters do not fit or are not finite.
    MemoryLimitError
        If the result or an intermediate does not fit in memory.
    StructureError
        If `plan` is of another network or task, or the result has more axes than an array can.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("ab,bc->ac", (2, 3), (3, 2))
    >>> tnet.contract(net, {"t0": np.ones((2, 3)), "t1": np.ones((3, 2))})
    array([[3., 3.],
           [3., 3.]])
    """
    array, _ = _contract(network, parameters, plan, scaled=False)
    return array


def contract_scaled(
    network: TensorNetwork, parameters: Parameters, *, plan: Plan | None = None
) -> Scaled:
    """Contract a network, with one power of two beside the dense array.

    Parameters and errors are those of `contract`.

    Returns
    -------
    Scaled
        Finite where products of many parameters leave the range of floating point.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("a,b,c->", (1,), (1,), (1,))
    >>> tiny = {name: np.array([1e-200]) for name in ("t0", "t1", "t2")}
    >>> result = tnet.contract_scaled(net, tiny)
    >>> round(float(result.log2_abs() * np.log10(2)), 9)
    -600.0
    """
    array, log2 = _contract(network, parameters, plan, scaled=True)
    return normalised(array, log2, per_example=False)


def evaluate(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    *,
    plan: Plan | None = None,
) -> Array:
    """Evaluate the function of a network on a batch of examples.

    Parameters
    ----------
    network : TensorNetwork
        Any network; with operators other than the product, a forest with a direction.
    parameters : mapping of str to array
        One array per parameter.
    features : ndarray (B, N, M), or sequence of N arrays (B, d_i)
        The representation functions of every element; all readings of an element get them.
    plan : Plan, optional
        Of task ``evaluate``; made and cached if left out. Not for other operators than the
        product, whose order is fixed.

    Returns
    -------
    ndarray, shape (B, *output dims)
        Shape (B,) for a network without output index.

    Raises
    ------
    ParameterError, FeatureError
        If arrays do not fit, or are not finite where the result is not.
    OperatorError
        If a network with another operator has no order from leaf to root.
    StructureError
        If `plan` is of another network or task.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.ConvNet(4, features=2, widths=(3, 3), operator="max").compile()
    >>> tnet.evaluate(net, tnet.random_parameters(net), np.ones((5, 4, 2))).shape
    (5,)
    """
    array, _ = _evaluate(network, parameters, features, plan, scaled=False)
    return array


def evaluate_scaled(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    *,
    plan: Plan | None = None,
) -> Scaled:
    """Evaluate the function of a network, with a power of two beside every example.

    Parameters and errors are those of `evaluate`.

    Returns
    -------
    Scaled
        ``mantissa`` of shape (B, *output dims) and ``log2`` of shape (B,).

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.ConvNet(64, features=1, widths=(1,) * 6, shared=True).compile()
    >>> ones = {group.parameter: np.ones(net.parameter_shape(group)) for group in net.tensor_groups}
    >>> tnet.evaluate_scaled(net, ones, np.full((1, 64, 1), 1e-9)).log2_abs() * np.log10(2)
    array([-576.])
    """
    array, log2 = _evaluate(network, parameters, features, plan, scaled=True)
    return normalised(array, np.broadcast_to(log2, array.shape[:1]), per_example=True)


def _contract(
    network: TensorNetwork, parameters: Parameters, plan: Plan | None, *, scaled: bool
) -> tuple[Array, NDArray[np.float64]]:
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r}, which sums do not commute with, "
            "so no order of contraction gives its function; evaluate it on features instead"
        )
    check_parameters(network, parameters)
    n_axes = len(network.inputs) + len(network.outputs)
    if n_axes > _MOST_AXES:
        raise StructureError(
            f"the dense array has {n_axes} axes, and an array can have {_MOST_AXES}; evaluate the "
            "network on features instead"
        )
    plan = _fitting(network, plan, "contract")
    check_fits(
        plan.peak_bytes(), what="the dense array", remedy="evaluate the network on features instead"
    )
    array, log2 = run(plan, parameters, [], scaled=scaled)
    _diagnose(array, parameters)
    return array, log2


def _evaluate(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    plan: Plan | None,
    *,
    scaled: bool,
) -> tuple[Array, NDArray[np.float64]]:
    check_parameters(network, parameters)
    by_mode, n_examples = features_by_mode(network, features)
    if network.is_product:
        plan = _fitting(network, plan, "evaluate")
        check_fits(
            plan.peak_bytes(n_examples),
            what=f"a batch of {n_examples:,}",
            remedy="split the batch, or plan with another optimizer",
        )
        array, log2 = run(plan, parameters, by_mode, scaled=scaled)
    elif plan is not None:
        raise OperatorError(
            f"a network with operator {network.operators[0]!r} has one order, leaf to root, and "
            "takes no plan; leave it out"
        )
    else:
        array = evaluate_leaf_to_root(network, parameters, by_mode, n_examples)
        log2 = np.zeros(())
    _diagnose(array, parameters)
    return array, log2


def _fitting(network: TensorNetwork, plan: Plan | None, task: str) -> Plan:
    if plan is None:
        return make_plan(network, task="contract" if task == "contract" else "evaluate")
    if plan.task != task or plan.network != network:
        raise StructureError(
            f"the plan is to {plan.task} {'this' if plan.network == network else 'another'} "
            f"network; make one by plan(network, task={task!r})"
        )
    return plan


def _diagnose(result: Array, parameters: Parameters) -> None:
    """Look for the cause only where a result is not finite: no tax on every call."""
    if not np.isfinite(result).all():
        check_finite(parameters)
        if np.isnan(result).any():
            raise ParameterError(
                "the result is not a number although all parameters are finite: features are not "
                "finite, or intermediates overflow; check the features, or use the scaled call"
            )
