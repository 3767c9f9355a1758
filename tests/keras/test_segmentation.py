import pickle
from copy import copy

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold
from radlearn.exceptions import CohortError, GeometryError, ImageReadError, MaskError, RadlearnError, RadlearnWarning
from radlearn.keras import ASPPSegmenter, UNetSegmenter, VNetSegmenter, load_network, save_network
from radlearn.keras._backend import load_keras
from radlearn.keras.networks.segmentation import build_aspp, build_unet, build_vnet
from radlearn.keras.segmentation.base import PatchFeed
from radlearn.keras.segmentation.losses import dice_coefficient, segmentation_loss
from radlearn.keras.segmentation.patches import drawn_patch, tile_boxes, tiled
from radlearn.preprocessing import Augment
from radlearn.radiomics import RadiomicsFeatures


def make_squares(n_cases, shape=(20, 20), first=0):
    """Noise with a bright square or cube of side 8 somewhere, and its mask; two cases of each patient."""
    cases = []
    for number in range(first, first + n_cases):
        rng = np.random.default_rng(number)
        mask = np.zeros(shape, bool)
        mask[tuple(slice(start, start + 8) for start in rng.integers(0, np.array(shape) - 7))] = True
        image = 100 + 10 * (rng.normal(size=shape) + 3 * mask)
        cases.append(Case(image, mask, id=f"square-{number}", patient=f"P{number // 2}"))
    return Cohort(cases)


@pytest.fixture(scope="module")
def make_unet():
    def make(**parameters):
        small = {"patch_shape": (16, 16), "filters": (4, 8), "dropout": 0.0, "epochs": 12, "batch_size": 8}
        return UNetSegmenter(**{**small, "learning_rate": 0.01, "random_state": 0, **parameters})

    return make


@pytest.fixture(scope="module")
def images():
    return make_squares(16)


@pytest.fixture(scope="module")
def segmenter(make_unet, images):
    """Segmenter that has learned the task; not to be fitted again."""
    return make_unet().fit(images)


# Patches and tiles.


def test_patches_lie_in_the_image_and_hold_the_mask_if_asked_for():
    image = np.arange(12 * 15.0).reshape(12, 15, 1)
    mask = np.zeros((12, 15), bool)
    mask[11, 14] = True
    rng = np.random.RandomState(0)
    for _ in range(20):
        patch, inside = drawn_patch(image, mask, (4, 6), 1.0, rng)
        np.testing.assert_array_equal(patch, image[8:, 9:])
        assert inside.sum() == 1
    starts = {drawn_patch(image, mask, (4, 6), 0.0, rng)[0][0, 0, 0] for _ in range(200)}
    assert len(starts) > 50


def test_small_images_are_filled_up_with_their_edge():
    patch, mask = drawn_patch(np.ones((3, 2, 1)), np.ones((3, 2), bool), (4, 4), 0.5, np.random.RandomState(0))
    np.testing.assert_array_equal(patch, np.ones((4, 4, 1)))
    assert mask.sum() == 6


@pytest.mark.parametrize("shape", [(16, 16), (17, 40), (5, 9), (6, 20, 9)])
@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.8])
def test_tiles_give_what_the_whole_image_would(shape, overlap):
    image = np.random.default_rng(0).normal(size=(*shape, 2)).astype(np.float32)
    values = tiled(image, (8,) * len(shape), lambda tiles: 3 * tiles[..., 0] + tiles[..., 1], overlap=overlap)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, 3 * image[..., 0] + image[..., 1], rtol=1e-5, atol=1e-6)


def test_tiles_cover_the_image_and_overlap_enough():
    boxes = tile_boxes((50, 8), (16, 8), 0.5)
    starts = [along.start for along, _ in boxes]
    assert (starts[0], starts[-1]) == (0, 34)
    assert max(np.diff(starts)) <= 8


def test_no_more_than_a_batch_of_tiles_is_held():
    sizes = []

    def predict(tiles):
        sizes.append(len(tiles))
        return tiles[..., 0]

    tiled(np.zeros((64, 64, 1), np.float32), (8, 8), predict, batch_size=4)
    assert set(sizes) == {4}


