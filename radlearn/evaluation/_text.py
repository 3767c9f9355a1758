"""A comparison as a table to read, in a terminal and in a notebook."""

from html import escape

from radlearn.evaluation.metrics import METRICS

_TITLES = {"auc": "AUC", "f1": "F1"} | {name: name.replace("_", " ") for name in METRICS if name not in ("auc", "f1")}
_FIRST_BLOCK = 5  # columns, names included, that fit side by side in a terminal


def as_text(comparison):
    """Summary and table in two blocks, names to the left and numbers to the right."""
    rows = list(_cells(comparison))
    blocks = [row[:_FIRST_BLOCK] for row in rows], [[row[0], *row[_FIRST_BLOCK:]] for row in rows]
    return "\n\n".join([_summary(comparison), *map(_aligned, blocks)])


def as_html(comparison):
    """Summary and table, escaped."""
    head, *rows = ([escape(cell) for cell in row] for row in _cells(comparison))
    headings = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(
        f"<tr><th style='text-align:left'>{row[0]}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        f"<p>{escape(_summary(comparison))}</p><div style='overflow-x:auto'>"
        "<table style='white-space:nowrap;text-align:right;border-spacing:12px 2px'>"
        f"<thead><tr>{headings}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _aligned(rows):
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)


def _cells(comparison):
    """Rows of text: a heading, then one for each model."""
    yield ["", *(_TITLES[metric] for metric in METRICS), "fit s", "predict s"]
    for name, row in comparison.to_frame().iterrows():
        intervals = [str(comparison.interval(name, metric)) for metric in METRICS]
        yield [name, *intervals, f"{row['fit_seconds']:.1f}", f"{row['predict_seconds']:.1f}"]


def _summary(comparison):
    table = comparison.predictions
    if comparison.positive is None:
        question = f"{len(comparison.classes)} classes, metrics are macro averages"
    else:
        question = f"{(table['truth'] == comparison.positive).sum()} positive ({comparison.positive!s})"
    return (
        f"{len(table)} cases of {table['patient'].nunique()} patients, {question}; {table['fold'].nunique()} folds; "
        f"95 % intervals from {comparison.n_bootstrap} resamples of the patients"
    )
