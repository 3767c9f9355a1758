"""Haralick's features: the definitions written out in loops, and hand-made textures."""

import numpy as np
import pandas as pd
import pytest

from radlearn.descriptors import HaralickFeatures
from radlearn.descriptors.haralick import FEATURES, haralick_features


def slow_haralick(p):
    """The 13 features as Haralick wrote them, pair by pair; entropies in bits."""
    levels = range(len(p))
    pairs = [(i, j) for i in levels for j in levels]
    p_x = [sum(p[i][j] for j in levels) for i in levels]
    p_sum = {k: sum(p[i][j] for i, j in pairs if i + j == k) for k in range(2 * len(p) - 1)}
    p_difference = {k: sum(p[i][j] for i, j in pairs if abs(i - j) == k) for k in levels}

    def entropy(probabilities):
        return -sum(q * np.log2(q) for q in probabilities if q > 0)

    def variance(distribution):
        mean = sum(k * q for k, q in distribution.items())
        return sum((k - mean) ** 2 * q for k, q in distribution.items())

    mean = sum(i * q for i, q in zip(levels, p_x, strict=True))
    spread = sum((i - mean) ** 2 * p[i][j] for i, j in pairs)
    hxy, hx = entropy(p[i][j] for i, j in pairs), entropy(p_x)
    hxy1 = -sum(p[i][j] * np.log2(p_x[i] * p_x[j]) for i, j in pairs if p[i][j] > 0)
    hxy2 = -sum(p_x[i] * p_x[j] * np.log2(p_x[i] * p_x[j]) for i, j in pairs if p_x[i] * p_x[j] > 0)
    return {
        "angular_second_moment": sum(p[i][j] ** 2 for i, j in pairs),
        "contrast": sum((i - j) ** 2 * p[i][j] for i, j in pairs),
        "correlation": sum((i - mean) * (j - mean) * p[i][j] for i, j in pairs) / spread,
        "variance": spread,
        "inverse_difference_moment": sum(p[i][j] / (1 + (i - j) ** 2) for i, j in pairs),
        "sum_average": sum(k * q for k, q in p_sum.items()),
        "sum_variance": variance(p_sum),
        "sum_entropy": entropy(p_sum.values()),
        "entropy": hxy,
        "difference_variance": variance(p_difference),
        "difference_entropy": entropy(p_difference.values()),
        "information_measure_1": (hxy - hxy1) / hx,
        "information_measure_2": np.sqrt(1 - np.exp2(-2 * (hxy2 - hxy))),
    }


@pytest.mark.parametrize("seed", range(5))
def test_features_are_those_of_the_definition(seed):
    p = np.random.default_rng(seed).integers(0, 4, (5, 5)).astype(float)
    p = (p + p.T) / (2 * p.sum())
    expected = slow_haralick(p)
    assert tuple(expected) == FEATURES
    np.testing.assert_allclose(haralick_features(p[..., np.newaxis])[:, 0], list(expected.values()), atol=1e-10)


def test_stripes_by_hand():
    stripes = np.tile([0.0, 1.0], (8, 4))
    extractor = HaralickFeatures(n_grey_levels=2, distances=(1,), size=8).set_output(transform="pandas")
    table = extractor.fit_transform([stripes])
    row = table.iloc[0].rename(lambda name: name.removeprefix("haralick_d1_"))
    # Neighbors differ in three of the four directions; along the stripes they are equal.
    assert row["contrast_mean"] == 0.75
    assert row["contrast_range"] == 1
    assert row["entropy_mean"] == 1
    assert row["correlation_mean"] == pytest.approx(-0.5)


def test_each_distance_has_its_own_columns():
    image = np.random.default_rng(0).random((16, 16)).repeat(2, axis=1)
    one, three, both = (
        HaralickFeatures(distances=distances, size=32).set_output(transform="pandas").fit_transform([image])
        for distances in ((1,), (3,), (1, 3))
    )
    pd.testing.assert_frame_equal(both, pd.concat([one, three], axis=1))


def test_a_constant_image_has_full_correlation_and_no_information():
    table = HaralickFeatures(distances=(1,)).set_output(transform="pandas").fit_transform([np.ones((5, 5))])
    row = table.iloc[0]
    assert row["haralick_d1_correlation_mean"] == 1
    assert row.filter(like="information").eq(0).all()


def test_exchanging_the_axes_of_a_volume_changes_nothing():
    volume = np.random.default_rng(0).normal(size=(8, 8, 8))
    extractor = HaralickFeatures(n_grey_levels=8, distances=(1, 2), size=8)
    np.testing.assert_allclose(*extractor.fit_transform([volume, volume.transpose(2, 0, 1)]), rtol=1e-9)
