"""Arithmetic modulo primes beside floating point on the same trees; times shown, never asserted.

A ratio is the time modulo the prime over that in float64; at most 8 is what is hoped for at 22
bits. Small trees unless benchmarks are enabled (``pytest --benchmark-enable``).
"""

import os
from functools import partial

import numpy as np
from test_plan_in_peers import positive, positive_parameters
from timing import best_time

import tnet

PRIMES = {"22 bits": 4194301, "31 bits": 2**31 - 1}
# Inputs, features, width and examples.
LARGE = [(512, 8, 8, 32), (64, 32, 32, 64)]
SMALL = [(16, 3, 3, 4), (8, 5, 4, 2)]
SECONDS = 0.5
"""Spent on each contender in each of two passes."""


def whole(array):
    """Whole numbers from -1000 to 1000 in place of any others."""
    return np.random.default_rng(array.size).integers(-1000, 1001, size=array.shape)


def least_times(calls, seconds):
    """Results and least times, in passes over all calls: a slow spell then hits them all."""
    results, least = {}, dict.fromkeys(calls, float("inf"))
    for _ in range(2):
        for name, call in calls.items():
            results[name], spent = best_time(call, rounds=500, seconds=seconds)
            least[name] = min(least[name], spent)
    return results, least


def test_primes_beside_float64(benchmark, capsys):
    seconds = SECONDS if benchmark.enabled else 0
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    heads = [f"{name:>20}" for name in PRIMES]
    rows = [" ".join([f"{f'ms; OMP_NUM_THREADS {threads}':<27} {'float64':>9}", *heads])]
    for inputs, n_features, width, batch in LARGE if benchmark.enabled else SMALL:
        widths = (width,) * (inputs.bit_length() - 1)
        network = tnet.ConvNet(inputs, features=n_features, widths=widths).compile()
        parameters = positive_parameters(network)
        features = positive((batch, inputs, n_features), seed=99)
        ask = partial(tnet.evaluate, network, parameters, features)
        integers = {name: whole(array) for name, array in parameters.items()}
        calls = {"float64": ask} | {
            name: partial(tnet.evaluate, network, integers, whole(features), modulo=prime)
            for name, prime in PRIMES.items()
        }
        results, least = least_times(calls, seconds)
        for name, prime in PRIMES.items():
            assert ((results[name] >= 0) & (results[name] < prime)).all()
        shown = [f"{1e3 * least[n]:9.3f} ({least[n] / least['float64']:7.3g}x)" for n in PRIMES]
        title = f"N={inputs} M={n_features} r={width} B={batch}"
        rows.append(" ".join([f"{title:<27} {1e3 * least['float64']:9.3f}", *shown]))
    benchmark.pedantic(ask, rounds=1)
    with capsys.disabled():
        print("\n" + "\n".join(rows))
