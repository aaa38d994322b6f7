"""Largest Schmidt numbers: between proved bounds, against exact ranks of dense matricizations."""

import dataclasses
import json
import math
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from oracles import (
    PRIME,
    arrays_of_tensors,
    exhaustive_min_cut_dimension,
    matricized,
    modular_coefficients,
    modular_parameters,
)
from strategies import (
    examples,
    mode_trees_with_side,
    networks_with_side,
    size_of_coefficients,
)

import tnet
from tnet.contraction import memory
from tnet.cuts.schmidt_bound import RankBound
from tnet.entanglement import probes, witnesses
from tnet.entanglement.certificates import max_schmidt_number
from tnet.entanglement.compare import compare
from tnet.entanglement.floored import floored_bound, weights_are_free
from tnet.entanglement.probes import PRIME_BITS, RankCertificate, probed_network, random_rank
from tnet.errors import (
    MemoryLimitError,
    OperatorError,
    PartitionError,
    RedundantWidthWarning,
    StructureError,
    UnknownNameError,
    VerificationError,
)


def slow_values(network, parameters, features, prime):
    """Evaluate by summing out one index after the other, 256 examples at a time."""
    n_examples = max((len(table) for table in features), default=1)
    parts = [
        values_of_block(network, parameters, [t[start : start + 256] for t in features], prime)
        for start in range(0, n_examples, 256)
    ]
    return np.concatenate(parts)


def values_of_block(network, parameters, features, prime):
    rows = network.to_einsum()[0]
    batch, outputs = network.n_indices, network.outputs.tolist()
    factors = []
    for array, row in zip(arrays_of_tensors(network, parameters), rows, strict=True):
        axes = list(dict.fromkeys(row))
        grids = np.indices([network.dim_of(index) for index in axes])
        diagonal = array[tuple(grids[axes.index(index)] for index in row)]
        factors.append((np.asarray(diagonal), axes))
    for reading, mode in zip(network.inputs.tolist(), network.input_modes.tolist(), strict=True):
        factors.append((features[mode], [batch, reading]))
    factors.append((np.ones(len(features[0]) if features else 1, dtype=np.int64), [batch]))
    for index in [i for i in range(network.n_indices) if i not in outputs]:
        joined = [factor for factor in factors if index in factor[1]]
        factors = [factor for factor in factors if index not in factor[1]]
        total, union = multiplied(joined, prime)
        axis = union.index(index)
        factors.append((total.sum(axis=axis) % prime, union[:axis] + union[axis + 1 :]))
    total, union = multiplied(factors, prime)
    return total.transpose([union.index(index) for index in (batch, *outputs)])


def multiplied(factors, prime):
    union = sorted({index for _, axes in factors for index in axes})
    total = np.ones([1] * len(union), dtype=np.int64)
    for array, axes in factors:
        order = np.argsort(axes)
        shape = [array.shape[axes.index(index)] if index in axes else 1 for index in union]
        total = total * array.transpose(order).reshape(shape) % prime
    return total, union


def eliminated_rank(matrix, prime):
    """Rank modulo `prime` by Gaussian elimination on Python ints."""
    rows = [[int(entry) % prime for entry in row] for row in matrix]
    rank = 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        inverse = pow(rows[rank][column], -1, prime)
        for r in range(rank + 1, len(rows)):
            if rows[r][column]:
                times = rows[r][column] * inverse % prime
                pairs = zip(rows[r], rows[rank], strict=True)
                rows[r] = [(a - times * b) % prime for a, b in pairs]
        rank += 1
    return rank


def generic_rank(network, side):
    """Rank modulo 2^31 - 1, at random weights, of the dense matricization over readings."""
    coefficients = modular_coefficients(network, modular_parameters(network, seed=11))
    return eliminated_rank(matricized(network, coefficients, side), PRIME)


def compiled(spec):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RedundantWidthWarning)
        return spec.compile()


def convnet(n, window, features, widths, **options):
    return compiled(tnet.ConvNet(n, features=features, widths=widths, window=window, **options))


def four_cycle():
    """One tensor on the four sites of a ring, all dims 2."""
    b = tnet.NetworkBuilder()
    x, ring = b.indices("x", 4, 2, role="input"), b.indices("ring", 4, 2)
    rows = [[x[k], ring[k], ring[(k + 1) % 4]] for k in range(4)]
    b.tensors("t", np.array(rows), shared=True)
    return b.build()


def bridge(a, b, c, d):
    return tnet.from_einsum("abw,cdw->abcd", (a, b, 2), (c, d, 2))


