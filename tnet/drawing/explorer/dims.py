"""Other dims for the index groups of a network, as they are set in the interactive page."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from tnet.errors import UnknownNameError
from tnet.network.model import TensorNetwork


def completed_dims(network: TensorNetwork, dims: Mapping[str, Any]) -> Mapping[str, int]:
    """Complete `dims` by those of the network, and check them.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    dims : mapping of str to int
        Dims of some index groups by name; the others keep theirs.

    Returns
    -------
    mapping of str to int
        The dim of every group, in order; read-only.

    Raises
    ------
    UnknownNameError
        If a name is not that of an index group.
    DimensionError
        If a dim is not a positive integer, or is too long.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ia,aj->ij", (3, 2), (2, 4))
    >>> dict(completed_dims(net, {"a": 5}))
    {'i': 3, 'a': 5, 'j': 4}
    """
    names = [group.name for group in network.index_groups]
    unknown = [name for name in dims if name not in names]
    if unknown:
        raise UnknownNameError(
            f"dims are by index group, and {unknown[0]!r} is none; the groups are "
            f"{', '.join(names)}: name one of them"
        )
    # A group checks its dim where it is made.
    groups = (replace(g, dim=dims.get(g.name, g.dim)) for g in network.index_groups)
    return MappingProxyType({group.name: group.dim for group in groups})


def with_dims(network: TensorNetwork, dims: Mapping[str, int]) -> TensorNetwork:
    """Give index groups other dims.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    dims : mapping of str to int
        The dim of every group.

    Returns
    -------
    TensorNetwork
        The network itself where nothing changes.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ia,aj->ij", (3, 2), (2, 4))
    >>> with_dims(net, {"i": 3, "a": 5, "j": 4}).index_groups[1].dim
    5
    """
    groups = tuple(replace(group, dim=dims[group.name]) for group in network.index_groups)
    changed = any(dims[group.name] != group.dim for group in network.index_groups)
    return replace(network, index_groups=groups) if changed else network
