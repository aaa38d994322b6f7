"""Families of matrices between side A and side B, and what products make of their ranks.

The numbers are bounds that hold for every family built so; docs/theory/schmidt-bound.md has the
proofs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tnet.cuts.schur import count_partitions, partitions, schur_dim, specht_dim

_MOST_TERMS = 4000
"""Choices of partitions per window; beyond, groups of alike siblings are taken in blocks."""

_LONGEST_BLOCK = 1024
"""Where members have rank 2; with three parts or more, 256 siblings have too many partitions."""


@dataclass(frozen=True, slots=True)
class Family:
    """Bounds on the members of a subtree, matrices between its inputs on side A and side B.

    Attributes
    ----------
    dim : int
        Of the span of the members.
    rows, cols : int
        Dim of the sum of all members' column spaces (on side A), and row spaces (on side B).
    rank : int
        Rank of any linear combination of members.
    """

    dim: int
    rows: int
    cols: int
    rank: int


Group: TypeAlias = tuple[Family, int]
"""A family and how many alike siblings have it."""

_Terms: TypeAlias = dict[tuple[int, int, int], int]
"""How often each (rows, cols, rank) occurs among the parts of a tensor product."""


def reading(dim: int, on_a: bool) -> Family:
    """Return the family of an input of `dim` features, its basis vectors."""
    return Family(dim, dim, 1, 1) if on_a else Family(dim, 1, dim, 1)


def through_tensor(dim: int, below: Sequence[Family], effective: bool) -> Family:
    """Members are linear combinations of products of one member from every child."""
    dims = [family.dim for family in below]
    rows = math.prod(family.rows for family in below)
    cols = math.prod(family.cols for family in below)
    # Sorted by the values of all children but the one of most members: for each choice a product
    # of members times a linear combination.
    rank = math.prod(family.rank for family in below) * math.prod(dims) // max(dims, default=1)
    span = min(dim, math.prod(dims)) if effective else dim
    return Family(span, rows, cols, min(rows, cols, rank))


def joined(dim: int, groups: Sequence[Group], blocks: Sequence[int]) -> Family:
    """Bound the products of members over all groups of alike siblings, part by part."""
    terms: _Terms = {(1, 1, 1): 1}
    for (family, alike), block in zip(groups, blocks, strict=True):
        full, rest = divmod(alike, block)
        terms = _times(terms, _power(_parts(family, block), full))
        terms = _times(terms, _parts(family, rest)) if rest else terms
    rows = cols = rank = 0
    for (part_rows, part_cols, part_rank), multiplicity in terms.items():
        combined = dim * part_rank
        rows += multiplicity * min(part_rows, combined)
        cols += multiplicity * min(part_cols, combined)
        rank += multiplicity * min(part_rows, part_cols, combined)
    return Family(dim, rows, cols, rank)


def _parts(family: Family, power: int) -> _Terms:
    """Split a tensor power; parts in which every member is 0 are left out."""
    if power == 1:
        return {(family.rows, family.cols, family.rank): 1}
    terms: _Terms = {}
    for shape in partitions(power, min(family.rank, power)):
        sizes = (family.rows, family.cols, family.rank)
        key = (schur_dim(shape, sizes[0]), schur_dim(shape, sizes[1]), schur_dim(shape, sizes[2]))
        terms[key] = terms.get(key, 0) + specht_dim(shape)
    return terms


def _times(left: _Terms, right: _Terms) -> _Terms:
    product: _Terms = {}
    for (rows, cols, rank), multiplicity in left.items():
        for (more_rows, more_cols, more_rank), times in right.items():
            key = (rows * more_rows, cols * more_cols, rank * more_rank)
            product[key] = product.get(key, 0) + multiplicity * times
    return product


def _power(terms: _Terms, times: int) -> _Terms:
    """Multiply `terms` by itself: which terms are chosen counts, not in which order."""
    if times == 1:
        return terms
    last = next(reversed(terms))
    chosen = [(times, (1, 1, 1), 1)]
    for (rows, cols, rank), multiplicity in terms.items():
        factors = [(rows**n, cols**n, rank**n, multiplicity**n) for n in range(times + 1)]
        is_last = (rows, cols, rank) == last
        following = []
        for left, (all_rows, all_cols, all_rank), ways in chosen:
            for n in (left,) if is_last else range(left + 1):
                more = factors[n]
                key = (all_rows * more[0], all_cols * more[1], all_rank * more[2])
                following.append((left - n, key, ways * math.comb(left, n) * more[3]))
        chosen = following
    product: _Terms = {}
    for _, key, ways in chosen:
        product[key] = product.get(key, 0) + ways
    return product


def block_sizes(groups: Sequence[Group]) -> list[int]:
    """Size of the blocks in which to take each group: all of it, halved until terms are few."""
    blocks = [alike for _, alike in groups]
    counts = [_count_terms(group, block) for group, block in zip(groups, blocks, strict=True)]
    while math.prod(counts) > _MOST_TERMS:
        number = max(range(len(groups)), key=lambda n: (counts[n], blocks[n]))
        blocks[number] = -(-blocks[number] // 2)
        counts[number] = _count_terms(groups[number], blocks[number])
    return blocks


def _count_terms(group: Group, block: int) -> int:
    family, alike = group
    parts = min(block, family.rank)
    if block > (_LONGEST_BLOCK if parts == 2 else _LONGEST_BLOCK // 4) and parts > 1:
        return _MOST_TERMS + 1
    full, rest = divmod(alike, block)
    in_block = count_partitions(block, parts)
    in_rest = count_partitions(rest, min(rest, family.rank))
    # Blocks of one size are interchangeable: only how often each part is chosen counts.
    return math.comb(full + in_block - 1, full) * in_rest
