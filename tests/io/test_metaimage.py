import zlib

import numpy as np
import pytest

from radlearn.exceptions import GeometryError, ImageReadError, RadlearnWarning
from radlearn.io import FileSource, read_image


def test_axes_spacing_and_affine_are_in_the_order_of_radlearn(write, meta_bytes, volume):
    image = read_image(write("scan.mha", meta_bytes(Modality="MET_MOD_CT")))
    assert np.array_equal(image.array, volume)
    assert (image.spacing, image.modality, image.notes) == ((3.0, 0.7, 0.5), "CT", ())
    # The file counts to the left and to the back.
    assert image.affine @ [1, 2, 3, 1] == pytest.approx([-(10 + 3 * 0.5), -(20 + 2 * 0.7), 30 + 3, 1])


def written_by_simpleitk(path, array, *, compressed=False):
    """Write an array with a turned grid; give the position of its voxel (1, 2, 3) in right, anterior, superior."""
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([0.5, 0.7, 3.0])
    image.SetOrigin([10, 20, 30])
    image.SetDirection([0, 0, 1, 0.6, -0.8, 0, 0.8, 0.6, 0])
    sitk.WriteImage(image, str(path), compressed)
    return np.multiply(image.TransformIndexToPhysicalPoint([3, 2, 1]), [-1, -1, 1])


@pytest.mark.parametrize("name", ["a.mha", "a.mhd", "a.nrrd", "a.nhdr"])
@pytest.mark.parametrize("compressed", [False, True])
def test_what_simpleitk_writes_is_read_on_the_same_grid(tmp_path, volume, name, compressed):
    position = written_by_simpleitk(tmp_path / name, volume, compressed=compressed)
    image = read_image(tmp_path / name)
    assert np.array_equal(image.array, volume)
    assert image.spacing == pytest.approx((3.0, 0.7, 0.5))
    assert (image.affine @ [1, 2, 3, 1])[:3] == pytest.approx(position)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"])
def test_every_type_of_simpleitk_is_read(tmp_path, volume, dtype):
    written_by_simpleitk(tmp_path / "a.mha", volume.astype(dtype))
    array = read_image(tmp_path / "a.mha").array
    assert np.array_equal(array, volume)
    assert array.dtype == dtype


def test_the_other_byte_order_gives_the_same_in_native_order(write, meta_bytes, volume):
    content = meta_bytes(volume.astype(">i2").tobytes(), BinaryDataByteOrderMSB="True")
    array = read_image(write("scan.mha", content)).array
    assert np.array_equal(array, volume)
    assert array.dtype.isnative


@pytest.mark.parametrize("skip", [7, -1])
def test_bytes_before_the_voxels_are_skipped(write, meta_bytes, volume, skip):
    write("scan.raw", b"skipped" + volume.tobytes())
    path = write("scan.mhd", meta_bytes(b"", HeaderSize=skip, ElementDataFile="scan.raw"))
    assert np.array_equal(read_image(path).array, volume)


@pytest.mark.parametrize("compressed", [False, True])
def test_one_volume_of_a_series_is_read(tmp_path, compressed):
    sitk = pytest.importorskip("SimpleITK")
    series = np.arange(5 * 2 * 3 * 4, dtype=np.int16).reshape(5, 2, 3, 4)
    sitk.WriteImage(sitk.GetImageFromArray(series, isVector=False), str(tmp_path / "a.mha"), compressed)
    for volume in range(5):
        assert np.array_equal(read_image(tmp_path / "a.mha", volume=volume).array, series[volume])
    with pytest.raises(ImageReadError, match="choose one with volume=, from 0 to 4"):
        read_image(tmp_path / "a.mha")


@pytest.mark.parametrize("n_more", [0, 9])
def test_the_checksum_counts_also_where_damage_has_made_the_voxels_longer(write, meta_bytes, volume, n_more):
    damaged = zlib.compress(volume.tobytes() + bytes(n_more))[:-4] + bytes(4)
    with pytest.raises(ImageReadError, match="damaged or incomplete"):
        read_image(write("scan.mha", meta_bytes(damaged, CompressedData="True")))


def test_voxels_beside_the_header_are_read_from_an_archive_too(meta_bytes, zip_file, volume):
    path = zip_file({"a/scan.mhd": meta_bytes(b"", ElementDataFile="scan.raw"), "a/scan.raw": volume.tobytes()})
    assert np.array_equal(read_image(FileSource(path, "a/scan.mhd")).array, volume)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_the_name_of_voxels_beside_the_header_may_be_in_the_code_page_of_windows(
    write, meta_bytes, volume, monkeypatch, encoding
):
    monkeypatch.setattr("os.fsdecode", lambda name: name.decode("utf-8", "surrogatepass"))
    monkeypatch.setattr("locale.getencoding", lambda: "cp1252")
    header = meta_bytes(b"", ElementDataFile="SCAN.raw").replace(b"SCAN", "Sch\u00e4del".encode(encoding))
    path = write("scan.mhd", header)
    with pytest.raises(ImageReadError, match="there is no such file"):
        FileSource(path).fingerprint()
    write("Sch\u00e4del.raw", volume.tobytes())
    assert np.array_equal(read_image(path).array, volume)


def test_a_change_of_the_voxels_beside_the_header_changes_the_fingerprint(write, meta_bytes, volume):
    write("scan.raw", volume.tobytes())
    source = FileSource(write("scan.mhd", meta_bytes(b"", ElementDataFile="scan.raw")))
    before = source.fingerprint(), source.fingerprint(content=True)
    write("scan.raw", volume.tobytes() + b"more")
    assert source.fingerprint() != before[0]
    assert source.fingerprint(content=True) != before[1]


