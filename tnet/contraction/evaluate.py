"""The four verbs: `contract` and `evaluate`, and both with a power of two beside the result."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from tnet.contraction.jobs import contraction, evaluation, finished, whole_numbers
from tnet.contraction.plan import Plan
from tnet.contraction.scaled import Scaled, power_of_two
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters

Array = Any
"""An array of NumPy, PyTorch or JAX."""


def contract(
    network: TensorNetwork,
    parameters: Parameters,
    *,
    plan: Plan | None = None,
    modulo: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> Array:
    """Contract a network to the dense array over its readings and outputs.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    parameters : mapping of str to array
        One array per parameter: all of NumPy, of PyTorch or of JAX. Whole numbers are computed
        in their own dtype, and wrap around beyond it: give floats, or `modulo`.
    plan : Plan, optional
        Of task ``contract``; made and cached if left out. One with a memory limit runs slice by
        slice.
    modulo : int, optional
        A prime below 2^31: parameters are whole numbers, and so is the result, between 0 and
        ``modulo - 1``. Up to 22 bits are fastest.
    executor : concurrent.futures.Executor, optional
        Where the slices of a plan run; here, one after the other, unless given. Sums are taken
        in the order of the slices, so the result does not depend on it.
    progress : bool
        Whether to show on stderr how many slices are done.

    Returns
    -------
    array
        One axis per reading, in order, then one per output; of the parameters' library, or of
        NumPy's int64 modulo a prime.

    Raises
    ------
    OperatorError
        If an operator is not the product: sums do not commute with it.
    ParameterError
        If the parameters do not fit, are not finite, or are of two libraries.
    MemoryLimitError
        If the result or an intermediate does not fit in memory.
    StructureError
        If `plan` is of another network or task, or the result has more axes than an array can.
    SweepError
        If a slice fails on the executor.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("ab,bc->ac", (2, 3), (3, 2))
    >>> tnet.contract(net, {"t0": np.ones((2, 3)), "t1": np.ones((3, 2))})
    array([[3., 3.],
           [3., 3.]])
    >>> big = {"t0": np.full((2, 3), 10**9), "t1": np.full((3, 2), 10**9)}
    >>> tnet.contract(net, big, modulo=4194301)
    array([[3452605, 3452605],
           [3452605, 3452605]])
    """
    job = contraction(network, parameters, plan, modulo, scaled=False)
    array, _ = finished(job, executor, progress)
    return whole_numbers(array, modulo)


def contract_scaled(
    network: TensorNetwork,
    parameters: Parameters,
    *,
    plan: Plan | None = None,
    executor: Executor | None = None,
    progress: bool = False,
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
    job = contraction(network, parameters, plan, None, scaled=True)
    array, log2 = finished(job, executor, progress)
    xp = job.arithmetic.namespace
    mantissa, extra = power_of_two(xp, array[None], None)
    return Scaled(mantissa[0], xp.reshape(log2 + extra[0], ()))


def evaluate(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    *,
    plan: Plan | None = None,
    modulo: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> Array:
    r"""Evaluate the function of a network on a batch of examples.

    Parameters
    ----------
    network : TensorNetwork
        Any network; with operators other than the product, a forest with a direction.
    parameters : mapping of str to array
        One array per parameter: all of NumPy, of PyTorch or of JAX. Gradients of those two
        libraries pass through.
    features : array (B, N, M), or sequence of N arrays (B, d_i)
        The representation functions of every element; all readings of an element get them. Of
        the parameters' library.
    plan : Plan, optional
        Of task ``evaluate``; made and cached if left out. One with a memory limit takes as many
        examples at a time as fit, and runs slice by slice if one does not.
    modulo : int, optional
        A prime below 2^31: parameters and features are whole numbers, and so is the result,
        between 0 and ``modulo - 1``. Up to 22 bits are fastest.
    executor : concurrent.futures.Executor, optional
        Where the pieces of a limited plan run; here, one after the other, unless given.
    progress : bool
        Whether to show on stderr how many pieces are done.

    Returns
    -------
    array, shape (B, \*output dims)
        Shape (B,) for a network without output index; of the parameters' library, or of NumPy's
        int64 modulo a prime. Empty for no examples.

    Raises
    ------
    ParameterError, FeatureError
        If arrays do not fit, are of two libraries, or are not finite where the result is not.
        Values that are still to come, as inside ``jax.jit``, are not looked at.
    OperatorError
        If a network with another operator has no order from leaf to root.
    MemoryLimitError
        If an intermediate does not fit in memory.
    StructureError
        If `plan` is of another network or task.
    SweepError
        If a piece fails on the executor.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.ConvNet(4, features=2, widths=(3, 3), operator="max").compile()
    >>> tnet.evaluate(net, tnet.random_parameters(net), np.ones((5, 4, 2))).shape
    (5,)
    """
    job = evaluation(network, parameters, features, plan, modulo, scaled=False)
    array, _ = finished(job, executor, progress)
    return whole_numbers(array, modulo)


def evaluate_scaled(
    network: TensorNetwork,
    parameters: Parameters,
    features: Array | Sequence[Array],
    *,
    plan: Plan | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> Scaled:
    r"""Evaluate the function of a network, with a power of two beside every example.

    Parameters and errors are those of `evaluate`. A network with an operator other than the
    product is evaluated without them: softplus does not commute with scaling.

    Returns
    -------
    Scaled
        ``mantissa`` of shape (B, \*output dims) and ``log2`` of shape (B,).

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.ConvNet(64, features=1, widths=(1,) * 6, shared=True).compile()
    >>> ones = {group.parameter: np.ones(net.parameter_shape(group)) for group in net.tensor_groups}
    >>> tnet.evaluate_scaled(net, ones, np.full((1, 64, 1), 1e-9)).log2_abs() * np.log10(2)
    array([-576.])
    """
    job = evaluation(network, parameters, features, plan, None, scaled=network.is_product)
    array, log2 = finished(job, executor, progress)
    xp = job.arithmetic.namespace
    mantissa, extra = power_of_two(xp, array, None)
    total = extra[:, 0] if log2 is None else extra[:, 0] + log2
    return Scaled(mantissa, xp.broadcast_to(total, (job.batch,)))
