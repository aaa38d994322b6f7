"""What exactly a question is about: one score, and readings as elements of their own or not."""

import math
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tnet.errors import OperatorError, PartitionError, StructureError
from tnet.network.model import TensorNetwork

Subject = Literal["coefficients", "function"]
"""The coefficient tensor with one axis per reading, or the function of free feature vectors."""


def check_question(network: TensorNetwork) -> None:
    """Raise where a network has no largest Schmidt number.

    Raises
    ------
    OperatorError
        If an operator is not the product.
    StructureError
        If an index stands for several.

    Examples
    --------
    >>> import tnet
    >>> check_question(tnet.ConvNet(4, features=2, widths=(2, 2)).compile())
    """
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r} and no coefficient tensor, so no "
            "Schmidt number; use separation_rank, which bounds that of its function from below"
        )
    network.check_unrolled()


def checked_output(network: TensorNetwork, output: int) -> tuple[int, int]:
    """Return `output` and how many there are.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    output : int
        Which score, counted through the output indices in row order.

    Returns
    -------
    tuple of int
        The number of the score, and how many scores there are: 1 without output index.

    Raises
    ------
    PartitionError
        If there is no such score.

    Examples
    --------
    >>> import tnet
    >>> checked_output(tnet.ConvNet(4, features=2, widths=(2, 2), outputs=3).compile(), 2)
    (2, 3)
    """
    dim_of = network.dim_of  # asked first: a spec has `outputs` too, and says what to do instead
    count = math.prod(dim_of(int(index)) for index in network.outputs)
    whole = isinstance(output, int | np.integer) and not isinstance(output, bool)
    if not whole or not 0 <= output < count:
        raise PartitionError(
            f"output is {output!r}; the network has outputs 0..{count - 1}: choose one"
        )
    return int(output), count


def network_asked_about(
    network: TensorNetwork, side_a: NDArray[np.bool_], of: Subject
) -> tuple[TensorNetwork, NDArray[np.bool_]]:
    """Return the network whose Schmidt number is the one asked for, and its side A.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    side_a : bool array of shape (N,)
        Elements on side A.
    of : {'coefficients', 'function'}
        Of the coefficient tensor every reading is an axis of its own, so the network is returned
        with one element per reading. Of the function all readings of an element are one.

    Returns
    -------
    network : TensorNetwork
        The same, where no element is read twice.
    side_a : ndarray of bool
        By its elements.

    Raises
    ------
    StructureError
        If `of` is neither.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> b = tnet.NetworkBuilder()
    >>> _ = b.indices("x", 3, 2, role="input", modes=[0, 0, 1])
    >>> b.tensor("t", ["x[0]", "x[1]", "x[2]"])
    >>> network_asked_about(b.build(), np.array([True, False]), "coefficients")[1]
    array([ True,  True, False])
    """
    if of not in get_args(Subject):
        raise StructureError(f"of is {of!r}; choose one of {', '.join(get_args(Subject))}")
    if of == "function" or len(network.inputs) == network.n_modes:
        return network, side_a
    modes = np.arange(len(network.inputs), dtype=np.int32)
    single = replace(network, input_modes=modes, input_shape=(len(modes),))
    return single, side_a[network.input_modes]
