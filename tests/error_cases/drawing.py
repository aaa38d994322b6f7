"""Pictures that cannot be drawn or saved."""

from error_cases.case import Case, Group

SETUP = """\
import numpy as np
import tnet
from error_cases.faults import without
from tnet.drawing.explorer.dims import completed_dims
from tnet.drawing.mode_tree import draw_mode_tree
from tnet.drawing.plan_drawing import draw_plan

spec = tnet.ConvNet(4, features=2, widths=(2, 2))
network = spec.compile()
large = tnet.ConvNet(2 ** 13, features=2, widths=(2,) * 13).compile()
cut = tnet.min_cut(network, [0])
named = dict(title="Cuts", x_label="length", y_label="log2")
many = tnet.NetworkBuilder()
many.indices("h", 60_000, 2)
many.tensors("T", np.arange(60_000)[:, None])
powers = tnet.NetworkBuilder()
powers.index("a", 2, role="input", multiplicity=2 ** 60)
powers.tensor("t", ["a"])
"""

GROUP = Group(
    "Drawing",
    SETUP,
    (
        "tnet.draw(3)",
        "tnet.draw(network, layout='circle')",
        "tnet.draw(network, theme='sepia')",
        "tnet.draw(large, layout='layered')",
        "tnet.draw(network, cut='x')",
        "tnet.draw(large, cut=cut)",
        "tnet.draw(network, side_a=[1], cut=cut)",
        "tnet.draw(network).save('net.gif')",
        "tnet.draw(network).save('')",
        "with without('matplotlib.figure'): tnet.draw(network).save('net.png')",
        "tnet.draw(network).png(dpi=0)",
        # Charts.
        "tnet.draw_curves([1], **named)",
        "tnet.draw_curves({'a': 3}, **named)",
        "tnet.draw_curves({1: ([1], [2])}, **named)",
        "tnet.draw_curves({}, **named)",
        "tnet.draw_curves({'a': ([1, 2], [3])}, **named)",
        "tnet.draw_curves({'a': ([1.0], [np.nan])}, **named)",
        "tnet.draw_heat_map([1, 2], **named)",
        "tnet.draw_curves({'a': ([1], [2])}, **named).save('curves.dot')",
        "tnet.draw_curves({'a': ([1], [2])}, **named).dot",
        "tnet.draw_curves({'a': (['Monday'], [1.0])}, **named)",
        # Trees and plans.
        "draw_mode_tree(spec, order='size')",
        "draw_mode_tree(tnet.CP(4, features=2, width=2))",
        "draw_plan(3)",
        "draw_plan(tnet.plan(network), view='list')",
        "draw_plan(tnet.plan(network), batch=0)",
        "draw_plan(tnet.plan(large), view='tree')",
        # Pages.
        "tnet.explore(network, theme='sepia')",
        "tnet.explore(network).save('net.svg')",
        "tnet.explore(large).html",
        "tnet.explore(many.build()).html",
        "tnet.explore(powers.build()).html",
        "completed_dims(network, {'r7': 2})",
        Case(
            "with without('tnet.drawing.explorer.widget'): tnet.explore(network).widget()",
            "`tnet.explore(network).widget()`, without anywidget",
        ),
    ),
)
