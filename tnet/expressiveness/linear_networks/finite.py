"""Arrays of finite numbers, checked where they come in."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import FeatureError


def finite_numbers(values: ArrayLike, name: str, *, kinds: str = "biufc") -> NDArray[Any]:
    """Return an array of finite floats or complex numbers, with an axis and an entry.

    Parameters
    ----------
    values : array
        What the caller gave.
    name : str
        What to call it.
    kinds : str
        Kinds of dtype, as NumPy letters them, that will do.

    Returns
    -------
    ndarray of float64 or complex128

    Raises
    ------
    FeatureError
        If it is not; the message names the first entry that is not finite.

    Examples
    --------
    >>> finite_numbers([1.0, np.inf], "kernel")
    Traceback (most recent call last):
        ...
    tnet.errors.FeatureError: kernel[1] is inf; replace it by a finite number
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise FeatureError(f"{name} is no array ({error}); give rows of one length") from error
    if array.ndim == 0 or not array.size or array.dtype.kind not in kinds:
        number = "numbers" if "c" in kinds else "real numbers"
        raise FeatureError(
            f"{name} has shape {array.shape} and dtype {array.dtype}; give {number} along one axis "
            "or more"
        )
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        place = ", ".join(map(str, bad[0]))
        raise FeatureError(
            f"{name}[{place}] is {array[tuple(bad[0])]}; replace it by a finite number"
        )
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
