"""Parts: the tensors, indices and readings of one network made into glyphs, one by one."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.result import MinCut
from tnet.drawing import labels
from tnet.drawing.glyphs import Dot, GlyphSide, Line, Square, Text
from tnet.drawing.positions import Layout, has_dot, n_ends
from tnet.drawing.radial_sizes import radial_sizes
from tnet.drawing.sizes import Sizes, name_font, sizes_for
from tnet.drawing.wires import Router
from tnet.network.model import TensorNetwork


class Parts:
    """The parts of one network made into glyphs, one by one."""

    def __init__(
        self,
        network: TensorNetwork,
        layout: Layout,
        side_a: NDArray[np.bool_] | None,
        cut: MinCut | None,
        *,
        radial: bool = False,
    ) -> None:
        self.network, self.layout, self.side_a = network, layout, side_a
        self.dots = has_dot(network)
        sized = radial_sizes if radial else sizes_for
        self.sizes: Sizes = sized(network, layout, self.dots)
        self._ends = n_ends(network)
        self._on_a = None if cut is None else cut.tensors_on_a
        self._cut = frozenset([] if cut is None else cut.cut_ids.tolist())
        self._router = Router(network, layout, self.sizes, self.dots)
        self._tensor_xy = self.sizes.to_pixels(layout.tensors).tolist()
        self._index_xy = self.sizes.to_pixels(layout.indices).tolist()
        self._terminal_xy = self.sizes.to_pixels(layout.terminals).tolist()
        self._place = {index: place for place, index in enumerate(network.inputs.tolist())}
        self._dims = [network.group_dims(group) for group in network.tensor_groups]

    @property
    def counts(self) -> tuple[int, int] | None:
        """How many elements each side has."""
        if self.side_a is None:
            return None
        n_a = int(self.side_a.sum())
        return n_a, len(self.side_a) - n_a

    def _tensor_side(self, tensor: int) -> GlyphSide:
        if self._on_a is None:
            return "none"
        return "a" if self._on_a[tensor] else "b"

    def _mode_side(self, place: int) -> GlyphSide:
        if self.side_a is None:
            return "none"
        return "a" if self.side_a[self.network.input_modes[place]] else "b"

    def _index_side(self, index: int) -> GlyphSide:
        """The side of an uncut index is that of any tensor at it; outputs have none."""
        if self.network.index_groups[self.network.group_of_index[index]].role == "output":
            return "none"
        return self._tensor_side(int(self.network.incidence.tensors_at(index)[0]))

    def _index_words(self, index: int) -> str:
        found = self.network.indices[index]
        words = [f"{found.name}: dim {found.dim}"]
        words += [found.role] if found.role != "inner" else []
        words += [f"{self._ends[index]} ends"] if self.dots[index] else []
        words += [found.operator] if found.operator != "product" else []
        words += [f"multiplicity {found.multiplicity}"] if found.multiplicity > 1 else []
        words += ["cut"] if index in self._cut else []
        side = self._index_side(index)
        if index not in self._cut and side != "none":
            words.append(side_word(side))
        return ", ".join(words)

    def line(self, index: int) -> Line:
        """All strokes of an index."""
        strokes, curved = self._router.strokes(index)
        is_cut = index in self._cut
        dim = self.network.dim_of(index)
        shortest = min(math.dist(stroke[0], stroke[-1]) for stroke in strokes)
        width = min((0.8 + 0.34 * math.log2(dim)), 4.6, max(0.9, 0.16 * self.sizes.gap))
        role = self.network.index_groups[self.network.group_of_index[index]].role
        return Line(
            strokes,
            max(1.5, 1.25 * width) if is_cut else width,
            "none" if is_cut else self._index_side(index),
            f"index {self._index_words(index)}",
            role if role != "inner" else self._inner_kind(index),
            is_cut,
            float(np.clip(shortest / 7, 2.2, 6.5)) if is_cut else 0.0,
            curved,
        )

    def _inner_kind(self, index: int) -> Literal["hyperedge", "bond", "open"]:
        if self.dots[index]:
            return "hyperedge"
        return "bond" if self._ends[index] == 2 else "open"

    def square(self, tensor: int) -> Square:
        """One tensor."""
        x, y = self._tensor_xy[tensor]
        number = self.network.tensor_names.group_of(tensor)
        group, dims = self.network.tensor_groups[number], self._dims[number]
        words = [f"tensor {self.network.tensor_names[tensor]}: {shape_text(dims)}"]
        words += [f"parameter {group.parameter}"] if group.parameter != group.name else []
        words += ["shared"] if group.shared and group.count > 1 else []
        words += [group.operator] if group.operator != "product" else []
        side = self._tensor_side(tensor)
        words += [side_word(side)] if side != "none" else []
        return Square(x, y, float(self.sizes.square[tensor]), side, ", ".join(words))

    def dot(self, index: int) -> Dot:
        """One copy tensor."""
        x, y = self._index_xy[index]
        is_cut = index in self._cut
        side = "none" if is_cut else self._index_side(index)
        radius = float(self.sizes.radius[index])
        title = f"copy tensor {self._index_words(index)}"
        return Dot(x, y, radius, side, title, "copy tensor", is_cut)

    def terminal(self, place: int) -> Dot:
        """Where one reading begins."""
        x, y = self._terminal_xy[place]
        index, side = int(self.network.inputs[place]), self._mode_side(place)
        words = [f"input {self.network.index_names[index]}: dim {self.network.dim_of(index)}"]
        words.append(f"mode {self.network.input_modes[place]}")
        words += [side_word(side)] if side != "none" else []
        return Dot(x, y, self.sizes.terminal, side, ", ".join(words), "input")

    def names(self) -> list[Text]:
        """Names of the tensors, inside their squares."""
        named = zip(
            self.network.tensor_names, self._tensor_xy, self.sizes.square.tolist(), strict=True
        )
        return [
            Text(
                x, y, labels.plain(name), name_font(name, side), "middle", "name", f"tensor {name}"
            )
            for name, (x, y), side in named
        ]


def side_word(side: GlyphSide) -> str:
    """Name a side as people do."""
    return {"a": "side A", "b": "side B", "none": "no side"}[side]


def shape_text(dims: tuple[int, ...]) -> str:
    """Write a shape as people do: ``8x8``."""
    return "x".join(map(str, dims)) or "scalar"
