"""`CutDistribution`: how many partitions have each min cut, and extreme balanced ones."""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim

_SHOWN_ROWS = 16


@dataclass(frozen=True, eq=False, repr=False)
class PartitionCut:
    """A partition and its min cut.

    Attributes
    ----------
    side_a : ndarray of bool, of the input shape
        Elements on side A; read-only.
    dimension : int
        The min cut.
    """

    side_a: NDArray[np.bool_]
    dimension: int

    def __repr__(self) -> str:
        modes = np.nonzero(self.side_a.reshape(-1))[0].tolist()
        more = f", ... {len(modes) - 8:,} more" if len(modes) > 8 else ""
        listed = ", ".join(map(str, modes[:8]))
        return f"<PartitionCut: {_text(self.dimension)} with side A {{{listed}{more}}}>"


@dataclass(frozen=True, eq=False, repr=False)
class CutDistribution:
    """How many partitions of the inputs have each min cut, exactly.

    Attributes
    ----------
    n_modes : int
        Number of elements, N.
    counts : dict of int to int
        Number of sides A by min cut, ascending; a side and its complement count separately.
    balanced_counts : dict of int to int
        The same, of those with N // 2 elements on side A.
    weakest, strongest : PartitionCut
        A balanced partition of least and one of greatest min cut.
    claim : Claim
        What a min cut of this network says of the Schmidt number.

    Examples
    --------
    >>> import tnet
    >>> from tnet.cuts.distribution import cut_distribution
    >>> distribution = cut_distribution(tnet.ConvNet(8, features=3, widths=(2, 4, 4)).compile())
    >>> print(distribution)
    min cuts of all 256 sides of 8 inputs, 70 of them balanced
      cut  log2        all           balanced
        1  0.00    2   0.8%         0   0.0%
        2  1.00   24   9.4%         0   0.0%
        4  2.00  102  39.8%         6   8.6%
        8  3.00  112  43.8%        48  68.6%
       16  4.00   16   6.2%        16  22.9%
    """

    n_modes: int
    counts: dict[int, int]
    balanced_counts: dict[int, int]
    weakest: PartitionCut
    strongest: PartitionCut
    claim: Claim

    @property
    def total(self) -> int:
        """Number of sides counted, 2 to the N."""
        return sum(self.counts.values())

    @property
    def balanced_total(self) -> int:
        """Number of sides with N // 2 elements."""
        return sum(self.balanced_counts.values())

    def __str__(self) -> str:
        title = (
            f"min cuts of all {_text(self.total)} sides of {self.n_modes:,} inputs, "
            f"{_text(self.balanced_total)} of them balanced"
        )
        rows: list[tuple[str, ...]] = [("cut", "log2", "all", "", "balanced", "")]
        shown = _shown(list(self.counts))
        rows += [self._row(dimension) for dimension in shown]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  " + "  ".join(map(str.rjust, row, widths)).rstrip() for row in rows]
        hidden = len(self.counts) - len(shown)
        if hidden:
            lines.insert(1 + _SHOWN_ROWS // 2, f"  ... {hidden:,} more min cuts ...")
        return "\n".join([title, *lines])

    def _row(self, dimension: int) -> tuple[str, ...]:
        every, balanced = self.counts[dimension], self.balanced_counts.get(dimension, 0)
        return (
            _text(dimension),
            f"{math.log2(dimension):.2f}",
            _text(every),
            _share(every, self.total),
            _text(balanced),
            _share(balanced, self.balanced_total),
        )

    def __repr__(self) -> str:
        return (
            f"<CutDistribution: {len(self.counts):,} min cuts of {self.n_modes:,} inputs, balanced "
            f"from {_text(self.weakest.dimension)} to {_text(self.strongest.dimension)}>"
        )


def _shown(dimensions: list[int]) -> list[int]:
    if len(dimensions) <= _SHOWN_ROWS:
        return dimensions
    return dimensions[: _SHOWN_ROWS // 2] + dimensions[-_SHOWN_ROWS // 2 :]


def _text(number: int) -> str:
    """Write a number in full, or rounded to four digits where it is long."""
    if number < 10**9:
        return f"{number:,}"
    return f"{Decimal(number):.3e}".replace("e+", "e")


def _share(part: int, whole: int) -> str:
    return f"{100 * (part / whole):.1f}%"
