"""Threshold units of rectifier networks: built, evaluated and pruned; shown, never asserted.

Small networks unless benchmarks are enabled (``pytest --benchmark-enable``).
"""

from functools import partial

import numpy as np
from timing import best_time

from tnet.expressiveness.rectifier.cells import cells
from tnet.expressiveness.rectifier.facets import facet_witness, facets
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.threshold_form import to_threshold

SECONDS = 2.0


def drawn(count, dim, outer):
    rng = np.random.default_rng(0)
    weights, offsets = rng.standard_normal((count, dim)), rng.standard_normal(count)
    return RectifierNetwork.from_layers(weights, offsets, outer, -count / 2)


def test_threshold_units_and_facets(benchmark, capsys):
    count = 16 if benchmark.enabled else 6
    witness = facet_witness(count, count)
    full = to_threshold(witness)
    points = np.random.default_rng(1).standard_normal((1000, count))
    plane, space = (drawn(count, dim, np.ones(count)) for dim in (2, 3))
    mixed = drawn(count, 2, np.where(np.arange(count) % 2, 1.0, -1.0))
    actions = {
        f"{full.n_units:,} units built": partial(to_threshold, witness),
        "1,000 points evaluated": partial(full, points),
        f"{full.n_units - 1:,} facets, d = n": partial(facets, witness),
        "cells, d = 3": partial(cells, space.positive),
        "pruned, d = 2": partial(to_threshold, plane, prune=True),
        "pruned, d = 3": partial(to_threshold, space, prune=True),
        "pruned, d = 2, both signs": partial(to_threshold, mixed, prune=True),
    }
    rows = []
    for title, action in actions.items():
        _, least = best_time(action, rounds=20, seconds=SECONDS)
        rows.append(f"{title:<32} {1e3 * least:10.2f}")
    benchmark.pedantic(actions["1,000 points evaluated"], rounds=1)
    with capsys.disabled():
        print("\n" + "\n".join([f"n = {count:<28} {'ms':>10}", *rows]))
