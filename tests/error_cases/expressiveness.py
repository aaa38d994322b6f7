"""Mistakes in templates, grid tensors, tilings and bounds."""

from error_cases.case import Case, Group

SETUP = """\
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tnet
from error_cases.faults import free, replaced
from tnet import AffineNeurons, BinaryPairs, Dilated, Gaussians, Mixed, OneHot, Recurrent
from tnet.expressiveness.templates import TemplateSet

network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
weights = tnet.random_parameters(network)
dilated = Dilated(4, features=2, widths=(2,))
mixed = Mixed(dilated, Dilated(4, features=2, widths=(2,), dilations=(2, 1)), features=2, width=2)
pair = [tnet.random_parameters(part) for part in mixed.networks()]
neurons = AffineNeurons([1.0, 2.0], [0.0, 0.0])
good = tnet.invertible_neurons([0.0, 1.0, 2.0])
"""

GROUP = Group(
    "Expressiveness",
    SETUP,
    (
        # Functions and templates.
        "AffineNeurons([[[1.0]]], [0.0])",
        "AffineNeurons([1.0, 2.0], [0.0])",
        "AffineNeurons([1.0], [0.0], 'tanh')",
        "AffineNeurons([[1.0, 2.0]], [0.0])(np.ones((3, 4, 5)))",
        "Gaussians([0.0, 1.0], [1.0, 1.0, 1.0])",
        "Gaussians([0.0, 1.0], [1.0, 0.0])",
        "OneHot(3)([0.5])",
        "OneHot(3)([3])",
        "BinaryPairs()([0.5, 2.0])",
        "tnet.template_matrix(neurons, np.ones((2, 2, 2)))",
        "tnet.template_matrix(3, [0.0, 1.0])",
        "tnet.template_matrix(lambda points: [1, 2], [0.0, 1.0])",
        "TemplateSet(neurons, [1.0, 1.0], None, good.claim)",
        "tnet.invertible_templates(neurons, [0.0, 0.0])",
        "tnet.invertible_neurons([0.0, 1.0], 'tanh')",
        "tnet.invertible_neurons(np.ones((2, 2, 2)))",
        "tnet.invertible_neurons([1.0, 1.0])",
        Case(
            "with replaced('expressiveness.templates.template_matrix', "
            "lambda *_: good.matrix + 1e-3): good.verify()",
            "a template matrix that does not hold",
        ),
        # Grid tensors and their ranks.
        "tnet.grid_tensor(network, [weights], np.eye(2))",
        "tnet.grid_tensor(network, weights, [np.eye(2)] * 3)",
        "tnet.grid_tensor(network, weights, np.eye(3))",
        "tnet.grid_tensor(mixed, pair, np.eye(2), modulo=7)",
        "tnet.grid_tensor(mixed, weights, np.eye(2))",
        "mixed.evaluate(pair, np.ones((3, 4, 5)))",
        "tnet.grid_tensor(tnet.TensorTrain(70, features=2, ranks=1), {}, np.eye(2))",
        "tnet.grid_coefficients(np.ones((2, 2)), np.eye(3))",
        "tnet.grid_coefficients(np.ones((2, 2)), np.ones((2, 3)))",
        "tnet.grid_coefficients(np.ones((2, 2)), np.ones((2, 2)))",
        "tnet.grid_rank([[np.nan]], [0])",
        "tnet.grid_rank(np.eye(2), [0], rtol=5)",
        # Tilings and bounds.
        "tnet.tiling_lower_bound(Dilated(4, features=2, widths=(2,), shared=True), [0])",
        "tnet.tiling_lower_bound(Dilated(8, features=2, widths=(2, 3)), [0])",
        "tnet.tiling_lower_bound(Dilated(4, features=2, widths=(2,), operator='max'), [0])",
        "tnet.mixed_lower_bound(Mixed(dilated, dilated, features=2, width=2, shared=True), [0])",
        "tnet.swapped_dilations(3, 3)",
        "tnet.single_tree_width(1, 2)",
        # Recurrent networks.
        "tnet.recurrent_width_bounds(3, 2, [2], samples=1)",
        "tnet.recurrent_width_bounds(4, 2, [], samples=1)",
        "tnet.recurrent_width_bounds(4, 2, [2], samples=1, side_a='start')",
        "tnet.recurrent_width_bounds(4, 2, [2], samples=1, shallow='norm')",
        Case(
            "with ThreadPoolExecutor() as executor, "
            "replaced('expressiveness.recurrent_bounds.random_parameters', lambda *_, **__: 1 / 0):"
            " tnet.recurrent_width_bounds(4, 2, [2], samples=1, executor=executor)",
            "a draw that fails on an executor",
        ),
        "tnet.equal_pairs(3, 2)",
    ),
)
