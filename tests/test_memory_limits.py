"""Plans foretell their memory; with less of it, and elsewhere, they give the same numbers."""

import gc
import multiprocessing
import os
import re
import signal
import tracemalloc
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import examples, forests, networks
from test_plan_in_peers import (
    hyperedges,
    lattice,
    positive_features,
    positive_parameters,
    tensor_train,
)

import tnet
from tnet.errors import MemoryLimitError, SweepError

SLACK = 1.2
"""Bytes found may be a fifth more or less than those foretold: small objects, NumPy's buffers."""


def tree(inputs, features, widths, **options):
    return tnet.ConvNet(inputs, features=features, widths=widths, **options).compile()


# Name: network, task, batch.  Large enough that arrays, not small Python objects, make the peak.
CASES = {
    "tree N=1024 M=r=8, B=300": (tree(1024, 8, (8,) * 10), "evaluate", 300),
    "tree N=1024 shared, 10 outputs, B=200": (
        tree(1024, 8, (8,) * 10, outputs=10, shared=True),
        "evaluate",
        200,
    ),
    "irregular widths N=512, B=500": (
        tree(512, 5, (3, 17, 40, 7, 64, 9, 31, 2, 100)),
        "evaluate",
        500,
    ),
    "grid 15x17 mirrored, B=1000": (
        tree((15, 17), 4, (6, 8, 10, 12, 5), pooling="mirror"),
        "evaluate",
        1000,
    ),
    "tree N=256 M=r=8 of norms, B=300": (tree(256, 8, (8,) * 8, operator="norm"), "evaluate", 300),
    "lattice 8x8 dim 4": (lattice(8, 4), "contract", 1),
    "lattice 9x9 dim 4": (lattice(9, 4), "contract", 1),
    "chain of 40, bond 40, B=2000": (tensor_train(40, dim=3, bond=40), "evaluate", 2000),
    "ring of 9, dim 4, dense": (tensor_train(9, dim=4, bond=5, closed=True), "contract", 1),
    "hyperedges, 2 outputs, B=3000": (hyperedges(16), "evaluate", 3000),
    "hyperedge kept, outer": (tnet.from_einsum("ab,ac,ad->abcd", *[(30, 35)] * 3), "contract", 1),
}


def call_of(network, task, batch):
    """What computes with a plan, for a plan."""
    parameters = positive_parameters(network)
    if task == "contract":
        return lambda plan: tnet.contract(network, parameters, plan=plan)
    features = positive_features(network, batch)
    if len({array.shape for array in features}) == 1:
        features = np.stack(features, axis=1)
    return lambda plan: tnet.evaluate(network, parameters, features, plan=plan)


def peak_of(action):
    """Most bytes held at once above those held before, the result included; caches warmed."""
    action()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = action()
        return result, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", CASES)
def test_the_peak_is_foretold_within_a_fifth(name):
    network, task, batch = CASES[name]
    plan, call = tnet.plan(network, task=task), call_of(network, task, batch)
    foretold, found = plan.peak_bytes(batch), peak_of(lambda: call(plan))[1]
    assert found > 2**20
    assert foretold / SLACK <= found <= foretold * SLACK


SHARES = {name: 6 if case[1] == "evaluate" else 3 for name, case in CASES.items()}
DENSE = {"ring of 9, dim 4, dense", "hyperedge kept, outer"}
"""Results that are all there is."""


@pytest.mark.parametrize("name", sorted(CASES.keys() - DENSE))
def test_a_limited_run_keeps_its_limit(name):
    network, task, batch = CASES[name]
    call, whole = call_of(network, task, batch), tnet.plan(network, task=task)
    result = call(whole)
    limit = whole.peak_bytes(batch) // SHARES[name]
    if task == "evaluate":
        # Examples are taken a few at a time: no index has to be sliced for that.
        limit = max(limit, whole.peak_bytes(20) + result.nbytes)
    plan = tnet.plan(network, task=task, memory_limit=limit)
    assert plan.peak_bytes(batch) <= limit < whole.peak_bytes(batch)
    assert (plan.n_slices > 1) == (task == "contract")
    found, peak = peak_of(lambda: call(plan))
    np.testing.assert_allclose(found, result, rtol=1e-10)
    assert peak <= limit * SLACK + 2**18


