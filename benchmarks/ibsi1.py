"""Compare radlearn with the reference values of the Image Biomarker Standardisation Initiative, part 1.

    python benchmarks/ibsi1.py --configs ibsi1_configs.yaml --reference ibsi1_reference.csv \
        --diagnostics ibsi1_diagnostics.csv --image phantom.nii.gz --mask mask.nii.gz --values values.csv

Every configuration of the first file is run as a pipeline of radlearn, and each of its reference values is compared: a
value passes if, rounded to three significant digits, it is off by no more than the tolerance. The configuration
``digital_phantom``, and any other whose ``image`` it is, has its own image, which comes with radlearn; all others use
the one that is given.

Prints passed and total of each configuration and family, and each miss. Exit status 1 when anything misses; all values
of a configuration that cannot be computed do, and the reason is printed. Keys that nothing is known about are named and
passed over. Without a list of aggregations, all are computed.
"""

import argparse
import csv
import sys
from collections import defaultdict
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import yaml
from files import check_folder

from radlearn import Case
from radlearn._validation import check_choice, check_interval, check_number
from radlearn.datasets import load_ibsi_phantom
from radlearn.exceptions import RadlearnError
from radlearn.preprocessing import Resample
from radlearn.radiomics import RadiomicsFeatures, feature_table
from radlearn.radiomics._aggregation import DIRECTIONAL, NORMS
from radlearn.radiomics._gaps import box_of_region
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins

DIGITAL_PHANTOM = "digital_phantom"
INTERPOLATIONS = {
    **dict.fromkeys(("nearest", "nearest neighbour", "nearest neighbor"), "nearest"),
    **dict.fromkeys(("linear", "bilinear", "trilinear"), "linear"),
    **dict.fromkeys(("cubic", "bicubic", "tricubic", "cubic spline", "bicubic spline", "tricubic spline"), "cubic"),
}
# Distance up to which voxels are linked, in each norm -> neighbors in space.
CONNECTIVITIES = {("chebyshev", 1): 26, ("manhattan", 1): 6, ("manhattan", 2): 18, ("euclidean", 1): 6}
REFERENCE_COLUMNS = ("family", "feature", "code", "parameter_code", "aggregation")
# What makes a configuration one that cannot be computed.
FAILURES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
# Keys of a configuration, and those of its parts; None where the content is not looked at. Some are for readers only.
BINS = ("method", "bin_width", "lowest_bin_edge", "bins", "range", "interval", "units", "note")
KEYS = {
    "image": None,
    "slice_wise": None,
    "note": None,
    "interpolation": (
        *("apply", "new_spacing_mm", "image_method", "mask_method", "intensity_rounding"),
        *("mask_partial_volume_threshold", "grid_alignment", "grid_size", "note"),
    ),
    "resegmentation": ("range", "outlier_sigma", "note"),
    "discretisation_texture_and_ih": BINS,
    "discretisation_ivh": BINS,
    "glcm_glrlm_aggregations": None,
    "other_texture_aggregations": None,
    "texture": (
        *("glcm_distance", "glcm_symmetric", "ngtdm_distance", "ngldm_distance", "ngldm_coarseness_alpha"),
        *("glszm_linkage_distance", "gldzm_linkage_distance", "distance_norm", "distance_weighting", "note"),
    ),
}


