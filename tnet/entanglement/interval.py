"""`SchmidtInterval`: proved bounds on the largest Schmidt number, and their witnesses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.products import product_text
from tnet.cuts.schmidt_bound import RankBound
from tnet.entanglement.floored import FlooredBound
from tnet.entanglement.probes import RankCertificate
from tnet.entanglement.subjects import (
    Subject,
    check_question,
    checked_output,
    network_asked_about,
)
from tnet.entanglement.witnesses import (
    AXIS_PER_READING,
    BY_THEOREM,
    READ_ONCE,
    best_draw,
    bounds_by_theorem,
    check_same,
    lower_by_theorem,
    probes_for,
)
from tnet.errors import TNetError, VerificationError
from tnet.network.counting import number_of
from tnet.network.model import TensorNetwork
from tnet.network.sides import side_of_modes


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
        return max(lower_by_theorem(self.bound, self.floored), rank)

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
        if lower_by_theorem(self.bound, self.floored) == self.upper:
            return _by_theorem(self.bound, self.floored, self.per_reading)
        if self.certificate is not None and self.exact:
            return _by_certificate(self.bound, self.certificate)
        return Claim(
            "upper bound",
            f"the largest Schmidt number is at least {self.lower_text} and at most "
            f"{self.upper_text}; {_draws_text(self.draws)} did not close the interval; "
            f"{self.bound.claim.reason}",
            self.bound.claim.hypotheses,
        )

    @property
    def per_reading(self) -> bool:
        """Whether an element is read more than once and every reading is an axis of its own."""
        return self.of == "coefficients" and len(self.network.inputs) != self.network.n_modes

    @property
    def sides_text(self) -> str:
        """How many inputs are on each side, or readings where each is an axis of its own."""
        if not self.per_reading:
            n_a = int(self.side_a.sum())
            return f"{n_a:,} against {number_of(len(self.side_a) - n_a, 'input')}"
        on_a = self.side_a[self.network.input_modes]
        n_a = int(on_a.sum())
        n_b = number_of(len(on_a) - n_a, "reading")
        return f"of the coefficients, {AXIS_PER_READING}: {n_a:,} against {n_b}"

    def verify(self) -> bool:
        """Find all witnesses anew from the question alone, and compare them field by field.

        The draws are made again, so this takes as long as they did; whatever can be told without
        them is compared first.

        Returns
        -------
        bool
            True; whatever does not hold raises.

        Raises
        ------
        VerificationError
            If the question cannot be asked, or any field of a witness comes out otherwise.
        """
        subject, side = self._question()
        per_reading = subject is not self.network
        bound, floored = bounds_by_theorem(subject, side, per_reading=per_reading)
        check_same("bound", self.bound, bound)
        check_same("floored", self.floored, floored)
        bound.cut.verify()
        if floored is not None:
            floored.cut.verify()
        seed = self._checked_draws(subject)
        if seed is not None:
            certificate, draws = best_draw(
                subject, bound, output=self.output, seed=seed, draws=self.draws
            )
            check_same("certificate", self.certificate, certificate)
            check_same("draws", self.draws, draws)
        return True

    def _question(self) -> tuple[TensorNetwork, NDArray[np.bool_]]:
        try:
            check_question(self.network)
            check_same("side_a", self.side_a, side_of_modes(self.network, self.side_a))
            check_same("output", self.output, checked_output(self.network, self.output)[0])
            return network_asked_about(self.network, self.side_a, self.of)
        except (TNetError, AttributeError) as error:
            raise VerificationError(
                f"the question cannot be asked: {error}; do not use the result"
            ) from error

    def _checked_draws(self, subject: TensorNetwork) -> int | None:
        """Return the seed of the draws, None without any, after all that needs no drawing."""
        found = self.certificate
        by_theorem = lower_by_theorem(self.bound, self.floored) == self.upper
        if found is None or by_theorem:
            check_same("certificate", found, None)
            check_same("draws", self.draws, 0)
            return None
        if not isinstance(found, RankCertificate):
            raise VerificationError(
                f"certificate is of type {type(found).__name__}, no RankCertificate; do not use "
                "the result"
            )
        numbers = {name: getattr(found, name) for name in found.__dataclass_fields__}
        for name, number in {**numbers, "draws": self.draws}.items():
            if type(number) is not int or number < 0:
                raise VerificationError(
                    f"{name} of the draws is {number!r}, no whole number of at least 0; do not use "
                    "the result"
                )
        probes = probes_for(subject, self.bound)
        check_same("certificate.probes_a", found.probes_a, probes[0])
        check_same("certificate.probes_b", found.probes_b, probes[1])
        if found.rank > self.upper:
            raise VerificationError(
                f"certificate.rank is above the upper bound {self.upper_text}; do not use the "
                "result"
            )
        if found.draw >= self.draws:
            raise VerificationError(
                f"certificate.draw is {found.draw}, counted from 0, of {_draws_text(self.draws)}; "
                "do not use the result"
            )
        if self.exact:
            check_same("draws", self.draws, found.draw + 1)
        return found.seed

    def __str__(self) -> str:
        if self.exact:
            return (
                f"largest Schmidt number {self.lower_text}  ({self.sides_text}; {self.claim.kind})"
            )
        return (
            f"largest Schmidt number {self.lower_text} to {self.upper_text}  "
            f"({self.sides_text}; an interval after {_draws_text(self.draws)})"
        )

    def __repr__(self) -> str:
        return f"<SchmidtInterval: {self}>"


def _by_theorem(bound: RankBound, floored: FlooredBound | None, per_reading: bool) -> Claim:
    if bound.claim.kind == BY_THEOREM:
        return bound.claim
    if floored is not None and floored.dimension == bound.dimension:
        reason = (
            f"with dims floored to powers of {floored.base} almost all weights have a Schmidt "
            "number equal to the min cut (arXiv:1704.01552), and it is the upper bound"
        )
        hypotheses = ("product operators", "every tensor has weights of its own")
        readings = AXIS_PER_READING if per_reading else READ_ONCE
        return Claim(BY_THEOREM, reason, (*hypotheses, readings))
    reason = "no weights have more than 1, and weights of ones give a function that is not zero"
    return Claim(BY_THEOREM, reason, bound.claim.hypotheses)


def _by_certificate(bound: RankBound, found: RankCertificate) -> Claim:
    reason = (
        f"weights drawn at random have rank {found.rank} modulo {found.prime} on products of "
        f"{found.probes_a} and {found.probes_b} probes, so at least that rank over the rationals; "
        "that is the upper bound, and almost all weights have it"
    )
    return Claim("exact by certificate", reason, bound.claim.hypotheses)


def _draws_text(draws: int) -> str:
    return "1 draw" if draws == 1 else f"{draws} draws"
