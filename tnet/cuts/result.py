"""`MinCut`: the least cut found, what it proves, and how to check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.crossing import crossing_indices, mixed_component
from tnet.cuts.products import powers_text, product, product_log2, product_text
from tnet.errors import VerificationError
from tnet.network.counting import number_of
from tnet.network.groups import Ids
from tnet.network.model import TensorNetwork


class NamedIds(Sequence[str]):
    """Names of chosen indices, made when asked; ``ids`` has their numbers."""

    def __init__(self, network: TensorNetwork, ids: Ids) -> None:
        self._names = network.index_names
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, key: int) -> str: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[str, ...]: ...
    def __getitem__(self, key: int | slice) -> str | tuple[str, ...]:
        if isinstance(key, slice):
            return tuple(self._names[int(id_)] for id_ in self.ids[key])
        return self._names[int(self.ids[key])]

    def __repr__(self) -> str:
        more = f", ... {len(self) - 8:,} more" if len(self) > 8 else ""
        return f"({', '.join(self[:8])}{more})"


@dataclass(frozen=True, eq=False, repr=False)
class MinCut:
    """A least set of indices whose removal parts side A of the inputs from side B.

    Attributes
    ----------
    network : TensorNetwork
        The network that was cut.
    side_a : ndarray of bool, shape (N,)
        Elements on side A.
    tensors_on_a : ndarray of bool, shape (n_tensors,)
        Tensors on side A.
    cut_ids : ndarray of int32
        Ids of the cut indices, ascending.
    method : {'forest', 'flow'}
        How it was found.
    slack_log2 : float
        The least cut's log2 is at most this far below `log2`; 0 where it is proved least.
    claim : Claim
        What `dimension` says of the Schmidt number.
    """

    network: TensorNetwork
    side_a: NDArray[np.bool_]
    tensors_on_a: NDArray[np.bool_]
    cut_ids: Ids
    method: str
    slack_log2: float
    claim: Claim

    @property
    def indices(self) -> NamedIds:
        """Names of the cut indices, made when asked."""
        return NamedIds(self.network, self.cut_ids)

    @cached_property
    def factors(self) -> dict[str, int]:
        """Exponent of each group's dim in `dimension`; groups that are not cut are left out."""
        groups = self.network.index_groups
        counts = np.bincount(self.network.group_of_index[self.cut_ids], minlength=len(groups))
        return {
            group.name: int(count) * group.multiplicity
            for group, count in zip(groups, counts, strict=True)
            if count
        }

    @cached_property
    def _powers(self) -> list[tuple[int, int]]:
        dims = {group.name: group.dim for group in self.network.index_groups}
        return [(dims[name], exponent) for name, exponent in self.factors.items()]

    @cached_property
    def dimension(self) -> int:
        """Product of the dims of the cut indices, exactly."""
        return product(self._powers)

    @cached_property
    def log2(self) -> float:
        """Log2 of `dimension`."""
        return product_log2(self._powers)

    @property
    def dimension_text(self) -> str:
        """`dimension` in full, or as powers where it is long."""
        return product_text(self._powers)

    def verify(self) -> bool:
        """Recompute that the cut is that of its sides, parts them, and multiplies to `dimension`.

        That no cut is smaller is not recomputed: `min_cut` by the other method is a check of it.

        Returns
        -------
        bool
            True; whatever does not hold raises.

        Raises
        ------
        VerificationError
            If `cut_ids` are not the indices that `tensors_on_a` cuts, inputs of both sides hang
            together without them, or the product of their dims differs from `dimension`.
        """
        crossing = crossing_indices(self.network, self.tensors_on_a, self.side_a)
        if not np.array_equal(crossing, self.cut_ids):
            wrong = int(np.setxor1d(crossing, self.cut_ids)[0])
            raise VerificationError(
                f"the sides of the tensors cut {len(crossing)} indices, but the cut lists "
                f"{len(self.cut_ids)}; index {self.network.index_names[wrong]!r} is in one only: "
                "do not use the cut"
            )
        joined = mixed_component(self.network, self.cut_ids, self.side_a)
        if joined is not None:
            raise VerificationError(
                f"without the cut, element {joined[0]} of side A still hangs together with element "
                f"{joined[1]} of side B; do not use the cut"
            )
        costs: dict[tuple[int, int], int] = {}
        for number in self.network.group_of_index[self.cut_ids].tolist():
            group = self.network.index_groups[number]
            key = group.dim, group.multiplicity
            costs[key] = costs.get(key, 0) + 1
        powers = [(dim, multiplicity * count) for (dim, multiplicity), count in costs.items()]
        if product(powers) != self.dimension:
            raise VerificationError(
                f"the cut indices multiply to {product_text(powers)}, which is not the dimension "
                "as stated; do not use the cut"
            )
        return True

    def __str__(self) -> str:
        n_a = int(self.side_a.sum())
        sides = f"{n_a:,} against {number_of(len(self.side_a) - n_a, 'input')}"
        factors = powers_text(self.factors)
        return f"min cut {self.dimension_text} = {factors}  ({sides}; {self.claim.kind})"

    def __repr__(self) -> str:
        return f"<MinCut: {self}>"
