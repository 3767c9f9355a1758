"""Segmentation: steps that find a mask where there is none, and clean it."""

from radlearn._dice_scorer import name_scorer
from radlearn.segmentation.clean_mask import CleanMask
from radlearn.segmentation.clustering import ClusterSegmenter
from radlearn.segmentation.contour import ActiveContour
from radlearn.segmentation.graph_cut import GraphCut
from radlearn.segmentation.random_walker import RandomWalker
from radlearn.segmentation.region_growing import RegionGrowing
from radlearn.segmentation.threshold import ThresholdSegmenter
from radlearn.segmentation.watershed import WatershedSegmenter

__all__ = [
    "ActiveContour",
    "CleanMask",
    "ClusterSegmenter",
    "GraphCut",
    "RandomWalker",
    "RegionGrowing",
    "ThresholdSegmenter",
    "WatershedSegmenter",
]

name_scorer()
