"""Pictures of feature maps: what is colored, what is seen through, and what stands at the color bar."""

import sys
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from radlearn import Case
from radlearn.exceptions import GeometryError, MaskError
from radlearn.radiomics import FeatureMap
from radlearn.report import plot_feature_map

SHAPE, SPACING = (9, 20, 30), (3.0, 2.0, 1.0)


@pytest.fixture(autouse=True)
def draw_without_a_screen():
    with mpl.rc_context({"backend": "Agg"}):
        yield
        plt.close("all")


@pytest.fixture
def mask():
    """Two pieces, in the slices 2, 3 and 6."""
    mask = np.zeros(SHAPE, bool)
    mask[2:4, 8:12, 10:20] = mask[6, 8:12, 10:20] = True
    return mask


@pytest.fixture
def case(mask):
    image = np.random.default_rng(0).normal(100, 10, SHAPE)
    return Case(image, mask=mask.astype(np.uint8), spacing=SPACING, id="lesion")


@pytest.fixture
def values(mask):
    """A map that counts the voxels of the region, 0 outside."""
    values = np.zeros(SHAPE)
    values[mask] = np.arange(1, mask.sum() + 1)
    return values


def panels(figure):
    return [ax for ax in figure.axes if ax.images and ax.get_label() != "<colorbar>"]


def overlays(figure):
    return [ax.images[1].get_array() for ax in panels(figure)]


def color_bar(figure):
    return figure.axes[-1]


def label_of(figure):
    """Label of the color bar, whose lines are broken where it is long."""
    return color_bar(figure).get_ylabel().replace("\n", "")


def test_slices_with_the_region_are_shown_in_one_scale(case, values):
    figure = plot_feature_map(case, values, margin=None)
    assert [ax.get_title() for ax in panels(figure)] == ["slice 2", "slice 3", "slice 6"]
    assert {ax.images[1].get_clim() for ax in panels(figure)} == {(1, 120)}
    assert figure.get_suptitle() == "lesion"


def test_only_the_region_is_colored(case, values, mask):
    values[3, 9, 12] = np.nan
    colored = overlays(plot_feature_map(case, values, margin=None))[1]
    np.testing.assert_array_equal(~np.ma.getmaskarray(colored), mask[3] & ~np.isnan(values[3]))
    np.testing.assert_array_equal(colored.compressed(), values[3][mask[3] & ~np.isnan(values[3])])


def test_the_image_lies_below_and_the_outline_above(case, values):
    ax = panels(plot_feature_map(case, values, margin=None))[0]
    np.testing.assert_array_equal(ax.images[0].get_array(), case.load().image[2])
    assert ax.collections[0].get_zorder() > ax.images[1].get_zorder()


def test_pixels_have_the_shape_of_their_spacing(case, values):
    assert {ax.get_aspect() for ax in panels(plot_feature_map(case, values))} == {2.0}


def test_slices_are_as_wide_as_each_other_and_as_high_as_their_shape_says(case, values):
    sizes = []
    for spacing in [(3.0, 2.0, 1.0), (3.0, 1.0, 2.0)]:  # 40 by 30 mm, 20 by 60 mm
        other = replace(case, spacing=spacing)
        sizes.append(plot_feature_map(other, values, slices=3, margin=None).get_size_inches())
    width, height = sizes[0] - sizes[1]
    assert width == 0
    assert height == pytest.approx(2.4 * (40 / 30 - 20 / 60))


def test_the_margin_is_in_mm(case, values):
    shown = overlays(plot_feature_map(case, values, margin=4))[0]
    assert shown.shape == (4 + 2 * 2, 10 + 2 * 4)


def test_many_slices_are_thinned_out(case, values):
    figure = plot_feature_map(case, values, max_slices=2, n_columns=1)
    assert [ax.get_title() for ax in panels(figure)] == ["slice 2", "slice 6"]
    assert {ax.get_subplotspec().colspan.start for ax in panels(figure)} == {0}


@pytest.mark.parametrize(("slices", "titles"), [(3, ["slice 3"]), ([6, 0], ["slice 6", "slice 0"])])
def test_slices_can_be_named(case, values, slices, titles):
    assert [ax.get_title() for ax in panels(plot_feature_map(case, values, slices=slices))] == titles


def test_a_map_of_two_dimensions_has_one_picture_without_a_number(case, values):
    flat = Case(case.load().image[2], mask=case.load().mask[2].astype(int), spacing=SPACING[1:], id="flat")
    [ax] = panels(plot_feature_map(flat, values[2]))
    assert ax.get_title() == ""


@pytest.mark.parametrize("shape", [(20, 22), (6, 44)])
@pytest.mark.parametrize(
    "name",
    [
        "log_sigma_2mm__glcm_first_measure_of_information_correlation",
        "wavelet-LLH_gldm_LargeDependenceHighGrayLevelEmphasis",
        "ratio of $\\sigma_{outside}$ to $\\sigma_{inside}$ in the neighborhood of each voxel",
        "x" * 300,
    ],
)
def test_a_long_name_fits_beside_the_color_bar(shape, name):
    image = np.arange(float(np.prod(shape))).reshape(shape)
    figure = plot_feature_map(Case(image, spacing=(1, 1)), image, name)
    label = color_bar(figure).yaxis.label
    figure.canvas.draw()
    extent = label.get_window_extent()
    assert figure.bbox.y0 <= extent.y0
    assert extent.y1 <= figure.bbox.y1
    assert extent.x1 <= figure.bbox.x1
    assert len(name) > 100 or label_of(figure) == name


