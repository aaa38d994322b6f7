"""Mistakes about convolutions as matrices."""

from error_cases.case import Group

SETUP = """\
import numpy as np
from tnet.expressiveness.convolution.circulants import nearest_circulant
from tnet.expressiveness.convolution.operators import convolution_operator
from tnet.expressiveness.convolution.products import compose_kernels
from tnet.expressiveness.convolution.rates import circulant_rate, szego_rate
from tnet.expressiveness.convolution.shifted_copies import shifted_copies_optimum

kernel = np.ones(3)
"""

GROUP = Group(
    "Convolution",
    SETUP,
    (
        # Kernels.
        "convolution_operator(kernel, 4, boundary='same')",
        "convolution_operator(kernel, np.array(4))",
        "convolution_operator(np.ones((2, 2)), 4)",
        "convolution_operator(kernel, 4, origin=3)",
        "convolution_operator(np.ones(8), 4)",
        "convolution_operator(kernel, 4, stride=(1, 2))",
        "convolution_operator(kernel, 4, stride=0)",
        "convolution_operator(kernel, 4).apply(np.ones(5))",
        "convolution_operator(1e200 * kernel, 4).apply(1e200 * np.ones(4))",
        "compose_kernels(kernel, np.eye(2))",
        # Circulants, limits and copies.
        "nearest_circulant(np.ones((2, 3)))",
        "nearest_circulant(np.eye(4), (3, 2))",
        "circulant_rate(kernel, [8])",
        "circulant_rate(kernel, 8)",
        "szego_rate([1.0, 2.0, 3.0], [8, 16])",
        "szego_rate([1.0, 0.0, 1.0], [8, 16], function=np.log)",
        "szego_rate(kernel, [8, 16], function=None)",
        "szego_rate(kernel, [8, 16], function=lambda x: 1 if x > 0 else 2)",
        "shifted_copies_optimum([1, 2], [1, 2], rtol=1)",
        "shifted_copies_optimum([1, 2], [1, 2, 3])",
        "shifted_copies_optimum(np.ones((2, 3)), np.ones((1, 3)), shape=3)",
    ),
)
