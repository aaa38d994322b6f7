"""Linear networks: what depth does to descent, where it changes no function."""

from tnet.expressiveness.linear_networks.balanced import balanced_factors, balanced_start
from tnet.expressiveness.linear_networks.comparison import DescentComparison, compare_descents
from tnet.expressiveness.linear_networks.descent import descend_end_to_end, descend_factors
from tnet.expressiveness.linear_networks.factors import (
    as_linear,
    balance_residual,
    end_to_end,
    linear_factors,
)
from tnet.expressiveness.linear_networks.following import Descent
from tnet.expressiveness.linear_networks.optimisers import descend
from tnet.expressiveness.linear_networks.regression import (
    PowerRegression,
    generated_regression,
    l_p_regression,
)
from tnet.expressiveness.linear_networks.rules import end_to_end_gradient, single_output_gradient
from tnet.expressiveness.linear_networks.two_descents import Agreement, agreement

__all__ = [
    "Agreement",
    "Descent",
    "DescentComparison",
    "PowerRegression",
    "agreement",
    "as_linear",
    "balance_residual",
    "balanced_factors",
    "balanced_start",
    "compare_descents",
    "descend",
    "descend_end_to_end",
    "descend_factors",
    "end_to_end",
    "end_to_end_gradient",
    "generated_regression",
    "l_p_regression",
    "linear_factors",
    "single_output_gradient",
]


def __dir__() -> list[str]:
    return __all__
