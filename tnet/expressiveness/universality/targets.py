"""What may be wanted of a network: a grid tensor, checked, and the terms that make one up."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import FunctionError, SizeLimitError
from tnet.expressiveness.arguments import as_numbers

Array = NDArray[Any]

TOLERANCE = 1e-10
"""Largest error of a realised tensor, relative to its largest entry."""

ROUNDING = 1e-13
"""Entries of a float tensor up to this share of the largest count as zero."""

_MOST_AXES = 32
"""Axes of arrays that NumPy numbers the entries of."""

_MOST_EXPONENT = 900
"""Entries below 2^900, so that thousands of them can be added."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Channels of a shallow network: their values on the templates, and their weights.

    Attributes
    ----------
    values : ndarray, shape (N, M, Z), or (M, Z) where all elements share one matrix
        ``values[i, d, z]`` is what channel z takes of element i where it is template d.
    weights : ndarray, shape (Z,)
        Of the channels in the sum.
    """

    values: Array
    weights: Array


def checked_target(tensor: ArrayLike, *, most: int) -> Array:
    """Return a wanted grid tensor as floats, if it is one and not too large.

    Raises
    ------
    FunctionError
        If it is no real array, has masked entries, no axis, axes of different lengths, or an entry
        that is not finite or too large for floats; the message names the grid point.
    SizeLimitError
        If it has more entries than `most`, the message says how many channels it may take; or
        more than 32 axes.

    Examples
    --------
    >>> checked_target([[1, 2], [3, 4]], most=10)
    array([[1., 2.], [3., 4.]])
    """
    given = _real_array(tensor)
    sizes = given.shape
    if not sizes or len(set(sizes)) > 1 or not given.size:
        raise FunctionError(
            f"the tensor has shape {sizes}; give one axis per element, at least one, each as long "
            "as there are templates, M"
        )
    if len(sizes) > _MOST_AXES:
        raise SizeLimitError(
            f"the tensor has {len(sizes)} axes, and the limit is {_MOST_AXES}; take fewer elements"
        )
    if given.size > most:
        m, n = sizes[0], len(sizes)
        raise SizeLimitError(
            f"the tensor has {m}^{n} = {given.size:,} entries and may need as many channels, of "
            f"{m * n} numbers each; the limit is {most:,} entries: take fewer templates or "
            "elements, or raise most"
        )
    _check_entries(given)
    return np.asarray(given, dtype=np.float64)


def _real_array(tensor: ArrayLike) -> Array:
    given = as_numbers(tensor, what="the tensor", error=FunctionError)
    if given.dtype.kind == "c":
        raise FunctionError(
            f"the tensor has dtype {given.dtype}, and networks here are real; take the real "
            "and the imaginary part, one network each"
        )
    return given


def _check_entries(given: Array) -> None:
    bad = np.argwhere(~np.isfinite(given))
    if len(bad):
        point = tuple(bad[0].tolist())
        raise FunctionError(
            f"entry {point} of the tensor is {given[point]}, and {len(bad)} in all are not finite; "
            "give finite values"
        )
    # As Python ints, the least int64 has a magnitude too.
    whole = given.dtype.kind in "iu"
    ends = [given.flat[int(find(given))].item() for find in (np.argmin, np.argmax)]
    place = int((np.argmin, np.argmax)[abs(ends[1]) > abs(ends[0])](given))
    if max(map(abs, ends)) > (2**53 if whole else 2.0**_MOST_EXPONENT):
        point = tuple(int(axis) for axis in np.unravel_index(place, given.shape))
        limit = "2^53, above which floats skip integers" if whole else f"2^{_MOST_EXPONENT}"
        raise FunctionError(
            f"entry {point} of the tensor is {given[point]}; entries must not exceed {limit}: "
            "divide the tensor by a number"
        )


def is_whole(tensor: Array) -> bool:
    """Whether all entries are integers, which are then computed with exactly."""
    return bool((tensor == np.rint(tensor)).all() and np.abs(tensor).max() <= 2**53)


def zero_below(tensor: Array) -> float:
    """Size of entries that count as zero: none but 0 for integers."""
    return 0.0 if is_whole(tensor) else ROUNDING * float(np.abs(tensor).max())


def commonest(tensor: Array) -> float:
    """Return the most frequent entry, the least of those if several are."""
    values, counts = np.unique(tensor, return_counts=True)
    return float(values[np.argmax(counts)])
