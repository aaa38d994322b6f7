"""DOT: the graph of the picture, node by node and line by line, for Graphviz and others."""

import re
import shutil
import subprocess
from collections import Counter

import networkx as nx
import pytest
from pictures import graph_network, networks, partitions, side_of

import tnet
from tnet.cuts.min_cut import min_cut
from tnet.drawing.charts import draw_heat_map
from tnet.drawing.draw import draw
from tnet.drawing.mode_tree import draw_mode_tree
from tnet.drawing.plan_drawing import draw_plan
from tnet.drawing.theme import DARK, LIGHT
from tnet.errors import FileFormatError, StructureError

NETWORKS = networks(16)
_QUOTED = r'"((?:[^"\\]|\\.)*)"'


def read(text):
    """Nodes and edges of a DOT text as we write it, each with its attributes."""
    nodes, edges = {}, []
    for statement in text.splitlines()[1:-1]:
        subject, listed = re.fullmatch(r"  (\S+(?: -- \S+)?) \[(.*)\];", statement).groups()
        pairs = re.findall(rf"(\w+)={_QUOTED}", listed)
        assert ", ".join(f'{name}="{value}"' for name, value in pairs) == listed
        attributes = {name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}
        if " -- " in subject:
            edges.append((*subject.split(" -- "), attributes))
        elif subject not in ("graph", "node"):
            nodes[subject] = attributes
    return nodes, edges


