"""`grid_subject`: a network, its weights and templates, checked and ready for ranks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tnet.architectures.mixed import Mixed
from tnet.architectures.spec import Spec
from tnet.entanglement.subjects import checked_output
from tnet.errors import SpecError
from tnet.expressiveness.arguments import network_of
from tnet.expressiveness.depth.matricizations import GridSubject
from tnet.expressiveness.grid_tensors import dims_of, tables_by_element
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters


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
        If `network` is a `Mixed` spec, or no network.
    ParameterError
        If an array does not fit or is not finite, with its name and place.
    FeatureError
        If the templates do not fit, or are complex where the operator is not the product.
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
    net = network_of(network)
    net.check_unrolled()
    check_parameters(net, parameters)
    check_finite(parameters)
    arrays = {name: np.asarray(array) for name, array in parameters.items()}
    output, _ = checked_output(net, output)
    dims = dims_of(net)
    if templates is None:
        one_hot = tuple(np.eye(dim, dtype=np.int64) for dim in dims)
        return GridSubject(net, arrays, one_hot, True, output)
    tables = tables_by_element(templates, dims, net.operators)
    return GridSubject(net, arrays, tuple(tables), False, output)
