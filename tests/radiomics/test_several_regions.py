"""Several rows of one case: a row per label, a row per connected part."""

import numpy as np
import pandas as pd
import pytest

from memory import peak_memory
from radlearn import Case, _labels, case as case_module
from radlearn.datasets import load_ibsi_phantom
from radlearn.exceptions import MaskError, RadlearnWarning
from radlearn.io.arrays import read_npy
from radlearn.preprocessing import Resample
from radlearn.radiomics import RadiomicsFeatures

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(100, 20, (6, 12, 12))

# Label 1 is a single part; label 4 has three, of 27, 8 and 8 voxels, two of which touch only at a corner.
LABELS = np.zeros((6, 12, 12), np.uint8)
LABELS[0:2, 0:3, 0:3] = 1
LABELS[0:2, 6:8, 0:2] = 4
LABELS[3:6, 0:3, 4:7] = 4
LABELS[2:4, 8:10, 8:10] = 4
LABELS[4, 10, 10] = 4


@pytest.fixture
def case():
    return Case(IMAGE, mask=LABELS, id="LUNG", patient="P1")


def table(cases, **parameters):
    extractor = RadiomicsFeatures(families=["morphology", "statistics"], **parameters)
    return extractor.set_output(transform="pandas").fit_transform(cases)


def n_voxels(frame):
    """Number of voxels of each row, which are cubes of 1 mm."""
    return dict(zip(frame.index, frame["morphology_voxel_volume"].astype(int), strict=True))


def test_each_label_gets_a_row(case):
    frame = table([case], mask_label="each")
    assert n_voxels(frame) == {"LUNG:1": 18, "LUNG:4": 27 + 8 + 9}
    assert frame.loc["LUNG:1", "statistics_mean"] == pytest.approx(IMAGE[LABELS == 1].mean())


def test_a_list_of_labels_is_merged(case):
    assert n_voxels(table([case], mask_label=[1, 4])) == {"LUNG": 62}


def test_labels_of_a_list_may_be_absent_but_not_all(case):
    assert n_voxels(table([case], mask_label=[1, 2])) == {"LUNG": 18}
    with pytest.raises(MaskError, match="is empty for label 2, 3; labels present: 0, 1, 4"):
        table([case], mask_label=[2, 3])


def test_the_label_of_the_extractor_comes_before_that_of_the_case():
    chosen = Case(IMAGE, mask=LABELS, mask_label=1, id="LUNG")
    assert n_voxels(table([chosen])) == {"LUNG": 18}
    assert n_voxels(table([chosen], mask_label=4)) == {"LUNG": 44}
    assert set(n_voxels(table([chosen], mask_label="each"))) == {"LUNG:1", "LUNG:4"}


def test_each_connected_part_gets_a_row_the_largest_first():
    part = Case(IMAGE, mask=LABELS, mask_label=4, id="LUNG")
    frame = table([part], per_component=True)
    assert n_voxels(frame) == {"LUNG:1": 27, "LUNG:2": 9, "LUNG:3": 8}
    assert frame.loc["LUNG:1", "statistics_mean"] == pytest.approx(IMAGE[3:6, 0:3, 4:7].mean())


def test_each_part_of_each_label(case):
    frame = table([case], mask_label="each", per_component=True)
    assert n_voxels(frame) == {"LUNG:1:1": 18, "LUNG:4:1": 27, "LUNG:4:2": 9, "LUNG:4:3": 8}


def test_the_parts_of_an_intensity_mask_are_those_of_the_mask(blob):
    volume = blob(3).but(intensity_mask=blob(3).mask & (blob(3).image > 100))
    rows = RadiomicsFeatures(families="statistics", per_component=True)
    rows._check_parameters()
    (suffix, part), *_ = rows._volumes(_Loaded(volume))
    assert suffix == ":1"
    np.testing.assert_array_equal(part.intensity_mask, volume.intensity_mask & part.mask)


class _Loaded:
    def __init__(self, volume):
        self._volume = volume

    def load(self):
        return self._volume


def test_steps_work_on_each_label_alone(case):
    cases = Resample(spacing=0.5).fit_transform([case])
    both, alone = table(cases, mask_label="each"), table(cases, mask_label=4)
    np.testing.assert_array_equal(both.loc["LUNG:4"], alone.loc["LUNG"])


@pytest.mark.parametrize("options", [{"mask_label": "each"}, {"mask_label": "each", "per_component": True}])
def test_workers_and_the_cache_change_nothing(case, options, tmp_path):
    cases = [case, Case(IMAGE + 1, mask=LABELS[::-1], id="OTHER")]
    frame = table(cases, **options)
    for parameters in ({"n_jobs": 2}, {"memory": tmp_path}, {"memory": tmp_path}):
        pd.testing.assert_frame_equal(table(cases, **options, **parameters), frame)