def limited(network, task, share):
    """A plan for a share of the memory, or for the least that is said to do."""
    limit = max(int(tnet.plan(network, task=task).peak_bytes() * share), 1)
    try:
        return tnet.plan(network, task=task, memory_limit=limit)
    except MemoryLimitError as error:
        least = int(re.search(r"give at least (\d+) bytes", str(error))[1])
        with pytest.raises(MemoryLimitError, match=f"give at least {least} bytes"):
            tnet.plan(network, task=task, memory_limit=least - 1)
        return tnet.plan(network, task=task, memory_limit=least)


MOST_SLICES = 30
"""Of random networks with more, only the plan is checked."""


def assert_limits_change_nothing(network, share, batch, seed):
    generator = np.random.default_rng(seed)
    whole = {
        name: generator.integers(-9, 10, size=shape)
        for name, shape in network.parameter_shapes.items()
    }
    parameters, features = positive_parameters(network), positive_features(network, batch)
    plan = limited(network, "contract", share)
    assume(plan.n_slices <= MOST_SLICES)
    expected = tnet.contract(network, parameters)
    found = tnet.contract(network, parameters, plan=plan)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    scaled = tnet.contract_scaled(network, parameters, plan=plan)
    np.testing.assert_allclose(scaled.value(), expected, rtol=1e-10)
    np.testing.assert_array_equal(
        tnet.contract(network, whole, plan=plan, modulo=4194301),
        tnet.contract(network, whole, modulo=4194301),
    )
    plan = limited(network, "evaluate", share)
    assume(plan.n_slices <= MOST_SLICES)
    expected = tnet.evaluate(network, parameters, features)
    # More examples have a longer result, which nothing can shorten.
    plan = plan.with_limit(plan.memory_limit + expected.nbytes, plan.sliced)
    np.testing.assert_allclose(
        tnet.evaluate(network, parameters, features, plan=plan), expected, rtol=1e-10
    )
    scaled = tnet.evaluate_scaled(network, parameters, features, plan=plan)
    np.testing.assert_allclose(scaled.value(), expected, rtol=1e-10)


shares = st.sampled_from([1.0, 0.7, 0.4, 0.2, 0.0])


@examples(30)
@given(networks(multiplicities=False), shares, st.integers(1, 4), st.integers(0, 99))
def test_limits_change_nothing_on_networks_of_every_kind(network, share, batch, seed):
    assert_limits_change_nothing(network, share, batch, seed)


@examples(15)
@given(forests(max_tensors=12, dims=(1, 2, 3)), shares, st.integers(1, 4), st.integers(0, 99))
def test_limits_change_nothing_on_forests(network, share, batch, seed):
    assume(len(network.inputs) + len(network.outputs) <= 8)
    assert_limits_change_nothing(network, share, batch, seed)


@pytest.mark.parametrize("operator", ["max", "sum", "softplus", "norm"])
@pytest.mark.parametrize("shared", [False, True])
def test_batches_of_other_operators_are_split(operator, shared):
    network = tree(16, 3, (4,) * 4, operator=operator, shared=shared, outputs=2)
    parameters = tnet.random_parameters(network)
    features = np.random.default_rng(0).standard_normal((50, 16, 3))
    limit = tnet.plan(network).peak_bytes(50) // 4
    plan = tnet.plan(network, memory_limit=limit)
    assert 1 <= plan.examples_at_once(50) < 50
    found = tnet.evaluate(network, parameters, features, plan=plan)
    np.testing.assert_allclose(found, tnet.evaluate(network, parameters, features), rtol=1e-12)


