"""Every spec in both layouts and themes: counts, order, room, no crossing where none need be."""

import functools
import itertools
import time
import xml.etree.ElementTree as ET

import networkx as nx
import numpy as np
import pytest
from pictures import (
    SVG,
    check_inside,
    check_labels_apart,
    check_plain,
    extent,
    graph_network,
    networks,
    partitions,
    side_of,
    titled,
)

import tnet
from tnet.cuts.min_cut import min_cut
from tnet.drawing.draw import draw
from tnet.drawing.theme import THEMES
from tnet.errors import StructureError

NAMES = list(networks(4))


@functools.cache
def found(n):
    """Networks with `n` inputs, each with a cut."""
    return {name: (net, min_cut(net, side_of(net))) for name, net in networks(n).items()}


def ends_of(network):
    ends = [0] * network.n_indices
    for group in network.tensor_groups:
        for row in group.indices.tolist():
            for index in row:
                ends[index] += 1
    for index in [*network.inputs.tolist(), *network.outputs.tolist()]:
        ends[index] += 1
    return ends


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("layout", ["layered", "radial"])
@pytest.mark.parametrize("n", [16, 64])
@pytest.mark.parametrize("name", NAMES)
def test_every_spec_is_drawn_whole_legibly_and_plainly(name, n, layout, theme):
    network, cut = found(n)[name]
    drawing = draw(network, cut=cut, layout=layout, theme=theme)
    root = ET.fromstring(drawing.svg)
    assert len(titled(root, "rect", "tensor ")) == network.n_tensors
    assert len(titled(root, "circle", "copy tensor ")) == sum(e >= 3 for e in ends_of(network))
    assert len(titled(root, "circle", "input ")) == len(network.inputs)
    lines = titled(root, "path", "index ")
    assert len(lines) == network.n_indices
    assert sum("stroke-dasharray" in e.attrib for e in lines) == len(cut.cut_ids)
    check_plain(root)
    check_inside(root)
    check_labels_apart(root, drawing.scene.texts)
    assert root.find(f"{SVG}rect").get("fill") == THEMES[theme].background


@pytest.mark.parametrize("n", [16, 64])
@pytest.mark.parametrize("name", NAMES)
def test_no_two_squares_or_circles_of_a_radial_picture_overlap(name, n):
    root = ET.fromstring(draw(found(n)[name][0], layout="radial").svg)
    glyphs = [*titled(root, "rect", "tensor "), *titled(root, "circle", "")]
    boxes = np.array([extent(e) for e in glyphs])
    low, high = boxes[:, :2], boxes[:, 2:]
    meets = (np.minimum(high[:, None], high) - np.maximum(low[:, None], low) > 0).all(axis=2)
    # Boxes of dots that lie aslant may meet at their corners where the dots do not.
    round_ones = np.array([e.tag == f"{SVG}circle" for e in glyphs])
    middles, reach = (low + high) / 2, (high - low)[:, 0] / 2
    apart = np.hypot(*(middles[:, None] - middles).transpose(2, 0, 1)) > reach[:, None] + reach
    meets &= ~(apart & round_ones[:, None] & round_ones)
    assert meets.sum() == len(glyphs)


def angles_of(points):
    """Radians clockwise from the top."""
    x, y = np.array(points).T
    return np.mod(np.arctan2(x, -y), 2 * np.pi)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "linear"])
def test_inputs_go_around_clockwise_from_the_top_outside_everything(name):
    network = found(16)[name][0]
    scene = draw(network, layout="radial").scene
    places = [(terminal.x, terminal.y) for terminal in scene.terminals]
    radii = np.hypot(*np.array(places).T)
    inner = [np.hypot(glyph.x, glyph.y) for glyph in (*scene.squares, *scene.dots)]
    assert radii.min() > max(inner)
    np.testing.assert_allclose(radii, radii[0], rtol=1e-6)
    if "," not in name and network.forest is not None and len(network.inputs) == 16:
        layered = draw(network).scene.terminals
        by_x = np.argsort([terminal.x for terminal in layered])
        assert np.argsort(angles_of(places)).tolist() == by_x.tolist()
    order = np.argsort(angles_of(places))
    if network.forest is None or name == "tt":
        assert (np.diff(network.input_modes[order]) >= 0).all()


def test_levels_are_rings_the_nearer_to_the_root_the_further_inside():
    network = tnet.ConvNet(64, features=3, widths=(2,) * 6).compile()
    scene = draw(network, layout="radial").scene
    radii = {}
    for square in scene.squares:
        group = square.title.removeprefix("tensor ").partition(":")[0].partition("[")[0]
        radii.setdefault(group, set()).add(round(np.hypot(square.x, square.y), 3))
    assert all(len(found) == 1 for found in radii.values())
    rings = [radii[f"conv{level}"].pop() for level in range(6)]
    assert (np.diff(rings) < 0).all()
    root = next(dot for dot in scene.dots if dot.title.startswith("copy tensor r5"))
    assert (root.x, root.y) == (0, 0)
    (out,) = (square for square in scene.squares if square.title.startswith("tensor out"))
    assert abs(out.x) < 1e-6
    assert out.y < 0


