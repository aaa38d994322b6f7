"""Running a plan piece by piece: some examples at a time, one slice after the other."""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tnet.contraction.arithmetic import Arithmetic, FloatArithmetic
from tnet.contraction.bound import sized
from tnet.contraction.execute import Values, run, run_scaled
from tnet.contraction.features import chunk
from tnet.contraction.libraries import library_name, namespace_of
from tnet.contraction.modular import PrimeArithmetic
from tnet.contraction.plan import Plan
from tnet.contraction.scaled import shifted
from tnet.errors import SweepError, TNetError

Array = Any
"""An array of NumPy, PyTorch or JAX."""

_Future = Future[tuple[Any, Any]]

_NOTHING = -5000.0
"""A power of two that no sum feels."""

_WAITING = 64
"""Pieces handed to an executor at a time."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be computed.

    Attributes
    ----------
    plan : Plan
        The order, its slices and its limit.
    values : Values
        Parameters and features.
    batch : int
        Number of examples; 1 where there are none.
    prime : int or None
        Residues of this prime are computed, instead of floating point.
    scaled : bool
        Whether powers of two are carried.
    """

    plan: Plan
    values: Values
    batch: int
    prime: int | None = None
    scaled: bool = False

    @property
    def arithmetic(self) -> Arithmetic:
        """What to compute with: found where the job runs, since modules do not pickle."""
        if self.prime is not None:
            return PrimeArithmetic(self.prime)
        arrays = [*self.values.parameters.values(), *self.values.features.values()]
        return FloatArithmetic(namespace_of(arrays[0]) if arrays else np)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some of the examples, and a value for every sliced index."""

    examples: slice
    sliced: Mapping[int, int]


def computed(
    job: Job, *, itemsize: int, executor: Executor | None, progress: bool
) -> tuple[Array, Array | None]:
    """Run a job, whole or in pieces.

    Parameters
    ----------
    job : Job
        What to compute.
    itemsize : int
        Bytes of an entry, for the memory limit.
    executor : Executor or None
        Where pieces run; None: here, one after the other.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    array
        The result.
    array or None
        Powers of two beside it, shape (B,) or (1,), if the job is scaled.

    Raises
    ------
    SweepError
        If a piece fails on the executor; it says which. Nothing is kept.
    """
    at_once = max(job.plan.examples_at_once(job.batch, itemsize=itemsize), 1)
    n_pieces = _n_pieces(job, at_once)
    if n_pieces == 1 and executor is None:
        return _run(job, {})
    from tqdm import tqdm

    total = _Total(job)
    with tqdm(total=n_pieces, unit="slice", disable=not progress, dynamic_ncols=True) as bar:
        for piece, result in _results(job, at_once, executor):
            total.add(piece, *result)
            # Else it would be held while the next one is computed.
            del result
            bar.update()
    return total.array, total.log2


def _n_pieces(job: Job, at_once: int) -> int:
    return job.plan.n_slices * max(1, -(-job.batch // at_once))


def _pieces(job: Job, at_once: int) -> Iterator[_Piece]:
    dims = [range(job.plan.operands.dims[index]) for index in job.plan.sliced]
    for start in range(0, max(job.batch, 1), at_once):
        examples = slice(start, min(start + at_once, job.batch))
        for values in itertools.product(*dims):
            yield _Piece(examples, dict(zip(job.plan.sliced, values, strict=True)))


def _run(job: Job, sliced: Mapping[int, int]) -> tuple[Array, Array | None]:
    bound = job.plan.bound(job.batch)
    values = replace(job.values, sliced=sliced)
    if job.scaled:
        return run_scaled(bound, values, job.arithmetic)
    return run(bound, values, job.arithmetic), None


def _part(job: Job, piece: _Piece) -> Job:
    """The job on some of the examples."""
    n_examples = piece.examples.stop - piece.examples.start
    if n_examples == job.batch:
        return job
    values = replace(job.values, features=chunk(dict(job.values.features), piece.examples))
    return replace(job, values=values, batch=n_examples)


def _results(
    job: Job, at_once: int, executor: Executor | None
) -> Iterator[tuple[_Piece, tuple[Array, Array | None]]]:
    """Results in the order of the pieces, so that sums do not depend on who is first."""
    pieces = _pieces(job, at_once)
    if executor is None:
        for piece in pieces:
            yield piece, _run(_part(job, piece), piece.sliced)
        return
    waiting: deque[tuple[_Piece, _Future]] = deque()
    done = 0
    try:
        while True:
            for piece in itertools.islice(pieces, _WAITING - len(waiting)):
                waiting.append((piece, _submitted(executor, job, piece, done + len(waiting))))
            if not waiting:
                return
            piece, future = waiting.popleft()
            try:
                result = future.result()
            except TNetError:
                raise
            except Exception as error:
                raise _failed(f"{done} of {_n_pieces(job, at_once)}", error) from error
            done += 1
            yield piece, result
    finally:
        for _, future in waiting:
            future.cancel()


def _submitted(executor: Executor, job: Job, piece: _Piece, number: int) -> _Future:
    if not hasattr(executor, "submit"):
        raise SweepError(
            f"executor is {executor!r}, which has no submit; give a concurrent.futures.Executor, "
            "such as dask's client.get_executor()",
            [],
        )
    try:
        return executor.submit(_run, _part(job, piece), piece.sliced)
    except Exception as error:
        raise _failed(str(number), error) from error


def _failed(number: str, error: Exception) -> SweepError:
    return SweepError(
        f"slice {number} failed on the executor with {type(error).__name__}: {error}; nothing "
        "was kept: run it again, or without an executor to see where it fails",
        [],
    )


class _Total:
    """The sum over slices, each in its place."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._arithmetic = job.arithmetic
        self.array: Array = None
        self.log2: Array | None = None

    def add(self, piece: _Piece, part: Array, log2: Array | None) -> None:
        """Add what one piece contributes."""
        if self.array is None:
            self._start(part, log2)
        if log2 is not None:
            examples = ... if self._job.plan.batch is None else piece.examples
            part = self._aligned(examples, part, log2)
        key = tuple(self._place(piece, index) for index in self._job.plan.output)
        if isinstance(self.array, np.ndarray) and self._job.prime is None:
            # In place: the sum is often the largest array there is.
            place = self.array[(*key, ...)]
            np.add(place, part, out=place)
            return
        total = self._arithmetic.settled(self.array[key] + part)
        self.array = _put(self.array, key, total)

    def _place(self, piece: _Piece, index: int) -> slice | int:
        if index == self._job.plan.batch:
            return piece.examples
        return piece.sliced.get(index, slice(None))

    def _start(self, part: Array, log2: Array | None) -> None:
        job, xp = self._job, self._arithmetic.namespace
        shape = sized(job.plan.output_dims, job.batch)
        place = {"device": part.device} if library_name(part) == "torch" else {}
        self.array = xp.zeros(shape, dtype=part.dtype, **place)
        if log2 is not None:
            length = job.batch if job.plan.batch is not None else 1
            self.log2 = xp.full((length,), -np.inf, dtype=log2.dtype, **place)

    def _aligned(self, examples: Any, part: Array, log2: Array) -> Array:
        """Bring the sum and a part to the larger of their powers of two; return the part."""
        xp = self._arithmetic.namespace
        old = self.log2[examples] if self.log2 is not None else log2
        new = xp.maximum(old, log2)
        # Of a sum that is still empty the power of two is minus infinity.
        lifted = _spread(xp.clip(old - new, _NOTHING, 0.0), self.array.ndim)
        self.array = _put(self.array, examples, shifted(xp, self.array[examples], lifted))
        self.log2 = _put(self.log2, examples, new)
        return shifted(xp, part, _spread(log2 - new, part.ndim))


def _spread(log2: Array, n_axes: int) -> Array:
    """Powers of two of the examples against an array of theirs."""
    return log2.reshape((*log2.shape, *(1,) * (n_axes - 1))) if n_axes else log2.reshape(())


def _put(array: Array, key: Any, value: Array) -> Array:
    if library_name(array) == "jax":
        return array.at[key].set(value)
    array[key] = value
    return array
