"""The demo: two pooling geometries on real images, their cuts, and checks of every number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.convnet import ConvNet
from tnet.contraction.evaluate import evaluate
from tnet.cuts.min_cut import min_cut
from tnet.cuts.result import MinCut
from tnet.design.digits import (
    N_CLASSES,
    SHAPE,
    Digits,
    load_digits,
    noisy_averages,
    plain_forward_pass,
)
from tnet.entanglement.spectrum import schmidt_spectrum
from tnet.geometry import partitions
from tnet.network.parameters import random_parameters

GEOMETRIES = ("square", "mirror")
WIDTHS = (8, 32, 256)
PARTITIONS: Mapping[str, Callable[[tuple[int, ...]], NDArray[np.bool_]]] = {
    "left/right": partitions.left_right,
    "top/bottom": partitions.top_bottom,
    "checkerboard": partitions.checkerboard,
    "centre": partitions.centre,
}
STAGES = (
    "reading digits",
    *(f"{name}: {job}" for name in GEOMETRIES for job in ("cuts", "images")),
    "ranks of a small network",
)

_SMALLEST_RATIO = 1e-6
"""Singular values of the channels below this share of the largest are left out of the fit."""

_SMALL_SHAPE = (4, 4)
_SMALL_WIDTHS = (2, 4)


@dataclass(frozen=True, eq=False)
class OnDigits:
    """One geometry on the images.

    Attributes
    ----------
    spec : ConvNet
        The architecture.
    cuts : mapping of str to MinCut
        By name of the partition.
    difference : float
        Largest difference of a score to the plain forward pass, relative to the largest score.
    train_accuracy, test_accuracy : float
        Share of images told right after the output layer alone was fitted.
    """

    spec: ConvNet
    cuts: Mapping[str, MinCut]
    difference: float
    train_accuracy: float
    test_accuracy: float


@dataclass(frozen=True, eq=False)
class RankCheck:
    """A cut beside the rank measured for random weights, on a network small enough for both."""

    spec: ConvNet
    partition: str
    cut: MinCut
    rank: int


@dataclass(frozen=True, eq=False)
class DemoReport:
    """All that the demo finds.

    Attributes
    ----------
    n_train, n_test : int
        Number of images to fit on and to test on.
    geometries : mapping of str to OnDigits
        By name.
    rank_checks : tuple of RankCheck
        Cut beside rank.
    """

    n_train: int
    n_test: int
    geometries: Mapping[str, OnDigits]
    rank_checks: tuple[RankCheck, ...]


def _silent(stage: str) -> None:
    """Tell nobody."""


def run_demo(*, progress: Callable[[str], None] = _silent) -> DemoReport:
    """Compile, cut, evaluate, fit and check, on the digit images of scikit-learn.

    Parameters
    ----------
    progress : callable
        Called with each name of `STAGES` when that stage is done.

    Returns
    -------
    DemoReport

    Raises
    ------
    MissingLibraryError
        If scikit-learn is not installed.
    """
    digits = load_digits()
    progress(STAGES[0])
    found = {}
    for name in GEOMETRIES:
        spec = ConvNet(SHAPE, features=2, widths=WIDTHS, pooling=name, outputs=N_CLASSES)
        network = spec.compile()
        cuts = {title: min_cut(network, side(SHAPE)) for title, side in PARTITIONS.items()}
        progress(f"{name}: cuts")
        found[name] = _on_digits(spec, cuts, digits)
        progress(f"{name}: images")
    checks = tuple(
        _rank_check(name, title) for name in GEOMETRIES for title in ("left/right", "checkerboard")
    )
    progress(STAGES[-1])
    return DemoReport(len(digits.train), len(digits.test), found, checks)


def _on_digits(spec: ConvNet, cuts: Mapping[str, MinCut], digits: Digits) -> OnDigits:
    network = spec.compile()
    parameters = noisy_averages(network)
    parameters["out"] = _fitted_output(spec, parameters, digits)
    scores = evaluate(network, parameters, digits.features)
    plain = plain_forward_pass(str(spec.pooling), parameters, digits.features)
    right = scores.argmax(axis=1) == digits.labels
    return OnDigits(
        spec,
        cuts,
        float(np.abs(scores - plain).max() / np.abs(plain).max()),
        float(right[digits.train].mean()),
        float(right[digits.test].mean()),
    )


def _fitted_output(
    spec: ConvNet, parameters: Mapping[str, NDArray[Any]], digits: Digits
) -> NDArray[Any]:
    """Fit the output layer by least squares to the labels, the lower layers as they are."""
    top = spec.widths[-1]
    headless = ConvNet(
        spec.inputs,
        features=spec.features,
        widths=spec.widths,
        pooling=spec.pooling,
        outputs=top,
    ).compile()
    channels = evaluate(headless, {**parameters, "out": np.eye(top)}, digits.features)
    targets = np.eye(N_CLASSES)[digits.labels]
    fitted: NDArray[Any] = np.linalg.lstsq(
        channels[digits.train], targets[digits.train], rcond=_SMALLEST_RATIO
    )[0]
    return fitted


def _rank_check(pooling: str, title: str) -> RankCheck:
    spec = ConvNet(_SMALL_SHAPE, features=2, widths=_SMALL_WIDTHS, pooling=pooling)
    network = spec.compile()
    side = PARTITIONS[title](_SMALL_SHAPE)
    spectrum = schmidt_spectrum(network, random_parameters(network), side)
    return RankCheck(spec, title, min_cut(network, side), spectrum.number())
