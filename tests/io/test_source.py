import errno
import gzip
import os
import pickle
import sys
import zipfile
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from dicom_files import write_series
from radlearn.exceptions import ImageReadError
from radlearn.io import (
    ArraySource,
    DicomSource,
    FileSource,
    ImageData,
    archive as archive_module,
    as_source,
    read_image,
)
from radlearn.io.errors import decoding


def test_a_path_an_array_and_a_source_become_sources(tmp_path):
    source = FileSource("scan.nii")
    assert as_source("scan.nii") == source
    assert as_source(source) is source
    assert as_source(tmp_path / "a.png").path == str(tmp_path / "a.png")
    assert isinstance(as_source(np.zeros((2, 2))), ArraySource)


@pytest.mark.parametrize("value", [3.0, None, [[1, 2], [3, 4]], b"scan.nii"])
def test_anything_else_is_a_type_error(value):
    with pytest.raises(TypeError, match="an image is a path, a list of the files of a series, or an array, got"):
        as_source(value)


def test_no_name_is_not_that_of_the_working_folder(tmp_path, monkeypatch):
    write_series(tmp_path, np.zeros((3, 4, 4), np.int16))
    monkeypatch.chdir(tmp_path)
    assert read_image(".").array.shape == (3, 4, 4)
    with pytest.raises(ImageReadError, match="cannot read ''"):
        read_image("")


def test_the_name_shows_the_path_as_given_with_member_key_and_row():
    assert FileSource("data/images.zip", "a/b.png").name == "data/images.zip/a/b.png"
    assert FileSource("m.npz", key="train_images", row=3).name == "m.npz:train_images[3]"


def test_a_file_source_pickles_to_a_few_bytes_and_stays_equal():
    source = FileSource("images.zip", "benign_1.png")
    pickled = pickle.dumps(source)
    assert len(pickled) < 200 + len(source.folder)
    assert pickle.loads(pickled) == source
    assert hash(pickle.loads(pickled)) == hash(source)


@pytest.mark.parametrize("beginning", [b"", b"II*\0"])  # with the second, the file is said to be a TIFF image as well
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.mha", "a.png", "a.tif", "a.npy"])
def test_dicom_under_the_name_of_another_format_is_told_so(tmp_path, name, beginning):
    write_series(tmp_path / "series", np.zeros((1, 4, 4), np.int16))
    content = next((tmp_path / "series").iterdir()).read_bytes()
    tmp_path.joinpath(name).write_bytes(beginning + content[len(beginning) :])
    with pytest.raises(ImageReadError, match=r"it looks like a DICOM file; give it the ending \.dcm"):
        read_image(tmp_path / name)


@pytest.mark.parametrize("source_of", [FileSource, DicomSource])
def test_a_source_and_its_pickle_mean_the_same_file_in_another_folder(tmp_path, monkeypatch, source_of):
    for study, level in (("a", 1001), ("b", 1002)):
        write_series(tmp_path / study, np.full((2, 4, 4), level, np.int16))  # intercept -1000
    monkeypatch.chdir(tmp_path / "b")
    name = next(Path().iterdir())
    source = source_of(name)
    monkeypatch.chdir(tmp_path / "a")  # as a notebook that goes on, or a worker that was started here
    assert read_image(source_of(name)).array.max() == 1
    for same in (source, source.named("another"), pickle.loads(pickle.dumps(source))):
        assert read_image(same).array.max() == 2
    assert source.name == str(name)
    assert source != source_of(name)
    assert source.fingerprint() != source_of(name).fingerprint()


@pytest.mark.parametrize("source_of", [FileSource, DicomSource])
def test_sources_of_one_absolute_path_are_equal_in_all_folders(tmp_path, monkeypatch, source_of):
    source = source_of(tmp_path / "scan.dcm")
    monkeypatch.chdir(tmp_path)
    assert len({source, source_of(tmp_path / "scan.dcm")}) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="keeps the working folder")
