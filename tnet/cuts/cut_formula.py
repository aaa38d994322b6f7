"""`CutFormula`: a min cut as a minimum of products of dims, and which of them binds."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tnet.claims import Claim
from tnet.cuts.products import product, product_text
from tnet.errors import DimensionError, UnknownNameError
from tnet.network.groups import positive_int

_SHOWN_TERMS = 12


@dataclass(frozen=True, repr=False)
class ActiveTerms:
    """Which terms of a `CutFormula` bind at given dims, and how far each dim is from mattering.

    Attributes
    ----------
    dimension : int
        The min cut.
    terms : tuple of dict of str to int
        The terms equal to it, group to exponent.
    dims : dict of str to int
        The dims asked about, of all groups.
    least_dims : dict of str to int
        For every group the least dim with which, all others unchanged, the min cut is still
        `dimension`. The group's own dim where any narrower one would lower the cut.
    """

    dimension: int
    terms: tuple[dict[str, int], ...]
    dims: dict[str, int]
    least_dims: dict[str, int]

    def __repr__(self) -> str:
        factors = [(self.dims[name], power) for name, power in self.terms[0].items()]
        bind = " = ".join(_term_text(term) for term in self.terms)
        lines = [f"min cut {product_text(factors)} = {bind}"]
        name_width = max(map(len, self.dims), default=0)
        dim_width = max((len(str(dim)) for dim in self.dims.values()), default=0)
        for name, dim in self.dims.items():
            least = self.least_dims[name]
            may = "any narrower lowers the cut" if least == dim else f"may shrink to {least}"
            may = "cannot shrink" if dim == 1 else may
            lines.append(f"  {name:<{name_width}}  {dim:>{dim_width}}  {may}")
        return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class CutFormula:
    """A min cut as the least of several products of dims, for all dims of at least 1.

    Called with dims by group name, as keywords or a mapping, it gives the min cut; groups left
    out have the dims of the network.

    Attributes
    ----------
    groups : tuple of str
        The variables: names of the index groups other than outputs, in the network's order.
    exponents : tuple of tuple of int
        One row per term, one column per group. Rows descend lexicographically. For every row
        there are dims with which its product is below all others.
    group_dims : tuple of int
        Dims of the groups in the network.
    claim : Claim
        What the value says of the Schmidt number, as for `min_cut`.

    Examples
    --------
    >>> import tnet
    >>> from tnet.cuts.formula import min_cut_formula
    >>> net = tnet.ConvNet(8, features=100, widths=(2, 9, 9)).compile()
    >>> formula = min_cut_formula(net, tnet.partitions.left_right(8))
    >>> formula
    <CutFormula: min(x**4, r0**2, r1, r2)>
    >>> formula.terms[1], formula.dims
    ({'r0': 2}, {'x': 100, 'r0': 2, 'r1': 9, 'r2': 9})
    >>> formula(), formula(r0=7), formula({"r0": 7, "r2": 8})
    (4, 9, 8)
    >>> formula.active()
    min cut 4 = r0**2
      x   100  may shrink to 2
      r0    2  any narrower lowers the cut
      r1    9  may shrink to 4
      r2    9  may shrink to 4
    """

    groups: tuple[str, ...]
    exponents: tuple[tuple[int, ...], ...]
    group_dims: tuple[int, ...]
    claim: Claim

    @property
    def terms(self) -> tuple[dict[str, int], ...]:
        """The products: for each, group to exponent, without exponents of 0."""
        return tuple(self._term(row) for row in self.exponents)

    @property
    def dims(self) -> dict[str, int]:
        """Dims of the groups in the network."""
        return dict(zip(self.groups, self.group_dims, strict=True))

    def _term(self, row: Sequence[int]) -> dict[str, int]:
        return {name: power for name, power in zip(self.groups, row, strict=True) if power}

    def __call__(self, dims: Mapping[str, int] | None = None, /, **more_dims: int) -> int:
        """Work out the min cut for given dims, exactly.

        Parameters
        ----------
        dims : mapping of str to int, optional
            Dims by group name.
        **more_dims : int
            The same as keywords.

        Raises
        ------
        UnknownNameError
            If a name is not one of `groups`.
        DimensionError
            If a dim is not a positive integer.
        """
        return self._least(self._filled(dims, more_dims))[0]

    def active(self, dims: Mapping[str, int] | None = None) -> ActiveTerms:
        """Say which terms bind, and for every group the least dim that keeps the min cut.

        Parameters
        ----------
        dims : mapping of str to int, optional
            Dims by group name; groups left out have the dims of the network.

        Returns
        -------
        ActiveTerms

        Raises
        ------
        UnknownNameError
            If a name is not one of `groups`.
        DimensionError
            If a dim is not a positive integer.
        """
        filled = self._filled(dims)
        dimension, binding = self._least(filled)
        least = {
            name: self._least_dim(column, filled, dimension)
            for column, name in enumerate(self.groups)
        }
        terms = tuple(self._term(self.exponents[number]) for number in binding)
        return ActiveTerms(dimension, terms, dict(zip(self.groups, filled, strict=True)), least)

    def _filled(
        self, dims: Mapping[str, int] | None, more_dims: Mapping[str, int] | None = None
    ) -> list[int]:
        if dims is not None and not isinstance(dims, Mapping):
            raise DimensionError(f"dims are {dims!r}; give a mapping such as {{'r0': 2}}")
        given = {**(dims or {}), **(more_dims or {})}
        for name in given:
            if name not in self.groups:
                raise UnknownNameError(
                    f"the formula has no group {name!r}; its groups are {', '.join(self.groups)}: "
                    "name one of them"
                )
        filled = {**self.dims, **given}
        return [positive_int(dim, what=f"dim of {name!r}") for name, dim in filled.items()]

    def _logs(self, dims: list[int]) -> tuple[NDArray[np.float64], float]:
        """Find log2 of every term, and how far rounding may have moved it."""
        powers = np.array(self.exponents, dtype=np.float64).reshape(len(self.exponents), -1)
        logs = powers @ np.array([math.log2(dim) for dim in dims], dtype=np.float64)
        return logs, 1e-9 + 1e-12 * float(logs.max())

    def _value(self, number: int, dims: list[int]) -> int:
        return product(zip(dims, self.exponents[number], strict=True))

    def _least(self, dims: list[int]) -> tuple[int, list[int]]:
        """Return the least value and the numbers of the terms that have it."""
        logs, margin = self._logs(dims)
        near = np.nonzero(logs <= logs.min() + 2 * margin)[0].tolist()
        values = {number: self._value(number, dims) for number in near}
        least = min(values.values())
        return least, [number for number in near if values[number] == least]

    def _least_dim(self, column: int, dims: list[int], dimension: int) -> int:
        """Search the least dim of one group with which the value stays `dimension`."""
        low, high = 0, dims[column]
        while high - low > 1:
            middle = (low + high) // 2
            trial = [*dims[:column], middle, *dims[column + 1 :]]
            low, high = (low, middle) if self._reaches(trial, dimension) else (middle, high)
        return high

    def _reaches(self, dims: list[int], dimension: int) -> bool:
        """Say whether all terms are at least `dimension`; exact where rounding could decide."""
        logs, margin = self._logs(dims)
        below = logs - math.log2(dimension)
        if below.min() < -2 * margin:
            return False
        near = np.nonzero(below <= 2 * margin)[0].tolist()
        return all(self._value(number, dims) >= dimension for number in near)

    def __str__(self) -> str:
        return self._text(len(self.exponents))

    def __repr__(self) -> str:
        return f"<CutFormula: {self._text(_SHOWN_TERMS)}>"

    def _text(self, n_shown: int) -> str:
        texts = [_term_text(term) for term in self.terms[:n_shown]]
        if len(self.exponents) > n_shown:
            texts.append(f"... {len(self.exponents) - n_shown:,} more")
        return texts[0] if len(texts) == 1 else f"min({', '.join(texts)})"

    def _repr_latex_(self) -> str:
        texts = [_term_latex(term) for term in self.terms]
        inside = texts[0] if len(texts) == 1 else rf"\min\left({', '.join(texts)}\right)"
        return f"${inside}$"


def _term_text(term: Mapping[str, int]) -> str:
    factors = [f"{name}**{power}" if power > 1 else name for name, power in term.items()]
    return "*".join(factors) or "1"


def _term_latex(term: Mapping[str, int]) -> str:
    factors = [
        f"{_name_latex(name)}^{{{power}}}" if power > 1 else _name_latex(name)
        for name, power in term.items()
    ]
    return r" \, ".join(factors) or "1"


def _name_latex(name: str) -> str:
    numbered = re.fullmatch(r"([A-Za-z])_?([0-9]+)", name)
    if numbered:
        return f"{numbered[1]}_{{{numbered[2]}}}"
    if re.fullmatch(r"[A-Za-z]", name):
        return name
    escaped = name.replace("\\", r"\backslash ")
    escaped = re.sub(r"([_%&#$}{])", r"\\\1", escaped)
    escaped = escaped.replace("^", r"\hat{}").replace("~", r"\sim ")
    return rf"\mathrm{{{escaped}}}"
