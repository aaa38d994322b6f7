"""Recurrent ReLU/max networks with a wanted grid tensor: sums of terms, or automata."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.recurrent import Recurrent
from tnet.errors import SizeLimitError
from tnet.expressiveness.universality.rectified import max_terms
from tnet.expressiveness.universality.targets import Terms, commonest

Array = NDArray[Any]
Network = tuple[Recurrent, dict[str, Array]]

_MOST_CORE_ENTRIES = 2**24
"""Entries of all cores together, 128 MiB."""


@dataclass(frozen=True, eq=False)
class _Automaton:
    """Which beginnings of an input go on alike.

    Attributes
    ----------
    constant : float
        Value of the inputs that end in no state.
    moves : tuple of ndarray of int, shapes (n_t, M)
        The state after step t + 1, by state before and template; -1 where all that follows has
        the constant value. Of the steps but the last; there is one state before the first.
    ends : ndarray, shape (n, M)
        Values less the constant, by state before the last step and template.
    """

    constant: float
    moves: tuple[Array, ...]
    ends: Array

    @property
    def counts(self) -> list[int]:
        """Number of states after each step but the last."""
        return [len(table) for table in (*self.moves, self.ends)[1:]]


def recurrent_network(tensor: Array, *, shared: bool) -> Network:
    r"""Make a recurrent ReLU/max network with a wanted grid tensor on one-hot features.

    Parameters
    ----------
    tensor : ndarray of float64, shape (M,) * T
    shared : bool
        Whether all steps share their matrix, and all but the first their core.

    Returns
    -------
    spec : Recurrent
    parameters : dict of str to array
        With the initial state.

    Raises
    ------
    SizeLimitError
        If the cores had too many entries; the message says how many.

    Notes
    -----
    *Sums* [1]_ (theorem 5.1). Cores that are block-diagonal keep two networks apart, and `out`
    adds them up: ranks add. One maximum per term is a state of one entry,
    :math:`h^t = \max(a_t(d_t), h^{t-1})`, so Z terms of a shallow network give ranks Z.

    *Automata* (derived here). Beginnings of an input that go on alike, whatever follows, are one
    state; :math:`p_j` is 1 in state j and else 0. A state entry :math:`1 - p_j` and a hidden unit
    :math:`1 - [d = i]` meet in :math:`\max = 1 - p_j [d = i]`, so

    .. math:: 1 - p'_k = \sum_{(j, i) \to k} \max - (n_k - 1) \cdot 1 ,

    where :math:`n_k` pairs lead to k and 1 is a hidden unit that is always 1. After the last step
    the values are summed instead. There are at most :math:`M^t` states after t steps, and
    :math:`M^{T-1}` in all cores but the last. The first state is h = 0, the initial one. States
    of all steps side by side are one automaton for all steps, and one core.

    The network of smaller largest rank is taken.

    References
    ----------
    .. [1] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> recurrent_network(1 - np.eye(3), shared=False)[0].ranks
    (3, 1)
    """
    automaton = _automaton(tensor)
    if shared:
        return _shared(automaton, tensor.ndim)
    largest = max([1, *automaton.counts])
    if largest > 1:
        terms = max_terms(tensor)
        width = len(terms.weights)
        if width < largest and width**3 * tensor.ndim <= _MOST_CORE_ENTRIES:
            return _sum_of_terms(terms)
    return _unshared(automaton, tensor.ndim)


def _automaton(tensor: Array) -> _Automaton:
    constant = commonest(tensor)
    alike, moves = (tensor - constant).reshape(1, -1), list[Array]()
    for _ in range(tensor.ndim - 1):
        rows = alike.reshape(-1, alike.shape[1] // len(tensor))
        alike, number = np.unique(rows, axis=0, return_inverse=True)
        live = alike.any(axis=1)
        states = np.where(live, np.cumsum(live) - 1, -1)
        moves.append(states[number.reshape(-1)].reshape(-1, len(tensor)))
        alike = alike[live]
    return _Automaton(constant, tuple(moves), alike)


def _check_cores(hidden: int, ranks: list[int]) -> None:
    entries = sum(hidden * a * b for a, b in zip([1, *ranks], ranks, strict=False))
    if entries > _MOST_CORE_ENTRIES:
        raise SizeLimitError(
            f"the cores of the recurrent network, of ranks up to {max(ranks)}, would "
            f"have {entries:,} entries, and the limit is {_MOST_CORE_ENTRIES:,}; take fewer "
            "templates or elements, or a shallow network, by='relu-max'"
        )


def _letters(m: int) -> Array:
    """Hidden units 1 - [d = i], and one that is always 1, for d in rows."""
    return np.concatenate([1 - np.eye(m), np.ones((m, 1))], axis=1)


def _fill_move(core: Array, table: Array, before: int, after: int) -> None:
    """Let states numbered from `before` lead to states numbered from `after`."""
    m = table.shape[1]
    for state, letter in np.argwhere(table >= 0).tolist():
        core[letter, before + state, after + table[state, letter]] = 1
    pairs = np.bincount(table[table >= 0])
    core[m, 0, after : after + len(pairs)] = 1 - pairs


def _fill_end(core: Array, automaton: _Automaton, before: int, after: int) -> None:
    """Sum the values of pairs of state and template, in state entry `after`."""
    ends, m = automaton.ends, automaton.ends.shape[1]
    core[:m, before : before + len(ends), after] = -ends.T
    core[m, 0, after] += float(ends.sum()) + automaton.constant


def _unshared(automaton: _Automaton, steps: int) -> Network:
    m = automaton.ends.shape[1]
    ranks = [*(max(1, count) for count in automaton.counts), 1]
    _check_cores(m + 1, ranks)
    cores = [np.zeros((m + 1, a, b)) for a, b in zip([1, *ranks], ranks, strict=False)]
    for core, table in zip(cores, automaton.moves, strict=False):
        _fill_move(core, table, 0, 0)
    _fill_end(cores[-1], automaton, 0, 0)
    spec = Recurrent(steps, features=m, hidden=m + 1, ranks=tuple(ranks), operator="max")
    parameters = {f"G{t + 1}": core for t, core in enumerate(cores)}
    parameters |= {"C": np.stack([_letters(m)] * steps), "out": np.ones(1)}
    return spec, parameters | spec.initial_state


def _shared(automaton: _Automaton, steps: int) -> Network:
    m = automaton.ends.shape[1]
    # Entry 0 is a state of no input, so that some entry is at most 1; the value is the last.
    starts = np.cumsum([1, *automaton.counts]).tolist()
    value = starts[-1]
    rank = value + 1
    _check_cores(m + 1, [rank, rank])
    first, core = np.zeros((m + 1, 1, rank)), np.zeros((m + 1, rank, rank))
    # A state of another step has p = 0, its entry is 1.
    first[m, 0, :value] = core[m, 0, :value] = 1
    for step, table in enumerate(automaton.moves):
        if step:
            _fill_move(core, table, starts[step - 1], starts[step])
        else:
            _fill_move(first, table, 0, starts[0])
    _fill_end(first if steps == 1 else core, automaton, starts[-2] if steps > 1 else 0, value)
    spec = Recurrent(steps, features=m, hidden=m + 1, ranks=rank, shared=True, operator="max")
    parameters = {"C": _letters(m), "G1": first, "out": np.eye(rank)[-1]}
    if steps > 1:
        parameters["G"] = core
    return spec, parameters | spec.initial_state


def _sum_of_terms(terms: Terms) -> Network:
    steps, m, width = terms.values.shape
    spec = Recurrent(steps, features=m, hidden=width, ranks=width, operator="max")
    diagonal = np.zeros((width,) * 3)
    diagonal[range(width), range(width), range(width)] = 1
    parameters = {f"G{t + 1}": diagonal for t in range(1, steps)}
    parameters["G1"] = np.eye(width)[:, None]
    parameters |= {"C": terms.values, "out": terms.weights}
    return spec, parameters | spec.initial_state
