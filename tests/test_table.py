"""read_cohort: the whole table is checked before an image is opened."""

import sys
import zipfile
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest

from radlearn import check_cohort, read_cohort
from radlearn.exceptions import CohortError, ImageReadError, RadlearnWarning


def test_a_table_of_files_becomes_a_cohort_with_labels(cohort_files, cohort, labels):
    X, y = read_cohort(cohort_files, label="diagnosis")
    assert y.tolist() == labels.tolist()
    assert X.patients.tolist() == cohort.patients.tolist()
    assert X[3].meta["site"] == "B"
    np.testing.assert_array_equal(X[3].load().image, cohort[3].load().image)
    np.testing.assert_array_equal(X[3].load().mask, cohort[3].load().mask)


@pytest.mark.parametrize("ending", [".tsv", ".parquet"])
def test_other_tables_give_the_same_cohort(cohort_files, ending):
    frame = pd.read_csv(cohort_files)
    other = cohort_files.with_suffix(ending)
    frame.to_csv(other, sep="\t", index=False) if ending == ".tsv" else frame.to_parquet(other)
    expected = read_cohort(cohort_files).table
    pd.testing.assert_frame_equal(read_cohort(other).table, expected, check_dtype=False)


def test_images_are_read_from_an_archive_beside_the_table(cohort_files, cohort):
    with zipfile.ZipFile(cohort_files.with_name("images.zip"), "w") as archive:
        for path in cohort_files.parent.glob("*.npy"):
            archive.write(path, path.name)
            path.unlink()
    X = read_cohort(cohort_files, root="images.zip")
    np.testing.assert_array_equal(X[5].load().image, cohort[5].load().image)


def test_a_data_frame_takes_paths_from_the_root(cohort_files):
    frame = pd.read_csv(cohort_files)
    assert len(read_cohort(frame, root=cohort_files.parent)) == 12


def test_ids_stay_as_they_are_written(cohort_files):
    frame = pd.read_csv(cohort_files).assign(id=[f"{number:03d}" for number in range(12)], patient=range(12))
    frame.to_csv(cohort_files, index=False)
    X = read_cohort(cohort_files)
    assert X.ids[7] == "007"
    assert X.patients[7] == "7"


@pytest.mark.parametrize("written", [("1.1", "1.10"), ("1E1", "10"), ("12345678901234567.0", "12345678901234568.0")])
def test_patients_whose_names_look_like_numbers_stay_apart(cohort_files, written):
    frame = pd.read_csv(cohort_files).assign(patient=[written[number % 2] for number in range(12)])
    frame.to_csv(cohort_files, index=False)
    expected = [name.removesuffix(".0") for name in written]
    assert read_cohort(cohort_files).patients[:2].tolist() == expected


def test_patients_that_pandas_wrote_as_decimals_are_whole_numbers(cohort_files):
    pd.read_csv(cohort_files).assign(patient=np.arange(12.0)).to_csv(cohort_files, index=False)
    assert read_cohort(cohort_files).patients[7] == "7"


def test_columns_may_have_other_names_and_be_absent(cohort_files):
    frame = pd.read_csv(cohort_files)[["image", "diagnosis"]].rename(columns={"image": "scan"})
    frame.to_csv(cohort_files, index=False)
    X = read_cohort(cohort_files, image="scan")
    assert X.ids[0] == "case-00"
    assert X.patients[0] == "case-00"
    assert X[0].load().mask is None


def test_an_empty_mask_cell_stands_for_no_mask(cohort_files):
    frame = pd.read_csv(cohort_files)
    frame.loc[0, "mask"] = None
    frame.to_csv(cohort_files, index=False)
    assert read_cohort(cohort_files)[0].mask is None


def test_the_mask_label_may_stand_in_a_column(cohort_files):
    frame = pd.read_csv(cohort_files).assign(region=1)
    frame.to_csv(cohort_files, index=False)
    assert read_cohort(cohort_files, mask_label="region")[0].mask_label == 1