@pytest.mark.parametrize("layout", ["layered", "radial"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_glyph_is_a_node_where_it_stands_and_every_stroke_an_edge(name, layout):
    network = NETWORKS[name]
    cut = min_cut(network, side_of(network))
    drawing = draw(network, cut=cut, layout=layout)
    nodes, edges = read(drawing.dot)
    scene = drawing.scene
    glyphs = {f"t{k}": glyph for k, glyph in enumerate(scene.squares)}
    glyphs |= {f"d{k}": glyph for k, glyph in enumerate(scene.dots)}
    glyphs |= {f"x{k}": glyph for k, glyph in enumerate(scene.terminals)}
    assert {name for name in nodes if name[0] != "e"} == set(glyphs)
    for node, glyph in glyphs.items():
        x, y = map(float, nodes[node]["pos"].rstrip("!").split(","))
        assert (x, -y) == (pytest.approx(glyph.x, abs=0.01), pytest.approx(glyph.y, abs=0.01))
        assert nodes[node]["tooltip"] == glyph.title
    assert {node: nodes[node]["fillcolor"] for node in glyphs if node[0] == "t"} == {
        f"t{k}": LIGHT.side_a if on_a else LIGHT.side_b for k, on_a in enumerate(cut.tensors_on_a)
    }
    assert len(edges) == sum(len(line.strokes) for line in scene.lines)
    dashed = {e["tooltip"] for *_, e in edges if e["style"] == "dashed"}
    assert len(dashed) == len(cut.cut_ids)
    assert all((e["color"] == LIGHT.cut) == (e["style"] == "dashed") for *_, e in edges)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_is_that_of_the_network(name):
    """Ends of the edges against incidence, read off the index rows the slow way."""
    network = NETWORKS[name]
    drawing = draw(network)
    nodes, edges = read(drawing.dot)
    of_tooltip = {line.title: index for index, line in enumerate(drawing.scene.lines)}
    met = Counter()
    for start, end, attributes in edges:
        for node in (start, end):
            if node[0] == "t":
                met[int(node[1:]), of_tooltip[attributes["tooltip"]]] += 1
    expected = Counter()
    first = 0
    for group in network.tensor_groups:
        for row, indices in enumerate(group.indices.tolist()):
            expected.update((first + row, index) for index in indices)
        first += group.count
    assert met == expected
    assert len(nodes) >= network.n_tensors


def test_a_summary_a_mode_tree_and_a_plan_are_graphs_too():
    network = tnet.ConvNet(2**12, features=2, widths=(2,) * 12).compile()
    nodes, edges = read(draw(network, side_a=partitions.odd_even(2**12), theme="dark").dot)
    assert sum(name[0] == "t" for name in nodes) == len(network.tensor_groups)
    assert {e["color"] for *_, e in edges if e["style"] == "dashed"} == {DARK.cut}
    nodes, edges = read(draw_mode_tree(tnet.pooling.mirror(8)).dot)
    assert (len(nodes), len(edges)) == (15, 14)
    plan = tnet.plan(tnet.ConvNet(4, features=2, widths=(2, 2)).compile())
    nodes, edges = read(draw_plan(plan).dot)
    assert (len(nodes), len(edges)) == (plan.operands.count + plan.n_steps, 2 * plan.n_steps)


NASTY = ['a"b', "back\\", "\\N", 'a\\"b', "<b>", "line\nbreak", "名前", "};", "x -- y"]


def nasty_network(name):
    b = tnet.NetworkBuilder()
    b.index(name, 3, role="input")
    b.tensor(name, [name])
    return b.build()


@pytest.mark.parametrize("name", NASTY)
def test_names_are_escaped(name):
    nodes, edges = read(draw(nasty_network(name)).dot)
    shown = name.replace("\n", "\N{REPLACEMENT CHARACTER}")
    assert nodes["t0"]["tooltip"] == f"tensor {shown}: 3"
    assert edges[0][2]["tooltip"].startswith(f"index {shown}: dim 3")


def test_the_text_is_the_same_every_time_and_what_the_file_holds(tmp_path):
    network = tnet.ConvNet((4, 4), features=2, widths=(2, 2)).compile()
    first, second = (draw(network, side_a=[0, 1], layout="radial") for _ in range(2))
    assert first.dot == second.dot
    path = first.save(tmp_path / "net.DOT")
    assert path.read_text(encoding="utf-8") == first.dot


def test_a_chart_is_no_graph(tmp_path):
    chart = draw_heat_map([[1.0]], title="one value", x_label="x", y_label="y")
    with pytest.raises(StructureError, match=r"'one value' is a chart, which has no nodes"):
        _ = chart.dot
    with pytest.raises(
        FileFormatError, match=r"a chart has no nodes and lines, so that .*one\.dot"
    ):
        chart.save(tmp_path / "one.dot")
    assert not list(tmp_path.iterdir())


GRAPHVIZ = shutil.which("neato")
needs_graphviz = pytest.mark.skipif(GRAPHVIZ is None, reason="Graphviz is not installed")


def graphviz(drawing, form):
    done = subprocess.run(
        [GRAPHVIZ, "-n2", f"-T{form}"],
        input=drawing.dot,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout


@needs_graphviz
@pytest.mark.parametrize("layout", ["layered", "radial"])
@pytest.mark.parametrize("name", ["line", "mirror", "outputs", "tt", "deep recurrent, looped"])
def test_graphviz_puts_every_node_where_we_do(name, layout):
    drawing = draw(NETWORKS[name], layout=layout)
    plain = [line.split() for line in graphviz(drawing, "plain").splitlines()]
    placed = {line[1]: (float(line[2]), float(line[3])) for line in plain if line[0] == "node"}
    assert len(placed) == len(read(drawing.dot)[0])
    glyphs = {f"t{k}": glyph for k, glyph in enumerate(drawing.scene.squares)}
    glyphs |= {f"x{k}": glyph for k, glyph in enumerate(drawing.scene.terminals)}
    x0, y0 = placed["t0"]
    for node, glyph in glyphs.items():
        x, y = placed[node]
        assert 72 * (x - x0) == pytest.approx(glyph.x - glyphs["t0"].x, abs=0.1)
        assert 72 * (y0 - y) == pytest.approx(glyph.y - glyphs["t0"].y, abs=0.1)
    assert sum(line[0] == "edge" for line in plain) == len(read(drawing.dot)[1])


@needs_graphviz
@pytest.mark.parametrize("name", NASTY)
def test_graphviz_reads_every_name(name):
    assert "<svg" in graphviz(draw(nasty_network(name)), "svg")


# The parser that pydot stands on warns of itself.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_networkx_reads_the_graph_where_pydot_is_installed():
    pydot = pytest.importorskip("pydot")
    drawing = draw(graph_network(nx.cycle_graph(5)))
    (parsed,) = pydot.graph_from_dot_data(drawing.dot)
    graph = nx.Graph(nx.nx_pydot.from_pydot(parsed))
    tensors = graph.subgraph(node for node in graph if node.startswith("t"))
    assert nx.is_isomorphic(tensors, nx.cycle_graph(5))
