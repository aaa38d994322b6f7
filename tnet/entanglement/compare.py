"""`compare`: what graph, theorem, certificate and numbers say of one partition, side by side."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tnet.claims import Claim
from tnet.entanglement.certificates import max_schmidt_number
from tnet.entanglement.interval import SchmidtInterval
from tnet.entanglement.measures import SchmidtSpectrum
from tnet.entanglement.spectrum import schmidt_spectrum
from tnet.entanglement.subjects import Subject
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters
from tnet.network.sides import Side

LARGEST = "largest Schmidt number"
"""Question of the row that bounds the Schmidt number over all weights from both sides."""

_LARGEST_JSON_INT = 2**53


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Bounds on the Schmidt number across one partition, and its value for given weights.

    Attributes
    ----------
    interval : SchmidtInterval
        Largest Schmidt number over all weights; its ``bound`` holds the min cut and the bound for
        shared weights.
    spectrum : SchmidtSpectrum or None
        Of given weights; None without any.
    """

    interval: SchmidtInterval
    spectrum: SchmidtSpectrum | None

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Question, answer and kind of claim: the table that is printed."""
        interval, bound = self.interval, self.interval.bound
        between = f"{interval.lower_text} to {interval.upper_text}"
        rows = [
            ("min cut", bound.cut.dimension_text, bound.cut.claim.kind),
            ("bound with sharing", bound.dimension_text, bound.claim.kind),
            (
                LARGEST,
                interval.lower_text if interval.exact else between,
                interval.claim.kind if interval.exact else "interval",
            ),
        ]
        if self.spectrum is not None:
            spectrum, kind = self.spectrum, self.spectrum.claim.kind
            number = f"{spectrum.number()}"
            if spectrum.runs_into_tolerance():
                number = f"values run into the tolerance: at least {number}"
            rows += [
                (f"Schmidt number of these {self._weights}", number, kind),
                ("tolerance it is counted at", f"{spectrum.default_rtol:.2g}", kind),
                ("gap at it", f"{spectrum.gap():.3g}", kind),
                ("entropy in bits", f"{spectrum.entropy():.4g}", kind),
                ("effective rank", f"{spectrum.effective_rank:.4g}", kind),
                ("geometric measure", f"{spectrum.geometric_measure:.4g}", kind),
            ]
        return tuple(rows)

    @property
    def _weights(self) -> str:
        """What a spectrum is of; of a function of elements read twice it is not."""
        network = self.interval.network
        read_once = len(network.inputs) == network.n_modes
        return "weights" if self.interval.of == "coefficients" or read_once else "coefficients"

    def as_dict(self) -> dict[str, Any]:
        """Say the comparison in what JSON has.

        Returns
        -------
        dict
            ``inputs``, ``inputs_on_side_a``, ``readings``, ``readings_on_side_a``, ``of``,
            ``output``, ``min_cut``, ``schmidt_bound``, ``max_schmidt_number``, and ``spectrum``,
            None without weights. Whole numbers beyond 2^53 are None, and told by the text beside
            them.
        """
        interval, bound = self.interval, self.interval.bound
        return {
            "inputs": len(interval.side_a),
            "inputs_on_side_a": int(interval.side_a.sum()),
            "readings": len(interval.network.inputs),
            "readings_on_side_a": int(interval.side_a[interval.network.input_modes].sum()),
            "of": interval.of,
            "output": interval.output,
            "min_cut": {
                **_number("dimension", bound.cut.dimension, bound.cut.dimension_text),
                "log2": bound.cut.log2,
                "factors": bound.cut.factors,
                "claim": _claim(bound.cut.claim),
            },
            "schmidt_bound": {
                **_number("dimension", bound.dimension, bound.dimension_text),
                "log2": bound.log2,
                "effective_widths": bound.effective_widths,
                "claim": _claim(bound.claim),
            },
            "max_schmidt_number": interval_document(interval),
            "spectrum": None if self.spectrum is None else _measures(self.spectrum),
        }

    def __str__(self) -> str:
        return f"{self.interval.sides_text}\n{table_text(self.rows)}"

    def __repr__(self) -> str:
        return f"<Comparison: {self.interval}>"

    def _repr_html_(self) -> str:
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        return (
            f"<table><caption>{self.interval.sides_text}</caption>"
            f"<thead><tr><th>question</th><th>answer</th><th>claim</th></tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def compare(
    network: TensorNetwork,
    side_a: Side,
    parameters: Parameters | None = None,
    *,
    of: Subject = "coefficients",
    output: int = 0,
    seed: int = 0,
    draws: int = 2,
) -> Comparison:
    """Set side by side what is known of the Schmidt number across one partition.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A of the partition, as for `min_cut`.
    parameters : mapping of str to array, optional
        Weights to compute the spectrum of; it is that of the coefficients, with one axis per
        reading, whatever `of` says.
    of : {'coefficients', 'function'}
        What the bounds are of, as for `max_schmidt_number`.
    output : int
        Which score, counted through the output indices in row order.
    seed, draws : int
        Of the random draws, as for `max_schmidt_number`.

    Returns
    -------
    Comparison
        Prints as a table; ``rows``, ``as_dict()``, ``interval``, ``spectrum``.

    Raises
    ------
    OperatorError
        If an operator is not the product: there is no coefficient tensor.
    MemoryLimitError
        If the draws, or with `parameters` the arrays on the way to the spectrum, do not fit.
    StructureError, ParameterError, PartitionError, UnknownNameError
        If the network, arrays, side, output, seed or draws do not fit.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
    >>> print(compare(net, range(4)))
    4 against 4 inputs
      min cut                 4  exact by theorem
      bound with sharing      4  exact by theorem
      largest Schmidt number  4  exact by theorem
    """
    interval = max_schmidt_number(network, side_a, of=of, output=output, seed=seed, draws=draws)
    if parameters is None:
        return Comparison(interval, None)
    return Comparison(
        interval, schmidt_spectrum(network, parameters, interval.side_a, output=output)
    )


def table_text(rows: Sequence[tuple[str, str, str]]) -> str:
    """Write rows of `Comparison.rows` as lines of text, in columns.

    Examples
    --------
    >>> print(table_text([("min cut", "24", "upper bound"), ("rank", "7", "numerical")]))
      min cut  24  upper bound
      rank      7  numerical
    """
    width = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"  {a:<{width[0]}}  {b:>{width[1]}}  {c}" for a, b, c in rows)


def interval_document(interval: SchmidtInterval) -> dict[str, Any]:
    """Say bounds on the largest Schmidt number in what JSON has.

    Returns
    -------
    dict
        ``lower``, ``upper``, each with its text, ``exact``, ``draws``, ``certificate``, None
        without one, and ``claim``.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
    >>> interval_document(max_schmidt_number(net, range(4)))["upper"]
    4
    """
    found = interval.certificate
    return {
        **_number("lower", interval.lower, interval.lower_text),
        **_number("upper", interval.upper, interval.upper_text),
        "exact": interval.exact,
        "draws": interval.draws,
        "certificate": None
        if found is None
        else {name: getattr(found, name) for name in found.__dataclass_fields__},
        "claim": _claim(interval.claim),
    }


def _number(name: str, value: int, text: str) -> dict[str, Any]:
    return {name: value if value <= _LARGEST_JSON_INT else None, f"{name}_text": text}


def _claim(claim: Claim) -> dict[str, Any]:
    return {"kind": claim.kind, "reason": claim.reason, "hypotheses": list(claim.hypotheses)}


def _measures(spectrum: SchmidtSpectrum) -> dict[str, Any]:
    gap = spectrum.gap()
    return {
        "number": spectrum.number(),
        "runs_into_tolerance": spectrum.runs_into_tolerance(),
        "rtol": spectrum.default_rtol,
        # JSON has no infinity.
        "gap": gap if gap < float("inf") else None,
        "entropy_bits": spectrum.entropy(),
        "effective_rank": spectrum.effective_rank,
        "geometric_measure": spectrum.geometric_measure,
        "shares": spectrum.shares.tolist(),
        "claim": _claim(spectrum.claim),
    }
