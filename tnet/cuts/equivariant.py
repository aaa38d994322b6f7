"""The equivariant bound: a programme over a rooted forest with three numbers per node.

Below every index hangs a family of matrices between sides A and B, one member per value of the
index; below every tensor one, a member per value of its leg to the root. A window multiplies its
children member by member, so children that carry the same arrays and are parted alike contribute
tensor powers of one family. These commute with permutations of the children and split over the
irreducible representations of the symmetric group; the ranks of the parts are bounded one by
one. docs/theory/schmidt-bound.md has the proof.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from tnet.cuts.crossing import Flags
from tnet.cuts.families import Family, block_sizes, joined, reading, through_tensor
from tnet.network.effective import effective_dim
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

_NO_PARENT, _CHILD, _OUTPUT = -1, 0, 1


@dataclass(frozen=True, slots=True)
class EquivariantBound:
    """What the programme found.

    Attributes
    ----------
    rank : int
        Bounds the rank of the matricization for all weights.
    dims : tuple of int
        For every index group the largest number of independent members below one of its indices.
    in_blocks : bool
        Whether some group of alike siblings was taken in blocks, for speed.
    """

    rank: int
    dims: tuple[int, ...]
    in_blocks: bool


@dataclass(frozen=True, slots=True)
class _Form:
    """What alike subtrees have in common.

    Attributes
    ----------
    number : int
        Equal if and only if the subtrees are alike.
    unsided : int
        The same with the sides of the inputs forgotten.
    array : int
        Of a tensor: numbers its array together with the part that every axis plays.
    inner : int
        Of a tensor: product of the dims of the indices below it.
    family : Family
        The bounds.
    """

    number: int
    unsided: int
    array: int
    inner: int
    family: Family


@dataclass(slots=True)
class _Programme:
    """Forms met so far, by what they are made of."""

    effective: bool
    numbers: dict[Hashable, int] = field(default_factory=dict)
    known: dict[Hashable, _Form] = field(default_factory=dict)
    in_blocks: bool = False

    def number(self, key: Hashable) -> int:
        return self.numbers.setdefault(key, len(self.numbers))

    def tensor(self, array: int, dim: int, below: Sequence[_Form], inner: int) -> _Form:
        """Form of a tensor of `dim` members, its children in the order of its axes."""
        key = ("tensor", array, tuple(form.number for form in below))
        if key not in self.known:
            family = through_tensor(dim, [form.family for form in below], self.effective)
            unsided = self.number(("tensor", array, tuple(form.unsided for form in below)))
            self.known[key] = _Form(self.number(("sided", key)), unsided, array, inner, family)
        return self.known[key]

    def index(self, dim: int, side: bool | None, below: Sequence[_Form]) -> _Form:
        """Form of an index of `dim`, read on `side` unless that is None."""
        members = sorted(below, key=lambda form: form.number)
        key = ("index", dim, side, tuple(form.number for form in members))
        if key not in self.known:
            kinds = tuple(sorted(form.unsided for form in members))
            unsided = self.number(("index", dim, side is None, kinds))
            span = _span(dim, side, members) if self.effective else dim
            family = self._window(span, side, members)
            self.known[key] = _Form(self.number(("sided", key)), unsided, -1, 1, family)
        return self.known[key]

    def _window(self, dim: int, side: bool | None, members: Sequence[_Form]) -> Family:
        count = Counter(form.number for form in members)
        groups = [(form.family, count[form.number]) for form in _distinct(members)]
        if side is not None:
            groups.append((reading(dim, side), 1))
        blocks = block_sizes(groups)
        self.in_blocks |= any(
            block < alike for block, (_, alike) in zip(blocks, groups, strict=True)
        )
        return joined(dim, groups, blocks)


def _distinct(members: Sequence[_Form]) -> list[_Form]:
    return list({form.number: form for form in members}.values())


def _span(dim: int, side: bool | None, members: Sequence[_Form]) -> int:
    """Bound the dim of the span of products of members, one from every child."""
    if side is not None:
        return dim
    by_array: dict[int, list[_Form]] = {}
    for form in members:
        by_array.setdefault(form.array, []).append(form)
    powers: list[tuple[int, int]] = []
    for alike in by_array.values():
        kinds = Counter(form.unsided for form in alike)
        dim_of = {form.unsided: form.family.dim for form in alike}
        # Children that carry one array differ by what hangs below it. Either all of that is taken
        # together, and members are powers of vectors of `joint` entries, or kind by kind.
        joint = min(dim, alike[0].inner, sum(dim_of.values()))
        apart = [(dim_of[kind], count) for kind, count in kinds.items()]
        together = effective_dim(dim, [[(joint, len(alike))]])
        powers += [(together, 1)] if together <= effective_dim(dim, [apart]) else apart
    return effective_dim(dim, [powers])


def equivariant_bound(
    network: TensorNetwork, forest: Forest, side_a: Flags, *, effective: bool = True
) -> EquivariantBound:
    """Bound the rank of the matricization of a forest for all weights that respect its sharing.

    Parameters
    ----------
    network : TensorNetwork
        A forest of product operators, every index of multiplicity 1.
    forest : Forest
        Its rooting.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    effective : bool
        Whether to count independent members in the place of all; without, the bound is looser.

    Returns
    -------
    EquivariantBound
    """
    programme = _Programme(effective)
    order, parent = forest.order.tolist(), forest.parent.tolist()
    dims = [network.index_groups[group].dim for group in network.group_of_index.tolist()]
    reads = dict(zip(network.inputs.tolist(), side_a[network.input_modes].tolist(), strict=True))
    rows = list(_rows(network))
    below: list[dict[int, _Form]] = [{} for _ in order]
    largest = [1] * len(network.index_groups)
    group_of = network.group_of_index.tolist()
    total = 1
    for position in range(len(order) - 1, -1, -1):
        node, above = order[position], parent[position]
        if node >= network.n_tensors:
            index = node - network.n_tensors
            children = list(below[position].values())
            form = programme.index(dims[index], reads.get(index), children)
            largest[group_of[index]] = max(largest[group_of[index]], form.family.dim)
            below[above][index] = form
        else:
            root_leg = order[above] - network.n_tensors if above >= 0 else _NO_PARENT
            form = _tensor_form(programme, rows[node], root_leg, below[position], dims)
            if above >= 0:
                below[above][node] = form
            else:
                total *= form.family.rank
        below[position] = {}
    return EquivariantBound(total, tuple(largest), programme.in_blocks)


def _tensor_form(
    programme: _Programme,
    row: tuple[Hashable, list[int]],
    root_leg: int,
    below: dict[int, _Form],
    dims: Sequence[int],
) -> _Form:
    """Form of one tensor; `below` holds the forms of its legs away from the root, by index."""
    array, legs = row
    first = list(dict.fromkeys(leg for leg in legs if leg in below))
    place = {leg: (_CHILD, number) for number, leg in enumerate(first)}
    # An output is held at one value, the same for all tensors that name it.
    roles = tuple(_NO_PARENT if leg == root_leg else place.get(leg, (_OUTPUT, leg)) for leg in legs)
    inner = math.prod(dims[leg] for leg in first)
    dim = dims[root_leg] if root_leg != _NO_PARENT else 1
    number = programme.number(("array", array, roles))
    return programme.tensor(number, dim, [below[leg] for leg in first], inner)


def _rows(network: TensorNetwork) -> Iterator[tuple[Hashable, list[int]]]:
    """The array and the legs of every tensor, in the order of ids."""
    for group in network.tensor_groups:
        for number, legs in enumerate(group.indices.tolist()):
            array = (group.parameter,) if group.shared else (group.parameter, number)
            yield array, legs
