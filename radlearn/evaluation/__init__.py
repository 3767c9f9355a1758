"""Splits by patient, and comparisons of models on them."""

from radlearn.evaluation.compare import compare
from radlearn.evaluation.comparison import Comparison
from radlearn.evaluation.detection import FROC, average_precision, froc
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.splitters import PatientKFold, StratifiedPatientKFold

__all__ = [
    "FROC",
    "Comparison",
    "PatientKFold",
    "StratifiedPatientKFold",
    "average_precision",
    "check_folds",
    "compare",
    "froc",
]
