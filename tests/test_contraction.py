"""Contraction against np.einsum and a plain forward pass; evaluation against contraction."""

import math
import pickle

import numpy as np
import opt_einsum as oe
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tnet
from tnet.contraction import memory
from tnet.errors import (
    FeatureError,
    MemoryLimitError,
    OperatorError,
    ParameterError,
    StructureError,
)

SYMBOLS = "abcdefgh"


@st.composite
def equations(draw):
    """Equations with diagonals, lone sums, outer products, hyperedges, scalars, size-1 dims."""
    dims = {symbol: draw(st.integers(1, 3)) for symbol in SYMBOLS}
    terms = draw(st.lists(st.text(SYMBOLS, max_size=4), min_size=1, max_size=6))
    present = sorted(set("".join(terms)))
    output = "".join(draw(st.permutations(present)))[: draw(st.integers(0, len(present)))]
    shapes = [tuple(dims[symbol] for symbol in term) for term in terms]
    return f"{','.join(terms)}->{output}", shapes


def arrays_for(shapes, seed, dtype="float64"):
    generator = np.random.default_rng(seed)
    arrays = [generator.standard_normal(shape) for shape in shapes]
    if np.dtype(dtype).kind == "c":
        arrays = [array + 1j * generator.standard_normal(array.shape) for array in arrays]
    return [array.astype(dtype) for array in arrays]


@settings(max_examples=300, deadline=None)
@given(equations(), st.integers(0, 10), st.sampled_from(["float64", "complex128"]))
def test_contract_equals_einsum(case, seed, dtype):
    equation, shapes = case
    arrays = arrays_for(shapes, seed, dtype)
    net = tnet.from_einsum(equation, *shapes)
    parameters = {f"t{number}": array for number, array in enumerate(arrays)}
    expected = np.einsum(equation, *arrays)
    np.testing.assert_allclose(tnet.contract(net, parameters), expected, rtol=1e-9, atol=1e-9)
    scaled = tnet.contract_scaled(net, parameters)
    np.testing.assert_allclose(scaled.value(), expected, rtol=1e-9, atol=1e-9)
    largest = np.abs(scaled.mantissa).max(initial=0)
    assert largest == 0 or 0.5 <= largest < 1


def test_two_hundred_operands_and_more_symbols_than_letters():
    n = 200
    symbols = [oe.get_symbol(number) for number in range(n + 1)]
    terms = [symbols[k] + symbols[k + 1] for k in range(n)]
    equation = f"{','.join(terms)}->{symbols[0]}{symbols[-1]}"
    matrices = np.random.default_rng(0).standard_normal((n, 2, 2)) / 1.5
    net = tnet.from_einsum(equation, *[(2, 2)] * n)
    parameters = {f"t{k}": matrices[k] for k in range(n)}
    expected = np.linalg.multi_dot(list(matrices))
    np.testing.assert_allclose(tnet.contract(net, parameters), expected, rtol=1e-9)


COMBINED = {
    "product": lambda a, b: a * b,
    "max": lambda a, b: np.maximum(np.maximum(a, b), 0),
    "sum": lambda a, b: np.maximum(a, 0) + np.maximum(b, 0),
    "softplus": np.logaddexp,
    "norm": lambda a, b: np.sqrt(a**2 + b**2),
}


def forward(spec, parameters, features):
    """Score a network by the recursion of the papers, one window at a time."""
    combine = COMBINED[spec.operator]
    tree = spec.tree
    values = {mode: features[:, mode] for mode in range(tree.n_modes)}
    seen = {}
    for node in range(len(tree.parent) - 1):
        parent = int(tree.parent[node])
        level, source = int(tree.level[parent]), int(tree.level[node])
        name = f"conv{level}"
        if source != level - 1:
            name += ".from_x" if source < 0 else f".from_r{source}"
        row = seen.setdefault(name, [])
        row.append(node)
        matrix = parameters[name] if spec.shared else parameters[name][len(row) - 1]
        sent = values[node] @ matrix
        values[parent] = combine(values[parent], sent) if parent in values else sent
    return values[len(tree.parent) - 1] @ parameters["out"]


