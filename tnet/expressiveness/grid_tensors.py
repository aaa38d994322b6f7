"""`grid_tensor`: the values of a network on every way to fill its elements with templates."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tnet.architectures.fields import checked_flag
from tnet.architectures.mixed import Mixed
from tnet.architectures.spec import Spec
from tnet.contraction.evaluate import evaluate
from tnet.contraction.memory import check_fits
from tnet.contraction.planning import plan
from tnet.errors import FeatureError, OperatorError, StructureError
from tnet.expressiveness.arguments import as_numbers, network_of
from tnet.expressiveness.representations import Functions
from tnet.expressiveness.templates import template_matrix
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters

Array = NDArray[Any]

_BLOCK_BYTES = 2**25
"""Entries are evaluated in blocks that take about so much."""

_MOST_AXES = 64
"""Axes that a NumPy array can have."""


def grid_tensor(
    network: TensorNetwork | Spec,
    parameters: Parameters | Sequence[Parameters],
    templates: ArrayLike | Sequence[ArrayLike],
    functions: Functions | None = None,
    *,
    modulo: int | None = None,
    progress: bool = False,
) -> Array:
    r"""Evaluate a network on every way to fill its elements with templates.

    Parameters
    ----------
    network : TensorNetwork or Spec
        Any, with any operator; a `Mixed` spec too, which is no single network.
    parameters : mapping of str to array
        NumPy arrays, one per parameter; of a `Mixed` spec a pair of mappings.
    templates : array
        With `functions`, the templates, shape (n,) or (n, s). Without, their features: the
        matrix F, shape (n, M), or one per element, a list of N arrays (n_i, d_i).
    functions : callable, optional
        The representation functions, inputs (B, N) or (B, N, s) to features (B, N, M).
    modulo : int, optional
        A prime below 2^31: parameters and features are whole numbers, and so are the entries.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    ndarray, shape (n_1, ..., n_N, \*output dims)
        Entry :math:`(d_1, \ldots, d_N)` is the function at
        :math:`(x^{(d_1)}, \ldots, x^{(d_N)})`. An element that is read several times has one axis.
        A network without inputs has one value: the shape is that of the outputs alone.

    Raises
    ------
    FeatureError
        If the templates do not fit the elements, or are complex where the operator is not the
        product.
    StructureError
        If the grid has more axes than an array can have; the message says its size.
    MemoryLimitError
        If the grid does not fit in memory; the message says its size. Nothing is computed then.
    SpecError
        If `network` is no network, or `progress` no bool.
    OperatorError
        If `modulo` is given for a `Mixed` spec.

    Notes
    -----
    The entries are evaluated in blocks of about 32 MiB, so that memory is that of the result and a
    block. With the product and an invertible F the grid tensor is the coefficient tensor with F
    applied to every mode, and has the same ranks [1]_; with other operators there is no
    coefficient tensor, and the grid tensor is what is analysed.

    References
    ----------
    .. [1] Cohen, Shashua. Convolutional rectifier networks as generalized tensor decompositions.
       ICML 2016. arXiv:1603.00162.

    Examples
    --------
    >>> import tnet
    >>> from tnet.expressiveness.representations import AffineNeurons
    >>> net = tnet.ConvNet(4, features=2, widths=(3, 3), operator="max").compile()
    >>> neurons = AffineNeurons([1.0, -1.0], [0.0, 1.0])
    >>> grid_tensor(net, tnet.random_parameters(net), [0.0, 0.5, 1.0], neurons).shape
    (3, 3, 3, 3)
    """
    checked_flag(progress, "progress")
    subject = _subject(network, parameters, modulo)
    features = _features_by_element(subject, templates, functions)
    sizes = tuple(len(table) for table in features)
    block = _checked_block(subject, sizes, features)
    return _evaluated(subject, features, sizes, block, progress)


@dataclass(frozen=True, eq=False)
class _Subject:
    """What is evaluated, and what that takes."""

    values: Callable[[list[Array]], Array]
    dims: list[int]
    operators: tuple[str, ...]
    output_dims: tuple[int, ...]
    block_bytes: Callable[[int], int]
    itemsize: int


def _subject(
    network: TensorNetwork | Spec,
    parameters: Parameters | Sequence[Parameters],
    modulo: int | None,
) -> _Subject:
    if isinstance(network, Mixed):
        return _mixed_subject(network, parameters, modulo)
    if not isinstance(parameters, Mapping):
        raise FeatureError(
            f"parameters are a {type(parameters).__name__}; only a Mixed spec takes a pair, give "
            "one mapping of names to arrays"
        )
    arrays: Parameters = parameters
    itemsize = _itemsize(arrays)
    net = network_of(network)
    steps = plan(net, task="evaluate")
    return _Subject(
        lambda features: np.asarray(evaluate(net, arrays, features, plan=steps, modulo=modulo)),
        dims_of(net),
        net.operators,
        tuple(net.dim_of(int(index)) for index in net.outputs),
        lambda batch: steps.peak_bytes(batch, itemsize=itemsize),
        itemsize,
    )


def _mixed_subject(
    mixed: Mixed, parameters: Parameters | Sequence[Parameters], modulo: int | None
) -> _Subject:
    if modulo is not None:
        raise OperatorError(
            "a mixed network is evaluated in floating point; leave modulo out, or ask one of its "
            "hybrids()"
        )
    if (
        not isinstance(parameters, Sequence)
        or len(parameters) != 2
        or not all(isinstance(part, Mapping) for part in parameters)
    ):
        raise FeatureError(
            "a Mixed spec takes a pair of mappings as parameters, one per network; got a "
            f"{type(parameters).__name__}"
        )
    pair: Sequence[Parameters] = parameters
    itemsize = _itemsize(*pair)
    nodes = len(mixed.tree_a.parent) + len(mixed.tree_b.parent)
    # The channels of all nodes, and of one window's members while they are combined.
    held = 3 * nodes * max(mixed.width, mixed.features, mixed.outputs)
    return _Subject(
        lambda features: mixed.evaluate(pair, np.stack(features, axis=1)),
        [mixed.features] * mixed.shape[0],
        (mixed.operator,),
        (mixed.outputs,),
        lambda batch: itemsize * held * batch,
        itemsize,
    )


def _itemsize(*parameters: Parameters) -> int:
    """Bytes of an entry of what is computed, at least those of float64."""
    arrays = [np.asarray(array) for part in parameters for array in part.values()]
    return max([8, *(array.itemsize for array in arrays)])


def _features_by_element(
    subject: _Subject,
    templates: ArrayLike | Sequence[ArrayLike],
    functions: Functions | None,
) -> list[Array]:
    """Features of the templates of every element, by functions or as they are."""
    if functions is None:
        return tables_by_element(templates, subject.dims, subject.operators)
    points = as_numbers(templates, what="the array of templates", error=FeatureError)
    table = template_matrix(functions, points)
    return tables_by_element(table, subject.dims, subject.operators)


def dims_of(network: TensorNetwork) -> list[int]:
    """Return how many features every element takes.

    Examples
    --------
    >>> import tnet
    >>> dims_of(tnet.from_einsum("ab->ab", (2, 3)))
    [2, 3]
    """
    dims = [0] * network.n_modes
    for dim, modes in network.modes_by_dim.items():
        for mode in modes.tolist():
            dims[mode] = dim
    return dims


def tables_by_element(
    templates: object, dims: Sequence[int], operators: Sequence[str]
) -> list[Array]:
    """Return features of the templates of every element, arrays (n_i, d_i).

    Parameters
    ----------
    templates : array (n, M), or list of N arrays (n_i, d_i)
        Of all elements, or of each.
    dims : sequence of int
        Features that each element takes.
    operators : sequence of str
        Of the network; those other than the product take real numbers.

    Raises
    ------
    FeatureError
        If an array is none, has another shape, masked entries, or complex ones for an operator
        other than the product.

    Examples
    --------
    >>> [table.shape for table in tables_by_element(np.eye(2), [2, 2], ["max"])]
    [(2, 2), (2, 2)]
    """
    tables = _listed_tables(templates)
    if tables is None:
        tables = [as_numbers(templates, what="the templates", error=FeatureError)] * len(dims)
    if len(tables) != len(dims):
        raise FeatureError(
            f"templates are a list of {len(tables)} arrays for {len(dims)} elements; give one "
            "array (n_i, d_i) per element, or one for all"
        )
    for element, (table, dim) in enumerate(zip(tables, dims, strict=True)):
        if table.ndim != 2 or table.shape[1] != dim or not len(table):
            raise FeatureError(
                f"the templates of element {element} have features of shape {table.shape}; the "
                f"element takes {dim}: give shape (n, {dim}), a row per template"
            )
        if table.dtype.kind == "c" and "product" not in operators:
            raise FeatureError(
                f"the templates of element {element} are complex, and the operator "
                f"{operators[0]!r} is of real numbers; give real features"
            )
    return tables


def _listed_tables(templates: object) -> list[Array] | None:
    """Arrays of a list of tables, None if it is no such list."""
    if not isinstance(templates, list | tuple):
        return None
    tables = [
        as_numbers(entry, what=f"entry {place} of the templates", error=FeatureError)
        for place, entry in enumerate(templates)
    ]
    return tables if all(table.ndim == 2 for table in tables) else None


def _checked_block(subject: _Subject, sizes: tuple[int, ...], features: list[Array]) -> int:
    """Return how many entries to evaluate at once, after a check that all fits."""
    total = math.prod(sizes) * math.prod(subject.output_dims)
    same = len(set(sizes)) == 1
    powers = f"{sizes[0]}^{len(sizes)}" if same else " x ".join(map(str, sizes)) or "1"
    what = f"a grid of {powers} = {_text(math.prod(sizes))} inputs"
    n_axes = len(sizes) + len(subject.output_dims)
    if n_axes > _MOST_AXES:
        raise StructureError(
            f"{what} is an array of {n_axes} axes, and an array can have {_MOST_AXES}; evaluate "
            "the inputs that matter, or take ranks on points with separation_rank"
        )
    itemsize = max([subject.itemsize, *(table.itemsize for table in features)])

    def bytes_of(block: int) -> int:
        return subject.block_bytes(block) + itemsize * block * sum(subject.dims)

    block = min(math.prod(sizes), _BLOCK_BYTES // itemsize)
    while block > 1 and bytes_of(block) > _BLOCK_BYTES:
        block = (block + 1) // 2
    check_fits(
        itemsize * total + bytes_of(block),
        what=what,
        remedy="take fewer templates or elements, or ranks on points with separation_rank",
    )
    return block


def _evaluated(
    subject: _Subject,
    features: list[Array],
    sizes: tuple[int, ...],
    block: int,
    progress: bool,
) -> Array:
    from tqdm import tqdm

    total = math.prod(sizes)
    grid: Array
    with tqdm(total=total, unit="value", disable=not progress, dynamic_ncols=True) as bar:
        for start in range(0, total, block):
            numbers = np.arange(start, min(start + block, total))
            # Without elements there is one cell, which NumPy has no index for.
            cells = np.unravel_index(numbers, sizes) if sizes else ()
            rows = [table[cell] for table, cell in zip(features, cells, strict=True)]
            values = subject.values(rows)
            if start == 0:
                grid = np.empty((total, *subject.output_dims), dtype=values.dtype)
            grid[start : start + len(values)] = values
            bar.update(len(values))
    return grid.reshape((*sizes, *subject.output_dims))


def _text(count: int) -> str:
    """In full, unless that is long."""
    return f"{count:,}" if count < 10**15 else f"about 2^{math.log2(count):.1f}"
