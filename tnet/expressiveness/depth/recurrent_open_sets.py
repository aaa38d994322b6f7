"""Weights of a ReLU/max `Recurrent` network that never listens after its first step."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.recurrent import Recurrent
from tnet.architectures.tensor_train import bond_dims
from tnet.errors import SpecError
from tnet.expressiveness.arguments import network_of
from tnet.expressiveness.depth.deep_specs import check_rectifier
from tnet.expressiveness.depth.radius import largest_below

Array = NDArray[Any]

_STATE = 2.0
"""Every entry of the states at the centre; what steps put in is 1."""


def recurrent_centre(spec: Recurrent) -> dict[str, Array]:
    """Return weights with a constant grid tensor, in the middle of the open set.

    Raises
    ------
    SpecError
        If there is one step, or several scores.
    OperatorError
        If the operator is not max.

    Examples
    --------
    >>> import tnet
    >>> spec = Recurrent(3, features=2, hidden=2, ranks=2, operator="max")
    >>> tnet.grid_tensor(spec, recurrent_centre(spec), np.eye(2)).ravel().tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    check_rectifier(spec)
    if spec.steps < 2 or spec.outputs != 1:
        raise SpecError(
            f"steps is {spec.steps} and outputs {spec.outputs}; give two steps or more, and one "
            "score"
        )
    # Equal weights that sum to 1 keep a state of equal entries as it is.
    found = {
        name: np.full(shape, 1 / np.prod(shape[:-1]))
        for name, shape in network_of(spec).parameter_shapes.items()
    }
    found["C"][...] = 1
    found["G1"] *= _STATE
    found["out"][...] = 1 / len(found["out"])
    return found | spec.initial_state


def recurrent_radius(spec: Recurrent) -> float:
    """Return what every weight of the centre may change by, less than.

    Examples
    --------
    >>> spec = Recurrent(2, features=2, hidden=1, ranks=1, operator="max")
    >>> round(recurrent_radius(spec), 3)
    0.268
    """
    ranks = bond_dims(spec.ranks, spec.steps)

    def above(epsilon: float) -> bool:
        """Whether the least that states can be stays above what later steps can put in."""
        state = (_STATE - spec.hidden * epsilon) * (1 - epsilon)
        for rank in ranks[:-1]:
            if state <= 1 + epsilon:
                return False
            state *= 1 - spec.hidden * rank * epsilon
        return state > 0 and ranks[-1] * epsilon < 1

    return largest_below(above, 0.5)


def recurrent_channel(
    spec: Recurrent, shallow: str, parameters: dict[str, Array]
) -> tuple[Array, float] | None:
    """Return the vectors (N, M) and the weight of the one shallow channel, None if there is none.

    Examples
    --------
    >>> spec = Recurrent(3, features=2, hidden=2, ranks=2, operator="max")
    >>> vectors, weight = recurrent_channel(spec, "max", recurrent_centre(spec))
    >>> vectors.tolist(), weight
    ([[2.0, 2.0], [0.0, 0.0], [0.0, 0.0]], 1.0)
    """
    inputs = np.broadcast_to(parameters["C"], (spec.steps, spec.features, spec.hidden))
    first = np.maximum(np.maximum(inputs[0], parameters["h0"][0]), 0)
    state = first @ parameters["G1"][:, 0]
    for step in range(1, spec.steps):
        if state.min() <= max(0.0, inputs[step].max()):
            return None
        core = parameters["G" if spec.shared else f"G{step + 1}"]
        state = state @ core.sum(axis=0)
    scores = state @ parameters["out"]
    if shallow == "max" and scores.min() <= 0:
        return None
    vectors = np.full((spec.steps, spec.features), 0.0 if shallow == "max" else 1.0)
    vectors[0] = scores
    return vectors, 1.0
