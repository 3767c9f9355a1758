"""Every public step and extractor keeps every promise, in 2-D and 3-D, and passes scikit-learn's own checks."""

import inspect
import warnings

import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from contracts import promises_of
from radlearn import descriptors, filters, preprocessing, radiomics
from radlearn.base import CaseExtractor, CohortTransformer
from radlearn.descriptors import (
    BagOfVisualWords,
    DAISYFeatures,
    FractalFeatures,
    GaborEnergy,
    GradientStatistics,
    HaralickFeatures,
    HOGFeatures,
    HuMoments,
    IntensityHistogram,
    LBPFeatures,
    WaveletEnergy,
    ZernikeMoments,
)
from radlearn.filters import Exponential, GradientMagnitude, Logarithm, Square, SquareRoot
from radlearn.preprocessing import Checkpoint, ClipIntensity, CropToMask, NormalizeIntensity, Resample, ResizeImage
from radlearn.radiomics import FeatureMap, PyRadiomicsFeatures, RadiomicsFeatures

# Estimator, and the dimensions of the images that it takes.
ESTIMATORS = [
    (Resample(spacing=1.5), (2, 3)),
    (ClipIntensity(low=80, high=150), (2, 3)),
    (NormalizeIntensity(), (2, 3)),
    (CropToMask(), (2, 3)),
    (ResizeImage(shape=(16, 16)), (2,)),
    (Checkpoint(), (2, 3)),
    (Square(), (2, 3)),
    (SquareRoot(), (2, 3)),
    (Logarithm(), (2, 3)),
    (Exponential(), (2, 3)),
    (GradientMagnitude(), (2, 3)),
    (FeatureMap(features="statistics_mean"), (2, 3)),
    (RadiomicsFeatures(), (3,)),
    (RadiomicsFeatures(ndim=2), (2,)),
    (PyRadiomicsFeatures(), (3,)),
    (PyRadiomicsFeatures(params={"setting": {"minimumROIDimensions": 1}}, ndim=2), (2,)),
    (HOGFeatures(), (2,)),
    (LBPFeatures(), (2,)),
    (LBPFeatures(ndim=3), (3,)),
    (IntensityHistogram(), (2, 3)),
    (HaralickFeatures(size=16), (2, 3)),
    (GaborEnergy(size=32), (2,)),
    (HuMoments(), (2,)),
    (HuMoments(ndim=3), (3,)),
    (ZernikeMoments(), (2,)),
    (GradientStatistics(size=16), (2, 3)),
    (FractalFeatures(size=16), (2, 3)),
    (WaveletEnergy(size=16, levels=2), (2,)),
    (WaveletEnergy(size=16, levels=2, ndim=3), (3,)),
    (DAISYFeatures(), (2,)),
    (BagOfVisualWords(n_words=8, size=64), (2,)),
]

CASES = [
    pytest.param(estimator, ndim, promise, id=f"{type(estimator).__name__}-{ndim}d-{promise.__name__}")
    for estimator, dimensions in ESTIMATORS
    for ndim in dimensions
    for promise in promises_of(estimator)
]


@pytest.mark.parametrize(("estimator", "ndim", "promise"), CASES)
def test_promise(estimator, ndim, promise, tmp_path):
    extra = {"tmp_path": tmp_path} if "tmp_path" in inspect.signature(promise).parameters else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        promise(clone(estimator), ndim, **extra)


def test_no_public_estimator_is_left_out():
    tested = {type(estimator) for estimator, _ in ESTIMATORS}
    for package in (preprocessing, filters, descriptors, radiomics):
        for name in package.__all__:
            thing = getattr(package, name)
            if inspect.isclass(thing) and issubclass(thing, (CaseExtractor, CohortTransformer)):
                assert thing in tested, name


ROWS = [clone(estimator).set_params(image_shape="row") for estimator, dimensions in ESTIMATORS if 2 in dimensions]


@parametrize_with_checks(ROWS)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
