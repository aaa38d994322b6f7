"""`min_cuts`: least cuts of one network for many partitions."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tnet.claims import Claim
from tnet.cuts.condensed import Floats, condensed
from tnet.cuts.forest_batch import forest_log2
from tnet.cuts.forest_programme import Programme, programme_of
from tnet.cuts.min_cut import cut_claim, min_cut
from tnet.cuts.result import MinCut
from tnet.cuts.sweep import swept
from tnet.errors import PartitionError
from tnet.network.groups import read_only
from tnet.network.model import TensorNetwork


@dataclass(frozen=True, eq=False, repr=False)
class CutBatch:
    """Least cuts for many partitions; as an array it is `log2`.

    Attributes
    ----------
    network : TensorNetwork
        The network that was cut.
    sides : ndarray of bool, shape (B, N)
        Elements on side A, a row per partition.
    log2 : ndarray of float64, shape (B,)
        Log2 of each least cut, rounded.
    claim : Claim
        What every one of them says of the Schmidt number.
    """

    network: TensorNetwork
    sides: NDArray[np.bool_]
    log2: Floats
    claim: Claim

    def cut(self, row: int) -> MinCut:
        """Return the cut of one partition in exact integers, with the indices that are cut."""
        return min_cut(self.network, self.sides[self._rows(row)[0]])

    def _rows(self, rows: int | Sequence[int] | NDArray[np.integer | np.bool_]) -> list[int]:
        """Read rows as whole numbers within range, or as a mask of all rows."""
        array = np.atleast_1d(np.asarray(rows))
        if array.dtype == bool and array.shape == (len(self),):
            array = np.nonzero(array)[0]
        whole = array.size == 0 or array.dtype.kind in "iu"
        if not whole or array.ndim != 1 or ((array < -len(self)) | (array >= len(self))).any():
            raise PartitionError(
                f"rows are numbers from 0 to {len(self) - 1}, or a mask of {len(self)} flags; got "
                f"{rows!r}"
            )
        return [int(row) for row in array]

    def exponents(
        self, rows: int | Sequence[int] | NDArray[np.integer | np.bool_]
    ) -> NDArray[np.int64]:
        """Exact exponents of the dims of the index groups in chosen cuts.

        Parameters
        ----------
        rows : int, sequence of int, or bool array of shape (B,)
            Which partitions. Each is cut anew, in exact integers.

        Returns
        -------
        ndarray of int64, shape (len(rows), n_index_groups)
            One row per partition, one column per index group.

        Raises
        ------
        PartitionError
            If `rows` are not whole numbers within range, nor a mask.
        """
        names = [group.name for group in self.network.index_groups]
        chosen = self._rows(rows)
        factors = [self.cut(row).factors for row in chosen]
        table = [[by_group.get(name, 0) for name in names] for by_group in factors]
        return np.array(table, dtype=np.int64).reshape(len(chosen), len(names))

    def __len__(self) -> int:
        return len(self.log2)

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.generic]:
        return np.array(self.log2, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        spread = ""
        if len(self):
            least, median, most = np.quantile(self.log2, [0, 0.5, 1])
            spread = f", log2 {least:.4g} to {most:.4g}, median {median:.4g}"
        return f"<CutBatch: {len(self):,} partitions{spread} ({self.claim.kind})>"


def min_cuts(
    network: TensorNetwork,
    sides: NDArray[np.bool_],
    *,
    executor: Executor | None = None,
    progress: bool = False,
) -> CutBatch:
    r"""Find the least cut for each of many partitions of the inputs.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    sides : bool array, shape (B, N) or (B, \*input_shape)
        Elements on side A, a partition per entry of the first axis.
    executor : concurrent.futures.Executor, optional
        Runs the blocks of partitions. Threads, one to a processor, unless given.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    CutBatch
        ``log2`` (B,), ``exponents(rows)``, ``cut(row)``, ``claim``; ``np.asarray`` gives `log2`.

    Raises
    ------
    PartitionError
        If `sides` is not a bool array of one of these shapes.
    SweepError
        If a block fails or its worker dies; the error carries what is finished.

    Notes
    -----
    Forests: the two-state programme in floating point, vectorised over a block of partitions. A
    block is as many partitions as have 4 MiB of floats, or 32 MiB of flags in deep trees, but at
    least 8: so scratch memory per thread is at most the larger of 36 MiB and 300 bytes per index,
    whatever B is. Beside that there are a copy of `sides` and some 50 bytes per partition. If all
    dims are powers of one integer, sums are exact, and so is each cut up to the rounding of one
    logarithm; otherwise rounding is a few parts in 10^14. Networks with loops: one maximum flow
    per partition, as in `min_cut`.

    Examples
    --------
    >>> import tnet
    >>> network = tnet.ConvNet(16, features=2, widths=(4, 4, 4, 4)).compile()
    >>> sides = tnet.partitions.random_balanced(16, seed=0, count=3)
    >>> tnet.min_cuts(network, sides)
    <CutBatch: 3 partitions, log2 6 to 8, median 8 (exact by theorem)>
    >>> tnet.min_cuts(network, sides).exponents([0]).tolist()
    [[4, 0, 0, 0, 1]]
    """
    rows = _checked_sides(network, sides)
    forest, proved = network.forest, True
    if forest is None:
        found = swept(
            partial(_flow_log2, network), rows, block=1, executor=executor, progress=progress
        )
    else:
        programme = programme_of(condensed(network, forest), network.n_modes)
        task = partial(_forest_log2, programme)
        found = swept(task, rows, block=programme.block, executor=executor, progress=progress)
    log2, slack = found[:, 0].copy(), float(found[:, 1].max(initial=0.0))
    if forest is not None:
        least = "each cut is least up to the rounding of its log2"
    elif slack == 0:
        least = "each cut is least, proved by an equal flow"
    else:
        least, proved = f"least cuts are at most {slack:.2g} bits smaller, proved by flow", False
    read_only(log2)
    return CutBatch(network, rows, log2, cut_claim(network, least, proved=proved))


def _checked_sides(network: TensorNetwork, sides: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a copy of `sides` as rows, read-only."""
    try:
        array = np.asarray(sides)
    except ValueError as error:
        raise PartitionError(
            f"sides has rows of several lengths; give each {network.n_modes} flags"
        ) from error
    shapes = list(dict.fromkeys([(network.n_modes,), network.input_shape]))
    expected = " or ".join("(B, " + ", ".join(map(str, shape)) + ")" for shape in shapes)
    if array.dtype != bool:
        raise PartitionError(
            f"sides is an array of bool, of shape {expected}; got dtype {array.dtype} and shape "
            f"{array.shape}; give arr.astype(bool) if it holds 0 and 1"
        )
    if array.ndim < 2 or array.shape[1:] not in shapes:
        one = " for a single partition, use min_cut or sides[None]" if array.shape in shapes else ""
        raise PartitionError(
            f"sides has a row per partition and an entry per element, shape {expected}; got shape "
            f"{array.shape}{';' + one if one else '; reshape it'}"
        )
    rows = np.array(array, order="C").reshape(len(array), network.n_modes)
    read_only(rows)
    return rows


def _forest_log2(programme: Programme, sides: NDArray[np.bool_]) -> Floats:
    log2 = forest_log2(programme, sides)
    return np.stack([log2, np.zeros_like(log2)], axis=1)


def _flow_log2(network: TensorNetwork, sides: NDArray[np.bool_]) -> Floats:
    cuts = [min_cut(network, side, method="flow") for side in sides]
    return np.array([[cut.log2, cut.slack_log2] for cut in cuts]).reshape(len(sides), 2)