@pytest.mark.parametrize(("inputs", "least"), [(16, 15), (64, 12), (256, 7)])
@pytest.mark.parametrize("kind", ["convnet", "cp", "tt"])
def test_radial_inputs_have_room_between(kind, inputs, least):
    spec = {
        "convnet": lambda: tnet.ConvNet(
            inputs, features=4, widths=(4,) * (inputs.bit_length() - 1)
        ),
        "cp": lambda: tnet.CP(inputs, features=2, width=3),
        "tt": lambda: tnet.TensorTrain(inputs, features=2, ranks=3),
    }[kind]()
    drawing = draw(spec.compile(), side_a=partitions.left_right(inputs), layout="radial")
    places = np.array([(terminal.x, terminal.y) for terminal in drawing.scene.terminals])
    gaps = np.hypot(*np.diff(places, axis=0).T)
    assert gaps.min() >= least
    assert all(2 * terminal.radius < gaps.min() for terminal in drawing.scene.terminals)
    view = drawing.scene.view
    assert max(view.width, view.height) < 1800
    root = ET.fromstring(drawing.svg)
    check_inside(root)
    check_labels_apart(root)
    modes = sum(text.kind == "mode" for text in drawing.scene.texts)
    assert modes == inputs if inputs <= 16 else modes >= inputs // 8


def pieces(line):
    """Short straight pieces of all strokes of a line, each curve sampled."""
    t = np.linspace(0, 1, 13)[:, None]
    for stroke in line.strokes:
        points = np.array(stroke)
        for start in range(0, len(points) - 1, 3):
            a, b, c, d = points[start : start + 4]
            s = 1 - t
            curve = s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d
            yield from itertools.pairwise(curve)


def crossings(scene):
    """Pairs of pieces of all lines that meet inside both, by their ends' sides."""
    ends = np.array([piece for line in scene.lines for piece in pieces(line)])
    a, b = ends[:, 0], ends[:, 1]

    def side(p, q, r):
        turn = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
        turn = turn - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        return np.sign(np.round(turn, 4))

    one = side(a[:, None], b[:, None], a) * side(a[:, None], b[:, None], b)
    return int(((one < 0) & (one.T < 0)).sum()) // 2


def test_the_oracle_of_crossings_can_say_yes():
    complete = draw(graph_network(nx.complete_graph(6)), layout="radial").scene
    assert crossings(complete) > 5


@pytest.mark.parametrize("name", ["line", "grid", "mirror", "ht", "cp", "random", "tt", "dilated"])
def test_lines_of_a_forest_never_cross_around_the_root(name):
    network = found(16)[name][0]
    assert network.forest is not None
    assert crossings(draw(network, layout="radial").scene) == 0


def test_an_irregular_tree_and_two_components_do_not_cross_either():
    tree = tnet.ModeTree.from_nested((((0, 5), (1, (2, (3, 4)))), 6, (7, 8)))
    network = tnet.ConvNet(9, features=2, widths=(2,) * 5, pooling=tree).compile()
    assert crossings(draw(network, layout="radial").scene) == 0
    two = tnet.from_einsum("ax,bx,cy,dy->acbd", *[(2, 3)] * 4)
    assert crossings(draw(two, layout="radial").scene) == 0


def test_a_ring_is_closed_across_the_gap_and_a_complete_graph_drawn_by_chords():
    ring = draw(graph_network(nx.cycle_graph(12)), layout="radial").scene
    assert crossings(ring) == 0
    radius = np.hypot(ring.squares[0].x, ring.squares[0].y)
    for line in ring.lines:
        points = np.array([point for stroke in line.strokes for point in stroke])
        assert np.hypot(*points.T).min() > 0.85 * radius
    complete = draw(graph_network(nx.complete_graph(12)), layout="radial").scene
    nearest = min(
        np.hypot(*np.array(piece).mean(axis=0)) for line in complete.lines for piece in pieces(line)
    )
    assert nearest < 0.2 * radius


