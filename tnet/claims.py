"""What a result says it is: a bound, or exact and why."""

from dataclasses import dataclass
from typing import Literal

ClaimKind = Literal[
    "upper bound",
    "lower bound",
    "exact by theorem",
    "exact by certificate",
    "no theorem",
    "numerical",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """How far a number may be trusted.

    Attributes
    ----------
    kind : {'upper bound', 'lower bound', 'exact by theorem', 'exact by certificate', \
'no theorem', 'numerical'}
        What the number is.
    reason : str
        The argument, in one or two sentences.
    hypotheses : tuple of str
        What was checked or assumed for the argument to hold.
    """

    kind: ClaimKind
    reason: str
    hypotheses: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"