class TestRefusals:
    network = tensor_train(8, closed=True)

    @pytest.mark.parametrize("limit", [1, 8 * 9 - 1, 8 * 9, 8 * 9 + 7])
    def test_the_least_that_does_is_named_and_does(self, limit):
        network = tnet.from_einsum("ab,bcd,dc->ac", (3, 4), (4, 3, 2), (2, 3))
        with pytest.raises(MemoryLimitError, match=r"memory_limit is .*give at least \d+ bytes"):
            tnet.plan(network, task="contract", memory_limit=limit)
        plan = limited(network, "contract", 0)
        assert plan.n_slices > 1
        assert plan.peak_bytes() <= plan.memory_limit
        parameters = positive_parameters(network)
        found = tnet.contract(network, parameters, plan=plan)
        np.testing.assert_allclose(found, tnet.contract(network, parameters), rtol=1e-10)

    def test_a_batch_whose_scores_alone_are_too_long(self):
        parameters, features = positive_parameters(self.network), positive_features(self.network, 9)
        limit = tnet.plan(self.network).peak_bytes()
        plan = tnet.plan(self.network, memory_limit=limit)
        with pytest.raises(
            MemoryLimitError, match=r"a batch of 9 takes \d+ bytes as planned"
        ) as error:
            tnet.evaluate(self.network, parameters, features, plan=plan.with_limit(8 * 9 - 1))
        needed = int(re.search(r"takes (\d+) bytes", str(error.value))[1])
        plan = plan.with_limit(needed)
        assert tnet.evaluate(self.network, parameters, features, plan=plan).shape == (9,)

    def test_more_memory_never_does_worse_than_less(self):
        network = tnet.ConvNet(8, features=3, widths=(2, 3, 4), outputs=2).compile()
        parameters, features = positive_parameters(network), positive_features(network, 5)
        expected = tnet.evaluate(network, parameters, features)
        for limit in range(472, 760, 20):
            # Plans are made before the batch is known, whose scores need room as well.
            plan = tnet.plan(network, memory_limit=limit)
            found = tnet.evaluate(network, parameters, features, plan=plan)
            np.testing.assert_allclose(found, expected, rtol=1e-10)

    def test_a_limit_that_is_all_there_is_needs_nothing_else(self):
        for batch in (1, 2, 9):
            limit = tnet.plan(self.network).peak_bytes(batch)
            plan = tnet.plan(self.network, memory_limit=limit)
            assert (plan.n_slices, plan.examples_at_once(batch)) == (1, batch)


LIMITED = lattice(5, 3)
PARAMETERS = positive_parameters(LIMITED)


def limited_plan(n_slices):
    """A plan of the lattice with at least so many slices."""
    limit = tnet.plan(LIMITED, task="contract").peak_bytes()
    while (plan := tnet.plan(LIMITED, task="contract", memory_limit=limit)).n_slices < n_slices:
        limit = int(limit * 0.9)
    return plan


PLAN = limited_plan(100)


class Here(Executor):
    """An executor that runs what it gets at once, and keeps its futures."""

    def __init__(self):
        self.futures = []

    def result(self, number, function, arguments):
        return function(*arguments)

    def submit(self, function, *arguments):
        future = Future()
        self.futures.append(future)
        try:
            future.set_result(self.result(len(self.futures), function, arguments))
        except BaseException as error:
            future.set_exception(error)
        return future


