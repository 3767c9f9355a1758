"""Nothing that identifies a person comes out of a file: not in errors, logs, histories, tables or caches."""

import json
import logging
import pickle
import re
import traceback
import warnings

import numpy as np
import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from dicom_files import (
    FRAME,
    SECRETS,
    SERIES,
    ct_slice,
    item,
    run_length_encoded,
    save,
    write_segmentation,
    write_series,
    write_structures,
)
from radlearn import Case, Cohort
from radlearn.descriptors import IntensityHistogram
from radlearn.exceptions import RadlearnError
from radlearn.io import DicomSource
from radlearn.io.dicom.header import describe
from radlearn.preprocessing import Checkpoint

MASK = np.pad(np.ones((2, 3, 3), bool), 2)


def secrets_in(text):
    """Planted texts that stand in a text."""
    planted = [*SECRETS.values(), "Secret", "SECRET", "Jane", "4711", "0203", SERIES, FRAME]
    return [secret for secret in planted if secret in text]


def spoil(folder, keyword, value, vr="DS"):
    """Put bytes that do not belong there into an element of the first slice."""
    path = folder / "IM0000"
    data = dcmread(path)
    tag = Tag(keyword)
    data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    dcmwrite(path, data)
    return folder


@pytest.fixture
def array():
    return np.arange(6 * 7 * 7, dtype=np.int16).reshape(6, 7, 7)


def test_the_search_finds_what_is_planted(tmp_path, array):
    path = write_series(tmp_path / "ct", array) / "IM0000"
    assert len(secrets_in(str(dcmread(path)))) >= len(SECRETS) - 2  # dates are written in another way


def test_nothing_planted_is_in_what_is_read(tmp_path, array, capfd, caplog):
    folder = write_series(tmp_path / "ct", array)
    mask = write_segmentation(tmp_path / "mask.dcm", {"GTV": MASK})
    spoil(folder, "PatientAge", b"Jane Secret ", "AS")
    with caplog.at_level(logging.DEBUG):
        case = Case(folder, mask=mask, id="A", patient="P")
        volume = case.load()
        cohort = Cohort([case])
        seen = [repr(case), cohort._repr_html_(), cohort.table.to_csv(), repr(volume.history), repr(dict(volume.meta))]
        seen += [pickle.dumps(thing).decode("latin1") for thing in (case, volume)]
        seen.append(caplog.text)
        assert not caplog.records
    seen += capfd.readouterr()
    assert secrets_in(" ".join(seen)) == []


def test_nothing_planted_is_in_caches(tmp_path, array):
    cohort = Cohort([Case(write_series(tmp_path / "ct", array), id="A")])
    cache = tmp_path / "cache"
    IntensityHistogram(memory=cache).fit_transform(Checkpoint(memory=cache).fit_transform(cohort))
    files = [path for path in cache.rglob("*") if path.is_file()]
    assert len(files) >= 2
    content = "".join(path.read_bytes().decode("latin1") + str(path) for path in files)
    assert secrets_in(re.sub("[0-9a-f]{32,}", "", content)) == []  # digests hold all numbers of four digits, in time


def failures(folder, array):
    """Cases that fail in every way, by name."""
    nonsense = b"Secret^Jane "
    for keyword in ("RescaleSlope", "PixelSpacing", "ImagePositionPatient", "SliceThickness", "SeriesNumber"):
        yield keyword, Case(spoil(write_series(folder / keyword, array), keyword, nonsense))
    yield "Rows", Case(spoil(write_series(folder / "rows", array), "Rows", b"Jane"))
    yield (
        "weight",
        Case(DicomSource(spoil(write_series(folder / "w", array, Units="BQML"), "PatientWeight", nonsense), suv="bw")),
    )
    yield "gap", Case(write_series(folder / "gap", array, places=[0, 1, 2, 3, 5, 6]))
    twice = write_series(folder / "twice", array)
    write_series(twice / "more", array, SeriesInstanceUID="1.2.3", SeriesDescription="Secret")
    yield "twice", Case(twice)
    fine = write_series(folder / "fine", array)
    structures = write_structures(folder / "other.dcm", {"GTV": MASK}, origin=(5, 5, 5.3))
    yield "misplaced", Case(fine, mask=structures)
    yield "name", Case(fine, mask=structures, mask_label="PTV")
    cut = write_series(folder / "cut", array)
    (cut / "IM0000").write_bytes((cut / "IM0000").read_bytes()[:-150])
    yield "cut", Case(cut)


def test_no_error_no_warning_and_no_traceback_shows_what_is_planted(tmp_path, array, capfd, caplog):
    texts = {}
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        for name, case in failures(tmp_path, array):
            before = len(caught)
            with pytest.raises(RadlearnError) as failure:
                case.load()
            shown = "".join(traceback.format_exception(failure.value))
            texts[name] = shown + " ".join(str(warning.message) for warning in caught[before:])
    assert {name: secrets_in(text) for name, text in texts.items() if secrets_in(text)} == {}
    assert secrets_in(caplog.text + " ".join(capfd.readouterr())) == []


def test_pydicom_logs_nothing_of_pixels(tmp_path, array, caplog):
    folder = write_series(tmp_path / "ct", array, BitsStored=12, HighBit=11)
    cut = save(tmp_path / "cut.dcm", run_length_encoded(ct_slice(array[0], (0, 0, 0))))
    cut.write_bytes(cut.read_bytes()[:-40])
    with caplog.at_level(logging.DEBUG):
        Case(folder).load()
        with pytest.raises(RadlearnError):
            Case(cut).load()
    assert not caplog.records


def test_what_is_kept_is_short_plain_and_listed():
    header = Dataset()
    header.Manufacturer = "ACME <b>\n=cmd()" + "x" * 47
    header.ManufacturerModelName = "Scan\x1b 3000"
    header.PatientSex, header.PatientAge, header.KVP = "F", "093Y", "120"
    header.FrameOfReferenceUID = FRAME
    meta = describe(header)
    assert set(meta) == {"manufacturer", "scanner", "sex", "age", "kvp", "frame_of_reference"}
    assert len(meta["manufacturer"]) <= 64
    assert all(text.isprintable() for text in meta.values() if isinstance(text, str))
    assert meta["age"] == 90
    assert meta["kvp"] == 120.0
    assert FRAME not in json.dumps(meta)


@pytest.mark.filterwarnings("ignore:Invalid value for VR AS")
@pytest.mark.parametrize(
    ("age", "years"), [("045Y", 45), ("018M", 1), ("003W", 0), ("100Y", 90), ("old", None), ("", None)]
)
def test_age_is_in_years_and_those_of_few_people_are_one(age, years):
    assert describe(item(PatientAge=age)).get("age") == years


def test_what_is_known_of_a_case_goes_before_what_its_header_says(tmp_path, array):
    folder = write_series(tmp_path / "ct", array, Manufacturer="ACME", KVP=120)
    volume = Case(folder, meta={"site": "A", "manufacturer": "known better"}).load()
    assert volume.meta["site"] == "A"
    assert volume.meta["manufacturer"] == "known better"
    assert volume.meta["kvp"] == 120.0
