"""Ranks and singular values of a network's grid tensor between two groups of elements."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.memory import check_fits
from tnet.cuts.min_cut import min_cut
from tnet.entanglement.measures import scaled_singular_values
from tnet.entanglement.probes import probed_network
from tnet.entanglement.spectrum import schmidt_spectrum
from tnet.errors import FeatureError, SizeLimitError
from tnet.expressiveness.depth.numerals import numeral
from tnet.expressiveness.grid_ranks import exact_rank, rank_tolerance
from tnet.expressiveness.grid_tensors import grid_tensor
from tnet.network.groups import TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters

Array = NDArray[Any]

MOST_VALUES = 4096
"""Longest side of a matrix whose rank is taken."""

_MOST_ENTRIES = 2**24
"""Entries of the largest grid that is computed."""

_PRIME = 2**31 - 1
"""Modulus of exact ranks of grids."""

_PROBE_PRIME = 4194301
"""Modulus of exact ranks on probes: the largest prime of 22 bits."""

_SPARE_PROBES = 8
"""Probes beyond the cut."""

_EXACT_BITS = 52
"""Whole numbers of so many bits are exact in float64, with one to spare."""


@dataclass(frozen=True, eq=False)
class SingularValues:
    """Singular values of a matricization.

    Attributes
    ----------
    values : ndarray of float
        Descending, relative to the largest; 0 where they are rounding.
    log2_scale : float
        Log2 of the largest.
    """

    values: NDArray[np.float64]
    log2_scale: float


@dataclass(frozen=True, eq=False)
class GridSubject:
    """One score of a network with its weights, seen as a grid tensor.

    Attributes
    ----------
    network : TensorNetwork
        Any.
    parameters : mapping of str to ndarray
        Checked.
    tables : tuple of ndarray
        Features of the templates of every element, arrays (n_i, d_i).
    one_hot : bool
        Whether all of them are identities.
    output : int
        Which score.
    """

    network: TensorNetwork
    parameters: Parameters
    tables: tuple[Array, ...]
    one_hot: bool
    output: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Templates of every element."""
        return tuple(len(table) for table in self.tables)

    @cached_property
    def is_whole(self) -> bool:
        """Whether weights and templates are arrays of integers, so that ranks can be exact."""
        arrays = [*self.parameters.values(), *self.tables]
        if any(np.asarray(array).dtype.kind not in "iu" for array in arrays):
            return False
        return self.network.is_product or self._stays_exact()

    @property
    def by_factors(self) -> bool:
        """Whether spectra come from the factors, so that no grid is computed."""
        readings = len(self.network.inputs)
        return self.network.is_product and self.one_hot and readings == self.network.n_modes

    def check_size(self, side_a: NDArray[np.bool_]) -> None:
        """Raise if a partition is too large for `rank` and `singular_values`.

        Raises
        ------
        SizeLimitError
            With the size and the limit.
        """
        if self.by_factors:
            cut = min_cut(self.network, side_a).dimension
            if cut > MOST_VALUES:
                raise SizeLimitError(
                    f"a partition has min cut {numeral(cut)}, and ranks are taken up to "
                    f"{MOST_VALUES:,}; give sides with smaller cuts"
                )
            return
        rows, columns = self._n_cells(side_a), self._n_cells(~side_a)
        if min(rows, columns) > MOST_VALUES:
            raise SizeLimitError(
                f"a partition gives a matrix of {numeral(rows)} by {numeral(columns)}, and "
                f"ranks are taken up to {MOST_VALUES:,} on the shorter side; take fewer templates "
                "or elements"
            )
        if rows * columns > _MOST_ENTRIES:
            raise SizeLimitError(
                f"the grid tensor has {numeral(rows * columns)} entries, and "
                f"{_MOST_ENTRIES:,} are computed at most; take fewer templates or elements"
            )

    def rank(self, side_a: NDArray[np.bool_]) -> int:
        """Return the rank across a partition; of whole numbers modulo a prime, so no larger.

        Raises
        ------
        MemoryLimitError
            If it does not fit in memory.
        FeatureError
            If the grid tensor has entries that are not finite.
        """
        if not self.is_whole:
            return int(np.count_nonzero(self.singular_values(side_a).values))
        if self.by_factors:
            return self._rank_on_probes(side_a)
        return exact_rank(self._matrix(self._whole_grid, side_a), _PRIME)

    def singular_values(self, side_a: NDArray[np.bool_]) -> SingularValues:
        """Return the singular values across a partition; errors are those of `rank`."""
        if self.by_factors:
            spectrum = schmidt_spectrum(self.network, self._floats, side_a, output=self.output)
            values, log2, rtol = spectrum.values, spectrum.log2_scale, spectrum.default_rtol
        else:
            matrix = self._matrix(self._grid, side_a)
            values, log2 = scaled_singular_values(matrix)
            rtol = rank_tolerance(matrix.shape)
        return SingularValues(np.where(values > rtol, values, 0.0), log2)

    @property
    def _floats(self) -> Parameters:
        return {name: _as_floats(array) for name, array in self.parameters.items()}

    def _rank_on_probes(self, side_a: NDArray[np.bool_]) -> int:
        most = min_cut(self.network, side_a).dimension + _SPARE_PROBES
        probes_a, probes_b = (min(self._n_cells(side), most) for side in (side_a, ~side_a))
        on_a = side_a[self.network.input_modes]
        probed = probed_network(self.network, on_a, (probes_a, probes_b), output=self.output)
        check_fits(
            32 * probed.plan.largest_intermediate,
            what=f"the evaluation of {probes_a} by {probes_b} probes",
            remedy="give other sides",
        )
        generator = np.random.default_rng(0)
        vectors = [
            generator.integers(_PROBE_PRIME, size=(probes_a if flag else probes_b, dim))
            for flag, dim in zip(side_a.tolist(), self.sizes, strict=True)
        ]
        return exact_rank(probed.values(self.parameters, vectors, _PROBE_PRIME), _PROBE_PRIME)

    def _n_cells(self, side: NDArray[np.bool_]) -> int:
        return math.prod(size for size, flag in zip(self.sizes, side, strict=True) if flag)

    def _matrix(self, grid: Array, side_a: NDArray[np.bool_]) -> Array:
        on_a = np.nonzero(side_a)[0].tolist()
        return np.moveaxis(grid, on_a, range(len(on_a))).reshape(self._n_cells(side_a), -1)

    @cached_property
    def _whole_grid(self) -> Array:
        """The grid of whole numbers: of products modulo the prime."""
        if not self.network.is_product:
            return self._grid.astype(np.int64)
        tables = list(self.tables)
        grid = grid_tensor(self.network, self.parameters, tables, modulo=_PRIME)
        return self._of_output(grid)

    @cached_property
    def _grid(self) -> Array:
        # What overflows is refused below.
        with np.errstate(over="ignore", invalid="ignore"):
            tables = [_as_floats(table) for table in self.tables]
            grid = self._of_output(grid_tensor(self.network, self._floats, tables))
        if not np.isfinite(grid).all():
            raise FeatureError(
                "the grid tensor has entries that are not finite, so it has no rank; scale the "
                "weights down"
            )
        return grid

    def _of_output(self, grid: Array) -> Array:
        # A grid of 64 elements has no room for one axis more.
        scores = grid.reshape(math.prod(self.sizes), -1)
        return scores[:, self.output].reshape(self.sizes)

    def _stays_exact(self) -> bool:
        """Whether no number on the way to the score of a ReLU/max network can leave float64."""
        forest = self.network.forest
        if set(self.network.operators) != {"max"} or forest is None:
            return False
        # No sum is larger than the largest number so far times the largest sum of weights.
        groups = self.network.tensor_groups
        sums = [_largest_fan_in(self.parameters[group.parameter], group) for group in groups]
        features = [float(np.abs(table.astype(np.float64)).max()) for table in self.tables]
        bound = math.log2(max([1.0, *features]))
        return bound + forest.n_levels * math.log2(max([1.0, *sums])) < _EXACT_BITS


def _as_floats(array: Array) -> Array:
    return array.astype(np.float64) if array.dtype.kind in "biu" else array


def _largest_fan_in(array: Array, group: TensorGroup) -> float:
    """Largest sum of weights, without signs, that makes one entry nearer to the root."""
    first = 0 if group.shared else 1
    summed = tuple(first + axis for axis in range(group.order) if axis != group.root_axis)
    return float(np.abs(array.astype(np.float64)).sum(axis=summed).max(initial=0.0))
