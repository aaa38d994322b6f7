"""Layout of forests: trees side by side, no two lines crossing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.positions import Layout, Points, has_dot, reading_ranks
from tnet.drawing.tree_columns import tree_columns
from tnet.network.groups import Ids
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

_FAN = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class _Tree:
    """Nodes of the picture: tensors, then indices, then one terminal per copied reading.

    ``up`` is each node's parent, -1 at roots; ``depths`` lists the nodes of each depth, roots
    first.
    """

    up: Ids
    depths: list[Ids]
    terminal_of: Ids


def forest_layout(network: TensorNetwork, forest: Forest) -> Layout:
    """Place a forest: a leaf per slot in tree order, every parent over the middle of its children.

    Parameters
    ----------
    network : TensorNetwork
        A network whose tensors and non-output indices have no loop.
    forest : Forest
        Its rooting.

    Returns
    -------
    Layout
        Tensors stand on odd heights, indices on even ones, terminals at 0.
    """
    tree = _tree(network, forest)
    x = tree_columns(tree.up, tree.depths, _keys(network, tree))
    y = _heights(network, tree)
    positions = np.stack([x, y], axis=1)
    n_tensors, n_indices = network.n_tensors, network.n_indices
    tensors = positions[:n_tensors]
    indices = positions[n_tensors : n_tensors + n_indices].copy()
    is_root = tree.up[:n_tensors] < 0
    _place_outputs(network, tensors, indices, is_root)
    return Layout("forest", tensors, indices, positions[tree.terminal_of])


def _tree(network: TensorNetwork, forest: Forest) -> _Tree:
    n_nodes = network.n_tensors + network.n_indices
    # An input that is a copy tensor has its dot somewhere above: its terminal is a leaf below it.
    copied = has_dot(network)[network.inputs]
    n_added = int(copied.sum())
    terminal_of = network.inputs + np.int32(network.n_tensors)
    up = np.full(n_nodes + n_added, -1, dtype=np.int32)
    inner = forest.parent >= 0
    up[forest.order[inner]] = forest.order[forest.parent[inner]]
    up[n_nodes:] = terminal_of[copied]
    terminal_of[copied] = np.arange(n_nodes, n_nodes + n_added, dtype=np.int32)
    depths = [forest.order[forest.level(depth)] for depth in range(forest.n_levels)]
    if n_added:
        depth_of = np.zeros(len(up), dtype=np.int32)
        for depth, nodes in enumerate(depths):
            depth_of[nodes] = depth
        added = np.arange(n_nodes, len(up), dtype=np.int32)
        below = depth_of[up[added]] + 1
        depths.append(np.zeros(0, dtype=np.int32))
        depths = [
            np.concatenate([nodes, added[below == depth]]) for depth, nodes in enumerate(depths)
        ]
    return _Tree(up, depths, terminal_of)


def _keys(network: TensorNetwork, tree: _Tree) -> NDArray[np.int64]:
    """Smallest reading under every node; what reads nothing comes after all that does."""
    keys = np.arange(len(tree.up), dtype=np.int64) + len(network.inputs)
    keys[tree.terminal_of] = reading_ranks(network)
    for nodes in reversed(tree.depths[1:]):
        np.minimum.at(keys, tree.up[nodes], keys[nodes])
    return keys


def _heights(network: TensorNetwork, tree: _Tree) -> NDArray[np.float64]:
    """Heights above the leaves; a tensor hangs right under its parent, as layers are drawn."""
    n_tensors = network.n_tensors
    heights = np.zeros(len(tree.up))
    heights[:n_tensors] = 1
    heights[n_tensors : n_tensors + network.n_indices][has_dot(network)] = 2
    for nodes in reversed(tree.depths[1:]):
        # A terminal keeps its distance of two from its dot, which starts at that height.
        rising = nodes[nodes < n_tensors + network.n_indices]
        np.maximum.at(heights, tree.up[rising], heights[rising] + 1)
    is_terminal = np.zeros(len(tree.up), dtype=bool)
    is_terminal[tree.terminal_of] = True
    is_leaf = np.ones(len(tree.up), dtype=bool)
    is_leaf[tree.up[tree.up >= 0]] = False
    for nodes in tree.depths[1:]:
        hanging = nodes[(nodes < n_tensors) | (is_leaf[nodes] & ~is_terminal[nodes])]
        heights[hanging] = heights[tree.up[hanging]] - 1
    return heights


def _place_outputs(
    network: TensorNetwork, tensors: Points, indices: Points, is_root: NDArray[np.bool_]
) -> None:
    """Put the tips of output legs above their tensors, side by side where there are several."""
    legs_of: dict[int, list[int]] = {}
    for output in network.outputs.tolist():
        at = network.incidence.tensors_at(output)
        if len(at) > 1:
            indices[output] = tensors[at, 0].mean(), tensors[at, 1].max() + 1
        else:
            legs_of.setdefault(int(at[0]), []).append(output)
    for tensor, legs in legs_of.items():
        # Above an inner tensor runs the line to its parent: its outputs lean to the right.
        lean = 0.0 if is_root[tensor] else (len(legs) + 0.8) * _FAN / 2
        rise = 1.0 if is_root[tensor] else 0.7
        spread = (np.arange(len(legs)) - (len(legs) - 1) / 2) * _FAN
        indices[legs, 0] = tensors[tensor, 0] + spread + lean
        indices[legs, 1] = tensors[tensor, 1] + rise
