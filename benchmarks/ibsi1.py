"""Compare radlearn with the reference values of the Image Biomarker Standardisation Initiative, part 1.

    python benchmarks/ibsi1.py --configs ibsi1_configs.yaml --reference ibsi1_reference.csv \
        --diagnostics ibsi1_diagnostics.csv --image phantom.nii.gz --mask mask.nii.gz --values values.csv

Every configuration of the first file is run as a pipeline of radlearn, and each of its reference values is compared: a
value passes if, rounded to three significant digits, it is off by no more than the tolerance. The configuration
``digital_phantom`` has its own image, which comes with radlearn; all others use the one that is given.

Prints passed and total of each configuration and family, and each miss. Exit status 1 when anything misses; all values
of a configuration that cannot be computed do, and the reason is printed.
"""

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import yaml

from radlearn import Case
from radlearn._validation import check_choice
from radlearn.datasets import load_ibsi_phantom
from radlearn.exceptions import RadlearnError
from radlearn.preprocessing import Resample
from radlearn.radiomics import RadiomicsFeatures, feature_table
from radlearn.radiomics._aggregation import NORMS
from radlearn.radiomics._region import bounding_box, region_of
from radlearn.radiomics.discretize import Bins

DIGITAL_PHANTOM = "digital_phantom"
INTERPOLATIONS = {
    "nearest": "nearest",
    **dict.fromkeys(("linear", "bilinear", "trilinear"), "linear"),
    **dict.fromkeys(("cubic", "bicubic", "tricubic", "cubic spline", "bicubic spline", "tricubic spline"), "cubic"),
}
# Distance up to which voxels are linked, in each norm -> neighbors in space.
CONNECTIVITIES = {("chebyshev", 1): 26, ("manhattan", 1): 6, ("manhattan", 2): 18, ("euclidean", 1): 6}
REFERENCE_COLUMNS = ("family", "feature", "code", "parameter_code", "aggregation")
# What makes a configuration one that cannot be computed.
FAILURES = (KeyError, TypeError, ValueError, AttributeError)


def main(arguments=None):
    """Run all configurations; the exit status."""
    options = parsed(arguments)
    configurations = content_of(options.configs, "configurations")["configurations"]
    if unknown := set(options.only or ()) - set(configurations):
        sys.exit(f"{options.configs} has no {', '.join(sorted(unknown))}; it has {', '.join(configurations)}")
    chosen = {name: configurations[name] for name in options.only or configurations}
    if (needy := [name for name in chosen if name != DIGITAL_PHANTOM]) and not (options.image and options.mask):
        sys.exit(f"{', '.join(needy)} need --image and --mask; or choose others with --only")
    references = rows_by_configuration(options.reference, REFERENCE_COLUMNS)
    diagnostics = rows_by_configuration(options.diagnostics, ("stage", "diagnostic")) if options.diagnostics else {}

    given = rounded_case(options.image, options.mask) if needy else None
    results = []
    for name, configuration in chosen.items():
        if name not in references:
            print(f"{name}: the reference has no values of it", file=sys.stderr)
        case = load_ibsi_phantom() if name == DIGITAL_PHANTOM else given
        values, measured = {}, {}
        try:
            values, measured = computed(configuration, case, has_diagnostics=name in diagnostics)
        except FAILURES as error:
            print(f"{name} cannot be computed: {type(error).__name__}: {error}", file=sys.stderr)
        results += [compared(name, row, value_of(row, values)) for row in references.get(name, []) if row["value"]]
        results += [compared(name, row, measured.get(row["tag"], np.nan)) for row in diagnostics.get(name, [])]
    if options.values:
        write(options.values, results)
    return report(results)


