"""`SchmidtInterval`: proved bounds on the largest Schmidt number, and their witnesses."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.products import product_text
from tnet.cuts.schmidt_bound import RankBound, schmidt_bound
from tnet.entanglement.floored import FlooredBound, floored_bound
from tnet.entanglement.probes import RankCertificate, random_rank
from tnet.entanglement.subjects import Subject, network_asked_about
from tnet.errors import VerificationError
from tnet.network.model import TensorNetwork

_BY_THEOREM: Final = "exact by theorem"


@dataclass(frozen=True, eq=False, repr=False)
class SchmidtInterval:
    """Bounds on the largest Schmidt number over all weights; one number where they meet.

    Attributes
    ----------
    network : TensorNetwork
        What was asked about.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    of : {'coefficients', 'function'}
        Whether every reading is an axis of its own, or all readings of an element are one.
    output : int
        Which score.
    bound : RankBound
        Witness of `upper`: the bound for shared weights, and the min cut.
    floored : FlooredBound or None
        Lower bound by powers of one integer; None where the theorem does not apply, or where
        `bound` is exact without it.
    certificate : RankCertificate or None
        The draw of the largest rank; None if nothing was drawn.
    draws : int
        Draws made.
    """

    network: TensorNetwork
    side_a: NDArray[np.bool_]
    of: Subject
    output: int
    bound: RankBound
    floored: FlooredBound | None
    certificate: RankCertificate | None
    draws: int

    @property
    def upper(self) -> int:
        """No weights have a larger Schmidt number."""
        return self.bound.dimension

    @property
    def lower(self) -> int:
        """Almost all weights have at least this Schmidt number."""
        rank = 0 if self.certificate is None else self.certificate.rank
        return max(self._lower_by_theorem, rank)

    @property
    def _lower_by_theorem(self) -> int:
        if self.bound.claim.kind == _BY_THEOREM:
            return self.upper
        # Weights of ones give a function that is not zero.
        return max(_dimension(self.floored), 1)

    @property
    def exact(self) -> bool:
        """Whether the two bounds meet."""
        return self.lower == self.upper

    @property
    def lower_text(self) -> str:
        """`lower` in full, or as powers where it is long."""
        # In the words of its witness: only a cut can be too long to print in full.
        if self.exact:
            return self.upper_text
        if self.floored is not None and self.floored.dimension == self.lower:
            return self.floored.cut.dimension_text
        return product_text([(self.lower, 1)])

    @property
    def upper_text(self) -> str:
        """`upper` in full, or its log2 where it is long."""
        return self.bound.dimension_text

    @property
    def claim(self) -> Claim:
        """Exact, by theorem or certificate, only where the bounds meet; else an upper bound.

        The reason states both bounds where they do not meet.
        """
        if self._lower_by_theorem == self.upper:
            return _by_theorem(self.bound, self.floored)
        if self.certificate is not None and self.exact:
            return _by_certificate(self.bound, self.certificate)
        return Claim(
            "upper bound",
            f"the largest Schmidt number is at least {self.lower_text} and at most "
            f"{self.upper_text}; {_draws_text(self.draws)} did not close the interval; "
            f"{self.bound.claim.reason}",
            self.bound.claim.hypotheses,
        )

    def verify(self) -> bool:
        """Find both bounds anew from the network: cuts, and the draw of the certificate.

        Returns
        -------
        bool
            True; whatever does not hold raises.

        Raises
        ------
        VerificationError
            If a bound or the rank of the draw comes out otherwise.
        """
        self.bound.cut.verify()
        network, side = network_asked_about(self.network, self.side_a, self.of)
        bound = schmidt_bound(network, side)
        _compare("the upper bound", self.bound.dimension, bound.dimension)
        if self.bound.claim != bound.claim:
            raise VerificationError(
                f"found anew, the upper bound is {bound.claim}, not {self.bound.claim}"
            )
        if self.floored is not None:
            floored = floored_bound(network, side)
            _compare("the floored min cut", self.floored.dimension, _dimension(floored))
        found = self.certificate
        if found is not None:
            again = random_rank(
                network,
                side,
                (found.probes_a, found.probes_b),
                output=self.output,
                seed=found.seed,
                draw=found.draw,
            )
            _compare("the prime of the draw", found.prime, again.prime)
            _compare("the rank of the draw", found.rank, again.rank)
        return True

    def __str__(self) -> str:
        n_a = int(self.side_a.sum())
        sides = f"{n_a:,} against {len(self.side_a) - n_a:,} inputs"
        if self.exact:
            return f"largest Schmidt number {self.lower_text}  ({sides}; {self.claim.kind})"
        return (
            f"largest Schmidt number {self.lower_text} to {self.upper_text}  "
            f"({sides}; an interval after {_draws_text(self.draws)})"
        )

    def __repr__(self) -> str:
        return f"<SchmidtInterval: {self}>"


def _by_theorem(bound: RankBound, floored: FlooredBound | None) -> Claim:
    if bound.claim.kind == _BY_THEOREM:
        return bound.claim
    if floored is not None and floored.dimension == bound.dimension:
        reason = (
            f"with dims floored to powers of {floored.base} almost all weights have a Schmidt "
            "number equal to the min cut (arXiv:1704.01552), and it is the upper bound"
        )
        hypotheses = ("product operators", "every tensor has weights of its own")
        return Claim(_BY_THEOREM, reason, (*hypotheses, "every element is read once"))
    reason = "no weights have more than 1, and weights of ones give a function that is not zero"
    return Claim(_BY_THEOREM, reason, bound.claim.hypotheses)


def _by_certificate(bound: RankBound, found: RankCertificate) -> Claim:
    reason = (
        f"weights drawn at random have rank {found.rank} modulo {found.prime} on products of "
        f"{found.probes_a} and {found.probes_b} probes, so at least that rank over the rationals; "
        "that is the upper bound, and almost all weights have it"
    )
    return Claim("exact by certificate", reason, bound.claim.hypotheses)


def _dimension(floored: FlooredBound | None) -> int:
    return 0 if floored is None else floored.dimension


def _draws_text(draws: int) -> str:
    return "1 draw" if draws == 1 else f"{draws} draws"


def _compare(what: str, stated: int, found: int) -> None:
    if stated != found:
        shown = "otherwise" if max(stated, found) >= 2**40 else f"{found}, not {stated} as stated"
        raise VerificationError(f"found anew, {what} is {shown}; do not use the result")
