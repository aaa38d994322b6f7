"""`schmidt_spectrum`: the singular values of a function across a partition of its inputs."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.claims import Claim
from tnet.contraction.evaluate import contract_scaled
from tnet.contraction.memory import check_fits
from tnet.contraction.plan import plan
from tnet.errors import OperatorError, ParameterError, PartitionError
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_finite, check_parameters
from tnet.network.sides import Side, side_of_modes

_COPIES = 4
"""Dense arrays held at once: the tensor, its matricization, and what the decomposition copies."""


@dataclass(frozen=True, eq=False, repr=False)
class SchmidtSpectrum:
    """Singular values of a matricized function, the largest scaled to 1.

    Attributes
    ----------
    values : ndarray of float, shape (min(rows, columns),)
        Descending; the first is 1, unless the function is zero.
    log2_scale : float
        Log2 of the largest singular value; minus infinity for the zero function.
    shape : tuple of int
        Rows (side A) and columns (side B) of the matricization.
    rounding : float
        Relative accuracy of the arithmetic the values were computed in.
    claim : Claim
        Numerical: singular values in floating point.
    """

    values: NDArray[np.float64]
    log2_scale: float
    shape: tuple[int, int]
    rounding: float
    claim: Claim

    @property
    def default_rtol(self) -> float:
        """Tolerance below which a value is rounding: the longer side times the accuracy."""
        return max(self.shape) * self.rounding

    def number(self, rtol: float | None = None) -> int:
        """Return the Schmidt number: how many values exceed `rtol` times the largest.

        Parameters
        ----------
        rtol : float, optional
            Between 0 and 1; `default_rtol` unless given.

        Returns
        -------
        int
            0 for the zero function.

        Raises
        ------
        PartitionError
            If `rtol` is not at least 0 and below 1.
        """
        limit = self.default_rtol if rtol is None else rtol
        if not 0 <= limit < 1:
            raise PartitionError(f"rtol must be at least 0 and below 1; got {rtol!r}")
        return int((self.values > limit).sum())

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Squares of the values, divided by their sum; all 0 for the zero function."""
        squares = self.values**2
        total = squares.sum()
        return squares / total if total else squares

    def entropy(self, base: float = 2.0) -> float:
        """Return the entanglement entropy, the entropy of `probabilities`.

        Parameters
        ----------
        base : float
            Of the logarithm: 2 gives bits.

        Returns
        -------
        float
            Between 0 and the logarithm of the Schmidt number; 0 for the zero function.

        Raises
        ------
        PartitionError
            If `base` is not above 1.
        """
        if not base > 1:
            raise PartitionError(f"the base of an entropy must be above 1; got {base!r}")
        present = self.probabilities[self.probabilities > 0]
        return max(0.0, float(-(present * np.log(present)).sum() / math.log(base)))

    @property
    def geometric_measure(self) -> float:
        """1 - sigma_1^2 / ||sigma||^2: squared distance to the nearest product, 0 for zero."""
        probabilities = self.probabilities
        return max(0.0, 1.0 - float(probabilities[0])) if probabilities.any() else 0.0

    def __repr__(self) -> str:
        return (
            f"<SchmidtSpectrum: number {self.number()} of at most {min(self.shape)} at rtol "
            f"{self.default_rtol:.1g}, entropy {self.entropy():.4g} bits, "
            f"geometric measure {self.geometric_measure:.4g}>"
        )


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
        One array per parameter.
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
        ``values`` (the largest is 1), ``log2_scale``, ``number(rtol)``, ``entropy(base)``,
        ``geometric_measure``.

    Raises
    ------
    OperatorError
        If an operator is not the product: there is no coefficient tensor.
    MemoryLimitError
        If the dense tensor and its decomposition do not fit; the message says the bytes.
    ParameterError, PartitionError, UnknownNameError
        If arrays, side or output do not fit the network.

    Notes
    -----
    With :math:`\sigma` the singular values of the matricization, the entanglement entropy is the
    entropy of :math:`\sigma^2 / \|\sigma\|^2` and the geometric measure
    :math:`1 - \sigma_1^2 / \|\sigma\|^2` [1]_. The dense tensor is formed: memory grows as the
    product of all input dims.

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
    """
    if not network.is_product:
        raise OperatorError(
            f"the network has operator {network.operators[0]!r} and no coefficient tensor; its "
            "spectrum is not defined"
        )
    side = side_of_modes(network, side_a)
    check_parameters(network, parameters)
    check_finite(parameters)
    dims = [network.dim_of(int(reading)) for reading in network.inputs]
    output_dims = [network.dim_of(int(index)) for index in network.outputs]
    if not 0 <= output < math.prod(output_dims):
        raise PartitionError(
            f"output is {output}; the network has outputs 0..{math.prod(output_dims) - 1}"
        )
    factor = None if feature_gram is None else _gram_factor(network, feature_gram, dims)
    dense = math.prod(dims) * math.prod(output_dims)
    check_fits(
        _COPIES * 8 * dense + plan(network, task="contract").peak_bytes(),
        what=f"the dense tensor of {len(dims)} readings with its decomposition",
        remedy="take fewer inputs; min_cut bounds the Schmidt number at any size",
    )
    scaled = contract_scaled(network, parameters)
    tensor = scaled.mantissa.reshape(*dims, -1)[..., output]
    if factor is not None:
        for axis in range(len(dims)):
            tensor = np.moveaxis(np.tensordot(factor, tensor, axes=(0, axis)), 0, axis)
    return _spectrum(_matricized(tensor, side[network.input_modes]), float(scaled.log2))


def _matricized(tensor: NDArray[Any], reads_a: NDArray[np.bool_]) -> NDArray[Any]:
    """Rows run over the readings of side A, columns over those of side B."""
    rows, columns = np.nonzero(reads_a)[0], np.nonzero(~reads_a)[0]
    n_rows = math.prod(tensor.shape[axis] for axis in rows)
    return tensor.transpose([*rows, *columns]).reshape(n_rows, -1)


def _spectrum(matrix: NDArray[Any], log2: float) -> SchmidtSpectrum:
    values = np.linalg.svd(matrix, compute_uv=False).astype(np.float64)
    largest = float(values[0])
    claim = Claim(
        "numerical",
        f"singular values of the dense {matrix.shape[0]} x {matrix.shape[1]} matricization",
        ("product operators",),
    )
    return SchmidtSpectrum(
        values / largest if largest else values,
        log2 + math.log2(largest) if largest else -math.inf,
        (int(matrix.shape[0]), int(matrix.shape[1])),
        float(np.finfo(matrix.dtype).eps),
        claim,
    )


def _gram_factor(network: TensorNetwork, gram: ArrayLike, dims: list[int]) -> NDArray[Any]:
    """Return L with L L^H = gram: features in terms of orthonormal functions."""
    if len(network.inputs) != network.n_modes:
        raise PartitionError(
            "feature_gram needs every element to be read once: products of features read twice "
            "have inner products that the Gram matrix does not tell"
        )
    matrix = np.asarray(gram)
    dim = dims[0] if dims else 0
    if set(dims) != {dim} or matrix.shape != (dim, dim):
        raise ParameterError(
            f"feature_gram has shape {matrix.shape}; inputs have dims {sorted(set(dims))}, and it "
            "takes one matrix (M, M) for inputs of one dim M"
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.conj().T):
        raise ParameterError("feature_gram must be finite and equal to its conjugate transpose")
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -1e-10 * max(abs(values[-1]), 1.0):
        raise ParameterError(
            f"feature_gram has the negative eigenvalue {values[0]:.3g}; inner products have none"
        )
    factor: NDArray[Any] = vectors * np.sqrt(np.maximum(values, 0))
    return factor
