"""Networks and parameters through files and networkx graphs, whole and damaged."""

import errno
import io
import json
import os
import random
import zipfile

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, networks

import tnet
from tnet.errors import DimensionError, FileFormatError, ParameterError, StructureError
from tnet.files import write_atomically


@pytest.fixture
def network():
    windows = ((1, 2), (1, 2), (2, 1))
    return tnet.ConvNet((2, 4), features=3, widths=(2, 5, 7), window=windows, outputs=3).compile()


# --- networkx ------------------------------------------------------------------------------------


def shuffled(graph, seed):
    """The same graph, nodes and edges entered in another order and edges turned round."""
    rng = random.Random(seed)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    rng.shuffle(nodes)
    rng.shuffle(edges)
    other = nx.Graph(**graph.graph)
    other.add_nodes_from(nodes)
    other.add_edges_from((v, u, data) for u, v, data in edges)
    return other


@examples(80)
@given(networks(operators=True), st.integers(0, 1000))
def test_a_networkx_graph_turns_back_whatever_the_order_of_its_nodes(network, seed):
    graph = network.to_networkx()
    assert tnet.from_networkx(graph) == network
    assert tnet.from_networkx(shuffled(graph, seed)) == network


@examples(40)
@given(networks(operators=True), st.integers(0, 1000))
def test_a_networkx_graph_turns_back_through_graphml(tmp_path_factory, network, seed):
    path = tmp_path_factory.mktemp("graph") / "net.graphml"
    nx.write_graphml(shuffled(network.to_networkx(), seed), path)
    assert tnet.from_networkx(nx.read_graphml(path)) == network


def test_a_networkx_graph_is_bipartite_with_string_ids_and_scalar_attributes(network):
    graph = network.to_networkx()
    assert nx.is_bipartite(graph)
    assert all(isinstance(node, str) for node in graph)
    values = [v for _, data in graph.nodes(data=True) for v in data.values()]
    values += [v for *_, data in graph.edges(data=True) for v in data.values()]
    assert {type(value) for value in values} <= {str, int, bool}
    assert graph.number_of_nodes() == network.n_tensors + network.n_indices


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda graph: graph.graph.pop("tnet_format"), "tnet_format None.*use from_graph"),
        (lambda graph: graph.graph.update(tnet_format=2), "tnet_format 2, this tnet reads 1"),
        (lambda graph: graph.nodes["index:x[3]"].pop("dim"), None),
        (lambda graph: graph.nodes["index:x[0]"].pop("dim"), "lacks attribute 'dim'"),
        (lambda graph: graph.nodes["tensor:out"].pop("row"), "lacks attribute 'row'"),
        (
            lambda graph: graph.remove_node("index:x[0]"),
            r"node 'tensor:conv0.0.' has edges for the axes \[1\]",
        ),
    ],
)
def test_a_graph_that_to_networkx_did_not_write_is_refused(network, spoil, message):
    graph = network.to_networkx()
    spoil(graph)
    if message is None:  # Only the first row of a group is asked for its dim.
        assert tnet.from_networkx(graph) == network
        return
    with pytest.raises(StructureError, match=message):
        tnet.from_networkx(graph)


# --- JSON ----------------------------------------------------------------------------------------


@examples(80)
@given(networks(operators=True))
def test_a_network_loads_as_it_was_saved(tmp_path_factory, network):
    path = tmp_path_factory.mktemp("net") / "net.json"
    assert tnet.save(network, path) == path
    assert tnet.load(path) == network


@pytest.mark.parametrize("dim", [2**40, 2**63, 2**64, 2**70, 10**3900])
def test_dims_of_any_size_are_saved(tmp_path, dim):
    network = tnet.from_einsum("ab,bc->ac", (dim, 2), (2, dim))
    assert tnet.load(tnet.save(network, tmp_path / "net.json")) == network
    graphml = tmp_path / "net.graphml"
    nx.write_graphml(network.to_networkx(), graphml)
    assert tnet.from_networkx(nx.read_graphml(graphml)) == network


def test_a_dim_too_long_to_print_is_refused_where_it_is_given():
    with pytest.raises(DimensionError, match=r"dim of index group .a. has 16,610 bits"):
        tnet.from_einsum("a->a", (10**5000,))


