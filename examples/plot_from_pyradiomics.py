"""A study's PyRadiomics parameter file in, the same table out.

    python examples/plot_from_pyradiomics.py [--params Params.yaml] [--table cohort.csv]

Without a table, four lesions in images made in code are measured; without parameters, the original image, a Laplacian
of Gaussian and the wavelet bands, with bins of 25. Where PyRadiomics is installed, its numbers stand beside those of
radlearn, with the time that both took.
"""

import argparse
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from radlearn import Case, Cohort, read_cohort
from radlearn.io import ArraySource
from radlearn.radiomics import PyRadiomicsFeatures

PARAMS = """
setting: {binWidth: 25, resampledPixelSpacing: [1, 1, 1], interpolator: sitkBSpline}
imageType:
  Original: {}
  LoG: {sigma: [1.0, 2.0]}
  Wavelet: {}
"""


def made_in_code(n_cases=4):
    """Bright ellipsoids with a rough surface in noise."""
    for number in range(n_cases):
        rng = np.random.default_rng(number)
        grid = np.moveaxis(np.indices((24, 56, 56)), 0, -1) - (12, 28, 28)
        distance = np.linalg.norm(grid / (7 + number, 15, 12 + number), axis=-1) + 0.05 * rng.normal(size=(24, 56, 56))
        mask = distance < 1
        image = np.round(rng.normal(100, 25, mask.shape) + 120 * mask * (1 + 0.3 * np.sin(grid[..., 2] / 2)))
        sources = [ArraySource(array, (2.0, 0.9, 0.9)) for array in (image.astype(np.int16), mask.astype(np.uint8))]
        yield Case(sources[0], mask=sources[1], id=f"lesion-{number + 1}")


def cases_of(path):
    """Cases of a table with the columns that the command line of PyRadiomics takes."""
    table = pd.read_csv(path).rename(columns=str.lower)
    return read_cohort(table, root=Path(path).parent, mask_label="label" if "label" in table else None)


def measured(cohort, params, backend):
    """Table and seconds of one backend; the first case goes before, so that nothing is compiled while time counts."""
    extractor = PyRadiomicsFeatures(params=params, backend=backend).set_output(transform="pandas").fit(cohort)
    extractor.transform(cohort[:1])
    begin = time.perf_counter()
    return extractor.transform(cohort), time.perf_counter() - begin


def main():
    """Print both tables side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", help="parameter file of PyRadiomics")
    parser.add_argument("--table", help="CSV with the columns Image, Mask and, if wanted, Label")
    options = parser.parse_args()
    cohort = cases_of(options.table) if options.table else Cohort(made_in_code())
    with TemporaryDirectory() as folder:
        params = options.params or Path(folder) / "Params.yaml"
        if not options.params:
            params.write_text(PARAMS, encoding="utf-8")
        table, seconds = measured(cohort, params, "radlearn")
        print(f"radlearn: {table.shape[1]} features of {len(table)} cases in {seconds:.2f} s")
        if find_spec("radiomics") is None:
            print(table.iloc[:, :8].round(4).T.to_string())
            return
        reference, reference_seconds = measured(cohort, params, "pyradiomics")
    print(f"PyRadiomics: the same in {reference_seconds:.2f} s, {reference_seconds / seconds:.0f} times as long")
    apart = (table - reference).abs() / reference.abs().clip(lower=1e-9)
    print(f"largest relative difference: {np.nanmax(apart):.1e}\n")
    sides = {"radlearn": table.iloc[0], "PyRadiomics": reference.iloc[0]}
    print(pd.DataFrame(sides).iloc[:: max(1, table.shape[1] // 20)].to_string())


if __name__ == "__main__":
    main()
