"""Reports and images together: words and image features side by side, in one scikit-learn pipeline.

    python examples/plot_report_text.py

`Cohort.to_frame` puts the cases into a column of a table, beside what is known of them. `ColumnTransformer` sends that
column to an extractor of image features, and the column of reports to scikit-learn's `TfidfVectorizer`. Images and
reports are made in code: nodules are round or spiculated, and half of the reports say nothing useful.
"""

from tempfile import TemporaryDirectory

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radlearn import Case, Cohort
from radlearn.descriptors import GradientStatistics
from radlearn.evaluation import StratifiedPatientKFold

REPORTS = {
    "benign": ("Round nodule with a smooth margin.", "Well defined nodule, unchanged since the last examination."),
    "malignant": ("Spiculated nodule, suspicious of malignancy.", "Nodule with an irregular margin, growing."),
}
NO_HELP = ("Nodule, see images.", "Solitary nodule. Clinical correlation is advised.")


def made_in_code(n_cases=100):
    """Noisy images of nodules with reports; two images of each patient."""
    rng = np.random.default_rng(0)
    y = np.repeat(rng.permutation(["benign", "malignant"] * (n_cases // 4)), 2)
    return Cohort(nodule(label, number, rng) for number, label in enumerate(y)), y


def nodule(label, number, rng):
    """A disc whose outline is wavy if it is malignant."""
    y, x = np.indices((48, 48)) - 23.5
    waves = (0.3 if label == "malignant" else 0.1) * np.sin(7 * np.arctan2(y, x) + rng.uniform(0, 6))
    inside = np.hypot(y, x) < rng.uniform(8, 14) * (1 + waves)
    report = rng.choice(REPORTS[label] if rng.random() < 0.5 else NO_HELP)
    image = inside + rng.normal(0, 0.5, inside.shape)
    return Case(image, id=f"case-{number}", patient=f"patient-{number // 2}", meta={"report": str(report)})


def model(names, memory):
    """Pipeline that sees the images, the reports, or both; rows of images are kept, so that each is computed once."""
    extractor = GradientStatistics(size=48, memory=memory)
    parts = {
        "images": ("images", make_pipeline(extractor, StandardScaler()), "case"),
        "reports": ("reports", TfidfVectorizer(stop_words="english"), "report"),
    }
    return make_pipeline(ColumnTransformer([parts[name] for name in names]), LogisticRegression(max_iter=1000))


def main():
    """Compare images, reports and both on the same patient folds."""
    X, y = made_in_code()
    frame = X.to_frame()
    print(frame[["case", "patient", "report"]].head(4).to_string(), end="\n\n")
    with TemporaryDirectory() as memory:
        for names in (["images"], ["reports"], ["images", "reports"]):
            folds = StratifiedPatientKFold(5)
            scores = cross_val_score(model(names, memory), frame, y, cv=folds, scoring="roc_auc")
            print(f"{' and '.join(names)}: AUC {scores.mean():.3f} (of single folds: {scores.round(2).tolist()})")
        words = model(["images", "reports"], memory).fit(frame, y)
    names, weights = words[0].get_feature_names_out(), words[-1].coef_[0]
    order = np.argsort(weights)
    print(f"\nmost benign: {', '.join(names[order[:3]])}\nmost malignant: {', '.join(names[order[:-4:-1]])}")


if __name__ == "__main__":
    main()
