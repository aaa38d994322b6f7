"""Maximum flow on 64-bit weights through a 32-bit solver, and what it leaves undecided.

The flow is found in rounds. A round at shift s lets the solver see, in units of 2^s, what room
the rounds before have left, and pushes what it finds. That makes a flow of value F, and a set X
of the nodes that a whole unit can still reach from the source, such that for every cut Y

    weight(Y) = F + room(Y),   room(Y) = what is left on the arcs that leave Y,

and each arc that leaves X has less than 2^s left. Let the true weight of an index exceed the
rounded one by at most `error`. A truly least cut Y weighs truly no more than X, so
room(Y) <= room(X) + error * (number of indices that X cuts): the *margin*. Y takes no arc with
more room than that. Hence nodes that such arcs join both ways are merged, those they lead to
from the source join the source, those from which they lead to the sink join the sink, and every
least cut survives; arcs from source to sink, which all cuts share, no longer count.
The flow still to come is at most room(X): the next round takes the least shift for which that
fits the solver. After log2(weights) / (30 - log2(arcs)) rounds or fewer, X alone is left, or it
is full to the last unit.
"""

from dataclasses import dataclass

import numpy as np

from tnet.cuts.crossing import Flags
from tnet.cuts.flow_graph import Amounts, Nodes, Residual
from tnet.cuts.flow_solvers import LARGEST_CAPACITY, NEVER_FULL, maximum_flow
from tnet.errors import VerificationError


@dataclass(frozen=True, slots=True, eq=False)
class Narrowed:
    """What maximum flow on rounded weights leaves of a graph.

    Attributes
    ----------
    residual : Residual
        The graph with every node merged of which all least cuts say the side; two nodes are left
        where X is the only candidate.
    number : ndarray of int64, shape (n_nodes,)
        Its node for every node of the first graph.
    on_a : ndarray of bool, shape (residual.n_nodes,)
        The cut X; it is the least where weights are exact or two nodes are left.
    value : int
        What the flow and the arcs from source to sink, cut by all, add up to.
    margin : int
        The least cut weighs at most this many units less than X.
    """

    residual: Residual
    number: Nodes
    on_a: Flags
    value: int
    margin: int


def narrowed(residual: Residual, error: int) -> Narrowed:
    """Find a least cut in rounded weights, and merge all nodes whose side that decides.

    Parameters
    ----------
    residual : Residual
        Without flow; all room together below 2^62.
    error : int
        Units by which the true weight of an index can exceed the rounded one.

    Returns
    -------
    Narrowed

    Raises
    ------
    VerificationError
        If what the solver returns is no flow, or is not maximal.
    """
    number = np.arange(residual.n_nodes)
    value = 0
    largest = int(residual.room.max(initial=0))
    ends = [_star(residual, residual.source), ~_star(residual, residual.sink)]
    # No arc carries more than the whole flow, or than it holds; an unbounded arc here ends at a
    # hyperedge and carries no more than that. Later flows fit as a whole.
    limit = min(largest, *(residual.leaving(end, residual.room) for end in ends))
    while True:
        shift = max(limit.bit_length() - LARGEST_CAPACITY.bit_length(), 0)
        shift += limit >> shift > LARGEST_CAPACITY
        flow = _units_of_flow(residual, shift) << shift
        value += _out_of_source(residual, flow)
        residual = residual.after(flow)
        open_ = residual.unbounded | (residual.room >> shift > 0)
        on_a = residual.reached(open_, residual.source)
        if on_a[residual.sink]:
            raise VerificationError(
                "the flow found is not maximal: a path of unused capacity leads from side A to "
                "side B; this is a fault of the solver: report it with the network"
            )
        limit = residual.leaving(on_a, residual.room)
        if limit == 0 and error == 0:
            return Narrowed(residual, number, on_a, value, 0)
        # Without what all cuts share, the margin is narrower: merge again.
        for _ in range(2):
            if residual.n_nodes == 2:
                break
            margin = _margin(residual, on_a, error)
            merge = residual.contraction(residual.unbounded | (residual.room > margin))
            before, (residual, on_a) = residual, _merged(residual, merge, on_a)
            value += _shared(before, merge)
            number = merge[number]
        limit = residual.leaving(on_a, residual.room)
        if residual.n_nodes == 2 or limit == 0:
            return Narrowed(residual, number, on_a, value, _margin(residual, on_a, error))


def _star(residual: Residual, node: int) -> Flags:
    flags = np.zeros(residual.n_nodes, dtype=bool)
    flags[node] = True
    return flags


def _margin(residual: Residual, on_a: Flags, error: int) -> int:
    room = residual.leaving(on_a, residual.room)
    return room + error * residual.leaving(on_a, residual.parts)


def _merged(residual: Residual, merge: Nodes, on_a: Flags) -> tuple[Residual, Flags]:
    contracted = residual.contracted(merge)
    merged_on_a = np.zeros(contracted.n_nodes, dtype=bool)
    merged_on_a[merge] = on_a
    return contracted, merged_on_a


def _shared(residual: Residual, merge: Nodes) -> int:
    """Room on arcs that lead from source to sink once merged."""
    source = int(merge[residual.source])
    tail, head = merge[residual.tail], merge[residual.head]
    ahead = (tail == source) & (head == source + 1)
    back = (head == source) & (tail == source + 1)
    return int(residual.room[0, ahead].sum() + residual.room[1, back].sum())


def _out_of_source(residual: Residual, flow: Amounts) -> int:
    leaving, entering = (end == residual.source for end in (residual.tail, residual.head))
    return int(flow[leaving].sum() - flow[entering].sum())


def _units_of_flow(residual: Residual, shift: int) -> Amounts:
    """Let the solver find a maximum flow in units of ``2**shift``, and check that it is a flow."""
    units = np.minimum(residual.room >> shift, NEVER_FULL)
    units[residual.unbounded] = NEVER_FULL
    flow = maximum_flow(residual.n_nodes, residual.tail, residual.head, units)
    surplus = np.zeros(residual.n_nodes, dtype=np.int64)
    np.add.at(surplus, residual.tail, flow)
    np.subtract.at(surplus, residual.head, flow)
    if (flow > units[0]).any() or (-flow > units[1]).any() or surplus[: residual.source].any():
        raise VerificationError(
            "the flow found exceeds a capacity or does not balance at a node; this is a fault of "
            "the solver: report it with the network, and do not use the cut"
        )
    return flow
