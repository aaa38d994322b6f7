"""The explorer as a notebook widget: what changes in the page changes in Python, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from tnet.cuts.min_cut import min_cut
from tnet.cuts.result import MinCut
from tnet.drawing.explorer.dims import completed_dims, with_dims
from tnet.drawing.explorer.explore import Explorer, source
from tnet.drawing.explorer.payload import stated_cut
from tnet.errors import TNetError
from tnet.network.counting import number_of
from tnet.network.model import TensorNetwork
from tnet.network.sides import side_of_modes


class _SideTrait(traitlets.TraitType[NDArray[np.bool_], Any]):
    """Side A, in any of the forms that `min_cut` takes; read as flags."""

    def validate(self, obj: "ExplorerWidget", value: Any) -> NDArray[np.bool_]:
        return side_of_modes(obj.explorer.network, value)

    def set(self, obj: Any, value: Any) -> None:
        # Arrays have no truth value by which traitlets could see that nothing changed.
        side = self.validate(obj, value)
        if not np.array_equal(side, obj.side_a):
            super().set(obj, side)


class _DimsTrait(traitlets.TraitType[Mapping[str, int], Any]):
    """Dims by index group, completed by those of the network explored."""

    def validate(self, obj: "ExplorerWidget", value: Any) -> Mapping[str, int]:
        return completed_dims(obj.explorer.network, value)


@dataclass(frozen=True, eq=False)
class _State:
    """What the page shows: sides and dims, and what follows from them once asked for."""

    base: TensorNetwork
    side_a: NDArray[np.bool_]
    dims: Mapping[str, int]

    @cached_property
    def network(self) -> TensorNetwork:
        return with_dims(self.base, self.dims)

    @cached_property
    def cut(self) -> MinCut:
        return min_cut(self.network, self.side_a)

    @cached_property
    def told(self) -> dict[str, Any]:
        """The state as the page reads it; it finds the cuts of forests by itself."""
        return {
            "sideA": np.nonzero(self.side_a)[0].tolist(),
            "dims": [str(dim) for dim in self.dims.values()],
            "cut": None if self.base.forest is not None else stated_cut(self.cut),
        }

    def is_of(self, side_a: NDArray[np.bool_], dims: Mapping[str, int]) -> bool:
        return np.array_equal(self.side_a, side_a) and self.dims == dims


class ExplorerWidget(anywidget.AnyWidget):
    """The page of an `Explorer` in a notebook, in step with Python; made by `Explorer.widget`.

    Attributes
    ----------
    explorer : Explorer
        What the widget was made from; it does not change.
    side_a : ndarray of bool, shape (N,)
        Elements on side A, as clicked. Set it, in any form that `tnet.min_cut` takes, and the
        page follows. A trait: ``observe(function, "side_a")`` calls back at every change.
    dims : mapping of str to int
        The dim of every index group, as dragged; read-only. Set it to a dict of some groups, and
        the others have the dims of the network explored. A trait too.

    Notes
    -----
    Page and Python exchange messages and no widget state, so that a saved notebook holds none.
    """

    _esm = source("widget.js")
    side_a = _SideTrait()
    dims = _DimsTrait()

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self._page = explorer.html
        self._known = _State(explorer.network, explorer.side_a, self.dims)
        self._answered: dict[str, int] = {}
        self._is_answering = False
        super().__init__()
        self.on_msg(self._hear)

    @traitlets.default("side_a")
    def _first_side(self) -> NDArray[np.bool_]:
        return self.explorer.side_a

    @traitlets.default("dims")
    def _first_dims(self) -> dict[str, int]:
        return {}

    @property
    def network(self) -> TensorNetwork:
        """The network with the dims of the moment."""
        return self._state.network

    @property
    def cut(self) -> MinCut:
        """The min cut of the moment's network and side; found once for each when asked for."""
        return self._state.cut

    @property
    def _state(self) -> _State:
        if not self._known.is_of(self.side_a, self.dims):
            self._known = _State(self.explorer.network, self.side_a, self.dims)
        return self._known

    @traitlets.observe("side_a", "dims")
    def _follow(self, _change: object) -> None:
        """Tell the pages of a change made in Python; one made in a page is told by its answer."""
        if not self._is_answering:
            self._tell()

    def _tell(self, view: str | None = None, serial: int = 0, error: str | None = None) -> None:
        """Tell every page the state, as the answer to one question of one `view`."""
        answer = {"kind": "state", "view": view, "serial": serial, "error": error}
        self.send({**answer, **self._state.told})

    def _hear(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        """Answer a page: it is to open, or stands and asks for the state, or has changed."""
        kind, view = message["kind"], message["view"]
        if kind == "open":
            self.send({"kind": "page", "view": view, "html": self._page})
        elif kind == "ready":
            self._answered[view] = 0
            self._tell(view)
        elif message["serial"] > self._answered.get(view, 0):
            self._answered[view] = message["serial"]
            self._answer(view, message)

    def _answer(self, view: str, message: dict[str, Any]) -> None:
        error = None
        self._is_answering = True
        try:
            self._move(message)
        except Exception as found:
            error = " ".join(str(found).split())
            if not isinstance(found, TNetError):
                error = f"{type(found).__name__}: {error}"
                raise
        finally:
            self._is_answering = False
            self._tell(view, message["serial"], error)

    def _move(self, message: dict[str, Any]) -> None:
        """Take over the state of a page, whole or, where it has no cut, not at all."""
        base = self.explorer.network
        written = zip(base.index_groups, message["dims"], strict=True)
        dims = completed_dims(base, {group.name: int(dim) for group, dim in written})
        state = _State(base, side_of_modes(base, message["sideA"]), dims)
        _ = state.told
        self._known = state
        with self.hold_trait_notifications():
            self.side_a = state.side_a
            self.dims = dims

    def __repr__(self) -> str:
        n_a = int(self.side_a.sum())
        return f"<ExplorerWidget: {n_a:,} against {number_of(len(self.side_a) - n_a, 'input')}>"
