"""Make something go wrong that on a sound machine does not: little memory, no library, a fault."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from unittest import mock


def without(library: str) -> AbstractContextManager[object]:
    """Let a library count as not installed."""
    return mock.patch.dict(sys.modules, {library: None})


def free(n_bytes: int) -> AbstractContextManager[object]:
    """Let the machine have so little memory left."""
    return mock.patch("tnet.contraction.memory.available_bytes", return_value=n_bytes)


def replaced(name: str, value: object) -> AbstractContextManager[object]:
    """Let a name within tnet be something else."""
    return mock.patch(f"tnet.{name}", value)


def faulty_flow(change: Callable[..., object]) -> AbstractContextManager[object]:
    """Let the solver of maximum flows return something that `change` makes of its answer."""
    from tnet.cuts.flow_solvers import scipy_flow

    return replaced("cuts.flow_scaling.maximum_flow", lambda *graph: change(scipy_flow(*graph)))
