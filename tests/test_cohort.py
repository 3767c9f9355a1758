"""Case, Cohort and the front door for X."""

import os
import pickle
import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import _safe_indexing

from memory import peak_memory
from radlearn import Case, Cohort, Volume, check_cohort, read_cohort
from radlearn.descriptors import IntensityHistogram
from radlearn.evaluation import PatientKFold
from radlearn.exceptions import CohortError, GeometryError, ImageReadError, MaskError, RadlearnWarning
from radlearn.preprocessing import Augment, Resample


def test_a_case_is_no_container_that_numpy_would_open(cohort):
    case = cohort[0]
    assert not {"__len__", "__getitem__", "__iter__", "__array__"} & set(dir(type(case)))
    assert np.array([case, cohort[1]]).shape == (2,)


def test_a_case_is_equal_to_itself_alone(cohort):
    case = cohort[0]
    assert len({case, case, replace(case)}) == 2


def test_a_case_cannot_be_changed(cohort):
    with pytest.raises(AttributeError):
        cohort[0].patient = "somebody else"


@pytest.mark.parametrize(
    ("key", "ids"),
    [
        (slice(1, 3), ["case-01", "case-02"]),
        ([4, 2], ["case-04", "case-02"]),
        (np.array([4, 2]), ["case-04", "case-02"]),
        (np.arange(12) == 5, ["case-05"]),
        ([], []),
        ((slice(0, 1), ...), ["case-00"]),
        ((np.array([7]), ...), ["case-07"]),
        (([True] + [False] * 11, ...), ["case-00"]),
        (..., [f"case-{position:02d}" for position in range(12)]),
    ],
)
def test_a_cohort_is_indexed_in_all_of_scikit_learns_ways(cohort, key, ids):
    assert isinstance(cohort[key], Cohort)
    assert cohort[key].ids.tolist() == ids


@pytest.mark.parametrize("key", [3, np.int64(3), np.array(3), (3, ...), -9])
def test_a_single_index_gives_the_case(cohort, key):
    assert cohort[key].id == "case-03"


def test_a_cohort_has_one_axis(cohort):
    assert (cohort.shape, cohort.ndim, cohort.dtype, len(cohort)) == ((12,), 1, object, 12)
    with pytest.raises(IndexError, match="one axis"):
        cohort[0, 0]


@pytest.mark.parametrize("front", [[], [Resample(spacing=2.0)]])
def test_column_transformers_behind_steps_are_told_to_take_a_table(cohort, front):
    columns = ColumnTransformer([("image", IntensityHistogram(), "case")])
    X = cohort.to_frame() if front else cohort
    with pytest.raises(IndexError, match=r"no columns; ColumnTransformer takes the table cohort\.to_frame\(\)"):
        make_pipeline(*front, columns).fit(X)


def test_conditions_with_missing_values_are_told_apart_from_names(cohort):
    ages = pd.Series([50, 60, pd.NA] * 4, dtype="Int64")
    with pytest.raises(TypeError, match=r"missing values; cohort\[condition\.fillna\(False\)\]"):
        cohort[ages > 55]
    assert len(cohort[(ages > 55).fillna(False)]) == 4


@pytest.mark.parametrize("key", ["case-03", ["case-03"], 1.0, np.array([1.0, 0.0])])
def test_a_cohort_is_indexed_by_position_only(cohort, key):
    with pytest.raises(TypeError, match=r"indexed by position, got ('case-03'|1\.0); cohort\[cohort\.ids =="):
        cohort[key]


@pytest.mark.parametrize("key", [12, -13, np.array(12)])
def test_a_position_beyond_the_end_is_told(cohort, key):
    with pytest.raises(IndexError, match="the Cohort has 12"):
        cohort[key]


def test_scikit_learns_indexing_and_take_agree(cohort):
    assert _safe_indexing(cohort, [3, 1]) == cohort.take([3, 1])


def test_a_cohort_refuses_to_become_an_array(cohort):
    with pytest.raises(TypeError, match="put an extractor"):
        np.asarray(cohort)


def test_the_table_knows_everything_without_reading(cohort):
    table = cohort.table
    assert table.index.tolist() == cohort.ids.tolist()
    assert table.loc["case-03", ["patient", "site"]].tolist() == ["P1", "B"]


