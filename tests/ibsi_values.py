"""Reference values of IBSI 1: tables beside the tests of radiomics."""

import csv
from pathlib import Path

DATA = Path(__file__).parent / "radiomics" / "data"


def reference_values(phantom):
    """Rows of the table of a phantom."""
    return list(csv.DictReader((DATA / f"ibsi1_{phantom}_reference.csv").read_text("utf-8").splitlines()))


def column(row):
    """The column of RadiomicsFeatures that a reference value belongs to."""
    suffix = "" if row["aggregation"] == "region" else f"__{row['aggregation']}"
    return f"{row['family']}_{row['feature']}{suffix}"
