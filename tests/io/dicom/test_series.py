import errno
import os

import numpy as np
import pandas as pd
import pytest
from pydicom import dcmread

from dicom_files import ct_slice, item, save, write_enhanced, write_series
from radlearn import Case, check_cohort, read_cohort
from radlearn.descriptors import IntensityHistogram
from radlearn.exceptions import GeometryError, ImageReadError, RadlearnWarning
from radlearn.io import DicomSource, FileSource, limits, read_image


def test_slices_are_sorted_along_their_normal(series, stored):
    image = read_image(series)
    assert np.array_equal(image.array, stored - 1000.0)
    assert image.array.dtype == np.float32
    assert image.modality == "CT"
    assert image.history == ()


def test_axes_spacing_and_affine_are_in_the_order_of_radlearn(series):
    image = read_image(series)
    assert image.spacing == (2.5, 0.75, 0.5)
    # DICOM counts to the left and the back, radlearn to the right and the front.
    assert image.affine @ [1, 2, 3, 1] == pytest.approx([20 - 1.5, 30 - 1.5, -10 + 2.5, 1])


def test_an_oblique_series_lies_where_its_slices_say(tmp_path, stored):
    turned = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}  # sagittal; the normal points to the right
    for k in range(3):
        save(tmp_path / f"{k}.dcm", ct_slice(stored[k], (-4.0 * k, 5, 6), **turned))
    image = read_image(tmp_path)
    assert image.spacing == (4.0, 0.75, 0.5)
    assert image.affine @ [2, 1, 3, 1] == pytest.approx([8, -5 - 1.5, 6 - 0.75, 1])


def test_a_list_of_files_and_a_folder_give_the_same(series):
    files = [str(path) for path in series.iterdir()]
    assert np.array_equal(read_image(files).array, read_image(series).array)
    assert Case(files).load().shape == (6, 12, 10)


def test_each_slice_has_its_own_rescaling(tmp_path, stored):
    for k, slope in enumerate((1, 2, 0.5)):
        save(tmp_path / f"{k}", ct_slice(stored[k], (0, 0, k), RescaleSlope=slope, RescaleIntercept=-k))
    expected = stored[:3] * np.array([1, 2, 0.5])[:, None, None] - np.arange(3)[:, None, None]
    assert np.array_equal(read_image(tmp_path).array, expected.astype(np.float32))


def test_a_slice_without_rescaling_beside_rescaled_ones_is_refused(tmp_path, stored):
    slices = [ct_slice(stored[k], (0, 0, k)) for k in range(3)]
    del slices[1].RescaleSlope, slices[1].RescaleIntercept
    for k, data in enumerate(slices):
        save(tmp_path / f"{k}", data)
    with pytest.raises(ImageReadError, match=r"/1': it has no rescale slope and intercept, unlike '0' of"):
        read_image(tmp_path)


def test_no_rescaling_is_that_of_slope_1_and_intercept_0(tmp_path, stored):
    slices = [ct_slice(stored[k], (0, 0, k), RescaleSlope=1, RescaleIntercept=0) for k in range(3)]
    del slices[1].RescaleSlope, slices[1].RescaleIntercept
    for k, data in enumerate(slices):
        save(tmp_path / f"{k}", data)
    assert np.array_equal(read_image(tmp_path).array, stored[:3])


def test_one_slice_of_a_folder_is_a_volume_and_one_file_a_picture(tmp_path, stored):
    folder = write_series(tmp_path / "one", stored[:1])
    assert read_image(folder).array.shape == (1, 12, 10)
    assert read_image(folder).spacing == (2.5, 0.75, 0.5)
    picture = read_image(folder / "IM0000")
    assert picture.array.shape == (12, 10)
    assert picture.affine == pytest.approx(np.array([[0, -0.5, 20], [-0.75, 0, 30], [0, 0, 1]]))


def test_what_is_no_image_is_passed_over_in_a_folder(series, stored):
    (series / "notes.txt").write_text("no image")
    (series / "empty").touch()
    assert read_image(series).array.shape == stored.shape


def test_what_macos_puts_beside_each_file_on_other_disks_is_passed_over(series):
    expected = read_image(series).array
    for path in list(series.iterdir()):
        path.with_name(f"._{path.name}").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X" + bytes(4080))
    (series / "._cut.dcm").touch()
    assert np.array_equal(read_image(series).array, expected)


def test_a_part_that_may_not_be_searched_is_told_and_not_left_out(series, monkeypatch):
    part = series / "zone"
    part.mkdir()
    (series / "IM0003").rename(part / "IM0003")  # the last slice

    def scandir(folder, allowed=os.scandir):  # permissions themselves do not stop an administrator
        if folder == str(part):
            raise PermissionError(errno.EACCES, "Permission denied", folder)
        return allowed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(ImageReadError, match=r"zone' cannot be searched \(Permission denied\); check the path"):
        read_image(series)
    with pytest.raises(ImageReadError, match="'CT of 7': it cannot be searched"):
        read_image(DicomSource(series).named("CT of 7"))


