"""Where things stand: order of the inputs, bands, no crossings, no overlaps."""

import itertools

import networkx as nx
import numpy as np
import pytest

import tnet
from tnet.drawing.forest_layout import forest_layout
from tnet.drawing.layout import layered_layout
from tnet.drawing.positions import has_dot
from tnet.drawing.sizes import sizes_for
from tnet.drawing.wires import Router


def convnet(inputs, levels, **options):
    return tnet.ConvNet(inputs, features=3, widths=(2,) * levels, **options).compile()


def graph_network(graph, dim=2):
    nx.set_edge_attributes(graph, dim, "dim")
    return tnet.from_graph(graph)


def ring(n, open_legs=True):
    graph = nx.cycle_graph(n)
    if open_legs:
        nx.set_node_attributes(graph, 2, "open")
    return graph_network(graph)


def lattice(rows, columns):
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns))
    nx.set_node_attributes(graph, 2, "open")
    return graph_network(graph)


def segments(network):
    """Straight pieces of all lines, each with the ends of its stroke."""
    layout, dots = layered_layout(network), has_dot(network)
    router = Router(network, layout, sizes_for(network, layout, dots), dots)
    pieces = []
    for index in range(network.n_indices):
        strokes, curved = router.strokes(index)
        assert not curved
        pieces += [pair for stroke in strokes for pair in itertools.pairwise(stroke)]
    return [(np.array(a), np.array(b)) for a, b in pieces if a != b]


def cross(first, second):
    """Whether two segments meet in a point that is not an end of both."""

    def side(a, b, c):
        return np.sign(np.round((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]), 6))

    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def test_cross_is_an_oracle_that_can_say_yes():
    x = (np.array([0.0, 0.0]), np.array([1.0, 1.0])), (np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    assert cross(*x)
    assert not cross(x[0], (np.array([0.0, 0.0]), np.array([1.0, 0.0])))


TREES = {
    "binary": lambda: convnet(16, 4),
    "mirror": lambda: convnet((4, 4), 2, pooling="mirror"),
    "irregular": lambda: convnet(
        9,
        5,
        pooling=tnet.ModeTree.from_nested((((0, 5), (1, (2, (3, 4)))), 6, (7, 8))),
    ),
    "outputs": lambda: convnet(8, 3, outputs=10),
    "window of one": lambda: convnet(4, 3, window=[1, 2, 2]),
    "star by hand": lambda: graph_network(nx.star_graph(6)),
    "tree by hand": lambda: graph_network(nx.balanced_tree(2, 3)),
    "shuffled chain": lambda: tnet.from_einsum(
        "ai,bij,cjk,dk->acbd", (2, 3), (2, 3, 3), (2, 3, 3), (2, 3)
    ),
    "low beside tall beside wide": lambda: tnet.from_einsum(
        "bd,de,ex,cpqrstuvw,abc->axpqrstuvw", (2, 2), (2, 2), (2, 2), (2,) * 9, (2, 2, 2)
    ),
    "two components": lambda: tnet.from_einsum("ax,bx,cy,dy->acbd", *[(2, 3)] * 4),
}


@pytest.mark.parametrize("name", TREES)
def test_lines_of_a_forest_never_cross(name):
    network = TREES[name]()
    assert network.forest is not None
    for first, second in itertools.combinations(segments(network), 2):
        assert not cross(first, second)


@pytest.mark.parametrize("levels", [1, 3, 6])
def test_inputs_of_a_line_stand_in_order_one_unit_apart(levels):
    layout = layered_layout(convnet(2**levels, levels))
    np.testing.assert_array_equal(layout.terminals[:, 0], np.arange(2**levels))
    np.testing.assert_array_equal(layout.terminals[:, 1], 0)


def test_each_level_is_one_band_and_the_root_is_on_top():
    network = convnet((4, 4), 2, outputs=3)
    layout = layered_layout(network)
    start = 0
    for group, height in zip(network.tensor_groups, (1, 3, 5), strict=True):
        assert set(layout.tensors[start : start + group.count, 1]) == {height}
        start += group.count
    np.testing.assert_array_equal(np.unique(layout.indices[:, 1]), [0, 2, 4, 6])
    assert layout.indices[network.outputs[0], 1] == layout.indices[:, 1].max()


def test_a_child_from_lower_down_stands_in_the_band_of_its_layer():
    network = convnet(3, 2, pooling=tnet.ModeTree.from_nested(((0, 1), 2)))
    layout = layered_layout(network)
    height = {t.name: layout.tensors[t.id, 1] for t in network.tensors}
    assert height["conv1"] == height["conv1.from_x"] == 3
    assert height["conv0[0]"] == 1


def test_a_parent_stands_over_the_middle_of_its_children():
    network = convnet((4, 4), 2)
    layout = layered_layout(network)
    root = network.index_names.find("r1")
    children = [t.id for t in network.tensors if t.name.startswith("conv1")]
    x = layout.tensors[children, 0]
    assert layout.indices[root, 0] == (x.min() + x.max()) / 2


def test_windows_of_a_grid_keep_the_order_of_their_smallest_modes():
    network = convnet((4, 4), 2)
    modes = np.argsort(layered_layout(network).terminals[:, 0]).reshape(4, 4)
    assert modes.tolist() == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]


