"""Mistakes in saying which inputs are on side A."""

from error_cases.case import Group

SETUP = """\
import numpy as np
import tnet

network = tnet.ConvNet((2, 4), features=3, widths=(2, 5)).compile()
"""

GROUP = Group(
    "Partitions",
    SETUP,
    (
        "tnet.min_cut(network, 'x[0]')",
        "tnet.min_cut(network, 3)",
        "tnet.min_cut(network, np.zeros(7, bool))",
        "tnet.min_cut(network, [None])",
        "tnet.min_cut(network, [0, 8])",
        "tnet.min_cut(network, [3, 'x[3]'])",
        "tnet.min_cut(network, ['r0[0]'])",
        "tnet.min_cuts(network, [[True], [True, False]])",
        "tnet.min_cuts(network, np.zeros((5, 8)))",
        "tnet.min_cuts(network, np.zeros(8, bool))",
        "tnet.min_cuts(network, np.zeros((5, 7), bool))",
        "tnet.min_cuts(network, np.zeros((5, 8), bool)).cut(7)",
        "tnet.partitions.top_bottom(8)",
        "tnet.partitions.blocks((4, 4), (2, 2, 2))",
        "tnet.partitions.random_balanced(8, count=0)",
        "tnet.partitions.random_balanced(8, seed=-1)",
    ),
)
