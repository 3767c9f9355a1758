"""Splits by patient, comparisons of models and of segmenters on them, and measures of masks."""

from radlearn._dice_scorer import dice_scorer, name_scorer
from radlearn._overlap import dice, jaccard
from radlearn.evaluation.compare import compare
from radlearn.evaluation.comparison import Comparison
from radlearn.evaluation.detection import FROC, average_precision, froc
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.pointing import pointing_game
from radlearn.evaluation.segmentation import compare_segmentations
from radlearn.evaluation.segmentation_comparison import SegmentationComparison
from radlearn.evaluation.splitters import PatientKFold, StratifiedPatientKFold
from radlearn.evaluation.surface import hausdorff, surface_distance

__all__ = [
    "FROC",
    "Comparison",
    "PatientKFold",
    "SegmentationComparison",
    "StratifiedPatientKFold",
    "average_precision",
    "check_folds",
    "compare",
    "compare_segmentations",
    "dice",
    "dice_scorer",
    "froc",
    "hausdorff",
    "jaccard",
    "pointing_game",
    "surface_distance",
]

name_scorer()
