"""What theorems on depth ask of a spec."""

import numpy as np

from tnet.architectures.convnet import ConvNet
from tnet.architectures.recurrent import Recurrent
from tnet.errors import OperatorError, SpecError


def check_levels(spec: object) -> None:
    """Raise unless `spec` is a `ConvNet` of one score with two levels or more.

    Raises
    ------
    SpecError
        With what it is, or how many levels and scores it has.
    """
    if not isinstance(spec, ConvNet):
        raise SpecError(
            f"the network is a {type(spec).__name__}; give the ConvNet spec, whose levels are known"
        )
    if len(spec.widths) < 2:
        raise SpecError(
            "the network has one level, so it is shallow already; give two levels or more"
        )
    if spec.outputs != 1:
        raise SpecError(f"outputs is {spec.outputs}; depth is compared for one score, give 1")


def check_windows_of_two(spec: ConvNet) -> None:
    """Raise unless all windows have two members, and all elements the same height above.

    Raises
    ------
    SpecError
        With the windows found.
    """
    tree = spec.tree
    sizes = np.bincount(tree.parent[:-1])[tree.n_modes :]
    if set(sizes.tolist()) != {2} or tree.n_modes != 2**tree.n_levels:
        raise SpecError(
            f"{tree.n_modes} inputs with windows by level: {tree.levels_text()}; the theorem is of "
            "windows of 2 at every level: give 2^L inputs for L levels, and window=2"
        )


def check_pairs(spec: ConvNet) -> None:
    """Raise unless all elements are in windows of two, and no level is left out.

    Raises
    ------
    SpecError
        With the windows found.
    """
    check_regular(spec)
    tree = spec.tree
    first = np.bincount(tree.parent[: tree.n_modes])[tree.n_modes :]
    if set(first.tolist()) != {2}:
        raise SpecError(
            f"{tree.n_modes} inputs with windows by level: {tree.levels_text()}; the construction "
            "compares pairs: give every window of the first level 2 inputs"
        )


def check_regular(spec: ConvNet) -> None:
    """Raise if a child joins a window from more than one level below.

    Raises
    ------
    SpecError
        With the tree's levels.
    """
    tree = spec.tree
    heights = tree.level[tree.parent[:-1]] - tree.level[:-1]
    if (heights != 1).any():
        raise SpecError(
            f"the mode tree is irregular ({tree.levels_text()}): a child joins from lower down; "
            "use a tree with all elements at one depth"
        )


def check_rectifier(spec: ConvNet | Recurrent) -> None:
    """Raise unless the operator is max.

    Raises
    ------
    OperatorError
        With the operator.
    """
    if spec.operator != "max":
        raise OperatorError(
            f"operator is {spec.operator!r}; the construction is of ReLU/max: choose max"
        )
