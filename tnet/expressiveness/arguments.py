"""What callers give: choices, counts and arrays of numbers, each checked by one function."""

import reprlib
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.architectures.cp import CP
from tnet.architectures.spec import Spec
from tnet.errors import SpecError, TNetError
from tnet.network.model import TensorNetwork

Array = NDArray[Any]
Choice = TypeVar("Choice", bound=str)

_LONGEST = 60
"""Characters of a value in a message."""

_LONGEST_INT = 128
"""Bits of an int that is written out."""

MOST_DRAWS = 2**20
"""Networks drawn, or bins of a histogram, in one call."""


class _Short(reprlib.Repr):
    """Values as they are written, cut in the middle where they are long."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = _LONGEST

    def repr_int(self, x: int, level: int) -> str:
        bits = x.bit_length()
        return repr(x) if bits <= _LONGEST_INT else f"an integer of {bits:,} bits"


def shown(value: object) -> str:
    """Write a value for a message: on one line, and in part where it is long.

    Examples
    --------
    >>> shown("max"), shown(list(range(199))), shown(10**400)
    ("'max'", '[0, 1, 2, 3, 4, 5, ...]', 'an integer of 1,329 bits')
    """
    return " ".join(_Short().repr(value).split())


def checked_choice(
    value: object, choices: Sequence[Choice], field: str, error: type[TNetError] = SpecError
) -> Choice:
    """Return the one of `choices` that `value` is.

    Raises
    ------
    TNetError
        The `error` given, if it is none of them; the message names them.

    Examples
    --------
    >>> checked_choice("max", ("max", "product"), "shallow")
    'max'
    """
    for choice in choices:
        # An array is equal to a word entry by entry, so only a word is compared.
        if isinstance(value, str) and value == choice:
            return choice
    listed = " or ".join(choices) if len(choices) == 2 else f"one of {', '.join(choices)}"
    raise error(f"{field} is {shown(value)}; choose {listed}")


def checked_whole(value: object, field: str, *, least: int = 1, most: int | None = None) -> int:
    """Return a whole number within limits as an int of Python.

    Raises
    ------
    SpecError
        If it is none, or out of the limits; the message says them.

    Examples
    --------
    >>> checked_whole(np.int64(3), "bins", most=100)
    3
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if number >= least and (most is None or number <= most):
            return number
    limits = f"of at least {least}" if most is None else f"from {least} to {most:,}"
    raise SpecError(f"{field} is {shown(value)}; give a whole number {limits}")


def checked_seed(value: object) -> int:
    """Return a whole number of at least 0, else raise a `SpecError`."""
    return checked_whole(value, "seed", least=0)


def as_numbers(values: object, *, what: str, error: type[TNetError]) -> Array:
    """Return an array of numbers: no words, no rows of different lengths, none masked.

    Raises
    ------
    TNetError
        The `error` given.

    Examples
    --------
    >>> as_numbers([[1, 2], [3, 4]], what="the tensor", error=SpecError).shape
    (2, 2)
    """
    masked = int(np.sum(values.mask)) if isinstance(values, np.ma.MaskedArray) else 0
    if masked:
        raise error(
            f"{what} has {masked} masked entries; replace them, as .filled(0) does, or leave them "
            "out"
        )
    try:
        array = np.asarray(values)
    except ValueError:
        raise error(
            f"{what} is made of rows of different lengths, or too deep; give a full array"
        ) from None
    if array.dtype.kind not in "biufc":
        raise error(f"{what} has dtype {array.dtype}; give an array of numbers")
    return array


def network_of(network: object) -> TensorNetwork:
    """Return a network, or compile a spec without the warning of redundant widths.

    Whoever asks with a spec has its weights, which `compile` has warned of where it made them.

    Raises
    ------
    SpecError
        If it is neither.

    Examples
    --------
    >>> network_of(CP(4, features=2, width=9, shared=True)).n_modes
    4
    """
    if isinstance(network, TensorNetwork):
        return network
    if isinstance(network, ConvNet | CP):
        return network._network()
    if isinstance(network, Spec):
        return network.compile()
    raise SpecError(
        f"the network is {shown(network)}; give a TensorNetwork, or the spec of an architecture"
    )
