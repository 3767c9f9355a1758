"""Steps that change images and masks: onto another grid, to other intensities, to the region of interest."""

from radlearn.preprocessing.checkpoint import Checkpoint
from radlearn.preprocessing.intensity import ClipIntensity, NormalizeIntensity
from radlearn.preprocessing.mask import CropToMask
from radlearn.preprocessing.resample import Resample
from radlearn.preprocessing.resize import ResizeImage, resize_image

__all__ = [
    "Checkpoint",
    "ClipIntensity",
    "CropToMask",
    "NormalizeIntensity",
    "Resample",
    "ResizeImage",
    "resize_image",
]
