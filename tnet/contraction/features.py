"""Reading features in either of the forms `evaluate` takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.errors import FeatureError
from tnet.network.model import TensorNetwork

Array = NDArray[Any]


def features_by_mode(
    network: TensorNetwork, features: Array | Sequence[Array]
) -> tuple[list[Array], int]:
    """Return the features of every element, and the number of examples.

    Parameters
    ----------
    network : TensorNetwork
        The network they are for.
    features : ndarray (B, N, M), or sequence of N arrays (B, d_i)
        The values of the representation functions.

    Returns
    -------
    list of ndarray, shape (B, d_i)
        By mode.
    int
        B.

    Raises
    ------
    FeatureError
        If a shape does not fit; the message says the shape that would.
    """
    dims = _dims_of_modes(network)
    given = features if isinstance(features, np.ndarray) else _listed(features, network.n_modes)
    if isinstance(given, np.ndarray):
        common = sorted(set(dims))
        expected = (given.shape[0] if given.ndim else 0, network.n_modes, *common)
        if len(common) != 1 or given.shape != expected:
            wanted = (
                f"(B, {network.n_modes}, {common[0]})"
                if len(common) == 1
                else f"a sequence of {network.n_modes} arrays (B, d_i)"
            )
            raise FeatureError(
                f"features have shape {given.shape}; the network takes {wanted}, B examples of "
                f"{network.n_modes} elements"
            )
        given = list(np.moveaxis(given, 1, 0))
    batches = {array.shape[0] for array in given if array.ndim}
    for mode, (array, dim) in enumerate(zip(given, dims, strict=True)):
        if array.ndim != 2 or array.shape[1] != dim or len(batches) != 1:
            raise FeatureError(
                f"features of element {mode} have shape {array.shape}; the network takes "
                f"(B, {dim}), with one B for all elements"
            )
    return given, batches.pop() if batches else 1


def _listed(features: Sequence[Array], n_modes: int) -> list[Array]:
    arrays = [np.asarray(array) for array in features]
    if len(arrays) != n_modes:
        raise FeatureError(
            f"features are a sequence of {len(arrays)} arrays for {n_modes} elements; give one "
            "array (B, d_i) per element, or one array (B, N, M)"
        )
    return arrays


def _dims_of_modes(network: TensorNetwork) -> list[int]:
    dims = [0] * network.n_modes
    group_dims = [group.dim for group in network.index_groups]
    groups = network.group_of_index[network.inputs].tolist()
    for mode, group in zip(network.input_modes.tolist(), groups, strict=True):
        dims[mode] = group_dims[group]
    return dims
