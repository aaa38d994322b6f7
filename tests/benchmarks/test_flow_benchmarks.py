"""Times of cutting lines and grids with loops; shown, never asserted.

65,536 inputs where benchmarks are enabled (``pytest --benchmark-enable``), 4,096 otherwise.
"""

import time

import numpy as np
import pytest
from test_flow import grid, grid_read_at_its_ends, solver, windows

import tnet


def sides(shape):
    chosen = {
        "left_right": tnet.partitions.left_right(shape),
        "odd_even": tnet.partitions.odd_even(shape),
        "random_balanced": tnet.partitions.random_balanced(shape, seed=1),
    }
    if len(shape) == 2:
        chosen["blocks of 16"] = tnet.partitions.blocks(shape, 16)
    return chosen


@pytest.mark.parametrize("library", ["scipy", "ortools"])
@pytest.mark.parametrize("shape", ["line", "grid", "ends of a grid"])
def test_cut_networks_with_loops(benchmark, capsys, library, shape):
    side = 256 if benchmark.enabled else 64
    make = {"line": lambda: windows(side**2), "grid": lambda: grid(side)}
    network = make.get(shape, lambda: grid_read_at_its_ends(side))()
    chosen = {"ends": np.arange(2 * side) < side} if "ends" in shape else sides(network.input_shape)
    assert network.forest is None
    with solver(library):
        times = {}
        for name, side_a in chosen.items():
            start = time.perf_counter()
            cut = tnet.min_cut(network, side_a)
            times[name] = time.perf_counter() - start
            assert cut.slack_log2 == 0
        benchmark.pedantic(lambda: tnet.min_cut(network, side_a), rounds=1)
    shown = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
    with capsys.disabled():
        print(f"\n{shape}, {side**2:,} tensors, {library}: {shown}")
