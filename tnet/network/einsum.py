"""Networks from einsum equations."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from tnet.errors import DimensionError, StructureError
from tnet.network.groups import IndexGroup, TensorGroup, positive_int
from tnet.network.model import TensorNetwork

Operand: TypeAlias = Any
"""A shape (sequence of int), or an array, of which the shape is taken."""

_NOT_SYMBOLS = frozenset(",->.[]")


def from_einsum(equation: str, *operands: Operand) -> TensorNetwork:
    """Read an einsum equation as a network.

    Parameters
    ----------
    equation : str
        One character per index, any number of them; without an arrow, the symbols that occur
        once are kept, in alphabetical order, as in NumPy.
    *operands : sequence of int, or array
        The shape of each operand, or an array to take it from.

    Returns
    -------
    TensorNetwork
        One tensor ``t0``, ``t1``, ... per operand; what follows the arrow are the inputs, in that
        order, mode by mode.

    Raises
    ------
    StructureError
        If the equation cannot be read or does not fit the operands.
    DimensionError
        If a symbol has two dims, or a dim is not a positive integer.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.from_einsum("ab,bc,cd->ad", (4, 2), (2, 3), (3, 4))
    >>> tnet.min_cut(net, ["a"]).dimension
    2
    """
    terms, output = _split(equation)
    if len(terms) != len(operands):
        raise StructureError(
            f"equation {equation!r} has {len(terms)} operands but {len(operands)} are given; "
            "give one shape or array for each"
        )
    dims: dict[str, tuple[int, int]] = {}
    for number, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        _read_dims(term, _shape_of(operand, number), number, dims)
    _check_output(equation, output, dims)
    ids = {symbol: id_ for id_, symbol in enumerate(dims)}
    return TensorNetwork(
        tuple(
            IndexGroup(symbol, dim, role="input" if symbol in output else "inner")
            for symbol, (dim, _) in dims.items()
        ),
        tuple(
            TensorGroup(
                f"t{number}",
                np.array([ids[s] for s in term], dtype=np.int32).reshape(1, len(term)),
                shared=True,
            )
            for number, term in enumerate(terms)
        ),
        np.array([ids[symbol] for symbol in output], dtype=np.int32),
    )


def _split(equation: str) -> tuple[list[str], str]:
    if not isinstance(equation, str):
        raise StructureError(f"equation is {equation!r}; write one such as 'ab,bc->ac'")
    compact = "".join(equation.split())
    left, arrow, output = compact.partition("->")
    terms = left.split(",")
    symbols = left.replace(",", "") + output
    illegal = sorted(_NOT_SYMBOLS.intersection(symbols))
    if illegal:
        raise StructureError(
            f"equation {equation!r} contains {illegal[0]!r}, which is not an index; write every "
            "index as one character and at most one arrow (no ellipsis)"
        )
    if not arrow:
        counts = Counter(symbols)
        output = "".join(sorted(symbol for symbol in counts if counts[symbol] == 1))
    return terms, output


def _shape_of(operand: Operand, number: int) -> tuple[int, ...]:
    shape: object = getattr(operand, "shape", operand)
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise StructureError(
            f"operand {number} is {operand!r}; give a shape such as (3, 2), or an array"
        )
    return tuple(positive_int(dim, what=f"a dim of operand {number}") for dim in shape)


def _read_dims(
    term: str, shape: tuple[int, ...], number: int, dims: dict[str, tuple[int, int]]
) -> None:
    if len(term) != len(shape):
        raise StructureError(
            f"operand {number} is written {term!r}, of order {len(term)}, but has shape {shape}; "
            "give one index per axis"
        )
    for symbol, dim in zip(term, shape, strict=True):
        known, where = dims.setdefault(symbol, (dim, number))
        if known != dim:
            raise DimensionError(
                f"index {symbol!r} has dim {known} in operand {where} but {dim} in operand "
                f"{number}; give both the same dim or rename one"
            )


def _check_output(equation: str, output: str, dims: dict[str, tuple[int, int]]) -> None:
    for symbol in output:
        if symbol not in dims:
            raise StructureError(
                f"equation {equation!r} keeps {symbol!r}, which no operand has; remove it"
            )
        if output.count(symbol) > 1:
            raise StructureError(f"equation {equation!r} keeps {symbol!r} twice; keep it once")
