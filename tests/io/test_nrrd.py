import bz2
import gzip

import numpy as np
import pytest

from memory import peak_memory
from radlearn.exceptions import GeometryError, ImageReadError, RadlearnWarning
from radlearn.io import FileSource, read_image


@pytest.mark.parametrize("encoding", ["raw", "gzip", "gz", "GZIP"])
def test_raw_and_compressed_voxels_hold_the_same(write, nrrd_bytes, volume, encoding):
    content = nrrd_bytes(encoding=encoding.lower())
    image = read_image(write("scan.NRRD", content.replace(b"gzip", encoding.encode())))
    assert np.array_equal(image.array, volume)
    assert image.array.dtype == np.int16
    assert image.spacing == (3.0, 0.7, 0.5)
    assert image.notes == ()


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (-1, -1, 1)),
        ("LPS", (-1, -1, 1)),
        ("right-anterior-superior", (1, 1, 1)),
        ("RAS", (1, 1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
    ],
)
def test_every_anatomical_space_leads_to_right_anterior_superior(write, nrrd_bytes, space, signs):
    affine = read_image(write("scan.nrrd", nrrd_bytes(space=space))).affine
    position = np.array([10 + 3 * 0.5, 20 + 2 * 0.7, 30 + 1 * 3]) * signs
    assert affine @ [1, 2, 3, 1] == pytest.approx([*position, 1])


@pytest.mark.parametrize(
    ("words", "dtype"),
    [
        ("unsigned char", "u1"),
        ("int8_t", "i1"),
        ("uint16", "u2"),
        ("signed short int", "i2"),
        ("int", "i4"),
        ("unsigned int", "u4"),
        ("long long int", "i8"),
        ("uint64_t", "u8"),
        ("float", "f4"),
        ("double", "f8"),
    ],
)
@pytest.mark.parametrize("endian", ["little", "big"])
def test_every_type_and_byte_order_keeps_its_values_in_native_order(write, nrrd_bytes, volume, words, dtype, endian):
    payload = volume.astype(np.dtype(dtype).newbyteorder({"little": "<", "big": ">"}[endian])).tobytes()
    array = read_image(write("scan.nrrd", nrrd_bytes(payload, type=words, endian=endian))).array
    assert np.array_equal(array, volume)
    assert array.dtype == np.dtype(dtype)


def test_bytes_need_no_byte_order(write, nrrd_bytes):
    assert read_image(write("mask.nrrd", nrrd_bytes(bytes(24), type="uchar", endian=None))).array.dtype == np.uint8


def test_comments_and_other_fields_and_key_value_pairs_are_skipped(write, nrrd_bytes, volume):
    content = nrrd_bytes(content="a scan: of a phantom", extra="modality:=CT\ntype:=not: a field\n# sizes: 1 1 1\n")
    assert np.array_equal(read_image(write("scan.nrrd", content)).array, volume)


def test_windows_line_ends_are_understood(write, nrrd_bytes, volume):
    header, payload = nrrd_bytes().split(b"\n\n", 1)
    content = header.replace(b"\n", b"\r\n") + b"\r\n\r\n" + payload
    assert np.array_equal(read_image(write("scan.nrrd", content)).array, volume)


def test_a_plane_image_is_read(write, nrrd_bytes):
    fields = {"dimension": "2", "sizes": "3 2", "kinds": "domain domain", "space_directions": "(0.5,0,0) (0,0.7,0)"}
    image = read_image(write("slice.nrrd", nrrd_bytes(bytes(12), **fields)))
    assert image.array.shape == (2, 3)
    assert image.spacing == (0.7, 0.5)
    assert np.allclose(image.affine, [[0, -0.5, -10], [-0.7, 0, -20], [0, 0, 1]])


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("mm", 1), ("m", 1000), ("cm", 10), ("um", 0.001), ("microns", 0.001), ("inch", 25.4), ("", 1), ("furlong", 1)],
)
def test_lengths_are_converted_to_mm(write, nrrd_bytes, unit, factor):
    content = nrrd_bytes(space_units=" ".join([f'"{unit}"'] * 3))
    image = read_image(write("scan.nrrd", content))
    assert image.spacing == pytest.approx((3 * factor, 0.7 * factor, 0.5 * factor))
    assert image.affine[:3, 3] == pytest.approx([-10 * factor, -20 * factor, 30 * factor])


def test_different_units_are_refused(write, nrrd_bytes):
    with pytest.raises(ImageReadError, match=r"different units \(mm, mm, m\)"):
        read_image(write("scan.nrrd", nrrd_bytes(space_units='"mm" "mm" "m"')))


def test_spacings_without_directions_give_a_voxel_size_but_no_orientation(write, nrrd_bytes):
    content = nrrd_bytes(space=None, space_directions=None, space_origin=None, spacings="0.5 0.7 3")
    path = write("scan.nrrd", content)
    with pytest.warns(RadlearnWarning, match="does not say how the patient lies"):
        image = read_image(path)
    assert image.spacing == (3.0, 0.7, 0.5)
    assert image.affine is None


