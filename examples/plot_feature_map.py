"""Where in a lesion the texture is coarse: feature maps as NIfTI files and as a picture.

    python examples/plot_feature_map.py [--image image.nii.gz --mask mask.nii.gz] [--out out]

Without an image, a brain tumor in an MR made in code is mapped. Prints how the features differ between the rim and the
inside of the region.
"""

import argparse
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np
from scipy.ndimage import distance_transform_edt

from radlearn import Case
from radlearn.datasets import make_cohort
from radlearn.io.nifti import write_nifti
from radlearn.radiomics import FeatureMap, map_table
from radlearn.report import plot_feature_map

FEATURES = ("statistics_mean", "glcm_contrast", "glcm_joint_entropy")
RIM = 4.0  # mm


def main():
    """Map the features, write files and pictures, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", help="NIfTI or NRRD file")
    parser.add_argument("--mask", help="mask on the grid of the image")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of what is written")
    options = parser.parse_args()
    mpl.use("Agg")
    case = Case(options.image, options.mask) if options.image else make_cohort("tumor", n_cases=2, ndim=3).X[1]

    begin = time.perf_counter()
    maps = FeatureMap(features=FEATURES, bin_count=32, initial_value=np.nan).maps(case)
    volume = case.load()
    print(f"{len(maps)} maps of {volume.region.sum():,} voxels in {time.perf_counter() - begin:.2f} s\n")

    options.out.mkdir(parents=True, exist_ok=True)
    depth = distance_transform_edt(volume.region, sampling=volume.spacing)[volume.region]
    unit_of = map_table().set_index("name")["unit"]
    print(f"{'median':<20}{'rim':>8}{'inside':>8}")
    for name, feature_map in maps.items():
        values = feature_map.image[volume.region]
        rim, inside = np.median(values[depth <= RIM]), np.median(values[depth > RIM])
        print(f"{name:<20}{rim:>8.3g}{inside:>8.3g} {unit_of[name]}")
        file = options.out / f"{case.id}_{name}"
        write_nifti(f"{file}.nii.gz", feature_map)
        plot_feature_map(volume, feature_map).savefig(f"{file}.png", dpi=150)
    print(f"\nwritten to {options.out}: a NIfTI file and a picture of each")


if __name__ == "__main__":
    main()