def test_a_folder_that_cannot_be_searched_costs_one_row(series, tmp_path):
    sources = [DicomSource(tmp_path / ("too long" * 40)), DicomSource(series)]
    extractor = IntensityHistogram(on_error="nan", memory=tmp_path / "rows")
    with pytest.warns(RadlearnWarning, match="1 of 2 cases failed .*cannot be searched"):
        rows = extractor.fit_transform(sources)
    assert np.isfinite(rows).all(axis=1).tolist() == [False, True]


def test_a_damaged_slice_is_named_and_not_passed_over(series):
    (series / "IM0099.dcm").write_bytes(b"<html>")
    with pytest.raises(ImageReadError, match=r"IM0099.dcm': it is not a DICOM file, it looks like a web page"):
        read_image(series)


def test_a_slice_that_is_cut_in_its_header_is_named_and_not_passed_over(series):
    last = max(series.iterdir())
    last.write_bytes(last.read_bytes()[:900])
    for source in (series, last):
        with pytest.raises(ImageReadError, match=rf"{last.name}': it is an image whose header ends before its size"):
            read_image(source)


def test_two_series_in_a_folder_are_refused_with_a_table_and_one_can_be_chosen(tmp_path, stored):
    write_series(tmp_path / "a", stored)
    write_series(tmp_path / "b", stored[:4, :8], SeriesNumber=7, SeriesInstanceUID="1.2.3")
    rows = r"3 +CT +6 +axial +12 x 10 .*IM0000(.|\n)*7 +CT +4 +axial +8 x 10"
    with pytest.raises(ImageReadError, match=rf"2 series(.|\n)*{rows}(.|\n)*series="):
        read_image(tmp_path)
    assert read_image(DicomSource(tmp_path, series=7)).array.shape == (4, 8, 10)
    with pytest.raises(ImageReadError, match=r"there is no series 5 in it(.|\n)*3 +CT"):
        read_image(DicomSource(tmp_path, series=5))


def test_a_missing_slice_is_refused_with_its_place_and_interpolated_on_request(tmp_path, stored):
    folder = write_series(tmp_path / "gap", stored[:4], places=[0, 2, 6, 8])
    with pytest.raises(GeometryError, match=r"missing or not 2 mm apart:\n.*\n +2 +2.00 +4 +1\n(.|\n)*repair=True"):
        read_image(folder)
    image = read_image(DicomSource(folder, repair=True))
    values = stored[:4] - 1000.0
    assert image.array.shape == (5, 12, 10)
    assert image.array[2] == pytest.approx((values[1] + values[2]) / 2)
    assert np.array_equal(image.array[[0, 1, 3, 4]], values)
    assert image.history[0]["parameters"] == {"repaired": ["4 uneven slices interpolated to 5 even ones"]}


def test_a_repeated_slice_is_refused_and_dropped_on_request(tmp_path, stored):
    folder = write_series(tmp_path / "twice", stored[[0, 1, 1, 2]], places=[0, 2, 2, 4])
    with pytest.raises(GeometryError, match=r"lie at one position:\n.*\n +2, 3 +2.00 +IM0001, IM0002"):
        read_image(folder)
    image = read_image(DicomSource(folder, repair=True))
    assert np.array_equal(image.array, stored[:3] - 1000.0)
    assert image.history[0]["parameters"] == {"repaired": ["1 repeated slices dropped"]}


def test_two_acquisitions_are_never_mixed(tmp_path, stored):
    folder = write_series(tmp_path / "two", stored[:4], places=[0, 2, 2, 4])
    with pytest.raises(GeometryError, match=r"differ, as those of two acquisitions do(.|\n)*give the files of one"):
        read_image(DicomSource(folder, repair=True))


def tilted_ball(folder, tilt_mm):
    """A ball whose slices were taken along an axis that is tilted by so many mm from one to the next along y."""
    z, y, x = np.indices((12, 24, 20))
    for k in range(12):
        center = 12 - (k - 6) * tilt_mm  # where the ball lies in rows of this slice, which are 1 mm apart
        ball = 200 * ((k - 6) ** 2 + (y[k] - center) ** 2 + (x[k] - 10) ** 2 < 25)
        place = (0, k * tilt_mm, k)
        save(folder / f"{k}", ct_slice(ball.astype(np.int16), place, PixelSpacing=[1, 1], RescaleIntercept=0))
    return 200 * ((z - 6) ** 2 + (y - 12) ** 2 + (x - 10) ** 2 < 25)


