"""`shallow_width_lower_bound`: channels that a shallow network needs to match a given one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.spec import Spec
from tnet.claims import Claim
from tnet.expressiveness.depth.candidates import candidates
from tnet.expressiveness.depth.matricizations import GridSubject
from tnet.expressiveness.depth.subject import grid_subject
from tnet.expressiveness.depth.term_ranks import Shallow, term_rank
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters
from tnet.network.sides import Side


@dataclass(frozen=True, eq=False, repr=False)
class ShallowWidthBound:
    """A lower bound of the width of shallow networks with one given grid tensor.

    Attributes
    ----------
    rank : int
        Of the grid tensor between the sides.
    term_rank : int
        Most that one channel of the shallow network adds to such a rank.
    side_a : ndarray of bool, shape (N,)
        Elements on side A of the best partition tried.
    operator : {'product', 'max', 'sum'}
        Of the shallow network.
    claim : Claim
        A lower bound, or numerical where the rank was counted in floating point.
    """

    rank: int
    term_rank: int
    side_a: NDArray[np.bool_]
    operator: Shallow
    claim: Claim

    @property
    def ratio(self) -> float:
        """Rank over `term_rank`: the bound before it is rounded up."""
        return self.rank / self.term_rank

    @property
    def width(self) -> int:
        """Channels that the shallow network has at least; 0 for the zero function."""
        return -(-self.rank // self.term_rank)

    @property
    def argument(self) -> str:
        """Why, in a sentence."""
        modes = ", ".join(map(str, np.nonzero(self.side_a)[0].tolist()))
        return (
            f"between the elements {{{modes}}} and the rest the grid tensor has rank {self.rank}, "
            f"and one channel of a shallow network with operator {self.operator} has rank "
            f"{self.term_rank} at most: so it has {self.width} channels or more"
        )

    def __repr__(self) -> str:
        return (
            f"<ShallowWidthBound: width at least {self.width} = ceil({self.rank} / "
            f"{self.term_rank}), operator {self.operator} ({self.claim.kind})>"
        )


def shallow_width_lower_bound(
    network: TensorNetwork | Spec,
    parameters: Parameters,
    *,
    operator: Shallow = "product",
    sides: Iterable[Side] | None = None,
    templates: ArrayLike | Sequence[ArrayLike] | None = None,
    output: int = 0,
    seed: int = 0,
) -> ShallowWidthBound:
    r"""Bound the width of shallow networks that have the grid tensor of a given network.

    Parameters
    ----------
    network : TensorNetwork or Spec
        Any, with any operator, but a `Mixed` spec.
    parameters : mapping of str to array
        NumPy arrays. Of integers ranks are exact, or bounded, modulo a prime.
    operator : {'product', 'max', 'sum'}
        Of the shallow network, whose weights may be shared or not.
    sides : iterable of sides, optional
        Partitions to try, each as `tnet.min_cut` takes it. Unless given, up to 8 elements all
        balanced ones; else odd/even, halves, blocks and 8 random ones.
    templates : array (n, M), or list of N arrays (n_i, d_i), optional
        Features of the templates; one-hot unless given.
    output : int
        Which score.
    seed : int
        Of the random partitions.

    Returns
    -------
    ShallowWidthBound
        ``width``, ``ratio``, ``rank``, ``side_a``, ``claim``, ``argument``.

    Raises
    ------
    OperatorError
        If one channel with `operator` can have full rank: softplus and norm.
    ParameterError
        If an array does not fit or is not finite.
    PartitionError, FeatureError, SpecError
        If sides, output, templates or the spec do not fit, or `seed` is not a whole number of at
        least 0.
    SizeLimitError, MemoryLimitError
        If ranks cannot be taken at that size; the message says the size and the limit.

    Notes
    -----
    A shallow network of width Z is a sum of Z terms, and the rank of a sum is at most the sum of
    the ranks: Z is at least the rank over `term_rank` [1]_. Of product networks on one-hot
    templates no grid is computed: the spectrum comes from the factors. What holds on one-hot
    templates with products holds on all where F is invertible. Ranks of integers are taken modulo
    a prime, on random probes for products: never above the true rank, so the bound needs no
    tolerance. Of floats singular values above the rounding are counted: fewer than there are, where
    small ones are products over many windows; give whole numbers there.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(8, features=3, widths=(2, 2, 2))
    >>> found = shallow_width_lower_bound(spec, tnet.random_parameters(spec.compile()))
    >>> found
    <ShallowWidthBound: width at least 16 = ceil(16 / 1), operator product (numerical)>
    >>> np.nonzero(found.side_a)[0].tolist()
    [1, 3, 5, 7]
    """
    subject = grid_subject(network, parameters, templates=templates, output=output)
    term_rank(operator, subject.sizes, np.zeros(len(subject.sizes), dtype=bool))
    shape = subject.network.input_shape
    tried = candidates(shape, sides, seed=seed)
    return best_bound(subject, tried.sides, operator, tried.text)


def best_bound(
    subject: GridSubject, sides: NDArray[np.bool_], operator: Shallow, text: str
) -> ShallowWidthBound:
    """Return the largest of the bounds of several partitions; `text` says which they are."""
    for side in sides:
        subject.check_size(side)
    found = [(subject.rank(side), term_rank(operator, subject.sizes, side), side) for side in sides]
    rank, most, side = max(found, key=lambda case: case[0] / case[1])
    return ShallowWidthBound(rank, most, side, operator, _claim(subject, operator, text))


def _claim(subject: GridSubject, operator: Shallow, text: str) -> Claim:
    on = "one-hot templates" if subject.one_hot else "the templates given"
    hypotheses = [f"the shallow network has the same grid tensor on {on}", f"best of {text}"]
    if subject.is_whole:
        return Claim(
            "lower bound",
            f"a channel with {operator} has bounded rank; the rank is that of whole numbers "
            "modulo a prime, which is never above the true one",
            tuple(hypotheses),
        )
    return Claim(
        "numerical",
        f"a channel with {operator} has bounded rank; the rank counts the singular values above "
        "the rounding",
        (*hypotheses, "singular values up to the tolerance are rounding"),
    )
