"""Pictures and reports for readers of a study; matplotlib is imported when something is drawn."""

from typing import TYPE_CHECKING

from radlearn._lazy import import_on_use

if TYPE_CHECKING:  # what editors complete and type checkers know; a running program imports it on first use
    from radlearn.report.explanation import plot_explanation
    from radlearn.report.feature_map import plot_feature_map

# Where each public name lives. They are imported on first use, so that one does not cost the time of the others.
_PUBLIC = {
    "plot_explanation": "explanation",
    "plot_feature_map": "feature_map",
}

__all__ = ["plot_explanation", "plot_feature_map"]

__getattr__, __dir__ = import_on_use(__name__, _PUBLIC)