class TestExecutors:
    def test_threads_and_processes_give_the_same_bits(self):
        network = tree(8, 3, (4, 3, 2), outputs=2)
        parameters = tnet.random_parameters(network)
        features = np.random.default_rng(0).standard_normal((40, 8, 3))
        batches = tnet.plan(network, memory_limit=tnet.plan(network).peak_bytes(40) // 3)
        assert batches.examples_at_once(40) < 20
        whole = {name: np.rint(1000 * array).astype(int) for name, array in PARAMETERS.items()}

        def results(executor):
            options = {"plan": PLAN, "executor": executor}
            scaled = tnet.contract_scaled(LIMITED, PARAMETERS, **options)
            return [
                tnet.contract(LIMITED, PARAMETERS, **options),
                tnet.contract(LIMITED, whole, modulo=2**31 - 1, **options),
                scaled.mantissa,
                scaled.log2,
                tnet.evaluate(network, parameters, features, plan=batches, executor=executor),
            ]

        serial = results(None)
        fresh = multiprocessing.get_context("spawn")
        with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, fresh) as processes:
            for executor in (threads, processes):
                for found, expected in zip(results(executor), serial, strict=True):
                    np.testing.assert_array_equal(found, expected)

    def test_arrays_that_do_not_travel(self):
        class Locked(np.ndarray):
            def __reduce_ex__(self, protocol):
                raise TypeError("cannot pickle a lock")

        locked = {name: array.view(Locked) for name, array in PARAMETERS.items()}
        fresh = multiprocessing.get_context("spawn")
        with (
            ProcessPoolExecutor(1, fresh) as processes,
            pytest.raises(SweepError, match=r"slice 0 .*TypeError: cannot pickle a lock") as caught,
        ):
            tnet.contract(LIMITED, locked, plan=PLAN, executor=processes)
        assert caught.value.finished == ()

    def test_tensors_in_the_middle_of_a_graph_do_not_travel(self):
        torch = pytest.importorskip("torch")
        moved = {
            name: torch.as_tensor(array).requires_grad_() * 1 for name, array in PARAMETERS.items()
        }
        fresh = multiprocessing.get_context("spawn")
        with (
            ProcessPoolExecutor(1, fresh) as processes,
            pytest.raises(SweepError, match=r"slice 0 .*RuntimeError"),
        ):
            tnet.contract(LIMITED, moved, plan=PLAN, executor=processes)

    def test_what_is_no_executor_or_takes_no_more(self):
        with pytest.raises(SweepError, match=r"executor is 3, which has no submit; give a"):
            tnet.contract(LIMITED, PARAMETERS, plan=PLAN, executor=3)
        closed = ThreadPoolExecutor(1)
        closed.shutdown()
        with pytest.raises(SweepError, match=r"slice 0 failed.*RuntimeError.*nothing was kept"):
            tnet.contract(LIMITED, PARAMETERS, plan=PLAN, executor=closed)

    def test_a_slice_that_fails_is_named_and_the_rest_is_cancelled(self):
        class Failing(Here):
            def result(self, number, function, arguments):
                if number == 5:
                    raise ArithmeticError("too warm")
                return super().result(number, function, arguments)

        message = rf"slice 4 of {PLAN.n_slices} failed .*ArithmeticError: too warm; nothing was"
        with pytest.raises(SweepError, match=message):
            tnet.contract(LIMITED, PARAMETERS, plan=PLAN, executor=Failing())

    def test_an_interrupted_run_cancels_what_waits_and_leaves_nothing(self):
        class Interrupted(Here):
            def submit(self, function, *arguments):
                if len(self.futures) < 3:
                    return super().submit(function, *arguments)
                self.futures.append(Future())
                if len(self.futures) == 4:
                    self.futures[3].set_exception(KeyboardInterrupt())
                return self.futures[-1]

        executor, expected = Interrupted(), tnet.contract(LIMITED, PARAMETERS, plan=PLAN)
        with pytest.raises(KeyboardInterrupt):
            tnet.contract(LIMITED, PARAMETERS, plan=PLAN, executor=executor)
        # Some 64 wait at a time, however many slices there are.
        assert 4 < len(executor.futures) < PLAN.n_slices
        assert all(future.cancelled() for future in executor.futures[4:])
        again = tnet.contract(LIMITED, PARAMETERS, plan=PLAN)
        np.testing.assert_array_equal(again, expected)

    def test_progress_is_shown_on_stderr_only_when_asked(self, capsys):
        tnet.contract(LIMITED, PARAMETERS, plan=PLAN)
        assert capsys.readouterr() == ("", "")
        tnet.contract(LIMITED, PARAMETERS, plan=PLAN, progress=True)
        out, err = capsys.readouterr()
        assert out == ""
        assert f"{PLAN.n_slices}/{PLAN.n_slices}" in err

    def test_dask_survives_the_loss_of_a_worker(self):
        distributed = pytest.importorskip("distributed")

        class Losing(Executor):
            """Dask's executor; one of its workers is killed once some slices are done."""

            def __init__(self, client):
                self.inner, self.count = client.get_executor(), 0
                self.victim = min(client.run(os.getpid).values())

            def submit(self, function, *arguments):
                self.count += 1
                # More than the first 64 are handed over only as earlier ones are done.
                if self.count == 70:
                    os.kill(self.victim, signal.SIGKILL)
                return self.inner.submit(function, *arguments)

        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            executor = Losing(client)
            found = tnet.contract(LIMITED, PARAMETERS, plan=PLAN, executor=executor)
            survivors = client.run(os.getpid).values()
        assert executor.count == PLAN.n_slices
        assert executor.victim not in survivors
        np.testing.assert_array_equal(found, tnet.contract(LIMITED, PARAMETERS, plan=PLAN))
