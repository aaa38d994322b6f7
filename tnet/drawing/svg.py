"""SVG: a scene as text, in presentation attributes only."""

from xml.sax.saxutils import escape, quoteattr

from tnet.drawing.glyphs import Cell, Dot, Glyph, Line, Square, Stroke, Text
from tnet.drawing.scene import Scene
from tnet.drawing.theme import Theme

_FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"


def svg_text(scene: Scene, theme: Theme) -> str:
    """Write `scene` as an SVG document.

    Parameters
    ----------
    scene : Scene
        What to write.
    theme : Theme
        Its colours.

    Returns
    -------
    str
        Complete in itself: no style element, no ids or classes, nothing fetched from elsewhere.
        Every element has a title, which browsers show under the pointer.
    """
    view = scene.view
    box = " ".join(_number(value) for value in (view.x0, view.y0, view.width, view.height))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" '
        f'width="{_number(view.width)}" height="{_number(view.height)}" '
        f'role="img" font-family="{_FONT}">'
    )
    ground = _element(
        "rect",
        {
            "x": view.x0,
            "y": view.y0,
            "width": view.width,
            "height": view.height,
            "fill": theme.background,
        },
        scene.title,
    )
    body = [_glyph(glyph, theme) for glyph in scene.glyphs()]
    title = f"<title>{_escaped(scene.title)}</title>"
    return "\n".join([head, title, ground, *body, "</svg>", ""])


def _glyph(glyph: Glyph, theme: Theme) -> str:
    if isinstance(glyph, Line):
        return _line(glyph, theme)
    if isinstance(glyph, Square):
        return _square(glyph, theme)
    if isinstance(glyph, Dot):
        return _dot(glyph, theme)
    if isinstance(glyph, Cell):
        return _cell(glyph, theme)
    return _text(glyph, theme)


def _line(line: Line, theme: Theme) -> str:
    attributes: dict[str, str | float] = {
        "d": " ".join(_path(stroke, line.curved) for stroke in line.strokes),
        "fill": "none",
        "stroke": theme.line(line),
        "stroke-width": line.width,
    }
    if line.cut:
        attributes["stroke-dasharray"] = f"{_number(line.dash)} {_number(0.75 * line.dash)}"
    else:
        attributes["stroke-linecap"] = "round"
        attributes["stroke-linejoin"] = "round"
    return _element("path", attributes, line.title)


def _path(stroke: Stroke, curved: bool) -> str:
    points = [f"{_number(x)} {_number(y)}" for x, y in stroke]
    if curved:
        return f"M{points[0]} C{' '.join(points[1:])}"
    return f"M{' L'.join(points)}"


def _square(square: Square, theme: Theme) -> str:
    attributes: dict[str, str | float] = {
        "x": square.box.x0,
        "y": square.box.y0,
        "width": square.size,
        "height": square.size,
        "fill": theme.side(square.side),
    }
    return _element("rect", attributes, square.title)


def _dot(dot: Dot, theme: Theme) -> str:
    attributes: dict[str, str | float] = {
        "cx": dot.x,
        "cy": dot.y,
        "r": dot.radius,
        "fill": theme.dot(dot),
    }
    if dot.cut:
        attributes |= {"stroke": theme.cut, "stroke-width": dot.ring}
    return _element("circle", attributes, dot.title)


def _cell(cell: Cell, theme: Theme) -> str:
    attributes: dict[str, str | float] = {
        "x": cell.x,
        "y": cell.y,
        "width": cell.width,
        "height": cell.height,
        "fill": theme.cell(cell),
    }
    return _element("rect", attributes, cell.title)


def _text(text: Text, theme: Theme) -> str:
    attributes: dict[str, str | float] = {
        "x": text.x,
        # Not all viewers know how to centre a line of text; a third of an em does it in all.
        "y": text.y + 0.35 * text.size,
        "font-size": text.size,
        "text-anchor": text.anchor,
        "fill": theme.text(text),
    }
    return _element("text", attributes, text.title, _escaped(text.text))


def _element(tag: str, attributes: dict[str, str | float], title: str, content: str = "") -> str:
    written = " ".join(
        f"{name}={quoteattr(value if isinstance(value, str) else _number(value))}"
        for name, value in attributes.items()
    )
    return f"<{tag} {written}>{content}<title>{_escaped(title)}</title></{tag}>"


def _number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escaped(text: str) -> str:
    """Escape mark-up; XML has no place for control characters, not even escaped."""
    legal = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return escape(legal, {'"': "&quot;"})
