"""Every notebook runs afresh, and is committed with pictures that any viewer shows."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


def outputs(notebook):
    """All outputs, what a cell prints in one piece however often it was flushed."""
    found = []
    for cell in notebook.cells:
        for number, output in enumerate(cell.get("outputs", [])):
            if number and output.output_type == found[-1].output_type == "stream":
                found[-1].text += output.text
            else:
                found.append(output)
    return found


@pytest.mark.filterwarnings("ignore::RuntimeWarning:zmq")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_is_committed(path):
    committed = nbformat.read(path, as_version=4)
    assert path.stat().st_size < 500_000
    assert "widgets" not in committed.metadata
    afresh = nbformat.read(path, as_version=4)
    for cell in afresh.cells:
        cell.pop("outputs", None)
        if cell.cell_type == "code":
            cell["outputs"] = []
    NotebookClient(afresh, timeout=120, kernel_name="python3").execute()
    shown, again = outputs(committed), outputs(afresh)
    assert [output.output_type for output in shown] == [output.output_type for output in again]
    for old, new in zip(shown, again, strict=True):
        assert old.get("text") == new.get("text")
        assert old.get("data", {}).get("text/plain") == new.get("data", {}).get("text/plain")
        pictured = "image/svg+xml" in new.get("data", {})
        assert pictured == ("image/png" in old.get("data", {}))
