"""Hidden units that are used several times: unrolled into copies, or counted once per path.

A *circuit* is a network whose tensors name their leg to the root and whose indices may lead to
several tensors, each of which uses the value again. It is no tensor network: a hyperedge copies
basis vectors, not values. `unrolled` makes it one, `counted` gives its graph for cuts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from tnet.errors import SizeLimitError
from tnet.network.groups import Ids, IndexGroup, TensorGroup, whole_number
from tnet.network.incidence import row_starts
from tnet.network.model import TensorNetwork

MOST_TENSORS = 2**22
"""Tensors that an unrolled network may have: some seconds and some hundred megabytes."""


def counted(circuit: TensorNetwork) -> TensorNetwork:
    r"""Return the graph of a circuit in which every index counts once per path to the root.

    Parameters
    ----------
    circuit : TensorNetwork
        Directed, one root.

    Returns
    -------
    TensorNetwork
        The same tensors; `multiplicity` of an index is its number of paths to the root. An index
        group with several of them is split, ``r0.times3`` holding those that count threefold.

    Notes
    -----
    A cut of this graph is a cut of the unrolled network in which all copies of a tensor are on
    one side, and costs there as much or less: a copy of an index is cut only if its *own* ends
    part, whereas here one user on the other side has all copies charged. So

    .. math:: \text{rank} \le \text{min cut, unrolled} \le \text{min cut, counted},

    where the rank is the separation rank of the function, for the product. The second is an
    equality where every unit is used once. It can be strict from two levels on, as copies under
    users on different sides are cut differently: five elements of dim 4 under two levels of
    windows of 3 with 7 and 6 channels, two against three, give 28 and 49. What is exact is
    `tnet.architectures.unrolled_cut.unrolled_min_cut`.

    References
    ----------
    .. [1] Levine, Sharir, Cohen, Shashua. Quantum entanglement in deep learning architectures.
       Physical Review Letters 122, 2019. arXiv:1803.09780.

    Examples
    --------
    >>> import tnet
    >>> from tnet.architectures.overlapping import Overlapping
    >>> spec = Overlapping(4, features=2, widths=(3, 3, 3), kernel=2)
    >>> [group.multiplicity for group in counted(spec.circuit()).index_groups]
    [1, 3, 1, 2, 1, 1]
    """
    paths = np.array(path_counts(circuit), dtype=object)
    new_id = np.zeros(circuit.n_indices, dtype=np.int32)
    groups: list[IndexGroup] = []
    first = 0
    for start, group in zip(
        circuit.index_names.starts.tolist(), circuit.index_groups, strict=False
    ):
        found = paths[start : start + group.count]
        distinct = sorted(set(found))
        for times in distinct:
            members = start + np.nonzero(found == times)[0]
            name = group.name if len(distinct) == 1 else f"{group.name}.times{times}"
            groups.append(replace(group, name=name, count=len(members), multiplicity=times))
            new_id[members] = np.arange(first, first + len(members))
            first += len(members)
    return TensorNetwork(
        tuple(groups),
        tuple(replace(group, indices=new_id[group.indices]) for group in circuit.tensor_groups),
        new_id[circuit.inputs],
        circuit.input_modes,
        new_id[circuit.outputs],
        circuit.input_shape,
    )


def path_counts(circuit: TensorNetwork) -> list[int]:
    """Count the paths from every index to the root, exactly; an output has one.

    Examples
    --------
    >>> import tnet
    >>> path_counts(tnet.ConvNet(2, features=3, widths=(4,)).compile())
    [1, 1, 1]
    """
    heads_of: list[list[int]] = [[] for _ in range(circuit.n_indices)]
    for tails, head in directed_rows(circuit):
        for tail in tails:
            heads_of[tail].append(head)
    counts = [0] * circuit.n_indices
    for output in circuit.outputs.tolist():
        counts[output] = 1
    for unit in reversed(units_from_below(circuit)):
        counts[unit] += sum(1 if head < 0 else counts[head] for head in heads_of[unit])
    return counts


def units_from_below(circuit: TensorNetwork) -> list[int]:
    """Order the index ids so that every unit comes after those that it is computed from.

    Examples
    --------
    >>> import tnet
    >>> units_from_below(tnet.ConvNet(2, features=3, widths=(4,), outputs=2).compile())
    [0, 1, 2, 3]
    """
    order = TopologicalSorter[int](dict.fromkeys(range(circuit.n_indices), ()))
    for tails, head in directed_rows(circuit):
        if head >= 0:
            order.add(head, *tails)
    return list(order.static_order())


def directed_rows(circuit: TensorNetwork) -> Iterator[tuple[list[int], int]]:
    """Yield the incoming legs of every tensor and its leg to the root, -1 at the root.

    Examples
    --------
    >>> import tnet
    >>> list(directed_rows(tnet.ConvNet(2, features=3, widths=(4,)).compile()))
    [([0], 2), ([1], 2), ([2], -1)]
    """
    for group in circuit.tensor_groups:
        axis = group.root_axis
        tails = group.indices if axis is None else np.delete(group.indices, axis, axis=1)
        heads = [-1] * group.count if axis is None else group.indices[:, axis].tolist()
        yield from zip(tails.tolist(), heads, strict=True)


def unrolled(circuit: TensorNetwork, *, most_tensors: int = MOST_TENSORS) -> TensorNetwork:
    """Return the tensor network of a circuit: every use of a unit has a copy of all below it.

    Parameters
    ----------
    circuit : TensorNetwork
        Directed, one root.
    most_tensors : int
        Refuse to make more tensors than this.

    Returns
    -------
    TensorNetwork
        A forest. Copies of an input read one element; copies of a tensor carry one array. A group
        of tensors with an array each, of which some have several copies, is split into
        ``name.{row}``.

    Raises
    ------
    SizeLimitError
        If there were more tensors; the message says how many.

    Examples
    --------
    >>> import tnet
    >>> from tnet.architectures.overlapping import Overlapping
    >>> spec = Overlapping(4, features=2, widths=(3, 3, 3), kernel=2, shared=True)
    >>> net = unrolled(spec.circuit())
    >>> net.input_modes.tolist()
    [0, 1, 1, 1, 2, 2, 2, 3]
    """
    _refuse_too_many(circuit, whole_number(most_tensors, what="most_tensors"))
    copies = _Copies(circuit)
    copies.grow()
    origin = np.concatenate(copies.origins)
    new_id = np.empty(len(origin), dtype=np.int32)
    new_id[np.argsort(origin, kind="stable")] = np.arange(len(origin), dtype=np.int32)
    n_copies = np.bincount(origin, minlength=circuit.n_indices)
    starts = [*circuit.index_names.starts.tolist(), circuit.n_indices]
    index_groups = [
        replace(group, count=int(n_copies[starts[k] : starts[k + 1]].sum()))
        for k, group in enumerate(circuit.index_groups)
    ]
    tensor_groups: list[TensorGroup] = []
    for group, parts in zip(circuit.tensor_groups, copies.rows, strict=True):
        owners = np.concatenate([owner for owner, _ in parts])
        order = np.argsort(owners, kind="stable")
        rows = new_id[np.concatenate([legs for _, legs in parts])[order]]
        tensor_groups += _with_their_arrays(group, owners[order], rows)
    mode_of = np.zeros(circuit.n_indices, dtype=np.int32)
    mode_of[circuit.inputs] = circuit.input_modes
    is_input = np.isin(np.sort(origin), circuit.inputs)
    inputs = np.nonzero(is_input)[0].astype(np.int32)
    return TensorNetwork(
        tuple(index_groups),
        tuple(tensor_groups),
        inputs,
        mode_of[np.sort(origin)[inputs]],
        input_shape=circuit.input_shape,
    )


def _refuse_too_many(circuit: TensorNetwork, most_tensors: int) -> None:
    paths = path_counts(circuit)
    total = sum(1 if head < 0 else paths[head] for _, head in directed_rows(circuit))
    if total > most_tensors:
        shown = f"{total:,}" if total < 10**15 else f"about 2^{math.log2(total):.0f}"
        raise SizeLimitError(
            f"unrolled, the network has {shown} tensors, more than {most_tensors:,}; compile with "
            "unroll=False for its cuts, make it smaller, or raise most_tensors"
        )


def _with_their_arrays(group: TensorGroup, owners: Ids, rows: Ids) -> list[TensorGroup]:
    """Groups of the copies of one group's tensors, each with the array of its original."""
    if group.shared or len(owners) == group.count:
        return [replace(group, indices=rows)]
    bounds = np.searchsorted(owners, np.arange(group.count + 1)).tolist()
    return [
        replace(
            group,
            name=f"{group.name}.{row}",
            parameter=f"{group.parameter}.{row}",
            indices=rows[bounds[row] : bounds[row + 1]],
            shared=True,
        )
        for row in range(group.count)
    ]


