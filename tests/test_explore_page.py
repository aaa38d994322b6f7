"""The interactive page in a real browser: clicks, drags, keys, widths, words and pictures."""

import re
from pathlib import Path

import numpy as np
import pytest
from explored import (
    LOOP,
    NETWORKS,
    SPECS,
    assert_shows_cut,
    frames,
    random_sides,
    read_twice,
    ring,
    with_dims,
)

import tnet
from tnet.drawing.explorer.explore import explore

pytest_plugins = ["chromium"]

PICTURES = Path(__file__).parents[1] / "build" / "explore"
CLICKED = [name for name in NETWORKS if name != "max"]


@pytest.mark.parametrize("name", CLICKED)
def test_clicks_change_sides_and_the_cut_follows(opened, name):
    network = NETWORKS[name]
    side = random_sides(network, 1, seed=5)[0]
    page = opened(explore(network, side_a=side))
    assert_shows_cut(page, network, side)
    for mode in np.random.default_rng(6).integers(network.n_modes, size=8).tolist():
        page.locator(f'.view [data-mode="{mode}"] rect').click()
        side[mode] ^= True
        assert_shows_cut(page, network, side)


def test_an_element_read_twice_has_two_keys_of_one_side(opened):
    network = read_twice()
    side = np.zeros(3, dtype=bool)
    page = opened(explore(network, side_a=side))
    for place in (0, 1, 0):
        page.locator('.view [data-mode="0"] rect').nth(place).click()
        side[0] ^= True
        assert_shows_cut(page, network, side)
        assert page.locator(".view .key.a").count() == 2 * side[0]


def test_inputs_on_a_grid_are_pressed_where_they_lie(opened):
    network = NETWORKS["grid"]
    side = np.zeros((8, 8), dtype=bool)
    page = opened(explore(network, side_a=side), color_scheme="dark")
    assert page.locator("main").get_attribute("data-theme") == "dark"
    page.locator('.grid [data-mode="17"]').scroll_into_view_if_needed()
    keys = [page.locator(f'.grid [data-mode="{mode}"] rect').bounding_box() for mode in (17, 22)]
    start, end = ((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in keys)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end)
    page.mouse.up()
    page.mouse.move(*start)
    side[2, 1:7] = True
    assert_shows_cut(page, network, side.reshape(-1))
    for mode in (17, 22):
        assert page.locator(f'.view [data-mode="{mode}"]').get_attribute("aria-checked") == "true"


def test_a_fast_brush_misses_no_input(opened):
    network = tnet.ConvNet(256, features=2, widths=(2, 4, 4, 8, 8, 8, 8, 8)).compile()
    side = np.zeros(256, dtype=bool)
    page = opened(explore(network, side_a=side))
    boxes = [page.locator(f'[data-mode="{mode}"] rect').bounding_box() for mode in (10, 201)]
    first, last = ((box["x"] + box["width"] / 2, box["y"] + 12) for box in boxes)
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*last)
    page.mouse.up()
    side[10:202] = True
    assert_shows_cut(page, network, side)


def test_the_page_is_used_by_keyboard_alone(opened):
    network = NETWORKS["windows of 2"]
    side = np.zeros(16, dtype=bool)
    page = opened(explore(network, side_a=side))
    focused = "() => document.activeElement.getAttribute('aria-label')"
    for _ in range(30):
        page.keyboard.press("Tab")
        if (page.evaluate(focused) or "").startswith("input x[0]"):
            break
    assert page.evaluate(focused) == "input x[0] (mode 0), side B"
    rect = "() => getComputedStyle(document.activeElement.querySelector('rect')).stroke"
    assert page.evaluate(rect) == "rgb(27, 31, 36)"
    page.keyboard.press("Space")
    assert page.evaluate(focused) == "input x[0] (mode 0), side A"
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Enter", "End", "Space"):
        page.keyboard.press(key)
    # Painting onward from mode 2, on B, changes nothing; Enter then puts mode 3 on A.
    side[[0, 3, 15]] = True
    assert_shows_cut(page, network, side)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Home")
    side[14] = True
    assert_shows_cut(page, network, side)
    assert page.evaluate(focused) == "input x[0] (mode 0), side A"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "dim of x, slider"


