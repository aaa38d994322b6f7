"""What an order of contraction costs, in columns, for choosing between orders."""

from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.operands import Ids, Operands
from tnet.contraction.orders.paths import Pairs

Logs = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OrderCost:
    """Binary logarithms of the costs of the steps of an order.

    Attributes
    ----------
    flops_log2 : ndarray of float64, shape (n_steps,)
        Scalar operations of every step: all combinations of the indices involved, twice where
        something is summed.
    result_log2 : ndarray of float64, shape (n_steps,)
        Entries of what every step makes.
    """

    flops_log2: Logs
    result_log2: Logs

    @property
    def total_log2(self) -> float:
        """Binary logarithm of all scalar operations; minus infinity without steps."""
        if not len(self.flops_log2):
            return -np.inf
        top = float(self.flops_log2.max())
        return top + float(np.log2(np.sum(np.exp2(self.flops_log2 - top))))

    @property
    def largest_log2(self) -> float:
        """Binary logarithm of the entries of the largest result; 0 without steps."""
        return float(self.result_log2.max(initial=0.0))


def log2_dims(operands: Operands) -> Logs:
    """Return the binary logarithm of every dim; dims beyond the range of floats are taken.

    Examples
    --------
    >>> from tnet.contraction.operands import operands_of_sets
    >>> found, _ = operands_of_sets([frozenset("a")], frozenset(), {"a": 2**2000})
    >>> log2_dims(found).tolist()
    [2000.0]
    """
    logs = {dim: log2(dim) for dim in set(operands.dims)}
    return np.array([logs[dim] for dim in operands.dims], dtype=np.float64)


def distinct_entries(operands: Operands) -> tuple[Ids, Ids]:
    """Return the pairs (operand, index id), each once, sorted by operand.

    Examples
    --------
    >>> from tnet.contraction.operands import operands_of_sets
    >>> found, _ = operands_of_sets([frozenset("a"), frozenset("a")], frozenset(), {"a": 2})
    >>> [column.tolist() for column in distinct_entries(found)]
    [[0, 1], [0, 0]]
    """
    n_ids = max(len(operands.dims), 1)
    keys = np.sort(operands.owners * n_ids + operands.ids)
    first = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    keys = keys[first]
    return keys // n_ids, keys % n_ids


def cost_of(operands: Operands, pairs: Pairs) -> OrderCost:
    """Return what the steps of an order cost.

    Parameters
    ----------
    operands : Operands
        Index sets; an index is kept until all operands that have it are merged.
    pairs : ndarray of int, shape (n_operands - 1, 2)
        The order.

    Returns
    -------
    OrderCost
        In O(n log n) time and memory, n being the number of entries.

    Notes
    -----
    Lay the operands in a row so that every step joins two neighbouring stretches. Between two
    operands that have an index, and none between that has it, the last step of the boundaries
    between them is the one in which both meet; so an index is in both operands of a step as
    often as such a neighbourhood has its last step there, and it is summed where its last
    neighbourhood has it.

    Examples
    --------
    >>> import numpy as np
    >>> from tnet.contraction.operands import operands_of_sets
    >>> sets = [frozenset("ab"), frozenset("bc"), frozenset("c")]
    >>> found, _ = operands_of_sets(sets, frozenset("a"), {"a": 2, "b": 3, "c": 5})
    >>> cost_of(found, np.array([(1, 2), (0, 3)])).flops_log2.round(3).tolist()
    [4.907, 3.585]
    """
    n = operands.count
    if n < 2:
        return OrderCost(np.zeros(0), np.zeros(0))
    order = np.asarray(pairs, dtype=np.int64)
    place, boundary = _row(order, n)
    owners, ids = distinct_entries(operands)
    logs = log2_dims(operands)
    by_index = np.lexsort((place[owners], ids))
    owners, ids = owners[by_index], ids[by_index]
    at = place[owners]
    again = ids[1:] == ids[:-1]
    met, met_ids = _last_steps(boundary, at[:-1][again], at[1:][again]), ids[1:][again]
    # An index is summed by its latest meeting, or by the first step of its only operand.
    last = np.full(len(logs), -1)
    last[ids] = _first_steps(order, n)[owners]
    last[met_ids] = -1
    np.maximum.at(last, met_ids, met)
    last[list(operands.output)] = -1
    summed = np.nonzero(last >= 0)[0]
    involved, results = _sizes(
        order,
        _totals(owners, logs[ids], n),
        _totals(met, logs[met_ids], n - 1),
        _totals(last[summed], logs[summed], n - 1),
    )
    sums = np.zeros(n - 1)
    sums[last[summed]] = 1.0
    return OrderCost(involved + sums, results)


def _totals(numbers: Ids, weights: Logs, n: int) -> Logs:
    return np.bincount(numbers, weights=weights, minlength=n).astype(np.float64)


def _first_steps(pairs: Pairs, n: int) -> Ids:
    """Return the step that takes each operand."""
    step = np.empty(2 * n - 1, dtype=np.int64)
    step[pairs.ravel()] = np.repeat(np.arange(n - 1), 2)
    return step[:n]


def _row(pairs: Pairs, n: int) -> tuple[Ids, Ids]:
    """Place of every operand in the row, and the step that joins each place with the next."""
    left, right = pairs[:, 0].tolist(), pairs[:, 1].tolist()
    width = [1] * (2 * n - 1)
    for step in range(n - 1):
        width[n + step] = width[left[step]] + width[right[step]]
    start = [0] * (2 * n - 1)
    boundary = [0] * (n - 1)
    for step in range(n - 2, -1, -1):
        begin, a, b = start[n + step], left[step], right[step]
        middle = begin + width[a]
        start[a], start[b] = begin, middle
        boundary[middle - 1] = step
    return np.array(start[:n]), np.array(boundary)


def _last_steps(boundary: Ids, first: Ids, second: Ids) -> Ids:
    """Largest of ``boundary[first:second]``, for every pair; all stretches hold one at least."""
    answers = np.empty(len(first), dtype=np.int64)
    powers = np.frexp(second - first)[1] - 1
    table = boundary
    for power in range(int(powers.max(initial=-1)) + 1):
        here = powers == power
        answers[here] = np.maximum(table[first[here]], table[second[here] - (1 << power)])
        table = np.maximum(table[: -(1 << power)], table[1 << power :])
    return answers


def _sizes(pairs: Pairs, operands: Logs, shared: Logs, gone: Logs) -> tuple[Logs, Logs]:
    """Sizes of all indices involved in each step, and of its result, step by step."""
    size = [*operands.tolist(), *([0.0] * len(pairs))]
    involved = []
    n, both, lost = len(operands), shared.tolist(), gone.tolist()
    for step, (a, b) in enumerate(pairs.tolist()):
        involved.append(size[a] + size[b] - both[step])
        size[n + step] = involved[-1] - lost[step]
    return np.array(involved), np.array(size[n:])
