"""Charts: every value has its cell, every curve its line, nothing overlaps or leaves the view."""

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tnet.drawing.charts import draw_curves, draw_heat_map
from tnet.drawing.theme import LIGHT
from tnet.errors import StructureError

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {"title": "t", "x_label": "across", "y_label": "down"}
LONG = "the binary logarithm of the dimension of the cut and of much else besides " * 3


def cells(drawing):
    return [
        element
        for element in ET.fromstring(drawing.svg).iter(f"{SVG}rect")
        if element.find(f"{SVG}title").text.startswith("down ")
    ]


def test_every_finite_entry_has_a_cell_of_its_shade_and_the_first_row_is_on_top():
    matrix = np.array([[0.0, 1.0, np.nan], [2.0, np.inf, 4.0]])
    found = {
        element.find(f"{SVG}title").text: element
        for element in cells(draw_heat_map(matrix, unit="bits", **LABELS))
    }
    assert set(found) == {
        "down 0, across 0: 0 bits",
        "down 0, across 1: 1 bits",
        "down 1, across 0: 2 bits",
        "down 1, across 2: 4 bits",
    }
    assert found["down 0, across 0: 0 bits"].get("fill") == LIGHT.least
    assert found["down 1, across 2: 4 bits"].get("fill") == LIGHT.most
    tops = [float(found[title].get("y")) for title in sorted(found)]
    assert tops[0] == tops[1] < tops[2] == tops[3]


def test_rows_are_called_from_where_they_start():
    found = draw_heat_map(np.arange(6.0).reshape(3, 2), first_row=1, **LABELS)
    titles = [element.find(f"{SVG}title").text for element in cells(found)]
    assert titles[0] == "down 1, across 0: 0"
    assert {"1", "2", "3"} <= {text.text for text in found.scene.texts}


def test_a_large_matrix_is_drawn_by_means_of_blocks():
    matrix = np.repeat(np.repeat([[1.0, 3.0], [5.0, 7.0]], 256, axis=0), 256, axis=1)
    matrix[:, ::2] = np.nan
    shown = cells(draw_heat_map(matrix, **LABELS))
    assert len(shown) == 128 * 128
    values = {element.find(f"{SVG}title").text.split(": ")[1] for element in shown}
    assert values == {"1", "3", "5", "7"}


def test_values_whose_range_is_not_finite_have_shades():
    shown = cells(draw_heat_map([[1e308, -1e308, 0.0]], **LABELS))
    fills = [element.get("fill") for element in shown]
    assert fills[:2] == [LIGHT.most, LIGHT.least]
    assert fills[2] not in fills[:2]


def test_a_constant_matrix_and_one_without_finite_entries_still_draw():
    assert len(cells(draw_heat_map(np.ones((2, 2)), **LABELS))) == 4
    blank = draw_heat_map(np.full((2, 2), np.nan), unit="bits", **LABELS)
    assert cells(blank) == []
    assert blank.scene.cells == ()
    assert not any("bits" in text.text for text in blank.scene.texts)


def curves(drawing):
    found = {}
    for element in ET.fromstring(drawing.svg).iter(f"{SVG}path"):
        points = [tuple(map(float, p.split())) for p in re.split("[ML]", element.get("d"))[1:]]
        # A curve comes before the sample of its line in the legend.
        found.setdefault(element.find(f"{SVG}title").text, points)
    return found


def test_curves_keep_their_order_and_shape():
    x = np.arange(1, 9)
    found = curves(draw_curves({"low": (x, x), "high": (x, 2 * x)}, **LABELS))
    low, high = np.array(found["low"]), np.array(found["high"])
    np.testing.assert_allclose(low[:, 0], high[:, 0])
    assert (high[:, 1] < low[:, 1]).all()
    np.testing.assert_allclose(np.diff(low[:, 1]), np.diff(low[:, 1])[0], atol=0.02)


def test_points_that_are_not_finite_are_left_out():
    found = curves(draw_curves({"c": ([1, 2, 3], [1, np.nan, 2])}, **LABELS))
    assert len(found["c"]) == 2


def test_a_curve_of_one_point_is_a_dot_there_and_beside_its_name():
    drawing = draw_curves(
        {"line": ([0.0, 2.0], [0.0, 2.0]), "point": ([1.0, 2.0], [1.0, np.nan])}, **LABELS
    )
    found = [
        element
        for element in ET.fromstring(drawing.svg).iter(f"{SVG}circle")
        if element.find(f"{SVG}title").text == "point"
    ]
    assert "point" not in curves(drawing)
    assert len(found) == 2
    ends = np.array(curves(drawing)["line"])
    at = [float(found[0].get("cx")), float(found[0].get("cy"))]
    np.testing.assert_allclose(at, ends.mean(axis=0), atol=0.02)
    assert float(found[0].get("r")) > 2
    assert {element.get("fill") for element in found} == {LIGHT.side_b}
    named = next(text for text in drawing.scene.texts if text.title == "point")
    assert float(found[1].get("cy")) == pytest.approx(named.y, abs=0.01)


