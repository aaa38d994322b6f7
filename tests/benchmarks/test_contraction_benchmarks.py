"""Contraction beside opt_einsum, cotengra and loops written by hand; times shown, never asserted.

The peers follow tnet's own path; their expressions and operands are made outside the timing. A
peer's ratio is its time over tnet's. ``first`` is the first call of a row, planning included unless
an earlier row has the same network. Small networks unless benchmarks are enabled
(``pytest --benchmark-enable``).
"""

import importlib.util
import os
from dataclasses import dataclass
from functools import partial

import numpy as np
import opt_einsum as oe
from oracles import arrays_of_tensors
from test_plan_in_peers import lattice, positive, positive_parameters, regular_graph
from timing import best_time

import tnet

COLUMNS = ["opt_einsum", "cotengra", "by hand"]
SECONDS = 0.5
"""Spent on each contender in each of two passes."""


@dataclass(frozen=True)
class Tree:
    """A line of `inputs` elements, all widths alike."""

    inputs: int
    features: int
    width: int
    batch: int
    outputs: int = 1
    shared: bool = False

    @property
    def n_levels(self):
        return self.inputs.bit_length() - 1

    def network(self):
        return tnet.ConvNet(
            self.inputs,
            features=self.features,
            widths=(self.width,) * self.n_levels,
            outputs=self.outputs,
            shared=self.shared,
        ).compile()

    def __str__(self):
        more = [f"{self.outputs} outputs"] * (self.outputs > 1) + ["shared"] * self.shared
        sizes = f"N={self.inputs:,} M={self.features} r={self.width} B={self.batch}"
        return " ".join([sizes, *more])


LARGE_TREES = [
    Tree(1024, 8, 8, 1),
    Tree(1024, 8, 8, 32),
    Tree(1024, 8, 8, 32, outputs=10),
    Tree(512, 8, 8, 32),
    Tree(256, 32, 32, 64),
    Tree(64, 32, 32, 64),
    Tree(1024, 8, 8, 1, shared=True),
    Tree(1024, 8, 8, 32, shared=True),
]
SMALL_TREES = [Tree(16, 4, 4, 1), Tree(16, 4, 4, 3, outputs=10), Tree(16, 4, 4, 3, shared=True)]


def by_hand(tree, parameters, features):
    """Multiply a level at once by its stacked matrices, then join neighbours."""
    if tree.shared:
        values = features
        for level in range(tree.n_levels):
            sent = values.reshape(-1, values.shape[-1]) @ parameters[f"conv{level}"]
            sent = sent.reshape(*values.shape[:2], -1)
            values = sent[:, 0::2] * sent[:, 1::2]
        return values[:, 0] @ parameters["out"]
    values = features.transpose(1, 0, 2)
    for level in range(tree.n_levels):
        sent = np.matmul(values, parameters[f"conv{level}"])
        values = sent[0::2] * sent[1::2]
    return values[0] @ parameters["out"]


def opt_einsum_call(plan, arrays, sizes):
    terms = ["".join(map(oe.get_symbol, indices)) for indices in (*plan.inputs, plan.output)]
    equation = f"{','.join(terms[:-1])}->{terms[-1]}"
    shapes = [array.shape for array in arrays]
    expression = oe.contract_expression(equation, *shapes, optimize=list(plan.path))
    return lambda: expression(*arrays)


def cotengra_call(plan, arrays, sizes):
    import cotengra

    expression = cotengra.array_contract_expression(
        plan.inputs, plan.output, sizes, optimize=plan.path
    )
    return lambda: expression(*arrays)


def peers_of(plan, arrays, batch):
    """What the peers call for the same numbers, by name; those not installed are left out."""
    sizes = dict(plan.sizes)
    if plan.batch is not None:
        sizes[plan.batch] = batch
    calls = {"opt_einsum": opt_einsum_call, "cotengra": cotengra_call}
    return {
        name: call(plan, arrays, sizes)
        for name, call in calls.items()
        if importlib.util.find_spec(name) is not None
    }


