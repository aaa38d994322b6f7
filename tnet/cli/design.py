"""``tnet design``: the widths with the fewest parameters that reach asked cuts."""

import math
import re
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.architectures.spec_files import load_spec
from tnet.cli.saying import say
from tnet.cli.subjects import (
    json_option,
    print_json,
    side_from,
    subject_argument,
    target_names,
)
from tnet.design.widths import design_widths
from tnet.errors import DesignError, FileFormatError

_EXAMPLES = """\b
Examples:
  tnet design arch.toml --target left-right=6 --target odd-even=32
  tnet design arch.toml --target centre=8 --budget 5000
"""


@click.command(epilog=_EXAMPLES, short_help="Widths with the fewest parameters for asked cuts.")
@subject_argument
@click.option(
    "--target",
    "targets",
    metavar="SIDE=LOG2",
    multiple=True,
    required=True,
    shell_complete=target_names,
    help="A partition, as for cut --side, and the log2 its cut should have; may be repeated.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Parameters to stay within; then the smallest ratio to the targets is maximised.",
)
@json_option
def design(subject: Path, targets: tuple[str, ...], budget: int | None, as_json: bool) -> None:
    """Choose the widths of an architecture so that its cuts reach what is asked.

    SPEC is an architecture in TOML; its widths are replaced.
    """
    if subject.suffix == ".json":
        raise FileFormatError(f"{subject}: a network has no widths to choose; give a .toml spec")
    spec = load_spec(subject)
    if not isinstance(spec, ConvNet):
        raise DesignError(
            f"{subject}: widths are chosen for a ConvNet, and this is {type(spec).__name__}; "
            "choose its widths by hand, and compare what they cut"
        )
    asked = [_target(text, spec.shape) for text in targets]
    try:
        found = design_widths(spec, asked, budget=budget)
    except DesignError as error:
        # Targets are known to the caller by what was typed, not by number.
        named = re.sub(
            r"^target (\d+)", lambda match: f"--target {targets[int(match[1])]!r}", str(error)
        )
        raise DesignError(f"{subject}: {named}") from error
    rows = list(zip(targets, found.targets, found.cuts, strict=True))
    if as_json:
        print_json(
            {
                "subject": str(subject),
                "widths": list(found.spec.widths),
                "n_parameters": found.n_parameters,
                "ratio": found.ratio if math.isfinite(found.ratio) else None,
                "targets": [
                    {
                        "side": name.rpartition("=")[0],
                        "asked_log2": bits,
                        "log2": cut.log2,
                        "schmidt_bound_log2": bound.log2,
                    }
                    for (name, bits, cut), bound in zip(rows, found.bounds, strict=True)
                ],
                "claim": {"kind": found.claim.kind, "reason": found.claim.reason},
            }
        )
        return
    say(f"widths = {list(found.spec.widths)}", headline=True)
    click.echo(f"  {found.n_parameters:,} parameters: {found.claim.reason}")
    for (name, bits, cut), bound in zip(rows, found.bounds, strict=True):
        shared = f", Schmidt number at most {bound.dimension_text}" if found.spec.shared else ""
        side = name.rpartition("=")[0]
        click.echo(f"  {side:<14} asked 2^{bits:.6g}, cut {cut.dimension_text}{shared}")


def _target(text: str, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], float]:
    side, equals, bits = text.rpartition("=")
    if not equals:
        raise DesignError(
            f"--target {text!r} has no =LOG2; write the side and the log2 of its cut, such as "
            "left-right=6"
        )
    try:
        value = float(bits)
    except ValueError:
        raise DesignError(
            f"--target {text!r}: {bits!r} is not a number; write SIDE=LOG2, such as left-right=6"
        ) from None
    return side_from(side, shape), value