TREES = [
    tnet.pooling.square(8),
    tnet.pooling.mirror(7),
    tnet.pooling.mirror((3, 4)),
    tnet.pooling.global_(5),
    tnet.pooling.square((4, 4), (4,)),
    tnet.ModeTree.from_nested(((0, 1), 2)),
    tnet.ModeTree.from_nested((((0, 5), 1, 4), (2, (3, (6,))))),
]


@pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")
@pytest.mark.parametrize("operator", ["product", "max", "sum", "softplus", "norm"])
@pytest.mark.parametrize("tree", TREES, ids=repr)
@pytest.mark.parametrize(("shared", "outputs"), [(False, 1), (True, 3)])
def test_evaluate_equals_the_plain_forward_pass(operator, tree, shared, outputs):
    spec = tnet.ConvNet(
        tree.n_modes,
        features=3,
        widths=range(2, 2 + tree.n_levels),
        pooling=tree,
        shared=shared,
        outputs=outputs,
        operator=operator,
    )
    net = spec.compile()
    parameters = tnet.random_parameters(net, seed=1)
    features = np.random.default_rng(2).standard_normal((6, tree.n_modes, 3))
    expected = forward(spec, parameters, features)
    found = tnet.evaluate(net, parameters, features)
    assert found.shape == ((6,) if outputs == 1 else (6, outputs))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    scaled = tnet.evaluate_scaled(net, parameters, list(np.moveaxis(features, 1, 0)))
    np.testing.assert_allclose(scaled.value(), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("operator", COMBINED)
def test_full_cores_put_their_operator_between_their_legs(operator, shared):
    b = tnet.NetworkBuilder()
    b.indices("x", 5, 2, role="input")
    b.indices("h", 2, 4)
    b.index("late", 3)
    b.index("top", 2)
    b.tensors("core", [[0, 1, 5], [2, 3, 6]], operator=operator, root_axis=2, shared=shared)
    # An irregular tree: the fifth input joins one level up.
    b.tensor("join", [5, 4, 7], operator=operator, root_axis=2)
    b.tensor("last", [6, 7, 8], operator=operator, root_axis=2)
    b.tensor("out", ["top"])
    net = b.build()
    parameters = tnet.random_parameters(net)
    features = np.random.default_rng(3).standard_normal((7, 5, 2))

    def joined(u, v, core):
        pairs = COMBINED[operator](u[:, :, None], v[:, None, :])
        return np.einsum("bij,ijk->bk", pairs, core)

    x = [features[:, mode] for mode in range(5)]
    cores = [parameters["core"]] * 2 if shared else parameters["core"]
    late = joined(joined(x[0], x[1], cores[0]), x[4], parameters["join"])
    last = joined(joined(x[2], x[3], cores[1]), late, parameters["last"])
    expected = last @ parameters["out"]
    found = tnet.evaluate(net, parameters, features)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    each = [tnet.evaluate(net, parameters, features[k : k + 1]) for k in range(7)]
    np.testing.assert_allclose(np.concatenate(each), expected, rtol=1e-9, atol=1e-12)


def test_an_output_that_is_a_hyperedge_combines_the_roots():
    b = tnet.NetworkBuilder()
    b.indices("x", 2, 2, role="input")
    b.index("y", 3, role="output", operator="max")
    b.tensors("a", [[0, 2], [1, 2]], root_axis=1)
    net = b.build()
    parameters = tnet.random_parameters(net)
    features = np.random.default_rng(0).standard_normal((5, 2, 2))
    sent = np.einsum("bnm,nmy->nby", features, parameters["a"])
    expected = np.maximum(sent.max(axis=0), 0)
    np.testing.assert_allclose(tnet.evaluate(net, parameters, features), expected)


def test_evaluate_is_contract_applied_to_features_and_an_element_may_be_read_twice():
    b = tnet.NetworkBuilder()
    b.indices("x", 3, 2, role="input", modes=[0, 1, 0])
    b.index("y", 2, role="output")
    b.tensor("t", ["x[0]", "x[1]", "x[2]", "y"])
    net = b.build()
    parameters = tnet.random_parameters(net)
    features = np.random.default_rng(0).standard_normal((4, 2, 2))
    dense = tnet.contract(net, parameters)
    assert dense.shape == (2, 2, 2, 2)
    f0, f1 = features[:, 0], features[:, 1]
    expected = np.einsum("ijky,bi,bj,bk->by", dense, f0, f1, f0)
    np.testing.assert_allclose(tnet.evaluate(net, parameters, features), expected)


@pytest.mark.parametrize("optimize", ["auto", "greedy", "dp", "branch-1", oe.DynamicProgramming()])
def test_every_optimizer_gives_the_same_numbers_and_its_path_runs_in_opt_einsum(optimize):
    net = tnet.from_einsum("ab,bc,cd,da,bd->ac", (2, 3), (3, 4), (4, 5), (5, 2), (3, 5))
    parameters = tnet.random_parameters(net)
    plan = tnet.plan(net, task="contract", optimize=optimize)
    found = tnet.contract(net, parameters, plan=plan)
    operands = [x for t, i in enumerate(plan.inputs) for x in (parameters[f"t{t}"], list(i))]
    expected = oe.contract(*operands, list(plan.output), optimize=list(plan.path))
    np.testing.assert_allclose(found, expected)


def test_flops_and_largest_intermediate_are_those_of_opt_einsum():
    shapes = [(4, 5), (5, 6), (6, 7), (7, 3)]
    equation = "ab,bc,cd,de->ae"
    net = tnet.from_einsum(equation, *shapes)
    plan = tnet.plan(net, task="contract", optimize="dp")
    info = oe.contract_path(equation, *shapes, shapes=True, optimize="dp")[1]
    assert plan.flops == int(info.opt_cost)
    assert plan.largest_intermediate == int(info.largest_intermediate)


def test_a_path_of_many_operands_at_once_is_followed_pairwise():
    net = tnet.from_einsum("a,a,a->a", (3,), (3,), (3,))
    plan = tnet.plan(net, task="contract", optimize=[(0, 1, 2)])
    parameters = {f"t{k}": np.arange(3.0) + k for k in range(3)}
    expected = np.arange(3.0) * (np.arange(3.0) + 1) * (np.arange(3.0) + 2)
    np.testing.assert_array_equal(tnet.contract(net, parameters, plan=plan), expected)
    assert plan.n_steps == 2


def test_plans_are_values_that_are_cached_pickled_and_reported():
    net = tnet.ConvNet(8, features=2, widths=(3, 3, 3), outputs=4).compile()
    plan = tnet.plan(net)
    assert tnet.plan(tnet.ConvNet(8, features=2, widths=(3, 3, 3), outputs=4).compile()) is plan
    again = pickle.loads(pickle.dumps(plan))
    assert (again.path, again.flops, again.network) == (plan.path, plan.flops, net)
    assert f"{plan.flops:,}" in plan.report()
    assert plan.flops_for(10) > plan.flops
    assert plan.peak_bytes(100) >= 100 * 4 * 8
    assert plan.batch == net.n_indices
    assert plan.sizes[plan.batch] == 1


def test_peak_bytes_by_hand():
    net = tnet.from_einsum("ab,bc,cd->ad", (10, 2), (2, 10), (10, 2))
    plan = tnet.plan(net, task="contract", optimize=[(0, 1), (0, 1)])
    # First 10 x 10; then, beside it, the result of 10 x 2.
    assert plan.peak_bytes() == (100 + 20) * 8
    assert plan.flops == 2 * 10 * 2 * 10 + 2 * 10 * 10 * 2


@pytest.mark.parametrize("size", [1e-3, 1e3, 1e-200])
def test_scaled_results_stay_finite_where_products_leave_floating_point(size):
    spec = tnet.ConvNet(512, features=2, widths=(2,) * 9)
    net = spec.compile()
    parameters = {
        name: np.full(np.shape(array), size) for name, array in tnet.random_parameters(net).items()
    }
    features = np.stack([np.ones((512, 2)), np.full((512, 2), 1e-3)])
    scaled = tnet.evaluate_scaled(net, parameters, features)
    # Every matrix multiplies by 2 * size, the output too; every leaf by its feature.
    logs = 1023 * math.log2(2 * size) + np.array([0, 512 * math.log2(1e-3)])
    np.testing.assert_allclose(scaled.log2_abs(), logs, rtol=1e-12)
    assert np.isfinite(scaled.mantissa).all()


def test_size_one_dims_are_harmless_beyond_the_axes_of_an_array():
    net = tnet.from_einsum(",".join(SYMBOLS) + "->", *[(1,)] * 8)
    assert tnet.contract(net, {f"t{k}": np.array([2.0]) for k in range(8)}) == 256
    wide = tnet.ConvNet(100, features=1, widths=(2,), pooling="global").compile()
    parameters = tnet.random_parameters(wide)
    expected = (parameters["conv0"][:, 0].prod(axis=0) * parameters["out"]).sum()
    found = tnet.evaluate(wide, parameters, np.ones((3, 100, 1)))
    np.testing.assert_allclose(found, np.full(3, expected), rtol=1e-12)


def test_a_network_without_tensors_is_the_number_one():
    assert tnet.contract(tnet.NetworkBuilder().build(), {}) == 1


def test_a_batch_of_none_gives_scores_of_none():
    net = tnet.ConvNet(4, features=2, widths=(2, 2), outputs=3).compile()
    assert tnet.evaluate(net, tnet.random_parameters(net), np.zeros((0, 4, 2))).shape == (0, 3)


class TestBadInput:
    net = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
    rectifier = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
    parameters = tnet.random_parameters(net)
    features = np.ones((3, 4, 2))

    def test_other_operators_have_one_order_and_one_task(self):
        with pytest.raises(OperatorError, match=r"'max', which sums do not commute with"):
            tnet.contract(self.rectifier, self.parameters)
        for choice in ({"task": "contract"}, {"optimize": "greedy"}):
            with pytest.raises(OperatorError, match=r"has one order, leaf to root, and one task"):
                tnet.plan(self.rectifier, **choice)
        assert tnet.plan(self.rectifier).n_steps == tnet.plan(self.net).n_steps
        with pytest.raises(StructureError, match="evaluate another network"):
            tnet.evaluate(self.rectifier, self.parameters, self.features, plan=tnet.plan(self.net))
        with pytest.raises(OperatorError, match="residues of a prime do not have"):
            tnet.evaluate(self.rectifier, self.parameters, self.features, modulo=7)
        imaginary = {name: array * 1j for name, array in self.parameters.items()}
        with pytest.raises(ParameterError, match="'max' takes real numbers"):
            tnet.evaluate(self.rectifier, imaginary, self.features)

    def test_networks_that_stand_for_unrolled_ones(self):
        b = tnet.NetworkBuilder()
        b.index("x", 2, role="input")
        b.index("h", 2, multiplicity=3)
        b.tensor("a", ["x", "h"])
        b.tensor("b", ["h"])
        net = b.build()
        with pytest.raises(StructureError, match="'h' has multiplicity 3"):
            tnet.evaluate(net, tnet.random_parameters(net), np.ones((1, 1, 2)))

    @pytest.mark.parametrize("shape", [(3, 5, 2), (3, 4, 3), (4, 2), (3, 4, 2, 1)], ids=str)
    def test_features_of_a_wrong_shape(self, shape):
        with pytest.raises(FeatureError, match=r"the network takes \(B, 4, 2\)"):
            tnet.evaluate(self.net, self.parameters, np.ones(shape))

    def test_features_as_a_wrong_sequence(self):
        with pytest.raises(FeatureError, match="sequence of 3 arrays for 4 elements"):
            tnet.evaluate(self.net, self.parameters, [np.ones((3, 2))] * 3)
        with pytest.raises(FeatureError, match=r"element 3 have shape \(3, 5\)"):
            tnet.evaluate(self.net, self.parameters, [np.ones((3, 2))] * 3 + [np.ones((3, 5))])
        with pytest.raises(FeatureError, match="one B for all"):
            tnet.evaluate(self.net, self.parameters, [np.ones((3, 2))] * 3 + [np.ones((2, 2))])

    def test_parameters_missing_unknown_of_wrong_shape_or_not_finite(self):
        broken = dict(self.parameters)
        del broken["conv1"]
        with pytest.raises(ParameterError, match="'conv1' is missing"):
            tnet.evaluate(self.net, broken, self.features)
        with pytest.raises(ParameterError, match="'bias' belongs to no tensor group"):
            tnet.evaluate(self.net, self.parameters | {"bias": np.ones(3)}, self.features)
        with pytest.raises(ParameterError, match=r"'conv1' has shape \(2, 2\).*\(2, 2, 2\)"):
            tnet.evaluate(self.net, self.parameters | {"conv1": np.ones((2, 2))}, self.features)
        poisoned = self.parameters["conv1"].copy()
        poisoned[1, 0, 1] = np.nan
        with pytest.raises(ParameterError, match=r"'conv1' has nan at \(1, 0, 1\)"):
            tnet.evaluate(self.net, self.parameters | {"conv1": poisoned}, self.features)

    def test_features_that_are_not_numbers(self):
        with pytest.raises(FeatureError, match="features of dim 2 are not all finite"):
            tnet.evaluate(self.net, self.parameters, self.features * np.nan)

    def test_plans_of_another_network_or_task(self):
        other = tnet.plan(tnet.ConvNet(4, features=2, widths=(2, 3)).compile())
        with pytest.raises(StructureError, match="evaluate another network"):
            tnet.evaluate(self.net, self.parameters, self.features, plan=other)
        with pytest.raises(StructureError, match="to evaluate this network"):
            tnet.contract(self.net, self.parameters, plan=tnet.plan(self.net))

    @pytest.mark.parametrize(
        ("optimize", "message"),
        [
            ("simulated-annealing", "no optimizer 'simulated-annealing'"),
            ([(0, 99)], "step 0 of the path takes positions"),
            ([(0, 0)], "positions are distinct"),
            ([(0, 1)], r"leaves 6 of 7 operands uncontracted"),
        ],
    )
    def test_optimizers_and_paths_that_do_not_fit(self, optimize, message):
        with pytest.raises(StructureError, match=message):
            tnet.plan(self.net, task="contract", optimize=optimize)
        with pytest.raises(StructureError, match="task is 'sample'"):
            tnet.plan(self.net, task="sample")

    def test_a_dense_array_too_large_is_refused_with_its_size(self, monkeypatch):
        wide = tnet.ConvNet(64, features=10, widths=(2,) * 6).compile()
        with pytest.raises(MemoryLimitError, match=r"takes 2\^\d+ bytes, but .* are free"):
            tnet.contract(wide, tnet.random_parameters(wide))
        wider = tnet.ConvNet(128, features=2, widths=(2,) * 7).compile()
        with pytest.raises(StructureError, match="128 axes, and an array can have 64"):
            tnet.contract(wider, tnet.random_parameters(wider))
        monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
        with pytest.raises(MemoryLimitError, match=r"a batch of 9,000,000 takes"):
            tnet.evaluate(self.net, self.parameters, np.broadcast_to(1.0, (9_000_000, 4, 2)))

    def test_undirected_and_looped_networks_with_other_operators(self):
        b = tnet.NetworkBuilder()
        b.indices("x", 2, 2, role="input")
        b.index("h", 2, operator="max")
        b.tensors("a", [[0, 2], [1, 2]])
        b.tensor("out", ["h"])
        net = b.build()
        with pytest.raises(OperatorError, match="root_axis"):
            tnet.evaluate(net, tnet.random_parameters(net), np.ones((1, 2, 2)))
        b = tnet.NetworkBuilder()
        b.indices("x", 2, 2, role="input")
        b.indices("h", 2, 2, operator="max")
        b.tensors("a", [[0, 2, 3], [1, 2, 3]], root_axis=2)
        net = b.build()
        with pytest.raises(OperatorError, match="has a loop"):
            tnet.evaluate(net, tnet.random_parameters(net), np.ones((1, 2, 2)))
