"""`entanglement_profile`: the spectra of one function across many partitions of its inputs."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tnet.cuts.sweep import swept
from tnet.entanglement.measures import SchmidtSpectrum
from tnet.entanglement.spectrum import (
    CLAIM,
    checked_arrays,
    matricization_shape,
    schmidt_spectrum,
)
from tnet.entanglement.subjects import checked_output
from tnet.errors import PartitionError, SweepError
from tnet.network.groups import read_only
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters
from tnet.network.sides import side_of_modes

Floats: TypeAlias = NDArray[np.float64]
Sides: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class EntanglementProfile:
    """Spectra of one function across many partitions.

    Attributes
    ----------
    sides : ndarray of bool, shape (B, N)
        Elements on side A, a partition per row.
    output : int
        Which score.
    spectra : tuple of SchmidtSpectrum
        One per partition.
    """

    sides: Sides
    output: int
    spectra: tuple[SchmidtSpectrum, ...]

    @cached_property
    def entropies(self) -> Floats:
        """Entanglement entropies in bits, shape (B,)."""
        return np.array([spectrum.entropy() for spectrum in self.spectra])

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """Schmidt numbers at the default tolerance, shape (B,)."""
        return np.array([spectrum.number() for spectrum in self.spectra], dtype=np.int64)

    @cached_property
    def geometric_measures(self) -> Floats:
        """1 - sigma_1^2 / ||sigma||^2, shape (B,)."""
        return np.array([spectrum.geometric_measure for spectrum in self.spectra])

    def __len__(self) -> int:
        return len(self.spectra)

    def __repr__(self) -> str:
        spread = ""
        if len(self):
            least, median, most = np.quantile(self.entropies, [0, 0.5, 1])
            spread = f", entropies {least:.4g} to {most:.4g} bits, median {median:.4g}"
        return f"<EntanglementProfile: {len(self):,} partitions{spread}>"


def entanglement_profile(
    network: TensorNetwork,
    parameters: Parameters,
    sides: Sides,
    *,
    output: int = 0,
    executor: Executor | None = None,
    progress: bool = False,
) -> EntanglementProfile:
    r"""Compute the spectra of a network's function across many partitions of its inputs.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    parameters : mapping of str to array
        One array per parameter.
    sides : bool array, shape (B, N) or (B, \*input_shape)
        Elements on side A, a partition per entry of the first axis.
    output : int
        Which score, counted through the output indices in row order.
    executor : concurrent.futures.Executor, optional
        Runs the partitions. Threads, one to a processor, unless given. The result does not depend
        on it.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    EntanglementProfile
        ``spectra``, and arrays over them: ``entropies``, ``numbers``, ``geometric_measures``.

    Raises
    ------
    PartitionError
        If `sides` is not a bool array of one of these shapes, or there is no such output.
    OperatorError, StructureError, ParameterError
        If network or arrays do not fit.
    SweepError
        If the executor is none. If a partition fails or its worker dies; it then names the rows
        and carries the spectra that are finished. A partition that does not fit in memory is one
        that fails.

    Notes
    -----
    Every partition is one `schmidt_spectrum`.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
    >>> sides = tnet.partitions.random_balanced(8, seed=0, count=3)
    >>> profile = entanglement_profile(net, tnet.random_parameters(net), sides)
    >>> profile.numbers.tolist(), tnet.min_cuts(net, sides).log2.tolist()
    ([16, 8, 8], [4.0, 3.0, 3.0])
    """
    rows = _checked_sides(network, sides)
    output, _ = checked_output(network, output)
    checked_arrays(network, parameters)
    task = partial(_written, network, parameters, output)
    try:
        found = swept(task, rows, block=1, executor=executor, progress=progress)
    except SweepError as error:
        finished = [
            (start, end, tuple(_read(network, rows[start:end], pairs)))
            for start, end, pairs in error.finished
        ]
        raise SweepError(str(error), finished) from error.__cause__
    return EntanglementProfile(rows, output, tuple(_read(network, rows, found)))


def _checked_sides(network: TensorNetwork, sides: Sides) -> Sides:
    shapes = {(network.n_modes,), network.input_shape}
    try:
        array = np.asarray(sides)
    except ValueError as error:
        raise PartitionError(
            f"sides has rows of several lengths; give each {network.n_modes} flags"
        ) from error
    if array.dtype != bool or array.shape[1:] not in shapes:
        expected = " or ".join(
            f"(B, {str(shape)[1:-1].rstrip(',')})" for shape in sorted(shapes, key=len)
        )
        raise PartitionError(
            f"sides is a bool array of shape {expected}; got dtype {array.dtype} "
            f"and shape {array.shape}"
        )
    rows = np.zeros((len(array), network.n_modes), dtype=bool)
    for row, side in enumerate(array):
        rows[row] = side_of_modes(network, side)
    read_only(rows)
    return rows


def _written(network: TensorNetwork, parameters: Parameters, output: int, sides: Sides) -> Floats:
    """Spectra as pairs of numbers: how many values and the scale, the rounding, then the values."""
    pairs: list[tuple[float, float]] = []
    for side in sides:
        spectrum = schmidt_spectrum(network, parameters, side, output=output)
        pairs += [(len(spectrum.values), spectrum.log2_scale), (spectrum.rounding, 0.0)]
        pairs += [(value, 0.0) for value in spectrum.values.tolist()]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def _read(network: TensorNetwork, sides: Sides, pairs: Floats) -> Iterator[SchmidtSpectrum]:
    start = 0
    for side in sides:
        count, log2_scale = int(pairs[start, 0]), float(pairs[start, 1])
        first = start + 2
        yield SchmidtSpectrum(
            pairs[first : first + count, 0].copy(),
            log2_scale,
            matricization_shape(network, side),
            float(pairs[start + 1, 0]),
            CLAIM,
        )
        start = first + count
