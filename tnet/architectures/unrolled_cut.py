"""`unrolled_min_cut`: the least cut of an unrolled network, without unrolling it."""

import math

import numpy as np

from tnet.architectures.unrolling import directed_rows, path_counts, units_from_below
from tnet.errors import SizeLimitError
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

MOST_BITS = 2**26
"""Bits that a cut may have: products of two such integers still take less than a second."""

Costs = tuple[int, int]
"""Least cost of what is below, where the user is on side B and on side A."""


def unrolled_min_cut(circuit: TensorNetwork, side_a: Side) -> int:
    r"""Find the min cut of an unrolled network in exact integers.

    Parameters
    ----------
    circuit : TensorNetwork
        As the `circuit` of a spec gives it, every unit there once.
    side_a : as for `tnet.min_cut`
        Side A.

    Returns
    -------
    int
        ``tnet.min_cut(spec.compile(), side_a).dimension``, however many copies that network has.

    Raises
    ------
    SizeLimitError
        If the cut could have more than 2^26 bits.
    PartitionError, UnknownNameError
        If `side_a` does not name inputs of the circuit.

    Notes
    -----
    What is below a copy of a unit depends on the unit alone, and what is above matters only by
    the side of the tensor that uses the copy. So two costs per unit are enough: copies under users
    on different sides may be cut differently, which no cut of the graph by `counted` can do.

    Examples
    --------
    >>> from tnet.architectures.deep_recurrent import DeepRecurrent
    >>> unrolled_min_cut(DeepRecurrent(4, features=2, hidden=2).circuit(), [0, 1])
    8
    >>> unrolled_min_cut(DeepRecurrent(200, features=4, hidden=2).circuit(), range(100)) == 2**101
    True
    """
    on_a = side_of_modes(circuit, side_a)
    _refuse_too_long(circuit)
    side_of = dict(zip(circuit.inputs.tolist(), on_a[circuit.input_modes].tolist(), strict=True))
    outputs = set(circuit.outputs.tolist())
    makers: list[list[list[int]]] = [[] for _ in range(circuit.n_indices)]
    roots: list[list[int]] = []
    for tails, head in directed_rows(circuit):
        (roots if head < 0 or head in outputs else makers[head]).append(tails)
    costs: dict[int, Costs] = {}
    for unit in units_from_below(circuit):
        if unit not in outputs:
            made = [_of_tensor(tails, costs) for tails in makers[unit]]
            costs[unit] = _of_unit(circuit.dim_of(unit), made, side_of.get(unit))
    least = [min(_of_tensor(tails, costs)) for tails in roots]
    return math.prod(least)


def _of_tensor(tails: list[int], costs: dict[int, Costs]) -> Costs:
    """Cost of what is below a tensor, by the side of the tensor."""
    return math.prod(costs[t][0] for t in tails), math.prod(costs[t][1] for t in tails)


def _of_unit(dim: int, made: list[Costs], read_on_a: bool | None) -> Costs:
    """Cost of what is below a copy of a unit, by the side of its user: cut it, or do not."""
    cut = dim * math.prod(min(cost) for cost in made)
    whole = math.prod(cost[0] for cost in made), math.prod(cost[1] for cost in made)
    below = cut if read_on_a is True else min(cut, whole[0])
    above = cut if read_on_a is False else min(cut, whole[1])
    return below, above


def _refuse_too_long(circuit: TensorNetwork) -> None:
    """The cut around all readings is one, so its bits bound those of the least."""
    paths = path_counts(circuit)
    bits = sum(
        paths[reading] * math.ceil(math.log2(circuit.dim_of(reading)))
        for reading in np.unique(circuit.inputs).tolist()
    )
    if bits > MOST_BITS:
        raise SizeLimitError(
            f"the cut can have 2^{math.log2(bits):.0f} bits, more than {MOST_BITS:,}; ask for the "
            "min cut of compile(unroll=False), which is no smaller"
        )
