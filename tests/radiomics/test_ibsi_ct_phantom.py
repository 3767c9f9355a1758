"""Reference values of the CT phantom of the IBSI, configurations A, C and E; skipped where its image is absent."""

import gzip
import zipfile

import nibabel
import numpy as np
import pytest

from ibsi_values import column, reference_values
from radlearn import Volume
from radlearn.preprocessing import Resample

pytestmark = pytest.mark.slow

ROWS = reference_values("ct_phantom")
FOLDER = "ibsi_1_ct_radiomics_phantom/nifti"


@pytest.fixture(scope="module")
def ct_phantom(data_home):
    archive = data_home / "radiomics_phantoms" / "images.zip"
    if not archive.is_file():
        pytest.skip("the CT phantom is not here")
    with zipfile.ZipFile(archive) as members:
        image, mask = (
            nibabel.Nifti1Image.from_bytes(gzip.decompress(members.read(f"{FOLDER}/{name}.nii.gz")))
            for name in ("image/phantom", "mask/mask")
        )
    spacing = tuple(float(step) for step in image.header.get_zooms()[::-1])
    return Volume(np.rint(image.get_fdata().T), mask=mask.get_fdata().T > 0.5, spacing=spacing)


@pytest.fixture(scope="module")
def values(ct_phantom, feature_values):
    """Values of all configurations, by configuration and column."""
    in_plane = ["2d_averaged", "2d_slice_merged", "2.5d_direction_merged", "2.5d_merged"]
    in_space = ["3d_averaged", "3d_merged"]

    wide = {"resegment_range": (-1000, 400), "aggregation": in_space}
    linear = Resample(spacing=2.0, round_intensities=True)._transform_volume(ct_phantom)
    cubic = Resample(spacing=2.0, interpolation="cubic", round_intensities=True)._transform_volume(ct_phantom)
    return {
        "A": feature_values(ct_phantom, bin_width=25, resegment_range=(-500, 400), aggregation=in_plane),
        "C": feature_values(linear, bin_width=25, ivh_bin_width=2.5, **wide),
        "E": feature_values(cubic, bin_count=32, ivh_bin_count=1000, outlier_sigma=3, **wide),
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['configuration']}-{column(row)}")
def test_value_is_the_reference_value(row, values):
    rounded = float(f"{values[row['configuration']][column(row)]:.2e}")
    assert rounded == pytest.approx(float(row["value"]), abs=float(row["tolerance"]) + 1e-9)
