"""What a first user tried on contractions: each mistake is named, none runs into NumPy."""

import concurrent.futures

import numpy as np
import pytest

import tnet
from tnet.errors import FeatureError, ParameterError, StructureError, SweepError

NET = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
WEIGHTS = tnet.random_parameters(NET)
ONES = np.ones((3, 4, 2))


def test_arrays_that_are_none():
    ragged = WEIGHTS | {"out": [[1.0], [2.0, 3.0]]}
    with pytest.raises(ParameterError, match="'out' "):
        tnet.evaluate(NET, ragged, ONES)
    with pytest.raises(ParameterError, match="a mapping of one array per name"):
        tnet.evaluate(NET, ONES, WEIGHTS)
    with pytest.raises(FeatureError, match="features of dim 2 have dtype"):
        tnet.evaluate(NET, WEIGHTS, ONES.astype(str))


@pytest.mark.parametrize("plan", ["greedy", 5, [(0, 1)]])
def test_plans_that_are_none(plan):
    with pytest.raises(StructureError, match=r"give one made by plan\(network"):
        tnet.evaluate(NET, WEIGHTS, ONES, plan=plan)


@pytest.mark.parametrize("optimize", [5, b"greedy", [3, 4], [("a", "b")], lambda *_: 7])
def test_optimizers_that_are_none(optimize):
    with pytest.raises(StructureError):
        tnet.plan(NET, optimize=optimize)


def test_paths_of_any_kind_are_taken():
    path = tnet.plan(NET).path
    for given in ([list(step) for step in path], np.array(path), ["einsum_path", *path]):
        assert tnet.plan(NET, optimize=given).path == path


def test_whole_numbers_are_scaled_as_floats_are():
    whole = {name: np.full(array.shape, 10**6) for name, array in WEIGHTS.items()}
    found = tnet.evaluate_scaled(NET, whole, np.full((1, 4, 2), 10**6))
    floats = {name: array.astype(float) for name, array in whole.items()}
    expected = tnet.evaluate_scaled(NET, floats, np.full((1, 4, 2), 1e6))
    np.testing.assert_allclose(found.log2_abs(), expected.log2_abs())


def test_executors_and_limits():
    ring = tnet.from_einsum("abx,bcy,caz->xyz", *[(6, 6, 2)] * 3)
    weights = tnet.random_parameters(ring)
    plan = tnet.plan(ring, task="contract")
    limited = tnet.plan(ring, task="contract", memory_limit=plan.peak_bytes() // 2)
    assert limited.n_slices > 1
    for executor in (3, concurrent.futures.ThreadPoolExecutor):
        with pytest.raises(SweepError):
            tnet.contract(ring, weights, plan=limited, executor=executor)


def test_ranks_of_grids_need_primes_and_shares():
    with pytest.raises(ParameterError, match="give NumPy arrays of integers"):
        tnet.grid_rank([[0.5, 0.2], [0.7, 0.9]], [0], modulo=7)
    with pytest.raises(ParameterError, match="not a prime"):
        tnet.grid_rank([[1, 2], [3, 4]], [0], modulo=8)
    for rtol in (-1, 5, float("nan"), "a"):
        with pytest.raises(FeatureError, match="rtol is"):
            tnet.grid_rank(np.eye(2), [0], rtol=rtol)


def test_a_dtype_that_the_library_does_not_have():
    with pytest.raises(ParameterError, match="dtype is 'foo'"):
        tnet.random_parameters(NET, dtype="foo")
    pytest.importorskip("jax")
    with pytest.raises(ParameterError, match="jax made float32 of float64"):
        tnet.move_parameters(WEIGHTS, "jax", dtype="float64")
