"""How many channels of a hyperedge can differ, where the tensors that enter it carry one array."""

from collections.abc import Iterable

Powers = Iterable[tuple[int, int]]
"""Pairs (dim, k): a tensor product of symmetric powers ``Sym^k`` of spaces of that dim."""


def symmetric_dim(dim: int, power: int, most: int) -> int:
    """Dim of the symmetric power of a space, or `most` where that is less.

    Parameters
    ----------
    dim : int
        Dim of the space, at least 1.
    power : int
        The power, at least 0.
    most : int
        Where to stop: the true number can have a million digits.

    Returns
    -------
    int
        The smaller of `most` and ``comb(dim + power - 1, power)``.

    Examples
    --------
    >>> symmetric_dim(2, 2, most=100), symmetric_dim(6, 2, most=20)
    (3, 20)
    """
    small, total = sorted((power, dim - 1))[0], 1
    # Every factor is at least 2, so this ends after log2(most) steps.
    for step in range(1, small + 1):
        total = total * (dim + power - 1 - small + step) // step
        if total >= most:
            return most
    return min(total, most)


def effective_dim(dim: int, kinds: Iterable[Powers]) -> int:
    """Bound how many of `dim` channels are linearly independent.

    Parameters
    ----------
    dim : int
        Number of channels.
    kinds : iterable of iterables of (int, int)
        For every kind of window that these channels belong to, the symmetric powers in whose
        tensor product its coefficients lie: (effective dim below, how many members of the window
        enter by one array).

    Returns
    -------
    int
        The smaller of `dim` and the sum over kinds of the product of the symmetric powers' dims.

    Examples
    --------
    Features of dim 2, windows of 2, all tensors of a level the same: 3, then 6, then 21.

    >>> effective_dim(100, [[(2, 2)]]), effective_dim(100, [[(3, 2)]]), effective_dim(5, [[(3, 2)]])
    (3, 6, 5)
    """
    total = 0
    for powers in kinds:
        size = 1
        for below, power in powers:
            size = min(size * symmetric_dim(below, power, dim), dim)
        total += size
        if total >= dim:
            return dim
    return total
