"""Templates: inputs on which representation functions are an invertible matrix."""

from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import qr

from tnet.claims import Claim
from tnet.errors import FeatureError, FunctionError, VerificationError
from tnet.expressiveness.arguments import (
    as_numbers,
    checked_choice,
    checked_seed,
    shown,
)
from tnet.expressiveness.representations import Activation, AffineNeurons, Functions
from tnet.network.groups import read_only

Array = NDArray[Any]

_DIRECTIONS = 256
"""Directions that templates are projected on, to find one that keeps them well apart."""

_ROUNDINGS = 16
"""Units in the last place, times the number of functions, that count as rounding."""


@dataclass(frozen=True, eq=False, repr=False)
class TemplateSet:
    """As many templates as functions, with an invertible matrix between them.

    Attributes
    ----------
    functions : callable
        The M representation functions.
    templates : ndarray, shape (M,) or (M, s)
        One element's value each.
    chosen : tuple of int or None
        Which of the candidates they are, if they were chosen.
    matrix : ndarray, shape (M, M)
        ``matrix[i, d]`` is function d on template i.
    condition : float
        Largest singular value of the matrix over the smallest.
    claim : Claim
        Why it is invertible.

    Raises
    ------
    FunctionError
        If the matrix is singular; the message says its rank.
    """

    functions: Functions
    templates: Array
    chosen: tuple[int, ...] | None
    claim: Claim
    matrix: Array = field(init=False)
    condition: float = field(init=False)

    def __post_init__(self) -> None:
        matrix = template_matrix(self.functions, self.templates)
        n_templates, n_functions = matrix.shape
        rank = numerical_rank(matrix)
        if n_templates != n_functions or rank < n_functions:
            raise FunctionError(
                f"{n_functions} functions on {n_templates} templates are a matrix of rank {rank}; "
                "it is invertible for as many templates as functions and full rank: take other "
                "templates"
            )
        read_only(matrix)
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "condition", float(np.linalg.cond(matrix)))

    def verify(self) -> None:
        """Compute the matrix anew, invert it, and check the product.

        Raises
        ------
        VerificationError
            If it is another matrix, or its inverse is not one within rounding.
        """
        size = len(self.matrix)
        rounding = float(np.finfo(np.float64).eps)
        afresh = template_matrix(self.functions, self.templates)
        residual = np.abs(afresh @ np.linalg.inv(self.matrix) - np.eye(size)).max()
        if residual > _ROUNDINGS * size * rounding * self.condition:
            raise VerificationError(
                f"the matrix times its inverse is {residual:.2g} from the identity, with a "
                f"condition number of {self.condition:.3g}; do not use the templates"
            )

    def __repr__(self) -> str:
        return (
            f"<TemplateSet: {len(self.matrix)} functions and templates, condition number "
            f"{self.condition:.4g} ({self.claim.kind})>"
        )


def template_matrix(functions: Functions, templates: ArrayLike) -> Array:
    """Evaluate every representation function on every template.

    Parameters
    ----------
    functions : callable
        Inputs (B, N) or (B, N, s) to features (B, N, M).
    templates : array, shape (n,) or (n, s)
        Values of one element.

    Returns
    -------
    ndarray, shape (n, M)
        Entry (i, d) is function d on template i, F in the papers.

    Raises
    ------
    FeatureError
        If `templates` is no array of numbers, has another number of axes, no entry, or masked
        ones.
    FunctionError
        If the functions cannot be called, return another shape, or numbers that are not finite.

    Examples
    --------
    >>> template_matrix(lambda x: np.stack([x, x**2], axis=-1), [1.0, 3.0]).tolist()
    [[1.0, 1.0], [3.0, 9.0]]
    """
    points = as_numbers(templates, what="the array of templates", error=FeatureError)
    if points.ndim not in (1, 2) or points.size == 0:
        raise FeatureError(
            f"templates have shape {points.shape}; give numbers of shape (n,) or (n, s)"
        )
    if not callable(functions):
        raise FunctionError(
            f"the functions are {shown(functions)}; give one callable that returns all features"
        )
    features = np.asarray(functions(points[:, None]))
    fits = features.ndim == 3 and features.shape[:2] == (len(points), 1) and features.size
    if not fits or features.dtype.kind not in "biufc" or not np.isfinite(features).all():
        raise FunctionError(
            f"the functions returned shape {features.shape} and dtype {features.dtype} for "
            f"{len(points)} examples of one element; let them return finite numbers of shape "
            f"({len(points)}, 1, M)"
        )
    return features[:, 0]


