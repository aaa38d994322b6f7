"""`explore`: a page on which inputs change sides under the pointer, and the cut follows."""

import html
import json
import os
import re
from dataclasses import dataclass, fields
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.explorer.payload import payload_of
from tnet.drawing.theme import DARK, LIGHT, Theme
from tnet.errors import FileFormatError, MissingLibraryError, StructureError
from tnet.files import check_folder, write_atomically
from tnet.geometry.partitions import left_right
from tnet.network.counting import number_of
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

if TYPE_CHECKING:
    from tnet.drawing.explorer.widget import ExplorerWidget

THEMES = ("auto", "light", "dark")
SCRIPTS = tuple(
    f"{name}.js"
    for name in (
        *("numbers", "programme", "formula", "sides", "model"),
        *("keys", "picture", "strips", "widths", "bridge", "page"),
    )
)
_HEIGHT = 820


@dataclass(frozen=True, eq=False, repr=False)
class Explorer:
    """An interactive page on one network; it shows itself in a notebook and can be saved.

    Attributes
    ----------
    network : TensorNetwork
        What is explored.
    side_a : ndarray of bool, shape (N,)
        Elements on side A at first.
    theme : {'auto', 'light', 'dark'}
        Colours at first; ``auto`` follows the reader's system.
    """

    network: TensorNetwork
    side_a: NDArray[np.bool_]
    theme: str

    @cached_property
    def html(self) -> str:
        """The page: one HTML document that fetches nothing from anywhere."""
        parts = {
            "title": html.escape(f"tnet: {number_of(self.network.n_modes, 'input')}"),
            "theme": self.theme,
            "colours": "\n".join(_colours(theme) for theme in (LIGHT, DARK)),
            "style": source("page.css"),
            "data": _as_json(payload_of(self.network, self.side_a)),
            "script": "\n".join(source(name) for name in SCRIPTS),
        }
        # In one pass, so that nothing inside a part is taken for a place to fill.
        return re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], source("page.html"))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to an ``.html`` file, whole or not at all.

        Parameters
        ----------
        path : path-like
            Ends in ``.html``; its folder must exist.

        Returns
        -------
        Path
            The path written.

        Raises
        ------
        FileFormatError
            If the suffix is another; nothing is written.
        FileNotFoundError
            If the folder does not exist.

        Examples
        --------
        >>> import tempfile, tnet
        >>> page = explore(tnet.ConvNet(8, features=2, widths=(4, 4, 4)).compile())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page.save(f"{folder}/net.html").name
        'net.html'
        """
        check_page(Path(path))
        return write_atomically(path, self.html.encode())

    def widget(self) -> "ExplorerWidget":
        """Make a notebook widget of the page: Python follows it, and it follows Python.

        Networks with loops can be changed in it too, since Python finds their cuts. The page by
        itself, which a notebook shows unless asked for a widget, needs no Python and stays in the
        saved notebook; a widget lives as long as its kernel.

        Returns
        -------
        ExplorerWidget
            A new one, with ``side_a``, ``dims``, ``network`` and ``cut`` as the page shows them.

        Raises
        ------
        MissingLibraryError
            If anywidget is not installed.

        Examples
        --------
        >>> import tnet
        >>> ring = tnet.from_einsum("abw,bcx,cdy,daz->wxyz", *[(4, 4, 8)] * 4)
        >>> widget = explore(ring, side_a=[0, 2]).widget()
        >>> print(widget.cut)
        min cut 64 = w·y  (2 against 2 inputs; exact by theorem)
        >>> widget.side_a = [0, 1]
        >>> widget.dims = {"a": 2}
        >>> print(widget.cut)
        min cut 8 = a·c  (2 against 2 inputs; exact by theorem)
        """
        try:
            from tnet.drawing.explorer.widget import ExplorerWidget
        except ImportError as error:
            raise MissingLibraryError(
                'the widget needs anywidget, which is not installed: pip install "tnet[widget]"; '
                "the explorer itself shows its page without it"
            ) from error
        return ExplorerWidget(self)

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own: several on one page do not meet."""
        page = html.escape(self.html, quote=True)
        return (
            f'<iframe srcdoc="{page}" title="tnet explorer" sandbox="allow-scripts" '
            f'allow="clipboard-write" loading="lazy" '
            f'style="width:100%;height:{_HEIGHT}px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        n_a = int(self.side_a.sum())
        n_b = len(self.side_a) - n_a
        sides = f"{n_a:,} against {number_of(n_b, 'input')}"
        return f"<Explorer: {sides}; save it as .html to open it>"


def explore(network: TensorNetwork, *, side_a: Side | None = None, theme: str = "auto") -> Explorer:
    """Make a page on which inputs change sides by click, drag or key, and the min cut follows.

    Parameters
    ----------
    network : TensorNetwork
        At most 4,096 inputs. Up to 256 are drawn with every tensor, more as a grid of inputs
        under strips of the index groups. Where the network has loops, the page shows the cut of
        the given side only; `Explorer.widget` asks Python for those of others.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str, optional
        Side A at first; the left half unless given.
    theme : {'auto', 'light', 'dark'}
        Colours at first; ``auto`` follows the reader's system.

    Returns
    -------
    Explorer
        ``save("page.html")``, ``html``; a notebook shows it.

    Raises
    ------
    StructureError
        If `theme` is unknown.
    PartitionError, UnknownNameError
        If `side_a` does not name inputs of this network.
    SizeLimitError
        When the page is made, if the network is larger than a page can show.

    Notes
    -----
    The page holds the programme of `tnet.min_cut` for forests and answers by itself, exactly: it
    needs neither Python nor a network connection. Dims of index groups can be changed there too;
    up to 64 inputs it also gives the formula of `tnet.min_cut_formula`.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(16, features=2, widths=(4, 4, 4, 4)).compile()
    >>> explore(net)
    <Explorer: 8 against 8 inputs; save it as .html to open it>
    """
    if theme not in THEMES:
        raise StructureError(f"theme is {theme!r}; choose one of {', '.join(THEMES)}")
    if side_a is None:
        side_a = left_right(network.input_shape) if network.n_modes else []
    return Explorer(network, side_of_modes(network, side_a), theme)


def check_page(path: Path) -> None:
    """Raise unless a page can be saved at `path`.

    Raises
    ------
    FileFormatError
        If the suffix is not ``.html``.
    FileNotFoundError
        If the folder does not exist.
    """
    if path.suffix.lower() != ".html":
        raise FileFormatError(
            f"a page is saved as .html; {str(path)!r} ends in {path.suffix!r}: rename it, or use "
            "draw for a picture"
        )
    check_folder(path)


def source(name: str) -> str:
    """Read one of the files that pages are made of, such as ``page.js``."""
    return files("tnet.drawing.explorer").joinpath(name).read_text(encoding="utf-8")


def _colours(theme: Theme) -> str:
    """Custom properties of a theme, one per colour."""
    colours = (
        f"--{field.name.replace('_', '-')}:{getattr(theme, field.name)}"
        for field in fields(theme)
        if field.name != "name"
    )
    return f'[data-theme="{theme.name}"]{{{";".join(colours)}}}'


def _as_json(document: object) -> str:
    """Write JSON that no HTML parser can take for mark-up, whatever the names are."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