@pytest.mark.parametrize(("shape", "size"), [((8, 8), 1), ((8, 16), 4), ((64, 64), 16)])
def test_few_tiles_are_no_full_batch(shape, size):
    sizes = []

    def predict(tiles):
        sizes.append(len(tiles))
        return tiles[..., 0]

    image = np.random.default_rng(0).normal(size=(*shape, 1)).astype(np.float32)
    np.testing.assert_allclose(tiled(image, (8, 8), predict, batch_size=16), image[..., 0], rtol=1e-5)
    assert set(sizes) == {size}


# Losses.


@pytest.mark.slow
def test_losses_by_hand():
    keras = load_keras()
    truth = keras.ops.convert_to_tensor(np.array([1, 1, 0, 0], np.float32).reshape(1, 2, 2, 1))
    found = keras.ops.convert_to_tensor(np.array([0.9, 0.4, 0.2, 0.1], np.float32).reshape(1, 2, 2, 1))
    values = {name: float(segmentation_loss(name)(truth, found)[0]) for name in ("dice", "crossentropy", "focal")}
    assert values["dice"] == pytest.approx(1 - 2 * 1.3 / (2 + 1.6), abs=1e-3)
    assert values["crossentropy"] == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.9]).mean(), rel=1e-4)
    assert values["focal"] < values["crossentropy"]
    both = float(segmentation_loss("dice+crossentropy")(truth, found)[0])
    assert both == pytest.approx(values["dice"] + values["crossentropy"], rel=1e-5)
    assert float(dice_coefficient(truth, found)[0]) == pytest.approx(2 / 3, abs=1e-3)


@pytest.mark.slow
def test_a_patch_without_region_in_which_none_is_found_is_right():
    keras = load_keras()
    truth, found = np.zeros((3, 2, 2, 1), np.float32), np.full((3, 2, 2, 1), 0.1, np.float32)
    found[1, 0, 0] = truth[2, 0, 0] = 0.9
    values = dice_coefficient(*(keras.ops.convert_to_tensor(each) for each in (truth.round(), found)))
    assert keras.ops.convert_to_numpy(values).tolist() == [1, 0, 0]


@pytest.mark.slow
def test_of_several_channels_the_mean_is_taken():
    keras = load_keras()
    truth = keras.ops.ones((1, 2, 2, 1))
    channels = np.stack([np.full((1, 2, 2), 0.9), np.full((1, 2, 2), 0.5)], axis=-1).astype(np.float32)
    loss = segmentation_loss("crossentropy")(truth, keras.ops.convert_to_tensor(channels))
    assert float(loss[0]) == pytest.approx(-np.log([0.9, 0.5]).mean(), rel=1e-4)


# Networks.


@pytest.mark.slow
@pytest.mark.parametrize("build", [build_unet, build_vnet, build_aspp])
@pytest.mark.parametrize("shape", [(16, 24, 1), (8, 8, 16, 1)])
@pytest.mark.parametrize("deep_supervision", [False, True])
def test_networks_give_a_probability_for_each_voxel(build, shape, deep_supervision):
    model = build(input_shape=shape, filters=(2, 3, 4), dropout=0.1, deep_supervision=deep_supervision)
    images = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    outputs = load_keras().ops.convert_to_numpy(model(images))  # without the graph that predict would make first
    assert outputs.shape == (2, *shape[:-1], 2 if deep_supervision else 1)
    assert (outputs > 0).all()
    assert (outputs < 1).all()


# Segmenters.


@pytest.mark.slow
def test_it_finds_the_squares_of_new_images(segmenter):
    assert segmenter.score(make_squares(8, first=100)) > 0.8


@pytest.mark.slow
def test_images_of_any_size_are_segmented_on_their_own_grid(segmenter):
    for shape in ((12, 14), (16, 16), (40, 33)):
        [case] = segmenter.transform(make_squares(1, shape, first=200))
        assert case.load().mask.shape == shape
    assert segmenter.score(make_squares(6, (40, 33), first=300)) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("kind", [UNetSegmenter, VNetSegmenter, ASPPSegmenter])
def test_volumes_are_segmented(kind):
    volumes = make_squares(12, (12, 16, 16))
    small = {"patch_shape": (8, 16, 16), "filters": (4, 8), "epochs": 10, "batch_size": 8, "learning_rate": 0.02}
    model = kind(**small, dropout=0.0, deep_supervision=kind is UNetSegmenter, random_state=0).fit(volumes)
    assert model.score(volumes) > 0.6