def read_twice():
    """Two readings of element 0 in one matrix with element 1."""
    b = tnet.NetworkBuilder()
    b.indices("x", 3, 2, role="input", modes=[0, 0, 1])
    b.tensor("t", ["x[0]", "x[1]", "x[2]"])
    return b.build()


def knotted_network(seed, *, sharing, rereads):
    """A random connected graph of tensors with loops and hyperedges, and a side."""
    rng = np.random.default_rng(seed)
    b, dims, n_tensors = tnet.NetworkBuilder(), rng.choice([2, 3, 4, 5], size=2), 4
    rows = [[] for _ in range(n_tensors)]
    ends = [{tensor, int(rng.integers(tensor))} for tensor in range(1, n_tensors)]
    ends += [set(rng.choice(n_tensors, 2, replace=False)) for _ in range(rng.integers(3))]
    for number, tensors in enumerate(ends):
        if rng.random() < 0.3:
            tensors.add(int(rng.integers(n_tensors)))
        dim = int(rng.choice(dims))
        index = b.index(f"bond{number}", dim)
        for tensor in tensors:
            rows[tensor].append((dim, index))
    modes = []
    for tensor in range(n_tensors):
        dim = int(rng.choice(dims))
        same = [mode for mode, other in enumerate(modes) if other == dim]
        again = rereads and same and rng.random() < 0.6
        mode = int(rng.choice(same)) if again else len(modes)
        modes += [] if again else [dim]
        rows[tensor].append((dim, b.index(f"x{tensor}", dim, role="input", mode=mode)))
    for tensor, row in enumerate(rows):
        shape = "x".join(str(dim) for dim, _ in sorted(row))
        name = f"of {shape}" if sharing and rng.random() < 0.7 else None
        b.tensor(f"t{tensor}", [index for _, index in sorted(row)], parameter=name)
    return b.build(), rng.permutation(len(modes)) < (len(modes) + 1) // 2


# Where the largest rank falls short of the cut: network, side A, cut, rank.
FAILURES = [
    ("window 3", convnet(9, 3, 2, (3, 2)), [3, 5, 7, 8], 8, 7),
    ("bridge", bridge(3, 5, 3, 5), [0, 3], 15, 14),
    ("symmetric window", convnet(4, 4, 2, (4,), shared=True), [0, 2], 4, 3),
    ("shared halves", convnet(8, 2, 2, (2, 4, 4), shared=True), range(4), 4, 3),
    ("shared windows", convnet(16, 4, 2, (4, 4), shared=True), range(0, 16, 2), 256, 81),
    ("four-cycle", four_cycle(), [0, 2], 4, 3),
    ("blocks", convnet(16, 4, 2, (4, 5), shared=True), [0, 1, 2, 3, 4, 10, 12, 13, 15], 32, 30),
    ("wide", convnet(16, 4, 2, (7, 6), shared=True), [1, 2, 3, 4, 5, 7, 9, 11], 96, 45),
    (
        "effective widths",
        convnet(16, 2, 2, (2, 2, 6, 4), shared=True),
        [3, 9, 10, 11, 12, 13, 14, 15],
        16,
        12,
    ),
    ("loose", convnet(16, 4, 2, (3, 3), shared=True), [1, 2, 3, 4, 5, 7, 12, 13, 15], 24, 21),
]


@pytest.mark.parametrize(
    ("network", "side", "cut", "rank"),
    [case[1:] for case in FAILURES],
    ids=[case[0] for case in FAILURES],
)
def test_where_equality_fails_it_is_an_interval_or_the_rank_never_the_cut(network, side, cut, rank):
    assert tnet.min_cut(network, side).dimension == cut
    found = max_schmidt_number(network, side)
    assert found.lower == rank <= found.upper
    if found.exact:
        assert found.claim.kind == "exact by certificate"
        assert found.certificate.rank == rank
        assert str(found).startswith(f"largest Schmidt number {rank}  (")
    else:
        assert found.claim.kind == "upper bound"
        assert f"at least {rank} and at most {found.upper}; 2 draws" in found.claim.reason
        assert f"{rank} to {found.upper}" in str(found)
        assert found.draws == 2
    assert found.verify()


def test_which_failures_stay_open():
    is_exact = {name: max_schmidt_number(net, side).exact for name, net, side, *_ in FAILURES}
    still_open = {name for name, exact in is_exact.items() if not exact}
    assert still_open == {"window 3", "bridge", "four-cycle", "loose"}


def test_controls_reach_their_cuts_without_powers_of_one_integer():
    control = max_schmidt_number(bridge(2, 3, 2, 3), [0, 3])
    assert (control.lower, control.upper) == (6, 6)
    assert control.claim.kind == "exact by certificate"
    assert "modulo" in control.claim.reason
    assert control.floored.dimension < 6


