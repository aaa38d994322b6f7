"""In which order to multiply a chain of matrices."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

LONGEST_SOLVED = 64
"""Matrices up to which the best order is found."""

Product = tuple[int, int, int]
"""``(i, k, j)``: the product of matrices ``i..j-1`` is that of ``i..k-1`` and ``k..j-1``."""


def chain_products(dims: Sequence[float], *, longest_solved: int = LONGEST_SOLVED) -> list[Product]:
    """Choose in which products to multiply a chain of matrices.

    Parameters
    ----------
    dims : sequence of float
        Matrix ``i`` is ``dims[i]`` x ``dims[i + 1]``.
    longest_solved : int
        Matrices up to which the cost is the least, in time that grows as their cube.

    Returns
    -------
    list of tuple of int
        ``(i, k, j)``, the dims between which a product lies and the one that it sums; one product
        less than there are matrices, every one after its factors. Beyond `longest_solved`, in
        nearly linear time, the cost is at most 1.25 times the least, by the sweep of Chin, and of
        Hu and Shing.

    References
    ----------
    .. [1] Chin. An O(n) algorithm for determining a near-optimal computation order of matrix chain
       products. Communications of the ACM 21 (1978).
    .. [2] Hu and Shing. An O(n) algorithm to find a near-optimum partition of a convex polygon.
       Journal of Algorithms 2 (1981).

    Examples
    --------
    >>> chain_products([10, 2, 10, 2])
    [(1, 2, 3), (0, 1, 3)]
    """
    n_matrices = len(dims) - 1
    if n_matrices < 2:
        return []
    products = _best(dims) if n_matrices <= longest_solved else _swept(dims)
    # Shortest first: a product is longer than its factors.
    return sorted(products, key=lambda product: product[2] - product[0])


def _best(dims: Sequence[float]) -> list[Product]:
    """Solve by the recursion over all products, shortest first."""
    n = len(dims)
    # Twice the same table: of products that begin at a dim, and of those that end there.
    begin, end = [[0.0] * n for _ in dims], [[0.0] * n for _ in dims]
    split = [[0] * n for _ in dims]
    for length in range(2, n):
        for first in range(n - length):
            last = first + length
            outer, least, best = dims[first] * dims[last], inf, first + 1
            for middle in range(first + 1, last):
                spent = begin[first][middle] + end[last][middle] + outer * dims[middle]
                if spent < least:
                    least, best = spent, middle
            begin[first][last] = end[last][first] = least
            split[first][last] = best
    products: list[Product] = []
    waiting = [(0, n - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first > 1:
            middle = split[first][last]
            products.append((first, middle, last))
            waiting += [(first, middle), (middle, last)]
    return products


def _swept(dims: Sequence[float]) -> list[Product]:
    """Cut corners off the polygon whose corners are the dims, then fan out from the least."""
    n = len(dims)
    least = min(range(n), key=dims.__getitem__)
    inverse = [1.0 / dim for dim in dims]
    products: list[Product] = []

    def cut(one: int, middle: int, other: int) -> None:
        low, between, high = sorted((one, middle, other))
        products.append((low, between, high))

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
    return products
