import gzip

import nibabel
import numpy as np
import pytest

from memory import peak_memory
from radlearn import Case, Volume
from radlearn.exceptions import GeometryError, ImageReadError, RadlearnWarning
from radlearn.io import limits as limits_module, read_image
from radlearn.io.nifti import write_nifti


def test_axes_spacing_and_affine_are_in_the_order_of_radlearn(write, nifti_bytes, volume):
    affine = np.array([[-0.5, 0, 0, 10], [0, 0.7, 0, 20], [0, 0, 3, 30], [0, 0, 0, 1]])
    image = read_image(write("scan.nii", nifti_bytes(affine=affine)))
    assert np.array_equal(image.array, volume)
    assert image.array.dtype == np.int16
    assert image.spacing == (3.0, 0.7, 0.5)
    assert image.affine @ [1, 2, 3, 1] == pytest.approx([10 - 1.5, 20 + 1.4, 30 + 3, 1])
    assert image.notes == ()


@pytest.mark.parametrize("name", ["scan.nii.gz", "SCAN.NII.GZ", "scan.nii", "scan.Nii"])
def test_compressed_and_plain_files_hold_the_same(write, nifti_bytes, volume, name):
    content = nifti_bytes()
    content = gzip.compress(content) if name.lower().endswith("gz") else content
    assert np.array_equal(read_image(write(name, content)).array, volume)


@pytest.mark.parametrize("dtype", ["u1", "i1", "<i2", ">i2", "<u2", ">i4", "<f4", ">f4", ">f8", "<i8"])
def test_every_type_and_byte_order_keeps_its_values_in_native_order(write, volume, dtype):
    image = nibabel.Nifti1Image(volume.T.astype(dtype), np.eye(4), dtype=np.dtype(dtype))
    header = image.header.as_byteswapped(">" if dtype.startswith(">") else "<")
    content = nibabel.Nifti1Image(volume.T.astype(dtype), np.eye(4), header).to_bytes()
    array = read_image(write("scan.nii", content)).array
    assert np.array_equal(array, volume)
    assert array.dtype == np.dtype(dtype).newbyteorder("=")


def test_version_two_is_read(write, nifti_bytes, volume):
    image = read_image(write("scan.nii", nifti_bytes(header_class=nibabel.Nifti2Image)))
    assert np.array_equal(image.array, volume)
    assert image.spacing == (3.0, 0.7, 0.5)


def test_an_image_of_two_axes_stays_one(write, nifti_bytes):
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    image = read_image(write("slice.nii", nifti_bytes(array)))
    assert np.array_equal(image.array, array)
    assert image.spacing == (0.7, 0.5)
    assert np.allclose(image.affine, [[0, 0.5, 0], [0.7, 0, 0], [0, 0, 1]])


def test_a_tilted_image_of_two_axes_has_no_affine(write, nifti_bytes):
    affine = np.array([[0, 0, 3, 0], [0.5, 0, 0, 0], [0, 0.7, 0, 0], [0, 0, 0, 1]])
    assert read_image(write("slice.nii", nifti_bytes(np.ones((2, 3), np.uint8), affine=affine))).affine is None


def test_one_slice_stays_a_volume_and_single_axes_at_the_end_go(write, nifti_bytes):
    array = np.arange(6, dtype=np.uint8).reshape(1, 1, 1, 2, 3)
    assert read_image(write("slice.nii", nifti_bytes(array))).array.shape == (1, 2, 3)


SERIES = np.arange(5 * 2 * 3 * 4, dtype=np.int16).reshape(5, 2, 3, 4)


@pytest.mark.parametrize("name", ["series.nii", "series.nii.gz"])
def test_one_volume_of_a_series_is_read(write, nifti_bytes, name):
    content = nifti_bytes(SERIES)
    path = write(name, gzip.compress(content) if name.endswith("gz") else content)
    for volume in range(5):
        image = read_image(path, volume=volume)
        assert np.array_equal(image.array, SERIES[volume])
        assert image.spacing == (3.0, 0.7, 0.5)


def test_a_series_of_which_no_volume_is_chosen_is_refused(write, nifti_bytes):
    message = r"4 dimensions \(4 x 3 x 2 x 5\), .* choose one with volume=, from 0 to 4; of a mask, save one in a file"
    with pytest.raises(ImageReadError, match=message):
        read_image(write("series.nii", nifti_bytes(SERIES)))


