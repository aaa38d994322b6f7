"""The cheapest order of merging a few parts, by trying all."""

from collections.abc import Callable
from dataclasses import dataclass

from tnet.contraction.orders.parts import Nodes, Part, Scale, operations


def cheapest_product(parts: list[Part], kept: Nodes, scale: Scale, known: Part) -> Part:
    """Merge a few parts in the order that costs least.

    Parameters
    ----------
    parts : list of Part
        Joined into one piece; every joint of theirs that is not in `kept` is in no other part.
        Time and memory grow as 3 to the power of their number.
    kept : frozenset of int
        Joints that the result keeps.
    scale : Scale
        Dims.
    known : Part
        A product of these parts, to be bettered.

    Returns
    -------
    Part
        Of least cost among `known` and all orders that multiply parts with a common joint or a
        common output, such as the batch.

    Notes
    -----
    Dynamic programme over the sets of parts, as in opt_einsum's ``dp``.

    Examples
    --------
    >>> scale = Scale([1.0, 1.0], {})
    >>> ends = [Part(n, False, (), frozenset(j), frozenset(), 0.0)
    ...         for n, j in enumerate([[0], [0, 1], [1]])]
    >>> product = scale.product(scale.product(ends[0], ends[2], frozenset()), ends[1],
    ...                         frozenset([0, 1]))
    >>> cheapest_product(ends, frozenset(), scale, product).cost
    12.0
    """
    table = _Table.of(parts, kept, scale)
    full = len(table.bits) - 1
    split = _splits(table, [part.cost for part in parts], known.cost)
    if full not in split:
        return known

    def built(chosen: int) -> Part:
        if chosen not in split:
            return parts[chosen.bit_length() - 1]
        one, other = built(split[chosen]), built(chosen ^ split[chosen])
        left = table.bits[chosen]
        joints = one.joints | other.joints
        summed = [joint for joint in joints if not left >> table.bit_of[joint] & 1]
        return scale.product(one, other, frozenset(summed))

    return built(full)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """What every set of parts has; a set is a number whose binary digits say which parts.

    Attributes
    ----------
    bits : list of int
        Joints and common outputs that lead out of the set, as binary digits.
    open_log2 : list of float
        Size of the outputs that no other part has.
    loose_log2 : dict of int to float
        Size of what the part alone sums, for sets of one part.
    bit_of : dict of int to int
        Binary digit of every joint.
    logs : list of float
        Binary logarithm of the dim, by binary digit.
    """

    bits: list[int]
    open_log2: list[float]
    loose_log2: dict[int, float]
    bit_of: dict[int, int]
    logs: list[float]

    @classmethod
    def of(cls, parts: list[Part], kept: Nodes, scale: Scale) -> "_Table":
        joints = sorted(set().union(*(part.joints for part in parts)))
        outputs = sorted(set().union(*(part.common for part in parts)))
        bit_of = {joint: bit for bit, joint in enumerate(joints)}
        bit_of_output = {output: bit for bit, output in enumerate(outputs, len(joints))}
        always = sum([1 << bit for bit in bit_of_output.values()])
        always += sum([1 << bit for joint, bit in bit_of.items() if joint in kept])
        every, opened = [0], [0.0]
        for part in parts:
            own = sum([1 << bit_of[joint] for joint in part.joints])
            own += sum([1 << bit_of_output[output] for output in part.common])
            every += [found | own for found in every]
            opened += [found + part.open_log2 for found in opened]
        full = len(every) - 1
        bits = [found & (every[full ^ chosen] | always) for chosen, found in enumerate(every)]
        for number in range(len(parts)):
            bits[1 << number] = every[1 << number]
        loose = {
            1 << number: part.loose_log2
            for number, part in enumerate(parts)
            if part.loose_log2 is not None
        }
        logs = [scale.joint[joint] for joint in joints]
        return cls(bits, opened, loose, bit_of, logs + [scale.output[i] for i in outputs])

    def priced(self) -> Callable[[int, int], float]:
        """Return the function of two sets that says what their product costs."""
        size: dict[int, float] = {}
        bits, opened, loose, logs = self.bits, self.open_log2, self.loose_log2, self.logs

        def price(one: int, other: int) -> float:
            involved = bits[one] | bits[other]
            if involved not in size:
                found = [log2 for bit, log2 in enumerate(logs) if involved >> bit & 1]
                size[involved] = sum(found)
            log2 = size[involved] + opened[one | other]
            sums = involved != bits[one | other]
            for side in (one, other):
                if side in loose:
                    log2, sums = log2 + loose[side], True
            return operations(log2 + sums)

        return price


def _splits(table: _Table, costs: list[float], known: float) -> dict[int, int]:
    """For every set of parts that the best order makes, one of its two factors."""
    bits, price = table.bits, table.priced()
    cost = {1 << number: spent for number, spent in enumerate(costs)}
    split: dict[int, int] = {}
    # What the other parts have cost already is spent in any case.
    spare = known * (1 - 1e-12) - sum(costs)
    base = [0.0]
    for spent in costs:
        base += [found + spent for found in base]
    for chosen in range(3, len(bits)):
        rest = chosen & (chosen - 1)
        least, best = base[chosen] + spare, 0
        inside = rest
        while inside:
            # `inside` runs over the subsets of the rest; the other factor has the lowest part.
            one = chosen ^ inside
            if bits[one] & bits[inside] and one in cost and inside in cost:
                spent = cost[one] + cost[inside]
                if spent < least:
                    spent += price(one, inside)
                    if spent < least:
                        least, best = spent, one
            inside = (inside - 1) & rest
        if best:
            cost[chosen], split[chosen] = least, best
    return split
