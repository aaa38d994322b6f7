"""`separation_rank`: how strongly any function ties two groups of inputs, seen on chosen points."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.claims import Claim
from tnet.contraction.memory import check_fits
from tnet.entanglement.measures import SchmidtSpectrum, is_real, scaled_singular_values
from tnet.errors import FeatureError, FunctionError, PartitionError

Function = Callable[[NDArray[Any]], Any]
"""Whole inputs (B, N, *element shape) to values (B,) or (B, outputs)."""

_COPIES = 3
"""Matrices held at once: the values, their finite copy, and what the decomposition works in."""

_ROUNDINGS = 16
"""A function rounds more than once; so many units in the last place count as rounding."""

_LARGEST_RTOL = 0.5

_FULL = "full: as many as there are points; take more"


@dataclass(frozen=True, eq=False, repr=False)
class SeparationRank(SchmidtSpectrum):
    """Singular values of a function on a grid of points; their number is a lower bound.

    Has all measures of `SchmidtSpectrum`: ``values``, ``number(rtol)``, ``gap(rtol)``, ``shares``,
    ``entropy(base)``. Entropies and shares weigh the points alike, and depend on the choice.

    Attributes
    ----------
    rtol : float or None
        Tolerance that `number` takes unless told another; from the arithmetic if None.
    """

    rtol: float | None = None

    @property
    def default_rtol(self) -> float:
        """`rtol`, or where it is None the longer side times 16 units in the last place."""
        if self.rtol is not None:
            return self.rtol
        return min(_ROUNDINGS * max(self.shape) * self.rounding, _LARGEST_RTOL)

    @property
    def full(self) -> bool:
        """Whether the rank is as large as so many points allow, so that more may show more."""
        return self.number() == min(self.shape)

    def __repr__(self) -> str:
        text = super().__repr__()
        return f"{text[:-1]}; {_FULL}>" if self.full else text


def separation_rank(
    function: Function,
    side_a: NDArray[np.bool_] | Iterable[int],
    points_a: ArrayLike,
    points_b: ArrayLike,
    *,
    output: int = 0,
    rtol: float | None = None,
    block: int = 4096,
) -> SeparationRank:
    r"""Bound from below how many products of functions of two groups of inputs a function needs.

    Parameters
    ----------
    function : callable
        Takes whole inputs, an array of shape (B, N, \*element shape), and returns values of shape
        (B,) or (B, outputs): NumPy arrays, or tensors of another library.
    side_a : bool array of N entries, or iterable of int
        Side A: flags, or element numbers. Side B is the rest.
    points_a : array, shape (n_a, \|A\|, \*element shape)
        Values for the elements of side A, in ascending order of element.
    points_b : array, shape (n_b, \|B\|, \*element shape)
        Values for the elements of side B.
    output : int
        Which score, where the function returns several.
    rtol : float, optional
        Singular values up to `rtol` times the largest count as rounding. Unless given, 16 units
        in the last place of the values' dtype times the larger number of points. Not 0, at which
        rounding would be counted.
    block : int
        Examples given to the function at once.

    Returns
    -------
    SeparationRank
        ``values`` (the largest is 1), ``number(rtol)``, ``shares``, ``full``, ``claim``.

    Raises
    ------
    FeatureError
        If the points do not fit each other or the sides.
    FunctionError
        If it cannot be called, or returns another shape, no numbers, or values that are not
        finite.
    PartitionError
        If `side_a`, `rtol`, `output` or `block` cannot be.
    MemoryLimitError
        If the grid of values does not fit.

    Notes
    -----
    The separation rank is the least number of terms :math:`g(x_A)\,g'(x_B)` that sum to the
    function. On a grid of points such a sum is a matrix of at most that rank, for any function:
    with rectifiers, recurrence or attention as well as with products. So the rank seen on any
    points is a lower bound, reached by enough points in general position where the separation
    rank is finite. Ranks here are numerical: they count the singular values above a tolerance,
    and `gap` says how clear the count is.

    References
    ----------
    .. [1] Cohen, Shashua. Inductive bias of deep convolutional networks through pooling geometry.
       ICLR 2017. arXiv:1605.06743.

    Examples
    --------
    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(20, 2))
    >>> seen = separation_rank(lambda x: np.cos(x.sum(axis=1)), [0, 1], points, points)
    >>> seen.number(), seen.claim.kind
    (2, 'lower bound')
    """
    _check_options(function, output, rtol, block)
    rows, columns = _points("points_a", points_a), _points("points_b", points_b)
    if rows.shape[2:] != columns.shape[2:]:
        raise FeatureError(
            f"elements have shape {rows.shape[2:]} in points_a and {columns.shape[2:]} in "
            "points_b; give both the same"
        )
    element_shape = rows.shape[2:]
    on_a = _flags(side_a, rows.shape[1], rows.shape[1] + columns.shape[1])
    n_rows, n_columns = len(rows), len(columns)
    kind = np.result_type(rows, columns)
    example_bytes = len(on_a) * math.prod(element_shape) * kind.itemsize
    at_once = min(block, n_rows * n_columns)
    check_fits(
        _COPIES * 16 * n_rows * n_columns + at_once * example_bytes,
        what=f"a grid of {n_rows:,} x {n_columns:,} points with {at_once:,} examples at once",
        remedy="take fewer points or a smaller block",
    )
    parts = []
    for start in range(0, n_rows * n_columns, at_once):
        cells = np.arange(start, min(start + at_once, n_rows * n_columns))
        whole = np.empty((len(cells), len(on_a), *element_shape), dtype=kind)
        whole[:, on_a] = rows[cells // n_columns]
        whole[:, ~on_a] = columns[cells % n_columns]
        parts.append(_values(function, whole, output))
    matrix = np.concatenate(parts).reshape(n_rows, n_columns)
    return _seen(matrix, rtol)


def _check_options(function: object, output: object, rtol: object, block: object) -> None:
    if not callable(function):
        raise FunctionError(
            f"function is {function!r} of type {type(function).__name__}; give one to call with "
            "whole inputs"
        )
    for name, value in (("output", output), ("block", block)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool):
            raise PartitionError(f"{name} is {value!r}; give a whole number")
    at_least_one = isinstance(block, int | np.integer) and block >= 1
    if not at_least_one or not (rtol is None or _is_tolerance(rtol)):
        raise PartitionError(
            f"block is at least 1, and rtol above 0 and below 1, for at 0 rounding is counted; got "
            f"block {block!r} and rtol {rtol!r}"
        )


def _is_tolerance(rtol: Any) -> bool:
    return is_real(rtol) and bool(0 < rtol < 1)


def _points(name: str, given: ArrayLike) -> NDArray[Any]:
    """Points of one side as an array, checked."""
    try:
        points = np.asarray(given)
    except (TypeError, ValueError) as error:  # rows of several lengths
        raise FeatureError(f"{name} is no array: {error}; give rows of one length") from error
    if points.ndim < 2 or len(points) == 0 or points.dtype.kind not in "biufc":
        raise FeatureError(
            f"{name} has shape {points.shape} and dtype {points.dtype}; give numbers of shape "
            "(points, elements of the side, *element shape), at least one point"
        )
    if not np.isfinite(points).all():
        raise FeatureError(f"{name} has entries that are not finite; replace them")
    return points


def _flags(side_a: NDArray[np.bool_] | Iterable[int], n_on_a: int, n: int) -> NDArray[np.bool_]:
    """Say for every element whether it is on side A."""
    try:
        given = np.asarray(side_a if isinstance(side_a, np.ndarray) else list(side_a))
    except (TypeError, ValueError) as error:  # not iterable, or of several depths
        raise PartitionError(
            f"side_a is {side_a!r}; give a bool array of {n} entries, or element numbers in "
            f"0..{n - 1}"
        ) from error
    if given.dtype == bool:
        flags = given.reshape(-1)
    else:
        numbers = given.astype(np.int64) if given.size == 0 else given
        legal = numbers.ndim == 1 and numbers.dtype.kind in "iu"
        if not legal or not all(0 <= number < n for number in numbers.tolist()):
            raise PartitionError(
                f"side_a is {side_a!r}; give a bool array of {n} entries, or element numbers in "
                f"0..{n - 1}"
            )
        if len(np.unique(numbers)) != len(numbers):
            raise PartitionError(f"side_a is {side_a!r}; list every element once")
        flags = np.zeros(n, dtype=bool)
        flags[numbers] = True
    if len(flags) != n or int(flags.sum()) != n_on_a:
        raise PartitionError(
            f"side_a has {int(flags.sum())} of {len(flags)} elements, but points_a has {n_on_a} "
            f"elements and points_b {n - n_on_a}; give points for the elements of each side"
        )
    return flags


def _values(function: Function, whole: NDArray[Any], output: int) -> NDArray[Any]:
    """One value per example, as floating-point numbers of the accuracy they came in."""
    returned = function(whole)
    # Tensors that record gradients, or lie on a device, are no arrays until both is undone.
    for undo in ("detach", "cpu"):
        if hasattr(returned, undo):
            returned = getattr(returned, undo)()
    try:
        values = np.asarray(returned)
    except (TypeError, ValueError) as error:  # rows of several lengths
        raise FunctionError(
            f"the function returned no array: {error}; let it return numbers of shape "
            f"({len(whole)},) or ({len(whole)}, outputs)"
        ) from error
    if values.ndim not in (1, 2) or len(values) != len(whole) or values.dtype.kind not in "biufc":
        raise FunctionError(
            f"the function returned shape {values.shape} and dtype {values.dtype} for "
            f"{len(whole)} examples; let it return numbers of shape ({len(whole)},) or "
            f"({len(whole)}, outputs)"
        )
    values = values if values.ndim == 2 else values[:, None]
    if not 0 <= output < values.shape[1]:
        raise PartitionError(
            f"output is {output!r}; the function has outputs 0..{values.shape[1] - 1}: choose one"
        )
    chosen: NDArray[Any] = values[:, output]
    if not np.isfinite(chosen).all():
        cell = int(np.argmin(np.isfinite(chosen)))
        raise FunctionError(
            f"the function returned {chosen[cell]} for one of the inputs; choose points where it "
            "is finite"
        )
    return chosen if chosen.dtype.kind in "fc" else chosen.astype(np.float64)


def _seen(matrix: NDArray[Any], rtol: float | None) -> SeparationRank:
    rounding = float(np.finfo(matrix.dtype).eps)
    # LAPACK has no half precision; the values keep the accuracy they came in.
    wide = matrix.astype(np.float32) if matrix.dtype == np.float16 else matrix
    values, log2 = scaled_singular_values(wide)
    seen = SeparationRank(values, log2, matrix.shape, rounding, _claim(matrix.shape, ""), rtol)
    return replace(seen, claim=_claim(matrix.shape, f"; {_FULL}")) if seen.full else seen


def _claim(shape: tuple[int, int], remark: str) -> Claim:
    return Claim(
        "lower bound",
        f"numerical rank on {shape[0]:,} x {shape[1]:,} points: a sum of k products has rank at "
        f"most k on any points, and other points may show more{remark}",
        ("singular values up to the tolerance are rounding",),
    )
