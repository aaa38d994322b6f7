"""`max_schmidt_number`: the largest Schmidt number over all weights, between proved bounds."""

import math
from dataclasses import replace

from tnet.cuts.schmidt_bound import RankBound, schmidt_bound
from tnet.entanglement.floored import floored_bound
from tnet.entanglement.interval import SchmidtInterval
from tnet.entanglement.probes import random_rank
from tnet.entanglement.subjects import Subject, checked_output, network_asked_about
from tnet.errors import OperatorError, StructureError, VerificationError
from tnet.network.groups import whole_number
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

_SPARE_PROBES = 8
"""Probes beyond the bound, so that an unlucky few do not lower the rank."""


def max_schmidt_number(
    network: TensorNetwork,
    side_a: Side,
    *,
    of: Subject = "coefficients",
    output: int = 0,
    seed: int = 0,
    draws: int = 2,
    progress: bool = False,
) -> SchmidtInterval:
    r"""Find the largest Schmidt number over all weights, exactly or between two bounds.

    Parameters
    ----------
    network : TensorNetwork
        With products only; weights shared or not, with or without loops.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A: flags, or mode numbers or names of inputs. Side B is the rest; either may be
        empty.
    of : {'coefficients', 'function'}
        Matters where an element is read several times. ``coefficients``: of the coefficient
        tensor with one axis per reading, as `schmidt_spectrum` has it. ``function``: of the
        function of the elements' feature vectors, the same for all readings of an element; no
        more than that of the coefficients, so the upper bound is the same.
    output : int
        Which score, counted through the output indices in row order.
    seed : int
        Of the random draws.
    draws : int
        Draws of weights at most; 0 leaves them out. One draw almost always tells as much as
        many.
    progress : bool
        Whether to show a bar on stderr for every draw.

    Returns
    -------
    SchmidtInterval
        ``lower``, ``upper``, ``exact``, ``claim``, ``certificate``, ``verify()``.

    Raises
    ------
    OperatorError
        If an operator is not the product: there is no coefficient tensor.
    StructureError
        If an index stands for several, or `draws` is not a whole number of at least 0.
    PartitionError, UnknownNameError
        If side or output do not fit the network.
    MemoryLimitError
        If the draws do not fit: evaluations are the square of the upper bound plus 8, and are made
        in blocks. The message says the bytes; without draws there is always an interval.

    Notes
    -----
    Upper bound: `schmidt_bound`. Lower bounds: where all weights are free, the min cut with dims
    floored to powers of one integer [1]_; else, or where that is not enough, the rank modulo a
    random prime of the network with random weights, evaluated on products of random probes,
    `upper` + 8 of them on each side. The rank modulo any prime of any integer weights is at most
    their rank over the rationals, and so at most the largest rank: minors that are not zero
    modulo the prime are not zero. Minors are polynomials in the weights, so one choice of
    weights where a minor is not zero proves that it is not zero for almost all; the proof in full,
    and what the chance of failure means, are in docs/theory/certificates.md.

    The function of free feature vectors is a polynomial where elements are read several times;
    with representation functions that have relations among their products, such as powers of
    one variable, that of the inputs can separate with fewer terms.

    References
    ----------
    .. [1] Levine, Yakira, Cohen, Shashua. Deep learning and quantum entanglement: fundamental
       connections with implications to network design. ICLR 2018. arXiv:1704.01552.

    Examples
    --------
    Four elements in one window with the same filters: the min cut is 4, but the coefficient
    tensor is symmetric, and 3 is reached.

    >>> import tnet
    >>> spec = tnet.ConvNet(4, features=2, widths=(4,), window=4, shared=True)
    >>> found = max_schmidt_number(spec.compile(), [0, 2])
    >>> print(found)
    largest Schmidt number 3  (2 against 2 inputs; exact by certificate)
    >>> found.certificate.rank, found.verify()
    (3, True)
    """
    _check_question(network, draws)
    output, _ = checked_output(network, output)
    elements = side_of_modes(network, side_a)
    subject, side = network_asked_about(network, elements, of)
    bound = schmidt_bound(subject, side)
    exact = bound.claim.kind == "exact by theorem"
    floored = None if exact else floored_bound(subject, side)
    found = SchmidtInterval(network, elements, of, output, bound, floored, None, 0)
    probes = _probes(subject, bound)
    for draw in range(draws):
        if found.exact:
            break
        drawn = random_rank(
            subject, side, probes, output=output, seed=seed, draw=draw, progress=progress
        )
        if drawn.rank > bound.dimension:
            raise VerificationError(
                f"draw {draw} of seed {seed} has rank {drawn.rank}, above the upper bound "
                f"{bound.dimension_text}; report it, and do not use the bound"
            )
        best = found.certificate
        if best is None or drawn.rank > best.rank:
            best = drawn
        found = replace(found, certificate=best, draws=draw + 1)
    return found


def _check_question(network: TensorNetwork, draws: int) -> None:
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r} and no coefficient tensor, so no "
            "Schmidt number; separation_rank bounds that of its function from below"
        )
    if whole_number(draws, what="draws") < 0:
        raise StructureError(f"draws must be at least 0; got {draws}")
    network.check_unrolled()


def _probes(network: TensorNetwork, bound: RankBound) -> tuple[int, int]:
    """Probes per side: no more than the rows or columns of the matricization."""
    on_a = bound.side_a[network.input_modes]
    most = bound.dimension + _SPARE_PROBES
    dims = [network.dim_of(int(reading)) for reading in network.inputs]
    rows = math.prod(dim for dim, flag in zip(dims, on_a, strict=True) if flag)
    columns = math.prod(dim for dim, flag in zip(dims, on_a, strict=True) if not flag)
    return min(most, rows), min(most, columns)
