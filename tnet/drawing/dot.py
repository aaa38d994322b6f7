"""DOT: a scene as a graph for Graphviz, every node and line pinned where it is drawn."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from tnet.drawing.glyphs import Dot, Line, Point, Square, Stroke
from tnet.drawing.scene import Scene
from tnet.drawing.theme import Theme
from tnet.errors import StructureError

_POINTS_PER_INCH = 72
_Attributes: TypeAlias = dict[str, str]


def dot_text(scene: Scene, theme: Theme) -> str:
    """Write `scene` as a graph in the DOT language.

    Parameters
    ----------
    scene : Scene
        What to write; no chart.
    theme : Theme
        Its colours.

    Returns
    -------
    str
        Squares are boxes, dots circles, open ends points without ink; every stroke of a line is
        an edge. ``neato -n2 -Tsvg`` draws the picture itself, ``neato -n`` the nodes where they
        are with lines of its own; other programs find an ordinary graph.

    Raises
    ------
    StructureError
        If the scene is a chart.

    Examples
    --------
    >>> import tnet
    >>> text = tnet.draw(tnet.from_einsum("ab,b->a", (2, 3), (3,))).dot
    >>> [line.partition("[")[0].strip() for line in text.splitlines() if "--" in line]
    ['x0 -- t0', 't0 -- t1']
    """
    if not scene.is_graph:
        raise StructureError(
            f"{scene.title!r} is a chart, which has no nodes and lines for DOT; save it as .svg, "
            ".png or .pdf"
        )
    nodes = _Nodes(scene, theme)
    edges = [
        _statement(f"{start} -- {end}", attributes)
        for line in sorted(scene.lines, key=lambda line: line.cut)
        for start, end, attributes in _edges(line, nodes, theme)
    ]
    graph = {
        "label": scene.title,
        "bgcolor": theme.background,
        "fontcolor": theme.ink,
        "fontname": "DejaVu Sans",
        "inputscale": str(_POINTS_PER_INCH),
        "outputorder": "edgesfirst",
        "splines": "line",
    }
    node = {"label": "", "fixedsize": "true", "style": "filled", "penwidth": "0"}
    head = [_statement("graph", graph), _statement("node", node)]
    return "\n".join(["graph {", *head, *nodes.statements, *edges, "}", ""])


class _Nodes:
    """The nodes of a scene, found by where they stand; open ends are added as they are met."""

    def __init__(self, scene: Scene, theme: Theme) -> None:
        self.statements: list[str] = []
        self._at: dict[tuple[str, str], str] = {}
        self._n_ends = 0
        names = {_place((text.x, text.y)): text for text in scene.texts if text.kind == "name"}
        for number, square in enumerate(scene.squares):
            attributes = self._square(square, theme)
            name = names.get(_place((square.x, square.y)))
            if name is not None:
                attributes["label"] = name.text
                attributes |= {"fontcolor": theme.on_glyph, "fontsize": _number(name.size)}
            self._add(f"t{number}", (square.x, square.y), attributes)
        for letter, dots in (("d", scene.dots), ("x", scene.terminals)):
            for number, dot in enumerate(dots):
                self._add(f"{letter}{number}", (dot.x, dot.y), self._dot(dot, theme))

    def named(self, point: Point) -> str:
        """Return the node at `point`, a new one without ink if there is none."""
        place = _place(point)
        if place not in self._at:
            attributes = {"shape": "point", "style": "invis", **_extent(1.0)}
            self._add(f"e{self._n_ends}", point, attributes)
            self._n_ends += 1
        return self._at[place]

    def _add(self, name: str, point: Point, attributes: _Attributes) -> None:
        x, y = _place(point)
        self._at[x, y] = name
        self.statements.append(_statement(name, {**attributes, "pos": f"{x},{y}!"}))

    @staticmethod
    def _square(square: Square, theme: Theme) -> _Attributes:
        colour = theme.side(square.side)
        return {
            "shape": "box",
            **_extent(square.size),
            "fillcolor": colour,
            "tooltip": square.title,
        }

    @staticmethod
    def _dot(dot: Dot, theme: Theme) -> _Attributes:
        shape = "circle" if dot.kind == "input" else "point"
        return {
            "shape": shape,
            **_extent(2 * dot.radius),
            "fillcolor": theme.dot(dot),
            **({"color": theme.cut, "penwidth": _number(dot.ring)} if dot.cut else {}),
            "tooltip": dot.title,
        }


def _edges(line: Line, nodes: _Nodes, theme: Theme) -> Iterator[tuple[str, str, _Attributes]]:
    attributes = {
        "color": theme.line(line),
        "penwidth": _number(line.width),
        "style": "dashed" if line.cut else "solid",
        "tooltip": line.title,
    }
    for stroke in line.strokes:
        course = " ".join(",".join(_place(point)) for point in _cubics(stroke, line.curved))
        yield nodes.named(stroke[0]), nodes.named(stroke[-1]), {**attributes, "pos": course}


def _cubics(stroke: Stroke, curved: bool) -> Stroke:
    """Cubic curves, as Graphviz wants them, of a broken line."""
    if curved:
        return stroke
    points = [stroke[0]]
    for (x0, y0), (x1, y1) in pairwise(stroke):
        third = (x1 - x0) / 3, (y1 - y0) / 3
        points += [(x0 + third[0], y0 + third[1]), (x1 - third[0], y1 - third[1]), (x1, y1)]
    return tuple(points)


def _extent(size: float) -> _Attributes:
    inches = f"{size / _POINTS_PER_INCH:.4f}"
    return {"width": inches, "height": inches}


def _place(point: Point) -> tuple[str, str]:
    """Coordinates as written; in Graphviz y grows upwards."""
    return _number(point[0]), _number(-point[1])


def _number(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def _statement(subject: str, attributes: _Attributes) -> str:
    listed = ", ".join(f"{name}={_quoted(value)}" for name, value in attributes.items())
    return f"  {subject} [{listed}];"


def _quoted(text: str) -> str:
    r"""Quote a text so that backslashes, which Graphviz reads as commands, stand for themselves."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
