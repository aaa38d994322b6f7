"""Fewest chains that sets fall into, each set of a chain inside the next."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

Array = NDArray[Any]


def fewest_chains(inside: Array) -> list[list[int]]:
    """Part the elements of a partial order into as few chains as there can be.

    Parameters
    ----------
    inside : ndarray of bool, shape (n, n)
        ``inside[a, b]``: element a is strictly below b. It must be transitive.

    Returns
    -------
    list of list of int
        Every element once, each chain from its least element up.

    Notes
    -----
    A chain cover leaves n minus the number of steps taken inside chains; the steps are a matching
    of elements with elements above them, and with a transitive order every matching is a cover.
    So a largest matching gives the fewest chains (Dilworth's theorem, as Fulkerson proved it).

    Examples
    --------
    >>> fewest_chains(np.array([[0, 1, 1], [0, 0, 0], [0, 0, 0]], dtype=bool))
    [[0, 1], [2]]
    """
    above = maximum_bipartite_matching(csr_array(inside), perm_type="column").tolist()
    is_start = np.ones(len(above), dtype=bool)
    is_start[[b for b in above if b >= 0]] = False
    chains = []
    for start in np.nonzero(is_start)[0].tolist():
        chain = [start]
        while above[chain[-1]] >= 0:
            chain.append(above[chain[-1]])
        chains.append(chain)
    return chains


def strictly_inside(sets: Array) -> Array:
    """Which sets lie in which others, of distinct sets given as rows of flags.

    Examples
    --------
    >>> strictly_inside(np.array([[1, 0], [1, 1]], dtype=bool)).tolist()
    [[False, True], [False, False]]
    """
    outside = sets.astype(np.float32) @ (~sets).T.astype(np.float32)
    inside: Array = outside == 0
    np.fill_diagonal(inside, False)
    return inside
