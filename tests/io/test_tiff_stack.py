import numpy as np
import pytest
import tifffile
from PIL import Image

from radlearn.exceptions import GeometryError, ImageReadError
from radlearn.io import limits as limits_module, read_image

STACK = np.arange(3 * 5 * 7, dtype=np.uint16).reshape(3, 5, 7) * 600


@pytest.fixture
def stack(tmp_path):
    """Write a stack with tifffile and give its path."""

    def write(array=STACK, **options):
        tifffile.imwrite(tmp_path / "stack.tif", array, **{"photometric": "minisblack", **options})
        return tmp_path / "stack.tif"

    return write


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "f4"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_pages_are_the_slices_of_a_volume(stack, dtype, compression):
    array = (STACK / 300).astype(dtype)
    image = read_image(stack(array, compression=compression), spacing=(2, 1, 0.5))
    assert np.array_equal(image.array, array)
    assert image.array.dtype == array.dtype.newbyteorder("=")
    assert image.spacing == (2.0, 1.0, 0.5)


@pytest.mark.parametrize(("unit", "scale"), [("mm", 1), ("um", 1e-3), ("micron", 1e-3), ("\\u00B5m", 1e-3), ("cm", 10)])
def test_the_voxel_size_of_imagej_is_read(stack, unit, scale):
    path = stack(imagej=True, resolution=(4, 2), metadata={"axes": "ZYX", "spacing": 3.0, "unit": unit})
    image = read_image(path)
    assert np.array_equal(image.array, STACK)
    assert image.spacing == pytest.approx((3 * scale, 0.5 * scale, 0.25 * scale))


@pytest.mark.parametrize(("unit", "scale"), [(None, 1e-3), ("mm", 1), ("µm", 1e-3)])
def test_the_voxel_size_of_ome_is_read(stack, unit, scale):
    units = {} if unit is None else {f"PhysicalSize{axis}Unit": unit for axis in "XYZ"}
    sizes = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5, "PhysicalSizeZ": 3.0}
    image = read_image(stack(ome=True, metadata={"axes": "ZYX", **sizes, **units}))
    assert np.array_equal(image.array, STACK)
    assert image.spacing == pytest.approx((3 * scale, 0.5 * scale, 0.25 * scale))


@pytest.mark.parametrize(
    "options",
    [
        {"metadata": None},
        {"metadata": None, "resolution": (300, 300)},
        {"imagej": True, "resolution": (4, 2), "metadata": {"axes": "ZYX", "spacing": 3.0}},
        {"imagej": True, "resolution": (4, 2), "metadata": {"axes": "ZYX", "spacing": -3.0, "unit": "mm"}},
        {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.5}},
    ],
)
def test_a_stack_of_unknown_voxel_size_needs_one(stack, options):
    path = stack(**options)
    with pytest.raises(
        GeometryError, match=r"stack.tif' is a stack of 3 pages without a usable voxel size; pass it with"
    ):
        read_image(path)
    assert read_image(path, spacing=1).spacing == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"imagej": True, "metadata": {"axes": "CYX"}}, "it holds 3 channels"),
        ({"imagej": True, "metadata": {"axes": "TYX"}}, "it holds 3 times; save one of them"),
        ({"ome": True, "metadata": {"axes": "CYX"}}, "it holds 3 channels"),
        ({"ome": True, "metadata": {"axes": "TYX"}}, "it holds 3 times"),
    ],
)
def test_channels_and_times_are_no_slices(stack, options, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(stack(**options), spacing=1)


def test_a_stack_in_color_becomes_luminance_or_one_channel(tmp_path):
    colors = np.random.default_rng(0).integers(0, 256, (3, 5, 7, 3), dtype=np.uint8)
    pages = [Image.fromarray(page) for page in colors]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    grey = np.stack([np.asarray(page.convert("L")) for page in pages])
    assert np.array_equal(read_image(tmp_path / "a.tif", spacing=1).array, grey)
    assert np.array_equal(read_image(tmp_path / "a.tif", spacing=1, channel=2).array, colors[..., 2])


def test_pages_are_turned_upright(tmp_path):
    pages = [Image.fromarray(page.astype(np.uint8)) for page in STACK]
    for page in pages:
        page.getexif()[0x0112] = 6
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:], exif=pages[0].getexif())
    array = read_image(tmp_path / "a.tif", spacing=1).array
    assert np.array_equal(array[0], np.rot90(STACK[0].astype(np.uint8), -1))


@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((7, 5), np.uint8, "page 1 has 5 x 7 pixels, the first 7 x 5; save the pages that are slices"),
        ((5, 7), np.float32, "page 1 is of type float32, the first of uint8; save the pages that are slices"),
    ],
)
def test_pages_must_be_alike(tmp_path, shape, dtype, message):
    first, second = Image.fromarray(np.zeros((5, 7), np.uint8)), Image.fromarray(np.zeros(shape, dtype))
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    with pytest.raises(ImageReadError, match=message):
        read_image(tmp_path / "a.tif", spacing=1)


def test_a_stack_above_the_limit_is_refused(stack, monkeypatch):
    monkeypatch.setattr(limits_module, "MAX_VOXELS", 100)
    with pytest.raises(ImageReadError, match=r"3 x 5 x 7 voxels of uint16 .*the limit is 100 voxels"):
        read_image(stack(), spacing=1)


def test_a_stack_with_16_bits_per_color_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 5, 7, 3), np.uint16), photometric="rgb")
    with pytest.raises(ImageReadError, match="16 bits per color"):
        read_image(tmp_path / "a.tif", spacing=1)
