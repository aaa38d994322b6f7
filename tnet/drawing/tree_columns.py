"""Columns of trees: every parent over the middle of its children, no two lines crossing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def tree_columns(
    up: NDArray[np.integer[Any]],
    depths: Sequence[NDArray[np.integer[Any]]],
    keys: NDArray[np.integer[Any]],
) -> NDArray[np.float64]:
    """Give every leaf a slot in tree order, and every other node the middle of its children.

    Parameters
    ----------
    up : ndarray of int, shape (n_nodes,)
        Parent of every node; -1 at roots.
    depths : sequence of ndarray of int
        Nodes of each depth, roots first.
    keys : ndarray of int, shape (n_nodes,)
        Siblings, and roots, stand in the order of their keys.

    Returns
    -------
    ndarray of float64, shape (n_nodes,)
        One unit between leaves, two between trees.

    Examples
    --------
    >>> up = np.array([3, 4, 3, 4, -1])
    >>> depths = [np.array([4]), np.array([1, 3]), np.array([0, 2])]
    >>> tree_columns(up, depths, np.array([0, 1, 2, 0, 0])).tolist()
    [0.0, 2.0, 1.0, 0.5, 1.25]
    """
    n_nodes = len(up)
    is_leaf = np.ones(n_nodes, dtype=bool)
    is_leaf[up[up >= 0]] = False
    slots = is_leaf.astype(np.int64)
    for nodes in reversed(depths[1:]):
        np.add.at(slots, up[nodes], slots[nodes])
    first = _first_slots(up, depths, keys, slots)
    left = np.where(is_leaf, first, np.inf)
    right = np.where(is_leaf, first, -np.inf)
    x = first.astype(float)
    for nodes in reversed(depths):
        inner = nodes[~is_leaf[nodes]]
        x[inner] = (left[inner] + right[inner]) / 2
        below = nodes[up[nodes] >= 0]
        np.minimum.at(left, up[below], x[below])
        np.maximum.at(right, up[below], x[below])
    return x


def tree_depths(up: NDArray[np.integer[Any]]) -> list[NDArray[np.int64]]:
    """Return the nodes of each depth, roots first, of a tree whose parents follow their children.

    Examples
    --------
    >>> [nodes.tolist() for nodes in tree_depths(np.array([3, 4, 3, 4, -1]))]
    [[4], [1, 3], [0, 2]]
    """
    depth = [0] * len(up)
    parents = up.tolist()
    for node in reversed(range(len(depth))):
        depth[node] = depth[parents[node]] + 1 if parents[node] >= 0 else 0
    depth_of = np.array(depth, dtype=np.int64)
    return [np.nonzero(depth_of == at)[0] for at in range(max(depth, default=-1) + 1)]


def _first_slots(
    up: NDArray[np.integer[Any]],
    depths: Sequence[NDArray[np.integer[Any]]],
    keys: NDArray[np.integer[Any]],
    slots: NDArray[np.int64],
) -> NDArray[np.int64]:
    """First of the slots that each node's leaves take, siblings in the order of their keys."""
    first = np.zeros(len(up), dtype=np.int64)
    if not depths:
        return first
    roots = depths[0][np.argsort(keys[depths[0]])]
    # One slot stays free between trees, so that two components read as two.
    first[roots] = np.cumsum(slots[roots] + 1) - slots[roots] - 1
    for nodes in depths[1:]:
        if not len(nodes):
            continue
        ordered = nodes[np.lexsort((keys[nodes], first[up[nodes]], up[nodes]))]
        before = np.cumsum(slots[ordered]) - slots[ordered]
        parents = up[ordered]
        eldest = np.concatenate([[True], parents[1:] != parents[:-1]])
        start = before[eldest][np.cumsum(eldest) - 1]
        first[ordered] = first[parents] + before - start
    return first
