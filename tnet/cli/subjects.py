"""What the commands are about: a network from a file, and a partition by name."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from tnet.architectures.mixed import Mixed
from tnet.architectures.spec_files import load_spec
from tnet.errors import FileFormatError, PartitionError, TNetError
from tnet.geometry import partitions
from tnet.network.model import TensorNetwork
from tnet.network.storage import load

NAMED = {
    "left-right": partitions.left_right,
    "top-bottom": partitions.top_bottom,
    "odd-even": partitions.odd_even,
    "checkerboard": partitions.checkerboard,
    "centre": partitions.centre,
}

# Two examples of each: a shell then stops after what they share, where a number is to be typed;
# after a single one it would go on to the next word.
_NUMBERED = {"blocks": (2, 4), "random": (0, 1)}
_BITS = (2, 4)

SIDE_HELP = f"Side A: {', '.join(NAMED)}, blocks:SIZE, random:SEED, or mode numbers such as 0-3,8."

subject_argument = click.argument("subject", metavar="SPEC", type=click.Path(path_type=Path))


def side_names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Sides that begin as typed, for completion by the shell."""
    numbered = [f"{kind}:{number}" for kind, numbers in _NUMBERED.items() for number in numbers]
    return [name for name in (*NAMED, *numbered) if name.startswith(begun)]


def target_names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Targets that begin as typed, for completion by the shell."""
    targets = [f"{name}={bits}" for name in NAMED for bits in _BITS]
    return [target for target in targets if target.startswith(begun)]


def one_side(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> str | None:
    """Return the side that is typed, where there is one; two are a mistake, not a choice."""
    if len(values) > 1:
        raise click.UsageError(
            f"--side is given twice, as {values[0]!r} and {values[1]!r}; give it once"
        )
    return values[0] if values else None


def side_option(*, required: bool = True, help_text: str = SIDE_HELP) -> Callable[[Any], Any]:
    """Make the option that names side A."""
    return click.option(
        "--side",
        metavar="SIDE",
        required=required,
        multiple=True,
        callback=one_side,
        help=help_text,
        shell_complete=side_names,
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def network_from(path: Path) -> TensorNetwork:
    """Read a network: a spec in TOML is compiled, a network in JSON loaded."""
    if path.suffix == ".json":
        return load(path)
    if path.suffix == ".toml":
        spec = load_spec(path)
        if isinstance(spec, Mixed):
            raise FileFormatError(
                f"{path}: a mixed network is two networks that exchange channels, not one tensor "
                "network; give a Dilated spec of one of its trees, or draw both by tnet draw --of "
                "mode-tree"
            )
        return spec.compile()
    raise FileFormatError(
        f"{path}: suffix {path.suffix!r} says neither spec nor network; give a .toml spec or a "
        ".json network"
    )


def side_from(text: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Read side A as a person types it, a bool array of the input shape.

    Raises
    ------
    PartitionError
        If the text is no partition of inputs of this shape.

    Examples
    --------
    >>> side_from("0-1,3", (4,))
    array([ True,  True, False,  True])
    """
    try:
        return _side(text.strip(), shape)
    except TNetError as error:
        raise PartitionError(f"--side {text!r}: {error}") from error


def _side(text: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if text in NAMED:
        return NAMED[text](shape)
    kind, _, value = text.partition(":")
    if kind in ("blocks", "random") and value.isdecimal():
        number = int(value)
        if kind == "blocks":
            return partitions.blocks(shape, number)
        return partitions.random_balanced(shape, seed=number)
    side = np.zeros(math.prod(shape), dtype=bool)
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise PartitionError(
                f"{part!r} is neither a partition nor mode numbers; give one of "
                f"{', '.join(NAMED)}, blocks:SIZE, random:SEED, or modes such as 0-3,8"
            )
        modes = range(int(first), int(last or first) + 1)
        if not modes:
            raise PartitionError(f"{part!r} runs backwards; write the smaller mode first")
        if modes[-1] >= len(side):
            raise PartitionError(
                f"{part!r} leaves the modes 0..{len(side) - 1}; list modes among them"
            )
        if side[modes[0] : modes[-1] + 1].any():
            raise PartitionError(f"{part!r} repeats a mode that is listed before; list it once")
        side[modes[0] : modes[-1] + 1] = True
    return side.reshape(shape)


def print_json(document: dict[str, Any]) -> None:
    """Print a document as JSON for other programs."""
    click.echo(json.dumps(document, indent=2))
