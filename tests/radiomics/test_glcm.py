"""Co-occurrence features against the double sums of the textbook, and many grey levels."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.radiomics.glcm import GLCM, TABLE_LEVELS

pytestmark = pytest.mark.kernel


class Matrix:
    """A region whose merged matrix is the given one: grey levels side by side, each pair apart from the others."""

    def __init__(self, symmetric):
        self.n_g = len(symmetric)
        pairs = [
            (i + 1, j + 1)
            for i in range(self.n_g)
            for j in range(i, self.n_g)
            for _ in range(symmetric[i, j] // (2 if i == j else 1))
        ]
        self.levels = np.zeros((2 * len(pairs), 2), np.int16)
        self.levels[::2] = pairs


def textbook(matrix):
    """All 25 features as the formulas have them, over all pairs of grey levels (IBSI reference manual)."""
    p = matrix / matrix.sum()
    n_g = len(p)
    i, j = np.arange(1, n_g + 1)[:, np.newaxis], np.arange(1, n_g + 1)
    d, s = abs(i - j), i + j
    px = p.sum(axis=1)
    mu, sigma2 = (i * p).sum(), ((i - (i * p).sum()) ** 2 * p).sum()
    p_d = np.array([p[d == k].sum() for k in range(n_g)])
    p_s = np.array([p[s == k].sum() for k in range(2, 2 * n_g + 1)])
    k_d, k_s = np.arange(n_g), np.arange(2, 2 * n_g + 1)
    independent = np.outer(px, px)
    hxy1 = -(p * np.log2(np.where(independent > 0, independent, 1))).sum()
    return {
        "joint_maximum": p.max(),
        "joint_average": mu,
        "joint_variance": sigma2,
        "joint_entropy": entropy(p),
        "difference_average": (k_d * p_d).sum(),
        "difference_variance": ((k_d - (k_d * p_d).sum()) ** 2 * p_d).sum(),
        "difference_entropy": entropy(p_d),
        "sum_average": (k_s * p_s).sum(),
        "sum_variance": ((k_s - (k_s * p_s).sum()) ** 2 * p_s).sum(),
        "sum_entropy": entropy(p_s),
        "angular_second_moment": (p**2).sum(),
        "contrast": (d**2 * p).sum(),
        "dissimilarity": (d * p).sum(),
        "inverse_difference": (p / (1 + d)).sum(),
        "normalised_inverse_difference": (p / (1 + d / n_g)).sum(),
        "inverse_difference_moment": (p / (1 + d**2)).sum(),
        "normalised_inverse_difference_moment": (p / (1 + d**2 / n_g**2)).sum(),
        "inverse_variance": (p[d > 0] / d[d > 0] ** 2).sum(),
        "correlation": ((i * j * p).sum() - mu**2) / sigma2,
        "autocorrelation": (i * j * p).sum(),
        "cluster_tendency": ((s - 2 * mu) ** 2 * p).sum(),
        "cluster_shade": ((s - 2 * mu) ** 3 * p).sum(),
        "cluster_prominence": ((s - 2 * mu) ** 4 * p).sum(),
        "information_correlation_1": (entropy(p) - hxy1) / entropy(px),
        "information_correlation_2": np.sqrt(1 - np.exp(-2 * (entropy(independent) - entropy(p)))),
    }


def entropy(p):
    return -(p[p > 0] * np.log2(p[p > 0])).sum()


@pytest.mark.parametrize("seed", range(5))
def test_features_are_the_double_sums_of_the_textbook(seed):
    matrix = np.random.default_rng(seed).integers(0, 5, (4, 4))
    matrix += matrix.T
    values = dict(zip(GLCM.features, GLCM.values(Matrix(matrix), "3d_merged"), strict=True))
    assert values == pytest.approx(textbook(matrix), rel=1e-9)


def test_matrices_without_pairs_do_not_enter_the_average(feature_values):
    mask = np.zeros((3, 2, 2), bool)
    mask[0], mask[2, 0, 0] = True, True  # the last slice has a single voxel
    image = np.arange(12.0).reshape(3, 2, 2)
    alone = feature_values(Volume(image[:1]), families="glcm", bin_width=1, aggregation="2d_averaged")
    volume = Volume(image, mask=mask)
    both = feature_values(volume, families="glcm", bin_width=1, aggregation="2d_averaged")
    assert both["glcm_contrast"] == alone["glcm_contrast"]


def test_one_image_is_measured_like_a_volume_of_one_slice(blob, feature_values):
    image = blob(2)
    volume = Volume(image.image[np.newaxis], mask=image.mask[np.newaxis])
    flat = feature_values(image, families="glcm")
    assert feature_values(volume, families="glcm", aggregation="2d_slice_merged") == flat
    assert feature_values(volume, families="glcm", aggregation="3d_merged") == flat


def test_thousands_of_grey_levels_need_no_table_of_all_pairs(feature_values):
    image = np.random.default_rng(0).permutation(9000).reshape(10, 30, 30).astype(float)
    values = feature_values(Volume(image), families="glcm", bin_width=1)
    assert TABLE_LEVELS < 9000
    assert values["glcm_joint_average"] == pytest.approx(4500, rel=0.01)
    assert values["glcm_joint_maximum"] < 1e-4


def test_correlation_of_high_grey_levels_is_not_lost_in_rounding(feature_values):
    image = np.full((4, 4), 9000.0)
    image[0, 0], image[:, 2:] = 1.0, 9001.0
    values = feature_values(Volume(image, mask=image > 1), families="glcm", bin_width=1, resegment_range=(0, None))
    shifted = feature_values(Volume(image, mask=image > 1), families="glcm", bin_width=1)
    assert values["glcm_correlation"] == pytest.approx(shifted["glcm_correlation"], rel=1e-6)