@examples(150)
@given(
    networks_with_side(multiplicities=False, max_tensors=6, max_readings=5),
    st.integers(0, 2**31),
)
def test_any_network_has_its_rank_between_the_bounds(case, seed):
    network, side = case
    assume(size_of_coefficients(network) <= 2000)
    found = max_schmidt_number(network, side, seed=seed)
    rank = generic_rank(network, side)
    assert found.lower <= rank <= found.upper
    # A draw sees the whole coefficient tensor; of the function it may see less.
    assert found.certificate is None or found.lower == rank
    of_function = max_schmidt_number(network, side, of="function", seed=seed)
    assert of_function.lower <= found.lower <= of_function.upper
    assert found.exact == (found.claim.kind in ("exact by theorem", "exact by certificate"))
    event(found.claim.kind)
    assert found.verify()


@pytest.mark.parametrize("sharing", [False, True])
@pytest.mark.parametrize("rereads", [False, True])
def test_knotted_networks_have_their_rank_between_the_bounds(sharing, rereads):
    kinds, of_functions = Counter(), Counter()
    for seed in range(80):
        network, side = knotted_network(seed, sharing=sharing, rereads=rereads)
        found = max_schmidt_number(network, side, seed=seed)
        of_function = max_schmidt_number(network, side, of="function", seed=seed)
        rank = generic_rank(network, side)
        assert found.lower <= rank <= found.upper
        assert found.certificate is None or found.lower == rank
        assert of_function.lower <= rank <= of_function.upper == found.upper
        kinds[found.claim.kind] += 1
        of_functions[of_function.claim.kind] += 1
    # Proofs of both kinds occur; functions of elements read twice stay open more often.
    assert min(kinds["exact by theorem"], kinds["exact by certificate"]) >= 8
    assert of_functions["exact by certificate"] >= 8
    assert (of_functions["upper bound"] >= 8) == rereads


@examples(100)
@given(mode_trees_with_side(max_modes=7), st.booleans(), st.data())
def test_trees_have_their_rank_between_the_bounds(case, shared, data):
    tree, side = case
    dims = st.integers(1, 4)
    features = data.draw(st.integers(1, 3))
    assume(features**tree.n_modes <= 800)
    spec = tnet.ConvNet(
        tree.n_modes,
        features=features,
        widths=[data.draw(dims) for _ in range(tree.n_levels)],
        pooling=tree,
        shared=shared,
        outputs=data.draw(st.integers(1, 2)),
    )
    network = compiled(spec)
    found = max_schmidt_number(network, side)
    rank = generic_rank(network, side)
    assert found.lower <= rank <= found.upper
    assert found.certificate is None or found.lower == rank
    event(f"{found.claim.kind}, {'shared' if shared else 'unshared'}")


@examples(150)
@given(networks_with_side(multiplicities=False, sharing=False, rereads=False))
def test_floored_powers_bound_the_rank_from_below(case):
    network, side = case
    assume(size_of_coefficients(network) <= 2000)
    assert weights_are_free(network)
    found = floored_bound(network, side)
    if found is None:
        assert all(group.dim == 1 for group in network.index_groups if group.role != "output")
        return
    assert found.dimension <= generic_rank(network, side)
    dims = [group.dim for group in network.index_groups]
    for base in range(2, max(dims) + 1):
        floored = [max(base**k for k in range(9) if base**k <= dim) for dim in dims]
        groups = zip(network.index_groups, floored, strict=True)
        small = dataclasses.replace(
            network, index_groups=[dataclasses.replace(g, dim=dim) for g, dim in groups]
        )
        assert exhaustive_min_cut_dimension(small, side) <= found.dimension


def test_floored_powers_of_dims_too_large_to_try_every_base():
    least = 10**9 + 7
    network = tnet.from_einsum("ab,bc->ac", (2**40, 10**12), (10**12, least))
    found = floored_bound(network, np.array([True, False]))
    assert (found.base, found.dimension) == (least, least)
    meets = max_schmidt_number(network, [0], draws=0)
    assert meets.exact
    assert meets.claim.kind == "exact by theorem"
    assert f"powers of {least}" in meets.claim.reason


def test_floored_powers_of_a_base_that_is_no_dim():
    network = tnet.from_einsum("ab,cd->abcd", (9, 9), (27, 27))
    found = floored_bound(network, np.array([True, False, True, False]))
    assert (found.base, found.dimension) == (3, 243)
    assert repr(found) == "<FlooredBound: at least 243, dims as powers of 3>"


def test_floored_powers_are_for_free_weights_only():
    assert floored_bound(four_cycle(), np.array([True, False, True, False])) is None
    assert not weights_are_free(read_twice())
    assert floored_bound(read_twice(), np.array([True, False])) is None


