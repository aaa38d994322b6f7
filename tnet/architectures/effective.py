"""Which widths of a network with shared weights exceed what its channels can express."""

from collections.abc import Sequence

import numpy as np

from tnet.geometry.mode_tree import ModeTree
from tnet.network.effective import effective_dim

Kind = tuple[tuple[int, int], ...]
"""For every level from which members of a window come (-1: modes), how many come from there."""


def effective_widths(tree: ModeTree, features: int, widths: Sequence[int]) -> tuple[int, ...]:
    r"""Bound how many channels of every level are linearly independent if weights are shared.

    Parameters
    ----------
    tree : ModeTree
        Which members the windows join.
    features : int
        Representation functions per element, M.
    widths : sequence of int
        Channels of every level, :math:`r_0, \ldots, r_{L-1}`.

    Returns
    -------
    tuple of int
        Per level l the number :math:`e_l \le r_l`. A network with the widths :math:`e_l` has the
        same functions, with product operators and one filter bank for all locations of a level.

    Notes
    -----
    Channel a of a window of w members is the product of w features of it, the coefficients of
    which are the w-th tensor power of row a of the filter bank: a vector of
    :math:`\mathrm{Sym}^w(\mathbb{R}^{e_{l-1}})`, so that

    .. math:: e_l = \min\Bigl(r_l, \sum \prod_s \binom{e_s + w_s - 1}{w_s}\Bigr), \qquad e_{-1} = M,

    where s runs over the levels from which members come, :math:`w_s` of them, and the sum over
    the kinds of window of the level, which is one kind in a regular tree. The sum is there because
    one set of channels has to serve windows of all kinds.

    Examples
    --------
    >>> import tnet
    >>> effective_widths(tnet.pooling.sequential(16, 2), 2, (9, 9, 9, 30))
    (3, 6, 9, 30)
    """
    known = {-1: features}
    for level, kinds in enumerate(_kinds_by_level(tree)):
        powers = [[(known[source], count) for source, count in kind] for kind in sorted(kinds)]
        known[level] = effective_dim(widths[level], powers)
    return tuple(known[level] for level in range(tree.n_levels))


def _kinds_by_level(tree: ModeTree) -> list[set[Kind]]:
    """List the kinds of window of every level, looping only over those with mixed members."""
    parent, level = tree.parent[:-1].astype(np.int64), tree.level
    n_sources = tree.n_levels + 1
    keys, counts = np.unique(parent * n_sources + level[:-1] + 1, return_counts=True)
    windows, sources = keys // n_sources, keys % n_sources - 1
    first = np.ones(len(windows), dtype=bool)
    first[1:] = windows[1:] != windows[:-1]
    starts = np.nonzero(first)[0]
    lengths = np.diff(np.append(starts, len(windows)))
    kinds: list[set[Kind]] = [set() for _ in range(tree.n_levels)]
    plain = starts[lengths == 1]
    rows = np.stack([level[windows[plain]], sources[plain], counts[plain]], axis=1)
    for at, source, count in np.unique(rows, axis=0).tolist():
        kinds[at].add(((source, count),))
    for start, length in zip(
        starts[lengths > 1].tolist(), lengths[lengths > 1].tolist(), strict=True
    ):
        run = slice(start, start + length)
        kind = tuple(zip(sources[run].tolist(), counts[run].tolist(), strict=True))
        kinds[int(level[windows[start]])].add(kind)
    return kinds
