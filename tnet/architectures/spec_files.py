"""Specs as TOML files."""

import os
import re
from pathlib import Path
from typing import Any, cast

import msgspec

from tnet.architectures.convnet import ConvNet
from tnet.errors import FileFormatError, SpecError, TNetError
from tnet.geometry.mode_tree import ModeTree
from tnet.geometry.pooling import Window
from tnet.network.groups import Operator


class _Header(msgspec.Struct):
    architecture: str


class _ConvNetFile(msgspec.Struct, forbid_unknown_fields=True):
    architecture: str
    inputs: int | list[int]
    features: int
    widths: list[int]
    pooling: str | list[Any] = "square"
    window: int | list[int | list[int]] = 2
    shared: bool = False
    outputs: int = 1
    operator: str = "product"

    def spec(self) -> ConvNet:
        """Return the spec the file describes; nested lists as pooling are a mode tree."""
        tree = None if isinstance(self.pooling, str) else ModeTree.from_nested(self.pooling)
        window: Window = (
            self.window
            if isinstance(self.window, int)
            else [tuple(entry) if isinstance(entry, list) else entry for entry in self.window]
        )
        return ConvNet(
            self.inputs if isinstance(self.inputs, int) else tuple(self.inputs),
            features=self.features,
            widths=self.widths,
            pooling=tree or str(self.pooling),
            window=window,
            shared=self.shared,
            outputs=self.outputs,
            operator=cast(Operator, self.operator),
        )


_KINDS = {"ConvNet": _ConvNetFile}


def load_spec(path: str | os.PathLike[str]) -> ConvNet:
    r"""Read an architecture from a TOML file.

    Parameters
    ----------
    path : path-like
        A file with ``architecture = "ConvNet"`` and the fields of that spec; a mode tree is
        written as nested lists, ``pooling = [[0, 1], 2]``.

    Returns
    -------
    ConvNet

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
    try:
        architecture = msgspec.toml.decode(content, type=_Header).architecture
        if architecture not in _KINDS:
            raise SpecError(
                f"{path}: architecture is {architecture!r}; choose one of {', '.join(_KINDS)}"
            )
        described = msgspec.toml.decode(content, type=_KINDS[architecture])
    except msgspec.ValidationError as error:
        raise SpecError(f"{path}: {_explained(str(error))}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: not TOML ({error}); mend the line it names") from None
    try:
        return described.spec()
    except TNetError as error:
        raise SpecError(f"{path}: {error}") from error


def _explained(message: str) -> str:
    """Say msgspec's finding with the path of the field first and the remedy last."""
    finding, _, place = message.partition(" - at `$")
    field = place.rstrip("`").lstrip(".")
    unknown = re.search(r"unknown field `(.*)`", finding)
    missing = re.search(r"missing required field `(.*)`", finding)
    names = [field.name for field in msgspec.structs.fields(_ConvNetFile)]
    if unknown:
        return f"field {unknown[1]!r} is not known; the fields are {', '.join(names)}"
    if missing:
        hint = ', such as architecture = "ConvNet"' if missing[1] == "architecture" else ""
        return f"field {missing[1]!r} is missing; add it{hint}"
    return f"field {field!r}: {finding[0].lower()}{finding[1:]}; change its value"
