"""Least cut of any network by maximum flow, decided exactly.

1. `flow_graph` turns indices into arcs that weigh their logs, so that a product is a sum.
2. `flow_scaling` finds a maximum flow on these weights, rounded down to 64-bit integers, and
   merges what is on one side in every cut that rounding leaves a chance of being least. If all
   dims are powers of one integer, exponents are weights without rounding, and this decides.
3. `exact_flow` decides what is left, near-ties and ties, with exponents as exact weights.

By duality a flow of one value proves that no cut weighs less: the cut returned is compared with
the flow in 64-bit integers, on the network itself, whichever step found it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.crossing import Flags, crossing_indices
from tnet.cuts.exact_flow import Arc, Cost, least_cut
from tnet.cuts.flow_graph import UNBOUNDED, Amounts, Links, Residual
from tnet.cuts.flow_scaling import Narrowed, narrowed
from tnet.cuts.products import common_base
from tnet.errors import VerificationError
from tnet.network.model import TensorNetwork

HEAVIEST_INDEX, HEAVIEST_NETWORK = 2**49, 2**60
"""Bounds on rounded weights: floats give the first to a quarter unit, sums of the second fit."""

_ERROR = 3
"""Units by which a weight may be rounded down; see `_Weights.of`."""


@dataclass(frozen=True, slots=True)
class FlowCut:
    """Sides found by maximum flow and how tightly they are proved least.

    Attributes
    ----------
    on_a : ndarray of bool, shape (n_tensors,)
        True on side A.
    slack_log2 : float
        The least cut has a log2 at most this far below that of the cut found; 0 if it is least.
    """

    on_a: Flags
    slack_log2: float


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """Logs of the costs of all indices as integers.

    Attributes
    ----------
    units : ndarray of int64, shape (n_indices,)
        Rounded down; 0 for outputs.
    error : int
        The exact weight is less than this many units more; 0 where weights are exact.
    per_bit : float
        Units in one bit.
    """

    units: Amounts
    error: int
    per_bit: float

    @classmethod
    def of(cls, network: TensorNetwork) -> "_Weights":
        # Outputs are never cut; a dim of 1 stands in, so that theirs do not coarsen the others'.
        groups = network.index_groups
        dims = [1 if group.role == "output" else group.dim for group in groups]
        powers = common_base(dims)
        if powers:
            base, exponent = powers
            exact = [exponent[d] * g.multiplicity for d, g in zip(dims, groups, strict=True)]
            if sum(n * g.count for n, g in zip(exact, groups, strict=True)) < HEAVIEST_NETWORK:
                return cls(_by_index(network, exact), 0, 1 / math.log2(base))
        bits = [
            math.log2(dim) * group.multiplicity for dim, group in zip(dims, groups, strict=True)
        ]
        total = math.fsum(width * group.count for width, group in zip(bits, groups, strict=True))
        per_bit = min(HEAVIEST_INDEX / max(bits), HEAVIEST_NETWORK / total)
        # The few roundings of a float up to 2^49 change it by less than one half, so one unit less
        # than the floor is at most the exact weight, which is then less than three more.
        units = [max(math.floor(width * per_bit) - 1, 0) for width in bits]
        return cls(_by_index(network, units), _ERROR, per_bit)


def _by_index(network: TensorNetwork, by_group: list[int]) -> Amounts:
    weights: Amounts = np.array(by_group, dtype=np.int64)[network.group_of_index]
    return weights


def flow_sides(network: TensorNetwork, side_a: Flags) -> FlowCut:
    """Find a least cut of `network`.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.

    Returns
    -------
    FlowCut
        Its slack is 0, unless so much is tied that the exact step would take too much memory, or
        products differ by less than thousands of digits of their logs show.

    Raises
    ------
    VerificationError
        If the solver's flow is none, or does not equal the weight of the cut that it proves.
    """
    if side_a.all() or not side_a.any():
        return FlowCut(np.full(network.n_tensors, side_a.all()), 0.0)
    weights = _Weights.of(network)
    links = Links.of(network, side_a)
    left = narrowed(Residual.of(links, weights.units), weights.error)
    on_a, slack = left.on_a, 0.0
    if left.residual.n_nodes > 2 and weights.error:
        exact = least_cut(left.residual.n_nodes, _arcs_left(network, links, left))
        if exact is None:
            slack = left.margin / weights.per_bit
        else:
            on_a = np.array(exact, dtype=bool)
    sides: Flags = on_a[left.number[: network.n_tensors]]
    # The flow, and what it leaves on the arcs of the cut, against the indices that are cut.
    flow = left.value + left.residual.leaving(on_a, left.residual.room)
    weight = int(weights.units[crossing_indices(network, sides, side_a)].sum())
    if weight != flow:
        raise VerificationError(
            f"maximum flow is {flow} but the cut it gives weighs {weight}; this is a fault of the "
            "solver: report it with the network, and do not use the cut"
        )
    return FlowCut(sides, slack)


def _arcs_left(network: TensorNetwork, links: Links, left: Narrowed) -> list[Arc]:
    """Arcs of the narrowed graph without flow, their indices counted by cost."""
    n_nodes = left.residual.n_nodes
    source, sink = n_nodes - 2, n_nodes - 1
    tail, head = left.number[links.tail], left.number[links.head]
    kept = (tail != head) & (np.minimum(tail, head) < source)
    tail, head, both, index = (v[kept] for v in (tail, head, links.both, links.index))
    costs = [(group.dim, group.multiplicity) for group in network.index_groups]
    group = np.where(index == UNBOUNDED, UNBOUNDED, network.group_of_index[index])
    # Both ways of an edge, but nothing into the source or out of the sink.
    ends: NDArray[np.int64] = np.stack(
        [np.append(tail, head[both]), np.append(head, tail[both]), np.append(group, group[both])]
    )
    ends = ends[:, (ends[1] != source) & (ends[0] != sink)]
    alike, counts = np.unique(ends, axis=1, return_counts=True)
    sides: dict[tuple[int, int], dict[Cost, int] | None] = {}
    for start, end, number, count in zip(*alike.tolist(), counts.tolist(), strict=True):
        side = sides.setdefault((start, end), {})
        if number == UNBOUNDED:
            sides[start, end] = None
        elif side is not None:
            side[costs[number]] = side.get(costs[number], 0) + count
    pairs = dict.fromkeys((min(pair), max(pair)) for pair in sides)
    return [Arc(a, b, sides.get((a, b), {}), sides.get((b, a), {})) for a, b in pairs]
