"""Feed-forward specs against plain loops over their recursions, for every operator."""

import dataclasses
import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import einsum_coefficients, modular_rank
from strategies import examples, mode_trees_with_side

import tnet
from tnet.architectures.cp import CP
from tnet.architectures.dilated import Dilated
from tnet.architectures.hierarchical_tucker import HierarchicalTucker
from tnet.architectures.linear import Linear
from tnet.architectures.overlapping import Overlapping
from tnet.architectures.recurrent import Recurrent
from tnet.architectures.tensor_train import TensorTrain
from tnet.architectures.tucker import Tucker
from tnet.errors import RedundantWidthWarning, SizeLimitError, SpecError
from tnet.network.groups import OPERATORS

pytestmark = pytest.mark.filterwarnings("ignore::tnet.errors.RedundantWidthWarning")


def g(operator, values):
    """The operator between numbers, two by two, as the papers write it."""
    total = values[0]
    for value in values[1:]:
        total = {
            "product": lambda a, b: a * b,
            "max": lambda a, b: max(a, b, 0.0),
            "sum": lambda a, b: max(a, 0.0) + max(b, 0.0),
            "softplus": lambda a, b: math.log(math.exp(a) + math.exp(b)),
            "norm": lambda a, b: math.sqrt(a * a + b * b),
        }[operator](total, value)
    return total


def core_value(operator, core, members):
    """sum_ij G_ij.. g(a_i, b_j): one number per entry of the last axis of `core`."""
    total = np.zeros(core.shape[-1])
    for places in itertools.product(*[range(len(member)) for member in members]):
        met = g(operator, [member[place] for member, place in zip(members, places, strict=True)])
        total += core[places] * met
    return total


def entrywise(operator, members):
    return np.array([g(operator, list(entries)) for entries in zip(*members, strict=True)])


def array_of(parameters, shared, name, row):
    return parameters[name] if shared else parameters[name][row]


def features_of(n_modes, features, batch=3, seed=1):
    return np.random.default_rng(seed).standard_normal((batch, n_modes, features))


def grid(n_modes, features):
    """Every combination of basis vectors: the network's values there are its coefficients."""
    return np.eye(features)[np.array(list(itertools.product(range(features), repeat=n_modes)))]


def agree(spec, loop, *, seed=0):
    """Compare `evaluate`, and for the product the coefficients, with the plain loop."""
    network = spec.compile()
    assert spec.n_parameters == network.n_parameters
    assert network.input_shape == spec.shape
    assert network.forest is not None
    parameters = tnet.random_parameters(network, seed=seed)
    given_ = features_of(network.n_modes, spec.features)
    expected = np.array([loop(parameters, example) for example in given_])
    found = tnet.evaluate(network, parameters, given_)
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-9, atol=1e-12)
    n_entries = spec.features ** len(network.inputs)
    if network.is_product and n_entries <= 300 and len(network.inputs) == network.n_modes:
        corners = [loop(parameters, corner) for corner in grid(network.n_modes, spec.features)]
        dense = tnet.contract(network, parameters)
        np.testing.assert_allclose(
            dense, np.array(corners).reshape(dense.shape), rtol=1e-9, atol=1e-12
        )
    return network


EVERY = [
    pytest.param((operator, shared, outputs), id=f"{operator}-{shared}-{outputs}")
    for operator in OPERATORS
    for shared in (False, True)
    for outputs in (1, 3)
]
every_kind = pytest.mark.parametrize("kind", EVERY)


@every_kind
def test_cp_is_a_sum_of_terms(kind):
    operator, shared, outputs = kind

    def loop(p, x):
        mixed = [x[m] @ array_of(p, shared, "conv0", m) for m in range(5)]
        return entrywise(operator, mixed) @ p["out"].reshape(4, -1)

    spec = CP(5, features=3, width=4, shared=shared, outputs=outputs, operator=operator)
    network = agree(spec, loop)
    assert network == spec.as_convnet.compile()
    assert spec.n_parameters == (1 if shared else 5) * 12 + 4 * outputs