def test_a_tilted_gantry_is_refused_and_straightened_on_request(tmp_path):
    ball = tilted_ball(tmp_path, tilt_mm=0.5)
    with pytest.raises(GeometryError, match=r"gantry tilt of 26.6 degrees"):
        read_image(tmp_path)
    image = read_image(DicomSource(tmp_path, repair=True))
    assert "undone" in image.history[0]["parameters"]["repaired"][0]
    # In the world, the ball is round again: its voxels are those of a ball that was never tilted, but for the border.
    centers = np.argwhere(image.array > 100)
    world = (image.affine @ np.column_stack([centers, np.ones(len(centers))]).T)[:3]
    assert world.mean(axis=1) == pytest.approx([-10, -15, 6], abs=0.1)
    assert np.ptp(world, axis=1) == pytest.approx([8, 8, 8], abs=1)
    assert len(centers) == pytest.approx((ball > 0).sum(), rel=0.05)


@pytest.mark.parametrize("direction", [-1, 1])
def test_a_straightened_series_has_air_wherever_no_slice_was_measured(tmp_path, direction):
    body = np.full((12, 10), 100, np.uint16)
    body[5, 5] = 0
    for k in range(4):
        save(tmp_path / f"{k}", ct_slice(body, (0, 1.5 * direction * k, 5 * k), RescaleIntercept=0))  # two pixels
    image = read_image(DicomSource(tmp_path, repair=True)).array
    assert image.shape == (4, 18, 10)
    assert (image > 0).sum(axis=(1, 2)).tolist() == [12 * 10 - 1] * 4


def test_positions_that_are_rounded_are_no_gap(tmp_path, stored):
    places = np.round(1.25 * np.arange(41), 1)
    folder = write_series(tmp_path / "rounded", np.resize(stored, (41, 12, 10)), places=places)
    assert read_image(folder).spacing[0] == pytest.approx(1.25, abs=1e-6)


@pytest.mark.parametrize("size", [None, [0, 0]])
def test_a_volume_without_pixel_spacing_is_refused_unless_it_is_given(tmp_path, stored, size):
    folder = write_series(tmp_path / "bare", stored, PixelSpacing=size)
    with pytest.raises(GeometryError, match=r"has no PixelSpacing above 0; pass the true voxel size with spacing="):
        read_image(folder)
    assert read_image(folder, spacing=(2.5, 2, 1)).spacing == (2.5, 2, 1)


def test_frames_of_an_enhanced_object_are_sorted_and_scaled_one_by_one(tmp_path, stored):
    path = write_enhanced(tmp_path / "enhanced.dcm", stored[[2, 0, 1]], places=[5, 0, 2.5], slopes=[1, 2, 3])
    image = read_image(path)
    assert np.array_equal(image.array, stored[:3] * np.array([2, 3, 1])[:, None, None] - 10.0)
    assert image.spacing == (2.5, 0.75, 0.5)


def test_frames_of_several_directions_are_no_volume(tmp_path, stored):
    path = write_enhanced(tmp_path / "scout.dcm", stored[:3], places=[0, 1, 2], slopes=[1, 1, 1])
    data = dcmread(path)
    turned = item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    data.PerFrameFunctionalGroupsSequence[1].PlaneOrientationSequence = [turned]
    with pytest.raises(
        ImageReadError, match=r"2 series, sizes or directions(.|\n)*sagittal(.|\n)*FileSource\(path, row="
    ):
        read_image(save(path, data))


@pytest.mark.parametrize("places", [[0, 1, 2, 1e12], [-1.7e308, 0, 1, 1.7e308]])
@pytest.mark.parametrize("repair", [False, True])
def test_places_beyond_all_measure_are_refused_before_memory_is_taken(tmp_path, stored, places, repair):
    folder = write_series(tmp_path / "far", stored[:4], places=places)
    with pytest.raises((GeometryError, ImageReadError), match=r"far"):
        read_image(DicomSource(folder, repair=repair))