def test_everything_that_is_wrong_is_told_at_once_with_its_row(cohort_files):
    frame = pd.read_csv(cohort_files)
    frame.loc[2, "image"] = "gone.npy"
    frame.loc[3, "mask"] = "gone_mask.npy"
    frame.loc[4, "id"] = "case-00"
    frame.loc[5, "diagnosis"] = None
    frame.loc[6, "patient"] = None
    frame.to_csv(cohort_files, index=False)
    with pytest.raises(CohortError) as caught:
        read_cohort(cohort_files, label="diagnosis")
    message = str(caught.value)
    assert "5 problems" in message
    for line in (
        "row 4: image file",
        "gone.npy",
        "row 5: mask file",
        "row 6: id 'case-00' is already in row 2",
        "row 7: diagnosis is missing",
        "row 8: patient is missing",
    ):
        assert line in message


def test_files_that_are_not_found_tell_of_the_root(cohort_files):
    with pytest.raises(CohortError, match=r"row 2: image file 'case-00.npy'[\s\S]*root= names the folder"):
        read_cohort(pd.read_csv(cohort_files))


def test_images_have_to_have_a_column(cohort_files):
    with pytest.raises(TypeError, match="image must be the name of a column, got None"):
        read_cohort(cohort_files, image=None)


def test_labels_of_several_columns_are_refused(cohort_files):
    with pytest.raises(TypeError, match=r"label must be .* one column, got \['diagnosis', 'site'\]; .*X.table"):
        read_cohort(cohort_files, label=["diagnosis", "site"])


def test_one_class_only_is_refused(cohort_files):
    pd.read_csv(cohort_files).assign(diagnosis="dark").to_csv(cohort_files, index=False)
    with pytest.raises(CohortError, match="one class only: \\['dark'\\]"):
        read_cohort(cohort_files, label="diagnosis")


def test_a_misspelled_column_gets_the_nearest_one(cohort_files):
    with pytest.raises(CohortError, match=r"no column 'diagnose' \(label=\).*did you mean 'diagnosis'"):
        read_cohort(cohort_files, label="diagnose")


@pytest.mark.parametrize("role", ["mask", "patient", "id"])
def test_a_column_that_is_asked_for_by_another_name_has_to_be_there(cohort_files, role):
    with pytest.raises(CohortError, match=rf"no column '{role}s' \({role}=\).*did you mean '{role}'"):
        read_cohort(cohort_files, **{role: f"{role}s"})


@pytest.mark.parametrize("name", ["Patient", "patient_id", " patient", "Subject ID", "participant_id"])
def test_patients_that_are_spelled_otherwise_are_told(cohort_files, name):
    pd.read_csv(cohort_files).rename(columns={"patient": name}).to_csv(cohort_files, index=False)
    with pytest.warns(RadlearnWarning, match=rf"a patient of its own; .*patient='{name}'") as warned:
        X = read_cohort(cohort_files)
    assert warned[0].filename == __file__
    assert len(set(X.patients)) == len(X)
    assert len(set(read_cohort(cohort_files, patient=name).patients)) < len(X)


def test_patients_may_be_left_out_on_purpose(cohort_files):
    X = read_cohort(cohort_files, patient=None, mask=None)
    assert X.patients.tolist() == X.ids.tolist()
    assert X[0].mask is None


def test_cases_of_one_image_are_of_one_patient(cohort_files):
    frame = pd.read_csv(cohort_files)
    lesions = pd.concat([frame, frame[:2]]).drop(columns="patient").assign(id=[f"lesion-{n}" for n in range(14)])
    X = read_cohort(lesions, root=cohort_files.parent)
    assert X.patients[[0, 1, 12, 13]].tolist() == ["lesion-0", "lesion-1"] * 2
    assert len(set(X.patients)) == 12


