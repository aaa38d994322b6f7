"""Adapters to PyTorch and JAX, and small networks of every kind to compute with in them."""

import os
from contextlib import contextmanager

import numpy as np
import pytest

import tnet
from tnet.contraction.libraries import move_parameters

OPERATORS = ["product", "max", "sum", "softplus", "norm"]


class Torch:
    """PyTorch's arrays and derivatives."""

    name = "torch"

    def __init__(self):
        self.module = pytest.importorskip("torch")

    def owns(self, value):
        return isinstance(value, self.module.Tensor)

    def device_of(self, value):
        return value.device

    def compiled(self, function):
        return function

    def gradients(self, loss, arrays):
        leaves = move_parameters(arrays, "torch")
        for leaf in leaves.values():
            leaf.requires_grad_()
        found = self.module.autograd.grad(loss(leaves), list(leaves.values()))
        return {name: grad.numpy() for name, grad in zip(leaves, found, strict=True)}


class Jax:
    """JAX's arrays and derivatives; all derivatives are compiled, as people do."""

    name = "jax"

    def __init__(self):
        self.module = pytest.importorskip("jax")

    def owns(self, value):
        return isinstance(value, self.module.Array)

    def device_of(self, value):
        return value.devices()

    def compiled(self, function):
        return self.module.jit(function)

    def gradients(self, loss, arrays):
        found = self.compiled(self.module.grad(loss))(move_parameters(arrays, "jax"))
        # JAX gives dL/dRe - i dL/dIm.
        return {name: np.conj(grad) for name, grad in found.items()}


@contextmanager
def opened(name):
    """An adapter for one test: ``torch``, ``jax`` with 64 bits, or ``jax32``, as JAX starts."""
    if name == "torch":
        yield Torch()
        return
    library = Jax()
    with pytest.MonkeyPatch.context() as patch:
        # JAX would warn at every later fork, in tests that have nothing to do with it.
        patch.delattr(os, "register_at_fork", raising=False)
        library.module.devices()
    assert not library.module.config.jax_enable_x64
    library.module.config.update("jax_enable_x64", name == "jax")
    try:
        yield library
    finally:
        library.module.config.update("jax_enable_x64", False)


def line(operator="product", **options):
    return tnet.ConvNet(4, features=2, widths=(3, 2), operator=operator, **options).compile()


def full_cores(operator):
    """Two levels of windows whose tensors join three legs."""
    b = tnet.NetworkBuilder()
    b.indices("x", 4, 2, role="input")
    b.indices("h", 2, 3)
    b.index("top", 2, role="output")
    b.tensors("core", [[0, 1, 4], [2, 3, 5]], operator=operator, root_axis=2)
    b.tensor("join", [4, 5, 6], operator=operator, root_axis=2)
    return b.build()


def ring():
    """A network with a loop, of which element 0 is read twice."""
    b = tnet.NetworkBuilder()
    b.indices("x", 4, 2, role="input", modes=[0, 1, 2, 0])
    b.indices("bond", 4, 3)
    b.index("y", 2, role="output")
    b.tensors("t", [[0, 4, 5], [1, 5, 6], [2, 6, 7]])
    b.tensor("last", [3, 7, 4, 8])
    return b.build()


def wide():
    """A hyperedge that is summed, one that is an output, and a diagonal."""
    b = tnet.NetworkBuilder()
    b.indices("x", 3, 2, role="input")
    b.index("h", 3)
    b.index("y", 2, role="output")
    b.tensors("t", [[0, 3], [1, 3], [2, 3]], shared=True)
    b.tensor("diagonal", [3, 3, 4])
    b.tensor("more", [4])
    return b.build()


NETWORKS = {
    **{f"line, {operator}, 3 outputs": line(operator, outputs=3) for operator in OPERATORS},
    **{f"full cores, {operator}": full_cores(operator) for operator in OPERATORS},
    "line": line(),
    "shared": line(shared=True),
    "shared, max": line("max", shared=True),
    "mirror": tnet.ConvNet(5, features=2, widths=(2, 3, 2), pooling="mirror").compile(),
    "ring read twice": ring(),
    "hyperedges": wide(),
}


def drawn(network, dtype="float64", batch=3):
    """Parameters and features by name; the features are called "features"."""
    generator = np.random.default_rng(7)
    arrays = tnet.random_parameters(network, seed=3, dtype=dtype)
    features = generator.standard_normal((batch, network.n_modes, 2))
    if np.dtype(dtype).kind == "c":
        features = features + 1j * generator.standard_normal(features.shape)
    return {**arrays, "features": features.astype(dtype)}


def evaluated(network, arrays, **options):
    parameters = {name: array for name, array in arrays.items() if name != "features"}
    return tnet.evaluate(network, parameters, arrays["features"], **options)
