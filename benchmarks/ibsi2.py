"""Compare radlearn with the reference values of the Image Biomarker Standardisation Initiative, part 2: filters.

    python benchmarks/ibsi2.py --tests ibsi2_phase1.csv --phantoms ibsi2_phantoms \
        --configs ibsi2_phase2_filters.yaml --reference ibsi2_phase2.csv --image phantom.nii.gz --mask mask.nii.gz

Phase 1: each test of the table is a filter with parameters, applied to a phantom; every voxel of the response must be
as near to the reference map as the table says. Phase 2: each filter of the configurations is applied to a CT image, and
the statistics of its response in the region must be as near to their reference as the tolerance allows. Each of the two
can be left out.

Prints passed and total of each filter, and each miss. Exit status 1 when anything misses; what cannot be computed does,
and the reason is printed.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from ibsi1 import COLUMNS, FAILURES, bounds_of, content_of, resample, rounded_case, rows_of, write

from radlearn import Case
from radlearn.filters import (
    GaborFilter,
    LaplacianOfGaussian,
    LawsKernels,
    MeanFilter,
    NonSeparableWavelet,
    RieszLaplacianOfGaussian,
    RieszWavelet,
    SeparableWavelet,
)
from radlearn.radiomics import RadiomicsFeatures


def main(arguments=None):
    """Run both phases; the exit status."""
    options = parsed(arguments)
    results = []
    if options.tests:
        results += compared_maps(options.tests, options.phantoms or options.tests.parent / "ibsi2_phantoms")
    if options.configs:
        results += compared_statistics(options)
    if options.values:
        write(options.values, results)
    return report(results)


def parsed(arguments):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, text in [
        ("--tests", "phase 1: table of filters, phantoms, and reference maps beside the table"),
        ("--phantoms", "folder of phantoms; default: ibsi2_phantoms beside the table"),
        ("--configs", "phase 2: YAML file of filters and processing"),
        ("--reference", "phase 2: table of reference values"),
        ("--image", "phase 2: NIfTI file"),
        ("--mask", "phase 2: NIfTI file"),
        ("--values", "write all values and verdicts to this CSV file"),
    ]:
        parser.add_argument(name, type=Path, help=text)
    options = parser.parse_args(arguments)
    if not (options.tests or options.configs):
        parser.error("give --tests, --configs, or both")
    if options.configs and not (options.reference and options.image and options.mask):
        parser.error("--configs needs --reference, --image and --mask")
    return options


def compared_maps(tests, phantoms):
    """Phase 1: the largest difference of each response from its reference map."""
    results = []
    columns = ("test_id", "phantom", "filter", "dimension", "boundary", "parameters", "reference_map", "tolerance_abs")
    for test in rows_of(tests, columns):
        if test["reference_map"]:
            difference = np.nan
            try:
                difference = largest_difference(test, phantoms, tests.parent)
            except FAILURES as error:
                print(f"{test['test_id']} cannot be computed: {type(error).__name__}: {error}", file=sys.stderr)
            tolerance = float(test["tolerance_abs"])
            results.append(result(test["test_id"], test["filter"], "response map", difference, 0, tolerance))
    return results


def largest_difference(test, phantoms, maps):
    """Largest difference of a response from its reference map."""
    volume = Case(phantoms / f"{test['phantom']}.nii.gz").load()
    configuration = {**test, **json.loads(test["parameters"])}
    [(_, response)] = checked(filter_of(configuration)).filtered(volume.image, volume.spacing)
    return np.abs(response - Case(maps / test["reference_map"]).load().image).max()


def compared_statistics(options):
    """Phase 2: statistics of each response in the region of interest."""
    configurations = content_of(options.configs, "common", "filters")
    common = configurations["common"]
    references = defaultdict(list)
    for row in rows_of(options.reference, ("filter_id", "filter", "feature", "code", "value", "tolerance")):
        references[row["filter_id"]].append(row)
    case = rounded_case(options.image, options.mask)
    cohorts = {name: resample(processing, case) for name, processing in common["processing"].items()}

    results = []
    for name, configuration in configurations["filters"].items():
        values = {}
        try:
            parameters = {"boundary": common["boundary"], **configuration, **configuration["parameters"]}
            values = statistics_of(cohorts[configuration["processing"]], parameters, common["resegmentation"])
        except FAILURES as error:
            print(f"{name} cannot be computed: {type(error).__name__}: {error}", file=sys.stderr)
        for row in references[name]:
            if row["value"]:
                value, reference = values.get(COLUMNS.get(row["code"]), np.nan), float(row["value"])
                tolerance = float(row["tolerance"])
                results.append(result(name, row["filter"], row["feature"], value, reference, tolerance))
    return results


def statistics_of(cohort, configuration, resegmentation):
    """Statistics of the response of one filter, by the names that they have without a filter."""
    image_filter = filter_of(configuration)
    extractor = RadiomicsFeatures(
        families="statistics",
        filters=None if image_filter is None else [image_filter],
        unfiltered=image_filter is None,
        resegment_range=bounds_of(resegmentation),
        outlier_sigma=resegmentation.get("outlier_sigma"),
    )
    values = extractor.fit_transform(cohort)[0]
    names = [name.rpartition("__")[2] for name in extractor.get_feature_names_out()]
    return dict(zip(names, values, strict=True))


def filter_of(configuration):
    """The filter of a configuration; None where there is none."""
    name = configuration["filter"].lower()
    if name == "none":
        return None
    if name not in FILTERS:
        raise ValueError(f"the filter {name!r} is not supported; there are {', '.join(FILTERS)}")
    if str(configuration.get("decimated", False)).lower() == "true":
        raise ValueError(f"{name}: decimated transforms are not supported, since they have no response at each voxel")
    kind, parameters = FILTERS[name]
    dimension = f"{configuration['dimension']} {configuration.get('planes', '')}"
    given = {theirs: value for theirs, value in configuration.items() if value not in (None, "")}
    chosen = {ours: given[theirs] for theirs, ours in parameters.items() if theirs in given}
    chosen["boundary"] = configuration["boundary"].split()[0]
    if "orthogonal_planes" in kind().get_params():
        chosen["orthogonal_planes"] = "orthogonal" in dimension
    if "slice_wise" in kind().get_params():
        chosen["slice_wise"] = dimension.startswith("2D")
    if "rotation_invariant" in kind().get_params():
        chosen["rotation_invariant"] = bool(configuration.get("rotation_invariance"))
    if "order" in chosen:
        chosen["order"] = tuple(chosen["order"][::-1])
    return kind(**chosen)


LOG = {"sigma_mm": "sigma", "cutoff_sigma": "cutoff"}
RIESZ = {"riesz_order": "order", "aligned_by_structure_tensor_sigma_mm": "align_sigma"}
# IBSI's name of a filter -> the class, and IBSI's names of parameters with ours.
FILTERS = {
    "mean": (MeanFilter, {"support_voxels": "support"}),
    "laplacian of gaussian": (LaplacianOfGaussian, LOG),
    "laws": (
        LawsKernels,
        {"kernels": "kernels", "energy_distance_voxels": "energy_distance", "pooling": "pooling"},
    ),
    "gabor": (
        GaborFilter,
        {
            "sigma_mm": "sigma",
            "lambda_mm": "wavelength",
            "gamma": "gamma",
            "theta_deg": "theta_deg",
            "theta_step_deg": "theta_step_deg",
            "pooling": "pooling",
        },
    ),
    "separable wavelet": (
        SeparableWavelet,
        {"wavelet": "wavelet", "subband": "bands", "level": "level", "pooling": "pooling"},
    ),
    "simoncelli wavelet": (NonSeparableWavelet, {"level": "level"}),
    "riesz-transformed laplacian of gaussian": (RieszLaplacianOfGaussian, LOG | RIESZ),
    "riesz-transformed simoncelli wavelet": (RieszWavelet, {"level": "level"} | RIESZ),
}


def checked(image_filter):
    """The filter, if its parameters make sense."""
    image_filter.response_names(3)
    return image_filter


def result(test, name, what, value, reference, tolerance):
    """A row of the report: what was expected, what came out, and whether that is near enough."""
    return {
        "test": test,
        "filter": name,
        "what": what,
        "value": value,
        "reference": reference,
        "tolerance": tolerance,
        "passed": bool(abs(value - reference) <= tolerance),
    }


def report(results):
    """Print what passed and what missed; the exit status."""
    passed = defaultdict(lambda: [0, 0])
    for row in results:
        kind = "maps" if row["what"] == "response map" else "values"
        for key in ((kind, row["filter"]), (kind, "all")):
            passed[key][0] += row["passed"]
            passed[key][1] += 1
    for (kind, name), (n_passed, n_all) in sorted(passed.items(), key=lambda item: (item[0][0], item[0][1] == "all")):
        print(f"{kind:<7} {name:<45} {n_passed:>4} of {n_all}")
    for row in results:
        if not row["passed"]:
            print(
                f"MISS {row['test']} {row['filter']}: {row['what']}: {row['value']:.6g}, "
                f"reference {row['reference']:g} +- {row['tolerance']:g}"
            )
    return 0 if results and all(row["passed"] for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
