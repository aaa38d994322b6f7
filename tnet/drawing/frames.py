"""Frames: from the units of a layout to pixels, on a plane or around a disc."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.glyphs import Point, Stroke
from tnet.drawing.positions import Points

Route: TypeAlias = tuple[Stroke, bool]
"""Corners of a broken line, or, if the flag is set, the four points of a cubic curve."""

_WIDEST_PIECE = math.pi / 5
_PIECES_OF_A_CURVE = 8
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Plane:
    """Levels lie one above another.

    Attributes
    ----------
    gap, band : float
        Pixels of one unit along x and along y.
    """

    gap: float
    band: float

    def to_pixels(self, points: Points) -> Points:
        """Scale `points` of a layout; y then grows downwards."""
        return points * [self.gap, -self.band]

    def strokes(self, routes: Sequence[Route]) -> tuple[tuple[Stroke, ...], bool]:
        """Scale the routes of one line; say whether they are curves."""
        curved = any(bends for _, bends in routes)
        if curved:
            # A path is of one kind: a straight stroke among curves becomes a flat curve.
            routes = [(route if bends else _flat_curve(route), True) for route, bends in routes]
        return tuple(self._scaled(route, curved) for route, _ in routes), curved

    def _scaled(self, route: Stroke, curved: bool) -> Stroke:
        # A corner at the lower end is for discs, which bend there, and is none here.
        corners = route if curved else dict.fromkeys(route)
        return tuple((x * self.gap, -y * self.band) for x, y in corners)


@dataclass(frozen=True, eq=False, slots=True)
class Disc:
    """Levels lie around one another, the inputs outermost, from the top clockwise.

    Where all hangs from one node, that is the middle. If a chain leads from there to the root, it
    is a stem that rises through the gap between the last input and the first.

    Attributes
    ----------
    heights, radii : ndarray of float64
        Heights of the levels, ascending, and their radii in pixels; between them it goes evenly.
        The last is that of tips above the highest level.
    left, right : float
        Least and largest x of the layout.
    turn : float
        Radians of one unit along x.
    middle : float or None
        Height of the node in the middle; None where there is a hole instead.
    column : float
        The x of that node.
    stem : float
        Pixels of one unit along the stem.
    """

    heights: NDArray[np.float64]
    radii: NDArray[np.float64]
    left: float
    right: float
    turn: float
    middle: float | None
    column: float
    stem: float

    def radius(self, heights: Points) -> Points:
        """Distance from the middle, in pixels."""
        found: Points = np.interp(heights, self.heights, self.radii)
        return found

    def angle(self, x: Points) -> Points:
        """Angles in radians, clockwise from the top, between which the gap lies."""
        start = math.pi - self.turn * (self.right - self.left) / 2
        turned: Points = start + (x - self.left) * self.turn
        return turned

    def to_pixels(self, points: Points) -> Points:
        """Lay `points` of a layout around the middle."""
        x, y = points[:, 0], points[:, 1]
        placed = _polar(self.radius(y), self.angle(x))
        on_stem = self._on_stem(y)
        if self.middle is not None and on_stem.any():
            aside = (x - self.column) * self.stem
            rise = -(y - self.middle) * self.stem
            placed[on_stem] = np.stack([aside, rise], axis=-1)[on_stem]
        return placed

    def _on_stem(self, y: Points) -> NDArray[np.bool_]:
        if self.middle is None:
            return np.zeros(len(y), dtype=bool)
        stands: NDArray[np.bool_] = y >= self.middle
        return stands

    def strokes(self, routes: Sequence[Route]) -> tuple[tuple[Stroke, ...], bool]:
        """Bend the routes of one line around the middle; all of them are curves."""
        return tuple(self._bent(*route) for route in routes), True

    def _bent(self, route: Stroke, bends: bool) -> Stroke:
        if bends and route[0][1] == route[-1][1] and not self._on_stem(_ys(route)).any():
            return self._along_a_ring(route)
        if bends:
            return self._image(_cubic(route), _PIECES_OF_A_CURVE)
        if len(route) == 3 and route[0][0] == route[1][0]:
            return self._swung(*route)
        pieces = [self._segment(start, end) for start, end in pairwise(route)]
        return (pieces[0][0], *(point for piece in pieces for point in piece[1:]))

    def _along_a_ring(self, route: Stroke) -> Stroke:
        """A bond of two nodes of one ring: across the gap, through the hole, or over the ring."""
        (x0, y), (x1, _) = route[0], route[-1]
        apart = abs(x1 - x0) * self.turn
        gap = 2 * math.pi - (self.right - self.left) * self.turn
        if 2 * math.pi - apart <= gap + 1.1 * self.turn:
            whole = math.copysign(2 * math.pi / self.turn, x1 - x0)
            return self._image(_straight((x0 + whole, y), (x1, y)), 2)
        if self.middle is None and y >= self.heights[-2]:
            ends = self.to_pixels(np.array([route[0], route[-1]]))
            short = min(apart, 2 * math.pi - apart)
            kept = 0.85 * (1 - short / math.pi) + 0.1
            return _stroke(np.array([ends[0], kept * ends[0], kept * ends[1], ends[1]]))
        return self._image(_cubic(route), _PIECES_OF_A_CURVE)

    def _swung(self, low: Point, elbow: Point, high: Point) -> Stroke:
        """Inwards in the direction of the lower end, which it leaves without a corner."""
        (x0, y0), (x1, y1) = elbow, high
        if self._on_stem(np.array([y0])).any():
            return self._segment(low, high)

        def swing(t: Points) -> Points:
            # Siblings that leave one ring keep their order at every radius, and do not cross.
            return np.stack([x0 + (x1 - x0) * t**2, y0 + (y1 - y0) * t], axis=-1)

        turned = self._image(swing, _PIECES_OF_A_CURVE)
        return turned if low == elbow else (*self._segment(low, elbow), *turned[1:])

    def _segment(self, start: Point, end: Point) -> Stroke:
        """Radius and angle go evenly, so that lines that do not cross in a layout do not here."""
        ends = np.array([start, end])
        if start[0] == end[0] or self._on_stem(ends[:, 1]).any():
            return _stroke(_flat(self.to_pixels(ends)))
        angles, radii = self.angle(ends[:, 0]), self.radius(ends[:, 1])
        n_pieces = max(1, math.ceil(abs(angles[1] - angles[0]) / _WIDEST_PIECE))

        def spiral(t: Points) -> Points:
            turned = angles[0] + (angles[1] - angles[0]) * t
            return _polar(radii[0] + (radii[1] - radii[0]) * t, turned)

        return _pieces(spiral, n_pieces)

    def _image(self, curve: Callable[[Points], Points], n_pieces: int) -> Stroke:
        return _pieces(lambda t: self.to_pixels(curve(t)), n_pieces)


def _polar(radius: Points, angle: Points) -> Points:
    return np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=-1)


def _pieces(curve: Callable[[Points], Points], n_pieces: int) -> Stroke:
    """Cubic pieces with the ends and directions of a curve, which runs over t from 0 to 1."""
    t = np.linspace(0, 1, n_pieces + 1)
    before, after = np.clip(t - _STEP, 0, 1), np.clip(t + _STEP, 0, 1)
    at = curve(t)
    third = (curve(after) - curve(before)) / (3 * n_pieces * (after - before))[:, None]
    points = np.empty((3 * n_pieces + 1, 2))
    points[::3], points[1::3], points[2::3] = at, (at + third)[:-1], (at - third)[1:]
    return _stroke(points)


def _cubic(route: Stroke) -> Callable[[Points], Points]:
    corners = np.array(route)

    def curve(t: Points) -> Points:
        s = 1 - t
        weights = np.stack([s**3, 3 * s**2 * t, 3 * s * t**2, t**3], axis=-1)
        found: Points = weights @ corners
        return found

    return curve


def _straight(start: Point, end: Point) -> Callable[[Points], Points]:
    return lambda t: np.array(start) + np.multiply.outer(t, np.subtract(end, start))


def _flat(ends: Points) -> Points:
    third = (ends[1] - ends[0]) / 3
    return np.array([ends[0], ends[0] + third, ends[1] - third, ends[1]])


def _flat_curve(route: Stroke) -> Stroke:
    return _stroke(_flat(np.array([route[0], route[-1]])))


def _stroke(points: Points) -> Stroke:
    return tuple((x, y) for x, y in points.tolist())


def _ys(route: Stroke) -> Points:
    return np.array([y for _, y in route])
