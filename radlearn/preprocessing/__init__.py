"""Steps that change images and masks: onto another grid, to other intensities, to the region of interest."""

from radlearn.preprocessing.augment import Augment
from radlearn.preprocessing.augmented_classifier import AugmentedClassifier
from radlearn.preprocessing.background import RemoveBackground
from radlearn.preprocessing.bias_field import BiasFieldCorrection
from radlearn.preprocessing.checkpoint import Checkpoint
from radlearn.preprocessing.crop import Crop
from radlearn.preprocessing.denoise import Denoise
from radlearn.preprocessing.histogram import HistogramEqualize
from radlearn.preprocessing.intensity import ClipIntensity, NormalizeIntensity
from radlearn.preprocessing.mask import CropToMask
from radlearn.preprocessing.nyul import NyulNormalizer
from radlearn.preprocessing.pad import Pad
from radlearn.preprocessing.padding import FillPadding
from radlearn.preprocessing.reorient import Reorient
from radlearn.preprocessing.repair import RepairPixels
from radlearn.preprocessing.resample import Resample
from radlearn.preprocessing.resample_like import ResampleLike
from radlearn.preprocessing.resize import ResizeImage, resize_image
from radlearn.preprocessing.white_stripe import WhiteStripe
from radlearn.preprocessing.window import WindowIntensity

__all__ = [
    "Augment",
    "AugmentedClassifier",
    "BiasFieldCorrection",
    "Checkpoint",
    "ClipIntensity",
    "Crop",
    "CropToMask",
    "Denoise",
    "FillPadding",
    "HistogramEqualize",
    "NormalizeIntensity",
    "NyulNormalizer",
    "Pad",
    "RemoveBackground",
    "Reorient",
    "RepairPixels",
    "Resample",
    "ResampleLike",
    "ResizeImage",
    "WhiteStripe",
    "WindowIntensity",
    "resize_image",
]
