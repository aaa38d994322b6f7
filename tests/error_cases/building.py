"""Mistakes in building a network by hand, from an equation or from a graph."""

from error_cases.case import Group

SETUP = """\
import networkx as nx
import numpy as np
import tnet
from tnet import IndexGroup, NetworkBuilder, TensorGroup, TensorNetwork


def line():
    builder = NetworkBuilder()
    builder.indices("x", 3, 2, role="input")
    builder.index("h", 4)
    return builder


x, y = IndexGroup("x", 2, 2, role="input"), IndexGroup("y", 2, role="output")
corner = (TensorGroup("T", [[0, 1, 2]]),)
damaged = tnet.from_einsum("ab,b->a", (2, 3), (3,)).to_networkx()
"""

GROUP = Group(
    "Building a network",
    SETUP,
    (
        # Names and numbers of indices and tensors.
        "NetworkBuilder().index('a', 0)",
        "NetworkBuilder().index('', 4)",
        "NetworkBuilder().index('h[0]', 4)",
        "NetworkBuilder().index('a', 2 ** 2_000_000)",
        "NetworkBuilder().index('a', 2, role='open')",
        "NetworkBuilder().index('a', 2, operator='min')",
        "NetworkBuilder().index('a', 2, mode=0)",
        "NetworkBuilder().indices('x', 2, 2, role='input', modes=[3])",
        "line().index('h', 4)",
        "b = line(); b.tensor('T', ['h']); b.tensor('T', ['h'])",
        "line().tensor('T', ['x[0]', 'g'])",
        "line().tensor('T', ['x'])",
        "line().tensor('T', [4])",
        "line().tensor('T', [0.5])",
        "line().tensor('T', 3)",
        "line().tensors('T', [[0], [1, 2]])",
        "line().tensors('T', [0, 1])",
        "line().tensors('T', [[0, 2 ** 40]])",
        "line().tensors('T', np.zeros((0, 2), int))",
        "line().tensor('T', ['h'], parameter=3)",
        "line().tensors('T', [[3]], shared=1)",
        "line().tensor('T', ['h'], root_axis=1)",
        # Parts that do not fit together.
        "b = line(); b.tensor('T', [0, 1, 2]); b.build()",
        "b = line(); b.index('late', 2, role='input', mode=5); b.tensor('T', range(5)); b.build()",
        "b = line(); b.tensor('T', range(4)); b.build((2,))",
        "b = line(); b.tensor('T', range(4)); b.build(3)",
        "b = line(); b.tensor('T', [3, 0], parameter='W'); "
        "b.tensor('U', [1, 2], parameter='W'); b.build()",
        "b = line(); b.tensors('T', [[0, 1], [2, 3]]); b.build()",
        "b = NetworkBuilder(); b.index('a', 2, role='input', mode=0); "
        "b.index('b', 3, role='input', mode=0); b.tensor('T', ['a', 'b']); b.build()",
        "TensorNetwork((x, x), corner)",
        "TensorNetwork((x, y), (TensorGroup('T', [[0, 1, 2, 3]]),))",
        "TensorNetwork((x, y), corner, inputs=[0])",
        "TensorNetwork((x, y), corner, input_modes=[0])",
        # Equations.
        "tnet.from_einsum((2, 3), 'ab->a')",
        "tnet.from_einsum('ab,bc->ac', (2, 3))",
        "tnet.from_einsum('a...->a', (2, 3))",
        "tnet.from_einsum('ab->ab', '23')",
        "tnet.from_einsum('ab->ab', (2, 3, 4))",
        "tnet.from_einsum('ab,bc->ac', (2, 3), (4, 2))",
        "tnet.from_einsum('ab->ac', (2, 3))",
        "tnet.from_einsum('ab->aa', (2, 3))",
        # Graphs.
        "tnet.from_graph([('u', 'v')])",
        "tnet.from_graph(nx.DiGraph())",
        "tnet.from_graph(nx.Graph([('u', 'v', {'dim': 2})]), 'size')",
        "tnet.from_networkx(nx.Graph())",
        "g = damaged.copy(); del g.nodes['index:a']['dim']; tnet.from_networkx(g)",
        "g = damaged.copy(); g.remove_edge('tensor:t0', 'index:a'); tnet.from_networkx(g)",
        # Names that a network does not have.
        "line().tensor('T', ['x[7]'])",
        "tnet.ConvNet(4, features=2, widths=(2, 2)).compile().index_names.find('r0')",
        "tnet.ConvNet(4, features=2, widths=(2, 2)).compile().index_names.find('pixel')",
    ),
)
