"""`CP`: the shallow network, one window over all inputs."""

from dataclasses import KW_ONLY, dataclass

from tnet.architectures.convnet import ConvNet, warn_of_redundant_widths
from tnet.architectures.fields import plain_shape
from tnet.architectures.spec import GridSpec
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork


@dataclass(frozen=True)
class CP(GridSpec):
    r"""The shallow network: a sum of `width` products of one-element functions.

    .. math:: h(x) = \sum_{z} a_z \, g\bigl((W_0 f(x_0))_z, \ldots, (W_{N-1} f(x_{N-1}))_z\bigr)

    With the product g this is the CP decomposition of the coefficient tensor, with `width` terms.
    It is `ConvNet` with one global window, and compiles to the same network.

    Parameters
    ----------
    inputs : int or tuple of int
        Number of elements on a line, or the sides of a grid.
    features : int
        Representation functions per element, M.
    width : int
        Number of terms, Z.
    shared : bool
        Whether all elements share one matrix: the coefficient tensor is then symmetric.
    outputs : int
        Number of scores. A single one has no output index.
    operator : {'product', 'max', 'sum', 'softplus', 'norm'}
        What the window puts between its members, as for `ConvNet`.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    References
    ----------
    .. [1] Cohen and Shashua. Convolutional rectifier networks as generalized tensor
       decompositions. ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> import tnet
    >>> net = CP(8, features=3, width=5).compile()
    >>> tnet.min_cut(net, tnet.partitions.odd_even(8)).dimension
    5
    """

    inputs: int | tuple[int, ...]
    _: KW_ONLY
    features: int
    width: int
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        self._set(inputs=plain_shape(self.inputs))
        self._check("width")

    @property
    def as_convnet(self) -> ConvNet:
        """The same network as a `ConvNet`."""
        return ConvNet(
            self.inputs,
            features=self.features,
            widths=(self.width,),
            pooling="global",
            shared=self.shared,
            outputs=self.outputs,
            operator=self.operator,
        )

    def compile(self) -> TensorNetwork:
        """Return the network.

        Warns
        -----
        RedundantWidthWarning
            If the matrix is shared and there are more terms than can be linearly independent.
        """
        warn_of_redundant_widths(self.as_convnet)
        return self._network()

    def _network(self) -> TensorNetwork:
        return self.as_convnet._network()
