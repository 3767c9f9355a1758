"""Co-occurrence features against the double sums of the textbook, and many grey levels."""

from types import SimpleNamespace

import numpy as np
import pytest

from radlearn import Volume
from radlearn.radiomics import _kernels
from radlearn.radiomics.glcm import GLCM, SUMS, TABLE_LEVELS

pytestmark = pytest.mark.kernel


def values_of(matrix):
    """Features of a matrix of counts, as the family computes them."""
    i, j = np.nonzero(matrix)
    sums = _kernels.sum_pairs(np.zeros_like(i), i + 1, j + 1, matrix[i, j].astype(float), 1, len(matrix))
    family = SimpleNamespace(sums=dict(zip(SUMS, sums.T, strict=True)))
    return {name: feature.function(family)[0] for name, feature in GLCM.features.items()}


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
    assert values_of(matrix) == pytest.approx(textbook(matrix), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_an_asymmetric_matrix_has_two_distributions_of_levels(seed):
    matrix = np.random.default_rng(seed).integers(0, 5, (4, 4))
    p = matrix / matrix.sum()
    i, j = np.indices(p.shape) + 1
    pi, pj = p.sum(axis=1), p.sum(axis=0)
    shared = entropy(pi) + entropy(pj) - entropy(p)
    values = values_of(matrix)
    pairs = np.repeat([i.ravel(), j.ravel()], matrix.ravel(), axis=1)
    assert values["correlation"] == pytest.approx(np.corrcoef(pairs)[0, 1])
    assert values["sum_average"] == pytest.approx(((i + j) * p).sum())
    assert values["information_correlation_1"] == pytest.approx(-shared / entropy(pi))
    assert values["information_correlation_2"] == pytest.approx(np.sqrt(1 - np.exp(-2 * shared)))


@pytest.mark.parametrize("n_neighbors", range(2, 12))
def test_one_level_with_neighbors_of_many_has_no_correlation(n_neighbors):
    matrix = np.zeros((n_neighbors, n_neighbors), int)
    matrix[1] = np.arange(1, n_neighbors + 1)  # of which the probabilities do not always add up to 1, but nearly
    values = values_of(matrix)
    assert np.isnan(values["correlation"])
    assert np.isnan(values["information_correlation_1"])
    assert values["joint_variance"] == 0
    assert values["information_correlation_2"] == 0


def test_matrices_without_pairs_do_not_enter_the_average(feature_values):
    mask = np.zeros((3, 2, 2), bool)
    mask[0], mask[2, 0, 0] = True, True  # the last slice has a single voxel
    image = np.arange(12.0).reshape(3, 2, 2)
    alone = feature_values(Volume(image[:1]), families="glcm", bin_width=1, aggregation="2d_averaged")
    volume = Volume(image, mask=mask)
    both = feature_values(volume, families="glcm", bin_width=1, aggregation="2d_averaged")
    assert both["glcm_contrast"] == alone["glcm_contrast"]


def test_a_slice_of_one_grey_level_enters_only_the_averages_that_it_has_a_value_for(feature_values):
    image = np.zeros((2, 2, 3))
    image[0] = [[0, 1, 0], [2, 2, 1]]
    settings = {"families": "glcm", "bin_width": 1, "aggregation": "2d_slice_merged"}
    alone, both = (feature_values(Volume(part), **settings) for part in (image[:1], image))
    assert both["glcm_correlation"] == alone["glcm_correlation"]
    assert both["glcm_contrast"] == alone["glcm_contrast"] / 2


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


@pytest.mark.parametrize("n_g", [2, 5, 10, 32])
def test_levels_that_tell_nothing_about_each_other_share_no_information(n_g):
    occurrences = np.random.default_rng(n_g).integers(1, 50, n_g)
    values = values_of(np.outer(occurrences, occurrences))
    assert values["information_correlation_1"] == values["information_correlation_2"] == 0


def test_no_correlation_is_above_one():
    occurrences = np.random.default_rng(0).integers(1, 1000, (200, 9))
    correlations = np.array([values_of(np.diag(n))["correlation"] for n in occurrences])
    assert correlations.max() <= 1
    np.testing.assert_allclose(correlations, 1, rtol=1e-12)


@pytest.mark.parametrize("bin_count", [8, TABLE_LEVELS + 1])
@pytest.mark.parametrize("slice_distance", [15.3, 27.2, 40])
def test_neighbors_too_far_away_to_weigh_anything_do_not_count(bin_count, slice_distance, feature_values):
    image = np.random.default_rng(0).permutation(1200).reshape(3, 20, 20).astype(float)
    settings = {"families": ["glcm", "glrlm"], "bin_count": bin_count, "weighting_norm": "euclidean"}
    values = feature_values(Volume(image, spacing=(slice_distance, 1, 1)), **settings)
    farther = feature_values(Volume(image, spacing=(1000, 1, 1)), **settings)
    assert values == pytest.approx(farther, rel=1e-12)
