"""Many cuts at once: throughput, and beside a loop over OR-tools' maximum flow; never asserted."""

import time

import numpy as np
import pytest
from timing import best_time

import tnet
from tnet.cuts.batch import min_cuts
from tnet.cuts.pairwise import pairwise_min_cuts
from tnet.cuts.profile import cut_profile


def line(depth, dim=8):
    network = tnet.ConvNet(2**depth, features=dim, widths=(dim,) * depth).compile()
    assert network.forest is not None
    return network


def random_sides(n_modes, count):
    return np.random.default_rng(0).random((count, n_modes)) < 0.5


@pytest.mark.parametrize("dims", [(8,) * 11, (7, 3, 5, 9, 20, 50, 100, 10, 100, 3, 5)])
def test_throughput(benchmark, capsys, dims):
    network = tnet.ConvNet(1024, features=dims[0], widths=dims[1:]).compile()
    assert network.forest is not None
    sides = random_sides(1024, 10_000)
    batch, seconds = best_time(lambda: min_cuts(network, sides), rounds=7)
    benchmark(min_cuts, network, sides)
    assert batch.log2[0] == pytest.approx(tnet.min_cut(network, sides[0]).log2)
    rate = network.n_indices * len(sides) / seconds
    with capsys.disabled():
        print(
            f"\nN=1024, B=10,000, dims {'alike' if len(set(dims)) == 1 else 'mixed'}: "
            f"{1e3 * seconds:.0f} ms, {rate:.2e} index-partitions a second"
        )


class MaxFlows:
    """A flow graph whose arcs are made once: only capacities at the terminals change."""

    def __init__(self, network, dim_log2):
        max_flow = pytest.importorskip(
            "ortools.graph.python.max_flow", reason="OR-tools is not installed"
        )
        self._flow = max_flow.SimpleMaxFlow()
        n_indices = network.n_indices
        tensor, index = network.incidence.tensor_of, network.incidence.index_of
        tensor = tensor + 2 * n_indices
        self._source = 2 * n_indices + network.n_tensors
        every = np.arange(n_indices)
        inputs = network.inputs
        self._unbounded = int(dim_log2) * (n_indices + 1)
        parts = [
            (every, every + n_indices, dim_log2),
            (index + n_indices, tensor, self._unbounded),
            (tensor, index, self._unbounded),
        ]
        for tail, head, capacity in parts:
            self._flow.add_arcs_with_capacity(
                tail.astype(np.int32),
                head.astype(np.int32),
                np.full(len(tail), capacity, dtype=np.int64),
            )
        ends = np.full(len(inputs), self._source, dtype=np.int32)
        none = np.zeros(len(inputs), dtype=np.int64)
        self._from = self._flow.add_arcs_with_capacity(ends, inputs.astype(np.int32), none)
        self._to = self._flow.add_arcs_with_capacity(
            (inputs + n_indices).astype(np.int32), ends + 1, none
        )
        self._inputs = network.input_modes

    def solve(self, side):
        """The flow and the seconds of the solve alone."""
        on_a = side[self._inputs]
        self._flow.set_arcs_capacity(self._from, np.where(on_a, self._unbounded, 0))
        self._flow.set_arcs_capacity(self._to, np.where(on_a, 0, self._unbounded))
        start = time.perf_counter()
        status = self._flow.solve(self._source, self._source + 1)
        seconds = time.perf_counter() - start
        assert status == self._flow.OPTIMAL
        return self._flow.optimal_flow(), seconds


def test_beside_a_loop_over_or_tools(benchmark, capsys):
    network = line(10)
    flows = MaxFlows(network, 3)
    sides = random_sides(1024, 10_000)
    batch, seconds = best_time(lambda: min_cuts(network, sides), rounds=7)
    benchmark(min_cuts, network, sides)
    solved = [flows.solve(side) for side in sides[:100]]
    assert [value for value, _ in solved] == batch.log2[:100].tolist()
    one_flow = sum(spent for _, spent in solved) / len(solved)
    with capsys.disabled():
        print(
            f"\nN=1024: OR-tools {1e6 * one_flow:.0f} us a solve, in batches "
            f"{1e6 * seconds / len(sides):.2f} us a cut ({one_flow * len(sides) / seconds:.0f} "
            "times)"
        )


def test_million_inputs(benchmark, capsys):
    network = line(20)
    sides = random_sides(2**20, 8)
    batch, seconds = best_time(lambda: min_cuts(network, sides), rounds=1)
    benchmark.pedantic(lambda: min_cuts(network, sides), rounds=1)
    assert len(batch) == 8
    with capsys.disabled():
        print(f"\nN=2^20, B=8: {seconds:.2f} s")


def test_pairs_and_profile_of_4096(benchmark, capsys):
    network = line(12)
    table, pairs = best_time(lambda: pairwise_min_cuts(network), rounds=1)
    found, profile = best_time(lambda: cut_profile(network), rounds=1)
    benchmark.pedantic(lambda: pairwise_min_cuts(network), rounds=1)
    assert table.shape == (4096, 4096)
    assert len(found) == 4095
    with capsys.disabled():
        print(f"\nN=4096: all pairs {pairs:.2f} s, all contiguous blocks {profile:.2f} s")
