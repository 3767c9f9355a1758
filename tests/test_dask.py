"""Extractors on a Dask cluster of this machine: rows in other processes, through joblib's backend."""

import joblib
import numpy as np
import pytest

from radlearn.descriptors import IntensityHistogram

distributed = pytest.importorskip("distributed")


@pytest.mark.slow
def test_rows_of_a_dask_cluster_equal_those_of_one_process(cohort):
    expected = IntensityHistogram().fit_transform(cohort)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, processes=True
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        np.testing.assert_array_equal(IntensityHistogram(n_jobs=2).fit_transform(cohort), expected)
