"""Filters: steps of a pipeline that replace the image by a response."""

from radlearn.filters.gabor import GaborFilter
from radlearn.filters.gradient import GradientMagnitude
from radlearn.filters.laws import LawsKernels
from radlearn.filters.lbp_2d import LocalBinaryPatterns2D
from radlearn.filters.lbp_3d import LocalBinaryPatterns3D
from radlearn.filters.log import LaplacianOfGaussian
from radlearn.filters.mean import MeanFilter
from radlearn.filters.nonseparable_wavelet import NonSeparableWavelet
from radlearn.filters.pointwise import Exponential, Logarithm, Square, SquareRoot
from radlearn.filters.riesz import RieszLaplacianOfGaussian, RieszWavelet
from radlearn.filters.wavelet import SeparableWavelet

__all__ = [
    "Exponential",
    "GaborFilter",
    "GradientMagnitude",
    "LaplacianOfGaussian",
    "LawsKernels",
    "LocalBinaryPatterns2D",
    "LocalBinaryPatterns3D",
    "Logarithm",
    "MeanFilter",
    "NonSeparableWavelet",
    "RieszLaplacianOfGaussian",
    "RieszWavelet",
    "SeparableWavelet",
    "Square",
    "SquareRoot",
]
