import zipfile

import numpy as np
import pytest

from image_files import npy_of_header
from memory import peak_memory
from radlearn.exceptions import GeometryError, ImageReadError
from radlearn.io import ArraySource, FileSource, arrays as arrays_module, read_image

IMAGES = np.arange(5 * 3 * 4, dtype=np.int16).reshape(5, 3, 4)
# Voxels of 5 x 2 x 0.5 mm, turned by 30 degrees around z.
OBLIQUE = np.eye(4)
OBLIQUE[:3, :3] = np.array([[0, -0.5, np.sqrt(0.75)], [0, np.sqrt(0.75), 0.5], [1, 0, 0]]) * [5, 2, 0.5]
OBLIQUE[:3, 3] = 10, 20, 30


@pytest.fixture
def npy(tmp_path):
    def save(array, name="images.npy"):
        np.save(tmp_path / name, array)
        return tmp_path / name

    return save


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        np.savez_compressed(tmp_path / "images.npz", **arrays)
        return tmp_path / "images.npz"

    return save


@pytest.mark.parametrize("array", [IMAGES, IMAGES[0], IMAGES > 7, IMAGES.astype(">f8"), np.asfortranarray(IMAGES)])
def test_an_npy_file_is_read_with_its_type_in_native_order(npy, array):
    read = read_image(npy(array)).array
    assert np.array_equal(read, array)
    assert read.dtype == array.dtype.newbyteorder("=")


def test_masked_values_are_not_read_as_if_they_were_valid():
    with pytest.raises(ImageReadError, match=r"2 of its values are masked; replace them: array.filled\(np.nan\)"):
        ArraySource(np.ma.masked_greater(np.arange(6.0).reshape(2, 3), 3))


@pytest.mark.parametrize("array", [IMAGES, np.asfortranarray(IMAGES), IMAGES.astype(">i2")])
def test_one_row_is_read(npy, npz, array):
    for source in (FileSource(npy(array), row=3), FileSource(npz(images=array), row=3)):
        assert np.array_equal(read_image(source).array, IMAGES[3])


def test_a_row_of_a_large_file_costs_only_its_own_memory(npy):
    path = npy(np.zeros((100, 100, 1000), np.float32))
    with peak_memory() as memory:
        read_image(FileSource(path, row=50))
    assert memory.peak < 2 * 10**6


def test_rows_of_a_compressed_file_are_unpacked_once_until_it_changes(npz):
    arrays_module._kept_whole.cache_clear()
    path = npz(images=IMAGES)
    for row in range(5):
        assert np.array_equal(read_image(FileSource(path, row=row)).array, IMAGES[row])
    assert arrays_module._kept_whole.cache_info().misses == 1
    assert np.array_equal(
        read_image(FileSource(npz(images=IMAGES[::-1], labels=IMAGES), row=0, key="images")).array, IMAGES[4]
    )


def test_a_kept_array_cannot_be_changed_by_who_reads_it(npz):
    with pytest.raises(ValueError, match="read-only"):
        read_image(FileSource(npz(images=IMAGES), row=0)).array[:] = 0


@pytest.mark.parametrize("row", [5, -1, 10**12])
def test_a_row_that_is_not_there_is_named(npy, row):
    with pytest.raises(ImageReadError, match=rf"images.npy\[{row}\]': there is no row {row}: it has 5"):
        read_image(FileSource(npy(IMAGES), row=row))


def test_the_only_array_of_an_archive_needs_no_key(npz):
    assert np.array_equal(read_image(npz(images=IMAGES)).array, IMAGES)


def test_an_archive_without_arrays_is_told(zip_file):
    with pytest.raises(ImageReadError, match="it holds no array; save it again"):
        read_image(zip_file({}, name="empty.npz"))


@pytest.mark.parametrize(("key", "message"), [(None, "several arrays"), ("imags", "no array 'imags'")])
def test_the_arrays_of_an_archive_are_listed(npz, key, message):
    with pytest.raises(ImageReadError, match=f"{message}; choose one with key=: images, labels"):
        read_image(FileSource(npz(images=IMAGES, labels=IMAGES), key=key))


def test_an_array_file_inside_a_zip_archive_is_read(npy, npz, zip_file):
    archive = zip_file(
        {"a/images.npy": npy(IMAGES).read_bytes(), "b.NPZ": npz(images=IMAGES).read_bytes()}, name="z.zip"
    )
    assert np.array_equal(read_image(FileSource(archive, "a/images.npy", row=2)).array, IMAGES[2])
    assert np.array_equal(read_image(FileSource(archive, "b.NPZ", row=2, key="images")).array, IMAGES[2])


def test_single_axes_at_the_end_go(npy):
    assert read_image(npy(IMAGES[..., None])).array.shape == (5, 3, 4)
    assert read_image(FileSource(npy(IMAGES[..., None, None]), row=0)).array.shape == (3, 4, 1)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2, 2, 2)), "it has 4 dimensions"),
        (np.zeros(4), "only one dimension"),
        (np.zeros(()), "declares no voxels|declares the shape"),
        (np.zeros((0, 4)), r"declares 0 x 4 voxels; check how it was made|declares the shape \(0, 4\)"),
    ],
)
def test_an_array_that_is_no_image_is_refused(npy, array, message):
    for source in (npy(array), ArraySource(array)):
        with pytest.raises(ImageReadError, match=message):
            read_image(source)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array([[{"a": 1}]], object), "pickled Python objects, which could run code"),
        (np.zeros((2, 2), complex), "complex numbers"),
        (np.array([["text"]]), "of type <U4"),
        (np.zeros((2, 2), [("R", "u1"), ("G", "u1")]), "2 values per voxel"),
    ],
)
def test_other_values_than_real_numbers_are_refused(npy, npz, array, message):
    for path in (npy(array), npz(images=array)):
        with pytest.raises(ImageReadError, match=message):
            read_image(path)


