from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    HTJ2KLossless,
    JPEGLSLossless,
    UltrasoundImageStorage,
)

from dicom_files import ct_slice, dataset, item, pixels, run_length_encoded, save, write_enhanced
from memory import peak_memory
from radlearn import Case
from radlearn.exceptions import GeometryError, ImageReadError, RadlearnWarning
from radlearn.io import limits, read_image

GREY = np.arange(12, dtype=np.uint16).reshape(3, 4)


def picture(path, array=GREY, **elements):
    defaults = {"Modality": "DX", "ImagerPixelSpacing": None, "PixelSpacing": [0.2, 0.1]}
    return save(path, dataset(DigitalXRayImageStorageForPresentation, **{**pixels(array), **defaults, **elements}))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "image.dcm"


def bundled(name):
    return get_testdata_file(name, download=False)


@pytest.mark.parametrize(("dtype", "bits", "highest"), [(np.uint16, 12, 4095), (np.uint8, 8, 255), (np.int16, 16, -1)])
def test_an_image_in_which_white_is_zero_is_inverted_in_the_range_of_its_bits(path, dtype, bits, highest):
    array = np.arange(12, dtype=dtype).reshape(3, 4)
    bit_depth = {"BitsStored": bits, "HighBit": bits - 1}
    picture(path, array, PhotometricInterpretation="MONOCHROME1", **bit_depth)
    volume = Case(path).load()
    assert np.array_equal(volume.image, highest - array.astype(float))
    assert volume.history == ({"step": "read_dicom", "parameters": {"inverted": True}},)


def test_bits_that_are_not_the_lowest_ones_are_refused(path):
    picture(path, GREY << 4, BitsStored=12, HighBit=15)
    with pytest.raises(ImageReadError, match=r"its 12 stored bits end at bit 15, not at bit 11 \(HighBit\)"):
        read_image(path)


def test_an_image_in_which_black_is_zero_stays(path):
    volume = Case(picture(path)).load()
    assert np.array_equal(volume.image, GREY)
    assert volume.spacing == (0.2, 0.1)
    assert volume.modality == "DX"
    assert volume.history == ()


@pytest.mark.parametrize("size", [None, [0.2, 0.1]])
def test_a_pixel_size_at_the_detector_is_used_with_a_warning(path, size):
    picture(path, PixelSpacing=size, ImagerPixelSpacing=[0.2, 0.1])
    with pytest.warns(RadlearnWarning, match="that of the detector"):
        assert read_image(path).spacing == (0.2, 0.1)


def test_a_pixel_size_that_was_corrected_to_the_patient_needs_no_warning(path):
    picture(path, PixelSpacing=[0.18, 0.09], ImagerPixelSpacing=[0.2, 0.1])
    assert read_image(path).spacing == (0.18, 0.09)


def test_a_picture_without_pixel_size_is_read_with_a_warning(path):
    picture(path, PixelSpacing=None)
    with pytest.warns(RadlearnWarning, match=r"has no pixel size: 1 mm is assumed(.|\n)*spacing="):
        assert read_image(path).spacing is None
    assert read_image(path, spacing=0.3).spacing == (0.3, 0.3)