def test_a_mosaic_of_slices_is_no_slice(tmp_path, stored):
    path = save(tmp_path / "fmri.dcm", ct_slice(stored[0], (0, 0, 0), ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"]))
    for source in (tmp_path, path):
        with pytest.raises(ImageReadError, match=r"side by side in one picture \(mosaic\).* with dcm2niix"):
            read_image(source)


def test_one_frame_is_read_without_looking_at_the_others(tmp_path, stored):
    path = write_enhanced(tmp_path / "enhanced.dcm", stored[:3], places=[0, 2, 4], slopes=[1, 2, 3])
    enhanced = dcmread(path)
    enhanced.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0].ImagePositionPatient = [0, 0]
    save(path, enhanced)
    with pytest.raises(ImageReadError, match=r"enhanced\.dcm"):
        read_image(path)
    assert np.array_equal(read_image(FileSource(path, row=1)).array, 2 * stored[1] - 10.0)


def test_a_movie_is_refused_and_one_frame_can_be_chosen(tmp_path, stored):
    data = ct_slice(stored[0], (0, 0, 0), NumberOfFrames=6, PixelData=stored.tobytes())
    path = save(tmp_path / "movie.dcm", data)
    with pytest.raises(ImageReadError, match=r"6 frames that do not say where they lie(.|\n)*row="):
        read_image(path)
    assert np.array_equal(read_image(FileSource(path, row=4)).array, stored[4] - 1000.0)
    with pytest.raises(ImageReadError, match=r"no frame 6: it has 6"):
        read_image(FileSource(path, row=6))


def test_a_folder_of_radiographs_is_no_volume(tmp_path, stored):
    folder = write_series(tmp_path / "hands", stored[:2], ImagePositionPatient=None, Modality="DX")
    with pytest.raises(ImageReadError, match=r"2 frames that do not say where they lie.*; .* make a case of each file"):
        read_image(folder)
    assert np.array_equal(read_image(FileSource(folder / "IM0001")).array, stored[1] - 1000.0)


def test_a_folder_is_read_by_cases_lists_and_tables(series, stored):
    expected = stored - 1000.0
    table = pd.DataFrame({"image": [str(series)], "site": ["A"]})
    for case in (
        Case(series),
        check_cohort([series])[0],
        check_cohort([DicomSource(series)])[0],
        read_cohort(table)[0],
    ):
        assert case.id == "ct"
        assert np.array_equal(case.load().image, expected)


def test_a_table_hands_options_to_the_reader(tmp_path, stored):
    write_series(tmp_path / "gap", stored[:4], places=[0, 2, 6, 8])
    table = pd.DataFrame({"image": ["gap"]})
    assert read_cohort(table, root=tmp_path, dicom={"repair": True})[0].load().shape == (5, 12, 10)


def test_nothing_is_opened_before_a_case_is_loaded(series, monkeypatch):
    monkeypatch.setattr(FileSource, "open", None)
    assert Case(series).fingerprint()


def test_a_changed_added_or_removed_file_and_every_option_change_the_fingerprint(series, stored):
    seen = [Case(series).fingerprint(), Case(DicomSource(series, repair=True)).fingerprint()]
    seen.append(Case(DicomSource(series, suv="bw")).fingerprint())
    save(series / "IM0000", ct_slice(stored[0] + 1, (-20, -30, -2.5), PatientComments="longer than before by far"))
    seen.append(Case(series).fingerprint())
    save(series / "IM0006", ct_slice(stored[0], (-20, -30, 5)))
    seen.append(Case(series).fingerprint())
    (series / "IM0001").unlink()
    seen.append(Case(series).fingerprint())
    assert len(set(seen)) == 6


def test_links_in_a_circle_and_folders_of_everything_come_to_an_end(series, monkeypatch):
    (series / "loop").symlink_to(series, target_is_directory=True)
    assert read_image(series).array.shape == (6, 12, 10)
    monkeypatch.setattr(limits, "MAX_FILES", 5)
    with pytest.raises(ImageReadError, match=r"more than 5 files; give the folder of one series"):
        read_image(series)


@pytest.mark.parametrize("name", ["Bildreihe Übersicht 1", "画像", "x" * 200])
def test_names_may_be_long_and_of_any_language(tmp_path, stored, name):
    assert Case(write_series(tmp_path / name, stored)).load().id == name


def test_a_folder_of_other_images_is_told_from_a_series(tmp_path):
    np.save(tmp_path / "image.npy", np.eye(3))
    with pytest.raises(ImageReadError, match=r"no DICOM image in it; .* of a folder of other images, list"):
        read_image(tmp_path)


def test_an_empty_folder_is_no_series(tmp_path):
    with pytest.raises(ImageReadError, match=r"there is no file in it; check the path"):
        Case(tmp_path).load()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"suv": "weight"}, ValueError, "suv must be one of 'bw', 'lbm', 'bsa' or None"),
        ({"series": "3"}, TypeError, "series must be a whole number"),
        ({"paths": []}, ValueError, "paths is empty"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        DicomSource(**{"paths": "folder", **options})


def test_one_slice_of_unknown_thickness_is_told(tmp_path, stored):
    folder = write_series(tmp_path / "thin", stored[:1], SliceThickness=None)
    with pytest.warns(RadlearnWarning, match=r"one slice of unknown thickness: 1 mm is assumed"):
        assert read_image(folder).spacing == (1, 0.75, 0.5)
