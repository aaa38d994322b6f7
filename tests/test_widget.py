"""The explorer as a widget: Python's side of it, without a browser."""

import json
import sys

import numpy as np
import pytest
from explored import LATTICE, LOOPED, NETWORKS, Wire, random_sides, with_dims

import tnet
from tnet.drawing.explorer.explore import explore
from tnet.errors import (
    DimensionError,
    MissingLibraryError,
    PartitionError,
    UnknownNameError,
    VerificationError,
)


def wired(network, **options):
    wire = Wire(explore(network, **options).widget())
    return wire.widget, wire


def assert_tells_cut(told, network, side):
    cut = tnet.min_cut(network, side)
    assert told["sideA"] == np.nonzero(side)[0].tolist()
    assert told["dims"] == [str(group.dim) for group in network.index_groups]
    if network.forest is not None:
        assert told["cut"] is None
        return
    found = told["cut"]
    assert found["cut"] == cut.cut_ids.tolist()
    assert found["tensorsOnA"] == np.nonzero(cut.tensors_on_a)[0].tolist()
    assert found["claim"] == {"kind": cut.claim.kind, "reason": cut.claim.reason}


@pytest.mark.parametrize("name", [*LOOPED, "windows of 2", "irregular", "outputs"])
def test_a_change_in_the_page_is_answered_and_python_follows(name):
    network = {**LOOPED, **NETWORKS}[name]
    widget, wire = wired(network)
    dims = np.random.default_rng(1).integers(1, 40, size=(20, len(network.index_groups)))
    for serial, side in enumerate(random_sides(network, 20), start=1):
        changed = dict(zip(widget.dims, dims[serial - 1].tolist(), strict=True))
        (told,) = wire.change(serial, side, changed)
        assert (told["kind"], told["view"], told["serial"]) == ("state", "v", serial)
        assert told["error"] is None
        assert_tells_cut(told, with_dims(network, **changed), side)
        assert np.array_equal(widget.side_a, side)
        assert dict(widget.dims) == changed
        assert widget.network == with_dims(network, **changed)
        assert widget.cut.dimension == tnet.min_cut(with_dims(network, **changed), side).dimension
        assert widget.cut is widget.cut
    assert widget.explorer.network is network


def test_a_page_is_opened_and_told_the_state_when_it_stands():
    widget, wire = wired(LATTICE, side_a=[0, 4], theme="dark")
    page = {"kind": "page", "view": "v", "html": widget.explorer.html}
    assert wire.say(kind="open", view="v") == [page]
    widget.side_a = [1, 2]
    wire.drain()
    (told,) = wire.say(kind="ready", view="v")
    assert (told["view"], told["serial"]) == ("v", 0)
    assert_tells_cut(told, LATTICE, widget.side_a)


def test_questions_out_of_order_are_dropped_by_view_until_a_page_starts_again():
    widget, wire = wired(LATTICE)
    first, second, third = random_sides(LATTICE, 3, seed=1)
    assert len(wire.change(5, first)) == 1
    assert wire.change(5, second) == wire.change(3, second) == []
    assert np.array_equal(widget.side_a, first)
    assert len(wire.change(3, second, view="w")) == 1
    assert np.array_equal(widget.side_a, second)
    wire.say(kind="ready", view="v")
    assert len(wire.change(1, third)) == 1
    assert np.array_equal(widget.side_a, third)


@pytest.mark.parametrize("network", [LATTICE, NETWORKS["grid"]])
def test_sides_and_dims_set_in_python_move_the_page(network):
    widget, wire = wired(network)
    n = network.n_modes
    name = network.index_groups[0].name
    for side in (np.arange(n) % 3 == 1, [n - 1, 0], [f"{name}[1]"], iter(range(2)), []):
        widget.side_a = side
        (told,) = wire.drain()
        assert told["view"] is None
        assert_tells_cut(told, network, widget.side_a)
        assert not widget.side_a.flags.writeable
    widget.dims = {name: 2**100 + 1}
    (told,) = wire.drain()
    assert_tells_cut(told, with_dims(network, **{name: 2**100 + 1}), widget.side_a)
    widget.dims = {}
    assert widget.network is network
    wire.drain()
    widget.side_a = widget.side_a.copy()
    widget.dims = dict(widget.dims)
    assert wire.drain() == []
    with pytest.raises(TypeError, match="does not support item assignment"):
        widget.dims[name] = 3


