"""tnet: a tensor-network graph engine. What can this architecture correlate?

Names are loaded when first used, so that ``import tnet`` costs little more than NumPy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tnet.architectures.convnet import ConvNet as ConvNet
    from tnet.architectures.cp import CP as CP
    from tnet.architectures.deep_recurrent import DeepRecurrent as DeepRecurrent
    from tnet.architectures.dilated import Dilated as Dilated
    from tnet.architectures.hierarchical_tucker import HierarchicalTucker as HierarchicalTucker
    from tnet.architectures.linear import Linear as Linear
    from tnet.architectures.mixed import Mixed as Mixed
    from tnet.architectures.overlapping import Overlapping as Overlapping
    from tnet.architectures.recurrent import Recurrent as Recurrent
    from tnet.architectures.spec_files import load_spec as load_spec
    from tnet.architectures.tensor_train import TensorTrain as TensorTrain
    from tnet.architectures.tucker import Tucker as Tucker
    from tnet.architectures.unrolled_cut import unrolled_min_cut as unrolled_min_cut
    from tnet.claims import Claim as Claim
    from tnet.contraction.evaluate import contract as contract
    from tnet.contraction.evaluate import contract_scaled as contract_scaled
    from tnet.contraction.evaluate import evaluate as evaluate
    from tnet.contraction.evaluate import evaluate_scaled as evaluate_scaled
    from tnet.contraction.libraries import move_parameters as move_parameters
    from tnet.contraction.orders.optimizer import ForestOptimizer as ForestOptimizer
    from tnet.contraction.orders.optimizer import register_optimizer as register_optimizer
    from tnet.contraction.plan import Plan as Plan
    from tnet.contraction.planning import plan as plan
    from tnet.contraction.scaled import Scaled as Scaled
    from tnet.cuts.batch import CutBatch as CutBatch
    from tnet.cuts.batch import min_cuts as min_cuts
    from tnet.cuts.cut_counts import CutDistribution as CutDistribution
    from tnet.cuts.cut_formula import CutFormula as CutFormula
    from tnet.cuts.distribution import cut_distribution as cut_distribution
    from tnet.cuts.formula import min_cut_formula as min_cut_formula
    from tnet.cuts.min_cut import min_cut as min_cut
    from tnet.cuts.pairwise import pairwise_min_cuts as pairwise_min_cuts
    from tnet.cuts.profile import CutProfile as CutProfile
    from tnet.cuts.profile import cut_profile as cut_profile
    from tnet.cuts.result import MinCut as MinCut
    from tnet.cuts.schmidt_bound import RankBound as RankBound
    from tnet.cuts.schmidt_bound import schmidt_bound as schmidt_bound
    from tnet.design.widths import WidthDesign as WidthDesign
    from tnet.design.widths import design_widths as design_widths
    from tnet.drawing.charts import draw_curves as draw_curves
    from tnet.drawing.charts import draw_heat_map as draw_heat_map
    from tnet.drawing.draw import Drawing as Drawing
    from tnet.drawing.draw import draw as draw
    from tnet.drawing.explorer.explore import Explorer as Explorer
    from tnet.drawing.explorer.explore import explore as explore
    from tnet.drawing.mode_tree import draw_mode_tree as draw_mode_tree
    from tnet.drawing.plan_drawing import draw_plan as draw_plan
    from tnet.entanglement.certificates import max_schmidt_number as max_schmidt_number
    from tnet.entanglement.compare import Comparison as Comparison
    from tnet.entanglement.compare import compare as compare
    from tnet.entanglement.interval import SchmidtInterval as SchmidtInterval
    from tnet.entanglement.measures import SchmidtSpectrum as SchmidtSpectrum
    from tnet.entanglement.profile import EntanglementProfile as EntanglementProfile
    from tnet.entanglement.profile import entanglement_profile as entanglement_profile
    from tnet.entanglement.separation_rank import SeparationRank as SeparationRank
    from tnet.entanglement.separation_rank import separation_rank as separation_rank
    from tnet.entanglement.spectrum import schmidt_spectra as schmidt_spectra
    from tnet.entanglement.spectrum import schmidt_spectrum as schmidt_spectrum
    from tnet.errors import TNetError as TNetError
    from tnet.expressiveness import convolution as convolution
    from tnet.expressiveness import linear_networks as linear_networks
    from tnet.expressiveness.depth.distance import WidthDistances as WidthDistances
    from tnet.expressiveness.depth.distance import distance_to_width as distance_to_width
    from tnet.expressiveness.depth.efficiency import DepthEfficiency as DepthEfficiency
    from tnet.expressiveness.depth.efficiency import depth_efficiency as depth_efficiency
    from tnet.expressiveness.depth.open_sets import OpenSet as OpenSet
    from tnet.expressiveness.depth.open_sets import shallow_open_set as shallow_open_set
    from tnet.expressiveness.depth.truncation import TruncationPenalty as TruncationPenalty
    from tnet.expressiveness.depth.truncation import truncation_penalty as truncation_penalty
    from tnet.expressiveness.depth.width_bound import ShallowWidthBound as ShallowWidthBound
    from tnet.expressiveness.depth.width_bound import (
        shallow_width_lower_bound as shallow_width_lower_bound,
    )
    from tnet.expressiveness.depth.witness import DepthWitness as DepthWitness
    from tnet.expressiveness.depth.witness import depth_witness as depth_witness
    from tnet.expressiveness.grid_ranks import grid_coefficients as grid_coefficients
    from tnet.expressiveness.grid_ranks import grid_rank as grid_rank
    from tnet.expressiveness.grid_tensors import grid_tensor as grid_tensor
    from tnet.expressiveness.mixed_bounds import SingleTreeWidth as SingleTreeWidth
    from tnet.expressiveness.mixed_bounds import mixed_lower_bound as mixed_lower_bound
    from tnet.expressiveness.mixed_bounds import single_tree_width as single_tree_width
    from tnet.expressiveness.mixed_bounds import swapped_dilations as swapped_dilations
    from tnet.expressiveness.rectifier.affine import Affine as Affine
    from tnet.expressiveness.rectifier.facets import Facets as Facets
    from tnet.expressiveness.rectifier.facets import boundary_pieces as boundary_pieces
    from tnet.expressiveness.rectifier.facets import facet_witness as facet_witness
    from tnet.expressiveness.rectifier.facets import facets as facets
    from tnet.expressiveness.rectifier.networks import RectifierNetwork as RectifierNetwork
    from tnet.expressiveness.rectifier.rectified import RectifiedLayer as RectifiedLayer
    from tnet.expressiveness.rectifier.rectified import to_rectifier as to_rectifier
    from tnet.expressiveness.rectifier.reduction import Reduction as Reduction
    from tnet.expressiveness.rectifier.reduction import to_fewer_rectifiers as to_fewer_rectifiers
    from tnet.expressiveness.rectifier.regions import DecisionRegions as DecisionRegions
    from tnet.expressiveness.rectifier.regions import decision_regions as decision_regions
    from tnet.expressiveness.rectifier.three_signs import two_for_three as two_for_three
    from tnet.expressiveness.rectifier.threshold_form import threshold_bytes as threshold_bytes
    from tnet.expressiveness.rectifier.threshold_form import to_threshold as to_threshold
    from tnet.expressiveness.rectifier.thresholds import ThresholdLayer as ThresholdLayer
    from tnet.expressiveness.rectifier.thresholds import ThresholdNetwork as ThresholdNetwork
    from tnet.expressiveness.recurrent_bounds import WidthBounds as WidthBounds
    from tnet.expressiveness.recurrent_bounds import (
        recurrent_width_bounds as recurrent_width_bounds,
    )
    from tnet.expressiveness.representations import AffineNeurons as AffineNeurons
    from tnet.expressiveness.representations import BinaryPairs as BinaryPairs
    from tnet.expressiveness.representations import Gaussians as Gaussians
    from tnet.expressiveness.representations import OneHot as OneHot
    from tnet.expressiveness.templates import TemplateSet as TemplateSet
    from tnet.expressiveness.templates import invertible_neurons as invertible_neurons
    from tnet.expressiveness.templates import invertible_templates as invertible_templates
    from tnet.expressiveness.templates import template_matrix as template_matrix
    from tnet.expressiveness.tilings import Tiling as Tiling
    from tnet.expressiveness.tilings import TilingBound as TilingBound
    from tnet.expressiveness.tilings import tiling as tiling
    from tnet.expressiveness.tilings import tiling_lower_bound as tiling_lower_bound
    from tnet.expressiveness.tilings import tiling_upper_bound as tiling_upper_bound
    from tnet.expressiveness.universality.average_pooling import (
        PoolingUniversality as PoolingUniversality,
    )
    from tnet.expressiveness.universality.average_pooling import (
        average_pooling_universality as average_pooling_universality,
    )
    from tnet.expressiveness.universality.realise import Realisation as Realisation
    from tnet.expressiveness.universality.realise import realise as realise
    from tnet.expressiveness.witnesses import equal_pairs as equal_pairs
    from tnet.geometry import partitions as partitions
    from tnet.geometry import pooling as pooling
    from tnet.geometry.mode_tree import ModeTree as ModeTree
    from tnet.network.builder import NetworkBuilder as NetworkBuilder
    from tnet.network.einsum import from_einsum as from_einsum
    from tnet.network.graphs import from_graph as from_graph
    from tnet.network.graphs import from_networkx as from_networkx
    from tnet.network.groups import IndexGroup as IndexGroup
    from tnet.network.groups import TensorGroup as TensorGroup
    from tnet.network.model import TensorNetwork as TensorNetwork
    from tnet.network.parameters import load_parameters as load_parameters
    from tnet.network.parameters import random_parameters as random_parameters
    from tnet.network.parameters import save_parameters as save_parameters
    from tnet.network.storage import load as load
    from tnet.network.storage import save as save

_NAMES_OF = {
    "tnet.architectures.convnet": ("ConvNet",),
    "tnet.architectures.cp": ("CP",),
    "tnet.architectures.deep_recurrent": ("DeepRecurrent",),
    "tnet.architectures.dilated": ("Dilated",),
    "tnet.architectures.hierarchical_tucker": ("HierarchicalTucker",),
    "tnet.architectures.linear": ("Linear",),
    "tnet.architectures.mixed": ("Mixed",),
    "tnet.architectures.overlapping": ("Overlapping",),
    "tnet.architectures.recurrent": ("Recurrent",),
    "tnet.architectures.spec_files": ("load_spec",),
    "tnet.architectures.tensor_train": ("TensorTrain",),
    "tnet.architectures.tucker": ("Tucker",),
    "tnet.architectures.unrolled_cut": ("unrolled_min_cut",),
    "tnet.claims": ("Claim",),
    "tnet.contraction.evaluate": ("contract", "contract_scaled", "evaluate", "evaluate_scaled"),
    "tnet.contraction.libraries": ("move_parameters",),
    "tnet.contraction.orders.optimizer": ("ForestOptimizer", "register_optimizer"),
    "tnet.contraction.plan": ("Plan",),
    "tnet.contraction.planning": ("plan",),
    "tnet.contraction.scaled": ("Scaled",),
    "tnet.cuts.batch": ("CutBatch", "min_cuts"),
    "tnet.cuts.cut_counts": ("CutDistribution",),
    "tnet.cuts.cut_formula": ("CutFormula",),
    "tnet.cuts.distribution": ("cut_distribution",),
    "tnet.cuts.formula": ("min_cut_formula",),
    "tnet.cuts.min_cut": ("min_cut",),
    "tnet.cuts.pairwise": ("pairwise_min_cuts",),
    "tnet.cuts.profile": ("CutProfile", "cut_profile"),
    "tnet.cuts.result": ("MinCut",),
    "tnet.cuts.schmidt_bound": ("RankBound", "schmidt_bound"),
    "tnet.design.widths": ("WidthDesign", "design_widths"),
    "tnet.drawing.charts": ("draw_curves", "draw_heat_map"),
    "tnet.drawing.draw": ("Drawing", "draw"),
    "tnet.drawing.explorer.explore": ("Explorer", "explore"),
    "tnet.drawing.mode_tree": ("draw_mode_tree",),
    "tnet.drawing.plan_drawing": ("draw_plan",),
    "tnet.entanglement.certificates": ("max_schmidt_number",),
    "tnet.entanglement.compare": ("Comparison", "compare"),
    "tnet.entanglement.interval": ("SchmidtInterval",),
    "tnet.entanglement.measures": ("SchmidtSpectrum",),
    "tnet.entanglement.profile": ("EntanglementProfile", "entanglement_profile"),
    "tnet.entanglement.separation_rank": ("SeparationRank", "separation_rank"),
    "tnet.entanglement.spectrum": ("schmidt_spectra", "schmidt_spectrum"),
    "tnet.errors": ("TNetError",),
    "tnet.expressiveness.depth.distance": ("WidthDistances", "distance_to_width"),
    "tnet.expressiveness.depth.efficiency": ("DepthEfficiency", "depth_efficiency"),
    "tnet.expressiveness.depth.open_sets": ("OpenSet", "shallow_open_set"),
    "tnet.expressiveness.depth.truncation": ("TruncationPenalty", "truncation_penalty"),
    "tnet.expressiveness.depth.width_bound": ("ShallowWidthBound", "shallow_width_lower_bound"),
    "tnet.expressiveness.depth.witness": ("DepthWitness", "depth_witness"),
    "tnet.expressiveness.grid_ranks": ("grid_coefficients", "grid_rank"),
    "tnet.expressiveness.grid_tensors": ("grid_tensor",),
    "tnet.expressiveness.mixed_bounds": (
        "SingleTreeWidth",
        "mixed_lower_bound",
        "single_tree_width",
        "swapped_dilations",
    ),
    "tnet.expressiveness.rectifier.affine": ("Affine",),
    "tnet.expressiveness.rectifier.facets": (
        "Facets",
        "boundary_pieces",
        "facet_witness",
        "facets",
    ),
    "tnet.expressiveness.rectifier.networks": ("RectifierNetwork",),
    "tnet.expressiveness.rectifier.rectified": ("RectifiedLayer", "to_rectifier"),
    "tnet.expressiveness.rectifier.reduction": ("Reduction", "to_fewer_rectifiers"),
    "tnet.expressiveness.rectifier.regions": ("DecisionRegions", "decision_regions"),
    "tnet.expressiveness.rectifier.three_signs": ("two_for_three",),
    "tnet.expressiveness.rectifier.threshold_form": ("threshold_bytes", "to_threshold"),
    "tnet.expressiveness.rectifier.thresholds": ("ThresholdLayer", "ThresholdNetwork"),
    "tnet.expressiveness.recurrent_bounds": ("WidthBounds", "recurrent_width_bounds"),
    "tnet.expressiveness.representations": ("AffineNeurons", "BinaryPairs", "Gaussians", "OneHot"),
    "tnet.expressiveness.templates": (
        "TemplateSet",
        "invertible_neurons",
        "invertible_templates",
        "template_matrix",
    ),
    "tnet.expressiveness.tilings": (
        "Tiling",
        "TilingBound",
        "tiling",
        "tiling_lower_bound",
        "tiling_upper_bound",
    ),
    "tnet.expressiveness.universality.average_pooling": (
        "PoolingUniversality",
        "average_pooling_universality",
    ),
    "tnet.expressiveness.universality.realise": ("Realisation", "realise"),
    "tnet.expressiveness.witnesses": ("equal_pairs",),
    "tnet.geometry.mode_tree": ("ModeTree",),
    "tnet.network.builder": ("NetworkBuilder",),
    "tnet.network.einsum": ("from_einsum",),
    "tnet.network.graphs": ("from_graph", "from_networkx"),
    "tnet.network.groups": ("IndexGroup", "TensorGroup"),
    "tnet.network.model": ("TensorNetwork",),
    "tnet.network.parameters": ("load_parameters", "random_parameters", "save_parameters"),
    "tnet.network.storage": ("load", "save"),
}
_MODULES = {
    "convolution": "tnet.expressiveness.convolution",
    "linear_networks": "tnet.expressiveness.linear_networks",
    "partitions": "tnet.geometry.partitions",
    "pooling": "tnet.geometry.pooling",
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted([*_MODULE_OF, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = importlib.import_module(_MODULES[name])
    elif name in _MODULE_OF:
        value = getattr(importlib.import_module(_MODULE_OF[name]), name)
    else:
        raise AttributeError(f"module 'tnet' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