def least_times(calls, seconds):
    """The least time of each call, in passes over all of them: a slow spell then hits them all."""
    results, least = {}, dict.fromkeys(calls, float("inf"))
    for _ in range(2):
        for name, call in calls.items():
            results[name], spent = best_time(call, rounds=500, seconds=seconds)
            least[name] = min(least[name], spent)
    return results, least


def measured_row(title, first, calls, seconds):
    """One line of the table, after all results were found alike."""
    results, least = least_times(calls, seconds)
    for result in results.values():
        np.testing.assert_allclose(result, results["tnet"], rtol=1e-9)
    cells = [f"{title:<39}", f"{1e3 * first:9.1f}", f"{1e3 * least['tnet']:9.3f}"]
    return " ".join([*cells, *(peer_cell(name, least) for name in COLUMNS)])


def peer_cell(name, least):
    """Milliseconds of a peer, and how many times tnet's they are."""
    if name in least:
        return f"{1e3 * least[name]:9.3f} ({least[name] / least['tnet']:7.3g}x)"
    return f"{'-' if name == 'by hand' else 'not installed':>20}"


def show(capsys, rows):
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    heads = f"{f'ms; OMP_NUM_THREADS {threads}':<39} {'first':>9} {'tnet':>9} "
    heads += " ".join(f"{name:>20}" for name in COLUMNS)
    with capsys.disabled():
        print("\n" + "\n".join([heads, *rows]))


def test_trees_beside_peers(benchmark, capsys):
    seconds = SECONDS if benchmark.enabled else 0
    rows = []
    for tree in LARGE_TREES if benchmark.enabled else SMALL_TREES:
        network = tree.network()
        parameters = positive_parameters(network)
        features = positive((tree.batch, tree.inputs, tree.features), seed=99)
        ask = partial(tnet.evaluate, network, parameters, features)
        first = best_time(ask, rounds=1)[1]
        slices = [features[:, mode] for mode in network.input_modes.tolist()]
        arrays = arrays_of_tensors(network, parameters) + slices
        calls = {"tnet": ask, **peers_of(tnet.plan(network), arrays, tree.batch)}
        calls["by hand"] = partial(by_hand, tree, parameters, features)
        rows.append(measured_row(str(tree), first, calls, seconds))
    benchmark.pedantic(ask, rounds=1)
    show(capsys, rows)


LARGE_IRREGULAR = {
    "3-regular less 1/5, 200 tensors, dim 2": regular_graph(200, removed=0.2),
    "3-regular less 1/4, 200 tensors, dim 3": regular_graph(200, dim=3, removed=0.25),
    "3-regular, 100 tensors, dim 2": regular_graph(100),
    "lattice 8x8, dim 4": lattice(8, 4),
    "lattice 9x9, dim 4": lattice(9, 4),
    "lattice 12x12, dim 2": lattice(12, 2),
}
SMALL_IRREGULAR = {
    "3-regular less 1/5, 40 tensors, dim 2": regular_graph(40, removed=0.2),
    "lattice 3x3, dim 4": lattice(3, 4),
}


def test_irregular_networks_beside_peers(benchmark, capsys):
    seconds = SECONDS if benchmark.enabled else 0
    rows = []
    chosen = LARGE_IRREGULAR if benchmark.enabled else SMALL_IRREGULAR
    for title, network in chosen.items():
        parameters = positive_parameters(network)
        # One order for all, whatever the default: only the following of it is compared.
        plan = tnet.plan(network, task="contract", optimize="greedy")
        ask = partial(tnet.contract, network, parameters, plan=plan)
        first = best_time(ask, rounds=1)[1]
        arrays = arrays_of_tensors(network, parameters)
        calls = {"tnet": ask, **peers_of(plan, arrays, 1)}
        rows.append(measured_row(title, first, calls, seconds))
    benchmark.pedantic(ask, rounds=1)
    show(capsys, rows)
