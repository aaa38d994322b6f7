"""Mistakes in asking for spectra, ranks and certificates, and certificates that are forged."""

from error_cases.case import Case, Group

SETUP = """\
import dataclasses

import numpy as np
import tnet
from error_cases.faults import free, replaced

network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
weights = tnet.random_parameters(network)
maxima = tnet.ConvNet(4, features=2, widths=(2, 2), operator="max").compile()
twice = tnet.DeepRecurrent(2, features=2, hidden=2).compile()
spectrum = tnet.schmidt_spectrum(network, weights, [0, 1])
sides = np.zeros((2, 4), bool)
cycle = tnet.from_einsum("abwx,cdwy->abcdxy", (2, 3, 2, 2), (2, 3, 2, 2))
draws = tnet.max_schmidt_number(tnet.from_einsum("abw,cdw->abcd", (2, 3, 2), (2, 3, 2)), [0, 3])
points = np.ones((3, 2))


def changed(**changes):
    certificate = dataclasses.replace(draws.certificate, **changes)
    return dataclasses.replace(draws, certificate=certificate)


def total(whole):
    return whole.reshape(len(whole), -1).sum(axis=1)
"""

_RANK = "tnet.separation_rank"

GROUP = Group(
    "Entanglement",
    SETUP,
    (
        # Spectra.
        "tnet.schmidt_spectrum(maxima, weights, [0])",
        "tnet.schmidt_spectrum(network, weights, [0], output=1)",
        "tnet.schmidt_spectrum(network, weights, [0], feature_gram=[[1], [0, 1]])",
        "tnet.schmidt_spectrum(network, weights, [0], feature_gram=np.eye(3))",
        "tnet.schmidt_spectrum(network, weights, [0], feature_gram=[[1, 2], [3, 4]])",
        "tnet.schmidt_spectrum(network, weights, [0], feature_gram=[[1, 2], [2, 1]])",
        "tnet.schmidt_spectrum(twice, tnet.random_parameters(twice), [0], feature_gram=np.eye(2))",
        "spectrum.number(rtol=2)",
        "spectrum.entropy(base=1)",
        "spectrum.renyi_entropy(-1)",
        # Profiles.
        "tnet.entanglement_profile(network, weights, [[True], [True, False]])",
        "tnet.entanglement_profile(network, weights, [0, 1])",
        "tnet.entanglement_profile(network, weights, sides, executor=3)",
        Case(
            "with replaced('entanglement.profile.schmidt_spectrum', lambda *_, **__: 1 / 0): "
            "tnet.entanglement_profile(network, weights, sides)",
            "a partition of a profile that fails",
        ),
        # Ranks of functions by their values.
        f"{_RANK}('total', [0, 1], points, points)",
        f"{_RANK}(total, [0, 1], points, points, output=0.5)",
        f"{_RANK}(total, [0, 1], points, points, block=0)",
        f"{_RANK}(total, [0, 1], [[1], [1, 2]], points)",
        f"{_RANK}(total, [0, 1], [1, 2], points)",
        f"{_RANK}(total, [0, 1], points * np.inf, points)",
        f"{_RANK}(total, [0, 1], np.ones((3, 2, 5)), points)",
        f"{_RANK}(total, 3, points, points)",
        f"{_RANK}(total, ['x'], points, points)",
        f"{_RANK}(total, [0, 0], points, points)",
        f"{_RANK}(total, [0], points, points)",
        f"with free(1000): {_RANK}(total, [0, 1], np.ones((3000, 2)), np.ones((3000, 2)))",
        f"{_RANK}(lambda whole: [[1], [1, 2]], [0, 1], points, points)",
        f"{_RANK}(lambda whole: whole, [0, 1], np.ones((3, 2, 5)), np.ones((3, 2, 5)))",
        f"{_RANK}(total, [0, 1], points, points, output=1)",
        f"{_RANK}(lambda whole: total(whole) * np.nan, [0, 1], points, points)",
        # The largest Schmidt number over all weights.
        "tnet.max_schmidt_number(maxima, [0])",
        "tnet.max_schmidt_number(network, [0], seed=-1)",
        "tnet.max_schmidt_number(network, [0], of='weights')",
        # Answers that do not hold: each is recomputed before it is believed.
        Case(
            "with replaced('entanglement.witnesses.random_rank', lambda *_, **__: "
            "dataclasses.replace(draws.certificate, rank=9)): "
            "tnet.max_schmidt_number(draws.network, [0, 3])",
            "a rank above its upper bound",
        ),
        "dataclasses.replace(draws, output=1).verify()",
        "dataclasses.replace(draws, certificate=3).verify()",
        "changed(rank=3.5).verify()",
        "changed(rank=99).verify()",
        "changed(draw=2).verify()",
        "changed(seed=7).verify()",
    ),
)
