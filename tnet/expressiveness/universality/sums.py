"""ReLU/sum networks: tensors that are sums over elements, and what rules out the others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.errors import FunctionError
from tnet.expressiveness.grid_ranks import rank_of_values
from tnet.expressiveness.universality.boxes import fibres_through
from tnet.expressiveness.universality.targets import TOLERANCE, Terms

Array = NDArray[Any]


def sum_terms(tensor: Array, *, shared: bool) -> Terms:
    r"""Write a tensor that is a sum over elements as one or two ReLU/sum channels.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * N
        Symmetric if `shared`.
    shared : bool
        Whether all elements share one matrix.

    Returns
    -------
    Terms
        Of one channel if the parts can be chosen of one sign, else of two.

    Raises
    ------
    FunctionError
        If the tensor is no such sum; the message names four grid points that show it.

    Notes
    -----
    A channel is :math:`\sum_i \max(a_i(d_i), 0)`, so the network is a sum over elements, and any
    such sum is the positive parts of its terms less the negative parts.

    Examples
    --------
    >>> sum_terms(np.add.outer([1.0, 2.0], [0.0, -3.0]), shared=False).weights.tolist()
    [1.0, -1.0]
    """
    parts = _shared_parts(tensor) if shared else _parts(tensor)
    total = parts[0]
    for part in parts[1:]:
        total = np.add.outer(total, part)
    if np.abs(total - tensor).max() > TOLERANCE * np.abs(tensor).max():
        raise FunctionError(_obstruction(tensor))
    for sign in (1.0, -1.0):
        lifted = parts if shared else _lifted(sign * parts) * sign
        if (sign * lifted >= 0).all():
            return _terms([sign * lifted], [sign], shared)
    return _terms([np.maximum(parts, 0), np.maximum(-parts, 0)], [1.0, -1.0], shared)


def _parts(tensor: Array) -> Array:
    """The term of every element, shape (N, M); the first holds the constant."""
    origin = tensor[(0,) * tensor.ndim]
    fibres = fibres_through(tensor, (0,) * tensor.ndim)
    return np.array([fibres[0], *(fibre - origin for fibre in fibres[1:])])


def _shared_parts(tensor: Array) -> Array:
    diagonal = tensor[tuple([np.arange(len(tensor))] * tensor.ndim)]
    return np.stack([diagonal / tensor.ndim] * tensor.ndim)


def _lifted(parts: Array) -> Array:
    """Give all constants to the first element, so that the others are at least 0."""
    least = parts.min(axis=1, keepdims=True)
    lifted: Array = parts - least
    lifted[0] += least.sum()
    return lifted


def _terms(channels: list[Array], weights: list[float], shared: bool) -> Terms:
    values = np.stack(channels, axis=-1)
    return Terms(values[0] if shared else values, np.array(weights))


def _obstruction(tensor: Array) -> str:
    """Four grid points whose alternating sum is not 0, between the halves if there are such."""
    n, m = tensor.ndim, len(tensor)
    half = n // 2
    matrix = tensor.reshape(m**half, -1)
    rank = rank_of_values(matrix)
    across = _worst(matrix)
    if across[2] > TOLERANCE * np.abs(tensor).max():
        points = _points(across[:2], np.arange(n) < half, m)
        first = "element 0" if half == 1 else f"the first {half} elements"
        found = (
            f"its matrix between {first} and the others has rank {rank}, and "
            f"{_alternating(tensor, points)}, so that no ReLU/sum network, shallow or of halves "
            "joined last, reaches it"
        )
    else:
        sides = [np.arange(n) == k for k in range(n)]
        turned = [np.moveaxis(tensor, k, 0).reshape(m, -1) for k in range(n)]
        worst = max(range(n), key=lambda k: _worst(turned[k])[2])
        points = _points(_worst(turned[worst])[:2], sides[worst], m)
        found = (
            "it is a sum of a function of each half, but not of each element: "
            f"{_alternating(tensor, points)}, so that no shallow ReLU/sum network reaches it"
        )
    return (
        "a ReLU/sum network adds a function of some elements to one of the others, and the tensor "
        f"is no such sum: {found}; use by='relu-max' or by='product'"
    )


def _worst(matrix: Array) -> tuple[int, int, float]:
    """Row and column whose alternating sum with the first ones is largest."""
    defects = np.abs(matrix - matrix[:1] - matrix[:, :1] + matrix[0, 0])
    row, column = np.unravel_index(int(defects.argmax()), defects.shape)
    return int(row), int(column), float(defects.max())


def _points(place: tuple[int, int], side: Array, m: int) -> list[tuple[int, ...]]:
    """Grid points (a, b), (a', b), (a, b'), (a', b'), a and b of zeros alone."""
    moved = [np.unravel_index(place[k], (m,) * int((side ^ (k == 1)).sum())) for k in (0, 1)]
    corners = []
    for on_a, on_b in ((0, 0), (1, 0), (0, 1), (1, 1)):
        point = np.zeros(len(side), dtype=int)
        if on_a:
            point[side] = moved[0]
        if on_b:
            point[~side] = moved[1]
        corners.append(tuple(point.tolist()))
    return corners


def _alternating(tensor: Array, points: list[tuple[int, ...]]) -> str:
    signs = (1, -1, -1, 1)
    value = sum(sign * tensor[point] for sign, point in zip(signs, points, strict=True))
    text = "".join(
        f" {'+' if sign > 0 else '-'} T{list(point)}"
        for sign, point in zip(signs, points, strict=True)
    )
    return f"{text[3:]} = {value:.6g}, where a sum gives 0"
