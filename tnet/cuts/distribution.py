"""`cut_distribution`: how many partitions have each min cut, counted without listing them."""

from collections.abc import Callable

import numpy as np

from tnet.cuts.cut_counts import CutDistribution, PartitionCut
from tnet.cuts.min_cut import min_cut
from tnet.cuts.state_table import (
    State,
    StateTable,
    changed,
    element,
    joined,
    nothing,
    repeated,
    witness,
)
from tnet.cuts.subtrees import Multiset, Subtree, canonical_positions, kinds_of_subtrees
from tnet.errors import StructureError, VerificationError
from tnet.network.groups import read_only, whole_number
from tnet.network.model import TensorNetwork


def cut_distribution(network: TensorNetwork, *, max_states: int = 100_000) -> CutDistribution:
    r"""Count the partitions of the inputs by their min cut, exactly.

    All :math:`2^N` choices of a side A are counted; a partition and its mirror image, sides
    swapped, count as two.

    Parameters
    ----------
    network : TensorNetwork
        Without loops, every element read once.
    max_states : int
        Most states of one subtree. Few distinct dims give few states.

    Returns
    -------
    CutDistribution
        ``counts``, ``balanced_counts``, ``weakest``, ``strongest``, ``total``; prints as a table.

    Raises
    ------
    StructureError
        If the network has a loop or reads an element more than once.
    SizeLimitError
        If a subtree has more than `max_states` states.

    Notes
    -----
    For the two-state programme of `min_cut` a subtree is summed up by two numbers, the least
    products of dims below its top tensor with that tensor on side A and on side B. Partitions of
    the subtree's elements with the same two numbers are one state. What is kept is how many
    they are, by number of elements on side A; where subtrees meet, these counts multiply as
    polynomials. Alike subtrees are treated once. The states bound the memory, not the time: with
    windows of 2 and equal widths 64 inputs take 0.1 s, 256 some 6 s, 1,024 many minutes.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(16, features=2, widths=(2, 2, 2, 2))
    >>> distribution = cut_distribution(spec.compile())
    >>> distribution.balanced_counts[2], distribution.total
    (2, 65536)
    >>> distribution.strongest.dimension
    256
    """
    forest = network.forest
    if forest is None:
        raise StructureError(
            "counting partitions by min cut needs a network without loops, and this one has one; "
            "use min_cut on the partitions of interest"
        )
    if len(network.inputs) != network.n_modes:
        raise StructureError(
            f"counting partitions by min cut needs every element read once; this network reads "
            f"{network.n_modes:,} elements {len(network.inputs):,} times: use min_cut on the "
            "partitions of interest"
        )
    costs = [group.dim**group.multiplicity for group in network.index_groups]
    mode_of = dict(zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True))
    labels = [
        (costs[group], index in mode_of)
        for index, group in enumerate(network.group_of_index.tolist())
    ]
    subtrees = kinds_of_subtrees(forest, network.n_tensors, labels)
    programme = _Programme(network.n_modes, whole_number(max_states, what="max_states"))
    for kind in subtrees.kinds:
        programme.add(kind)
    table = programme.whole(subtrees.roots)
    modes = [
        mode_of[node - network.n_tensors]
        for node in forest.order[canonical_positions(forest, subtrees)].tolist()
        if node - network.n_tensors in mode_of
    ]
    half = network.n_modes // 2
    dimensions = sorted(dimension for (dimension,) in table.counts)
    balanced = {dimension: table.count((dimension,), half) for dimension in dimensions}
    balanced = {dimension: count for dimension, count in balanced.items() if count}
    weakest = _partition(network, table, modes, min(balanced))
    strongest = _partition(network, table, modes, max(balanced))
    return CutDistribution(
        network.n_modes,
        {dimension: sum(table.by_number((dimension,))) for dimension in dimensions},
        balanced,
        weakest,
        strongest,
        min_cut(network, weakest.side_a).claim,
    )


def _partition(
    network: TensorNetwork, table: StateTable, modes: list[int], dimension: int
) -> PartitionCut:
    """Find a balanced partition of one dimension, and have `min_cut` confirm it."""
    side = np.zeros(network.n_modes, dtype=bool)
    side[modes] = witness(table, (dimension,), network.n_modes // 2)
    found = min_cut(network, side)
    if found.dimension != dimension:
        raise VerificationError(
            f"a partition counted with cut {dimension} has min cut {found.dimension_text}; report "
            "it with the network, and do not use the counts"
        )
    side = side.reshape(network.input_shape)
    read_only(side)
    return PartitionCut(side, dimension)


class _Programme:
    """Tables of states for kinds of subtrees, children first.

    The state of an index holds the least products of dims below it when it is uncut with the
    tensor above on A, uncut with it on B, and when it is cut, its own dim left out. The state of
    a tensor holds the least products with it on A and on B.
    """

    def __init__(self, n_elements: int, max_states: int) -> None:
        # No count is above 2 to the number of elements.
        self._stride = n_elements + 1
        self._max_states = max_states
        self._tables: list[StateTable] = []

    def add(self, kind: Subtree) -> None:
        """Make the table of a kind whose children are there."""
        if not isinstance(kind.label, tuple):
            start = nothing(self._stride, (1, 1))
            self._tables.append(self._product(start, kind.children, _products))
            return
        cost, reads = kind.label

        def limited(state: State) -> State:
            # Cutting the index costs no more than this, and a dearer state is no other state.
            a, b, cut = state
            return min(a, cost * cut), min(b, cost * cut), cut

        def limited_products(left: State, right: State) -> State:
            return limited(_products(left, right))

        start = nothing(self._stride, (1, 1, 1))
        if reads:
            start = element(self._stride, chosen=(1, cost, 1), left=(cost, 1, 1))
        table = self._product(
            start, kind.children, limited_products, lambda state: limited((*state, min(state)))
        )
        self._tables.append(changed(table, lambda state: state[:2]))

    def whole(self, roots: Multiset) -> StateTable:
        """Make the table of the forest, whose states are min cuts."""
        start = nothing(self._stride, (1,))
        return self._product(start, roots, _products, lambda state: (min(state),))

    def _product(
        self,
        table: StateTable,
        kinds: Multiset,
        join: Callable[[State, State], State],
        change: Callable[[State], State] | None = None,
    ) -> StateTable:
        for number, times in kinds:
            below = self._tables[number]
            if change is not None:
                below = changed(below, change)
            below = repeated(below, times, join, self._max_states)
            table = joined(table, below, join, self._max_states)
        return table


def _products(left: State, right: State) -> State:
    return tuple(a * b for a, b in zip(left, right, strict=True))