@pytest.mark.parametrize(
    "drawing",
    [
        draw_heat_map(np.arange(600.0).reshape(20, 30), **LABELS),
        draw_heat_map(np.arange(90_000.0).reshape(300, 300), unit="bits", **LABELS),
        draw_curves({name: (np.arange(2000), np.arange(2000) * 1e3) for name in "abcd"}, **LABELS),
        draw_curves({"one point": ([3.0], [1e-9])}, theme="dark", **LABELS),
        draw_heat_map([[0, 1]], title=LONG, x_label=LONG, y_label=LONG),
        draw_curves({LONG: ([0, 1], [0, 1])}, title=LONG, x_label=LONG, y_label=LONG),
        draw_curves({"vast": ([0, 1, 2], [1.7e308, -1.7e308, 0.0])}, **LABELS),
        draw_curves({"tiny": ([0, 5e-324], [0, 5e-324])}, **LABELS),
        draw_curves({"far": ([1e17, 1e17], [1e17, 1e17])}, **LABELS),
    ],
    ids=[
        "map",
        "large map",
        "four curves at one end",
        "one point",
        "long labels",
        "long names",
        "vast",
        "tiny",
        "far",
    ],
)
def test_everything_is_in_view_and_no_labels_overlap(drawing):
    scene = drawing.scene
    for glyph in scene.glyphs():
        box = glyph.box
        assert scene.view.x0 <= box.x0 <= box.x1 <= scene.view.x1
        assert scene.view.y0 <= box.y0 <= box.y1 <= scene.view.y1
    for one, other in itertools.combinations([text.box for text in scene.texts], 2):
        apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
        assert apart
    assert drawing.png(dpi=50).startswith(b"\x89PNG")


@pytest.mark.parametrize("values", [[1, 2, 3], np.zeros((0, 3))])
def test_what_is_no_matrix_is_refused(values):
    with pytest.raises(StructureError, match="needs a matrix with an entry"):
        draw_heat_map(values, **LABELS)


def test_too_many_curves_none_or_empty_ones_are_refused():
    with pytest.raises(StructureError, match="1 to 4 curves; got 0"):
        draw_curves({}, **LABELS)
    with pytest.raises(StructureError, match="1 to 4 curves; got 5"):
        draw_curves({name: ([1], [1]) for name in "abcde"}, **LABELS)
    with pytest.raises(StructureError, match="'c' has no finite point"):
        draw_curves({"c": ([1, 2], [np.nan, np.inf])}, **LABELS)


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ([1], "are of type list; give a mapping"),
        (None, "are of type NoneType; give a mapping"),
        ({"a": 3}, "'a' is no pair; give two lists"),
        ({"a": "xy"}, "'a' is no pair; give two lists"),
        ({"a": ([1],)}, "'a' is no pair; give two lists"),
        ({1: ([1], [2])}, "a curve is named 1; give its name"),
    ],
)
def test_what_is_no_mapping_of_names_to_pairs_is_refused(curves, message):
    with pytest.raises(StructureError, match=message):
        draw_curves(curves, **LABELS)


def test_a_pair_may_be_an_array_of_two_rows():
    pair = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert len(curves(draw_curves({"c": pair}, **LABELS))["c"]) == 2


@pytest.mark.parametrize(("x", "y"), [([1, 2], [1]), ([2, 1], [1, 2]), ([[1]], [[1]])])
def test_curves_have_two_lists_of_one_length_in_order(x, y):
    with pytest.raises(StructureError, match=r"'c' has x of shape .* x ascending"):
        draw_curves({"c": (x, y)}, **LABELS)


def test_a_curve_as_high_as_floats_go_keeps_its_shape():
    high = 1.7e308
    found = curves(draw_curves({"c": ([0, 1, 2], [-high, 0, high])}, **LABELS))["c"]
    heights = [y for _, y in found]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.02)
    assert heights[0] > heights[1]


@pytest.mark.parametrize("values", [[["a", "b"]], [[1, 2], [3]], [[1j]], [[10**400]], "text"])
def test_a_map_of_what_is_no_number_is_refused(values):
    with pytest.raises(StructureError, match="values of a map are not all real numbers"):
        draw_heat_map(values, **LABELS)


def test_a_curve_of_what_is_no_number_is_refused():
    with pytest.raises(StructureError, match="x of curve 'c' are not all real numbers"):
        draw_curves({"c": (["a"], [1])}, **LABELS)
    with pytest.raises(StructureError, match="y of curve 'c' are not all real numbers"):
        draw_curves({"c": ([1], [{}])}, **LABELS)
