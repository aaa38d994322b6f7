"""``tnet profile``: cuts of contiguous blocks by their length."""

from pathlib import Path

import click
import numpy as np

from tnet.cli.saying import say
from tnet.cli.subjects import json_option, network_from, print_json, subject_argument
from tnet.cuts.profile import CutProfile, cut_profile
from tnet.drawing.charts import draw_curves, draw_heat_map
from tnet.drawing.draw import Drawing, check_picture
from tnet.errors import FileFormatError

_SHOWN_ROWS = 16

_EXAMPLES = """\b
Examples:
  tnet profile arch.toml
  tnet profile arch.toml -o curves.svg --map map.png
"""

_PICTURE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=_EXAMPLES, short_help="The cut of a block of inputs by its length.")
@subject_argument
@click.option("-o", "--output", type=_PICTURE, help="Write the curves: .svg, .png or .pdf.")
@click.option("--map", "heat_map", type=_PICTURE, help="Write the map by length and position.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", help="Colours.")
@json_option
def profile(
    subject: Path, output: Path | None, heat_map: Path | None, theme: str, as_json: bool
) -> None:
    """Print the least, median and largest cut of a contiguous block, over all its positions.

    A block is a run of inputs on a line and a square on a grid. SPEC is an architecture in TOML
    or a network in JSON.
    """
    pictures = [(path, draw) for path, draw in ((output, _curves), (heat_map, _map)) if path]
    for path, _ in pictures:
        check_picture(path)
    if output is not None and output == heat_map:
        raise FileFormatError(f"{output}: curves and map need a file each; rename one")
    found = cut_profile(network_from(subject))
    if as_json:
        print_json(
            {
                "subject": str(subject),
                "lengths": found.lengths.tolist(),
                "least_log2": found.least.tolist(),
                "median_log2": found.median.tolist(),
                "largest_log2": found.largest.tolist(),
                "claim": {"kind": found.claim.kind, "reason": found.claim.reason},
            }
        )
    else:
        _print_table(found)
    for path, draw in pictures:
        click.echo(f"wrote {draw(found, theme).save(path)}", err=as_json)


def _print_table(found: CutProfile) -> None:
    say("log2 of the min cut of a block, over all positions", headline=True)
    click.echo(f"  {'length':>8} {'least':>12} {'median':>12} {'largest':>12}")
    rows = np.unique(np.linspace(0, len(found.lengths) - 1, _SHOWN_ROWS).round().astype(int))
    for row in rows:
        values = (found.least[row], found.median[row], found.largest[row])
        cells = " ".join(f"{value:>12.6g}" for value in values)
        click.echo(f"  {found.lengths[row]:>8,} {cells}")
    say(f"  {found.claim}")


def _curves(found: CutProfile, theme: str) -> Drawing:
    return draw_curves(
        {
            "largest": (found.lengths, found.largest),
            "median": (found.lengths, found.median),
            "least": (found.lengths, found.least),
        },
        title="Min cut of a block by its length",
        x_label="length of the block",
        y_label="log2 cut",
        theme=theme,
    )


def _map(found: CutProfile, theme: str) -> Drawing:
    return draw_heat_map(
        found.matrix,
        title="Min cut of a block by length and position",
        x_label="first position",
        y_label="length",
        unit="bits",
        first_row=int(found.lengths[0]),
        theme=theme,
    )