def test_redundant_terms_of_shared_matrices_are_told_where_it_is_compiled():
    spec = CP(3, features=2, width=9, shared=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert spec.n_parameters == 2 * 9 + 9
    with pytest.warns(
        RedundantWidthWarning, match="of the 9 channels of level 0 at most 4"
    ) as seen:
        spec.compile()
    assert seen[0].filename == __file__


@every_kind
@pytest.mark.parametrize("widths", [2, (2, 3, 1, 2)])
def test_tucker_is_matrices_into_one_core(kind, widths):
    operator, shared, outputs = kind
    if shared and not isinstance(widths, int):
        with pytest.raises(SpecError, match="widths are 1 to 3, but shared elements"):
            Tucker(4, features=3, widths=widths, shared=shared)
        return
    each = [widths] * 4 if isinstance(widths, int) else widths

    def loop(p, x):
        frames = [
            p[f"frame.{m}"][0] if each is widths else array_of(p, shared, "frame", m)
            for m in range(4)
        ]
        members = [x[m] @ frames[m] for m in range(4)]
        return core_value(operator, p["core0"].reshape(*each, -1), members)

    spec = Tucker(4, features=3, widths=widths, shared=shared, outputs=outputs, operator=operator)
    agree(spec, loop)
    frames = 3 * each[0] if shared else 3 * sum(each)
    assert spec.n_parameters == frames + math.prod(each) * outputs


@every_kind
def test_hierarchical_tucker_of_pairs(kind):
    operator, shared, outputs = kind

    def loop(p, x):
        low = [x[m] @ array_of(p, shared, "frame", m) for m in range(4)]
        high = [
            core_value(operator, array_of(p, shared, "core0", k), low[2 * k : 2 * k + 2])
            for k in range(2)
        ]
        return core_value(operator, p["core1"].reshape(5, 5, -1), high)

    spec = HierarchicalTucker(
        4, features=3, widths=(2, 5), shared=shared, outputs=outputs, operator=operator
    )
    agree(spec, loop)
    times = (1, 1) if shared else (4, 2)
    assert spec.n_parameters == times[0] * 6 + times[1] * 20 + 25 * outputs


@examples(60)
@given(
    mode_trees_with_side(max_modes=6), st.booleans(), st.integers(1, 2), st.sampled_from(OPERATORS)
)
def test_hierarchical_tucker_on_any_mode_tree(case, shared, outputs, operator):
    tree, _ = case
    widths = tuple(2 + level % 2 for level in range(tree.n_levels))
    spec = HierarchicalTucker(
        tree.n_modes,
        features=2,
        widths=widths,
        pooling=tree,
        shared=shared,
        outputs=outputs,
        operator=operator,
    )
    network = spec.compile()
    root = len(tree.parent) - 1

    def loop(p, x):
        # The array of the tensor that leads to each leg; a node's leg is numbered n_modes on.
        array = {}
        for group in network.tensor_groups:
            for row, legs in enumerate(group.indices.tolist()):
                head = legs[-1] if group.root_axis is not None else root + tree.n_modes
                array[head] = array_of(p, group.shared, group.parameter, row)
        value = [x[m] @ array[tree.n_modes + m] for m in range(tree.n_modes)]
        for node in range(tree.n_modes, root + 1):
            members = [value[child] for child in np.nonzero(tree.parent == node)[0]]
            core = array[tree.n_modes + node]
            if node == root:
                core = core.reshape(*core.shape[: len(members)], -1)
            value.append(core_value(operator, core, members))
        return value[root]

    agree(spec, loop)
    assert network.n_tensors == len(tree.parent)
    assert {g.operator for g in network.tensor_groups if g.name != "frame"} == {operator}


def test_a_convnet_is_a_hierarchical_tucker_with_diagonal_cores():
    convnet = tnet.ConvNet(4, features=3, widths=(2, 5), outputs=2).compile()
    full = HierarchicalTucker(4, features=3, widths=(2, 5), outputs=2).compile()
    p = tnet.random_parameters(convnet)
    diagonal = {"frame": p["conv0"], "core0": np.zeros((2, 2, 2, 5)), "core1": np.zeros((5, 5, 2))}
    for i in range(2):
        diagonal["core0"][:, i, i] = p["conv1"][:, i]
    for k in range(5):
        diagonal["core1"][k, k] = p["out"][k]
    np.testing.assert_allclose(tnet.contract(full, diagonal), tnet.contract(convnet, p))


@every_kind
@pytest.mark.parametrize("n_modes", [1, 2, 5])
def test_tensor_train_is_a_chain(kind, n_modes):
    operator, shared, outputs = kind
    ranks = 3 if shared else tuple(range(2, 1 + n_modes))

    def loop(p, x):
        if n_modes == 1:
            return x[0] @ p["core0"].reshape(2, -1)
        h = x[0] @ p["core0"]
        for t in range(1, n_modes):
            last = t == n_modes - 1
            core = p["core" if shared and not last else f"core{t}"]
            h = core_value(operator, core.reshape(2, len(h), -1), [x[t], h])
        return h

    spec = TensorTrain(
        n_modes, features=2, ranks=ranks, shared=shared, outputs=outputs, operator=operator
    )
    agree(spec, loop)


def test_a_tensor_train_has_no_bond_of_dim_one_at_its_ends():
    network = TensorTrain(4, features=2, ranks=(2, 5, 3)).compile()
    assert [network.group_dims(group) for group in network.tensor_groups] == [
        (2, 2),
        (2, 2, 5),
        (2, 5, 3),
        (2, 3),
    ]


@every_kind
@pytest.mark.parametrize(
    ("n_modes", "kernel", "dilations"), [(8, 2, None), (8, 2, (2, 4, 1)), (9, 3, (3, 1))]
)
def test_dilated_mixes_then_joins(kind, n_modes, kernel, dilations):
    operator, shared, outputs = kind
    steps = dilations or (1, 2, 4)
    widths = tuple(range(3, 2 + len(steps)))

    def loop(p, x):
        # Position n of a level stands for the window whose first element is n.
        value = {m: x[m] for m in range(n_modes)}
        for level, step in enumerate(steps):
            starts = [n for n in sorted(value) if (n // step) % kernel == 0]
            value = {
                n: entrywise(
                    operator,
                    [
                        value[n + k * step] @ array_of(p, shared, f"conv{level}.tap{k}", row)
                        for k in range(kernel)
                    ],
                )
                for row, n in enumerate(starts)
            }
        return value[0]

    spec = Dilated(
        n_modes,
        features=2,
        widths=widths,
        dilations=dilations,
        kernel=kernel,
        shared=shared,
        outputs=outputs,
        operator=operator,
    )
    network = agree(spec, loop)
    assert network.dim_of(int(network.outputs[0])) == outputs


def test_dilated_on_any_tree_and_its_root_separates():
    tree = tnet.ModeTree.from_nested(((0, (1, 2)), (3, 4), 5))
    network = Dilated(6, features=3, widths=(2, 4), dilations=tree).compile()
    names = {group.name: network.group_dims(group) for group in network.tensor_groups}
    assert names["conv1.from_x.tap0"] == (3, 4)
    assert names["conv2.from_x.tap0"] == (3, 1)
    assert tnet.min_cut(network, [0, 1, 2]).dimension == 1
    assert tnet.min_cut(network, [0]).dimension == 2
    assert modular_rank(network, np.isin(range(6), [0])) == 2


@pytest.mark.parametrize(("dilations", "expected"), [((1, 2, 4, 8), 64), ((2, 1, 8, 4), 64)])
def test_the_cuts_of_permuted_dilations_are_those_of_the_paper(dilations, expected):
    side = np.isin(range(16), [0, 2, 4, 6, 8, 9, 12, 13])
    spec = Dilated(16, features=2, widths=(2, 2, 2), dilations=dilations)
    assert tnet.min_cut(spec.compile(), side).dimension == expected


def overlapping_loop(spec, p, x):
    """On a line; arrays of units with several copies have a name of their own."""
    widths, kernel, stride = spec.widths, spec.kernel, spec.stride
    value = list(x)
    for level in range(len(widths)):
        positions = range((len(value) - kernel) // stride + 1)
        value = [
            entrywise(
                spec.operator,
                [
                    value[n * stride + k] @ tap_array(p, spec.shared, f"conv{level}.tap{k}", n)
                    for k in range(kernel)
                ],
            )
            for n in positions
        ]
    assert len(value) == 1
    return value[0] @ p["out"].reshape(widths[-1], -1)


def tap_array(p, shared, name, row):
    if shared:
        return p[name]
    return p[name][row] if name in p else p[f"{name}.{row}"]


@every_kind
@pytest.mark.parametrize(
    ("n_modes", "widths", "kernel", "stride"),
    [
        (4, (2, 3, 2), 2, 1),
        (5, (2, 3), 3, 1),
        (7, (3, 2), 3, 2),
        (4, (2, 3), 2, 2),
        (1, (2,), 1, 1),
    ],
)
def test_overlapping_windows(kind, n_modes, widths, kernel, stride):
    operator, shared, outputs = kind
    spec = Overlapping(
        n_modes,
        features=2,
        widths=widths,
        kernel=kernel,
        stride=stride,
        shared=shared,
        outputs=outputs,
        operator=operator,
    )
    network = agree(spec, lambda p, x: overlapping_loop(spec, p, x))
    assert len(network.inputs) == kernel ** len(widths)


def test_overlapping_windows_of_a_grid():
    spec = Overlapping((3, 4), features=2, widths=(2, 3), kernel=((2, 3), 2), stride=((1, 1), 1))
    p = tnet.random_parameters(spec.compile())

    def loop(p, x):
        x = x.reshape(3, 4, 2)
        low = {}
        for n, (i, j) in enumerate(itertools.product(range(2), range(2))):
            taps = itertools.product(range(2), range(3))
            low[i, j] = entrywise(
                "product",
                [
                    x[i + a, j + b] @ tap_array(p, False, f"conv0.tap{k}", n)
                    for k, (a, b) in enumerate(taps)
                ],
            )
        top = [
            low[a, b] @ tap_array(p, False, f"conv1.tap{k}", 0)
            for k, (a, b) in enumerate(itertools.product(range(2), range(2)))
        ]
        return entrywise("product", top) @ p["out"]

    agree(spec, loop)
    assert spec.sides == ((3, 4), (2, 2), (1, 1))
    assert p["conv0.tap0"].shape == (4, 2, 2)


def test_windows_that_do_not_overlap_are_the_dilated_tree():
    overlapping = Overlapping(8, features=2, widths=(3, 3, 3), kernel=2, stride=2).compile()
    for side in ([0, 2, 4, 6], range(4), [1, 5]):
        convnet = tnet.ConvNet(8, features=2, widths=(3, 3, 3)).compile()
        assert tnet.min_cut(overlapping, side).dimension == tnet.min_cut(convnet, side).dimension
    assert len(overlapping.inputs) == 8


def test_linear_is_a_product_of_matrices():
    spec = Linear((5, 4, 2, 3))
    network = spec.compile()
    p = tnet.random_parameters(network)
    x = features_of(1, 5)
    product = p["W1"] @ p["W2"] @ p["W3"]
    np.testing.assert_allclose(tnet.evaluate(network, p, x), x[:, 0] @ product)
    np.testing.assert_allclose(tnet.contract(network, p), product)
    assert spec.rank == np.linalg.matrix_rank(product) == 2
    assert spec.n_parameters == 20 + 8 + 6
    assert tnet.min_cut(network, [0]).dimension == 1


UNEVEN = tnet.ModeTree.from_nested((((0, 1), 2), (3, 4), 5))

SMALL = [
    CP(5, features=3, width=4),
    Tucker(4, features=3, widths=(2, 3, 1, 2)),
    HierarchicalTucker(4, features=3, widths=(2, 5)),
    HierarchicalTucker(6, features=2, widths=(2, 3, 2), pooling=UNEVEN),
    TensorTrain(5, features=2, ranks=3),
    Dilated(8, features=2, widths=(3, 3)),
    Overlapping(5, features=2, widths=(2, 3), kernel=3),
]


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: type(spec).__name__)
def test_every_spec_is_a_value_that_draws_contracts_and_cuts(spec):
    network = spec.compile()
    assert spec.compile() == network
    assert dataclasses.replace(spec) == spec
    assert hash(dataclasses.replace(spec)) == hash(spec)
    assert tnet.draw(network).svg.startswith("<svg")
    p = tnet.random_parameters(network)
    np.testing.assert_allclose(
        tnet.contract(network, p).reshape(-1), einsum_coefficients(network, p).reshape(-1)
    )
    n_modes = network.n_modes
    for side in (np.arange(n_modes) % 2 == 0, np.arange(n_modes) < n_modes // 2):
        cut = tnet.min_cut(network, side)
        assert cut.verify()
        assert modular_rank(network, side) <= cut.dimension


def test_sizes_may_be_numpy_integers():
    assert TensorTrain(4, features=2, ranks=np.int64(3)) == TensorTrain(4, features=2, ranks=3)
    assert Tucker(3, features=2, widths=np.int64(3)) == Tucker(3, features=2, widths=3)
    given_ = Overlapping(5, features=2, widths=np.array([2, 2]), kernel=np.int64(3))
    assert given_ == Overlapping(5, features=2, widths=(2, 2), kernel=3)


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_are_associative_so_that_the_order_of_members_has_no_meaning(operator):
    for a, b, c in itertools.product([-2.0, -0.5, 0.0, 1.5, 3.0], repeat=3):
        left, right = g(operator, [g(operator, [a, b]), c]), g(operator, [a, g(operator, [b, c])])
        assert left == pytest.approx(right)
        assert left == pytest.approx(g(operator, [c, b, a]))


def test_linear_draws():
    assert tnet.draw(Linear((5, 4, 2, 3)).compile()).svg.startswith("<svg")


@pytest.mark.parametrize(
    ("spec", "side", "expected"),
    [
        (Tucker(4, features=8, widths=4), [0, 1], 16),
        (TensorTrain(6, features=2, ranks=4), [0, 2, 4], 8),
        (TensorTrain(6, features=2, ranks=4), [0, 1, 2], 4),
        (HierarchicalTucker(8, features=2, widths=(2, 4, 4)), [0, 1, 2, 3], 4),
        (HierarchicalTucker(8, features=2, widths=(2, 4, 4)), [0, 2, 4, 6], 16),
        (CP(8, features=2, width=4), [0, 2, 4, 6], 4),
    ],
)
def test_cuts_that_equal_the_rank_by_theorem(spec, side, expected):
    network = spec.compile()
    cut = tnet.min_cut(network, side)
    assert (cut.dimension, cut.claim.kind) == (expected, "exact by theorem")
    assert modular_rank(network, np.isin(range(network.n_modes), side)) == expected


def test_an_unrolling_too_large_says_its_size_and_still_has_cuts():
    spec = Overlapping(31, features=2, widths=(2,) * 30, kernel=2, shared=True)
    with pytest.raises(SizeLimitError, match=r"2,147,483,647 tensors, more than 4,194,304"):
        spec.compile()
    assert spec.compile(unroll=False).n_tensors == sum(2 * n for n in range(1, 31)) + 1
    with pytest.raises(SizeLimitError, match=r"has 7 tensors, more than 6"):
        Overlapping(3, features=2, widths=(2, 2), kernel=2).compile(most_tensors=6)
    huge = Overlapping(101, features=2, widths=(2,) * 100, kernel=2)
    with pytest.raises(SizeLimitError, match=r"about 2\^101 tensors"):
        huge.compile()


@pytest.mark.parametrize(
    "spec",
    [
        Tucker(4, features=2, widths=(2, 4, 1, 2), outputs=3),
        HierarchicalTucker(6, features=2, widths=(4, 2, 4), pooling=UNEVEN),
        TensorTrain(6, features=2, ranks=(2, 4, 2, 4, 2)),
        Recurrent(5, features=2, hidden=4, ranks=(2, 4, 4, 2, 2)),
        Dilated(8, features=2, widths=(4, 2), dilations=(2, 4, 1), outputs=2),
        Dilated(6, features=2, widths=(4, 2), dilations=UNEVEN),
        Overlapping(8, features=2, widths=(4, 2, 2), kernel=2, stride=2),
    ],
    ids=lambda spec: type(spec).__name__,
)
def test_every_cut_of_unshared_powers_of_two_is_the_rank(spec):
    network = spec.compile()
    for bits in range(0, 2**network.n_modes, 5):
        side = np.array([(bits >> mode) & 1 for mode in range(network.n_modes)], dtype=bool)
        cut = tnet.min_cut(network, side)
        assert cut.claim.kind == "exact by theorem"
        assert modular_rank(network, side) == cut.dimension