def test_numbers_in_an_array_of_objects_are_told_apart_from_a_pickle():
    with pytest.raises(ImageReadError, match=r"its values are Python objects; make them numbers: array\.astype"):
        ArraySource(np.array([[1, 2.5]], object))


@pytest.mark.parametrize("shape", [(30000, 30000, 30000), (3, 4, 5)])
def test_a_header_of_more_than_its_file_holds_is_refused(write, shape):
    words = " x ".join(map(str, shape))
    with pytest.raises(ImageReadError, match=rf"declares {words} voxels of int16 .*, the file has"):
        read_image(write("a.npy", npy_of_header(shape)))
    with pytest.raises(ImageReadError, match="the file has"):
        read_image(FileSource(write("a.npy", npy_of_header(shape)), row=2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy_of_header((3, -4)), "declares the shape"),
        (npy_of_header((2, 2))[:40], "damaged or incomplete"),
        (npy_of_header((2, 2)).replace(b"'shape'", b"'shark'"), "damaged or incomplete"),
        (npy_of_header((2, 2)).replace(b"'<i2'", b"'<z9'"), "damaged or incomplete"),
        (b"\x93NUMPY\x09\x00" + bytes(50), "format version"),
        (b"<html><body>Login", "looks like a web page"),
        (b"PK\x03\x04", "looks like a zip archive; give the file the ending of its format"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(write, content, message):
    with pytest.raises(ImageReadError, match=rf"cannot read '.*a.npy': .*{message}"):
        read_image(write("a.npy", content))


def test_a_damaged_archive_is_named(write, npz):
    content = npz(images=IMAGES).read_bytes()
    for damaged in (content[:50], b"<html>", content.replace(b"images.npy", b"imagez.npy", 1)):
        with pytest.raises(ImageReadError, match=r"a.npz': its data are damaged or incomplete"):
            read_image(write("a.npz", damaged))


def test_an_archive_that_expands_beyond_what_it_declares_is_not_expanded(zip_file):
    path = zip_file({"images.npy": npy_of_header((2, 2), n_bytes=5 * 10**7)}, name="bomb.npz")
    with peak_memory() as memory:
        assert read_image(path).array.shape == (2, 2)
    assert memory.peak < 5 * 10**6


def test_an_archive_that_declares_more_than_it_can_hold_is_refused(zip_file):
    path = zip_file({"images.npy": npy_of_header((30000, 30000, 30000))}, name="a.npz")
    with pytest.raises(ImageReadError, match=r"54 TB\), the file has"):
        read_image(path)


def test_other_compression_methods_are_refused(zip_file):
    path = zip_file({"images.npy": npy_of_header((2, 2))}, zipfile.ZIP_LZMA, name="a.npz")
    with pytest.raises(ImageReadError, match="method 'lzma'"):
        read_image(path)


def test_an_array_in_memory_keeps_spacing_and_affine():
    affine = np.array([[0.0, 2.0, 5.0], [1.0, 0.0, 7.0], [0.0, 0.0, 1.0]])
    image = read_image(ArraySource(IMAGES[0], spacing=(1, 2), affine=affine))
    assert image.spacing == (1.0, 2.0)
    np.testing.assert_array_equal(image.affine, affine)
    assert read_image(ArraySource(IMAGES[0], spacing=(1, 2)), spacing=3).spacing == (3.0, 3.0)


def test_an_array_with_an_affine_alone_has_its_spacing():
    image = read_image(ArraySource(IMAGES, affine=OBLIQUE))
    np.testing.assert_allclose(image.spacing, (5, 2, 0.5))


def test_spacing_that_is_passed_changes_the_affine_of_an_array_too():
    image = read_image(ArraySource(IMAGES, affine=OBLIQUE), spacing=(4, 1, 1))
    assert image.spacing == (4.0, 1.0, 1.0)
    np.testing.assert_allclose(image.affine[:3, :3], OBLIQUE[:3, :3] * [4 / 5, 1 / 2, 1 / 0.5])
    np.testing.assert_array_equal(image.affine[:, 3], OBLIQUE[:, 3])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"spacing": (1, 1, 1), "affine": "oblique"}, "states two voxel sizes"),
        ({"affine": np.eye(3)}, r"affine of shape \(3, 3\); pass a matrix of shape \(4, 4\)"),
        ({"affine": np.diag([1, 1, 0, 1])}, "axis without direction"),
        ({"affine": np.diag([1, 1, np.nan, 1])}, "NaN or infinity"),
        ({"affine": np.eye(4) + np.diag([0.2, 0, 0], 1)}, "sheared axes"),
    ],
)
def test_an_impossible_affine_of_an_array_is_refused(fields, message):
    if isinstance(fields["affine"], str):
        fields = {**fields, "affine": OBLIQUE}
    with pytest.raises(GeometryError, match=message):
        read_image(ArraySource(IMAGES, **fields))


def test_an_array_in_memory_is_copied_only_if_its_bytes_are_in_foreign_order(npy):
    for array in (np.load(npy(IMAGES), mmap_mode="r"), np.asfortranarray(IMAGES)):
        assert np.shares_memory(read_image(array).array, array)
        assert read_image(ArraySource(array, spacing=2)).spacing == (2.0,) * array.ndim
    swapped = read_image(IMAGES.astype(">i2")).array
    assert swapped.dtype.isnative
    assert np.array_equal(swapped, IMAGES)
