"""Mistakes on the command line; what is said there is one line on stderr."""

from error_cases.case import Case, Group

SETUP = """\
import shlex
from pathlib import Path

import tnet
from error_cases.faults import replaced
from tnet.cli import main

Path("arch.toml").write_text(
    'architecture = "ConvNet"\\ninputs = 8\\nfeatures = 2\\nwidths = [2, 2, 2]\\n'
)
Path("mixed.toml").write_text(
    'architecture = "Mixed"\\ntree_a = [[0, 1], [2, 3]]\\ntree_b = [[0, 2], [1, 3]]\\n'
    'features = 2\\nwidth = 2\\n'
)
Path("cp.toml").write_text('architecture = "CP"\\ninputs = 8\\nfeatures = 2\\nwidth = 2\\n')
tnet.save(tnet.load_spec("arch.toml").compile(), "net.json")


def typed(line):
    main.tnet_command.main(shlex.split(line)[1:], prog_name="tnet", standalone_mode=False)
"""


def _typed(line: str) -> Case:
    return Case(f"typed({line!r})", said=f"`{line}`")


GROUP = Group(
    "The command line",
    SETUP,
    (
        _typed("tnet cut arch.txt --side left-right"),
        _typed("tnet cut mixed.toml --side left-right"),
        _typed("tnet cut arch.toml --side top-bottom"),
        _typed("tnet cut arch.toml --side middle"),
        _typed("tnet cut arch.toml --side 3-1"),
        _typed("tnet cut arch.toml --side 0-8"),
        _typed("tnet cut arch.toml --side 0-3,2"),
        _typed("tnet draw arch.toml --of plan --layout radial -o a.svg"),
        _typed("tnet draw net.json --of mode-tree -o a.svg"),
        _typed("tnet draw arch.toml --of plan --side left-right -o a.svg"),
        Case(
            "with replaced('cli.completion.get_completion_class', lambda shell: None): "
            "typed('tnet completion bash')",
            "`tnet completion bash`, with another click",
        ),
        _typed("tnet profile arch.toml -o a.svg --map a.svg"),
        _typed("tnet design net.json --target left-right=2"),
        _typed("tnet design cp.toml --target left-right=2"),
        _typed("tnet design arch.toml --target left-right"),
        _typed("tnet design arch.toml --target left-right=six"),
        _typed("tnet design arch.toml --target left-right=5"),
    ),
)
