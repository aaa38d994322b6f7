"""Spectra beside the SVD of the dense matrix, and of thousands of inputs; shown, never asserted.

A peer's ratio is its time over tnet's. ``first`` is the first call of a row, its order and shapes
found anew; ``tnet`` the least of later ones. Small networks unless benchmarks are enabled
(``pytest --benchmark-enable``). The SVD runs on as many threads as the linear algebra library
takes: on a busy machine one (``OPENBLAS_NUM_THREADS=1``) is faster than two.
"""

import os
from functools import partial

import numpy as np
import pytest
from oracles import arrays_of_tensors
from timing import best_time

import tnet
from tnet.entanglement.profile import entanglement_profile

SECONDS = 2.0


def tree(inputs, features, width, **options):
    widths = (width,) * (inputs.bit_length() - 1)
    return tnet.ConvNet(inputs, features=features, widths=widths, **options).compile()


def show(capsys, heads, rows):
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "unset")
    with capsys.disabled():
        print("\n" + "\n".join([f"ms; OPENBLAS_NUM_THREADS {threads:<16} {heads}", *rows]))


def quimb_values(network, parameters, side):
    """What quimb has for the same: the dense matrix, and its singular values by NumPy."""
    import quimb.tensor as qtn

    rows, _, _ = network.to_einsum()
    arrays = arrays_of_tensors(network, parameters)
    names = [[f"i{index}" for index in row] for row in rows]
    tensors = [qtn.Tensor(*pair) for pair in zip(arrays, names, strict=True)]
    readings = [f"i{index}" for index in network.inputs.tolist()]
    sides = [
        [name for name, on in zip(readings, flags, strict=True) if on] for flags in (side, ~side)
    ]
    matrix = qtn.TensorNetwork(tensors).to_dense(*sides)
    return np.linalg.svd(matrix, compute_uv=False)


def test_spectrum_beside_the_dense_matrix(benchmark, capsys):
    pytest.importorskip("quimb")
    inputs, features, width = (16, 3, 8) if benchmark.enabled else (8, 3, 4)
    network = tree(inputs, features, width)
    parameters = tnet.random_parameters(network, seed=0)
    side = tnet.partitions.left_right(inputs)
    ask = partial(tnet.schmidt_spectrum, network, parameters, side)
    _, first = best_time(ask, rounds=1)
    spectrum, least = best_time(ask, rounds=500, seconds=SECONDS)
    cells = [f"{f'N={inputs} M={features} r={width} left/right':<43}", f"{1e3 * first:9.2f}"]
    cells.append(f"{1e3 * least:9.3f}")
    values, spent = best_time(partial(quimb_values, network, parameters, side), rounds=1)
    count = len(spectrum.values)
    np.testing.assert_allclose(spectrum.values, values[:count] / values[0], atol=1e-12)
    cells.append(f"{1e3 * spent:12.1f} ({spent / least:9,.0f}x)")
    benchmark.pedantic(ask, rounds=1)
    heads = f"{'first':>9} {'tnet':>9} {'quimb to_dense + SVD':>25}"
    show(capsys, heads, [" ".join(cells)])


LARGE = {
    "N=4,096 M=4 r=16 blocks of 1,024": (
        tree(4096, 4, 16),
        tnet.partitions.blocks(4096, 1024),
    ),
    "N=4,096 M=4 r=16 left/right": (tree(4096, 4, 16), tnet.partitions.left_right(4096)),
    "N=4,096 M=4 r=10 shared, blocks of 1,024": (
        tree(4096, 4, 10, shared=True),
        tnet.partitions.blocks(4096, 1024),
    ),
    "train N=4,096 M=4 r=16 left/right": (
        tnet.TensorTrain(4096, features=4, ranks=16).compile(),
        tnet.partitions.left_right(4096),
    ),
}
SMALL = {"N=64 M=4 r=4 left/right": (tree(64, 4, 4), tnet.partitions.left_right(64))}


def test_thousands_of_inputs(benchmark, capsys):
    rows = []
    for title, (network, side) in (LARGE if benchmark.enabled else SMALL).items():
        parameters = tnet.random_parameters(network, seed=0)
        ask = partial(tnet.schmidt_spectrum, network, parameters, side)
        _, first = best_time(ask, rounds=1)
        spectrum, least = best_time(ask, rounds=50, seconds=SECONDS)
        rows.append(f"{title:<43} {1e3 * first:9.1f} {1e3 * least:9.2f} {len(spectrum.values):9}")
    benchmark.pedantic(ask, rounds=1)
    show(capsys, f"{'first':>9} {'tnet':>9} {'values':>9}", rows)


def test_many_partitions(benchmark, capsys):
    inputs, count = (16, 100) if benchmark.enabled else (16, 4)
    network = tree(inputs, 2, 2)
    parameters = tnet.random_parameters(network, seed=0)
    sides = tnet.partitions.random_balanced(inputs, seed=0, count=count)
    ask = partial(entanglement_profile, network, parameters, sides)
    profile, first = best_time(ask, rounds=1)
    benchmark.pedantic(ask, rounds=1)
    title = f"N={inputs} M=2 r=2, {count} random partitions"
    each = 1e3 * first / len(profile)
    show(capsys, f"{'all':>9} {'each':>9}", [f"{title:<43} {1e3 * first:9.1f} {each:9.2f}"])
