"""everything: a sensible choice of descriptors, side by side."""

from sklearn.pipeline import FeatureUnion

from radlearn._validation import check_ndim
from radlearn.descriptors.curvature import CurvatureFeatures
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


def everything(*, ndim=2, **how):
    """Union of descriptors for whole images of any size.

    What it measures: intensities, over the image and in 4 cells along each axis; texture (LBP, in images also in cells;
    Haralick, wavelets); edges and their directions (HOG, Gabor filters, statistics of the gradient); form (moments,
    fractal dimensions, in volumes also thickness, gaps and curvature). All but the histograms and Hu's moments, which
    are fractions and invariants, resize the image, to 64 to 256 pixels along each axis, 32 or 64 in volumes. Its size
    is no column, but leaves traces in texture: small images are blurred. HOG, Gabor filters and Zernike moments are for
    2-D only.

    DAISY is left out, since it repeats HOG at greater length, and `BagOfVisualWords` and `FisherVectors`, since they
    learn: add any with ``make_union(everything(), BagOfVisualWords())``.

    Parameters
    ----------
    ndim : {2, 3}, default=2
        Number of axes of the images.
    **how
        `n_jobs`, `memory`, `on_error`, `verbose` and `image_shape` of all extractors, see
        `radlearn.base.CaseExtractor`.

    Returns
    -------
    union : FeatureUnion
        Unfitted. A search reaches its parts by name, as ``union.set_params(hog="drop")``. Every descriptor reads the
        case itself: where reading is slow, put `radlearn.preprocessing.Checkpoint` in front.

    Raises
    ------
    ValueError
        If `ndim` is neither 2 nor 3.

    Examples
    --------
    >>> import numpy as np
    >>> union = everything().set_output(transform="pandas")
    >>> table = union.fit_transform([np.eye(20), np.eye(30)])
    >>> print(table.shape, table.columns[0])
    (2, 2686) intensity_histogram_00
    """
    check_ndim(ndim)
    parts = _flat(how) if ndim == 2 else _volumetric(how)
    return FeatureUnion(list(parts.items()), verbose_feature_names_out=False)


def _flat(how):
    return {
        "intensity_histogram": IntensityHistogram(**how),
        "intensity_by_place": IntensityHistogram(bins=8, grid=(4, 4), **how),
        "lbp": LBPFeatures(radius=(1, 2, 4), size=128, **how),
        "lbp_by_place": LBPFeatures(radius=(1, 3), size=256, grid=(4, 4), **how),
        "haralick": HaralickFeatures(**how),
        "wavelet": WaveletEnergy(**how),
        "hog": HOGFeatures(shape=(128, 128), **how),
        "gabor": GaborEnergy(**how),
        "gradient": GradientStatistics(**how),
        "hu": HuMoments(**how),
        "zernike": ZernikeMoments(**how),
        "fractal": FractalFeatures(**how),
    }


def _volumetric(how):
    return {
        "intensity_histogram": IntensityHistogram(**how),
        "intensity_by_place": IntensityHistogram(bins=4, grid=(4, 4, 4), **how),
        "lbp": LBPFeatures(size=32, ndim=3, **how),
        "haralick": HaralickFeatures(n_grey_levels=16, size=32, **how),
        "wavelet": WaveletEnergy(size=32, ndim=3, **how),
        "gradient": GradientStatistics(size=32, **how),
        "hu": HuMoments(ndim=3, **how),
        "fractal": FractalFeatures(size=32, **how),
        "thickness": ThicknessFeatures(ndim=3, **how),
        "curvature": CurvatureFeatures(ndim=3, **how),
    }
