"""What proves the two bounds on a largest Schmidt number: how it is found, and found anew."""

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.result import MinCut
from tnet.cuts.schmidt_bound import RankBound, schmidt_bound
from tnet.entanglement.floored import FlooredBound, floored_bound
from tnet.entanglement.probes import RankCertificate, random_rank
from tnet.errors import VerificationError
from tnet.network.model import TensorNetwork

BY_THEOREM: Final = "exact by theorem"
READ_ONCE: Final = "every element is read once"
AXIS_PER_READING: Final = "one axis per reading"

_SPARE_PROBES = 8
"""Probes beyond the bound, so that an unlucky few do not lower the rank."""


def bounds_by_theorem(
    subject: TensorNetwork, side: NDArray[np.bool_], *, per_reading: bool
) -> tuple[RankBound, FlooredBound | None]:
    """Return the upper bound, and the lower one by powers of one integer where it is needed.

    Parameters
    ----------
    subject : TensorNetwork
        The network that the question is about, as `network_asked_about` gives it.
    side : bool array
        By its elements.
    per_reading : bool
        Whether its elements are readings of elements that are read more than once; hypotheses
        then say so.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("abw,cdw->abcd", (3, 5, 2), (3, 5, 2))
    >>> bound, floored = bounds_by_theorem(
    ...     net, np.array([True, False, False, True]), per_reading=False
    ... )
    >>> bound.dimension, floored.dimension
    (15, 9)
    """
    bound = schmidt_bound(subject, side)
    floored = None if bound.claim.kind == BY_THEOREM else floored_bound(subject, side)
    if per_reading:
        cut = _cut_per_reading(bound.cut)
        bound = replace(bound, cut=cut, claim=_claim_per_reading(bound.claim))
        if floored is not None:
            floored = replace(floored, cut=_cut_per_reading(floored.cut))
    return bound, floored


def _cut_per_reading(cut: MinCut) -> MinCut:
    return replace(cut, claim=_claim_per_reading(cut.claim))


def _claim_per_reading(claim: Claim) -> Claim:
    hypotheses = tuple(AXIS_PER_READING if h == READ_ONCE else h for h in claim.hypotheses)
    return replace(claim, hypotheses=hypotheses)


def lower_by_theorem(bound: RankBound, floored: FlooredBound | None) -> int:
    """Return what theorems say that almost all weights have.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab->ab", (3, 5))
    >>> lower_by_theorem(*bounds_by_theorem(net, np.array([True, False]), per_reading=False))
    3
    """
    if bound.claim.kind == BY_THEOREM:
        return bound.dimension
    # Weights of ones give a function that is not zero.
    return 1 if floored is None else max(floored.dimension, 1)


def probes_for(subject: TensorNetwork, bound: RankBound) -> tuple[int, int]:
    """Probes per side: no more than the rows or columns of the matricization.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab->ab", (3, 50))
    >>> probes_for(net, schmidt_bound(net, [0]))
    (3, 11)
    """
    on_a = bound.side_a[subject.input_modes]
    most = bound.dimension + _SPARE_PROBES
    dims = [subject.dim_of(int(reading)) for reading in subject.inputs]
    rows = math.prod(dim for dim, flag in zip(dims, on_a, strict=True) if flag)
    columns = math.prod(dim for dim, flag in zip(dims, on_a, strict=True) if not flag)
    return min(most, rows), min(most, columns)


def best_draw(
    subject: TensorNetwork,
    bound: RankBound,
    *,
    output: int,
    seed: int,
    draws: int,
    progress: bool = False,
) -> tuple[RankCertificate | None, int]:
    """Draw until the rank is the upper bound, `draws` times at most.

    Returns
    -------
    certificate : RankCertificate or None
        The first draw of the largest rank; None without draws.
    draws : int
        How many were made.

    Raises
    ------
    VerificationError
        If a rank is above the bound.
    MemoryLimitError
        If a draw does not fit.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab->ab", (3, 5))
    >>> found, draws = best_draw(net, schmidt_bound(net, [0]), output=0, seed=0, draws=9)
    >>> found.rank, draws
    (3, 1)
    """
    probes = probes_for(subject, bound)
    best: RankCertificate | None = None
    for draw in range(draws):
        drawn = random_rank(
            subject, bound.side_a, probes, output=output, seed=seed, draw=draw, progress=progress
        )
        if drawn.rank > bound.dimension:
            raise VerificationError(
                f"draw {draw} of seed {seed} has rank {drawn.rank}, above the upper bound "
                f"{bound.dimension_text}; report it, and do not use the bound"
            )
        if best is None or drawn.rank > best.rank:
            best = drawn
        if best.rank == bound.dimension:
            return best, draw + 1
    return best, draws


def check_same(what: str, stated: Any, found: Any) -> None:
    """Compare two results field by field, those inside of them too.

    Parameters
    ----------
    what : str
        Name of the result, in which fields are told.
    stated, found : object
        What is checked, and what it has to be.

    Raises
    ------
    VerificationError
        At the first field that differs.

    Examples
    --------
    >>> check_same("claim", Claim("numerical", "a"), Claim("numerical", "a"))
    >>> check_same("claim", Claim("numerical", "a"), Claim("numerical", "b"))
    Traceback (most recent call last):
    ...
    tnet.errors.VerificationError: found anew, claim.reason is 'b', not 'a'; do not use the result
    """
    if type(stated) is not type(found):
        refuse(what, stated, found)
    if is_dataclass(found) and not isinstance(found, TensorNetwork):
        # What a result keeps once computed, such as the dimension of a cut, is compared as well.
        names = [field.name for field in fields(found)]
        for name in dict.fromkeys([*names, *getattr(stated, "__dict__", {})]):
            check_same(f"{what}.{name}", getattr(stated, name), getattr(found, name, None))
    elif isinstance(found, np.ndarray):
        if stated.dtype != found.dtype or not np.array_equal(stated, found):
            refuse(what, stated, found)
    elif stated != found:
        refuse(what, stated, found)


def refuse(what: str, stated: object, found: object) -> None:
    """Raise that `what` was stated otherwise than it is found.

    Examples
    --------
    >>> refuse("draws", 3, 2)
    Traceback (most recent call last):
    ...
    tnet.errors.VerificationError: found anew, draws is 2, not 3; do not use the result
    """
    raise VerificationError(
        f"found anew, {what} is {_text(found)}, not {_text(stated)}; do not use the result"
    )


def _text(value: object) -> str:
    if isinstance(value, TensorNetwork):
        return f"a network of {value.n_tensors:,} tensors"
    # Python has a limit on the digits of what it prints.
    if isinstance(value, int) and abs(value) >= 2**64:
        return f"a number of {value.bit_length():,} bits"
    text = repr(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} ..."


_LONGEST_TEXT = 200
