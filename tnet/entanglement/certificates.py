"""`max_schmidt_number`: the largest Schmidt number over all weights, between proved bounds."""

from dataclasses import replace

from tnet.entanglement.interval import SchmidtInterval
from tnet.entanglement.subjects import Subject, check_question, checked_output, network_asked_about
from tnet.entanglement.witnesses import best_draw, bounds_by_theorem
from tnet.errors import StructureError
from tnet.network.groups import whole_number
from tnet.network.model import TensorNetwork
from tnet.network.sides import Side, side_of_modes


def max_schmidt_number(
    network: TensorNetwork,
    side_a: Side,
    *,
    of: Subject = "coefficients",
    output: int = 0,
    seed: int = 0,
    draws: int = 2,
    progress: bool = False,
) -> SchmidtInterval:
    r"""Find the largest Schmidt number over all weights, exactly or between two bounds.

    Parameters
    ----------
    network : TensorNetwork
        With products only; weights shared or not, with or without loops.
    side_a : bool array of shape (N,) or of the input shape, or iterable of int or str
        Side A: flags, or mode numbers or names of inputs. Side B is the rest; either may be
        empty.
    of : {'coefficients', 'function'}
        Matters where an element is read several times. ``coefficients``: of the coefficient
        tensor with one axis per reading, as `schmidt_spectrum` has it. ``function``: of the
        function of the elements' feature vectors, the same for all readings of an element; no
        more than that of the coefficients, so the upper bound is the same.
    output : int
        Which score, counted through the output indices in row order.
    seed : int
        Of the random draws.
    draws : int
        Draws of weights at most; 0 leaves them out. One draw almost always tells as much as
        many.
    progress : bool
        Whether to show a bar on stderr for every draw.

    Returns
    -------
    SchmidtInterval
        ``lower``, ``upper``, ``exact``, ``claim``, ``certificate``, ``verify()``.

    Raises
    ------
    OperatorError
        If an operator is not the product: there is no coefficient tensor.
    StructureError
        If an index stands for several, or `seed` or `draws` is not a whole number of at
        least 0.
    PartitionError, UnknownNameError
        If side or output do not fit the network.
    MemoryLimitError
        If the draws do not fit: evaluations are the square of the upper bound plus 8, and are made
        in blocks. The message says the bytes; without draws there is always an interval.

    Notes
    -----
    Upper bound: `schmidt_bound`. Lower bounds: where all weights are free, the min cut with dims
    floored to powers of one integer [1]_; else, or where that is not enough, the rank modulo a
    random prime of the network with random weights, evaluated on products of random probes,
    `upper` + 8 of them on each side. The rank modulo any prime of any integer weights is at most
    their rank over the rationals, and so at most the largest rank: minors that are not zero
    modulo the prime are not zero. Minors are polynomials in the weights, so one choice of
    weights where a minor is not zero proves that it is not zero for almost all; the proof in full,
    and what the chance of failure means, are in docs/theory/certificates.md.

    The function of free feature vectors is a polynomial where elements are read several times;
    with representation functions that have relations among their products, such as powers of
    one variable, that of the inputs can separate with fewer terms.

    References
    ----------
    .. [1] Levine, Yakira, Cohen, Shashua. Deep learning and quantum entanglement: fundamental
       connections with implications to network design. ICLR 2018. arXiv:1704.01552.

    Examples
    --------
    Four elements in one window with the same filters: the min cut is 4, but the coefficient
    tensor is symmetric, and 3 is reached.

    >>> import tnet
    >>> spec = tnet.ConvNet(4, features=2, widths=(4,), window=4, shared=True)
    >>> found = max_schmidt_number(spec.compile(), [0, 2])
    >>> print(found)
    largest Schmidt number 3  (2 against 2 inputs; exact by certificate)
    >>> found.certificate.rank, found.verify()
    (3, True)
    """
    seed, draws = _checked_question(network, seed, draws)
    output, _ = checked_output(network, output)
    elements = side_of_modes(network, side_a)
    subject, side = network_asked_about(network, elements, of)
    bound, floored = bounds_by_theorem(subject, side, per_reading=subject is not network)
    found = SchmidtInterval(network, elements, of, output, bound, floored, None, 0)
    if found.exact:
        return found
    best, made = best_draw(subject, bound, output=output, seed=seed, draws=draws, progress=progress)
    return replace(found, certificate=best, draws=made)


def _checked_question(network: TensorNetwork, seed: int, draws: int) -> tuple[int, int]:
    check_question(network)
    numbers = {"seed": seed, "draws": draws}
    for name, number in numbers.items():
        numbers[name] = whole_number(number, what=name)
        if number < 0:
            raise StructureError(f"{name} must be at least 0; got {number}")
    return numbers["seed"], numbers["draws"]
