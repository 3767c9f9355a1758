import io
import json
import pickle
import random
import zipfile

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.descriptors import IntensityHistogram
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.keras import HybridClassifier, SequenceClassifier, export_keras, load_network, read_keras, save_network
from radlearn.keras._backend import BACKENDS, load_keras
from radlearn.preprocessing import Augment, CropToMask
from radlearn.radiomics import PyRadiomicsFeatures

pytestmark = pytest.mark.slow  # a network has to be built

SMALL = {"filters": (4,), "dense": 4, "dropout": 0.0, "epochs": 1, "batch_size": 8, "random_state": 0}


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    """File of a trained network."""
    path = tmp_path_factory.mktemp("files") / "trained.radlearn"
    save_network(trained, path)
    return path


def changed(saved, path, edit):
    """Copy of a file, its JSON edited."""
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
        content = json.loads(old.read("network.json"))
        edit(content)
        new.writestr("network.json", json.dumps(content))
        for name in set(old.namelist()) - {"network.json"}:
            new.writestr(name, old.read(name))
    return path


def test_a_file_predicts_as_the_network_did(saved, trained, new_squares):
    X, _ = new_squares
    twin = load_network(saved)
    np.testing.assert_array_equal(twin.predict_proba(X), trained.predict_proba(X))
    np.testing.assert_array_equal(twin.classes_, trained.classes_)
    assert twin.history_ == trained.history_
    assert repr(twin) == repr(trained)


def test_global_random_generators_are_not_touched(saved, trained, tmp_path):
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global generator must not be touched
    load_network(saved)
    export_keras(trained, tmp_path / "network.keras")
    with pytest.warns(RadlearnWarning):
        read_keras(tmp_path / "network.keras")
    assert random.getstate() == states[0]
    np.testing.assert_equal(np.random.get_state(), states[1])  # noqa: NPY002 - as above


def test_a_file_holds_text_and_numbers_only(saved):
    with zipfile.ZipFile(saved) as archive:
        names = archive.namelist()
        assert {name.rpartition(".")[2] for name in names} == {"json", "npy"}
        for name in names:
            if name.endswith(".npy"):
                with archive.open(name) as file:
                    assert not np.load(file, allow_pickle=False).dtype.hasobject


def test_a_file_is_a_third_of_that_of_keras(make_model, squares, tmp_path):
    model = make_model(filters=(32,), dense=64, epochs=1).fit(*squares)
    save_network(model, tmp_path / "own.radlearn")
    model.model_.save(tmp_path / "compiled.keras")
    assert (tmp_path / "own.radlearn").stat().st_size < (tmp_path / "compiled.keras").stat().st_size / 2.5


def test_an_older_file_stays_if_the_new_one_cannot_be_written(trained, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "trained.radlearn"
    save_network(trained, path)
    before = path.read_bytes()
    monkeypatch.setattr("radlearn.keras.files.array_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save_network(trained, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_clock_does_not_matter(saved, trained, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)  # 1970, as after a start without a clock
    save_network(trained, tmp_path / "again.radlearn")
    assert (tmp_path / "again.radlearn").read_bytes() == saved.read_bytes()


@pytest.mark.parametrize("backend", BACKENDS)
def test_another_process_loads_it_on_any_backend(saved, trained, new_squares, tmp_path, run_python, backend):
    pytest.importorskip(backend)
    X, _ = new_squares
    (tmp_path / "cohort.pkl").write_bytes(pickle.dumps(X))
    code = f"""
import json, pickle
from radlearn.keras import load_network
with open({str(tmp_path / "cohort.pkl")!r}, "rb") as file:
    X = pickle.load(file)
print(json.dumps(load_network({str(saved)!r}).predict_proba(X).tolist()))
"""
    np.testing.assert_allclose(run_python(code, KERAS_BACKEND=backend), trained.predict_proba(X), atol=1e-6)


def test_extractors_of_radlearn_are_part_of_the_file(squares, new_squares, tmp_path):
    hybrid = HybridClassifier(IntensityHistogram(bins=4), input_shape=(16, 16), **SMALL).fit(*squares)
    save_network(hybrid, tmp_path / "hybrid.radlearn")
    twin = load_network(tmp_path / "hybrid.radlearn")
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), hybrid.predict_proba(new_squares[0]))
    assert twin.extractor_.errors_.empty


