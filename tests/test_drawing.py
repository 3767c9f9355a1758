"""Slices of any size in pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from radlearn import _drawing
from radlearn._drawing import draw_pixels, draw_slice


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    yield ax
    plt.close("all")


def outline(ax):
    """Corners of the box around the outline: left, top, right, bottom."""
    return ax.collections[0].get_paths()[0].get_extents().extents


@pytest.mark.parametrize("most", [2048, 16])
@pytest.mark.parametrize("shape", [(50, 30), (31, 50)])
def test_a_large_slice_is_drawn_in_its_place_from_fewer_pixels(ax, monkeypatch, most, shape):
    monkeypatch.setattr(_drawing, "MOST_PIXELS", most)
    image, mask = np.zeros(shape), np.zeros(shape, bool)
    image[20:, 8:24], mask[20:, 8:24] = 1, True
    draw_slice(ax, image, mask, (1, 1), (0, 1))
    [drawn] = ax.images
    assert max(drawn.get_array().shape) <= most
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, shape[1] - 0.5), (shape[0] - 0.5, -0.5))
    shown = np.asarray(drawn.get_array())
    left, right, bottom, top = drawn.get_extent()
    places = left + (np.flatnonzero(shown.any(axis=0)) + 0.5) * (right - left) / shown.shape[1]
    step = -(-max(shape) // most)
    assert 8 - step <= places[0] <= 8 + step
    assert bottom - top == pytest.approx(shape[0], abs=step)
    np.testing.assert_allclose(outline(ax), [7.5, 19.5, 23.5, shape[0] - 0.5], atol=step)


def test_a_small_lesion_of_a_large_slice_has_its_outline(ax, monkeypatch):
    monkeypatch.setattr(_drawing, "MOST_PIXELS", 16)
    mask = np.zeros((100, 100), bool)
    mask[51, 33] = True
    draw_slice(ax, np.zeros(mask.shape), mask, (1, 1), (0, 1))
    np.testing.assert_allclose(outline(ax), [32.5, 50.5, 33.5, 51.5])


def test_pixels_are_as_high_and_wide_as_in_mm(ax):
    draw_slice(ax, np.eye(4), None, (3, 0.5), (0, 1))
    assert ax.get_aspect() == 6


def test_opacity_follows_the_pixels(ax, monkeypatch):
    monkeypatch.setattr(_drawing, "MOST_PIXELS", 16)
    values = np.random.default_rng(0).random((40, 33))
    drawn = draw_pixels(ax, values, alpha=values)
    np.testing.assert_array_equal(drawn.get_alpha(), drawn.get_array())
    ax.figure.canvas.draw()
