"""`recurrent_width_bounds`: how wide a shallow network must be to match recurrent ones."""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import checked_flag, checked_sizes
from tnet.architectures.recurrent import Recurrent
from tnet.architectures.tensor_train import bond_dims
from tnet.claims import Claim
from tnet.cuts.min_cut import min_cut
from tnet.entanglement.probes import random_rank
from tnet.errors import OperatorError, SpecError, SweepError
from tnet.expressiveness.arguments import (
    MOST_DRAWS,
    checked_choice,
    checked_seed,
    checked_whole,
    shown,
)
from tnet.expressiveness.grid_ranks import grid_rank, rank_tolerance
from tnet.expressiveness.histograms import outline
from tnet.expressiveness.recurrent_grids import recurrent_grid
from tnet.network.groups import Operator, read_only
from tnet.network.parameters import random_parameters

Sides = Literal["odd/even", "best"]

_MOST_STEPS = 2**20
"""Steps, and features."""

_SPARE_PROBES = 8
"""Probes beyond the cut."""


@dataclass(frozen=True, eq=False, repr=False)
class WidthBounds:
    """Lower bounds of the width of shallow networks, over random recurrent ones.

    Attributes
    ----------
    steps, features : int
        Length T of the inputs, and number M of templates.
    ranks : tuple of int
        Dims of the states, one row of the tables each.
    schmidt_numbers : ndarray of int64, shape (len(ranks), samples)
        Rank of the grid tensor's matricization, a column per draw.
    term_rank : int
        Most that one term of the shallow network adds to such a rank.
    sampling : str
        What was drawn, and how ranks were taken.
    claim : Claim
        What the bounds say.
    """

    steps: int
    features: int
    ranks: tuple[int, ...]
    schmidt_numbers: NDArray[np.int64]
    term_rank: int
    sampling: str
    claim: Claim

    @property
    def widths(self) -> NDArray[np.float64]:
        """The lower bounds, shape (len(ranks), samples): ranks over `term_rank`."""
        bounds: NDArray[np.float64] = self.schmidt_numbers / self.term_rank
        return bounds

    @property
    def largest(self) -> float:
        """The largest bound there could be: of a matricization of full rank."""
        return float(self.features ** (self.steps // 2) / self.term_rank)

    def curves(
        self, *, bins: int = 20
    ) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return the outline of each rank's histogram, as `tnet.draw_curves` takes it.

        Parameters
        ----------
        bins : int
            Of equal width, from 0 to `largest`; at most 2^20.

        Returns
        -------
        dict of str to (x, y)
            By name ``R = ...``: bounds, and the share of the draws.
        """
        rows = zip(self.ranks, self.widths, strict=True)
        return {f"R = {rank}": outline(widths, self.largest, bins) for rank, widths in rows}

    def __repr__(self) -> str:
        rows = [
            f"  R = {rank:<4} {row.min():8.4g} {np.median(row):8.4g} {row.max():8.4g}"
            for rank, row in zip(self.ranks, self.widths, strict=True)
        ]
        title = f"widths at least, of {self.largest:.4g} at most ({self.claim.kind})"
        return "\n".join([title, "              least   median  largest", *rows])


def recurrent_width_bounds(
    steps: int,
    features: int,
    ranks: Sequence[int],
    *,
    samples: int,
    shared: bool = False,
    operator: Operator = "max",
    shallow: Operator = "max",
    side_a: Sides = "odd/even",
    rtol: float | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool = False,
) -> WidthBounds:
    r"""Bound the width of shallow networks that match random recurrent ones.

    Parameters
    ----------
    steps : int
        Length T of the inputs, even.
    features : int
        Number M of representation functions, of templates, and of rows of the matrices C.
    ranks : sequence of int
        Dims R of the states, each a histogram.
    samples : int
        Recurrent networks drawn per rank, at most 2^20.
    shared : bool
        Whether all steps share C, and all but the first share the core.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        Of the recurrent networks.
    shallow : {'max', 'product', 'sum'}
        Of the shallow network that is to have the same grid tensor.
    side_a : {'odd/even', 'best'}
        The matricization: odd against even steps, or of all halves the one of largest rank.
    rtol : float, optional
        Singular values up to `rtol` times the largest count as rounding; 16 units in the last
        place times :math:`M^{T/2}` unless given. With the product ranks are exact and take none.
    seed : int
        Draw n of rank R depends on `seed`, R and n alone.
    executor : concurrent.futures.Executor, optional
        Where the draws are worked on; here, one after the other, unless given.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    WidthBounds
        ``widths``, ``schmidt_numbers``, ``sampling``, ``claim``; ``curves()`` for a picture.

    Raises
    ------
    SpecError
        If a number is out of range, or T is odd.
    OperatorError
        If ranks say nothing of shallow networks with that operator.
    MemoryLimitError
        If a grid does not fit in memory.
    SweepError
        If a draw fails on the executor; the error carries those that are finished.

    Notes
    -----
    A shallow network of width Z is a sum of Z terms, so Z is at least the rank over the most that
    one term can have. A ReLU/max term is :math:`\max(p_i, q_j, 0)`, whose rows depend on one of at
    most :math:`M T / 2` values: so :math:`Z \ge 2\,\mathrm{rank} / (M T)` [1]_. A product has rank
    1 and a ReLU/sum term rank 2. Terms of softplus and norm can have full rank: for them ranks say
    nothing.

    The recurrent networks are `tnet.Recurrent` of hidden size M from its initial state, on one-hot
    features (F is the identity). C, G and out are normal with standard deviation 1/sqrt(fan-in).
    With the product the rank is exact, modulo a random prime on random products of features,
    which gives a lower bound for any draw. Otherwise the grid of :math:`M^T` values is computed
    and its singular values counted: those above the tolerance are not rounding, so that the true
    rank is no smaller.

    References
    ----------
    .. [1] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> found = recurrent_width_bounds(4, 3, (1, 3), samples=2, operator="product")
    >>> found.schmidt_numbers.tolist(), found.largest
    ([[1, 1], [9, 9]], 1.5)
    """
    samples = checked_whole(samples, "samples", most=MOST_DRAWS)
    seed = checked_seed(seed)
    side_a = checked_choice(side_a, get_args(Sides), "side_a")
    checked_flag(progress, "progress")
    rows = _checked_ranks(steps, features, ranks)
    term_rank = _term_rank(shallow, features, steps)
    draws = [
        _Draw(
            Recurrent(
                steps, features=features, hidden=features, ranks=rank, shared=shared,
                operator=operator,
            ),
            side_a, rtol, seed, number,
        )
        for rank in rows
        for number in range(samples)
    ]  # fmt: skip
    found = np.array(list(_ranks_of(draws, executor, progress)), dtype=np.int64)
    table = found.reshape(len(rows), samples)
    read_only(table)
    claim = Claim(
        "lower bound",
        f"a shallow network with {shallow} adds at most {term_rank} to the rank per channel",
        ("the shallow network, its weights shared or not, has the same grid tensor",)
        + (() if operator == "product" else ("singular values up to the tolerance are rounding",)),
    )
    sampling = _sampling(draws[0], samples)
    return WidthBounds(steps, features, rows, table, term_rank, sampling, claim)


@dataclass(frozen=True)
class _Draw:
    """One recurrent network to draw."""

    spec: Recurrent
    side_a: Sides
    rtol: float | None
    seed: int
    number: int


def _checked_ranks(steps: int, features: int, ranks: Sequence[int]) -> tuple[int, ...]:
    for name, value in (("steps", steps), ("features", features)):
        checked_whole(value, name, most=_MOST_STEPS)
    if steps % 2:
        raise SpecError(
            f"steps is {steps}; the bound halves the inputs: give an even number of steps"
        )
    if isinstance(ranks, np.ndarray):
        ranks = ranks.tolist()
    size = len(ranks) if hasattr(ranks, "__len__") else 1
    found = checked_sizes(
        ranks, field="ranks", one="rank", per="histogram", count=size, where="the histograms"
    )
    if not found:
        raise SpecError("ranks is empty; give at least one rank")
    return found


def _term_rank(shallow: Operator, features: int, steps: int) -> int:
    by_operator = {"max": features * steps // 2, "product": 1, "sum": 2}
    # An array is equal to a word entry by entry, so only a word is looked up.
    if not isinstance(shallow, str) or shallow not in by_operator:
        raise OperatorError(
            f"shallow is {shown(shallow)}, whose terms can have full rank, so that ranks bound no "
            f"width; choose one of {', '.join(by_operator)}"
        )
    return by_operator[shallow]


def _sides(draw: _Draw) -> list[NDArray[np.bool_]]:
    steps = draw.spec.steps
    times = np.arange(steps)
    if draw.side_a == "odd/even":
        return [times % 2 == 0]
    # A half and its complement are one partition: the first step is always on side A.
    rest = itertools.combinations(range(1, steps), steps // 2 - 1)
    return [np.isin(times, [0, *others]) for others in rest]


def _rank_of(draw: _Draw) -> int:
    """Largest rank of the drawn network's grid tensor over the sides asked for."""
    spec = draw.spec
    network = spec.compile()
    if network.is_product:
        most = spec.features ** (spec.steps // 2)
        ranks = []
        for side in _sides(draw):
            probes = min(most, min_cut(network, side).dimension + _SPARE_PROBES)
            certificate = random_rank(
                network, side, (probes, probes), seed=draw.seed, draw=draw.number
            )
            ranks.append(certificate.rank)
        return max(ranks)
    entropy = [draw.seed, bond_dims(spec.ranks, 1)[0], draw.number]
    seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
    parameters = random_parameters(network, seed=seed) | spec.initial_state
    grid = recurrent_grid(spec, parameters, np.eye(spec.features))
    return max(grid_rank(grid, side, rtol=draw.rtol) for side in _sides(draw))


def _ranks_of(draws: list[_Draw], executor: Executor | None, progress: bool) -> Iterator[int]:
    from tqdm import tqdm

    found: list[tuple[int, int, int]] = []
    futures = None if executor is None else [executor.submit(_rank_of, draw) for draw in draws]
    with tqdm(total=len(draws), unit="draw", disable=not progress, dynamic_ncols=True) as bar:
        for place, draw in enumerate(draws):
            try:
                rank = _rank_of(draw) if futures is None else futures[place].result()
            except Exception as error:
                if futures is None:
                    raise
                for future in futures:
                    future.cancel()
                raise SweepError(
                    f"draw {place} of {len(draws)} failed with {type(error).__name__}: {error}; "
                    f"{len(found)} are finished, in .finished of this error; run the others again",
                    found,
                ) from error
            found.append((place, place + 1, rank))
            bar.update()
            yield rank


def _sampling(draw: _Draw, samples: int) -> str:
    spec = draw.spec
    weights = "shared by all steps" if spec.shared else "of every step's own"
    if spec.operator == "product":
        how = "uniform residues of a random 22-bit prime; ranks exact modulo that prime"
    else:
        rtol = draw.rtol
        if rtol is None:
            rtol = rank_tolerance((spec.features ** (spec.steps // 2),))
        how = (
            "normal, standard deviation 1/sqrt(fan-in), from the initial state of the spec; "
            f"singular values above {rtol:.2g} of the largest counted"
        )
    return (
        f"{samples} networks per rank with operator {spec.operator}, weights {weights}, "
        f"{how}; {draw.side_a} matricization of the grid tensor on {spec.features} one-hot "
        f"templates; seed {draw.seed}"
    )
