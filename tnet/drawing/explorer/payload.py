"""What the interactive page is told of a network, as one JSON document."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.min_cut import cut_claim, min_cut
from tnet.cuts.result import MinCut
from tnet.drawing.explorer.dims import with_dims
from tnet.drawing.explorer.picture import picture_of
from tnet.drawing.forest_layout import forest_layout
from tnet.errors import SizeLimitError
from tnet.network.groups import IndexGroup, TensorGroup
from tnet.network.model import TensorNetwork
from tnet.network.rooting import Forest

MOST_INPUTS = 4096
MOST_PARTS = 100_000
MOST_EXPONENT = 2**50
_DRAWN_WHOLE = 256
_DRAWN_TENSORS = 2000
_MOST_STRIPS = 64


def payload_of(network: TensorNetwork, side_a: NDArray[np.bool_]) -> dict[str, Any]:
    """Say all that the page needs, ready for JSON.

    Parameters
    ----------
    network : TensorNetwork
        At most 4,096 elements, and 100,000 tensors and indices.
    side_a : ndarray of bool, shape (N,)
        Elements on side A at first.

    Returns
    -------
    dict
        Dims are strings, since JSON readers round long integers.

    Raises
    ------
    SizeLimitError
        If the network is larger.
    """
    _check_size(network)
    forest = network.forest
    whole = len(network.inputs) <= _DRAWN_WHOLE and network.n_tensors <= _DRAWN_TENSORS
    return {
        "title": repr(network).splitlines()[0].removeprefix("TensorNetwork: "),
        "shape": list(network.input_shape),
        "inputs": network.inputs.tolist(),
        "modes": network.input_modes.tolist(),
        "indexGroups": [_index_group(group) for group in network.index_groups],
        "tensorGroups": [_tensor_group(network, group) for group in network.tensor_groups],
        "sideA": np.nonzero(side_a)[0].tolist(),
        "tree": None if forest is None else _tree(forest),
        "claims": None if forest is None else _claims(network),
        "told": None if forest is not None else stated_cut(min_cut(network, side_a)),
        "picture": picture_of(network) if whole else None,
        "strips": None if whole else _strips(network, forest),
    }


def _check_size(network: TensorNetwork) -> None:
    if network.n_modes > MOST_INPUTS:
        raise SizeLimitError(
            f"a page shows {MOST_INPUTS:,} inputs at most, and the network has "
            f"{network.n_modes:,}; use draw, which shows larger ones by group"
        )
    n_parts = network.n_tensors + network.n_indices
    if n_parts > MOST_PARTS:
        raise SizeLimitError(
            f"a page holds {MOST_PARTS:,} tensors and indices at most, and the network has "
            f"{n_parts:,}; use draw, which shows larger ones by group"
        )
    total = sum(group.count * group.multiplicity for group in network.index_groups)
    if total > MOST_EXPONENT:
        raise SizeLimitError(
            f"exponents could reach {total:,}, above {MOST_EXPONENT:,}, which a page cannot count; "
            "make multiplicities smaller, or ask min_cut"
        )


def _index_group(group: IndexGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "dim": str(group.dim),
        "count": group.count,
        "multiplicity": group.multiplicity,
        "role": group.role,
    }


def _tensor_group(network: TensorNetwork, group: TensorGroup) -> dict[str, Any]:
    numbers = network.group_of_index[group.indices[0]].tolist()
    return {"name": group.name, "count": group.count, "legs": numbers}


def _steps(values: NDArray[Any]) -> list[int]:
    """Differences of neighbours, the first from 0: much shorter to write than the values."""
    steps: list[int] = np.diff(values.astype(np.int64), prepend=0).tolist()
    return steps


def _tree(forest: Forest) -> dict[str, Any]:
    return {"orderSteps": _steps(forest.order), "parentSteps": _steps(forest.parent)}


def _claims(network: TensorNetwork) -> dict[str, Any]:
    """What a cut says: with dims that are powers of one integer, with others, and a cut of 1."""
    least = "the cut is least, decided in exact integers"
    # Of the hypotheses only the one on dims can change on the page.
    alike = with_dims(network, {group.name: 2 for group in network.index_groups})
    powers = others = cut_claim(alike, least, proved=True)
    if powers.kind == "exact by theorem":
        others = cut_claim(_without_common_base(), least, proved=True)
    one = min_cut(network, []).claim
    return {"powers": _claim(powers), "others": _claim(others), "one": _claim(one)}


def _without_common_base() -> TensorNetwork:
    """Two inputs of dims 2 and 3 on one tensor: all hypotheses of the theorem hold but that."""
    groups = [IndexGroup("i", dim=2, role="input"), IndexGroup("j", dim=3, role="input")]
    return TensorNetwork(tuple(groups), (TensorGroup("t", np.array([[0, 1]])),))


def _claim(claim: Claim) -> dict[str, str]:
    return {"kind": claim.kind, "reason": claim.reason}


def stated_cut(cut: MinCut) -> dict[str, Any]:
    """State the cut of a network with loops, which the page cannot find by itself.

    Parameters
    ----------
    cut : MinCut
        Of any network.

    Returns
    -------
    dict
        Ready for JSON: ids of the tensors and of the indices on side A, ids of the cut indices,
        and the claim.
    """
    incidence = cut.network.incidence
    firsts = incidence.by_index[incidence.index_start[:-1]]
    return {
        "tensorsOnA": _ids(cut.tensors_on_a),
        "indicesOnA": _ids(cut.tensors_on_a[firsts]),
        "cut": cut.cut_ids.tolist(),
        "claim": _claim(cut.claim),
    }


def _ids(flags: NDArray[np.bool_]) -> list[int]:
    ids: list[int] = np.nonzero(flags)[0].tolist()
    return ids


def _strips(network: TensorNetwork, forest: Forest | None) -> list[dict[str, Any]]:
    """One strip per index group, the root's on top, its indices as they stand over the inputs.

    Of very many groups, those nearest the root.
    """
    starts = network.index_names.starts.tolist()
    groups = [n for n, group in enumerate(network.index_groups) if group.role != "output"]
    across = np.arange(network.n_indices, dtype=np.float64)
    height = {number: float(number) for number in groups}
    if forest is not None:
        places = forest_layout(network, forest).indices
        across = places[:, 0]
        height = {n: float(places[starts[n] : starts[n + 1], 1].mean()) for n in groups}
    return [
        {"group": n, "idSteps": _steps(_in_order(across, range(starts[n], starts[n + 1])))}
        for n in sorted(groups, key=lambda number: -height[number])[:_MOST_STRIPS]
    ]


def _in_order(across: NDArray[np.float64], ids: Iterable[int]) -> NDArray[np.int64]:
    listed = np.fromiter(ids, dtype=np.int64)
    return listed[np.argsort(across[listed], kind="stable")]