def test_theorem_needs_no_draw_at_any_size():
    network = tnet.ConvNet(1024, features=2, widths=(4,) * 10).compile()
    found = max_schmidt_number(network, tnet.partitions.odd_even(1024))
    assert (found.exact, found.draws, found.certificate) == (True, 0, None)
    assert found.claim.kind == "exact by theorem"
    assert "largest Schmidt number 2^512" in str(found)
    assert found.verify()


def test_sides_that_are_empty_and_networks_of_nothing():
    for side in ([], range(4)):
        found = max_schmidt_number(convnet(4, 2, 2, (3, 3), shared=True), side)
        assert (found.lower, found.upper, found.draws) == (1, 1, 0)
        assert found.claim.kind == "exact by theorem"
    assert max_schmidt_number(tnet.from_einsum("a,a->", (3,), (3,)), []).lower == 1


def test_every_output_is_a_question_of_its_own():
    # Two matrices in a row that are one parameter, both ends outputs or inputs.
    b = tnet.NetworkBuilder()
    b.index("x", 2, role="input")
    b.index("z", 2, role="input")
    b.indices("y", 2, 2, role="output")
    b.tensor("left", ["x", "y[0]", "y[1]"], parameter="p")
    b.tensor("right", ["z", "y[1]", "y[0]"], parameter="p")
    network = b.build()
    assert [max_schmidt_number(network, [0], output=k).lower for k in range(4)] == [1] * 4
    spec = tnet.ConvNet(4, features=2, widths=(3, 3), shared=True, outputs=3)
    for output in range(3):
        found = max_schmidt_number(compiled(spec), [0, 1], output=output)
        assert found.output == output
        assert found.verify()


def test_a_reading_of_its_own_is_more_than_an_element_read_twice():
    # Side A reads its element twice: 3 quadratic forms of it, but 4 rows of the coefficients.
    b = tnet.NetworkBuilder()
    b.indices("x", 4, 2, role="input", modes=[0, 0, 1, 1])
    b.tensor("t", ["x[0]", "x[1]", "x[2]", "x[3]"])
    network = b.build()
    assert generic_rank(network, np.array([True, False])) == 4
    found = max_schmidt_number(network, [0])
    assert (found.lower, found.upper, found.claim.kind) == (4, 4, "exact by theorem")
    of_function = max_schmidt_number(network, [0], of="function")
    assert (of_function.lower, of_function.upper) == (3, 4)
    assert of_function.side_a.tolist() == found.side_a.tolist() == [True, False]
    assert of_function.verify()
    assert found.verify()
    readings = "of the coefficients, one axis per reading: 2 against 2 readings"
    assert str(found) == f"largest Schmidt number 4  ({readings}; exact by theorem)"
    assert "(1 against 1 input; an interval" in str(of_function)
    claims = (found.claim, found.bound.claim, found.bound.cut.claim)
    assert all("one axis per reading" in claim.hypotheses for claim in claims)
    assert not any("every element is read once" in claim.hypotheses for claim in claims)
    weights = tnet.random_parameters(network)
    both = [compare(network, [0], weights, of=of) for of in ("coefficients", "function")]
    assert [one.interval.lower for one in both] == [4, 3]
    assert [str(one).partition("\n")[0] for one in both] == [readings, "1 against 1 input"]
    assert f"<caption>{readings}</caption>" in both[0]._repr_html_()
    subjects = ["Schmidt number of these weights", "Schmidt number of these coefficients"]
    assert [one.rows[3][0] for one in both] == subjects
    document = both[0].as_dict()
    assert (document["readings"], document["readings_on_side_a"]) == (4, 2)
    assert (document["inputs"], document["of"]) == (2, "coefficients")


def test_floored_powers_of_readings_say_one_axis_per_reading():
    b = tnet.NetworkBuilder()
    x = [
        b.index(f"x{k}", dim, role="input", mode=mode)
        for k, (dim, mode) in enumerate([(9, 0), (9, 0), (27, 1), (27, 1)])
    ]
    b.tensor("t", [x[0], x[2]])
    b.tensor("u", [x[1], x[3]])
    w = b.index("w", 2)
    b.tensor("v", [w])
    b.tensor("z", [w])
    found = max_schmidt_number(b.build(), [0])
    assert found.verify()
    assert "one axis per reading" in found.claim.hypotheses
    assert "every element is read once" not in found.claim.hypotheses


