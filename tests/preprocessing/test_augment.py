"""Augment and AugmentedClassifier: what changes and how much; never a test case."""

import numpy as np
import pytest
from scipy import ndimage
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from radlearn import Case, Cohort, Volume
from radlearn.descriptors import IntensityHistogram
from radlearn.evaluation import PatientKFold
from radlearn.preprocessing import Augment, AugmentedClassifier
from radlearn.preprocessing.perturb import blurred, moved

NOTHING = {"rotate": 0, "scale": 0, "intensity": 0, "noise": 0}
CHANGES = [
    {"flip": "xyz"},
    {"rotate": 20},
    {"scale": 0.3},
    {"shift": 0.1},
    {"crop": 0.2},
    {"blur": 2},
    {"bias_field": 0.3},
    {"intensity": 0.3},
    {"noise": 0.2},
]


def volumes_of(X):
    return [case.load() for case in X]


def blob(shape, at, sigma=2.0, **fields):
    """A smooth bright spot, its upper half as the mask."""
    image = np.zeros(shape)
    image[at] = 1
    image = ndimage.gaussian_filter(image, sigma)
    return Volume(100 * image / image.max(), mask=image > image.max() / 2, **fields)


def drawn(parameters, volume, n=30):
    """What a change makes of one volume under several ids."""
    cases = Cohort(
        Case(volume.image, mask=volume.mask.astype(np.uint8), id=str(number), spacing=volume.spacing)
        for number in range(n)
    )
    return volumes_of(Augment(**{**NOTHING, **parameters}, random_state=0).fit_transform(cases))


def test_only_fit_transform_changes_cases(cohort):
    augment = Augment(random_state=0)
    changed = augment.fit_transform(cohort)
    assert augment.transform(cohort) == cohort
    assert changed.ids.tolist() == cohort.ids.tolist()
    for before, after in zip(volumes_of(cohort), volumes_of(changed), strict=True):
        assert not np.array_equal(before.image, after.image)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("parameters", CHANGES, ids=str)
def test_every_change_changes_something_and_leaves_a_usable_volume(parameters, ndim):
    volume = blob((12, 20, 24)[-ndim:], (5, 9, 14)[-ndim:], spacing=(2, 1, 1)[-ndim:])
    results = drawn(parameters, volume)
    different = [
        result.shape != volume.shape or not np.allclose(result.image, volume.image, atol=1e-3) for result in results
    ]
    assert sum(different) > 10
    for result in results:
        assert result.mask.any()
        assert np.isfinite(result.image).all()
        assert result.spacing == volume.spacing


@pytest.mark.parametrize("parameters", [{"blur": 2}, {"bias_field": 0.3}, {"intensity": 0.3}, {"noise": 0.2}], ids=str)
def test_changes_of_intensities_leave_masks_alone(parameters):
    volume = blob((20, 24), (9, 14))
    for result in drawn(parameters, volume):
        np.testing.assert_array_equal(result.mask, volume.mask)


def test_shifts_reach_as_far_as_they_may():
    volume = blob((40, 60), (20, 30))
    centers = np.array([ndimage.center_of_mass(result.mask) for result in drawn({"shift": 0.1}, volume)])
    for reach in ((centers - (20, 30)).max(axis=0), ((20, 30) - centers).max(axis=0)):
        np.testing.assert_array_less(reach, (4.6, 6.6))
        np.testing.assert_array_less((2, 3), reach)


@pytest.mark.parametrize("parameters", [{"rotate": 45}, {"scale": 0.5}, {"shift": 0.3}], ids=str)
def test_beyond_the_image_there_is_its_edge(parameters):
    volume = blob((12, 16), (6, 8))
    volume = volume.but(image=np.full(volume.shape, 7.0))
    for result in drawn(parameters, volume):
        np.testing.assert_allclose(result.image, volume.image)


def test_an_image_without_a_mask_turns_around_its_middle():
    volume = blob((30, 40), (15, 20)).but(mask=None)
    result = moved(volume, 180, 0.5, 0, np.random.default_rng(0))
    np.testing.assert_allclose(ndimage.center_of_mass(result.image**4), (15, 20), atol=1.1)
    assert not np.allclose(result.image, volume.image, atol=1)


