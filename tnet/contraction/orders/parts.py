"""`Part`: operands merged into one, as a tree of products with what it costs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

Nodes = frozenset[int]
NONE: Nodes = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One intermediate, below some node of a rooted forest.

    Attributes
    ----------
    node : int
        Operand ``node`` itself, or all that hangs below it, itself included; for a product -1.
    whole : bool
        Whether all that hangs below `node` is meant.
    factors : tuple of Part
        The two that a product is of; else empty.
    joints : frozenset of int
        Joining indices that are still open, by node.
    common : frozenset of int
        Outputs that other parts may have as well.
    open_log2 : float
        Size of the outputs that no other part has.
    loose_log2 : float or None
        Size of what an operand has alone and the first product sums; None if there is none.
    cost : float
        Scalar operations of all products in it.
    products : int
        Number of products that are written out; those of a whole are not.
    """

    node: int
    whole: bool
    factors: tuple["Part", ...]
    joints: Nodes
    common: Nodes
    open_log2: float
    loose_log2: float | None = None
    cost: float = 0.0
    products: int = 0


def moved(part: Part, place_of: Callable[[int], int]) -> Part:
    """The same part below a node of the same kind."""
    return replace(
        part,
        node=place_of(part.node) if part.node >= 0 else -1,
        factors=tuple(moved(factor, place_of) for factor in part.factors),
        joints=frozenset(map(place_of, part.joints)),
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Binary logarithms of dims: of joining indices by node, of outputs by id."""

    joint: list[float]
    output: dict[int, float]

    def entries(self, joints: Iterable[int], common: Iterable[int]) -> float:
        """Binary logarithm of the entries that indices span."""
        joint, output = self.joint, self.output
        return sum([joint[node] for node in joints]) + sum([output[index] for index in common])

    def size(self, part: Part) -> float:
        """Binary logarithm of the entries of a part."""
        return part.open_log2 + self.entries(part.joints, part.common) + (part.loose_log2 or 0.0)

    def product(self, one: Part, other: Part, summed: Nodes) -> Part:
        """Merge two parts, and sum the joints named, which no third part has."""
        joints, common = one.joints | other.joints, one.common | other.common
        opened = one.open_log2 + other.open_log2
        involved = opened + self.entries(joints, common)
        sums = bool(summed)
        for loose in (one.loose_log2, other.loose_log2):
            if loose is not None:
                involved, sums = involved + loose, True
        return Part(
            -1,
            False,
            (one, other),
            joints - summed,
            common,
            opened,
            None,
            one.cost + other.cost + operations(involved + sums),
            one.products + other.products + 1,
        )


def operations(log2: float) -> float:
    """Two to the power; infinite beyond the range of floats.

    Examples
    --------
    >>> operations(3.0), operations(5000.0)
    (8.0, inf)
    """
    return 2.0**log2 if log2 < 1024 else float("inf")