def saved(network, tmp_path):
    return json.loads(tnet.save(network, tmp_path / "good.json").read_text())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2 .* this tnet reads version 1: upgrade tnet"),
        ({"version": 0}, "version 0"),
        ({"format": "something"}, "not a complete tnet network"),
        ({"extra": 1}, "unknown field `extra`"),
        ({"inputs": None}, r"Expected `array`, got `null` - at `\$.inputs`"),
        ({"inputs": [0]}, "input_modes has 8 entries for 1 inputs"),
        ({"inputs": [0] * 8}, r"inputs must list .* got 8 ids \(1 distinct\) for 8 such indices"),
        ({"inputs": [2**70]}, "inputs must be an integer array"),
        (
            {"input_shape": [3, 3]},
            r"input_shape \(3, 3\) has 9 elements, but no index reads mode 8",
        ),
        ({"input_shape": [10**15]}, "elements, but no index reads mode 8"),
        ({"tensor_groups": []}, "index 'x.0.' is in no tensor"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name_and_reason(network, tmp_path, change, message):
    document = saved(network, tmp_path) | change
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FileFormatError, match=message) as caught:
        tnet.load(path)
    assert str(caught.value).startswith(str(path))
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("indices", [[0, 1], [2]], r"rows of lengths \[1, 2\]"),
        ("indices", [], "all rows of a group have one length"),
        ("indices", [[0, 2**70]], "must be an integer array"),
        ("indices", [[0, 999]], "names index id 999 in row 0, axis 1"),
        ("root_axis", 5, "root_axis 5; its tensors have axes 0..1"),
        ("operator", "min", "Invalid enum value 'min'"),
        ("colour", "red", "unknown field `colour`"),
    ],
)
def test_a_damaged_tensor_group_is_refused(network, tmp_path, field, value, message):
    document = saved(network, tmp_path)
    document["tensor_groups"][0][field] = value
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FileFormatError, match=message):
        tnet.load(path)


def test_a_truncated_file_is_refused_wherever_it_ends(network, tmp_path):
    content = tnet.save(network, tmp_path / "good.json").read_bytes()
    path = tmp_path / "bad.json"
    for length in range(0, len(content), 41):
        path.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match="not a complete tnet network"):
            tnet.load(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"[1]", b"null", b'{"a": 1}'])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="not a complete tnet network"):
        tnet.load(path)


def test_bytes_that_are_no_text_are_refused(network, tmp_path):
    path = tnet.save(network, tmp_path / "net.json")
    path.write_bytes(path.read_bytes().replace(b"conv1", b"\xff\xfe"))
    with pytest.raises(FileFormatError, match="not a complete tnet network"):
        tnet.load(path)


def test_a_missing_file_is_the_usual_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        tnet.load(tmp_path / "none.json")


# --- writing whole or not at all -----------------------------------------------------------------


