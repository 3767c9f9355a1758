"""Splits by patient, comparisons of models on them, and measures of masks."""

from radlearn._overlap import dice, jaccard
from radlearn.evaluation.compare import compare
from radlearn.evaluation.comparison import Comparison
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.splitters import PatientKFold, StratifiedPatientKFold
from radlearn.evaluation.surface import hausdorff, surface_distance

__all__ = [
    "Comparison",
    "PatientKFold",
    "StratifiedPatientKFold",
    "check_folds",
    "compare",
    "dice",
    "hausdorff",
    "jaccard",
    "surface_distance",
]
