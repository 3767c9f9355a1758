"""The engines that `engine.py`, `filters.py` and `maps.py` compare, each in a process of its own interpreter.

Run as ``python engines.py NAME``, it takes one request per line (JSON) and answers each in one line. This file imports
nothing but NumPy and the engine that is asked for.
"""

# ruff: noqa: PLC0415 - only the engine that is asked for is there to be imported

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

# What the fastest peers compute, too, and what is left of IBSI 1.
COMMON = ["morphology", "statistics", "histogram", "glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"]
FURTHER = ["spatial", "local_intensity", "volume_histogram"]


class Radlearn:
    """`RadiomicsFeatures.transform` of one case."""

    def __init__(self):
        import radlearn
        from radlearn.radiomics import RadiomicsFeatures

        self.version, self.case_of, self.features = radlearn.__version__, radlearn.Case, RadiomicsFeatures

    def from_arrays(self, image, mask, spacing, bins):
        """Keep a case."""
        self.cohort, self.bins = [self.case_of(image, mask=mask, spacing=spacing, id="case")], bins

    def from_files(self, image, mask, bins):
        """Keep a case that is read by each run."""
        self.cohort, self.bins = [self.case_of(image, mask=mask, id="case")], bins

    def ready(self, families):
        """Make the extractor, which serves all cases."""
        self.extractor = self.features(families=families, **self.bins).fit(self.cohort)

    def run(self):
        """Features of the case."""
        return self.extractor.transform(self.cohort).size


class PyRadiomics:
    """`RadiomicsFeatureExtractor` with its defaults, as its users call it: shape, first order, 5 texture classes."""

    def __init__(self):
        import logging

        import radiomics
        import SimpleITK
        from radiomics import featureextractor

        logging.getLogger("radiomics").setLevel(logging.ERROR)
        self.version, self.sitk, self.extractors = radiomics.__version__, SimpleITK, featureextractor

    def from_arrays(self, image, mask, spacing, bins):
        """Keep images of SimpleITK."""
        self.image, self.mask = (self.sitk.GetImageFromArray(array) for array in (image, mask.astype(np.uint8)))
        for grid in (self.image, self.mask):
            grid.SetSpacing([float(step) for step in spacing[::-1]])
        self.bins = bins

    def from_files(self, image, mask, bins):
        """Keep the paths."""
        self.image, self.mask, self.bins = image, mask, bins

    def ready(self, families):  # noqa: ARG002 - it has no others
        """Make the extractor."""
        self.extractor = self.extractors.RadiomicsFeatureExtractor(**self.settings())

    def settings(self):
        """Settings of the discretization."""
        return {{"bin_width": "binWidth", "bin_count": "binCount"}[name]: value for name, value in self.bins.items()}

    def run(self):
        """Features of the case."""
        return len(self.extractor.execute(self.image, self.mask, label=1))


class PyRadiomicsClasses(PyRadiomics):
    """The feature classes of PyRadiomics alone, on an image that is already cropped to the region."""

    def ready(self, families):  # noqa: ARG002 - it has no others
        """Crop, which is not measured, but with files."""
        self.reads = isinstance(self.image, str)
        if not self.reads:
            self.image, self.mask = self.cropped(self.image, self.mask)

    def cropped(self, image, mask):
        """Image and mask of the box around label 1."""
        from radiomics import imageoperations

        box, _ = imageoperations.checkMask(image, mask, label=1)
        return imageoperations.cropToTumorMask(image, mask, box)

    def run(self):
        """Features of the case."""
        from radiomics import getFeatureClasses

        image, mask = self.image, self.mask
        if self.reads:
            image, mask = self.cropped(*(self.sitk.ReadImage(path) for path in (image, mask)))
        n_features = 0
        for name, feature_class in getFeatureClasses().items():
            if name != "shape2D":
                computed = feature_class(image, mask, label=1, **self.settings())
                computed.enableAllFeatures()
                n_features += len(computed.execute())
        return n_features


