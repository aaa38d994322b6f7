"""How two operands are read so that one batched matmul contracts them with the fewest copies."""

import itertools
from dataclasses import dataclass

from tnet.contraction.schedule import Dims, Kind, Stack, View, entries

_TYPICAL_BATCH = 64
"""Examples for which copies are weighed."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a pair of stacks is read and what comes out.

    Attributes
    ----------
    kind : {'matmul', 'multiply', 'inner'}
        The operation.
    left, right : View
        How the operands are read.
    result : tuple of (int, int)
        For every column of the result its column in the left and in the right operand; -1 where
        it has none.
    """

    kind: Kind
    left: View
    right: View
    result: tuple[tuple[int, int], ...]

    def dims(self, left: Stack, right: Stack) -> Dims:
        """Return the dims of the columns of the result."""
        return tuple(left.dims[a] if a >= 0 else right.dims[b] for a, b in self.result)


def arranged(
    left: Stack, right: Stack, matches: tuple[tuple[int, int], ...], summed: frozenset[int]
) -> Arrangement:
    """Arrange two operands.

    Parameters
    ----------
    left, right : Stack
        The operands.
    matches : tuple of (int, int)
        Columns of the left and of the right operand that are one index, by the left column.
    summed : frozenset of int
        Left columns of the matches that are summed over.

    Examples
    --------
    >>> from tnet.contraction.schedule import BATCH
    >>> rows = Stack((BATCH, 8), rows=4)
    >>> arrangement = arranged(rows, Stack((8, 5), rows=4), ((1, 0),), frozenset({1}))
    >>> arrangement.kind, arrangement.left.blocks, arrangement.right.blocks
    ('matmul', ((0,), (1,)), ((0,), (1,)))
    """
    partner = dict(matches)
    matched_right = {column for _, column in matches}
    batch = [column for column in partner if column not in summed]
    sums = [column for column in partner if column in summed]
    only_left = [column for column in range(len(left.dims)) if column not in partner]
    only_right = [column for column in range(len(right.dims)) if column not in matched_right]
    if not sums:
        return _products(left, partner, only_right)
    kept = tuple((column, partner[column]) for column in batch)
    result = (*kept, *((column, -1) for column in only_left), *((-1, c) for c in only_right))
    orders = (sums, sorted(sums, key=partner.__getitem__))
    candidates = [
        _matrices(left, right, (batch, partner), order, (only_left, only_right)) for order in orders
    ]
    kind: Kind = "matmul" if only_left or only_right else "inner"
    views = min(candidates, key=lambda pair: _copied(left, pair[0]) + _copied(right, pair[1]))
    return Arrangement(kind, *views, result)


def _copied(stack: Stack, view: View) -> int:
    return entries(stack.dims, _TYPICAL_BATCH) if view.copies else 0


def _matrices(
    left: Stack,
    right: Stack,
    batch: tuple[list[int], dict[int, int]],
    sums: list[int],
    only: tuple[list[int], list[int]],
) -> tuple[View, View]:
    """Views for sums in one order of the left columns."""
    columns, partner = batch
    sums_right = [partner[column] for column in sums]
    batch_right = [partner[column] for column in columns]
    if not (only[0] or only[1]):
        return _vector(left, columns, sums), _vector(right, batch_right, sums_right)
    return (
        _matrix(left, columns, only[0], sums),
        _matrix(right, batch_right, sums_right, only[1]),
    )


def _products(left: Stack, partner: dict[int, int], only_right: list[int]) -> Arrangement:
    """Entry by entry: axes of size 1 stand where an operand lacks a column."""
    columns = range(len(left.dims))
    left_blocks = (*((column,) for column in columns), *(() for _ in only_right))
    right_blocks = (
        *(((partner[column],) if column in partner else ()) for column in columns),
        *((column,) for column in only_right),
    )
    result = (
        *((column, partner.get(column, -1)) for column in columns),
        *((-1, column) for column in only_right),
    )
    return Arrangement("multiply", View(left_blocks), View(right_blocks), result)


def _adjacent(stack: Stack, block: list[int]) -> bool:
    """Whether columns can be read as one axis without copying."""
    in_order = all(b == a + 1 for a, b in itertools.pairwise(block))
    return len(block) < 2 or (stack.dense and in_order)


def _matrix(stack: Stack, batch: list[int], rows: list[int], columns: list[int]) -> View:
    """A stack of matrices that BLAS takes: one of the two axes has entries side by side."""
    last = len(stack.dims) - 1
    ends = {block[-1] for block in (rows, columns) if block}
    copies = not (_adjacent(stack, rows) and _adjacent(stack, columns) and last in ends)
    # Copies run along memory where the last column stays last; BLAS takes either order.
    swapped = copies and last in rows
    blocks = (tuple(columns), tuple(rows)) if swapped else (tuple(rows), tuple(columns))
    return View((*((column,) for column in batch), *blocks), copies, swapped)


def _vector(stack: Stack, batch: list[int], columns: list[int]) -> View:
    return View((*((column,) for column in batch), tuple(columns)), not _adjacent(stack, columns))