@pytest.mark.parametrize(
    "parameters", [{"flip": "xy"}, {"rotate": 90}, {"scale": 0.5}, {"shift": 0.2}, {"crop": 0.3}], ids=str
)
def test_masks_follow_the_image(parameters):
    volume = blob((30, 40), (10, 25), spacing=(1, 2))
    for result in drawn(parameters, volume):
        np.testing.assert_allclose(
            ndimage.center_of_mass(result.image**4), ndimage.center_of_mass(result.mask), atol=0.5
        )
        np.testing.assert_array_less(40, result.image[result.mask])


def test_nothing_is_nothing():
    volume = blob((20, 24), (9, 14))
    for result in drawn({}, volume, n=3):
        np.testing.assert_array_equal(result.image, volume.image)


def test_a_flip_mirrors_half_of_the_cases():
    volume = blob((20, 24), (9, 14))
    results = drawn({"flip": "x"}, volume, n=60)
    mirrored = [np.array_equal(result.image, volume.image[:, ::-1]) for result in results]
    same = [np.array_equal(result.image, volume.image) for result in results]
    assert 15 < sum(mirrored) < 45
    assert sum(mirrored) + sum(same) == 60


def test_a_turn_is_a_turn_in_mm():
    bar = np.zeros((41, 81))
    bar[20, 20:61] = 1  # 20 mm long, along x
    volume = Volume(ndimage.gaussian_filter(bar, (1, 2)), mask=bar > 0, spacing=(1, 0.5))

    class Quarter:
        """A generator that always draws the largest angle."""

        def uniform(self, low, high):
            return high if high > 1 else 0.0

    result = moved(volume, 90, 0, 0, Quarter())
    rows = np.argwhere(result.image > 0.5 * volume.image.max())
    np.testing.assert_allclose(np.ptp(rows, axis=0) * (1, 0.5), (20, 2), atol=2)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_volume_of_one_slice_turns_in_its_plane(axis):
    flat = blob((40, 50), (20, 25), spacing=(1, 2))
    image, mask = (np.expand_dims(array, axis) for array in (flat.image, flat.mask))
    volume = Volume(image, mask=mask, spacing=np.insert(flat.spacing, axis, 1.0))
    for result in drawn({"rotate": 90}, volume):
        assert 0.8 < result.mask.sum() / mask.sum() < 1.2
        assert (result.image.max(), result.image.min()) == pytest.approx((image.max(), image.min()), abs=1)


def test_the_blur_is_measured_in_mm():
    volume = Volume(np.pad(np.ones((1, 1)), 30), spacing=(2, 0.5))
    image = blurred(volume, 3, np.random.default_rng(0)).image
    widths = [np.sqrt(image.sum(axis=1 - axis) @ np.arange(-30, 31) ** 2) * (2, 0.5)[axis] for axis in range(2)]
    assert 1 < widths[0] < 3
    assert widths[0] == pytest.approx(widths[1], rel=0.02)


def test_scaling_changes_the_area_by_its_square():
    volume = blob((60, 60), (30, 30), sigma=6)
    areas = [result.mask.sum() / volume.mask.sum() for result in drawn({"scale": 0.5}, volume)]
    assert 1 / 1.5**2 - 0.1 < min(areas) < 0.7
    assert 1.4 < max(areas) < 1.5**2 + 0.1


def test_a_crop_never_cuts_the_mask():
    volume = blob((30, 30), (3, 26))
    results = drawn({"crop": 0.4}, volume)
    assert all(result.mask.sum() == volume.mask.sum() for result in results)
    assert len({result.shape for result in results}) > 10


@pytest.mark.parametrize("at", [(0, 0), (29, 15)])
def test_a_single_voxel_at_the_border_is_not_lost(at):
    mask = np.zeros((30, 30), bool)
    mask[at] = True
    volume = blob((30, 30), (15, 15)).but(mask=mask)
    assert all(result.mask.any() for result in drawn({"rotate": 45, "scale": 0.5}, volume))


