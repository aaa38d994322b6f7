"""Questions about cuts that have no answer, or too large a one, and answers that are damaged."""

from error_cases.case import Case, Group

SETUP = """\
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import numpy as np
import tnet
from error_cases.faults import faulty_flow, replaced

network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
loop = tnet.from_einsum("iab,abj->ij", (2, 3, 3), (3, 3, 2))
sides = np.ones((3, 4), bool)
cut = tnet.min_cut(network, [0, 1])


def of_one_element(readings, multiplicity=1):
    builder = tnet.NetworkBuilder()
    modes = [0] * readings
    builder.indices("x", readings, 2, role="input", modes=modes, multiplicity=multiplicity)
    builder.tensor("t", range(readings))
    return builder.build()


def chain(length, n_bonds):
    builder = tnet.NetworkBuilder()
    x = builder.indices("x", length, 2, role="input")
    h = builder.indices("h", n_bonds, 2)
    builder.tensors("T", np.stack([x, h[:length], np.roll(h, -1)[:length]], axis=1))
    return builder.build()


def ring(length):
    return chain(length, n_bonds=length)


class Broken(ThreadPoolExecutor):
    def submit(self, *_):
        return super().submit(lambda: 1 / 0)
"""

GROUP = Group(
    "Cuts",
    SETUP,
    (
        "tnet.min_cut(network, [0], method='fastest')",
        "tnet.min_cut(loop, [0], method='forest')",
        "tnet.min_cuts(network, sides, executor=3)",
        "with Broken() as executor: tnet.min_cuts(network, sides, executor=executor)",
        # Profiles.
        "tnet.cut_profile(tnet.ConvNet(2 ** 15, features=2, widths=(2,) * 15).compile())",
        "tnet.cut_profile(chain(4_000, n_bonds=4_001))",
        "tnet.cut_profile(ring(300))",
        # Counting partitions.
        "tnet.cut_distribution(loop)",
        "tnet.cut_distribution(of_one_element(readings=2))",
        "tnet.cut_distribution(network, max_states=2)",
        # Formulas.
        "tnet.min_cut_formula(loop, [0])",
        "tnet.min_cut_formula(network, [0], max_groups=2)",
        "tnet.min_cut_formula(network, [0], max_terms=1)",
        "tnet.min_cut_formula(of_one_element(1, multiplicity=2 ** 40), [0])",
        "tnet.min_cut_formula(network, [0], max_terms=None)",
        "tnet.min_cut_formula(network, [0])(r7=2)",
        "tnet.min_cut_formula(network, [0])([2, 3])",
        # Answers that do not hold: each is recomputed before it is believed.
        "dataclasses.replace(cut, cut_ids=cut.cut_ids[:0]).verify()",
        "dataclasses.replace(cut, network=ring(4)).verify()",
        Case(
            "with replaced('cuts.result.crossing_indices', lambda *_: cut.cut_ids[:0]): "
            "dataclasses.replace(cut, cut_ids=cut.cut_ids[:0]).verify()",
            "a cut that does not part the sides",
        ),
        "vars(cut)['dimension'] = 7; cut.verify()",
        Case(
            "with replaced('cuts.distribution.witness', lambda *_: [True] * 4): "
            "tnet.cut_distribution(network)",
            "a partition with another cut than it was counted with",
        ),
        Case(
            "with replaced('cuts.formula.CutFormula.__call__', lambda *_, **__: 3): "
            "tnet.min_cut_formula(network, [0])",
            "a formula with another value than the cut",
        ),
        Case(
            "with faulty_flow(lambda flow: 0 * flow): tnet.min_cut(ring(6), range(3))",
            "a flow that a solver leaves too small",
        ),
        Case(
            "with faulty_flow(lambda flow: 2 * flow): tnet.min_cut(ring(6), range(3))",
            "a flow that a solver makes too large",
        ),
        Case(
            "with replaced('cuts.flow.crossing_indices', lambda *_: np.arange(1)): "
            "tnet.min_cut(ring(6), range(3))",
            "a cut of another size than the flow",
        ),
        Case(
            "with mock.patch('ortools.graph.python.max_flow.SimpleMaxFlow') as made: "
            "made.return_value.solve.return_value = 'BAD_INPUT'; tnet.min_cut(ring(6), range(3))",
            "a solver that gives up",
        ),
    ),
)
