"""``tnet plan``: how a network is contracted, and at what cost."""

from pathlib import Path
from typing import Literal

import click

from tnet.cli.saying import say
from tnet.cli.subjects import json_option, network_from, print_json, subject_argument
from tnet.contraction.planning import plan as make_plan

_EXAMPLES = """\b
Examples:
  tnet plan arch.toml
  tnet plan arch.toml --optimize greedy --batch 64 --json
  tnet plan net.json --task contract --memory-limit 2000000000
"""


@click.command(epilog=_EXAMPLES, short_help="How a network is contracted, and at what cost.")
@subject_argument
@click.option(
    "--task",
    type=click.Choice(["evaluate", "contract"]),
    default="evaluate",
    help="With features attached, or with the inputs open.",
)
@click.option("--optimize", help="Of opt_einsum: greedy, dp, auto-hq, ...; or cotengra.")
@click.option(
    "--memory-limit",
    type=click.IntRange(min=1),
    metavar="BYTES",
    help="Take fewer examples at a time, and slice indices, to stay within it.",
)
@click.option("--batch", type=click.IntRange(min=1), default=1, help="Examples, for the JSON.")
@json_option
def plan(
    *,
    subject: Path,
    task: Literal["evaluate", "contract"],
    optimize: str | None,
    memory_limit: int | None,
    batch: int,
    as_json: bool,
) -> None:
    """Print the order in which a network is contracted, its cost and its memory.

    SPEC is an architecture in TOML or a network in JSON.
    """
    found = make_plan(
        network_from(subject), task=task, optimize=optimize, memory_limit=memory_limit
    )
    if not as_json:
        say(found.report(), headline=True)
        return
    print_json(
        {
            "subject": str(subject),
            "task": task,
            "batch": batch,
            "operands": found.operands.count,
            "steps": found.n_steps,
            "operations": len(found.schedule.operations),
            "slices": found.n_slices,
            "examples_at_once": found.examples_at_once(batch),
            "flops": found.flops_for(batch),
            "largest_intermediate_for_one_example": found.largest_intermediate,
            "peak_bytes": found.peak_bytes(batch),
            "path": [list(step) for step in found.path],
        }
    )
