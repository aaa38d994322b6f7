"""Positions: where the parts of a network stand, and what of them has a dot."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.network.groups import Ids
from tnet.network.model import TensorNetwork

Points: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Positions in units of one gap between inputs; x to the right, y from the inputs upwards.

    Attributes
    ----------
    style : {'forest', 'layers'}
        A forest is drawn without crossings; anything else by distance from the inputs.
    tensors : ndarray, shape (n_tensors, 2)
        Where each tensor stands.
    indices : ndarray, shape (n_indices, 2)
        Where each index has its dot, or a point of its line; the tip of an open leg.
    terminals : ndarray, shape (n_readings, 2)
        Where each reading begins, in the order of `TensorNetwork.inputs`.
    """

    style: Literal["forest", "layers"]
    tensors: Points
    indices: Points
    terminals: Points


def n_ends(network: TensorNetwork) -> Ids:
    """Count the ends of every index: its mentions in tensors, and one if it is open."""
    mentions = np.zeros(network.n_indices, dtype=np.int64)
    for group in network.tensor_groups:
        mentions += np.bincount(group.indices.ravel(), minlength=network.n_indices)
    mentions[network.inputs] += 1
    mentions[network.outputs] += 1
    return mentions.astype(np.int32)


def has_dot(network: TensorNetwork) -> NDArray[np.bool_]:
    """Say which indices are copy tensors: three or more ends meet in a dot."""
    dots: NDArray[np.bool_] = n_ends(network) >= 3
    return dots


def reading_ranks(network: TensorNetwork) -> Ids:
    """Return the place of every reading from left to right: by mode, then by order."""
    order = np.lexsort((np.arange(len(network.inputs)), network.input_modes))
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks
