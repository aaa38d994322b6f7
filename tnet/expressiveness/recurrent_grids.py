"""Grid tensors of recurrent networks, every common beginning of two inputs computed once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.recurrent import Recurrent
from tnet.architectures.tensor_train import bond_dims
from tnet.contraction.arithmetic import FloatArithmetic
from tnet.contraction.memory import check_fits
from tnet.network.groups import Operator
from tnet.network.parameters import Parameters, check_parameters

Array = NDArray[Any]

_BLOCK = 2**20
"""Entries of the largest array that a step makes at once, about."""


def recurrent_grid(spec: Recurrent, parameters: Parameters, matrix: Array) -> Array:
    """Grid tensor of a recurrent network of one score.

    What `tnet.expressiveness.grid_tensors.grid_tensor` gives, in less time: inputs that begin
    alike have the same states, so all steps but the last cost next to nothing.

    Parameters
    ----------
    spec : Recurrent
        With one output; any operator.
    parameters : mapping of str to array
        NumPy arrays.
    matrix : ndarray, shape (n, M)
        Features of the n templates.

    Returns
    -------
    ndarray, shape (n,) * steps

    Raises
    ------
    ParameterError
        If the arrays do not fit.
    MemoryLimitError
        If the grid does not fit in memory.

    Examples
    --------
    >>> import tnet
    >>> from tnet.expressiveness.grid_tensors import grid_tensor
    >>> spec = tnet.Recurrent(3, features=2, hidden=2, ranks=4, operator="softplus")
    >>> net = spec.compile()
    >>> p = tnet.random_parameters(net)
    >>> np.allclose(recurrent_grid(spec, p, np.eye(2)), grid_tensor(net, p, np.eye(2)))
    True
    """
    check_parameters(spec.compile(), parameters)
    n, steps = len(matrix), spec.steps
    ranks = [1, *bond_dims(spec.ranks, steps)]
    check_fits(
        8 * n**steps + 8 * n ** (steps - 1) * ranks[-2] + 32 * _BLOCK,
        what=f"a grid of {n}^{steps} = {n**steps:,} inputs and the states before its last step",
        remedy="take fewer templates or steps",
    )
    state = parameters.get("h0")
    if state is not None:
        state = np.asarray(state)[None]
    for step in range(steps):
        core = np.asarray(parameters["G" if spec.shared and step else f"G{step + 1}"])
        core = core.reshape(spec.hidden, -1, ranks[step + 1])
        if step == steps - 1:
            core = core @ np.asarray(parameters["out"])[:, None]
        mixed = matrix @ np.asarray(parameters["C"] if spec.shared else parameters["C"][step])
        state = mixed @ core[:, 0] if state is None else _step(spec.operator, mixed, state, core)
    grid: Array = np.asarray(state).reshape((n,) * steps)
    return grid


def _step(operator: Operator, mixed: Array, state: Array, core: Array) -> Array:
    """States after one more element, shape (prefixes * n, rank), from those before."""
    n, (hidden, before, after) = len(mixed), core.shape
    arithmetic, flat = FloatArithmetic(np), core.reshape(hidden * before, after)
    found = np.empty((len(state), n, after))
    at_once = max(1, _BLOCK // (n * hidden * before))
    for start in range(0, len(state), at_once):
        part = state[start : start + at_once, None, None, :]
        met = arithmetic.combine(operator, mixed[None, :, :, None], part)
        found[start : start + len(part)] = met.reshape(len(part), n, -1) @ flat
    return found.reshape(-1, after)