def test_folders_of_this_machine_are_not_in_the_file(squares, tmp_path):
    extractor = IntensityHistogram(memory=tmp_path / "rows")
    hybrid = HybridClassifier(extractor, input_shape=(16, 16), memory=tmp_path / "inputs", **SMALL)
    save_network(hybrid.fit(squares[0][:4], squares[1][:4]), tmp_path / "hybrid.radlearn")
    loaded = load_network(tmp_path / "hybrid.radlearn")
    assert (loaded.memory, loaded.extractor.memory, loaded.extractor_.memory) == (None, None, None)


def test_a_parameter_file_of_an_extractor_is_part_of_the_file(squares, new_squares, tmp_path):
    params = tmp_path / "Params.yaml"
    params.write_text("setting: {minimumROIDimensions: 1}\nfeatureClass: {firstorder: [Mean, Entropy]}\n")
    extractor = PyRadiomicsFeatures(params=params, ndim=2)
    hybrid = HybridClassifier(extractor, input_shape=(16, 16), **SMALL).fit(*squares)
    save_network(hybrid, tmp_path / "hybrid.radlearn")
    params.unlink()
    twin = load_network(tmp_path / "hybrid.radlearn")
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), hybrid.predict_proba(new_squares[0]))
    assert twin.extractor_.parameters_ == hybrid.extractor_.parameters_


def test_sequences_and_augmentation_are_kept(squares, tmp_path):
    X, y = squares
    sequence = SequenceClassifier((16, 16), sequence="patient", length=2, units=3, augment=Augment(rotate=5), **SMALL)
    save_network(sequence.fit(X, y), tmp_path / "sequence.radlearn")
    twin = load_network(tmp_path / "sequence.radlearn")
    np.testing.assert_array_equal(twin.predict_proba(X), sequence.predict_proba(X))
    assert twin.augment.rotate == 5


def test_classes_of_a_column_of_texts_are_kept(make_model, squares, tmp_path):
    X, y = squares
    model = make_model(epochs=1).fit(X, y.astype(object))
    save_network(model, tmp_path / "network.radlearn")
    twin = load_network(tmp_path / "network.radlearn")
    assert twin.classes_.dtype == model.classes_.dtype == object
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))


def test_functions_for_training_are_lost_with_a_warning(make_model, squares, tmp_path):
    model = make_model(epochs=1, augment=lambda images, random_state: images).fit(*squares)
    with pytest.warns(RadlearnWarning, match="does not keep the parameters augment"):
        save_network(model, tmp_path / "network.radlearn")
    assert load_network(tmp_path / "network.radlearn").augment is None


def flat(*, input_shape, n_classes):
    layers = load_keras().layers
    return load_keras().Sequential(
        [load_keras().Input(input_shape), layers.Flatten(), layers.Dense(n_classes, activation="softmax")]
    )


def test_an_architecture_of_your_own_is_asked_for(make_model, squares, tmp_path):
    model = make_model(epochs=1, architecture=flat).fit(*squares)
    save_network(model, tmp_path / "flat.radlearn")
    with pytest.raises(RadlearnError, match=r"built by a function of your own.*architecture="):
        load_network(tmp_path / "flat.radlearn")
    twin = load_network(tmp_path / "flat.radlearn", architecture=flat)
    np.testing.assert_array_equal(twin.predict_proba(squares[0]), model.predict_proba(squares[0]))


@pytest.mark.parametrize("write", [save_network, export_keras])
def test_a_pipeline_with_a_network_is_refused_with_a_remedy(trained, tmp_path, write):
    pipeline = make_pipeline(CropToMask(), trained)
    with pytest.raises(TypeError, match="got a Pipeline; of a pipeline pass the step with the network"):
        write(pipeline, tmp_path / "pipeline.keras")