@pytest.mark.parametrize("source", [FileSource("a.npy"), DicomSource("ct")])
def test_a_working_folder_that_is_gone_is_no_reason_to_fail_before_reading(tmp_path, monkeypatch, source):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(ImageReadError):
        read_image(pickle.loads(pickle.dumps(source)))


def test_existence_covers_files_members_and_broken_links(write, zip_file, tmp_path):
    archive = zip_file({"a.png": b"a"})
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    assert FileSource(write("a.png", b"a")).exists()
    assert FileSource(archive, "a.png").exists()
    assert not FileSource(archive, "b.png").exists()
    assert not FileSource(tmp_path / "b.png").exists()
    assert not FileSource(tmp_path).exists()
    assert not FileSource(tmp_path / "loop.png").exists()
    assert not FileSource("x" * 5000).exists()
    assert not DicomSource(["x" * 5000]).exists()


@pytest.mark.parametrize("name", ["größe und maß.bin", "a b.bin", "x" * 200 + ".bin", "日本語.bin"])
def test_unusual_names_are_read(write, name):
    assert FileSource(write(name, b"content")).read_bytes() == b"content"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder / "none.png", "none.png': there is no such file; check the path"),
        (lambda folder: folder, "it is a folder, not a file"),
        (lambda folder: folder / "empty.png", r"empty.png': it is empty \(0 bytes\)"),
        (lambda folder: f"{folder}/nul\0.png", "null"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named_with_its_fault(tmp_path, make, message):
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageReadError, match=message):
        FileSource(make(tmp_path)).read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this platform")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageReadError, match="a device or a pipe"):
        FileSource(tmp_path / "pipe.png").open()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything is readable here")
def test_a_forbidden_file_is_named(write):
    path = write("secret.png", b"content")
    path.chmod(0)
    with pytest.raises(ImageReadError, match=r"secret.png.*permission"):
        FileSource(path).read_bytes()


def test_a_file_above_the_limit_is_refused(write):
    path = write("large.png", bytes(2000))
    with pytest.raises(ImageReadError, match="it has 2 kB, the limit is 1 kB"):
        FileSource(path).read_bytes(limit=1000)


# Fingerprints


def test_the_fingerprint_of_a_file_changes_with_its_time_and_size_and_place(write):
    path = write("a.bin", b"one")
    first = FileSource(path).fingerprint()
    assert first == FileSource(path).fingerprint() == FileSource(os.path.relpath(path)).fingerprint()
    os.utime(path, ns=(1, 1))
    second = FileSource(path).fingerprint()
    write("a.bin", b"two bytes more")
    others = {FileSource(path, row=row, key=key).fingerprint() for row in (None, 0, 1) for key in (None, "a")}
    assert len({first, second, *others}) == 8


def test_the_fingerprint_of_the_content_does_not_care_where_the_file_lies(write, zip_file):
    sources = [FileSource(write("a.bin", b"same")), FileSource(zip_file({"c.bin": b"same"}), "c.bin")]
    assert len({source.fingerprint(content=True) for source in sources}) == 1
    assert len({source.fingerprint() for source in sources}) == 2


def test_the_fingerprint_of_an_array_with_an_affine_alone_is_that_of_no_other_version():
    affine = np.diag([2.0, 1.0, 1.0])
    array = np.zeros((2, 3))
    sources = [ArraySource(array, affine=affine), ArraySource(array, (2, 1), affine), ArraySource(array)]
    assert len({source.fingerprint() for source in sources}) == 3
    before = blake2b(repr(("<f8", (2, 3), None, affine.tolist())).encode() + array.tobytes(), digest_size=16)
    assert sources[0].fingerprint() != before.hexdigest()


def test_the_fingerprint_of_a_member_knows_its_checksum(zip_file):
    fingerprints = set()
    for content in (b"one", b"two"):
        path = zip_file({"a.bin": content}, zipfile.ZIP_STORED)
        os.utime(path, ns=(1, 1))
        archive_module._directory.cache_clear()
        fingerprints.add(FileSource(path, "a.bin").fingerprint())
    assert len(fingerprints) == 2


