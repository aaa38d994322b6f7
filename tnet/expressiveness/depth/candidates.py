"""Which partitions a best bound is looked for among."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.errors import PartitionError
from tnet.expressiveness.arguments import checked_seed, shown
from tnet.expressiveness.sides import side_of_elements
from tnet.geometry.partitions import blocks, checkerboard, left_right, odd_even, random_balanced
from tnet.network.sides import Side

_FEW = 8
"""Elements up to which all balanced partitions are tried: 35 at most."""

_RANDOM = 8
"""Random partitions tried beside the named ones."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Partitions to try.

    Attributes
    ----------
    sides : ndarray of bool, shape (B, N)
        Elements on side A.
    text : str
        Which they are.
    """

    sides: NDArray[np.bool_]
    text: str


def candidates(
    shape: tuple[int, ...], sides: Iterable[Side] | None = None, *, seed: int = 0
) -> Candidates:
    """Return the partitions given, or else those worth a try.

    Parameters
    ----------
    shape : tuple of int
        How the elements lie.
    sides : iterable of sides, optional
        Each as `tnet.min_cut` takes it.
    seed : int
        Of the random ones.

    Returns
    -------
    Candidates
        Unless `sides` are given: up to 8 elements all balanced partitions; beyond that odd/even,
        halves, alternating blocks of 2, 4, ... and 8 random balanced ones.

    Raises
    ------
    PartitionError
        If a side does not fit, there is none, or there are not two elements to part.
    SpecError
        If `seed` is not a whole number of at least 0, whether it is needed or not.

    Examples
    --------
    >>> candidates((4,)).text, candidates((16,)).text
    ('all 3 balanced partitions', '12 balanced partitions (odd/even, halves, blocks, 8 random)')
    """
    seed = checked_seed(seed)
    n_elements = math.prod(shape)
    if sides is not None:
        # An array without axes says that it is iterable, and is not.
        if not isinstance(sides, Iterable) or getattr(sides, "shape", None) == ():
            raise PartitionError(f"sides is {shown(sides)}; give a sequence of sides")
        given = [side_of_elements(n_elements, side) for side in sides]
        if not given:
            raise PartitionError("sides is empty; give at least one partition, or leave it out")
        return Candidates(np.array(given), f"{len(given)} given partition{'s'[: len(given) - 1]}")
    if n_elements < 2:
        raise PartitionError(
            f"a partition parts two elements or more, and the network has {n_elements}; give a "
            "network of two or more"
        )
    if n_elements <= _FEW:
        found = _balanced(n_elements)
        return Candidates(found, f"all {len(found)} balanced partitions")
    found = _named(shape, seed)
    return Candidates(
        found, f"{len(found)} balanced partitions (odd/even, halves, blocks, {_RANDOM} random)"
    )


def _balanced(n_elements: int) -> NDArray[np.bool_]:
    """All partitions into halves; element 0 is on side B of those with halves of one size."""
    numbers = np.arange(2 ** (n_elements - 1 + n_elements % 2))
    flags = (numbers[:, None] >> np.arange(n_elements) & 1).astype(bool)
    balanced: NDArray[np.bool_] = flags[flags.sum(axis=1) == n_elements // 2][:, ::-1]
    return balanced


def _named(shape: tuple[int, ...], seed: int) -> NDArray[np.bool_]:
    sizes = [2**k for k in range(1, max(shape).bit_length()) if 2**k < max(shape) // 2]
    sides = [odd_even(shape), checkerboard(shape), left_right(shape)]
    sides += [blocks(shape, size) for size in sizes]
    sides += list(random_balanced(shape, seed=seed, count=_RANDOM))
    flat = np.array([side.reshape(-1) for side in sides])
    _, first = np.unique(flat, axis=0, return_index=True)
    found: NDArray[np.bool_] = flat[np.sort(first)]
    return found
