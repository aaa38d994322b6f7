"""Contraction in less memory: slices, operations and time beside the unlimited run; never asserted.

A limit is a share of the peak of the unlimited plan. Ratios are over the unlimited run. Small
networks unless benchmarks are enabled (``pytest --benchmark-enable``).
"""

import numpy as np
from test_plan_in_peers import lattice, positive, positive_parameters, regular_graph
from timing import best_time

import tnet

LARGE = {
    "lattice 7x7, dim 4": lattice(7, 4),
    "lattice 10x10, dim 3": lattice(10, 3),
    "3-regular, 80 tensors, dim 2": regular_graph(80),
    "tree of 1,024, r=8, B=1,000": tnet.ConvNet(1024, features=8, widths=(8,) * 10).compile(),
}
SMALL = {
    "lattice 5x5, dim 3": lattice(5, 3),
    "tree of 16, r=2, B=100": tnet.ConvNet(16, features=2, widths=(2,) * 4).compile(),
}
BATCHES = {"tree of 1,024, r=8, B=1,000": 1000, "tree of 16, r=2, B=100": 100}
SHARES = (2, 4, 8)
SECONDS = 2.0


def test_limits_beside_unlimited_runs(benchmark, capsys):
    rows = [
        f"{'':<30} {'limit':>6} {'slices':>7} {'batches':>7} {'peak, MB':>9} {'operations':>10} "
        f"{'ms':>9} {'time':>7}"
    ]
    for title, network in (LARGE if benchmark.enabled else SMALL).items():
        batch = BATCHES.get(title, 1)
        task = "evaluate" if title in BATCHES else "contract"
        parameters = positive_parameters(network)
        shape = (batch, network.n_modes, network.dim_of(0))
        features = positive(shape, seed=99) if title in BATCHES else None
        whole = tnet.plan(network, task=task)
        first = None
        for share in (1, *(SHARES if benchmark.enabled else SHARES[:1])):
            limit = None if share == 1 else whole.peak_bytes(batch) // share
            plan = tnet.plan(network, task=task, memory_limit=limit)

            def ask(plan=plan, task=task, parameters=parameters, features=features):
                if task == "contract":
                    return tnet.contract(plan.network, parameters, plan=plan)
                return tnet.evaluate(plan.network, parameters, features, plan=plan)

            seconds = SECONDS if benchmark.enabled else 0
            result, spent = best_time(ask, rounds=20, seconds=seconds)
            first = first or (result, spent)
            np.testing.assert_allclose(result, first[0], rtol=1e-9)
            operations = plan.flops_for(batch) / whole.flops_for(batch)
            n_batches = -(-batch // plan.examples_at_once(batch))
            rows.append(
                f"{title:<30} {f'1/{share}' if limit else 'none':>6} {plan.n_slices:>7,} "
                f"{n_batches:>7} {plan.peak_bytes(batch) / 1e6:>9.3f} {operations:>9.3g}x "
                f"{1e3 * spent:>9.3f} {spent / first[1]:>6.3g}x"
            )
    benchmark.pedantic(ask, rounds=1)
    with capsys.disabled():
        print("\n" + "\n".join(rows))
