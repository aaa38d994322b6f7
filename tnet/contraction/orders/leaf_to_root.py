"""An order of contraction for forests: from the leaves to the roots, in linear time.

Planners that know only pairs can go far astray on hyperedges, where three and more tensors meet
in one index; on a forest the order in which messages pass to the root never makes an
intermediate larger than an index with a batch, or the dense block of the inputs below it.
"""

from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

Pairs = list[tuple[int, int]]
"""Numbers of the two operands of each step; results are numbered after all operands."""


def leaf_to_root_pairs(
    network: TensorNetwork, forest: Forest, attached: dict[int, list[int]]
) -> Pairs:
    """Pair operands from the leaves up.

    Parameters
    ----------
    network : TensorNetwork
        A forest.
    forest : Forest
        Its rooting.
    attached : dict of int to list of int
        Operands beside the tensors, numbered from ``n_tensors``, by the index they carry.

    Returns
    -------
    list of tuple of int
        Every operand is used once; one result is left.
    """
    n_tensors = network.n_tensors
    pairs: Pairs = []
    following = n_tensors + sum(len(operands) for operands in attached.values())
    waiting = {index + n_tensors: list(operands) for index, operands in attached.items()}
    order, parent = forest.order.tolist(), forest.parent.tolist()
    children: dict[int, list[int]] = {}
    results: list[int] = []

    def merged(operands: list[int]) -> int:
        nonlocal following
        first = operands[0]
        for other in operands[1:]:
            pairs.append((first, other))
            first, following = following, following + 1
        return first

    for position in range(len(order) - 1, -1, -1):
        node = order[position]
        above = order[parent[position]] if parent[position] >= 0 else -1
        if node >= n_tensors:
            children.setdefault(above, []).append(node)
            continue
        sent = node
        for index in reversed(children.pop(node, [])):
            arrived = waiting.pop(index, [])
            if arrived:
                sent = merged([merged(arrived), sent])
        if above < 0:
            results.append(sent)
        else:
            waiting.setdefault(above, []).append(sent)
    if results:
        merged(results)
    return pairs
