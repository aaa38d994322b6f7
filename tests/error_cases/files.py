"""Files that cannot be read, or not be what they are named."""

from error_cases.case import Case, Group

SETUP = """\
import json
from pathlib import Path

import numpy as np
import tnet

network = tnet.ConvNet(4, features=2, widths=(2, 2)).compile()
weights = tnet.random_parameters(network)
tnet.save(network, "net.json")
written = json.loads(Path("net.json").read_text())


def spec(text):
    Path("arch.toml").write_text(text)
    return tnet.load_spec("arch.toml")


def edited(**changes):
    Path("edited.json").write_text(json.dumps(written | changes))
    return tnet.load("edited.json")


def archive(**arrays):
    np.savez("weights.npz", **arrays)
    return tnet.load_parameters(network, "weights.npz")
"""

GROUP = Group(
    "Files",
    SETUP,
    (
        "spec('architecture = ConvNet')",
        "spec('inputs = 8')",
        "spec('architecture = \"ResNet\"')",
        "spec('architecture = \"CP\"\\ninputs = 8\\nfeatures = 2\\nrank = 3')",
        'spec(\'architecture = "CP"\\ninputs = 8\\nfeatures = 2\\nwidth = "3"\')',
        "spec('architecture = \"CP\"\\ninputs = 8\\nfeatures = 2\\nwidth = 0')",
        Case("Path('half.json').write_text('{'); tnet.load('half.json')", "half of a network file"),
        "edited(format='another')",
        "edited(version=2)",
        "edited(version=0)",
        "edited(inputs=[0, 1])",
        "edited(tensor_groups=[written['tensor_groups'][0] | {'indices': [[0, 4], [1]]}])",
        Case(
            "Path('half.npz').write_text('PK'); tnet.load_parameters(network, 'half.npz')",
            "half of a parameter file",
        ),
        "archive(conv0=weights['conv0'])",
        "archive(**weights | {'out': [np.inf, 1]})",
    ),
)
