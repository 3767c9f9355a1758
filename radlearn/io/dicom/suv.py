"""Standardized uptake values of PET: by what number those of a file are multiplied."""

from datetime import datetime, timedelta

import numpy as np

from radlearn.io.errors import cannot_read

_BY_HAND = "read the values of the file (suv=None) and scale them yourself"
# Units and SUVType of files whose values are standardized already, by kind. Without SUVType they are by body weight.
_SUV_UNITS = {"bw": "GML", "lbm": "GML", "bsa": "CM2ML"}
_SUV_TYPES = {"bw": ("", "BW"), "lbm": ("LBMJANMA",), "bsa": ("BSA",)}
# Some systems write centimeters where the standard asks for meters.
_MAX_HEIGHT_M = 3


def suv_factor(name, headers, kind):
    """Factor that turns the values of a PET series into standardized uptake values.

    With the activity concentration c in Bq/ml and the dose D in Bq, decayed to the time to which the image is
    corrected, the value is c m / D: m is the body weight in g, the lean body mass in g (Janmahasatian 2005), or the
    body surface in cm^2 (Du Bois 1916).

    Parameters
    ----------
    name : str
        The series as the user knows it.
    headers : list of pydicom.Dataset
        Of its files.
    kind : {"bw", "lbm", "bsa"}

    Returns
    -------
    factor : float

    Raises
    ------
    ImageReadError
        If it is no PET series, its unit is none that can be converted, or weight, size, dose or times are missing.

    References
    ----------
    QIBA Profile FDG-PET/CT as an imaging biomarker, version 1.14, appendix G: the header elements and their order.

    Janmahasatian S et al. Quantification of lean bodyweight. Clin Pharmacokinet 2005;44:1051-65.

    Du Bois D, Du Bois EF. A formula to estimate the approximate surface area if height and weight be known. Arch Intern
    Med 1916;17:863-71.
    """
    header = headers[0]
    units = str(header.get("Units", ""))
    if units == _SUV_UNITS[kind] and str(header.get("SUVType", "")) in _SUV_TYPES[kind]:
        return 1.0
    if units != "BQML":
        problem = f"its values are in {units or 'no known unit'}, which cannot be turned into standardized uptake"
        raise cannot_read(name, problem, _BY_HAND)
    return _body(name, header, kind) / _dose(name, headers)


def _body(name, header, kind):
    """Body weight or lean body mass in g, or body surface area in cm^2."""
    weight = _positive(name, header, "PatientWeight")  # kg
    if kind == "bw":
        return weight * 1000
    height = _positive(name, header, "PatientSize")
    if height > _MAX_HEIGHT_M:
        raise cannot_read(name, f"its PatientSize is {height:g}, which cannot be in meters", _BY_HAND)
    if kind == "bsa":
        return 71.84 * weight**0.425 * (height * 100) ** 0.725
    sex = header.get("PatientSex")
    if sex not in ("M", "F"):
        raise cannot_read(name, "its PatientSex is missing, which the lean body mass needs", _BY_HAND)
    offset, slope = (6680, 216) if sex == "M" else (8780, 244)
    return 1000 * 9270 * weight / (offset + slope * weight / height**2)


def _dose(name, headers):
    """Injected activity in Bq, decayed to the time to which the image is corrected."""
    drug = (headers[0].get("RadiopharmaceuticalInformationSequence") or [{}])[0]
    dose = _positive(name, drug, "RadionuclideTotalDose")
    correction = headers[0].get("DecayCorrection")
    if correction == "ADMIN":
        return dose
    if correction != "START":
        raise cannot_read(name, "it is not corrected for decay (DecayCorrection)", _BY_HAND)
    half_life = _positive(name, drug, "RadionuclideHalfLife")
    elapsed = _scan_start(name, headers) - _injection(name, drug, headers)
    if not timedelta() <= elapsed < timedelta(days=30):
        raise cannot_read(name, f"its scan begins {elapsed} after the injection", _BY_HAND)
    return dose * 2 ** (-elapsed.total_seconds() / half_life)


def _scan_start(name, headers):
    """Start of the scan: of its first slice, if the series states a later time, which processing may have written."""
    first = min(_moment(name, header.get("AcquisitionDate"), header.get("AcquisitionTime")) for header in headers)
    return min(first, _moment(name, headers[0].get("SeriesDate"), headers[0].get("SeriesTime")))


def _injection(name, drug, headers):
    if moment := str(drug.get("RadiopharmaceuticalStartDateTime") or ""):
        return _moment(name, moment[:8], moment[8:14])
    # Without a date, it was in the 24 hours before the scan.
    scan = _scan_start(name, headers)
    injection = _moment(name, f"{scan:%Y%m%d}", drug.get("RadiopharmaceuticalStartTime"))
    return injection if injection <= scan else injection - timedelta(days=1)


def _moment(name, date, time):
    try:
        day, (clock, _, _) = str(date), str(time).partition(".")
        # Seconds and minutes may be left out; without an hour, "" would pass for midnight.
        clock = clock and clock.ljust(6, "0")
        return datetime.strptime(f"{day} {clock}", "%Y%m%d %H%M%S")  # noqa: DTZ007 - differences only
    except ValueError:
        raise cannot_read(name, "a date or time of its scan or injection is missing", _BY_HAND) from None


def _positive(name, header, keyword):
    value = header.get(keyword)
    number = np.nan if value in (None, "") else float(value)
    if not 0 < number < np.inf:
        raise cannot_read(name, f"its {keyword} is missing or not positive", _BY_HAND)
    return number
