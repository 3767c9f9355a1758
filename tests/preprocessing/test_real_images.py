"""Steps on images as hospitals export them; geometry against SimpleITK."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort
from radlearn.preprocessing import (
    Augment,
    BiasFieldCorrection,
    Checkpoint,
    Crop,
    Denoise,
    HistogramEqualize,
    NyulNormalizer,
    Pad,
    RemoveBackground,
    Reorient,
    RepairPixels,
    ResampleLike,
    WhiteStripe,
)

sitk = pytest.importorskip("SimpleITK", reason="N4 and the comparisons need the extra itk")
pytestmark = pytest.mark.slow


@pytest.fixture
def unpack(data_home, tmp_path):
    """Function that gives the paths of some files of a set."""

    def paths(data_set, *names, n=4):
        archive = data_home / data_set / "images.zip"
        if not archive.is_file():
            pytest.skip(f"the set {data_set} is not there")
        with ZipFile(archive) as opened:
            found = [name for name in opened.namelist() if name.startswith(names) and "mask" not in Path(name).name]
            return [opened.extract(name, tmp_path) for name in found[:n]]

    return paths


CHAINS = {
    "fracatlas": make_pipeline(RepairPixels(stripes=8), RemoveBackground(marker_strip=0.1), HistogramEqualize()),
    "brain_tumor_mri": make_pipeline(BiasFieldCorrection(n_iterations=(10, 10)), Denoise(method="nlm"), WhiteStripe()),
    "busi": make_pipeline(
        Denoise(method="anisotropic"), Denoise(method="median", scale=2), NyulNormalizer(region="image")
    ),
    "head_ct_ich": make_pipeline(Denoise(method="tv"), Crop(shape=(300, 300)), Pad(margin=9), Checkpoint()),
}


@pytest.mark.parametrize("data_set", CHAINS)
def test_a_chain_leaves_usable_images(unpack, data_set):
    X = Cohort(Case(path) for path in unpack(data_set, ""))
    chain = make_pipeline(Augment(flip="x", crop=0.1, blur=1, bias_field=0.2, random_state=0), CHAINS[data_set])
    for case in [*chain.fit_transform(X), *chain.transform(X)]:
        image = case.load().image
        assert np.isfinite(image).all()
        assert image.std() > 0.01


def test_repairing_leaves_nearly_all_pixels_of_radiographs_alone(unpack):
    for path in unpack("fracatlas", "", n=8):
        [case] = Cohort([Case(path)])
        before, after = case.load().image, RepairPixels().fit_transform([case])[0].load().image
        assert np.mean(before != after) < 0.002


@pytest.mark.parametrize("orientation", ["LPS", "RAS", "PIR", "SLA"])
def test_turning_a_volume_gives_what_simpleitk_gives(unpack, orientation):
    [path] = unpack("radiomics_phantoms", "pyradiomics/brain1_image")
    expected = sitk.DICOMOrient(sitk.ReadImage(path), orientation)
    found = Reorient(orientation=orientation).fit_transform([Case(path)])[0].load()
    np.testing.assert_array_equal(found.image, sitk.GetArrayFromImage(expected))
    np.testing.assert_allclose(found.spacing[::-1], expected.GetSpacing())


@pytest.mark.parametrize(("interpolation", "theirs"), [("linear", "sitkLinear"), ("nearest", "sitkNearestNeighbor")])
def test_pet_on_the_grid_of_mr_is_what_simpleitk_gives(unpack, interpolation, theirs):
    mr, pet = sorted(unpack("sarcoma_ibsi", "STS_008/PET", "STS_008/MR_T1"), key=lambda path: "PET" in path)
    reference, moving = sitk.ReadImage(mr), sitk.ReadImage(pet, sitk.sitkFloat32)
    expected = sitk.Resample(moving, reference, sitk.Transform(), getattr(sitk, theirs), -1.0)
    expected = sitk.GetArrayFromImage(expected)
    step = ResampleLike(reference=mr, interpolation=interpolation, fill_value=-1)
    found = step.fit_transform([Case(pet)])[0].load().image
    assert np.mean((found == -1) != (expected == -1)) < 1e-3
    inside = (found != -1) & (expected != -1)
    assert inside.mean() > 0.1
    different = np.abs(found[inside] - expected[inside]) > 1e-3 * expected[inside].max()
    assert different.mean() < 1e-3
