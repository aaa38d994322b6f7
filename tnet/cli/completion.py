"""``tnet completion``: what a shell needs to complete commands, options, sides and files."""

import click
from click.shell_completion import get_completion_class

from tnet.errors import StructureError

SHELLS = ("bash", "zsh", "fish")

_EXAMPLES = """\b
Examples:
  tnet completion bash >> ~/.bashrc
  tnet completion zsh >> ~/.zshrc
  tnet completion fish > ~/.config/fish/completions/tnet.fish
"""


@click.command(epilog=_EXAMPLES, short_help="Tab completion for bash, zsh and fish.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the lines that teach a shell to complete tnet's commands, options and sides."""
    kind = get_completion_class(shell)
    if kind is None:
        raise StructureError(
            f"this click has no completion for {shell}; install click 8.1 or later"
        )
    root = context.find_root().command
    click.echo(kind(root, {}, "tnet", "_TNET_COMPLETE").source())
