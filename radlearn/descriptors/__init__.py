"""Classic descriptors of whole images: extractors that need no mask."""

from radlearn.descriptors.hog import HOGFeatures
from radlearn.descriptors.intensity_histogram import IntensityHistogram
from radlearn.descriptors.lbp import LBPFeatures

__all__ = ["HOGFeatures", "IntensityHistogram", "LBPFeatures"]
