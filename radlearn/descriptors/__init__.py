"""Classic descriptors of whole images: extractors that need no mask."""

from radlearn.descriptors.bag_of_visual_words import BagOfVisualWords
from radlearn.descriptors.curvature import CurvatureFeatures
from radlearn.descriptors.daisy import DAISYFeatures
from radlearn.descriptors.everything import everything
from radlearn.descriptors.fisher_vectors import FisherVectors
from radlearn.descriptors.fractal import FractalFeatures
from radlearn.descriptors.gabor import GaborEnergy
from radlearn.descriptors.gradient import GradientStatistics
from radlearn.descriptors.haralick import HaralickFeatures
from radlearn.descriptors.hog import HOGFeatures
from radlearn.descriptors.hu import HuMoments
from radlearn.descriptors.intensity_histogram import IntensityHistogram
from radlearn.descriptors.lbp import LBPFeatures
from radlearn.descriptors.thickness import ThicknessFeatures
from radlearn.descriptors.wavelet import WaveletEnergy
from radlearn.descriptors.zernike import ZernikeMoments

__all__ = [
    "BagOfVisualWords",
    "CurvatureFeatures",
    "DAISYFeatures",
    "FisherVectors",
    "FractalFeatures",
    "GaborEnergy",
    "GradientStatistics",
    "HOGFeatures",
    "HaralickFeatures",
    "HuMoments",
    "IntensityHistogram",
    "LBPFeatures",
    "ThicknessFeatures",
    "WaveletEnergy",
    "ZernikeMoments",
    "everything",
]
