"""read_cohort: the whole table is checked before an image is opened."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from radlearn import read_cohort
from radlearn.exceptions import CohortError, ImageReadError


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
        "row 6: id 'case-00' stands in row 2 already",
        "row 7: diagnosis is missing",
        "row 8: patient is missing",
    ):
        assert line in message


def test_one_class_only_is_refused(cohort_files):
    pd.read_csv(cohort_files).assign(diagnosis="dark").to_csv(cohort_files, index=False)
    with pytest.raises(CohortError, match="one class only: \\['dark'\\]"):
        read_cohort(cohort_files, label="diagnosis")


def test_a_misspelled_column_gets_the_nearest_one(cohort_files):
    with pytest.raises(CohortError, match=r"no column 'diagnose' \(label=\).*did you mean 'diagnosis'"):
        read_cohort(cohort_files, label="diagnose")


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


def test_a_table_without_rows_and_a_missing_archive_are_refused(cohort_files, tmp_path):
    with pytest.raises(ImageReadError, match=r"images\.zip"):
        read_cohort(cohort_files, root="images.zip")
    cohort_files.write_text("image\n")
    with pytest.raises(CohortError, match="no rows"):
        read_cohort(cohort_files)
