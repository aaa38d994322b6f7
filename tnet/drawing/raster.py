"""PNG and PDF: a scene through matplotlib, in the same coordinates as the SVG."""

import io
import math
import warnings
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tnet.drawing.glyphs import Cell, Dot, Glyph, Line, Square, Text
from tnet.drawing.scene import Scene
from tnet.drawing.theme import Theme
from tnet.errors import MissingLibraryError, StructureError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

_PIXELS_PER_INCH = 96
_POINTS_PER_PIXEL = 72 / _PIXELS_PER_INCH
_LONGEST_SIDE = 16_000
# With fewer a letter is no dot high, and has no shape.
_LEAST_DPI = 10


def raster_bytes(
    scene: Scene, theme: Theme, form: Literal["png", "pdf"], *, dpi: float = 200
) -> bytes:
    """Draw `scene` as a PNG or PDF file.

    Parameters
    ----------
    scene : Scene
        What to draw.
    theme : Theme
        Its colours.
    form : {'png', 'pdf'}
        What to return.
    dpi : float
        Dots per inch of a PNG, 10 or more; fewer where a side would be longer than 16,000 dots.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    MissingLibraryError
        If matplotlib is not installed.
    StructureError
        If `dpi` is no number from 10.
    """
    is_number = isinstance(dpi, int | float | np.integer | np.floating)
    if not is_number or isinstance(dpi, bool) or not _LEAST_DPI <= dpi < math.inf:
        raise StructureError(f"dpi is {dpi!r}; give a number of dots per inch, from {_LEAST_DPI}")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingLibraryError(
            f"a {form.upper()} needs matplotlib, which is not installed; "
            "install tnet[viz], or save as .svg, which needs nothing"
        ) from error
    view = scene.view
    inches = view.width / _PIXELS_PER_INCH, view.height / _PIXELS_PER_INCH
    figure = Figure(figsize=inches, facecolor=theme.background)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(view.x0, view.x1)
    axes.set_ylim(view.y1, view.y0)
    _paint(axes, scene, theme)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A name may be in a script that the font lacks; it is drawn as boxes, as it would be said.
        warnings.filterwarnings("ignore", message="Glyph")
        # No date and no version: the same scene gives the same bytes.
        metadata: dict[str, Any] = (
            {"Software": None} if form == "png" else {"CreationDate": None, "Producer": None}
        )
        sharp = min(dpi, _LONGEST_SIDE / max(inches))
        figure.savefig(buffer, format=form, dpi=sharp, metadata=metadata)
    return buffer.getvalue()


def _paint(axes: "Axes", scene: Scene, theme: Theme) -> None:
    """Paint runs of outlines as one collection each, which is faster than glyph by glyph."""
    from matplotlib.collections import PathCollection

    outlines: list[tuple[Path, str, str, float, Any]] = []
    for glyph in scene.glyphs():
        if isinstance(glyph, Text):
            axes.text(
                glyph.x,
                glyph.y + 0.35 * glyph.size,
                glyph.text,
                fontsize=glyph.size * _POINTS_PER_PIXEL,
                fontfamily="DejaVu Sans",
                color=theme.text(glyph),
                ha={"start": "left", "middle": "center", "end": "right"}[glyph.anchor],
                va="baseline",
                parse_math=False,
            )
        else:
            outlines.append(_outline(glyph, theme))
    if not outlines:
        return
    paths, faces, edges, widths, dashes = zip(*outlines, strict=True)
    axes.add_collection(
        PathCollection(
            paths,
            facecolors=faces,
            edgecolors=edges,
            linewidths=widths,
            # A tuple of two would be read as one style of offset and dashes.
            linestyles=list(dashes),
        ),
        autolim=False,
    )


def _outline(
    glyph: Square | Dot | Line | Cell, theme: Theme
) -> tuple["Path", str, str, float, Any]:
    """Path, face, edge, width in points, and dashes in units of that width."""
    from matplotlib.path import Path

    if isinstance(glyph, Line):
        dashes: Any = "solid"
        if glyph.cut:
            dash = glyph.dash / glyph.width
            dashes = (0, (dash, 0.75 * dash))
        return _strokes(glyph), "none", theme.line(glyph), glyph.width * _POINTS_PER_PIXEL, dashes
    if isinstance(glyph, Dot):
        edge = theme.cut if glyph.cut else "none"
        circle = Path.circle((glyph.x, glyph.y), glyph.radius)
        return circle, theme.dot(glyph), edge, glyph.ring * _POINTS_PER_PIXEL, "solid"
    fill = theme.cell(glyph) if isinstance(glyph, Cell) else theme.side(glyph.side)
    return _rectangle(glyph), fill, "none", 0.0, "solid"


def _rectangle(glyph: Glyph) -> "Path":
    from matplotlib.path import Path

    box = glyph.box
    corners = [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]
    return Path([*corners, corners[0]], closed=True)


def _strokes(line: Line) -> "Path":
    from matplotlib.path import Path

    points = [point for stroke in line.strokes for point in stroke]
    follow = Path.CURVE4 if line.curved else Path.LINETO
    codes = [
        Path.MOVETO if place == 0 else follow
        for stroke in line.strokes
        for place in range(len(stroke))
    ]
    return Path(points, codes)
