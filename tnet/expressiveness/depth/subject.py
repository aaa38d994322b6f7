"""`grid_subject`: a network, its weights and templates, checked and ready for ranks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.mixed import Mixed
from tnet.architectures.spec import Spec
from tnet.entanglement.subjects import checked_output
from tnet.errors import FeatureError, SpecError
from tnet.expressiveness.depth.matricizations import GridSubject
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters

Array = NDArray[Any]


def grid_subject(
    network: TensorNetwork | Spec,
    parameters: Parameters,
    *,
    templates: ArrayLike | Sequence[ArrayLike] | None = None,
    output: int = 0,
) -> GridSubject:
    """Check a network and its weights, and say what its grid tensor is over.

    Parameters
    ----------
    network : TensorNetwork or Spec
        Any but a `Mixed` spec.
    parameters : mapping of str to array
        NumPy arrays, one per parameter.
    templates : array (n, M), or list of N arrays (n_i, d_i), optional
        Features of the templates; one-hot, the identity, unless given.
    output : int
        Which score.

    Returns
    -------
    GridSubject

    Raises
    ------
    SpecError
        If `network` is a `Mixed` spec.
    ParameterError
        If an array does not fit or is not finite, with its name and place.
    FeatureError
        If the templates do not fit.
    PartitionError
        If there is no such score.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(4, features=3, widths=(2, 2), operator="max").compile()
    >>> subject = grid_subject(net, tnet.random_parameters(net))
    >>> subject.sizes, subject.by_factors
    ((3, 3, 3, 3), False)
    """
    if isinstance(network, Mixed):
        raise SpecError("a Mixed spec is two networks in exchange; ask of one of its hybrids()")
    net = network if isinstance(network, TensorNetwork) else network.compile()
    net.check_unrolled()
    check_parameters(net, parameters)
    check_finite(parameters)
    arrays = {name: np.asarray(array) for name, array in parameters.items()}
    output, _ = checked_output(net, output)
    dims = [0] * net.n_modes
    for dim, modes in net.modes_by_dim.items():
        for mode in modes.tolist():
            dims[mode] = dim
    tables = _tables(templates, dims)
    return GridSubject(net, arrays, tables, templates is None, output)


def _tables(
    templates: ArrayLike | Sequence[ArrayLike] | None, dims: list[int]
) -> tuple[Array, ...]:
    if templates is None:
        return tuple(np.eye(dim, dtype=np.int64) for dim in dims)
    if isinstance(templates, list | tuple) and all(np.ndim(table) == 2 for table in templates):
        tables = tuple(np.asarray(table) for table in templates)
    else:
        tables = (np.asarray(templates),) * len(dims)
    fit = [table.ndim == 2 and len(table) > 0 for table in tables]
    if len(tables) != len(dims) or not all(fit):
        raise FeatureError(
            f"templates are {len(tables)} tables for {len(dims)} elements, of shapes "
            f"{[table.shape for table in tables[:4]]}; give one array (n, M), or one per element"
        )
    for element, (table, dim) in enumerate(zip(tables, dims, strict=True)):
        if table.shape[1] != dim:
            raise FeatureError(
                f"the templates of element {element} have shape {table.shape}; the element takes "
                f"{dim} features: give shape (n, {dim})"
            )
    return tables
