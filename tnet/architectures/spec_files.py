"""Specs as TOML files."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tnet.architectures.convnet import ConvNet
from tnet.architectures.cp import CP
from tnet.architectures.deep_recurrent import DeepRecurrent
from tnet.architectures.dilated import Dilated
from tnet.architectures.hierarchical_tucker import HierarchicalTucker
from tnet.architectures.linear import Linear
from tnet.architectures.mixed import Mixed
from tnet.architectures.overlapping import Overlapping
from tnet.architectures.recurrent import Recurrent
from tnet.architectures.spec import Spec
from tnet.architectures.tensor_train import TensorTrain
from tnet.architectures.tucker import Tucker
from tnet.errors import FileFormatError, SpecError, TNetError
from tnet.geometry.mode_tree import ModeTree

_SHAPE, _PER_LEVEL = int | list[int], int | list[int | list[int]]
_ALL = {"features": int}
_MAY = {"shared": bool, "outputs": int, "operator": str}
_POOLED = {"pooling": str | list[Any], "window": _PER_LEVEL}

_FIELDS: dict[type[Spec], tuple[dict[str, Any], dict[str, Any]]] = {
    ConvNet: ({"inputs": _SHAPE} | _ALL | {"widths": list[int]}, _POOLED | _MAY),
    CP: ({"inputs": _SHAPE} | _ALL | {"width": int}, _MAY),
    Tucker: ({"inputs": _SHAPE} | _ALL | {"widths": _SHAPE}, _MAY),
    HierarchicalTucker: ({"inputs": _SHAPE} | _ALL | {"widths": list[int]}, _POOLED | _MAY),
    TensorTrain: ({"inputs": int} | _ALL | {"ranks": _SHAPE}, _MAY),
    Recurrent: ({"steps": int} | _ALL | {"hidden": int, "ranks": _SHAPE}, _MAY),
    DeepRecurrent: ({"steps": int} | _ALL | {"hidden": int}, {"layers": int} | _MAY),
    Dilated: (
        {"inputs": int} | _ALL | {"widths": list[int]},
        {"dilations": list[Any], "kernel": int} | _MAY,
    ),
    Overlapping: (
        {"inputs": _SHAPE} | _ALL | {"widths": list[int], "kernel": _PER_LEVEL},
        {"stride": _PER_LEVEL} | _MAY,
    ),
    Linear: ({"widths": list[int]}, {}),
    Mixed: (
        {"tree_a": list[Any], "tree_b": list[Any]} | _ALL | {"width": int},
        {"mixture": str | list[list[int]]} | _MAY,
    ),
}
"""Fields that a file of each architecture must have, and may have; left out, a spec's own defaults
hold."""

_KINDS = {kind.__name__: kind for kind in _FIELDS}


class _Header(msgspec.Struct):
    architecture: str


def load_spec(path: str | os.PathLike[str]) -> Spec:
    r"""Read an architecture from a TOML file.

    Parameters
    ----------
    path : path-like
        A file with ``architecture = "ConvNet"``, or the name of another spec, and the fields of
        that spec; a mode tree is written as nested lists, ``pooling = [[0, 1], 2]``.

    Returns
    -------
    Spec
        A `ConvNet`, or whatever `architecture` names.

    Raises
    ------
    FileFormatError
        If the file is not TOML.
    SpecError
        If a field is missing, unknown or has a value it cannot take; the message names file,
        field and remedy.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import pathlib, tempfile, tnet
    >>> text = 'architecture = "ConvNet"\ninputs = 4\nfeatures = 2\nwidths = [3, 3]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "arch.toml")
    ...     size = path.write_text(text)
    ...     tnet.load_spec(path).widths
    (3, 3)
    """
    content = Path(path).read_bytes()
    names: Sequence[str] = ()
    try:
        architecture = msgspec.toml.decode(content, type=_Header).architecture
        if architecture not in _KINDS:
            raise SpecError(
                f"{path}: architecture is {architecture!r}; choose one of {', '.join(_KINDS)}"
            )
        kind = _KINDS[architecture]
        required, optional = _FIELDS[kind]
        names = ["architecture", *required, *optional]
        described = msgspec.toml.decode(content, type=_file_of(kind))
    except msgspec.ValidationError as error:
        raise SpecError(f"{path}: {_explained(str(error), names)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: not TOML ({error}); mend the line it names") from None
    fields = msgspec.structs.asdict(described)
    try:
        return kind(
            **{
                name: _tree_or_value(name, value)
                for name, value in fields.items()
                if name != "architecture" and value is not msgspec.UNSET
            }
        )
    except TNetError as error:
        raise SpecError(f"{path}: {error}") from error


def _file_of(kind: type[Spec]) -> type[msgspec.Struct]:
    """Struct of the files that describe a kind of spec; what is left out is unset."""
    required, optional = _FIELDS[kind]
    return msgspec.defstruct(
        f"{kind.__name__}File",
        [
            ("architecture", str),
            *required.items(),
            *((name, type_ | msgspec.UnsetType, msgspec.UNSET) for name, type_ in optional.items()),
        ],
        forbid_unknown_fields=True,
    )


def _tree_or_value(name: str, value: Any) -> Any:
    """Read a mode tree where the field can hold one; dilations are numbers, their tree nested."""
    if name == "dilations":
        return ModeTree.from_nested(value) if any(isinstance(v, list) for v in value) else value
    is_tree = name in ("pooling", "tree_a", "tree_b") and isinstance(value, list)
    return ModeTree.from_nested(value) if is_tree else value


def _explained(message: str, names: Sequence[str]) -> str:
    """Say msgspec's finding with the path of the field first and the remedy last."""
    finding, _, place = message.partition(" - at `$")
    # What JSON calls an object is a table in TOML.
    finding = finding.replace("`object`", "`table`").replace("object |", "table |")
    field = place.rstrip("`").lstrip(".")
    unknown = re.search(r"unknown field `(.*)`", finding)
    missing = re.search(r"missing required field `(.*)`", finding)
    if unknown:
        known = ", ".join(names)
        return f"field {unknown[1]!r} is not known; the fields are {known}: rename or remove it"
    if missing:
        hint = ', such as architecture = "ConvNet"' if missing[1] == "architecture" else ""
        return f"field {missing[1]!r} is missing; add it{hint}"
    return f"field {field!r}: {finding[0].lower()}{finding[1:]}; change its value"
