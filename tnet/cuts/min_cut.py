"""`min_cut`: one question, the method chosen by the shape of the network."""

from collections import Counter

import numpy as np

from tnet.claims import Claim
from tnet.cuts.crossing import crossing_indices
from tnet.cuts.flow import flow_sides
from tnet.cuts.forest import forest_sides
from tnet.cuts.products import common_base
from tnet.cuts.result import MinCut
from tnet.errors import StructureError
from tnet.network.groups import Ids, read_only
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes

_NONZERO = (
    "nothing need be cut, so the Schmidt number is at most 1; almost all weights give a function "
    "that is not zero, so theirs is 1"
)

METHODS = ("auto", "forest", "flow")


def min_cut(network: TensorNetwork, side_a: Side, *, method: str = "auto") -> MinCut:
    r"""Find the least product of dims of indices that part side A of the inputs from side B.

    Every tensor is given a side; an index whose tensors and readings are not all on one side is
    cut and costs its dim once, however many ends it has. Outputs hold one value, are on neither
    side and cost nothing. All readings of an element are on the element's side.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A: flags, or mode numbers or names of inputs. Side B is the rest; either may be
        empty.
    method : {'auto', 'forest', 'flow'}
        ``forest``: a two-state programme in exact integers, linear in the network, where tensors
        and indices have no loop. ``flow``: maximum flow, near-ties decided by exact products, any
        network. ``auto`` takes the first that applies.

    Returns
    -------
    MinCut
        ``dimension`` (int), ``log2``, ``factors`` by index group, ``indices`` (names),
        ``tensors_on_a``, ``claim``, ``verify()``.

    Raises
    ------
    PartitionError, UnknownNameError
        If `side_a` does not name inputs of this network.
    StructureError
        If `method` is unknown, or ``forest`` on a network with loops.
    VerificationError
        If the flow solver contradicts itself.

    Notes
    -----
    For weights of any kind the Schmidt number, the rank of the coefficient tensor's
    matricization, is at most the cut: fix the values of the cut indices, and the sum splits
    [1]_. The largest Schmidt number over all weights, which almost all weights attain, *equals* the
    cut if every tensor has weights of its own and all dims are powers of one integer (by disjoint
    paths) [1]_; the claim says so where these hypotheses hold. Otherwise it can be smaller.
    Networks with other operators than the product have a cut too, but no theorem.

    References
    ----------
    .. [1] Levine, Yakira, Cohen, Shashua. Deep learning and quantum entanglement: fundamental
       connections with implications to network design. ICLR 2018. arXiv:1704.01552.

    Examples
    --------
    >>> import tnet
    >>> spec = tnet.ConvNet(16, features=2, widths=(4, 4, 4, 4))
    >>> cut = tnet.min_cut(spec.compile(), tnet.partitions.left_right(16))
    >>> print(cut)
    min cut 4 = r3  (8 against 8 inputs; exact by theorem)
    >>> cut.indices[:], cut.verify()
    (('r3',), True)
    """
    if method not in METHODS:
        raise StructureError(f"method is {method!r}; choose one of {', '.join(METHODS)}")
    side = side_of_modes(network, side_a)
    forest = network.forest if method != "flow" else None
    if method == "forest" and forest is None:
        raise StructureError(
            "method 'forest' needs a network without loops, and this one has one; use 'flow' or "
            "'auto'"
        )
    if forest is not None:
        on_a, slack, found_by = forest_sides(network, forest, side), 0.0, "forest"
    else:
        flow = flow_sides(network, side)
        on_a, slack, found_by = flow.on_a, flow.slack_log2, "flow"
    cut_ids = crossing_indices(network, on_a, side)
    read_only(on_a, cut_ids)
    claim = _claim(network, found_by, slack)
    if network.is_product and _costs_nothing(network, cut_ids):
        claim = Claim("exact by theorem", _NONZERO, ("product operators",))
    return MinCut(network, side, on_a, cut_ids, found_by, slack, claim)


def _costs_nothing(network: TensorNetwork, cut_ids: Ids) -> bool:
    groups = np.unique(network.group_of_index[cut_ids]).tolist()
    return all(network.index_groups[number].dim == 1 for number in groups)


def _claim(network: TensorNetwork, found_by: str, slack: float) -> Claim:
    if found_by == "forest":
        least = "the cut is least, decided in exact integers"
    elif slack == 0:
        least = "the cut is least, proved by an equal flow"
    else:
        least = f"the least cut is at most {slack:.2g} bits smaller, proved by flow"
    return cut_claim(network, least, proved=slack == 0)


def cut_claim(network: TensorNetwork, least: str, *, proved: bool) -> Claim:
    """Say what a cut of `network` means for the Schmidt number.

    Parameters
    ----------
    network : TensorNetwork
        Any network.
    least : str
        In what sense the cut is least.
    proved : bool
        Whether it is least without any slack.
    """
    if not network.is_product:
        return Claim("no theorem", f"operators other than the product have no bound; {least}")
    failing = _missing_hypotheses(network) + ([] if proved else [least])
    if failing:
        reason = f"the Schmidt number is at most the cut; {least}; equality is open: {failing[0]}"
        return Claim("upper bound", reason, ("product operators",))
    return Claim(
        "exact by theorem",
        f"almost all weights have a Schmidt number equal to the cut (arXiv:1704.01552); {least}",
        (
            "product operators",
            "every tensor has weights of its own",
            "all dims are powers of one integer",
            "every element is read once",
        ),
    )


def _missing_hypotheses(network: TensorNetwork) -> list[str]:
    """Say which hypotheses of the equality theorem do not hold."""
    failing = []
    takers = Counter(group.parameter for group in network.tensor_groups)
    if any(takers[g.parameter] > 1 or (g.shared and g.count > 1) for g in network.tensor_groups):
        failing.append("weights are shared")
    if common_base(g.dim for g in network.index_groups if g.role != "output") is None:
        failing.append("dims are not powers of one integer")
    if len(network.inputs) != network.n_modes:
        failing.append("an element is read more than once")
    if any(group.multiplicity > 1 for group in network.index_groups):
        failing.append("an index stands for several")
    return failing
