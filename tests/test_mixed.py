"""`Mixed` against a plain loop over the recursion of both networks, and its hybrid trees."""

import itertools
import math

import numpy as np
import pytest

import tnet
from tnet.architectures.dilated import Dilated
from tnet.architectures.mixed import Mixed
from tnet.errors import FeatureError, ParameterError, SpecError, StructureError
from tnet.network.groups import OPERATORS


def dilated_tree(n, *dilations):
    return Dilated(n, features=1, widths=(1,) * (len(dilations) - 1), dilations=dilations).tree


def g(operator, a, b):
    return {
        "product": lambda: a * b,
        "max": lambda: max(a, b, 0.0),
        "sum": lambda: max(a, 0.0) + max(b, 0.0),
        "softplus": lambda: math.log(math.exp(a) + math.exp(b)),
        "norm": lambda: math.sqrt(a * a + b * b),
    }[operator]()


def matrix_out_of(network, parameters, node):
    """Array of the tensor whose first leg is the node."""
    for group in network.tensor_groups:
        nodes = group.indices[:, 0].tolist()
        if node in nodes:
            array = parameters[group.parameter]
            return array if group.shared else array[nodes.index(node)]
    raise AssertionError(node)


def modes_under(tree, node):
    if node < tree.n_modes:
        return frozenset([node])
    return frozenset().union(*(modes_under(tree, child) for child in members_of(tree, node)))


def members_of(tree, node):
    return np.nonzero(tree.parent == node)[0].tolist()


def plain_loop(mixed, parameters, x):
    """Both recursions from the roots down: at a common set the first half is the other's own."""
    half, networks, trees = mixed.width // 2, mixed.networks(), (mixed.tree_a, mixed.tree_b)

    def before_exchange(side, node):
        parts = [
            after_exchange(side, child) @ matrix_out_of(networks[side], parameters[side], child)
            for child in members_of(trees[side], node)
        ]
        total = parts[0]
        for part in parts[1:]:
            pairs = zip(total, part, strict=True)
            total = np.array([g(mixed.operator, a, b) for a, b in pairs])
        return total

    def after_exchange(side, node):
        if node < trees[side].n_modes:
            return x[node]
        own = before_exchange(side, node)
        modes = modes_under(trees[side], node)
        if tuple(sorted(modes)) not in mixed.mixture_nodes:
            return own
        other = trees[1 - side]
        twin = next(k for k in range(len(other.parent)) if modes_under(other, k) == modes)
        return np.concatenate([before_exchange(1 - side, twin)[:half], own[half:]])

    return sum(after_exchange(side, len(tree.parent) - 1) for side, tree in enumerate(trees))


TREES = {
    "pairs swapped": (dilated_tree(8, 1, 2, 4), dilated_tree(8, 2, 1, 4)),
    "odd and uneven": (
        tnet.ModeTree.from_nested((((0, 1), 2), (3, 4, 5), 6)),
        tnet.ModeTree.from_nested((((0, 2), 1), ((3, 4), 5), 6)),
    ),
    "nothing in common": (dilated_tree(4, 1, 2), dilated_tree(4, 2, 1)),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("width", "outputs"), [(2, 1), (5, 3)])
@pytest.mark.parametrize("trees", TREES.values(), ids=TREES)
def test_evaluate_is_the_recursion_with_exchange(operator, shared, width, outputs, trees):
    mixed = Mixed(
        *trees, features=3, width=width, shared=shared, outputs=outputs, operator=operator
    )
    parameters = [
        tnet.random_parameters(network, seed=k) for k, network in enumerate(mixed.networks())
    ]
    features = np.random.default_rng(2).standard_normal((3, *mixed.shape, 3))
    expected = [plain_loop(mixed, parameters, x) for x in features]
    np.testing.assert_allclose(
        mixed.evaluate(parameters, features), expected, rtol=1e-9, atol=1e-12
    )
    assert mixed.n_parameters == sum(a.size for p in parameters for a in p.values())


def test_without_mixture_nodes_it_is_the_sum_of_both_networks():
    mixed = Mixed(*TREES["pairs swapped"], features=2, width=4, mixture=())
    parameters = [tnet.random_parameters(network) for network in mixed.networks()]
    x = np.random.default_rng(0).standard_normal((5, 8, 2))
    total = sum(
        tnet.evaluate(network, p, x)
        for network, p in zip(mixed.networks(), parameters, strict=True)
    )
    np.testing.assert_allclose(mixed.evaluate(parameters, x), total)


def test_exchange_matters():
    trees = TREES["pairs swapped"]
    mixed, apart = (Mixed(*trees, features=2, width=4, mixture=m) for m in ("all", ()))
    parameters = [tnet.random_parameters(network) for network in mixed.networks()]
    x = np.random.default_rng(0).standard_normal((5, 8, 2))
    assert mixed.mixture_nodes == ((0, 1, 2, 3), (4, 5, 6, 7))
    assert not np.allclose(mixed.evaluate(parameters, x), apart.evaluate(parameters, x))