def test_no_meta_data_stand_for_the_patient():
    case = Case(np.eye(3), id="a", patient="P1", meta={"patient": "other", "site": "A"})
    assert Cohort([case]).table.loc["a", ["patient", "site"]].tolist() == ["P1", "A"]


@pytest.mark.parametrize("role", ["id", "patient"])
@pytest.mark.parametrize(("cell", "shown"), [(float("nan"), "nan"), (pd.NA, "<NA>"), (pd.NaT, "NaT"), (" ", "' '")])
def test_an_empty_cell_is_no_name(role, cell, shown):
    with pytest.raises(CohortError, match=rf"{role} of the case of array .* is missing \({shown}\)"):
        Case(np.eye(3), **{role: cell})


@pytest.mark.parametrize("arrays", [(np.eye(3), 1j * np.eye(3)), (1j * np.eye(3), None)])
def test_an_array_that_is_no_image_is_told_with_its_case(arrays):
    with pytest.raises(ImageReadError, match="case 'LUNG-017': cannot read 'array of shape"):
        Case(*arrays, id="LUNG-017")


def test_meta_data_have_names():
    with pytest.raises(TypeError, match=r"meta must be a mapping .*got 'site A'"):
        Case(np.eye(3), meta="site A")


@pytest.mark.parametrize("choice", ["channel", "volume"])
def test_numbers_of_numpy_have_a_fingerprint(tmp_path, choice):
    np.save(tmp_path / "a.npy", IMAGE)
    case, other = (Case(tmp_path / "a.npy", **{choice: number}) for number in (1, np.int64(1)))
    assert case.fingerprint() == other.fingerprint()


def test_a_frame_holds_the_cases_and_what_is_known_of_them(cohort):
    frame = cohort.to_frame()
    assert frame.index.tolist() == cohort.ids.tolist()
    assert frame.columns[0] == "case"
    assert frame["site"].tolist() == cohort.table["site"].tolist()
    for column in (frame, frame["case"], frame[["case"]], frame["case"].to_numpy()):
        assert check_cohort(column) == cohort


def test_a_column_of_names_called_case_is_no_column_of_cases(cohort_files):
    table = pd.read_csv(cohort_files, usecols=["image", "site"]).rename(columns={"site": "case"})
    table["image"] = [cohort_files.parent / name for name in table["image"]]
    assert len(check_cohort(table)) == 12


def test_images_and_texts_go_through_a_column_transformer(cohort, labels):
    frame = cohort.to_frame().assign(report=labels)
    parts = [("image", IntensityHistogram(bins=4), "case"), ("text", TfidfVectorizer(), "report")]
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression())
    assert cross_val_score(model, frame, labels, cv=PatientKFold(3)).mean() == 1
    assert model.fit(frame, labels)[0].get_feature_names_out()[-1] == "text__dark"


def reordered(frame):
    """As `permutation_importance` does it: the column of cases in another order, and the index as it was."""
    return frame.assign(case=frame["case"].to_numpy()[::-1])


@pytest.mark.parametrize("table", [reordered, lambda frame: frame.reset_index(drop=True), lambda frame: frame])
@pytest.mark.parametrize("steps", [(), (Resample(spacing=1),), (Augment(random_state=0),)])
def test_data_frames_of_features_stand_in_the_rows_of_their_cases(cohort, table, steps):
    frame = table(cohort.to_frame().assign(age=range(len(cohort))))
    columns = ColumnTransformer(
        [("age", "passthrough", ["age"]), ("image", make_pipeline(*steps, IntensityHistogram()), "case")]
    )
    expected = columns.fit_transform(frame)
    result = columns.set_output(transform="pandas").fit_transform(frame)
    assert result.index.equals(frame.index)
    np.testing.assert_array_equal(result, expected)


def test_parts_of_a_cohort_of_a_table_are_called_by_their_ids(cohort):
    cases = check_cohort(cohort.to_frame().reset_index(drop=True))
    assert cases.row_index.tolist() == list(range(12))
    assert cases[3:5].row_index.tolist() == ["case-03", "case-04"]
    assert cases.pseudonymized(key=b"a long secret key").row_index.name == "id"


def test_pickled_file_cases_are_small(cohort_files):
    frame = pd.read_csv(cohort_files).drop(columns=["mask", "patient"])
    cases = check_cohort(frame.assign(image=str(cohort_files.with_name("case-00.npy"))))
    assert len(pickle.dumps(cases[0])) < 1000
    assert pickle.loads(pickle.dumps(cases))[3].fingerprint() == cases[3].fingerprint()


