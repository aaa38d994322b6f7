"""Exact ranks modulo a prime, of a network with random weights evaluated on random products."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.evaluate import contract
from tnet.contraction.memory import check_fits
from tnet.contraction.plan import Plan
from tnet.contraction.planning import plan
from tnet.entanglement.subjects import checked_output
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters

Residues = NDArray[np.int64]

PRIME_BITS = 22
"""So few that sums of 512 products of two residues are exact in float64."""

_CELL_BYTES = 64
"""Bytes per evaluation of the square: as a residue, a Python int in a list, and in the matrix."""

_BLOCK_BYTES = 2**29
"""Intermediates of a block of the square take about this much at most."""


@dataclass(frozen=True, slots=True)
class RankCertificate:
    """A random draw of weights and probes, and the rank it has modulo a prime.

    The draw is made anew from these numbers alone.

    Attributes
    ----------
    prime : int
        Modulus, drawn by the seed.
    seed, draw : int
        Seed of NumPy's default generator, ``[seed, draw]``.
    probes_a, probes_b : int
        Probes on side A and on side B.
    rank : int
        Rank of the matrix of evaluations: no more than the largest Schmidt number.
    """

    prime: int
    seed: int
    draw: int
    probes_a: int
    probes_b: int
    rank: int


@dataclass(frozen=True, eq=False)
class ProbedNetwork:
    """A network closed by a table of vectors at every reading, the numbers of the probes open.

    Attributes
    ----------
    network : TensorNetwork
        Its two inputs are the number of the probe of side A and that of side B; what were
        readings and outputs are inner indices.
    plan : Plan
        To contract it to the matrix of evaluations.
    tables : dict of str to tuple of int
        Readings that each of the parameters of vectors closes, by its name.
    fixed : dict of str to ndarray of int64
        Parameters that choose the output, and ones for a side without readings.
    """

    network: TensorNetwork
    plan: Plan
    tables: dict[str, tuple[int, ...]]
    fixed: dict[str, Residues]

    def values(self, parameters: Parameters, vectors: Sequence[Residues], prime: int) -> Residues:
        """Evaluate on every pair of a probe of side A and one of side B, modulo a prime.

        Parameters
        ----------
        parameters : mapping of str to ndarray of int64
            Residues: the weights of the network that is probed.
        vectors : sequence of ndarray of int64, shape (probes of its side, dim)
            Residues, one array per reading.
        prime : int
            Of at most `PRIME_BITS` bits.

        Returns
        -------
        ndarray of int64, shape (probes of side A, probes of side B)
            Residues.
        """
        stacks = {
            name: np.stack([vectors[reading] for reading in readings])
            for name, readings in self.tables.items()
        }
        arrays = {**parameters, **self.fixed, **stacks}
        found: Residues = contract(self.network, arrays, plan=self.plan, modulo=prime)
        return found


def probed_network(
    network: TensorNetwork, on_a: NDArray[np.bool_], probes: tuple[int, int], *, output: int = 0
) -> ProbedNetwork:
    """Close the readings of a network by tables of probes, those of a side with one index.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    on_a : bool array, one flag per reading
        Readings on side A.
    probes : tuple of int
        Probes on side A and on side B.
    output : int
        Which score, counted through the output indices in row order.

    Returns
    -------
    ProbedNetwork
        Its plan is that of evaluation. A subtree with readings of one side alone is contracted
        for the probes of that side, not for every pair.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("ab->ab", (2, 2))
    >>> probed = probed_network(net, np.array([True, False]), (2, 1))
    >>> weights, one = {"t0": np.array([[1, 2], [3, 4]])}, np.ones((1, 2), dtype=np.int64)
    >>> probed.values(weights, [np.eye(2, dtype=np.int64), one], 5)
    array([[3],
           [2]])
    """
    tables = _tables(network, on_a)
    fixed = _vectors_of_outputs(network, output)
    ends = (network.n_indices, network.n_indices + 1)
    for end, n_probes, lonely in zip(ends, probes, (not on_a.any(), on_a.all()), strict=True):
        if lonely:
            fixed[end] = np.ones(n_probes, dtype=np.int64)
    names = _free_names({*network.parameter_shapes, *(g.name for g in network.tensor_groups)})
    tables_by_name = {next(names): table for table in tables}
    fixed_by_name = {next(names): index for index in fixed}
    closing = [
        TensorGroup(name, _rows([ends[not on_a[k]], int(network.inputs[k])] for k in readings))
        for name, readings in tables_by_name.items()
    ]
    closing += [
        TensorGroup(name, _rows([[index]]), shared=True) for name, index in fixed_by_name.items()
    ]
    names = _free_names({group.name for group in network.index_groups})
    closed = TensorNetwork(
        (
            *(replace(group, role="inner") for group in network.index_groups),
            *(IndexGroup(next(names), n_probes, role="input") for n_probes in probes),
        ),
        (*network.tensor_groups, *closing),
    )
    order = _order(network, [k for readings in tables for k in readings], list(fixed))
    return ProbedNetwork(
        closed,
        Plan(closed, "contract", order),
        tables_by_name,
        {name: fixed[index] for name, index in fixed_by_name.items()},
    )


def _tables(network: TensorNetwork, on_a: NDArray[np.bool_]) -> list[tuple[int, ...]]:
    """Readings of one side and one dim, whose vectors are one array."""
    classes: dict[tuple[bool, int], list[int]] = {}
    for number, reading in enumerate(network.inputs.tolist()):
        classes.setdefault((bool(on_a[number]), network.dim_of(reading)), []).append(number)
    return [tuple(readings) for readings in classes.values()]


def _vectors_of_outputs(network: TensorNetwork, output: int) -> dict[int, Residues]:
    """Unit vectors that hold the output indices at the values of one score."""
    vectors: dict[int, Residues] = {}
    for index in reversed(network.outputs.tolist()):
        dim = network.dim_of(index)
        output, value = divmod(output, dim)
        vectors[index] = np.zeros(dim, dtype=np.int64)
        vectors[index][value] = 1
    return vectors


def _rows(ids: Iterable[list[int]]) -> NDArray[np.int32]:
    return np.array(list(ids), dtype=np.int32)


def _free_names(taken: set[str]) -> Iterator[str]:
    return (name for k in itertools.count() if (name := f"probes{k}") not in taken)


def _order(network: TensorNetwork, readings: list[int], fixed: list[int]) -> NDArray[np.int64]:
    """Order of evaluation: outputs are held first, so that no step carries their other values.

    Operands are the tensors, the vectors at `readings` and those of the indices `fixed`.
    """
    of_evaluation = plan(network, task="evaluate").pairs
    n_tensors, n_closed = network.n_tensors, network.n_tensors + len(readings)
    number = dict(zip(readings, range(n_tensors, n_closed), strict=True))
    known = [*range(n_tensors), *(number[k] for k in range(len(readings)))]
    steps: list[tuple[int, int]] = []
    result = n_closed + len(fixed)
    for vector, index in enumerate(fixed, start=n_closed):
        if index < network.n_indices:
            holder = int(network.incidence.tensors_at(index)[0])
            steps.append((known[holder], vector))
            known[holder] = result + len(steps) - 1
    for left, right in of_evaluation.tolist():
        steps.append((known[left], known[right]))
        known.append(result + len(steps) - 1)
    # What is left are the ones of sides without readings.
    for vector, index in enumerate(fixed, start=n_closed):
        if index >= network.n_indices:
            steps += [(known[-1], vector)] if known else []
            known.append(result + len(steps) - 1 if steps else vector)
    return np.array(steps, dtype=np.int64).reshape(-1, 2)


def random_rank(
    network: TensorNetwork,
    side_a: NDArray[np.bool_],
    probes: tuple[int, int],
    *,
    output: int = 0,
    seed: int = 0,
    draw: int = 0,
    progress: bool = False,
) -> RankCertificate:
    r"""Draw a prime, weights and probes, and find the rank of the matrix of evaluations.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    side_a : bool array of shape (N,)
        Elements on side A.
    probes : tuple of int
        Probes on side A and on side B. Each gives every element of its side a random vector.
    output : int
        Which score, counted through the output indices in row order.
    seed, draw : int
        What the draw is made from.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    RankCertificate
        ``rank``, and what it takes to draw it again.

    Raises
    ------
    MemoryLimitError
        If weights, probes or evaluations do not fit; nothing is drawn then.
    PartitionError
        If there is no such output.

    Notes
    -----
    With the products of the probes as the rows of U and V, the evaluations are
    :math:`U A V^T`, A the matricization: their rank is at most that of A. Reduction modulo a
    prime is a homomorphism, so a minor that is not zero after it was not zero before: the rank
    modulo the prime is at most the rank, over the rationals, of the same integer weights. That is
    one choice of real weights, so it is at most the largest rank. This holds for any prime and
    any draw; almost all draws reach the rank that almost all weights have, up to the number of
    probes. An element that is read several times has one vector for all its readings: the rank
    is then of the function of free feature vectors, which is no more than that of the
    coefficient tensor with one axis per reading.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> spec = tnet.ConvNet(4, features=2, widths=(4,), window=4, shared=True)
    >>> side = np.array([True, False, True, False])
    >>> random_rank(spec.compile(), side, (4, 4)).rank
    3
    """
    from flint import nmod_mat

    output, _ = checked_output(network, output)
    on_a = side_a[network.input_modes]
    probed, block = _checked_blocks(network, on_a, probes, output)
    generator = np.random.default_rng([seed, draw])
    prime = _random_prime(generator)
    parameters = {
        name: generator.integers(prime, size=shape)
        for name, shape in network.parameter_shapes.items()
    }
    vectors = [
        generator.integers(prime, size=(probes[0] if flag else probes[1], dim))
        for flag, dim in zip(side_a.tolist(), _dims_of_modes(network), strict=True)
    ]
    grid = np.empty(probes, dtype=np.int64)
    for rows, columns in _blocks(probes, block, progress):
        part = [
            vectors[mode][rows if flag else columns]
            for mode, flag in zip(network.input_modes.tolist(), on_a.tolist(), strict=True)
        ]
        grid[rows, columns] = probed.values(parameters, part, prime)
    rank = int(nmod_mat(*probes, grid.ravel().tolist(), prime).rank())
    return RankCertificate(prime, seed, draw, *probes, rank)


def _blocks(
    probes: tuple[int, int], block: tuple[int, int], progress: bool
) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of blocks of one size; the last ones overlap those before them."""
    from tqdm import tqdm

    runs = [
        [slice(min(k, n - size), min(k, n - size) + size) for k in range(0, n, size)]
        for n, size in zip(probes, block, strict=True)
    ]
    with tqdm(
        total=len(runs[0]) * len(runs[1]), unit="block", disable=not progress, dynamic_ncols=True
    ) as bar:
        for rows, columns in itertools.product(*runs):
            yield rows, columns
            bar.update()


