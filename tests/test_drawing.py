"""Pictures: what is in them, that all of it is legible, and that files are what they say."""

import builtins
import dataclasses
import itertools
import math
import re
import time
import xml.etree.ElementTree as ET

import networkx as nx
import numpy as np
import pytest
from pictures import SVG, extent, numbers, overlap, text_extent, titled

import tnet
from tnet.cuts.min_cut import min_cut
from tnet.drawing.draw import Drawing, draw
from tnet.drawing.theme import DARK, LIGHT
from tnet.errors import (
    FileFormatError,
    MissingLibraryError,
    PartitionError,
    StructureError,
)

partitions = tnet.partitions


def convnet(inputs, levels, **options):
    return tnet.ConvNet(inputs, features=4, widths=(4,) * levels, **options).compile()


def ring(n=8):
    graph = nx.cycle_graph(n)
    nx.set_edge_attributes(graph, 2, "dim")
    nx.set_node_attributes(graph, 2, "open")
    return tnet.from_graph(graph)


def lattice():
    graph = nx.grid_2d_graph(4, 4)
    nx.set_edge_attributes(graph, 2, "dim")
    nx.set_node_attributes(graph, 2, "open")
    return tnet.from_graph(graph)


def read_twice():
    b = tnet.NetworkBuilder()
    x = b.indices("x", 6, 4, role="input", modes=[0, 1, 1, 2, 2, 3])
    h = b.indices("h", 3, 5)
    b.tensors("w", [[x[0], x[1], h[0]], [x[2], x[3], h[1]], [x[4], x[5], h[2]]])
    b.tensor("out", list(h))
    return b.build()


def oddities():
    """Size-1 and huge dims, a diagonal, an index of one end, parallel bonds, several outputs."""
    b = tnet.NetworkBuilder()
    b.index("x", 2, role="input")
    b.index("hub", 3)
    b.index("one", 1)
    b.index("vast", 2**40)
    b.index("loop", 2)
    b.index("loose", 2)
    b.index("y", 7, role="output")
    b.index("z", 7, role="output")
    b.tensor("A", ["x", "hub", "loop", "loop"])
    b.tensor("B", ["hub", "one", "vast", "y"])
    b.tensor("C", ["one", "vast", "z"])
    b.tensor("D", ["hub", "loose"])
    return b.build()


def inner_output():
    """A tree with an output below its top, so that two bands of labels come close."""
    b = tnet.NetworkBuilder()
    x = b.indices("x", 3, 4, role="input")
    hub, y = b.index("hub", 3), b.index("y", 5, role="output")
    b.tensor("low", [x[0], hub, y], root_axis=1)
    b.tensor("mid", [x[1], hub], root_axis=1)
    tower = b.indices("t", 8, 2)
    b.tensor("first", [x[2], hub, tower[0]], root_axis=2)
    b.tensors("step", np.stack([tower[:-1], tower[1:]], axis=1), root_axis=1)
    b.tensor("top", [tower[-1]])
    return b.build()


def closed():
    return tnet.from_einsum("ab,bc,ca->", (2, 3), (3, 4), (4, 2))


