import io
import logging
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageOps

from image_files import png_of_header
from radlearn.exceptions import ImageReadError
from radlearn.io import FileSource, limits as limits_module, read_image
from radlearn.io.raster import luminance

COLORS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
GREY = np.arange(35, dtype=np.uint8).reshape(5, 7)
DEEP = (np.arange(35, dtype=np.uint16) * 1000).reshape(5, 7)


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.tif", "a.tiff", "a.Tif"])
@pytest.mark.parametrize("array", [GREY, DEEP], ids=["8 bit", "16 bit"])
def test_grey_images_keep_values_and_type(picture, array, name):
    image = read_image(picture(array, name))
    assert np.array_equal(image.array, array)
    assert image.array.dtype == array.dtype
    assert image.spacing is None
    assert image.affine is None


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.JPG"])
def test_jpeg_is_read_nearly_as_it_was_written(picture, name):
    array = np.full((16, 16), 77, np.uint8)
    assert np.abs(read_image(picture(array, name)).array.astype(int) - 77).max() <= 1


def test_the_content_tells_the_format_where_the_ending_is_wrong(picture):
    assert np.array_equal(read_image(picture(GREY, "a.jpg", format="PNG")).array, GREY)


@pytest.mark.parametrize("name", ["mask.png", "mask.tif"])
def test_one_bit_becomes_zero_and_one(picture, name):
    mask = np.eye(9, dtype=bool)
    array = read_image(picture(mask, name)).array
    assert array.dtype == np.uint8
    assert np.array_equal(array, mask)


def test_color_becomes_the_luminance_of_pillow(picture):
    array = read_image(picture(COLORS)).array
    assert np.array_equal(array, np.asarray(Image.fromarray(COLORS).convert("L")))


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_channel_can_be_asked_for(picture, channel):
    assert np.array_equal(read_image(picture(COLORS), channel=channel).array, COLORS[..., channel])


def test_a_grey_image_has_one_channel_whatever_is_asked_for(picture):
    assert np.array_equal(read_image(picture(GREY), channel=2).array, GREY)


@pytest.mark.parametrize("channel", [3, -1, "red", 0.5, True])
def test_another_channel_is_a_mistake_of_the_caller(picture, channel):
    with pytest.raises((ValueError, TypeError), match="channel must be"):
        read_image(picture(COLORS), channel=channel)


def test_transparency_is_dropped(picture):
    transparent = np.dstack([COLORS, np.zeros((5, 7), np.uint8)])
    assert np.array_equal(read_image(picture(transparent)).array, luminance(COLORS))
    grey = np.dstack([GREY, np.zeros((5, 7), np.uint8)])
    assert np.array_equal(read_image(picture(grey)).array, GREY)


def test_a_palette_is_looked_up(tmp_path):
    image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8)).convert("P")
    image.putpalette([10, 10, 10, 255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "palette.png", transparency=1)
    assert read_image(tmp_path / "palette.png").array.tolist() == [[10, 76], [150, 76]]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_other_colors_are_converted(picture, mode):
    grey = np.full((16, 16, 3), 100, np.uint8)
    assert np.abs(read_image(picture(grey, "a.jpg", mode=mode)).array.astype(int) - 100).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_the_orientation_of_the_camera_is_applied(tmp_path, name, orientation):
    image = Image.fromarray(GREY)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / name, exif=exif, quality=100)
    upright = np.asarray(ImageOps.exif_transpose(image))
    assert np.allclose(read_image(tmp_path / name).array, upright, atol=2)


def test_a_given_spacing_is_passed_on(picture):
    assert read_image(picture(GREY), spacing=0.1).spacing == (0.1, 0.1)
    with pytest.raises(ValueError, match="spacing must be one number or 2 numbers"):
        read_image(picture(GREY), spacing=(1, 1, 1))


# 16 bits per color


