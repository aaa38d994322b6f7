"""``tnet demo``: digits, cuts under two pooling geometries, checks and pictures."""

import json
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from tnet.claims import Claim
from tnet.cli.cut import cut_document
from tnet.cli.saying import say
from tnet.cli.subjects import json_option, print_json
from tnet.cuts.products import powers_text
from tnet.design.demo import PARTITIONS, STAGES, DemoReport, run_demo
from tnet.drawing.draw import draw
from tnet.files import write_atomically

_DRAWN = ("left/right", "checkerboard")


@click.command(short_help="The tour: two pooling geometries on images of digits.")
@click.option(
    "-o",
    "--output",
    default="tnet-demo",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for pictures and report.",
    show_default=True,
)
@json_option
def demo(output: Path, *, as_json: bool) -> None:
    """Run the tour: what can two pooling geometries correlate in images of digits?

    Compiles convolutional circuits over 8x8 pixels with square and with mirror pooling, prints
    how strongly each can entangle two groups of pixels, runs 1,797 images through both, checks
    the numbers, and writes pictures and a report.
    """
    pictures = [(name, title) for title in _DRAWN for name in ("square", "mirror")]
    steps = len(STAGES) + len(pictures)
    # None: no bar where nobody watches, so that logs stay readable.
    with tqdm(total=steps, unit="step", leave=False, disable=None) as bar:

        def done(stage: str) -> None:
            bar.set_postfix_str(stage)
            bar.update()

        report = run_demo(progress=done)
        output.mkdir(parents=True, exist_ok=True)
        document = _document(report)
        text = json.dumps(document, indent=2)
        written = [write_atomically(output / "report.json", text.encode())]
        for name, title in pictures:
            cut = report.geometries[name].cuts[title]
            drawing = draw(cut.network, cut=cut)
            stem = f"{name}-{title.replace('/', '-')}"
            written += [drawing.save(output / f"{stem}.{kind}") for kind in ("svg", "png")]
            done(f"drawing {stem}")
    if as_json:
        print_json({**document, "written": [str(path) for path in written]})
        return
    for line in _lines(report):
        say(line)
    click.echo(f"\nwrote {len(written)} files to {output}/:")
    for path in written:
        click.echo(f"  {path}")


def _lines(report: DemoReport) -> list[str]:
    square, mirror = report.geometries["square"], report.geometries["mirror"]
    widths = ", ".join(map(str, square.spec.widths))
    lines = [
        f"Networks over 8x8 pixels, features b and 1-b, widths {widths}, 10 outputs.",
        "",
        "How strongly can two groups of pixels be entangled?  (min cut, and what is cut)",
        f"  {'partition':<14}{'square pooling':<34}mirror pooling",
    ]
    for title in PARTITIONS:
        cells = [
            f"{on.cuts[title].dimension_text} = {powers_text(on.cuts[title].factors)}"
            for on in (square, mirror)
        ]
        lines.append(f"  {title:<14}{cells[0]:<34}{cells[1]:<34}".rstrip())
    lines += [*_claim_lines([on.cuts[t].claim for on in (square, mirror) for t in on.cuts]), ""]
    lines.append(
        f"{report.n_train + report.n_test:,} images through both networks; the output layer alone "
        f"is fitted by least squares"
    )
    lines.append(f"on {report.n_train:,} images, all layers below it are random:")
    for name, on in report.geometries.items():
        lines.append(
            f"  {name:<8} test accuracy {on.test_accuracy:.1%} on {report.n_test} images "
            f"(train {on.train_accuracy:.1%}); scores equal a plain NumPy forward pass to "
            f"{on.difference:.1e}"
        )
    lines += ["", "Is the cut the true rank?  4x4 pixels, random weights, dense SVD:"]
    for check in report.rank_checks:
        verdict = "equal" if check.rank == check.cut.dimension else "smaller"
        lines.append(
            f"  {check.spec.pooling!s:<8} {check.partition:<14} cut "
            f"{check.cut.dimension:>5,}   rank {check.rank:>5,}   {verdict}"
        )
    return lines


def _claim_lines(claims: list[Claim]) -> list[str]:
    """Say once what several numbers share."""
    return [f"  {claim}" for claim in dict.fromkeys(claims)]


def _document(report: DemoReport) -> dict[str, Any]:
    return {
        "images": {"train": report.n_train, "test": report.n_test, "shape": [8, 8]},
        "geometries": {
            name: {
                "widths": list(on.spec.widths),
                "n_parameters": on.spec.n_parameters,
                "cuts": {title: cut_document(cut) for title, cut in on.cuts.items()},
                "difference_to_plain_forward_pass": on.difference,
                "train_accuracy": on.train_accuracy,
                "test_accuracy": on.test_accuracy,
                "fitted": "the output layer alone; the layers below are random",
            }
            for name, on in report.geometries.items()
        },
        "rank_checks": [
            {
                "shape": list(check.spec.shape),
                "widths": list(check.spec.widths),
                "pooling": check.spec.pooling,
                "partition": check.partition,
                "cut": check.cut.dimension,
                "rank": check.rank,
            }
            for check in report.rank_checks
        ],
    }
