"""Weights of a deep ReLU/max `ConvNet` of which one channel alone is alive."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.errors import SpecError
from tnet.expressiveness.arguments import network_of
from tnet.expressiveness.depth.deep_specs import check_levels, check_rectifier, check_regular
from tnet.expressiveness.depth.radius import largest_below

Array = NDArray[Any]

_ABOVE = 3.0
"""Smallest weight of the element that is above all others, whose largest is 1."""


def conv_centre(spec: ConvNet, shallow: str) -> dict[str, Array]:
    """Return weights in the middle of the open set.

    Examples
    --------
    >>> deep = ConvNet(4, features=3, widths=(2, 2), operator="max")
    >>> conv_centre(deep, "product")["conv0"][:2, :, 0].tolist()
    [[3.0, 3.5, 4.0], [0.0, 0.5, 1.0]]
    """
    check_levels(spec)
    check_rectifier(spec)
    check_regular(spec)
    if shallow == "product" and spec.shared:
        raise SpecError(
            "shared is True, so that no element can be above the others; leave weights unshared, "
            "or ask for shallow='max'"
        )
    found = {name: np.zeros(shape) for name, shape in network_of(spec).parameter_shapes.items()}
    found["conv0"][...] = -1
    found["conv0"][..., 0] = np.linspace(0, 1, spec.features)
    if shallow == "product":
        found["conv0"][0, :, 0] += _ABOVE
    for level in range(1, len(spec.widths)):
        found[f"conv{level}"][..., 0, :] = -1
        found[f"conv{level}"][..., 0, 0] = 1
    found["out"][0] = 1
    return found


def conv_radius(spec: ConvNet, shallow: str) -> float:
    """Return what every weight of the centre may change by, less than.

    Examples
    --------
    >>> round(conv_radius(ConvNet(4, features=3, widths=(2, 2), operator="max"), "product"), 6)
    0.333333
    """
    if shallow == "max":
        return 1.0
    above = len(spec.widths) - 1
    return largest_below(
        lambda epsilon: (
            (1 - epsilon) ** above * (_ABOVE - epsilon) > (1 + epsilon) ** above * (1 + epsilon)
        ),
        1.0,
    )


def conv_channel(
    spec: ConvNet, shallow: str, parameters: dict[str, Array]
) -> tuple[Array, float] | None:
    """Return the vectors (N, M) and the weight of the one shallow channel, None if there is none.

    Examples
    --------
    >>> deep = ConvNet(4, features=2, widths=(2, 2), operator="max")
    >>> vectors, weight = conv_channel(deep, "max", conv_centre(deep, "max"))
    >>> vectors[1].tolist(), weight
    ([0.0, 1.0], 1.0)
    """
    tree = spec.tree
    leaves = parameters["conv0"]
    alive = bool((leaves[..., 1:] < 0).all())
    factors = np.ones(tree.n_modes)
    node: NDArray[np.integer] = np.arange(tree.n_modes)
    for level in range(1, len(spec.widths)):
        array = parameters[f"conv{level}"]
        alive &= bool((array[..., 0, 0] > 0).all() and (array[..., 0, 1:] < 0).all())
        node = tree.parent[node]
        passed = array[..., 0, 0]
        factors *= passed if spec.shared else passed[node - tree.level_start[level]]
    vectors = factors[:, None] * np.broadcast_to(leaves[..., 0], (tree.n_modes, spec.features))
    if not alive:
        return None
    weight = float(parameters["out"][0])
    if shallow == "max":
        return vectors, weight
    if vectors[0].min() <= max(0.0, vectors[1:].max()):
        return None
    return np.concatenate([vectors[:1], np.ones_like(vectors[1:])]), weight
