"""Cases of bad input, by what a person was doing."""

from error_cases import (
    building,
    command_line,
    computing,
    convolution,
    cuts,
    depth,
    design,
    drawing,
    entanglement,
    expressiveness,
    files,
    linear_networks,
    partitions,
    rectifier,
    specs,
    universality,
)

GROUPS = tuple(
    module.GROUP
    for module in (
        building,
        specs,
        partitions,
        files,
        computing,
        cuts,
        entanglement,
        expressiveness,
        universality,
        depth,
        rectifier,
        linear_networks,
        convolution,
        drawing,
        design,
        command_line,
    )
)