def png_of_16_bits(array, filters=(0, 1, 2, 3, 4), *, interlaced=0, n_rows=None):
    """Encode an array (y, x, samples) of uint16 as PNG; row r is predicted by filters[r % len(filters)]."""
    height, width, n_samples = array.shape
    step = 2 * n_samples
    raw = array.astype(">u2").reshape(height, width * n_samples).view(np.uint8).astype(int)
    rows = []
    for row in range(height):
        kind = filters[row % len(filters)]
        up = raw[row - 1] if row else np.zeros_like(raw[0])
        left, corner = (np.r_[np.zeros(step, int), values[:-step]] for values in (raw[row], up))
        guess = left + up - corner
        distances = np.abs([guess - left, guess - up, guess - corner])
        paeth = np.choose(distances.argmin(axis=0), [left, up, corner])
        prediction = [0 * up, left, up, (left + up) // 2, paeth][kind]
        rows.append(bytes([kind]) + ((raw[row] - prediction) % 256).astype(np.uint8).tobytes())
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[n_samples]
    data = zlib.compress(b"".join(rows[:n_rows]))
    return png_of_header(width, height, data, depth=16, color_type=color_type, interlaced=interlaced)


@pytest.mark.parametrize("n_samples", [1, 2, 3, 4])
@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (4, 0, 3, 1, 2)])
def test_png_of_16_bits_per_sample_keeps_them(write, n_samples, filters):
    array = np.random.default_rng(n_samples).integers(0, 2**16, (6, 5, n_samples), dtype=np.uint16)
    read = read_image(write("deep.png", png_of_16_bits(array, filters))).array
    expected = array[..., 0] if n_samples < 3 else luminance(array[..., :3])
    assert read.dtype == np.uint16
    assert np.array_equal(read, expected)


def test_the_encoder_of_these_tests_agrees_with_pillow():
    array = np.random.default_rng(0).integers(0, 2**16, (6, 5, 3), dtype=np.uint16)
    with Image.open(io.BytesIO(png_of_16_bits(array))) as image:
        assert np.array_equal(np.asarray(image), array >> 8)


def test_damaged_png_of_16_bits_per_color_is_refused(write):
    content = png_of_16_bits(np.ones((6, 5, 3), np.uint16))
    with pytest.raises(ImageReadError, match="damaged"):
        read_image(write("deep.png", content[:-30]))
    with pytest.raises(ImageReadError, match="its pixels are cut off or damaged"):
        read_image(write("deep.png", png_of_16_bits(np.ones((6, 5, 3), np.uint16), n_rows=5)))
    with pytest.raises(ImageReadError, match="interlaced"):
        read_image(write("deep.png", png_of_16_bits(np.ones((6, 5, 3), np.uint16), interlaced=1)))


@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_tiff_of_16_bits_per_color_keeps_them(tmp_path, planarconfig):
    colors = np.random.default_rng(0).integers(0, 2**16, (5, 7, 3), dtype=np.uint16)
    stored = colors if planarconfig == "contig" else np.moveaxis(colors, -1, 0)
    tifffile.imwrite(tmp_path / "deep.tif", stored, photometric="rgb", planarconfig=planarconfig)
    assert np.array_equal(read_image(tmp_path / "deep.tif").array, luminance(colors))
    assert np.array_equal(read_image(tmp_path / "deep.tif", channel=1).array, colors[..., 1])


def test_compressed_tiff_of_16_bits_per_color_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "deep.tif", np.zeros((5, 7, 3), np.uint16), photometric="rgb", compression="zlib")
    with pytest.raises(ImageReadError, match="more than 8 bits per color; save it with 8 bits per color"):
        read_image(tmp_path / "deep.tif")


def test_truncated_tiff_of_16_bits_per_color_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "deep.tif", np.zeros((50, 70, 3), np.uint16), photometric="rgb")
    content = (tmp_path / "deep.tif").read_bytes()
    (tmp_path / "deep.tif").write_bytes(content[:-1000])
    with pytest.raises(ImageReadError, match="it is cut off after"):
        read_image(tmp_path / "deep.tif")


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2**16 - 1), min_size=3, max_size=3))
def test_luminance_lies_within_one_step_of_its_definition(color):
    exact = np.dot([0.299, 0.587, 0.114], color)
    assert abs(int(luminance(np.array([[color]], np.uint16))[0, 0]) - exact) <= 1


def test_luminance_is_that_of_pillow_for_every_color():
    colors = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    assert np.array_equal(luminance(colors), np.asarray(Image.fromarray(colors).convert("L")))


def test_luminance_of_grey_is_the_same_grey():
    grey = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(luminance(np.dstack([grey] * 3)), grey)


# TIFF


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4"])
def test_tiff_values_mean_what_their_type_says(tmp_path, dtype):
    dtype = np.dtype(dtype)
    bounds = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    array = np.array([[bounds.min, 0, 1], [2, 3, bounds.max]], dtype)
    tifffile.imwrite(tmp_path / "a.tif", array)
    assert read_image(tmp_path / "a.tif").array.tolist() == array.tolist()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u2", "i2", "i4", "f4"])
