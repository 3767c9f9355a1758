"""Ids that are hashed on request: nothing that is shown or kept tells them any more."""

import gzip
import hmac
import pickle
import traceback
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from counting import CountedMoments
from dicom_files import write_series
from radlearn import Case, Cohort, read_cohort
from radlearn.evaluation import PatientKFold
from radlearn.exceptions import ImageReadError, RadlearnWarning
from radlearn.io import FileSource
from radlearn.preprocessing import ClipIntensity

KEY = "correct horse battery staple"
PLAIN = "DOE"


@pytest.fixture
def named_cohort(tmp_path):
    """Six cases of three patients in files that have the names of their patients."""
    rows = []
    for position in range(6):
        name = f"DOE-{position}"
        for kind in ("image", "mask"):
            np.save(
                tmp_path / f"{name}_{kind}.npy", np.arange(16, dtype=np.uint8).reshape(4, 4) // (8, 15)[kind == "mask"]
            )
        rows.append(
            {"image": f"{name}_image.npy", "mask": f"{name}_mask.npy", "id": name, "patient": f"DOE{position // 2}"}
        )
    return read_cohort(pd.DataFrame(rows), root=tmp_path)


def test_the_same_id_gets_the_same_name_with_the_same_key_only(named_cohort):
    hidden = named_cohort.pseudonymized(key=KEY)
    assert hidden.ids.tolist() == named_cohort.pseudonymized(key=KEY.encode()).ids.tolist()
    assert len(set(hidden.ids)) == 6
    assert not set(hidden.ids) & set(named_cohort.pseudonymized(key=KEY + "!").ids)
    assert hidden[[2]].ids == named_cohort[[2]].pseudonymized(key=KEY).ids


def test_a_name_is_a_keyed_hash_that_anybody_with_the_key_can_make():
    key = "just 16 bytes ok"
    case = Case(np.eye(3), id="DÖE", patient="P1").pseudonymized(key=key)
    expected = [hmac.new(key.encode(), name.encode(), "sha256").hexdigest()[:16] for name in ("DÖE", "P1")]
    assert [case.id, case.patient] == expected


def test_cases_of_one_patient_stay_together(named_cohort):
    hidden = named_cohort.pseudonymized(key=KEY)
    assert hidden.patients[::2].tolist() == hidden.patients[1::2].tolist()
    for train, test in PatientKFold(3).split(hidden):
        assert not set(hidden[train].patients) & set(hidden[test].patients)
    alone = Cohort([Case(np.eye(3), id="DOE")]).pseudonymized(key=KEY)
    assert alone.ids == alone.patients


def test_images_masks_and_cached_rows_are_the_same(named_cohort):
    hidden = named_cohort.pseudonymized(key=KEY)
    assert [case.fingerprint() for case in hidden] == [case.fingerprint() for case in named_cohort]
    assert np.array_equal(hidden[0].load().mask, named_cohort[0].load().mask)


def test_nothing_that_is_shown_tells_the_id(named_cohort):
    hidden = named_cohort.pseudonymized(key=KEY)
    shown = [repr(hidden), hidden._repr_html_(), hidden.table.to_csv(), repr(hidden[0]), repr(hidden[0].image)]
    shown += [repr(hidden[0].load()), repr(hidden[0].mask), *(case.id for case in hidden[0].per_label())]
    assert PLAIN not in "".join(shown)


def test_nothing_that_is_kept_tells_the_id(named_cohort, tmp_path):
    hidden = named_cohort.pseudonymized(key=KEY)
    table = CountedMoments(memory=tmp_path / "cache", log=tmp_path / "log").set_output(transform="pandas")
    shown = table.fit_transform(ClipIntensity(low=0).fit_transform(hidden)).to_csv()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".npy"]
    assert len(kept) == 7
    assert PLAIN not in shown + "".join(map(str, kept)).replace(str(tmp_path), "")
    assert not any(PLAIN.encode() in path.read_bytes() for path in kept)


def damage_missing(path):
    path.unlink()


def damage_empty(path):
    path.write_bytes(b"")


def damage_content(path):
    path.write_bytes(b"<html>")


def damage_folder(path):
    path.unlink()
    path.mkdir()


def damage_link(path):
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("damage", [damage_missing, damage_empty, damage_content, damage_folder, damage_link])
@pytest.mark.parametrize("kind", ["image", "mask"])
def test_no_error_tells_the_id(named_cohort, damage, kind):
    case = named_cohort.pseudonymized(key=KEY)[0]
    damage(Path(getattr(named_cohort[0], kind).path))
    with pytest.raises(ValueError, match=f"{kind} of {case.id}") as caught:
        case.load()
    shown = "".join(traceback.format_exception(caught.value))
    assert PLAIN not in shown


