"""One filter for all elements: symmetric tensors as few powers, or as maxima over sets."""

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from tnet.errors import FunctionError, SizeLimitError, VerificationError
from tnet.expressiveness.universality.boxes import fibres_through
from tnet.expressiveness.universality.chains import fewest_chains, strictly_inside
from tnet.expressiveness.universality.targets import (
    ROUNDING,
    TOLERANCE,
    Terms,
    commonest,
    is_whole,
    zero_below,
)

Array = NDArray[Any]

_MOST_POWERS = 1024
"""Multisets of templates, for which a system of equations is solved."""

_MOST_SETS = 2048
"""Sets of templates that are compared pair by pair."""

_MARGIN = 4
"""Candidates per power that is chosen."""


def check_symmetric(tensor: Array) -> None:
    """Raise an error that names two permuted grid points of different values, if there are any.

    Raises
    ------
    FunctionError
        If the tensor is not symmetric.

    Examples
    --------
    >>> check_symmetric(np.array([[0.0, 1.0], [2.0, 0.0]]))
    Traceback (most recent call last):
        ...
    tnet.errors.FunctionError: one filter ... T[0, 1] = 1.0 but T[1, 0] = 2.0; ...
    """
    least = zero_below(tensor)
    for axis in range(tensor.ndim - 1):
        difference = np.abs(tensor - np.swapaxes(tensor, axis, axis + 1))
        if difference.max() > least:
            point = [int(d) for d in np.unravel_index(int(difference.argmax()), tensor.shape)]
            swapped = [*point]
            swapped[axis : axis + 2] = point[axis + 1], point[axis]
            raise FunctionError(
                "one filter for all elements gives permuted inputs one value, and "
                f"{_values(tensor, point, swapped)}; leave shared out, or make the tensor "
                "symmetric"
            )


def _values(tensor: Array, *points: list[int]) -> str:
    return " but ".join(f"T{point} = {float(tensor[tuple(point)])!r}" for point in points)


def power_terms(tensor: Array) -> Terms:
    r"""Write a symmetric tensor as a sum of powers :math:`w_z v_z^{\otimes N}`.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * N
        Symmetric.

    Returns
    -------
    Terms
        At most :math:`\binom{M+N-1}{N}`; as few as the rank for N = 2, one for a power.

    Raises
    ------
    SizeLimitError
        If that number is too large for a system of equations.
    VerificationError
        If the equations are so ill-conditioned that rounding is too large.

    Notes
    -----
    Powers span the symmetric tensors: a symmetric tensor orthogonal to all is a form
    :math:`\langle A, v^{\otimes N} \rangle` that is zero for every v, so all its coefficients are
    0. Hence some :math:`\binom{M+N-1}{N}`, the dimension, of powers are a basis. The unit vectors
    are taken first, and of random unit vectors those that a QR factorisation with pivots takes.
    Coordinates are entries times the root of how many permutations they have, so that the inner
    product of two powers is that of the vectors to the N.

    Examples
    --------
    >>> power_terms(np.array([[0.0, 1.0], [1.0, 0.0]])).weights.round(12).tolist()
    [1.0, -1.0]
    """
    n, m = tensor.ndim, len(tensor)
    one = _one_power(tensor)
    if one is not None:
        return one
    if n == 2:
        return _eigenvectors(tensor)
    count = math.comb(m + n - 1, n)
    if count > _MOST_POWERS:
        raise SizeLimitError(
            f"symmetric tensors of {m} templates and {n} elements have dimension {count:,}, and "
            f"the limit is {_MOST_POWERS:,} equations; take fewer, or leave shared out"
        )
    return _basis_of_powers(tensor)


def _one_power(tensor: Array) -> Terms | None:
    """The tensor as one power, if it is one up to rounding."""
    n, m = tensor.ndim, len(tensor)
    diagonal = tensor[tuple([np.arange(m)] * n)]
    place = int(np.abs(diagonal).argmax())
    weight = float(diagonal[place])
    if weight == 0:
        return Terms(np.zeros((m, 1)), np.zeros(1)) if not tensor.any() else None
    vector = fibres_through(tensor, (place,) * n)[0] / weight
    power = np.ones(())
    for _ in range(n):
        power = np.multiply.outer(power, vector)
    if np.abs(weight * power - tensor).max() > ROUNDING * np.abs(tensor).max():
        return None
    return Terms(vector[:, None], np.array([weight]))