def main(arguments=None):
    """Run all configurations; the exit status."""
    options = parsed(arguments)
    check_folder(options.values)
    configurations = content_of(options.configs, "configurations")["configurations"]
    configurations = {str(name): configuration for name, configuration in configurations.items()}
    if unknown := set(options.only or ()) - set(configurations):
        sys.exit(f"{options.configs} has no {', '.join(sorted(unknown))}; it has {', '.join(configurations)}")
    chosen = {name: configurations[name] for name in options.only or configurations}
    needy = [name for name, configuration in chosen.items() if not is_of_phantom(name, configuration)]
    if needy and not (options.image and options.mask):
        sys.exit(f"{', '.join(needy)} need --image and --mask; or choose others with --only")
    references = rows_by_configuration(options.reference, REFERENCE_COLUMNS)
    diagnostics = rows_by_configuration(options.diagnostics, ("stage", "diagnostic")) if options.diagnostics else {}

    given = rounded_case(options.image, options.mask) if needy else None
    results = []
    for name, configuration in chosen.items():
        if name not in references:
            print(f"{name}: the reference has no values of it", file=sys.stderr)
        case = given if name in needy else load_ibsi_phantom()
        values, measured = {}, {}
        try:
            name_unknown_keys(name, configuration, KEYS)
            values, measured = computed(configuration, case, has_diagnostics=name in diagnostics)
        except FAILURES as error:
            print(f"{name} cannot be computed: {in_one_line(error)}", file=sys.stderr)
        results += [compared(name, row, value_of(row, values)) for row in references.get(name, []) if row["value"]]
        listed = [row for row in diagnostics.get(name, []) if row["value"]]
        results += [compared(name, row, measured.get(row["tag"], np.nan)) for row in listed]
    if options.values:
        write(options.values, results)
    return report(results)


def is_of_phantom(name, configuration):
    """Whether a configuration is that of the digital phantom, by its name or by that of its image."""
    image = configuration.get("image") if isinstance(configuration, dict) else None
    return name == DIGITAL_PHANTOM or DIGITAL_PHANTOM in str(image)


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
            rows = list(csv.DictReader(file, restval=""))
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


def in_one_line(error):
    """Kind and message of an error; what is missing, where it says no more than that."""
    message = f"{error.args[0]!r} is missing" if type(error) is KeyError else " ".join(str(error).split())
    return f"{type(error).__name__}: {message}"


