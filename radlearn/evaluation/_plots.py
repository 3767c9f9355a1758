"""Pictures of a comparison. The only file of this package that draws."""

from textwrap import fill

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.stats import rankdata
from sklearn.metrics import roc_curve

from radlearn._bounding_box import bounding_box
from radlearn._drawing import LETTERS_PER_INCH, draw_slice, plain, pyplot, short, window_of
from radlearn.exceptions import RadlearnError
from radlearn.volume import central_slice

# Colors that people with any kind of color vision tell apart (Okabe and Ito, 2008); the yellow is too pale for lines.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_DASHES = ("-", (0, (8, 2)), (0, (1, 1)), (0, (6, 1, 1, 1)), (0, (3, 3)))  # for more models than colors
_GREY, _PALE = "#767676", "#D0D0D0"
_BELOW_A_CELL = 12  # letters that fit there, of two classes
_ONE_LINE = 32  # letters that fit over the image of a case


def plot_roc(comparison, ax=None):
    """Draw the ROC curves of all models."""
    legend = {"loc": "lower right", "framealpha": 0.8, "edgecolor": "none"}
    if ax is None:
        # Below the axes, where no curve runs through it.
        legend = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.1), "frameon": False}
        size = (6, 6.6 + 0.22 * len(comparison.models))
        _, ax = pyplot("plot_roc").subplots(figsize=size, layout="constrained")
        ax.set_anchor("N")  # all room that the square leaves is for the legend
    ax.plot([0, 1], [0, 1], color=_PALE, linewidth=1, zorder=0)
    dashes = iter(["--", ":", "-."] * len(comparison.models))
    for number, name in enumerate(comparison.models):
        style = {"color": _COLORS[number % len(_COLORS)], "linewidth": 1.8}
        if number >= len(_COLORS):
            style["linestyle"] = _DASHES[number // len(_COLORS) % len(_DASHES)]
        if name in comparison.baselines:
            style = {"color": _GREY, "linewidth": 1.4, "linestyle": next(dashes)}
        ax.plot(
            *_roc(comparison, name), label=_in_legend(f"{short(name)}  {comparison.interval(name, 'auc')}"), **style
        )
    one_against_rest = "" if comparison.positive is not None else " (mean over classes)"
    ax.set(
        xlabel=f"1 - specificity{one_against_rest}",
        ylabel=f"sensitivity{one_against_rest}",
        xlim=(-0.01, 1.01),
        ylim=(-0.01, 1.01),
        aspect="equal",
    )
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(fontsize=9, handlelength=3, title="AUC [95 % interval]", alignment="left", **legend)
    return ax


def plot_confusion(comparison, models):
    """Draw one small matrix per model."""
    n_columns = min(4, len(models))
    n_rows = -(-len(models) // n_columns)
    size = 1.5 + 0.45 * len(comparison.classes)
    figure, axes = pyplot("plot_confusion").subplots(
        n_rows, n_columns, figsize=(size * n_columns, size * n_rows), layout="constrained", squeeze=False
    )
    for number, ax in enumerate(axes.flat):
        if number < len(models):
            title = short(models[number], int(LETTERS_PER_INCH * (size - 0.4)))
            _draw_matrix(ax, comparison.confusion_matrix(models[number]), title, is_first=number % n_columns == 0)
        else:
            ax.set_axis_off()
    return figure


def plot_cases(comparison, model, n):
    """Draw the cases a model was most wrong about."""
    worst = comparison.worst_cases(model).head(n)
    n_columns = min(4, len(worst))
    n_rows = -(-len(worst) // n_columns)
    figure, axes = pyplot("plot_cases").subplots(
        n_rows, n_columns, figsize=(2.6 * n_columns, 3.1 * n_rows), layout="constrained", squeeze=False
    )
    title = f"Worst cases of {short(model)}, each predicted by a model that never saw its patient"
    figure.suptitle(fill(title, int(LETTERS_PER_INCH * figure.get_figwidth())), fontsize=10)
    for ax in axes.flat:
        ax.set_axis_off()
        ax.set_anchor("N")  # the titles of a row stand on one line, whatever the shape of the images
    for ax, (case_id, row) in zip(axes.flat, worst.astype(object).iterrows(), strict=False):
        _draw_case(ax, comparison.cases[int(row["position"])])
        ax.set_title(f"{short(case_id)}\n{_verdict(comparison, model, row)}", fontsize=8)
    return figure


def _roc(comparison, name):
    """Points of the curve; with several classes the mean of their one-against-rest curves."""
    table = comparison.predictions
    if comparison.positive is not None:
        return _one_roc(table["truth"] == comparison.positive, table[f"{name}_score"])
    grid = np.linspace(0, 1, 501)
    curves = [
        np.interp(grid, *_one_roc(table["truth"] == label, table[f"{name}_score_{label}"]))
        for label in comparison.classes
    ]
    return np.append(0, grid), np.append(0, np.mean(curves, axis=0))


def _one_roc(is_positive, scores):
    return roc_curve(is_positive, rankdata(scores))[:2]  # scores may be infinite, which scikit-learn refuses


def _draw_matrix(ax, counts, title, *, is_first):
    percent = 100 * counts.to_numpy() / counts.to_numpy().sum(axis=1, keepdims=True)
    ax.imshow(percent, cmap="Blues", vmin=0, vmax=130)  # the darkest blue is left out: black text stays legible
    for (row, column), value in np.ndenumerate(percent):
        text = f"{counts.iat[row, column]}\n{value:.0f} %"
        ax.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if value > 75 else "black")
    labels = [short(str(label)) for label in counts.columns]
    fit = len(counts) == 2 and max(map(len, labels)) <= _BELOW_A_CELL
    turned = {} if fit else {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(counts)), labels, fontsize=8, **turned)
    ax.set_yticks(range(len(counts)), labels if is_first else [], fontsize=8)
    ax.set_xticks(np.arange(1, len(counts)) - 0.5, minor=True)
    ax.set_yticks(np.arange(1, len(counts)) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(title, fontsize=10)
    ax.set_xlabel("predicted", fontsize=8)
    if is_first:
        ax.set_ylabel("truth", fontsize=8)


def _draw_case(ax, case):
    """Draw the image of a case; of one that cannot be read, what is wrong with it."""
    try:
        volume = case.load()
    except RadlearnError as error:
        problem = plain(fill(error.problem, 40))
        ax.text(0, 1, problem, fontsize=7, va="top", clip_on=True, transform=ax.transAxes)
        return
    image, mask, spacing = central_slice(volume)
    draw_slice(ax, image, mask, spacing, window_of(_neighborhood(image, mask)))


def _neighborhood(image, mask):
    """Pixels of the mask and a margin of half its radius, so that the window shows what lies inside."""
    if mask is None or not mask.any():
        return image
    margin = np.sqrt(mask.sum() / np.pi) / 2 + 1
    box = bounding_box(mask, margin=int(margin))
    return image[box][distance_transform_edt(~mask[box]) <= margin]


def _verdict(comparison, model, row):
    label = short(str(row["predicted"] if comparison.positive is None else comparison.positive))
    score = f"P({label}) = {row['score']:.2f}" if comparison.is_probability[model] else f"score {row['score']:+.2f}"
    truth, called = f"truth {row['truth']}", f"called {row['predicted']}"
    if len(truth) + len(called) > _ONE_LINE:
        return f"{short(truth, _ONE_LINE)}\n{short(called, _ONE_LINE)}\n{score}"
    return f"{plain(truth)}, {plain(called)}\n{score}"


def _in_legend(text):
    """Label that matplotlib lists: it leaves out those that begin with an underscore."""
    return f" {text}" if text.startswith("_") else text
