"""`depth_witness`: a deep rectifier network that needs an exponentially wide shallow one."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.claims import Claim
from tnet.errors import SpecError
from tnet.expressiveness.arguments import network_of
from tnet.expressiveness.depth.deep_specs import check_levels, check_pairs, check_rectifier
from tnet.expressiveness.depth.radius import largest_below
from tnet.expressiveness.depth.term_ranks import Shallow, term_rank
from tnet.network.parameters import Parameters

Arrays = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False, repr=False)
class DepthWitness:
    """Weights of a deep network that no narrow shallow network matches, nor others near by.

    Attributes
    ----------
    spec : ConvNet
        The deep network.
    parameters : dict of str to ndarray of int64
        Its weights.
    side_a : ndarray of bool, shape (N,)
        One element of every pair.
    rank : int
        Of the grid tensor on one-hot templates across `side_a`, here and wherever no weight is
        changed by more than `radius`: at least this.
    radius : float
        As said.
    claim : Claim
        A lower bound, by theorem.
    """

    spec: ConvNet
    parameters: Arrays
    side_a: NDArray[np.bool_]
    rank: int
    radius: float
    claim: Claim

    def width(self, operator: Shallow = "max") -> int:
        """Return what width a shallow network has at least, within the radius.

        Parameters
        ----------
        operator : {'product', 'max', 'sum'}
            Of the shallow network.

        Returns
        -------
        int
        """
        sizes = [self.spec.features] * len(self.side_a)
        return -(-self.rank // term_rank(operator, sizes, self.side_a))

    def __repr__(self) -> str:
        return (
            f"<DepthWitness: rank at least {self.rank}, shallow ReLU/max width at least "
            f"{self.width()}, within {self.radius:.3g} of every weight ({self.claim.kind})>"
        )


def depth_witness(spec: ConvNet) -> DepthWitness:
    r"""Construct a deep ReLU/max network that needs an exponentially wide shallow network.

    Parameters
    ----------
    spec : ConvNet
        With operator max, pairs of elements at the first level and any windows above, weights
        shared or not; features and first width 2 at least.

    Returns
    -------
    DepthWitness
        ``parameters``, ``side_a``, ``rank``: :math:`k^{N/2}` with :math:`k = \min(r_0, M)`;
        ``width()``, ``radius``, ``claim``.

    Raises
    ------
    SpecError
        If the network is shallow, the first windows are not pairs, or k is 1.
    OperatorError
        If the operator is not max.

    Notes
    -----
    Claim 8 of [1]_, with a construction of our own that takes any widths and shared weights too.
    Channel c < k of the first level is 0 at template c and 1 at the others, so a pair (d, e)
    gives max = 1 unless d = e = c; the sum over c is k - [d = e < k]. The maximum over all
    pairs, one channel from there on, is k - 1 where every pair is equal and below k, else k.
    On the templates below k the matrix between first and second elements is thus k times ones
    minus the identity, whose singular values are 1 and :math:`k^{N/2 + 1} - 1`.

    Change every weight by at most :math:`\varepsilon`. Maxima pass on the largest error; a sum
    with weights w turns an error e of values up to v into
    :math:`\|w\|_1 e + r \varepsilon (v + e)`. While the error of a score is below
    :math:`k^{-N/2}`, the matrix moves by less than 1 in spectral norm, the smallest singular
    value, so its rank stays: `radius` is the largest such :math:`\varepsilon`, by bisection.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> import tnet
    >>> found = depth_witness(tnet.ConvNet(8, features=3, widths=(3, 1, 1), operator="max"))
    >>> found.rank, found.width(), round(found.radius, 5)
    (81, 9, 0.00103)
    """
    check_levels(spec)
    check_rectifier(spec)
    check_pairs(spec)
    k = min(spec.widths[0], spec.features)
    if k == 1:
        raise SpecError(
            f"features is {spec.features} and width of level 0 is {spec.widths[0]}; give 2 or more "
            "of both, as else a rank of 1 is all that can be shown"
        )
    parameters = _parameters(spec, k)
    n_pairs = spec.tree.n_modes // 2
    rank = k**n_pairs
    # In logs, as k^(N/2) can be beyond floats: the radius is then 0. Less than 1, for rounding.
    limit = (1 - 1e-9) * math.exp(-n_pairs * math.log(k))
    radius = largest_below(lambda epsilon: score_error(parameters, epsilon) < limit, 1.0)
    claim = Claim(
        "lower bound",
        "on k templates the grid tensor across pairs is k times ones minus the identity, of full "
        "rank; near by it moves by less than its smallest singular value",
        ("ReLU/max, pairs at the first level", "one-hot templates"),
    )
    _, first = np.unique(spec.tree.parent[: spec.tree.n_modes], return_index=True)
    side = np.isin(np.arange(spec.tree.n_modes), first)
    return DepthWitness(spec, parameters, side, rank, radius, claim)


def _parameters(spec: ConvNet, k: int) -> Arrays:
    shapes = network_of(spec).parameter_shapes
    found = {name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()}
    found["conv0"][..., :k] = 1 - np.eye(spec.features, k, dtype=np.int64)
    # One channel per window stays in use above: it sums the k channels once, then is passed on.
    found["conv1"][..., :k, 0] = 1
    for level in range(2, len(spec.widths)):
        found[f"conv{level}"][..., 0, 0] = 1
    found["out"][0] = 1
    return found


def score_error(parameters: Parameters, epsilon: float) -> float:
    """Bound what the scores change by if no weight changes by more than `epsilon`.

    Of a ReLU/max network on one-hot templates with levels ``conv0``, ``conv1``, ..., ``out``.

    Examples
    --------
    >>> weights = {"conv0": np.eye(2), "conv1": np.ones((2, 1)), "out": np.ones(1)}
    >>> round(score_error(weights, 0.1), 3)
    0.662
    """
    value, error = float(np.abs(parameters["conv0"]).max()), epsilon
    names = [f"conv{level}" for level in range(1, len(parameters) - 1)]
    for array in [*(parameters[name] for name in names), parameters["out"][:, None]]:
        weight = float(np.abs(array).sum(axis=-2).max())
        error = weight * error + array.shape[-2] * epsilon * (value + error)
        value *= weight
    return error
