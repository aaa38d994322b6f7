"""How commands speak: headlines stand out and claims have a colour, on a terminal only."""

import re

import click

COLOURS = {
    "exact by theorem": "green",
    "exact by certificate": "green",
    "upper bound": "yellow",
    "lower bound": "yellow",
    "no theorem": "red",
    "numerical": "cyan",
}
_KINDS = re.compile("|".join(COLOURS))


def say(text: str, *, headline: bool = False) -> None:
    """Print text; what kind of statement it makes is coloured where a person reads it.

    Parameters
    ----------
    text : str
        One or more lines.
    headline : bool
        Whether the first line is the answer, and bold.

    Examples
    --------
    >>> say("min cut 4 = r3  (8 against 8 inputs; exact by theorem)", headline=True)
    min cut 4 = r3  (8 against 8 inputs; exact by theorem)
    """
    first, newline, rest = text.partition("\n")
    # Bold up to the bracket, so that the colour of the kind does not end it.
    answer, bracket, said = first.partition("  (")
    shown = click.style(answer, bold=True) if headline else _coloured(answer)
    click.echo(f"{shown}{_coloured(bracket + said)}{newline}{_coloured(rest)}")


def _coloured(text: str) -> str:
    return _KINDS.sub(lambda found: click.style(found[0], fg=COLOURS[found[0]]), text)
