"""The explorer as a widget: the page in a browser, with Python behind it."""

from pathlib import Path

import numpy as np
import pytest
from explored import LATTICE, LOOPED, NETWORKS, Wire, assert_shows_cut, frames, with_dims

import tnet
from tnet.drawing.explorer.explore import explore
from tnet.errors import DimensionError

pytest_plugins = ["chromium"]

PICTURES = Path(__file__).parents[1] / "build" / "explore"
STUB = """<!doctype html><body style="margin:0;display:flex"><script>
const listeners = new Set();
const told = (messages) => { for (const m of messages) for (const f of listeners) f(m); };
const held = [];
let holding = false;
const model = {
  get: () => undefined, set() {}, save_changes() {},
  on: (name, listener) => name === "msg:custom" && listeners.add(listener),
  off: (name, listener) => listeners.delete(listener),
  async send(message) {
    const messages = await heard(message);
    if (holding) held.push(...messages); else told(messages);
  },
};
const release = () => { holding = false; told(held.splice(0)); };
async function show(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  for (let view = 0; view < 2; view++) {
    const el = document.body.appendChild(document.createElement("div"));
    el.style.flex = "1 1 0";
    widget.render({ model, el });
  }
}
</script>"""


class Shown:
    """A widget in a notebook of two views; its wire is between a stub of the model and Python."""

    def __init__(self, opened, widget, name="widget"):
        self.wire = Wire(widget)
        self.questions = []
        self.page = opened(STUB, name)
        self.page.expose_function("heard", self.hear)
        self.page.evaluate("(source) => show(source)", widget._esm)
        self.first, self.second = (self.view(place) for place in range(2))

    def hear(self, message):
        if message["kind"] == "change":
            self.questions.append(message)
        return self.wire.say(**message)

    def view(self, place):
        handle = self.page.locator("iframe").nth(place).element_handle()
        frame = handle.content_frame()
        frame.locator(".dimension:not(:empty)").wait_for()
        return frame

    def deliver(self):
        """Pass on what Python said of its own accord."""
        self.page.evaluate("(messages) => told(messages)", self.wire.drain())

    def settle(self):
        """Wait until Python has answered, and both views show it."""
        for view in (self.first, self.second):
            view.locator('.answer[aria-busy="false"]').wait_for()
        frames(self.page)


@pytest.mark.parametrize("name", LOOPED)
def test_clicks_on_networks_with_loops_ask_python(opened, name):
    network = LOOPED[name]
    widget = explore(network, side_a=[0]).widget()
    shown = Shown(opened, widget)
    side = np.arange(network.n_modes) == 0
    where = ".view" if network.n_modes <= 256 else ".grid"
    for mode in np.random.default_rng(6).integers(network.n_modes, size=3).tolist():
        shown.first.locator(f'{where} [data-mode="{mode}"] rect').click()
        side[mode] ^= True
        shown.settle()
        for view in (shown.first, shown.second):
            assert_shows_cut(view, network, side)
        assert np.array_equal(widget.side_a, side)
    assert shown.first.locator(".note").is_hidden()
    assert shown.first.locator(".error").is_hidden()


def test_a_forest_answers_in_the_page_and_python_follows(opened):
    network = NETWORKS["windows of 2"]
    widget = explore(network, side_a=[]).widget()
    shown = Shown(opened, widget)
    shown.page.evaluate("holding = true")
    shown.first.get_by_role("button", name="odd / even").click()
    side = tnet.partitions.odd_even(16)
    assert_shows_cut(shown.first, network, side)
    shown.page.evaluate("release()")
    shown.settle()
    assert_shows_cut(shown.second, network, side)
    assert np.array_equal(widget.side_a, side)
    widget.side_a = [3]
    widget.dims = {"x": 7}
    shown.deliver()
    for view in (shown.first, shown.second):
        assert_shows_cut(view, with_dims(network, x=7), np.arange(16) == 3)
        assert view.locator(".answer").get_attribute("aria-busy") == "false"


