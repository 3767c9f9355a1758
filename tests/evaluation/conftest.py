import matplotlib as mpl
import numpy as np
import pytest
from joblib import parallel_config, register_parallel_backend
from joblib.parallel import ThreadingBackend
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from radlearn import Case, Cohort

mpl.use("Agg")


def brightness(X):
    return np.array([[case.load().image.mean()] for case in X])


@pytest.fixture
def make_data():
    """Small images whose brightness tells the class, not perfectly; two images of each patient."""

    def make(labels=("benign", "malignant"), n_patients=20, ndim=2, meta=None, seed=0):
        rng = np.random.default_rng(seed)
        y = np.repeat(np.arange(n_patients) % len(labels), 2)
        cases = []
        for number, label in enumerate(y):
            image = rng.normal(size=(8,) * ndim) + label + rng.normal(scale=0.8)
            mask = np.zeros(image.shape, int)
            mask[(slice(2, 6),) * ndim] = 1
            cases.append(
                Case(
                    image,
                    mask,
                    id=f"image{number:02d}",
                    patient=f"p{number // 2:02d}",
                    meta={} if meta is None else meta(number, label, rng),
                )
            )
        return Cohort(cases), np.array(labels)[y]

    return make


@pytest.fixture
def data(make_data):
    return make_data()


@pytest.fixture
def model():
    return make_pipeline(FunctionTransformer(brightness), LogisticRegression())


@pytest.fixture
def useless():
    """A model of chance."""
    return make_pipeline(FunctionTransformer(shape_only), LogisticRegression())


def shape_only(X):
    return np.array([[sum(case.id.encode()) % 7] for case in X])


class AllAtOnce(ThreadingBackend):
    """Gives all results together, as the backends of Ray and of multiprocessing do."""

    supports_return_generator = False


@pytest.fixture
def all_at_once():
    register_parallel_backend("all at once", AllAtOnce)
    with parallel_config("all at once", n_jobs=2):
        yield
