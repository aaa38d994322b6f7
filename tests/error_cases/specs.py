"""Mistakes in specs of architectures, mode trees and pooling geometries."""

from error_cases.case import Group

SETUP = """\
import tnet
from tnet import (
    CP, ConvNet, DeepRecurrent, Dilated, HierarchicalTucker, Linear, Mixed, ModeTree, Overlapping,
    Recurrent, TensorTrain, Tucker,
)

tree = ModeTree.from_nested(((0, 1), (2, 3)))
deep = DeepRecurrent(40, features=2, hidden=2, layers=9)
other = ModeTree.from_nested(((0, 2), (1, 3)))
"""

GROUP = Group(
    "Specs and geometries",
    SETUP,
    (
        # Any spec.
        "ConvNet(8, features=0, widths=(2, 2, 2))",
        "ConvNet(8, features=2, widths=(2, 2, 2), operator='min')",
        "ConvNet(8, features=2, widths=(2, 2, 2), shared=1)",
        "ConvNet(8, features=2, widths='222')",
        "ConvNet(8, features=2, widths=(2, 2))",
        "ConvNet(0, features=2, widths=(2, 2))",
        "ConvNet((), features=2, widths=(2, 2))",
        "ConvNet(2.5, features=2, widths=(2, 2))",
        "ConvNet(2 ** 31, features=2, widths=(2, 2))",
        # Windows.
        "ConvNet(8, features=2, widths=(2, 2, 2), pooling='max')",
        "ConvNet(8, features=2, widths=(2, 2), pooling=tree)",
        "ConvNet(8, features=2, widths=(2, 2, 2), pooling='mirror', window=4)",
        "ConvNet(8, features=2, widths=(2, 2, 2), window=1)",
        "ConvNet(6, features=2, widths=(2, 2), window=4)",
        "ConvNet(8, features=2, widths=(2, 2), window=(2, 2))",
        "ConvNet(8, features=2, widths=(2,) * 4, window=(2, 2, 2, 2))",
        "ConvNet((4, 4), features=2, widths=(2, 2), window=((2, 2, 2), 2))",
        "ConvNet(1, features=2, widths=())",
        # Mode trees.
        "ModeTree([0.5, -1], 1)",
        "ModeTree([1, 0], 1)",
        "ModeTree([0, 2, -1], 2)",
        "ModeTree([3, 3, 3, -1], 2)",
        "ModeTree([4, 4, 5, 6, 5, 7, 7, -1], 4)",
        "ModeTree.from_nested((0, (2, 3)))",
        "ModeTree.from_nested((0, ()))",
        "ModeTree.from_nested((0, -1))",
        "tree.relabelled([0, 1, 2, 2])",
        # Other architectures.
        "CP(4, features=2, width=0)",
        "Tucker(4, features=2, widths=(2, 2, 3, 2), shared=True)",
        "TensorTrain(4, features=2, ranks=(2, 3, 2), shared=True)",
        "Linear(widths=3)",
        "Linear(widths=(3,))",
        "Dilated(6, features=2, widths=(2, 2))",
        "Dilated(4, features=2, widths=(2,), dilations=2)",
        "Dilated(4, features=2, widths=(2,), dilations=(1, 1))",
        "Dilated(4, features=2, widths=(2,), dilations=tree, kernel=3)",
        "Overlapping(8, features=2, widths=(), kernel=2)",
        "Overlapping(8, features=2, widths=(2, 2), kernel=(2, 2, 2))",
        "Overlapping(8, features=2, widths=(2, 2), kernel=2, stride=3)",
        "Overlapping(8, features=2, widths=(2, 2), kernel=3, stride=2)",
        "Overlapping(8, features=2, widths=(2, 2), kernel=2, stride=1)",
        "Mixed(tree, ((0, 1), 2), features=2, width=4)",
        "Mixed(tree, ModeTree.from_nested((0, 1)), features=2, width=4)",
        "Mixed(tree, ModeTree.from_nested(((0, 1), ((2,), 3))), features=2, width=4)",
        "Mixed(tree, other, features=2, width=1)",
        "Mixed(tree, other, features=2, width=4, mixture='none')",
        "Mixed(tree, other, features=2, width=4, mixture=3)",
        "Mixed(tree, other, features=2, width=4, mixture=[(0, 1)])",
        "Mixed(tree, other, features=2, width=4).compile()",
        # Too large.
        "deep.compile()",
        "tnet.unrolled_min_cut(deep.circuit(), range(20))",
    ),
)