class TestDraws:
    def test_numbers_are_reproducible_from_the_certificate_alone(self):
        network, side = four_cycle(), np.array([True, False, True, False])
        found = max_schmidt_number(network, side, seed=5).certificate
        again = random_rank(
            network, side, (found.probes_a, found.probes_b), seed=found.seed, draw=found.draw
        )
        assert again == found
        other = random_rank(network, side, (4, 4), seed=6)
        assert other.prime != found.prime
        assert found.prime.bit_length() == PRIME_BITS
        assert all(found.prime % small for small in range(2, 2100))

    def test_probes_are_no_more_than_rows_and_columns(self):
        found = max_schmidt_number(bridge(3, 5, 3, 5), [0, 3])
        assert (found.certificate.probes_a, found.certificate.probes_b) == (15, 15)
        found = max_schmidt_number(convnet(16, 4, 2, (3, 3), shared=True), range(8))
        spare = found.upper + 8
        assert (found.certificate.probes_a, found.certificate.probes_b) == (spare, spare)

    @pytest.mark.parametrize(("limit", "sizes"), [(1, (1, 1)), (1200, (4, 3)), (5000, (7, 5))])
    def test_blocks_of_evaluations_do_not_change_the_rank(self, monkeypatch, limit, sizes):
        network, side = four_cycle(), np.array([True, False, True, False])
        whole, seen = random_rank(network, side, (7, 5)), np.zeros((7, 5), dtype=int)
        blocks_of = probes._blocks

        def counted(*arguments):
            for rows, columns in blocks_of(*arguments):
                assert seen[rows, columns].shape == sizes
                seen[rows, columns] += 1
                yield rows, columns

        monkeypatch.setattr(probes, "_blocks", counted)
        monkeypatch.setattr(probes, "_BLOCK_BYTES", limit)
        assert random_rank(network, side, (7, 5)) == whole
        # Blocks are of one size, so the last ones overlap those before them.
        assert seen.min() == 1
        assert seen.max() == (4 if limit == 1200 else 1)

    def test_the_largest_of_several_draws_counts(self, monkeypatch):
        ranks = iter([1, 3, 2])

        def drawn(network, side_a, probes, *, output, seed, draw, progress):
            return RankCertificate(4194301, seed, draw, *probes, next(ranks))

        monkeypatch.setattr(witnesses, "random_rank", drawn)
        found = max_schmidt_number(four_cycle(), [0, 2], draws=3)
        assert (found.certificate.draw, found.lower, found.draws) == (1, 3, 3)

    def test_too_few_probes_see_less_and_never_more(self):
        network, side = bridge(2, 3, 2, 3), np.array([True, False, False, True])
        ranks = [random_rank(network, side, (k, 6)).rank for k in (1, 3, 6)]
        assert ranks == [1, 3, 6]

    def test_progress_is_shown_on_request(self, capsys):
        max_schmidt_number(four_cycle(), [0, 2], draws=1, progress=True)
        assert "1/1" in capsys.readouterr().err

    def test_no_draws_leave_what_theorems_say(self):
        found = max_schmidt_number(bridge(3, 5, 3, 5), [0, 3], draws=0)
        assert (found.lower, found.upper, found.draws, found.certificate) == (9, 15, 0, None)
        assert "9 to 15" in str(found)
        assert "an interval after 0 draws" in repr(found)
        assert found.verify()

    def test_what_does_not_fit_is_refused_before_anything_is_drawn(self, monkeypatch):
        network = convnet(1024, 4, 2, (3,) * 5, shared=True)
        with pytest.raises(MemoryLimitError, match=r"random products takes 2\^\d+ bytes, but"):
            max_schmidt_number(network, tnet.partitions.odd_even(1024))
        open_ = max_schmidt_number(network, tnet.partitions.odd_even(1024), draws=0)
        assert open_.lower == 1
        assert "1 to 2^" in str(open_)
        monkeypatch.setattr(memory, "available_bytes", lambda: 1000)
        monkeypatch.setattr(probes, "contract", None)
        with pytest.raises(MemoryLimitError, match=r"1,500 x 1,500 .* takes .*draws=0 leaves"):
            max_schmidt_number(bridge(30, 50, 30, 50), [0, 3])

    @examples(60)
    @given(networks_with_side(multiplicities=False), st.integers(0, 100))
    def test_values_on_the_square_are_those_of_plain_sums_of_pairs(self, case, seed):
        network, side = case
        assume(size_of_coefficients(network) <= 2000)
        rng, prime, square = np.random.default_rng(seed), 4194301, (3, 2)
        parameters = {
            group.parameter: rng.integers(prime, size=network.parameter_shape(group))
            for group in network.tensor_groups
        }
        n_outputs = math.prod(network.dim_of(int(index)) for index in network.outputs)
        output = int(rng.integers(n_outputs))
        dims = dict(zip(network.input_modes.tolist(), network.inputs.tolist(), strict=True))
        vectors = [
            rng.integers(prime, size=(square[0 if on_a else 1], network.dim_of(dims[mode])))
            for mode, on_a in enumerate(side.tolist())
        ]
        probed = probed_network(network, side[network.input_modes], square, output=output)
        found = probed.values(parameters, [vectors[m] for m in network.input_modes], prime)
        rows, columns = np.indices(square).reshape(2, -1)
        pairs = [
            table[rows if on_a else columns]
            for on_a, table in zip(side.tolist(), vectors, strict=True)
        ]
        expected = slow_values(network, parameters, pairs, prime)
        if not pairs:
            expected = np.repeat(expected, 6, axis=0)
        np.testing.assert_array_equal(found.ravel(), expected.reshape(6, -1)[:, output])