def test_one_question_is_on_its_way_and_stale_answers_are_dropped(opened):
    widget = explore(LATTICE, side_a=[]).widget()
    shown = Shown(opened, widget)
    view = shown.first
    shown.page.evaluate("holding = true")
    for mode in (0, 4, 8):
        view.locator(f'.view [data-mode="{mode}"] rect').click()
    view.locator('.answer[aria-busy="true"]').wait_for()
    # The sides follow the hand at once, the number waits for Python.
    assert view.locator(".modes").input_value() == "[0, 4, 8]"
    assert view.locator(".dimension").text_content() == "1"
    assert [question["sideA"] for question in shown.questions] == [[0]]
    widget.side_a = [1]
    shown.deliver()
    frames(view)
    # What Python says of its own accord is older than the question on its way.
    assert view.locator(".modes").input_value() == "[0, 4, 8]"
    assert view.locator(".answer").get_attribute("aria-busy") == "true"
    assert shown.second.locator(".modes").input_value() == "[1]"
    assert len(shown.questions) == 1
    shown.page.evaluate("release()")
    shown.settle()
    assert [question["sideA"] for question in shown.questions] == [[0], [0, 4, 8]]
    for place in (shown.first, shown.second):
        assert_shows_cut(place, LATTICE, np.isin(np.arange(9), [0, 4, 8]))
    assert widget.side_a.nonzero()[0].tolist() == [0, 4, 8]


def test_widths_of_a_network_with_loops_are_dragged_and_errors_are_shown(opened):
    side = tnet.partitions.left_right((3, 3)).reshape(-1)
    widget = explore(LATTICE).widget()
    shown = Shown(opened, widget)
    view = shown.first
    slider = view.get_by_label("dim of h00, slider")
    for dim in (4, 5):
        slider.press("ArrowRight")
        shown.settle()
        assert_shows_cut(view, with_dims(LATTICE, h00=dim), side)
    field = view.get_by_label("dim of x", exact=True)
    field.fill(str(2**12_999 + 1))
    field.press("Enter")
    shown.settle()
    assert widget.dims["x"] == 2**12_999 + 1
    assert widget.dims["h00"] == 5
    assert_shows_cut(view, widget.network, side)

    def refusing(change):
        raise DimensionError("no dims\ntoday")

    widget.observe(refusing, "dims")
    field.fill("7")
    field.press("Enter")
    view.locator(".error:not(:empty)").wait_for()
    assert view.locator(".error").text_content() == "no dims today"
    widget.unobserve(refusing, "dims")
    view.get_by_role("button", name="reset").click()
    shown.settle()
    assert view.locator(".error").is_hidden()
    assert_shows_cut(view, LATTICE, side)
    assert widget.network is LATTICE


def test_the_frame_takes_the_height_of_the_page(opened):
    shown = Shown(opened, explore(LATTICE).widget())
    heights = "() => [innerHeight, document.documentElement.scrollHeight]"
    frame, content = shown.first.evaluate(heights)
    assert 400 < frame == content
    shown.first.locator(".members summary").click()
    frames(shown.page)
    frames(shown.page)
    opened_frame, opened_content = shown.first.evaluate(heights)
    assert frame < opened_frame == opened_content
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / "widget.png"
    # Frames are not painted in time for a picture that is higher than the window.
    shown.page.set_viewport_size({"width": 1900, "height": 1400})
    for view in (shown.first, shown.second):
        frames(view)
    shown.page.screenshot(path=picture)
    assert picture.stat().st_size > 20_000


def test_a_page_that_no_widget_shows_says_nothing_to_anyone(opened):
    heard = "<script>window.heard = []; onmessage = ({ data }) => heard.push(data);</script>"
    page = opened(f"<!doctype html>{heard}{explore(NETWORKS['grid'])._repr_html_()}", "silent")
    frame = page.locator("iframe").element_handle().content_frame()
    frame.get_by_role("button", name="odd / even").click()
    frames(frame)
    assert page.evaluate("heard") == []
    # The name alone, without a frame around, is not enough.
    alone = opened(explore(LATTICE), "alone")
    alone.evaluate("window.name = 'tnet-widget'")
    alone.reload()
    assert alone.locator(".note").is_visible()