def test_an_undirected_chain_in_order_is_a_row():
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 2, "open")
    layout = layered_layout(graph_network(graph))
    assert len(np.unique(layout.tensors[:, 1])) == 1
    assert (np.diff(layout.tensors[:, 0]) >= 1).all()


GRAPHS = {
    "ring": lambda: ring(8),
    "closed ring": lambda: ring(9, open_legs=False),
    "lattice": lambda: lattice(4, 4),
    "complete": lambda: graph_network(nx.complete_graph(7)),
    "two rings": lambda: graph_network(nx.disjoint_union(nx.cycle_graph(4), nx.cycle_graph(5))),
    "one ring reads": lambda: tnet.from_einsum("abi,bc,ca,xy,yz,zx->i", (2, 2, 2), *[(2, 2)] * 5),
    "copied input": lambda: tnet.from_einsum("ia,ib,iab->i", (2, 3), (2, 3), (2, 3, 3)),
}


@pytest.mark.parametrize("name", [*TREES, *GRAPHS])
def test_nothing_that_is_drawn_stands_within_a_unit_of_another_in_its_row(name):
    network = (TREES | GRAPHS)[name]()
    layout = layered_layout(network)
    spots = np.concatenate([layout.tensors, layout.indices[has_dot(network)], layout.terminals])
    assert np.isfinite(spots).all()
    for first, second in itertools.combinations(spots, 2):
        assert abs(first[1] - second[1]) > 0.5 or abs(first[0] - second[0]) > 1 - 1e-9


@pytest.mark.parametrize("name", [*TREES, *GRAPHS])
def test_positions_have_a_row_for_every_id(name):
    network = (TREES | GRAPHS)[name]()
    layout = layered_layout(network)
    assert layout.tensors.shape == (network.n_tensors, 2)
    assert layout.indices.shape == (network.n_indices, 2)
    assert layout.terminals.shape == (len(network.inputs), 2)


@pytest.mark.parametrize("name", ["ring", "lattice"])
def test_inputs_of_a_network_with_loops_stand_in_order_below_everything(name):
    layout = layered_layout(GRAPHS[name]())
    assert layout.style == "layers"
    assert (np.diff(layout.terminals[:, 0]) >= 1 - 1e-9).all()
    assert layout.terminals[:, 1].max() < layout.tensors[:, 1].min()


def test_rows_of_a_network_with_loops_tell_the_distance_from_the_inputs():
    graph = nx.grid_2d_graph(4, 3)
    for column in range(3):
        graph.nodes[0, column]["open"] = 2
    network = graph_network(graph)
    heights = layered_layout(network).tensors[:, 1].reshape(4, 3)
    assert (heights == heights[:, :1]).all()
    assert (np.diff(heights[:, 0]) > 0).all()


def test_readings_of_one_element_stand_side_by_side():
    b = tnet.NetworkBuilder()
    x = b.indices("x", 6, 4, role="input", modes=[2, 0, 1, 1, 2, 3])
    h = b.indices("h", 3, 5)
    b.tensors("w", [[x[0], x[1], h[0]], [x[2], x[3], h[1]], [x[4], x[5], h[2]]])
    b.tensors("v", [[h[0], h[1]], [h[1], h[2]], [h[0], h[2]]])
    network = b.build()
    layout = layered_layout(network)
    assert network.forest is None
    order = np.argsort(layout.terminals[:, 0])
    assert network.input_modes[order].tolist() == [0, 1, 1, 2, 2, 3]


def test_a_copied_input_has_its_dot_above_its_terminal():
    network = tnet.from_einsum("ia,ib->i", (2, 3), (2, 4))
    layout = layered_layout(network)
    (reading,) = network.inputs.tolist()
    assert layout.indices[reading, 1] > layout.terminals[0, 1]


def test_a_deep_chain_of_a_tree_is_laid_out_without_recursion():
    nested = 0
    for mode in range(1, 400):
        nested = (nested, mode)
    network = convnet(400, 399, pooling=tnet.ModeTree.from_nested(nested))
    layout = forest_layout(network, network.forest)
    np.testing.assert_array_equal(layout.terminals[:, 0], np.arange(400))


def test_a_deep_chain_of_a_tree_stands_in_few_rows_inputs_in_order():
    nested = 0
    for mode in range(1, 400):
        nested = (nested, mode)
    layout = layered_layout(convnet(400, 399, pooling=tnet.ModeTree.from_nested(nested)))
    assert len(np.unique(layout.tensors[:, 1])) <= 3
    assert (np.diff(layout.terminals[:, 0]) >= 1 - 1e-9).all()