def test_compression_and_byte_order_of_tiff_change_nothing(tmp_path, dtype, byteorder, compression):
    stack = np.arange(2 * 35).reshape(2, 5, 7).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", stack, byteorder=byteorder, compression=compression, photometric="minisblack")
    assert np.array_equal(read_image(tmp_path / "a.tif", spacing=1).array, stack)


def test_tiff_of_64_bits_is_refused_with_a_kind_that_keeps_decimals(tmp_path):
    tifffile.imwrite(tmp_path / "image.tif", np.full((4, 5), 0.5))
    with pytest.raises(ImageReadError, match=r"kind that Pillow cannot read; .*TIFF of 32-bit floats"):
        read_image(tmp_path / "image.tif")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_whose_white_is_zero_is_inverted(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", GREY.astype(dtype), photometric="miniswhite")
    assert np.array_equal(read_image(tmp_path / "a.tif").array, np.iinfo(dtype).max - GREY.astype(dtype))


# Damage and hostility


@pytest.mark.parametrize("name", ["page.png", "page.jpg", "page.tif"])
@pytest.mark.parametrize("head", [b"<!DOCTYPE html>\n<html>", b"\n\n  <HTML><body>", b"\xef\xbb\xbf<html lang=de>"])
def test_a_web_page_under_the_name_of_an_image_is_recognized(write, name, head):
    with pytest.raises(ImageReadError, match=rf"{name}': .* it looks like a web page; was the download complete?"):
        read_image(write(name, head + b"<p>Please log in</p>"))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_a_truncated_picture_is_refused(picture, name):
    path = picture(np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8), name)
    content = path.read_bytes()
    for length in (0, 5, 30, len(content) // 2):
        path.write_bytes(content[:length])
        with pytest.raises(ImageReadError, match=rf"cannot read '.*{name}'"):
            read_image(path)


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (20_000, "more than 178,956,970 pixels"),
        (13_000, "declares 13000 x 13000 pixels, the file has"),
        (500, "damaged"),
    ],
)
def test_a_png_is_refused_by_the_number_of_pixels_in_its_header(write, side, words):
    content = png_of_header(side, side, zlib.compress(bytes(1000)))
    with pytest.raises(ImageReadError, match=words):
        read_image(write("bomb.png", content))


def test_the_limit_of_pixels_is_our_own(picture, monkeypatch):
    monkeypatch.setattr(limits_module, "MAX_PIXELS", 30)
    with pytest.raises(ImageReadError, match="it declares 7 x 5 pixels, the limit is 30"):
        read_image(picture(GREY))


def test_another_kind_of_picture_is_refused(picture):
    with pytest.raises(ImageReadError, match="it is not a PNG, JPEG or TIFF image"):
        read_image(picture(GREY, "a.png", format="BMP"))


@pytest.mark.parametrize("name", ["a.tif", "a.jpg"])
def test_no_log_tells_what_stands_in_tags(picture, caplog, name):
    tags = Image.Exif()
    tags[270] = "Doe"
    path = picture(GREY, name, exif=tags)
    with caplog.at_level(logging.DEBUG):
        read_image(path)
    assert b"Doe" in path.read_bytes()
    assert "Doe" not in caplog.text


def test_a_picture_has_neither_rows_nor_keys(picture):
    with pytest.raises(ImageReadError, match=r"picture.png\[3\]': only .npy, .npz and DICOM files have rows"):
        read_image(FileSource(picture(GREY), row=3))
    with pytest.raises(ImageReadError, match=r"picture.png:images': only .npz files have keys"):
        read_image(FileSource(picture(GREY), key="images"))


@pytest.mark.parametrize("name", ["scan.dcm2", "scan", "scan.gz", "png", "table.csv"])
def test_an_unknown_ending_lists_the_known_ones(write, name):
    with pytest.raises(ImageReadError, match=r"the ending of its name .*; supported are .nii, .nii.gz, .nrrd, "):
        read_image(write(name, b"content"))


@pytest.mark.parametrize("name", ["scan.hdr", "SCAN.IMG"])
def test_a_pair_of_files_is_to_be_converted(write, name):
    with pytest.raises(ImageReadError, match=r"one of a pair of files .*; convert the pair to one .nii file"):
        read_image(write(name, b"content"))
