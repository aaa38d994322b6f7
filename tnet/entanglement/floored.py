"""A lower bound without drawing weights: the min cut with all dims floored to powers of p."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.min_cut import min_cut
from tnet.cuts.result import MinCut
from tnet.cuts.schmidt_bound import shares_weights
from tnet.network.model import TensorNetwork


@dataclass(frozen=True, eq=False, repr=False)
class FlooredBound:
    """The min cut of a network whose dims are floored to powers of one integer.

    Attributes
    ----------
    base : int
        The integer p; a dim d counts as the largest power of p up to d.
    cut : MinCut
        Of the floored network; almost all weights have at least its dimension.
    """

    base: int
    cut: MinCut

    @property
    def dimension(self) -> int:
        """The lower bound."""
        return self.cut.dimension

    def __repr__(self) -> str:
        return f"<FlooredBound: at least {self.cut.dimension_text}, dims as powers of {self.base}>"


def weights_are_free(network: TensorNetwork) -> bool:
    """Whether every tensor has weights of its own and every element is read once.

    Examples
    --------
    >>> import tnet
    >>> weights_are_free(tnet.ConvNet(4, features=2, widths=(2, 3)).compile())
    True
    >>> weights_are_free(tnet.ConvNet(4, features=2, widths=(2, 3), shared=True).compile())
    False
    """
    return (
        network.is_product
        and not shares_weights(network)
        and len(network.inputs) == network.n_modes
        and all(group.multiplicity == 1 for group in network.index_groups)
    )


def floored_bound(network: TensorNetwork, side_a: NDArray[np.bool_]) -> FlooredBound | None:
    r"""Find the largest min cut over all ways to floor the dims to powers of one integer.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    side_a : bool array of shape (N,)
        Elements on side A.

    Returns
    -------
    FlooredBound or None
        None where the theorem does not apply, or there is no dim above 1.

    Notes
    -----
    Where all dims are powers of one integer, almost all weights of tensors that are free and
    independent reach the min cut, by disjoint paths [1]_. Weights that are zero beyond the first
    :math:`p^{\lfloor \log_p d \rfloor}` values of every index are weights of the network, so its
    largest rank is at least that of the floored one. A tensor that names an index twice is a free
    tensor of fewer axes. Of all integers p with the same exponents the largest floors least, and
    it is a whole root of a dim, rounded down: only those are tried.

    References
    ----------
    .. [1] Levine, Yakira, Cohen, Shashua. Deep learning and quantum entanglement: fundamental
       connections with implications to network design. ICLR 2018. arXiv:1704.01552.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("abw,cdw->abcd", (3, 5, 2), (3, 5, 2))
    >>> floored_bound(net, np.array([True, False, False, True]))
    <FlooredBound: at least 9, dims as powers of 3>
    """
    if not weights_are_free(network):
        return None
    best: FlooredBound | None = None
    for base in _bases({group.dim for group in network.index_groups if group.role != "output"}):
        cut = min_cut(_floored(network, base), side_a)
        # With slack the cut is not proved least, and only a least cut is a lower bound.
        if cut.slack_log2 == 0 and (best is None or cut.dimension > best.dimension):
            best = FlooredBound(base, cut)
    return best


def _bases(dims: set[int]) -> list[int]:
    from flint import fmpz

    roots = {int(fmpz(dim).root(degree)) for dim in dims for degree in range(1, dim.bit_length())}
    return sorted(roots - {1})


def _floored(network: TensorNetwork, base: int) -> TensorNetwork:
    """Floor every dim, those of outputs too: arrays of one parameter stay of one shape."""
    groups = tuple(
        replace(group, dim=_power_below(group.dim, base)) for group in network.index_groups
    )
    return replace(network, index_groups=groups)


def _power_below(dim: int, base: int) -> int:
    power = 1
    while power * base <= dim:
        power *= base
    return power