@pytest.mark.filterwarnings("error")
def test_the_notebook_view_of_a_nearly_empty_image_gives_no_warning():
    image = np.zeros((40, 40), np.float32)
    image[0, 0] = 255
    assert "data:image/png" in Cohort([Case(image)])._repr_html_()


def test_the_notebook_view_of_a_large_image_needs_little_beside_the_image():
    image = np.tile(np.arange(2000, dtype=np.float32), (2000, 1))
    case = Case(image, mask=np.tri(2000, dtype=np.uint8))
    with peak_memory() as memory:
        html = Cohort([case])._repr_html_()
    assert "data:image/png" in html
    assert memory.peak < 2 * image.nbytes


def thumbnail(case):
    """Pixels of the only thumbnail of a notebook view, as red, green and blue."""
    return np.array(Image.open(BytesIO(b64decode(re.search("base64,([^']+)", Cohort([case])._repr_html_())[1]))))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_thumbnails_show_what_lies_beside_unknown_intensities(unknown):
    image = np.full((112, 112), unknown)
    image[:, 56:] = np.linspace(1000, 1010, 56)
    grey = thumbnail(Case(image))[..., 0]
    np.testing.assert_array_equal(np.unique(grey[:, :56]), 255 if unknown > 0 else 0)
    np.testing.assert_allclose(grey[:, 56:], np.tile(np.linspace(0, 255, 56), (112, 1)), atol=5)


def test_thumbnails_are_outlined_and_as_wide_and_high_as_in_mm():
    mask = np.zeros((20, 10), np.uint8)
    mask[5:15, 3:7] = 1
    pixels = thumbnail(Case(np.zeros(mask.shape), mask=mask, spacing=(1, 2)))
    assert pixels.shape == (112, 112, 3)
    rows, columns = np.nonzero((pixels == (213, 94, 0)).all(axis=-1))
    corners = [rows.min(), rows.max() + 1, columns.min(), columns.max() + 1]
    np.testing.assert_allclose(corners, np.array([5 / 20, 15 / 20, 3 / 10, 7 / 10]) * 112, atol=1)
    assert rows.size < 250  # a line, and not the whole region


def test_the_notebook_view_shows_thumbnails_and_errors(cohort, tmp_path):
    html = Cohort([*cohort[:2], Case(tmp_path / "<gone>.png")])._repr_html_()
    assert html.count("data:image/png;base64,") == 2
    assert "Cohort(3 cases of 2 patients)" in html
    assert "&lt;gone&gt;" in html
    assert "<gone>" not in html


def test_the_fingerprint_follows_content_label_and_steps(cohort):
    case = cohort[0]
    volume = case.load()
    same = Case(volume.image.copy(order="F"), mask=volume.mask.astype(np.uint8))
    assert same.fingerprint() == case.fingerprint()
    assert Case(volume.image + 1, mask=volume.mask.astype(np.uint8)).fingerprint() != case.fingerprint()
    assert Case(volume.image, mask=volume.mask.astype(np.uint8), mask_label=1).fingerprint() != case.fingerprint()


def test_a_changed_file_changes_the_fingerprint(tmp_path):
    path = tmp_path / "scan.npy"
    np.save(path, np.zeros((2, 2)))
    case = Case(path)
    before = case.fingerprint()
    np.save(path, np.zeros((2, 3)))
    assert case.fingerprint() != before


def test_spacing_given_by_the_user_wins():
    assert Case(np.zeros((2, 3)), spacing=(2, 0.5)).load().spacing == (2, 0.5)


# The front door ---------------------------------------------------------------------------------------------------

IMAGE = np.arange(9.0).reshape(3, 3)
MASK = np.eye(3, dtype=np.uint8)


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


