"""`SchmidtSpectrum`: singular values of a matricized function, and the measures made of them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.errors import PartitionError

_NEAR_ONE = 0.5
"""Rényi orders this close to 1 are computed by what they differ from the limit."""

_CLEAR = 1000
"""Values this many times the tolerance, or the value after them, are clear of it."""

_ROUNDING = 1e-12
"""Measures of a product that are smaller are those of its rounding."""


@dataclass(frozen=True, eq=False, repr=False)
class SchmidtSpectrum:
    """Singular values of a matricized function, the largest scaled to 1.

    Attributes
    ----------
    values : ndarray of float
        Descending; the first is 1, unless the function is zero. Those beyond are 0 whatever the
        weights are: the network has a cut as small as the number of these.
    log2_scale : float
        Log2 of the largest singular value; minus infinity for the zero function.
    shape : tuple of int
        Rows (side A) and columns (side B) of the matricization, exact.
    rounding : float
        Relative accuracy of the values: that of the arithmetic, times the steps that an error goes
        through.
    claim : Claim
        Numerical: singular values in floating point.

    Examples
    --------
    >>> import numpy as np
    >>> from tnet.claims import Claim
    >>> claim = Claim("numerical", "by hand")
    >>> pair = SchmidtSpectrum(np.array([1.0, 1.0, 0.0]), 0.0, (3, 3), 2.0**-52, claim)
    >>> pair.number(), pair.gap(), pair.entropy(), round(pair.effective_rank, 12)
    (2, inf, 1.0, 2.0)
    """

    values: NDArray[np.float64]
    log2_scale: float
    shape: tuple[int, int]
    rounding: float
    claim: Claim

    @property
    def default_rtol(self) -> float:
        """Tolerance below which a value is rounding: as many as there are times the accuracy."""
        return len(self.values) * self.rounding

    def number(self, rtol: float | None = None) -> int:
        """Return the Schmidt number: how many values exceed `rtol` times the largest.

        Parameters
        ----------
        rtol : float, optional
            Between 0 and 1; `default_rtol` unless given.

        Returns
        -------
        int
            0 for the zero function.

        Raises
        ------
        PartitionError
            If `rtol` is not at least 0 and below 1.
        """
        limit = self.default_rtol if rtol is None else rtol
        if not is_real(limit) or not 0 <= limit < 1:
            raise PartitionError(f"rtol must be at least 0 and below 1; got {limit!r}")
        return int((self.values > limit).sum())

    def gap(self, rtol: float | None = None) -> float:
        """Return how many times the last value counted by `number` exceeds the next.

        A large gap says that the number does not hang on the choice of `rtol`.

        Parameters
        ----------
        rtol : float, optional
            Between 0 and 1; `default_rtol` unless given.

        Returns
        -------
        float
            Infinite where no value is left out but exact zeros, so too for the zero function.

        Raises
        ------
        PartitionError
            If `rtol` is not at least 0 and below 1.
        """
        kept = self.number(rtol)
        if kept == len(self.values) or self.values[kept] == 0:
            return math.inf
        return float(self.values[kept - 1] / self.values[kept])

    def runs_into_tolerance(self, rtol: float | None = None) -> bool:
        """Say whether values go on down to the tolerance, so that more may lie below it.

        Parameters
        ----------
        rtol : float, optional
            Between 0 and 1; `default_rtol` unless given.

        Returns
        -------
        bool
            Whether the least value that `number` counts is less than 1000 times both the
            tolerance and the next value.

        Raises
        ------
        PartitionError
            If `rtol` is not at least 0 and below 1.
        """
        kept = self.number(rtol)
        limit = self.default_rtol if rtol is None else rtol
        return self.gap(rtol) < _CLEAR and bool(self.values[kept - 1] < _CLEAR * limit)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Squares of the values, divided by their sum; all 0 for the zero function."""
        squares = self.values**2
        total = squares.sum()
        return squares / total if total else squares

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the squared norm that the best approximation of rank 1, 2, ... has."""
        return np.minimum(np.cumsum(self.probabilities), 1.0)

    def entropy(self, base: float = 2.0) -> float:
        """Return the entanglement entropy, the entropy of `probabilities`.

        Parameters
        ----------
        base : float
            Of the logarithm: 2 gives bits.

        Returns
        -------
        float
            Between 0 and the logarithm of the Schmidt number; 0 for the zero function, and where
            all but one value are rounding and no entropy above 1e-12 comes of them.

        Raises
        ------
        PartitionError
            If `base` is not above 1.
        """
        present = self.probabilities[self.probabilities > 0]
        nats = self._or_rounding(float(-(present * np.log(present)).sum()))
        return max(0.0, nats / _log_of_base(base))

    def _or_rounding(self, measure: float) -> float:
        """Return 0 for what only the rounding of a product makes differ from 0."""
        return 0.0 if measure < _ROUNDING and self.number() <= 1 else measure

    def renyi_entropy(self, order: float, base: float = 2.0, *, rtol: float | None = None) -> float:
        r"""Return the Rényi entropy :math:`\log \sum_k p_k^\alpha / (1 - \alpha)`.

        Parameters
        ----------
        order : float
            :math:`\alpha`, at least 0, infinity included. Order 0 is the logarithm of the Schmidt
            number, 1 the entanglement entropy, infinity minus the logarithm of the largest p.
        base : float
            Of the logarithm: 2 gives bits.
        rtol : float, optional
            Values up to `rtol` times the largest are left out, as for `number`: at orders near 0
            rounding would count like the rest.

        Returns
        -------
        float
            Not increasing in `order`; 0 for the zero function.

        Raises
        ------
        PartitionError
            If `order` is negative, `base` not above 1, or `rtol` not at least 0 and below 1.
        """
        if not is_real(order) or not order >= 0:
            raise PartitionError(f"the order of a Rényi entropy is at least 0; got {order!r}")
        unit, kept = _log_of_base(base), self.number(rtol)
        if kept == 0:
            return 0.0
        logs = np.log(self.values[:kept]) * 2
        largest = -float(np.log(np.exp(logs).sum()))
        logs += largest
        if order == math.inf:
            entropy = -largest
        elif order == 1:
            entropy = -float((np.exp(logs) * logs).sum())
        elif abs(order - 1) < _NEAR_ONE:
            # The sum is 1 at order 1, and only its difference from 1 counts.
            entropy = math.log1p(float((np.exp(logs) * np.expm1((order - 1) * logs)).sum()))
            entropy /= 1 - order
        else:
            ratios = float(np.exp(order * (logs - largest)).sum())
            entropy = (order * largest + math.log(ratios)) / (1 - order)
        return max(0.0, entropy / unit)

    @property
    def effective_rank(self) -> float:
        """Exponential of the entropy in nats: how many equal values would have it; 0 for zero."""
        return math.exp(self.entropy(math.e)) if self.probabilities.any() else 0.0

    @property
    def geometric_measure(self) -> float:
        """1 - sigma_1^2 / ||sigma||^2: squared distance to the nearest product, 0 for zero."""
        probabilities = self.probabilities
        if not probabilities.any():
            return 0.0
        return max(0.0, self._or_rounding(1.0 - float(probabilities[0])))

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__}: number {self.number()} of at most {len(self.values)} at "
            f"rtol "
            f"{self.default_rtol:.1g}, entropy {self.entropy():.4g} bits, "
            f"geometric measure {self.geometric_measure:.4g}>"
        )


def scaled_singular_values(matrix: NDArray[Any]) -> tuple[NDArray[np.float64], float]:
    """Return the singular values of `matrix`, the largest scaled to 1, and its log2.

    Examples
    --------
    >>> import numpy as np
    >>> values, log2 = scaled_singular_values(np.diag([2.0, 8.0]))
    >>> values.tolist(), log2
    ([1.0, 0.25], 3.0)
    """
    values = np.linalg.svd(matrix, compute_uv=False).astype(np.float64)
    largest = float(values[0]) if len(values) else 0.0
    return (values / largest, math.log2(largest)) if largest else (values, -math.inf)


def _log_of_base(base: float) -> float:
    if not is_real(base) or not base > 1:
        raise PartitionError(f"the base of an entropy must be above 1; got {base!r}")
    return math.log(base)


def is_real(value: object) -> bool:
    """Whether `value` is a real number, Python's or NumPy's; bools are none.

    Examples
    --------
    >>> is_real(0.5), is_real(np.float32(2)), is_real(True), is_real("a")
    (True, True, False, False)
    """
    known = int | float | np.integer | np.floating
    return isinstance(value, known) and not isinstance(value, bool)
