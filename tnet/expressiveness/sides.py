"""Reading the side of a partition where there are elements but no network."""

import numpy as np
from numpy.typing import NDArray

from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes


def side_of_elements(n_elements: int, side_a: Side) -> NDArray[np.bool_]:
    """Say for each of `n_elements` elements whether it is on side A.

    Parameters
    ----------
    n_elements : int
        At least 1.
    side_a : bool array of n entries in any shape, or iterable of int
        As `tnet.min_cut` takes it.

    Returns
    -------
    ndarray of bool, shape (n_elements,)

    Raises
    ------
    PartitionError
        If the side does not fit the elements.

    Examples
    --------
    >>> side_of_elements(3, [0, 2])
    array([ True, False,  True])
    """
    # One reader of sides for all: a network of nothing but these elements.
    rows = np.arange(n_elements, dtype=np.int32)[:, None]
    elements = TensorNetwork(
        (IndexGroup("x", 1, n_elements, role="input"),), (TensorGroup("element", rows),)
    )
    if isinstance(side_a, np.ndarray) and side_a.dtype == bool and side_a.size == n_elements:
        side_a = side_a.reshape(-1)
    return side_of_modes(elements, side_a)
