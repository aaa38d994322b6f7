"""What the number of channels that was found says about the least number there is."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.expressiveness.grid_ranks import rank_of_values
from tnet.expressiveness.universality.targets import ROUNDING, is_whole

Array = NDArray[Any]

_PRODUCT = "the terms add up to the tensor; the fewest, its CP rank, may be less"
_POWERS = "the powers add up to the tensor; fewer may do"
_MAX = "the maxima add up to the tensor; fewer may do"
_CHAINS = "the fewest chains that cover the sets of each sign"
_RECURRENT = "the cores are written down state by state; smaller ranks may do"
_SIGNS = "one channel with weight w has values of the sign of w alone, so two are needed"
_NONE = "there is no network without a channel"


def product_claim(tensor: Array, channels: int, *, shared: bool) -> Claim:
    """Say whether fewer products, or powers of one vector each if `shared`, add up to a tensor.

    A product is a matrix of rank 1 between any two groups of elements, so no fewer do than the
    largest rank of the tensor between two groups. With two elements that is the number itself.

    Examples
    --------
    >>> str(product_claim(np.eye(3), 3, shared=False))
    'exact by theorem: the least number of channels: the tensor has this rank ...'
    """
    if channels == 1:
        return _least(_NONE)
    whole = is_whole(tensor)
    rank_of = _whole_rank if whole else _numerical_rank
    is_rank = any(rank_of(matrix) == channels for matrix in _matricizations(tensor))
    between = "as a matrix" if tensor.ndim == 2 else "between two groups of elements"
    reason = (
        f"the least number of channels: the tensor has this rank {between}, and a channel adds at "
        "most 1 to it"
    )
    if is_rank and whole:
        exact = ("entries are integers, and the rank is that of integers",)
        return Claim("exact by theorem", reason, exact)
    if is_rank or tensor.ndim == 2:
        rounding = ("a numerical rank: what is within 1e-13 of the largest entry counts as 0",)
        return Claim("numerical", reason, rounding)
    return _upper(_POWERS if shared else _PRODUCT)


def max_claim(tensor: Array, channels: int, *, fewest_chains: bool = False) -> Claim:
    """Say whether fewer maxima add up to a tensor.

    Examples
    --------
    >>> max_claim(np.array([1.0, -1.0]), 2).kind
    'exact by theorem'
    """
    if channels == 1:
        return _least(_NONE)
    if fewest_chains:
        return _least(_CHAINS)
    both_signs = tensor.min() < 0 < tensor.max()
    return _least(_SIGNS) if channels == 2 and both_signs else _upper(_MAX)


def sum_claim(channels: int) -> Claim:
    """Say that no fewer ReLU/sum channels will do.

    Examples
    --------
    >>> sum_claim(2).kind
    'exact by theorem'
    """
    return _least(_NONE if channels == 1 else _SIGNS)


def recurrent_claim(rank: int) -> Claim:
    """Say whether a recurrent network of smaller ranks may do.

    Examples
    --------
    >>> recurrent_claim(5).kind
    'upper bound'
    """
    return _least(_NONE) if rank == 1 else _upper(_RECURRENT)


def _upper(reason: str) -> Claim:
    return Claim("upper bound", f"of the least number of channels: {reason}")


def _least(reason: str) -> Claim:
    return Claim(
        "exact by theorem",
        f"the least number of channels: {reason}",
        ("entries and weights within 1e-13 of 0, relative to the largest, count as 0",),
    )


def _matricizations(tensor: Array) -> Iterator[Array]:
    """The tensor between each element and the others, and between its halves."""
    n, m = tensor.ndim, len(tensor)
    yield tensor.reshape(m ** (n // 2), -1)
    for axis in range(n if n > 2 else 0):
        yield np.moveaxis(tensor, axis, 0).reshape(m, -1)


def _whole_rank(matrix: Array) -> int:
    from flint import fmpz_mat

    return int(fmpz_mat(matrix.astype(np.int64).tolist()).rank())


def _numerical_rank(matrix: Array) -> int:
    return rank_of_values(matrix, ROUNDING)
