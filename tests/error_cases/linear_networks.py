"""Mistakes in training linear networks, and descents that diverge."""

from error_cases.case import Group

SETUP = """\
import numpy as np
from tnet.expressiveness.linear_networks.balanced import balanced_factors
from tnet.expressiveness.linear_networks.comparison import compare_descents
from tnet.expressiveness.linear_networks.descent import descend_factors
from tnet.expressiveness.linear_networks.factors import end_to_end, linear_factors
from tnet.expressiveness.linear_networks.optimisers import descend
from tnet.expressiveness.linear_networks.regression import generated_regression, l_p_regression
from tnet.expressiveness.linear_networks.rules import (
    end_to_end_gradient,
    single_output_gradient,
)
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
        "end_to_end(3)",
        "end_to_end([[[1.0], [1.0, 2.0]]])",
        "end_to_end([np.ones(3)])",
        "end_to_end([np.ones((2, 3)), np.ones((1, 3))])",
        "end_to_end([1e200 * one, 1e200 * one])",
        "linear_factors(3, {})",
        "end_to_end_gradient(np.ones((1, 2)), np.ones((2, 1)), 2)",
        "single_output_gradient([[1.0], [1.0, 2.0]], [1.0], 2)",
        "single_output_gradient([[1.0, 2.0]], [1.0, 2.0], 2)",
        "balanced_factors(np.eye(2), (2, 3))",
        "balanced_factors(np.eye(2), (2, 1, 2))",
        # Losses.
        "l_p_regression([[1.0], [1.0, 2.0]], [1.0, 2.0])",
        "l_p_regression([['a']], [1.0])",
        "l_p_regression([[1.0], [np.inf]], [1.0, 2.0])",
        "l_p_regression([[1.0]], [1.0, 2.0])",
        "l_p_regression([[1.0]], [1.0], power=1)",
        "generated_regression(5, 2, condition=0.5)",
        "generated_regression(5, 2, seed=-1)",
        "fourth([[1j]])",
        "fourth([[1.0], [1.0, 2.0]])",
        # Descents.
        "descend(square, one, rate=0, steps=1)",
        "descend(square, one, optimiser='adam', rate=1, steps=1)",
        "descend(3, one, rate=1, steps=1)",
        "descend(lambda matrix: None, one, rate=1, steps=1)",
        "descend(lambda matrix: (1.0, [[1.0], [1.0, 2.0]]), one, rate=1, steps=1)",
        "descend(lambda matrix: (1.0, np.ones(3)), one, rate=1, steps=1)",
        "descend(lambda matrix: (np.inf, matrix), one, rate=1, steps=1)",
        "descend(fourth, np.ones((2, 2)), rate=1, steps=1)",
        "descend(fourth, [[4.0]], rate=1.5, steps=1000)",
        "descend(square, one, rate=0.1, steps=1).steps_to(None)",
        "compare_descents(square, one, steps=1, rates=())",
        "compare_descents(square, one, steps=1, depths=2)",
        "compare_descents(square, 0 * one, steps=1)",
        "compare_descents(square, one, steps=1, rates=(0.1,)).excess('depth 7')",
        "compare_descents(fourth, [[4.0]], steps=30, depths=(1,), optimisers=(), rates=(1e3, 2e3))",
        "agreement(square, [one], rate=0.1, steps=2)",
        "agreement(square, [one, one], rate=0.1, steps=2, halvings=40)",
    ),
)
