"""Every error message of tnet, seen by causing it; run as a script, this writes docs/errors.md.

From the top folder: ``python tests/error_table.py``.
"""

import ast
import builtins
import contextlib
import functools
import re
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from error_cases import GROUPS
from error_cases.case import Case, Group

import tnet
from tnet import errors

PACKAGE = Path(tnet.__file__).parent
PAGE = Path(__file__).parent.parent / "docs" / "errors.md"

_NOT_OURS = {*dir(builtins), "click.UsageError", "_TooDearError"}
"""What a `raise` may name that is no error of tnet: Python's own, click's, and a signal within a
search."""


@dataclass(frozen=True)
class Site:
    """A `raise` of an error of tnet: the file within the package, its lines and its source."""

    file: str
    first: int
    last: int
    source: str

    def __str__(self) -> str:
        return f"tnet/{self.file}:{self.first}: {self.source}"


@dataclass(frozen=True)
class Row:
    """What came of a case: the error, and where the package raised it and what caused it."""

    group: str
    case: Case
    error: BaseException | None
    places: tuple[tuple[str, int], ...]

    @property
    def kind(self) -> str:
        """Name of the error's class."""
        return type(self.error).__name__

    @property
    def message(self) -> str:
        """The message, with an ellipsis for words of another library and for rounding."""
        message = str(self.error)
        for cause in _chain(self.error)[1:]:
            if str(cause) and not isinstance(cause, errors.TNetError | KeyError):
                message = message.replace(str(cause), "...")
        return re.sub(self.case.rounding, "...", message) if self.case.rounding else message


def sites() -> list[Site]:
    """All `raise` statements of the package that make an error of tnet."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Raise) or node.exc is None:
                continue
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if ast.unparse(called) not in _NOT_OURS:
                source = " ".join(ast.unparse(node).split())
                file = path.relative_to(PACKAGE).as_posix()
                found.append(Site(file, node.lineno, node.end_lineno or node.lineno, source))
    return found


@functools.cache
def rows() -> tuple[Row, ...]:
    """Run all cases, each in an empty folder that its group's setup may have filled."""
    return tuple(row for group in GROUPS for row in _rows_of(group))


def _rows_of(group: Group) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        names: dict[str, object] = {}
        exec(compile(group.setup, f"<setup of {group.title}>", "exec"), names)
        for case in group:
            error = _error_of(case, names)
            places = [_place(cause) for cause in _chain(error)]
            yield Row(group.title, case, error, tuple(filter(None, places)))


def _error_of(case: Case, names: dict[str, object]) -> BaseException | None:
    try:
        exec(compile(case.code, f"<{case.code}>", "exec"), dict(names))
    except Exception as error:
        return error
    return None


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return an error, what caused it, and so on."""
    return [] if error is None else [error, *_chain(error.__cause__ or error.__context__)]


def _place(error: BaseException) -> tuple[str, int] | None:
    """File and line of the innermost frame of an error that is in the package."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if PACKAGE in path.parents:
            return path.relative_to(PACKAGE).as_posix(), frame.lineno or 0
    return None


_HEAD = """\
# Errors

Whatever tnet refuses, it refuses with a subclass of `tnet.TNetError` that is also the builtin one
would expect: `except ValueError` catches a wrong value without knowing tnet. A message is one line:
the rule or the finding, where it is, and what to do.

Below is every message, by what was being done. The lines of Python are run by the tests, after the
setup above their table. `...` stands for words of another library, and for what differs between
machines. This page is written by `python tests/error_table.py`.

| class | is also | what it means |
| --- | --- | --- |
"""


def page() -> str:
    """Return docs/errors.md as it should be."""
    kinds = [kind for kind in vars(errors).values() if _is_error(kind)]
    lines = [
        f"| `{kind.__name__}` | {_code(kind.__bases__[-1].__name__)} | {_meaning(kind)} |"
        for kind in kinds
    ]
    return _HEAD + "\n".join(lines) + "\n" + "".join(map(_section, GROUPS))


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.TNetError)


def _meaning(kind: type) -> str:
    return (kind.__doc__ or "").splitlines()[0]


def _section(group: Group) -> str:
    lines = [f"\n## {group.title}\n", "```py", group.setup + "```\n"]
    lines += ["| case | class | message |", "| --- | --- | --- |"]
    for row in rows():
        if row.group == group.title:
            said = row.case.said or _code(row.case.code)
            lines.append(f"| {said} | `{row.kind}` | {_code(row.message)} |")
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Set as code in a table, where a bar must be escaped and a backtick fenced."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', chr(92) + '|')}{fence}"


if __name__ == "__main__":
    PAGE.write_text(page())
