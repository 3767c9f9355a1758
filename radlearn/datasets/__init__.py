"""Cohorts to learn and test with: synthetic images, the IBSI phantom and public sets."""

from importlib import import_module

# Where each public name lives. They are imported on first use, so that one does not cost the time of the others.
_PUBLIC = {
    "fetch": "radlearn.datasets.fetching",
    "get_data_home": "radlearn.datasets.fetching",
    "load_ibsi_phantom": "radlearn.datasets.phantom",
    "make_cohort": "radlearn.datasets.synthetic.cohort",
}

__all__ = ["fetch", "get_data_home", "load_ibsi_phantom", "make_cohort"]


def __getattr__(name):
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'radlearn.datasets' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_PUBLIC})