def _random_prime(generator: np.random.Generator) -> int:
    from flint import fmpz

    while True:
        candidate = int(generator.integers(2 ** (PRIME_BITS - 1), 2**PRIME_BITS))
        if fmpz(candidate).is_prime():
            return candidate


def _dims_of_modes(network: TensorNetwork) -> list[int]:
    dims = [0] * network.n_modes
    for mode, reading in zip(network.input_modes.tolist(), network.inputs.tolist(), strict=True):
        dims[mode] = network.dim_of(reading)
    return dims


def _checked_blocks(
    network: TensorNetwork, on_a: NDArray[np.bool_], probes: tuple[int, int], output: int
) -> tuple[ProbedNetwork, tuple[int, int]]:
    """Return the network for blocks of probes of a side, after a check that all fits in memory."""
    dims = sum(_dims_of_modes(network))
    # As they are drawn, stacked, and as what products of matrices take.
    fixed = 24 * (network.n_parameters + max(probes) * dims) + _CELL_BYTES * math.prod(probes)
    what = f"the rank of {_text(probes[0])} x {_text(probes[1])} random products"
    _check(fixed, what)
    block = probes
    probed = probed_network(network, on_a, block, output=output)
    while (needed := probed.plan.peak_bytes()) > _BLOCK_BYTES and block != (1, 1):
        shrink = min(math.sqrt(_BLOCK_BYTES / needed), 0.75)
        block = (_even(probes[0], block[0] * shrink), _even(probes[1], block[1] * shrink))
        probed = probed_network(network, on_a, block, output=output)
    _check(fixed + needed, f"{what}, {_text(block[0])} x {_text(block[1])} at once,")
    return probed, block


def _even(total: int, size: float) -> int:
    """Return the least size of blocks that are as many as blocks of `size`."""
    return math.ceil(total / math.ceil(total / max(1, int(size))))


def _text(count: int) -> str:
    """In full, unless Python has a limit on that."""
    return f"{count:,}" if count < 2**40 else f"2^{math.log2(count):.1f}"


def _check(n_bytes: int, what: str) -> None:
    remedy = "draws=0 leaves draws out and gives the interval that theorems give"
    check_fits(n_bytes, what=what, remedy=remedy)
