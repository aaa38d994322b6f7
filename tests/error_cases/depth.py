"""Networks that depth cannot be compared on."""

from error_cases.case import Group

SETUP = """\
import numpy as np
import tnet
from tnet import ConvNet, Recurrent
from tnet.expressiveness.depth.distance import distance_to_width
from tnet.expressiveness.depth.efficiency import depth_efficiency
from tnet.expressiveness.depth.open_sets import shallow_open_set
from tnet.expressiveness.depth.truncation import truncation_penalty
from tnet.expressiveness.depth.width_bound import shallow_width_lower_bound
from tnet.expressiveness.depth.witness import depth_witness

spec = ConvNet(4, features=2, widths=(2, 2))
weights = tnet.random_parameters(spec.compile())
maxima = ConvNet(4, features=2, widths=(2, 2), operator="max")
threes = ConvNet(9, features=2, widths=(2, 2), window=3, operator="max")
long = ConvNet(32, features=2, widths=(2,) * 5, operator="max")
tree = tnet.ModeTree.from_nested(((0, 1), 2))
irregular = ConvNet(3, features=2, widths=(2, 2), pooling=tree, operator="max")
mixed = tnet.Mixed(tree, tree, features=2, width=2)


def bound(network, scale=1.0, **options):
    drawn = tnet.random_parameters(network.compile())
    arrays = {name: scale * array for name, array in drawn.items()}
    return shallow_width_lower_bound(network, arrays, **options)
"""

GROUP = Group(
    "Depth",
    SETUP,
    (
        # Which network.
        "depth_efficiency(tnet.CP(4, features=2, width=2), samples=1)",
        "depth_efficiency(ConvNet(2, features=2, widths=(2,)), samples=1)",
        "depth_efficiency(ConvNet(4, features=2, widths=(2, 2), outputs=3), samples=1)",
        "shallow_width_lower_bound(mixed, {})",
        "shallow_width_lower_bound(3, {})",
        "bound(spec, operator='softplus')",
        # Which partitions, templates and draws.
        "depth_efficiency(spec, samples=1, side_a='start')",
        "depth_efficiency(spec, samples=1, seed=-1)",
        "depth_efficiency(spec, samples=10**30)",
        "depth_efficiency(spec, samples=1).share_up_to(None)",
        "bound(spec, sides=1)",
        "bound(spec, sides=[])",
        "bound(tnet.CP(1, features=2, width=2))",
        "bound(spec, templates=np.eye(3))",
        "bound(spec, templates=[np.eye(2)] * 3)",
        "bound(spec, templates=[[1, 2], [3]])",
        "bound(maxima, templates=1j * np.eye(2))",
        "with np.errstate(all='ignore'): bound(maxima, scale=1e200)",
        "distance_to_width(spec, weights, [])",
        # Too large.
        "depth_efficiency(ConvNet(64, features=4, widths=(4,) * 6), samples=1)",
        "bound(long)",
        "bound(long, sides=[range(3)])",
        # Truncated networks.
        "truncation_penalty(spec, 3)",
        "truncation_penalty(maxima, 1)",
        "truncation_penalty(threes, 1)",
        # Open sets and witnesses.
        "depth_witness(spec)",
        "depth_witness(threes)",
        "depth_witness(ConvNet(4, features=2, widths=(1, 2), operator='max'))",
        "shallow_open_set(irregular)",
        "shallow_open_set(maxima, shallow='sum')",
        "shallow_open_set(ConvNet(4, features=2, widths=(2, 2), shared=True, operator='max'), "
        "shallow='product')",
        "shallow_open_set(maxima).shallow_network(weights)",
        "shallow_open_set(Recurrent(3, features=2, hidden=2, ranks=2))",
        "shallow_open_set(Recurrent(1, features=2, hidden=2, ranks=2, operator='max'))",
    ),
)
