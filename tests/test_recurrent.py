"""Recurrent specs against plain loops over their recursions, and what depth adds to memory."""

import dataclasses
import itertools
import math

import flint
import numpy as np
import pytest
from oracles import PRIME

import tnet
from tnet.architectures.deep_recurrent import DeepRecurrent
from tnet.architectures.recurrent import Recurrent
from tnet.architectures.tensor_train import TensorTrain
from tnet.errors import SpecError
from tnet.network.groups import OPERATORS

UNIT = {"product": 1.0, "max": 0.0, "sum": 0.0, "softplus": -math.inf, "norm": 0.0}


def g(operator, a, b):
    """The operator between two numbers, as the papers write it."""
    return {
        "product": lambda: a * b,
        "max": lambda: max(a, b, 0.0),
        "sum": lambda: max(a, 0.0) + max(b, 0.0),
        "softplus": lambda: math.log(math.exp(a) + math.exp(b)),
        "norm": lambda: math.sqrt(a * a + b * b),
    }[operator]()


def step_array(parameters, shared, name, row):
    return parameters[name] if shared else parameters[name][row]


def assert_agree(spec, loop):
    """Compare `evaluate`, and for the product the dense coefficients, with the plain loop."""
    network = spec.compile()
    parameters = tnet.random_parameters(network, seed=3) | spec.initial_state
    features = np.random.default_rng(1).standard_normal((3, spec.steps, spec.features))
    found = tnet.evaluate(network, parameters, features)
    expected = np.array([loop(parameters, x) for x in features])
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-9, atol=1e-12)
    assert spec.n_parameters == sum(array.size for array in parameters.values())
    if network.is_product and len(network.inputs) == spec.steps:
        corners = itertools.product(np.eye(spec.features), repeat=spec.steps)
        dense = tnet.contract(network, parameters)
        entries = np.array([loop(parameters, np.array(corner)) for corner in corners])
        np.testing.assert_allclose(dense, entries.reshape(dense.shape), rtol=1e-9, atol=1e-12)
    return network


