"""One case of bad input: a line of code that must fail, and the names it may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Code that raises; `said` (Markdown) stands for it where code would not tell.

    `rounding` is a pattern of what the message says and machines differ in.
    """

    code: str
    said: str = ""
    rounding: str = ""


@dataclass(frozen=True)
class Group:
    """Cases of one kind of work, all run after `setup`, which the table shows."""

    title: str
    setup: str
    cases: tuple[Case | str, ...]

    def __iter__(self):
        return (case if isinstance(case, Case) else Case(case) for case in self.cases)
