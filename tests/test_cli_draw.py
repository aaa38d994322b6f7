"""`tnet draw` as a person meets it: what it draws, in which form, and what it refuses."""

import json

import pytest

import tnet
from tnet.drawing.draw import draw
from tnet.drawing.mode_tree import draw_mode_tree
from tnet.drawing.plan_drawing import draw_plan

LINE = 'architecture = "ConvNet"\ninputs = 16\nfeatures = 2\nwidths = [2, 4, 4, 4]\n'


@pytest.fixture
def line(tmp_path):
    path = tmp_path / "line.toml"
    path.write_text(LINE)
    return path


@pytest.fixture
def network():
    return tnet.ConvNet(16, features=2, widths=(2, 4, 4, 4))


@pytest.mark.parametrize("layout", ["auto", "layered", "radial"])
def test_the_layout_is_the_one_asked_for(run, line, network, tmp_path, layout):
    path = tmp_path / "net.svg"
    arguments = ("--side", "odd-even", "--layout", layout, "-o", path)
    assert run("draw", line, *arguments) == (0, f"wrote {path}\n", "")
    side = tnet.partitions.odd_even(16)
    assert path.read_text() == draw(network.compile(), side_a=side, layout=layout).svg


def test_dot_is_written(run, line, network, tmp_path):
    path = tmp_path / "net.dot"
    assert run("draw", line, "--theme", "dark", "-o", path) == (0, f"wrote {path}\n", "")
    assert path.read_text() == draw(network.compile(), theme="dark").dot


def test_json_says_what_was_written(run, line, tmp_path):
    path = tmp_path / "net.svg"
    code, out, _ = run("draw", line, "--side", "odd-even", "-o", path, "--json")
    assert code == 0
    assert json.loads(out) == {
        "subject": str(line),
        "of": "network",
        "side": "odd-even",
        "written": str(path),
    }


def test_other_pictures_of_a_spec(run, line, network, tmp_path):
    path = tmp_path / "picture.svg"
    plan = tnet.plan(network.compile())
    side = tnet.partitions.left_right(16)
    expected = {
        ("--of", "mode-tree"): draw_mode_tree(network),
        ("--of", "mode-tree", "--side", "left-right"): draw_mode_tree(network, side_a=side),
        ("--of", "plan"): draw_plan(plan),
        ("--of", "schedule"): draw_plan(plan, view="schedule"),
    }
    for options, drawing in expected.items():
        assert run("draw", line, *options, "-o", path)[0] == 0
        assert path.read_text() == drawing.svg


def test_a_plan_of_a_saved_network_is_drawn(run, tmp_path):
    ring = tnet.from_einsum("ab,bc,ca->abc", (2, 3), (3, 4), (4, 2))
    saved, path = tnet.save(ring, tmp_path / "ring.json"), tmp_path / "plan.svg"
    assert run("draw", saved, "--of", "plan", "-o", path)[0] == 0
    assert path.read_text() == draw_plan(tnet.plan(ring)).svg


REFUSED = {
    ("--layout", "spring", "net.svg"): "'spring' is not one of 'auto', 'layered', 'radial'",
    ("--of", "plan", "--layout", "radial", "net.svg"): "--layout radial is of a network",
    ("--of", "schedule", "net.dot"): "one of .svg, .png, .pdf;",
    ("--of", "mode-tree", "net.html"): "one of .svg, .png, .pdf, .dot;",
    ("--of", "plan", "--side", "odd-even", "net.svg"): "a plan has no sides",
    ("--of", "mode-tree", "--side", "0-99", "net.svg"): "leaves the modes 0..15",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_what_does_not_go_together_is_refused(run, line, tmp_path, arguments):
    *options, name = arguments
    code, out, err = run("draw", line, *options, "-o", tmp_path / name)
    assert (code, out) == (2, "")
    assert REFUSED[arguments] in err
    assert not (tmp_path / name).exists()


def test_a_mode_tree_needs_a_spec_that_has_one(run, tmp_path):
    ring = tnet.from_einsum("ab,bc,ca->abc", (2, 3), (3, 4), (4, 2))
    saved = tnet.save(ring, tmp_path / "ring.json")
    code, _, err = run("draw", saved, "--of", "mode-tree", "-o", tmp_path / "tree.svg")
    assert code == 2
    assert "only an architecture has a mode tree" in err
    spec = tmp_path / "train.toml"
    spec.write_text('architecture = "TensorTrain"\ninputs = 6\nfeatures = 2\nranks = 2\n')
    code, _, err = run("draw", spec, "--of", "mode-tree", "-o", tmp_path / "tree.svg")
    assert code == 2
    assert "'TensorTrain' has no mode tree" in err
