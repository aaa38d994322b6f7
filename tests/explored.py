"""Networks to explore, and what a page on one must show."""

import json
from dataclasses import replace

import numpy as np

import tnet
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

SPECS = {
    "windows of 2": tnet.ConvNet(16, features=2, widths=(4, 4, 4, 4)),
    "windows of 3": tnet.ConvNet(27, features=3, widths=(2, 5, 7), window=3),
    "windows of 4": tnet.ConvNet(64, features=100, widths=(4, 9, 9), window=4),
    "grid": tnet.ConvNet((8, 8), features=3, widths=(3, 4, 5), window=2),
    "mirror": tnet.ConvNet((6, 5), features=2, widths=(2, 4, 4), pooling="mirror"),
    "irregular": tnet.ConvNet(
        7,
        features=3,
        widths=(2, 5, 4),
        pooling=tnet.ModeTree.from_nested((((0, 3), 5, 1), (2, (4, 6)))),
    ),
    "shared": tnet.ConvNet(16, features=2, widths=(3, 5, 4, 4), shared=True),
    "outputs": tnet.ConvNet(8, features=3, widths=(2, 3, 4), outputs=5),
    "near ties": tnet.ConvNet(64, features=1025, widths=(1024, 1025, 1024, 1025, 1023, 1025)),
    "ties": tnet.ConvNet(32, features=2, widths=(4, 16, 256, 2**16, 2**32)),
    "max": tnet.ConvNet(8, features=3, widths=(2, 3, 4), operator="max"),
}
NETWORKS = {name: spec.compile() for name, spec in SPECS.items()}


def random_sides(network, count, seed=0):
    rng = np.random.default_rng(seed)
    share = rng.random((count, 1))
    return rng.random((count, network.n_modes)) < share


LOOP = tnet.from_einsum("abi,bcj,cak->ijk", (3, 3, 2), (3, 5, 2), (5, 3, 4))


def ring(count):
    """A ring of tensors with an input each, too long to be drawn whole."""
    bonds = np.arange(count, 2 * count)
    groups = (IndexGroup("x", 2, count, "input"), IndexGroup("bond", 3, count))
    rows = np.stack([np.arange(count), bonds, np.roll(bonds, 1)], axis=1)
    return TensorNetwork(groups, (TensorGroup("site", rows.astype(np.int32)),))


def read_twice():
    """A forest in which mode 0 is read by two indices."""
    builder = tnet.NetworkBuilder()
    for name, mode in (("i", 0), ("j", 1), ("k", 0), ("l", 2)):
        builder.index(name, 2, role="input", mode=mode)
    builder.index("a", 3)
    builder.index("b", 5)
    builder.tensor("S", ["i", "j", "a"])
    builder.tensor("T", ["a", "k", "b"])
    builder.tensor("U", ["b", "l"])
    return builder.build()


def lattice(rows, columns):
    """A lattice of tensors with an input each, and a group for every bond."""
    builder = tnet.NetworkBuilder()
    sites = builder.indices("x", rows * columns, 2, role="input").reshape(rows, columns)
    legs = {place: [int(site)] for place, site in np.ndenumerate(sites)}
    for (i, j), found in legs.items():
        for name, other in ((f"h{i}{j}", (i, j + 1)), (f"v{i}{j}", (i + 1, j))):
            if other in legs:
                index = builder.index(name, 3)
                found.append(index)
                legs[other].append(index)
    for (i, j), found in legs.items():
        builder.tensor(f"T{i}{j}", found)
    return builder.build(input_shape=(rows, columns))


LATTICE = lattice(3, 3)
LOOPED = {"lattice": LATTICE, "triangle": LOOP, "ring": ring(300)}


def with_dims(network, **dims):
    groups = (replace(g, dim=dims.get(g.name, g.dim)) for g in network.index_groups)
    return replace(network, index_groups=tuple(groups))


class Wire:
    """What a widget sends, and a way to send it messages as a notebook does."""

    def __init__(self, widget):
        self.widget, self.sent = widget, []
        widget.send = lambda message, buffers=None: self.sent.append(
            json.loads(json.dumps(message))
        )

    def drain(self):
        sent, self.sent[:] = list(self.sent), []
        return sent

    def say(self, **message):
        data = {"method": "custom", "content": message}
        self.widget._handle_msg({"content": {"data": data}, "buffers": []})
        return self.drain()

    def change(self, serial, side, dims=(), view="v"):
        modes = np.nonzero(side)[0].tolist()
        dims = {**self.widget.dims, **dict(dims)}
        texts = [str(dim) for dim in dims.values()]
        return self.say(kind="change", view=view, serial=serial, sideA=modes, dims=texts)


def frames(page):
    """Wait until everything asked for by pointer or key is on the screen."""
    page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


def assert_shows_cut(page, network, side):
    frames(page)
    cut = tnet.min_cut(network, side)
    assert page.locator(".dimension").text_content() == cut.dimension_text
    assert page.locator(".kind").text_content() == f"{cut.claim.kind}:"
    counts = [page.locator(f".count-{letter}").text_content() for letter in "ab"]
    assert counts == [str(side.sum()), str((~side).sum())]
    pasted = eval(page.locator(".modes").input_value(), {"range": range})
    assert tnet.min_cut(network, pasted).factors == cut.factors
    assert np.array_equal(tnet.min_cut(network, pasted).side_a, side)
    factors = page.locator(".factors").evaluate(
        "e => [...e.childNodes].map(n => n.nodeName === 'SUP' ? '^' + n.textContent : "
        "n.textContent).join('')"
    )
    spelled = {name: f"^{power}" if power > 1 else "" for name, power in cut.factors.items()}
    assert factors == ("·".join(name + power for name, power in spelled.items()) or "1")
    rows = page.locator("tr.cut td:first-child").all_text_contents()
    assert rows == list(cut.factors)
    if page.locator(".view svg").count():
        assert page.locator(".view .line.cut").count() == len(cut.cut_ids)
        assert page.locator(".view .square.a").count() == cut.tensors_on_a.sum()
