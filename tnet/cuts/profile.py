"""`cut_profile`: how strongly contiguous blocks of inputs are tied to the rest, by their size."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.batch import min_cuts
from tnet.cuts.condensed import Floats, condensed
from tnet.cuts.interval_tables import interval_rows, interval_work
from tnet.cuts.min_cut import cut_claim
from tnet.errors import MemoryLimitError, StructureError
from tnet.network.counting import number_of
from tnet.network.groups import read_only
from tnet.network.model import TensorNetwork

_MOST_WORK = 2e10
"""Table entries, or indices times partitions: some minutes."""

_MOST_FLOWS = 20_000

_MOST_BYTES = 2**32

_FLAGS_AT_ONCE = 2**24

_Blocks = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False, repr=False)
class CutProfile:
    """Least cuts of contiguous blocks against the rest, by their length and place.

    Attributes
    ----------
    network : TensorNetwork
        The network that was cut.
    lengths : ndarray of int64, shape (n,)
        Lengths of the blocks on a line, or sides of squares (cubes) on a grid.
    least, median, largest : ndarray of float64, shape (n,)
        Log2 of the cuts over all places of a block of each length.
    matrix : ndarray of float64, shape (n, N)
        Log2 of the cut by length and by mode number of the block's first element; NaN where no
        block fits.
    claim : Claim
        What every one of them says of the Schmidt number.
    """

    network: TensorNetwork
    lengths: NDArray[np.int64]
    least: Floats
    median: Floats
    largest: Floats
    matrix: Floats
    claim: Claim

    def __len__(self) -> int:
        return len(self.lengths)

    def __repr__(self) -> str:
        if not len(self):
            return f"<CutProfile: nothing to part in {number_of(self.network.n_modes, 'input')}>"
        peak = int(np.argmax(self.largest))
        what = "lengths" if len(self.network.input_shape) == 1 else "sides"
        return (
            f"<CutProfile: {what} {self.lengths[0]} to {self.lengths[-1]}, log2 "
            f"{self.least.min():.4g} to {self.largest[peak]:.4g} (largest at "
            f"{self.lengths[peak]}; {self.claim.kind})>"
        )


def cut_profile(network: TensorNetwork) -> CutProfile:
    """Least, median and largest cut of contiguous blocks of each size, over all their places.

    Parameters
    ----------
    network : TensorNetwork
        Any network. On a line of N inputs, blocks of length 1 to N - 1; on a grid, squares (cubes)
        of side 1 up to the shorter side, short of the whole.

    Returns
    -------
    CutProfile
        ``lengths``, ``least``, ``median``, ``largest``, ``matrix`` (for heat maps), ``claim``.

    Raises
    ------
    MemoryLimitError
        If the matrix would take more than 4 GiB.
    StructureError
        If the network is too large for all blocks: the message says what would be needed.

    Notes
    -----
    A forest on a line: every subtree has a table by where the block starts and ends among its own
    elements (`tnet.cuts.interval_tables`); O(N^2) time for balanced trees, O(N^3) for chains, and
    at most 40 N^2 bytes of memory, the matrix included. Grids, and networks with loops: all blocks
    through `min_cuts`, some 16 MiB of flags at a time, with loops one flow per block.

    Examples
    --------
    >>> import tnet
    >>> network = tnet.ConvNet(8, features=2, widths=(2, 2, 2)).compile()
    >>> profile = tnet.cut_profile(network)
    >>> profile
    <CutProfile: lengths 1 to 7, log2 1 to 3 (largest at 4; exact by theorem)>
    >>> profile.least
    array([1., 1., 2., 1., 2., 1., 1.])
    """
    on_line = len(network.input_shape) == 1
    sides = range(1, max(min(network.input_shape, default=0) + (not on_line), 1))
    # A grid of one row or of a single square: its whole is no block.
    lengths = [side for side in sides if side ** len(network.input_shape) < network.n_modes]
    _check_memory(network, len(lengths))
    if on_line and network.forest is not None:
        matrix, claim = _from_tables(network)
    else:
        matrix, claim = _from_batches(network, lengths)
    spread = np.empty((3, len(lengths)))
    for row, values in enumerate(matrix):
        spread[:, row] = np.quantile(values[~np.isnan(values)], [0, 0.5, 1])
    columns = np.array(lengths, dtype=np.int64)
    read_only(columns, spread, matrix)
    return CutProfile(network, columns, spread[0], spread[1], spread[2], matrix, claim)


def _check_memory(network: TensorNetwork, n_lengths: int) -> None:
    n_bytes = 8 * n_lengths * network.n_modes
    if n_bytes > _MOST_BYTES:
        raise MemoryLimitError(
            f"the cuts of all blocks of {network.n_modes:,} inputs take {n_bytes / 2**30:.1f} GiB, "
            "more than 4 GiB; give blocks of chosen lengths to min_cuts"
        )


def _from_tables(network: TensorNetwork) -> tuple[Floats, Claim]:
    forest, n_modes = network.forest, network.n_modes
    matrix = np.full((max(n_modes - 1, 0), n_modes), np.nan)
    claim = cut_claim(network, "each cut is least up to the rounding of its log2", proved=True)
    if forest is None or n_modes < 2:
        return matrix, claim
    tree = condensed(network, forest)
    work = interval_work(tree)
    if work > _MOST_WORK:
        raise StructureError(
            f"the tables of all blocks of {n_modes:,} inputs of this unbalanced tree have "
            f"{work:.1e} entries, more than {_MOST_WORK:.0e}; give blocks of chosen lengths to "
            "min_cuts"
        )
    for first, totals in interval_rows(tree, n_modes):
        for row in range(min(len(totals), n_modes - first)):
            start = first + row
            cuts = totals[row, row + 1 :] * tree.unit_log2
            matrix[: n_modes - start, start] = cuts[: n_modes - 1]
    return matrix, claim


def _from_batches(network: TensorNetwork, lengths: list[int]) -> tuple[Floats, Claim]:
    shape = network.input_shape
    n_blocks = sum(math.prod(side - length + 1 for side in shape) for length in lengths)
    flows = network.forest is None
    work = n_blocks * (network.n_indices if not flows else 1)
    if work > (_MOST_FLOWS if flows else _MOST_WORK):
        cost = f"{n_blocks:,} maximum flows" if flows else f"{n_blocks:,} cuts"
        raise StructureError(
            f"all blocks of {network.n_modes:,} inputs need {cost}, too many to be done here; give "
            "blocks of chosen lengths to min_cuts"
        )
    matrix = np.full((len(lengths), network.n_modes), np.nan)
    claim = min_cuts(network, np.zeros((0, network.n_modes), dtype=bool)).claim
    blocks: Iterable[_Blocks] = _blocks(shape, lengths)
    if flows and lengths:
        # All at once, so that the claim speaks of all.
        rows, firsts, sides = (np.concatenate(column) for column in zip(*blocks, strict=True))
        blocks = [(rows, firsts, sides)]
    for rows, firsts, sides in blocks:
        cuts = min_cuts(network, sides)
        matrix[rows, firsts] = cuts.log2
        claim = cuts.claim
    return matrix, claim


def _blocks(shape: tuple[int, ...], lengths: list[int]) -> Iterator[_Blocks]:
    """Rows of the matrix, mode numbers of first elements and flags, some blocks at a time."""
    n_modes = math.prod(shape)
    at_once = max(_FLAGS_AT_ONCE // max(n_modes, 1), 1)
    for row, length in enumerate(lengths):
        places = tuple(side - length + 1 for side in shape)
        count = math.prod(places)
        for start in range(0, count, at_once):
            corners = np.unravel_index(np.arange(start, min(start + at_once, count)), places)
            inside = np.ones((len(corners[0]), *[1] * len(shape)), dtype=bool)
            for axis, corner in enumerate(corners):
                position = np.arange(shape[axis])
                along = (position >= corner[:, None]) & (position < corner[:, None] + length)
                width = [len(corner), *[1] * len(shape)]
                width[axis + 1] = shape[axis]
                inside = inside & along.reshape(width)
            rows = np.full(len(corners[0]), row)
            yield rows, np.ravel_multi_index(corners, shape), inside.reshape(-1, n_modes)