def test_volumes_of_files_that_share_a_name_are_told_apart_by_their_folders(tmp_path):
    frame = pd.DataFrame({"image": ["P1/dce.npy", "P1/dce.npy", "P2/dce.npy"], "time": [0, 3, 3]})
    for folder in ("P1", "P2"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "dce.npy", np.eye(4))
    X = read_cohort(frame, volume="time", root=tmp_path)
    assert X.ids.tolist() == ["P1/dce.npy-0", "P1/dce.npy-3", "P2/dce.npy-3"]
    assert X.patients.tolist() == ["P1/dce.npy", "P1/dce.npy", "P2/dce.npy"]


def test_cases_of_one_image_without_names_are_told_to_have_some(cohort_files):
    frame = pd.read_csv(cohort_files).drop(columns="id")
    sides = pd.concat([frame.assign(side=1), frame.assign(side=2)])
    with pytest.raises(CohortError, match=r"row 14: id .* already in row 2[\s\S]*need names of their own, .*'id'"):
        read_cohort(sides, mask_label="side", root=cohort_files.parent)


def test_an_image_of_two_patients_is_refused(cohort_files):
    frame = pd.read_csv(cohort_files)
    frame.loc[7, "image"] = frame.loc[0, "image"]
    with pytest.raises(CohortError, match=r"row 9: image 'case-00.npy' is already in row 2, as one of another pati"):
        read_cohort(frame, root=cohort_files.parent)


def test_blanks_around_a_patient_do_not_make_another_one(cohort_files):
    frame = pd.read_csv(cohort_files)
    patients = frame["patient"].copy()
    frame.loc[0, "patient"] = f" {patients[0]} "
    frame.to_csv(cohort_files, index=False)
    assert read_cohort(cohort_files).patients.tolist() == patients.tolist()


def test_blanks_around_a_label_do_not_make_another_class(cohort_files, labels):
    frame = pd.read_csv(cohort_files)
    frame.loc[0, "diagnosis"] = f" {labels[0]} "
    _, y = read_cohort(frame, label="diagnosis", root=cohort_files.parent)
    assert y.tolist() == labels.tolist()


@pytest.mark.parametrize("column", ["patient", "diagnosis"])
def test_names_that_differ_in_capitals_only_are_told(cohort_files, column):
    frame = pd.read_csv(cohort_files)
    name = frame.loc[0, column]
    other = frame.loc[0, column] = name.swapcase()
    message = f"'{column}' holds names that differ in capitals only, .*: '{other}' and '{name}';"
    with pytest.warns(RadlearnWarning, match=message) as told:
        read_cohort(frame, label="diagnosis", root=cohort_files.parent)
    assert [warning.filename for warning in told] == [__file__]


def test_of_many_names_that_differ_in_capitals_the_first_are_told_and_the_rest_counted(cohort_files, monkeypatch):
    monkeypatch.setattr("radlearn.table.MAX_LISTED", 2)
    frame = pd.read_csv(cohort_files)
    frame["patient"] = ["p1", "P1", "p2", "P2", "p3", "P3", "p4", "P4", *["p5"] * 4]
    with pytest.warns(RadlearnWarning, match="'p1' and 'P1', 'p2' and 'P2' and 2 more; spell them alike"):
        read_cohort(frame, root=cohort_files.parent)


@pytest.mark.parametrize("empty", [None, np.nan, "", "  "])
def test_cells_without_a_mask_label_or_volume_may_be_blank(cohort_files, empty):
    frame = pd.read_csv(cohort_files).assign(region=1, number=pd.NA).astype(object)
    frame.loc[2, ["mask", "region"]] = empty
    frame["number"] = empty
    X = read_cohort(frame, mask_label="region", volume="number", root=cohort_files.parent)
    assert [case.mask is None for case in X] == [row == 2 for row in range(len(X))]
    assert [case.mask_label for case in X] == [None if row == 2 else 1 for row in range(len(X))]
    assert all(case.volume is None for case in X)


def test_a_patient_of_blanks_is_missing(cohort_files):
    frame = pd.read_csv(cohort_files)
    frame.loc[3, "patient"] = "  "
    with pytest.raises(CohortError, match="row 5: patient is missing"):
        read_cohort(frame, root=cohort_files.parent)


