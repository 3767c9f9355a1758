"""radlearn: scikit-learn for medical images."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from radlearn._lazy import import_on_use

if TYPE_CHECKING:  # what editors complete and type checkers know; a running program imports it on first use
    from radlearn import (
        base as base,
        datasets as datasets,
        descriptors as descriptors,
        detection as detection,
        evaluation as evaluation,
        exceptions as exceptions,
        filters as filters,
        io as io,
        keras as keras,
        models as models,
        preprocessing as preprocessing,
        radiomics as radiomics,
        report as report,
        segmentation as segmentation,
    )
    from radlearn.case import Case
    from radlearn.cohort import Cohort, check_cohort, read_cohort
    from radlearn.volume import Volume

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
