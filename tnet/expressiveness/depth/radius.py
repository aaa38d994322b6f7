"""Bisection for how far weights may change."""

from collections.abc import Callable

_HALVINGS = 60


def largest_below(holds: Callable[[float], bool], most: float) -> float:
    """Return about the largest number up to `most` for which a condition holds, from below.

    Parameters
    ----------
    holds : callable
        True up to some number, and false from there on.
    most : float
        Where to look.

    Returns
    -------
    float
        A number at which it holds, or 0.

    Examples
    --------
    >>> round(largest_below(lambda x: x * x < 2, 2.0), 9)
    1.414213562
    """
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low