MAXOUT = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
FIELDS = ("prime", "seed", "draw", "probes_a", "probes_b", "rank")


class TestVerify:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"rank": 2}, "certificate.rank is 3, not 2"),
            ({"prime": 4194301}, "certificate.prime is"),
            ({"seed": 9}, "certificate.seed is|certificate.prime is"),
            ({"probes_a": 2}, "certificate.probes_a is 4, not 2"),
            ({"probes_a": 0}, "certificate.probes_a is 4, not 0"),
            ({"probes_b": 10**30}, "certificate.probes_b is 4, not a number of 100 bits"),
            ({"draw": 1}, "certificate.draw is 0, not 1"),
            ({"draw": 2}, "certificate.draw is 2, counted from 0, of 2 draws"),
            ({"draw": -1}, "draw of the draws is -1, no whole number"),
            ({"seed": -1}, "seed of the draws is -1, no whole number"),
            *(({name: None}, f"{name} of the draws is None") for name in FIELDS),
            ({"rank": 3.0}, "rank of the draw"),
            ({"rank": 5}, "rank is above the upper bound 4"),
            ({"rank": 4}, "draws is 1, not 2"),
        ],
    )
    def test_a_forged_draw(self, changes, message):
        found = max_schmidt_number(four_cycle(), [0, 2])
        forged = dataclasses.replace(
            found, certificate=dataclasses.replace(found.certificate, **changes)
        )
        with pytest.raises(VerificationError, match=message):
            forged.verify()

    def test_a_forged_upper_bound(self):
        found = max_schmidt_number(four_cycle(), [0, 2])
        bound = found.bound
        low = RankBound(3, bound.effective_widths, bound.cut, bound.claim)
        with pytest.raises(VerificationError, match=r"bound\.dimension is 4, not 3"):
            dataclasses.replace(found, bound=low).verify()
        claim = dataclasses.replace(bound.claim, kind="exact by theorem")
        sure = RankBound(4, bound.effective_widths, bound.cut, claim)
        with pytest.raises(
            VerificationError, match=r"bound\.claim\.kind is 'upper bound', not 'exact"
        ):
            dataclasses.replace(found, bound=sure).verify()

    def test_a_forged_floored_cut(self):
        found = max_schmidt_number(bridge(3, 5, 3, 5), [0, 3])
        whole = dataclasses.replace(found.floored, cut=found.bound.cut)
        with pytest.raises(VerificationError, match=r"floored\.cut\.network is"):
            dataclasses.replace(found, floored=whole).verify()

    @pytest.mark.parametrize("side", [[0, 2], [0, 1]])
    def test_every_field_of_the_bound_and_its_cut_counts(self, side):
        network = convnet(16, 2, 2, (2, 2, 6, 4), shared=True)
        found = max_schmidt_number(network, [3, 9, 10, 11, 12, 13, 14, 15])
        assert found.verify()
        other = max_schmidt_number(convnet(16, 4, 2, (3, 3), shared=True), [0]).bound.cut
        cut, bound = found.bound.cut, found.bound
        flipped = ~cut.side_a
        claim = dataclasses.replace(cut.claim, reason="by hand")
        for forged in (
            other,
            tnet.min_cut(network, side),
            *(
                dataclasses.replace(cut, **change)
                for change in (
                    {"network": other.network},
                    {"side_a": flipped},
                    {"side_a": None},
                    {"tensors_on_a": ~cut.tensors_on_a},
                    {"cut_ids": cut.cut_ids[:-1]},
                    {"method": "by hand"},
                    {"slack_log2": 1.0},
                    {"claim": claim},
                    {"claim": None},
                )
            ),
        ):
            edited = dataclasses.replace(found, bound=dataclasses.replace(bound, cut=forged))
            with pytest.raises(VerificationError, match=r"found anew, bound\.cut\."):
                edited.verify()
        for change in ({"dimension": 11}, {"effective_widths": {}}, {"claim": claim}):
            edited = dataclasses.replace(found, bound=dataclasses.replace(bound, **change))
            with pytest.raises(VerificationError, match=rf"bound\.{next(iter(change))}"):
                edited.verify()
        for bound in (None, max_schmidt_number(network, side).bound):
            with pytest.raises(VerificationError, match="found anew, bound"):
                dataclasses.replace(found, bound=bound).verify()

    def test_a_number_kept_by_the_cut_counts(self):
        found = max_schmidt_number(bridge(3, 5, 3, 5), [0, 3])
        vars(found.floored.cut)["dimension"] = 15
        assert found.lower == 15
        with pytest.raises(VerificationError, match=r"floored\.cut\.dimension is 9, not 15"):
            found.verify()

    def test_a_floored_bound_of_another_base_or_network_or_left_out(self):
        found = max_schmidt_number(bridge(3, 5, 3, 5), [0, 3])
        other = max_schmidt_number(bridge(2, 7, 2, 7), [0, 3])
        base = dataclasses.replace(found.floored, base=5)
        for floored in (None, base, other.floored, 9):
            with pytest.raises(VerificationError, match="found anew, floored"):
                dataclasses.replace(found, floored=floored).verify()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"certificate": None}, "draws is 0, not 2"),
            ({"certificate": 3}, "type int, no RankCertificate"),
            ({"draws": 0}, r"certificate\.draw is 0, counted from 0, of 0 draws"),
            ({"draws": -1}, "draws of the draws is -1"),
            ({"draws": None}, "draws of the draws is None"),
            ({"output": 1}, r"cannot be asked: output is 1; the network has outputs 0\.\.0"),
            ({"output": None}, "cannot be asked: output is None"),
            ({"of": "readings"}, "cannot be asked: of is 'readings'"),
            ({"side_a": None}, "cannot be asked: side_a is None"),
            ({"side_a": [0, 2]}, "side_a is array"),
            ({"side_a": np.array([True, False, True])}, "cannot be asked: a bool side_a"),
            ({"side_a": np.array([True, True, False, False])}, "found anew, bound"),
            ({"network": None}, "cannot be asked"),
            ({"network": MAXOUT}, "cannot be asked: the network has operator 'max'"),
            ({"network": bridge(2, 2, 2, 2)}, "found anew, bound"),
        ],
    )
    def test_a_forged_question_or_number_of_draws(self, changes, message):
        found = max_schmidt_number(four_cycle(), [0, 2])
        with pytest.raises(VerificationError, match=message):
            dataclasses.replace(found, **changes).verify()

    def test_draws_where_a_theorem_or_the_first_one_settled_it(self):
        sure = max_schmidt_number(bridge(2, 2, 2, 2), [0, 3])
        drawn = max_schmidt_number(bridge(2, 3, 2, 3), [0, 3])
        assert (sure.draws, drawn.draws) == (0, 1)
        with pytest.raises(VerificationError, match="draws is 0, not 2"):
            dataclasses.replace(sure, draws=2).verify()
        with pytest.raises(VerificationError, match="certificate is None, not RankCert"):
            dataclasses.replace(sure, certificate=drawn.certificate, draws=1).verify()
        with pytest.raises(VerificationError, match="draws is 1, not 1000000000"):
            dataclasses.replace(drawn, draws=10**9).verify()

    def test_a_draw_above_the_bound_is_an_error_and_no_answer(self, monkeypatch):
        rng = np.random.default_rng(0)

        def noise(network, parameters, *, plan, modulo):
            return rng.integers(modulo, size=plan.output_dims)

        monkeypatch.setattr(probes, "contract", noise)
        network = convnet(8, 2, 2, (2, 4, 4), shared=True)
        with pytest.raises(VerificationError, match="above the upper bound 3"):
            max_schmidt_number(network, range(4))


