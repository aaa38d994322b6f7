"""Grid tensors that no network, or not this one, is built for."""

from error_cases.case import Case, Group

SETUP = """\
import numpy as np
import tnet
from error_cases.faults import replaced
from tnet.expressiveness.universality.average_pooling import average_pooling_universality
from tnet.expressiveness.universality.realise import realise

once = np.zeros((2, 2, 2))
once[0, 1, 1] = once[1, 0, 1] = once[1, 1, 0] = 5
symmetric = np.add.outer(np.add.outer([0, 1], [0, 1]), [0, 1]) ** 2
"""

GROUP = Group(
    "Universality",
    SETUP,
    (
        # What is no grid tensor.
        "realise(3.0)",
        "realise([[1, 2], [3]])",
        "realise(['a', 'b'])",
        "realise([1j])",
        "realise(np.ma.masked_equal([1.0, 2.0], 2))",
        "realise([[1.0, 2.0], [np.nan, np.inf]])",
        "realise([1e300, 0.0])",
        # Options.
        "realise([1.0], by='max')",
        "realise([1.0], rtol=1)",
        "realise([1.0], most=0)",
        "realise(np.eye(2), matrix=np.eye(3))",
        "realise(np.eye(2), matrix=1j * np.eye(2))",
        # What cannot be had.
        "realise(np.eye(4).reshape(2, 2, 2, 2), by='relu-sum')",
        "realise([[0, 1], [2, 0]], shared=True)",
        "realise(once, by='relu-max', shared=True)",
        # Too large.
        "realise(np.ones((1,) * 40))",
        "realise(np.zeros((2,) * 15))",
        "realise(np.ones((100, 100)), by='relu-max', shared=True)",
        "realise(np.arange(2 ** 14).reshape((2,) * 14), by='recurrent-relu-max', shared=True)",
        Case(
            "with replaced('expressiveness.universality.symmetric._MOST_POWERS', 3): "
            "realise(symmetric, shared=True)",
            "symmetric tensors of too many powers",
        ),
        # Answers that do not hold: each is recomputed before it is believed.
        Case(
            "realise(np.eye(10), matrix=np.vander(np.linspace(0, 1, 10)))",
            rounding=r"(?<=by )[\d.e-]+",
        ),
        Case("realise(symmetric / 7, shared=True, rtol=1e-25)", rounding=r"(?<=by )[\d.]+e[\d-]+"),
        Case(
            "with replaced('expressiveness.universality.symmetric.TOLERANCE', 1e-25): "
            "realise(symmetric, shared=True)",
            "powers that miss the tensor",
            rounding=r"(?<=by )[\d.e-]+",
        ),
        # Average pooling.
        "average_pooling_universality(b'3', features=2, receptive_field=2)",
        "average_pooling_universality(3, features=2, receptive_field=(2, 2))",
        "average_pooling_universality((4096, 4096), features=2, receptive_field=3)",
    ),
)
