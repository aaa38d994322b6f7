"""How much one channel of a shallow network can add to the rank of a grid tensor."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tnet.errors import OperatorError
from tnet.expressiveness.arguments import shown

Shallow: TypeAlias = Literal["product", "max", "sum"]
"""Operators of shallow networks whose widths ranks bound."""


def term_rank(shallow: Shallow, sizes: Sequence[int], side_a: NDArray[np.bool_]) -> int:
    r"""Return the largest rank that the grid tensor of one shallow channel can have.

    Parameters
    ----------
    shallow : {'product', 'max', 'sum'}
        What stands between the elements of the channel.
    sizes : sequence of int
        Templates of every element.
    side_a : bool array, one flag per element
        Elements on side A.

    Returns
    -------
    int

    Raises
    ------
    OperatorError
        If ranks say nothing of shallow networks with that operator.

    Notes
    -----
    A product is one column times one row. A ReLU/sum is p(side A) + q(side B): rank 2. A
    ReLU/max is max(p, q, 0), whose rows depend on max(p, 0) alone. Let m be the largest of the
    numbers 0 and each element's smallest value. Then max(p, 0) is m or larger, and an element has
    at most n - 1 of its n values above m: so there are at most 1 + the sum of n - 1 different
    rows. The same holds of columns.

    Examples
    --------
    >>> [term_rank(shallow, [3] * 4, np.arange(4) < 2) for shallow in ("product", "max", "sum")]
    [1, 5, 2]
    """
    # An array is equal to a word entry by entry, so only a word is compared.
    if not isinstance(shallow, str) or shallow not in get_args(Shallow):
        raise OperatorError(
            f"the shallow operator is {shown(shallow)}, and a single channel of it can have full "
            "rank (or it is none), so that ranks bound no width; choose product, max or sum"
        )
    if shallow == "product":
        return 1
    if shallow == "sum":
        return 2
    spare = np.asarray(sizes) - 1
    return 1 + int(min(spare[side_a].sum(), spare[~side_a].sum()))
