"""Every error of tnet is caused once, reads well, and stands in docs/errors.md."""

import re

import error_table
import pytest

from tnet import errors

pytest.importorskip("jax")
pytest.importorskip("ortools")

UNREACHED = {
    ("contraction/jobs.py", "PyTorch multiplies only one dtype"): "needs PyTorch",
}
"""Errors without a case: the file, words of the message, and why."""

VERBS = (
    "add|ask|bound|bring|build|call|change|choose|compare|compile|contract|convert|declare|divide|do|"
    "draw|evaluate|give|install|join|keep|leave|let|list|make|measure|mend|move|name|number|raise|"
    "rename|remove|renumber|repeat|replace|report|reshape|restore|run|save|scale|set|split|start|"
    "swap|take|tell|truncate|try|unroll|unshare|upgrade|use|write"
)
REMEDY = re.compile(rf"[;:] (?:.*(?:[,;:]|\bor|\band) )?(?:pip )?(?:{VERBS})\b|; got ")
"""The finding, then what to do; or the rule, then what was got in its place."""

BUILTINS = (ArithmeticError, ImportError, LookupError, MemoryError, RuntimeError, ValueError)
NAMES = ("NumPy", "OR-tools", "W_")


@pytest.fixture(scope="module")
def rows():
    return error_table.rows()


def test_every_case_is_an_error_of_tnet_and_of_python(rows):
    for row in rows:
        assert isinstance(row.error, errors.TNetError), (row.case, row.error)
        assert isinstance(row.error, BUILTINS), row.kind


def test_every_raise_of_the_package_has_a_case(rows):
    reached = {place for row in rows for place in row.places}
    missing = [
        site
        for site in error_table.sites()
        if not any((site.file, line) in reached for line in range(site.first, site.last + 1))
    ]
    excused = [
        s for s in missing for file, words in UNREACHED if s.file == file and words in s.source
    ]
    assert len(excused) == len(UNREACHED), "an error of UNREACHED is gone, or has a case"
    without_case = [str(site) for site in missing if site not in excused]
    assert not without_case, "no case in tests/error_cases for\n" + "\n".join(without_case)


def test_messages_have_one_form(rows):
    for row in rows:
        message = str(row.error)
        assert "\n" not in message, message
        assert len(message) < 400, message
        assert not message.endswith((".", " ", ";")), message
        assert re.match(r"[a-z0-9'\"\-]", message) or message.startswith(NAMES), message
        assert REMEDY.search(message), message


def test_the_page_of_errors_is_up_to_date(rows):
    expected = error_table.page()
    assert error_table.PAGE.read_text() == expected, "write it anew: python tests/error_table.py"
