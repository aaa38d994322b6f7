"""Mistakes about networks of rectifiers and of threshold units."""

from error_cases.case import Case, Group

SETUP = """\
from unittest import mock

import numpy as np
from tnet.expressiveness.rectifier.affine import Affine
from tnet.expressiveness.rectifier.facets import facet_witness, facets
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.rectified import to_rectifier
from tnet.expressiveness.rectifier.reduction import to_fewer_rectifiers
from tnet.expressiveness.rectifier.regions import decision_regions
from tnet.expressiveness.rectifier.three_signs import two_for_three
from tnet.expressiveness.rectifier.threshold_form import to_threshold
from tnet.expressiveness.rectifier.thresholds import ThresholdLayer, ThresholdNetwork

one = Affine([[1.0]], [0.0])
three = Affine(np.eye(3), np.zeros(3))
layer = ThresholdLayer.disjunction(three)
many = Affine(np.random.default_rng(0).standard_normal((4096, 5)), np.zeros(4096))
four = Affine(np.vander([1.0, 2.0, 3.0, 5.0]), np.zeros(4))
failed = mock.Mock(status=4, message="numerical difficulties")
plane = facet_witness(2, 2)
alike = ThresholdLayer.disjunction(Affine([[1.0], [2.0], [3.0]], [0.0, 0.0, 1.0]))
"""

GROUP = Group(
    "Rectifiers and threshold units",
    SETUP,
    (
        # Weights and points.
        "Affine([[1, 2], [1]], [0, 0])",
        "Affine([[1j]], [0])",
        "Affine([[np.nan]], [0])",
        "Affine([[1.0], [2.0]], [0, 0, 0])",
        "RectifierNetwork(one, three, 0)",
        "RectifierNetwork.from_layers([[1], [2]], [0, 0], [1], 0)",
        "plane(np.zeros((4, 3)))",
        "ThresholdNetwork(one, [0, 2], 'dnf')",
        "ThresholdNetwork(one, [0, 1], 'xor')",
        "ThresholdNetwork(three, [0, 1, 3], 'dnf').single_layer()",
        "ThresholdLayer.disjunction([[1.0]])",
        # Between rectifiers and threshold units.
        "to_threshold(facet_witness(30, 30))",
        "to_threshold(facet_witness(40, 40), prune=True)",
        "to_rectifier(layer, eps=0)",
        "to_rectifier(layer, ramp='above')",
        "to_fewer_rectifiers(layer)",
        "to_fewer_rectifiers(layer, order='sorted')",
        "to_fewer_rectifiers(ThresholdLayer.conjunction(Affine(np.eye(2), np.zeros(2))))",
        "to_fewer_rectifiers(ThresholdLayer.disjunction(many))",
        "two_for_three(ThresholdLayer.conjunction(three))",
        "two_for_three(alike)",
        # Facets and regions.
        "facets(RectifierNetwork(one, one, 0))",
        "facet_witness(3, 2)",
        "decision_regions(facet_witness(2, 3), ((0, 1), (0, 1)))",
        "decision_regions(plane, ((1, 0), (0, 1)))",
        "decision_regions(plane, None)",
        "decision_regions(plane, ((0, 1e200), (0, 1)))",
        "decision_regions(plane, ((0, 1), (0, 1)), resolution=10**6)",
        "decision_regions(plane, ((0, 1), (0, 1)), cell_limit=3)",
        Case(
            "with mock.patch('scipy.optimize.linprog', return_value=failed): "
            "to_fewer_rectifiers(ThresholdLayer.disjunction(four))",
            "a linear programme that fails",
        ),
    ),
)
