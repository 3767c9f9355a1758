"""Splits by patient, and comparisons of models on them."""

from radlearn.evaluation.compare import compare
from radlearn.evaluation.comparison import Comparison
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.splitters import PatientKFold, StratifiedPatientKFold

__all__ = ["Comparison", "PatientKFold", "StratifiedPatientKFold", "check_folds", "compare"]