KINDS = [
    pytest.param((operator, shared, outputs), id=f"{operator}-{shared}-{outputs}")
    for operator in OPERATORS
    for shared in (False, True)
    for outputs in (1, 3)
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_recurrent_is_the_recursion_from_the_unit(kind, steps):
    operator, shared, outputs = kind
    ranks = 3 if shared else tuple(range(2, 2 + steps))

    def loop(p, x):
        h = np.array([UNIT[operator]])
        for t in range(steps):
            core = p["G" if shared and t else f"G{t + 1}"]
            core = core.reshape(2, len(h), -1)
            a = x[t] @ step_array(p, shared, "C", t)
            h = sum(
                core[i, j] * g(operator, a[i], h[j])
                for i, j in itertools.product(range(2), range(len(h)))
            )
        return h @ p["out"].reshape(len(h), -1)

    spec = Recurrent(
        steps, features=3, hidden=2, ranks=ranks, shared=shared, outputs=outputs, operator=operator
    )
    network = assert_agree(spec, loop)
    assert network.forest is not None
    assert network.operators == (operator,)


def test_a_first_core_over_a_state_of_several_units_is_summed_over_them():
    # h^0 of dim 4, all entries u: only the sum over its axis matters, for every operator.
    rng = np.random.default_rng(0)
    wide, a = rng.standard_normal((2, 4, 3)), rng.standard_normal(2)
    for operator in OPERATORS:
        met = np.array([g(operator, value, UNIT[operator]) for value in a])
        full = np.einsum("ijk,i->k", wide, met)
        np.testing.assert_allclose(full, met @ wide.sum(axis=1))


def test_only_operators_without_a_true_unit_hold_an_initial_state():
    held = {op: Recurrent(3, features=2, hidden=2, ranks=2, operator=op) for op in OPERATORS}
    names = {op: [g.name for g in s.compile().tensor_groups] for op, s in held.items()}
    assert {op for op, found in names.items() if "h0" in found} == {"max", "sum", "norm"}
    assert {op for op, spec in held.items() if spec.initial_state} == {"max", "sum", "norm"}


def test_another_initial_state_is_another_network():
    spec = Recurrent(2, features=2, hidden=2, ranks=2, operator="norm")
    network = spec.compile()
    p = tnet.random_parameters(network) | {"h0": np.array([2.0])}
    x = np.ones((1, 2, 2))
    first = np.sqrt((x[0, 0] @ p["C"][0]) ** 2 + 4.0) @ p["G1"][:, 0]
    a = x[0, 1] @ p["C"][1]
    h = sum(p["G2"][i, j] * math.hypot(a[i], first[j]) for i in range(2) for j in range(2))
    np.testing.assert_allclose(tnet.evaluate(network, p, x), [h @ p["out"]])


def test_recurrent_without_mixing_is_a_tensor_train():
    recurrent = Recurrent(4, features=2, hidden=2, ranks=(3, 4, 5, 1))
    train = TensorTrain(4, features=2, ranks=(3, 4, 5))
    p = tnet.random_parameters(recurrent.compile())
    same = {f"core{t}": p[f"G{t + 1}"] for t in range(3)} | {"core3": p["G4"][:, :, 0]}
    p |= {"C": np.stack([np.eye(2)] * 4), "out": np.ones(1)}
    np.testing.assert_allclose(
        tnet.contract(recurrent.compile(), p), tnet.contract(train.compile(), same)
    )


def deep_loop(spec, p, x):
    state = [np.full(spec.hidden, UNIT[spec.operator])] * spec.layers
    for t in range(spec.steps):
        below = x[t]
        for layer in range(spec.layers):
            up = below @ named(p, spec.shared, f"in{layer + 1}", t)
            if t == 0:
                across = state[layer]
            else:
                across = state[layer] @ named(p, spec.shared, f"hid{layer + 1}", t - 1)
            below = np.array([g(spec.operator, *pair) for pair in zip(across, up, strict=True)])
            state[layer] = below
    return state[-1] @ p["out"].reshape(spec.hidden, -1)


def named(p, shared, name, row):
    if shared:
        return p[name]
    return p[name][row] if name in p else p[f"{name}.{row}"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("steps", "layers"), [(1, 1), (4, 1), (3, 2), (4, 2), (1, 3), (3, 3)])
def test_deep_recurrent_is_the_recursion_over_time_and_layers(kind, steps, layers):
    operator, shared, outputs = kind
    spec = DeepRecurrent(
        steps,
        features=3,
        hidden=2,
        layers=layers,
        shared=shared,
        outputs=outputs,
        operator=operator,
    )
    network = assert_agree(spec, lambda p, x: deep_loop(spec, p, x))
    # Readings of an element: paths that go right or up from its step to the last of the top.
    readings = np.bincount(network.input_modes)
    assert readings.tolist() == [
        math.comb(steps - 1 - t + layers - 1, layers - 1) for t in range(steps)
    ]


def modular_start_end_rank(spec, probes):
    """Exact rank, modulo a prime, of start against end, each at `probes` (n, T/2, M)."""
    rng = np.random.default_rng(0)
    n_probes = len(probes)
    r, m = spec.hidden, spec.features
    w_in = [rng.integers(0, PRIME, (m if k == 0 else r, r)) for k in range(spec.layers)]
    w_hid = [rng.integers(0, PRIME, (r, r)) for _ in range(spec.layers)]
    out = rng.integers(0, PRIME, r)

    def times(left, right):
        total = np.zeros((len(left), right.shape[1]), dtype=np.int64)
        for k in range(right.shape[0]):
            total = (total + left[:, k : k + 1] * right[k] % PRIME) % PRIME
        return total

    starts = np.repeat(probes, n_probes, axis=0)
    ends = np.tile(probes, (n_probes, 1, 1))
    x = np.concatenate([starts, ends], axis=1)
    state = [None] * spec.layers
    for t in range(spec.steps):
        below = x[:, t]
        for k in range(spec.layers):
            below = times(below, w_in[k])
            if t:
                below = below * times(state[k], w_hid[k]) % PRIME
            state[k] = below
    values = times(state[-1], out[:, None])[:, 0]
    return flint.nmod_mat(n_probes, n_probes, values.tolist(), PRIME).rank()


@pytest.mark.parametrize(
    ("m", "r", "t", "one", "two"),
    [(2, 2, 4, 2, 4), (3, 3, 4, 3, 9), (3, 3, 6, 3, 27), (4, 3, 6, 3, 30)],
)
def test_depth_adds_memory_and_cuts_stay_above_the_exact_rank(m, r, t, one, two):
    shallow, deep = (DeepRecurrent(t, features=m, hidden=r, layers=k) for k in (1, 2))
    rng = np.random.default_rng(1)
    templates = rng.integers(0, PRIME, (m, m))
    grid = templates[np.array(list(itertools.product(range(m), repeat=t // 2)))]
    assert modular_start_end_rank(shallow, grid) == one == min(r, m ** (t // 2))
    assert modular_start_end_rank(deep, grid) == two
    assert two >= math.comb(min(m, r) + t // 2 - 1, t // 2)
    start = range(t // 2)
    assert tnet.min_cut(shallow.compile(), start).dimension == one
    unrolled = tnet.min_cut(deep.compile(), start).dimension
    assert two <= unrolled == tnet.min_cut(deep.compile(unroll=False), start).dimension
    # The state of the lower layer is handed on once per step of the end, the upper one once.
    assert unrolled == r ** (t // 2 + 1)


@pytest.mark.parametrize(
    "spec",
    [
        Recurrent(4, features=2, hidden=2, ranks=3, operator="max"),
        Recurrent(4, features=2, hidden=2, ranks=3, shared=True),
        DeepRecurrent(4, features=2, hidden=2, layers=2),
        DeepRecurrent(3, features=2, hidden=2, layers=3, shared=False),
    ],
    ids=str,
)
def test_recurrent_specs_are_values_that_draw(spec):
    assert dataclasses.replace(spec) == spec
    assert hash(dataclasses.replace(spec)) == hash(spec)
    assert tnet.draw(spec.compile()).svg.startswith("<svg")
    if isinstance(spec, DeepRecurrent):
        assert tnet.draw(spec.compile(unroll=False)).svg.startswith("<svg")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recurrent(0, features=2, hidden=2, ranks=2), "steps must be an integer of at le"),
        (lambda: Recurrent(3, features=2, hidden=-2, ranks=2), "hidden must be an integer"),
        (
            lambda: Recurrent(3, features=2, hidden=2, ranks=(2, 2)),
            "ranks has 2 entries for 3 steps; give one rank per step",
        ),
        (
            lambda: Recurrent(3, features=2, hidden=2, ranks=(2, 3, 2), shared=True),
            "ranks are 2 to 3, but shared cores have one shape",
        ),
        (lambda: DeepRecurrent(3, features=2, hidden=2, layers=0), "layers must be an integer"),
        (lambda: DeepRecurrent(3, features=2, hidden=2, operator="mean"), "operator is 'mean'"),
    ],
)
def test_bad_recurrent_specs_are_answered(make, message):
    with pytest.raises(SpecError, match=message):
        make()
