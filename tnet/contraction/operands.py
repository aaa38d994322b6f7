"""`Operands`: the index sets that are to be contracted, in columns."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.network.model import TensorNetwork

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Operands:
    """Index ids of every operand, row after row.

    Attributes
    ----------
    ids : ndarray of int64, shape (n_entries,)
        Index ids of operand 0, then of operand 1, and so on; an id may occur twice in an operand.
    starts : ndarray of int64, shape (n_operands + 1,)
        Operand ``k`` has ``ids[starts[k]:starts[k + 1]]``.
    output : tuple of int
        Index ids of the result.
    dims : sequence of int
        Dim of every index, by id; exact.
    """

    ids: Ids
    starts: Ids
    output: tuple[int, ...]
    dims: Sequence[int]

    @property
    def count(self) -> int:
        """Number of operands."""
        return len(self.starts) - 1

    @property
    def owners(self) -> Ids:
        """Operand of every entry of `ids`."""
        return np.repeat(np.arange(self.count), np.diff(self.starts))

    def without(self, indices: Sequence[int]) -> "Operands":
        """Return the same operands, some indices left out of all and of the result."""
        if not len(indices):
            return self
        kept = ~np.isin(self.ids, list(indices))
        lengths = np.bincount(self.owners[kept], minlength=self.count)
        return Operands(
            self.ids[kept],
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            tuple(index for index in self.output if index not in indices),
            self.dims,
        )

    def sets(self) -> list[frozenset[int]]:
        """Return the index sets as opt_einsum's optimizers take them."""
        ids, bounds = self.ids.tolist(), self.starts.tolist()
        return [frozenset(ids[a:b]) for a, b in itertools.pairwise(bounds)]


def operands_of_sets(
    inputs: Sequence[frozenset[int]], output: frozenset[int], sizes: Mapping[int, int]
) -> tuple[Operands, list[int]]:
    """Number hashable indices of any kind from 0.

    Parameters
    ----------
    inputs : sequence of frozenset
        Indices of every operand.
    output : frozenset
        Indices kept.
    sizes : mapping
        Dim of every index.

    Returns
    -------
    Operands
        With ids in order of first appearance.
    list
        The index that each id stands for.
    """
    number: dict[int, int] = {}
    flat: list[int] = []
    for indices in inputs:
        # Sets of strings have another order in every process.
        ordered = sorted(indices, key=repr)
        flat.extend(number.setdefault(index, len(number)) for index in ordered)
    starts = np.cumsum([0, *map(len, inputs)], dtype=np.int64)
    names = list(number)
    found = Operands(
        np.array(flat, dtype=np.int64),
        starts,
        tuple(number[index] for index in output),
        [sizes[name] for name in names],
    )
    return found, names


def network_operands(network: TensorNetwork, *, features: bool, batch_dim: int = 1) -> Operands:
    """Return the tensors of a network, and perhaps features at its readings, as operands.

    Parameters
    ----------
    network : TensorNetwork
        What is contracted.
    features : bool
        Whether every reading has an operand (batch, reading); the batch then has the id
        ``network.n_indices`` and leads the output.
    batch_dim : int
        Dim of the batch.
    """
    rows = [group.indices.ravel() for group in network.tensor_groups]
    orders = [np.full(group.count, group.order) for group in network.tensor_groups]
    dims: list[int] = []
    for group in network.index_groups:
        dims.extend([group.dim] * group.count)
    outputs = tuple(network.outputs.tolist())
    if features:
        batch = network.n_indices
        pairs = np.stack([np.full(len(network.inputs), batch), network.inputs], axis=1)
        rows.append(pairs.ravel())
        orders.append(np.full(len(network.inputs), 2))
        dims.append(batch_dim)
        output = (batch, *outputs)
    else:
        output = (*network.inputs.tolist(), *outputs)
    lengths = np.concatenate([np.zeros(1), *orders])
    return Operands(
        np.concatenate([np.zeros(0), *rows]).astype(np.int64),
        np.cumsum(lengths).astype(np.int64),
        output,
        dims,
    )


def classes(signature: NDArray[Any]) -> list[Ids]:
    """Return the places of equal rows, class by class.

    Examples
    --------
    >>> [places.tolist() for places in classes(np.array([[1], [0], [1]]))]
    [[1], [0, 2]]
    """
    if (signature == signature[0]).all():
        return [np.arange(len(signature))]
    _, of_row = np.unique(signature, axis=0, return_inverse=True)
    order = np.argsort(of_row.reshape(-1), kind="stable")
    bounds = np.flatnonzero(np.diff(of_row.reshape(-1)[order])) + 1
    return np.split(order, bounds)