def test_the_hybrid_of_the_paper_beats_both_trees():
    trees = dilated_tree(16, 1, 2, 4, 8), dilated_tree(16, 2, 1, 8, 4)
    mixed = Mixed(*trees, features=2, width=4)
    assert mixed.mixture_nodes == tuple(tuple(range(4 * k, 4 * k + 4)) for k in range(4))
    side = np.isin(range(16), [0, 2, 4, 6, 8, 9, 12, 13])
    hybrids = list(mixed.hybrids())
    assert len(hybrids) == len({spec.tree for spec in hybrids}) == 2**5
    assert hybrids[0].tree == trees[0]
    assert all(set(spec.widths) == {2} for spec in hybrids)
    cuts = {spec.tree: tnet.min_cut(spec.compile(), side).dimension for spec in hybrids}
    assert [cuts[tree] for tree in trees] == [64, 64]
    assert max(cuts.values()) == 256


def test_hybrids_are_all_choices_between_mixture_nodes():
    first = tnet.ModeTree.from_nested((((0, 1), (2, 3)), (4, 5)))
    second = tnet.ModeTree.from_nested((((0, 2), (1, 3)), (4, 5)))
    mixed = Mixed(first, second, features=2, width=2)
    assert mixed.mixture_nodes == ((0, 1, 2, 3), (4, 5))
    # Below the root and below (4, 5) the trees are alike: one place to choose.
    assert [spec.tree for spec in mixed.hybrids()] == [first, second]
    apart = Mixed(first, second, features=2, width=2, mixture=[])
    assert [spec.tree for spec in apart.hybrids()] == [first, second]


def test_trees_of_any_depth_have_hybrids():
    nested = [((0, 1), 2), ((0, 2), 1)]
    for mode in range(3, 1200):
        nested = [(below, mode) for below in nested]
    trees = [tnet.ModeTree.from_nested(chain) for chain in nested]
    mixed = Mixed(*trees, features=2, width=2)
    assert len(mixed.mixture_nodes) == 1197
    assert [spec.tree for spec in mixed.hybrids()] == trees


def test_a_mixed_network_realises_a_hybrid_of_half_its_width():
    # Zero what a network takes from the other where the hybrid does not: rank of the grid tensor.
    mixed = Mixed(*TREES["pairs swapped"], features=2, width=4)
    parameters = [tnet.random_parameters(net, seed=k) for k, net in enumerate(mixed.networks())]
    corners = np.eye(2)[np.array(list(itertools.product(range(2), repeat=8)))]
    grid = mixed.evaluate(parameters, corners).reshape((2,) * 8)
    for spec in mixed.hybrids():
        network = spec.compile()
        for side in itertools.combinations(range(8), 4):
            order = [*side, *(m for m in range(8) if m not in side)]
            rank = np.linalg.matrix_rank(grid.transpose(order).reshape(16, 16), rtol=1e-10)
            coefficients = tnet.contract(network, tnet.random_parameters(network))
            hybrid = coefficients.reshape((2,) * 8).transpose(order).reshape(16, 16)
            assert rank >= np.linalg.matrix_rank(hybrid, rtol=1e-10)


def test_it_does_not_compile_and_says_why():
    mixed = Mixed(*TREES["pairs swapped"], features=2, width=4)
    with pytest.raises(StructureError, match="not one tensor network; call evaluate"):
        mixed.compile()


def test_specs_of_dilated_networks_stand_for_their_trees():
    specs = [Dilated(4, features=2, widths=(3,), dilations=d) for d in ((1, 2), (2, 1))]
    by_spec = Mixed(*specs, features=2, width=2)
    assert by_spec == Mixed(*[spec.tree for spec in specs], features=2, width=2)
    assert hash(by_spec) == hash(Mixed(*specs, features=2, width=2))


FOUR, EIGHT = dilated_tree(4, 1, 2), dilated_tree(8, 1, 2, 4)
THIN = tnet.ModeTree.from_nested(((0, 1), ((2,), 3)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Mixed(FOUR, EIGHT, features=2, width=2),
            "tree_a is over 4 elements and tree_b over 8",
        ),
        (lambda: Mixed(FOUR, FOUR, features=2, width=1), "width is 1, half of which"),
        (lambda: Mixed(FOUR, FOUR, features=2, width=-2), "width must be an integer"),
        (lambda: Mixed(FOUR, 4, features=2, width=2), "tree_b is 4; give a ModeTree"),
        (lambda: Mixed(THIN, FOUR, features=2, width=2), "tree_a has a window of one"),
        (
            lambda: Mixed(EIGHT, EIGHT, features=2, width=2, mixture=[{0, 2}]),
            r"mixture node \[0, 2\] is no window of both trees .*\[\[0, 1\], \[0, 1, 2, 3\]",
        ),
        (lambda: Mixed(FOUR, FOUR, features=2, width=2, mixture="some"), "mixture is 'some'"),
        (lambda: Mixed(FOUR, FOUR, features=2, width=2, mixture=[0, 1]), r"mixture is \[0, 1\]"),
        (lambda: Mixed(FOUR, FOUR, features=2, width=2, mixture=4), "mixture is 4; give 'all'"),
    ],
)
def test_bad_mixed_specs_are_answered(make, message):
    with pytest.raises(SpecError, match=message):
        make()


def test_bad_arrays_are_answered():
    mixed = Mixed(FOUR, FOUR, features=2, width=2)
    parameters = [tnet.random_parameters(network) for network in mixed.networks()]
    with pytest.raises(FeatureError, match=r"shape \(3, 5, 2\); the network takes \(B, 4, 2\)"):
        mixed.evaluate(parameters, np.ones((3, 5, 2)))
    with pytest.raises(ParameterError, match="is missing"):
        mixed.evaluate([parameters[0], {}], np.ones((3, 4, 2)))