@pytest.mark.slow
def test_the_given_mask_is_hidden(segmenter, images):
    empty = Cohort([Case(case.load().image, id=case.id) for case in images])
    for with_mask, without in zip(segmenter.transform(images), segmenter.transform(empty), strict=True):
        np.testing.assert_array_equal(with_mask.load().mask, without.load().mask)


@pytest.mark.slow
def test_the_network_sees_images_of_one_shape_or_spacing(make_unet, images):
    model = make_unet(shape=(16, 16), epochs=1).fit(images)
    assert model._pairs(images)[np.arange(1)][0].shape == (16, 16, 2)
    model = make_unet(spacing=2.0, epochs=1, patch_shape=(8, 8)).fit(images)
    assert model._pairs(images)[np.arange(1)][0].shape == (10, 10, 2)
    assert model.transform(images)[0].load().mask.shape == (20, 20)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_network_bit_for_bit(make_unet, images):
    parameters = {"epochs": 2, "augment": Augment(flip="xy", shift=0.1), "validation_fraction": 0.25, "dropout": 0.2}
    one, other = (make_unet(**parameters).fit(images) for _ in range(2))
    for a, b in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.history_ == other.history_


@pytest.mark.slow
def test_networks_that_were_made_before_change_nothing(images):
    def weights():
        small = {"patch_shape": (16, 16), "filters": (4, 8), "epochs": 2, "batch_size": 4, "patches_per_case": 1}
        return ASPPSegmenter(**small, random_state=0).fit(images[:8]).model_.get_weights()

    one = weights()
    for _ in range(2):  # five layers of this kind a network: between 10 and 99 names are in another order
        for a, b in zip(one, weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_early_stopping_goes_back_to_the_best_epoch(make_unet, images):
    history = make_unet(validation_fraction=0.25, patience=1, epochs=40, learning_rate=0.05).fit(images).history_
    assert len(history["val_loss"]) < 40
    assert set(history) == {"loss", "val_loss", "dice_coefficient", "val_dice_coefficient"}


@pytest.mark.slow
def test_a_warm_start_goes_on_and_leaves_older_cases_alone(make_unet, images):
    model = make_unet(epochs=4, warm_start=True).fit(images)
    first = model.history_["loss"]
    before = model.transform(images)[0]
    known = before.load().mask
    model.fit(images)
    assert model.history_["loss"][0] < first[0]
    np.testing.assert_array_equal(before.load().mask, known)


def test_patches_are_on_the_scale_of_the_cohort():
    segmenter, cases = UNetSegmenter(patch_shape=(24, 24), normalize="cohort"), make_squares(2, shape=(24, 24))
    segmenter.intensity_scale_ = (100.0, 12.5)
    feed = PatchFeed(segmenter._pairs(cases), np.arange(2), [24, 24], segmenter)
    images, masks, _ = feed.batch(np.array([0]), np.random.RandomState(0))
    volume = cases[0].load()
    np.testing.assert_array_equal(images[0, ..., 0], (volume.image.astype(np.float32) - np.float32(100)) / 12.5)
    np.testing.assert_array_equal(masks[0, ..., 0], volume.mask)


@pytest.mark.slow
def test_intensities_of_the_cohort_are_learned_when_fitting(make_unet, images):
    model = make_unet(normalize="cohort", epochs=1).fit(images)
    stack = np.stack([case.load().image for case in images])
    np.testing.assert_allclose(model.intensity_scale_, (stack.mean(), stack.std()), rtol=1e-5)


@pytest.mark.slow
def test_pickled_cases_are_small_and_load_in_another_process(segmenter, images, tmp_path, run_python):
    cases = segmenter.transform(images)
    weights = sum(array.nbytes for array in segmenter.model_.get_weights())
    plain = len(pickle.dumps(images[0]))
    assert len(pickle.dumps(cases[0])) - plain < weights / 4
    (tmp_path / "case.pkl").write_bytes(pickle.dumps(cases[0]))
    code = f"""
import json, pickle
with open({str(tmp_path / "case.pkl")!r}, "rb") as file:
    case = pickle.load(file)
print(json.dumps(case.load().mask.tolist()))
"""
    np.testing.assert_array_equal(run_python(code), cases[0].load().mask)
    travelled = pickle.loads(pickle.dumps(cases[0]))
    assert pickle.dumps(travelled) == pickle.dumps(pickle.loads(pickle.dumps(travelled)))  # the file stays where it is


@pytest.mark.slow
def test_a_network_whose_file_is_gone_is_told(make_unet, images, tmp_path):
    case = make_unet(epochs=1, memory=tmp_path).fit(images).transform(images)[0]
    pickled = pickle.dumps(case)
    [file] = (tmp_path / "radlearn" / "networks").iterdir()
    assert file.suffix == ".radlearn"
    file.unlink()
    with pytest.raises(RadlearnError, match=r"the network of UNetSegmenter is no longer there.*memory="):
        pickle.loads(pickled).load()


@pytest.mark.slow
def test_cases_are_pickled_although_the_folder_cannot_be_written(segmenter, images, tmp_path):
    (tmp_path / "file").touch()
    twin = pickle.loads(pickle.dumps(segmenter)).set_params(memory=tmp_path / "file")
    case = twin.transform(images)[0]
    with pytest.warns(RadlearnWarning, match="cannot write the network of UNetSegmenter to .*Not a directory"):
        pickled = pickle.dumps(case)
    np.testing.assert_array_equal(pickle.loads(pickled).load().mask, case.load().mask)


@pytest.mark.slow
def test_files_and_pickles_segment_alike(segmenter, images, tmp_path):
    save_network(segmenter, tmp_path / "unet.radlearn")
    for twin in (load_network(tmp_path / "unet.radlearn"), pickle.loads(pickle.dumps(segmenter))):
        for one, other in zip(twin.transform(images[:3]), segmenter.transform(images[:3]), strict=True):
            np.testing.assert_array_equal(one.load().mask, other.load().mask)


@pytest.mark.slow
def test_features_follow_in_two_processes(segmenter, images):
    features = RadiomicsFeatures(ndim=2, families=["statistics"], n_jobs=2)
    assert np.isfinite(features.fit_transform(segmenter.transform(images[:4]))).all()


@pytest.mark.slow
def test_features_of_masks_that_were_found_go_on_in_a_pipeline(make_unet, images):
    features = RadiomicsFeatures(ndim=2, families=["statistics"])
    pipeline = make_pipeline(make_unet(epochs=1, threshold=0.01), features, StandardScaler())
    assert pipeline.fit_transform(images[:4]).shape == (4, len(pipeline[1].get_feature_names_out()))


@pytest.mark.slow
def test_a_search_prefers_more_epochs(make_unet, images):
    search = GridSearchCV(make_unet(), {"epochs": [1, 12]}, cv=PatientKFold(2), refit=False).fit(images)
    assert search.best_params_ == {"epochs": 12}


@pytest.mark.slow
def test_probabilities_are_those_of_the_mask(segmenter, images):
    maps = segmenter.predict_probability(images[:2])
    for values, case in zip(maps, segmenter.transform(images[:2]), strict=True):
        np.testing.assert_array_equal(values >= 0.5, case.load().mask)


def test_cases_without_mask_are_refused(make_unet, images):
    with pytest.raises(MaskError, match="case 'bare': the case has no mask to learn from"):
        make_unet().fit(Cohort([*images, Case(np.ones((20, 20)), id="bare")]))


def test_no_case_to_learn_from_is_an_error(make_unet):
    with pytest.raises(CohortError, match="UNetSegmenter has nothing to learn from"):
        make_unet().fit([])


@pytest.mark.slow
def test_other_images_are_refused(segmenter):
    with pytest.raises(GeometryError, match=r"takes 2-D images, this one has shape \(4, 20, 20\); give patch_shape 3"):
        segmenter.transform([Case(np.ones((4, 20, 20)))])[0].load()
    with pytest.raises(ImageReadError, match="case 'hole': the image holds NaN"):
        segmenter.transform([Case(np.full((20, 20), np.nan), id="hole")])[0].load()


@pytest.mark.parametrize(
    ("image", "spacing", "error", "message"),
    [
        (np.full((20, 20), np.nan), (1, 1), ImageReadError, "the image holds NaN"),
        (np.ones((4, 20, 20)), (1, 1, 1), GeometryError, "takes 2-D images"),
        (np.ones((20, 20)), (1e6, 1e6), GeometryError, "a grid of .* is too large"),
    ],
)
@pytest.mark.slow
def test_an_error_names_the_case_in_training_and_in_maps(make_unet, images, image, spacing, error, message):
    mask = np.zeros(image.shape, bool)
    mask[..., 2:5] = True
    odd = Cohort([Case(image, mask, id="odd", spacing=spacing)])
    with pytest.raises(error, match=f"case 'odd': .*{message}"):
        make_unet(spacing=1.0).fit(odd)
    segmenter = make_unet(spacing=1.0, epochs=1).fit(images)
    with pytest.raises(error, match=f"case 'odd': .*{message}"):
        segmenter.predict_probability(odd)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"patch_shape": (32, 32)}, r"patch_shape is \(32, 32\), but the network was trained with \(16, 16\)"),
        ({"shape": (16, 16)}, r"shape is \(16, 16\), but the network was trained with None"),
        ({"spacing": 2.0}, "spacing is 2.0, but the network was trained with None; set it back, or fit UNetSegmenter"),
        ({"normalize": None}, "normalize is None, but the network was trained with 'image'"),
        ({"threshold": np.nan}, "threshold must be greater than 0, got nan"),
        ({"overlap": -3}, "overlap must be at least 0, got -3"),
        ({"batch_size": -1}, "batch_size must be at least 1, got -1"),
    ],
)
def test_parameters_that_do_not_fit_the_network_are_refused(segmenter, images, parameters, message):
    changed = copy(segmenter).set_params(**parameters)
    for use in (changed.transform, changed.predict_probability):
        with pytest.raises(ValueError, match=message):
            use(images)


