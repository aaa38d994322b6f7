"""`Mixed`: two networks over different mode trees that exchange channels on the way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.dilated import Dilated
from tnet.architectures.hybrid_trees import hybrid_trees, windows_by_modes
from tnet.architectures.spec import Spec, tree_with_windows
from tnet.errors import FeatureError, SpecError, StructureError
from tnet.geometry.mode_tree import ModeTree
from tnet.network.groups import Operator
from tnet.network.model import TensorNetwork
from tnet.network.parameters import Parameters, check_parameters

Array = NDArray[Any]


@dataclass(frozen=True)
class Mixed(Spec):
    """Two dilated networks that run side by side, exchange channels, and add their scores.

    Both have `width` channels at every window below the root. At each mixture node, a set of
    elements that both trees join, the two networks exchange their first ``width // 2`` channels.

    Parameters
    ----------
    tree_a, tree_b : ModeTree or Dilated
        Over the same elements, without windows of one. Of a `Dilated` only the tree is taken.
    features : int
        Representation functions per element, M.
    width : int
        Channels of every window below the roots, at least 2.
    mixture : 'all' or sequence of iterables of int
        The mixture nodes, each by its elements. ``all`` takes every window below the roots that
        is in both trees.
    shared, outputs, operator
        As for `Dilated`, of both networks.

    Attributes
    ----------
    mixture_nodes : tuple of tuple of int
        The mixture nodes, each by its elements.

    Raises
    ------
    SpecError
        If a field has a value it cannot take; the message names the field.

    Notes
    -----
    The sum of two networks that exchange channels is not one tensor network, so there is no graph
    to cut. It realises every hybrid tree, which takes its windows from either tree between one
    mixture node and the next, with half the width [1]_: `hybrids` are specs that compile, and a
    lower bound of the rank of one of them is one for the mixed network.

    References
    ----------
    .. [1] Cohen, Tamari, Shashua. Boosting dilated convolutional networks with mixed tensor
       decompositions. ICLR 2018. arXiv:1703.06846.

    Examples
    --------
    >>> import tnet
    >>> trees = [Dilated(4, features=2, widths=(2,), dilations=d).tree for d in ((1, 2), (2, 1))]
    >>> mixed = Mixed(*trees, features=2, width=4)
    >>> [spec.tree for spec in mixed.hybrids()]
    [ModeTree(((0, 1), (2, 3))), ModeTree(((0, 2), (1, 3)))]
    """

    tree_a: ModeTree
    tree_b: ModeTree
    _: KW_ONLY
    features: int
    width: int
    mixture: str | Sequence[Iterable[int]] = "all"
    mixture_nodes: tuple[tuple[int, ...], ...] = field(init=False, repr=False, compare=False)
    shared: bool = False
    outputs: int = 1
    operator: Operator = "product"

    def __post_init__(self) -> None:
        for name in ("tree_a", "tree_b"):
            self._set(**{name: _binary_or_wider(getattr(self, name), name)})
        if self.tree_a.n_modes != self.tree_b.n_modes:
            raise SpecError(
                f"tree_a is over {self.tree_a.n_modes} elements and tree_b over "
                f"{self.tree_b.n_modes}; give two trees over the same elements"
            )
        self._check("width")
        if self.width < 2:
            raise SpecError("width is 1, half of which are no channels to exchange; give 2 or more")
        if self.mixture != "all":
            self._set(mixture=_listed_sets(self.mixture))
        self._set(mixture_nodes=self._checked_mixture())

    def _checked_mixture(self) -> tuple[tuple[int, ...], ...]:
        common = set(windows_by_modes(self.tree_a)) & set(windows_by_modes(self.tree_b))
        common -= {frozenset(range(self.tree_a.n_modes))}
        chosen = common
        if not isinstance(self.mixture, str):
            chosen = {frozenset(modes) for modes in self.mixture}
        unknown = sorted(map(sorted, chosen - common))
        if unknown:
            raise SpecError(
                f"mixture node {unknown[0]} is no window of both trees below the root; leave it "
                f"out, or take one that is: {sorted(map(sorted, common))[:6]}"
            )
        return tuple(sorted(tuple(sorted(modes)) for modes in chosen))

    @property
    def shape(self) -> tuple[int, ...]:
        """The inputs lie on a line."""
        return (self.tree_a.n_modes,)

    @cached_property
    def n_parameters(self) -> int:
        """Number of scalars in the parameter arrays of both networks."""
        return sum(network.n_parameters for network in self.networks())

    def networks(self) -> tuple[TensorNetwork, TensorNetwork]:
        """Return both networks as they are without exchange; their parameters are the mixed one's.

        Returns
        -------
        pair of TensorNetwork
            Of `tree_a` and `tree_b`.
        """
        first, second = (self._over(tree, self.width) for tree in (self.tree_a, self.tree_b))
        return first.compile(), second.compile()

    def _over(self, tree: ModeTree, width: int) -> Dilated:
        return Dilated(
            tree.n_modes,
            features=self.features,
            widths=(width,) * (tree.n_levels - 1),
            dilations=tree,
            shared=self.shared,
            outputs=self.outputs,
            operator=self.operator,
        )

    def _network(self) -> NoReturn:
        raise StructureError(
            "a mixed network is two networks that exchange channels and add their scores, which "
            "is not one tensor network; call evaluate for its values, networks() for its parts, "
            "or compile one of hybrids() for a network with cuts"
        )

    def evaluate(self, parameters: Sequence[Parameters], features: Array) -> Array:
        """Evaluate the function on a batch of examples.

        Parameters
        ----------
        parameters : pair of mappings of str to array
            Of both `networks`.
        features : ndarray, shape (B, N, M)
            The representation functions of every element.

        Returns
        -------
        ndarray, shape (B, outputs)

        Raises
        ------
        ParameterError, FeatureError
            If arrays do not fit.

        Examples
        --------
        >>> import numpy as np, tnet
        >>> mixed = Mixed(*[tnet.pooling.sequential(4)] * 2, features=3, width=2, operator="norm")
        >>> parameters = [tnet.random_parameters(net) for net in mixed.networks()]
        >>> mixed.evaluate(parameters, np.ones((5, 4, 3))).shape
        (5, 1)
        """
        given = np.asarray(features)
        wanted = (*given.shape[:1], *self.shape, self.features)
        if given.shape != wanted:
            raise FeatureError(
                f"features have shape {given.shape}; the network takes (B, {self.shape[0]}, "
                f"{self.features}): reshape them"
            )
        networks = self.networks()
        for network, arrays in zip(networks, parameters, strict=True):
            check_parameters(network, arrays)
        sides = [
            _Side(tree, _matrices(network, arrays), given, self.operator)
            for tree, network, arrays in zip(
                (self.tree_a, self.tree_b), networks, parameters, strict=True
            )
        ]
        mixture = {frozenset(modes) for modes in self.mixture_nodes}
        half = self.width // 2
        # A window is larger than all inside it, so by size both sides are ready for an exchange.
        for modes in sorted({*sides[0].node_of, *sides[1].node_of}, key=len):
            for side in sides:
                if modes in side.node_of:
                    side.combine(side.node_of[modes])
            if modes in mixture:
                first, second = (side.values[side.node_of[modes]] for side in sides)
                kept = first[:, :half].copy()
                first[:, :half] = second[:, :half]
                second[:, :half] = kept
        scores: Array = sides[0].values[-1] + sides[1].values[-1]
        return scores

    def hybrids(self) -> Iterator[Dilated]:
        """Yield a spec per hybrid tree, of half the width, that the mixed network can realise.

        Yields
        ------
        Dilated
            Each tree once, `tree_a` first: two to the power of the number of places, the root
            and the mixture nodes, between which and the next ones the trees differ.
        """
        mixture = [frozenset(modes) for modes in self.mixture_nodes]
        for tree in hybrid_trees(self.tree_a, self.tree_b, mixture):
            yield self._over(tree, self.width // 2)


def _listed_sets(mixture: str | Iterable[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    wrong = SpecError(f"mixture is {mixture!r}; give 'all', or a list of sets of modes")
    if isinstance(mixture, str):
        raise wrong
    try:
        return tuple(tuple(sorted(modes)) for modes in mixture)
    except TypeError:
        raise wrong from None


def _binary_or_wider(tree: object, name: str) -> ModeTree:
    found = tree.tree if isinstance(tree, Dilated) else tree
    if not isinstance(found, ModeTree):
        raise SpecError(f"{name} is {tree!r}; give a ModeTree, or a Dilated for its tree")
    tree_with_windows(found)
    if np.bincount(found.parent[:-1])[found.n_modes :].min() < 2:
        raise SpecError(f"{name} has a window of one member; mixed trees have none: leave it out")
    return found


def _matrices(network: TensorNetwork, parameters: Parameters) -> dict[int, Array]:
    """Matrix that leads out of each node, by node number."""
    found: dict[int, Array] = {}
    for group in network.tensor_groups:
        array = np.asarray(parameters[group.parameter])
        for row, node in enumerate(group.indices[:, 0].tolist()):
            found[node] = array if group.shared else array[row]
    return found


class _Side:
    """One of the two networks while it is evaluated."""

    def __init__(
        self, tree: ModeTree, matrices: dict[int, Array], features: Array, operator: Operator
    ) -> None:
        self.node_of = windows_by_modes(tree)
        self.members: dict[int, list[int]] = {}
        for node, parent in enumerate(tree.parent[:-1].tolist()):
            self.members.setdefault(parent, []).append(node)
        self.matrices = matrices
        self.operator = operator
        self.values: list[Array] = [*np.moveaxis(features, 1, 0)]
        self.values += [features[:0]] * (len(tree.parent) - tree.n_modes)

    def combine(self, node: int) -> None:
        """Compute the channels of a window, shape (B, width)."""
        mixed = [self.values[member] @ self.matrices[member] for member in self.members[node]]
        self.values[node] = combined(self.operator, np.stack(mixed))


def combined(operator: Operator, members: Array) -> Array:
    """Put the operator between two or more members, along the first axis.

    Examples
    --------
    >>> combined("sum", np.array([[1.0, -2.0], [3.0, -1.0]]))
    array([4., 0.])
    """
    found: Array
    match operator:
        case "product":
            found = np.multiply.reduce(members)
        case "max":
            found = np.maximum(members.max(axis=0), 0)
        case "sum":
            found = np.maximum(members, 0).sum(axis=0)
        case "softplus":
            found = np.logaddexp.reduce(members)
        case "norm":
            found = np.sqrt((members * members).sum(axis=0))
    return found