@pytest.mark.parametrize(
    ("X", "n_cases", "ndim", "masked"),
    [
        ([IMAGE], 1, 2, False),
        ([(IMAGE, MASK), (IMAGE, MASK)], 2, 2, True),
        ([Case(IMAGE, mask=MASK)], 1, 2, True),
        ([Volume(IMAGE, mask=MASK)], 1, 2, True),
        (np.stack([IMAGE] * 4), 4, 2, False),
        (np.stack([IMAGE] * 4)[np.newaxis], 1, 3, False),
        (objects(Case(IMAGE), IMAGE[:2]), 2, 2, False),
        (objects((IMAGE, MASK)), 1, 2, True),
        (objects((IMAGE, MASK), (IMAGE, MASK)), 2, 2, True),
        (objects(Case(IMAGE), Case(IMAGE)).reshape(-1, 1), 2, 2, False),
    ],
)
def test_check_cohort_takes_what_users_hold(X, n_cases, ndim, masked):
    cohort = check_cohort(X)
    volume = cohort[0].load()
    assert (len(cohort), volume.ndim, volume.mask is not None) == (n_cases, ndim, masked)


def test_check_cohort_takes_paths_and_tables(cohort_files):
    folder = cohort_files.parent
    assert check_cohort([folder / "case-00.npy", str(folder / "case-01.npy")]).ids.tolist() == ["case-00", "case-01"]
    frame = pd.read_csv(cohort_files)
    frame[["image", "mask"]] = str(folder) + "/" + frame[["image", "mask"]]
    assert check_cohort(frame).patients.tolist()[:3] == ["P0", "P0", "P1"]


@pytest.mark.parametrize("kind", [str, object])
def test_an_array_of_names_is_a_list_of_files(kind):
    names = np.array([("a.png", "a_mask.png"), ("b.png", "b_mask.png")], kind)
    assert check_cohort(names[:, 0]).ids.tolist() == check_cohort(names[:, :1]).ids.tolist() == ["a", "b"]
    assert [case.mask.path for case in check_cohort(names)] == ["a_mask.png", "b_mask.png"]


def test_an_intensity_mask_is_not_lost_in_silence():
    volume = Volume(IMAGE, mask=MASK, intensity_mask=MASK & (IMAGE > 4))
    with pytest.raises(CohortError, match=r"X\[0\] is a Volume with an intensity mask of its own"):
        check_cohort([volume])
    assert check_cohort([volume.but(mask=MASK)])[0].load().mask.sum() == MASK.sum()


def test_what_is_no_image_is_told_with_its_position():
    with pytest.raises(TypeError, match="got float") as caught:
        check_cohort([IMAGE, (IMAGE, 0.5)])
    assert caught.value.__notes__ == ["in X[1]"]


@pytest.mark.parametrize("X", [["P1/ct.nii.gz", "P2/ct.nii.gz"], [("P1/ct.nii", IMAGE), ("P2/ct.nii", IMAGE)]])
def test_files_of_one_name_in_several_folders_are_several_patients(X):
    cohort = check_cohort(X)
    assert cohort.ids.tolist() == cohort.patients.tolist() == [case.image.path for case in cohort]
    assert check_cohort(X[:1]).ids.tolist() == ["ct"]


def test_points_in_the_name_of_a_file_belong_to_its_id():
    names = ["1.2.840.10008.1.dcm", "1.2.840.10008.2.dcm", "1.2.840.10008.3", "scan.v2.NII.gz"]
    ids = ["1.2.840.10008.1", "1.2.840.10008.2", "1.2.840.10008.3", "scan.v2"]
    assert check_cohort(names).patients.tolist() == ids
    assert [case.id for case in map(Case, names)] == ids


def test_a_cohort_passes_the_front_door_unchanged(cohort):
    assert check_cohort(cohort) is cohort


class Table:
    """Masks and images, in this order, in a table of another library than pandas: as an array, it has no names."""

    __module__ = "other.frames"
    columns = ("mask", "image")

    def __array__(self, dtype=None, copy=None):
        return np.array([("a_mask.png", "a.png")], object)


class Header:
    """Has entries, but is no sequence, as the data set of a DICOM file."""

    def __array__(self, dtype=None, copy=None):
        return np.array({}, object)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (IMAGE, r"array of shape \(3, 3\).*X\[np.newaxis\].*image_shape="),
        (np.zeros(4), r"shape \(4,\)"),
        ([1.5], r"X\[0\] is a float, expected a Case"),
        ("scan.nii", "one str"),
        (Case(IMAGE), "one Case"),
        (3, "X is a int"),
        ({"a": IMAGE}, "X is one dict, expected a sequence"),
        (np.array(Case(IMAGE)), "X is one Case, expected a sequence"),
        (Header(), "X is one Header, expected a sequence"),
        (Table(), r"X is a table of other, expected one of pandas; convert it: X.to_pandas\(\)"),
        (pd.DataFrame({"a": [1.0]}), "numeric array"),
        (pd.DataFrame({"file": ["a.png"]}), "no column 'image' with files, nor 'case' with cases; its columns"),
        (pd.DataFrame({"case": [Case(IMAGE), np.nan], "age": [50, 60]}), r"X\['case'\].iloc\[1\] is nan, not a case"),
    ],
)
def test_check_cohort_refuses_what_is_no_cohort(X, message):
    with pytest.raises(CohortError, match=re.compile(message, re.DOTALL)):
        check_cohort(X)


