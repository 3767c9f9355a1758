import numpy as np
import pytest

from dicom_files import item, write_series
from radlearn.exceptions import ImageReadError
from radlearn.io import DicomSource, read_image

# 2 h before the start of the series, and one half-life of 2 h: half of 400 MBq is left.
DRUG = {"RadionuclideTotalDose": 400e6, "RadionuclideHalfLife": 7200, "RadiopharmaceuticalStartTime": "101500.00"}
PET = {
    "Modality": "PT",
    "Units": "BQML",
    "DecayCorrection": "START",
    "SeriesDate": "20200301",
    "SeriesTime": "121500",
    "AcquisitionDate": "20200301",
    "AcquisitionTime": "121500",
    "PatientWeight": 80,
    "PatientSize": 2.0,
    "PatientSex": "M",
    "RescaleIntercept": 0,
}


@pytest.fixture
def factor(tmp_path, stored):
    """Read a PET series with changed elements and give the factor of its values."""

    def read(kind="bw", *, drug=None, **changes):
        info = [item(**{**DRUG, **(drug or {})})]
        folder = write_series(
            tmp_path / "pet", stored, **{**PET, "RadiopharmaceuticalInformationSequence": info, **changes}
        )
        image = read_image(DicomSource(folder, suv=kind))
        ratio = image.array[stored != 0] / stored[stored != 0]
        assert np.ptp(ratio) < 1e-6 * ratio.mean()
        assert image.history[0]["parameters"] == {"suv": kind}
        return ratio.mean()

    return read


@pytest.mark.parametrize(
    ("kind", "sex", "factor_by_hand"),
    [
        ("bw", "M", 80e3 / 200e6),
        ("lbm", "M", 9270e3 * 80 / (6680 + 216 * 20) / 200e6),  # body mass index 20
        ("lbm", "F", 9270e3 * 80 / (8780 + 244 * 20) / 200e6),
        ("bsa", "M", 71.84 * 80**0.425 * 200**0.725 / 200e6),
    ],
)
def test_uptake_is_standardized_by_what_is_left_of_the_dose(factor, kind, sex, factor_by_hand):
    assert factor(kind, PatientSex=sex) == pytest.approx(factor_by_hand, rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        # The series was processed later, its first slice tells when the scan began.
        {"SeriesTime": "180000"},
        # The injection was before midnight.
        {"SeriesTime": "010000", "AcquisitionTime": "010000", "drug": {"RadiopharmaceuticalStartTime": "230000"}},
        {"drug": {"RadiopharmaceuticalStartDateTime": "20200301101500.00", "RadiopharmaceuticalStartTime": None}},
    ],
)
def test_the_time_since_the_injection_is_that_to_the_start_of_the_scan(factor, changes):
    assert factor(**changes) == pytest.approx(80e3 / 200e6, rel=1e-5)


def test_values_that_are_corrected_to_the_injection_count_the_whole_dose(factor):
    assert factor(DecayCorrection="ADMIN") == pytest.approx(80e3 / 400e6, rel=1e-5)


def test_values_that_are_standardized_already_stay(factor):
    assert factor(Units="GML", SUVType="BW") == 1


def test_without_the_option_the_values_of_the_file_are_read(tmp_path, stored):
    image = read_image(write_series(tmp_path / "pet", stored, **PET))
    assert np.array_equal(image.array, stored)
    assert image.history == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"PatientWeight": None}, "its PatientWeight is missing or not positive"),
        ({"PatientWeight": 0}, "its PatientWeight is missing or not positive"),
        ({"kind": "bsa", "PatientSize": None}, "its PatientSize is missing"),
        ({"kind": "lbm", "PatientSex": "O"}, "its PatientSex is missing"),
        ({"kind": "bsa", "PatientSize": 171}, "its PatientSize is 171, which cannot be in meters"),
        ({"Units": "CNTS"}, "its values are in CNTS"),
        ({"Units": None}, "no known unit"),
        ({"DecayCorrection": "NONE"}, "not corrected for decay"),
        ({"SeriesTime": None}, "a date or time of its scan or injection"),
        ({"SeriesTime": ""}, "a date or time of its scan or injection"),
        ({"AcquisitionTime": ""}, "a date or time of its scan or injection"),
        ({"drug": {"RadiopharmaceuticalStartTime": ""}}, "a date or time of its scan or injection"),
        (
            {"drug": {"RadiopharmaceuticalStartDateTime": "20200301"}},
            "a date or time of its scan or injection is missing",
        ),
        ({"drug": {"RadiopharmaceuticalStartDateTime": "20200302101500"}}, "begins .* after the injection"),
        ({"drug": {"RadionuclideHalfLife": None}}, "its RadionuclideHalfLife is missing"),
        ({"RadiopharmaceuticalInformationSequence": None}, "its RadionuclideTotalDose is missing"),
    ],
)
def test_what_is_missing_for_standardized_uptake_is_told(factor, changes, message):
    with pytest.raises(ImageReadError, match=message):
        factor(**changes)