def test_a_map_knows_its_feature_and_unit(case):
    volume = FeatureMap(features=["glcm_contrast", "statistics_energy"]).maps(case)["glcm_contrast"]
    assert label_of(plot_feature_map(case, volume)) == "glcm_contrast (bin$^{2}$)"


def test_a_map_from_a_pipeline_knows_its_feature(case):
    volume = FeatureMap(features="original_firstorder_Mean").fit_transform([case])[0].load()
    assert label_of(plot_feature_map(case, volume)) == "original_firstorder_Mean (intensity)"


@pytest.mark.parametrize(
    ("names", "label"),
    [
        ({}, ""),
        ({"feature": "mine"}, "mine"),
        ({"feature": "mine", "unit": "mm"}, "mine (mm)"),
        ({"feature": "statistics_mean", "unit": "HU"}, "statistics_mean (HU)"),
        ({"feature": "statistics_total_energy"}, "statistics_total_energy (intensity$^{2}$ mm$^{3}$)"),
        ({"feature": "glcm_correlation"}, "glcm_correlation (dimensionless)"),
    ],
)
def test_the_color_bar_names_feature_and_unit(case, values, names, label):
    assert label_of(plot_feature_map(case, values, **names)) == label


@pytest.mark.parametrize(
    ("limits", "extend"),
    [
        ({}, "neither"),
        ({"vmin": 5}, "min"),
        ({"vmax": 5}, "max"),
        ({"vmin": 5, "vmax": 6}, "both"),
        ({"vmin": 0}, "neither"),
    ],
)
def test_the_color_bar_has_arrows_where_values_lie_beyond(case, values, limits, extend):
    figure = plot_feature_map(case, values, **limits)
    assert panels(figure)[-1].images[1].colorbar.extend == extend
    assert panels(figure)[0].images[1].get_clim() == (limits.get("vmin", 1), limits.get("vmax", 120))


def test_an_open_side_of_the_window_is_filled(case, values):
    low, high = panels(plot_feature_map(case, values, window=(0, None)))[0].images[0].get_clim()
    assert low == 0
    assert 100 < high < 150


def test_without_a_mask_the_map_brings_its_own(case, values):
    volume = case.load().but(image=values)
    bare = Case(case.image, spacing=SPACING)
    assert len(panels(plot_feature_map(bare, volume))) == 3
    figure = plot_feature_map(bare, values)
    assert len(panels(figure)) == 9
    assert not any(ax.collections for ax in panels(figure))


def test_a_region_of_one_value_is_drawn(case):
    figure = plot_feature_map(case, np.ones(SHAPE))
    figure.canvas.draw()
    assert overlays(figure)[0].count() == 40


def test_slices_of_one_value_have_one_color(case):
    figure = plot_feature_map(case, np.ones(SHAPE))
    figure.canvas.draw()
    colors = {ax.images[1].to_rgba(np.ones((1, 1)))[0, 0].tobytes() for ax in panels(figure)}
    assert len(colors) == 1


@pytest.mark.parametrize("name", ["$x^{$", r"a$\frac{1}$b"])
def test_dollar_signs_in_an_id_are_no_formula(case, values, name):
    figure = plot_feature_map(replace(case, id=name), values)
    figure.canvas.draw()
    assert figure.texts[0].get_text().replace(r"\$", "$") == name


def test_an_image_of_small_numbers_is_seen():
    image = np.random.default_rng(0).normal(1e-9, 1e-10, (8, 8))  # diffusion in m^2/s
    low, high = panels(plot_feature_map(Case(image), np.eye(8)))[0].images[0].get_clim()
    assert (low, high) == pytest.approx(np.percentile(image, (1, 99)), rel=1e-6)


def test_pictures_that_are_much_higher_than_wide_fit_into_a_figure():
    figure = plot_feature_map(Case(np.ones((500, 1))), np.ones((500, 1)))
    assert figure.get_figheight() < 12
    figure.canvas.draw()


def test_a_map_of_another_shape_is_refused(case, values):
    with pytest.raises(GeometryError, match=r"shape \(8, 20, 30\), the image of case 'lesion' \(9, 20, 30\); pass"):
        plot_feature_map(case, values[1:])


def test_a_map_without_values_is_refused(case):
    with pytest.raises(MaskError, match=r"no value in the region of case 'lesion'; check"):
        plot_feature_map(case, np.full(SHAPE, np.nan))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"slices": [3, 9]}, "slices must be less than 9, got 9"),
        ({"max_slices": 0}, "max_slices must be at least 1"),
        ({"n_columns": 0}, "n_columns must be at least 1"),
        ({"margin": -1}, "margin must be at least 0"),
        ({"alpha": 2}, "alpha must be at most 1"),
        ({"window": (3, 1)}, "window must have its lower bound below"),
        ({"vmin": 1e5}, "no value of the map lies between vmin and vmax: the colors would run from 100000.0 to 120.0"),
        ({"vmin": 3, "vmax": 1}, r"\(vmin, vmax\) must have its lower bound below"),
    ],
)
def test_wrong_parameters_are_named(case, values, parameters, message):
    with pytest.raises(ValueError, match=message):
        plot_feature_map(case, values, **parameters)


def test_without_matplotlib_the_error_names_the_extra(case, values, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    with pytest.raises(
        ImportError, match='plot_feature_map needs matplotlib; install radlearn with the extra "report"'
    ):
        plot_feature_map(case, values)


def test_all_maps_of_a_case_are_not_one(case):
    maps = FeatureMap(features="statistics_mean").maps(case)
    with pytest.raises(TypeError, match="feature_map must be one, got a FeatureMaps of 1; choose one"):
        plot_feature_map(case, maps)
