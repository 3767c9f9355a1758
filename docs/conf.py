"""Sphinx configuration; the feature table is written from the registry, so that docs and code cannot differ."""

from pathlib import Path

import pandas as pd

import radlearn
from radlearn.radiomics import feature_table

project = "radlearn"
author = "The radlearn developers"
copyright = "2026, The radlearn developers"  # noqa: A001 - Sphinx calls it so
version = release = radlearn.__version__

extensions = ["numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
autosummary_generate = True
# Else the pages of the class and of the function `froc` would be one file on most disks of Windows and macOS.
autosummary_filename_map = {"radlearn.evaluation.FROC": "radlearn.evaluation.FROC-class"}
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
html_theme = "furo"
html_title = f"radlearn {version}"
exclude_patterns = ["_build", "generated/*.inc"]


def write_feature_table(folder):
    """Write the registry of features as a reStructuredText table."""
    table = pd.concat([feature_table(ndim, not_standardised=True) for ndim in (3, 2)]).drop_duplicates("name")
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 30 8 12 50", ""]
    features = [
        (
            f"``{row.name}``" + ("" if row.standardised else " (on request)"),
            row.ibsi or "none",
            row.unit,
            f"{row.description} :math:`{row.formula}`",
        )
        for row in table.itertuples()
    ]
    for row in [("feature", "IBSI", "unit", "definition"), *features]:
        lines += [f"   {mark} - {cell}" for mark, cell in zip("*   ", row, strict=True)]
    folder.mkdir(exist_ok=True)
    (folder / "features.inc").write_text("\n".join(lines) + "\n", encoding="utf-8")


write_feature_table(Path(__file__).parent / "generated")
