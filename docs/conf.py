"""Sphinx configuration; the feature table is written from the registry, so that docs and code cannot differ."""

from pathlib import Path

import radlearn
from radlearn.radiomics import feature_table

project = "radlearn"
author = "The radlearn developers"
copyright = "2026, The radlearn developers"  # noqa: A001 - Sphinx calls it so
version = release = radlearn.__version__

extensions = ["numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
autosummary_generate = True
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
html_theme = "furo"
html_title = f"radlearn {version}"
exclude_patterns = ["_build", "generated/*.inc"]


def write_feature_table(folder):
    """Write the registry of features as a reStructuredText table."""
    table = feature_table().drop_duplicates("name").fillna("–")
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 30 8 12 50", ""]
    lines += ["   * - feature", "     - IBSI", "     - unit", "     - definition"]
    for row in table.itertuples():
        formula = f" :math:`{row.formula}`" if row.formula else ""
        lines += [f"   * - ``{row.name}``", f"     - {row.ibsi}", f"     - {row.unit}", f"     - {row.description}{formula}"]
    folder.mkdir(exist_ok=True)
    (folder / "features.inc").write_text("\n".join(lines) + "\n", encoding="utf-8")


write_feature_table(Path(__file__).parent / "generated")
