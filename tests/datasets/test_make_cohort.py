"""Synthetic cohorts: known truth, no shortcuts, patients that stay together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radlearn.datasets import make_cohort
from radlearn.datasets.synthetic import cohort as synthetic
from radlearn.datasets.synthetic.cohort import ATTAINABLE_AUC, PART_OF_OTHER_CLASS, SCENARIOS
from radlearn.datasets.synthetic.noise import photon, rician, tomographic

SCENARIO_NAMES = list(SCENARIOS)


@pytest.fixture(scope="module", params=SCENARIO_NAMES)
def data(request):
    """120 images of each scenario."""
    return make_cohort(request.param)


@pytest.fixture(scope="module", params=SCENARIO_NAMES)
def data_3d(request):
    return make_cohort(request.param, n_cases=4, ndim=3)


@pytest.fixture(scope="module")
def unpainted():
    """2000 cases with empty images: their truth is the real one and costs little."""
    kind = replace(SCENARIOS["tumor"], paint=lambda *_: (np.zeros((2, 2)), np.ones((2, 2), bool)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SCENARIOS, "tumor", kind)
        return make_cohort("tumor", n_cases=2000)


def is_positive(data):
    return data.y == np.unique(data.y)[1]


def same_case(a, b):
    return a.id == b.id and a.patient == b.patient and a.fingerprint() == b.fingerprint()


def mask_size(case):
    return np.sum(case.mask.array) * np.prod(case.image.spacing)


def test_the_same_seed_gives_the_same_images():
    first, second = (make_cohort("stone", n_cases=3, random_state=7) for _ in range(2))
    assert all(same_case(a, b) for a, b in zip(first.X, second.X, strict=True))


def test_another_seed_gives_other_images():
    assert make_cohort("stone", 1, random_state=1).X[0].fingerprint() != make_cohort("stone", 1).X[0].fingerprint()


def test_a_case_does_not_depend_on_how_many_follow():
    few, many = make_cohort("fracture", n_cases=3), make_cohort("fracture", n_cases=9)
    assert all(same_case(a, b) for a, b in zip(few.X, many.X[:3], strict=True))
    np.testing.assert_array_equal(few.y, many.y[:3])
    np.testing.assert_array_equal(few.truth, many.truth[:3])


def test_both_classes_are_about_equally_frequent(data):
    assert 0.4 < is_positive(data).mean() < 0.6


def test_the_disease_sorts_last():
    for kind in SCENARIOS.values():
        assert list(kind.classes) == sorted(kind.classes)


def test_a_patient_has_two_to_four_images(data):
    _, counts = np.unique(data.groups, return_counts=True)
    assert set(counts[:-1]) == {2, 3, 4}  # the last patient may be cut short


def test_no_patient_is_in_two_folds(data):
    assert set(data.folds) == set(range(5))
    for patient in np.unique(data.groups):
        assert len(set(data.folds[data.groups == patient])) == 1


def test_every_fold_holds_both_classes(data):
    assert all(len(set(data.y[data.folds == fold])) == 2 for fold in range(5))


def test_folds_are_the_same_with_every_version_of_scikit_learn():
    folds = make_cohort("tumor", n_cases=20).folds
    assert folds.tolist() == [4, 4, 1, 1, 1, 0, 0, 3, 3, 2, 2, 2, 2, 0, 0, 0, 0, 2, 2, 1]


@pytest.mark.parametrize("n_cases", [1, 2, 3, 6])
def test_tiny_cohorts_have_folds_too(n_cases):
    data = make_cohort("tumor", n_cases=n_cases)
    assert len(data.folds) == len(data.X) == n_cases


def test_masks_are_one_piece_and_neither_empty_nor_everything(data):
    for case in data.X:
        mask = case.mask.array
        assert 10 < mask.sum() < 0.2 * mask.size
        assert ndimage.label(mask)[1] == 1


def test_the_size_of_the_mask_does_not_tell_the_class(data):
    auc = roc_auc_score(is_positive(data), [mask_size(case) for case in data.X])
    assert 0.35 < auc < 0.65


def test_the_order_of_the_cases_does_not_tell_the_class(data):
    assert 0.4 < roc_auc_score(is_positive(data), np.arange(len(data.y))) < 0.6


def test_the_true_signs_reach_the_attainable_auc(unpainted):
    auc = roc_auc_score(is_positive(unpainted), unpainted.truth.sum(axis=1))
    assert auc == pytest.approx(ATTAINABLE_AUC, abs=0.012)


def test_one_sign_alone_does_not_suffice(unpainted):
    for sign in unpainted.truth:
        assert roc_auc_score(is_positive(unpainted), unpainted.truth[sign]) == pytest.approx(0.79, abs=0.03)


def test_most_images_of_a_patient_show_one_class(unpainted):
    shares = pd.Series(is_positive(unpainted)).groupby(unpainted.groups).mean()
    assert np.mean([max(share, 1 - share) for share in shares]) > 0.85
    assert any(0 < share < 1 for share in shares)
    first = pd.Series(is_positive(unpainted)).groupby(unpainted.groups).transform("first")
    is_later = pd.Series(unpainted.groups).duplicated()
    assert (first != is_positive(unpainted))[is_later].mean() == pytest.approx(PART_OF_OTHER_CLASS, abs=0.03)


def hand_made_measures(case):
    """Brightness and spread inside, at the edge, in the middle and around, and the roundness of the mask."""
    image, mask = case.image.array / case.image.array.std(), case.mask.array
    depth = ndimage.distance_transform_edt(mask)
    around = ndimage.binary_dilation(mask, iterations=4) & ~ndimage.binary_dilation(mask, iterations=1)
    edge, core = depth == 1, depth > 0.5 * depth.max()
    steepness = ndimage.gaussian_gradient_magnitude(image, 1)
    statistics = [f(image[part]) for part in (mask, edge, core, around) for f in (np.mean, np.std)]
    return [*statistics, steepness[mask].mean(), steepness[edge].std(), edge.sum() ** 2 / mask.sum()]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIO_NAMES)
def test_simple_measures_of_the_images_come_close_but_do_not_suffice(scenario):
    data = make_cohort(scenario, n_cases=300)
    measures = np.array([hand_made_measures(case) for case in data.X])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    scores = cross_val_predict(model, measures, data.y, cv=PredefinedSplit(data.folds), method="decision_function")
    assert 0.7 < roc_auc_score(is_positive(data), scores) < ATTAINABLE_AUC


def test_two_dimensional_images_load(data):
    volume = data.X[5].load()
    assert volume.shape == (96, 96)
    assert volume.mask.any()
    assert volume.meta["site"] in "ABC"


def test_volumes_have_thick_slices(data_3d):
    for case in data_3d.X:
        volume = case.load()
        assert volume.shape == (24, 64, 64)
        assert volume.spacing[0] > 1.5 * volume.spacing[1]
        assert volume.spacing[1] == volume.spacing[2]


def test_the_spacing_varies_between_cases(data):
    assert len({case.image.spacing for case in data.X}) > 50


@pytest.mark.parametrize(
    ("scenario", "ndim", "n_cases", "expected"),
    [
        ("tumor", 2, 4, [331.3336, 639.9497, 0.030219]),
        ("tumor", 3, 1, [308.9870, 789.3341, 0.009440]),
        ("stone", 2, 4, [-21.6957, 454.4626, 0.017063]),
        ("stone", 3, 1, [-28.9030, 233.9533, 0.001526]),
        ("brain_ct", 2, 4, [-336.0996, 57.5149, 0.022705]),
        ("brain_ct", 3, 1, [-341.9461, 51.6923, 0.007141]),
        ("fracture", 2, 4, [1185.8205, 1708.1548, 0.057129]),
        ("fracture", 3, 1, [-89.9416, 650.3995, 0.018514]),
    ],
)
def test_images_are_those_that_the_documented_scores_were_measured_on(scenario, ndim, n_cases, expected):
    """Mean of the images, of the findings, and share of the findings; who changes them on purpose measures again."""
    X = make_cohort(scenario, n_cases=n_cases, ndim=ndim).X
    images, masks = (np.stack([getattr(case, role).array for case in X]) for role in ("image", "mask"))
    found = [images.mean(dtype=float), images[masks].mean(dtype=float), masks.mean()]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_noise_of_a_magnitude_image_is_rician():
    image = rician(np.random.default_rng(0), np.zeros((200, 200), np.float32), 5)
    np.testing.assert_allclose([image.mean(), (image**2).mean()], [5 * np.sqrt(np.pi / 2), 2 * 5**2], rtol=0.01)


def test_noise_of_a_tomogram_has_its_width_in_hounsfield_units():
    tissue = np.full((200, 200), 40.0)
    image = tomographic(np.random.default_rng(0), tissue, 5)
    assert image.mean() == pytest.approx(40, abs=0.2)
    assert image.std() == pytest.approx(np.sqrt(5**2 + 1 / 12), rel=0.01)  # with that of rounding
    extreme = tomographic(np.random.default_rng(0), np.where(tissue.cumsum() < 1000, -5000.0, 5000.0), 5)
    assert [extreme.min(), extreme.max()] == [-1024, 3071]


def test_noise_of_a_radiograph_is_that_of_counted_photons():
    image = photon(np.random.default_rng(0), np.full((200, 200), 1.5), 5000)
    assert image.mean() == pytest.approx(1500, rel=0.001)
    assert image.std() == pytest.approx(1000 * np.sqrt(np.exp(1.5) / 5000), rel=0.02)
    extreme = photon(np.random.default_rng(0), np.array([[0.0] * 9, [99.0] * 9]), 5000)
    assert [extreme[0].min(), *extreme[1, :1]] == [0, 4095]


def test_ct_is_in_hounsfield_units():
    image = make_cohort("brain_ct", n_cases=1).X[0].image.array
    assert image.dtype == np.int16
    assert image.min() < -900
    assert image.max() > 800


def test_the_description_names_the_signs_and_the_attainable_auc(data):
    assert str(ATTAINABLE_AUC) in data.description
    assert all(sign in data.description for sign in data.truth)


def test_an_unknown_scenario_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'stone'"):
        make_cohort("stones")


@pytest.mark.parametrize("ndim", [1, 4])
def test_other_dimensions_are_refused(ndim):
    with pytest.raises(ValueError, match="ndim must be"):
        make_cohort("tumor", ndim=ndim)


def test_scenarios_and_shapes_cover_both_dimensions():
    for kind in SCENARIOS.values():
        assert set(kind.spacing) == set(kind.unit) == set(kind.modality) == set(synthetic.SHAPES)
