"""Filters: steps of a pipeline that put a response in the place of the image."""

from radlearn.filters.gradient import GradientMagnitude
from radlearn.filters.pointwise import Exponential, Logarithm, Square, SquareRoot

__all__ = [
    "Exponential",
    "GradientMagnitude",
    "Logarithm",
    "Square",
    "SquareRoot",
]
