"""`distance_to_width`: how far a network's grid tensor stays from all shallow networks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.spec import Spec
from tnet.claims import Claim
from tnet.errors import SpecError
from tnet.expressiveness.arguments import checked_whole, shown
from tnet.expressiveness.depth.candidates import candidates
from tnet.expressiveness.depth.subject import grid_subject
from tnet.expressiveness.depth.term_ranks import Shallow, term_rank
from tnet.network.groups import read_only
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters
from tnet.network.sides import Side


@dataclass(frozen=True, eq=False, repr=False)
class WidthDistances:
    """Least errors of shallow networks of several widths.

    Attributes
    ----------
    widths : tuple of int
        Of the shallow networks, Z.
    relative : ndarray of float, shape (len(widths),)
        No shallow network of that width is nearer, in units of the grid tensor's own Frobenius
        norm. At most 1; 0 where ranks exclude nothing.
    norm_log2 : float
        Log2 of that norm; minus infinity for the zero function.
    claim : Claim
        Numerical.
    """

    widths: tuple[int, ...]
    relative: NDArray[np.float64]
    norm_log2: float
    claim: Claim

    @property
    def distances(self) -> NDArray[np.float64]:
        """The errors in the units of the grid tensor."""
        found: NDArray[np.float64] = self.relative * np.exp2(self.norm_log2)
        return found

    def __repr__(self) -> str:
        pairs = zip(self.widths, self.relative.tolist(), strict=True)
        rows = [f"  Z = {width:<6} {error:.4g}" for width, error in list(pairs)[:20]]
        return "\n".join([f"relative error at least ({self.claim.kind})", *rows])


def distance_to_width(
    network: TensorNetwork | Spec,
    parameters: Parameters,
    widths: Sequence[int],
    *,
    operator: Shallow = "product",
    sides: Iterable[Side] | None = None,
    templates: ArrayLike | Sequence[ArrayLike] | None = None,
    output: int = 0,
    seed: int = 0,
) -> WidthDistances:
    r"""Bound from below the error of every shallow network of given widths.

    Parameters
    ----------
    network, parameters, operator, sides, templates, output, seed
        As for `shallow_width_lower_bound`.
    widths : sequence of int
        Of the shallow networks, each at least 1.

    Returns
    -------
    WidthDistances
        ``relative``, ``distances``: Frobenius norms of the difference of grid tensors.

    Raises
    ------
    SpecError
        If `widths` is empty or not of positive integers, or `seed` is below 0.
    OperatorError, ParameterError, PartitionError, FeatureError, SizeLimitError, MemoryLimitError
        As `shallow_width_lower_bound`.

    Notes
    -----
    The grid tensor of a shallow network of width Z has rank R = Z times `term_rank` at most, as a
    matrix between any two groups of elements. The nearest matrix of rank R is as far as the
    square root of the sum of all but the R largest squares of singular values (Eckart, Young
    1936), so no such network is nearer: where a width is too small to be equal, it is too small
    to come arbitrarily near.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(4, features=2, widths=(2, 2))
    >>> ones = {"conv0": np.stack([np.eye(2)] * 4), "conv1": np.stack([np.ones((2, 1))] * 2)}
    >>> ones["conv1"] = np.repeat(ones["conv1"], 2, axis=2) / 2
    >>> found = distance_to_width(spec, ones | {"out": np.ones(2)}, [1, 2, 4])
    >>> found.relative.round(3).tolist()
    [0.866, 0.707, 0.0]
    """
    counts = _checked_widths(widths)
    subject = grid_subject(network, parameters, templates=templates, output=output)
    term_rank(operator, subject.sizes, np.zeros(len(subject.sizes), dtype=bool))
    tried = candidates(subject.network.input_shape, sides, seed=seed)
    relative = np.zeros(len(counts))
    norm_log2 = -np.inf
    for side in tried.sides:
        subject.check_size(side)
    for side in tried.sides:
        spectrum = subject.singular_values(side)
        squares = spectrum.values**2
        total = float(squares.sum())
        if total:
            norm_log2 = spectrum.log2_scale + np.log2(total) / 2
            # Smallest first, so that small tails are not lost beside large sums.
            tails = np.append(np.cumsum(squares[::-1])[::-1], 0.0)
            most = term_rank(operator, subject.sizes, side)
            kept = np.minimum(np.array(counts, dtype=object) * most, len(squares)).astype(int)
            relative = np.maximum(relative, np.sqrt(tails[kept] / total))
    read_only(relative)
    claim = Claim(
        "numerical",
        f"a shallow network with {operator} has bounded rank, and the nearest matrix of that rank "
        "is known by its singular values",
        (
            f"best of {tried.text}",
            "Frobenius norm over the grid",
            "singular values up to the tolerance are rounding, and count as 0",
        ),
    )
    return WidthDistances(counts, relative, float(norm_log2), claim)


def _checked_widths(widths: Sequence[int]) -> tuple[int, ...]:
    listed = isinstance(widths, Sequence) and not isinstance(widths, str | bytes)
    if not (listed or (isinstance(widths, np.ndarray) and widths.ndim == 1)) or len(widths) == 0:
        raise SpecError(f"widths is {shown(widths)}; give a sequence of at least one width")
    return tuple(checked_whole(width, f"width {place}") for place, width in enumerate(widths))