def test_a_space_that_is_not_anatomical_gives_no_orientation(write, nrrd_bytes):
    path = write("scan.nrrd", nrrd_bytes(space="scanner-xyz"))
    with pytest.warns(RadlearnWarning, match="does not say how the patient lies"):
        image = read_image(path)
    assert image.spacing == (3.0, 0.7, 0.5)
    assert image.affine is None


def test_directions_of_two_numbers_give_a_voxel_size_but_no_orientation(write, nrrd_bytes):
    fields = {"sizes": "3 2", "kinds": "domain domain", "space_directions": "(0.5,0) (0,0.7)", "space_origin": "(1,2)"}
    path = write("slice.nrrd", nrrd_bytes(bytes(12), **fields))
    with pytest.warns(RadlearnWarning, match="does not say how the patient lies"):
        image = read_image(path)
    assert image.spacing == (0.7, 0.5)
    assert image.affine is None


def test_a_missing_voxel_size_is_told_unless_it_is_given(write, nrrd_bytes):
    path = write("scan.nrrd", nrrd_bytes(space=None, space_directions=None, space_origin=None))
    with pytest.warns(RadlearnWarning, match="has no voxel size"):
        assert read_image(path).spacing is None
    with pytest.warns(RadlearnWarning, match="does not say how the patient lies"):
        assert read_image(path, spacing=2).spacing == (2.0, 2.0, 2.0)


def test_a_given_spacing_keeps_directions_and_origin(write, nrrd_bytes):
    image = read_image(write("scan.nrrd", nrrd_bytes()), spacing=(4, 2, 1))
    assert image.spacing == (4.0, 2.0, 1.0)
    assert np.allclose(image.affine, [[0, 0, -1, -10], [0, -2, 0, -20], [4, 0, 0, 30], [0, 0, 0, 1]])


def test_axes_of_one_element_are_dropped_wherever_they_are(write, nrrd_bytes, volume):
    fields = {
        "dimension": "5",
        "sizes": "1 4 3 2 1",
        "kinds": "list domain domain domain domain",
        "space_directions": "none (0.5,0,0) (0,0.7,0) (0,0,3) (0,0,0)",
    }
    image = read_image(write("scan.nrrd", nrrd_bytes(**fields)))
    assert np.array_equal(image.array, volume)
    assert image.spacing == (3.0, 0.7, 0.5)


ENCODERS = {
    "bzip2": bz2.compress,
    "bz2": bz2.compress,
    "hex": lambda raw: raw.hex(" ", 2).encode(),
    "ascii": lambda raw: " ".join(map(str, np.frombuffer(raw, np.int16))).encode(),
}


@pytest.mark.parametrize("encoding", ENCODERS)
def test_rare_encodings_hold_the_same(write, nrrd_bytes, volume, encoding):
    payload = ENCODERS[encoding](volume.tobytes())
    image = read_image(write("scan.nrrd", nrrd_bytes(payload, encoding=encoding)))
    assert np.array_equal(image.array, volume)


def test_text_needs_no_byte_order(write, nrrd_bytes, volume):
    payload = ENCODERS["ascii"](volume.tobytes())
    assert np.array_equal(read_image(write("a.nrrd", nrrd_bytes(payload, encoding="text", endian=None))).array, volume)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_lines_and_bytes_before_the_voxels_are_skipped(write, nrrd_bytes, volume, encoding):
    lines, skipped = (b"a line\nanother\n", b"abc") if encoding == "raw" else (b"", b"abc")
    content = nrrd_bytes(
        lines + skipped + volume.tobytes(), encoding=encoding, line_skip=lines.count(b"\n"), byte_skip=3
    )
    assert np.array_equal(read_image(write("scan.nrrd", content)).array, volume)


@pytest.mark.parametrize("encoding", ["raw", "gzip", "hex"])
def test_a_detached_header_finds_its_voxels_in_its_folder(write, nrrd_bytes, zip_file, volume, encoding):
    payload = ENCODERS["hex"](volume.tobytes()) if encoding == "hex" else volume.tobytes()
    header, payload = nrrd_bytes(payload, encoding=encoding, data_file="./scan.raw").split(b"\n\n", 1)
    write("scan.raw", payload)
    archive = zip_file({"a/scan.nhdr": header, "a/scan.raw": payload})
    for source in (write("scan.nhdr", header + b"\n"), FileSource(archive, "a/scan.nhdr")):
        image = read_image(source)
        assert np.array_equal(image.array, volume)
        assert image.spacing == (3.0, 0.7, 0.5)


