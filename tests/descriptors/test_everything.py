"""The union of all descriptors: one table whatever the size of the images."""

import numpy as np
import pytest

from radlearn.descriptors import everything


@pytest.mark.slow
@pytest.mark.parametrize("ndim", [2, 3])
def test_images_of_any_size_have_the_same_columns(ndim):
    rng = np.random.default_rng(0)
    images = [rng.normal(size=shape[-ndim:]) for shape in [(9, 30, 20), (5, 64, 64)]]
    union = everything(ndim=ndim).set_output(transform="pandas")
    table = union.fit_transform(images)
    assert table.columns.tolist() == union.get_feature_names_out().tolist()
    assert table.columns.is_unique
    assert np.isfinite(table.to_numpy()).all()


@pytest.mark.parametrize(
    ("ndim", "families"),
    [
        (2, ["fractal", "gabor", "gradient", "haralick", "hog", "hu", "intensity", "lbp", "wavelet", "zernike"]),
        (3, ["curvature", "fractal", "gradient", "haralick", "hu", "intensity", "lbp", "thickness", "wavelet"]),
    ],
)
def test_columns_start_with_their_family(ndim, families):
    names = everything(ndim=ndim).fit([np.zeros((9,) * ndim)]).get_feature_names_out()
    assert sorted({name.partition("_")[0] for name in names}) == families


def test_all_parts_work_as_they_are_told(tmp_path):
    union = everything(memory=tmp_path, on_error="nan")
    assert all(part.memory == tmp_path and part.on_error == "nan" for _, part in union.transformer_list)


def test_images_have_two_or_three_axes():
    with pytest.raises(ValueError, match=r"ndim must be 3 \(volumes\) or 2 \(single images\), got 4"):
        everything(ndim=4)