def test_missing_voxels_beside_the_header_are_named_with_it(write, meta_bytes):
    path = write("scan.mhd", meta_bytes(b"", ElementDataFile="scan.raw"))
    with pytest.raises(ImageReadError, match=r"scan.mhd \(voxels in scan.raw\)': there is no such file"):
        read_image(path)


@pytest.mark.parametrize("place", ["/etc/passwd", "../scan.raw", "a/../../scan.raw", "C:\\scan.raw", "..\\scan.raw"])
def test_voxels_outside_of_the_folder_are_not_read(write, meta_bytes, zip_file, place):
    content = meta_bytes(b"", ElementDataFile=place)
    for source in (write("scan.mhd", content), FileSource(zip_file({"a/scan.mhd": content}), "a/scan.mhd")):
        with pytest.raises(ImageReadError, match=r"outside of its folder .*; put both files into one folder"):
            read_image(source)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, meta_bytes, volume):
    (tmp_path / "inside").mkdir()
    (tmp_path / "scan.raw").write_bytes(volume.tobytes())
    (tmp_path / "inside" / "scan.raw").symlink_to(tmp_path / "scan.raw")
    (tmp_path / "inside" / "scan.mhd").write_bytes(meta_bytes(b"", ElementDataFile="scan.raw"))
    with pytest.raises(ImageReadError, match="outside of its folder"):
        read_image(tmp_path / "inside" / "scan.mhd")


@pytest.mark.parametrize("missing", ["TransformMatrix", "Offset"])
def test_an_unknown_orientation_is_told_and_noted(write, meta_bytes, missing):
    path = write("scan.mha", meta_bytes(**{missing: None}))
    with pytest.warns(RadlearnWarning, match="does not say how the patient lies"):
        image = read_image(path)
    assert image.affine is None
    assert image.spacing == (3.0, 0.7, 0.5)


def test_a_missing_voxel_size_is_told(write, meta_bytes):
    path = write("scan.mha", meta_bytes(ElementSpacing=None))
    with pytest.warns(RadlearnWarning, match="has no voxel size"):
        assert read_image(path).spacing is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"DimSize": "30000 30000 30000"}, r"30000 x 30000 x 30000 voxels of int16 \(54 TB\), the file has 48 bytes"),
        ({"DimSize": "30000 30000 30000", "CompressedData": "True"}, r"\(54 TB\), the file has"),
        ({"DimSize": "4 3 -2"}, "declares 4 x 3 x -2 voxels"),
        ({"DimSize": "4 3 0"}, "declares 4 x 3 x 0 voxels"),
        ({"DimSize": "4 3 x"}, "has the field 'DimSize = 4 3 x'"),
        ({"DimSize": None}, "lacks the field 'DimSize'"),
        ({"DimSize": "24", "ElementSpacing": "1"}, "only one dimension"),
        ({"ElementSpacing": "1 1"}, "has the field 'ElementSpacing = 1 1'"),
        ({"TransformMatrix": "1 0 0"}, "has the field 'TransformMatrix = 1 0 0'"),
        ({"ElementType": "MET_STRING"}, "its ElementType is 'MET_STRING'; convert it"),
        ({"ElementNumberOfChannels": "3"}, "3 values per voxel, probably colors"),
        ({"BinaryData": "False"}, "written as text; convert it, for example with SimpleITK"),
        ({"CompressedData": "perhaps"}, "has the field 'CompressedData = perhaps'"),
        ({"CompressedData": "True"}, "damaged or incomplete"),
        ({"HeaderSize": "-2"}, "has the field 'HeaderSize = -2'"),
        ({"HeaderSize": "1000"}, "the file has 0 bytes"),
        ({"ElementDataFile": "scan.raw"}, "its voxels are in another file; give it the ending .mhd"),
    ],
)
def test_an_impossible_header_is_refused(write, meta_bytes, fields, message):
    with pytest.raises(ImageReadError, match=rf"cannot read '.*scan.mha': .*{message}"):
        read_image(write("scan.mha", meta_bytes(**fields)))


@pytest.mark.parametrize("place", ["LIST 2", "slice%03d.raw 1 2 1", "other.mhd"])
def test_voxels_in_several_files_are_refused(write, meta_bytes, place):
    with pytest.raises(ImageReadError, match="its voxels are in several files"):
        read_image(write("scan.mhd", meta_bytes(b"", ElementDataFile=place)))


def test_sheared_axes_are_refused(write, meta_bytes):
    with pytest.raises(GeometryError, match="sheared axes"):
        read_image(write("scan.mha", meta_bytes(TransformMatrix="1 0 0 0.1 1 0 0 0 1")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html>", "it is not a MetaImage, it looks like a web page"),
        (bytes(1000), "it is not a MetaImage"),
        (b"ObjectType = Image\n", "no field 'ElementDataFile'"),
        (b"Comment = endless\n" * 5000, "no field 'ElementDataFile'"),
    ],
)
def test_another_file_is_named_with_its_fault(write, content, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(write("scan.mha", content))


@pytest.mark.parametrize("word", ["LOCAL", "Local", "local"])
@pytest.mark.parametrize("name", ["scan.mha", "scan.mhd"])
def test_voxels_behind_their_header_are_read(write, meta_bytes, volume, word, name):
    assert np.array_equal(read_image(write(name, meta_bytes(ElementDataFile=word))).array, volume)