@pytest.mark.parametrize("name", ["windows of 2", "grid"])
def test_presets_clear_and_invert(opened, name):
    network = NETWORKS[name]
    shape = network.input_shape
    page = opened(explore(network, side_a=[1]))
    named = {
        "left / right": tnet.partitions.left_right(shape),
        "odd / even": tnet.partitions.odd_even(shape),
        "centre": tnet.partitions.centre(shape),
        "clear": np.zeros(shape, dtype=bool),
    }
    if len(shape) > 1:
        named["top / bottom"] = tnet.partitions.top_bottom(shape)
        named["checkerboard"] = tnet.partitions.checkerboard(shape)
    assert set(page.locator(".presets button").all_text_contents()) == {*named, "random", "invert"}
    for words, side in named.items():
        page.get_by_role("button", name=words, exact=True).click()
        assert_shows_cut(page, network, side.reshape(-1))
        page.get_by_role("button", name="invert", exact=True).click()
        assert_shows_cut(page, network, ~side.reshape(-1))


def test_widths_follow_the_slider_and_the_field(opened):
    network, side = NETWORKS["windows of 2"], tnet.partitions.left_right(16)
    page = opened(explore(network))
    slider = page.get_by_label("dim of r3, slider")
    for dim in (5, 6, 7):
        slider.press("ArrowRight")
        assert_shows_cut(page, with_dims(network, r3=dim), side)
    assert page.locator(".view").get_by_text("r3 dim 7").count() == 1
    field = page.get_by_label("dim of r2", exact=True)
    field.fill("3")
    field.press("Enter")
    assert_shows_cut(page, with_dims(network, r3=7, r2=3), side)
    field.fill("0")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    assert_shows_cut(page, with_dims(network, r3=7, r2=3), side)
    for name in ("x", "r0", "r1", "r2", "r3"):
        field = page.get_by_label(f"dim of {name}", exact=True)
        field.fill(f"{10**30 + 7}")
        field.press("Enter")
    wide = with_dims(network, **dict.fromkeys(("x", "r0", "r1", "r2", "r3"), 10**30 + 7))
    assert_shows_cut(page, wide, side)
    page.locator(".digits summary").click()
    page.locator(".digits p:not(:empty)").wait_for()
    assert page.locator(".digits p").text_content() == str(tnet.min_cut(wide, side).dimension)
    page.get_by_role("button", name="reset").click()
    assert_shows_cut(page, network, side)


def test_the_formula_is_shown_with_what_binds(opened):
    network = tnet.ConvNet(16, features=100, widths=(4, 4, 9, 9)).compile()
    page = opened(explore(network))
    page.locator(".formula summary").click()
    for words, side in (
        ("left / right", tnet.partitions.left_right(16)),
        ("odd / even", tnet.partitions.odd_even(16)),
    ):
        page.get_by_role("button", name=words).click()
        formula = tnet.min_cut_formula(network, side)
        page.locator(f'ol[data-formula="{formula}"]').wait_for()
        terms = page.locator(".formula li")
        assert terms.count() == len(formula.terms)
        active = page.locator(".formula li.active span:last-child").all_text_contents()
        assert active == [str(formula())] * len(formula.active().terms)


def test_every_input_and_index_has_a_tooltip_and_indices_in_the_cut_are_listed(opened):
    network = NETWORKS["windows of 2"]
    page = opened(explore(network))
    titles = page.locator(".view .key title").all_text_contents()
    sides = ["A"] * 8 + ["B"] * 8
    assert titles == [f"input x[{m}] (mode {m}): side {side}" for m, side in enumerate(sides)]
    page.locator('[data-title="t30"]').hover()
    assert page.locator('[data-title="t30"] title').text_content() == "tensor out: 4, side B"
    page.locator(".members summary").click()
    page.get_by_role("button", name="odd / even").click()
    frames(page)
    cut = tnet.min_cut(network, tnet.partitions.odd_even(16))
    assert page.locator(".members p").text_content() == ", ".join(cut.indices)