def test_a_pixel_size_that_is_given_takes_the_place_of_an_impossible_one(path):
    picture(path, PixelSpacing=[0, 0], ImagePositionPatient=[0, 0, 0], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    with pytest.raises(GeometryError, match="pass the true one with spacing="):
        read_image(path)
    assert read_image(path, spacing=0.3).spacing == (0.3, 0.3)


def test_the_pixel_size_of_ultrasound_stands_in_its_region_in_cm(path):
    region = item(PhysicalUnitsXDirection=3, PhysicalUnitsYDirection=3, PhysicalDeltaX=0.02, PhysicalDeltaY=0.03)
    save(path, dataset(UltrasoundImageStorage, Modality="US", SequenceOfUltrasoundRegions=[region], **pixels(GREY)))
    assert read_image(path).spacing == pytest.approx((0.3, 0.2))


def test_color_becomes_luminance_or_one_channel(path):
    array = np.zeros((2, 3, 3), np.uint8)
    array[..., 0], array[..., 2] = 255, 10
    elements = {**pixels(array), "Rows": 2, "Columns": 3, "SamplesPerPixel": 3, "PlanarConfiguration": 0}
    save(path, dataset(UltrasoundImageStorage, **{**elements, "PhotometricInterpretation": "RGB"}, PixelSpacing=[1, 1]))
    assert np.array_equal(read_image(path).array, np.full((2, 3), 77))  # 0.299 * 255 + 0.114 * 10
    assert np.array_equal(read_image(path, channel=2).array, np.full((2, 3), 10))


def test_a_lookup_table_takes_the_place_of_rescaling(path):
    table = item(LUTDescriptor=[12, 0, 16], ModalityLUTType="HU", LUTData=[7 * value for value in range(12)])
    table["LUTData"].VR = "US"
    table["LUTDescriptor"].VR = "US"
    picture(path, ModalityLUTSequence=[table])
    assert np.array_equal(read_image(path).array, 7 * GREY)


@pytest.mark.parametrize("slope", [0, "nan"])
def test_a_rescale_slope_that_makes_no_sense_is_refused(path, slope):
    picture(path, RescaleIntercept=0, RescaleSlope=1)
    data = dcmread(path)
    data["RescaleSlope"]._value = slope
    dcmwrite(path, data)
    with pytest.raises(ImageReadError, match=r"rescale slope is (0|nan)"):
        read_image(path)


@pytest.mark.parametrize("alone", ["RescaleSlope", "RescaleIntercept"])
def test_a_rescale_slope_or_intercept_alone_is_refused(path, alone):
    message = rf"image.dcm': of its rescale slope and intercept, it has the {alone} alone"
    picture(path, **{alone: 2})
    with pytest.raises(ImageReadError, match=message):
        read_image(path)
    enhanced = dcmread(write_enhanced(path, np.stack([GREY, GREY]), places=[0, 1], slopes=[1, 2]))
    missing = {"RescaleSlope": "RescaleIntercept", "RescaleIntercept": "RescaleSlope"}[alone]
    for groups in enhanced.PerFrameFunctionalGroupsSequence:
        del groups.PixelValueTransformationSequence[0][missing]
    with pytest.raises(ImageReadError, match=message):
        read_image(save(path, enhanced))


def test_pixels_that_are_missing_are_told(path):
    data = ct_slice(GREY, (0, 0, 0))
    del data.PixelData
    with pytest.raises(ImageReadError, match=r"it has no pixels"):
        read_image(save(path, data))


@pytest.mark.parametrize("change", [{"Rows": 400}, {"Columns": 60_000, "Rows": 60_000}, {"NumberOfFrames": 2**31 - 1}])
def test_more_pixels_than_the_file_holds_are_refused_before_memory_is_taken(path, change):
    picture(path, **change)
    with peak_memory() as memory, pytest.raises(ImageReadError, match=r"declares"):
        read_image(path)
    assert memory.peak < 10e6


def test_a_file_that_is_deflated_as_a_whole_is_read_unless_it_could_expand_beyond_the_limit(monkeypatch):
    name = bundled("image_dfl.dcm")
    assert dcmread(name, specific_tags=[]).file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    assert read_image(name, spacing=1).array.shape == (512, 512)
    monkeypatch.setattr(limits, "MAX_BYTES", 10**6)
    with pytest.raises(ImageReadError, match=r"deflated as a whole; save it with another transfer syntax"):
        read_image(name, spacing=1)


def test_run_lengths_are_decoded_without_an_extra(path):
    save(path, run_length_encoded(ct_slice(GREY, (0, 0, 0))))
    assert np.array_equal(read_image(path).array, GREY - 1000.0)


def test_compressed_pixels_without_a_decoder_name_the_extra(monkeypatch):
    decoder = get_decoder(JPEGLSLossless)
    monkeypatch.setattr(decoder, "_available", {})
    monkeypatch.setattr(decoder, "_unavailable", {"gdcm": ("gdcm>=3.0.10",)})  # whether it is installed or not
    with pytest.raises(
        ImageReadError, match=r'\(JPEG-LS Lossless.*\) need a decoder(.|\n)*pip install "radlearn\[dicom\]'
    ):
        read_image(bundled("MR_small_jpeg_ls_lossless.dcm"))


def test_a_decoder_that_no_extra_brings_is_named(path, monkeypatch):
    monkeypatch.setattr(get_decoder(HTJ2KLossless), "_available", {})
    data = ct_slice(GREY, (0, 0, 0), PixelData=encapsulate([b"no such stream"]))
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = HTJ2KLossless
    with pytest.raises(ImageReadError, match=r"install one that pydicom knows \(pylibjpeg - requires pylibjpeg"):
        read_image(save(path, data))


@pytest.mark.parametrize("name", ["MR_small_jpeg_ls_lossless.dcm", "MR_small_jp2klossless.dcm"])
def test_lossless_compression_changes_nothing(name):
    pytest.importorskip("gdcm")
    assert np.array_equal(read_image(bundled(name)).array, read_image(bundled("MR_small.dcm")).array)


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm"])
def test_every_encoding_of_one_image_gives_the_same(name):
    assert np.array_equal(read_image(bundled(name)).array, read_image(bundled("MR_small.dcm")).array)


def test_values_agree_with_those_of_pydicom():
    data = dcmread(bundled("CT_small.dcm"))
    image = read_image(bundled("CT_small.dcm"))
    assert np.array_equal(image.array, data.pixel_array * float(data.RescaleSlope) + float(data.RescaleIntercept))
    assert image.spacing == pytest.approx(data.PixelSpacing)


def test_a_dose_is_a_volume():
    data = dcmread(bundled("rtdose.dcm"))
    image = read_image(bundled("rtdose.dcm"))
    assert image.array == pytest.approx(data.pixel_array * float(data.DoseGridScaling))
    assert image.spacing == (5, 10, 10)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MR_truncated.dcm", "damaged or incomplete"),
        ("no_meta.dcm", "it is not a DICOM file"),
        ("rtplan.dcm", "it is not an image"),
        ("waveform_ecg.dcm", "it is not an image"),
        ("DICOMDIR", "it is not an image"),
        ("liver_1frame.dcm", "give a structure set or a segmentation as the mask of a case"),
        ("badVR.dcm", "damaged or incomplete"),
        ("examples_ybr_color.dcm", "30 frames that do not say where they lie"),
        ("SC_rgb_rle_32bit.dcm", "its colors have the type uint32"),
    ],
)
def test_public_files_that_are_no_image_are_refused(name, message):
    with pytest.raises(ImageReadError, match=message):
        read_image(bundled(name))