@pytest.mark.parametrize("place", [0, 3])
def test_one_volume_of_a_series_is_read_wherever_its_axis_stands(write, nrrd_bytes, place):
    series = np.arange(5 * 24, dtype=np.int16).reshape(5, 2, 3, 4)
    axes = ["4", "3", "2"], ["domain"] * 3, ["(0.5,0,0)", "(0,0.7,0)", "(0,0,3)"]
    for words, word in zip(axes, ("5", "list", "none"), strict=True):
        words.insert(place, word)
    sizes, kinds, directions = map(" ".join, axes)
    payload = np.moveaxis(series, 0, 3 - place).tobytes()
    path = write("a.nrrd", nrrd_bytes(payload, dimension="4", sizes=sizes, kinds=kinds, space_directions=directions))
    for volume in range(5):
        image = read_image(path, volume=volume)
        assert np.array_equal(image.array, series[volume])
        assert image.spacing == (3.0, 0.7, 0.5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"sizes": "3 4 2", "kinds": "RGB-color domain domain", "space_directions": "none (1,0,0) (0,1,0)"},
            "3 dimensions .3 values of the kind 'rgb-color'., .* choose one with volume=, from 0 to 2",
        ),
        ({"sizes": "4 3 1 2", "kinds": "domain domain domain domain", "space_directions": None}, "4 dimensions"),
    ],
)
def test_several_values_per_voxel_are_refused(write, nrrd_bytes, fields, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(write("scan.nrrd", nrrd_bytes(**fields)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"data_file": "scan.raw"}, "its voxels are in another file; give it the ending .nhdr"),
        ({"datafile": "LIST"}, "its voxels are in another file"),
        ({"encoding": "lzma"}, "its encoding is 'lzma'; convert it, for example with SimpleITK"),
        ({"type": "block"}, "its type is 'block'"),
        ({"byte_skip": "-1"}, "has the field 'byte skip: -1'; convert it"),
        ({"sizes": "4 3 2 0", "kinds": None, "space_directions": None}, "declares 4 x 3 x 2 x 0 voxels"),
        ({"endian": None}, "lacks the field 'endian'"),
        ({"sizes": None}, "lacks the field 'sizes'"),
        ({"sizes": "4 3 x"}, "has the field 'sizes: 4 3 x'"),
        ({"sizes": "4 3 2.5"}, "has the field 'sizes: 4 3 2.5'"),
        ({"sizes": "4 3 nan"}, "has the field 'sizes: 4 3 nan'"),
        ({"sizes": "4 -3 2"}, "declares 4 x -3 x 2 voxels"),
        ({"sizes": "4 0 2"}, "declares 4 x 0 x 2 voxels"),
        ({"sizes": "24", "kinds": "domain", "space_directions": "(1,0,0)"}, "only one dimension"),
        ({"kinds": "domain domain"}, "field 'kinds' has 2 entries for 3 axes"),
        ({"space_directions": "(1,0,0) (0,1,0)"}, "field 'space directions' has 2 entries for 3 axes"),
        ({"space_directions": "(1,0) (0,1,0) (0,0,1)"}, "has the field 'space directions"),
        ({"space_directions": "(1,0,0) (0,1,0) (0,0,x)"}, "has the field 'space directions"),
        ({"sizes": "30000 30000 30000"}, "30000 x 30000 x 30000 voxels of int16 .*, the file has"),
        ({"sizes": "30000 30000 30000", "encoding": "gzip"}, r"voxels of int16 \(54 TB\), the file has"),
        ({"sizes": "4 3 3"}, "the file has"),
        ({"sizes": "4 3 3", "encoding": "gzip"}, "it ends after 48 bytes of the 72 bytes of its voxels"),
    ],
)
def test_an_impossible_header_is_refused(write, nrrd_bytes, fields, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(write("scan.nrrd", nrrd_bytes(**fields)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"space_directions": "(1,0,0) (0.1,1,0) (0,0,1)"}, "sheared axes"),
        ({"space_directions": "(1,0,0) (0,0,0) (0,0,1)"}, r"voxel size \[1.0, 0.0, 1.0\]"),
        ({"space_directions": "(1,0,0) (0,nan,0) (0,0,1)"}, "voxel size"),
        ({"space_origin": "(0,inf,0)"}, "NaN or infinity in its affine"),
    ],
)
def test_an_impossible_geometry_is_refused(write, nrrd_bytes, fields, message):
    with pytest.raises(GeometryError, match=message):
        read_image(write("scan.nrrd", nrrd_bytes(**fields)))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: raw[:4], "it is not an NRRD image"),
        (lambda raw: raw[:60], "lacks the field"),
        (lambda raw: raw.replace(b"NRRD0004", b"NRRD0009"), "it is not an NRRD image"),
        (lambda raw: b"<!DOCTYPE html><html>", "looks like a web page"),
        (lambda raw: raw[:-1], "the file has"),
        (lambda raw: b"NRRD0004\n" + b"# comment\n" * 200_000 + raw[9:], "no end within 1,048,576 bytes"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(write, nrrd_bytes, damage, message):
    with pytest.raises(ImageReadError, match=rf"cannot read '.*scan.nrrd': .*{message}"):
        read_image(write("scan.nrrd", damage(nrrd_bytes())))


def test_a_gzip_bomb_behind_a_small_header_is_not_expanded(write, nrrd_bytes, volume):
    header = nrrd_bytes(encoding="gzip").split(b"\n\n", 1)[0] + b"\n\n"
    path = write("bomb.nrrd", header + gzip.compress(volume.tobytes() + bytes(5 * 10**7), compresslevel=1))
    with peak_memory() as memory:
        image = read_image(path)
    assert np.array_equal(image.array, volume)
    assert memory.peak < 5 * 10**6