class Pictologics:
    """`RadiomicsPipeline` of pictologics, as its users call it."""

    def __init__(self):
        import pictologics

        self.version, self.package = pictologics.__version__, pictologics

    def from_arrays(self, image, mask, spacing, bins):
        """Keep images of pictologics, whose axes are (x, y, z)."""
        self.images = tuple(
            self.package.Image(array=np.asfortranarray(array.T), spacing=tuple(spacing[::-1]), origin=(0.0, 0.0, 0.0))
            for array in (image, mask.astype(np.uint8))
        )
        self.bins, self.lowest = bins, float(image[mask].min())

    def from_files(self, image, mask, bins):
        """Keep the paths; where the bins begin is looked up now, which is not measured."""
        values, inside = (self.package.load_image(path).array for path in (image, mask))
        self.images, self.bins, self.lowest = (image, mask), bins, float(values[inside != 0].min())

    def ready(self, families):
        """Make the pipeline."""
        width, count = self.bins.get("bin_width"), self.bins.get("bin_count")
        bins = {"method": "FBS", "bin_width": width, "min_val": self.lowest} if width else {"n_bins": count}
        chosen = sorted({OF_PICTOLOGICS[name] for name in families if name in OF_PICTOLOGICS})
        steps = [
            {"step": "discretise", "params": {"method": "FBN", **bins}},
            {"step": "extract_features", "params": {"families": chosen}},
        ]
        self.pipeline = self.package.RadiomicsPipeline(load_standard=False).add_config("row", steps)

    def run(self):
        """Features of the case."""
        return len(self.pipeline.run(*self.images)["row"])


# Families that have other names in pictologics; its textures come together.
OF_PICTOLOGICS = {
    "morphology": "morphology",
    "statistics": "intensity",
    "histogram": "histogram",
    "glcm": "texture",
    "volume_histogram": "ivh",
    "spatial": "spatial_intensity",
    "local_intensity": "local_intensity",
}


class PictologicsFunctions:
    """The functions of pictologics on arrays that are already cropped to the region, which is not measured."""

    def __init__(self):
        import pictologics
        from pictologics import features, preprocessing

        self.version, self.package = pictologics.__version__, pictologics
        self.features, self.preprocessing = features, preprocessing

    def from_arrays(self, image, mask, spacing, bins):
        """Keep images of pictologics, whose axes are (x, y, z)."""
        self.paths = None
        self.crop(image, mask, spacing, bins)

    def crop(self, image, mask, spacing, bins):
        """Keep what lies in the box of the region."""
        box = np.nonzero(mask)
        box = tuple(slice(along.min(), along.max() + 1) for along in box)
        image, mask = image[box], mask[box]
        self.image, self.mask = (
            self.package.Image(array=array.T, spacing=tuple(spacing[::-1]), origin=(0.0, 0.0, 0.0))
            for array in (image.astype(float), mask.astype(np.uint8))
        )
        self.bins = bins

    def from_files(self, image, mask, bins):
        """Keep the paths."""
        self.paths, self.bins = (image, mask), bins

    def ready(self, families):
        """Nothing to make."""
        self.families = families

    def run(self):
        """Features of the case."""
        if self.paths:
            image, mask = (self.package.load_image(path) for path in self.paths)
            self.crop(image.array.T, mask.array.T != 0, image.spacing[::-1], self.bins)
        image, mask, chosen = self.image, self.mask, set(self.families)
        values = self.preprocessing.apply_mask(image, mask)
        width, count = self.bins.get("bin_width"), self.bins.get("bin_count")
        how = {"method": "FBS", "bin_width": width} if width else {"method": "FBN", "n_bins": count}
        levels = self.preprocessing.discretise_image(image, roi_mask=mask, **how)
        level_values = self.preprocessing.apply_mask(levels, mask)
        n_bins = int(level_values.max()) if width else count
        of = self.features
        found = {}
        if "morphology" in chosen:
            found |= of.calculate_morphology_features(mask, image)
        if "statistics" in chosen:
            found |= of.calculate_intensity_features(values)
        if "histogram" in chosen:
            found |= of.calculate_intensity_histogram_features(level_values, n_bins)
        if "glcm" in chosen:
            found |= of.calculate_all_texture_features(levels.array, mask.array, n_bins)
        if "volume_histogram" in chosen:
            found |= of.calculate_ivh_features(values)
        if "spatial" in chosen:
            found |= of.calculate_spatial_intensity_features(image, mask)
        if "local_intensity" in chosen:
            found |= of.calculate_local_intensity_features(image, mask)
        return len(found)


