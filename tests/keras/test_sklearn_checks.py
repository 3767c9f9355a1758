"""scikit-learn's own checks of an estimator, on every deep classifier with a tiny network."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.descriptors import IntensityHistogram
from radlearn.keras import CNNClassifier, HybridClassifier, SequenceClassifier, TransferClassifier, save_network

pytestmark = pytest.mark.slow  # TensorFlow needs more than a second to trace the smallest network

TINY = {
    "filters": (4,),
    "dense": 16,
    "dropout": 0.0,
    "batch_size": 64,
    "learning_rate": 0.05,
    "normalize": None,
    "image_shape": "row",
}
BACKBONE = "tiny.radlearn"  # in the folder that the tests run in, so that its name is the same for all of them


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_model, squares):
    """Folder with the file of a tiny network."""
    path = tmp_path_factory.mktemp("backbone")
    network = make_model(input_shape=(8, 8), filters=(4,), dense=16, epochs=1, normalize=None)
    save_network(network.fit(*squares), path / BACKBONE)
    return path


@parametrize_with_checks(
    [
        CNNClassifier((8, 8), **TINY),
        HybridClassifier(IntensityHistogram(), input_shape=(8, 8), **TINY),
        SequenceClassifier((8, 8), sequence="patient", length=1, units=8, memory_cell="attention", **TINY),
        TransferClassifier(BACKBONE, dropout=0.0, batch_size=64, learning_rate=0.05, image_shape="row"),
    ],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "minibatches: a weight of 2 is not two cases in two batches"
    },
)
def test_scikit_learns_checks(estimator, check, folder, monkeypatch):
    monkeypatch.chdir(folder)
    check(estimator)
