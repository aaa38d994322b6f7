"""``tnet draw``: a picture of a network with its cut, of its mode tree, or of its plan."""

from pathlib import Path

import click

from tnet.architectures.spec import Spec
from tnet.architectures.spec_files import load_spec
from tnet.cli.subjects import (
    json_option,
    network_from,
    print_json,
    side_from,
    side_option,
    subject_argument,
)
from tnet.contraction.planning import plan as make_plan
from tnet.drawing.draw import LAYOUTS, Drawing, check_picture
from tnet.drawing.draw import draw as draw_network
from tnet.drawing.mode_tree import draw_mode_tree
from tnet.drawing.plan_drawing import draw_plan
from tnet.errors import FileFormatError, PartitionError, StructureError

_EXAMPLES = """\b
Examples:
  tnet draw arch.toml -o network.svg
  tnet draw arch.toml --side left-right --layout radial -o cut.png
  tnet draw arch.toml --of mode-tree --side odd-even -o tree.svg
  tnet draw arch.toml --of schedule -o memory.svg
"""
_KINDS = ("network", "mode-tree", "plan", "schedule")


@click.command(epilog=_EXAMPLES, short_help="A picture of a network, with its cut.")
@subject_argument
@side_option(required=False)
@click.option(
    "--of",
    "kind",
    type=click.Choice(_KINDS),
    default="network",
    help="What to draw: the network, its mode tree, or how it is contracted.",
)
@click.option(
    "--layout", type=click.Choice(LAYOUTS), default="auto", help="Of a network: rows or rings."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write: .svg, .png, .pdf, .dot for Graphviz, or .html for a page to explore.",
)
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", help="Colours.")
@json_option
def draw(
    *,
    subject: Path,
    side: str | None,
    kind: str,
    layout: str,
    output: Path,
    theme: str,
    as_json: bool,
) -> None:
    """Draw a network with inputs in order, levels visible, and the cut dashed.

    SPEC is an architecture in TOML or a network in JSON.
    """
    check_picture(output, or_graph=kind != "schedule", or_page=kind == "network")
    if layout != "auto" and kind != "network":
        raise StructureError(f"--layout {layout} is of a network; leave it out with --of {kind}")
    if kind == "network":
        network = network_from(subject)
        side_a = None if side is None else side_from(side, network.input_shape)
        drawing = draw_network(network, side_a=side_a, layout=layout, theme=theme)
    elif kind == "mode-tree":
        drawing = _mode_tree(subject, side, theme)
    else:
        drawing = _plan(subject, side, kind, theme)
    written = drawing.save(output)
    if as_json:
        print_json({"subject": str(subject), "of": kind, "side": side, "written": str(written)})
    else:
        click.echo(f"wrote {written}")


def _mode_tree(subject: Path, side: str | None, theme: str) -> Drawing:
    if subject.suffix != ".toml":
        raise FileFormatError(
            f"{subject}: only an architecture has a mode tree; give a .toml spec, or draw the "
            "network"
        )
    spec: Spec = load_spec(subject)
    side_a = None if side is None else side_from(side, spec.shape)
    return draw_mode_tree(spec, side_a=side_a, theme=theme)


def _plan(subject: Path, side: str | None, kind: str, theme: str) -> Drawing:
    if side is not None:
        raise PartitionError(f"--side {side!r}: a plan has no sides; leave --side out")
    view = "schedule" if kind == "schedule" else "auto"
    return draw_plan(make_plan(network_from(subject)), view=view, theme=theme)
