"""Maximum flow with products of integers as capacities, compared exactly.

A capacity is the log of a product of powers of coprime integers b_0, b_1, ..., known by its
exponents v. Such logs form an ordered group: they are added and subtracted by exponents, and
compared by sum_j v_j log b_j, which is 0 only for v = 0. Maximum flow needs no more, so its
flow is one of exponents, and "no arc is overfull, every node is balanced, the cut is full"
proves the cut least by the usual duality, ties included.

To be fast, v is packed into one integer, sum_j v_j c_j, where c_j has log2 b_j to K binary digits
in front and a 1 in a field of its own behind. Packing is linear, so sums of packed values are
packed sums; the front orders them, up to rounding, and the fields give v back. The rounded order
only guides the search. What it finds is checked: fields unpacked and packed again, and every
room left shown to be at least 0 by more than the rounding, or to be exactly 0. Where that fails,
K was too small and is doubled.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tnet.cuts.exact_logs import coprime_base, exponents_over, scaled_log2

FIRST_BITS, LAST_BITS = 128, 4096
"""Binary digits of the logs at first, and the most that are tried."""

_SPARE_BITS = 48
"""By which fields are wider than all capacities together need."""

_MOST_BYTES = 2**29

Cost = tuple[int, int]
"""Dim and multiplicity."""


@dataclass(frozen=True, slots=True)
class Arc:
    """A pair of nodes with products of costs as capacities.

    Attributes
    ----------
    tail, head : int
        Nodes.
    ahead, back : dict of Cost to int, or None
        How many indices of each cost count from tail to head, and back; None if never full.
    """

    tail: int
    head: int
    ahead: dict[Cost, int] | None
    back: dict[Cost, int] | None


class _Packing:
    """Between exponents over a coprime base and single integers."""

    def __init__(self, arcs: Sequence[Arc]) -> None:
        sides = [side for arc in arcs for side in (arc.ahead, arc.back) if side]
        costs = {cost for side in sides for cost in side}
        self.base = coprime_base(dim for dim, _ in costs)
        over_base = {dim: exponents_over(self.base, dim) for dim, _ in costs}
        self.exponents = {
            (dim, times): {j: e * times for j, e in over_base[dim].items()} for dim, times in costs
        }
        heaviest = {cost: sum(powers.values()) for cost, powers in self.exponents.items()}
        total = sum(heaviest[cost] * n for side in sides for cost, n in side.items())
        self.field_bytes = (total.bit_length() + _SPARE_BITS) // 8 + 1
        self.bits = 0
        self.columns: list[int] = []

    @property
    def bytes_per_value(self) -> int:
        return self.field_bytes * len(self.base)

    def sharpened(self, bits: int) -> None:
        """Take logs to `bits` binary digits."""
        self.bits = bits
        shift = 8 * self.bytes_per_value
        self.columns = [
            (scaled_log2(factor, bits) << shift) + (1 << 8 * self.field_bytes * j)
            for j, factor in enumerate(self.base)
        ]

    def packed(self, side: dict[Cost, int]) -> int:
        return sum(
            n * e * self.columns[j]
            for cost, n in side.items()
            for j, e in self.exponents[cost].items()
        )

    def unpacked(self, value: int) -> list[int] | None:
        """Exponents that pack to `value`; None if they are not short enough to be sure of."""
        n_bytes, half = self.field_bytes, 1 << (8 * self.field_bytes - 1)
        offset = sum(half << 8 * n_bytes * j for j in range(len(self.base)))
        low = (value + offset) & ((1 << 8 * self.bytes_per_value) - 1)
        fields = low.to_bytes(self.bytes_per_value, "little")
        found = [
            int.from_bytes(fields[k : k + n_bytes], "little") - half
            for k in range(0, len(fields), n_bytes)
        ]
        # Sums over the arcs of a node must not leave their fields either.
        short = all(abs(e) < half >> _SPARE_BITS // 2 for e in found)
        again = sum(e * column for e, column in zip(found, self.columns, strict=True))
        return found if short and again == value else None

    def at_least_zero(self, value: int) -> bool:
        """Whether a packed value is proved to be at least 0."""
        found = self.unpacked(value)
        if found is None:
            return False
        # Each log is too low by less than two units.
        return not any(found) or value >> 8 * self.bytes_per_value > 2 * sum(map(abs, found))


def least_cut(n_nodes: int, arcs: Sequence[Arc]) -> list[bool] | None:
    """Find a least cut between the last two nodes, in exact arithmetic.

    Parameters
    ----------
    n_nodes : int
        The last two are the source and the sink.
    arcs : sequence of Arc
        Distinct pairs of nodes.

    Returns
    -------
    list of bool, or None
        For every node whether it is on the side of the source; None if the graph is too large, or
        the most digits of logs do not decide.

    Examples
    --------
    Three bonds in a row, of which the last is least; and a tie of 4 * 9 with 6 * 6.

    >>> def row(*bonds):
    ...     ends = [len(bonds) - 1, *range(len(bonds) - 1), len(bonds)]
    ...     return [Arc(*pair, bond, {}) for *pair, bond in zip(ends, ends[1:], bonds)]
    >>> least_cut(4, row({(1026, 1): 1}, {(1025, 1): 1}, {(1024, 1): 1}))
    [True, True, True, False]
    >>> least_cut(3, row({(4, 1): 1, (9, 1): 1}, {(6, 1): 2}))
    [False, True, False]
    """
    packing = _Packing(arcs)
    if 4 * len(arcs) * packing.bytes_per_value > _MOST_BYTES:
        return None
    bits = FIRST_BITS
    while bits <= LAST_BITS:
        packing.sharpened(bits)
        given = [None if s is None else packing.packed(s) for a in arcs for s in (a.ahead, a.back)]
        never_full = sum(amount for amount in given if amount) + 1
        room = [never_full if amount is None else amount for amount in given]
        heads = [end for arc in arcs for end in (arc.head, arc.tail)]
        level = _push_all(n_nodes, heads, room)
        bounded = [left for left, amount in zip(room, given, strict=True) if amount is not None]
        flows = [never_full - left for left, n in zip(room, given, strict=True) if n is None]
        if all(map(packing.at_least_zero, set(bounded))) and all(
            packing.unpacked(flow) is not None for flow in set(flows)
        ):
            return [depth >= 0 for depth in level]
        bits *= 2
    return None


def _push_all(n_nodes: int, heads: Sequence[int], room: list[int]) -> list[int]:
    """Fill `room` by Dinic's algorithm; arc ``a ^ 1`` is the reverse of arc ``a``.

    Returns
    -------
    list of int
        Distance of every node from the source along arcs with room; -1 where there is no path.
    """
    out: list[list[int]] = [[] for _ in range(n_nodes)]
    for arc in range(len(heads)):
        out[heads[arc ^ 1]].append(arc)
    while True:
        level = _levels(out, heads, room)
        if level[-1] < 0:
            return level
        _block(out, heads, room, level)


def _levels(out: list[list[int]], heads: Sequence[int], room: list[int]) -> list[int]:
    level = [-1] * len(out)
    source = len(out) - 2
    level[source] = 0
    waiting = deque([source])
    while waiting:
        node = waiting.popleft()
        for arc in out[node]:
            head = heads[arc]
            if level[head] < 0 and room[arc] > 0:
                level[head] = level[node] + 1
                waiting.append(head)
    return level


def _block(out: list[list[int]], heads: Sequence[int], room: list[int], level: list[int]) -> None:
    """Push along shortest paths until every one has a full arc."""
    source, sink = len(out) - 2, len(out) - 1
    tried = [0] * len(out)
    path: list[int] = []
    node = source
    while True:
        if node == sink:
            node = _push(path, heads, room)
            continue
        arcs = out[node]
        while tried[node] < len(arcs):
            arc = arcs[tried[node]]
            if room[arc] > 0 and level[heads[arc]] == level[node] + 1:
                path.append(arc)
                node = heads[arc]
                break
            tried[node] += 1
        else:
            if not path:
                return
            node = heads[path.pop() ^ 1]
            tried[node] += 1


def _push(path: list[int], heads: Sequence[int], room: list[int]) -> int:
    """Fill the narrowest arc of `path`; keep what comes before it, and return where it ends."""
    amount = min(room[arc] for arc in path)
    for arc in path:
        room[arc] -= amount
        room[arc ^ 1] += amount
    full = next(place for place, arc in enumerate(path) if room[arc] == 0)
    node = heads[path[full] ^ 1]
    del path[full:]
    return node
