"""Cohorts of synthetic images with patients, masks and known ground truth."""

from itertools import count

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils import Bunch, check_random_state

from radlearn._shuffling import shuffled_groups
from radlearn._validation import check_choice, check_ndim, check_number
from radlearn.case import Case
from radlearn.cohort import Cohort
from radlearn.datasets.synthetic.brain_ct import BRAIN_CT
from radlearn.datasets.synthetic.fracture import FRACTURE
from radlearn.datasets.synthetic.grid import Grid
from radlearn.datasets.synthetic.stone import STONE
from radlearn.datasets.synthetic.tumor import TUMOR
from radlearn.io import ArraySource

SCENARIOS = {"tumor": TUMOR, "stone": STONE, "brain_ct": BRAIN_CT, "fracture": FRACTURE}
SHAPES = {2: (96, 96), 3: (24, 64, 64)}

# Sites differ in the field of view of their protocol, and so in the spacing.
SITES = {"A": 0.96, "B": 1.0, "C": 1.04}

# AUC of an observer who knows the true signs. They are independent and normal with variance 1 in either class, and
# the class means are this far apart, which follows from the AUC.
ATTAINABLE_AUC = 0.95
CLASS_DISTANCE = np.sqrt(2) * norm.ppf(ATTAINABLE_AUC)

# Part of the later images of a patient that show the other class than the first.
PART_OF_OTHER_CLASS = 0.15


def make_cohort(scenario, n_cases=120, *, ndim=2, random_state: int | np.random.RandomState | None = 0):
    r"""Make a cohort of synthetic images with masks, patients and known ground truth.

    Every case has one suspicious finding, which the mask marks, and the task is to tell what it is:

    ==============  =====================  ============================  ==========================
    scenario        classes                2-D                           3-D
    ==============  =====================  ============================  ==========================
    ``"tumor"``     benign, malignant      MR slice of the head          MR of the head
    ``"stone"``     phlebolith, stone      CT slice beside the ureter    CT beside the ureter
    ``"brain_ct"``  calcification,         CT slice of the head          CT of the head
                    hemorrhage
    ``"fracture"``  canal, fracture        radiograph of a long bone     CT of a long bone
    ==============  =====================  ============================  ==========================

    (a *phlebolith* is a calcified vein, a *canal* the nutrient canal of the bone). Four radiological signs, such as
    an irregular outline or a necrotic core, are drawn from normal distributions whose means differ between the
    classes, and painted into the image. **The best possible AUC is 0.95**: that of an observer who knows the true
    signs. What can be had from the images is less, because the signs are hidden by noise, bias field, size, position
    and anatomy, none of which depends on the class. Logistic regression on 20 hand-made measures of region, outline
    and surroundings reached a cross-validated AUC of 0.88 (tumor), 0.90 (stone), 0.86 (brain_ct) and 0.85 (fracture)
    with 1200 images, and of 0.89, 0.86, 0.86 and 0.80 with 400 volumes; on the size of the mask alone, 0.5.

    A patient has 2 to 4 images of the same anatomy, of which most show the same class, so that images must be split
    by patient. Case k is the same whatever `n_cases` is.

    Parameters
    ----------
    scenario : {"tumor", "stone", "brain_ct", "fracture"}
        What the images show.
    n_cases : int, default=120
        Number of images. Half of the patients have the disease.
    ndim : {2, 3}, default=2
        2 for images of 96 x 96 pixels, 3 for volumes of 24 x 64 x 64 voxels with thick slices.
    random_state : int, RandomState or None, default=0
        Seed.

    Returns
    -------
    cohort : Bunch
        `X`, a Cohort; `y`, the class names; `groups`, the patients; `folds`, the number of the fold (0 to 4) of each
        case, stratified and grouped by patient; `truth`, a DataFrame of the painted signs; `description`, a text.

    Raises
    ------
    ValueError
        If there is no such scenario, or a number is out of range.

    Examples
    --------
    >>> data = make_cohort("tumor", n_cases=10)
    >>> data.X
    Cohort(10 cases of 5 patients)
    >>> data.truth.columns.tolist()
    ['irregularity', 'heterogeneity', 'necrosis', 'edema']
    >>> data.X[0].load().shape
    (96, 96)
    """
    check_choice("scenario", scenario, SCENARIOS)
    check_number("n_cases", n_cases, at_least=1, integer=True)
    check_ndim(ndim)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)

    images = _images_in_order(seed)
    cases, diseased, signs = zip(
        *(_make_case(scenario, number, ndim, seed, *next(images)) for number in range(n_cases)), strict=True
    )
    X = Cohort(cases)
    y = np.array(SCENARIOS[scenario].classes)[np.array(diseased, int)]
    return Bunch(
        X=X,
        y=y,
        groups=X.patients,
        folds=_grouped_folds(y, X.patients),
        truth=pd.DataFrame(signs, index=pd.Index(X.ids, name="id")),
        description=_describe(SCENARIOS[scenario], ndim),
    )