def test_names_of_files_in_another_encoding_do_no_harm(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/K\xf6ln.npy")
    np.save(path, IMAGE)
    cohort = check_cohort([path, path + "x"])
    assert cohort.ids.tolist() == [r"K\udcf6ln", r"K\udcf6ln.npyx"]
    cohort.table.to_csv(tmp_path / "table.csv")
    given = check_cohort([Case(path, id="K\udcf6ln", patient="K\udcf6ln")])
    assert given.table["patient"].to_dict() == {r"K\udcf6ln": r"K\udcf6ln"}
    assert np.array_equal(cohort[0].load().image, IMAGE)
    with pytest.raises(ImageReadError) as caught:
        cohort[1].load()
    assert r"K\udcf6ln" in str(caught.value).encode().decode()


@pytest.mark.parametrize("shape", [(20, 20, 3), (30, 20, 4)])
def test_arrays_of_colors_are_not_read_as_volumes_in_silence(tmp_path, shape):
    image = np.zeros(shape)
    np.save(tmp_path / "colors.npy", image)
    for X in (image[np.newaxis], [image], [tmp_path / "colors.npy"]):
        with pytest.warns(RadlearnWarning, match=r"is read as a volume .*; of colors pass the mean over the last axis"):
            check_cohort(X)[0].load()


def test_volumes_of_few_columns_are_no_colors():
    assert check_cohort(np.zeros((2, 3, 20, 3)))[0].load().ndim == 3
    assert check_cohort([Volume(np.zeros((20, 20, 3)))])[0].load().ndim == 3


def test_rows_are_images_only_when_a_shape_says_so():
    X = np.arange(12.0).reshape(2, 6)
    assert check_cohort(X, image_shape="row")[0].load().shape == (1, 6)
    assert check_cohort(X, image_shape=(2, 3))[1].load().image.tolist() == [[6, 7, 8], [9, 10, 11]]
    with pytest.raises(CohortError, match="6 columns"):
        check_cohort(X, image_shape=(2, 2))


@pytest.mark.parametrize("wrapped", [list, tuple, lambda items: np.array(items, object), pd.Series])
@pytest.mark.parametrize("what", ["cases", "volumes", "files", "pairs", "images"])
def test_a_shape_of_rows_changes_nothing_where_there_are_none(tmp_path, wrapped, what):
    Image.fromarray(IMAGE.astype(np.uint8)).save(tmp_path / "image.png")
    items = {
        "cases": [Case(IMAGE, mask=MASK)],
        "volumes": [Volume(IMAGE, mask=MASK)],
        "files": [str(tmp_path / "image.png")],
        "pairs": [(IMAGE, MASK), (IMAGE, None)],
        "images": [IMAGE, IMAGE[:2]],
    }[what]
    X = wrapped(items)
    row, expected = (IntensityHistogram(range=(0, 9), image_shape=shape).fit_transform(X) for shape in ("row", None))
    np.testing.assert_array_equal(row, expected)
    one, other = (check_cohort(X, image_shape=shape)[0].load() for shape in ("row", None))
    np.testing.assert_array_equal(one.image, other.image)
    assert (one.mask is None) == (other.mask is None)


# Masks ------------------------------------------------------------------------------------------------------------

LABELS = np.array([[0, 1, 1], [0, 2, 2], [0, 0, 2]])


def test_a_label_is_chosen_by_number():
    assert Case(IMAGE, mask=LABELS, mask_label=2).load().mask.sum() == 3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.uint64, ">f8"])
def test_a_mask_may_have_any_type(dtype):
    assert Case(IMAGE, mask=LABELS.astype(dtype), mask_label=2).load().mask.sum() == 3


def test_a_mask_of_255_is_a_mask():
    assert Case(IMAGE, mask=MASK * np.uint8(255)).load().mask.sum() == 3


