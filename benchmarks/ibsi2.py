"""Compare radlearn with the reference values of the Image Biomarker Standardisation Initiative, part 2: filters.

    python benchmarks/ibsi2.py --tests ibsi2_phase1.csv --phantoms ibsi2_phantoms \
        --configs ibsi2_phase2_filters.yaml --reference ibsi2_phase2.csv --image phantom.nii.gz --mask mask.nii.gz

Phase 1: each test of the table is a filter with parameters, applied to a phantom; every voxel of the response must be
as near to the reference map as the table says. Phase 2: each filter of the configurations is applied to a CT image, and
the statistics of its response in the region must be as near to their reference as the tolerance allows. Each of the two
can be left out. A row without a tolerance must be met to the last digit.

Prints passed and total of each filter, and each miss. Exit status 1 when anything misses; what cannot be computed does,
and the reason is printed.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from files import check_folder
from ibsi1 import (
    COLUMNS,
    FAILURES,
    bounds_of,
    check_mapping,
    content_of,
    in_one_line,
    name_unknown_keys,
    number_of,
    optional,
    resample,
    rounded_case,
    rows_of,
    write,
)

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
    check_folder(options.values)
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
                print(f"{test['test_id']} cannot be computed: {in_one_line(error)}", file=sys.stderr)
            tolerance = float(test["tolerance_abs"] or 0)
            results.append(result(test["test_id"], test["filter"], "response map", difference, 0, tolerance))
    return results


def largest_difference(test, phantoms, maps):
    """Largest difference of a response from its reference map."""
    volume = Case(phantoms / f"{test['phantom']}.nii.gz").load()
    parameters = json.loads(test["parameters"] or "{}")
    check_mapping("parameters", parameters)
    name_unknown_parameters(test["test_id"], test["filter"], parameters)
    image_filter = filter_of({**test, **parameters})
    if image_filter is None:
        response = volume.image
    else:
        [(_, response)] = checked(image_filter).filtered(volume.image, volume.spacing)
    reference = Case(maps / test["reference_map"]).load().image
    if response.shape != reference.shape:
        raise ValueError(f"the reference map has shape {reference.shape}, the response {response.shape}")
    return np.abs(response - reference).max()


def compared_statistics(options):
    """Phase 2: statistics of each response in the region of interest."""
    configurations = content_of(options.configs, "common", "filters")
    common = configurations["common"]
    references = defaultdict(list)
    for row in rows_of(options.reference, ("filter_id", "filter", "feature", "code", "value", "tolerance")):
        references[row["filter_id"]].append(row)
    case = rounded_case(options.image, options.mask)
    results = []
    for key, configuration in configurations["filters"].items():
        name, values = str(key), {}
        try:
            values = statistics_of_configuration(name, configuration, common, case)
        except FAILURES as error:
            print(f"{name} cannot be computed: {in_one_line(error)}", file=sys.stderr)
        for row in references[name]:
            if row["value"]:
                value, reference = values.get(COLUMNS.get(row["code"]), np.nan), float(row["value"])
                tolerance = float(row["tolerance"] or 0)
                results.append(result(name, row["filter"], row["feature"], value, reference, tolerance))
    return results


def statistics_of_configuration(name, configuration, common, case):
    """Statistics of the response of one filter to the image as its configuration has it processed."""
    check_mapping(name, configuration)
    name_unknown_keys(name, configuration, CONFIGURATION_KEYS)
    parameters = configuration.get("parameters") or {}
    check_mapping(f"parameters of {name}", parameters)
    name_unknown_parameters(name, configuration["filter"], parameters)
    for key in ("processing", "resegmentation"):
        check_mapping(key, common.get(key) or {})
    processing = common["processing"][configuration["processing"]]
    check_mapping(f"processing {configuration['processing']}", processing)
    given = {"boundary": common["boundary"], "dimension": processing.get("slice_wise"), **configuration, **parameters}
    return statistics_of(resample(processing, case), given, common.get("resegmentation") or {})


def statistics_of(cohort, configuration, resegmentation):
    """Statistics of the response of one filter, by the names that they have without a filter."""
    image_filter = filter_of(configuration)
    extractor = RadiomicsFeatures(
        families="statistics",
        filters=None if image_filter is None else [image_filter],
        unfiltered=image_filter is None,
        resegment_range=bounds_of(resegmentation),
        outlier_sigma=number_of("outlier_sigma", resegmentation.get("outlier_sigma")),
    )
    values = extractor.fit_transform(cohort)[0]
    names = [name.rpartition("__")[2] for name in extractor.get_feature_names_out()]
    return dict(zip(names, values, strict=True))


def filter_of(configuration):
    """The filter of a configuration; None where there is none."""
    name = str(configuration["filter"]).lower()
    if name == "none":
        return None
    if name not in FILTERS:
        raise ValueError(f"the filter {name!r} is not supported; there are {', '.join(FILTERS)}")
    for key, supported in SUPPORTED.items():
        if str(optional(configuration, key, supported[0])).lower() not in supported:
            raise ValueError(f"{key} {configuration[key]!r} of {name} is not supported")
    if str(configuration.get("decimated", False)).lower() == "true":
        raise ValueError(f"{name}: decimated transforms are not supported, since they have no response at each voxel")
    kind, parameters = FILTERS[name]
    dimension = str(configuration["dimension"])
    if not dimension.startswith(("2D", "3D")):
        raise ValueError(f"dimension must be 2D or 3D, got {configuration['dimension']!r}")
    given = {theirs: value for theirs, value in configuration.items() if value not in (None, "")}
    for key in NEEDED.get(name, ()):
        if key not in given:
            raise KeyError(key)
    chosen = {ours: given[theirs] for theirs, ours in parameters.items() if theirs in given}
    chosen["boundary"] = (str(configuration["boundary"]).split() or [""])[0]
    if "orthogonal_planes" in kind().get_params():
        chosen["orthogonal_planes"] = is_across_planes(f"{dimension} {optional(configuration, 'planes', '')}")
    if "slice_wise" in kind().get_params():
        chosen["slice_wise"] = dimension.startswith("2D")
    if "rotation_invariant" in kind().get_params():
        invariance = str(optional(configuration, "rotation_invariance", "none")).lower()
        chosen["rotation_invariant"] = invariance not in ("", "none", "false")
    if "order" in chosen:
        chosen["order"] = tuple(chosen["order"][::-1])
    return kind(**{key: with_number(value) for key, value in chosen.items()})


def is_across_planes(words):
    """Whether a flat filter is averaged over the three planes, in the words of a configuration; else it is axial."""
    words = words.lower()
    if words.startswith("3d") or re.search(r"orthogonal|\bthree\b|\ball\b|axial.*coronal.*sagittal", words):
        return True
    if "coronal" in words or "sagittal" in words:
        raise ValueError(f"planes must be axial, or all three, got {words!r}")
    return False


def with_number(value):
    """A value of a parameter; text that is a number as one, and 7.0 as 7. YAML takes 1e-1 for text."""
    if isinstance(value, list | tuple):
        return type(value)(map(with_number, value))
    try:
        return value if isinstance(value, bool) else number_of("a parameter", value)
    except TypeError:
        return value  # a name


def name_unknown_parameters(place, name, parameters):
    """Name each parameter that the filter does not have, as it may be a wrong one."""
    known = FILTERS[str(name).lower()][1] if str(name).lower() in FILTERS else {}
    name_unknown_keys(f"{place}, parameters", parameters, [*known, *FURTHER_PARAMETERS])


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


# Parameters without a default that anyone would expect.
NEEDED = {
    "mean": ("support_voxels",),
    "laplacian of gaussian": ("sigma_mm",),
    "laws": ("kernels",),
    "gabor": ("sigma_mm", "lambda_mm"),
    "separable wavelet": ("wavelet", "subband"),
    "riesz-transformed laplacian of gaussian": ("sigma_mm", "riesz_order"),
    "riesz-transformed simoncelli wavelet": ("riesz_order",),
}
# What may stand beside the parameters that a filter knows; and of these, the values that are supported.
FURTHER_PARAMETERS = ("rotation_invariance", "planes", "decimated", "map", "response", "pooling")
SUPPORTED = {"map": ("b",), "response": ("modulus", "linear", "energy")}
CONFIGURATION_KEYS = (
    "filter",
    "code",
    "processing",
    "dimension",
    "boundary",
    "parameters",
    "note",
    *FURTHER_PARAMETERS,
)


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