def test_other_libraries_are_refused_by_name(squares, tmp_path):
    hybrid = HybridClassifier(make_pipeline(IntensityHistogram(bins=4)), input_shape=(16, 16), **SMALL).fit(*squares)
    with pytest.raises(TypeError, match="nor an estimator of radlearn") as caught:
        save_network(hybrid, tmp_path / "hybrid.radlearn")
    assert "it is extractor of HybridClassifier; pickle the estimator instead" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda content: content["estimator"].update({"class": "os:system"}), "an estimator of radlearn; do not trust"),
        (lambda content: content["estimator"].update({"class": "radlearn.io:read_image"}), "which is not an estimator"),
        (lambda content: content["estimator"].update({"class": "radlearn.keras.cnn:CNN"}), "this radlearn has no"),
        (
            lambda content: content["estimator"].update({"class": "radlearn.descriptors.fisher_vectors:PCA"}),
            "which is not an estimator of radlearn",
        ),
        (
            lambda content: content["estimator"].update(
                {"class": "radlearn.descriptors:IntensityHistogram", "parameters": {}}
            ),
            "holds a IntensityHistogram, which is not a network",
        ),
        (lambda content: content.update(format=99), "has the format 99.*update radlearn"),
        (
            lambda content: content["estimator"]["learned"].update(_build="x"),
            "sets '_build', which no estimator learns",
        ),
        (lambda content: content.update(n_weights=99), "no such member"),
        (lambda content: content.update(n_weights=2), "do not fit its network"),
        (lambda content: content.pop("estimator"), "is damaged: 'estimator'"),
        (lambda content: content.pop("own_architecture"), "is damaged: 'own_architecture'"),
        (lambda content: content["network"].update(dict=[["n_classes"]]), "is damaged: not enough values"),
        (lambda content: content["network"]["dict"].append(["n_classes", {"pickle": "x"}]), "unknown kind 'pickle'"),
    ],
)
def test_hostile_files_are_refused(saved, tmp_path, edit, message):
    with pytest.raises(RadlearnError, match=message):
        load_network(changed(saved, tmp_path / "hostile.radlearn", edit))


def set_parameter(content, name, value, *, in_training=None):
    """Write another parameter into what a file says, and that the network was trained with it."""
    content["estimator"]["parameters"][name] = value
    if in_training is not None:
        known = dict(content["estimator"]["learned"]["_fitted"]["dict"])
        content["estimator"]["learned"]["_fitted"]["dict"] = [*map(list, {**known, name: in_training}.items())]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda content: set_parameter(content, "normalize", None), "normalize is None, but the network was trained"),
        (lambda content: set_parameter(content, "normalize", "x", in_training="x"), "normalize must be one of"),
        (lambda content: set_parameter(content, "batch_size", -1), "batch_size must be at least 1"),
        (lambda content: set_parameter(content, "epochs", 10**400), "is damaged: int too large"),
        (
            lambda content: set_parameter(content, "input_shape", {"list": [12, 12]}, in_training={"list": [12, 12]}),
            r"prepared in the shape \[12, 12, 1\] for a network that takes \[16, 16, 1\]",
        ),
        (lambda content: content["estimator"]["learned"].update(_fitted=True), "is damaged: 'bool' object"),
        (lambda content: content["estimator"]["learned"].update(_fitted={"dict": []}), "it tells of the training"),
        (lambda content: content["estimator"]["learned"].pop("classes_"), "has no attribute 'classes_'"),
        (
            lambda content: content["estimator"]["learned"].update(classes_={"objects": ["a"]}),
            r"classes_ has the shape \(1,\), there are 2 classes",
        ),
    ],
)
def test_parameters_that_do_not_fit_the_network_are_refused(saved, tmp_path, edit, message):
    with pytest.raises(RadlearnError, match=message):
        load_network(changed(saved, tmp_path / "edited.radlearn", edit))


