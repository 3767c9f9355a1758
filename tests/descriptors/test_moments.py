"""Hu and Zernike moments: boxes by hand, rotations, and what scikit-image gives."""

import numpy as np
import pytest
from skimage.measure import moments_central, moments_hu, moments_normalized

from radlearn.descriptors import HuMoments, ZernikeMoments


def blob(shape, *, turns=0, shift=0):
    """An uneven shape in the middle of an empty image."""
    rng = np.random.default_rng(0)
    image = np.pad(rng.random(shape) + np.linspace(0, 2, shape[-1]), 6)
    return np.roll(np.rot90(image, turns, axes=(-2, -1)), shift, axis=(-2, -1))


def test_hu_moments_are_those_of_scikit_image():
    image = blob((5, 7))
    unit = image / image.max()
    expected = moments_hu(moments_normalized(moments_central(unit)))
    np.testing.assert_allclose(HuMoments().fit_transform([image])[0], expected)


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
@pytest.mark.parametrize("change", [{"turns": 1}, {"turns": 2}, {"shift": 3}])
def test_hu_moments_do_not_see_rotation_and_position(shape, change):
    images = [blob(shape), blob(shape, **change)]
    np.testing.assert_allclose(*HuMoments(ndim=len(shape)).fit_transform(images), rtol=1e-6, atol=1e-12)


def test_moments_of_a_box_by_hand():
    sides = np.array([2, 4, 8])
    box = np.pad(np.ones(sides), 3)
    # A uniform row of n voxels has the variance (n^2 - 1) / 12; moments are normalized by mass ** (5 / 3).
    spread = (sides**2 - 1) / 12 / sides.prod() ** (2 / 3)
    expected = [spread.sum(), spread[[0, 0, 1]] @ spread[[1, 2, 2]], spread.prod()]
    np.testing.assert_allclose(HuMoments(ndim=3).fit_transform([box])[0], expected)


def test_the_first_zernike_moment_is_one_over_pi():
    row = ZernikeMoments().fit_transform([blob((5, 7))])[0]
    assert row[0] == pytest.approx(1 / np.pi)


def test_zernike_moments_go_up_to_their_degree():
    names = ["zernike_n0_m0", "zernike_n1_m1", "zernike_n2_m0", "zernike_n2_m2", "zernike_n3_m1", "zernike_n3_m3"]
    assert ZernikeMoments(degree=3).get_feature_names_out().tolist() == names


def test_zernike_moments_find_the_polynomial_that_an_image_is():
    y, x = (np.indices((200, 200)) + 0.5) / 100 - 1
    astigmatism = (x**2 - y**2) * (np.hypot(x, y) <= 1)  # the real part of n = 2, m = 2
    table = ZernikeMoments(degree=4, size=200).set_output(transform="pandas").fit_transform([astigmatism])
    assert table.drop(columns="zernike_n0_m0").iloc[0].idxmax() == "zernike_n2_m2"
    assert table["zernike_n3_m1"].iloc[0] < 1e-10


def test_zernike_moments_do_not_see_quarter_turns():
    images = [blob((20, 20), turns=turns) for turns in range(2)]
    np.testing.assert_allclose(*ZernikeMoments().fit_transform(images), atol=1e-12)


@pytest.mark.parametrize("extractor", [HuMoments(), ZernikeMoments()])
def test_a_constant_image_has_no_moments(extractor):
    assert not extractor.fit_transform([np.full((9, 9), 5.0)]).any()
