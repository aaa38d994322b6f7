"""How often the largest Schmidt number is exact, over random small networks; never wrong.

Every answer is held against the exact rank, modulo 2^31 - 1, of the whole dense matricization with
random weights. 300 networks by default, 10,000 with ``pytest --benchmark-enable``, which prints the
table.
"""

import itertools
import math
import warnings
from collections import Counter

import flint
import numpy as np
import pytest
from oracles import PRIME, matricized, modular_coefficients, modular_parameters
from test_certificates import knotted_network

import tnet
from tnet.entanglement.certificates import max_schmidt_number
from tnet.errors import RedundantWidthWarning

REGULAR = [
    (4, (2, 2)),
    (4, (4,)),
    (6, (3, 2)),
    (6, (2, 3)),
    (8, (2, 2, 2)),
    (8, (4, 2)),
    (9, (3, 3)),
]
KINDS = ["exact by theorem", "exact by certificate", "upper bound"]


def nested_at_random(rng, n):
    """Windows of 2 to 4, level by level, over shuffled modes."""
    members = rng.permutation(n).tolist()
    while len(members) > 1:
        size = int(rng.integers(2, 5))
        runs = [members[start : start + size] for start in range(0, len(members), size)]
        members = [tuple(run) if len(run) > 1 else run[0] for run in runs]
    return members[0]


def tree_network(seed, *, shared):
    """A ConvNet of few inputs, with windows alike or drawn, and a side."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.6:
        n, window = REGULAR[int(rng.integers(len(REGULAR)))]
        shape = {"window": window}
        depth = len(window)
    else:
        n = int(rng.integers(3, 8))
        tree = tnet.ModeTree.from_nested(nested_at_random(rng, n))
        shape = {"pooling": tree}
        depth = tree.n_levels
    spec = tnet.ConvNet(
        n,
        features=int(rng.integers(2, 4 if n <= 6 else 3)),
        widths=rng.integers(1, 7, size=depth).tolist(),
        shared=shared,
        **shape,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RedundantWidthWarning)
        network = spec.compile()
    return network, rng.random(n) < rng.choice([0.3, 0.5])


def looped_network(seed, *, rereads):
    return knotted_network(seed, sharing=bool(seed % 2), rereads=rereads)


FAMILIES = {
    "trees, weights unshared": lambda seed: (*tree_network(seed, shared=False), "coefficients"),
    "trees, weights shared": lambda seed: (*tree_network(seed, shared=True), "coefficients"),
    "loops": lambda seed: (*looped_network(seed, rereads=False), "coefficients"),
    "elements read twice": lambda seed: (*looped_network(seed, rereads=True), "function"),
}


def monomials(network, on_a):
    """For every entry of one axis of the matricization, which monomial it is a coefficient of.

    An element that is read several times gives a product of its features: their order is lost.
    """
    modes = network.input_modes.tolist()
    places = [k for k, mode in enumerate(modes) if on_a[mode]]
    dims = [network.dim_of(int(network.inputs[k])) for k in places]
    numbers = {}
    return [
        numbers.setdefault(
            tuple(sorted((modes[k], value) for k, value in zip(places, values, strict=True))),
            len(numbers),
        )
        for values in itertools.product(*map(range, dims))
    ]


def collected(matrix, numbers):
    """Sum the rows of one number, modulo PRIME."""
    total = np.zeros((max(numbers) + 1, matrix.shape[1]), dtype=np.int64)
    np.add.at(total, numbers, matrix)
    return total % PRIME


def brute_rank(network, side, of):
    """Exact rank modulo PRIME of the dense tensor, or of the polynomial that it gives."""
    coefficients = modular_coefficients(network, modular_parameters(network, seed=29))
    matrix = matricized(network, coefficients, side)
    if of == "function":
        matrix = collected(matrix, monomials(network, side))
        matrix = collected(matrix.T, monomials(network, ~side))
    return flint.nmod_mat(*matrix.shape, matrix.reshape(-1).tolist(), PRIME).rank()


def census(make, seeds):
    """Count the kinds of answers over networks of one family; assert that none is wrong."""
    counts = Counter()
    for seed in seeds:
        network, side, of = make(seed)
        found = max_schmidt_number(network, side, of=of, seed=seed)
        rank = brute_rank(network, side, of)
        assert found.lower <= rank <= found.upper, (seed, found, rank)
        assert found.exact == (found.claim.kind != "upper bound"), (seed, found)
        counts[found.claim.kind] += 1
        counts["below the cut"] += rank < found.bound.cut.dimension
        counts["short of the rank"] += found.lower < rank
        counts["loose"] += found.upper > rank
    return counts


def test_function_ranks_are_those_of_quadratic_forms():
    b = tnet.NetworkBuilder()
    b.indices("x", 4, 2, role="input", modes=[0, 0, 1, 1])
    b.tensor("t", ["x[0]", "x[1]", "x[2]", "x[3]"])
    side = np.array([True, False])
    assert monomials(b.build(), side) == [0, 1, 1, 2]
    assert brute_rank(b.build(), side, "function") == math.comb(3, 2)
    assert brute_rank(b.build(), side, "coefficients") == 4


@pytest.mark.parametrize("name", FAMILIES)
def test_the_census(benchmark, capsys, name):
    n_networks = 2500 if benchmark.enabled else 75
    counts = benchmark.pedantic(census, (FAMILIES[name], range(n_networks)), rounds=1)
    assert sum(counts[kind] for kind in KINDS) == n_networks
    # Every kind of answer that a family can have occurs, so the census is of what it says.
    assert counts["exact by certificate"] > 0
    assert counts["exact by theorem"] > 0
    if name in {"trees, weights shared", "elements read twice"}:
        assert counts["below the cut"] > 0
    if benchmark.enabled:
        columns = [*KINDS[:2], "interval", "loose", "short of the rank", "below the cut"]
        values = [counts["upper bound" if c == "interval" else c] for c in columns]
        with capsys.disabled():
            cells = ", ".join(f"{value:,} {c}" for value, c in zip(values, columns, strict=True))
            print(f"\n{n_networks:,} {name}: {cells}")
