"""Certificates at size: the square of probes beside evaluation pair by pair; times are shown.

Evaluation pair by pair is timed on a few thousand pairs and multiplied up. Small networks unless
benchmarks are enabled (``pytest --benchmark-enable``).
"""

import warnings
from dataclasses import dataclass

import numpy as np
from timing import best_time

import tnet
from tnet.entanglement.certificates import max_schmidt_number
from tnet.entanglement.probes import probed_network, random_rank
from tnet.errors import RedundantWidthWarning

PRIME = 4194301
PAIRS = 2048
HEADER = ("network", "cut", "probes", "pairwise", "square", "ratio", "certified", "answer")


@dataclass(frozen=True)
class Case:
    """A line with windows of 2, and single elements and runs on side A."""

    title: str
    widths: tuple[int, ...]
    side_a: tuple[int | slice, ...]
    shared: bool

    def network(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RedundantWidthWarning)
            return tnet.ConvNet(
                2 ** len(self.widths), features=8, widths=self.widths, shared=self.shared
            ).compile()

    def side(self):
        side = np.zeros(2 ** len(self.widths), dtype=bool)
        for part in self.side_a:
            side[part] = True
        return side


WIDTHS = (8, 16, 24, 32, 48, 64, 64, 64, 64, 64)
LARGE = [
    Case("N=1024 shared, a half and one", WIDTHS, (slice(512, None), 0), shared=True),
    Case("N=1024 shared, three far apart", WIDTHS, (0, 100, 900), shared=True),
    Case("N=1024 unshared, a half and one", (7, *WIDTHS[1:]), (slice(512, None), 0), shared=False),
]
SMALL = [
    Case("N=64 shared, a half and one", (4, 5, 6, 7, 8, 9), (slice(32, None), 0), shared=True),
    Case("N=64 unshared, a half and one", (3, 5, 6, 7, 8, 10), (slice(32, None), 0), shared=False),
]


def drawn(network, side, n_probes):
    """Weights, and vectors for every element, all modulo PRIME."""
    rng = np.random.default_rng(0)
    parameters = {
        name: rng.integers(PRIME, size=shape) for name, shape in network.parameter_shapes.items()
    }
    return parameters, [rng.integers(PRIME, size=(n_probes, 8)) for _ in side]


def pairwise(network, parameters, vectors, side, pairs):
    """Evaluate on chosen pairs of probes, each an example of its own."""
    features = [
        table[pairs[0 if on_a else 1]] for on_a, table in zip(side.tolist(), vectors, strict=True)
    ]
    return tnet.evaluate(network, parameters, features, modulo=PRIME)


def measured(case):
    """Check that both ways agree, and say how long each takes."""
    network, side = case.network(), case.side()
    cut = tnet.min_cut(network, side).dimension
    n_probes = cut + 8
    parameters, vectors = drawn(network, side, n_probes)
    rng = np.random.default_rng(1)
    rows, columns = rng.integers(n_probes, size=(2, min(PAIRS, n_probes**2)))
    values, slow = best_time(
        lambda: pairwise(network, parameters, vectors, side, (rows, columns)), rounds=1
    )
    slow *= n_probes**2 / len(rows)
    few = min(n_probes, 64)
    corner = probed_network(network, side, (few, few)).values(
        parameters, [table[:few] for table in vectors], PRIME
    )
    inside = (rows < few) & (columns < few)
    assert inside.any()
    np.testing.assert_array_equal(values[inside], corner[rows[inside], columns[inside]])
    _, fast = best_time(lambda: random_rank(network, side, (n_probes, n_probes)), rounds=1)
    found, whole = best_time(lambda: max_schmidt_number(network, side), rounds=1)
    assert found.lower == found.upper <= cut
    assert found.claim.kind == "exact by certificate"
    return (
        case.title,
        f"{cut}",
        f"{n_probes}",
        f"{slow:.1f} s",
        f"{fast:.2f} s",
        f"{slow / fast:.0f}",
        f"{whole:.2f} s",
        found.lower_text,
    )


def test_certificates_beside_pairwise_evaluation(benchmark, capsys):
    cases = LARGE if benchmark.enabled else SMALL
    rows = [HEADER, *(measured(case) for case in cases[1:])]
    rows.insert(1, benchmark.pedantic(measured, (cases[0],), rounds=1))
    if benchmark.enabled:
        width = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        with capsys.disabled():
            for row in rows:
                cells = (f"{cell:>{size}}" for cell, size in zip(row[1:], width[1:], strict=True))
                print(f"\n{row[0]:<{width[0]}}  {'  '.join(cells)}", end="")
            print()