def parsed(arguments):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, text in [
        ("--configs", "YAML file of configurations"),
        ("--reference", "table of reference values"),
        ("--diagnostics", "table of image and mask statistics"),
        ("--image", "NIfTI file"),
        ("--mask", "NIfTI file"),
        ("--values", "write all values and verdicts to this CSV file"),
    ]:
        parser.add_argument(name, type=Path, help=text, required=name in ("--configs", "--reference"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these configurations only")
    return parser.parse_args(arguments)


def content_of(path, *keys):
    """Content of a YAML file that has mappings under these keys."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        sys.exit(f"{path} cannot be read: {error}")
    for key in keys:
        if not isinstance(content, dict) or not isinstance(content.get(key), dict):
            sys.exit(f"{path} has no mapping {key!r}")
    return content


def rows_of(path, columns):
    """Rows of a CSV file that has these columns."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        sys.exit(f"{path} cannot be read: {error}")
    if missing := [name for name in columns if not rows or name not in rows[0]]:
        sys.exit(f"{path} has no rows, or no column {', '.join(missing)}")
    for number, row in enumerate(rows, start=2):
        for name in {"value", "tolerance", "tolerance_abs"} & set(columns):
            check_cell(f"{name} in row {number} of {path}", row[name])
    return rows


def check_cell(place, text):
    """Stop at text that should be a number, or nothing."""
    try:
        float(text or 0)
    except ValueError:
        sys.exit(f"{place} must be a number, got {text!r}")


def rows_by_configuration(path, columns):
    """Rows of a CSV file by their data set."""
    rows = defaultdict(list)
    for row in rows_of(path, ("data_set", "tag", "value", "tolerance", *columns)):
        rows[row["data_set"]].append(row)
    return rows


def computed(configuration, case, *, has_diagnostics):
    """Values of a configuration by the names of their columns, and diagnostics by their tags."""
    cohort = resample(configuration, case)
    extractor = extractor_of(configuration).fit(cohort)
    values = dict(zip(extractor.get_feature_names_out(), extractor.transform(cohort)[0], strict=True))
    return values, measured_diagnostics(case.load(), cohort[0].load(), extractor) if has_diagnostics else {}


def rounded_case(image, mask):
    """The case of two files, with intensities rounded to whole numbers on loading, as the standard wants it for CT."""
    try:
        volume = Case(image, mask=mask).load()
    except RadlearnError as error:
        sys.exit(str(error))
    return Case(np.rint(volume.image), mask=volume.mask, spacing=volume.spacing, id="ibsi")


def resample(configuration, case):
    """The case on the grid of the configuration, as a cohort."""
    interpolation = configuration.get("interpolation") or {}
    if not interpolation.get("apply", True) or not interpolation.get("new_spacing_mm"):
        return Resample(spacing=None).fit_transform([case])
    spacing = [None if step == "unchanged" else float(step) for step in interpolation["new_spacing_mm"][::-1]]
    step = Resample(
        spacing=spacing,
        interpolation=INTERPOLATIONS[check_choice("image_method", interpolation["image_method"], INTERPOLATIONS)],
        mask_interpolation=INTERPOLATIONS[check_choice("mask_method", interpolation["mask_method"], INTERPOLATIONS)],
        mask_threshold=interpolation.get("mask_partial_volume_threshold", 0.5),
        round_intensities="integer" in str(interpolation.get("intensity_rounding")),
    )
    return step.fit_transform([case])


def extractor_of(configuration):
    """RadiomicsFeatures with the parameters of the configuration."""
    resegmentation = configuration.get("resegmentation") or {}
    bounds = bounds_of(resegmentation)
    return RadiomicsFeatures(
        resegment_range=bounds,
        outlier_sigma=resegmentation.get("outlier_sigma"),
        aggregation=aggregations_of(configuration),
        **bins_of(configuration["discretisation_texture_and_ih"]),
        **volume_histogram_of(configuration.get("discretisation_ivh") or {"method": "none"}, bounds),
        **texture_of(configuration.get("texture") or {}),
    )


def bounds_of(resegmentation):
    """Lowest and highest intensity, where None or infinity leave a side open; None if both do."""
    bounds = [None if bound is None or np.isinf(float(bound)) else bound for bound in resegmentation.get("range") or ()]
    return None if set(bounds) <= {None} else tuple(bounds)


def aggregations_of(configuration):
    """Names of the aggregations; families without directions go by the beginning of the name."""
    names = [name.lower() for name in configuration.get("glcm_glrlm_aggregations") or []]
    for other in configuration.get("other_texture_aggregations") or []:
        if not any(name.startswith(f"{other.lower()}_") for name in names):
            names.append({"2d": "2d_slice_merged", "2.5d": "2.5d_merged", "3d": "3d_merged"}[other.lower()])
    return names or None


def bins_of(discretization):
    """Parameters of the grey levels."""
    method = method_of(discretization)
    if method == "FBN":
        return {"bin_count": discretization["bins"]}
    if method == "FBS":
        return {"bin_width": discretization["bin_width"], "lowest_bin_edge": discretization.get("lowest_bin_edge")}
    return {"bin_width": 1}


def method_of(discretization):
    """FBN, FBS or NONE."""
    return check_choice("method", str(discretization["method"]).upper(), ("FBN", "FBS", "NONE"))


def volume_histogram_of(discretization, bounds):
    """Parameters of the intensity-volume histogram; its range is that of the re-segmentation, if it has none."""
    method = method_of(discretization)
    if method == "FBN":
        return {"ivh_bin_count": discretization["bins"]}
    if method == "FBS":
        lowest, width = discretization.get("lowest_bin_edge"), discretization["bin_width"]
        highest = None if bounds is None else bounds[1]
        return {"ivh_bin_width": width, "ivh_range": None if lowest is None else (lowest, highest)}
    return {"ivh_range": bounds_of(discretization) if isinstance(discretization.get("range"), list) else None}


def texture_of(texture):
    """Parameters of the texture matrices."""
    norm = str(texture.get("distance_norm", "Chebyshev")).lower()
    linked = {texture.get(f"{family}_linkage_distance", 1) for family in ("glszm", "gldzm")}
    weighting = str(texture.get("distance_weighting") or "none").lower()
    if len(linked) > 1 or (norm, *linked) not in CONNECTIVITIES:
        raise ValueError(f"zones that link voxels up to the distances {sorted(linked)} ({norm}) are not supported")
    return {
        "glcm_distance": texture.get("glcm_distance", 1),
        "glcm_symmetric": texture.get("glcm_symmetric", True),
        "ngtdm_distance": texture.get("ngtdm_distance", 1),
        "ngldm_distance": texture.get("ngldm_distance", 1),
        "ngldm_coarseness": texture.get("ngldm_coarseness_alpha", 0),
        "zone_connectivity": CONNECTIVITIES[norm, *linked],
        "weighting_norm": None if weighting == "none" else weighting if weighting in NORMS else norm,
    }


COLUMNS = {row.ibsi: row.name for row in feature_table().itertuples(index=False) if row.ibsi}


def value_of(row, values):
    """Our value of a reference row; NaN if there is none."""
    column = COLUMNS.get(row["parameter_code"] or row["code"])
    aggregation = row["aggregation"].lower()
    suffix = "" if aggregation == "3d_volume" else f"__{aggregation}"
    return values.get(f"{column}{suffix}", np.nan)


def measured_diagnostics(before, after, extractor):
    """Statistics of image and mask after each stage, by tag."""
    region = region_of(after, Bins(), extractor.resegment_range, extractor.outlier_sigma)
    found = {}
    for stage, volume in (("init", before), ("interp", after)):
        found |= along_axes(f"img_dim_{{}}_{stage}_img", volume.shape)
        found |= along_axes(f"vox_dim_{{}}_{stage}_img", volume.spacing)
        found |= intensities(f"{{}}_int_{stage}_img", volume.image)
        masks = {"int": volume.intensity_region, "morph": volume.region}
        found |= mask_statistics(stage, volume.shape, volume.image[volume.intensity_region], masks)
    masks = {"int": region.intensity_mask, "morph": region.mask}
    return found | mask_statistics("reseg", after.shape, region.intensities, masks)


def mask_statistics(stage, shape, inside, masks):
    """Statistics of the intensity mask and the morphological mask."""
    found = along_axes(f"int_mask_dim_{{}}_{stage}_roi", shape) | intensities(f"int_mask_{{}}_int_{stage}_roi", inside)
    for name, mask in masks.items():
        box = [along.stop - along.start for along in bounding_box(mask)]
        found |= along_axes(f"{name}_mask_bb_dim_{{}}_{stage}_roi", box)
        found[f"{name}_mask_vox_count_{stage}_roi"] = np.count_nonzero(mask)
    return found


def along_axes(pattern, numbers):
    """One number per axis (z, y, x), by tag."""
    return {pattern.format(axis): float(number) for axis, number in zip("zyx", numbers, strict=True)}


def intensities(pattern, image):
    """Mean, lowest and highest intensity, by tag."""
    numbers = {"mean": image.mean(dtype=float), "min": image.min(), "max": image.max()}
    return {pattern.format(name): float(number) for name, number in numbers.items()}


def compared(configuration, row, value):
    """A row of the report: what was expected, what came out, and whether that is near enough."""
    is_diagnostic = "stage" in row
    published, tolerance = row["value"], float(row["tolerance"] or 0)
    rounded = round_like(value, published) if is_diagnostic else float(f"{value:.2e}")
    is_off = not abs(rounded - float(published)) <= tolerance + 1e-6 * abs(float(published))
    return {
        "data_set": configuration,
        "family": "diagnostics" if is_diagnostic else row["family"],
        "feature": f"{row['stage']}: {row['diagnostic']}" if is_diagnostic else row["feature"],
        "code": "" if is_diagnostic else row["parameter_code"] or row["code"],
        "tag": row["tag"],
        "aggregation": "" if is_diagnostic else row["aggregation"],
        "value": value,
        "reference": published,
        "tolerance": row["tolerance"],
        "passed": not is_off,
    }


def round_like(value, published):
    """Round to the digits that the published value shows: decimals, or significant digits of a whole number."""
    decimals = len(published.partition(".")[2])
    return round(value, decimals) if np.isfinite(value) else value


def write(path, results):
    """All results as a CSV file."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(results[0]) if results else [])
        writer.writeheader()
        writer.writerows(results)


def report(results):
    """Print what passed and what missed; the exit status."""
    passed = defaultdict(lambda: [0, 0])
    for result in results:
        for key in ((result["data_set"], result["family"]), (result["data_set"], "all but diagnostics")):
            if key[1] != "all but diagnostics" or result["family"] != "diagnostics":
                passed[key][0] += result["passed"]
                passed[key][1] += 1
    for (configuration, family), (n_passed, n_all) in sorted(passed.items(), key=lambda item: item[0][0]):
        print(f"{configuration:<16} {family:<45} {n_passed:>4} of {n_all}")
    misses = [result for result in results if not result["passed"]]
    for miss in misses:
        print(
            f"MISS {miss['data_set']} {miss['family']}: {miss['feature']} {miss['aggregation']}: {miss['value']:.6g}, "
            f"reference {miss['reference']} +- {miss['tolerance']}"
        )
    print(f"{len(results) - len(misses)} of {len(results)} passed")
    return 1 if misses or not results else 0


if __name__ == "__main__":
    sys.exit(main())
