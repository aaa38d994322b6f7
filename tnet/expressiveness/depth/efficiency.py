"""`depth_efficiency`: how wide shallow networks must be to match random deep ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet, warn_of_redundant_widths
from tnet.architectures.fields import checked_flag
from tnet.claims import Claim
from tnet.cuts.schmidt_bound import schmidt_bound
from tnet.entanglement.certificates import max_schmidt_number
from tnet.entanglement.interval import SchmidtInterval
from tnet.errors import SpecError
from tnet.expressiveness.arguments import (
    MOST_DRAWS,
    checked_choice,
    checked_whole,
    network_of,
    shown,
)
from tnet.expressiveness.depth.candidates import Candidates, candidates
from tnet.expressiveness.depth.deep_specs import check_levels
from tnet.expressiveness.depth.subject import grid_subject
from tnet.expressiveness.depth.term_ranks import Shallow, term_rank
from tnet.expressiveness.depth.width_bound import best_bound
from tnet.expressiveness.histograms import outline
from tnet.geometry.partitions import odd_even
from tnet.network.groups import read_only
from tnet.network.model import TensorNetwork
from tnet.network.parameters import random_parameters
from tnet.network.sides import Side

Which = Literal["odd/even", "best"]

_BITS = 20
"""Bits after the point that normal weights are rounded to for exact ranks."""


@dataclass(frozen=True, eq=False, repr=False)
class DepthEfficiency:
    """Lower bounds of the width of shallow networks, over random deep ones.

    Attributes
    ----------
    ratios : ndarray of float, shape (samples,)
        Rank over what one shallow channel adds, of every draw.
    widths : ndarray of int64, shape (samples,)
        The bounds: `ratios` rounded up.
    largest : int
        The largest bound there could be: of the largest rank that the partitions allow.
    shallow : {'product', 'max', 'sum'}
        Operator of the shallow network.
    interval : SchmidtInterval or None
        Of a product network: the largest rank over all weights between odd and even elements,
        which almost all weights reach.
    sampling : str
        What was drawn, and how ranks were taken.
    claim : Claim
        A lower bound with products, numerical otherwise.
    """

    ratios: NDArray[np.float64]
    widths: NDArray[np.int64]
    largest: int
    shallow: Shallow
    interval: SchmidtInterval | None
    sampling: str
    claim: Claim

    @property
    def shares(self) -> dict[int, float]:
        """Share of the draws for each value of the bound, ascending."""
        values, counts = np.unique(self.widths, return_counts=True)
        shares = (counts / len(self.widths)).tolist()
        return dict(zip(values.tolist(), shares, strict=True))

    @property
    def complete(self) -> float:
        """Share of the draws whose bound is as large as there can be: 1 for complete efficiency."""
        return float(np.mean(self.widths == self.largest))

    def share_up_to(self, width: int) -> float:
        """Return the share of the draws whose bound is at most `width`, a number.

        Raises
        ------
        SpecError
            If `width` is no number.
        """
        if isinstance(width, bool) or not isinstance(width, int | float | np.number):
            raise SpecError(f"width is {shown(width)}; give a number")
        return float(np.mean(self.widths <= width))

    def curve(self, *, bins: int = 20) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the outline of the histogram of `ratios`, as `tnet.draw_curves` takes it.

        Parameters
        ----------
        bins : int
            Of equal width, from 0 to `largest`; at most 2^20.

        Returns
        -------
        x, y : ndarray of float
            Bounds, and the share of the draws.
        """
        return outline(self.ratios, self.largest, bins)

    def __repr__(self) -> str:
        return (
            f"<DepthEfficiency: widths at least {self.widths.min()} to {self.widths.max()}, "
            f"{self.complete:.0%} at the largest, {self.largest} ({self.claim.kind})>"
        )


