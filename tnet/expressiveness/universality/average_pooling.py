"""Average pooling behind filters of several elements: which grid tensors it reaches."""

import contextlib
import itertools
import math
from dataclasses import dataclass

import numpy as np

from tnet.architectures.fields import checked_flag
from tnet.claims import Claim, ClaimKind
from tnet.errors import GeometryError, SpecError
from tnet.expressiveness.arguments import checked_whole, shown
from tnet.geometry.shapes import as_shape

_MOST_BITS = 2**20
"""Bits of the numbers that are written out."""


@dataclass(frozen=True, repr=False)
class PoolingUniversality:
    r"""Whether a shallow ReLU network with average pooling reaches every grid tensor.

    Attributes
    ----------
    universal : bool or None
        None where no theorem says.
    reason : str
        In a sentence.
    dimension : int
        Of the space of grid tensors that are reached; of shared weights, of a space around them.
    needed_dimension : int
        Number of entries, :math:`M^N`.
    rank_bound : int
        No matricization has a larger rank: :math:`N M^{B-1}`, B elements in a filter's window.
    rank_needed : int
        Largest rank of a matricization, :math:`M^{\lfloor N/2 \rfloor}`.
    excluded_by_rank : bool
        Whether `rank_bound` is below `rank_needed`; for N even, :math:`B < N/2 + 1 - \log_M N`.
    claim : Claim
        Of `universal`.
    """

    universal: bool | None
    reason: str
    dimension: int
    needed_dimension: int
    rank_bound: int
    rank_needed: int
    excluded_by_rank: bool
    claim: Claim

    def __repr__(self) -> str:
        return f"<PoolingUniversality: {self.universal}, {self.reason} ({self.claim.kind})>"


def average_pooling_universality(
    inputs: int | tuple[int, ...],
    *,
    features: int,
    receptive_field: int | tuple[int, ...],
    shared: bool = False,
) -> PoolingUniversality:
    r"""Say whether ReLU and average pooling over whole windows of elements is universal.

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid; N in all.
    features : int
        Templates, as many as representation functions, M.
    receptive_field : int or tuple of int
        Elements that a filter sees along every axis, one number for all or one per axis; one
        window per element, with zeros around the input.
    shared : bool
        Whether one filter serves all windows, as in a convolution.

    Returns
    -------
    PoolingUniversality

    Raises
    ------
    GeometryError
        If `inputs` is no shape.
    SpecError
        If a number is not positive, the axes do not fit, or :math:`M^N` is too long to write out.

    Notes
    -----
    Derived here, after claim 6 of [1]_. The network is an average over windows of a function of
    the elements in the window, a weighted sum of ReLUs.

    *Ranks.* A function of B elements that a partition splits is a matrix with at most
    :math:`M^{B-1}` rows or columns that differ, one that is not split has rank 1: the rank is at
    most :math:`N M^{B-1}`, for N even below :math:`M^{N/2}` if
    :math:`B < N/2 + 1 - \log_M N`.

    *Interactions.* A function that does not depend on some element has an alternating sum over
    the corners of any 2 x ... x 2 subgrid of 0. So if no window holds all elements, the product
    of :math:`[d_i = 0] - [d_i = 1]`, whose sum is :math:`2^N`, is out of reach. If one does,
    :math:`\max(\sum_i [d_i = e_i] - N + 1, 0)` is one-hot, and that window does alone.

    *Dimension.* A subset of the elements fits in windows that are a box of positions, whose Euler
    characteristic is 1; so, with P positions of a window of b elements along each axis,

    .. math:: \dim = \sum_{a \in \{0,1\}^k} (-1)^{|a|} \prod_j (P_j - a_j) \,
        M^{\prod_j (b_j - a_j)} .

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> found = average_pooling_universality(3, features=2, receptive_field=2)
    >>> found.universal, found.dimension, found.needed_dimension
    (False, 6, 8)
    """
    sides = _sides(inputs)
    m = checked_whole(features, "features")
    n = math.prod(sides)
    if n * math.log2(m) > _MOST_BITS:
        raise SpecError(f"{shown(m)} templates of {n:,} elements are too many to count; give fewer")
    checked_flag(shared, "shared")
    windows = [
        min(size, side) for size, side in zip(_sizes(receptive_field, sides), sides, strict=True)
    ]
    in_window = math.prod(windows)
    universal, reason, kind = _answer(in_window, n, m, shared)
    rank_bound, rank_needed = n * m ** (in_window - 1), m ** (n // 2)
    return PoolingUniversality(
        universal,
        reason,
        _dimension(sides, windows, m),
        m**n,
        rank_bound,
        rank_needed,
        rank_bound < rank_needed,
        Claim(
            kind,
            reason,
            ("one hidden layer", "grid tensors on M templates with an invertible matrix"),
        ),
    )


def _answer(in_window: int, n: int, m: int, shared: bool) -> tuple[bool | None, str, ClaimKind]:
    if m == 1:
        return True, "the grid has a single point", "exact by theorem"
    if in_window < n:
        reason = f"no window of {in_window} elements sees an interaction of all {n}"
        return False, reason, "exact by theorem"
    if shared and n > 1:
        reason = "a window holds all elements, and the others, by the same filter, add to it"
        return None, reason, "no theorem"
    return (
        True,
        f"a window holds all {n} elements, and can single out any input",
        ("exact by theorem"),
    )


def _sides(inputs: int | tuple[int, ...]) -> tuple[int, ...]:
    # Bytes are a sequence of numbers, but meant as a word.
    if not isinstance(inputs, bytes):
        with contextlib.suppress(TypeError, ValueError):
            return as_shape(inputs)
    raise GeometryError(
        f"inputs is {shown(inputs)}; give a positive number of elements, or a tuple of the sides, "
        "fewer than 2^30 in all"
    )


def _sizes(receptive_field: object, sides: tuple[int, ...]) -> tuple[int, ...]:
    is_one = isinstance(receptive_field, int | np.integer)
    given = (receptive_field,) * len(sides) if is_one else receptive_field
    if not isinstance(given, tuple | list) or len(given) != len(sides):
        raise SpecError(
            f"receptive_field is {shown(receptive_field)} for inputs with {len(sides)} axes; give "
            "one size, or one per axis"
        )
    return tuple(checked_whole(size, "receptive_field") for size in given)


def _dimension(sides: tuple[int, ...], windows: list[int], m: int) -> int:
    total = 0
    for less in itertools.product((0, 1), repeat=len(sides)):
        positions = math.prod(
            side - b + 1 - a for side, b, a in zip(sides, windows, less, strict=True)
        )
        common = math.prod(b - a for b, a in zip(windows, less, strict=True))
        total += (-1) ** sum(less) * positions * m**common
    return total
