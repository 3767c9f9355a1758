"""Statistics by hand."""

import numpy as np
import pytest

from radlearn import Volume


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("mean", 3),
        ("variance", 7.2),
        ("skewness", 96 / 5 / 7.2**1.5),
        ("kurtosis", 708 / 5 / 7.2**2 - 3),
        ("median", 2),
        ("minimum", 0),
        ("maximum", 8),
        ("range", 8),
        ("percentile_10", 0.8),
        ("percentile_90", 6),
        ("interquartile_range", 1),
        ("mean_absolute_deviation", 2),
        ("robust_mean_absolute_deviation", 0.4444),
        ("median_absolute_deviation", 1.8),
        ("coefficient_of_variation", np.sqrt(7.2) / 3),
        ("quartile_coefficient_of_dispersion", 1 / 5),
        ("energy", 81),
        ("root_mean_square", np.sqrt(81 / 5)),
    ],
)
def test_statistics_of_five_voxels(feature, value, feature_values):
    values = feature_values(Volume([[0.0, 2.0, 2.0, 3.0, 8.0]]), families="statistics")
    assert values[f"statistics_{feature}"] == pytest.approx(value, rel=1e-3)


def test_ratios_to_zero_are_undefined(feature_values):
    values = feature_values(Volume([[-1.0, 1.0]]), families="statistics")
    undefined = {name for name, value in values.items() if np.isnan(value)}
    assert undefined == {
        "statistics_coefficient_of_variation",
        "statistics_quartile_coefficient_of_dispersion",
        "statistics_robust_mean_absolute_deviation",
    }


def test_single_precision_is_enough(feature_values):
    image = 1e5 + np.random.default_rng(0).normal(size=(20, 20))
    double = feature_values(Volume(image.astype(np.float32).astype(float)), families="statistics")
    assert feature_values(Volume(image.astype(np.float32)), families="statistics") == double


def test_the_distance_from_zero_takes_nothing_from_the_spread(feature_values):
    near = np.random.default_rng(0).integers(0, 40, (4, 5, 6)).astype(float)
    far = near + 2.0**40  # whole numbers: nothing is rounded, but the mean cannot be as exact as it was
    spread = ("variance", "skewness", "kurtosis", "mean_absolute_deviation", "robust_mean_absolute_deviation")
    values = [feature_values(Volume(image), families="statistics") for image in (near, far)]
    expected, found = ([each[f"statistics_{name}"] for name in spread] for each in values)
    assert found == pytest.approx(expected, rel=1e-12)


def test_equal_intensities_have_no_robust_deviation_beside_an_outlier(feature_values):
    image = np.ones((4, 5, 6))
    image[0, 0, 0] = 1e12
    values = feature_values(Volume(image), families="statistics")
    assert values["statistics_robust_mean_absolute_deviation"] == 0
