"""Which tensors touch which indices, as compressed rows both ways."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.network.groups import Ids, TensorGroup, read_only


@dataclass(frozen=True, eq=False, slots=True)
class Incidence:
    """Compressed rows between tensors and indices; a diagonal (an index named twice) counts once.

    Attributes
    ----------
    tensor_of, index_of : ndarray of int32, shape (n_incidences,)
        The pairs, sorted by tensor; within a tensor by axis of first mention.
    tensor_start : ndarray of int32, shape (n_tensors + 1,)
        Tensor ``t`` touches ``index_of[tensor_start[t]:tensor_start[t + 1]]``.
    by_index : ndarray of int32, shape (n_incidences,)
        Tensors sorted by the index they touch.
    index_start : ndarray of int32, shape (n_indices + 1,)
        Index ``e`` is touched by ``by_index[index_start[e]:index_start[e + 1]]``.
    """

    tensor_of: Ids
    index_of: Ids
    tensor_start: Ids
    by_index: Ids
    index_start: Ids

    def __post_init__(self) -> None:
        read_only(self.tensor_of, self.index_of, self.tensor_start, self.by_index, self.index_start)

    def tensors_at(self, index: int) -> Ids:
        """Ids of the tensors that touch `index`, ascending."""
        return self.by_index[self.index_start[index] : self.index_start[index + 1]]

    def degrees(self) -> Ids:
        """Number of tensors at each index, shape (n_indices,)."""
        return np.diff(self.index_start)


def _first_mentions(rows: Ids) -> NDArray[np.bool_]:
    """Mark the entries of each row that no earlier axis of that row names."""
    first = np.ones(rows.shape, dtype=bool)
    if rows.shape[1] < 2:
        return first
    # A stable sort brings equal entries together, the earliest axis in front.
    order = np.argsort(rows, axis=1, kind="stable")
    ranked = np.take_along_axis(rows, order, axis=1)
    again = np.zeros(rows.shape, dtype=bool)
    again[:, 1:] = ranked[:, 1:] == ranked[:, :-1]
    np.put_along_axis(first, order, ~again, axis=1)
    return first


def row_starts(counts: NDArray[np.integer]) -> Ids:
    """Starts of compressed rows of the given lengths, shape (n_rows + 1,)."""
    starts = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=starts[1:])
    return starts


def derive_incidence(groups: Sequence[TensorGroup], n_indices: int) -> Incidence:
    """Gather the incidence of all `groups`, in time linear in their entries."""
    index_parts: list[Ids] = [np.zeros(0, dtype=np.int32)]
    count_parts: list[Ids] = [np.zeros(0, dtype=np.int32)]
    for group in groups:
        first = _first_mentions(group.indices)
        index_parts.append(group.indices.reshape(-1) if first.all() else group.indices[first])
        count_parts.append(first.sum(axis=1, dtype=np.int32))
    index_of = np.concatenate(index_parts)
    order_of_tensor = np.concatenate(count_parts)
    tensor_of = np.repeat(np.arange(len(order_of_tensor), dtype=np.int32), order_of_tensor)
    return Incidence(
        tensor_of,
        index_of,
        row_starts(order_of_tensor),
        tensor_of[np.argsort(index_of, kind="stable")],
        row_starts(np.bincount(index_of, minlength=n_indices)),
    )
