"""`realise`: a network made by hand whose grid tensor is a wanted one."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.cp import CP
from tnet.architectures.fields import checked_flag
from tnet.architectures.recurrent import Recurrent
from tnet.claims import Claim
from tnet.errors import FeatureError, SpecError, VerificationError
from tnet.expressiveness.arguments import checked_choice, checked_whole, shown
from tnet.expressiveness.grid_tensors import grid_tensor
from tnet.expressiveness.recurrent_grids import recurrent_grid
from tnet.expressiveness.templates import checked_matrix
from tnet.expressiveness.universality.least_channels import (
    max_claim,
    product_claim,
    recurrent_claim,
    sum_claim,
)
from tnet.expressiveness.universality.products import product_terms
from tnet.expressiveness.universality.rectified import max_terms
from tnet.expressiveness.universality.recurrent import recurrent_network
from tnet.expressiveness.universality.sums import sum_terms
from tnet.expressiveness.universality.symmetric import check_symmetric, power_terms, set_terms
from tnet.expressiveness.universality.targets import Terms, checked_target
from tnet.network.groups import Operator, read_only

Array = NDArray[Any]
By = Literal["product", "relu-max", "recurrent-relu-max", "relu-sum"]

BY: tuple[By, ...] = get_args(By)
"""The networks that a tensor can be asked of."""

_OPERATORS: dict[By, Operator] = {"product": "product", "relu-max": "max", "relu-sum": "sum"}


@dataclass(frozen=True, eq=False, repr=False)
class Realisation:
    """A network with a wanted grid tensor.

    Attributes
    ----------
    spec : CP or Recurrent
        The architecture.
    parameters : dict of str to ndarray
        Its arrays, the initial state of a recurrent network included.
    channels : int
        Width of the shallow network, or the largest rank of the recurrent one.
    bound : int
        Channels that suffice for every tensor of these sizes that such a network reaches.
    matrix : ndarray, shape (M, M)
        F: features of the templates, a row each.
    residual : float
        Largest absolute difference between the grid tensor and the wanted one, computed.
    claim : Claim
        What `channels` says about the least number.
    """

    spec: CP | Recurrent
    parameters: dict[str, Array]
    channels: int
    bound: int
    matrix: Array
    residual: float
    claim: Claim

    def __repr__(self) -> str:
        kind = "shared" if self.spec.shared else "unshared"
        return (
            f"<Realisation: {type(self.spec).__name__}, {self.spec.operator}, {kind}, "
            f"{self.channels} of at most {self.bound:,} channels, residual {self.residual:.2g} "
            f"({self.claim.kind})>"
        )


def realise(
    tensor: ArrayLike,
    *,
    by: By = "product",
    matrix: ArrayLike | None = None,
    shared: bool = False,
    most: int = 2**14,
    rtol: float = 1e-10,
) -> Realisation:
    r"""Make a network whose grid tensor is a wanted one, or say what is in the way.

    Parameters
    ----------
    tensor : array of real numbers, shape (M,) * N
        Values on all ways to fill N elements with M templates, N at least 1.
    by : {'product', 'relu-max', 'recurrent-relu-max', 'relu-sum'}
        The network: shallow with products, with ReLU and max or sum (average) pooling, or
        recurrent with ReLU/max.
    matrix : array, shape (M, M), optional
        F, features of the templates, as `tnet.template_matrix` gives them: real and invertible.
        One-hot features unless given.
    shared : bool
        Whether one filter serves all elements.
    most : int
        Refuse tensors of more entries.
    rtol : float
        Largest difference from the wanted tensor that is accepted, relative to its largest entry.

    Returns
    -------
    Realisation
        With integers, one-hot features, ReLU and unshared weights its grid tensor is exact, while
        sums of entries stay below 2^53.

    Raises
    ------
    FunctionError
        If the tensor is no finite real tensor of equal axes, or no network of this kind reaches
        it; the message names grid points that show it.
    FeatureError
        If F is singular, complex or of another size.
    SizeLimitError
        If the tensor, or what it takes, is too large; the message says how large.
    SpecError
        If `by` is unknown, or an option has a value it cannot take.
    VerificationError
        If rounding is larger than `rtol`, as with an F that is nearly singular. With products
        `tnet.evaluate` may contract the weights first, and rounding grows as the condition
        number of F to the N.

    Notes
    -----
    Networks of products, and of ReLU with max pooling, are universal, and those with average
    pooling are not [1]_ (claims 3 to 5); recurrent ReLU/max networks are [2]_ (theorem 5.1). With
    an invertible F any values on the templates are a choice of weights, so all is done on
    one-hot features, and F is solved for at the end. The constructions and their proofs stand in
    `tnet.expressiveness.universality`, and in the documentation's page on universality.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.
    .. [2] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> found = realise(1 - np.eye(3), by="relu-max")
    >>> found
    <Realisation: CP, max, unshared, 4 of at most 10 channels, residual 0 (upper bound)>
    >>> import tnet
    >>> tnet.grid_tensor(found.spec, found.parameters, found.matrix)
    array([[0., 1., 1.],
           [1., 0., 1.],
           [1., 1., 0.]])
    """
    by = checked_choice(by, BY, "by")
    checked_flag(shared, "shared")
    if not isinstance(rtol, int | float) or not 0 < rtol < 1:
        raise SpecError(
            f"rtol is {shown(rtol)}; give a share of the largest entry, between 0 and 1"
        )
    wanted = checked_target(tensor, most=checked_whole(most, "most"))
    features = _real_matrix(matrix, len(wanted))
    if by == "recurrent-relu-max":
        spec, arrays = recurrent_network(wanted, shared=shared)
        parameters = arrays | {"C": _weights(features, arrays["C"])}
        grid = recurrent_grid(spec, parameters, features)
        bound, claim = _recurrent_bound(wanted, shared), recurrent_claim(max(_ranks(spec)))
        return _checked(wanted, grid, rtol, (spec, parameters, bound, features, claim))
    terms, bound, claim = _shallow_terms(wanted, by, shared)
    shallow = CP(
        wanted.ndim,
        features=len(wanted),
        width=len(terms.weights),
        shared=shared,
        operator=_OPERATORS[by],
    )
    parameters = {"conv0": _weights(features, terms.values), "out": terms.weights}
    grid = grid_tensor(shallow, parameters, features)
    return _checked(wanted, grid, rtol, (shallow, parameters, bound, features, claim))


def _shallow_terms(wanted: Array, by: By, shared: bool) -> tuple[Terms, int, Claim]:
    """Channels, how many suffice for every tensor, and what their number is."""
    n, m = wanted.ndim, len(wanted)
    if shared:
        check_symmetric(wanted)
    if by == "relu-sum":
        terms = sum_terms(wanted, shared=shared)
        return terms, 2, sum_claim(len(terms.weights))
    if by == "product":
        terms = power_terms(wanted) if shared else product_terms(wanted)
        bound = math.comb(m + n - 1, n) if shared else m**n
        return terms, bound, product_claim(wanted, len(terms.weights), shared=shared)
    if shared:
        terms, is_least = set_terms(wanted)
        bound = sum(math.comb(m, k) for k in range(1, min(m, n) + 1))
        return terms, bound, max_claim(wanted, len(terms.weights), fewest_chains=is_least)
    terms = max_terms(wanted)
    return terms, m**n + 1, max_claim(wanted, len(terms.weights))


def _recurrent_bound(wanted: Array, shared: bool) -> int:
    n, m = wanted.ndim, len(wanted)
    return int(2 + sum(m**t for t in range(1, n)) if shared else m**n + 1)


def _ranks(spec: Recurrent) -> tuple[int, ...]:
    return (spec.ranks,) if isinstance(spec.ranks, int) else tuple(spec.ranks)


def _real_matrix(matrix: ArrayLike | None, size: int) -> Array:
    if matrix is None:
        return np.eye(size)
    found = checked_matrix(matrix)
    if found.dtype.kind == "c":
        raise FeatureError(
            "the template matrix is complex, and rectifiers and tensors here are real; give real "
            "features"
        )
    if len(found) != size:
        raise FeatureError(
            f"the template matrix has {len(found)} rows, and the tensor {size} templates; give one "
            "row per template"
        )
    return np.array(found, dtype=np.float64)


def _weights(features: Array, values: Array) -> Array:
    """Weights that give `values` on the templates, one step of refinement included."""
    weights = np.linalg.solve(features, values)
    refined: Array = weights + np.linalg.solve(features, values - features @ weights)
    return refined


def _checked(
    wanted: Array,
    grid: Array,
    rtol: float,
    made: tuple[CP | Recurrent, dict[str, Array], int, Array, Claim],
) -> Realisation:
    spec, parameters, bound, features, claim = made
    residual = float(np.abs(grid - wanted).max())
    largest = float(np.abs(wanted).max())
    if not residual <= rtol * largest:
        missed = (
            f"the network misses the tensor by {residual:.2g}, with a largest entry of "
            f"{largest:.3g}"
        )
        if np.array_equal(features, np.eye(len(features))):
            raise VerificationError(f"{missed}, by rounding alone; give a larger rtol")
        raise VerificationError(
            f"{missed}; the template matrix has a condition number of "
            f"{np.linalg.cond(features):.3g}: take templates that are farther apart, or a larger "
            "rtol"
        )
    read_only(features)
    channels = spec.width if isinstance(spec, CP) else max(_ranks(spec))
    return Realisation(spec, parameters, channels, bound, features, residual, claim)
