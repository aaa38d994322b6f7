"""A rectifier network as threshold units in groups, exactly."""

import numpy as np

from tnet.claims import Claim
from tnet.contraction.memory import bytes_text, check_fits
from tnet.errors import MemoryLimitError
from tnet.expressiveness.arguments import checked_whole
from tnet.expressiveness.rectifier.affine import Affine, Array, checked_instance
from tnet.expressiveness.rectifier.cells import CELL_LIMIT, cell_bound
from tnet.expressiveness.rectifier.networks import RectifierNetwork
from tnet.expressiveness.rectifier.pruning import pruned_groups
from tnet.expressiveness.rectifier.thresholds import Form, ThresholdNetwork, check_form

MEMORY_LIMIT = 2**30
"""Most bytes of a network of threshold units, unless more are allowed."""


def to_threshold(
    network: RectifierNetwork,
    *,
    form: Form = "dnf",
    prune: bool = False,
    memory_limit: int = MEMORY_LIMIT,
    cell_limit: int = CELL_LIMIT,
) -> ThresholdNetwork:
    r"""Return a network of threshold units that computes the same as a rectifier network.

    Parameters
    ----------
    network : RectifierNetwork
        With n1 rectifiers that are added and n2 that are subtracted.
    form : {'dnf', 'cnf'}
        A disjunction of conjunctions, or a conjunction of disjunctions.
    prune : bool
        Leave out units and groups that are not needed, without building them first.
    memory_limit : int
        Most bytes of the result when it is not pruned; building it takes about three times that.
    cell_limit : int
        Most cells, that is sign patterns of rectifiers, enumerated to prune.

    Returns
    -------
    ThresholdNetwork
        Unpruned: :math:`2^{n1}` groups of :math:`2^{n2}` units as ``"dnf"``, :math:`2^{n2}` groups
        of :math:`2^{n1}` as ``"cnf"``; unit S1, S2 has the subsets' bits as its number.

    Raises
    ------
    MemoryLimitError
        If the unpruned network takes more than `memory_limit`; nothing has been built.
    SizeLimitError
        If there can be more cells than `cell_limit`.
    SpecError
        If the form is another, or a limit no whole number of at least 1.
    ParameterError
        If the network is no `RectifierNetwork`.

    Notes
    -----
    A rectifier is the larger of 0 and its function, so :math:`\sum_P R(a_k)` is the largest sum
    over subsets S1 of P, and the score is a maximum over S1 of a minimum over S2 of

    .. math:: w_0 + \sum_{k \in S_1} a_k(x) - \sum_{k \in S_2} a_k(x).

    It is at least 0 if and only if some S1 has all of them at least 0, or, as the maximum and the
    minimum do not depend on each other, for every S2 some is [1]_. This holds for every input,
    ties included, as long as the arithmetic is exact (integers below 2^53, say); otherwise both
    sides are rounded, differently, and may differ where the score is within rounding of 0.

    What pruning guarantees, and how long it takes, is in `pruned_groups`: with rectifiers of both
    signs, 8 + 8 of two inputs about 4 s, and 16 + 16 over a minute.

    References
    ----------
    .. [1] Pan, Srikumar. Expressiveness of rectifier networks. ICML 2016. arXiv:1511.05678.

    Examples
    --------
    >>> net = RectifierNetwork(Affine([[1], [-1]], [0, 0]), Affine([[0]], [0]), -2)
    >>> to_threshold(net)
    <ThresholdNetwork: 8 units in 4 groups, dnf>
    >>> to_threshold(net, prune=True)
    <ThresholdNetwork: 2 units in 2 groups, dnf>
    """
    checked_instance(network, RectifierNetwork, "network")
    check_form(form)
    checked_whole(memory_limit, "memory_limit")
    checked_whole(cell_limit, "cell_limit")
    if prune:
        return pruned_groups(network, form, cell_limit=cell_limit)
    needed = threshold_bytes(network, form=form)
    check_limit(network, needed, memory_limit)
    n_added, n_subtracted = len(network.positive), len(network.negative)
    added = subset_sums(network.positive.rows, network.bias)
    subtracted = subset_sums(-network.negative.rows, 0.0)
    outer, inner = (added, subtracted) if form == "dnf" else (subtracted, added)
    rows = (outer[:, None] + inner[None]).reshape(-1, network.dim + 1)
    starts = np.arange(len(outer) + 1) * len(inner)
    claim = Claim(
        "exact by theorem",
        f"a maximum over {2**n_added} subsets of a minimum over {2**n_subtracted}, unit by unit",
        ("arithmetic is exact; else inputs whose score is within rounding of 0 may differ",),
    )
    return ThresholdNetwork(Affine.from_rows(rows), starts, form, claim)


def threshold_bytes(network: RectifierNetwork, *, form: Form = "dnf") -> int:
    """Return the bytes of the unpruned network of threshold units, without building it.

    Examples
    --------
    >>> net = RectifierNetwork.from_layers([[1.0]] * 16, [0] * 16, [1] * 16, -1)
    >>> threshold_bytes(net), to_threshold(net).bytes
    (1572872, 1572872)
    """
    checked_instance(network, RectifierNetwork, "network")
    check_form(form)
    counts = len(network.positive), len(network.negative)
    groups = counts[0] if form == "dnf" else counts[1]
    return int(8 * (2 ** sum(counts) * (network.dim + 1) + 2**groups + 1))


def check_limit(network: RectifierNetwork, needed: int, limit: int) -> None:
    """Raise if so many bytes are above the limit, or above what there is."""
    counts = len(network.positive), len(network.negative)
    n_units = 2 ** sum(counts)
    most = cell_bound(counts[0], network.dim) * cell_bound(counts[1], network.dim)
    exact = f" = {n_units:,}" if sum(counts) < 64 else ""
    pruned = "" if most >= n_units else f", which builds at most {most:,} units"
    remedy = f"ask for prune=True{pruned}, or raise memory_limit"
    what = f"{sum(counts)} rectifiers are 2^{sum(counts)}{exact} threshold units, which"
    if needed > limit:
        raise MemoryLimitError(
            f"{what} take {bytes_text(needed)}, above the limit of {bytes_text(limit)}; {remedy}"
        )
    # Rows, and their copies as weights and offsets.
    check_fits(3 * needed, what=what, remedy=remedy)


def subset_sums(rows: Array, start: float) -> Array:
    """Return the sums over all subsets of rows, subset by the bits of its number.

    Parameters
    ----------
    rows : ndarray, shape (n, c)
        What is summed.
    start : float
        Added to the last column of every sum.

    Returns
    -------
    ndarray, shape (2^n, c)

    Examples
    --------
    >>> subset_sums(np.array([[1.0, 2.0], [10.0, 20.0]]), 0.5).tolist()
    [[0.0, 0.5], [1.0, 2.5], [10.0, 20.5], [11.0, 22.5]]
    """
    count, columns = rows.shape
    sums = np.empty((2**count, columns))
    sums[0] = 0
    sums[0, -1] = start
    for number, row in enumerate(rows):
        half = 2**number
        np.add(sums[:half], row, out=sums[half : 2 * half])
    return sums
