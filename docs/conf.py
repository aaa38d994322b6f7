"""How the pages are built, from the top folder: ``sphinx-build -W -c docs . docs/_build/html``.

The source is the top folder, so that a link between pages and notebooks is the same here and where
the repository is read file by file.
"""

import importlib
from pathlib import Path
from typing import Any

import tnet

project = "tnet"
author = "the tnet authors"
project_copyright = "the tnet authors"
version = release = tnet.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",
]
root_doc = "docs/index"
include_patterns = ["docs/**", "notebooks/**"]
exclude_patterns = ["docs/_build", "docs/_templates", "**/.ipynb_checkpoints"]
# Absolute, since one reader takes it from the source's folder and another from this one.
templates_path = [str(Path(__file__).parent / "_templates")]
nitpicky = True
default_role = "autolink"

# Pages are Markdown; notebooks are shown as they are committed (the tests run them afresh).
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Types stand in the docstrings, in words.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"tnet {release}"
html_copy_source = False


def _exists(name: str) -> bool:
    """Whether a dotted name leads to a module, or to something in one."""
    head, _, last = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ImportError:
        return bool(head) and _exists(head) and hasattr(importlib.import_module(head), last)
    return True


def _without_link(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Let a name in single backticks be plain where it has no page.

    Those are parameters and attributes, and names inside a room, which must exist.
    """
    name = node["reftarget"]
    known = name.isidentifier() or (name.startswith("tnet.") and _exists(name))
    return contnode if node["reftype"] == "obj" and known else None


def setup(app: Any) -> None:
    """Connect the rule for names without a page."""
    app.connect("missing-reference", _without_link)
