"""A recurrent rectifier network that no narrow shallow one can match."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tnet.architectures.fields import checked_count
from tnet.architectures.recurrent import Recurrent
from tnet.errors import SpecError


def equal_pairs(steps: int, features: int) -> tuple[Recurrent, dict[str, NDArray[Any]]]:
    r"""Return a recurrent network that says whether the steps of an input are equal in pairs.

    Parameters
    ----------
    steps : int
        Length T of the inputs, even.
    features : int
        Number M of symbols, each a one-hot vector.

    Returns
    -------
    spec : Recurrent
        With ReLU/max, hidden size M + 1 and states of dim M.
    parameters : dict of str to array
        With them its value is 0 where :math:`x_1 = x_2, x_3 = x_4, \ldots`, and else 1.

    Raises
    ------
    SpecError
        If `steps` is odd, or a number is not positive.

    Notes
    -----
    Between odd and even steps its grid tensor is the matrix of ones minus the identity, of rank
    :math:`M^{T/2}`: so a shallow ReLU/max network has width :math:`2 M^{T/2} / (M T)` at least
    [1]_. The state before a pair has s in every entry, 1 if a pair differed and else 0. The
    first of a pair turns entry k into :math:`\max(s, [x \ne k])`. Of the second one all
    :math:`\max([x' \ne k], h_k)` are summed, which are 1 but for :math:`k = x'`; M - 1 is taken
    off, from a hidden unit that is always 1, and what is left is the new s.

    References
    ----------
    .. [1] Khrulkov, Hrinchuk, Oseledets. Generalized tensor models for recurrent neural networks.
       ICLR 2019. arXiv:1901.10801.

    Examples
    --------
    >>> import tnet
    >>> spec, parameters = equal_pairs(4, 3)
    >>> inputs = np.eye(3)[[[0, 0, 2, 2], [0, 1, 2, 2]]]
    >>> tnet.evaluate(spec.compile(), parameters, inputs)
    array([0., 1.])
    """
    m, n_steps = checked_count(features, "features"), checked_count(steps, "steps")
    if n_steps % 2:
        raise SpecError(f"steps is {steps}; pairs need an even number: add or leave out one")
    spec = Recurrent(n_steps, features=m, hidden=m + 1, ranks=m, operator="max")
    differs = np.concatenate([1 - np.eye(m), np.ones((m, 1))], axis=1)
    same = np.zeros((m + 1, m, m))
    same[range(m), range(m), range(m)] = 1
    summed = np.zeros((m + 1, m, m))
    summed[range(m), range(m)] = 1
    summed[m, 0] = 1 - m
    parameters = {f"G{t + 1}": summed if t % 2 else same for t in range(n_steps)}
    # At first the state has one entry, s = 0 for all k.
    parameters["G1"] = np.eye(m + 1, m)[:, None]
    parameters |= {"C": np.stack([differs] * n_steps), "out": np.eye(m)[0]}
    return spec, parameters | spec.initial_state