def test_colours_change_and_the_side_can_be_copied(opened):
    page = opened(explore(NETWORKS["windows of 2"]))
    background = "() => getComputedStyle(document.querySelector('main')).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.get_by_label("light or dark colours").click()
    assert page.evaluate(background) == "rgb(18, 22, 27)"
    page.get_by_role("button", name="copy").click()
    page.locator(".copy").filter(has_not_text=re.compile("^copy$")).wait_for()
    assert page.evaluate("() => String(getSelection())") == "[*range(0, 8)]"


def test_frames_on_one_page_do_not_meet(opened):
    network = NETWORKS["windows of 2"]
    frames_ = [explore(network, side_a=[0])._repr_html_(), explore(LOOP)._repr_html_()]
    page = opened(f"<!doctype html><p>{frames_[0]}</p><p>{frames_[0]}</p><p>{frames_[1]}</p>")
    first, second, third = (page.frame_locator("iframe").nth(place) for place in range(3))
    first.get_by_role("button", name="odd / even").click()
    assert first.locator(".dimension").text_content() == "256"
    assert second.locator(".dimension").text_content() == "2"
    second.locator('[data-mode="8"] rect').click()
    assert second.locator(".modes").input_value() == "[0, 8]"
    assert first.locator(".count-a").text_content() == "8"
    page.locator("iframe").nth(2).scroll_into_view_if_needed()
    assert third.locator(".note").is_visible()


def test_a_network_with_loops_shows_its_cut_and_says_why_no_more(opened):
    for network in (LOOP, ring(300)):
        side = random_sides(network, 1, seed=1)[0]
        page = opened(explore(network, side_a=side), f"loop{network.n_modes}")
        assert_shows_cut(page, network, side)
        assert page.locator(".note").is_visible()
        assert page.get_by_role("checkbox").count() == 0
        assert page.locator(".presets button").count() == 0
        assert page.locator(".widths input:not(:disabled)").count() == 0


LARGE = {
    "line of 256": tnet.ConvNet(256, features=2, widths=(2, 4, 4, 8, 8, 8, 8, 8)),
    "line of 4096": tnet.ConvNet(4096, features=3, widths=(2, 4, 5) + (8,) * 9),
    "grid of 64x64": tnet.ConvNet((64, 64), features=2, widths=(2, 4, 4, 8, 8, 8)),
}

PRESSED = """async (key) => {
  const box = key.querySelector("rect").getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  const start = performance.now();
  key.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, cancelable: true, ...at }));
  document.body.getBoundingClientRect();
  const answered = performance.now() - start;
  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  return [answered, performance.now() - start];
}"""


@pytest.mark.parametrize("name", LARGE)
def test_large_networks_answer_at_once(opened, name):
    network = LARGE[name].compile()
    count = network.n_modes
    side = random_sides(network, 1, seed=2)[0]
    page = opened(explore(network, side_a=side))
    frames(page)
    where = ".view" if count <= 256 else ".grid"
    times = []
    for mode in np.random.default_rng(3).integers(count, size=15).tolist():
        key = page.locator(f'{where} [data-mode="{mode}"]')
        key.scroll_into_view_if_needed()
        times.append(key.evaluate(PRESSED))
        side[mode] ^= True
    assert_shows_cut(page, network, side)
    answered, painted = np.median(np.array(times), axis=0)
    print(f"{name}: {answered:.1f} ms to the answer, {painted:.1f} ms to the second frame")
    assert painted < (100 if count <= 256 else 1000)


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        *(("windows of 2", "light"), ("line of 256", "light"), ("line of 256", "dark")),
        *(("grid", "dark"), ("grid of 64x64", "light"), ("line of 4096", "dark")),
    ],
)
def test_pictures_are_kept_for_a_person_to_look_at(opened, name, theme):
    network = {**SPECS, **LARGE}[name].compile()
    side = tnet.partitions.random_balanced(network.input_shape, seed=4)
    if name == "grid":
        side = tnet.partitions.blocks((8, 8), 2)
    page = opened(explore(network, side_a=side, theme=theme))
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = PICTURES / f"{name.replace(' ', '-')}-{theme}.png"
    if page.locator(".formula").is_visible():
        page.locator(".formula summary").click()
        page.locator(".formula li").first.wait_for()
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 20_000
