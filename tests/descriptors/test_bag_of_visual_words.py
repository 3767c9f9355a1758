"""Visual words: learned from the training images alone, one vocabulary per fit."""

import numpy as np
import pytest
from sklearn.base import clone

from radlearn.descriptors import BagOfVisualWords


def texture(kind, seed):
    """Fine or coarse noise, of any size."""
    rng = np.random.default_rng(seed)
    width = {"fine": 1, "coarse": 8}[kind]
    return rng.random((64 // width, 64 // width)).repeat(width, axis=0).repeat(width, axis=1)


FINE = [texture("fine", seed) for seed in range(4)]
COARSE = [texture("coarse", seed) for seed in range(4)]


@pytest.mark.parametrize(
    "patches", ["daisy", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("orb", "sift"))]
)
def test_textures_have_different_words(patches):
    bag = BagOfVisualWords(patches=patches, n_words=6, size=64).fit(FINE[:3] + COARSE[:3])
    fine, coarse, other_fine = bag.transform([FINE[0], COARSE[0], FINE[3]])
    assert np.abs(fine - coarse).sum() > np.abs(fine - other_fine).sum()
    assert fine.sum() == pytest.approx(1)


def test_rows_are_shares_of_patches_eight_pixels_apart():
    rows = BagOfVisualWords(n_words=10, size=65).set_output(transform="pandas").fit_transform(FINE)
    assert rows.columns[[0, -1]].tolist() == ["bovw_daisy_0", "bovw_daisy_9"]
    counts = rows.to_numpy() * 6**2  # their middles are at least 12 pixels away from the border
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)
    assert np.gcd.reduce(counts.round().astype(int).ravel()) == 1


def test_words_are_learned_by_fit_alone():
    bag = BagOfVisualWords(n_words=6, size=64).fit(FINE)
    words = bag.words_.copy()
    bag.transform(COARSE)
    np.testing.assert_array_equal(bag.words_, words)
    assert not np.array_equal(BagOfVisualWords(n_words=6, size=64).fit(COARSE).words_, words)


def test_the_cache_tells_vocabularies_apart(tmp_path):
    bag = BagOfVisualWords(n_words=6, size=64, memory=tmp_path)
    for training in (FINE, COARSE, FINE):
        expected = clone(bag).set_params(memory=None).fit(training).transform(FINE)
        np.testing.assert_array_equal(clone(bag).fit(training).transform(FINE), expected)


@pytest.mark.parametrize("patches", ["sift", "orb"])
def test_an_image_where_nothing_stands_out_has_no_words(patches):
    bag = BagOfVisualWords(patches=patches, size=64)
    rows = bag.fit_transform([np.ones((64, 64))])
    assert rows.shape == (1, 64)
    assert not rows.any()
    beside_another = bag.fit_transform([np.ones((64, 64)), FINE[0]])
    np.testing.assert_allclose(beside_another.sum(axis=1), [0, 1])


def test_a_vocabulary_may_be_smaller_than_wanted():
    bag = BagOfVisualWords(n_words=64, size=64).fit([np.ones((64, 64))])
    assert len(bag.words_) == 1
    assert bag.transform([np.ones((64, 64))]).tolist() == [[1.0] + [0.0] * 63]