@pytest.mark.parametrize("index", ["patient", "id", ["site", "patient"]])
def test_an_index_with_a_name_is_a_column(cohort_files, cohort, index):
    frame = pd.read_csv(cohort_files, index_col=index)
    frame[["image", "mask"]] = str(cohort_files.parent) + "/" + frame[["image", "mask"]]
    frame.to_parquet(cohort_files.with_suffix(".parquet"))
    for X in (read_cohort(frame), check_cohort(frame), read_cohort(cohort_files.with_suffix(".parquet"))):
        assert X.patients.tolist() == cohort.patients.tolist()
        assert X.table["site"].tolist() == cohort.table["site"].tolist()
    assert frame.index.names == np.atleast_1d(index).tolist()


def test_names_may_be_categories(cohort_files):
    frame = pd.read_csv(cohort_files).assign(patient="P1", diagnosis="benign").astype("category")
    assert set(read_cohort(frame, root=cohort_files.parent).patients) == {"P1"}
    with pytest.raises(CohortError, match=r"holds one class only: \['benign'\]"):
        read_cohort(frame, root=cohort_files.parent, label="diagnosis")


@pytest.mark.parametrize(("option", "cell"), [("mask_label", 1.5), ("volume", 0.5), ("volume", "first")])
def test_numbers_that_are_not_whole_are_named_and_not_cut(cohort_files, option, cell):
    frame = pd.read_csv(cohort_files).assign(number=[1] * 11 + [cell])
    with pytest.raises(CohortError, match=rf"row 13: number is {cell!r}, not a whole number"):
        read_cohort(frame, root=cohort_files.parent, **{option: "number"})


def test_a_cell_may_merge_labels(cohort_files):
    frame = pd.read_csv(cohort_files).assign(region=[[1, 2]] * 12)
    assert read_cohort(frame, root=cohort_files.parent, mask_label="region")[0].mask_label == (1, 2)


def test_folders_that_are_numbers_are_names(tmp_path):
    (tmp_path / "7").mkdir()
    X = read_cohort(pd.DataFrame({"image": [7.0], "mask": [None]}), root=tmp_path)
    assert X.ids.tolist() == ["7"]


def test_arrays_in_a_table_are_refused_with_their_row(cohort_files):
    frame = pd.read_csv(cohort_files).assign(mask=[np.eye(3)] * 12)
    with pytest.raises(CohortError, match=r"row 2: mask is a ndarray, not the name of a file; .*check_cohort"):
        read_cohort(frame, root=cohort_files.parent)


def test_two_columns_of_one_name_are_refused(cohort_files):
    frame = pd.read_csv(cohort_files)
    frame.columns = ["patient" if name == "site" else name for name in frame]
    with pytest.raises(CohortError, match="2 columns 'patient'"):
        read_cohort(frame, root=cohort_files.parent)


@pytest.mark.parametrize("name", ["patient", "diagnosis"])
def test_two_columns_of_one_name_are_refused_in_a_file(cohort_files, name):
    cohort_files.write_text(cohort_files.read_text().replace("site", name, 1))
    with pytest.raises(CohortError, match=f"2 columns '{name}'.*; rename all but one"):
        read_cohort(cohort_files, label="diagnosis")


@pytest.mark.parametrize("surplus", [",", ",,"])
def test_separators_at_the_ends_of_rows_do_not_shift_columns(cohort_files, surplus):
    expected = read_cohort(cohort_files).table
    head, *rows = cohort_files.read_text().splitlines()
    cohort_files.write_text("\n".join([head, *(row + surplus for row in rows)]))
    assert read_cohort(cohort_files).table.equals(expected)


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_rows_of_separators_at_the_end_are_no_cases(cohort_files, ending):
    table = cohort_files.with_suffix(ending)
    separator = "," if ending == ".csv" else "\t"
    table.write_text(cohort_files.read_text().replace(",", separator) + f"{separator * 5}\n" * 2)
    assert len(read_cohort(table, label="diagnosis")[0]) == 12