@pytest.mark.parametrize("shape", [(16,), (64,), (256,), (32, 32)])
def test_words_are_as_large_on_a_page_whatever_is_drawn(shape):
    levels = int(np.log2(shape[0]))
    network = tnet.ConvNet(shape, features=2, widths=(2,) * levels).compile()
    scene = draw(network, side_a=range(network.n_modes // 2), layout="radial").scene
    page = max(scene.view.width, scene.view.height)
    for text in scene.texts:
        assert text.size > (0.006 if text.kind == "mode" else 0.009) * page, text


def corners(line):
    """Angles in degrees by which a line turns where two of its cubic pieces meet."""
    for stroke in line.strokes:
        points = np.array(stroke)
        for joint in range(3, len(points) - 1, 3):
            before, after = points[joint] - points[joint - 1], points[joint + 1] - points[joint]
            turn = np.arctan2(before[0] * after[1] - before[1] * after[0], before @ after)
            yield abs(np.degrees(turn))


@pytest.mark.parametrize("n", [4, 8, 10])
def test_a_train_has_no_corners_and_names_that_can_be_read(n):
    network = tnet.TensorTrain(n, features=2, ranks=3).compile()
    scene = draw(network, layout="radial").scene
    assert max(turn for line in scene.lines for turn in corners(line)) < 3
    assert crossings(scene) == 0
    names = [text for text in scene.texts if text.kind == "name"]
    assert len(names) == n
    assert all(name.size > 0.006 * scene.view.width for name in names)


def test_lines_that_swing_to_one_place_from_several_rings_do_not_cross():
    tree = tnet.ModeTree.from_nested([0, [1, [2, 3]], 4, [5, 6], 7, 8, [[9, 10], 11]])
    network = tnet.ConvNet(12, features=2, widths=(2,) * tree.n_levels, pooling=tree).compile()
    assert crossings(draw(network, layout="radial").scene) == 0


def test_few_tensors_have_room_around_the_middle():
    scene = draw(tnet.CP(5, features=2, width=3).compile(), layout="radial").scene
    places = [np.array([square.x, square.y]) for square in scene.squares]
    nearest = min(np.hypot(*(a - b)) for a, b in itertools.combinations(places, 2))
    assert nearest > 2 * max(square.size for square in scene.squares)


ODD = {
    "nothing": lambda: tnet.TensorNetwork((), ()),
    "scalar": lambda: tnet.from_einsum(",->", (), ()),
    "one tensor": lambda: tnet.from_einsum("a->a", (5,)),
    "closed": lambda: tnet.from_einsum("ab,bc,ca->", (2, 3), (3, 4), (4, 2)),
    "diagonal": lambda: tnet.from_einsum("aab,bc->c", (2, 2, 3), (3, 4)),
    "parallel bonds": lambda: tnet.from_einsum("axy,bxy->ab", (2, 2, 2), (2, 2, 2)),
    "one input": lambda: tnet.Linear((3, 2)).compile(),
    "copied input": lambda: tnet.from_einsum("ia,ib,iab->i", (2, 3), (2, 3), (2, 3, 3)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_networks_are_drawn_around_a_middle_too(name):
    network = ODD[name]()
    root = ET.fromstring(draw(network, side_a=range(network.n_modes), layout="radial").svg)
    assert len(titled(root, "rect", "tensor ")) == network.n_tensors
    check_inside(root)
    check_plain(root)
    check_labels_apart(root, draw(network, layout="radial").scene.texts)


def test_the_partition_of_a_grid_has_its_inset_beside_the_disc():
    network = tnet.ConvNet((8, 8), features=3, widths=(2,) * 3).compile()
    scene = draw(network, side_a=partitions.checkerboard((8, 8)), layout="radial").scene
    assert len(scene.cells) == 64
    right = max(line.box.x1 for line in scene.lines)
    assert min(cell.x for cell in scene.cells) > right


def test_radial_is_refused_for_more_tensors_than_it_draws():
    network = tnet.ConvNet(2**11, features=2, widths=(2,) * 11).compile()
    with pytest.raises(StructureError, match=r"'radial' draws every tensor, 2,000 at most"):
        draw(network, layout="radial")


def test_a_chain_of_very_many_levels_is_drawn_as_rows_not_as_a_tower():
    network = tnet.TensorTrain(200, features=2, ranks=2).compile()
    for layout in ("layered", "radial"):
        view = draw(network, layout=layout).scene.view
        assert view.height < 1.2 * view.width


@pytest.mark.parametrize("inputs", [2**12, 2**20])
def test_very_large_networks_are_drawn_by_group_in_a_blink(inputs):
    network = tnet.ConvNet(inputs, features=4, widths=(4,) * (inputs.bit_length() - 1)).compile()
    cut = min_cut(network, partitions.odd_even(inputs))
    start = time.perf_counter()
    root = ET.fromstring(draw(network, cut=cut).svg)
    print(f"{inputs:,} inputs drawn in {time.perf_counter() - start:.2f} s")
    assert len(titled(root, "rect", "tensor group ")) == len(network.tensor_groups)
    check_plain(root)
    check_inside(root)
    check_labels_apart(root)


def test_a_summary_of_very_many_layers_shows_the_ends_and_where_the_cut_is():
    network = tnet.TensorTrain(2500, features=2, ranks=2).compile()
    drawing = draw(network, side_a=range(1250))
    texts = [text.text for text in drawing.scene.texts]
    assert {"core0  × 1", "core2499  × 1", "r1250  dim 2  cut: 2^1"} <= set(texts)
    assert sum(text.endswith("bands left out") for text in texts) == 2
    assert drawing.scene.view.height < 2500
    check_labels_apart(ET.fromstring(drawing.svg))
