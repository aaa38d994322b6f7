"""Mistakes in training linear networks, and descents that diverge."""

from error_cases.case import Group

SETUP = """\
import numpy as np
from tnet.expressiveness.linear_networks.balanced import balanced_factors
from tnet.expressiveness.linear_networks.comparison import compare_descents
from tnet.expressiveness.linear_networks.descent import descend_factors
from tnet.expressiveness.linear_networks.factors import end_to_end
from tnet.expressiveness.linear_networks.optimisers import descend
from tnet.expressiveness.linear_networks.regression import generated_regression, l_p_regression
from tnet.expressiveness.linear_networks.rules import end_to_end_gradient
from tnet.expressiveness.linear_networks.two_descents import agreement


def square(matrix):
    return float((matrix**2).sum()), 2 * matrix


one = np.ones((1, 1))
fourth = l_p_regression([[1.0]], [1.0], power=4)
"""

GROUP = Group(
    "Linear networks",
    SETUP,
    (
        # Factors.
        "end_to_end([])",
        "end_to_end([[[1.0], [1.0, 2.0]]])",
        "end_to_end([np.ones(3)])",
        "end_to_end([np.ones((2, 3)), np.ones((1, 3))])",
        "end_to_end_gradient(np.ones((1, 2)), np.ones((2, 1)), 2)",
        "balanced_factors(np.eye(2), (2, 3))",
        "balanced_factors(np.eye(2), (2, 1, 2))",
        # Losses.
        "l_p_regression([[1.0], [1.0, 2.0]], [1.0, 2.0])",
        "l_p_regression([['a']], [1.0])",
        "l_p_regression([[1.0], [np.inf]], [1.0, 2.0])",
        "l_p_regression([[1.0]], [1.0, 2.0])",
        "l_p_regression([[1.0]], [1.0], power=1)",
        "generated_regression(5, 2, condition=0.5)",
        # Descents.
        "descend(square, one, rate=0, steps=1)",
        "descend(square, one, optimiser='adam', rate=1, steps=1)",
        "descend(lambda matrix: (1.0, np.ones(3)), one, rate=1, steps=1)",
        "descend(lambda matrix: (np.inf, matrix), one, rate=1, steps=1)",
        "descend(fourth, np.ones((2, 2)), rate=1, steps=1)",
        "descend(fourth, [[4.0]], rate=1.5, steps=1000)",
        "compare_descents(square, one, steps=1, rates=())",
        "compare_descents(fourth, [[4.0]], steps=30, depths=(1,), optimisers=(), rates=(1e3, 2e3))",
        "agreement(square, [one], rate=0.1, steps=2)",
    ),
)
