"""Every public step and extractor keeps every promise, in 2-D and 3-D, and passes scikit-learn's own checks."""

import inspect
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from contracts import promises_of
from radlearn import Case, descriptors, filters, preprocessing, radiomics, segmentation
from radlearn.base import CaseExtractor, CohortTransformer
from radlearn.descriptors import (
    BagOfVisualWords,
    CurvatureFeatures,
    DAISYFeatures,
    FisherVectors,
    FractalFeatures,
    GaborEnergy,
    GradientStatistics,
    HaralickFeatures,
    HOGFeatures,
    HuMoments,
    IntensityHistogram,
    LBPFeatures,
    ThicknessFeatures,
    WaveletEnergy,
    ZernikeMoments,
)
from radlearn.filters import (
    Exponential,
    GaborFilter,
    GradientMagnitude,
    LaplacianOfGaussian,
    LawsKernels,
    LocalBinaryPatterns2D,
    LocalBinaryPatterns3D,
    Logarithm,
    MeanFilter,
    NonSeparableWavelet,
    RieszLaplacianOfGaussian,
    RieszWavelet,
    SeparableWavelet,
    Square,
    SquareRoot,
)
from radlearn.preprocessing import (
    Augment,
    BiasFieldCorrection,
    Checkpoint,
    ClipIntensity,
    Crop,
    CropToMask,
    Denoise,
    FillPadding,
    HistogramEqualize,
    NormalizeIntensity,
    NyulNormalizer,
    Pad,
    RemoveBackground,
    Reorient,
    RepairPixels,
    Resample,
    ResampleLike,
    ResizeImage,
    WhiteStripe,
    WindowIntensity,
)
from radlearn.radiomics import FeatureMap, PyRadiomicsFeatures, RadiomicsFeatures
from radlearn.segmentation import (
    ActiveContour,
    CleanMask,
    ClusterSegmenter,
    GraphCut,
    RandomWalker,
    RegionGrowing,
    ThresholdSegmenter,
    WatershedSegmenter,
)

# Estimator, and the dimensions of the images that it takes.
ESTIMATORS = [
    (Resample(spacing=1.5), (2, 3)),
    (ClipIntensity(low=80, high=150), (2, 3)),
    (NormalizeIntensity(), (2, 3)),
    (CropToMask(), (2, 3)),
    (ResizeImage(shape=(16, 16)), (2,)),
    (Checkpoint(), (2, 3)),
    (RemoveBackground(marker_strip=0.1), (2, 3)),
    (NyulNormalizer(), (2, 3)),
    (WhiteStripe(), (2, 3)),
    (WindowIntensity(center=100, width=50), (2, 3)),
    (HistogramEqualize(), (2, 3)),
    (RepairPixels(stripes=8), (2, 3)),
    (FillPadding(), (2, 3)),
    (Denoise(), (2, 3)),
    (Denoise(method="anisotropic"), (2, 3)),
    (BiasFieldCorrection(n_iterations=(1,)), (2, 3)),
    (Pad(margin=2), (2, 3)),
    (Crop(shape=(8, 8)), (2,)),
    (Crop(margin=2), (3,)),
    (Reorient(unknown="keep"), (2, 3)),
    (ResampleLike(reference=Case(np.zeros((20, 20)), id="plane")), (2,)),
    (ResampleLike(reference=Case(np.zeros((10, 20, 20)), spacing=(2, 1, 1), id="space")), (3,)),
    (Augment(random_state=0), (2, 3)),
    (Square(), (2, 3)),
    (SquareRoot(), (2, 3)),
    (Logarithm(), (2, 3)),
    (Exponential(), (2, 3)),
    (GradientMagnitude(), (2, 3)),
    (MeanFilter(), (2, 3)),
    (LaplacianOfGaussian(), (2, 3)),
    (LawsKernels(kernels="E3E5", slice_wise=True), (2, 3)),
    (SeparableWavelet(bands="LH", slice_wise=True), (2, 3)),
    (NonSeparableWavelet(), (2, 3)),
    (GaborFilter(), (2, 3)),
    (RieszLaplacianOfGaussian(align_sigma=2.0), (3,)),
    (RieszLaplacianOfGaussian(order=(1, 0)), (2,)),
    (RieszWavelet(), (3,)),
    (RieszWavelet(order=(0, 2)), (2,)),
    (LocalBinaryPatterns2D(), (2, 3)),
    (LocalBinaryPatterns3D(responses="m2"), (3,)),
    (FeatureMap(features="statistics_mean"), (2, 3)),
    (ThresholdSegmenter(), (2, 3)),
    (RegionGrowing(), (2, 3)),
    (WatershedSegmenter(), (2, 3)),
    (ClusterSegmenter(), (2, 3)),
    (ClusterSegmenter(scope="case"), (2, 3)),
    (ActiveContour(), (2, 3)),
    (RandomWalker(), (2, 3)),
    (GraphCut(), (2, 3)),
    (CleanMask(), (2, 3)),
    (RadiomicsFeatures(), (3,)),
    (RadiomicsFeatures(ndim=2), (2,)),
    (RadiomicsFeatures(families="statistics", filters=[GradientMagnitude(), SeparableWavelet(bands="LLH")]), (3,)),
    (PyRadiomicsFeatures(), (3,)),
    (PyRadiomicsFeatures(params={"setting": {"minimumROIDimensions": 1}}, ndim=2), (2,)),
    (HOGFeatures(), (2,)),
    (LBPFeatures(), (2,)),
    (LBPFeatures(ndim=3), (3,)),
    (LBPFeatures(grid=(2, 2)), (2,)),
    (IntensityHistogram(), (2, 3)),
    (HaralickFeatures(size=16), (2, 3)),
    (GaborEnergy(size=32), (2,)),
    (HuMoments(), (2,)),
    (HuMoments(ndim=3), (3,)),
    (ZernikeMoments(), (2,)),
    (GradientStatistics(size=16), (2, 3)),
    (FractalFeatures(size=16), (2, 3)),
    (ThicknessFeatures(size=16), (2,)),
    (ThicknessFeatures(size=16, ndim=3), (3,)),
    (CurvatureFeatures(scales=(1, 2), size=16), (2,)),
    (CurvatureFeatures(scales=(1, 2), size=16, ndim=3), (3,)),
    (WaveletEnergy(size=16, levels=2), (2,)),
    (WaveletEnergy(size=16, levels=2, ndim=3), (3,)),
    (DAISYFeatures(), (2,)),
    (BagOfVisualWords(n_words=8, size=64), (2,)),
    (FisherVectors(n_modes=2, n_components=2, size=32), (2,)),
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
    for package in (preprocessing, filters, descriptors, radiomics, segmentation):
        for name in package.__all__:
            thing = getattr(package, name)
            if inspect.isclass(thing) and issubclass(thing, (CaseExtractor, CohortTransformer)):
                assert thing in tested, name


ROWS = [clone(estimator).set_params(image_shape="row") for estimator, dimensions in ESTIMATORS if 2 in dimensions]


def _failing_on_purpose(estimator):
    """Checks that an estimator cannot pass, and why."""
    if not isinstance(estimator, Augment):
        return {}
    why = "fit_transform changes training images, transform leaves all others as they are"
    return {"check_transformer_general": why, "check_transformer_data_not_an_array": why}


@parametrize_with_checks(ROWS, expected_failed_checks=_failing_on_purpose)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
