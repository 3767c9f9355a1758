"""Compare numbers and time of `PyRadiomicsFeatures` with those of the installed PyRadiomics.

    python benchmarks/pyradiomics_numbers.py --csv numbers.csv

For each case, all features of all image types with bins of 25 and with 32 bins: printed is the largest relative
difference per feature class and image type. A difference below 1e-9 is that of a zero. Then the time that both take for
the original image, 8 wavelet bands and a Laplacian of Gaussian of 1, 2 and 3 mm (1,130 features): processor seconds of
one thread, on images in memory, the median of the rounds.

The masks of the phantoms of IBSI 2 fill their images, which PyRadiomics refuses: they lose their first voxel.
"""

# ruff: noqa: E402 - the number of threads is read when libraries are imported

import argparse
import logging
import os
import statistics
import time
import warnings
from pathlib import Path

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import SimpleITK as sitk  # noqa: N813 - as its users write it

from radlearn import Case
from radlearn.datasets import fetch
from radlearn.exceptions import RadlearnError
from radlearn.io import ArraySource, read_image
from radlearn.radiomics import PyRadiomicsFeatures

CLASSES = dict.fromkeys(("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"))
FILTERS = ("Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D", "Wavelet")
IMAGE_TYPES = {name: {} for name in ("Original", *FILTERS)} | {"LoG": {"sigma": [1.0, 2.0, 3.0]}}
TIMED = {name: IMAGE_TYPES[name] for name in ("Original", "Wavelet", "LoG")}
BINS = {"width 25": {"binWidth": 25}, "32 bins": {"binCount": 32}}
ZERO = 1e-9


def cases():
    """Phantoms with a mask, and one sarcoma of each modality."""
    yield from (case for case in fetch("radiomics_phantoms").X if case.mask is not None)
    for task in ("PET", "CT", "MR_T1"):
        yield fetch("sarcoma_ibsi", task=task).X[0]


def in_memory(case):
    """The same case with arrays in the place of files, and with a voxel outside its region."""
    image, mask = read_image(case.image), read_image(case.mask)
    region = (mask.array > 0 if case.mask_label is None else mask.array == case.mask_label).astype(np.uint8)
    if region.all():
        region.flat[0] = 0
    sources = [ArraySource(array, image.spacing, image.affine) for array in (image.array, region)]
    return Case(sources[0], mask=sources[1], id=case.id)


def row(case, backend, params):
    """Features of one case."""
    extractor = PyRadiomicsFeatures(params=params, backend=backend).set_output(transform="pandas")
    return extractor.fit_transform([case]).iloc[0]


def differences(case):
    """One line per feature and kind of bins."""
    for bins, setting in BINS.items():
        params = {"setting": setting, "imageType": IMAGE_TYPES, "featureClass": CLASSES}
        try:
            ours, theirs = (row(case, backend, params) for backend in ("radlearn", "pyradiomics"))
        except (RadlearnError, ValueError, RuntimeError) as error:
            print(f"{case.id}, {bins}: {error}")
            continue
        apart = (ours - theirs).abs()
        relative = (apart / theirs.abs()).where(apart > ZERO, 0.0).mask(ours.isna() ^ theirs.isna(), np.inf)
        for name, value in relative.items():
            image_type, feature_class, feature = name.split("_")
            kind = "log" if image_type.startswith("log-") else image_type.partition("-")[0]
            yield case.id, bins, kind, feature_class, feature, image_type, value


def seconds(case, backend, n_rounds):
    """Processor time of one row, after one that is not counted."""
    params = {"imageType": TIMED, "featureClass": CLASSES}
    extractor = PyRadiomicsFeatures(params=params, backend=backend).fit([case])
    extractor.transform([case])
    times = []
    for _ in range(n_rounds):
        begin = time.process_time()
        extractor.transform([case])
        times.append(time.process_time() - begin)
    return statistics.median(times)


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", help="write all differences")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of timing; 0: none")
    parser.add_argument("--only", nargs="*", help="ids of the cases to compare")
    options = parser.parse_args()
    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    if options.csv and not Path(options.csv).parent.is_dir():
        parser.error(f"{options.csv} cannot be written: there is no folder {Path(options.csv).parent}")
    every = list(cases())
    if unknown := set(options.only or ()) - {case.id for case in every}:
        names = ", ".join(sorted(case.id for case in every))
        parser.error(f"there is no case {', '.join(sorted(unknown))}; there are {names}")
    chosen = [in_memory(case) for case in every if not options.only or case.id in options.only]

    columns = ["case", "bins", "image", "class", "feature", "image_type", "difference"]
    table = pd.DataFrame([line for case in chosen for line in differences(case)], columns=columns)
    if options.csv:
        table.to_csv(options.csv, index=False)
    print(table.pivot_table("difference", "image", "class", aggfunc="max").map("{:.0e}".format).to_string())
    tolerance = np.where(table["class"] == "shape", 1e-4, 1e-6)
    print(f"\n{(table.difference <= tolerance).sum():,} of {len(table):,} within the tolerance; beyond it:")
    print(table[table.difference > tolerance].to_string(index=False, max_rows=40))

    ratios = []
    for case in chosen if options.rounds else []:
        try:
            theirs, ours = (seconds(case, backend, options.rounds) for backend in ("pyradiomics", "radlearn"))
        except (RadlearnError, ValueError, RuntimeError) as error:
            print(f"{case.id}: {error}")
            continue
        ratios.append(theirs / ours)
        print(f"{case.id:32} {theirs:8.3f} s {ours:8.4f} s {ratios[-1]:6.1f} times faster")
    if ratios:
        print(f"geometric mean: {statistics.geometric_mean(ratios):.1f} times faster")


if __name__ == "__main__":
    main()