def test_a_volume_that_is_not_there_is_refused(write, nifti_bytes):
    with pytest.raises(ImageReadError, match="there is no volume 5: it has 5; count volumes from 0"):
        read_image(write("series.nii", nifti_bytes(SERIES)), volume=5)
    with pytest.raises(ImageReadError, match="there is no volume 1: it has 1"):
        read_image(write("scan.nii", nifti_bytes()), volume=1)


def test_a_volume_costs_only_its_own_memory(write, nifti_bytes):
    path = write("series.nii", nifti_bytes(np.zeros((50, 40, 50, 50), np.int16)))
    with peak_memory() as memory:
        read_image(path, volume=40)
    assert memory.peak < 10**6


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1000), ("mm", 1), ("micron", 0.001), ("unknown", 1)])
def test_lengths_are_converted_to_mm(write, volume, unit, factor):
    image = nibabel.Nifti1Image(volume.T, np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units(unit)
    image = read_image(write("scan.nii", image.to_bytes()))
    assert image.spacing == pytest.approx((4 * factor, 3 * factor, 2 * factor))
    assert image.affine[:, 2] == pytest.approx([2 * factor, 0, 0, 0])


def test_a_spacing_stored_in_single_precision_is_the_decimal_that_was_meant(write, nifti_bytes):
    affine = np.diag([0.977, 0.3, 0.1, 1])
    assert read_image(write("scan.nii", nifti_bytes(affine=affine))).spacing == (0.1, 0.3, 0.977)


# Scaling of the values


def test_scaled_integers_become_floats(write, nifti_bytes, volume):
    array = read_image(write("scan.nii", nifti_bytes(scl_slope=0.5, scl_inter=-1000))).array
    assert array.dtype == np.float32
    assert np.array_equal(array, volume * 0.5 - 1000)


def test_scaled_wide_integers_keep_their_precision(write, nifti_bytes):
    stored = np.array([[[2**31 - 1, 2**31 - 2]]], np.int32)
    array = read_image(write("scan.nii", nifti_bytes(stored, scl_slope=2, scl_inter=0))).array
    assert array.dtype == np.float64
    assert array.tolist() == [[[2**32 - 2, 2**32 - 4]]]


@pytest.mark.parametrize(("slope", "intercept"), [(0, 0), (np.nan, np.nan), (np.inf, 0), (1, np.nan)])
def test_an_unusable_scaling_is_left_out_with_a_warning(write, nifti_bytes, volume, slope, intercept):
    path = write("scan.nii", nifti_bytes(scl_slope=slope, scl_inter=intercept))
    with pytest.warns(RadlearnWarning, match="unusable scaling") as warned:
        image = read_image(path)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert np.array_equal(image.array, volume)
    assert "unusable scaling" in image.notes[0]


# Geometry


def test_an_unknown_orientation_is_told_and_noted(write, nifti_bytes):
    path = write("scan.nii", nifti_bytes(sform_code=0, qform_code=0))
    with pytest.warns(RadlearnWarning, match="no qform and no sform"):
        image = read_image(path)
    assert image.affine is None
    assert image.spacing == (3.0, 0.7, 0.5)
    assert "orientation is unknown" in image.notes[0]


def test_the_qform_is_used_where_there_is_no_sform(write, volume):
    affine = nibabel.affines.from_matvec(np.diag([0.5, 0.7, -3.0])[[1, 0, 2]], [1, 2, 3])
    image = nibabel.Nifti1Image(volume.T, None)
    image.set_qform(affine, code=1)
    read = read_image(write("scan.nii", image.to_bytes()))
    assert read.affine == pytest.approx(affine[:, [2, 1, 0, 3]], abs=1e-6)


def test_a_left_handed_grid_is_kept_as_it_is(write, nifti_bytes):
    affine = np.diag([-0.5, 0.7, 3.0, 1.0])
    assert np.linalg.det(read_image(write("scan.nii", nifti_bytes(affine=affine))).affine[:3, [2, 1, 0]]) < 0


def test_sheared_axes_are_refused(write, nifti_bytes):
    affine = np.eye(4)
    affine[1, 2] = 0.1
    with pytest.raises(GeometryError, match=r"scan.nii' has sheared axes: two of them meet at 84.29 degrees"):
        read_image(write("scan.nii", nifti_bytes(affine=affine)))


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_an_impossible_voxel_size_is_refused(write, nifti_bytes, size):
    pixdim = np.ones(8)
    pixdim[3] = size
    with pytest.raises(GeometryError, match=r"voxel size .* mm; pass the true one with spacing="):
        read_image(write("scan.nii", nifti_bytes(pixdim=pixdim)))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0])
