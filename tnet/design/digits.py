"""The 8x8 digit images that scikit-learn ships, and a plain forward pass over a grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.errors import MissingLibraryError
from tnet.network.model import TensorNetwork

Array = NDArray[Any]

SHAPE = (8, 8)
N_CLASSES = 10
N_TRAIN = 1200

_BRIGHTEST = 16.0
_NOISE = 0.1


@dataclass(frozen=True, eq=False)
class Digits:
    """1,797 images of handwritten digits as features, split for fitting and for testing.

    Attributes
    ----------
    features : ndarray of float, shape (1797, 64, 2)
        Brightness b of every pixel, row by row, and 1 - b; b between 0 and 1.
    labels : ndarray of int, shape (1797,)
        The digit each image shows.
    train, test : ndarray of int
        Numbers of the images to fit on, and of the rest.
    """

    features: Array
    labels: Array
    train: Array
    test: Array


def load_digits(*, seed: int = 0) -> Digits:
    """Read the images and split them at random.

    Parameters
    ----------
    seed : int
        Seed of the split.

    Returns
    -------
    Digits

    Raises
    ------
    MissingLibraryError
        If scikit-learn is not installed.
    """
    try:
        from sklearn import datasets
    except ImportError:
        raise MissingLibraryError(
            "the digit images come with scikit-learn, which is not installed; "
            "run: pip install 'tnet[examples]'"
        ) from None
    images, labels = datasets.load_digits(return_X_y=True)
    brightness = images / _BRIGHTEST
    order = np.random.default_rng(seed).permutation(len(labels))
    features = np.stack([brightness, 1 - brightness], axis=-1)
    return Digits(features, labels, order[:N_TRAIN], order[N_TRAIN:])


def noisy_averages(network: TensorNetwork, *, seed: int = 0) -> dict[str, Array]:
    """Draw weights near the average over a filter's inputs.

    Products of 64 factors keep their size only where each factor stays near 1. So every filter
    averages what comes in, and carries the signal as normal noise around that.

    Parameters
    ----------
    network : TensorNetwork
        A compiled ConvNet over features b and 1 - b, which average to 1/2.
    seed : int
        Seed of NumPy's default generator.

    Returns
    -------
    dict of str to ndarray
        One array per parameter.
    """
    generator = np.random.default_rng(seed)
    parameters = {}
    for group in network.tensor_groups:
        shape = network.parameter_shape(group)
        fan_in = network.group_dims(group)[0]
        noise = 1 + _NOISE * np.sqrt(fan_in) * generator.standard_normal(shape)
        parameters[group.parameter] = noise / fan_in * (2 if group.name == "conv0" else 1)
    return parameters


def plain_forward_pass(pooling: str, parameters: Mapping[str, Array], features: Array) -> Array:
    """Score images by array slicing on the grid alone, without graph or mode tree.

    Parameters
    ----------
    pooling : {'square', 'mirror'}
        Which pixels a window multiplies: 2x2 neighbours, or a pixel and its reflections.
    parameters : mapping of str to ndarray
        ``conv0`` and so on, one matrix per location, row by row; and ``out``.
    features : ndarray, shape (B, 64, 2)
        Features of every pixel.

    Returns
    -------
    ndarray, shape (B, outputs)
    """
    side, level = SHAPE[0], 0
    values = features.reshape(len(features), side, side, -1)
    while side > 1:
        matrices = parameters[f"conv{level}"]
        matrices = matrices.reshape(side, side, *matrices.shape[1:])
        mixed = np.einsum("bijc,ijcr->bijr", values, matrices)
        half = side // 2
        if pooling == "square":
            rows = mixed[:, 0::2] * mixed[:, 1::2]
            values = rows[:, :, 0::2] * rows[:, :, 1::2]
        else:
            rows = mixed[:, :half] * mixed[:, ::-1][:, :half]
            values = rows[:, :, :half] * rows[:, :, ::-1][:, :, :half]
        side, level = half, level + 1
    return np.asarray(values[:, 0, 0] @ parameters["out"])
