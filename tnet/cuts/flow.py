"""Least cut of any network by maximum flow, with its proof checked by duality.

Every index becomes an arc of capacity log(dim) from an in-node to an out-node, every tensor a
node; unbounded arcs lead from the out-node to the tensors of the index and from them back to
the in-node. Readings on side A are the source, those on side B the sink. A cut of arcs is then
a cut of indices, each charged once.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.crossing import Flags, crossing_indices
from tnet.cuts.products import common_base
from tnet.errors import VerificationError
from tnet.network.model import TensorNetwork

LARGEST_CAPACITY = 2**30 - 2
"""SciPy adds the capacities of an arc and its reverse in 32 bits and does not notice overflow."""


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


def flow_sides(network: TensorNetwork, side_a: Flags) -> FlowCut:
    """Find a least cut of `network`, up to the rounding of capacities.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.

    Returns
    -------
    FlowCut

    Raises
    ------
    VerificationError
        If the flow does not equal the weight of the cut it proves, both counted in 64 bits.
    """
    if side_a.all() or not side_a.any():
        return FlowCut(np.full(network.n_tensors, side_a.all()), 0.0)
    capacities, scale = _capacities(network)
    on_a, flow = _maximum_flow(network, side_a, capacities)
    cut = crossing_indices(network, on_a, side_a)
    weight = int(capacities[cut].astype(np.int64).sum())
    if weight != flow:
        raise VerificationError(
            f"maximum flow is {flow} but the cut it gives weighs {weight}; this is a fault of the "
            "solver: report it with the network, and do not use the cut"
        )
    return FlowCut(on_a, 0.0 if scale is None else len(cut) * 1.001 / scale)


def _capacities(network: TensorNetwork) -> tuple[NDArray[np.int32], float | None]:
    """Capacity of every index, and units per bit; no unit where capacities are exact."""
    # Outputs have no arc; a dim of 1 stands in, so that theirs do not coarsen the others'.
    dims = [1 if group.role == "output" else group.dim for group in network.index_groups]
    exponents = [group.multiplicity for group in network.index_groups]
    scale = None
    powers = common_base(dims)
    by_group = [powers[1][d] * e for d, e in zip(dims, exponents, strict=True)] if powers else []
    if not by_group or max(by_group) > LARGEST_CAPACITY:
        bits = [math.log2(d) * e for d, e in zip(dims, exponents, strict=True)]
        scale = (LARGEST_CAPACITY - 1) / max(bits)
        # Rounded down, with room for the rounding of log2 itself: the flow bounds from below.
        by_group = [max(math.floor(width * scale - 2**-10), 0) for width in bits]
    return np.array(by_group, dtype=np.int32)[network.group_of_index], scale


def _maximum_flow(
    network: TensorNetwork, side_a: Flags, capacities: NDArray[np.int32]
) -> tuple[Flags, int]:
    """Sides of the tensors in the residual graph, and the value of the flow."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    incidence, n_indices = network.incidence, network.n_indices
    first_tensor = 2 * n_indices
    source = first_tensor + network.n_tensors
    sink = source + 1
    is_output = np.zeros(n_indices, dtype=bool)
    is_output[network.outputs] = True
    kept = ~is_output[incidence.index_of]
    tensor = incidence.tensor_of[kept] + first_tensor
    index = incidence.index_of[kept]
    reads_a = network.inputs[side_a[network.input_modes]]
    reads_b = network.inputs[~side_a[network.input_modes]]
    every = np.nonzero(~is_output)[0]
    # No more than its capacity ever passes an index, so an arc of one unit more is never full:
    # it is as good as unbounded, and no cut of finite weight contains it.
    parts = [
        (every, every + n_indices, capacities[every]),
        (index + n_indices, tensor, capacities[index] + 1),
        (tensor, index, capacities[index] + 1),
        (np.full(len(reads_a), source), reads_a, capacities[reads_a] + 1),
        (reads_b + n_indices, np.full(len(reads_b), sink), capacities[reads_b] + 1),
    ]
    tails, heads, values = (
        np.concatenate(column).astype(np.int32) for column in zip(*parts, strict=True)
    )
    graph: Any = csr_array((values, (tails, heads)), shape=(sink + 1, sink + 1))
    result = maximum_flow(graph, source, sink)
    residual: Any = graph - result.flow
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, source, return_predecessors=False)
    on_source_side = np.zeros(sink + 1, dtype=bool)
    on_source_side[reached] = True
    value = int(result.flow[[source]].sum(dtype=np.int64))
    return on_source_side[first_tensor:source], value
