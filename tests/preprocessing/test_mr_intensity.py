"""NyulNormalizer and WhiteStripe: by hand, by laws, and blind to the test fold."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort, Volume
from radlearn.descriptors import IntensityHistogram
from radlearn.evaluation import PatientKFold
from radlearn.exceptions import MaskError
from radlearn.preprocessing import NyulNormalizer, WhiteStripe

STEPS = [NyulNormalizer(), WhiteStripe(), NyulNormalizer(region="image"), WhiteStripe(peak="largest", region="mask")]


def head(position, shape=(40, 40)):
    """Grey matter around 60, white around 100, a dark background, in units of the scanner."""
    rng = np.random.default_rng(position)
    image = rng.normal(5, 1, shape)
    image[5:35, 5:35] = rng.normal(60, 4, (30, 30))
    image[10:30, 15:30] = rng.normal(100, 4, (20, 15))
    mask = np.zeros(shape, np.uint8)
    mask[5:35, 5:35] = 1
    return Case((1 + position) * image + 10 * position, mask=mask, id=f"head-{position}", patient=f"P{position}")


def noise_like(case):
    """A case of the same identity that shows nothing."""
    image = np.random.default_rng(9).normal(0, 1e4, (40, 40))
    return Case(image, mask=case.mask, id=case.id, patient=case.patient)


@pytest.fixture
def heads():
    return Cohort(head(position) for position in range(6))


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_what_is_learned_does_not_know_the_test_fold(step, heads):
    labels = np.array([0, 1] * 3)
    pipeline = make_pipeline(step, IntensityHistogram(range=(-5, 100)), LogisticRegression(max_iter=10))
    for train, test in PatientKFold(3).split(heads):
        replaced = Cohort(noise_like(case) if at in test else case for at, case in enumerate(heads))
        one, other = (
            cross_validate(pipeline, X, labels, cv=[(train, test)], return_estimator=True, error_score="raise")
            for X in (heads, replaced)
        )
        assert one["estimator"][0][0]._digest() == other["estimator"][0][0]._digest()
        for with_images, with_noise in zip(one["estimator"][0], other["estimator"][0], strict=True):
            learned = {name: value for name, value in vars(with_images).items() if name.endswith("_")}
            assert learned.keys() == {name for name in vars(with_noise) if name.endswith("_")}
            for name, value in learned.items():
                np.testing.assert_array_equal(value, getattr(with_noise, name))


def test_nyul_depends_on_its_training_images(heads):
    one, other = (NyulNormalizer().fit(cohort).standard_landmarks_ for cohort in (heads[:2], heads[2:]))
    assert not np.array_equal(one, other)


def test_nyul_maps_landmarks_to_the_standard_ones(heads):
    step = NyulNormalizer(percentiles=(1, 50, 99), standard_range=(10, 20), region="mask").fit(heads)
    for case in step.transform(heads):
        volume = case.load()
        found = np.percentile(volume.image[volume.mask], (1, 50, 99))
        np.testing.assert_allclose(found, step.standard_landmarks_, rtol=1e-4)
    assert step.standard_landmarks_[[0, 2]].tolist() == [10, 20]


def test_nyul_goes_on_beyond_its_landmarks():
    ramp = np.arange(101.0).reshape(1, -1)
    image = NyulNormalizer(percentiles=(10, 90), region="image").fit([ramp]).transform([ramp])[0].load().image
    np.testing.assert_allclose(image, (ramp - 10) / 80 * 100, atol=1e-9)


def test_nyul_merges_landmarks_that_coincide():
    ramp, steps = np.arange(101.0).reshape(1, -1), np.repeat([0.0, 8.0], (60, 41)).reshape(1, -1)
    nyul = NyulNormalizer(percentiles=(0, 25, 50, 75, 100), region="image").fit([ramp])
    assert np.unique(nyul.transform([steps])[0].load().image).tolist() == [25, 87.5]


def test_an_image_of_one_intensity_teaches_nothing_and_stays_one_intensity():
    ramp, flat = np.arange(101.0).reshape(1, -1), np.full((1, 9), 7.0)
    with_flat, without = (NyulNormalizer(region="image").fit(X) for X in ([ramp, flat], [ramp]))
    np.testing.assert_array_equal(with_flat.standard_landmarks_, without.standard_landmarks_)
    assert np.unique(without.transform([flat])[0].load().image).size == 1
    assert np.isfinite(NyulNormalizer(region="image").fit_transform([flat])[0].load().image).all()


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_brightness_and_contrast_of_the_scanner_do_not_matter(step, heads):
    case = heads[0]
    other = Case(7 * case.load().image + 300, mask=case.load().mask, id="other scanner")
    one, same = step.fit(heads).transform(Cohort([case, other]))
    np.testing.assert_allclose(one.load().image, same.load().image, atol=1e-6)


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_missing_intensities_do_not_count_and_stay(step, heads):
    volume = heads[1].load()
    image = volume.image.copy()
    image[0, :2] = np.nan, np.inf
    changed = step.fit(heads)._transform_volume(volume.but(image=image)).image
    assert np.isnan(changed[0, 0])
    assert np.isinf(changed[0, 1])
    assert np.isfinite(changed).sum() == image.size - 2


@pytest.mark.parametrize(("peak", "tissue"), [("last", 100), ("largest", 60)])
def test_the_peak_becomes_zero(peak, tissue):
    volume = head(0).load()
    image = WhiteStripe(peak=peak).fit([volume.image])._transform_volume(volume).image
    medians = {kind: abs(np.median(image[np.abs(volume.image - kind) < 8])) for kind in (60, 100)}
    assert min(medians, key=medians.get) == tissue


@pytest.mark.parametrize(("n_bright", "peak"), [(1500, 100), (4500, 180)])
def test_the_last_peak_is_at_least_a_fifth_as_high_as_the_highest(n_bright, peak):
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(100, 4, 12_000), rng.normal(180, 4, n_bright)])
    image = WhiteStripe(region="image").fit_transform([values[np.newaxis]])[0].load().image
    assert abs(np.median(image[:, np.abs(values - peak) < 4])) < 1


def test_the_stripe_has_mean_zero_and_deviation_one():
    values = np.random.default_rng(0).laplace(50, 3, (200, 200))
    image = WhiteStripe(width=0.5, region="image").fit_transform([values])[0].load().image
    # Half of the voxels to each side of the peak, which is the median here: nearly all of them.
    np.testing.assert_allclose((image.mean(), image.std()), (0, 1), atol=0.1)


@pytest.mark.parametrize("value", [3.0, 0.1, 3.3, -7e6])
def test_a_constant_image_becomes_zero(value):
    image = WhiteStripe().fit_transform([np.full((9, 9), value)])[0].load().image
    np.testing.assert_allclose(image, 0, atol=1e-8)


def test_the_mask_region_needs_a_mask(heads):
    with pytest.raises(MaskError, match="no mask"):
        WhiteStripe(region="mask").fit(heads)._transform_volume(Volume(np.eye(3)))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (NyulNormalizer(percentiles=(50, 10)), "percentiles must be at least two increasing numbers"),
        (NyulNormalizer(percentiles=(-1, 10)), "percentiles must be at least 0"),
        (NyulNormalizer(percentiles=(10, 101)), "percentiles must be at most 100"),
        (NyulNormalizer(percentiles=50), "percentiles must be at least two increasing numbers, got 50"),
        (NyulNormalizer(standard_range=(0, None)), "standard_range must have two ends"),
        (NyulNormalizer(region="brain"), "region must be one of"),
        (WhiteStripe(peak="T1"), "peak must be one of 'last', 'largest'"),
        (WhiteStripe(width=0), r"width must be greater than 0.*part of all voxels"),
    ],
)
def test_bad_parameters_are_refused(step, message):
    with pytest.raises((TypeError, ValueError), match=message):
        step.fit([np.eye(3)])
