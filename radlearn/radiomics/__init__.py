"""Radiomic features: what a region looks like, in numbers with names, units and definitions."""

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
from radlearn.radiomics._map_features import map_table
from radlearn.radiomics._pyradiomics.batch import extract_table
from radlearn.radiomics._warm_up import warm_up
from radlearn.radiomics.extractor import RadiomicsFeatures
from radlearn.radiomics.maps import FeatureMap
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
