import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from pydicom import dcmread
from pydicom.uid import DigitalMammographyXRayImageStorageForPresentation

from dicom_files import (
    FRAME,
    SERIES,
    dataset,
    functional_groups,
    item,
    pixels,
    save,
    write_segmentation,
    write_series,
    write_structures,
)
from radlearn import Case, Volume, read_cohort
from radlearn.exceptions import GeometryError, ImageReadError, MaskError, RadlearnWarning
from radlearn.io import read_image, read_mask
from radlearn.io.dicom import pixels as dicom_pixels
from radlearn.io.dicom.structure_set import inside_polygon
from radlearn.io.nifti import write_nifti
from radlearn.radiomics import PyRadiomicsFeatures, RadiomicsFeatures

WRITERS = {"structures": write_structures, "segmentation": write_segmentation}


@pytest.fixture
def masks():
    """A box with a hole, and a small one beside it."""
    box, small = np.zeros((2, 6, 12, 10), bool)
    box[1:4, 3:9, 2:7] = True
    box[2, 5:7, 4] = False
    small[4, 1:3, 1:3] = True
    return {"GTV-1": box, "Lung left": small}


@pytest.fixture(params=WRITERS)
def write_masks(request):
    """Write regions as a structure set, and as a segmentation."""
    return WRITERS[request.param]


@pytest.mark.parametrize("label", [1, "GTV-1", "gtv*", ["GTV-1"], [1]])
def test_a_region_is_chosen_by_number_name_or_pattern(series, masks, tmp_path, write_masks, label):
    path = write_masks(tmp_path / "mask.dcm", masks)
    assert np.array_equal(Case(series, mask=path, mask_label=label).load().mask, masks["GTV-1"])


@pytest.mark.parametrize("names", [("GTV[1]", "GTV1"), ("Lung", "LUNG")])
def test_a_name_goes_before_what_it_matches_as_a_pattern(series, masks, tmp_path, write_masks, names):
    path = write_masks(tmp_path / "mask.dcm", dict(zip(names, masks.values(), strict=True)))
    assert np.array_equal(Case(series, mask=path, mask_label=names[0]).load().mask, masks["GTV-1"])


