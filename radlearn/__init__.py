"""radlearn: scikit-learn for medical images."""

from importlib.util import find_spec

from radlearn._lazy import import_on_use

__version__ = "0.1.0"

# Where each public name lives. They are imported on first use, so that `import radlearn` costs almost nothing.
_PUBLIC = {
    "Case": "case",
    "Cohort": "cohort",
    "Volume": "volume",
    "check_cohort": "cohort",
    "read_cohort": "cohort",
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


__getattr__, _all_names = import_on_use(__name__, _PUBLIC | dict.fromkeys(_PACKAGES))


def __dir__():
    missing = set() if find_spec("keras") else {"keras"}  # names for `inspect.getmembers`, which would import them
    return sorted(set(_all_names()) - missing)
