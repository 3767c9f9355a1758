"""Segmenters on Keras networks: a cohort in, a cohort with masks out."""

from radlearn.keras.segmentation.aspp import ASPPSegmenter
from radlearn.keras.segmentation.unet import UNetSegmenter
from radlearn.keras.segmentation.vnet import VNetSegmenter

__all__ = ["ASPPSegmenter", "UNetSegmenter", "VNetSegmenter"]
