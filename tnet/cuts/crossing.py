"""Which indices a choice of sides cuts, and whether cutting indices parts the inputs."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.network.groups import Ids
from tnet.network.model import TensorNetwork

Flags: TypeAlias = NDArray[np.bool_]


def crossing_indices(network: TensorNetwork, on_a: Flags, side_a: Flags) -> Ids:
    """Ids of the indices with ends on both sides; outputs have no side and are never cut.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    on_a : ndarray of bool, shape (n_tensors,)
        Tensors on side A.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.

    Returns
    -------
    ndarray of int32
        Ascending.
    """
    incidence = network.incidence
    ends_on_a = on_a[incidence.tensor_of]
    touches_a, touches_b = (np.zeros(network.n_indices, dtype=bool) for _ in range(2))
    touches_a[incidence.index_of[ends_on_a]] = True
    touches_b[incidence.index_of[~ends_on_a]] = True
    reads_a = side_a[network.input_modes]
    touches_a[network.inputs[reads_a]] = True
    touches_b[network.inputs[~reads_a]] = True
    crossing = touches_a & touches_b
    crossing[network.outputs] = False
    return np.nonzero(crossing)[0].astype(np.int32)


def mixed_component(network: TensorNetwork, cut: Ids, side_a: Flags) -> tuple[int, int] | None:
    """Find inputs of both sides that still hang together once the indices in `cut` are removed.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    cut : ndarray of int32
        Ids of the indices removed.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.

    Returns
    -------
    tuple of int, or None
        A mode of side A and one of side B in one component; None if there is none.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    incidence, n_tensors = network.incidence, network.n_tensors
    removed = np.zeros(network.n_indices, dtype=bool)
    removed[cut] = True
    removed[network.outputs] = True
    kept = ~removed[incidence.index_of]
    ends = incidence.tensor_of[kept], incidence.index_of[kept] + n_tensors
    n_nodes = n_tensors + network.n_indices
    graph = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(n_nodes, n_nodes))
    n_components, labels = connected_components(graph, directed=False)
    standing = ~removed[network.inputs]
    component = labels[network.inputs[standing] + n_tensors]
    modes = network.input_modes[standing]
    mode_of_side = np.full((2, n_components), -1, dtype=np.int64)
    for side in (0, 1):
        chosen = side_a[modes] == bool(side)
        mode_of_side[side, component[chosen]] = modes[chosen]
    mixed = np.nonzero((mode_of_side >= 0).all(axis=0))[0]
    if not len(mixed):
        return None
    b, a = mode_of_side[:, mixed[0]]
    return int(a), int(b)
