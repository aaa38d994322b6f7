"""``tnet cut``: the least cut between two groups of inputs."""

from pathlib import Path
from typing import Any

import click

from tnet.cli.saying import say
from tnet.cli.subjects import (
    json_option,
    network_from,
    print_json,
    side_from,
    side_option,
    subject_argument,
)
from tnet.cuts.cut_formula import CutFormula
from tnet.cuts.formula import min_cut_formula
from tnet.cuts.min_cut import METHODS, min_cut
from tnet.cuts.result import MinCut
from tnet.cuts.schmidt_bound import schmidt_bound
from tnet.entanglement.certificates import max_schmidt_number
from tnet.entanglement.compare import interval_document
from tnet.entanglement.interval import SchmidtInterval

_SHOWN_INDICES = 12
_LARGEST_JSON_INT = 2**53


_EXAMPLES = """\b
Examples:
  tnet cut arch.toml --side left-right
  tnet cut arch.toml --side odd-even --formula
  tnet cut arch.toml --side 0-3,8 --json
  tnet cut arch.toml --side left-right --certify
"""


draws_option = click.option(
    "--draws",
    type=click.IntRange(min=0),
    help="Draws of weights at most for --certify, 2 unless given; 0 leaves theorems alone.",
)


@click.command(epilog=_EXAMPLES, short_help="The least cut between two groups of inputs.")
@subject_argument
@side_option()
@click.option("--method", type=click.Choice(METHODS), default="auto", help="How to find it.")
@click.option("--formula", is_flag=True, help="Also print it as a formula in the dims.")
@click.option("--certify", is_flag=True, help="Also prove how much of it weights can reach.")
@draws_option
@json_option
def cut(
    *,
    subject: Path,
    side: str,
    method: str,
    formula: bool,
    certify: bool,
    draws: int | None,
    as_json: bool,
) -> None:
    """Print the min cut of a network between side A and the rest.

    SPEC is an architecture in TOML or a network in JSON. The cut bounds the Schmidt number for
    all weights. With --certify follow the bound where weights are shared, and the largest Schmidt
    number over all weights: one number where a theorem or a certificate says so, else two proved
    bounds and why they do not meet. A certificate is a random draw of weights whose rank modulo a
    prime is the upper bound.
    """
    n_draws = draws_asked(certify, draws)
    network = network_from(subject)
    side_a = side_from(side, network.input_shape)
    found = min_cut(network, side_a, method=method)
    general = min_cut_formula(network, side_a) if formula else None
    interval = max_schmidt_number(network, side_a, draws=n_draws) if certify else None
    bound = schmidt_bound(network, side_a) if interval is None else interval.bound
    sharper = bound.dimension < found.dimension
    if not as_json:
        _print_cut(found, general)
        if interval is not None:
            _print_certified(interval)
        elif sharper:
            click.echo(f"  as weights are shared: Schmidt number at most {bound.dimension_text}")
        return
    document = {"subject": str(subject), "side": side, **cut_document(found)}
    if general is not None:
        document["formula"] = str(general)
    if sharper or certify:
        document["schmidt_bound"] = bound.dimension_text
        document["effective_widths"] = bound.effective_widths
    if interval is not None:
        document["max_schmidt_number"] = interval_document(interval)
    print_json(document)


def _print_cut(found: MinCut, general: CutFormula | None) -> None:
    say(str(found), headline=True)
    groups = [group for group in found.network.index_groups if group.role != "output"]
    widest = max([12, *(len(group.name) for group in groups)])
    longest = max([6, *(len(str(group.dim)) for group in groups)])
    for group in groups:
        times = found.factors.get(group.name, 0)
        of = "index  " if group.count == 1 else "indices"
        click.echo(
            f"  {group.name:<{widest}} dim {group.dim:<{longest}} {group.count:>9,} {of}"
            f" {times // group.multiplicity:>9,} cut"
        )
    if general is not None:
        click.echo(f"  for any dims: {general}")
        click.echo("\n".join(f"  {line}" for line in str(general.active()).splitlines()))
    shown = ", ".join(found.indices[:_SHOWN_INDICES])
    more = len(found.indices) - _SHOWN_INDICES
    click.echo(f"  cut: {shown or 'nothing'}{f', ... {more:,} more' if more > 0 else ''}")
    say(f"  {found.claim}")
    if found.claim.hypotheses:
        click.echo(f"  given: {'; '.join(found.claim.hypotheses)}")


def _print_certified(interval: SchmidtInterval) -> None:
    bound = interval.bound
    say(
        f"Schmidt number at most {bound.dimension_text}, min cut {bound.cut.dimension_text}  "
        f"({interval.sides_text}; {bound.claim.kind})",
        headline=True,
    )
    say(str(interval), headline=True)
    say(f"  {interval.claim}")
    if interval.claim.hypotheses:
        click.echo(f"  given: {'; '.join(interval.claim.hypotheses)}")


def draws_asked(certify: bool, draws: int | None) -> int:
    """Draws to make; an error where a number is given and nothing is to be certified."""
    if draws is not None and not certify:
        raise click.UsageError("--draws is about --certify; add it, or leave --draws out")
    return 2 if draws is None else draws


def cut_document(found: MinCut) -> dict[str, Any]:
    """Say a cut as JSON; a dimension beyond exact JSON numbers is told by factors and dims."""
    dims = {group.name: group.dim for group in found.network.index_groups}
    exact = found.log2 < 53 and found.dimension < _LARGEST_JSON_INT
    return {
        "dimension": found.dimension if exact else None,
        "dimension_text": found.dimension_text,
        "log2": found.log2,
        "factors": found.factors,
        "dims": {name: dims[name] for name in found.factors},
        "inputs_on_side_a": int(found.side_a.sum()),
        "inputs": len(found.side_a),
        "method": found.method,
        "slack_log2": found.slack_log2,
        "claim": {
            "kind": found.claim.kind,
            "reason": found.claim.reason,
            "hypotheses": list(found.claim.hypotheses),
        },
    }