@dataclass(eq=False)
class _Copies:
    """Copies of the indices and tensors of a circuit, made from the root down, round by round."""

    circuit: TensorNetwork

    def __post_init__(self) -> None:
        heads = [
            np.full(group.count, -1)
            if group.root_axis is None
            else group.indices[:, group.root_axis]
            for group in self.circuit.tensor_groups
        ]
        head = np.concatenate(heads)
        # Tensors by the index they lead to, those that lead nowhere first.
        self.leading: NDArray[np.int64] = np.argsort(head, kind="stable")
        n_to = np.bincount(head + 1, minlength=self.circuit.n_indices + 1)
        self.starts = row_starts(n_to).astype(np.int64)
        self.origins: list[Ids] = []
        self.rows: list[list[tuple[Ids, Ids]]] = [[] for _ in self.circuit.tensor_groups]
        self.n_copies = 0

    def grow(self) -> None:
        """Make all copies."""
        outputs = self.circuit.outputs
        if len(outputs):
            self.origins.append(outputs)
            self.n_copies = len(outputs)
        origin, number = (
            (outputs, np.arange(len(outputs), dtype=np.int32))
            if len(outputs)
            else (np.array([-1], dtype=np.int32), np.array([-1], dtype=np.int32))
        )
        while len(origin):
            origin, number = self._round(origin, number)

    def _round(self, origin: Ids, number: Ids) -> tuple[Ids, Ids]:
        """Make the tensors that lead to copies of indices, and copies of their other legs."""
        first, n_to = self.starts[origin + 1], np.diff(self.starts)[origin + 1]
        offsets = np.arange(n_to.sum()) - np.repeat(np.cumsum(n_to) - n_to, n_to)
        tensors = self.leading[np.repeat(first, n_to) + offsets]
        heads = np.repeat(number, n_to)
        made: list[tuple[Ids, Ids]] = []
        bounds = [*self.circuit.tensor_names.starts.tolist(), self.circuit.n_tensors]
        for k, group in enumerate(self.circuit.tensor_groups):
            here = (tensors >= bounds[k]) & (tensors < bounds[k + 1])
            if here.any():
                made.append(self._copy(k, group, tensors[here] - bounds[k], heads[here]))
        if not made:
            return origin[:0], number[:0]
        return np.concatenate([m[0] for m in made]), np.concatenate([m[1] for m in made])

    def _copy(
        self, place: int, group: TensorGroup, rows: NDArray[np.int64], heads: Ids
    ) -> tuple[Ids, Ids]:
        legs = group.indices[rows].copy()
        tails = [axis for axis in range(group.order) if axis != group.root_axis]
        origin = legs[:, tails].reshape(-1)
        number = np.arange(self.n_copies, self.n_copies + len(origin), dtype=np.int32)
        self.n_copies += len(origin)
        self.origins.append(origin)
        legs[:, tails] = number.reshape(len(rows), -1)
        if group.root_axis is not None:
            legs[:, group.root_axis] = heads
        self.rows[place].append((rows.astype(np.int32), legs))
        return origin, number