CASES = {
    "line 16": lambda: (convnet(16, 4), partitions.left_right(16)),
    "line 64 odd-even": lambda: (convnet(64, 6), partitions.odd_even(64)),
    "line 100": lambda: (convnet(100, 2, window=10), partitions.left_right(100)),
    "grid 8": lambda: (convnet((8, 8), 3), partitions.left_right((8, 8))),
    "mirror 8": lambda: (convnet((8, 8), 3, pooling="mirror"), partitions.checkerboard((8, 8))),
    "grid 16": lambda: (convnet((16, 16), 4), partitions.checkerboard((16, 16))),
    "grid 2x9": lambda: (convnet((2, 9), 1, pooling="global"), partitions.left_right((2, 9))),
    "outputs": lambda: (convnet(8, 3, outputs=10), partitions.odd_even(8)),
    "irregular": lambda: (
        convnet(3, 2, pooling=tnet.ModeTree.from_nested(((0, 1), 2))),
        [0, 1],
    ),
    "rectifier": lambda: (convnet(4, 2, operator="max"), [0, 1]),
    "ring": lambda: (ring(), [0, 1, 2, 3]),
    "lattice": lambda: (lattice(), range(8)),
    "read twice": lambda: (read_twice(), [0, 1]),
    "oddities": lambda: (oddities(), [0]),
    "closed": lambda: (closed(), []),
    "two components": lambda: (
        tnet.from_einsum("ax,bx,cy,dy->abcd", *[(2, 3)] * 4),
        [0, 2],
    ),
    "inner output": lambda: (inner_output(), [0]),
    "scalar": lambda: (tnet.from_einsum(",->", (), ()), []),
    "nothing": lambda: (tnet.TensorNetwork((), ()), []),
    "one tensor": lambda: (tnet.from_einsum("a->a", (5,)), [0]),
    "empty side": lambda: (convnet(4, 2), []),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    network, side_a = CASES[request.param]()
    cut = min_cut(network, side_a)
    drawing = draw(network, cut=cut)
    return network, cut, drawing, ET.fromstring(drawing.svg)


def ends_of(network):
    """Ends of each index, counted the slow way."""
    ends = [0] * network.n_indices
    for group in network.tensor_groups:
        for row in group.indices.tolist():
            for index in row:
                ends[index] += 1
    for index in [*network.inputs.tolist(), *network.outputs.tolist()]:
        ends[index] += 1
    return ends


def test_there_is_a_square_per_tensor_a_dot_per_hyperedge_a_terminal_per_reading(case):
    network, _, _, root = case
    assert len(titled(root, "rect", "tensor ")) == network.n_tensors
    assert len(titled(root, "circle", "copy tensor ")) == sum(e >= 3 for e in ends_of(network))
    assert len(titled(root, "circle", "input ")) == len(network.inputs)
    assert len(titled(root, "path", "index ")) == network.n_indices


def test_exactly_the_cut_indices_are_dashed_and_their_dots_ringed(case):
    network, cut, _, root = case
    dashed = [p for p in titled(root, "path", "index ") if "stroke-dasharray" in p.attrib]
    names = {p.findtext(f"{SVG}title").removeprefix("index ").partition(": dim")[0] for p in dashed}
    assert names == set(cut.indices)
    assert len(dashed) == len(cut.indices)
    ringed = [c for c in titled(root, "circle", "copy tensor ") if "stroke" in c.attrib]
    ends = ends_of(network)
    assert len(ringed) == sum(ends[index] >= 3 for index in cut.cut_ids.tolist())
    assert {e.get("stroke") for e in [*dashed, *ringed]} <= {LIGHT.cut}


def test_tensors_and_inputs_have_the_colours_of_their_sides(case):
    network, cut, drawing, root = case
    colours = [LIGHT.side_a if on_a else LIGHT.side_b for on_a in cut.tensors_on_a]
    assert [e.get("fill") for e in titled(root, "rect", "tensor ")] == colours
    sides = cut.side_a[network.input_modes]
    expected = [LIGHT.side_a if on_a else LIGHT.side_b for on_a in sides]
    assert [e.get("fill") for e in titled(root, "circle", "input ")] == expected
    assert [terminal.side == "a" for terminal in drawing.scene.terminals] == sides.tolist()


def test_uncut_lines_have_the_side_of_their_tensors_and_outputs_none(case):
    network, cut, drawing, _ = case
    outputs, uncut = set(network.outputs.tolist()), set(range(network.n_indices))
    uncut -= {*cut.cut_ids.tolist()}
    for index in uncut:
        line = drawing.scene.lines[index]
        tensors = network.incidence.tensors_at(index)
        on_a = {bool(flag) for flag in cut.tensors_on_a[tensors]}
        expected = "none" if index in outputs else "a" if on_a == {True} else "b"
        assert line.side == expected


def test_everything_lies_inside_the_view_box(case):
    *_, root = case
    x, y, width, height = numbers(root.get("viewBox"))
    elements = [e for e in root.iter() if e.tag in {SVG + t for t in ("rect", "circle", "path")}]
    boxes = [extent(e) for e in elements] + [text_extent(e) for e in root.iter(SVG + "text")]
    assert len(boxes) >= 3
    for x0, y0, x1, y1 in boxes:
        assert x - 0.02 <= x0 <= x1 <= x + width + 0.02
        assert y - 0.02 <= y0 <= y1 <= y + height + 0.02


def test_no_two_labels_overlap_and_none_lies_on_a_glyph(case):
    _, _, drawing, root = case
    texts = [text_extent(e) for e in root.iter(SVG + "text")]
    for one, other in itertools.combinations(texts, 2):
        assert not overlap(one, other)
    names = {text.text for text in drawing.scene.texts if text.kind == "name"}
    outside = [text_extent(e) for e in root.iter(SVG + "text") if e.text not in names]
    glyphs = [extent(e) for e in titled(root, "rect", "tensor ") + list(root.iter(SVG + "circle"))]
    glyphs += [extent(e) for e in titled(root, "rect", "element ")]
    for text, glyph in itertools.product(outside, glyphs):
        assert not overlap(text, glyph)


def test_no_two_squares_or_circles_overlap(case):
    *_, root = case
    glyphs = [extent(e) for e in titled(root, "rect", "tensor ") + list(root.iter(SVG + "circle"))]
    glyphs = np.array(glyphs)
    low, high = glyphs[:, :2], glyphs[:, 2:]
    meets = (np.minimum(high[:, None], high) - np.maximum(low[:, None], low) > 0).all(axis=2)
    assert meets.sum() == len(glyphs)


def test_the_svg_is_plain_and_titled(case):
    *_, root = case
    for element in root.iter():
        assert not {"style", "id", "class", "href"} & set(element.attrib)
        assert element.tag != SVG + "style"
        if element.tag != SVG + "title":
            assert element.findtext(f"{SVG}title")
    assert "url(" not in ET.tostring(root, encoding="unicode")


def test_titles_tell_name_dims_and_side():
    root = ET.fromstring(draw(convnet(8, 3), side_a=partitions.left_right(8)).svg)
    titles = {element.text for element in root.iter(SVG + "title")}
    assert "tensor conv0[5]: 4x4, side B" in titles
    assert "input x[2]: dim 4, mode 2, side A" in titles
    assert "copy tensor r2: dim 4, 3 ends, cut" in titles
    assert "index r0[0]: dim 4, 3 ends, side A" in titles


@pytest.mark.parametrize(("inputs", "levels", "least"), [(16, 4, 20), (64, 6, 12), (256, 8, 5)])
def test_inputs_of_a_line_stand_in_order_with_room_between(inputs, levels, least):
    scene = draw(convnet(inputs, levels)).scene
    gaps = np.diff([terminal.x for terminal in scene.terminals])
    assert gaps.min() >= least
    assert all(terminal.radius * 2 < gaps.min() for terminal in scene.terminals)
    squares = sorted(s.x for s in scene.squares if s.title.startswith("tensor conv0["))
    assert squares == [terminal.x for terminal in scene.terminals]


@pytest.mark.parametrize(("inputs", "levels"), [(64, 6), (256, 8)])
def test_inputs_are_numbered_all_up_to_64_and_every_so_many_beyond(inputs, levels):
    scene = draw(convnet(inputs, levels)).scene
    modes = [int(text.text) for text in scene.texts if text.kind == "mode"]
    step = inputs // len(modes)
    assert modes == list(range(0, inputs, step))
    assert (step == 1) == (inputs <= 64)


@pytest.mark.parametrize("inputs", [64, (8, 8), 256, (16, 16)])
def test_large_pictures_keep_the_shape_of_a_page(inputs):
    levels = int(math.log2(np.max(inputs)))
    view = draw(convnet(inputs, levels), side_a=partitions.left_right(inputs)).scene.view
    assert 1.3 < view.width / view.height < 3


def test_every_band_is_labelled_once_with_its_dim():
    scene = draw(convnet(16, 4, outputs=10)).scene
    levels = [text.text for text in scene.texts if text.kind == "level"]
    expected = ["y dim 10", "out"]
    for level in (3, 2, 1, 0):
        expected += [f"r{level} dim 4", f"conv{level}"]
    assert levels == [*expected, "x dim 4"]


def test_small_networks_by_hand_have_their_names_in_the_squares():
    scene = draw(ring()).scene
    names = {text.text: (text.x, text.y) for text in scene.texts if text.kind == "name"}
    assert list(names) == list("01234567")
    assert list(names.values()) == [(square.x, square.y) for square in scene.squares]


def test_lines_grow_with_log2_of_the_dim():
    def width(dim):
        network = tnet.from_einsum("ab,bc->ac", (2, dim), (dim, 2))
        (line,) = (line for line in draw(network).scene.lines if line.title.startswith("index b:"))
        return line.width

    widths = [width(2**power) for power in range(5)]
    np.testing.assert_allclose(np.diff(widths), widths[1] - widths[0])
    assert widths[1] > widths[0] > 0
    assert width(2**40) < 10


def test_the_inset_shows_the_partition_of_a_grid_row_by_row():
    side = partitions.random_balanced((3, 5), seed=4)
    scene = draw(convnet((3, 5), 1, pooling="global"), side_a=side).scene
    corners = sorted(scene.cells, key=lambda cell: (cell.y, cell.x))
    assert [cell.side == "a" for cell in corners] == side.ravel().tolist()
    assert len({cell.y for cell in corners}) == 3
    assert corners == list(scene.cells)


def test_the_inset_overlaps_no_line_and_no_glyph():
    for inputs, levels in [((8, 8), 3), ((16, 16), 4), ((4, 4), 2)]:
        scene = draw(convnet(inputs, levels), side_a=partitions.checkerboard(inputs)).scene
        left = min(cell.box.x0 for cell in scene.cells)
        bottom = max(cell.box.y1 for cell in scene.cells)
        for line in scene.lines:
            for stroke in line.strokes:
                for (x0, y0), (x1, y1) in itertools.pairwise(stroke):
                    for share in np.linspace(0, 1, 50):
                        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
                        assert x < left or y > bottom


def test_there_is_no_inset_for_a_line_nor_without_a_partition():
    assert not draw(convnet(16, 4), side_a=partitions.left_right(16)).scene.cells
    assert not draw(convnet((4, 4), 2)).scene.cells


def caption_of(drawing):
    return " ".join(text.text for text in drawing.scene.texts if text.kind == "caption")


def test_the_caption_states_the_cut_and_its_claim():
    network = convnet(16, 4)
    drawing = draw(network, side_a=partitions.odd_even(16))
    assert caption_of(drawing) == ("min cut 65536 = r0^8 (8 against 8 inputs; exact by theorem)")
    assert caption_of(draw(network)) == ("16 inputs, 31 tensors, 31 indices, forest, product")


def test_a_caption_of_many_factors_is_shortened():
    drawing = draw(lattice(), side_a=[0, 2, 5, 7, 8, 10, 13, 15])
    assert re.search(r"·… \(8 groups\) \(8 against 8 inputs; .*\)$", caption_of(drawing))
    assert caption_of(drawing).count("·") == 5


@pytest.mark.parametrize(
    "name",
    ["<b>&amp;", "a & b < c", "\"quotes\" 'too'", "line\nbreak", "bell\x07", "名前", "$x^2$"],
)
def test_names_are_escaped_everywhere(name):
    b = tnet.NetworkBuilder()
    b.index(name, 3, role="input")
    b.tensor(name, [name])
    drawing = draw(b.build(), side_a=[0])
    root = ET.fromstring(drawing.svg)
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    assert f"input {shown}: dim 3, mode 0, side A" in {e.text for e in root.iter(SVG + "title")}
    assert any(shown in (e.text or "") for e in root.iter(SVG + "text"))
    assert drawing.png(dpi=30).startswith(b"\x89PNG")


def test_long_names_are_shortened_in_labels_and_whole_in_titles():
    b = tnet.NetworkBuilder()
    b.index("i" * 300, 3, role="input")
    b.tensor("t" * 300, ["i" * 300])
    drawing = draw(b.build())
    assert max(len(text.text) for text in drawing.scene.texts) < 100
    assert "t" * 300 in drawing.svg
    assert drawing.scene.view.width < 1000


def test_files_are_what_their_suffixes_say(tmp_path):
    drawing = draw(convnet(8, 3), side_a=partitions.odd_even(8))
    for suffix, start in [(".svg", b"<svg"), (".png", b"\x89PNG\r\n"), (".PDF", b"%PDF-")]:
        path = drawing.save(tmp_path / f"net{suffix}")
        assert path == tmp_path / f"net{suffix}"
        assert path.read_bytes().startswith(start)
    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == drawing.svg
    assert {path.name for path in tmp_path.iterdir()} == {"net.svg", "net.png", "net.PDF"}


def test_the_png_has_the_aspect_and_the_colours_of_the_scene():
    from matplotlib.image import imread

    drawing = draw(convnet(8, 3), side_a=partitions.left_right(8))
    import io

    image = imread(io.BytesIO(drawing.png(dpi=96)))[:, :, :3]
    view = drawing.scene.view
    assert abs(image.shape[1] - view.width) <= 2
    assert abs(image.shape[0] - view.height) <= 2
    for square in drawing.scene.squares:
        pixel = image[int(square.y - view.y0), int(square.x - view.x0)]
        colour = LIGHT.side(square.side)
        expected = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        np.testing.assert_allclose(pixel, expected, atol=0.02)


def test_pictures_are_the_same_bytes_every_time():
    first, second = (draw(convnet(8, 3), side_a=[0, 1]) for _ in range(2))
    assert first.svg == second.svg
    assert first.png(dpi=50) == second.png(dpi=50)
    assert first.pdf() == second.pdf()


def test_drawing_leaves_no_figure_open():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    draw(convnet(4, 2)).png(dpi=40)
    assert plt.get_fignums() == before


def test_themes_differ_in_colours_only():
    network = convnet(8, 3)
    light, dark = (draw(network, side_a=[0, 1], theme=theme) for theme in ("light", "dark"))
    assert light.scene == dark.scene
    assert DARK.background in dark.svg
    assert LIGHT.background not in dark.svg
    assert draw(network, theme=DARK).svg == draw(network, theme="dark").svg


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_colours_stand_out_from_the_paper_and_words_most(theme):
    def contrast(colour):
        pair = sorted([luminance(colour), luminance(theme.background)])
        return (pair[1] + 0.05) / (pair[0] + 0.05)

    assert contrast(theme.ink) > 12
    assert contrast(theme.muted) > 4.5
    assert contrast(theme.cut) > 4.5
    assert min(contrast(theme.side_a), contrast(theme.side_b)) > 2


def test_two_to_the_twenty_inputs_are_drawn_by_group_and_quickly():
    network = convnet(2**20, 20)
    cut = min_cut(network, partitions.odd_even(2**20))
    start = time.perf_counter()
    drawing = draw(network, cut=cut)
    root = ET.fromstring(drawing.svg)
    assert time.perf_counter() - start < 3
    assert len(titled(root, "rect", "tensor group ")) == len(network.tensor_groups)
    lines = titled(root, "path", "index group ")
    assert len(lines) == len(network.index_groups)
    dashed = [line for line in lines if "stroke-dasharray" in line.attrib]
    assert len(dashed) == len(cut.factors) == 1
    texts = [element.text for element in root.iter(SVG + "text")]
    assert "conv0  × 1,048,576" in texts
    assert "r0  524,288 of dim 4  cut: 4^524,288" in texts
    assert len(drawing.svg) < 100_000


def test_a_summary_keeps_labels_apart_and_inside():
    network = convnet((64, 64), 6, outputs=10)
    root = ET.fromstring(draw(network, side_a=partitions.checkerboard((64, 64))).svg)
    x, y, width, height = numbers(root.get("viewBox"))
    texts = [text_extent(e) for e in root.iter(SVG + "text")]
    cells = [extent(e) for e in titled(root, "rect", "element ")]
    assert len(cells) == 4096
    for one, other in itertools.combinations(texts, 2):
        assert not overlap(one, other)
    for box in [*texts, *cells]:
        assert x <= box[0] <= box[2] <= x + width
        assert y <= box[1] <= box[3] <= y + height
    inset = (*np.min(cells, axis=0)[:2], *np.max(cells, axis=0)[2:])
    assert not any(overlap(text, inset) for text in texts)


def test_a_summary_of_very_many_groups_shows_some_and_counts_the_rest():
    graph = nx.path_graph(2100)
    nx.set_edge_attributes(graph, 2, "dim")
    drawing = draw(tnet.from_graph(graph))
    texts = [text.text for text in drawing.scene.texts]
    shown = sum(square.kind == "tensor group" for square in drawing.scene.squares)
    assert f"… and {2100 - shown:,} more" in texts


def test_a_drawing_shows_itself_and_says_what_it_is():
    drawing = draw(convnet(8, 3), side_a=partitions.left_right(8))
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == repr(drawing)
    assert re.fullmatch(
        r"<Drawing \d+ x \d+, light: min cut 4 = r2 \(4 against 4 inputs; exact by theorem\)>",
        repr(drawing),
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        drawing.theme = DARK


def test_a_cut_alone_a_side_alone_and_both_give_one_picture():
    network = convnet(8, 3)
    side = partitions.left_right(8)
    cut = min_cut(network, side)
    pictures = {
        draw(network, cut=cut).svg,
        draw(network, side_a=side).svg,
        draw(network, side_a=range(4), cut=cut).svg,
        draw(convnet(8, 3), cut=cut).svg,
        draw(network, cut=cut, layout="layered").svg,
    }
    assert len(pictures) == 1


def test_a_side_that_is_not_that_of_the_cut_is_refused():
    network = convnet(8, 3)
    cut = min_cut(network, partitions.left_right(8))
    with pytest.raises(
        PartitionError, match=r"differ at 2 of 8 elements, first at mode 3; give one"
    ):
        draw(network, side_a=[0, 1, 2, 4], cut=cut)


def test_a_cut_of_another_network_is_refused():
    cut = min_cut(convnet(4, 2), [0])
    with pytest.raises(StructureError, match=r"another network, of 7 tensors and 4 inputs"):
        draw(convnet(8, 3), cut=cut)


@pytest.mark.parametrize("cut", ["x", 3, [0, 1]])
def test_what_is_no_cut_is_refused(cut):
    with pytest.raises(StructureError, match=r"cut is .*; give a MinCut, which min_cut returns"):
        draw(convnet(4, 2), cut=cut)


@pytest.mark.parametrize("network", [3, None, tnet.ConvNet(4, features=2, widths=(2, 2))])
def test_what_is_no_network_is_refused(network):
    with pytest.raises(StructureError, match=f"of type {type(network).__name__}; give a TensorNet"):
        draw(network)


@pytest.mark.parametrize("dpi", [0, -1, 9.9, float("nan"), float("inf"), "x", None, True])
def test_dots_per_inch_are_a_number_from_10(dpi):
    drawing = draw(tnet.ConvNet(4, features=2, widths=(2, 2)).compile())
    with pytest.raises(StructureError, match=r"dpi is .*; give a number of dots per inch, from 10"):
        drawing.png(dpi=dpi)
    assert drawing.png(dpi=np.int64(10)).startswith(b"\x89PNG")


def test_an_unknown_layout_is_refused():
    with pytest.raises(
        StructureError, match=r"layout is 'spring'; choose one of auto, layered, radial"
    ):
        draw(convnet(4, 2), layout="spring")


def test_an_unknown_theme_is_refused():
    with pytest.raises(StructureError, match=r"theme is 'pink'; choose one of light, dark, or"):
        draw(convnet(4, 2), theme="pink")


def test_layered_is_refused_for_more_tensors_than_it_draws():
    with pytest.raises(StructureError, match=r"2,000 at most; this network has 4,095: use 'auto'"):
        draw(convnet(2**11, 11), layout="layered")


@pytest.mark.parametrize("name", ["net.gif", "net", ".svg"])
def test_another_suffix_is_refused_and_nothing_written(tmp_path, name):
    drawing = draw(convnet(4, 2))
    with pytest.raises(FileFormatError, match=r"one of \.svg, \.png, \.pdf, \.dot; .* ends in"):
        drawing.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_error_names_the_extra_and_svg_still_works(tmp_path, monkeypatch):
    imported = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    drawing = draw(convnet(4, 2))
    with pytest.raises(MissingLibraryError, match=r"a PNG needs matplotlib.*install tnet\[viz\]"):
        drawing.save(tmp_path / "net.png")
    with pytest.raises(MissingLibraryError, match=r"a PDF needs matplotlib"):
        drawing.pdf()
    assert drawing.save(tmp_path / "net.svg").stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]


def test_importing_the_room_loads_no_matplotlib():
    import subprocess
    import sys

    code = "import sys, tnet.drawing.draw; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_drawing_is_made_of_scene_and_theme():
    scene = draw(convnet(4, 2)).scene
    assert Drawing(scene, DARK).svg == draw(convnet(4, 2), theme="dark").svg
