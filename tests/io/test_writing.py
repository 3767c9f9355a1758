import io
import time
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pandas as pd
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import MaskError
from radlearn.io import read_image, write_case, write_features, write_mask
from radlearn.preprocessing import ClipIntensity
from radlearn.radiomics import feature_table

AFFINE = np.array([[0, 0, -0.5, 10], [0, -0.75, 0, 20], [3, 0, 0, 30], [0, 0, 0, 1.0]])


@pytest.fixture
def masked(volume):
    return Volume(volume, mask=volume % 2, spacing=(3, 0.75, 0.5), affine=AFFINE, id="LUNG-017")


def test_a_case_is_read_back_as_it_was_written(tmp_path, masked):
    image_path, mask_path = write_case(tmp_path / "a.b.nii.gz", masked)
    assert (image_path.name, mask_path.name) == ("a.b.nii.gz", "a.b_mask.nii.gz")
    again = Case(image_path, mask=mask_path).load()
    assert np.array_equal(again.image, masked.image)
    assert np.array_equal(again.mask, masked.mask)
    assert again.spacing == masked.spacing
    assert np.array_equal(again.affine, AFFINE)


def test_an_image_too_long_for_version_1_is_written_as_version_2(tmp_path):
    image = np.arange(40_000.0).reshape(1, 1, -1)
    path, _ = write_case(tmp_path / "strip.nii", Volume(image, spacing=(3, 2, 1), affine=np.diag([3, 2, 1, 1])))
    read = read_image(path)
    np.testing.assert_array_equal(read.array, image)
    assert read.spacing == (3, 2, 1)


def test_a_case_is_written_behind_its_pending_steps(tmp_path, masked):
    write_case(tmp_path / "scan.nii", masked)
    case = Case(tmp_path / "scan.nii", mask=tmp_path / "scan_mask.nii")
    (clipped,) = ClipIntensity(low=5, high=9).fit_transform([case])
    write_case(tmp_path / "clipped.nii", clipped, mask_path=tmp_path / "region.nii")
    assert set(np.unique(read_image(tmp_path / "clipped.nii").array)) == {5, 6, 7, 8, 9}
    assert np.array_equal(read_image(tmp_path / "region.nii").array, masked.mask)


def test_a_case_without_a_mask_is_one_file(tmp_path, masked):
    assert write_case(tmp_path / "scan.nii", masked.but(mask=None)) == (tmp_path / "scan.nii", None)
    assert [path.name for path in tmp_path.iterdir()] == ["scan.nii"]


def test_the_folder_is_made(tmp_path, masked):
    image_path, mask_path = write_case(tmp_path / "out" / "P1" / "scan.nii", masked, mask_path=tmp_path / "m" / "1.nii")
    assert image_path.is_file()
    assert mask_path.is_file()


def test_a_mask_is_one_byte_per_voxel(tmp_path, masked):
    array = read_image(write_mask(tmp_path / "mask.nii.gz", masked)).array
    assert array.dtype == np.uint8
    assert np.array_equal(array, masked.mask)


def test_a_mask_that_is_not_there_is_not_written(tmp_path, masked):
    with pytest.raises(MaskError, match="case 'LUNG-017' has no mask; segment it first"):
        write_mask(tmp_path / "mask.nii", masked.but(mask=None))


@pytest.mark.parametrize("save", [write_case, write_mask])
def test_an_array_is_no_case(tmp_path, volume, save):
    with pytest.raises(TypeError, match=r"must be a Case or a Volume, got ndarray; wrap an array as Case\(array\)"):
        save(tmp_path / "a.nii", volume)


def test_an_array_is_no_table(tmp_path):
    with pytest.raises(TypeError, match=r"table must be a DataFrame of pandas, got ndarray; .*set_output"):
        write_features(tmp_path / "a.csv", np.eye(2))


@pytest.mark.parametrize("write", [write_case, write_mask])
def test_only_nifti_is_written(tmp_path, masked, write):
    with pytest.raises(ValueError, match=r"path must end with '.nii' or '.nii.gz', got .*scan.png"):
        write(tmp_path / "scan.png", masked)
    assert not list(tmp_path.iterdir())


# Tables of features


def csv_of(table):
    file = io.StringIO()
    write_features(file, table)
    return file.getvalue()


def test_numbers_come_back_in_full(tmp_path):
    values = np.array([0.1 + 0.2, 1 / 3, np.nan, -1e-300, 12345678.9])
    write_features(tmp_path / "a.csv", pd.DataFrame({"a": values}, index=pd.Index(list("vwxyz"), name="id")))
    again = pd.read_csv(tmp_path / "a.csv", index_col="id", dtype=str)
    assert np.array_equal(again["a"].astype(float), values, equal_nan=True)
    assert again.index.tolist() == list("vwxyz")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("LUNG-017", "LUNG-017"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ("\t=1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-12.5", "-12.5"),
        ("+1e-3", "+1e-3"),
        ("two\r\nlines", "two lines"),
        ("next\u2028line\x00", "next line "),
        ("semi;=1+1", "semi;=1+1"),
        ('quote","=1+1', 'quote"",""=1+1'),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless(cell, written):
    expected = f'"{written}","n"\n"{written}",1\n'
    assert csv_of(pd.DataFrame({cell: [cell], "n": [1]})) == expected
    assert csv_of(pd.DataFrame({"n": [1]}, index=pd.Index([cell], name=cell))) == expected


def test_a_cell_of_many_digits_is_written_in_time(tmp_path):
    cell = "-" + "1" * 200_000 + "x"
    start = time.process_time()
    write_features(tmp_path / "a.csv", pd.DataFrame({"id": [cell]}))
    assert time.process_time() - start < 2
    assert (tmp_path / "a.csv").read_text() == f'"id"\n"\'{cell}"\n'


def test_parquet_knows_units_and_keeps_text(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pd.DataFrame({"volume": [0.1], "site": ["=A"]}, index=pd.Index(["a\nb"], name="id"))
    write_features(tmp_path / "a.parquet", table, units={"volume": "mm^3", "absent": "1"})
    schema = parquet.read_schema(tmp_path / "a.parquet")
    assert schema.field("volume").metadata == {b"unit": b"mm^3"}
    assert schema.field("site").metadata is None
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet").set_index("id"), table)


def test_the_units_of_the_features_go_into_the_file(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    units = feature_table().drop_duplicates("name").set_index("name")["unit"]
    write_features(tmp_path / "a.parquet", pd.DataFrame({"morphology_mesh_volume": [4.5]}), units=units)
    assert parquet.read_schema(tmp_path / "a.parquet").field(0).metadata == {b"unit": b"mm^3"}


def test_all_units_are_written_into_the_table_at_once(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    table, arrow = pd.DataFrame(np.ones((1, 30)), columns=[f"f{k}" for k in range(30)]), MagicMock()
    content = arrow.Table.from_pandas.return_value
    content.schema, content.cast.return_value = pyarrow.Schema.from_pandas(table), content
    arrow.write_table.side_effect = lambda _, path: Path(path).touch()
    monkeypatch.setattr("radlearn.io.features._arrow", lambda module: arrow)
    write_features(tmp_path / "a.parquet", table, units=dict.fromkeys(table, "mm"))
    assert content.cast.call_count == 1


def test_another_table_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"path must end with '.csv', '.parquet' or '.pq', got .*a.xlsx"):
        write_features(tmp_path / "a.xlsx", pd.DataFrame({"a": [1]}))