def test_observers_are_called_once_for_each_change_and_see_all_of_it():
    widget, wire = wired(LATTICE, side_a=[0])
    seen = []
    widget.observe(lambda change: seen.append((change.name, widget.cut.dimension)))
    wire.change(1, np.arange(9) < 2, {"x": 5, "h01": 1})
    dimension = tnet.min_cut(with_dims(LATTICE, x=5, h01=1), [0, 1]).dimension
    assert sorted(seen) == [("dims", dimension), ("side_a", dimension)]
    wire.change(2, np.arange(9) < 2, {"x": 5, "h01": 1})
    widget.side_a = [0, 1]
    assert len(seen) == 2


def test_what_an_observer_changes_is_in_the_answer():
    widget, wire = wired(LATTICE, side_a=[])

    def mirrored(change):
        widget.side_a = change.new | change.new[::-1]

    widget.observe(mirrored, "side_a")
    (told,) = wire.change(1, np.arange(9) == 1)
    assert told["sideA"] == [1, 7]
    assert_tells_cut(told, LATTICE, widget.side_a)


def test_what_goes_wrong_is_told_in_one_line_and_changes_nothing():
    _, wire = wired(LATTICE, side_a=[0])
    (told,) = wire.change(1, np.arange(9) < 4, {"x": 0})
    assert "\n" not in told["error"]
    assert "dim of index group 'x'" in told["error"]
    (long,) = wire.change(2, np.arange(9) < 4, {"x": 2**13_000})
    assert "dim of index group 'x' has 13,001 bits" in long["error"]
    (wrong,) = wire.change(3, np.arange(12) > 8)
    assert "mode 9" in wrong["error"]
    for answer in (told, long, wrong):
        assert_tells_cut(answer, LATTICE, np.arange(9) == 0)


def test_a_cut_that_cannot_be_found_leaves_all_as_it_was(monkeypatch):
    widget, wire = wired(LATTICE, side_a=[0])
    wire.say(kind="ready", view="v")

    def failing(network, side_a):
        raise VerificationError("the flow contradicts\nitself")

    monkeypatch.setattr("tnet.drawing.explorer.widget.min_cut", failing)
    (told,) = wire.change(1, np.arange(9) < 4, {"x": 3})
    assert told["error"] == "the flow contradicts itself"
    assert_tells_cut(told, LATTICE, np.arange(9) == 0)
    assert (widget.side_a.sum(), widget.network) == (1, LATTICE)


def test_an_observer_that_fails_is_told_and_logged(caplog):
    widget, wire = wired(LATTICE, side_a=[0])

    def failing(_):
        raise IndexError("list index\nout of range")

    widget.observe(failing, "side_a")
    side = np.arange(9) < 4
    (told,) = wire.change(1, side)
    assert told["error"] == "IndexError: list index out of range"
    assert "IndexError" in caplog.text
    # The page has what Python has: the change came before the observer.
    assert_tells_cut(told, LATTICE, side)
    assert np.array_equal(widget.side_a, side)


def test_bad_values_set_in_python_are_errors_and_change_nothing():
    widget, wire = wired(LATTICE, side_a=[0])
    with pytest.raises(PartitionError, match="mode 9"):
        widget.side_a = [9]
    with pytest.raises(
        UnknownNameError, match=r"'y' is none; the groups are x, h00, v00.*: name one of them"
    ):
        widget.dims = {"y": 2}
    for dim in (0, 2.0, True, "4"):
        with pytest.raises(DimensionError, match="dim of index group 'x'"):
            widget.dims = {"x": dim}
    with pytest.raises(DimensionError, match=r"13,002 bits; a dim has at most"):
        widget.dims = {"h00": 2**13_001}
    assert (widget.side_a.sum(), widget.network) == (1, LATTICE)
    assert wire.drain() == []


def test_a_notebook_shows_the_page_and_no_widget_state_unless_asked():
    page = explore(LATTICE)
    assert "sandbox" in page._repr_html_()
    assert not hasattr(page, "_repr_mimebundle_")
    widget = page.widget()
    state = json.dumps(widget.get_state(), default=repr)
    assert len(state) < 4000
    assert "<main" not in state
    assert repr(widget) == "<ExplorerWidget: 3 against 6 inputs>"


def test_without_anywidget_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "tnet.drawing.explorer.widget", raising=False)
    with pytest.raises(MissingLibraryError, match=r'pip install "tnet\[widget\]"'):
        explore(LATTICE).widget()
