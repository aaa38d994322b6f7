"""What the README and the docs show is what happens."""

import ast
import re
from pathlib import Path

import pytest

import tnet
from tnet.cli import demo as command
from tnet.design.demo import run_demo

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def comments_after_prints(code):
    """The comments on the lines where calls of print end, in order."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    ends = sorted(node.end_lineno for node in calls if ast.unparse(node.func) == "print")
    return [code.splitlines()[end - 1].split("  # ")[1] for end in ends]


def run_and_compare(page, capsys):
    """Run the Python of a page; what it prints stands beside each print. Return the names."""
    names = {}
    for code in blocks(page.read_text(), "python"):
        exec(compile(code, page.name, "exec"), names)
        assert capsys.readouterr().out.splitlines() == comments_after_prints(code)
    return names


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_the_docs_print_what_stands_beside_them(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run_and_compare(page, capsys)


def test_the_thirty_seconds_run_and_print_what_stands_beside_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = run_and_compare(ROOT / "README.md", capsys)
    assert f"# {names['cut'].indices!r}\n" in README
    assert (tmp_path / "cut.svg").exists()


def test_the_table_of_the_demo_is_its_output():
    (table,) = blocks(README, "text")
    lines = [line.rstrip() for line in command._lines(run_demo())]
    assert [line for line in table.splitlines() if line not in lines] == []


@pytest.mark.parametrize("heading", ["Run", "Test"])
def test_each_command_is_one_line_that_makes_its_own_environment(heading):
    section = README.split(f"## {heading}\n")[1].split("## ")[0]
    (block,) = blocks(section, "sh")
    assert block.count("\n") == 1
    assert block.startswith("python3.11 -m venv .venv && .venv/bin/pip install -q ")


def test_links_lead_to_files():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


def test_the_spec_in_the_docs_loads(tmp_path):
    (spec,) = blocks((ROOT / "docs" / "spec-files.md").read_text(), "toml")
    path = tmp_path / "arch.toml"
    path.write_text(spec)
    assert tnet.load_spec(path).tree.n_levels == 3