def _eigenvectors(tensor: Array) -> Terms:
    weights, vectors = np.linalg.eigh((tensor + tensor.T) / 2)
    keep = np.abs(weights) > ROUNDING * np.abs(weights).max()
    order = np.argsort(-weights[keep], kind="stable")
    return Terms(vectors[:, keep][:, order], weights[keep][order])


def _basis_of_powers(tensor: Array) -> Terms:
    n, m = tensor.ndim, len(tensor)
    points = np.array(list(itertools.combinations_with_replacement(range(m), n)))
    copies = [math.prod(map(math.factorial, np.bincount(point).tolist())) for point in points]
    roots = np.sqrt(math.factorial(n) / np.array(copies, dtype=np.float64))
    drawn = np.random.default_rng(0).standard_normal((_MARGIN * len(points), m))
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    candidates = np.concatenate([np.eye(m), unit])
    columns = candidates.T[points].prod(axis=1) * roots[:, None]
    # The unit vectors' powers are orthonormal: what is left of the others beside them is pivoted.
    left = columns[:, m:] - columns[:, :m] @ (columns[:, :m].T @ columns[:, m:])
    order = qr(left, mode="r", pivoting=True)[1][: len(points) - m]
    chosen = np.append(np.arange(m), m + order)
    system = columns[:, chosen]
    wanted = tensor[tuple(points.T)] * roots
    weights = np.linalg.solve(system, wanted)
    weights += np.linalg.solve(system, wanted - system @ weights)
    error = float(np.abs((system @ weights - wanted) / roots).max())
    largest = float(np.abs(tensor).max())
    if error > TOLERANCE * largest:
        raise VerificationError(
            f"the powers miss the tensor by {error / largest:.2g} of its largest entry; their "
            f"{len(points)} equations have a condition number of {np.linalg.cond(system):.3g}: "
            "take fewer templates or elements"
        )
    keep = np.abs(weights) > ROUNDING * np.abs(weights).max()
    return Terms(candidates[chosen[keep]].T, weights[keep])


def set_terms(tensor: Array) -> tuple[Terms, bool]:
    r"""Write a function of the set of templates that occur as maxima over that set.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * N
        Symmetric.

    Returns
    -------
    terms : Terms
        At most one channel per set of at most N templates.
    is_least : bool
        Whether no network has fewer channels.

    Raises
    ------
    FunctionError
        If the tensor depends on how often a template occurs; the message names two grid points.
    SizeLimitError
        If there are too many sets.

    Notes
    -----
    A shared channel is :math:`\max_{d \in S} \max(a_d, 0)`, S the set of templates that occur. So
    all values depend on S alone, :math:`f(S)` with :math:`1 \le |S| \le \min(M, N)`. Conversely
    let :math:`\mu(C) = \sum_{\emptyset \ne S \subseteq C} (-1)^{|C|-|S|} f(S)`, so that
    :math:`f(S) = \sum_C \mu(C) [C \subseteq S]` (Moebius inversion), and put in

    .. math:: [C \subseteq S] = \sum_{\emptyset \ne B \subseteq C} (-1)^{|B|+1}
        [S \cap B \ne \emptyset] .

    That is :math:`f(S) = \sum_B w_B [S \cap B \ne \emptyset]`, with :math:`|B| \le \min(M, N)`,
    and :math:`[S \cap B \ne \emptyset]` is the channel with ones on B: at most
    :math:`\sum_{k=1}^{\min(M,N)} \binom{M}{k}` of them, :math:`2^M - 1` for N of M and more. Sets
    in a chain with weights of one sign are one channel, :math:`a_d = \sum_{B \ni d} |w_B|`; the
    chains are as few as can be. For N of M and more that is the least number of channels: the
    w are unique, each channel is a chain, and those of one sign must cover the w of that sign.
    For N below M they are not: sets of more than N templates do not occur, and f can be anything
    there. Then one maximum is looked for first, and a constant, the most frequent value, the least
    or the largest, is tried as a channel of ones, :math:`w_B` for B the set of all templates.

    Examples
    --------
    >>> set_terms(np.array([[1.0, 3.0], [3.0, 3.0]]))[0].weights.tolist()
    [1.0]
    """
    n, m = tensor.ndim, len(tensor)
    if sum(math.comb(m, k) for k in range(1, min(m, n) + 1)) > _MOST_SETS:
        raise SizeLimitError(
            f"{m} templates have more than {_MOST_SETS:,} sets of at most {n}; take fewer, or "
            "leave shared out"
        )
    sets = [
        members
        for size in range(1, min(m, n) + 1)
        for members in itertools.combinations(range(m), size)
    ]
    _check_multiplicities(tensor)
    flags = np.zeros((len(sets), m), dtype=bool)
    for row, members in enumerate(sets):
        flags[row, list(members)] = True
    values = np.array([tensor[(*members, *[members[0]] * (n - len(members)))] for members in sets])
    if n >= m:
        return _chained(flags, _weights(flags, values, tensor)), True
    least = zero_below(tensor)
    constants = dict.fromkeys((0.0, commonest(values), float(values.min()), float(values.max())))
    ones = np.ones((1, m), dtype=bool)
    found = []
    for constant in constants:
        one = _one_maximum(flags, values - constant, least)
        if one is not None:
            found.append(_with_constant(one, constant))
        weights = np.append(_weights(flags, values - constant, tensor), constant)
        found.append(_chained(np.concatenate([flags, ones]), weights))
    return min(found, key=lambda terms: len(terms.weights)), False


