"""`schmidt_spectrum`: the singular values of a function across a partition of its inputs."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.claims import Claim
from tnet.contraction.libraries import to_numpy
from tnet.contraction.memory import check_fits
from tnet.entanglement.bundling import programme_of, question_of
from tnet.entanglement.compression import Values, compressed_matrices
from tnet.entanglement.isometries import Programme
from tnet.entanglement.measures import SchmidtSpectrum, scaled_singular_values
from tnet.entanglement.side_orders import orders_by_sides, plain_order
from tnet.entanglement.subjects import checked_output
from tnet.errors import OperatorError, ParameterError, PartitionError
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters
from tnet.network.sides import Side, side_of_modes

CLAIM = Claim(
    "numerical",
    "singular values of a matrix that differs from the matricization by isometries",
    ("product operators",),
)
"""Of every spectrum."""

_CHEAP = 2e9
"""Scalar operations, about a second, for which no better order is looked for."""


def schmidt_spectrum(
    network: TensorNetwork,
    parameters: Parameters,
    side_a: Side,
    *,
    output: int = 0,
    feature_gram: ArrayLike | None = None,
) -> SchmidtSpectrum:
    r"""Compute the singular values of a network's function across a partition of its inputs.

    Parameters
    ----------
    network : TensorNetwork
        With products only.
    parameters : mapping of str to array
        One array per parameter; computed with in their precision, single or double.
    side_a : bool array or iterable of int or str
        Side A of the partition, as for `min_cut`.
    output : int
        Which score, counted through the output indices in row order.
    feature_gram : array, shape (M, M), optional
        Inner products of the representation functions. Without it the spectrum is that of the
        coefficient tensor, which is that of the function if the features are orthonormal. The
        number of nonzero values is the same for all linearly independent features.

    Returns
    -------
    SchmidtSpectrum
        ``values`` (the largest is 1; those that no weights could make other than 0 are left out),
        ``log2_scale``, ``number(rtol)``, ``entropy(base)``, ``geometric_measure``.

    Raises
    ------
    OperatorError
        If an operator is not the product: there is no coefficient tensor.
    MemoryLimitError
        If the arrays on the way do not fit, or the last matrix, which is as large as the square of
        the cut; the message says the bytes.
    StructureError
        If an index stands for several.
    ParameterError, PartitionError, UnknownNameError
        If arrays, side or output do not fit the network.

    Notes
    -----
    With :math:`\sigma` the singular values of the matricization, the entanglement entropy is the
    entropy of :math:`\sigma^2 / \|\sigma\|^2` and the geometric measure
    :math:`1 - \sigma_1^2 / \|\sigma\|^2` [1]_.

    The dense tensor is never formed. The network is contracted with all readings of side A on one
    axis and all of side B on another; where one of the two is longer than all other axes of an
    intermediate together, the R factor of a QR decomposition takes its place. That drops an
    isometry, which changes no singular value, so the result is exact up to rounding. On forests
    every such axis is as long as the least cut between the readings below, of its side, and all
    else at the intermediate: memory and time are bounded by cuts, not by the number of inputs. A
    power of two is carried beside every intermediate. Steps that are alike are done together.

    Without orthonormal features only the number of nonzero values speaks of the function:
    `feature_gram` multiplies the axis of every reading by a factor L of the Gram matrix
    :math:`L L^H`, which writes the function in orthonormal functions.

    References
    ----------
    .. [1] Levine, Yakira, Cohen, Shashua. Deep learning and quantum entanglement: fundamental
       connections with implications to network design. ICLR 2018. arXiv:1704.01552.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
    >>> spectrum = tnet.schmidt_spectrum(net, tnet.random_parameters(net), range(4))
    >>> spectrum.number(), tnet.min_cut(net, range(4)).dimension
    (4, 4)

    The function x_1 x_2 + 1 of two inputs uniform on [0, 1], with the features b and 1 - b, whose
    inner products are 1/3 and 1/6:

    >>> import numpy as np
    >>> pair = tnet.from_einsum("ab->ab", (2, 2))
    >>> weights = {"t0": np.array([[2.0, 1.0], [1.0, 1.0]])}
    >>> gram = np.array([[1 / 3, 1 / 6], [1 / 6, 1 / 3]])
    >>> plain = tnet.schmidt_spectrum(pair, weights, [0])
    >>> true = tnet.schmidt_spectrum(pair, weights, [0], feature_gram=gram)
    >>> plain.number(), true.number()
    (2, 2)
    >>> f"{plain.entropy():.3f} {true.entropy():.3f}"
    '0.146 0.027'
    """
    return _spectra(network, parameters, side_a, checked_output(network, output)[0], feature_gram)[
        0
    ]


def schmidt_spectra(
    network: TensorNetwork,
    parameters: Parameters,
    side_a: Side,
    *,
    feature_gram: ArrayLike | None = None,
) -> tuple[SchmidtSpectrum, ...]:
    """Compute the spectra of all scores, which share all work below the outputs.

    Parameters and errors are those of `schmidt_spectrum`.

    Returns
    -------
    tuple of SchmidtSpectrum
        One per score, in row order of the output indices; one for a network without any.

    Examples
    --------
    >>> import tnet
    >>> net = tnet.ConvNet(8, features=2, widths=(2, 4, 4), outputs=3).compile()
    >>> spectra = schmidt_spectra(net, tnet.random_parameters(net), range(4))
    >>> [spectrum.number() for spectrum in spectra]
    [4, 4, 4]
    """
    return _spectra(network, parameters, side_a, None, feature_gram)


def _spectra(
    network: TensorNetwork,
    parameters: Parameters,
    side_a: Side,
    output: int | None,
    feature_gram: ArrayLike | None,
) -> tuple[SchmidtSpectrum, ...]:
    arrays = checked_arrays(network, parameters)
    side = side_of_modes(network, side_a)
    fixed = {} if output is None else _values_of_outputs(network, output)
    factor = None if feature_gram is None else _gram_factor(network, feature_gram)
    dtype = _dtype([*arrays.values(), *([] if factor is None else [factor])])
    programme = _programme(network, side.tobytes(), output is None)
    check_fits(
        programme.peak_entries * dtype.itemsize,
        what=f"the spectrum of {len(network.inputs)} readings",
        remedy="take narrower widths or another partition; min_cut bounds the Schmidt number at "
        "any size",
    )
    matrices, log2 = compressed_matrices(programme, Values(arrays, fixed, factor, dtype))
    log2 += _log2_of_single_features(network, factor)
    shape = matricization_shape(network, side)
    rounding = programme.depth * float(np.finfo(dtype).eps)
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    return tuple(_spectrum(matrix, log2, shape, rounding) for matrix in flat)


def checked_arrays(network: TensorNetwork, parameters: Parameters) -> dict[str, NDArray[Any]]:
    """Return the parameters as arrays of NumPy, of a network that has a spectrum.

    Raises
    ------
    OperatorError
        If an operator is not the product.
    StructureError
        If an index stands for several.
    ParameterError
        If an array does not fit or is not finite.
    """
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r} and no coefficient tensor, so no "
            "spectrum; use separation_rank, which takes any function"
        )
    network.check_unrolled()
    check_parameters(network, parameters)
    arrays = {name: to_numpy(array) for name, array in parameters.items()}
    check_finite(arrays)
    return arrays


def _dtype(arrays: list[NDArray[Any]]) -> np.dtype[Any]:
    """Single or double precision, real or complex: what decompositions have."""
    floats = [a.dtype if a.dtype.kind in "fc" else np.dtype(np.float64) for a in arrays]
    dtype = np.result_type(np.float32, *floats)
    return (
        np.dtype(np.complex128 if dtype.kind == "c" else np.float64) if _is_long(dtype) else dtype
    )


def _is_long(dtype: np.dtype[Any]) -> bool:
    return bool(np.finfo(dtype).eps < np.finfo(np.float64).eps)


def _values_of_outputs(network: TensorNetwork, output: int) -> dict[int, int]:
    dims = [network.dim_of(int(index)) for index in network.outputs]
    values: dict[int, int] = {}
    for index, dim in zip(reversed(network.outputs.tolist()), reversed(dims), strict=True):
        output, values[index] = divmod(output, dim)
    return values


@lru_cache(maxsize=32)
def _programme(network: TensorNetwork, side_a: bytes, open_outputs: bool) -> Programme:
    """Build the programme of the cheapest order found for one partition."""
    side = np.frombuffer(side_a, dtype=bool)
    operands, question = question_of(network, side, open_outputs=open_outputs)
    found = programme_of(network, operands, question, plain_order(network))
    if found.flops < _CHEAP:
        return found
    best, *_ = orders_by_sides(network, side, operands, question)
    other = programme_of(network, operands, question, best)
    return min(found, other, key=lambda programme: programme.flops * programme.peak_entries)


def matricization_shape(network: TensorNetwork, side: NDArray[np.bool_]) -> tuple[int, int]:
    """Rows and columns of the dense matrix, exact."""
    of_row = side[network.input_modes]
    groups = network.group_of_index[network.inputs]
    lengths = [1, 1]
    for number, group in enumerate(network.index_groups):
        for place, flags in enumerate((of_row, ~of_row)):
            lengths[place] *= group.dim ** int((flags & (groups == number)).sum())
    return lengths[0], lengths[1]


def _spectrum(
    matrix: NDArray[Any], log2: float, shape: tuple[int, int], rounding: float
) -> SchmidtSpectrum:
    values, log2_of_largest = scaled_singular_values(matrix)
    return SchmidtSpectrum(values, log2 + log2_of_largest, shape, rounding, CLAIM)


def _log2_of_single_features(network: TensorNetwork, factor: NDArray[Any] | None) -> float:
    """Norms of the features where an element has only one: such axes are not contracted."""
    if factor is None or len(factor) != 1:
        return 0.0
    norm = abs(complex(factor[0, 0]))
    return len(network.inputs) * math.log2(norm) if norm else -math.inf


def _gram_factor(network: TensorNetwork, gram: ArrayLike) -> NDArray[Any]:
    """Return L with L L^H = gram: features in terms of orthonormal functions."""
    if len(network.inputs) != network.n_modes:
        raise PartitionError(
            "feature_gram needs every element to be read once: products of features read twice "
            "have inner products that the Gram matrix does not tell; leave it out"
        )
    try:
        matrix = np.asarray(gram)
    except ValueError as error:
        raise ParameterError(
            f"feature_gram is no array ({error}); give rows of one length"
        ) from error
    dims = {network.dim_of(int(reading)) for reading in network.inputs}
    dim = max(dims, default=0)
    if dims != {dim} or matrix.shape != (dim, dim):
        raise ParameterError(
            f"feature_gram has shape {matrix.shape} and inputs have dims {sorted(dims)}; give one "
            "matrix (M, M), for inputs of one dim M"
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.conj().T):
        raise ParameterError(
            "feature_gram is not finite, or not equal to its conjugate transpose; give the inner "
            "products of the features"
        )
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -1e-10 * max(abs(values[-1]), 1.0):
        raise ParameterError(
            f"feature_gram has the negative eigenvalue {values[0]:.3g}, which inner products have "
            "not; give the inner products of the features"
        )
    factor: NDArray[Any] = vectors * np.sqrt(np.maximum(values, 0))
    return factor
