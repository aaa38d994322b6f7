"""``tnet explore``: a page on which inputs change sides and the cut follows."""

from pathlib import Path

import click

from tnet.cli.subjects import (
    SIDE_HELP,
    json_option,
    network_from,
    print_json,
    side_from,
    side_option,
    subject_argument,
)
from tnet.drawing.explorer.explore import THEMES, check_page
from tnet.drawing.explorer.explore import explore as explore_network

_EXAMPLES = """\b
Examples:
  tnet explore arch.toml -o network.html
  tnet explore arch.toml --side odd-even -o network.html
"""


@click.command(epilog=_EXAMPLES, short_help="A page to change sides on and see the cut.")
@subject_argument
@side_option(required=False, help_text=f"{SIDE_HELP} Left-right unless given.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write: .html.",
)
@click.option("--theme", type=click.Choice(THEMES), default="auto", help="Colours at first.")
@json_option
def explore(*, subject: Path, side: str | None, output: Path, theme: str, as_json: bool) -> None:
    """Write one HTML file: click or drag over inputs, and the min cut follows.

    SPEC is an architecture in TOML or a network in JSON. The file needs neither Python nor a
    network connection.
    """
    check_page(output)
    network = network_from(subject)
    side_a = None if side is None else side_from(side, network.input_shape)
    written = explore_network(network, side_a=side_a, theme=theme).save(output)
    if as_json:
        print_json({"subject": str(subject), "side": side, "written": str(written)})
    else:
        click.echo(f"wrote {written}")