def test_missing_intensities_do_not_spread():
    volume = blob((30, 30), (15, 15))
    image = volume.image.copy()
    image[2, 2] = np.nan
    for parameters in CHANGES:
        for result in drawn(parameters, volume.but(image=image), n=3):
            assert np.isnan(result.image).sum() <= 4


def test_a_case_is_changed_by_its_id_and_not_by_its_place(cohort):
    forward, backward = (Augment(random_state=0).fit_transform(X) for X in (cohort, cohort[::-1]))
    for one, other in zip(forward, backward[::-1], strict=True):
        np.testing.assert_array_equal(one.load().image, other.load().image)


def test_seeds_ids_and_copies_have_changes_of_their_own():
    image = np.random.default_rng(0).normal(size=(9, 9))
    X = Cohort([Case(image, id="a"), Case(image, id="b")])
    cases = [
        *Augment(random_state=0).fit_transform(X),
        *Augment(random_state=1).fit_transform(X),
        *Augment(random_state=0).fit(X).with_copies(X, n_copies=2)[0][2:],
    ]
    assert len({case.load().image.tobytes() for case in cases}) == len(cases) == 8
    assert len({case.fingerprint() for case in cases}) == 8


def test_without_a_seed_each_fit_draws_anew(cohort):
    augment = Augment()
    one, other = (augment.fit_transform(cohort)[0].load().image for _ in range(2))
    assert not np.array_equal(one, other)


def test_copies_keep_patients_and_labels(cohort, labels):
    X, y, weights = Augment().fit(cohort).with_copies(cohort, labels, list(range(12)), n_copies=3)
    assert len(X) == len(y) == len(weights) == 48
    assert X[:12] == cohort
    assert len(set(X.ids)) == 48
    for name, original in zip(X.ids, np.tile(cohort.ids, 4), strict=True):
        assert name.split("~")[0] == original
    assert X.patients.tolist() == cohort.patients.tolist() * 4
    assert (y == np.tile(labels, 4)).all()
    assert weights == list(range(12)) * 4


