"""What the command line is to a shell: versions, completion, colour, and JSON everywhere."""

import importlib.metadata
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from typing import get_args

import pytest
from click.shell_completion import BashComplete

import tnet
from tnet.claims import ClaimKind
from tnet.cli import saying
from tnet.cli.completion import SHELLS
from tnet.cli.main import tnet_command

COMMAND = [sys.executable, "-c", "from tnet.cli.main import main; main()"]
LINE = 'architecture = "ConvNet"\ninputs = 8\nfeatures = 2\nwidths = [2, 4, 4]\n'


@pytest.fixture
def line(tmp_path):
    path = tmp_path / "line.toml"
    path.write_text(LINE)
    return path


def on_a_terminal(arguments, **environment):
    """Run the command where it believes a person watches; return all it shows."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdout=theirs,
        stderr=theirs,
        env={**inherited, "TERM": "xterm", **environment},
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    return shown


def test_version_is_the_package_s(run):
    assert run("version") == (0, f"tnet {tnet.__version__}\n", "")
    assert importlib.metadata.version("tnet") == tnet.__version__


def test_verbose_names_python_and_every_library(run):
    _, out, _ = run("version", "--verbose", "--json")
    facts = json.loads(out)
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["numpy"] == importlib.metadata.version("numpy")
    required = importlib.metadata.requires("tnet")
    core = {re.split(r"[<>=\[ ;]", line)[0] for line in required if "extra ==" not in line}
    assert core <= set(facts)
    _, text, _ = run("version", "--verbose")
    assert [line.split()[0] for line in text.splitlines() if line.startswith("numpy")] == ["numpy"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_can_read_its_completion(run, shell, tmp_path):
    code, out, err = run("completion", shell)
    assert (code, err) == (0, "")
    assert "_TNET_COMPLETE" in out
    script = tmp_path / "script"
    script.write_text(out)
    if shell == "bash":
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_unknown_shells_are_refused_by_name(run):
    code, out, err = run("completion", "tcsh")
    assert (code, out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in err


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ([], "e", ["entangle", "explore"]),
        (["cut", "x.toml", "--side"], "o", ["odd-even"]),
        (["explore", "x.toml", "--side"], "l", ["left-right"]),
        (["cut", "x.toml", "--side"], "b", ["blocks:2", "blocks:4"]),
        (["draw", "x.toml", "--side"], "r", ["random:0", "random:1"]),
        (
            ["design", "x.toml", "--target"],
            "c",
            ["checkerboard=2", "checkerboard=4", "centre=2", "centre=4"],
        ),
        (["cut", "x.toml", "--method"], "f", ["forest", "flow"]),
    ],
)
def test_completion_offers_what_fits(words, begun, offered):
    completer = BashComplete(tnet_command, {}, "tnet", "_TNET_COMPLETE")
    assert [item.value for item in completer.get_completions(words, begun)] == offered


@pytest.mark.parametrize(
    ("words", "begun", "completed"),
    [
        ("tnet cut x.toml --side", "bl", "blocks:"),
        ("tnet cut x.toml --side", "ra", "random:"),
        ("tnet design x.toml --target", "l", "left-right="),
    ],
)
def test_bash_stops_where_a_number_is_to_be_typed(run, tmp_path, words, begun, completed):
    """Of two or more replies bash types what they share, and no space after it."""
    command = tmp_path / "tnet"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    command.chmod(0o755)
    typed = [*words.split(), begun]
    script = [
        run("completion", "bash")[1],
        f"COMP_WORDS=({shlex.join(typed)}); COMP_CWORD={len(typed) - 1}",
        f"_tnet_completion {command}; echo ${{COMPREPLY[@]}}",
    ]
    shown = subprocess.run(
        ["bash", "-c", "\n".join(script)], capture_output=True, text=True, check=True
    ).stdout
    endings = {reply.removeprefix(completed) for reply in shown.split()}
    assert len(endings) > 1
    assert all(ending.isdecimal() for ending in endings)


def test_every_kind_of_claim_has_a_colour():
    assert set(saying.COLOURS) == set(get_args(ClaimKind))


def test_colour_is_for_terminals_only(run, line):
    _, plain, _ = run("cut", line, "--side", "odd-even")
    shown = on_a_terminal(["cut", line, "--side", "odd-even"])
    assert "\x1b" not in plain
    assert "\x1b[1mmin cut 16 = r0^4\x1b[0m" in shown
    assert "\x1b[32mexact by theorem\x1b[0m" in shown
    assert re.sub(r"\x1b\[\d+m", "", shown).replace("\r\n", "\n") == plain


def test_no_color_is_obeyed(line):
    assert "\x1b" not in on_a_terminal(["cut", line, "--side", "odd-even"], NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(["cut", line, "--side", "nine"], NO_COLOR="1")
    assert "\x1b[31mtnet:\x1b[0m" in on_a_terminal(["cut", line, "--side", "nine"])


def test_every_command_but_completion_speaks_json():
    without = {
        name
        for name, command in tnet_command.commands.items()
        if not any("--json" in option.opts for option in command.params)
    }
    assert without == {"completion"}


def test_json_of_a_page_names_the_file(run, line, tmp_path):
    page = tmp_path / "net.html"
    code, out, err = run("explore", line, "-o", page, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"subject": str(line), "side": None, "written": str(page)}
    assert page.exists()