def numerical_rank(matrix: Array) -> int:
    """Rank of a matrix with its columns brought to one size first, up to rounding.

    Examples
    --------
    >>> numerical_rank(np.array([[1.0, 1e-30], [1.0, 2e-30]]))
    2
    """
    return int(np.linalg.matrix_rank(_levelled(matrix), rtol=_tolerance(matrix)))


def invertible_templates(functions: Functions, candidates: ArrayLike) -> TemplateSet:
    r"""Choose templates among candidates so that the functions' matrix on them is invertible.

    Parameters
    ----------
    functions : callable
        M representation functions, inputs (B, N) or (B, N, s) to features (B, N, M).
    candidates : array, shape (n,) or (n, s)
        Values of one element, at least M.

    Returns
    -------
    TemplateSet
        M of the candidates, the one that stands out most first.

    Raises
    ------
    FunctionError
        If the functions are linearly dependent on the candidates; the message says the rank.
    FeatureError
        If the candidates are no templates.

    Notes
    -----
    Linearly independent functions have such templates [1]_ (claim 2): if all rows of the matrix
    on all inputs lay in a subspace, a vector orthogonal to it would be a relation between the
    functions; so there are M inputs whose rows are independent. Here the candidates are all
    inputs there are. Each step of a QR factorisation with pivots takes the candidate whose row is
    farthest from the span of those taken, functions brought to one size first.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> from tnet.expressiveness.representations import Gaussians
    >>> found = invertible_templates(Gaussians([0.0, 1.0], 0.5), np.linspace(-1, 2, 31))
    >>> found.templates.round(1).tolist(), round(found.condition, 2)
    ([0.0, 1.0], 1.31)
    """
    table = template_matrix(functions, candidates)
    n_functions = table.shape[1]
    _, upper, order = qr(_levelled(table).T, mode="economic", pivoting=True)
    pivots = np.abs(np.diagonal(upper))
    rank = int((pivots > _tolerance(table) * pivots[0]).sum())
    if rank < n_functions:
        raise FunctionError(
            f"{n_functions} functions on {len(table)} candidates have rank {rank}, so no "
            f"{n_functions} of the candidates will do: take more candidates, or leave out "
            "functions that are sums of others"
        )
    chosen = tuple(order[:n_functions].tolist())
    claim = Claim(
        "numerical",
        "rows of a QR factorisation with pivots, each farthest from the span of those before",
        (f"distances below {_tolerance(table):.1g} of the largest count as rounding",),
    )
    return TemplateSet(functions, np.asarray(candidates)[list(chosen)], chosen, claim)


