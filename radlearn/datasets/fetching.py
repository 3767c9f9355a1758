"""Public image sets as cohorts, read from the folder in which they are stored."""

import os
from pathlib import Path

from sklearn.utils import Bunch

from radlearn._validation import check_choice
from radlearn.datasets.public.brain_tumor_mri import BRAIN_TUMOR_MRI
from radlearn.datasets.public.busi import BUSI
from radlearn.datasets.public.fracatlas import FRACATLAS
from radlearn.datasets.public.head_ct_ich import HEAD_CT_ICH
from radlearn.datasets.public.kidney_stone_ct import KIDNEY_STONE_CT
from radlearn.datasets.public.medmnist import MEDMNIST
from radlearn.datasets.public.radiomics_phantoms import RADIOMICS_PHANTOMS
from radlearn.datasets.public.sarcoma_ibsi import SARCOMA_IBSI
from radlearn.exceptions import CohortError

SETS = {
    record.name: record
    for record in (
        BUSI,
        HEAD_CT_ICH,
        KIDNEY_STONE_CT,
        FRACATLAS,
        BRAIN_TUMOR_MRI,
        SARCOMA_IBSI,
        MEDMNIST,
        RADIOMICS_PHANTOMS,
    )
}


def get_data_home(data_home=None):
    """Folder in which the public sets are looked for.

    Parameters
    ----------
    data_home : path, optional
        Default: the environment variable ``RADLEARN_DATA``, else ``~/radlearn_data``.

    Returns
    -------
    data_home : Path
        It need not exist.

    Raises
    ------
    CohortError
        If the system knows no home folder of the user, as in some containers.

    Examples
    --------
    >>> get_data_home("data").name
    'data'
    """
    try:
        return Path(data_home or os.environ.get("RADLEARN_DATA") or "~/radlearn_data").expanduser()
    except RuntimeError:
        raise CohortError(
            "the data home is unknown, as the user has no home folder",
            "set RADLEARN_DATA or data_home= to a folder",
        ) from None


def fetch(name, *, task=None, data_home=None):
    """Read a public image set from the data home.

    A set is a folder of that name in the data home. Its files are compared with their published checksums, once per
    session; images stay in their archive until a case is loaded. Only MedMNIST is downloaded where it is absent; for
    any other set the error says where to get it, and under which license.

    Parameters
    ----------
    name : str
        ======================  =========================================  ================================
        set                     images                                     tasks (the first is the default)
        ======================  =========================================  ================================
        ``brain_tumor_mri``     brain MR slices                            four_class
        ``busi``                breast ultrasound with masks               lesion, three_class
        ``fracatlas``           radiographs of hands and legs              fracture
        ``head_ct_ich``         head CT slices                             slice
        ``kidney_stone_ct``     coronal CT slices, or parts of them        candidates, halves, stones
        ``medmnist``            small images and shapes                    pneumonia, breast, adrenal,
                                                                           adrenal64
        ``radiomics_phantoms``  phantoms for feature values                features
        ``sarcoma_ibsi``        PET, CT, MR of sarcoma with masks          PET, CT, MR_T1
        ======================  =========================================  ================================
    task : str, optional
        Which of the set's questions.
    data_home : path, optional
        As in :func:`get_data_home`.

    Returns
    -------
    data : Bunch
        `X`, a Cohort; `y`, the labels (names, 1 for the finding, or the number of lesions); `groups`, what must stay
        on one side of a split (patients where they are known); `folds`, the number of the ready-made fold of each
        case, grouped, and stratified where the set has no split of its own; `description` with source, license,
        citation and pitfalls; where the task is to find lesions, `lesions`, a table of their boxes as
        `evaluation.froc` takes it. ``radiomics_phantoms`` has neither labels nor folds; both are None.

    Raises
    ------
    CohortError
        If the set is absent, or a file is not the published one.
    ValueError
        If there is no such set or task.

    Examples
    --------
    >>> data = fetch("busi")  # doctest: +SKIP
    >>> data.X  # doctest: +SKIP
    Cohort(467 cases of 382 patients)
    """
    record = SETS[check_choice("name", name, SETS)]
    task = next(iter(record.tasks)) if task is None else check_choice("task", task, record.tasks)
    folder = get_data_home(data_home) / name
    record.prepare(task, folder)
    X, y, folds, *lesions = record.tasks[task].read(folder)
    data = Bunch(X=X, y=y, groups=X.patients, folds=folds, description=record.describe(task))
    if lesions:
        data.lesions = lesions[0]
    return data