@pytest.mark.parametrize(
    ("mask", "label", "message"),
    [
        (np.zeros((3, 3), int), None, "mask of case 'LUNG' .* is empty; labels present: 0"),
        (LABELS, None, "several labels: 0, 1, 2; choose one with mask_label="),
        (LABELS, 7, "is empty for label 7; labels present: 0, 1, 2; choose one of them"),
        (IMAGE / 9, None, "not whole numbers"),
        (-LABELS, None, "from 0 up"),
        (np.where(MASK, np.nan, 0), None, "not whole numbers"),
        (np.where(MASK, np.inf, 0), None, "not whole numbers"),
        (np.where(MASK, 1e19, 0), None, "not whole numbers"),
        (np.where(MASK, 2.0**53, 0), None, "not whole numbers"),
        (np.where(IMAGE == 4, -1, LABELS).astype(np.int8), 2, "from 0 up"),
    ],
)
def test_a_mask_is_never_guessed(mask, label, message):
    with pytest.raises(MaskError, match=message) as caught:
        Case(IMAGE, mask=mask, mask_label=label, id="LUNG").load()
    assert caught.value.case == "LUNG"


def test_of_many_labels_the_first_are_told():
    many = np.arange(25).reshape(5, 5)
    with pytest.raises(MaskError, match=r"18, 19 and 5 more; choose one with mask_label=; .*JPEG.* thresholded"):
        Case(many, mask=many).load()


def test_a_mask_of_the_whole_image_is_told():
    with pytest.warns(RadlearnWarning, match="mask of case 'LUNG' .* covers the whole image; leave it out") as warned:
        Case(IMAGE, mask=np.ones((3, 3), int), id="LUNG").load()
    assert warned[0].filename == __file__


def test_a_mask_of_another_grid_names_the_case():
    with pytest.raises(GeometryError, match=r"case 'LUNG'.*\(3, 3\).*\(3, 4\)"):
        Case(IMAGE, mask=np.ones((3, 4)), id="LUNG").load()


def test_a_missing_file_names_case_file_and_remedy(tmp_path):
    with pytest.raises(ImageReadError, match=r"case 'LUNG'.*gone\.nii.*no such file"):
        Case(tmp_path / "gone.nii", id="LUNG").load()


# Series of volumes ------------------------------------------------------------------------------------------------


@pytest.fixture
def series_file(tmp_path):
    """A NIfTI file of three volumes of 2 x 3 x 4 voxels; volume i holds i."""
    nibabel = pytest.importorskip("nibabel")
    series = np.repeat(np.arange(3, dtype=np.int16), 24).reshape(3, 2, 3, 4)
    nibabel.Nifti1Image(series.T, np.eye(4)).to_filename(tmp_path / "series.nii")
    return tmp_path / "series.nii"


def test_a_case_is_one_volume_of_a_series(series_file):
    mask = np.arange(24).reshape(2, 3, 4) % 2
    cases = [Case(series_file, mask=mask, volume=volume) for volume in range(3)]
    assert [case.load().image.max() for case in cases] == [0, 1, 2]
    assert [(case.id, case.patient) for case in cases[:2]] == [("series-0", "series"), ("series-1", "series")]
    assert len({case.fingerprint() for case in cases}) == 3


def test_the_error_of_a_series_names_case_file_and_volume(series_file):
    with pytest.raises(ImageReadError, match=r"case 'DCE'.*series\.nii.*choose one with volume=, from 0 to 2"):
        Case(series_file, id="DCE").load()


def test_only_files_of_four_dimensions_have_volumes():
    with pytest.raises(ImageReadError, match=r"volume=1 is asked for.*leave volume out"):
        Case(IMAGE, volume=1).load()
    with pytest.raises(ValueError, match="volume must be at least 0"):
        Case(IMAGE, volume=-1).load()


def test_the_volume_may_stand_in_a_column(series_file):
    frame = pd.DataFrame({"image": [series_file.name] * 3, "time": [2, 0, None]})
    X = read_cohort(frame[:2], root=series_file.parent, volume="time")
    assert [case.load().image.max() for case in X] == [2, 0]
    assert X.ids.tolist() == ["series-2", "series-0"]
    assert len(set(X.patients)) == 1
    assert read_cohort(frame[:1], root=series_file.parent, volume=1)[0].volume == 1
    assert read_cohort(frame[2:], root=series_file.parent, volume="time")[0].volume is None
