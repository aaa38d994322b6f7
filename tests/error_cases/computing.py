"""Mistakes in planning and computing: parameters, features, plans, memory and libraries."""

from error_cases.case import Group

SETUP = """\
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tnet
from error_cases.faults import free, replaced, without

network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
weights = tnet.random_parameters(network)
ones = np.ones((3, 4, 2))
maxima = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
ring = tnet.from_einsum("abx,bcy,caz->xyz", *[(6, 6, 2)] * 3)
of_ring = tnet.random_parameters(ring)
whole = {name: np.ones(array.shape, int) for name, array in weights.items()}
plan = tnet.plan(ring, task="contract")
sliced = tnet.plan(ring, task="contract", memory_limit=plan.peak_bytes() // 2)
long = tnet.TensorTrain(26, features=2, ranks=2).compile()
longer = tnet.TensorTrain(70, features=2, ranks=2).compile()
layered = tnet.DeepRecurrent(3, features=2, hidden=2)


def directed(outputs=(), **root_axes):
    builder = tnet.NetworkBuilder()
    builder.indices("x", 2, 2, role="input")
    builder.index("h", 2)
    for name in outputs:
        builder.index(name, 2, role="output")
    builder.tensor("T", ["x[0]", "h"], operator="max", root_axis=root_axes.get("T"))
    builder.tensor("U", ["x[1]", "h", *outputs], operator="max", root_axis=root_axes.get("U"))
    return builder.build()


def looped(operator):
    builder = tnet.NetworkBuilder()
    builder.indices("x", 2, 2, role="input")
    builder.indices("h", 2, 2)
    builder.tensors("T", [[0, 2, 3], [1, 2, 3]], operator=operator)
    return builder.build()


dangling = tnet.NetworkBuilder()
dangling.index("x", 2, role="input")
dangling.indices("h", 2, 2)
dangling.tensor("T", ["x", "h[0]", "h[1]"], operator="max", root_axis=2)
dangling.tensor("U", ["h[1]"], operator="max")
dangling = dangling.build()


class Broken(ThreadPoolExecutor):
    def submit(self, *_):
        return super().submit(lambda: 1 / 0)


class Table:
    __module__, ndim, shape, dtype = "polars", ones.ndim, ones.shape, ones.dtype
"""

GROUP = Group(
    "Computing",
    SETUP,
    (
        # Parameters.
        "tnet.random_parameters(network, dtype='foo')",
        "tnet.random_parameters(network, dtype=int)",
        "tnet.random_parameters(network, seed=-1)",
        "tnet.evaluate(network, [np.ones(2)], ones)",
        "tnet.evaluate(network, {}, ones)",
        "tnet.evaluate(network, weights | {'bias': np.ones(2)}, ones)",
        "tnet.evaluate(network, weights | {'out': np.ones(3)}, ones)",
        "tnet.evaluate(network, weights | {'out': [[1.0], [2.0, 3.0]]}, ones)",
        "tnet.evaluate(network, weights | {'out': np.array(['a', 'b'])}, ones)",
        "tnet.evaluate(network, weights | {'out': [np.nan, 1]}, ones)",
        "tnet.schmidt_spectrum(network, weights | {'out': np.array(['a', 'b'])}, [0])",
        # Features.
        "tnet.evaluate(network, weights, np.ones((3, 4, 5)))",
        "tnet.evaluate(network, weights, [np.ones((3, 2))])",
        "tnet.evaluate(network, weights, [np.ones((3, 2))] * 3 + [np.ones((3, 5))])",
        "tnet.evaluate(network, weights, ones.astype(str))",
        "with np.errstate(all='ignore'): tnet.evaluate(network, weights, ones * np.inf)",
        "with np.errstate(all='ignore'): tnet.evaluate(network, weights, ones * 1e200)",
        # Whole numbers modulo a prime.
        "tnet.evaluate(network, whole, ones.astype(int), modulo=0.5)",
        "tnet.evaluate(network, whole, ones.astype(int), modulo=2 ** 61 - 1)",
        "tnet.evaluate(network, whole, ones.astype(int), modulo=8)",
        "tnet.evaluate(network, weights, ones.astype(int), modulo=7)",
        # Plans.
        "tnet.plan(network, task='train')",
        "tnet.plan(network, memory_limit=0.5)",
        "tnet.plan(network, optimize='fastest')",
        "tnet.plan(network, optimize=5)",
        "tnet.plan(network, task='contract', optimize=[(0, 1)])",
        "tnet.plan(network, task='contract', optimize=[(0, 9), (0, 1)])",
        "tnet.plan(ring, task='contract', memory_limit=10)",
        "tnet.ForestOptimizer()([{'a', 'b'}, {'b', 'c'}], {'a', 'c'}, dict.fromkeys('abc', 9), 5)",
        "with without('cotengra'): tnet.plan(ring, optimize='cotengra')",
        "tnet.evaluate(network, weights, ones, plan='greedy')",
        "tnet.contract(network, weights, plan=plan)",
        "tnet.plan(layered.compile(unroll=False))",
        # Operators.
        "tnet.contract(maxima, weights)",
        "tnet.plan(maxima, task='contract')",
        "tnet.evaluate(maxima, whole, ones.astype(int), modulo=7)",
        "tnet.evaluate(maxima, {n: a * 1j for n, a in weights.items()}, ones)",
        "tnet.plan(directed())",
        "tnet.plan(directed(T=1, outputs=['y', 'z'], U=2))",
        "tnet.plan(directed(T=0, outputs=['y'], U=2))",
        "tnet.plan(directed(T=1, outputs=['y']))",
        "tnet.plan(looped('max'))",
        "tnet.plan(dangling)",
        # Memory.
        "with free(2 ** 20): tnet.contract(long, tnet.random_parameters(long))",
        "tnet.contract(longer, tnet.random_parameters(longer))",
        "tnet.contract(ring, {n: a * 1j for n, a in of_ring.items()}, plan=sliced)",
        "tnet.contract(ring, of_ring, plan=sliced, executor=3)",
        "tnet.contract(ring, of_ring, plan=sliced, executor=ThreadPoolExecutor)",
        "with Broken() as executor: tnet.contract(ring, of_ring, plan=sliced, executor=executor)",
        # Libraries.
        "tnet.move_parameters(weights, 'cupy')",
        "tnet.move_parameters(ones, 'jax')",
        "tnet.move_parameters(weights, 'numpy', dtype='float31')",
        "tnet.move_parameters(weights, 'numpy', dtype='datetime64')",
        "tnet.move_parameters(weights, 'numpy', device='gpu')",
        "tnet.move_parameters({'z': np.ones(2) * 1j}, 'numpy', dtype='float64')",
        "with without('torch'): tnet.move_parameters(weights, 'torch')",
        "tnet.move_parameters(weights, 'jax', device='abacus')",
        "tnet.move_parameters(weights, 'jax', dtype='float64')",
        "tnet.evaluate(network, weights | tnet.move_parameters({'out': [1, 2]}, 'jax'), ones)",
        "tnet.evaluate(network, weights, Table())",
    ),
)
