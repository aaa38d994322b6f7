"""Layout: where every tensor, index and input of a network stands, levels one above another."""

import numpy as np

from tnet.drawing.forest_layout import forest_layout
from tnet.drawing.layers_layout import layers_layout
from tnet.drawing.positions import Layout, has_dot, reading_ranks
from tnet.network.model import TensorNetwork

_TALLEST = 100


def layered_layout(network: TensorNetwork, *, tallest: int = _TALLEST) -> Layout:
    """Place `network` level by level, inputs at the bottom in order, the root on top.

    Parameters
    ----------
    network : TensorNetwork
        Any network; meant for some thousands of tensors.
    tallest : int
        Rows above which a tree with more rows than inputs, a long chain as a rule, is placed by
        distance from the inputs instead.

    Returns
    -------
    Layout

    Notes
    -----
    Forests stand as trees, members of a window in the order of their smallest mode, which leaves
    no crossing. An undirected chain stands as a row instead, as chains are always drawn, and
    networks with loops by distance from the inputs, as do very deep trees.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(4, features=3, widths=(2, 5)).compile()
    >>> layout = layered_layout(net)
    >>> layout.terminals[:, 0]
    array([0., 1., 2., 3.])
    >>> layout.tensors[-1]
    array([1.5, 5. ])
    """
    if network.forest is None or not network.n_tensors or _is_chain_in_order(network):
        return layers_layout(network)
    placed = forest_layout(network, network.forest)
    rows = float(placed.tensors[:, 1].max())
    if rows > tallest and rows > len(network.inputs) > 0:
        return layers_layout(network)
    return placed


def _is_chain_in_order(network: TensorNetwork) -> bool:
    """Whether all is chains without a root, whose inputs ascend along them."""
    directed = any(group.root_axis is not None for group in network.tensor_groups)
    if directed or network.n_tensors < 2 or has_dot(network).any():
        return False
    neighbours: list[list[int]] = [[] for _ in range(network.n_tensors)]
    incidence = network.incidence
    for index in np.nonzero(incidence.degrees() == 2)[0].tolist():
        left, right = incidence.tensors_at(index).tolist()
        neighbours[left].append(right)
        neighbours[right].append(left)
    if max(map(len, neighbours)) > 2:
        return False
    ranks: list[list[int]] = [[] for _ in neighbours]
    for reading, rank in zip(network.inputs.tolist(), reading_ranks(network).tolist(), strict=True):
        ranks[int(incidence.tensors_at(reading)[0])].append(rank)
    return all(
        _ascends([rank for tensor in chain for rank in sorted(ranks[tensor])])
        for chain in _chains(neighbours)
    )


def _chains(neighbours: list[list[int]]) -> list[list[int]]:
    """List the tensors of every chain from one end to the other."""
    chains, seen = [], [False] * len(neighbours)
    for end in range(len(neighbours)):
        if seen[end] or len(neighbours[end]) > 1:
            continue
        chain, here = [end], end
        seen[end] = True
        while ahead := [tensor for tensor in neighbours[here] if not seen[tensor]]:
            here = ahead[0]
            seen[here] = True
            chain.append(here)
        chains.append(chain)
    return chains


def _ascends(ranks: list[int]) -> bool:
    """Whether the ranks are neighbours and go one way: no input of another chain in between."""
    steps = np.diff(ranks)
    return bool((steps == 1).all() or (steps == -1).all())