class Fastrad:
    """`FeatureExtractor` of fastrad, on the processor: PyRadiomics' seven classes, with bins of a given width."""

    def __init__(self):
        from importlib.metadata import version

        import fastrad
        import torch

        self.version, self.package, self.torch = version("fastrad"), fastrad, torch

    def from_arrays(self, image, mask, spacing, bins):
        """Keep images of fastrad."""
        image, mask = (self.torch.from_numpy(np.ascontiguousarray(array, np.float32)) for array in (image, mask))
        spacing = tuple(float(step) for step in spacing)
        self.images = self.package.MedicalImage(image, spacing), self.package.Mask(mask, spacing)
        self.paths, self.width = None, self.width_of(bins)

    def from_files(self, image, mask, bins):
        """Keep the paths; the width of as many bins is looked up now, which is not measured."""
        self.paths = image, mask
        self.images = self.package.load_and_align(*self.paths)
        self.width = self.width_of(bins)

    def width_of(self, bins):
        """Width of the bins."""
        image, mask = (item.tensor.numpy() for item in self.images)
        return bins.get("bin_width") or float(np.ptp(image[mask > 0])) / bins["bin_count"]

    def ready(self, families):  # noqa: ARG002 - it has no others
        """Make the extractor."""
        settings = self.package.FeatureSettings(bin_width=self.width, device="cpu")
        self.extractor = self.package.FeatureExtractor(settings)

    def run(self):
        """Features of the case."""
        images = self.package.load_and_align(*self.paths) if self.paths else self.images
        return len(self.extractor.extract(*images))


# Families that have other names in mirp, or come with others.
OF_MIRP = {
    "histogram": "intensity_histogram",
    "volume_histogram": "intensity_volume_histogram",
    "spatial": "morphology",
}


class Mirp:
    """`extract_features` of mirp, which takes arrays as they are: with voxels of 1 mm."""

    def __init__(self):
        import logging
        from importlib.metadata import version

        from mirp import extract_features

        logging.disable(logging.WARNING)
        self.version, self.extract = version("mirp"), extract_features

    def from_arrays(self, image, mask, spacing, bins):  # noqa: ARG002 - it asks for none
        """Keep the arrays."""
        self.input, self.bins = {"image": image.astype(float), "mask": mask.astype(np.uint8)}, bins

    def from_files(self, image, mask, bins):
        """Keep the paths."""
        self.input, self.bins = {"image": image, "mask": mask}, bins

    def ready(self, families):
        """Choose settings."""
        self.settings = {
            "base_feature_families": sorted({OF_MIRP.get(name, name) for name in families}),
            "base_discretisation_method": "fixed_bin_number",
            "base_discretisation_n_bins": self.bins.get("bin_count", 32),  # for a width it wants a range, too
        }

    def run(self):
        """Features of the case."""
        return self.extract(**self.input, **self.settings)[0].shape[1]


class Nyxus:
    """`Nyxus3D` of nyxus, which reads volumes from files only, with its own grey levels."""

    def __init__(self):
        from importlib.metadata import version

        from nyxus import Nyxus3D

        self.version = version("nyxus")
        self.extractor = Nyxus3D(["*3D_ALL*"], n_feature_calc_threads=1)

    def from_arrays(self, image, mask, spacing, bins):  # noqa: ARG002 - it takes none
        """Refuse them."""
        raise ValueError("it takes no volumes as arrays")

    def from_files(self, image, mask, bins):  # noqa: ARG002 - it has its own
        """Keep the paths."""
        self.paths = [image], [mask]

    def ready(self, families):
        """Nothing to make."""

    def run(self):
        """Features of the case."""
        return self.extractor.featurize_files(*self.paths, False).shape[1]


class RadlearnMaps(Radlearn):
    """`FeatureMap.maps` of one case, every map made an image."""

    def __init__(self):
        super().__init__()
        from radlearn.radiomics import FeatureMap

        self.features = FeatureMap

    def ready(self, families):
        """Make the FeatureMap."""
        self.extractor = self.features(features=OF_MAPS[families[0]], **self.bins)

    def run(self):
        """Maps of the case."""
        return len([volume.image for volume in self.extractor.maps(self.cohort[0]).values()])