def depth_efficiency(
    spec: ConvNet,
    *,
    samples: int,
    shallow: Shallow = "product",
    side_a: Which = "odd/even",
    seed: int = 0,
    progress: bool = False,
) -> DepthEfficiency:
    r"""Bound the width of shallow networks that match random deep ones.

    Parameters
    ----------
    spec : ConvNet
        Of two levels or more and one score; any operator, weights shared or not.
    samples : int
        Networks drawn, at most 2^20.
    shallow : {'product', 'max', 'sum'}
        Operator of the shallow network that is to have the same grid tensor.
    side_a : {'odd/even', 'best'}
        The matricization: odd against even elements, or the best of those that
        `shallow_width_lower_bound` tries.
    seed : int
        Draw n depends on `seed` and n alone.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    DepthEfficiency
        ``widths``, ``shares``, ``complete``, ``interval``, ``claim``; ``curve()`` for a picture.

    Warns
    -----
    RedundantWidthWarning
        If shared weights leave channels of the spec without use.

    Raises
    ------
    SpecError
        If the network is shallow already, `samples` is below 1, or `seed` below 0.
    OperatorError
        If ranks say nothing of shallow networks with that operator.
    SizeLimitError, MemoryLimitError
        If ranks cannot be taken at that size.

    Notes
    -----
    With products depth efficiency is *complete*: almost all deep networks need a shallow width of
    :math:`\min(r_0, M)^{N/2}` (windows of 2), and all draws reach it. With ReLU/max it is
    *incomplete*: some weights need exponential width (`depth_witness`), and with positive
    probability a single channel does (`shallow_open_set`) [1]_. Weights are normal with standard
    deviation 1/sqrt(fan-in), templates one-hot. With products weights are rounded to multiples of
    :math:`2^{-20}` and ranks exact modulo a prime: in floating point the small ones of many
    singular values, which are products over windows, would be lost in rounding.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> import tnet
    >>> found = depth_efficiency(tnet.ConvNet(8, features=3, widths=(2, 2, 2)), samples=5)
    >>> found.shares, found.complete, found.interval.exact
    ({16: 1.0}, 1.0, True)
    """
    from tqdm import tqdm

    check_levels(spec)
    samples = checked_whole(samples, "samples", most=MOST_DRAWS)
    side_a = checked_choice(side_a, get_args(Which), "side_a")
    checked_flag(progress, "progress")
    halves: Iterable[Side] | None = [odd_even(spec.shape)] if side_a == "odd/even" else None
    tried = candidates(spec.shape, halves, seed=seed)
    text = "the odd/even partition" if halves else tried.text
    warn_of_redundant_widths(spec)
    network = network_of(spec)
    largest = _largest_bound(spec, network, shallow, tried)
    bounds = []
    for draw in tqdm(range(samples), unit="draw", disable=not progress, dynamic_ncols=True):
        subject = grid_subject(network, _drawn(network, seed, draw))
        bounds.append(best_bound(subject, tried.sides, shallow, text))
    ratios = np.array([bound.ratio for bound in bounds])
    widths = np.array([bound.width for bound in bounds], dtype=np.int64)
    read_only(ratios, widths)
    interval = (
        max_schmidt_number(network, odd_even(spec.shape)) if spec.operator == "product" else None
    )
    sampling = (
        f"{samples} networks with {_weights_text(spec)}; one-hot templates; {text}; seed {seed}"
    )
    return DepthEfficiency(ratios, widths, largest, shallow, interval, sampling, bounds[0].claim)


def _weights_text(spec: ConvNet) -> str:
    shared = "shared by all windows of a level" if spec.shared else "of every window its own"
    rounded = f" rounded to 2^-{_BITS}, ranks modulo a prime" if spec.operator == "product" else ""
    return (
        f"operator {spec.operator}, weights {shared}, normal, standard deviation "
        f"1/sqrt(fan-in){rounded}"
    )


def _drawn(network: TensorNetwork, seed: int, draw: int) -> dict[str, NDArray[Any]]:
    """Normal weights; of products, which scale, as whole multiples of a small number."""
    drawn = int(np.random.SeedSequence([seed, draw]).generate_state(1)[0])
    parameters = random_parameters(network, seed=drawn)
    if not network.is_product:
        return parameters
    return {name: np.rint(a * 2**_BITS).astype(np.int64) for name, a in parameters.items()}


def _largest_bound(
    spec: ConvNet, network: TensorNetwork, shallow: Shallow, tried: Candidates
) -> int:
    """The bound at the largest rank: `schmidt_bound` with products, else that of a full matrix."""
    sizes = [spec.features] * spec.tree.n_modes
    found: list[int] = []
    for side in tried.sides:
        most = term_rank(shallow, sizes, side)
        shorter = min(int(side.sum()), int((~side).sum()))
        rank = spec.features**shorter
        if spec.operator == "product":
            rank = min(rank, schmidt_bound(network, side).dimension)
        found.append(-(-rank // most))
    return max(found)