def test_the_second_run_computes_no_row(case, tmp_path, monkeypatch):
    frame = table([case], mask_label="each", memory=tmp_path)
    monkeypatch.setattr(RadiomicsFeatures, "_row", None)
    pd.testing.assert_frame_equal(table([case], mask_label="each", memory=tmp_path), frame)


def test_image_and_mask_are_read_once_for_all_labels(tmp_path, monkeypatch):
    np.save(tmp_path / "image.npy", IMAGE)
    np.save(tmp_path / "mask.npy", LABELS)
    read = []
    monkeypatch.setattr("radlearn.io.arrays.read_npy", _noting(read))
    table([Case(tmp_path / "image.npy", mask=tmp_path / "mask.npy")], mask_label="each")
    assert sorted(read) == ["image.npy", "mask.npy"]


def test_labels_are_listed_once_for_all_of_them(case, monkeypatch):
    listed, list_labels = [], _labels.labels_of
    for module in (_labels, case_module):
        monkeypatch.setattr(module, "labels_of", lambda *arguments: listed.append(1) or list_labels(*arguments))
    assert len(table([case], mask_label="each")) == 2
    assert len(listed) == 1


@pytest.mark.parametrize("image_type", [np.int16, np.float32])
def test_a_label_more_costs_a_mask_and_no_copy_of_the_image(image_type):
    image, labels = np.ones((20, 100, 100), image_type), np.zeros((20, 100, 100), np.int32)
    labels[0, 0, :50] = np.arange(1, 51)
    rows = RadiomicsFeatures(mask_label="each")
    parts = rows._parts(Case(image, mask=labels, id="LUNG"))
    with peak_memory() as memory:
        rows._volumes(parts[7])
    assert memory.peak < 1.5 * image.size


def test_a_part_costs_one_mask():
    mask = np.zeros((20, 100, 100), bool)
    mask[::19, ::99, ::99] = True
    rows = RadiomicsFeatures(per_component=True)
    parts = rows._volumes(Case(np.ones(mask.shape, np.float32), mask=mask.astype(np.uint8), id="LUNG"))
    for _ in range(2):
        with peak_memory() as memory:
            next(parts)
        assert memory.peak < 1.5 * mask.size


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32, np.uint64])
def test_the_type_of_a_mask_changes_nothing(case, dtype):
    cases = [Case(IMAGE, mask=LABELS.astype(dtype) * 300, id="LUNG")]
    for number, expected in ((1, "LUNG:1"), (4, "LUNG:4")):
        row = table([case], mask_label="each").loc[expected]
        np.testing.assert_array_equal(table(cases, mask_label="each").loc[f"LUNG:{300 * number}"], row)
        np.testing.assert_array_equal(table(cases, mask_label=300 * number).loc["LUNG"], row)


def _noting(read):
    def reader(source, **options):
        read.append(source.path.rpartition("/")[2])
        return read_npy(source, **options)

    return reader


def test_where_one_label_fails_the_others_have_numbers():
    image = IMAGE.copy()
    image[LABELS == 1] = np.nan
    extractor = RadiomicsFeatures(families="statistics", mask_label="each", on_error="nan")
    with pytest.warns(RadlearnWarning, match="1 of 1 cases failed"):
        frame = extractor.set_output(transform="pandas").fit_transform([Case(image, mask=LABELS, id="LUNG")])
    assert frame.loc["LUNG:1"].isna().all()
    assert frame.loc["LUNG:4"].notna().all()
    assert extractor.errors_["case"].tolist() == ["LUNG:1"]


@pytest.mark.parametrize(
    ("mask", "problem"), [(None, "there is no mask, so it has no labels"), (LABELS * 0, "is empty; labels present: 0")]
)
def test_a_case_without_labels_is_told(mask, problem):
    with pytest.raises(MaskError, match=problem) as caught:
        table([Case(IMAGE, mask=mask, id="LUNG")], mask_label="each")
    assert caught.value.case == "LUNG"
    cases = [Case(IMAGE, mask=mask, id="LUNG"), Case(IMAGE, mask=LABELS, id="BONE")]
    with pytest.warns(RadlearnWarning, match="1 of 2 cases failed"):
        frame = table(cases, mask_label="each", on_error="nan")
    assert frame.index.tolist() == ["LUNG", "BONE:1", "BONE:4"]
    assert frame.loc["LUNG"].isna().all()


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("GTV*", TypeError, r"must be a whole number, 'each' or a list, got 'GTV\*'; give names as \['GTV\*'\]"),
        (1.5, TypeError, "mask_label must be a whole number"),
        ([], ValueError, "mask_label is empty"),
        ([1, 1.5], TypeError, "mask_label must be a whole number"),
    ],
)
def test_a_label_is_a_number(case, value, error, message):
    with pytest.raises(error, match=message):
        table([case], mask_label=value)


def test_the_phantom_is_one_part():
    phantom = load_ibsi_phantom()
    frame = table([phantom], per_component=True)
    assert frame.index.tolist() == [f"{phantom.id}:1"]
