"""Parameter arrays beside a network: drawing them at random, checking, storing."""

import io
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tnet.errors import FileFormatError, ParameterError
from tnet.files import write_atomically
from tnet.network.groups import TensorGroup
from tnet.network.model import TensorNetwork

Parameters = Mapping[str, Any]
"""One array per parameter name."""


def random_parameters(
    network: TensorNetwork, *, seed: int = 0, dtype: DTypeLike = "float64"
) -> dict[str, NDArray[Any]]:
    """Draw every parameter from a normal distribution of standard deviation 1/sqrt(fan-in).

    Parameters
    ----------
    network : TensorNetwork
        Which arrays to draw.
    seed : int
        Seed of NumPy's default generator.
    dtype : dtype
        A real or complex floating dtype; of a complex one, the real and imaginary parts each
        have half the variance.

    Returns
    -------
    dict of str to ndarray
        Arrays by parameter name, of the shapes ``network.parameter_shapes`` gives. The fan-in of a
        tensor is the product of its dims, that of its root axis left out.

    Raises
    ------
    ParameterError
        If `dtype` is not floating.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab,bc->ac", (2, 3), (3, 2))
    >>> {name: array.shape for name, array in tnet.random_parameters(net).items()}
    {'t0': (2, 3), 't1': (3, 2)}
    """
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise ParameterError(f"dtype is {dtype!r}; name one such as 'float64'") from None
    if kind.kind not in "fc":
        raise ParameterError(f"random parameters need a floating dtype; got {kind}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(f"seed is {seed!r}; give a whole number of at least 0")
    generator = np.random.default_rng(seed)
    drawn: dict[str, NDArray[Any]] = {}
    for group in network.tensor_groups:
        if group.parameter in drawn:
            continue
        shape = network.parameter_shape(group)
        values = generator.standard_normal(shape)
        scale = 1 / math.sqrt(_fan_in(network, group))
        if kind.kind == "c":
            values = (values + 1j * generator.standard_normal(shape)) / math.sqrt(2)
        drawn[group.parameter] = np.asarray(values * scale, dtype=kind)
    return drawn


def _fan_in(network: TensorNetwork, group: TensorGroup) -> int:
    dims = network.group_dims(group)
    return math.prod(dim for axis, dim in enumerate(dims) if axis != group.root_axis)


def check_parameters(network: TensorNetwork, parameters: Parameters) -> None:
    """Raise unless `parameters` has exactly the arrays that `network` takes.

    Raises
    ------
    ParameterError
        If an array is missing, unknown or of another shape; the message names it.
    """
    if not isinstance(parameters, Mapping):
        raise ParameterError(
            f"parameters are of type {type(parameters).__name__}; give a mapping of one array per "
            "name, such as random_parameters draws"
        )
    shapes = network.parameter_shapes
    if parameters.keys() == shapes.keys() and all(
        getattr(parameters[name], "shape", None) == shape for name, shape in shapes.items()
    ):
        return
    missing = [name for name in shapes if name not in parameters]
    if missing:
        raise ParameterError(
            f"parameter {missing[0]!r} is missing ({len(missing)} of {len(shapes)} are); "
            f"give an array of shape {shapes[missing[0]]}"
        )
    unknown = [name for name in parameters if name not in shapes]
    if unknown:
        raise ParameterError(
            f"parameter {unknown[0]!r} belongs to no tensor group; the network takes "
            f"{', '.join(list(shapes)[:12])}: rename or remove it"
        )
    for name, shape in shapes.items():
        try:
            found = tuple(np.shape(parameters[name]))
        except ValueError as error:
            raise ParameterError(
                f"parameter {name!r} is no array ({error}); give rows of one length"
            ) from error
        if found != shape:
            raise ParameterError(
                f"parameter {name!r} has shape {found}; its tensors need {shape}: reshape it"
            )


def check_finite(parameters: Parameters) -> None:
    """Raise if an array holds NaN, an infinity or no numbers, naming the array and the entry.

    Raises
    ------
    ParameterError
        At the first entry that is not finite.
    """
    for name, values in parameters.items():
        if np.asarray(values).dtype.kind not in "biufc":
            raise ParameterError(
                f"parameter {name!r} has dtype {np.asarray(values).dtype}; give an array of numbers"
            )
        finite = np.isfinite(values)
        if not finite.all():
            where = tuple(int(i) for i in np.argwhere(~finite)[0])
            entry = np.asarray(values)[where]
            raise ParameterError(
                f"parameter {name!r} has {entry} at {where} ({int((~finite).sum())} of "
                f"{finite.size} entries are not finite); replace them"
            )


def save_parameters(
    network: TensorNetwork, parameters: Parameters, path: str | os.PathLike[str]
) -> Path:
    """Write parameters as an npz file, replacing it in one step.

    Parameters
    ----------
    network : TensorNetwork
        The network they belong to; they are checked against it first.
    parameters : mapping of str to array
        One array per parameter.
    path : path-like
        Where to write; its folder must exist.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    ParameterError
        If the arrays do not fit the network or are not finite; nothing is written.
    """
    check_parameters(network, parameters)
    check_finite(parameters)
    buffer = io.BytesIO()
    # Written entry by entry, because numpy.savez cannot store a parameter called "file".
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, values in parameters.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(values), allow_pickle=False)
    return write_atomically(path, buffer.getvalue())


def load_parameters(
    network: TensorNetwork, path: str | os.PathLike[str]
) -> dict[str, NDArray[Any]]:
    """Read parameters from an npz file and check them against the network.

    Parameters
    ----------
    network : TensorNetwork
        The network they belong to.
    path : path-like
        A file by `save_parameters` or ``numpy.savez``.

    Returns
    -------
    dict of str to ndarray
        One array per parameter.

    Raises
    ------
    FileFormatError
        If the file is not a complete npz archive.
    ParameterError
        If the arrays do not fit the network or are not finite.
    FileNotFoundError
        If there is no such file.
    """
    content = Path(path).read_bytes()
    # Read entry by entry, because numpy.load confuses parameters called "a" and "a.npy". What a
    # damaged archive makes zipfile, zlib and NumPy raise has no common base.
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parameters = {
                name.removesuffix(".npy"): np.lib.format.read_array(
                    io.BytesIO(archive.read(name)), allow_pickle=False
                )
                for name in archive.namelist()
            }
    except Exception as error:
        raise FileFormatError(
            f"{path}: not a complete npz archive of arrays ({error}); save the parameters again"
        ) from error
    try:
        check_parameters(network, parameters)
        check_finite(parameters)
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from error
    return parameters
