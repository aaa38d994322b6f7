"""Networks from and to networkx graphs."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import networkx as nx
import numpy as np

from tnet.errors import StructureError
from tnet.network.builder import NetworkBuilder
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork

FORMAT_VERSION = 1


def from_graph(
    graph: "nx.Graph[Any]", dim: str = "dim", *, open_legs: str = "open"
) -> TensorNetwork:
    """Read a plain graph as a network: nodes are tensors, edges are bonds.

    Parameters
    ----------
    graph : networkx.Graph or MultiGraph
        Undirected. Parallel edges are separate bonds; a loop is a diagonal.
    dim : str
        Edge attribute that holds the dim of the bond.
    open_legs : str
        Node attribute that holds the dims of the tensor's open legs, an int or several; they
        become the inputs, in the order of the nodes.

    Returns
    -------
    TensorNetwork
        A tensor per node, called by the node; the axes of each are its open legs, then its bonds
        in the order of the graph's edges. Bonds are called ``u-v`` and inputs ``node.0``.

    Raises
    ------
    StructureError
        If the graph is directed, an edge has no dim, or two nodes have the same name as text.
    DimensionError
        If a dim is not a positive integer.

    Examples
    --------
    >>> import networkx as nx, tnet
    >>> ring = nx.cycle_graph(4)
    >>> nx.set_edge_attributes(ring, 2, "dim")
    >>> nx.set_node_attributes(ring, 2, "open")
    >>> net = tnet.from_graph(ring)
    >>> tnet.min_cut(net, [0, 1]).dimension
    4
    """
    _check_graph(graph)
    if graph.is_directed():
        raise StructureError("from_graph takes an undirected graph; call graph.to_undirected()")
    builder = NetworkBuilder()
    legs: dict[Hashable, list[int]] = {node: [] for node in graph}
    for node, attributes in graph.nodes(data=True):
        given = attributes.get(open_legs, ())
        dims = given if isinstance(given, Sequence) else [given]
        for number, leg_dim in enumerate(dims):
            legs[node].append(builder.index(f"{node}.{number}", leg_dim, role="input"))
    names: defaultdict[str, int] = defaultdict(int)
    for u, v, attributes in graph.edges(data=True):
        if dim not in attributes:
            raise StructureError(
                f"edge {u!r}-{v!r} has no attribute {dim!r}; "
                f"set it to the dim of the bond, or name another attribute"
            )
        name = f"{u}-{v}"
        names[name] += 1
        suffix = f"#{names[name]}" if names[name] > 1 else ""
        bond = builder.index(name + suffix, attributes[dim])
        legs[u].append(bond)
        legs[v].append(bond)
    for node, indices in legs.items():
        builder.tensor(str(node), indices)
    return builder.build()


def _check_graph(graph: object) -> None:
    if not isinstance(graph, nx.Graph):
        raise StructureError(f"the graph is of type {type(graph).__name__}; give one of networkx")


def to_networkx(network: TensorNetwork) -> "nx.Graph[str]":
    """Return `network` as a bipartite graph that `from_networkx` turns back exactly.

    Parameters
    ----------
    network : TensorNetwork
        Any network.

    Returns
    -------
    networkx.Graph
        Node ids are strings: ``"tensor:"`` or ``"index:"`` and the name. All attributes are
        scalars, so that GraphML can hold them; an edge's ``axes`` lists the axes of the
        tensor that carry the index.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("iia->a", (2, 2, 3))
    >>> net.to_networkx().edges["tensor:t0", "index:i"]["axes"]
    '0,1'
    >>> tnet.from_networkx(net.to_networkx()) == net
    True
    """
    graph: nx.Graph[str] = nx.Graph(
        tnet_format=FORMAT_VERSION, input_shape="x".join(map(str, network.input_shape))
    )
    reading = {index: place for place, index in enumerate(network.inputs.tolist())}
    outputs = {index: place for place, index in enumerate(network.outputs.tolist())}
    for number, index_group in enumerate(network.index_groups):
        first = int(network.index_names.starts[number])
        for row in range(index_group.count):
            index = first + row
            place = reading.get(index, outputs.get(index, -1))
            graph.add_node(
                f"index:{network.index_names[index]}",
                bipartite=1,
                group=index_group.name,
                group_number=number,
                row=row,
                dim=index_group.dim,
                role=index_group.role,
                operator=index_group.operator,
                multiplicity=index_group.multiplicity,
                place=place,
                mode=int(network.input_modes[place]) if index in reading else -1,
            )
    for number, tensor_group in enumerate(network.tensor_groups):
        first = int(network.tensor_names.starts[number])
        for row, indices in enumerate(tensor_group.indices.tolist()):
            node = f"tensor:{network.tensor_names[first + row]}"
            graph.add_node(
                node,
                bipartite=0,
                group=tensor_group.name,
                group_number=number,
                row=row,
                shared=tensor_group.shared,
                parameter=tensor_group.parameter,
                layer=tensor_group.layer,
                operator=tensor_group.operator,
                root_axis=-1 if tensor_group.root_axis is None else tensor_group.root_axis,
            )
            axes: defaultdict[int, list[str]] = defaultdict(list)
            for axis, index in enumerate(indices):
                axes[index].append(str(axis))
            for index, carrying in axes.items():
                other = f"index:{network.index_names[index]}"
                graph.add_edge(node, other, axes=",".join(carrying))
    return graph


def from_networkx(graph: "nx.Graph[str]") -> TensorNetwork:
    """Read a graph made by `to_networkx`; equal to the network it was made from.

    Parameters
    ----------
    graph : networkx.Graph
        Bipartite, with the attributes that `to_networkx` writes; the order of its nodes and
        edges does not matter.

    Returns
    -------
    TensorNetwork

    Raises
    ------
    StructureError
        If the graph was not made by `to_networkx`, or by a newer version.
    """
    _check_graph(graph)
    version = graph.graph.get("tnet_format")
    if version != FORMAT_VERSION:
        raise StructureError(
            f"the graph has tnet_format {version!r}, this tnet reads {FORMAT_VERSION}; use "
            "from_graph for a plain graph, or upgrade"
        )
    try:
        return _read(graph)
    except KeyError as error:
        raise StructureError(
            f"the graph lacks attribute {error}, which to_networkx writes; use from_graph for a "
            "plain graph"
        ) from error


def _read(graph: "nx.Graph[str]") -> TensorNetwork:
    def ordered(bipartite: int) -> list[tuple[str, dict[str, Any]]]:
        nodes = [item for item in graph.nodes(data=True) if item[1]["bipartite"] == bipartite]
        return sorted(nodes, key=lambda item: (item[1]["group_number"], item[1]["row"]))

    index_nodes, tensor_nodes = ordered(1), ordered(0)
    ids = {node: id_ for id_, (node, _) in enumerate(index_nodes)}
    groups: defaultdict[int, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for node, data in tensor_nodes:
        groups[data["group_number"]].append((node, data))
    tensor_groups = [_tensor_group(graph, rows, ids) for rows in groups.values()]
    counts: defaultdict[str, int] = defaultdict(int)
    first: dict[str, dict[str, Any]] = {}
    places: dict[str, list[tuple[int, int, int]]] = {"input": [], "output": [], "inner": []}
    for node, data in index_nodes:
        counts[data["group"]] += 1
        first.setdefault(data["group"], data)
        places[data["role"]].append((data["place"], ids[node], data["mode"]))
    index_groups = [
        IndexGroup(
            name, data["dim"], counts[name], data["role"], data["operator"], data["multiplicity"]
        )
        for name, data in first.items()
    ]
    inputs = np.array(sorted(places["input"]), dtype=np.int32).reshape(-1, 3)
    outputs = np.array(sorted(places["output"]), dtype=np.int32).reshape(-1, 3)
    return TensorNetwork(
        tuple(index_groups),
        tuple(tensor_groups),
        inputs[:, 1],
        inputs[:, 2],
        outputs[:, 1],
        tuple(int(side) for side in graph.graph["input_shape"].split("x")),
    )


def _tensor_group(
    graph: "nx.Graph[str]", rows: list[tuple[str, dict[str, Any]]], ids: dict[str, int]
) -> TensorGroup:
    table = []
    for node, _ in rows:
        at = {
            int(axis): ids[index]
            for index in graph[node]
            for axis in graph.edges[node, index]["axes"].split(",")
        }
        if sorted(at) != list(range(len(at))):
            raise StructureError(
                f"node {node!r} has edges for the axes {sorted(at)}, and a tensor has all from 0; "
                "restore the edge that is missing"
            )
        table.append([at[axis] for axis in range(len(at))])
    data = rows[0][1]
    return TensorGroup(
        data["group"],
        np.array(table, dtype=np.int32).reshape(len(rows), -1),
        data["shared"],
        data["parameter"],
        data["layer"],
        data["operator"],
        None if data["root_axis"] < 0 else data["root_axis"],
    )
