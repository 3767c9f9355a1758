"""Radiomic features: what a region looks like, in numbers with names, units and definitions."""

from typing import TYPE_CHECKING

from radlearn._lazy import import_on_use

# Importing a family declares it.
from radlearn.radiomics import (  # noqa: F401
    glcm,
    gldzm,
    glrlm,
    glszm,
    histogram,
    local_intensity,
    morphology,
    morphology_2d,
    ngldm,
    ngtdm,
    spatial,
    statistics,
    volume_histogram,
)
from radlearn.radiomics._family import FAMILIES, feature_table
from radlearn.radiomics.extractor import RadiomicsFeatures
from radlearn.radiomics.map_features import map_table
from radlearn.radiomics.maps import FeatureMap

if TYPE_CHECKING:  # what editors complete and type checkers know; a running program imports it on first use
    from radlearn.radiomics._pyradiomics.batch import extract_table
    from radlearn.radiomics._warm_up import warm_up
    from radlearn.radiomics.pyradiomics import PyRadiomicsFeatures

__all__ = [
    "FAMILIES",
    "FeatureMap",
    "PyRadiomicsFeatures",
    "RadiomicsFeatures",
    "extract_table",
    "feature_table",
    "map_table",
    "warm_up",
]

# Names that are imported on first use, since not all need what they import, and where they live.
_LATE = {"PyRadiomicsFeatures": "pyradiomics", "extract_table": "_pyradiomics.batch", "warm_up": "_warm_up"}

__getattr__, __dir__ = import_on_use(__name__, _LATE)
