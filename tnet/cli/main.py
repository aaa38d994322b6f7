"""The ``tnet`` command: gathers the commands, and says what went wrong in one line."""

import os
import sys
import warnings
from collections.abc import Sequence

import click

import tnet
from tnet.cli.completion import completion
from tnet.cli.cut import cut
from tnet.cli.demo import demo
from tnet.cli.design import design
from tnet.cli.draw import draw
from tnet.cli.entangle import entangle
from tnet.cli.explore import explore
from tnet.cli.plan import plan
from tnet.cli.profile import profile
from tnet.cli.version import version
from tnet.errors import RedundantWidthWarning, TNetError

_EXAMPLES = """\b
Examples:
  tnet demo                                    digits, cuts, pictures: the whole tour
  tnet cut arch.toml --side left-right         how strongly left and right can be entangled
  tnet entangle arch.toml --side left-right    how much of that its weights use
  tnet draw arch.toml --side 0-7 -o net.svg    the network with its cut
  tnet explore arch.toml -o net.html           the same to play with, in a browser
  tnet profile arch.toml -o profile.svg        the cut of a block by its length
  tnet design arch.toml --target left-right=6  the fewest parameters that reach a cut
  tnet plan arch.toml                          how it is contracted, and at what cost
  tnet completion bash >> ~/.bashrc            completes commands and sides by tab
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLES,
)
@click.version_option(tnet.__version__, prog_name="tnet")
def tnet_command() -> None:
    """What can this architecture correlate?"""


for command in (demo, cut, entangle, profile, design, plan, draw, explore, version, completion):
    tnet_command.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is one line on stderr and exit status 2."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", RedundantWidthWarning)
            warnings.showwarning = _warn
            code = tnet_command.main(
                arguments, prog_name="tnet", standalone_mode=False, color=_wish_for_colour()
            )
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except TNetError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _wish_for_colour() -> bool | None:
    """No colour where the environment asks for none; otherwise on a terminal only."""
    return False if os.environ.get("NO_COLOR") else None


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _say_on_stderr("tnet: warning:", "yellow", str(message))


def _fail(message: str) -> None:
    _say_on_stderr("tnet:", "red", message)
    sys.exit(2)


def _say_on_stderr(who: str, colour: str, message: str) -> None:
    """Print one line, whatever the message; outside a command colour is not decided yet."""
    line = f"{click.style(who, fg=colour)} {' '.join(message.split())}"
    click.echo(line, err=True, color=_wish_for_colour())
