"""Pictures and reports for readers of a study; matplotlib is imported when something is drawn."""

from radlearn._lazy import import_on_use

# Where each public name lives. They are imported on first use, so that one does not cost the time of the others.
_PUBLIC = {
    "plot_explanation": "explanation",
    "plot_feature_map": "feature_map",
}

__all__ = ["plot_explanation", "plot_feature_map"]

__getattr__, __dir__ = import_on_use(__name__, _PUBLIC)