def test_the_fingerprint_of_a_missing_file_is_an_error():
    with pytest.raises(ImageReadError, match="no such file"):
        FileSource("none.png").fingerprint()


def test_the_fingerprint_of_an_array_does_not_depend_on_its_layout(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.save(tmp_path / "a.npy", array)
    layouts = [
        array,
        np.asfortranarray(array),
        array.astype(">f4"),
        np.load(tmp_path / "a.npy", mmap_mode="r"),
        np.repeat(array, 2, axis=2)[:, :, ::2],
    ]
    assert len({ArraySource(layout).fingerprint() for layout in layouts}) == 1


def test_the_fingerprint_of_an_array_knows_values_type_shape_spacing_and_affine():
    array = np.zeros((2, 6), np.int16)
    changed = array.copy()
    changed[1, 5] = 1
    sources = [
        ArraySource(array),
        ArraySource(changed),
        ArraySource(array.astype(np.uint16)),
        ArraySource(array.reshape(3, 4)),
        ArraySource(array, spacing=(1, 2)),
        ArraySource(array, affine=np.eye(3)),
    ]
    assert len({source.fingerprint() for source in sources}) == len(sources)


def test_the_fingerprint_of_an_array_is_computed_once():
    array = np.zeros((2, 2))
    source = ArraySource(array)
    first = source.fingerprint()
    array += 1
    assert source.fingerprint() == pickle.loads(pickle.dumps(source)).fingerprint() == first


def test_array_sources_are_equal_only_to_themselves():
    array = np.zeros((2, 2))
    source = ArraySource(array)
    assert source == source  # noqa: PLR0124 - identity is what is tested
    assert source != ArraySource(array)
    assert source.array is array
    assert source.exists()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2), complex), "complex numbers"),
        (np.array([[None, 1]]), "Python objects"),
        (np.array([["a", "b"]]), "of type <U1"),
        (np.zeros((2, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")]), r"3 values per voxel \(R, G, B\)"),
    ],
)
def test_an_array_of_something_else_than_real_numbers_is_refused(array, message):
    with pytest.raises(ImageReadError, match=message):
        ArraySource(array)


# Members of archives


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_is_read_and_measured(zip_file, compression):
    content = bytes(range(256)) * 10
    source = FileSource(zip_file({"other": b"x", "folder/a.bin": content}, compression), "folder/a.bin")
    assert source.read_bytes() == content
    assert source.size == len(content)
    with source.open() as file:
        assert file.read(3) == b"\0\1\2"


def test_a_member_behind_other_bytes_is_found(zip_file):
    path = zip_file({"a.bin": b"content"})
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert FileSource(path, "a.bin").read_bytes() == b"content"


def test_the_directory_of_an_archive_is_read_once_until_it_changes(zip_file):
    archive_module._directory.cache_clear()
    path = zip_file({f"{number}.bin": b"%d" % number for number in range(20)})
    for number in range(20):
        assert FileSource(path, f"{number}.bin").read_bytes() == b"%d" % number
    assert archive_module._directory.cache_info().misses == 1
    zip_file({"5.bin": b"another content"})
    assert FileSource(path, "5.bin").read_bytes() == b"another content"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("none.bin", "images.zip/none.bin': the archive has no such member"),
        ("../a.bin", "no such member"),
        ("empty.bin", "it is empty"),
    ],
)
def test_a_member_that_is_not_there_is_named_with_its_archive(zip_file, member, message):
    with pytest.raises(ImageReadError, match=message):
        FileSource(zip_file({"a.bin": b"a", "empty.bin": b""}), member).read_bytes()


def test_a_file_that_is_no_archive_is_named(write):
    with pytest.raises(ImageReadError, match=r"images.zip.*damaged or incomplete"):
        FileSource(write("images.zip", b"no archive"), "a.bin").exists()


def test_a_member_that_declares_more_than_the_limit_is_refused(zip_file):
    with pytest.raises(ImageReadError, match="it declares 1 MB, the limit is 1 kB"):
        FileSource(zip_file({"bomb.bin": bytes(10**6)}), "bomb.bin").read_bytes(limit=1000)


