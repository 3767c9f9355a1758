"""Pictures and reports for readers of a study; matplotlib is imported when something is drawn."""

from importlib import import_module

# Where each public name lives. They are imported on first use, so that one does not cost the time of the others.
_PUBLIC = {
    "plot_explanation": "radlearn.report.explanation",
    "plot_feature_map": "radlearn.report.feature_map",
}

__all__ = ["plot_explanation", "plot_feature_map"]


def __getattr__(name):
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'radlearn.report' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_PUBLIC})