@pytest.mark.parametrize("shape", [(6, 16, 12, 2), (3, 6, 16, 12, 1)])
def test_a_batch_is_changed_anew_each_time_and_its_channels_alike(shape):
    one_channel = np.random.default_rng(0).normal(size=shape[:-1]).astype(np.float32)
    images = np.stack([one_channel] * shape[-1], axis=-1)
    before, rng = images.copy(), np.random.RandomState(0)
    augment = Augment(flip="x")
    first, second = (augment.on_batch(images, rng) for _ in range(2))
    np.testing.assert_array_equal(images, before)
    assert (first.shape, first.dtype) == (images.shape, np.float32)
    assert all(not np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    np.testing.assert_array_equal(first[..., 0], first[..., -1])
    np.testing.assert_array_equal(first, augment.on_batch(images, np.random.RandomState(0)))


@pytest.mark.parametrize("shape", [(6, 16, 12, 1), (3, 6, 16, 12, 2)])
def test_the_masks_of_a_batch_move_with_its_images(shape):
    masks = np.zeros(shape[:-1], bool)
    masks[..., 4:9, 3:7] = True
    images = np.stack([100.0 * masks] * shape[-1], axis=-1)
    changed, moved_masks = Augment(flip="xy", rotate=20).on_batch(images, np.random.RandomState(0), masks=masks)
    assert moved_masks.dtype == bool
    assert not np.array_equal(moved_masks, masks)
    assert (np.isclose(changed[..., 0] > 50, moved_masks).mean(axis=tuple(range(1, masks.ndim))) > 0.97).all()
    without_masks = Augment(flip="xy", noise=0.3).on_batch(images, np.random.RandomState(0))
    assert without_masks.shape == images.shape


def test_a_batch_cannot_be_cropped():
    with pytest.raises(ValueError, match=r"crop must be 0 for a batch.*got 0\.1"):
        Augment(crop=0.1).on_batch(np.ones((2, 5, 5, 1)), np.random.RandomState(0))


class Probe(ClassifierMixin, BaseEstimator):
    """A classifier that only notes what it is shown."""

    def __init__(self, *, seen):
        self.seen = seen

    def __deepcopy__(self, memo):
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.seen.append(("fit", X))
        return self

    def predict(self, X):
        self.seen.append(("predict", X))
        return np.repeat(self.classes_[:1], len(X))


class Seen(list):
    """A list that clones share."""

    def __deepcopy__(self, memo):
        return self


@pytest.mark.parametrize("n_copies", [None, 2])
def test_test_cases_are_never_changed_or_copied(cohort, labels, n_copies):
    seen = Seen()
    if n_copies is None:
        model = make_pipeline(Augment(), Probe(seen=seen))
    else:
        model = AugmentedClassifier(Probe(seen=seen), n_copies=n_copies)
    cross_val_predict(model, cohort, labels, cv=PatientKFold(3))
    originals = dict(zip(cohort.ids, volumes_of(cohort), strict=True))
    assert [kind for kind, _ in seen] == ["fit", "predict"] * 3
    for (_, train), (_, test) in zip(seen[::2], seen[1::2], strict=True):
        for volume in volumes_of(test):
            np.testing.assert_array_equal(volume.image, originals[volume.id].image)
            assert volume.history == ()
        changed = [volume.history[-1]["step"] for volume in volumes_of(train) if volume.history]
        assert changed == ["Augment"] * 8 * (n_copies or 1)
        assert not set(train.patients) & set(test.patients)


def test_an_augmented_classifier_can_be_searched_and_gives_probabilities(cohort, labels):
    classifier = make_pipeline(IntensityHistogram(), LogisticRegression())
    model = AugmentedClassifier(classifier, augment=Augment(random_state=0))
    search = GridSearchCV(model, {"augment__rotate": [0, 20], "n_copies": [0, 2]}, cv=PatientKFold(2))
    search.fit(cohort, labels)
    assert search.predict_proba(cohort).shape == (12, 2)
    assert search.decision_function(cohort).shape == (12,)
    assert search.best_score_ > 0.9
    assert not hasattr(AugmentedClassifier(Probe(seen=Seen())), "predict_proba")


def test_the_classifier_sees_the_copies(cohort, labels):
    seen = Seen()
    AugmentedClassifier(Probe(seen=seen), n_copies=4).fit(cohort, labels)
    assert len(seen[0][1]) == 60


class Pixels(TransformerMixin, BaseEstimator):
    """Images of a cohort as rows of a table."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.stack([case.load().image.ravel() for case in X])

    def __sklearn_is_fitted__(self):
        return True


ON_ROWS = AugmentedClassifier(
    make_pipeline(Pixels(), LogisticRegression()),
    augment=Augment(random_state=0, rotate=0, scale=0, noise=0.01),
    image_shape="row",
)


@parametrize_with_checks([ON_ROWS])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rotate": 200}, r"rotate must be at most 180.*degrees"),
        ({"scale": -1}, "scale must be at least 0"),
        ({"crop": 0.5}, r"crop must be less than 0\.5"),
        ({"flip": "left"}, r"letters out of x, y and z.*got 'left'"),
        ({"noise": np.nan}, "noise"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Augment(**parameters).fit([np.eye(3)])


def test_bad_parameters_of_the_classifier_are_refused(cohort, labels):
    with pytest.raises(ValueError, match="n_copies must be at least 0"):
        AugmentedClassifier(LogisticRegression(), n_copies=-1).fit(cohort, labels)
    with pytest.raises(TypeError, match=r"augment must be an Augment or None, got 3"):
        clone(AugmentedClassifier(LogisticRegression(), augment=3)).fit(cohort, labels)
    with pytest.raises(TypeError, match=r"predicts numbers, not classes; .*Augment\(\)\.fit\(X\)\.with_copies\(X, y\)"):
        AugmentedClassifier(make_pipeline(IntensityHistogram(), Ridge())).fit(cohort, np.arange(len(cohort)))
