"""What several tests of pictures share: networks of every spec, and reading an SVG."""

import itertools
import math
import re

import networkx as nx
import numpy as np

import tnet

SVG = "{http://www.w3.org/2000/svg}"
partitions = tnet.partitions


def graph_network(graph, dim=2, open_legs=True):
    graph = nx.convert_node_labels_to_integers(graph)
    nx.set_edge_attributes(graph, dim, "dim")
    if open_legs:
        nx.set_node_attributes(graph, dim, "open")
    return tnet.from_graph(graph)


def dilations(levels, swapped):
    powers = [2**level for level in range(levels)]
    if swapped:
        powers[:2] = powers[1::-1]
    return powers


def dilated(n, swapped=False):
    levels = int(math.log2(n))
    return tnet.Dilated(
        n, features=2, widths=(3,) * (levels - 1), dilations=dilations(levels, swapped)
    )


def specs(n):
    """One spec of every kind with `n` inputs, a power of four; the unrolled ones are smaller."""
    levels, side = int(math.log2(n)), math.isqrt(n)
    per_axis = int(math.log2(side))

    def convnet(inputs, depth, **options):
        return tnet.ConvNet(inputs, features=4, widths=(4,) * depth, **options)

    return {
        "line": convnet(n, levels),
        "outputs": convnet(n, levels, outputs=10),
        "grid": convnet((side, side), per_axis),
        "mirror": convnet((side, side), per_axis, pooling="mirror"),
        "global": convnet((side, side), 1, pooling="global"),
        "random": convnet(n, levels, pooling="random"),
        "cp": tnet.CP(n, features=3, width=5),
        "tucker": tnet.Tucker(n, features=3, widths=2),
        "ht": tnet.HierarchicalTucker(n, features=3, widths=(2,) * levels),
        "tt": tnet.TensorTrain(n, features=2, ranks=4),
        "recurrent": tnet.Recurrent(n, features=3, hidden=2, ranks=5),
        "deep recurrent": tnet.DeepRecurrent(5, features=2, hidden=2),
        "overlapping": tnet.Overlapping(7, features=2, widths=(2, 2, 2), kernel=3),
        "dilated": dilated(n),
        "linear": tnet.Linear((5, 4, 3, 2)),
    }


def networks(n):
    """Networks of every spec, looped graphs of circuits, and both parts of a mixed network."""
    found = {name: spec.compile() for name, spec in specs(n).items()}
    recurrent = tnet.DeepRecurrent(min(n, 16), features=2, hidden=2)
    overlapping = tnet.Overlapping(
        min(n, 16), features=2, widths=(2, 2), kernel=(3, min(n, 16) - 2)
    )
    found["deep recurrent, looped"] = recurrent.compile(unroll=False)
    found["overlapping, looped"] = overlapping.compile(unroll=False)
    mixed = tnet.Mixed(dilated(n).tree, dilated(n, True).tree, features=2, width=4)
    for name, network in zip("ab", mixed.networks(), strict=True):
        found[f"mixed, part {name}"] = network
    return found


def side_of(network):
    if len(network.input_shape) == 2:
        return partitions.checkerboard(network.input_shape)
    return partitions.odd_even(network.n_modes)


def titled(root, tag, start):
    """Elements of a tag whose title starts so."""
    return [
        element
        for element in root.iter(SVG + tag)
        if element.findtext(f"{SVG}title", "").startswith(start)
    ]


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]


def extent(element):
    """Box of an element that is not text, from its attributes; a curve's corners count."""
    half = float(element.get("stroke-width", 0)) / 2
    if element.tag == SVG + "rect":
        x, y, w, h = (float(element.get(key)) for key in ("x", "y", "width", "height"))
        return x, y, x + w, y + h
    if element.tag == SVG + "circle":
        x, y, r = (float(element.get(key)) for key in ("cx", "cy", "r"))
        return x - r - half, y - r - half, x + r + half, y + r + half
    points = numbers(element.get("d"))
    xs, ys = points[::2], points[1::2]
    return min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half


def text_extent(element):
    """Box of a text, by an estimate of our own: 0.6 em per letter."""
    size, x, y = (float(element.get(key)) for key in ("font-size", "x", "y"))
    width = 0.6 * size * len(element.text)
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[element.get("text-anchor")]
    return left, y - 0.75 * size, left + width, y + 0.2 * size


def overlap(one, other):
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > 0
        and min(one[3], other[3]) - max(one[1], other[1]) > 0
    )


def check_plain(root):
    """Presentation attributes alone, and a title on every element."""
    for element in root.iter():
        assert not {"style", "id", "class", "href"} & set(element.attrib)
        assert element.tag != SVG + "style"
        if element.tag != SVG + "title":
            assert element.findtext(f"{SVG}title")


def check_inside(root):
    x, y, width, height = numbers(root.get("viewBox"))
    elements = [e for e in root.iter() if e.tag in {SVG + t for t in ("rect", "circle", "path")}]
    boxes = [extent(e) for e in elements] + [text_extent(e) for e in root.iter(SVG + "text")]
    assert len(boxes) >= 3
    low, high = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
    assert (low >= [x - 0.02, y - 0.02]).all()
    assert (high <= [x + width + 0.02, y + height + 0.02]).all()


def check_labels_apart(root, texts=None):
    """No two labels overlap, and none lies on a dot or square, but for names inside squares."""
    inside = {text.text for text in texts or () if text.kind == "name"}
    labels = [text_extent(e) for e in root.iter(SVG + "text")]
    for one, other in itertools.combinations(labels, 2):
        assert not overlap(one, other)
    outside = [text_extent(e) for e in root.iter(SVG + "text") if e.text not in inside]
    glyphs = [extent(e) for e in [*titled(root, "rect", "tensor "), *root.iter(SVG + "circle")]]
    if outside and glyphs:
        boxes, others = np.array(outside)[:, None], np.array(glyphs)[None]
        low, high = np.maximum(boxes, others)[..., :2], np.minimum(boxes, others)[..., 2:]
        assert not (low < high).all(axis=-1).any()
