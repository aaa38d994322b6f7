"""``tnet entangle``: how much of its cut a network uses with given weights."""

from pathlib import Path
from typing import Any

import click

from tnet.cli.cut import draws_asked, draws_option
from tnet.cli.saying import say
from tnet.cli.subjects import (
    json_option,
    network_from,
    print_json,
    side_from,
    side_option,
    subject_argument,
)
from tnet.entanglement.compare import LARGEST, Comparison, compare, table_text
from tnet.network.parameters import load_parameters, random_parameters

_EXAMPLES = """\b
Examples:
  tnet entangle arch.toml --parameters trained.npz --side left-right
  tnet entangle arch.toml --parameters trained.npz --side odd-even --output 3 --certify
  tnet entangle arch.toml --seed 7 --side left-right --json
"""


@click.command(epilog=_EXAMPLES, short_help="How much of its cut given weights use.")
@subject_argument
@side_option()
@click.option(
    "--parameters",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Weights: .npz by tnet.save_parameters.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Of weights drawn at random, in place of a file; 0 unless given.",
)
@click.option(
    "--output",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Which score, of those that the network has.",
)
@click.option("--certify", is_flag=True, help="Also prove how much of the cut weights can reach.")
@draws_option
@json_option
def entangle(
    *,
    subject: Path,
    side: str,
    parameters: Path | None,
    seed: int | None,
    output: int,
    certify: bool,
    draws: int | None,
    as_json: bool,
) -> None:
    """Print how strongly a network with its weights entangles side A and the rest.

    SPEC is an architecture in TOML or a network in JSON. Its weights are those of --parameters;
    without, what an untrained network has: normal numbers of standard deviation 1/sqrt(fan-in).
    The table holds the bounds for all weights, then what these weights have: the Schmidt number
    (singular values above the tolerance; a large gap says that it does not hang on that), entropy,
    effective rank, and geometric measure.
    """
    n_draws = draws_asked(certify, draws)
    if parameters is not None and seed is not None:
        raise click.UsageError("--parameters and --seed are two sources of weights; give one")
    network = network_from(subject)
    side_a = side_from(side, network.input_shape)
    seed = 0 if seed is None else seed
    if parameters is None:
        weights: dict[str, Any] = random_parameters(network, seed=seed)
    else:
        weights = load_parameters(network, parameters)
    found = compare(network, side_a, weights, output=output, draws=n_draws if certify else 0)
    if as_json:
        source = {
            "parameters": None if parameters is None else str(parameters),
            "seed": seed if parameters is None else None,
        }
        document = {"subject": str(subject), "side": side, **source, **found.as_dict()}
        if not certify:
            del document["max_schmidt_number"]
        print_json(document)
        return
    say(_heading(found, parameters, seed), headline=True)
    rows = [row for row in found.rows if certify or row[0] != LARGEST]
    say(table_text(rows))
    if certify:
        say(f"  {found.interval.claim}")


def _heading(found: Comparison, parameters: Path | None, seed: int) -> str:
    weights = f"random weights, seed {seed}" if parameters is None else f"weights of {parameters}"
    return f"{found.interval.sides_text}, {weights}"
