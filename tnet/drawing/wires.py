"""Wires: the strokes of every index between the tensors, dots and terminals it joins."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.frames import Route
from tnet.drawing.glyphs import Point, Stroke
from tnet.drawing.layers_layout import arc_height
from tnet.drawing.positions import Layout
from tnet.drawing.sizes import Sizes
from tnet.network.model import TensorNetwork

_TIP = 0.7
_BOW = 0.28


class Router:
    """Routes one index after another; remembers which places are joined already."""

    def __init__(
        self, network: TensorNetwork, layout: Layout, sizes: Sizes, dots: NDArray[np.bool_]
    ) -> None:
        self._network = network
        self._dots = dots
        self._forest = layout.style == "forest"
        self._sizes = sizes
        self._tensors = [(x, y) for x, y in layout.tensors.tolist()]
        self._indices = [(x, y) for x, y in layout.indices.tolist()]
        terminals = ((x, y) for x, y in layout.terminals.tolist())
        self._terminal = dict(zip(network.inputs.tolist(), terminals, strict=True))
        self._outputs = frozenset(network.outputs.tolist())
        self._drawn: Counter[tuple[Point, Point]] = Counter()
        self._place_in_row = _places(layout)
        self._below = self._heights_below() if self._forest else {}

    def _heights_below(self) -> dict[Point, tuple[float, float]]:
        """Heights of the lowest and the highest of the lower ends that meet in each place."""
        below: dict[Point, tuple[float, float]] = {}
        for index in range(self._network.n_indices):
            for start, end in self._joined(index):
                (_, y), high = sorted((start, end), key=lambda point: point[1])
                least, most = below.get(high, (y, y))
                below[high] = min(least, y), max(most, y)
        return below

    def strokes(self, index: int) -> tuple[tuple[Stroke, ...], bool]:
        """Return the strokes of `index` in pixels, and whether they are curves."""
        routes = [self._route(index, start, end) for start, end in self._joined(index)]
        if not routes:
            routes = [_loop(self._tensors[tensor]) for tensor in self._tensors_at(index)]
        return self._sizes.frame.strokes(routes)

    def _tensors_at(self, index: int) -> list[int]:
        tensors: list[int] = self._network.incidence.tensors_at(index).tolist()
        return tensors

    def _joined(self, index: int) -> list[tuple[Point, Point]]:
        """Pairs of places that a stroke joins; none for a diagonal, which loops."""
        tensors, here = self._tensors_at(index), self._indices[index]
        if self._dots[index]:
            ends = [self._tensors[t] for t in tensors for _ in range(self._mentions(index, t))]
            ends += [self._terminal[index]] if index in self._terminal else []
            ends += [(here[0], here[1] + _TIP)] if index in self._outputs else []
            return [(here, end) for end in ends]
        first = self._tensors[tensors[0]]
        if index in self._terminal:
            return [(self._terminal[index], first)]
        if len(tensors) == 2:
            return [(first, self._tensors[tensors[1]])]
        return [] if self._mentions(index, tensors[0]) > 1 else [(first, here)]

    def _mentions(self, index: int, tensor: int) -> int:
        """How many axes of `tensor` carry `index`."""
        names = self._network.tensor_names
        number = names.group_of(tensor)
        row = tensor - int(names.starts[number])
        return int((self._network.tensor_groups[number].indices[row] == index).sum())

    def _route(self, index: int, start: Point, end: Point) -> Route:
        low, high = sorted((start, end), key=lambda point: point[1])
        pair = (min(start, end), max(start, end))
        bends_at = self._indices[index]
        if not (self._dots[index] or self._forest) and low[1] < bends_at[1] < high[1]:
            return (low, bends_at, high), False
        repeats = self._drawn[pair]
        self._drawn[pair] += 1
        if low[1] == high[1] and not self._are_neighbours(low, high):
            return _arc(*pair, repeats), True
        if repeats:
            return _bowed(low, high, repeats), True
        if self._forest:
            return self._tree_route(low, high), False
        return (low, high), False

    def _tree_route(self, low: Point, high: Point) -> Stroke:
        """Straight up in the column of the lower end, which nothing else enters, then across."""
        least, elbow = self._below.get(high, (low[1], low[1]))
        if low[0] == high[0] or least >= elbow - 1e-9:
            return low, high
        # Where one line bends all do, if only at their lower ends, so that they stay in order.
        return low, (low[0], max(low[1], elbow)), high

    def _are_neighbours(self, one: Point, other: Point) -> bool:
        return abs(self._place_in_row[one] - self._place_in_row[other]) == 1


def _places(layout: Layout) -> dict[Point, int]:
    """Number the tensors row by row, from the left."""
    order = np.lexsort((layout.tensors[:, 0], layout.tensors[:, 1]))
    return {(x, y): place for place, (x, y) in enumerate(layout.tensors[order].tolist())}


def _arc(left: Point, right: Point, repeats: int) -> Stroke:
    """Rise over the tensors between; a second bond of the pair rises higher."""
    # A cubic curve reaches three quarters of the height of its middle points.
    height = (arc_height(right[0] - left[0]) + 0.2 * repeats) * 4 / 3
    lean = 0.15 * (right[0] - left[0])
    over = (left[0] + lean, left[1] + height), (right[0] - lean, right[1] + height)
    return left, *over, right


def _bowed(low: Point, high: Point, repeats: int) -> Stroke:
    """Bow the second, third, ... line between two places to alternate sides."""
    bow = 1.4 * _BOW * ((repeats + 1) // 2) * (1 if repeats % 2 else -1)
    if low[1] == high[1]:
        return low, (low[0], low[1] + bow), (high[0], high[1] + bow), high
    third = (high[1] - low[1]) / 3
    return low, (low[0] + bow, low[1] + third), (high[0] + bow, high[1] - third), high


def _loop(at: Point) -> Route:
    """Leave and enter one tensor at its upper left."""
    x, y = at
    return (at, (x - 1.2, y + 0.4), (x - 0.5, y + 1.3), at), True
