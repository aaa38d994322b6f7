"""Every command has a page, and what the page shows is what the command prints."""

import re
import shlex
from pathlib import Path

import pytest

from tnet.cli.main import tnet_command

PAGES = Path(__file__).parent.parent / "docs" / "commands"
SPECS = re.compile(r"```toml\n(# (\S+)\n.*?)```", flags=re.DOTALL)
SESSIONS = re.compile(r"```console\n(.*?)```", flags=re.DOTALL)


def test_every_command_has_a_page():
    assert {page.stem for page in PAGES.glob("*.md")} - {"index"} == set(tnet_command.commands)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(page, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source in (PAGES / "index.md", page):
        for text, name in SPECS.findall(source.read_text()):
            (tmp_path / name).write_text(text)
    for session in SESSIONS.findall(page.read_text()):
        for shown in re.split(r"^\$ tnet ", session, flags=re.MULTILINE)[1:]:
            command, _, expected = shown.partition("\n")
            _, out, err = run(*shlex.split(command))
            assert (out + err).rstrip() == expected.rstrip()
