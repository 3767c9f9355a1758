"""Radiomic features: what a region looks like, in numbers with names, units and definitions."""

# Importing a family declares it.
from radlearn.radiomics import (  # noqa: F401
    glcm,
    gldzm,
    glrlm,
    glszm,
    morphology,
    morphology_2d,
    ngldm,
    ngtdm,
    spatial,
    statistics,
)
from radlearn.radiomics._family import FAMILIES, feature_table
from radlearn.radiomics.extractor import RadiomicsFeatures

__all__ = ["FAMILIES", "RadiomicsFeatures", "feature_table"]
