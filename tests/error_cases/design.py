"""Widths that cannot be chosen."""

from error_cases.case import Group

SETUP = """\
import tnet
from error_cases.faults import without
from tnet.design.digits import load_digits

spec = tnet.ConvNet(8, features=2, widths=(2, 2, 2))
left = tnet.partitions.left_right(8)
"""

GROUP = Group(
    "Design",
    SETUP,
    (
        "tnet.design_widths(tnet.CP(8, features=2, width=2), [(left, 2)])",
        "tnet.design_widths(spec, 2)",
        "tnet.design_widths(spec, [left])",
        "tnet.design_widths(spec, [(left, 2)], budget='small')",
        "tnet.design_widths(spec, [(left, -1)])",
        "tnet.design_widths(spec, [(left, 5)])",
        "tnet.design_widths(spec, [(left, 2)], budget=3)",
        "with without('sklearn'): load_digits()",
    ),
)