class TestCompare:
    def test_a_table_of_what_is_known(self):
        network = convnet(16, 4, 2, (3, 3), shared=True)
        side = np.zeros(16, dtype=bool)
        side[[1, 2, 3, 4, 5, 7, 12, 13, 15]] = True
        parameters = tnet.random_parameters(network, seed=1)
        found = compare(network, side, parameters)
        answers = {question: answer for question, answer, _ in found.rows}
        assert answers["min cut"] == "24"
        assert answers["bound with sharing"] == "22"
        assert answers["largest Schmidt number"] == "21 to 22"
        spectrum = tnet.schmidt_spectrum(network, parameters, side)
        assert answers["Schmidt number of these weights"] == str(spectrum.number())
        assert answers["entropy in bits"] == f"{spectrum.entropy():.4g}"
        text = str(found)
        assert text.startswith("9 against 7 inputs\n  min cut ")
        assert len({line.find("  interval") for line in text.splitlines()} - {-1}) == 1
        assert found._repr_html_().count("<tr>") == 1 + len(found.rows) == text.count("\n") + 1
        assert "21 to 22" in repr(found)

    def test_as_json_and_back(self):
        network = convnet(8, 2, 2, (2, 4, 4), shared=True, outputs=2)
        found = compare(network, range(4), tnet.random_parameters(network), output=1)
        document = json.loads(json.dumps(found.as_dict(), allow_nan=False))
        assert document["min_cut"]["dimension"] == 4
        assert document["schmidt_bound"]["dimension"] == 3
        largest = document["max_schmidt_number"]
        assert (largest["lower"], largest["upper"], largest["exact"]) == (3, 3, True)
        assert largest["certificate"]["rank"] == 3
        assert largest["claim"]["kind"] == "exact by certificate"
        assert document["spectrum"]["number"] == 3
        assert document["spectrum"]["gap"] > 1e6 or document["spectrum"]["gap"] is None
        assert (document["inputs"], document["inputs_on_side_a"], document["output"]) == (8, 4, 1)

    def test_numbers_too_long_for_json_are_told_in_words(self):
        network = tnet.ConvNet(1024, features=2, widths=(4,) * 10).compile()
        found = compare(network, tnet.partitions.odd_even(1024))
        document = json.loads(json.dumps(found.as_dict(), allow_nan=False))
        assert document["min_cut"]["dimension"] is None
        assert document["min_cut"]["dimension_text"] == "2^512 (2^512.0)"
        assert document["max_schmidt_number"]["upper_text"] == "2^512.0"
        assert document["spectrum"] is None
        assert len(found.rows) == 3

    def test_values_that_run_into_the_tolerance_are_at_least_so_many(self):
        network = tnet.from_einsum("ab->ab", (4, 4))

        def asked(values):
            return compare(network, [0], {"t0": np.diag(values)})

        near, clear = asked([1, 1e-5, 1e-14, 1e-16]), asked([1, 1e-5, 1e-13, 1e-17])
        number = "Schmidt number of these weights"
        answers = {row[0]: row[1] for row in near.rows}
        assert answers[number] == "values run into the tolerance: at least 3"
        assert {row[0]: row[1] for row in clear.rows}[number] == "3"
        assert near.as_dict()["spectrum"]["runs_into_tolerance"] is True
        assert clear.as_dict()["spectrum"]["runs_into_tolerance"] is False


