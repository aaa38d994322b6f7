"""Reading features in either of the forms `evaluate` takes."""

from collections.abc import Sequence
from typing import Any

from tnet.contraction.libraries import as_array, common_namespace
from tnet.errors import FeatureError
from tnet.network.model import TensorNetwork

Array = Any
"""An array of NumPy, PyTorch or JAX."""


def features_by_dim(
    network: TensorNetwork, features: Array | Sequence[Array]
) -> tuple[dict[int, Array], int]:
    """Return the features of the elements, stacked by dim, and the number of examples.

    Parameters
    ----------
    network : TensorNetwork
        The network they are for.
    features : array (B, N, M), or sequence of N arrays (B, d_i)
        The values of the representation functions.

    Returns
    -------
    dict of int to array (n, B, d)
        By d: those of ``network.modes_by_dim[d]``; a view where one array was given.
    int
        B.

    Raises
    ------
    FeatureError
        If a shape does not fit; the message says the shape that would.
    """
    if isinstance(features, list | tuple):
        return _stacked(network, [as_array(array) for array in features])
    array = as_array(features)
    dims = list(network.modes_by_dim)
    batch = int(array.shape[0]) if array.ndim else 0
    if len(dims) != 1 or tuple(array.shape) != (batch, network.n_modes, *dims):
        wanted = (
            f"(B, {network.n_modes}, {dims[0]})"
            if len(dims) == 1
            else f"a sequence of {network.n_modes} arrays (B, d_i)"
        )
        raise FeatureError(
            f"features have shape {tuple(array.shape)}; the network takes {wanted}, B examples of "
            f"{network.n_modes} elements: reshape them"
        )
    xp = common_namespace([("features", array)])
    modes = network.modes_by_dim[dims[0]]
    stacked = xp.permute_dims(array, (1, 0, 2))
    return {dims[0]: stacked if len(modes) == network.n_modes else stacked[modes]}, batch


def _stacked(network: TensorNetwork, arrays: list[Array]) -> tuple[dict[int, Array], int]:
    if len(arrays) != network.n_modes:
        raise FeatureError(
            f"features are a sequence of {len(arrays)} arrays for {network.n_modes} elements; give "
            "one array (B, d_i) per element, or one array (B, N, M)"
        )
    batches = {int(array.shape[0]) for array in arrays if array.ndim}
    for dim, modes in network.modes_by_dim.items():
        for mode in modes.tolist():
            shape = tuple(arrays[mode].shape)
            if len(shape) != 2 or shape[1] != dim or len(batches) != 1:
                raise FeatureError(
                    f"features of element {mode} have shape {shape}; the network takes "
                    f"(B, {dim}), with one B for all elements: reshape it"
                )
    xp = common_namespace((f"features of element {i}", array) for i, array in enumerate(arrays))
    stacked = {
        dim: xp.stack([arrays[mode] for mode in modes.tolist()])
        for dim, modes in network.modes_by_dim.items()
    }
    return stacked, batches.pop() if batches else 1


def chunk(features: dict[int, Array], examples: slice) -> dict[int, Array]:
    """Take some of the examples.

    Examples
    --------
    >>> import numpy as np
    >>> chunk({2: np.zeros((4, 10, 2))}, slice(0, 3))[2].shape
    (4, 3, 2)
    """
    return {dim: array[:, examples] for dim, array in features.items()}