@pytest.mark.parametrize("failing", ["replace", "fdopen", "chmod"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    network, tmp_path, monkeypatch, failing
):
    path = tmp_path / "net.json"
    path.write_text("old")

    def fail(*_args, **_options):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, fail)
        with pytest.raises(OSError, match="disk full"):
            tnet.save(network, path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.json"]


def test_a_written_file_keeps_the_mode_of_the_one_it_replaces(tmp_path):
    path = tmp_path / "data"
    write_atomically(path, b"first")
    path.chmod(0o640)
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_is_named_as_it_was_asked_for(network, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "/a/temporary/name")

    target = tmp_path / "net.json"
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.mkstemp", refuse)
        with pytest.raises(PermissionError) as caught:
            tnet.save(network, target)
    assert caught.value.filename == str(target)
    assert caught.value.errno == errno.EACCES
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path / "folder", b"content")
    assert caught.value.filename == str(tmp_path / "folder")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_folder_that_is_not_there_is_named(network, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere' does not exist; create it first"):
        tnet.save(network, tmp_path / "nowhere" / "net.json")


# --- parameters ----------------------------------------------------------------------------------


@examples(40)
@given(networks(), st.sampled_from(["float32", "float64", "complex128"]))
def test_parameters_load_as_they_were_saved(tmp_path_factory, network, dtype):
    path = tmp_path_factory.mktemp("parameters") / "weights.npz"
    parameters = tnet.random_parameters(network, dtype=dtype)
    assert tnet.save_parameters(network, parameters, path) == path
    loaded = tnet.load_parameters(network, path)
    assert loaded.keys() == parameters.keys()
    for name, array in parameters.items():
        assert loaded[name].dtype == dtype
        assert np.array_equal(loaded[name], array)


@pytest.mark.parametrize(
    "names", [("file", "args"), ("a", "a.npy"), ("layer/one", "layer"), ("ä ö", "..")]
)
def test_any_name_of_a_parameter_can_be_saved(tmp_path, names):
    builder = tnet.NetworkBuilder()
    for number, name in enumerate(names):
        builder.index(f"i{number}", 3, role="input")
        builder.tensor(f"t{number}", [f"i{number}"], parameter=name)
    network = builder.build()
    parameters = tnet.random_parameters(network)
    tnet.save_parameters(network, parameters, tmp_path / "w.npz")
    loaded = tnet.load_parameters(network, tmp_path / "w.npz")
    assert all(np.array_equal(loaded[name], parameters[name]) for name in names)


def test_parameters_by_savez_are_read_and_ours_are_read_by_numpy(network, tmp_path):
    parameters = tnet.random_parameters(network)
    np.savez_compressed(tmp_path / "numpy.npz", **parameters)
    loaded = tnet.load_parameters(network, tmp_path / "numpy.npz")
    assert all(np.array_equal(loaded[name], parameters[name]) for name in parameters)
    with np.load(tnet.save_parameters(network, parameters, tmp_path / "ours.npz")) as archive:
        assert all(np.array_equal(archive[name], parameters[name]) for name in parameters)


def spoilt(parameters, change):
    spoilt = dict(parameters)
    change(spoilt)
    return spoilt


def put(name, entry, value):
    def change(parameters):
        parameters[name] = parameters[name].copy()
        parameters[name][entry] = value

    return change


BAD_PARAMETERS = [
    (lambda p: p.pop("conv1"), r"parameter 'conv1' is missing \(1 of 4 are\).*shape \(4, 2, 5\)"),
    (lambda p: p.update(conv9=np.zeros(3)), "'conv9' belongs to no tensor group; .* conv0, conv1"),
    (
        lambda p: p.update(conv1=np.zeros((2, 5))),
        r"'conv1' has shape \(2, 5\); its tensors need \(4, 2, 5\)",
    ),
    (put("conv0", (1, 2, 1), np.nan), r"'conv0' has nan at \(1, 2, 1\) \(1 of 48 entries"),
    (put("out", (0, 0), -np.inf), r"'out' has -inf at \(0, 0\)"),
]


@pytest.mark.parametrize(("change", "message"), BAD_PARAMETERS)
def test_parameters_that_do_not_fit_are_neither_written_nor_read(
    network, tmp_path, change, message
):
    bad = spoilt(tnet.random_parameters(network), change)
    path = tmp_path / "weights.npz"
    with pytest.raises(ParameterError, match=message):
        tnet.save_parameters(network, bad, path)
    assert not path.exists()
    np.savez(path, **bad)
    with pytest.raises(ParameterError, match=message) as caught:
        tnet.load_parameters(network, path)
    assert str(caught.value).startswith(str(path))


def test_parameters_that_are_no_numbers_are_refused(network, tmp_path):
    shape = tnet.random_parameters(network)["conv1"].shape
    for array in (np.full(shape, None), np.full(shape, "a")):
        bad = tnet.random_parameters(network) | {"conv1": array}
        with pytest.raises(ParameterError, match=r"'conv1' has dtype .*; give an array"):
            tnet.save_parameters(network, bad, tmp_path / "weights.npz")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_damaged_archive_is_refused_and_never_read_wrong(network, tmp_path, compressed):
    parameters = tnet.random_parameters(network)
    path = tmp_path / "weights.npz"
    (np.savez_compressed if compressed else np.savez)(path, **parameters)
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match="not a complete npz archive"):
            tnet.load_parameters(network, path)
    for place in range(0, len(content), 23):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            loaded = tnet.load_parameters(network, path)
        except (FileFormatError, ParameterError):
            continue
        assert all(np.array_equal(loaded[name], parameters[name]) for name in parameters)


def test_an_npy_file_and_pickled_objects_are_refused(network, tmp_path):
    path = tmp_path / "weights.npz"
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))
    with pytest.raises(FileFormatError, match="not a complete npz archive"):
        tnet.load_parameters(network, path)
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conv0.npy", buffer.getvalue())
    with pytest.raises(FileFormatError, match="not a complete npz archive"):
        tnet.load_parameters(network, path)


def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(tmp_path):
    network = tnet.from_einsum("ab->ab", (2, 3))
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    assert tnet.save(network, link) == link
    assert link.is_symlink()
    assert tnet.load(target) == network