@pytest.mark.slow
def test_an_image_beyond_single_precision_is_refused_by_name(make_unet, images):
    segmenter = make_unet(normalize=None, epochs=1).fit(images)
    cohort = Cohort([Case(np.diag(np.full(16, 1e39)), id="huge")])
    for use in (segmenter.predict_probability, lambda X: segmenter.transform(X)[0].load()):
        with pytest.raises(ImageReadError, match="case 'huge': the image holds intensities beyond single precision"):
            use(cohort)


@pytest.mark.slow
def test_a_network_that_gives_nan_draws_no_mask(make_unet, images):
    segmenter = make_unet(epochs=1).fit(images)
    segmenter.model_.set_weights([np.full_like(weights, np.nan) for weights in segmenter.model_.get_weights()])
    cohort = Cohort([Case(np.eye(16), id="odd")])
    for use in (segmenter.predict_probability, lambda X: segmenter.transform(X)[0].load()):
        with pytest.raises(RadlearnError, match="case 'odd': the network gives NaN for the image"):
            use(cohort)


@pytest.mark.slow
def test_threshold_and_overlap_may_change_after_fit(segmenter, images):
    changed = copy(segmenter).set_params(threshold=0.9, overlap=0.25)
    sizes = [np.count_nonzero(each.transform(images)[0].load().mask) for each in (segmenter, changed)]
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"patch_shape": (15, 16)}, "cannot be halved 1 times.*take multiples of 2"),
        ({"patch_shape": (16,)}, r"patch_shape must be two whole numbers \(y, x\) or three"),
        ({"filters": (4,)}, "filters must be a tuple of at least two numbers"),
        ({"loss": "dice+crosentropy"}, "did you mean 'crossentropy'"),
        ({"shape": (16, 16), "spacing": 1.0}, "two ways to choose a grid"),
        ({"shape": (16, 16, 16)}, "differ in their axes"),
        ({"shape": 16}, "differ in their axes"),
        ({"shape": (0, 16)}, "shape must be at least 1"),
        ({"shape": (16.7, 16)}, "shape must be a whole number"),
        ({"spacing": 0}, "spacing must be greater than 0"),
        ({"overlap": 1}, "overlap must be less than 1"),
        ({"threshold": 0}, "threshold must be greater than 0"),
        ({"patches_per_case": 0}, "patches_per_case must be at least 1"),
        ({"foreground_fraction": 2}, "foreground_fraction must be at most 1"),
        ({"augment": "flip"}, "augment must be an Augment or None"),
    ],
)
def test_parameters_are_checked_when_fitting(make_unet, images, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_unet(**parameters).fit(images)