def test_several_regions_are_merged(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    merged = masks["GTV-1"] | masks["Lung left"]
    for label in (["gtv*", "lung*"], [1, 2], ["GTV-1", 2], "*"):
        assert np.array_equal(Case(series, mask=path, mask_label=label).load().mask, merged)


def test_the_only_region_needs_no_choice(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", {"Lung": masks["Lung left"]})
    assert np.array_equal(Case(series, mask=path).load().mask, masks["Lung left"])


def test_a_choice_is_never_guessed(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    with pytest.raises(MaskError, match=r"several labels: 0, 1 \('GTV-1'\), 2 \('Lung left'\); choose one"):
        Case(series, mask=path).load()


@pytest.mark.parametrize("label", ["PTV", 3])
def test_an_unknown_name_is_refused_with_those_that_are_there(series, masks, tmp_path, write_masks, label):
    path = write_masks(tmp_path / "mask.dcm", masks)
    with pytest.raises(MaskError, match=rf"no segment or structure {label!r}; it has 1 \('GTV-1'\), 2 \('Lung left'\)"):
        Case(series, mask=path, mask_label=label).load()


def test_every_region_gives_a_row(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    cases = Case(series, mask=path).per_label()
    assert [case.id for case in cases] == ["ct:1", "ct:2"]
    assert [int(case.load().mask.sum()) for case in cases] == [int(mask.sum()) for mask in masks.values()]


def test_a_segmentation_is_read_once_for_all_regions(series, masks, tmp_path, monkeypatch):
    path, read, read_pixels = write_segmentation(tmp_path / "mask.dcm", masks), [], dicom_pixels.read_with_pixels
    monkeypatch.setattr(dicom_pixels, "read_with_pixels", lambda *what: read.append(1) or read_pixels(*what))
    labels = read_mask(path, read_image(series)).array
    for number, mask in enumerate(masks.values(), start=1):
        np.testing.assert_array_equal(labels == number, mask)
    assert len(read) == 1 + len(list(series.iterdir()))


def test_a_label_map_is_decoded_once_for_all_regions(series, masks, tmp_path, monkeypatch):
    labels = (masks["GTV-1"] + 2 * masks["Lung left"]).astype(np.uint8)
    path = write_segmentation(
        tmp_path / "mask.dcm",
        masks,
        **pixels(labels),
        SegmentationType="LABELMAP",
        NumberOfFrames=6,
        PerFrameFunctionalGroupsSequence=[functional_groups((-20, -30, -10 + 2.5 * z)) for z in range(6)],
    )
    image, decoded, decode = read_image(series), [], dicom_pixels.iter_pixels
    monkeypatch.setattr(
        dicom_pixels, "iter_pixels", lambda *what, **options: decoded.append(1) or decode(*what, **options)
    )
    np.testing.assert_array_equal(read_mask(path, image).array, labels)
    assert len(decoded) == 6


def test_an_extractor_may_choose_the_region(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    chosen = RadiomicsFeatures(families="statistics", mask_label=["lung*"]).fit_transform([Case(series, mask=path)])
    expected = RadiomicsFeatures(families="statistics").fit_transform([Case(series, mask=path, mask_label=2)])
    np.testing.assert_array_equal(chosen, expected)


def test_regions_that_overlap_are_refused_where_they_have_to_be_told_apart(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", {**masks, "body": np.ones((6, 12, 10), bool)})
    with pytest.raises(MaskError, match=r"regions of .* overlap, 3 \('body'\) with another; choose one"):
        Case(series, mask=path).per_label()
    assert np.array_equal(Case(series, mask=path, mask_label="GTV-1").load().mask, masks["GTV-1"])


def test_a_table_names_the_region_of_each_case(series, masks, tmp_path, write_masks):
    write_masks(tmp_path / "mask.dcm", masks)
    table = tmp_path / "cohort.csv"
    table.write_text("id,image,mask,region\na,ct,mask.dcm,GTV*\nb,ct,mask.dcm,Lung left\n")
    cohort = read_cohort(table, mask_label="region")
    assert [int(case.load().mask.sum()) for case in cohort] == [int(mask.sum()) for mask in masks.values()]


@pytest.mark.parametrize("beside", [(), ("LICENSE", ".DS_Store", "._1-1.dcm")])
def test_a_mask_may_be_the_only_dicom_file_of_a_folder(series, masks, tmp_path, write_masks, beside):
    (tmp_path / "mask").mkdir()
    write_masks(tmp_path / "mask" / "1-1.dcm", masks)
    for name in beside:
        (tmp_path / "mask" / name).write_text("no image")
    assert Case(series, mask=tmp_path / "mask", mask_label=1).load().mask.sum() == masks["GTV-1"].sum()


def test_a_mask_beside_the_slices_is_no_slice(series, masks, write_masks):
    path = write_masks(series / "mask.dcm", masks)
    assert np.array_equal(Case(series, mask=path, mask_label=1).load().mask, masks["GTV-1"])


def test_a_mask_of_dicom_goes_with_an_image_of_nifti(series, masks, tmp_path, write_masks):
    write_nifti(tmp_path / "ct.nii", Case(series).load())
    path = write_masks(tmp_path / "mask.dcm", masks)
    assert np.array_equal(Case(tmp_path / "ct.nii", mask=path, mask_label=1).load().mask, masks["GTV-1"])


def test_another_frame_of_reference_is_refused(tmp_path, stored, masks, write_masks):
    folder = write_series(tmp_path / "other", stored, FrameOfReferenceUID="1.2.3")
    path = write_masks(tmp_path / "mask.dcm", masks)
    with pytest.raises(GeometryError, match=r"has another frame of reference than its image"):
        Case(folder, mask=path, mask_label=1).load()


def test_spacing_cannot_be_given_for_what_is_placed_in_mm(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    with pytest.raises(GeometryError, match=r"placed by its coordinates in mm; leave spacing= out"):
        Case(series, mask=path, mask_label=1, spacing=(1, 1, 1)).load()


@pytest.mark.parametrize(
    ("origin", "message"),
    [((-10, -30, -20), None), ((-5, -30, -20), "at slice 7"), ((-11.2, -30, -20), "between them, near slice")],
)
def test_curves_beside_the_slices_are_refused(series, masks, tmp_path, origin, message):
    path = write_structures(tmp_path / "mask.dcm", masks, origin=origin)
    case = Case(series, mask=path, mask_label=2)
    if message is None:
        assert case.load().mask.any()
    else:
        with pytest.raises(GeometryError, match=rf"{message}(.|\n)*drawn on this series"):
            case.load()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"origin": (-20, -30, -8.7)}, "beside the grid"),
        ({"origin": (-20.2, -30, -10)}, "beside the grid"),
        ({"origin": (-20, -30, -30)}, "outside of the image"),
        ({"step": 2.4}, "beside the grid"),
    ],
)
def test_frames_beside_the_grid_are_refused(series, masks, tmp_path, changes, message):
    path = write_segmentation(tmp_path / "mask.dcm", masks, **changes)
    with pytest.raises(GeometryError, match=message):
        Case(series, mask=path, mask_label="GTV-1").load()


@pytest.mark.parametrize("shape", [(9, 11), (6, 5), (13, 10), (7, 3)])
def test_frames_may_begin_inside_a_byte(tmp_path, shape):
    mask = np.random.default_rng(0).random((6, *shape)) > 0.5
    write_series(tmp_path / "series", np.zeros((6, *shape), np.int16))
    path = write_segmentation(tmp_path / "mask.dcm", {"noise": mask[:5]})
    read = read_mask(path, read_image(tmp_path / "series")).array
    np.testing.assert_array_equal(read[:5] == 1, mask[:5])


def test_bits_that_are_missing_are_an_error(series, masks, tmp_path):
    path = write_segmentation(tmp_path / "mask.dcm", masks)
    data = dcmread(path)
    data.PixelData = data.PixelData[:-8]
    data.save_as(path)
    with pytest.raises(ImageReadError, match="its pixels are damaged or incomplete"):
        read_mask(path, read_image(series))


def test_probabilities_are_no_mask(series, masks, tmp_path):
    path = write_segmentation(tmp_path / "mask.dcm", masks, SegmentationType="FRACTIONAL")
    with pytest.raises(ImageReadError, match=r"holds probabilities(.|\n)*threshold them"):
        Case(series, mask=path, mask_label=1).load()


def test_a_segmentation_of_one_frame_fits_a_picture_of_its_size(tmp_path, masks):
    mask = masks["GTV-1"][2]
    image = np.arange(120, dtype=np.uint16).reshape(12, 10)
    kind = DigitalMammographyXRayImageStorageForPresentation
    save(tmp_path / "mg.dcm", dataset(kind, Modality="MG", PixelSpacing=[0.1, 0.1], **pixels(image)))
    path = write_segmentation(tmp_path / "mask.dcm", {"mass": mask[np.newaxis]})
    assert np.array_equal(Case(tmp_path / "mg.dcm", mask=path).load().mask, mask)
    path = write_segmentation(tmp_path / "other.dcm", {"mass": mask[np.newaxis, 1:]})
    with pytest.raises(GeometryError, match=r"has 1 frames of \(11, 10\), the picture \(12, 10\) pixels"):
        Case(tmp_path / "mg.dcm", mask=path).load()


def test_labels_of_an_image_have_no_names(series, tmp_path, stored):
    np.save(tmp_path / "mask.npy", np.ones(stored.shape, np.uint8))
    with pytest.raises(MaskError, match=r"have no names, so there is no 'GTV'; give its number"):
        Case(series, mask=tmp_path / "mask.npy", mask_label="GTV").load()


def test_a_region_on_every_second_slice_is_told(series, masks, tmp_path, write_masks):
    sparse = masks["GTV-1"].copy()
    sparse[[0, 1, 2, 3, 4]] = sparse[[1, 0, 1, 0, 1]]
    path = write_masks(tmp_path / "mask.dcm", {"sparse": sparse, **masks})
    with pytest.warns(RadlearnWarning, match=r"region 1 of '.*mask.dcm' lies on slices no two") as told:
        assert np.array_equal(Case(series, mask=path, mask_label="sparse").load().mask, sparse)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Case(series, mask=path, mask_label=2).load()


def test_a_structure_without_curves_is_empty(series, masks, tmp_path):
    path = write_structures(tmp_path / "mask.dcm", {"empty": np.zeros((6, 12, 10), bool), **masks})
    with pytest.raises(MaskError, match=r"is empty for label empty; labels present: 0"):
        Case(series, mask=path, mask_label="empty").load()


@pytest.mark.slow
@pytest.mark.parametrize("radius", [4.0, 6.3])
def test_a_ball_drawn_as_circles_lies_within_half_a_voxel_of_its_surface(tmp_path, radius):
    z, y, x = np.indices((20, 24, 24))
    folder = write_series(
        tmp_path / "ct", np.zeros((20, 24, 24), np.int16), places=np.arange(20.0), PixelSpacing=[1, 1]
    )
    center = (10.2, 11.7, 12.4)
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    curves = []
    for k in range(20):
        if abs(k - center[0]) < radius:
            circle = np.sqrt(radius**2 - (k - center[0]) ** 2)
            points = np.column_stack([center[2] + circle * np.cos(angles), center[1] + circle * np.sin(angles)]) - (
                20,
                30,
            )
            data = [f"{value:.5f}" for point in points for value in (*point, k)]
            curves.append(item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=100, ContourData=data))
    path = write_structures(tmp_path / "mask.dcm", {"ball": np.zeros((1, 3, 3), bool)})
    structures = dcmread(path)
    structures.ROIContourSequence[0].ContourSequence = curves
    mask = Case(folder, mask=save(path, structures)).load().mask
    distance = np.sqrt((z - center[0]) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2) - radius
    assert mask[distance < -0.5].all()
    assert not mask[distance > 0.5].any()
    assert mask.sum() == pytest.approx((distance < 0).sum(), rel=0.01)


@pytest.mark.parametrize("decimals", [2, 3, 6])
def test_curves_from_center_to_center_do_not_depend_on_rounding(tmp_path, decimals):
    pixel = 0.9765625
    folder = write_series(
        tmp_path / "ct", np.zeros((8, 30, 30), np.int16), places=np.arange(8.0), PixelSpacing=[pixel, pixel]
    )
    outline = np.array([(2, 4), (2, 9), (5, 12), (11, 12), (11, 6)])
    curves = []
    for k in range(8):
        points = [(x - 20, y - 30, k) for y, x in (outline + k) * pixel]
        data = [f"{value:.{decimals}f}" for point in points for value in point]
        curves.append(item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=5, ContourData=data))
    structures = dcmread(write_structures(tmp_path / "mask.dcm", {"moving": np.zeros((1, 3, 3), bool)}))
    structures.ROIContourSequence[0].ContourSequence = curves
    mask = Case(folder, mask=save(tmp_path / "mask.dcm", structures)).load().mask
    for k, plane in enumerate(mask):
        assert np.array_equal(plane, inside_polygon(outline + k, (30, 30)))


corners = st.lists(st.tuples(st.integers(-2, 9), st.integers(-2, 9)), min_size=3, max_size=8)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(corners, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_pixel_is_inside_where_a_ray_crosses_the_outline_an_odd_number_of_times(corners, dy, dx):
    polygon = np.add(corners, (dy, dx))
    inside = np.zeros((7, 8), bool)
    for row, column in np.ndindex(7, 8):
        for (y_1, x_1), (y_2, x_2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            if (y_1 > row) != (y_2 > row) and column >= x_1 + (row - y_1) * (x_2 - x_1) / (y_2 - y_1):
                inside[row, column] ^= True
    assert np.array_equal(inside_polygon(polygon, (7, 8)), inside)


def test_polygons_that_share_an_edge_neither_overlap_nor_leave_a_gap():
    left = np.array([(0, 0), (0, 3), (5, 4), (5, 0)], float)
    right = np.array([(0, 3), (0, 8), (5, 8), (5, 4)], float)
    whole = np.array([(0, 0), (0, 8), (5, 8), (5, 0)], float)
    parts = [inside_polygon(part, (6, 9)) for part in (left, right)]
    assert not (parts[0] & parts[1]).any()
    assert np.array_equal(parts[0] | parts[1], inside_polygon(whole, (6, 9)))
    assert inside_polygon(whole, (6, 9)).sum() == 40


def test_a_region_may_reach_beyond_the_borders_of_the_image():
    around = np.array([(-5, -5), (-5, 20), (20, 20), (20, -5)], float)
    assert inside_polygon(around, (6, 9)).all()


@pytest.mark.parametrize("place", [(-9, 0), (9, 0), (0, -12), (0, 12), (0.3, 0.3)])
def test_a_polygon_around_no_center_of_a_pixel_is_empty(place):
    small = np.array([(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 0)]) + place
    assert not inside_polygon(small, (6, 9)).any()


@pytest.mark.slow
def test_all_formats_give_the_same_features(tmp_path, series):
    """A CT series and the same volume as NIfTI, with a structure set, a segmentation and a NIfTI mask."""
    region = np.zeros((6, 12, 10), bool)
    region[1:5, 2:10, 2:8] = True
    region[2, 5:7, 4] = False
    volume = Case(series).load()
    write_nifti(tmp_path / "ct.nii.gz", volume)
    write_nifti(tmp_path / "mask.nii.gz", volume.but(image=region.astype(np.float32)))
    images = [series, tmp_path / "ct.nii.gz"]
    regions = [
        write_structures(tmp_path / "structures.dcm", {"GTV": region}),
        write_segmentation(tmp_path / "segmentation.dcm", {"GTV": region}),
        tmp_path / "mask.nii.gz",
    ]
    cases = [Case(image, mask=mask, id=f"{i}-{j}") for i, image in enumerate(images) for j, mask in enumerate(regions)]
    rows = RadiomicsFeatures(bin_width=100).fit_transform(cases)
    assert np.isfinite(rows[0]).sum() > 100
    for row in rows[1:]:
        np.testing.assert_allclose(row, rows[0], rtol=1e-6, atol=1e-9)


def test_a_segmentation_of_highdicom_is_read(tmp_path, stored, masks):
    highdicom = pytest.importorskip("highdicom")
    from pydicom.sr.codedict import codes

    study = {"StudyInstanceUID": SERIES + ".9", "StudyID": "1", "PatientSex": "F", "StudyTime": "120000"}
    folder = write_series(tmp_path / "ct", stored, **study)
    images = sorted(map(dcmread, folder.iterdir()), key=lambda image: image.ImagePositionPatient[2])
    descriptions = [
        highdicom.seg.SegmentDescription(
            number,
            name,
            codes.SCT.Tissue,
            codes.SCT.Tissue,
            highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, name in enumerate(masks, start=1)
    ]
    segmentation = highdicom.seg.Segmentation(
        images,
        np.stack(list(masks.values()), axis=-1).astype(np.uint8),
        "BINARY",
        descriptions,
        series_instance_uid=SERIES + ".5",
        series_number=5,
        sop_instance_uid=SERIES + ".6",
        instance_number=1,
        manufacturer="none",
        manufacturer_model_name="none",
        software_versions="1",
        device_serial_number="1",
    )
    segmentation.save_as(tmp_path / "seg.dcm")
    for name, mask in masks.items():
        assert np.array_equal(Case(folder, mask=tmp_path / "seg.dcm", mask_label=name).load().mask, mask)


def test_a_mask_in_an_image_of_dicom_keeps_its_labels(series, tmp_path, masks):
    labels = (masks["GTV-1"] + 2 * masks["Lung left"]).astype(np.uint8)
    folder = write_series(tmp_path / "mask", labels, RescaleIntercept=0, FrameOfReferenceUID=FRAME)
    assert np.array_equal(read_mask(folder, read_image(series)).array, labels)
    assert np.array_equal(Case(series, mask=folder, mask_label=2).load().mask, masks["Lung left"])


def test_structures_need_a_volume_that_knows_where_it_lies(tmp_path, masks):
    path = write_structures(tmp_path / "mask.dcm", masks)
    volume = Volume(np.zeros((6, 12, 10)))
    with pytest.raises(GeometryError, match=r"needs a volume that knows where it lies"):
        Case(volume.image, mask=path, mask_label=1).load()


def test_a_name_also_chooses_where_features_are_those_of_pyradiomics(series, masks, tmp_path, write_masks):
    path = write_masks(tmp_path / "mask.dcm", masks)
    features = PyRadiomicsFeatures(params={"featureClass": {"firstorder": ["Mean"]}})
    rows = features.fit_transform([Case(series, mask=path, mask_label=label) for label in ("gtv*", 1)])
    assert rows[0] == rows[1] == pytest.approx(Case(series).load().image[masks["GTV-1"]].mean())