class PyRadiomicsMaps(PyRadiomics):
    """Voxel-based extraction of PyRadiomics, in batches that bound its memory."""

    def ready(self, families):
        """Make the extractor, with one class of features."""
        self.extractor = self.extractors.RadiomicsFeatureExtractor(**self.settings(), voxelBatch=500)
        self.extractor.disableAllFeatures()
        self.extractor.enableFeatureClassByName(families[0])

    def run(self):
        """Maps of the case."""
        return len(self.extractor.execute(self.image, self.mask, label=1, voxelBased=True))


# Name -> the filter of radlearn with its parameters, and the function of pictologics with the same.
FILTERS = {
    "mean": (("MeanFilter", {"support": 5}), ("mean_filter", {"support": 5})),
    "LoG": (("LaplacianOfGaussian", {"sigma": 3.0}), ("laplacian_of_gaussian", {"sigma_mm": 3.0})),
    "Laws": (("LawsKernels", {"kernels": "L5E5S5"}), ("laws_filter", {"kernels": "L5E5S5"})),
    "Laws, all rotations, energy": (
        ("LawsKernels", {"kernels": "L5E5S5", "rotation_invariant": True, "energy_distance": 7}),
        ("laws_filter", {"kernels": "L5E5S5", "rotation_invariant": True, "compute_energy": True}),
    ),
    "Gabor": (
        ("GaborFilter", {"sigma": 5.0, "wavelength": 4.0, "gamma": 1.5, "theta_deg": 60.0}),
        ("gabor_filter", {"sigma_mm": 5.0, "lambda_mm": 4.0, "gamma": 1.5, "theta": np.pi / 3}),
    ),
    "Gabor, 16 directions, 3 planes": (
        (
            "GaborFilter",
            {"sigma": 5.0, "wavelength": 4.0, "gamma": 1.5, "theta_step_deg": 22.5, "orthogonal_planes": True},
        ),
        (
            "gabor_filter",
            {"sigma_mm": 5.0, "lambda_mm": 4.0, "gamma": 1.5, "delta_theta": np.pi / 8}
            | {"rotation_invariant": True, "average_over_planes": True},
        ),
    ),
    "wavelet": (
        ("SeparableWavelet", {"wavelet": "db3", "bands": "LLH"}),
        ("wavelet_transform", {"wavelet": "db3", "decomposition": "LLH"}),
    ),
    "wavelet, level 2, all rotations": (
        ("SeparableWavelet", {"wavelet": "coif1", "bands": "LHH", "level": 2, "rotation_invariant": True}),
        ("wavelet_transform", {"wavelet": "coif1", "decomposition": "LHH", "level": 2, "rotation_invariant": True}),
    ),
    "Simoncelli": (
        ("NonSeparableWavelet", {"level": 1, "boundary": "periodic"}),
        ("simoncelli_wavelet", {"level": 1, "boundary": "PERIODIC"}),
    ),
    "Simoncelli, level 2": (
        ("NonSeparableWavelet", {"level": 2, "boundary": "periodic"}),
        ("simoncelli_wavelet", {"level": 2, "boundary": "PERIODIC"}),
    ),
    "Riesz of LoG": (
        ("RieszLaplacianOfGaussian", {"sigma": 3.0, "order": (0, 1, 1)}),
        ("riesz_log", {"sigma_mm": 3.0, "order": (1, 1, 0)}),
    ),
    "Riesz of Simoncelli": (
        ("RieszWavelet", {"order": (0, 2, 0), "boundary": "periodic"}),
        ("riesz_simoncelli", {"order": (0, 2, 0), "boundary": "PERIODIC"}),
    ),
}


class RadlearnFilters(Radlearn):
    """A filter of radlearn on a whole image."""

    def from_arrays(self, image, mask, spacing, bins):  # noqa: ARG002 - filters need none of these
        """Keep the image."""
        self.image, self.spacing = image, spacing

    def ready(self, families):
        """Make the filter."""
        from radlearn import filters

        name, parameters = FILTERS[families[0]][0]
        self.filter = getattr(filters, name)(**{"boundary": "mirror", **parameters})

    def run(self):
        """Filter; the number of voxels."""
        [(_, self.response)] = self.filter.filtered(self.image, self.spacing)
        return self.response.size