def test_an_impossible_affine_is_refused(write, nifti_bytes, value):
    with pytest.raises(GeometryError, match="in its affine"):
        read_image(write("scan.nii", nifti_bytes(srow_x=np.full(4, value), srow_y=np.zeros(4))))


def test_an_impossible_rotation_is_refused(write, nifti_bytes):
    with pytest.raises(GeometryError, match="impossible qform"):
        read_image(write("scan.nii", nifti_bytes(sform_code=0, qform_code=1, quatern_b=3)))


def test_two_different_voxel_sizes_in_one_header_are_refused(write, nifti_bytes):
    path = write("scan.nii", nifti_bytes(pixdim=[1, 1, 1, 1, 0, 0, 0, 0]))
    with pytest.raises(GeometryError, match=r"two voxel sizes: \[1.0, 1.0, 1.0\] mm and, in its affine, \[3.0, 0.7"):
        read_image(path)


@pytest.mark.parametrize("codes", [(1, 0), (0, 1)])
def test_a_given_spacing_takes_the_place_of_a_wrong_one(write, nifti_bytes, codes):
    fields = {"sform_code": codes[0], "qform_code": codes[1], "pixdim": np.zeros(8)}
    image = read_image(write("scan.nii", nifti_bytes(**fields)), spacing=(4, 2, 1))
    assert image.spacing == (4.0, 2.0, 1.0)
    assert np.linalg.norm(image.affine[:3, :3], axis=0) == pytest.approx([4, 2, 1])


# Damage and hostility


def test_a_header_of_more_voxels_than_its_file_holds_is_refused_before_anything_is_allocated(write, nifti_bytes):
    content = nifti_bytes(dim=[3, 30000, 30000, 30000, 1, 1, 1, 1])[:600].ljust(600, b"\0")
    path = write("scan.nii", content)
    with peak_memory() as memory, pytest.raises(ImageReadError) as caught:
        read_image(path)
    assert "declares 30000 x 30000 x 30000 voxels of int16 (54 TB), the file has 600 bytes" in str(caught.value)
    assert memory.peak < 10**7


def test_a_compressed_header_of_more_voxels_than_its_file_can_hold_is_refused(write, nifti_bytes):
    content = gzip.compress(nifti_bytes(dim=[3, 30000, 30000, 30000, 1, 1, 1, 1]))
    with pytest.raises(ImageReadError, match=r"54 TB\), the file has"):
        read_image(write("scan.nii.gz", content))


def test_an_image_above_the_limit_is_refused(write, nifti_bytes, monkeypatch):
    monkeypatch.setattr(limits_module, "MAX_VOXELS", 10)
    with pytest.raises(ImageReadError, match=r"4 x 3 x 2 voxels .*the limit is 10 voxels.*crop or downsample it"):
        read_image(write("scan.nii", nifti_bytes()))


