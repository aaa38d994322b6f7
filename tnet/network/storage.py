"""Networks as versioned JSON: the structure, without parameters."""

import os
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from tnet.errors import FileFormatError, TNetError
from tnet.files import write_atomically
from tnet.network.groups import IndexGroup, Operator, Role, TensorGroup, frozen_ids
from tnet.network.model import TensorNetwork

VERSION = 1


class _Header(msgspec.Struct):
    format: Literal["tnet network"]
    version: int


class _IndexGroup(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    dim: int
    count: int
    role: Role
    operator: Operator
    multiplicity: int


class _TensorGroup(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    indices: list[list[int]]
    shared: bool
    parameter: str
    layer: int
    operator: Operator
    root_axis: int | None


class _Network(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal["tnet network"]
    version: int
    index_groups: list[_IndexGroup]
    tensor_groups: list[_TensorGroup]
    inputs: list[int]
    input_modes: list[int]
    outputs: list[int]
    input_shape: list[int]


def save(network: TensorNetwork, path: str | os.PathLike[str]) -> Path:
    """Write the structure of `network` as JSON, replacing the file in one step.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    path : path-like
        Where to write; its folder must exist.

    Returns
    -------
    Path
        The path written.

    Examples
    --------
    >>> import pathlib, tempfile, tnet
    >>> net = tnet.from_einsum("ab,bc->ac", (2, 3), (3, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tnet.load(tnet.save(net, pathlib.Path(folder, "net.json"))) == net
    True
    """
    document = _Network(
        format="tnet network",
        version=VERSION,
        index_groups=[
            _IndexGroup(g.name, g.dim, g.count, g.role, g.operator, g.multiplicity)
            for g in network.index_groups
        ],
        tensor_groups=[
            _TensorGroup(
                g.name, g.indices.tolist(), g.shared, g.parameter, g.layer, g.operator, g.root_axis
            )
            for g in network.tensor_groups
        ],
        inputs=network.inputs.tolist(),
        input_modes=network.input_modes.tolist(),
        outputs=network.outputs.tolist(),
        input_shape=list(network.input_shape),
    )
    return write_atomically(path, msgspec.json.encode(document))


def load(path: str | os.PathLike[str]) -> TensorNetwork:
    """Read a network that `save` wrote.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    TensorNetwork
        Equal to the network saved.

    Raises
    ------
    FileFormatError
        If the file is truncated, is not a tnet network, is of a newer version, or describes parts
        that do not fit.
    FileNotFoundError
        If there is no such file.
    """
    content = Path(path).read_bytes()
    try:
        header = msgspec.json.decode(content, type=_Header)
        if header.version != VERSION:
            remedy = "upgrade tnet" if header.version > VERSION else "save the network again"
            raise FileFormatError(
                f"{path}: version {header.version} of the network format; this tnet reads "
                f"version {VERSION}: {remedy}"
            )
        document = msgspec.json.decode(content, type=_Network)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{path}: not a complete tnet network ({error}); save the network again"
        ) from error
    try:
        return _network(document)
    except TNetError as error:
        raise FileFormatError(f"{path}: {error}") from error


def _network(document: _Network) -> TensorNetwork:
    index_groups = tuple(
        IndexGroup(g.name, g.dim, g.count, g.role, g.operator, g.multiplicity)
        for g in document.index_groups
    )
    tensor_groups = []
    for g in document.tensor_groups:
        orders = {len(row) for row in g.indices}
        if len(orders) != 1:
            raise FileFormatError(
                f"tensor group {g.name!r} has rows of lengths {sorted(orders)}; all rows of a "
                "group have one length: save the network again"
            )
        rows = np.array(g.indices).reshape(len(g.indices), *orders)
        ids = frozen_ids(rows, what=f"tensor group {g.name!r}", ndim=2)
        tensor_groups.append(
            TensorGroup(g.name, ids, g.shared, g.parameter, g.layer, g.operator, g.root_axis)
        )
    return TensorNetwork(
        index_groups,
        tuple(tensor_groups),
        frozen_ids(document.inputs, what="inputs", ndim=1),
        frozen_ids(document.input_modes, what="input_modes", ndim=1),
        frozen_ids(document.outputs, what="outputs", ndim=1),
        tuple(document.input_shape),
    )
