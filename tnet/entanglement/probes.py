"""Exact ranks modulo a prime, of a network with random weights evaluated on random products."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.contraction.evaluate import evaluate
from tnet.contraction.memory import check_fits
from tnet.contraction.planning import plan
from tnet.entanglement.subjects import checked_output
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, parameter_shapes

Residues = NDArray[np.int64]

PRIME_BITS = 22
"""So few that sums of 512 products of two residues are exact in float64."""

_CELL_BYTES = 64
"""Bytes per evaluation of the square: as a residue, a Python int in a list, and in the matrix."""

_BLOCK_BYTES = 2**27
"""Evaluations are made in blocks of about this size."""


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


def modular_values(
    network: TensorNetwork, parameters: Parameters, features: Sequence[Residues], prime: int
) -> Residues:
    """Evaluate a network modulo a prime.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    parameters : mapping of str to ndarray of int64
        Residues, one array per parameter.
    features : sequence of N arrays of int64, shape (B, d_i)
        Residues.
    prime : int
        Of at most `PRIME_BITS` bits.

    Returns
    -------
    ndarray of int64, shape (B, *output dims)
        Residues.

    Examples
    --------
    >>> import numpy as np, tnet
    >>> net = tnet.from_einsum("ab->ab", (2, 2))
    >>> ones = np.ones((1, 2), dtype=np.int64)
    >>> modular_values(net, {"t0": np.array([[1, 2], [3, 4]])}, [ones, ones], 7)
    array([3])
    """
    values: Residues = evaluate(network, parameters, features, modulo=prime)
    return values


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

    output, n_outputs = checked_output(network, output)
    block = _checked_block(network, probes)
    generator = np.random.default_rng([seed, draw])
    prime = _random_prime(generator)
    parameters = {
        name: generator.integers(prime, size=shape)
        for name, shape in parameter_shapes(network).items()
    }
    vectors = [
        generator.integers(prime, size=(probes[0] if on_a else probes[1], dim))
        for on_a, dim in zip(side_a.tolist(), _dims_of_modes(network), strict=True)
    ]
    grid = np.empty(probes[0] * probes[1], dtype=np.int64)
    for cells in _blocks(len(grid), block, progress):
        rows, columns = cells // probes[1], cells % probes[1]
        features = [
            table[rows if on_a else columns]
            for on_a, table in zip(side_a.tolist(), vectors, strict=True)
        ]
        values = modular_values(network, parameters, features, prime)
        grid[cells] = values.reshape(-1, n_outputs)[:, output]
    rank = int(nmod_mat(*probes, grid.tolist(), prime).rank())
    return RankCertificate(prime, seed, draw, *probes, rank)


def _blocks(total: int, block: int, progress: bool) -> Iterator[NDArray[np.int64]]:
    """Numbers of the evaluations, `block` at a time."""
    from tqdm import tqdm

    with tqdm(total=total, unit="value", disable=not progress, dynamic_ncols=True) as bar:
        for start in range(0, total, block):
            cells = np.arange(start, min(start + block, total))
            yield cells
            bar.update(len(cells))


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


def _checked_block(network: TensorNetwork, probes: tuple[int, int]) -> int:
    """Return how many evaluations to make at once, after a check that all fits in memory."""
    dims, total = _dims_of_modes(network), math.prod(probes)
    fixed = 8 * (network.n_parameters + max(probes) * sum(dims)) + _CELL_BYTES * total
    what = f"the rank of {_text(probes[0])} x {_text(probes[1])} random products"
    _check(fixed, what)
    steps, block = plan(network, task="evaluate"), min(total, _BLOCK_BYTES // 8)

    def block_bytes() -> int:
        return steps.peak_bytes(block) + 8 * block * sum(dims)

    while block > 1 and block_bytes() > _BLOCK_BYTES:
        block = (block + 1) // 2
    _check(fixed + block_bytes(), f"{what}, {block:,} evaluated at once,")
    return block


def _text(count: int) -> str:
    """In full, unless Python has a limit on that."""
    return f"{count:,}" if count < 2**40 else f"2^{math.log2(count):.1f}"


def _check(n_bytes: int, what: str) -> None:
    remedy = "draws=0 leaves draws out and gives the interval that theorems give"
    check_fits(n_bytes, what=what, remedy=remedy)
