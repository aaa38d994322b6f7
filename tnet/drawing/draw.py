"""`draw`: one call from a network to a picture; nothing is shown or written until asked."""

import importlib.util
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.min_cut import min_cut
from tnet.cuts.result import MinCut
from tnet.drawing.dot import dot_text
from tnet.drawing.explorer.explore import explore
from tnet.drawing.layout import layered_layout
from tnet.drawing.raster import raster_bytes
from tnet.drawing.scene import Scene, network_scene
from tnet.drawing.summary import summary_scene
from tnet.drawing.svg import svg_text
from tnet.drawing.theme import THEMES, Theme, theme_named
from tnet.errors import FileFormatError, PartitionError, StructureError
from tnet.files import check_folder, write_atomically
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

LAYOUTS = ("auto", "layered", "radial")
SUFFIXES = (".svg", ".png", ".pdf")
_GRAPH = ".dot"
_PAGE = ".html"
_MOST_TENSORS = 2000
_MOST_RINGS = 20
_NOTEBOOK_DPI = 100


@dataclass(frozen=True, eq=False, repr=False)
class Drawing:
    """A picture that shows itself in a notebook and can be saved.

    Attributes
    ----------
    scene : Scene
        What is drawn, as data.
    theme : Theme
        In which colours.
    network : TensorNetwork, optional
        What is drawn; None for a chart.
    side_a : ndarray of bool, shape (N,), optional
        Elements on side A.
    """

    scene: Scene
    theme: Theme
    network: TensorNetwork | None = None
    side_a: NDArray[np.bool_] | None = None

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text."""
        return svg_text(self.scene, self.theme)

    @cached_property
    def dot(self) -> str:
        """The picture as a graph for Graphviz; a chart is refused."""
        return dot_text(self.scene, self.theme)

    def png(self, *, dpi: float = 200) -> bytes:
        """Return the picture as a PNG file of 10 or more dots per inch; needs matplotlib."""
        return raster_bytes(self.scene, self.theme, "png", dpi=dpi)

    def pdf(self) -> bytes:
        """Return the picture as a PDF file; needs matplotlib."""
        return raster_bytes(self.scene, self.theme, "pdf")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture in the format that the suffix of `path` names.

        Parameters
        ----------
        path : path-like
            Ends in ``.svg``, ``.png`` or ``.pdf``; but for charts also in ``.dot``; of a network
            also in ``.html``, for the page of `tnet.explore`. Its folder must exist.

        Returns
        -------
        Path
            The path written.

        Raises
        ------
        FileFormatError
            If the suffix is another; nothing is written.
        MissingLibraryError
            If a PNG or PDF is asked for and matplotlib is not installed; nothing is written.
        SizeLimitError
            If a page is asked for and the network is too large for one; nothing is written.

        Examples
        --------
        >>> import tempfile, tnet
        >>> drawing = draw(tnet.ConvNet(4, features=3, widths=(2, 5)).compile())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     drawing.save(f"{folder}/net.svg").name
        'net.svg'
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix == _GRAPH and not self.scene.is_graph:
            raise FileFormatError(
                f"a chart has no nodes and lines, so that {str(target)!r} cannot hold it as DOT; "
                f"save it by one of {', '.join(SUFFIXES)}"
            )
        check_picture(target, or_graph=self.scene.is_graph, or_page=self.network is not None)
        if suffix == _PAGE and self.network is not None:
            # A theme of one's own is for pictures; the page has both of ours.
            named = self.theme.name if self.theme.name in THEMES else "auto"
            return explore(self.network, side_a=self.side_a, theme=named).save(target)
        if suffix in (".svg", _GRAPH):
            text = self.svg if suffix == ".svg" else self.dot
            return write_atomically(target, text.encode())
        return write_atomically(target, self.png() if suffix == ".png" else self.pdf())

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, str | bytes]:
        """Show the picture in a notebook: SVG, and PNG for viewers that strip SVG."""
        bundle: dict[str, str | bytes] = {"text/plain": repr(self), "image/svg+xml": self.svg}
        if importlib.util.find_spec("matplotlib") is not None:
            bundle["image/png"] = self.png(dpi=_NOTEBOOK_DPI)
        return bundle

    def __repr__(self) -> str:
        view = self.scene.view
        return (
            f"<Drawing {view.width:.0f} x {view.height:.0f}, {self.theme.name}: {self.scene.title}>"
        )


def check_picture(path: Path, *, or_graph: bool = False, or_page: bool = False) -> None:
    """Raise unless a drawing can be saved at `path`: known by suffix, in a folder that exists.

    Parameters
    ----------
    path : Path
        Where to.
    or_graph, or_page : bool
        Whether it may be a graph in DOT, and a page, as well.

    Raises
    ------
    FileFormatError
        If the suffix is none of `SUFFIXES`.
    FileNotFoundError
        If the folder does not exist.
    """
    if not path.name:
        raise FileFormatError("the name of the file is empty; give one such as 'net.svg'")
    suffix = path.suffix.lower()
    allowed = (*SUFFIXES, *([_GRAPH] if or_graph else []))
    if suffix not in allowed and not (or_page and suffix == _PAGE):
        remedy = "rename it, or save a page as .html" if or_page else "rename it"
        raise FileFormatError(
            f"a drawing is saved by suffix, one of {', '.join(allowed)}; "
            f"{str(path)!r} ends in {path.suffix!r}: {remedy}"
        )
    check_folder(path)


def draw(
    network: TensorNetwork,
    *,
    side_a: Side | None = None,
    cut: MinCut | None = None,
    layout: str = "auto",
    theme: str | Theme = "light",
) -> Drawing:
    """Draw `network` level by level; with a partition, its sides coloured and its min cut dashed.

    Parameters
    ----------
    network : TensorNetwork
        Any network. Squares are tensors, lines indices, the wider the larger the dim, and dots
        copy tensors.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str, optional
        Side A of a partition, of which the min cut is found and drawn.
    cut : MinCut, optional
        A min cut of `network`, where it is known already.
    layout : {'auto', 'layered', 'radial'}
        ``layered`` draws every tensor, 2,000 at most, inputs at the bottom; ``radial`` does so
        with the root in the middle and the inputs around it, from the top clockwise; ``auto`` is
        layered up to there and draws larger networks by group.
    theme : {'light', 'dark'} or Theme
        Colours.

    Returns
    -------
    Drawing
        ``svg``, ``dot``, ``png()``, ``pdf()``, ``save(path)``; a notebook shows it.

    Raises
    ------
    StructureError
        If `network` is none, `layout` or `theme` is unknown, `cut` is of another network, or
        ``layered`` is asked of too many tensors.
    PartitionError
        If `side_a` does not fit the network, or is not the side of `cut`.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=4, widths=(4, 4, 4)).compile()
    >>> draw(net, side_a=tnet.partitions.left_right(8))
    <Drawing ... light: min cut 4 = r2  (4 against 4 inputs; exact by theorem)>
    """
    if not isinstance(network, TensorNetwork):
        raise StructureError(
            f"network is of type {type(network).__name__}; give a TensorNetwork, such as "
            "spec.compile() returns"
        )
    if layout not in LAYOUTS:
        raise StructureError(f"layout is {layout!r}; choose one of {', '.join(LAYOUTS)}")
    colours = theme_named(theme)
    side, cut = _partition(network, side_a, cut)
    if network.n_tensors <= _MOST_TENSORS:
        if layout == "radial":
            placed = layered_layout(network, tallest=_MOST_RINGS)
        else:
            placed = layered_layout(network)
        scene = network_scene(network, placed, side, cut, radial=layout == "radial")
        return Drawing(scene, colours, network, side)
    if layout != "auto":
        raise StructureError(
            f"layout {layout!r} draws every tensor, {_MOST_TENSORS:,} at most; this network has "
            f"{network.n_tensors:,}: use 'auto', which draws it by group"
        )
    return Drawing(summary_scene(network, side, cut), colours, network, side)


def _partition(
    network: TensorNetwork, side_a: Side | None, cut: MinCut | None
) -> tuple[NDArray[np.bool_] | None, MinCut | None]:
    """Make sides and cut agree; find the cut where only the side is given."""
    if cut is not None and not isinstance(cut, MinCut):
        raise StructureError(
            f"cut is {cut!r}; give a MinCut, which min_cut returns, or a partition as side_a"
        )
    if cut is not None and cut.network is not network and cut.network != network:
        raise StructureError(
            f"cut is of another network, of {cut.network.n_tensors:,} tensors and "
            f"{cut.network.n_modes:,} inputs; draw that one, or cut this one with min_cut"
        )
    if side_a is None:
        return (None if cut is None else cut.side_a), cut
    if cut is None:
        cut = min_cut(network, side_a)
        return cut.side_a, cut
    side = side_of_modes(network, side_a)
    if not np.array_equal(side, cut.side_a):
        differing = int((side != cut.side_a).sum())
        raise PartitionError(
            f"side_a and the side of cut differ at {differing:,} of {len(side):,} elements, first "
            f"at mode {int(np.argmax(side != cut.side_a))}; give one of the two"
        )
    return side, cut