@pytest.mark.parametrize("scale", [None, 3, {"tuple": [0, 0]}, {"tuple": [float("nan"), 1]}, {"tuple": [1, 2, 3]}])
def test_a_scale_of_intensities_that_is_none_is_refused(make_model, squares, tmp_path, scale):
    save_network(make_model(epochs=1, normalize="cohort").fit(*squares), tmp_path / "cohort.radlearn")
    path = changed(
        tmp_path / "cohort.radlearn",
        tmp_path / "edited.radlearn",
        lambda content: content["estimator"]["learned"].update(intensity_scale_=scale),
    )
    with pytest.raises(RadlearnError, match="is damaged"):
        load_network(path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("column_means_", {"tuple": [0.0]}, r"columns are scaled by \(0.0,\), there are 4 columns"),
        ("column_deviations_", {"list": 4 * [0.0]}, r"columns cannot be divided by \[0.0, 0.0, 0.0, 0.0\]"),
        ("extractor_", None, "'NoneType' object has no attribute"),
        (
            "extractor_",
            {
                "estimator": {
                    "class": f"{IntensityHistogram.__module__}:IntensityHistogram",
                    "parameters": {"bins": -1},
                    "learned": {},
                }
            },
            "bins must be at least 1, got -1",
        ),
        (
            "extractor_",
            {
                "estimator": {
                    "class": f"{PyRadiomicsFeatures.__module__}:PyRadiomicsFeatures",
                    "parameters": {"params": "nowhere.yaml"},
                    "learned": {},
                }
            },
            "is damaged: the parameter file 'nowhere.yaml' does not exist",
        ),
    ],
)
def test_columns_that_do_not_fit_a_hybrid_network_are_refused(squares, tmp_path, name, value, message):
    hybrid = HybridClassifier(IntensityHistogram(bins=4), input_shape=(16, 16), **SMALL).fit(*squares)
    save_network(hybrid, tmp_path / "hybrid.radlearn")
    path = changed(
        tmp_path / "hybrid.radlearn",
        tmp_path / "edited.radlearn",
        lambda content: content["estimator"]["learned"].update({name: value}),
    )
    with pytest.raises(RadlearnError, match=message):
        load_network(path)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("dense", 10**8),
        ("filters", {"list": [60_000, 60_000]}),
        ("n_classes", 10**10),
        ("input_shape", {"list": [10**6, 10**6, 1]}),
    ],
)
def test_no_network_is_made_that_is_larger_than_its_weights(saved, tmp_path, part, value):
    def edit(content):
        network = dict(content["network"]["dict"])
        assert part in network
        content["network"]["dict"] = [*map(list, {**network, part: value}.items())]

    path = changed(saved, tmp_path / "hostile.radlearn", edit)
    with pytest.raises(RadlearnError, match=r"do not fit its network: it takes [\d,]{10,} numbers in 8 arrays"):
        load_network(path)


def test_a_description_that_expands_beyond_all_measure_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.radlearn", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("network.json", 2**25 * b" ")
    with pytest.raises(RadlearnError, match=r"declares .* MB, the limit is .* MB"):
        load_network(tmp_path / "bomb.radlearn")


def test_arrays_that_fill_the_memory_together_are_refused(saved, tmp_path, monkeypatch):
    def edit(content):  # a small array, a thousand times
        content["estimator"]["learned"]["history_"] = {"list": 1000 * [{"array": 0}]}

    monkeypatch.setattr("radlearn.io.limits.MAX_BYTES", 20_000)
    load_network(saved)
    with pytest.raises(RadlearnError, match=r"arrays/0000.npy': it declares \d+ bytes, the limit is \d+ bytes"):
        load_network(changed(saved, tmp_path / "bomb.radlearn", edit))


def test_numbers_beyond_all_measure_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "long.radlearn", "w") as archive:
        archive.writestr("network.json", '{"format": 1' + 5000 * "0" + "}")
    with pytest.raises(RadlearnError, match="not a network file, or is damaged"):
        load_network(tmp_path / "long.radlearn")


