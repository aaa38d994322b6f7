"""Representation functions: what turns every element of an input into its features."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from tnet.architectures.fields import checked_count
from tnet.errors import FeatureError, SpecError
from tnet.network.groups import read_only

Array = NDArray[Any]
Functions = Callable[[Array], Any]
"""Inputs (B, N) or (B, N, s) to features (B, N, M)."""

Activation = Literal["sigmoid", "relu"]


@dataclass(frozen=True, eq=False)
class AffineNeurons:
    r"""Neurons :math:`f_d(x) = \sigma(w_d \cdot x + b_d)`.

    Parameters
    ----------
    weights : array, shape (M,) or (M, s)
        Of M neurons on numbers, or on vectors of s entries.
    biases : array, shape (M,)
        Their biases.
    activation : {'sigmoid', 'relu'}
        The logistic function, or max(z, 0).

    Raises
    ------
    SpecError
        If shapes do not fit, an entry is not finite, or the activation is another.

    Examples
    --------
    >>> neurons = AffineNeurons([1.0, -1.0], [0.0, 0.5], activation="relu")
    >>> neurons(np.array([[0.0, 2.0]])).tolist()
    [[[0.0, 0.5], [2.0, 0.0]]]
    """

    weights: ArrayLike
    biases: ArrayLike
    activation: Activation = "sigmoid"

    def __post_init__(self) -> None:
        weights, biases = _held(self, "weights", (1, 2)), _held(self, "biases", (1,))
        if len(weights) != len(biases):
            raise SpecError(
                f"weights are of {len(weights)} neurons and biases of {len(biases)}; give one bias "
                "per neuron"
            )
        if self.activation not in get_args(Activation):
            raise SpecError(f"activation is {self.activation!r}; choose sigmoid or relu")

    def __call__(self, inputs: Array) -> Array:
        """Return the features of `inputs`, shape (B, N, M)."""
        weights, biases = np.asarray(self.weights), np.asarray(self.biases)
        points = _vectors(inputs, weights)
        z = points @ weights.reshape(len(weights), -1).T + biases
        found: Array = expit(z) if self.activation == "sigmoid" else np.maximum(z, 0)
        return found


@dataclass(frozen=True, eq=False)
class Gaussians:
    r"""Bumps :math:`f_d(x) = \exp(-|x - \mu_d|^2 / (2 \sigma_d^2))`.

    Parameters
    ----------
    means : array, shape (M,) or (M, s)
        Where each is 1.
    deviations : float or array, shape (M,)
        How wide each is, in units of the inputs.

    Raises
    ------
    SpecError
        If shapes do not fit, an entry is not finite, or a deviation is not positive.

    Examples
    --------
    >>> Gaussians([0.0, 1.0], 1.0)(np.array([[0.0]])).round(3).tolist()
    [[[1.0, 0.607]]]
    """

    means: ArrayLike
    deviations: ArrayLike

    def __post_init__(self) -> None:
        means, deviations = _held(self, "means", (1, 2)), _held(self, "deviations", (0, 1))
        if deviations.ndim and len(deviations) != len(means):
            raise SpecError(
                f"means are of {len(means)} functions and deviations of {len(deviations)}; give "
                "one deviation each, or one for all"
            )
        if not (deviations > 0).all():
            raise SpecError(f"a deviation is {deviations.min()}; give positive ones")

    def __call__(self, inputs: Array) -> Array:
        """Return the features of `inputs`, shape (B, N, M)."""
        means = np.asarray(self.means)
        away = _vectors(inputs, means)[..., None, :] - means.reshape(len(means), -1)
        exponent: Array = (away**2).sum(axis=-1) / (2 * np.asarray(self.deviations) ** 2)
        found: Array = np.exp(-exponent)
        return found


@dataclass(frozen=True)
class OneHot:
    """Indicators of M symbols: f_d(x) is 1 where x = d, else 0.

    Parameters
    ----------
    symbols : int
        Their number M. Inputs are whole numbers from 0 to M - 1.

    Raises
    ------
    SpecError
        If it is not a positive int.

    Examples
    --------
    >>> OneHot(3)(np.array([[2, 0]])).tolist()
    [[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]]
    """

    symbols: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbols", checked_count(self.symbols, "symbols"))

    def __call__(self, inputs: Array) -> Array:
        """Return the features of `inputs`, shape (B, N, M)."""
        given = np.asarray(inputs)
        if given.dtype.kind not in "iu":
            raise FeatureError(
                f"inputs have dtype {given.dtype}; symbols are whole numbers: convert them"
            )
        if given.size and not 0 <= given.min() <= given.max() < self.symbols:
            raise FeatureError(
                f"inputs are from {given.min()} to {given.max()}; symbols are "
                f"0..{self.symbols - 1}: replace the others, or take more symbols"
            )
        found: Array = np.eye(self.symbols)[given]
        return found


@dataclass(frozen=True)
class BinaryPairs:
    """The two functions b and 1 - b of a shade b between 0 and 1, as of the pixels of digits.

    Examples
    --------
    >>> BinaryPairs()(np.array([[0.25, 1.0]])).tolist()
    [[[0.25, 0.75], [1.0, 0.0]]]
    """

    def __call__(self, inputs: Array) -> Array:
        """Return the features of `inputs`, shape (B, N, 2)."""
        shades = np.asarray(inputs, dtype=np.float64)
        if not ((shades >= 0) & (shades <= 1)).all():
            raise FeatureError(
                f"inputs are from {shades.min()} to {shades.max()}; scale shades to 0..1"
            )
        return np.stack([shades, 1 - shades], axis=-1)


def _held(value: object, field: str, orders: tuple[int, ...]) -> Array:
    """Put a read-only copy of a numeric field in its place."""
    array = np.array(getattr(value, field), dtype=np.float64)
    if array.ndim not in orders or array.size == 0 or not np.isfinite(array).all():
        raise SpecError(
            f"{field} has shape {array.shape}; give finite numbers, at least one, in an array of "
            f"{' or '.join(map(str, orders))} axes"
        )
    read_only(array)
    object.__setattr__(value, field, array)
    return array


def _vectors(inputs: Array, like: Array) -> Array:
    """Inputs (B, N, s), s that of the second axis of `like`; numbers are vectors of one entry."""
    given = np.asarray(inputs)
    if like.ndim == 1:
        return given[..., None]
    if given.ndim < 2 or given.shape[-1] != like.shape[1]:
        raise FeatureError(
            f"inputs have shape {given.shape}; these functions take vectors of {like.shape[1]} "
            f"entries, shape (B, N, {like.shape[1]}): reshape them"
        )
    return given
