"""The interactive page: its programme under node, and the files that hold it."""

import contextlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from explored import NETWORKS, random_sides
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, forests, networks_with_side, sides_of

import tnet
from tnet.cli.main import main
from tnet.drawing.explorer.explore import SCRIPTS, explore
from tnet.drawing.explorer.payload import payload_of
from tnet.errors import FileFormatError, PartitionError, SizeLimitError, StructureError

SOURCES = Path(tnet.__file__).parent / "drawing" / "explorer"
PURE = ("numbers.js", "programme.js", "formula.js", "sides.js", "model.js")
NODE = shutil.which("node")

ANSWERING = """
const models = new Map();
function answer({ payload, modes, dims, formula, presets }) {
  const model = new Model(payload);
  if (dims) model.setDims(dims.map(BigInt));
  const sideA = new Uint8Array(model.nModes);
  for (const mode of modes) sideA[mode] = 1;
  const { cut, product, exponents, claim, tensorOnA } = model.solve(sideA);
  const ids = (flags) => [...flags].flatMap((flag, id) => (flag ? [id] : []));
  const names = model.groups.map(({ name }) => name);
  const found = PRESETS.map(([name, isA]) => {
    const flags = Array.from(sideA, (_, mode) => isA(placeOf(mode, model.shape), model.shape));
    return [name, ids(flags)];
  });
  return {
    cut: ids(cut),
    value: product.log2 < 13000 ? String(product.value()) : null,
    text: product.text,
    exponents,
    kind: claim.kind,
    tensorsOnA: ids(tensorOnA),
    settled: model.live ? model.programme.comparer.settled : 0,
    names: ids(cut).map((index) => model.indexName(index)),
    side: sideText(sideA),
    presets: presets ? Object.fromEntries(found) : null,
    formula: formula ? formulaText(new Formulas(model.programme).terms(sideA), names) : null,
  };
}
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
"""


