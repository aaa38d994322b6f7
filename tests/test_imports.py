"""`import tnet` stays light, and its three lists of public names agree."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import tnet

HEAVY = ("scipy", "networkx", "matplotlib", "opt_einsum", "msgspec", "click", "sklearn", "torch")
SOURCE = ast.parse(Path(tnet.__file__).read_text(encoding="utf-8"))


def modules_after(code):
    """Top-level modules that a fresh interpreter holds after running `code`."""
    names = "sorted({name.split('.')[0] for name in sys.modules})"
    report = f"{code}\nimport json, sys\nprint(json.dumps({names}))"
    root = Path(tnet.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True, cwd=root
    )
    return set(json.loads(done.stdout))


def test_importing_tnet_loads_no_heavy_library():
    assert not modules_after("import tnet").intersection(HEAVY)


def test_making_a_network_and_cutting_a_forest_loads_only_what_it_needs():
    code = "import tnet\ntnet.ConvNet(8, features=2, widths=(2, 2, 2)).compile()"
    assert not modules_after(code).intersection({*HEAVY} - {"scipy"})


def test_every_public_name_resolves_to_what_it_is_called():
    assert len(tnet.__all__) == len(set(tnet.__all__))
    for name in tnet.__all__:
        value = getattr(tnet, name)
        assert value.__name__.rpartition(".")[2] == name
        assert name in dir(tnet)


def typed_names():
    """Name and module of every import in the block for type checkers."""
    block = next(
        node
        for node in SOURCE.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        alias.asname: (statement.module, alias.name)
        for statement in block.body
        for alias in statement.names
    }


def test_type_checkers_see_the_names_that_are_loaded_lazily():
    lazy = {name: (module, name) for module, names in tnet._NAMES_OF.items() for name in names}
    lazy |= {name: tuple(module.rsplit(".", 1)) for name, module in tnet._MODULES.items()}
    assert typed_names() == lazy
    assert sorted(lazy) == tnet.__all__


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'tnet' has no attribute 'max_cut'"):
        tnet.max_cut  # noqa: B018
    assert not hasattr(tnet, "__wrapped__")