@pytest.mark.parametrize("written", ["None", "NA", "null"])
def test_a_class_that_reads_as_missing_is_explained(cohort_files, written):
    cohort_files.write_text(cohort_files.read_text().replace("dark", written))
    with pytest.raises(CohortError, match=r"(?s)row 2: diagnosis is missing.*NA, None, null and the like count as"):
        read_cohort(cohort_files, label="diagnosis")


def test_images_that_are_missing_have_no_repeated_ids(cohort_files):
    frame = pd.read_csv(cohort_files).drop(columns="id")
    frame.loc[[3, 5], "image"] = None
    with pytest.raises(CohortError, match=r"(?s)2 problems.*row 5: image is missing\n- row 7: image is missing\n"):
        read_cohort(frame, root=cohort_files.parent)


def test_numbers_of_rows_as_r_writes_them_are_no_column(cohort_files):
    expected = read_cohort(cohort_files).table
    head, *rows = cohort_files.read_text().splitlines()
    cohort_files.write_text("\n".join([head, *(f"{number},{row}" for number, row in enumerate(rows, 1))]))
    assert read_cohort(cohort_files).table.equals(expected)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_with_other_separators_gets_the_right_advice(cohort_files, separator):
    cohort_files.write_text(cohort_files.read_text().replace(",", separator))
    with pytest.raises(CohortError, match="save it with commas between the columns"):
        read_cohort(cohort_files)


def test_a_spreadsheet_is_no_table(tmp_path):
    (tmp_path / "cohort.xlsx").write_bytes(b"PK\x03\x04\x14\0\x06\0")
    with pytest.raises(ImageReadError, match=r"cohort\.xlsx.* perhaps a spreadsheet; save it as CSV"):
        read_cohort(tmp_path / "cohort.xlsx")


@pytest.mark.parametrize("table", [None, ["a.nii"], np.zeros((3, 3))])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(TypeError, match="table must be a path or a DataFrame of pandas"):
        read_cohort(table)


def test_options_of_dicom_are_a_dict(cohort_files):
    with pytest.raises(TypeError, match=r"dicom must be a dict .*got 'bw'"):
        read_cohort(cohort_files, dicom="bw")


def test_a_long_list_of_problems_is_cut(cohort_files):
    frame = pd.read_csv(cohort_files)
    pd.concat([frame] * 3).to_csv(cohort_files, index=False)
    with pytest.raises(CohortError, match=r"24 problems[\s\S]*and 4 more"):
        read_cohort(cohort_files)


@pytest.mark.parametrize("name", ["gone.csv", "empty.csv"])
def test_a_table_that_cannot_be_read_is_named(tmp_path, name):
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ImageReadError, match=name):
        read_cohort(tmp_path / name)


@pytest.mark.skipif(sys.platform == "darwin", reason="finds both")
@pytest.mark.parametrize(("on_disk", "in_table"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_a_name_that_only_looks_the_same_is_told(tmp_path, on_disk, in_table):
    np.save(tmp_path / normalize(on_disk, "K\N{LATIN SMALL LETTER O WITH DIAERESIS}ln.npy"), np.eye(3))
    table = pd.DataFrame({"image": [normalize(in_table, "K\N{LATIN SMALL LETTER O WITH DIAERESIS}ln.npy"), "b.npy"]})
    with pytest.raises(CohortError, match=rf"its accents stored in another way \({on_disk}\): rename it, or") as told:
        read_cohort(table, root=tmp_path)
    assert str(told.value).count("accents") == 1


def test_a_table_without_rows_and_a_missing_archive_are_refused(cohort_files):
    with pytest.raises(ImageReadError, match=r"images\.zip"):
        read_cohort(cohort_files, root="images.zip")
    cohort_files.write_text("image\n")
    with pytest.raises(CohortError, match="no rows"):
        read_cohort(cohort_files)