def test_arrays_of_objects_are_refused(saved, trained, tmp_path):
    n_weights = len(trained.model_.get_weights())
    path = changed(saved, tmp_path / "objects.radlearn", lambda content: content.update(n_weights=n_weights + 1))
    with zipfile.ZipFile(path, "a") as archive, archive.open(f"weights/{n_weights:04}.npy", "w") as file:
        np.save(file, np.array([print], object), allow_pickle=True)
    with pytest.raises(RadlearnError, match=r"npy in .* is damaged: Object arrays cannot be loaded"):
        load_network(path)


def test_arrays_with_a_damaged_header_are_refused(saved, trained, tmp_path):
    n_weights = len(trained.model_.get_weights())
    path = changed(saved, tmp_path / "damaged.radlearn", lambda content: content.update(n_weights=n_weights + 1))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"weights/{n_weights:04}.npy", b"\x93NUMPY\1\0\1\0{")
    with pytest.raises(RadlearnError, match=r"npy in .* is damaged"):
        load_network(path)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(saved, tmp_path, number):
    # ReLU makes 0 of NaN with oneDNN: all answers would be alike, and look like any others.
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(tmp_path / "lost.radlearn", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name != "weights/0001.npy" else npy_of(old.read(name), number))
    with pytest.raises(RadlearnError, match="holds weights that are NaN or infinite; copy the file again"):
        load_network(tmp_path / "lost.radlearn")


def npy_of(content, number):
    """A file of an array of the same shape, with one number in all places."""
    file = io.BytesIO()
    np.save(file, np.full_like(np.load(io.BytesIO(content)), number))
    return file.getvalue()


def test_a_file_names_no_folder_to_write_into(saved, tmp_path):
    def edit(content):
        content["estimator"]["parameters"]["memory"] = str(tmp_path / "elsewhere")

    assert load_network(changed(saved, tmp_path / "hostile.radlearn", edit)).memory is None


@pytest.mark.parametrize("content", [b"", b"PK nonsense", b"\x89HDF\r\n"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(RadlearnError):
        load_network(tmp_path / "other")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_files_of_keras_are_written_and_read_on_request(trained, tmp_path, ending):
    path = tmp_path / f"network{ending}"
    export_keras(trained, path)
    with pytest.warns(RadlearnWarning, match="can be made to run code"):
        model = read_keras(path)
    images = np.random.default_rng(0).normal(size=(2, 16, 16, 1)).astype(np.float32)
    np.testing.assert_allclose(model.predict_on_batch(images), trained.model_.predict_on_batch(images), atol=1e-6)
    assert not model.compiled


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_load_network_says_what_reads_files_of_keras(trained, tmp_path, ending):
    export_keras(trained, tmp_path / f"network{ending}")
    with pytest.raises(RadlearnError, match=rf"network\{ending} is a file of Keras, .*; read it with read_keras"):
        load_network(tmp_path / f"network{ending}")


def test_how_a_network_was_trained_is_not_read_from_a_file_of_keras(trained, tmp_path):
    assert trained.model_.compiled
    trained.model_.save(tmp_path / "compiled.keras")
    with pytest.warns(RadlearnWarning, match="can be made to run code") as warned:
        assert not read_keras(tmp_path / "compiled.keras").compiled
    assert warned[0].filename == __file__


def test_a_file_of_keras_with_code_is_refused(tmp_path):
    keras = load_keras()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda values: values * 2)])
    model.save(tmp_path / "lambda.keras")
    with pytest.warns(RadlearnWarning), pytest.raises(RadlearnError, match="Keras cannot read"):
        read_keras(tmp_path / "lambda.keras")


def test_another_ending_is_refused(trained, tmp_path):
    with pytest.raises(ValueError, match=r"path must end in .keras or .h5"):
        export_keras(trained, tmp_path / "network.pkl")


def test_skops_asks_to_trust_one_type(trained, new_squares):
    skops = pytest.importorskip("skops.io")
    content = skops.dumps(trained)
    assert skops.get_untrusted_types(data=content) == ["radlearn.keras.cnn.CNNClassifier"]
    twin = skops.loads(content, trusted=["radlearn.keras.cnn.CNNClassifier"])
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), trained.predict_proba(new_squares[0]))
