"""Least cuts of a forest for every contiguous block of a line of inputs, from tables by subtree.

What a subtree contributes depends on the block only through which of its own elements are in it.
So a subtree that reads n elements needs a table of (n + 1) x (n + 1): by how many of them lie
before the start of the block and how many before its end. A table is put together from those of
the children, an entry each: O(N^2) in all for a balanced tree, O(N^3) for a chain.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.condensed import Condensed, Floats

_ENTRIES_AT_ONCE = 2**18
"""Entries of a table that are put together at once, in a few arrays of 2 MiB."""


@dataclass(slots=True)
class _Table:
    """D = log2 f(A) - log2 f(B) of a subtree and its total, by start and end of the block."""

    modes: NDArray[np.int32]
    difference: Floats
    total: Floats


def interval_work(tree: Condensed) -> float:
    """How many table entries `interval_rows` reads: a nanosecond or ten for each."""
    return _work(tree, _modes_below(tree))


def interval_rows(tree: Condensed, n_modes: int) -> Iterator[tuple[int, Floats]]:
    """Least cuts, in units of the tree, of all blocks of a line of elements.

    Parameters
    ----------
    tree : Condensed
        A condensed forest.
    n_modes : int
        Number of elements, N.

    Yields
    ------
    start : int
        First of some rows.
    totals : ndarray of float64, shape (n_rows, N + 1 - start)
        Entry (i, j) is the cut of the block of elements from start + i up to, but not including,
        start + j; of no meaning for j < i.
    """
    modes = _modes_below(tree)
    children = _children(tree)
    tables: dict[int, _Table] = {}
    for node in range(len(tree.parent) - 1, -1, -1):
        if tree.mode[node] >= 0:
            tables[node] = _reading(modes[node], tree.clip[node])
            continue
        below = [tables.pop(child) for child in children[node]]
        n_rows = len(modes[node]) + 1
        table = _Table(modes[node], np.zeros((n_rows, n_rows)), np.zeros((n_rows, n_rows)))
        for start, difference, total in _joined(below, table.modes, tree.cap[node]):
            end = start + len(total)
            bound = tree.clip[node]
            np.clip(difference, -bound, bound, out=table.difference[start:end, start:])
            table.total[start:end, start:] = total
        tables[node] = table
    everything = np.arange(n_modes, dtype=np.int32)
    for start, _, total in _joined(list(tables.values()), everything, 0.0):
        yield start, total


def _children(tree: Condensed) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in tree.parent]
    for node, above in enumerate(tree.parent.tolist()):
        if above >= 0:
            children[above].append(node)
    return children


def _modes_below(tree: Condensed) -> list[NDArray[np.int32]]:
    """Elements that each subtree reads, ascending and distinct."""
    modes = [np.zeros(0, dtype=np.int32)] * len(tree.parent)
    children = _children(tree)
    for node in range(len(tree.parent) - 1, -1, -1):
        if tree.mode[node] >= 0:
            modes[node] = tree.mode[node : node + 1]
        else:
            modes[node] = np.unique(np.concatenate([modes[child] for child in children[node]]))
    return modes


def _work(tree: Condensed, modes: list[NDArray[np.int32]]) -> float:
    sizes = np.array([len(below) + 1.0 for below in modes])
    inner = tree.parent[tree.parent >= 0]
    return float((sizes[inner] ** 2).sum())


def _reading(modes: NDArray[np.int32], cost: float) -> _Table:
    """Side A, at D = -cost, if the block starts before the element and ends after it."""
    return _Table(modes, np.array([[cost, -cost], [cost, cost]]), np.zeros((2, 2)))


def _joined(
    below: list[_Table], modes: NDArray[np.int32], cap: float
) -> Iterator[tuple[int, Floats, Floats]]:
    """Rows of D and the total of a node, from those of its children."""
    n_ends = len(modes) + 1
    places = [np.append(np.searchsorted(t.modes, modes), len(t.modes)) for t in below]
    start = 0
    while start < n_ends:
        end = min(start + max(_ENTRIES_AT_ONCE // (n_ends - start), 1), n_ends)
        plus, minus, total = (np.zeros((end - start, n_ends - start)) for _ in range(3))
        for table, place in zip(below, places, strict=True):
            rows, columns = place[start:end], place[start:]
            total += table.total[rows][:, columns]
            difference = table.difference[rows][:, columns]
            plus += np.maximum(difference, 0.0)
            minus += np.maximum(-difference, 0.0)
        np.minimum(plus, cap, out=plus)
        np.minimum(minus, cap, out=minus)
        total += np.minimum(plus, minus)
        yield start, np.subtract(plus, minus, out=plus), total
        start = end
