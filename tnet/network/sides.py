"""Reading the side of a partition in any of the forms a person writes it."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.errors import PartitionError, UnknownNameError
from tnet.network.model import TensorNetwork

Side: TypeAlias = NDArray[np.bool_] | Iterable[int | str]
"""A bool array of N or of the input shape, or mode numbers or input names."""


def side_of_modes(network: TensorNetwork, side_a: Side) -> NDArray[np.bool_]:
    """Say for every element whether it is on side A.

    Parameters
    ----------
    network : TensorNetwork
        The network whose inputs are parted.
    side_a : bool array, or iterable of int or str
        A bool array of shape (N,) or of the input shape; or distinct mode numbers or names of
        input indices. Empty and full sides are legal.

    Returns
    -------
    ndarray of bool, shape (N,)
        True on side A; read-only.

    Raises
    ------
    PartitionError
        If the array has another shape or dtype, or a mode is out of range or repeated.
    UnknownNameError
        If a name is not that of an input.
    """
    if isinstance(side_a, str):
        raise PartitionError(
            f"side_a is the string {side_a!r}; give a list of input names, or a bool array such as "
            "tnet.partitions.left_right(shape)"
        )
    if not isinstance(side_a, Iterable):
        raise PartitionError(
            f"side_a is {side_a!r} of type {type(side_a).__name__}; give a bool array, or a list "
            "of mode numbers or input names"
        )
    array = side_a if isinstance(side_a, np.ndarray) else None
    listed: list[Any] = [] if array is not None else list(side_a)
    if array is None and listed and all(isinstance(item, bool | np.bool_) for item in listed):
        array = np.array(listed)
    if array is not None and array.dtype == bool:
        side = _from_flags(network, array)
    else:
        side = _from_modes(network, array.tolist() if array is not None else listed)
    side.flags.writeable = False
    return side


def _from_flags(network: TensorNetwork, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    shapes = {(network.n_modes,), network.input_shape}
    if flags.shape not in shapes:
        expected = " or ".join(str(shape) for shape in sorted(shapes, key=len))
        raise PartitionError(
            f"a bool side_a has one entry per element, shape {expected}; got shape {flags.shape}"
        )
    return flags.reshape(-1).copy()


def _from_modes(network: TensorNetwork, items: list[Any]) -> NDArray[np.bool_]:
    side = np.zeros(network.n_modes, dtype=bool)
    for item in items:
        if isinstance(item, str):
            mode = _mode_of_input(network, item)
        elif isinstance(item, int | np.integer) and not isinstance(item, bool):
            mode = int(item)
        else:
            raise PartitionError(
                f"side_a contains {item!r} of type {type(item).__name__}; list mode numbers or "
                "input names, or give a bool array (arr.astype(bool) if it holds 0 and 1)"
            )
        if not 0 <= mode < network.n_modes:
            raise PartitionError(
                f"side_a contains mode {mode}; the network has modes 0..{network.n_modes - 1}: "
                "list some of these"
            )
        if side[mode]:
            raise PartitionError(
                f"side_a contains mode {mode} twice ({item!r}); list it once, or if these are "
                "flags of 0 and 1, give arr.astype(bool)"
            )
        side[mode] = True
    return side


def _mode_of_input(network: TensorNetwork, name: str) -> int:
    index = network.index_names.find(name)
    reading = np.nonzero(network.inputs == index)[0]
    if not len(reading):
        inputs = [group.name for group in network.index_groups if group.role == "input"]
        raise UnknownNameError(
            f"index {name!r} is not an input; the inputs are in groups {', '.join(inputs)}: list "
            "some of these"
        )
    return int(network.input_modes[reading[0]])