def name_unknown_keys(place, content, keys):
    """Name each key that nothing is known about, as it may be a wrong one."""
    check_mapping(place, content)
    for key, inner in content.items():
        if key not in keys:
            nearest = get_close_matches(str(key), keys, n=1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            print(f"{place}: {key!r} is not known and passed over{hint}", file=sys.stderr)
        elif isinstance(keys, dict) and keys[key] is not None and inner is not None:
            name_unknown_keys(f"{place}, {key}", inner, keys[key])


def check_mapping(place, content):
    """Refuse what holds no keys with values."""
    if not isinstance(content, dict):
        raise TypeError(f"{place} must hold keys with values, got {content!r}")


def number_of(name, value):
    """A finite number, whole where it can be; None stays. YAML takes 1e3 for text."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None
    return int(number) if number.is_integer() else number


def list_of(name, value):
    """A list; a single text stands for a list of one, nothing for an empty one."""
    if value is None or isinstance(value, str):
        return [] if value is None else [value]
    if not isinstance(value, list):
        raise TypeError(f"{name} must be a list, got {value!r}")
    return value


def rows_by_configuration(path, columns):
    """Rows of a CSV file by their data set."""
    rows = defaultdict(list)
    for row in rows_of(path, ("data_set", "tag", "value", "tolerance", *columns)):
        rows[row["data_set"]].append(row)
    return rows


def computed(configuration, case, *, has_diagnostics):
    """Values of a configuration by the names of their columns, and diagnostics by their tags."""
    cohort = resample(configuration, case)
    after = cohort[0].load()
    extractor = extractor_of(configuration, after).fit(cohort)
    values = dict(zip(extractor.get_feature_names_out(), extractor.transform(cohort)[0], strict=True))
    return values, measured_diagnostics(case.load(), after, extractor) if has_diagnostics else {}


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
    steps = interpolation.get("new_spacing_mm")
    if not flag_of("apply", optional(interpolation, "apply", default=steps is not None)):
        return Resample(spacing=None).fit_transform([case])
    step = Resample(
        spacing=spacing_of(steps),
        interpolation=method_in(interpolation, "image_method"),
        mask_interpolation=method_in(interpolation, "mask_method"),
        mask_threshold=number_of("threshold", optional(interpolation, "mask_partial_volume_threshold", 0.5)),
        round_intensities=is_rounded(interpolation.get("intensity_rounding")),
    )
    return step.fit_transform([case])


def is_rounded(rounding):
    """Whether intensities become whole numbers."""
    words = str(rounding).lower()
    if "integer" not in words and words not in ("none", "false", "true"):
        raise ValueError(f"intensity_rounding must be 'nearest integer' or 'none', got {rounding!r}")
    return words not in ("none", "false")


def method_in(interpolation, key):
    """Our name of an interpolation."""
    return INTERPOLATIONS[check_choice(key, str(interpolation[key]).lower().replace("-", " "), INTERPOLATIONS)]


def spacing_of(steps):
    """Spacing in the order (z, y, x); None where it is unchanged, as that of slices is where only x and y are given."""
    if not isinstance(steps, list) or len(steps) not in (len("xy"), len("xyz")):
        raise TypeError(f"new_spacing_mm must be a list of 2 or 3 numbers (x, y, z) or 'unchanged', got {steps!r}")
    x, y, z = [*steps, "unchanged"][: len("xyz")]
    return [number_of("new_spacing_mm", None if step == "unchanged" else step) for step in (z, y, x)]


def needed(mapping, key):
    """The number of a key that must have one."""
    if mapping.get(key) is None:
        raise KeyError(key)
    return number_of(key, mapping[key])


def optional(mapping, key, default):
    """The value of a key; the default where there is none, or it is null."""
    return default if mapping.get(key) is None else mapping[key]


def extractor_of(configuration, volume):
    """RadiomicsFeatures with the parameters of the configuration, for a volume."""
    resegmentation = configuration.get("resegmentation") or {}
    bounds = check_interval("range", bounds_of(resegmentation), optional=True)
    sigma = number_of("outlier_sigma", resegmentation.get("outlier_sigma"))
    check_number("outlier_sigma", sigma, above=0, optional=True)
    x = region_of(volume, Bins(), bounds, sigma).intensities
    return RadiomicsFeatures(
        resegment_range=bounds,
        outlier_sigma=sigma,
        aggregation=aggregations_of(configuration),
        **bins_of(configuration["discretisation_texture_and_ih"], x.min()),
        **volume_histogram_of(configuration.get("discretisation_ivh") or {"method": "none"}, bounds, x),
        **texture_of(configuration.get("texture") or {}),
    )


def bounds_of(resegmentation):
    """Lowest and highest intensity, where None or infinity leave a side open; None if both do."""
    bounds = [number_or_open(bound) for bound in list_of("range", resegmentation.get("range"))]
    return None if set(bounds) <= {None} else tuple(bounds)


def number_or_open(bound):
    """A number, or None where a bound is infinite or not given."""
    try:
        return None if bound is None or np.isinf(float(bound)) else number_of("range", bound)
    except (TypeError, ValueError):
        raise TypeError(f"range must hold two numbers or null, got {bound!r}") from None


def aggregations_of(configuration):
    """Names of the aggregations; families without directions go by the beginning of the name."""
    keys = ("glcm_glrlm_aggregations", "other_texture_aggregations")
    if not any(key in configuration for key in keys):
        return list(DIRECTIONAL)
    names, others = ([str(name).lower() for name in list_of(key, configuration.get(key))] for key in keys)
    for other in others:
        beginnings = {"2d": "2d_slice_merged", "2.5d": "2.5d_merged", "3d": "3d_merged"}
        check_choice(keys[1], other, beginnings)
        if not any(name.startswith(f"{other}_") for name in names):
            names.append(beginnings[other])
    return names or None


def bins_of(discretization, lowest):
    """Parameters of the grey levels of a region with this lowest intensity."""
    method = method_of("discretisation_texture_and_ih", discretization)
    if method == "FBN":
        return {"bin_count": needed(discretization, "bins")}
    if method == "FBS":
        edge = number_of("lowest_bin_edge", discretization.get("lowest_bin_edge"))
        return {"bin_width": needed(discretization, "bin_width"), "lowest_bin_edge": edge}
    # Without bins, intensities are the grey levels; but these begin at 1.
    return {"bin_width": 1, "lowest_bin_edge": 1 if lowest >= 1 else None}


def method_of(place, discretization):
    """FBN, FBS or NONE."""
    check_mapping(place, discretization)
    return check_choice("method", str(discretization["method"]).upper(), ("FBN", "FBS", "NONE"))


def volume_histogram_of(discretization, bounds, x):
    """Parameters of the intensity-volume histogram; its range is that of the re-segmentation, if it has none."""
    method = method_of("discretisation_ivh", discretization)
    if method == "FBN":
        return {"ivh_bin_count": needed(discretization, "bins")}
    own = bounds_of(discretization) if isinstance(discretization.get("range"), list) else None
    if method == "FBS":
        width, lowest = needed(discretization, "bin_width"), discretization.get("lowest_bin_edge")
        highest = None if bounds is None else bounds[1]
        if highest is None and own is not None and own[1] is not None:
            highest = own[1] + width / 2  # the range goes from the center of the first bin to that of the last one
        return {
            "ivh_bin_width": width,
            "ivh_range": None if lowest is None else (needed(discretization, "lowest_bin_edge"), highest),
        }
    interval = number_of("interval", optional(discretization, "interval", 1))
    if interval == 1:
        return {"ivh_range": own}
    # Each intensity counts as the nearest one of the range, as if that were the center of a bin.
    low, high = own or bounds or (None, None)
    low, high = x.min() if low is None else low, x.max() if high is None else high
    return {"ivh_bin_width": interval, "ivh_range": (low - interval / 2, high + interval / 2)}


def texture_of(texture):
    """Parameters of the texture matrices."""
    norm = str(optional(texture, "distance_norm", "Chebyshev")).lower()
    linked = {number_of(key, optional(texture, key, 1)) for key in ("glszm_linkage_distance", "gldzm_linkage_distance")}
    if len(linked) > 1 or (norm, *linked) not in CONNECTIVITIES:
        raise ValueError(f"zones that link voxels up to the distances {sorted(linked)} ({norm}) are not supported")
    if norm != "chebyshev":
        print(f"distance_norm {norm}: neighbors of ngtdm and ngldm are Chebyshev's all the same", file=sys.stderr)
    return {
        "glcm_distance": number_of("glcm_distance", optional(texture, "glcm_distance", 1)),
        "glcm_symmetric": flag_of("glcm_symmetric", optional(texture, "glcm_symmetric", default=True)),
        "ngtdm_distance": number_of("ngtdm_distance", optional(texture, "ngtdm_distance", 1)),
        "ngldm_distance": number_of("ngldm_distance", optional(texture, "ngldm_distance", 1)),
        "ngldm_coarseness": number_of("ngldm_coarseness_alpha", optional(texture, "ngldm_coarseness_alpha", 0)),
        "zone_connectivity": CONNECTIVITIES[norm, *linked],
        "weighting_norm": weighting_of(optional(texture, "distance_weighting", "none"), norm),
    }


def weighting_of(weighting, norm):
    """The norm of the distance d in the weights exp(-d**2); None where all directions count the same."""
    words = str(weighting).lower()
    if words in ("none", "false", *NORMS):
        return words if words in NORMS else None
    if not any(word in words for word in ("exp", "gauss")):
        raise ValueError(f"distance_weighting must be none, gaussian or a norm ({', '.join(NORMS)}), got {weighting!r}")
    return norm


def flag_of(name, value):
    """True or false."""
    if value not in (True, False):
        raise TypeError(f"{name} must be true or false, got {value!r}")
    return bool(value)


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
        box = [along.stop - along.start for along in box_of_region(mask)]
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
    decimals = len(published.partition(".")[2])
    rounded = round(value, decimals) if is_diagnostic else float(f"{value:.2e}")
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
        "passed": abs(rounded - float(published)) <= tolerance + 1e-6 * abs(float(published)),
    }


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
