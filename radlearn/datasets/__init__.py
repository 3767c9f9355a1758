"""Cohorts to learn and test with: synthetic images, the IBSI phantom and public sets."""

from typing import TYPE_CHECKING

from radlearn._lazy import import_on_use

if TYPE_CHECKING:  # what editors complete and type checkers know; a running program imports it on first use
    from radlearn.datasets.fetching import fetch, get_data_home
    from radlearn.datasets.phantom import load_ibsi_phantom
    from radlearn.datasets.synthetic.cohort import make_cohort

# Where each public name lives. They are imported on first use, so that one does not cost the time of the others.
_PUBLIC = {
    "fetch": "fetching",
    "get_data_home": "fetching",
    "load_ibsi_phantom": "phantom",
    "make_cohort": "synthetic.cohort",
}

__all__ = ["fetch", "get_data_home", "load_ibsi_phantom", "make_cohort"]

__getattr__, __dir__ = import_on_use(__name__, _PUBLIC)
