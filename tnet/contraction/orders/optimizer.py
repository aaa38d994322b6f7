"""`ForestOptimizer`: the orders of tnet for opt_einsum's own contractions."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from tnet.contraction.operands import operands_of_sets
from tnet.contraction.orders.forest_order import forest_pairs
from tnet.contraction.orders.looped_order import looped_pairs
from tnet.contraction.orders.order_cost import cost_of
from tnet.contraction.orders.paths import Path, positions_of
from tnet.errors import MemoryLimitError

NAME = "tnet"
"""What `register_optimizer` tells opt_einsum to call this optimizer."""


class ForestOptimizer:
    """An optimizer that opt_einsum takes: nearly linear on forests, drawn greedy orders on loops.

    Where operands and the indices that are not outputs form a forest, hyperedges included, the
    order is that of `tnet.contraction.orders.forest_order.forest_pairs`; elsewhere that of
    `tnet.contraction.orders.looped_order.looped_pairs`.

    Parameters
    ----------
    seconds : float
        Time for draws where there are loops.
    seed : int
        Of the draws.

    Notes
    -----
    An instance is an ``opt_einsum.paths.PathOptimizer`` too; opt_einsum is imported only when one
    is made.

    Examples
    --------
    >>> import numpy as np, opt_einsum
    >>> a, b = np.ones((10, 2)), np.ones((2, 10))
    >>> path, _ = opt_einsum.contract_path("ab,bc,cd->ad", a, b, a, optimize=ForestOptimizer())
    >>> path
    ((1, 2), (0, 1))
    """

    seconds: float
    seed: int

    def __new__(cls, *, seconds: float = 2.0, seed: int = 0) -> "ForestOptimizer":
        """Make an instance that opt_einsum knows for an optimizer."""
        made = cast(ForestOptimizer, object.__new__(_accepted()))
        made.seconds, made.seed = seconds, seed
        return made

    def __call__(
        self,
        inputs: Sequence[frozenset[Any]],
        output: frozenset[Any],
        size_dict: Mapping[Any, int],
        memory_limit: int | None = None,
    ) -> Path:
        """Return opt_einsum's path for index sets.

        Parameters
        ----------
        inputs : sequence of frozenset
            Indices of every operand.
        output : frozenset
            Indices kept.
        size_dict : mapping
            Dim of every index.
        memory_limit : int, optional
            Entries that no intermediate may exceed.

        Raises
        ------
        MemoryLimitError
            If the order makes an intermediate that is larger than the limit.
        """
        operands, _ = operands_of_sets(inputs, output, size_dict)
        pairs = forest_pairs(operands)
        if pairs is None:
            pairs = looped_pairs(operands, seconds=self.seconds, seed=self.seed)
        if memory_limit is not None and memory_limit >= 0:
            largest = 2.0 ** min(cost_of(operands, pairs).largest_log2, 1023.0)
            if largest > memory_limit * (1 + 1e-9):
                raise MemoryLimitError(
                    f"memory_limit is {memory_limit:,} entries, but an intermediate has "
                    f"{largest:,.0f}; raise the limit, or contract in slices"
                )
        return positions_of(pairs, operands.count)


@cache
def _accepted() -> type:
    """Return the subclass that opt_einsum accepts; it asks for its own base class."""
    from opt_einsum.paths import PathOptimizer

    return type("ForestOptimizer", (ForestOptimizer, PathOptimizer), {})


def register_optimizer() -> None:
    """Tell opt_einsum of the optimizer, so that ``optimize="tnet"`` asks it; twice is harmless.

    Examples
    --------
    >>> import numpy as np, opt_einsum
    >>> register_optimizer()
    >>> float(opt_einsum.contract("a,ab,b->", np.ones(2), np.ones((2, 3)), np.ones(3),
    ...                           optimize="tnet"))
    6.0
    """
    from opt_einsum.paths import get_path_fn, register_path_fn

    try:
        get_path_fn(NAME)
    except KeyError:
        register_path_fn(NAME, _planned)


def _planned(
    inputs: Sequence[frozenset[Any]],
    output: frozenset[Any],
    size_dict: Mapping[Any, int],
    memory_limit: int | None = None,
) -> Path:
    return ForestOptimizer()(inputs, output, size_dict, memory_limit)
