"""Compare radlearn with the teams of the third phase of IBSI 2: filters on CT, PET and MR of patients.

    python benchmarks/ibsi2_phase3.py --configs ibsi2_phase3_configs.yaml \
        --reference ibsi2_phase3_team_medians.csv --images images.zip

The medians of the teams are no reference values. Teams agree on a statistic if more than half of them lie within 0.1 %
of their median. Prints, for each filter, on how many statistics they agree, and on how many of these radlearn agrees
with them. Scans that are not there are left out.
"""

import argparse
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from files import check_folder
from ibsi1 import COLUMNS, content_of, resample, rows_of, write
from ibsi2 import statistics_of

from radlearn import read_cohort

# Relative difference from the median of the teams that counts as agreement, as in the table of medians.
NEAR = 1e-3


def main(arguments=None):
    """Compute the statistics of all scans that are there; the exit status."""
    options = parsed(arguments)
    check_folder(options.csv)
    configurations = content_of(options.configs, "common", "modalities", "filters")
    columns = ("patient", "modality", "filter_id", "filter", "tag", "code", "team_median", "teams")
    medians = defaultdict(list)
    for row in rows_of(options.reference, (*columns, "teams_within_0p1_percent")):
        medians[row["patient"], row["modality"]].append(row)
    scans = scans_in(options.images, medians)
    if not scans:
        print(f"no scan of {options.reference} is in {options.images}", file=sys.stderr)
        return 1
    results = []
    for case in read_cohort(pd.DataFrame(scans), root=options.images):
        results += compared(configurations, case, medians[case.patient, case.meta["modality"]])
    if options.csv:
        write(options.csv, results)
    report(results)
    return 0


def parsed(arguments):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, text in [
        ("--configs", "YAML file of modalities and filters"),
        ("--reference", "table of the medians of the teams"),
        (
            "--images",
            "folder or zip archive with <patient>/<modality>_image.nii.gz and <patient>/<modality>_mask.nii.gz",
        ),
    ]:
        parser.add_argument(name, type=Path, required=True, help=text)
    parser.add_argument("--csv", type=Path, help="write all values to this CSV file")
    return parser.parse_args(arguments)


def scans_in(images, medians):
    """Rows of the table of cases for `read_cohort`: the scans with medians that are in a folder or an archive."""
    if zipfile.is_zipfile(images):
        with zipfile.ZipFile(images) as archive:
            names = set(archive.namelist())
    else:
        names = {path.relative_to(images).as_posix() for path in images.rglob("*.nii.gz")}
    scans = [
        {
            "id": f"{patient} {modality}",
            "patient": patient,
            "modality": modality,
            **{role: f"{patient}/{modality}_{role}.nii.gz" for role in ("image", "mask")},
        }
        for patient, modality in medians
    ]
    return [scan for scan in scans if scan["image"] in names]


def compared(configurations, case, medians):
    """Statistics of the responses of all filters in one scan, beside the medians of the teams."""
    common, modality = configurations["common"], configurations["modalities"][case.meta["modality"]]
    cohort = resample({"interpolation": common["interpolation"] | modality}, case)
    values = {}
    for name, configuration in configurations["filters"].items():
        given = {"boundary": common["boundary"], "dimension": "3D", **configuration}
        values[str(name)] = statistics_of(cohort, given, {"range": modality["resegmentation_range"]})
    results = []
    for row in medians:
        value, median = values[row["filter_id"]][COLUMNS[row["code"]]], float(row["team_median"])
        results.append(
            {
                **{key: row[key] for key in ("patient", "modality", "filter_id", "filter", "tag")},
                "value": value,
                "median": median,
                "is_agreed": 2 * int(row["teams_within_0p1_percent"]) > int(row["teams"]),
                "is_near": bool(np.isclose(value, median, rtol=NEAR, atol=0)),
            }
        )
    return results


def report(results):
    """Print on how many statistics of each filter the teams agree, and radlearn with them."""
    table = pd.DataFrame(results)
    table["filter"] = table["filter_id"] + " " + table["filter"]
    table["is_met"] = table["is_agreed"] & table["is_near"]
    scans = table.drop_duplicates(["patient", "modality"])
    print(f"{len(scans)} scans: {', '.join(scans['patient'] + ' ' + scans['modality'])}")
    counts = table.groupby("filter").agg(n=("tag", "size"), agreed=("is_agreed", "sum"), met=("is_met", "sum"))
    counts.loc["all"] = counts.sum()
    for name, n, n_agreed, n_met in counts.itertuples():
        print(f"{name:<28}{n:>5} statistics, teams agree on {n_agreed:>4}, radlearn with them on {n_met:>4}")


if __name__ == "__main__":
    sys.exit(main())
