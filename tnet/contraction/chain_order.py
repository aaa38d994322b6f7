"""In which order to multiply a chain of matrices."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

_LONGEST_SOLVED = 64

Splits = dict[tuple[int, int], int]
"""For a product of matrices ``i..j-1``, the dim ``k`` at which it is split into two factors."""


def chain_splits(dims: Sequence[float]) -> Splits:
    """Choose where to split every product of a chain of matrices.

    Parameters
    ----------
    dims : sequence of float
        Matrix ``i`` is ``dims[i]`` x ``dims[i + 1]``.

    Returns
    -------
    dict
        With ``(0, len(dims) - 1)`` for the whole, and an entry for every factor of two or more
        matrices. The least cost for up to 64 matrices; beyond, in linear time, at most 1.25 times
        as much, by the sweep of Chin, and of Hu and Shing.

    References
    ----------
    .. [1] Chin. An O(n) algorithm for determining a near-optimal computation order of matrix chain
       products. Communications of the ACM 21 (1978).
    .. [2] Hu and Shing. An O(n) algorithm to find a near-optimum partition of a convex polygon.
       Journal of Algorithms 2 (1981).

    Examples
    --------
    >>> chain_splits([10, 2, 10, 2])
    {(0, 3): 1, (1, 3): 2}
    """
    n_matrices = len(dims) - 1
    if n_matrices < 2:
        return {}
    splits = _best(dims) if n_matrices <= _LONGEST_SOLVED else _swept(dims)
    used: Splits = {}
    waiting = [(0, n_matrices)]
    while waiting:
        first, last = waiting.pop()
        if last - first > 1:
            split = used[first, last] = splits[first, last]
            waiting += [(first, split), (split, last)]
    return used


def _best(dims: Sequence[float]) -> Splits:
    """Solve by the recursion over all products, shortest first."""
    size = np.asarray(dims, dtype=np.float64)
    n = len(dims)
    cost = np.zeros((n, n))
    splits: Splits = {}
    for length in range(2, n):
        for first in range(n - length):
            last = first + length
            inner = slice(first + 1, last)
            ways = cost[first, inner] + cost[inner, last] + size[first] * size[inner] * size[last]
            least = int(np.argmin(ways))
            splits[first, last] = first + 1 + least
            cost[first, last] = ways[least]
    return splits


def _swept(dims: Sequence[float]) -> Splits:
    """Cut corners off the polygon whose corners are the dims, then fan out from the least."""
    n = len(dims)
    least = min(range(n), key=dims.__getitem__)
    inverse = [1.0 / dim for dim in dims]
    splits: Splits = {}

    def cut(*corners: int) -> None:
        low, middle, high = sorted(corners)
        splits[low, high] = middle

    kept = [least]
    for corner in [*range(least + 1, n), *range(least + 1)]:
        # Cheaper to multiply across kept[-1] at once than to keep it for the fan.
        while (
            len(kept) > 1
            and inverse[least] + inverse[kept[-1]] < inverse[kept[-2]] + inverse[corner]
        ):
            middle = kept.pop()
            cut(kept[-1], middle, corner)
        kept.append(corner)
    for one, other in pairwise(kept[1:-1]):
        cut(least, one, other)
    return splits