class Node:
    """The page's programme under node: a question and an answer a line."""

    def __init__(self, folder):
        script = folder / "programme.js"
        parts = [(SOURCES / name).read_text() for name in PURE]
        script.write_text("\n".join(['"use strict";', *parts, ANSWERING]))
        self.process = subprocess.Popen(
            [NODE, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, network, side, **more):
        payload = payload_of(network, side)
        question = {"payload": payload, "modes": np.nonzero(side)[0].tolist(), **more}
        print(json.dumps(question), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, "the programme stopped"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    if NODE is None:
        pytest.skip("node is not installed: the programme is not run outside a browser")
    with contextlib.closing(Node(tmp_path_factory.mktemp("node"))) as running:
        yield running


def assert_same_cut(answer, network, side):
    """The page's answer is that of `min_cut`, number, words and sides."""
    cut = tnet.min_cut(network, side)
    counts = [cut.factors.get(group.name, 0) for group in network.index_groups]
    if answer["value"] is None:
        assert cut.log2 > 12_999
    else:
        assert answer["value"] == str(cut.dimension)
    assert answer["text"] == cut.dimension_text
    assert answer["exponents"] == counts
    assert answer["cut"] == cut.cut_ids.tolist()
    assert answer["names"] == list(cut.indices)
    assert answer["kind"] == cut.claim.kind
    assert answer["tensorsOnA"] == np.nonzero(cut.tensors_on_a)[0].tolist()
    assert eval(answer["side"], {"range": range}) == np.nonzero(side)[0].tolist()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_programme_gives_min_cut_of_random_sides(node, name):
    network = NETWORKS[name]
    for side in random_sides(network, 25):
        assert_same_cut(node.ask(network, side), network, side)


@examples(150)
@given(st.data())
def test_the_programme_gives_min_cut_of_random_forests(node, data):
    network = data.draw(forests(max_tensors=60))
    side = data.draw(sides_of(network))
    assert_same_cut(node.ask(network, side), network, side)


@examples(100)
@given(networks_with_side())
def test_what_is_told_of_any_small_network_gives_its_cut(node, case):
    network, side = case
    assert_same_cut(node.ask(network, side), network, side)


def test_near_ties_are_settled_in_integers(node):
    # The logs of these differ by less than the rounding of either.
    long = 2**80
    network = tnet.ConvNet(2, features=long, widths=(long + 1,)).compile()
    for dims in ([long, long + 1], [long + 1, long]):
        answer = node.ask(network, np.array([True, False]), dims=[str(dim) for dim in dims])
        assert int(answer["value"]) == min(dims)
        assert answer["settled"] > 0


@examples(60)
@given(st.data())
def test_the_cut_follows_the_widths(node, data):
    name = data.draw(st.sampled_from(["windows of 2", "grid", "irregular", "outputs", "mirror"]))
    network = NETWORKS[name]
    dim = st.sampled_from([1, 2, 3, 4, 8, 16, 1023, 1024, 1025, 2**40, 2**40 + 1, 3**100])
    groups = [
        group if group.role == "output" else replace(group, dim=data.draw(dim))
        for group in network.index_groups
    ]
    changed = replace(network, index_groups=tuple(groups))
    side = data.draw(sides_of(network))
    dims = [str(group.dim) for group in groups]
    assert_same_cut(node.ask(network, side, dims=dims), changed, side)


@pytest.mark.parametrize("name", sorted(set(NETWORKS) - {"windows of 3"}))
def test_the_formula_is_that_of_min_cut_formula(node, name):
    network = NETWORKS[name]
    for side in random_sides(network, 12, seed=1):
        answer = node.ask(network, side, formula=True)
        assert answer["formula"] == str(tnet.min_cut_formula(network, side))


@examples(80)
@given(st.data())
def test_the_formula_of_random_forests(node, data):
    network = data.draw(forests(max_tensors=10))
    side = data.draw(sides_of(network))
    answer = node.ask(network, side, formula=True)
    assert answer["formula"] == str(tnet.min_cut_formula(network, side))


@pytest.mark.parametrize("shape", [(8,), (7,), (6, 4), (5, 7), (2, 3, 4)])
def test_presets_are_the_partitions_of_the_package(node, shape):
    count = int(np.prod(shape))
    network = tnet.ConvNet(shape, features=2, widths=(2,), pooling="global").compile()
    found = node.ask(network, np.zeros(count, dtype=bool), presets=True)["presets"]
    named = {
        "left / right": tnet.partitions.left_right,
        "odd / even": tnet.partitions.odd_even,
        "checkerboard": tnet.partitions.checkerboard,
        "centre": tnet.partitions.centre,
    }
    named |= {"top / bottom": tnet.partitions.top_bottom} if len(shape) > 1 else {}
    for name, partition in named.items():
        assert found[name] == np.nonzero(partition(shape).reshape(-1))[0].tolist()


class Tags(HTMLParser):
    """What a page would fetch, and the tags it has."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "data")]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_page_is_one_file_that_names_no_address(name):
    page = explore(NETWORKS[name]).html
    tags = Tags(page)
    assert tags.addresses == ["data:,"]
    assert tags.tags.count("script") == 2
    assert set(re.findall(r"https?://[^\"'`]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page
    assert "{{" not in page


def test_a_page_without_its_data_is_small():
    sources = [*SCRIPTS, "page.html", "page.css"]
    kept = {path.name for path in SOURCES.iterdir() if path.suffix in (".js", ".css", ".html")}
    assert kept == {*sources, "widget.js"}
    assert sum((SOURCES / name).stat().st_size for name in sources) < 68_000


def test_names_cannot_break_out_of_the_data():
    builder = tnet.NetworkBuilder()
    name = "</script><img src=x onerror=alert(1)>{{script}}<!--"
    builder.index(name, 2, role="input")
    builder.tensor("\N{LINE SEPARATOR}&lt;", [name])
    page = explore(builder.build()).html
    assert "img" not in Tags(page).tags
    assert page.count("</script>") == 2


def test_pages_are_saved_whole_or_not_at_all(tmp_path):
    network = NETWORKS["windows of 2"]
    page = explore(network, side_a=[0, 3], theme="dark")
    assert page.save(tmp_path / "page.html").read_text() == page.html
    drawn = tnet.draw(network, side_a=[0, 3], theme="dark").save(tmp_path / "drawn.html")
    assert drawn.read_text() == page.html
    assert 'data-theme="dark">' in page.html
    assert repr(page) == "<Explorer: 2 against 14 inputs; save it as .html to open it>"
    with pytest.raises(FileFormatError, match=r"a page is saved as \.html; .*'\.svg'"):
        page.save(tmp_path / "page.svg")
    with pytest.raises(FileNotFoundError, match="create it first"):
        page.save(tmp_path / "none" / "page.html")
    with pytest.raises(FileFormatError, match=r"'\.gif': rename it, or save a page as \.html"):
        tnet.draw(network).save(tmp_path / "page.gif")
    chart = tnet.draw_curves({"c": ([0, 1], [1, 2])}, title="t", x_label="x", y_label="y")
    with pytest.raises(
        FileFormatError, match=r"one of \.svg, \.png, \.pdf; .*'\.html': rename it$"
    ):
        chart.save(tmp_path / "chart.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.html", "page.html"]


def test_what_cannot_be_explored_is_an_error():
    network = NETWORKS["windows of 2"]
    with pytest.raises(StructureError, match="theme is 'pink'; choose one of auto, light, dark"):
        explore(network, theme="pink")
    with pytest.raises(PartitionError, match="mode 16"):
        explore(network, side_a=[16])
    large = tnet.ConvNet(8192, features=2, widths=(2,), pooling="global").compile()
    with pytest.raises(SizeLimitError, match=r"4,096 inputs at most, .* has 8,192; use draw"):
        payload_of(large, np.zeros(8192, dtype=bool))
    often = replace(
        network, index_groups=tuple(replace(g, multiplicity=2**50) for g in network.index_groups)
    )
    with pytest.raises(SizeLimitError, match="exponents could reach"):
        payload_of(often, np.zeros(16, dtype=bool))


def test_the_command_writes_a_page(tmp_path, capsys):
    spec = tmp_path / "arch.toml"
    spec.write_text('architecture = "ConvNet"\ninputs = 16\nfeatures = 2\nwidths = [2, 4, 4, 4]\n')
    target = tmp_path / "page.html"
    with pytest.raises(SystemExit) as ended:
        main(["explore", str(spec), "--side", "odd-even", "-o", str(target)])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"wrote {target}\n"
    network = tnet.load_spec(spec).compile()
    assert target.read_text() == explore(network, side_a=range(0, 16, 2)).html
    with pytest.raises(SystemExit) as ended:
        main(["explore", str(spec), "-o", str(tmp_path / "page.svg")])
    assert ended.value.code == 2
    assert "a page is saved as .html" in capsys.readouterr().err
    assert not (tmp_path / "page.svg").exists()