def _random(seed, purpose, *numbers):
    """Random generator of one purpose, so that what is drawn for one case does not depend on the others."""
    return np.random.default_rng([seed, 1 + ("pair", "patient", "anatomy", "image").index(purpose), *numbers])


def _images_in_order(seed):
    """Number of the patient, number of the image and whether it shows the disease, patient after patient."""
    for patient in count():
        # Of two patients that follow each other one has the disease; which one is drawn.
        has_disease = (patient + _random(seed, "pair", patient // 2).integers(2)) % 2 == 1
        rng = _random(seed, "patient", patient)
        for image in range(rng.integers(2, 5)):
            shows_other_class = image > 0 and rng.random() < PART_OF_OTHER_CLASS
            yield patient, image, has_disease != shows_other_class


def _make_case(scenario, number, ndim, seed, patient, image, diseased):
    """Case, its class and its signs."""
    kind = SCENARIOS[scenario]
    anatomy, rng = _random(seed, "anatomy", patient), _random(seed, "image", patient, image)
    site = str(anatomy.choice(list(SITES)))
    mean = (0.5 if diseased else -0.5) * CLASS_DISTANCE / np.sqrt(len(kind.signs))
    signs = {name: float(rng.normal(mean, 1)) for name in kind.signs}

    in_plane, between = rng.normal(SITES[site], 0.015, 2).tolist()
    spacing = [round(step * in_plane, 3) for step in kind.spacing[ndim]]
    if ndim == 3:
        spacing[0] = round(kind.spacing[3][0] * between, 3)
    pixels, mask = kind.paint(Grid(SHAPES[ndim], tuple(spacing)), signs, anatomy, rng)
    case = Case(
        ArraySource(pixels, tuple(spacing)),
        ArraySource(mask, tuple(spacing)),
        id=f"{scenario}-{number:04d}",
        patient=f"P{patient:03d}",
        meta={"site": site, "modality": kind.modality[ndim]},
    )
    return case, diseased, signs


def _grouped_folds(y, patients):
    """Number of the fold of each case: five, or as many as a small cohort allows."""
    _, class_sizes = np.unique(y, return_counts=True)
    n_folds = min(5, len(np.unique(patients)), class_sizes.min() if len(class_sizes) > 1 else 1)
    folds = np.zeros(len(y), int)
    if n_folds > 1:
        groups = shuffled_groups(patients, random_state=0)
        for fold, (_, test) in enumerate(StratifiedGroupKFold(n_folds).split(y, y, groups)):
            folds[test] = fold
    return folds


def _describe(kind, ndim):
    signs = "\n".join(f"- {name}: {meaning}" for name, meaning in kind.signs.items())
    return (
        f"{kind.question}\n\n"
        f"Synthetic images, not for clinical use. Classes: {kind.classes[0]} and {kind.classes[1]}. "
        f"Modality: {kind.modality[ndim]}; intensities in {kind.unit[ndim]}. The mask marks {kind.region}.\n\n"
        f"Signs, of which more speaks for {kind.classes[1]}:\n{signs}\n\n"
        f"An observer who knows the true signs reaches an AUC of {ATTAINABLE_AUC}; images show them less clearly. "
        "Size, position, noise, bias and site do not depend on the class. A patient has several images: "
        "split by `groups`, as `folds` does."
    )
