"""radlearn: scikit-learn for medical images."""

from importlib import import_module
from importlib.util import find_spec

__version__ = "0.1.0"

# Where each public name lives. They are imported on first use, so that `import radlearn` costs almost nothing.
_PUBLIC = {
    "Case": "radlearn.case",
    "Cohort": "radlearn.cohort",
    "Volume": "radlearn.volume",
    "check_cohort": "radlearn.cohort",
    "read_cohort": "radlearn.cohort",
}
_PACKAGES = (
    "base",
    "datasets",
    "descriptors",
    "detection",
    "evaluation",
    "exceptions",
    "filters",
    "io",
    "keras",
    "models",
    "preprocessing",
    "radiomics",
    "report",
    "segmentation",
)

__all__ = ["Case", "Cohort", "Volume", "__version__", "check_cohort", "read_cohort"]


def __getattr__(name):
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _PACKAGES:
        return import_module(f"radlearn.{name}")
    raise AttributeError(f"module 'radlearn' has no attribute {name!r}")


def __dir__():
    missing = set() if find_spec("keras") else {"keras"}  # names for `inspect.getmembers`, which would import them
    return sorted({*globals(), *_PUBLIC, *_PACKAGES} - missing)
