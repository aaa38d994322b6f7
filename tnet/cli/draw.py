"""``tnet draw``: a picture of a network, with its cut if a side is given."""

from pathlib import Path

import click

from tnet.cli.subjects import SIDE_HELP, network_from, side_from, subject_argument
from tnet.drawing.draw import check_picture
from tnet.drawing.draw import draw as draw_network

_EXAMPLES = """\b
Examples:
  tnet draw arch.toml -o network.svg
  tnet draw arch.toml --side left-right -o cut.png
"""


@click.command(epilog=_EXAMPLES, short_help="A picture of a network, with its cut.")
@subject_argument
@click.option("--side", metavar="SIDE", help=SIDE_HELP)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write: .svg, .png, .pdf, or .html for a page to explore.",
)
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", help="Colours.")
def draw(subject: Path, side: str | None, output: Path, theme: str) -> None:
    """Draw a network with inputs in order, levels visible, and the cut dashed.

    SPEC is an architecture in TOML or a network in JSON.
    """
    check_picture(output, or_page=True)
    network = network_from(subject)
    side_a = None if side is None else side_from(side, network.input_shape)
    written = draw_network(network, side_a=side_a, theme=theme).save(output)
    click.echo(f"wrote {written}")
