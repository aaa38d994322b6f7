"""Tables of states with how many choices lead to each, by number of elements chosen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tnet.errors import SizeLimitError

State: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class StateTable:
    """States of some elements, each of which is chosen or not.

    A count of choices by number of elements chosen is a polynomial, kept as one long integer:
    its coefficients are the digits in base ``2**stride``, and products of integers are products
    of polynomials.

    Attributes
    ----------
    n_elements : int
        Elements that the table covers.
    stride : int
        Bits per coefficient, more than the elements of the whole network.
    counts : dict of tuple to int
        Packed polynomial by state.
    parts : tuple of StateTable
        What it was made from: two tables joined, one changed, or none.
    join, change : callable
        How a state follows from those of the parts.
    """

    n_elements: int
    stride: int
    counts: dict[State, int]
    parts: tuple["StateTable", ...] = ()
    join: Callable[[State, State], State] | None = None
    change: Callable[[State], State] | None = None

    def count(self, state: State, n_chosen: int) -> int:
        """Count the choices of `n_chosen` elements that lead to `state`."""
        return (self.counts[state] >> (self.stride * n_chosen)) & ((1 << self.stride) - 1)

    def by_number(self, state: State) -> list[int]:
        """Count the choices that lead to `state`, by number of elements chosen."""
        return [self.count(state, n_chosen) for n_chosen in range(self.n_elements + 1)]


def nothing(stride: int, state: State) -> StateTable:
    """Make the table of no element."""
    return StateTable(0, stride, {state: 1})


def element(stride: int, *, chosen: State, left: State) -> StateTable:
    """Make the table of one element."""
    counts = {left: 1}
    counts[chosen] = counts.get(chosen, 0) + (1 << stride)
    return StateTable(1, stride, counts)


def changed(table: StateTable, change: Callable[[State], State]) -> StateTable:
    """Put every state through `change`, adding up the counts of states that become equal."""
    counts: dict[State, int] = {}
    for state, packed in table.counts.items():
        after = change(state)
        counts[after] = counts.get(after, 0) + packed
    return StateTable(table.n_elements, table.stride, counts, (table,), change=change)


def joined(
    left: StateTable, right: StateTable, join: Callable[[State, State], State], max_states: int
) -> StateTable:
    """Combine choices on the left with choices on the right, each with each.

    Raises
    ------
    SizeLimitError
        If there are more than `max_states` states.
    """
    counts: dict[State, int] = {}
    for left_state, left_packed in left.counts.items():
        for right_state, right_packed in right.counts.items():
            state = join(left_state, right_state)
            counts[state] = counts.get(state, 0) + left_packed * right_packed
        if len(counts) > max_states:
            raise SizeLimitError(
                f"{left.n_elements + right.n_elements:,} elements have more than "
                f"max_states={max_states:,} states; raise max_states, or let more dims be equal or "
                "powers of one integer"
            )
    n_elements = left.n_elements + right.n_elements
    return StateTable(n_elements, left.stride, counts, (left, right), join=join)


def repeated(
    table: StateTable, times: int, join: Callable[[State, State], State], max_states: int
) -> StateTable:
    """Join `times` copies of a table, at least one, by repeated squaring."""
    result: StateTable | None = None
    while True:
        if times % 2:
            result = table if result is None else joined(result, table, join, max_states)
        times //= 2
        if not times:
            return result if result is not None else table
        table = joined(table, table, join, max_states)


def witness(table: StateTable, state: State, n_chosen: int) -> list[bool]:
    """Find one choice of `n_chosen` elements that leads to `state`, which has some.

    Returns
    -------
    list of bool
        Whether each element is chosen, in the order in which tables were joined.
    """
    flags: list[bool] = []
    waiting = [(table, state, n_chosen)]
    while waiting:
        here, state, n_chosen = waiting.pop()
        if not here.parts:
            flags += [bool(n_chosen)] * here.n_elements
            continue
        found = next(_origins(here, state, n_chosen))
        waiting += [
            (part, *origin) for part, origin in zip(reversed(here.parts), found, strict=True)
        ]
    return flags


def _origins(
    table: StateTable, state: State, n_chosen: int
) -> Iterator[tuple[tuple[State, int], ...]]:
    """List what leads to `state`: a state and a number for each part, the last part first."""
    if table.change is not None:
        (part,) = table.parts
        for before in part.counts:
            if table.change(before) == state and part.count(before, n_chosen):
                yield ((before, n_chosen),)
    if table.join is not None:
        left, right = table.parts
        for left_state in left.counts:
            for right_state in right.counts:
                if table.join(left_state, right_state) == state:
                    lowest = max(0, n_chosen - right.n_elements)
                    for here in range(lowest, min(left.n_elements, n_chosen) + 1):
                        there = n_chosen - here
                        if left.count(left_state, here) and right.count(right_state, there):
                            yield (right_state, there), (left_state, here)