def test_a_member_that_expands_beyond_its_declared_size_is_cut_off(zip_file):
    path = zip_file({"bomb.bin": bytes(10**6)})
    path.write_bytes(path.read_bytes().replace((10**6).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(ImageReadError, match="checksum"):
        FileSource(path, "bomb.bin").read_bytes()


def test_a_changed_byte_in_a_member_is_noticed(zip_file):
    path = zip_file({"a.bin": b"content of the file"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"content", b"contend"))
    with pytest.raises(ImageReadError, match=r"a.bin': its checksum is wrong"):
        FileSource(path, "a.bin").read_bytes()


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [(20, b"\xff\xff\xff\x7f", "larger than its archive"), (42, b"\x01\0\0\0", "directory of its archive is damaged")],
)
def test_a_directory_that_points_nowhere_is_refused(zip_file, place, value, message):
    path = zip_file({"a.bin": b"content", "b.bin": b"content"})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + place : entry + place + 4] = value
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match=message):
        FileSource(path, "a.bin").read_bytes()


def test_other_compression_methods_are_refused(zip_file):
    with pytest.raises(ImageReadError, match="method 'bzip2'; pack the archive again with deflate"):
        FileSource(zip_file({"a.bin": b"content"}, zipfile.ZIP_BZIP2), "a.bin").read_bytes()


def test_an_encrypted_member_is_refused(zip_file):
    path = zip_file({"a.bin": b"content"}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match="it is encrypted"):
        FileSource(path, "a.bin").read_bytes()


def test_a_member_may_itself_be_compressed(zip_file, nifti_bytes, volume):
    path = zip_file({"a/scan.nii.gz": gzip.compress(nifti_bytes())}, zipfile.ZIP_STORED)
    assert np.array_equal(read_image(FileSource(path, "a/scan.nii.gz")).array, volume)


class Unsteady:
    """A reader that fails with an error of the operating system before it reads."""

    def __init__(self, *codes):
        self.codes = list(codes)

    def __call__(self, source, **options):
        with decoding(source.name):
            if self.codes:
                raise OSError(self.codes.pop(0), "away")
        return ImageData(np.eye(2))


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_a_disk_that_is_away_for_a_moment_is_asked_once_more(write, monkeypatch, code):
    path = write("a.nrrd", b"content")
    monkeypatch.setattr("radlearn.io.nrrd.read_nrrd", Unsteady(code))
    assert read_image(path).array.shape == (2, 2)
    monkeypatch.setattr("radlearn.io.nrrd.read_nrrd", Unsteady(code, code))
    with pytest.raises(ImageReadError, match=r"a.nrrd.*away"):
        read_image(path)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ESTALE, "check that its disk can be reached, and read it again"),
        (errno.EMFILE, r"let the process open more files \(ulimit -n\), or keep fewer loaded cases"),
    ],
)
def test_a_fault_of_the_system_is_not_blamed_on_the_file(write, monkeypatch, code, remedy):
    path = write("a.nrrd", b"content")
    monkeypatch.setattr("radlearn.io.nrrd.read_nrrd", Unsteady(code, code))
    with pytest.raises(ImageReadError, match=f"a.nrrd': away; {remedy}"):
        read_image(path)

    def refuse(*_):
        raise OSError(code, "away")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageReadError, match=f"a.nrrd': away; {remedy}"):
        FileSource(path).open()


def test_a_damaged_file_is_not_read_twice(write, monkeypatch):
    reader = Unsteady(errno.ENOENT, errno.ENOENT)
    monkeypatch.setattr("radlearn.io.nrrd.read_nrrd", reader)
    with pytest.raises(ImageReadError):
        read_image(write("a.nrrd", b"content"))
    assert len(reader.codes) == 1


def test_an_alias_takes_the_place_of_the_path_in_all_messages(tmp_path):
    source = FileSource(tmp_path / "DOE.nii").named("image 1")
    assert "DOE" not in repr(source) + source.name
    with pytest.raises(ImageReadError, match="cannot read 'image 1': there is no such file"):
        read_image(source)
