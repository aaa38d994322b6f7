"""Histograms of bounds over random draws, as `tnet.draw_curves` takes them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.expressiveness.arguments import MOST_DRAWS, checked_whole

Floats = NDArray[np.float64]


def outline(values: ArrayLike, largest: float, bins: int) -> tuple[Floats, Floats]:
    """Return the outline of a histogram of shares, in bins of equal width from 0 to `largest`.

    Parameters
    ----------
    values : array, shape (draws,)
        Between 0 and `largest`.
    largest : float
        Where the last bin ends.
    bins : int
        At most 2^20.

    Returns
    -------
    x, y : ndarray of float, shape (2 bins + 2,)
        Corners of the outline; y is the share of the draws.

    Raises
    ------
    SpecError
        If `bins` is no whole number within its limits.

    Examples
    --------
    >>> x, y = outline([0.2, 0.3, 0.9], 1, 2)
    >>> x.tolist(), y.round(2).tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.67, 0.67, 0.33, 0.33, 0.0])
    """
    edges = np.linspace(0, largest, checked_whole(bins, "bins", most=MOST_DRAWS) + 1)
    counts = np.histogram(values, edges)[0]
    shares = counts / np.size(values)
    return np.repeat(edges, 2), np.concatenate([[0], np.repeat(shares, 2), [0]])