def _one_maximum(flags: Array, values: Array, least: float) -> Terms | None:
    """The values on the sets as one maximum over each, if they are."""
    singles = values[: flags.shape[1]]
    for sign in (1.0, -1.0):
        numbers = np.maximum(sign * singles, 0)
        if np.abs(np.where(flags, numbers, 0).max(axis=1) - sign * values).max() <= least:
            return Terms(numbers[:, None], np.array([sign]))
    return None


def _with_constant(one: Terms, constant: float) -> Terms:
    """Add a constant: to the numbers of a channel of its sign, or as a channel of ones."""
    if constant * one.weights[0] >= 0:
        return Terms(one.values + abs(constant), one.weights)
    ones = np.ones((len(one.values), 1))
    return Terms(np.concatenate([one.values, ones], axis=1), np.append(one.weights, constant))


def _weights(flags: Array, values: Array, tensor: Array) -> Array:
    """Weights of the sets by Moebius inversion; 0 where they are rounding of the tensor's size."""
    signs = np.where(flags.sum(axis=1) % 2, 1.0, -1.0)
    below = strictly_inside(flags) + np.eye(len(flags))
    weights: Array = signs * (below @ (signs * (below.T @ (signs * values))))
    largest = max(float(np.abs(weights).max()), float(np.abs(tensor).max()))
    weights[np.abs(weights) <= (0.0 if is_whole(tensor) else ROUNDING * largest)] = 0
    return weights


def _chained(flags: Array, weights: Array) -> Terms:
    """One channel per chain of sets with weights of one sign."""
    channels, outer = list[Array](), list[float]()
    inside = strictly_inside(flags)
    for sign in (1.0, -1.0):
        found = np.flatnonzero(sign * weights > 0)
        if len(found):
            chains = fewest_chains(inside[np.ix_(found, found)])
            channels += [np.abs(weights[found[chain]]) @ flags[found[chain]] for chain in chains]
            outer += [sign] * len(chains)
    if not channels:
        return Terms(np.zeros((flags.shape[1], 1)), np.zeros(1))
    return Terms(np.array(channels).T, np.array(outer))


def _check_multiplicities(tensor: Array) -> None:
    """Raise an error unless the tensor is a function of the set of templates that occur."""
    n, first = tensor.ndim, dict[tuple[int, ...], tuple[int, ...]]()
    least = zero_below(tensor)
    for point in itertools.combinations_with_replacement(range(len(tensor)), n):
        other = first.setdefault(tuple(sorted(set(point))), point)
        if abs(tensor[point] - tensor[other]) > least:
            raise FunctionError(
                "one filter and the maximum see which templates occur and not how often, and "
                f"{_values(tensor, list(other), list(point))}; leave shared out, or use "
                "by='product'"
            )
