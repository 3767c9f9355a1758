"""Filters: responses of an image to patterns, as steps of a pipeline or inside `RadiomicsFeatures(filters=[...])`."""

from radlearn.filters.gradient import GradientMagnitude
from radlearn.filters.pointwise import Exponential, Logarithm, Square, SquareRoot

__all__ = [
    "Exponential",
    "GradientMagnitude",
    "Logarithm",
    "Square",
    "SquareRoot",
]