class PictologicsFilters:
    """A filter of pictologics on a whole image, whose axes are (x, y, z)."""

    def __init__(self):
        import pictologics
        from pictologics import filters

        self.version, self.filters = pictologics.__version__, filters

    def from_arrays(self, image, mask, spacing, bins):  # noqa: ARG002 - filters need none of these
        """Keep the image."""
        self.image, self.spacing = np.ascontiguousarray(image.T), spacing[::-1]

    def ready(self, families):
        """Choose the function."""
        name, parameters = FILTERS[families[0]][1]
        self.function, self.parameters = getattr(self.filters, name), {"boundary": "MIRROR", **parameters}
        if "sigma_mm" in parameters:
            self.parameters["spacing_mm"] = self.spacing

    def run(self):
        """Filter; the number of voxels."""
        self.response = self.function(self.image, **self.parameters).T
        return self.response.size


# Class of PyRadiomics -> families of the same features.
OF_MAPS = {
    "firstorder": ["statistics", "histogram"],
    "glcm": "glcm",
    "glrlm": "glrlm",
    "glszm": "glszm",
    "gldm": "ngldm",
    "ngtdm": "ngtdm",
}

ENGINES = {
    "radlearn": Radlearn,
    "pyradiomics": PyRadiomics,
    "pyradiomics-classes": PyRadiomicsClasses,
    "pictologics": Pictologics,
    "pictologics-functions": PictologicsFunctions,
    "fastrad": Fastrad,
    "mirp": Mirp,
    "nyxus": Nyxus,
    "radlearn-maps": RadlearnMaps,
    "pyradiomics-maps": PyRadiomicsMaps,
    "radlearn-filters": RadlearnFilters,
    "pictologics-filters": PictologicsFilters,
}


class Worker:
    """Answers requests: each a dict whose `do` names a method, the rest its arguments."""

    def __init__(self, name):
        self.engine = ENGINES[name]()

    def version(self):
        """Version of the engine."""
        return self.engine.version

    def arrays(self, path, bins, families):
        """Take image, mask and spacing from a file of NumPy, and make ready."""
        stored = np.load(path)
        spacing = tuple(float(step) for step in stored["spacing"])
        self.engine.from_arrays(stored["image"], stored["mask"], spacing, bins)
        self.engine.ready(families)

    def files(self, image, mask, bins, families):
        """Make ready for files that each run reads."""
        self.engine.from_files(image, mask, bins)
        self.engine.ready(families)

    def run(self, at_least):
        """Number of features, and processor seconds of a run: the average of as many as take `at_least` seconds."""
        n_runs, begin = 0, time.process_time()
        while n_runs == 0 or time.process_time() - begin < at_least:
            n_features = self.engine.run()
            n_runs += 1
        return n_features, (time.process_time() - begin) / n_runs

    def save(self, path):
        """Write the response of a filter to a file of NumPy."""
        np.save(path, self.engine.response)

    def whole_peak(self):
        """Bytes of memory that the process has taken at most."""
        return _memory("VmHWM")

    def peak(self):
        """Bytes of memory that a run needs above what the process has already."""
        Path("/proc/self/clear_refs").write_text("5")  # Linux begins to look for the peak anew
        before = _memory("VmRSS")
        self.engine.run()
        return _memory("VmHWM") - before


def _memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def first_row(name, path, bins, families):
    """Print the processor seconds of a process up to its first row, imports included."""
    worker = Worker(name)
    worker.arrays(path, bins, families)
    worker.engine.run()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps(sum(usage.ru_utime + usage.ru_stime for usage in used)))


def main():
    """Answer until there are no more requests."""
    if len(sys.argv) > 2:
        first_row(sys.argv[1], **json.loads(sys.argv[2]))
        return
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # engines that print must not disturb the answers
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": getattr(worker, request.pop("do"))(**request)}
        except Exception as error:  # noqa: BLE001 - an engine that fails on a case is a result
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