class TestBadInput:
    @pytest.mark.parametrize("seed", [-1, 1.5, "a", None, True])
    @pytest.mark.parametrize("ask", [max_schmidt_number, compare])
    def test_seeds_that_are_none(self, ask, seed):
        with pytest.raises(StructureError, match="seed must be"):
            ask(four_cycle(), [0, 2], seed=seed)

    def test_a_question_of_something_else(self):
        with pytest.raises(StructureError, match=r"of is 'readings'; choose one of coeff"):
            max_schmidt_number(four_cycle(), [0, 2], of="readings")

    def test_other_operators_have_no_schmidt_number(self):
        network = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
        for ask in (max_schmidt_number, compare):
            with pytest.raises(OperatorError, match="'max' and no coefficient tensor"):
                ask(network, [0])

    def test_an_index_that_stands_for_several(self):
        b = tnet.NetworkBuilder()
        b.indices("x", 2, 2, role="input")
        b.index("h", 2, multiplicity=3)
        b.tensor("t", ["x[0]", "h"])
        b.tensor("u", ["x[1]", "h"])
        with pytest.raises(StructureError, match=r"'h' has multiplicity 3"):
            max_schmidt_number(b.build(), [0])

    @pytest.mark.parametrize("draws", [-1, 1.5, True, None])
    def test_draws_that_are_no_number_of_draws(self, draws):
        with pytest.raises(StructureError, match="draws must be"):
            max_schmidt_number(four_cycle(), [0, 2], draws=draws)

    @pytest.mark.parametrize("output", [1, -1, True, 0.0, "y"])
    def test_outputs_that_are_not_there(self, output):
        with pytest.raises(PartitionError, match=r"the network has outputs 0\.\.0"):
            max_schmidt_number(four_cycle(), [0, 2], output=output)

    def test_sides_that_are_none(self):
        with pytest.raises(PartitionError, match="mode 7"):
            max_schmidt_number(four_cycle(), [7])
        with pytest.raises(UnknownNameError, match="ring"):
            compare(four_cycle(), ["ring[0]"])
