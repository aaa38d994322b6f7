"""``tnet version``: which tnet this is, and what a bug report needs beside it."""

import importlib.metadata
import platform
import sys

import click

import tnet
from tnet.cli.subjects import json_option, print_json

_LIBRARIES = (
    "numpy",
    "scipy",
    "networkx",
    "opt-einsum",
    "array-api-compat",
    "python-flint",
    "msgspec",
    "click",
    "tqdm",
    "matplotlib",
    "anywidget",
    "torch",
    "jax",
    "distributed",
    "cotengra",
    "ortools",
    "scikit-learn",
)
_ABSENT = "not installed"

_EXAMPLES = """\b
Examples:
  tnet version
  tnet version --verbose
  tnet version --verbose --json
"""


@click.command(epilog=_EXAMPLES, short_help="The version; --verbose for a bug report.")
@click.option("-v", "--verbose", is_flag=True, help="Also Python, system and libraries.")
@json_option
def version(*, verbose: bool, as_json: bool) -> None:
    """Print the version; with --verbose all that a report of a bug should hold."""
    facts = {"tnet": tnet.__version__}
    if verbose:
        facts |= {
            "python": platform.python_version(),
            "system": platform.platform(),
            "word": f"{sys.maxsize.bit_length() + 1} bits",
        }
        facts |= {name: _version_of(name) for name in _LIBRARIES}
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name} {value}" if not verbose else f"{name:<24}{value}")


def _version_of(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return _ABSENT
