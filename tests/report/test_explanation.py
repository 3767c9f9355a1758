import matplotlib.pyplot as plt
import numpy as np
import pytest

from radlearn import Case, Cohort
from radlearn.exceptions import GeometryError
from radlearn.report import plot_explanation


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def volume():
    mask = np.zeros((6, 8, 9), int)
    mask[2:4, 2:5, 3:6] = 1
    return Case(np.random.default_rng(0).normal(size=mask.shape), mask, id="noise", spacing=(2, 1, 1))


def colored(figure):
    """The image of colors on each panel with one."""
    return [ax.images[1] for ax in figure.axes if len(ax.images) > 1]


def test_strong_places_hide_the_image(volume):
    values = np.zeros((6, 8, 9))
    values[3, 4, 5], values[3, 0, 0] = 2, 1
    [drawn] = colored(plot_explanation(volume, values, slices=3, alpha=0.5))
    opacity = drawn.get_alpha()
    assert (opacity[4, 5], opacity[0, 0], opacity[7, 7]) == (0.5, 0.25, 0)


def test_the_image_is_seen_where_the_map_is_undefined(volume):
    values = np.full((6, 8, 9), np.nan)
    values[3, 4, 5] = 2
    [drawn] = colored(plot_explanation(volume, values, slices=3, alpha=0.5))
    assert drawn.get_clim() == (0, 2)
    assert (drawn.get_alpha()[4, 5], drawn.get_alpha()[0, 0]) == (0.5, 0)


def test_signed_maps_have_white_at_zero(volume):
    values = np.linspace(-1, 3, 6 * 8 * 9).reshape(6, 8, 9)
    assert {drawn.get_clim() for drawn in colored(plot_explanation(volume, values))} == {(-3, 3)}
    assert {drawn.get_clim() for drawn in colored(plot_explanation(volume, values + 1))} == {(0, 4)}


def test_the_slices_with_the_strongest_values_are_shown(volume):
    values = np.zeros((6, 8, 9))
    values[[1, 4]] = 1
    figure = plot_explanation(volume, values, max_slices=2)
    assert [ax.get_title() for ax in figure.axes[:2]] == ["slice 1", "slice 4"]


def test_the_mask_is_outlined_where_it_is(volume):
    inside, outside = (plot_explanation(volume, np.ones((6, 8, 9)), slices=z).axes[0] for z in (2, 0))
    assert len(inside.get_children()) > len(outside.get_children())


def test_an_image_needs_no_mask():
    figure = plot_explanation(Case(np.eye(5)), np.zeros((5, 5)), label="nothing")
    assert figure.axes[-1].get_ylabel() == "nothing"


def test_a_long_id_fits_above_the_picture():
    figure = plot_explanation(Case(np.eye(8), id="1.2.826." + 50 * "0" + ".9"), np.eye(8))
    figure.canvas.draw()
    title = figure.texts[0]
    assert title.get_window_extent().x0 > 0
    assert title.get_window_extent().x1 < figure.bbox.x1
    assert title.get_text().startswith("1.2.826.0")


def test_another_shape_is_refused(volume):
    with pytest.raises(GeometryError, match=r"the map has shape \(8, 9\), the image of case 'noise' \(6, 8, 9\)"):
        plot_explanation(volume, np.zeros((8, 9)))


def test_an_image_without_any_number_is_drawn_under_its_map():
    blank = Case(np.full((4, 5), np.nan), id="blank")
    assert len(colored(plot_explanation(blank, np.ones((4, 5))))) == 1


def test_one_case_and_at_least_one_slice_are_drawn(volume):
    with pytest.raises(TypeError, match=r"case must be one, got a Cohort of 1; choose one, such as X\[0\]"):
        plot_explanation(Cohort([volume]), np.zeros((6, 8, 9)))
    with pytest.raises(ValueError, match="slices is empty"):
        plot_explanation(volume, np.zeros((6, 8, 9)), slices=[])