def test_what_stands_before_the_mark_of_the_format_does_not_matter(path):
    content = bytearray(picture(path).read_bytes())
    content[:4] = b"MZ\x90\x00"
    path.write_bytes(content)
    assert np.array_equal(read_image(path).array, GREY)


def test_hundreds_of_nested_sequences_are_refused(path):
    # pydicom cannot write so many, so that one is put into the other by hand.
    begin_sequence = b"\x00\x52\x29\x92SQ\0\0\xff\xff\xff\xff"
    begin_item, end_item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0"
    end_sequence = b"\xfe\xff\xdd\xe0\0\0\0\0"
    content = 400 * (begin_sequence + begin_item) + 400 * (end_item + end_sequence)
    path.write_bytes(picture(path).read_bytes() + content)
    with pytest.raises(ImageReadError, match=r"damaged or incomplete \(RecursionError\)"):
        read_image(path)


def test_a_public_series_is_read_from_its_folder():
    folder = Path(bundled("DICOMDIR")).parent / "98892001" / "CT5N"
    image = read_image(folder)
    slices = sorted(map(dcmread, folder.iterdir()), key=lambda data: data.ImagePositionPatient[2])
    expected = [data.pixel_array * float(data.RescaleSlope) + float(data.RescaleIntercept) for data in slices]
    assert np.array_equal(image.array, expected)
    assert image.spacing == pytest.approx((2.5, *slices[0].PixelSpacing))
    x, y, z = slices[1].ImagePositionPatient
    assert image.affine[:, [0, 3]].sum(axis=1) == pytest.approx([-x, -y, z, 1])
