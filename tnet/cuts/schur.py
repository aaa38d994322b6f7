"""Partitions of integers, and the dims of the symmetric and linear group's modules they name."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

Partition: TypeAlias = tuple[int, ...]
"""Positive parts, never ascending; the empty tuple is the partition of 0."""


def partitions(total: int, most_parts: int | None = None) -> Iterator[Partition]:
    """List the partitions of `total` into at most `most_parts` parts, largest first part first.

    Parameters
    ----------
    total : int
        The number to part, at least 0.
    most_parts : int, optional
        How many parts at most; any number unless given.

    Yields
    ------
    tuple of int
        Positive parts, never ascending.

    Examples
    --------
    >>> list(partitions(4, 2))
    [(4,), (3, 1), (2, 2)]
    """
    limit = total if most_parts is None else min(most_parts, total)
    if total == 0:
        yield ()
        return
    if limit < 1:
        return
    parts = [total]
    while True:
        yield tuple(parts)
        following = _next_parts(parts, limit)
        if following is None:
            return
        parts = following


def _next_parts(parts: list[int], limit: int) -> list[int] | None:
    """Return the next partition in descending order of at most `limit` parts, None at the end."""
    rest = 0
    for place in range(len(parts) - 1, -1, -1):
        rest += parts[place]
        part = parts[place] - 1
        # All from here on become parts of at most `part`, as few of them as there can be.
        if part and place + -(-rest // part) <= limit:
            full, last = divmod(rest, part)
            return parts[:place] + [part] * full + ([last] if last else [])
    return None


@lru_cache(maxsize=2**14)
def count_partitions(total: int, most_parts: int) -> int:
    """Count the partitions of `total` into at most `most_parts` parts.

    Examples
    --------
    >>> count_partitions(4, 2), count_partitions(30, 30)
    (3, 5604)
    """
    if most_parts == 1:
        return 1
    counts = [1] + [0] * total
    # By conjugation: as many as those into parts of at most `most_parts`.
    for part in range(1, min(most_parts, total) + 1):
        for size in range(part, total + 1):
            counts[size] += counts[size - part]
    return counts[total]


@lru_cache(maxsize=2**15)
def specht_dim(shape: Partition) -> int:
    r"""Dim of the irreducible module :math:`V_\lambda` of the symmetric group.

    Parameters
    ----------
    shape : tuple of int
        The partition :math:`\lambda` of k.

    Returns
    -------
    int
        k! divided by the product of the hook lengths.

    Examples
    --------
    >>> [specht_dim(shape) for shape in partitions(4)]
    [1, 3, 2, 3, 1]
    """
    n_rows = len(shape)
    if n_rows <= 1:
        return 1
    # Hooks of row i run through 1..first_i but for the differences first_i - first_j.
    first = [part + n_rows - 1 - row for row, part in enumerate(shape)]
    above = math.prod(
        first[i] - first[j] for i in range(n_rows) for j in range(i + 1, n_rows)
    ) * math.factorial(sum(shape))
    return above // math.prod(math.factorial(hook) for hook in first)


@lru_cache(maxsize=2**16)
def schur_dim(shape: Partition, dim: int) -> int:
    r"""Dim of the Schur power :math:`S_\lambda(\mathbb{R}^n)`, by the hook content formula.

    Parameters
    ----------
    shape : tuple of int
        The partition :math:`\lambda` of k.
    dim : int
        The dim n of the space; any size.

    Returns
    -------
    int
        The product over the boxes of (n + column - row) / hook length; 0 if there are more than n
        rows. It is also the rank of the Schur power of a matrix of rank n.

    Examples
    --------
    >>> schur_dim((4,), 2), schur_dim((2, 1), 3), schur_dim((1, 1, 1), 2)
    (5, 8, 0)
    """
    if len(shape) > dim:
        return 0
    if len(shape) == 1:
        return math.comb(dim + shape[0] - 1, shape[0])
    contents = math.prod(math.perm(dim - row + part - 1, part) for row, part in enumerate(shape))
    return contents * specht_dim(shape) // math.factorial(sum(shape))
