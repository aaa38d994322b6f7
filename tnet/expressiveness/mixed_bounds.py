"""What mixing two trees adds: a lower bound of mixed networks, and the width it stands for."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import checked_count
from tnet.architectures.mixed import Mixed
from tnet.claims import Claim
from tnet.errors import SpecError
from tnet.expressiveness.tilings import Modes, TilingBound, check_products, lower_claim, tiling
from tnet.network.sides import Side

_MOST_SWAPPED = 14
"""The powers that are compared have 2^swapped times as many digits as half the width."""


@dataclass(frozen=True)
class SingleTreeWidth:
    """The width that one tree needs to be as expressive as a mixed network.

    Attributes
    ----------
    least : int
        The smallest width that is not excluded.
    exponent : float
        Of half the mixed network's width.
    claim : Claim
        Why less does not suffice.
    """

    least: int
    exponent: float
    claim: Claim


def mixed_lower_bound(mixed: Mixed, side_a: Side) -> TilingBound:
    r"""Bound the Schmidt number of a mixed network from below by its best hybrid tree.

    Parameters
    ----------
    mixed : Mixed
        With products and weights of every window's own.
    side_a : bool array of N, or iterable of int
        Elements on side A.

    Returns
    -------
    TilingBound
        :math:`\min(\lfloor r/2 \rfloor, M)^k`, k the largest number of meeting tiles of all hybrid
        trees. Almost all weights have at least this Schmidt number.

    Raises
    ------
    SpecError
        If weights are shared.
    OperatorError
        If the operator is not the product.
    PartitionError
        If the side does not fit.

    Notes
    -----
    A mixed network of width r realises every hybrid tree with width r/2 [1]_, so it has the lower
    bound of the best. No tree is listed: a window where tiles meet counts for the root or the
    mixture node that it lies below, whatever is chosen elsewhere, so each place takes the tree
    with more of them.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> from tnet.architectures.dilated import Dilated
    >>> *orders, side = swapped_dilations(4, 2)
    >>> trees = [Dilated(16, features=2, widths=(2,) * 3, dilations=order) for order in orders]
    >>> print(mixed_lower_bound(Mixed(*trees, features=2, width=4), side))
    2^8 (lower bound)
    """
    check_products(mixed.operator)
    if mixed.shared:
        raise SpecError(
            "shared is True, but this bound needs weights of every window's own; measure the rank "
            "with grid_rank or separation_rank"
        )
    counts = [
        Counter(_place(window, mixed.mixture_nodes) for window in tiling(tree, side_a).facing)
        for tree in (mixed.tree_a, mixed.tree_b)
    ]
    exponent = sum((counts[0] | counts[1]).values())
    base = lower_claim()
    claim = Claim(
        "lower bound",
        f"the mixed network realises a hybrid tree of half its width; of that, {base.reason}",
        base.hypotheses,
    )
    return TilingBound(min(mixed.width // 2, mixed.features), exponent, claim)


def _place(window: Modes, mixture_nodes: tuple[Modes, ...]) -> Modes:
    """The smallest mixture node that holds `window`, itself perhaps; empty for the root."""
    holding = [modes for modes in mixture_nodes if set(window) <= set(modes)]
    return min(holding, key=len, default=())


def swapped_dilations(
    levels: int, swapped: int
) -> tuple[tuple[int, ...], tuple[int, ...], NDArray[np.bool_]]:
    """Return two orders of dilations, and a partition that neither tree alone handles well.

    Parameters
    ----------
    levels : int
        Of windows of 2; there are 2^levels inputs.
    swapped : int
        How many of the first dilations the second order reverses, at least 1 and below `levels`.

    Returns
    -------
    dilations, swapped_dilations : tuple of int
        Ascending, and with the first reversed.
    side_a : ndarray of bool, shape (2^levels,)
        In the first half of the blocks of 2^swapped inputs, every other one: the siblings of the
        first tree. In the second half, the first half of every block: the second tree's.

    Raises
    ------
    SpecError
        If `swapped` is out of range.

    Examples
    --------
    >>> dilations, swapped, side = swapped_dilations(4, 2)
    >>> dilations, swapped, np.nonzero(side)[0].tolist()
    ((1, 2, 4, 8), (2, 1, 4, 8), [0, 2, 4, 6, 8, 9, 12, 13])
    """
    if not 1 <= checked_count(swapped, "swapped") < checked_count(levels, "levels"):
        raise SpecError(
            f"swapped is {swapped} and levels {levels}; swap at least 1 and fewer than all levels"
        )
    dilations = tuple(2**level for level in range(levels))
    block = np.arange(2**levels) % 2**swapped
    first_half = np.arange(2**levels) < 2 ** (levels - 1)
    side = np.where(first_half, block % 2 == 0, block < 2 ** (swapped - 1))
    return dilations, (*reversed(dilations[:swapped]), *dilations[swapped:]), side


def single_tree_width(width: int, swapped: int) -> SingleTreeWidth:
    r"""Width that one tree needs to realise a mixed network of two orders of dilations.

    Parameters
    ----------
    width : int
        Of the mixed network, r, at least 2.
    swapped : int
        How many dilations are in another order, k; up to 14.

    Returns
    -------
    SingleTreeWidth
        ``least``: :math:`(r/2)^{2 / (1 + 2^{1-k})}`, rounded up.

    Raises
    ------
    SpecError
        If a number is out of range.

    Notes
    -----
    The corollary of [1]_. On the partition of `swapped_dilations` the best hybrid tree has a
    meeting pair for every two inputs, so the mixed network has Schmidt number
    :math:`(r/2)^{N/2}` at least. Either tree has that many tiles in one half of the blocks and
    one per block of :math:`2^k` inputs and side in the other, :math:`(1 + 2^{1-k}) N/4` in all,
    so that with width R it stays below R to that power. Compared exactly, in whole numbers.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> single_tree_width(128, 4).least
    1626
    """
    from flint import fmpz

    half, k = checked_count(width, "width") // 2, checked_count(swapped, "swapped")
    if half < 1 or k > _MOST_SWAPPED:
        raise SpecError(
            f"width is {width} and swapped {swapped}; give a width of 2 or more, and swap up to "
            f"{_MOST_SWAPPED} dilations"
        )
    above, below = 2**k, 2 ** (k - 1) + 1
    root = int(fmpz(half**above).root(below))
    least = root if root**below == half**above else root + 1
    claim = Claim(
        "lower bound",
        "the mixed network's Schmidt number is above what one tree reaches with less width",
        (
            "products",
            "weights of every window's own",
            "at least as many features as half the mixed network's width",
            "dilations 1, 2, 4, ... and the same with the first k reversed, over at least 2^(k+1) "
            "inputs, mixed at all common windows",
        ),
    )
    return SingleTreeWidth(least, above / below, claim)
