"""Derivatives by PyTorch and JAX, beside central finite differences in NumPy."""

import numpy as np
import pytest
from other_libraries import NETWORKS, drawn, evaluated

import tnet
from tnet.contraction.libraries import move_parameters


def loss_of(network):
    """Sum of the scores; of complex scores, the sum of their squared magnitudes."""

    def loss(arrays):
        scores = evaluated(network, arrays)
        is_complex = "complex" in str(scores.dtype)
        return (scores * scores.conj()).real.sum() if is_complex else scores.sum()

    return loss


def central_differences(loss, arrays, step=1e-5):
    """The derivative of `loss` by every entry; by the real and i times by the imaginary part."""
    gradients = {}
    for name, array in arrays.items():
        gradient = np.zeros_like(array)
        for unit in (1, 1j) if array.dtype.kind == "c" else (1,):
            for entry in np.ndindex(array.shape):
                sides = []
                for sign in (1, -1):
                    moved = array.copy()
                    moved[entry] += sign * step * unit
                    sides.append(loss({**arrays, name: moved}))
                gradient[entry] += unit * (sides[0] - sides[1]) / (2 * step)
        gradients[name] = gradient
    return gradients


def assert_alike(found, expected, tolerance):
    assert found.keys() == expected.keys()
    largest = max(np.abs(array).max(initial=0) for array in expected.values())
    assert largest > 0
    for name, array in expected.items():
        np.testing.assert_allclose(
            found[name], array, rtol=tolerance, atol=tolerance * largest, err_msg=name
        )


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
def test_gradients_agree_with_central_differences(library, network):
    arrays, loss = drawn(network), loss_of(network)
    assert_alike(library.gradients(loss, arrays), central_differences(loss, arrays), 1e-6)


@pytest.mark.parametrize("name", ["line", "ring read twice", "hyperedges"])
def test_complex_gradients_agree_with_central_differences(library, name):
    arrays, loss = drawn(NETWORKS[name], "complex128"), loss_of(NETWORKS[name])
    assert_alike(library.gradients(loss, arrays), central_differences(loss, arrays), 1e-6)


@pytest.mark.parametrize("name", ["line", "shared, max", "full cores, softplus", "hyperedges"])
def test_single_gradients_are_single_and_near_double(library, name):
    arrays, loss = drawn(NETWORKS[name], "float32"), loss_of(NETWORKS[name])
    found = library.gradients(loss, arrays)
    assert {array.dtype for array in found.values()} == {np.dtype("float32")}
    double = {key: array.astype("float64") for key, array in arrays.items()}
    assert_alike(found, library.gradients(loss, double), 1e-4)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("aab,b->a", [(2, 2, 3), (3,)]),
        ("ab,ac,ad->bcd", [(3, 2), (3, 2), (3, 4)]),
        ("a,b->ba", [(3,), (2,)]),
        ("ab->ba", [(2, 3)]),
        (",ab->b", [(), (2, 3)]),
    ],
)
def test_contractions_have_values_and_gradients(library, equation, shapes):
    network = tnet.from_einsum(equation, *shapes)
    generator = np.random.default_rng(0)
    arrays = {
        f"t{k}": np.asarray(generator.standard_normal(shape)) for k, shape in enumerate(shapes)
    }
    found = tnet.contract(network, move_parameters(arrays, library.name))
    assert library.owns(found)
    expected = np.einsum(equation, *arrays.values())
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    scaled = tnet.contract_scaled(network, move_parameters(arrays, library.name))
    assert library.owns(scaled.mantissa)
    np.testing.assert_allclose(scaled.value(), expected, rtol=1e-12)

    def loss(given):
        result = tnet.contract(network, given)
        return (result * result).sum()

    assert_alike(library.gradients(loss, arrays), central_differences(loss, arrays), 1e-6)


def test_limited_memory_gives_the_same_scores_and_gradients(library):
    network = NETWORKS["ring read twice"]
    arrays = drawn(network, batch=6)
    whole = tnet.plan(network)
    plan = tnet.plan(network, memory_limit=whole.peak_bytes(6) // 2)
    assert plan.examples_at_once(6) < 6 or plan.n_slices > 1
    found = evaluated(network, move_parameters(arrays, library.name), plan=plan)
    np.testing.assert_allclose(found, evaluated(network, arrays), rtol=1e-12)

    def loss(given):
        return evaluated(network, given, plan=plan).sum()

    expected = library.gradients(loss_of(network), arrays)
    assert_alike(library.gradients(loss, arrays), expected, 1e-12)


def test_a_gradient_of_many_levels(library):
    network = tnet.ConvNet(32, features=2, widths=(3,) * 5).compile()
    arrays, loss = drawn(network, batch=2), loss_of(network)
    found = library.gradients(loss, arrays)
    # Scores are linear in every array: its gradient times the array gives back their sum.
    total = loss(arrays)
    for name, count in [("conv0", 32), ("conv3", 4), ("out", 1), ("features", 32)]:
        np.testing.assert_allclose((found[name] * arrays[name]).sum(), count * total, rtol=1e-9)


class TestTorchAlone:
    @pytest.mark.parametrize("name", ["line", "full cores, softplus", "ring read twice"])
    def test_torch_checks_first_and_second_derivatives_itself(self, torch, name):
        network, arrays = NETWORKS[name], drawn(NETWORKS[name], batch=2)
        leaves = [leaf.requires_grad_() for leaf in move_parameters(arrays, "torch").values()]

        def scores(*given):
            return evaluated(network, dict(zip(arrays, given, strict=True)))

        assert torch.module.autograd.gradcheck(scores, leaves)
        assert torch.module.autograd.gradgradcheck(scores, leaves)

    def test_no_graph_is_kept_for_arrays_that_need_none(self, torch):
        own = move_parameters(drawn(NETWORKS["line"]), "torch")
        assert not evaluated(NETWORKS["line"], own).requires_grad
        own["conv0"].requires_grad_()
        assert evaluated(NETWORKS["line"], own).requires_grad
        with torch.module.no_grad():
            assert not evaluated(NETWORKS["line"], own).requires_grad

    def test_parameters_of_a_module_are_trained(self, torch):
        own = move_parameters(drawn(NETWORKS["line"]), "torch")
        features = own.pop("features")
        weights = {name: torch.module.nn.Parameter(array) for name, array in own.items()}
        optimizer = torch.module.optim.SGD(weights.values(), lr=1e-2)
        losses = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = ((tnet.evaluate(NETWORKS["line"], weights, features) - 1) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        assert losses[-1] < losses[0]


class TestJaxAlone:
    @pytest.mark.parametrize("name", ["line", "shared, max"])
    def test_values_under_jit_and_derivatives_without(self, jax, name):
        arrays, loss = drawn(NETWORKS[name]), loss_of(NETWORKS[name])
        own = move_parameters(arrays, "jax")
        np.testing.assert_allclose(jax.compiled(loss)(own), loss(arrays), rtol=1e-12)
        found = {key: np.asarray(grad) for key, grad in jax.module.grad(loss)(own).items()}
        assert_alike(found, jax.gradients(loss, arrays), 1e-10)

    def test_values_still_to_come_are_not_looked_at(self, jax):
        arrays = drawn(NETWORKS["line"])
        arrays["conv1"][1, 0, 1] = np.nan
        own = move_parameters(arrays, "jax")
        assert np.isnan(jax.module.jit(loss_of(NETWORKS["line"]))(own))