def invertible_neurons(
    templates: ArrayLike, activation: Activation = "sigmoid", *, seed: int = 0
) -> TemplateSet:
    r"""Choose weights and biases of neurons so that their matrix on templates is invertible.

    Parameters
    ----------
    templates : array, shape (M,) or (M, s)
        Distinct values of one element.
    activation : {'sigmoid', 'relu'}
        Of all M neurons.
    seed : int
        Of the directions that templates of several entries are projected on.

    Returns
    -------
    TemplateSet
        ``functions`` is an `AffineNeurons`.

    Raises
    ------
    FeatureError
        If two templates are equal, or too close for floating point to part them.
    SpecError
        If the activation is another, or `seed` is not a whole number of at least 0.

    Notes
    -----
    Claim 1 of [1]_, made here by hand. Project the templates on a direction w in which they are
    distinct, :math:`t_1 < \ldots < t_M` in order, with gaps :math:`\delta_d = t_d - t_{d-1}`. Let
    L be the lower triangular matrix of ones.

    *ReLU.* The biases :math:`-t_{d-1}` give :math:`F_{id} = \sum_{k=d}^{i} \delta_k` for i at
    least d, else 0: that is :math:`F = L \, \mathrm{diag}(\delta) \, L`, whose determinant is the
    product of the gaps.

    *Sigmoid.* A neuron with its threshold in the middle of gap d and the slope
    :math:`2\kappa/\delta_d`, :math:`\kappa = \ln(8M - 1)`, is at most :math:`\epsilon = 1/(8M)`
    before the gap and at least :math:`1 - \epsilon` after it. So F differs from L by at most
    epsilon in every entry; the inverse of L has norm 2 (largest row sum), and
    :math:`2 M \epsilon = 1/4 < 1` makes F invertible, with an inverse of norm at most 8/3.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> found = invertible_neurons([0.0, 3.0, 1.0], "relu")
    >>> found.matrix.round(2).tolist()
    [[1.0, 0.0, 0.0], [3.0, 2.0, 1.33], [1.67, 0.67, 0.0]]
    >>> invertible_neurons(np.linspace(0, 1, 50)).condition < 8 / 3 * (50 + 1)
    True
    """
    activation = checked_choice(activation, get_args(Activation), "activation")
    seed = checked_seed(seed)
    given = as_numbers(templates, what="the array of templates", error=FeatureError)
    fits = given.ndim in (1, 2) and given.size and given.dtype.kind != "c"
    if not fits or not np.isfinite(given).all():
        raise FeatureError(
            f"templates have shape {given.shape} and dtype {given.dtype}; give finite numbers, "
            "real ones, of shape (M,) or (M, s)"
        )
    points = given.astype(np.float64)
    direction, order = _separating(points.reshape(len(points), -1), seed)
    sorted_t = (points.reshape(len(points), -1) @ direction)[order]
    gaps = np.diff(sorted_t)
    typical = float(gaps.mean()) if len(gaps) else 1.0
    gaps = np.append(typical, gaps)
    if activation == "relu":
        slopes, thresholds = np.full(len(gaps), 1 / typical), sorted_t - gaps
        reason = "F = L diag(gaps) L, L the lower triangular matrix of ones"
    else:
        slopes = 2 * np.log(8 * len(gaps) - 1) / gaps
        thresholds = sorted_t - gaps / 2
        reason = "F is within 1/(8M) of the lower triangular matrix of ones, entry by entry"
    weights = slopes[:, None] * direction
    neurons = AffineNeurons(
        weights if points.ndim == 2 else weights[:, 0], -slopes * thresholds, activation
    )
    claim = Claim(
        "exact by theorem",
        f"{reason}, up to the order of its rows, so it is invertible",
        ("the templates are distinct",),
    )
    return TemplateSet(neurons, points, None, claim)


def _separating(points: Array, seed: int) -> tuple[Array, Array]:
    """Direction on which the points lie farthest apart, and their order along it."""
    directions = np.eye(points.shape[1])
    if points.shape[1] > 1:
        drawn = np.random.default_rng(seed).standard_normal((_DIRECTIONS, points.shape[1]))
        directions = np.concatenate([directions, drawn])
    along = points @ directions.T
    order = np.argsort(along, axis=0)
    spans = np.abs(along).max(axis=0)
    gaps = np.diff(np.take_along_axis(along, order, axis=0), axis=0)
    least = gaps.min(axis=0, initial=np.inf) / np.where(spans > 0, spans, 1)
    best = int(np.argmax(least))
    if least[best] <= _ROUNDINGS * len(points) * np.finfo(np.float64).eps:
        place = int(np.argmin(gaps[:, best]))
        first, second = sorted(order[place : place + 2, best].tolist())
        raise FeatureError(
            f"templates {first} and {second} are equal, or too close to be parted in floating "
            "point; give distinct templates"
        )
    return directions[best], order[:, best]


def _levelled(matrix: Array) -> Array:
    """Divide every column by its largest entry."""
    largest = np.abs(matrix).max(axis=0)
    levelled: Array = matrix / np.where(largest > 0, largest, 1)
    return levelled


def _tolerance(matrix: Array) -> float:
    return float(_ROUNDINGS * max(matrix.shape) * np.finfo(np.float64).eps)


def checked_matrix(matrix: ArrayLike) -> Array:
    """Return a matrix if it is invertible, else raise an error that says its rank.

    Raises
    ------
    FeatureError
        If it is no array of numbers, not square, not finite or singular.

    Examples
    --------
    >>> checked_matrix([[1.0, 2.0], [2.0, 4.0]])
    Traceback (most recent call last):
        ...
    tnet.errors.FeatureError: the template matrix has rank 1 of 2; ...
    """
    found = as_numbers(matrix, what="the template matrix", error=FeatureError)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not np.isfinite(found).all():
        raise FeatureError(
            f"the template matrix has shape {found.shape}; give a finite square matrix, a row per "
            "template and a column per function"
        )
    rank = numerical_rank(found)
    if rank < len(found):
        raise FeatureError(
            f"the template matrix has rank {rank} of {len(found)}; take templates on which it is "
            "invertible, as invertible_templates finds"
        )
    return found
