"""Inset: the partition of a grid as coloured cells, set where the picture leaves room."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tnet.drawing.glyphs import Box, Cell, Line, Point

_MOST_CELLS = 4096
_SHRUNK = (1.0, 0.9, 0.8, 0.7, 0.6)


def inset_cells(
    shape: tuple[int, ...],
    side_a: NDArray[np.bool_],
    content: Box,
    lines: Sequence[Line] | None,
    pad: float,
) -> tuple[Cell, ...]:
    """Draw the elements of a grid, row by row, coloured by side.

    Parameters
    ----------
    shape : tuple of int
        How the elements lie; anything but two axes has no inset.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    content : Box
        What the glyphs of the network cover.
    lines : sequence of Line, or None
        The lines, which say whether the upper right corner is free; None: it is not.
    pad : float
        Distance to keep.

    Returns
    -------
    tuple of Cell
        In the upper right corner of `content` if that is free, else to the right of it.
    """
    if len(shape) != 2 or not 1 < len(side_a) <= _MOST_CELLS:
        return ()
    rows, columns = shape
    longest = 256.0 if lines is None else float(np.clip(0.36 * content.height, 90, 240))
    largest = float(np.clip(longest / max(rows, columns), 2.5, 26))
    cell, x0 = largest, content.x1 + 2 * pad
    for smaller in _SHRUNK if lines is not None else ():
        corner = content.x1 - columns * largest * smaller
        bottom = content.y0 + rows * largest * smaller + pad
        if _rightmost(lines or (), bottom) < corner - pad:
            cell, x0 = largest * smaller, corner
            break
    gap = 0.1 * cell if cell > 4 else 0.0
    return tuple(
        Cell(
            x0 + column * cell + gap / 2,
            content.y0 + row * cell + gap / 2,
            cell - gap,
            cell - gap,
            "a" if side_a[row * columns + column] else "b",
            f"element {row * columns + column} (row {row}, column {column}): side "
            f"{'A' if side_a[row * columns + column] else 'B'}",
        )
        for row in range(rows)
        for column in range(columns)
    )


def _rightmost(lines: Sequence[Line], bottom: float) -> float:
    """Largest x that any line reaches above `bottom`."""
    right = -np.inf
    for line in lines:
        for stroke in line.strokes:
            if line.curved:
                right = max([right, *(x for x, y in stroke if min(_ys(stroke)) < bottom)])
                continue
            for start, end in pairwise(stroke):
                right = max(right, _reach(start, end, bottom))
    return float(right)


def _ys(stroke: tuple[Point, ...]) -> list[float]:
    return [y for _, y in stroke]


def _reach(start: Point, end: Point, bottom: float) -> float:
    """Largest x of the part of a segment that lies above `bottom`."""
    (x0, y0), (x1, y1) = sorted((start, end), key=lambda point: point[1])
    if y0 >= bottom:
        return -np.inf
    if y1 <= bottom:
        return max(x0, x1)
    return max(x0, x0 + (x1 - x0) * (bottom - y0) / (y1 - y0))
