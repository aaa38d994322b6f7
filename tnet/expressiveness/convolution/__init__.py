"""Convolution as linear algebra: Toeplitz and circulant operators, and why shifts lead there."""

from tnet.expressiveness.convolution.circulants import (
    NearestCirculant,
    circulant_eigenvalues,
    nearest_circulant,
)
from tnet.expressiveness.convolution.operators import ConvolutionOperator, convolution_operator
from tnet.expressiveness.convolution.products import (
    ToeplitzProduct,
    compose_kernels,
    toeplitz_product,
)
from tnet.expressiveness.convolution.rates import (
    ConvergenceRate,
    circulant_rate,
    szego_rate,
    toeplitz_product_rate,
)
from tnet.expressiveness.convolution.shifted_copies import (
    ShiftedCopies,
    all_shifts,
    shifted_copies_optimum,
)

__all__ = [
    "ConvergenceRate",
    "ConvolutionOperator",
    "NearestCirculant",
    "ShiftedCopies",
    "ToeplitzProduct",
    "all_shifts",
    "circulant_eigenvalues",
    "circulant_rate",
    "compose_kernels",
    "convolution_operator",
    "nearest_circulant",
    "shifted_copies_optimum",
    "szego_rate",
    "toeplitz_product",
    "toeplitz_product_rate",
]


def __dir__() -> list[str]:
    return __all__
