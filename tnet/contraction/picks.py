"""Rows of a stack of arrays: taken in place where they lie in a pattern, copied where not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

_MOST_AXES = 4
"""Axes of a grid of rows that are looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """Which rows of a stack an operation reads.

    Attributes
    ----------
    stack : int
        Number of the stack.
    grid : tuple of int
        Rows read, along one axis or more; one row serves all members of an operation.
    shape : tuple of int or None
        Grid that the rows are read as, where they lie in one.
    key : tuple of slice or int, or None
        What is taken of that grid, or of the rows; None for all of them.
    rows : ndarray of int or None
        The rows themselves, where only copying them will do.
    """

    stack: int
    grid: tuple[int, ...]
    shape: tuple[int, ...] | None = None
    key: tuple[slice | int, ...] | None = None
    rows: Rows | None = None

    @property
    def copies(self) -> bool:
        """Whether the rows must be copied."""
        return self.rows is not None


def pick_of(stack: int, rows: Rows, n_rows: int) -> Pick:
    """Describe rows of a stack by slices if they can be, by their numbers if not.

    Parameters
    ----------
    stack : int
        Number of the stack.
    rows : ndarray of int, shape (n,)
        Rows in the order wanted; at least one.
    n_rows : int
        Rows of the stack.

    Returns
    -------
    Pick
        One row if all are the same.

    Examples
    --------
    >>> pick_of(0, np.array([1, 3, 5]), 6).key
    (slice(1, 6, 2),)
    >>> pick = pick_of(0, np.array([0, 2, 8, 10]), 16)  # even places of even rows, 4 x 4
    >>> pick.shape, pick.key
    ((2, 4, 2), (slice(0, 2, None), slice(0, 2, None), 0))
    >>> pick_of(0, np.array([0, 1, 3]), 4).copies
    True
    """
    first, count = int(rows[0]), len(rows)
    if count == 1 or (rows == first).all():
        key = None if n_rows == 1 else (slice(first, first + 1),)
        return Pick(stack, (1,), key=key)
    axes = _axes(rows)
    if axes is None:
        return Pick(stack, (count,), rows=rows)
    if len(axes) == 1:
        step = axes[0][1]
        last = first + (count - 1) * step
        if step == 1 and count == n_rows:
            return Pick(stack, (count,))
        stop = last + (1 if step > 0 else -1)
        return Pick(stack, (count,), key=(slice(first, stop if stop >= 0 else None, step),))
    grid = _grid(first, axes, n_rows)
    if grid is None:
        return Pick(stack, (count,), rows=rows)
    return Pick(stack, tuple(count for count, _ in axes), *grid)


def _axes(rows: Rows) -> list[tuple[int, int]] | None:
    """(count, step) of nested progressions, the slowest first, if the rows are that."""
    axes: list[tuple[int, int]] = []
    while len(rows) > 1:
        steps = np.diff(rows)
        breaks = np.flatnonzero(steps != steps[0])
        run = int(breaks[0]) + 1 if len(breaks) else len(rows)
        if run == 1 or len(rows) % run or len(axes) == _MOST_AXES:
            return None
        table = rows.reshape(-1, run)
        if (np.diff(table, axis=1) != steps[0]).any():
            return None
        axes.insert(0, (run, int(steps[0])))
        rows = table[:, 0]
    return axes


def _grid(
    first: int, axes: list[tuple[int, int]], n_rows: int
) -> tuple[tuple[int, ...], tuple[slice | int, ...]] | None:
    """Shape to read all rows as, and slices of it; None if the stack has no such grid."""
    shape: list[int] = []
    key: list[slice | int] = []
    rest, place = n_rows, first
    for count, step in axes:
        if step <= 0 or rest % step:
            return None
        start, place = divmod(place, step)
        if start + count > rest // step:
            return None
        shape.append(rest // step)
        key.append(slice(start, start + count))
        rest = step
    if rest > 1:
        shape.append(rest)
        key.append(place)
    return tuple(shape), tuple(key)