@pytest.mark.parametrize("on_error", ["raise", "nan"])
def test_no_report_of_an_extractor_tells_the_id(named_cohort, on_error):
    hidden = named_cohort.pseudonymized(key=KEY)
    Path(named_cohort[0].image.path).write_bytes(b"damaged")
    extractor = CountedMoments(on_error=on_error)
    if on_error == "raise":
        with pytest.raises(ValueError, match=hidden.ids[0]) as caught:
            extractor.fit_transform(hidden)
        assert PLAIN not in "".join(traceback.format_exception(caught.value))
    else:
        with pytest.warns(RadlearnWarning, match="1 of 6 cases failed") as warned:
            extractor.fit_transform(hidden)
        assert PLAIN not in str(warned[0].message) + extractor.errors_.to_csv()


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("nii", b"\x5c\x01\0\0" + bytes(400)),
        ("nii.gz", gzip.compress(b"no image", mtime=0)),
        ("nrrd", b"NRRD0004\nsizes: 1\n\n"),
        ("nhdr", b"NRRD0004\ntype: uchar\nsizes: 2 2\nencoding: raw\ndata file: DOE.raw\n\n"),
        ("nhdr", b"NRRD0004\ntype: uchar\nsizes: 2 2\nencoding: raw\ndata file: ../DOE.raw\n\n"),
        ("mha", b"ObjectType = DOE\n"),
        ("mhd", b"DimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = DOE%d.raw\n"),
        ("png", b"\x89PNG\r\n\x1a\n"),
        ("tif", b"II*\0"),
        ("npz", b"PK\x03\x04"),
        ("doc", b"DOE"),
    ],
)
def test_no_reader_and_no_archive_tells_the_id(tmp_path, ending, content):
    (tmp_path / f"DOE.{ending}").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "DOE.zip", "w") as archive:
        archive.writestr(f"DOE.{ending}", content)
    sources = FileSource(tmp_path / f"DOE.{ending}"), FileSource(tmp_path / "DOE.zip", f"DOE.{ending}")
    for source in sources:
        case = Case(source, id=PLAIN).pseudonymized(key=KEY)
        with warnings.catch_warnings(record=True) as warned, pytest.raises(ValueError, match="image of") as caught:
            case.load()
        shown = traceback.format_exception(caught.value)
        assert PLAIN not in "".join([*shown, *(str(warning.message) for warning in warned)])


def test_a_warning_of_a_reader_does_not_tell_the_id(tmp_path):
    (tmp_path / "DOE.nrrd").write_bytes(b"NRRD0004\ntype: uchar\nsizes: 2 2\nencoding: raw\n\nabcd")
    case = Case(tmp_path / "DOE.nrrd").pseudonymized(key=KEY)
    with pytest.warns(RadlearnWarning, match=f"'image of {case.id}' has no voxel size"):
        case.load()


def test_pickled_cases_can_still_be_read(named_cohort):
    again = pickle.loads(pickle.dumps(named_cohort.pseudonymized(key=KEY)))
    assert again[0].load().shape == (4, 4)


@pytest.mark.parametrize(("key", "error"), [("short", ValueError), (b"15 bytes long..", ValueError), (None, TypeError)])
def test_a_key_that_could_be_guessed_is_refused(named_cohort, key, error):
    with pytest.raises(error, match=r"key must .*secrets.token_hex\(\) makes a good one"):
        named_cohort.pseudonymized(key=key)


def test_a_dicom_series_in_a_folder_with_the_name_of_its_patient_is_not_named(tmp_path):
    folder = tmp_path / "DOE-JANE"
    write_series(folder, np.zeros((3, 4, 5), np.int16))
    hidden = Cohort([Case(folder)]).pseudonymized(key=KEY)[0]
    assert hidden.load().shape == (3, 4, 5)
    assert hidden.fingerprint() == Case(folder).fingerprint()
    (folder / "broken.dcm").write_bytes(b"no image")
    with pytest.raises(ImageReadError) as caught:
        hidden.load()
    shown = "".join(traceback.format_exception(caught.value)) + repr(hidden.image) + repr(hidden)
    assert PLAIN not in shown.replace(__name__, "")
    assert f"image of {hidden.id} (file " in str(caught.value)
