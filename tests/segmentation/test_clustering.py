"""ClusterSegmenter: clusters of the cohort and of the case."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from radlearn.segmentation import ClusterSegmenter

LOW = np.array([[0.0, 0, 1], [1, 10, 1], [0, 1, 0]])
HIGH = LOW + 90


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture"])
def test_clusters_of_the_cohort_mean_the_same_in_all_cases(method):
    X = ClusterSegmenter(method=method, n_clusters=2, side="bright").fit_transform([LOW, HIGH])
    assert not X[0].load().mask.any()
    assert X[1].load().mask.all()


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture"])
def test_clusters_of_a_case_are_its_own(method):
    X = ClusterSegmenter(method=method, n_clusters=2, scope="case").fit_transform([LOW, HIGH])
    for case in X:
        np.testing.assert_array_equal(case.load().mask, LOW == 10)


def test_the_darkest_cluster_can_be_the_region():
    mask = ClusterSegmenter(n_clusters=2, side="dark").fit_transform([-LOW])[0].load().mask
    np.testing.assert_array_equal(mask, LOW == 10)


def test_only_the_cases_of_fit_decide():
    segmenter = ClusterSegmenter(n_clusters=2).fit([LOW])
    centers = segmenter.model_.cluster_centers_.copy()
    segmenter.transform([HIGH])[0].load()
    np.testing.assert_array_equal(segmenter.model_.cluster_centers_, centers)
    np.testing.assert_allclose(np.sort(centers.ravel()), [0.5, 10])


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture"])
def test_what_is_learned_does_not_depend_on_the_number_of_threads(method):
    # It belongs to the keys of caches, and workers of a parallel search have fewer threads.
    X = np.random.default_rng(0).normal(size=(2, 60, 60))
    keys = set()
    for n_threads in (1, 3):
        with threadpool_limits(n_threads):
            keys.add(ClusterSegmenter(method=method).fit_transform(X)[0].fingerprint())
    assert len(keys) == 1


def test_fitting_reads_no_image_where_each_case_has_its_own_clusters(tmp_path):
    missing = tmp_path / "missing.npy"
    assert ClusterSegmenter(scope="case").fit([missing]).model_ is None


def test_few_voxels_of_each_case_are_enough(balls):
    X = balls()
    few = ClusterSegmenter(n_clusters=2, n_voxels=100)
    assert few.fit(X).score(X) > 0.95
