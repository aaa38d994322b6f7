"""Blocks of partitions through one function, on threads or on an executor that is given."""

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed

import numpy as np
from numpy.typing import NDArray

from tnet.errors import SweepError

Task = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""Partitions (b, N) to log2 and slack of their cuts (b, 2); picklable."""

_ITEMS = 32
"""Work items at least, where there are as many blocks: for balance and the progress bar."""


def swept(
    task: Task,
    sides: NDArray[np.bool_],
    *,
    block: int,
    executor: Executor | None,
    progress: bool,
) -> NDArray[np.float64]:
    """Results of `task` for all rows of `sides`, in order.

    Parameters
    ----------
    task : callable
        Picklable, if `executor` runs processes.
    sides : ndarray of bool, shape (B, N)
        Partitions.
    block : int
        Work items are whole numbers of blocks.
    executor : Executor or None
        None: threads, one to a processor.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    ndarray of float64, shape (B, 2)

    Raises
    ------
    SweepError
        If an item fails or its worker dies; it names the rows and carries all that is finished.
    """
    rows = block * -(-len(sides) // (_ITEMS * block))
    items = [(start, min(start + rows, len(sides))) for start in range(0, len(sides), rows or 1)]
    if executor is not None:
        if not callable(getattr(executor, "submit", None)):
            raise SweepError(
                f"executor is of type {type(executor).__name__} and has no submit; give one of "
                "concurrent.futures, or None for threads"
            )
        return _collected(task, sides, items, executor, progress)
    pool = ThreadPoolExecutor(_n_processors())
    try:
        return _collected(task, sides, items, pool, progress)
    finally:
        pool.shutdown(cancel_futures=True)


def _n_processors() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _collected(
    task: Task,
    sides: NDArray[np.bool_],
    items: list[tuple[int, int]],
    executor: Executor,
    progress: bool,
) -> NDArray[np.float64]:
    from tqdm import tqdm

    futures: dict[Future[NDArray[np.float64]], tuple[int, int]] = {}
    failed: dict[tuple[int, int], Exception] = {}
    finished: dict[tuple[int, int], NDArray[np.float64]] = {}
    for start, end in items:
        try:
            futures[executor.submit(task, sides[start:end])] = (start, end)
        except RuntimeError as error:  # the executor is broken or shut down
            failed[start, end] = error
    with tqdm(total=len(sides), unit="cut", disable=not progress, dynamic_ncols=True) as bar:
        for future in as_completed(futures):
            start, end = futures[future]
            try:
                finished[start, end] = future.result()
            except Exception as error:
                failed[start, end] = error
            bar.update(end - start)
    if failed:
        (start, end), cause = min(failed.items(), key=lambda item: item[0])
        kept = [(*item, found) for item, found in sorted(finished.items())]
        n_kept = sum(end - start for start, end in finished)
        raise SweepError(
            f"partitions {start} to {end - 1} failed with {type(cause).__name__}: {cause}; "
            f"{n_kept} of {len(sides)} are finished, in .finished of this error; run the others "
            "again",
            kept,
        ) from cause
    return np.concatenate([np.zeros((0, 2)), *(finished[item] for item in items)])
