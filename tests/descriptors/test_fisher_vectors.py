"""Fisher vectors: laws of the rows, and a mixture learned from the training images alone."""

import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from radlearn.descriptors import FisherVectors
from radlearn.descriptors.fisher_vectors import _tempered
from radlearn.exceptions import CohortError

FISHER = FisherVectors(n_modes=4, n_components=8, size=64).set_output(transform="pandas")


def texture(width, seed):
    """Noise of squares of that width."""
    return np.random.default_rng(seed).random((64 // width,) * 2).repeat(width, axis=0).repeat(width, axis=1)


def square_at(y, x):
    image = np.zeros((96, 96))
    image[y : y + 9, x : x + 6] = 1
    return image


FINE = [texture(1, seed) for seed in range(4)]
COARSE = [texture(8, seed) for seed in range(4)]


def test_textures_are_told_apart():
    fine, coarse, other_fine = clone(FISHER).fit(FINE[:3] + COARSE[:3]).transform([FINE[0], COARSE[0], FINE[3]]).values
    assert fine @ other_fine > 0.5 > fine @ coarse


def test_textures_are_told_apart_by_pixels_alone():
    fisher = clone(FISHER).set_params(patches="pixels")
    fine, coarse, other_fine = fisher.fit(FINE[:3] + COARSE[:3]).transform([FINE[0], COARSE[0], FINE[3]]).values
    assert fine @ other_fine > 0.5 > fine @ coarse


@pytest.mark.parametrize(("patches", "length"), [("daisy", 8 * (1 + 2 * 6)), ("pixels", 15 * 15)])
def test_components_are_those_of_the_vectors_of_patches(patches, length):
    assert clone(FISHER).set_params(patches=patches).fit(FINE).components_.n_features_in_ == length


def test_patches_of_repeated_images_count_once():
    fisher = clone(FISHER).set_params(n_modes=16, patches_per_image=10)
    with pytest.raises(CohortError, match="10 different patches of 4 training images are too few for 16 Gaussians"):
        fisher.fit([FINE[0]] * 4)


def test_pixels_ignore_brightness_and_contrast():
    fisher = clone(FISHER).set_params(patches="pixels").fit(COARSE)
    np.testing.assert_allclose(fisher.transform([5 + 3 * COARSE[0]]), fisher.transform([COARSE[0]]), atol=1e-6)


def test_weak_patches_stay_shorter_than_strong_ones():
    vectors = np.array([[0.0, 1], [2, 0], [-4, 0], [0, 0]])  # half of the median length is 0.75
    expected = [[0, 1 / 1.75], [2 / 2.75, 0], [-4 / 4.75, 0], [0, 0]]
    np.testing.assert_allclose(_tempered(vectors), expected)
    assert not _tempered(np.zeros((3, 2))).any()


@pytest.mark.parametrize("patches", ["daisy", "pixels"])
def test_an_image_and_its_mirror_image_are_the_same_if_wanted(patches):
    images = [square_at(24, 24), square_at(24, 24)[:, ::-1]]
    fisher = clone(FISHER).set_params(patches=patches, n_modes=2, share=0.2, size=96)
    one, mirrored = fisher.fit_transform(images).to_numpy()
    np.testing.assert_allclose(one, mirrored, atol=1e-9)
    one, mirrored = fisher.set_params(mirror=False).fit_transform(images).to_numpy()
    assert np.abs(one - mirrored).max() > 0.1


def test_each_of_four_gaussians_has_a_fourth_of_the_squares_of_a_row():
    rows = clone(FISHER).fit_transform(FINE)
    np.testing.assert_allclose((rows.to_numpy().reshape(4, 4, 11) ** 2).sum(axis=2), 1 / 4)
    assert rows.columns[[0, 1, 10, 11]].tolist() == [
        "fisher_mode0_weight",
        "fisher_mode0_mean_0",
        "fisher_mode0_mean_x",
        "fisher_mode1_weight",
    ]


def test_where_no_patch_is_like_a_gaussian_its_weight_takes_all():
    corners = [square_at(15, 15), square_at(70, 70)]
    fisher = clone(FISHER).set_params(n_modes=2, place_weight=100, share=0.05, size=96, mirror=False)
    rows = fisher.fit_transform(corners)
    np.testing.assert_allclose(rows.filter(like="weight").min(axis=1), -np.sqrt(1 / 2))


def test_two_images_move_the_mean_of_a_single_gaussian_to_opposite_sides():
    fisher = clone(FISHER).set_params(n_modes=1, share=1, patches_per_image=10_000)
    one, other = fisher.fit_transform([FINE[0], COARSE[0]]).filter(like="_mean_").to_numpy()
    np.testing.assert_allclose(one / np.linalg.norm(one), -other / np.linalg.norm(other), atol=1e-6)


def test_places_of_patches_count_unless_told_otherwise():
    images = [square_at(24, 24), square_at(60, 24), square_at(60, 60)]
    fisher = clone(FISHER).set_params(n_modes=1, share=0.1, size=96, mirror=False)
    y, x = fisher.fit_transform(images)[["fisher_mode0_mean_y", "fisher_mode0_mean_x"]].to_numpy().T
    assert y[0] < y[1]
    assert x[1] < x[2]
    upper, lower, _ = fisher.set_params(place_weight=0).fit_transform(images).to_numpy()
    np.testing.assert_allclose(upper, lower, atol=1e-6)


def test_the_mixture_is_learned_by_fit_alone():
    fisher = clone(FISHER).fit(FINE)
    means = fisher.mixture_.means_.copy()
    fisher.transform(COARSE)
    np.testing.assert_array_equal(fisher.mixture_.means_, means)
    assert not np.allclose(clone(FISHER).fit(COARSE).mixture_.means_, means)


def test_what_is_learned_does_not_depend_on_the_number_of_threads():
    # It belongs to the keys of caches, and workers of a parallel search have fewer threads.
    fisher = FisherVectors(patches="pixels", n_modes=16, n_components=16)
    learned = set()
    for n_threads in (1, 3):
        with threadpool_limits(n_threads):
            fitted = clone(fisher).fit(FINE + COARSE)
        learned.add(joblib.hash([fitted.components_, fitted.mixture_]))
    assert len(learned) == 1


def test_the_cache_tells_mixtures_apart(tmp_path):
    for training in (FINE, COARSE, FINE):
        expected = clone(FISHER).fit(training).transform(FINE)
        kept = clone(FISHER).set_params(memory=tmp_path).fit(training).transform(FINE)
        np.testing.assert_array_equal(kept, expected)


def test_a_constant_image_has_zeros_and_teaches_nothing():
    constant = [np.ones((64, 64))]
    assert not clone(FISHER).fit(FINE).transform(constant).to_numpy().any()
    assert not clone(FISHER).fit(constant).transform(FINE).to_numpy().any()


@pytest.mark.parametrize("n_images", [4, 12, 24])  # for which the components are computed in three ways
def test_a_pickle_gives_the_same_rows_and_finds_those_in_a_cache(n_images):
    fisher = clone(FISHER).fit([texture(1, seed) for seed in range(n_images)])
    twin = pickle.loads(pickle.dumps(fisher))
    np.testing.assert_array_equal(twin.transform(FINE), fisher.transform(FINE))
    assert twin._digest() == fisher._digest()
