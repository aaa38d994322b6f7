"""Affine functions and points: arrays that are checked once."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.errors import FeatureError, ParameterError, TNetError
from tnet.expressiveness.arguments import shown
from tnet.network.groups import read_only

Array = NDArray[np.float64]
Kind = TypeVar("Kind")


@dataclass(frozen=True, eq=False, repr=False)
class Affine:
    r"""Affine functions :math:`a_k(x) = w_k \cdot x + c_k`.

    Attributes
    ----------
    weights : ndarray, shape (n, d)
        One row per function, d at least 1; n may be 0.
    offsets : ndarray, shape (n,)
        One constant per function.

    Raises
    ------
    ParameterError
        If the shapes do not fit or an entry is not finite; the message says which.

    Examples
    --------
    >>> Affine([[1, 2], [0, 1]], [0, -1])([[1, 1]])
    array([[3., 0.]])
    """

    weights: Array
    offsets: Array

    def __post_init__(self) -> None:
        weights = _finite(self.weights, "weights", 2, ParameterError)
        offsets = _finite(self.offsets, "offsets", 1, ParameterError)
        if weights.shape[1] < 1 or len(offsets) != len(weights):
            raise ParameterError(
                f"weights have shape {weights.shape} and offsets {offsets.shape}; give (n, d) and "
                "(n,), d at least 1"
            )
        read_only(weights, offsets)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "offsets", offsets)

    @classmethod
    def from_rows(cls, rows: Array) -> "Affine":
        """Return the functions whose weights, then offset, are the rows of an array (n, d + 1)."""
        return cls(rows[:, :-1], rows[:, -1])

    def __len__(self) -> int:
        return len(self.offsets)

    def __repr__(self) -> str:
        return f"<Affine: {len(self)} functions of {self.dim} numbers>"

    @property
    def dim(self) -> int:
        """Number d of entries of a point."""
        return int(self.weights.shape[1])

    @property
    def rows(self) -> Array:
        """Weights with the offsets as last column, shape (n, d + 1)."""
        return np.column_stack([self.weights, self.offsets])

    def __call__(self, points: ArrayLike) -> Array:
        """Return the values on points (B, d), shape (B, n)."""
        values: Array = checked_points(points, self.dim) @ self.weights.T + self.offsets
        return values


def checked_points(points: ArrayLike, dim: int) -> Array:
    """Return points as float64 of shape (B, dim).

    Raises
    ------
    FeatureError
        If they have another shape, or an entry is not finite.

    Examples
    --------
    >>> checked_points([[0.0, 1.0]], 3)
    Traceback (most recent call last):
        ...
    tnet.errors.FeatureError: points have shape (1, 2); give (B, 3), a row per point
    """
    found = _finite(points, "points", None, FeatureError)
    if found.ndim != 2 or found.shape[1] != dim:
        raise FeatureError(f"points have shape {found.shape}; give (B, {dim}), a row per point")
    return found


def checked_instance(value: object, kind: type[Kind], name: str) -> Kind:
    """Return an object of a class, or raise a `ParameterError` that says what it is instead.

    Examples
    --------
    >>> checked_instance([[1.0]], Affine, "units")
    Traceback (most recent call last):
        ...
    tnet.errors.ParameterError: units: got [[1.0]]; give an instance of Affine
    """
    if not isinstance(value, kind):
        raise ParameterError(f"{name}: got {shown(value)}; give an instance of {kind.__name__}")
    return value


def finite_number(value: object, name: str) -> float:
    """Return a number as a float, or raise an error that says it is not finite or no number."""
    return float(_finite(value, name, 0, ParameterError))


def finite_vector(values: ArrayLike, name: str, size: int) -> Array:
    """Return numbers as float64 of shape (size,), read-only.

    Raises
    ------
    ParameterError
        If they have another shape, or an entry is not finite.
    """
    found = _finite(values, name, 1, ParameterError)
    if len(found) != size:
        raise ParameterError(f"{name} have shape {found.shape}; give ({size},)")
    read_only(found)
    return found


def _finite(values: Any, name: str, ndim: int | None, error: type[TNetError]) -> Array:
    """Copy real numbers of so many axes, or raise; the message names the first bad entry."""
    try:
        given = np.asarray(values)
    except ValueError:
        raise error(f"{name} have rows of different lengths; make them equal") from None
    if given.dtype.kind not in "biuf" or (ndim is not None and given.ndim != ndim):
        axes = "" if ndim is None else f" with {ndim} axes"
        raise error(
            f"{name}: got dtype {given.dtype} and shape {given.shape}; give real numbers{axes}"
        )
    bad = np.argwhere(~np.isfinite(given))
    if len(bad):
        place = tuple(bad[0].tolist())
        where = f"[{', '.join(map(str, place))}]" if place else ""
        raise error(f"{name}{where} is {given[place]}; replace it by a finite number")
    return np.array(given, dtype=np.float64)