def test_a_gzip_bomb_behind_a_small_header_is_not_expanded(write, nifti_bytes, volume):
    path = write("bomb.nii.gz", gzip.compress(nifti_bytes() + bytes(5 * 10**7), compresslevel=1))
    with peak_memory() as memory:
        image = read_image(path)
    assert np.array_equal(image.array, volume)
    assert memory.peak < 5 * 10**6


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("scan.nii", lambda raw: raw[:-1], "the file has 399 bytes"),
        ("scan.nii", lambda raw: raw[:200], "ends inside its header, after 200 bytes"),
        ("scan.nii", lambda raw: raw[:2], "it is not a NIfTI image"),
        ("scan.nii", lambda raw: b"", r"it is empty \(0 bytes\)"),
        ("scan.nii", gzip.compress, "looks like a gzip file; give the file the ending of its format"),
        ("scan.nii.gz", lambda raw: raw, "it looks like an uncompressed NIfTI image"),
        ("scan.nii.gz", lambda raw: gzip.compress(raw)[:-20], "damaged or incomplete"),
        ("scan.nii.gz", lambda raw: gzip.compress(raw[:-1]), "it ends after 47 bytes of the 48 bytes of its voxels"),
        ("scan.nii.gz", lambda raw: gzip.compress(raw)[:-8] + bytes(8), "damaged or incomplete"),
        ("scan.nii.gz", lambda raw: gzip.compress(raw + bytes(9))[:-8] + bytes(8), "damaged or incomplete"),
        ("scan.nii.gz", lambda raw: b"<html><body>Login", "looks like a web page; was the download complete?"),
        ("scan.nii", lambda raw: b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer; fetch the file"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(write, nifti_bytes, name, damage, message):
    with pytest.raises(ImageReadError, match=rf"cannot read '.*{name}': .*{message}"):
        read_image(write(name, damage(nifti_bytes())))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dim": [3, 4, -3, 2, 1, 1, 1, 1]}, "declares 4 x -3 x 2 voxels"),
        ({"dim": [3, 4, 0, 2, 1, 1, 1, 1]}, "declares 4 x 0 x 2 voxels"),
        ({"dim": [9, 4, 3, 2, 1, 1, 1, 1]}, "declares 9 dimensions"),
        ({"dim": [1, 24, 1, 1, 1, 1, 1, 1]}, "only one dimension"),
        ({"datatype": 999}, "unknown data type 999"),
        ({"vox_offset": 10}, "puts the voxels at byte 10"),
        ({"vox_offset": np.nan}, "puts the voxels at byte nan"),
        ({"vox_offset": 1e30}, r"puts the voxels at byte 1e\+30"),
        ({"vox_offset": 1e6}, "the file has 400 bytes"),
        ({"magic": b"ni1"}, r"in another file \(.img\)"),
        ({"magic": b""}, "Analyze image"),
    ],
)
def test_an_impossible_header_is_refused(write, nifti_bytes, fields, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(write("scan.nii", nifti_bytes(**fields)))


def test_complex_values_are_refused(write, nifti_bytes):
    with pytest.raises(ImageReadError, match=r"complex numbers .*; save their magnitude"):
        read_image(write("scan.nii", nifti_bytes(np.ones((2, 3, 4), np.complex64))))


def test_colors_are_explained(write, nifti_bytes):
    colors = np.zeros((2, 3, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    with pytest.raises(ImageReadError, match=r"3 values per voxel \(R, G, B\), probably colors; save one channel"):
        read_image(write("scan.nii", nifti_bytes(colors)))


@pytest.mark.parametrize("name", ["map.nii", "map.nii.gz"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_written_is_read_again(tmp_path, volume, name, dtype):
    affine = np.array([[0, 0, -0.5, 10], [0, -0.75, 0, 20], [3, 0, 0, 30], [0, 0, 0, 1.0]])
    written = Volume(volume.astype(dtype) / 3, spacing=(3, 0.75, 0.5), affine=affine)
    write_nifti(tmp_path / name, written)
    image = read_image(tmp_path / name)
    assert np.array_equal(image.array, written.image)
    assert image.array.dtype == dtype
    assert image.spacing == written.spacing
    assert np.array_equal(image.affine, affine)


def test_an_image_of_two_axes_is_written_as_one(tmp_path):
    affine = np.array([[0, 0.5, 3], [-0.75, 0, 4], [0, 0, 1]])
    write_nifti(tmp_path / "map.nii", Volume(np.arange(6.0).reshape(2, 3), spacing=(0.75, 0.5), affine=affine))
    image = read_image(tmp_path / "map.nii")
    assert image.array.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert image.spacing == (0.75, 0.5)
    assert np.array_equal(image.affine, affine)


def test_without_an_affine_the_written_orientation_is_unknown(tmp_path, volume):
    write_nifti(tmp_path / "map.nii", Volume(volume, spacing=(3, 0.75, 0.5)))
    with pytest.warns(RadlearnWarning, match="orientation is unknown"):
        image = read_image(tmp_path / "map.nii")
    assert image.affine is None
    assert image.spacing == (3, 0.75, 0.5)


def test_only_nifti_is_written(tmp_path, volume):
    with pytest.raises(ValueError, match=r"path must end with '.nii' or '.nii.gz', got .*map.png"):
        write_nifti(tmp_path / "map.png", Volume(volume))


def test_what_image_and_mask_both_lack_is_told_once(write, nifti_bytes, recwarn):
    image, mask = (write(name, nifti_bytes(sform_code=0, qform_code=0)) for name in ("scan.nii", "mask.nii"))
    Case(image, mask=mask, mask_label=1).load()
    assert ["scan.nii" in str(warning.message) for warning in recwarn] == [True]


def test_what_the_mask_alone_lacks_is_told(write, nifti_bytes):
    image, mask = write("scan.nii", nifti_bytes()), write("mask.nii", nifti_bytes(sform_code=0, qform_code=0))
    with pytest.warns(RadlearnWarning, match=r"mask\.nii' has no qform and no sform"):
        Case(image, mask=mask, mask_label=1).load()
