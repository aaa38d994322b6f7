"""Layout of networks with loops: rows by distance from the inputs, barycentre sweeps."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.positions import Layout, has_dot, n_ends, reading_ranks
from tnet.network.model import TensorNetwork

_SWEEPS = 7
_ARC = 0.16
_HIGHEST_ARC = 4.0
_BEND = 0.3
_CLOSE = 0.7


@dataclass(frozen=True, eq=False, slots=True)
class _Graph:
    """Tensors, indices and terminals as nodes, in this order; every edge is one row high.

    An index with two ends is a node too, where its line may bend, so that no line passes a row
    without a place of its own in it. Not so a bond between tensors of one row: it stays in it.
    """

    neighbours: list[list[int]]
    widths: NDArray[np.float64]
    n_tensors: int
    n_terminals: int

    @property
    def first_terminal(self) -> int:
        return len(self.neighbours) - self.n_terminals


def layers_layout(network: TensorNetwork) -> Layout:
    """Place a network by its distance from the inputs, which stand at the bottom in order.

    Parameters
    ----------
    network : TensorNetwork
        Any network.

    Returns
    -------
    Layout
        Tensors stand in rows of their own, dots and bends between them; glyphs of one row are at
        least one unit apart.
    """
    graph = _graph(network)
    parts = _parts(graph)
    flat = _flat_bonds(graph, parts)
    ranks = reading_ranks(network)
    x, row_of = np.zeros(len(graph.neighbours)), np.zeros(len(graph.neighbours), dtype=np.int64)
    right = 0.0
    for rows in parts:
        kept = [[node for node in row if node not in flat] for row in rows]
        placed = _placed(graph, kept, ranks)
        nodes = np.array([node for row in kept for node in row], dtype=np.int64)
        x[nodes] = placed[nodes] - placed[nodes].min() + right
        right = float(x[nodes].max()) + 2
        for number, row in enumerate(kept):
            row_of[row] = number
    y = _row_heights(graph, x, row_of, flat)[row_of]
    for bond in flat:
        ends = graph.neighbours[bond]
        x[bond], y[bond] = x[ends].mean(), y[ends[0]]
    positions = np.stack([x, y], axis=1)
    return Layout(
        "layers",
        positions[: graph.n_tensors],
        positions[graph.n_tensors : graph.first_terminal],
        positions[graph.first_terminal :],
    )


def arc_height(span: float) -> float:
    """Height of the arc between two tensors of a row that are `span` units apart."""
    return min(_HIGHEST_ARC, 0.4 + _ARC * abs(span))


def _graph(network: TensorNetwork) -> _Graph:
    n_tensors, n_indices = network.n_tensors, network.n_indices
    n_terminals = len(network.inputs)
    neighbours: list[list[int]] = [[] for _ in range(n_tensors + n_indices + n_terminals)]
    pairs = [(network.incidence.tensor_of, network.incidence.index_of)]
    pairs.append((np.arange(n_terminals, dtype=np.int32) + n_tensors + n_indices, network.inputs))
    for nodes, indices in pairs:
        for node, index in zip(nodes.tolist(), (indices + n_tensors).tolist(), strict=True):
            neighbours[node].append(index)
            neighbours[index].append(node)
    widths = np.ones(len(neighbours))
    bends = ~has_dot(network) & (n_ends(network) == 2)
    bends[network.outputs] = False
    widths[n_tensors : n_tensors + n_indices][bends] = _BEND
    return _Graph(neighbours, widths, n_tensors, n_terminals)


def _parts(graph: _Graph) -> list[list[list[int]]]:
    """Rows of nodes by distance: of all that the inputs reach, then of each part they do not."""
    seen = [False] * len(graph.neighbours)
    terminals = list(range(graph.first_terminal, len(graph.neighbours)))
    parts = [_rows(graph, terminals, seen)] if terminals else []
    # The first tensor of a part without inputs stands level with those that inputs lead to.
    return parts + [
        [[], [], *_rows(graph, [start], seen)]
        for start in range(graph.n_tensors)
        if not seen[start]
    ]


def _rows(graph: _Graph, starts: list[int], seen: list[bool]) -> list[list[int]]:
    queue = deque((start, 0) for start in starts)
    for start in starts:
        seen[start] = True
    rows: list[list[int]] = []
    while queue:
        node, distance = queue.popleft()
        if distance == len(rows):
            rows.append([])
        rows[distance].append(node)
        for other in graph.neighbours[node]:
            if not seen[other]:
                seen[other] = True
                queue.append((other, distance + 1))
    return rows


def _flat_bonds(graph: _Graph, parts: list[list[list[int]]]) -> frozenset[int]:
    """Bonds whose two tensors stand in one row."""
    row_of = {node: number for rows in parts for number, row in enumerate(rows) for node in row}
    return frozenset(
        node
        for node in range(graph.n_tensors, graph.first_terminal)
        if graph.widths[node] < 1
        and len(graph.neighbours[node]) == 2
        and row_of[graph.neighbours[node][0]] == row_of[graph.neighbours[node][1]]
    )


def _placed(graph: _Graph, rows: list[list[int]], ranks: NDArray[np.int32]) -> NDArray[np.float64]:
    """Columns of the nodes in `rows` after sweeps up and down; terminals keep their order."""
    x = np.zeros(len(graph.neighbours))
    level = {node: number for number, row in enumerate(rows) for node in row}
    rows = [row for row in rows if row]
    if rows[0][0] >= graph.first_terminal:
        rows[0].sort(key=lambda node: int(ranks[node - graph.first_terminal]))
    for row in rows:
        x[row] = np.arange(len(row))

    def wish(node: int, upwards: bool) -> float:
        near = [other for other in graph.neighbours[node] if other in level]
        below = [other for other in near if level[other] < level[node]]
        chosen = (upwards and below) or near
        return float(np.mean(x[chosen])) if chosen else float(x[node])

    for sweep in range(_SWEEPS):
        upwards = sweep % 2 == 0
        for row in rows if upwards else rows[::-1]:
            wishes = {node: wish(node, upwards) for node in row}
            if row[0] < graph.first_terminal:
                row.sort(key=lambda node: (wishes[node], x[node]))
            x[row] = spaced([wishes[node] for node in row], graph.widths[row])
    for row in rows:
        if graph.n_tensors <= row[0] < graph.first_terminal:
            # In the end bends lie on the straight line wherever there is room.
            x[row] = spaced([wish(node, False) for node in row], graph.widths[row])
    return x


def spaced(wishes: list[float], widths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places nearest to `wishes` by least squares, in order, without overlap."""
    offsets = np.concatenate([[0.0], np.cumsum((widths[:-1] + widths[1:]) / 2)])
    # Less the offsets this is isotonic regression: neighbours that collide move as one block.
    blocks: list[tuple[float, int]] = []
    for wished, offset in zip(wishes, offsets.tolist(), strict=True):
        total, count = wished - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            more, others = blocks.pop()
            total, count = total + more, count + others
        blocks.append((total, count))
    means = [total / count for total, count in blocks for _ in range(count)]
    found: NDArray[np.float64] = offsets + means
    return found


def _row_heights(
    graph: _Graph,
    x: NDArray[np.float64],
    row_of: NDArray[np.int64],
    flat: frozenset[int],
) -> NDArray[np.float64]:
    """Heights of the rows: closer where lines only pass, further apart where arcs rise."""
    room = np.ones(int(row_of.max(initial=0)) + 1)
    has_glyph = np.zeros(len(room), dtype=bool)
    has_glyph[row_of[graph.widths == 1]] = True
    for row in np.nonzero(~has_glyph)[0].tolist():
        room[max(row - 1, 0) : row + 1] = _CLOSE
    for bond in flat:
        left, right = graph.neighbours[bond]
        span = x[right] - x[left]
        if abs(span) > 1.5:
            room[row_of[left]] = max(room[row_of[left]], 0.6 + arc_height(span))
    return np.concatenate([[0.0], np.cumsum(room[:-1])])
