"""Train a network on volumes that do not fit into the memory, and watch how much of it is used.

    python benchmarks/deep_memory.py --volumes 2000 --side 96

Volumes are made on the fly, one by one, when a batch needs them; 2,000 of 96 x 96 x 96 voxels would take 7 GB as
float32. One epoch of a small 3-D CNN; the memory of the process is printed as it goes on.
"""

import argparse
import os
import resource
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import numpy as np

from radlearn import Case, Cohort
from radlearn.base import CohortTransformer
from radlearn.keras import CNNClassifier


class Made(CohortTransformer):
    """Volume of noise, with a bright cube in every second one, in the place of the number of the case."""

    def __init__(self, *, side=96, image_shape=None):
        self.side = side
        self.image_shape = image_shape

    def _transform_volume(self, volume):
        number = int(volume.image[0, 0])
        image = np.random.default_rng(number).normal(size=(self.side,) * 3).astype(np.float32)
        image[(slice(self.side // 3, self.side // 2),) * 3] += number % 2
        if number % 100 == 0:
            print(f"volume {number}: at most {peak_gb():.2f} GB so far", flush=True)
        return volume.but(image=image, spacing=(1.0, 1.0, 1.0))


def peak_gb():
    """Largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main():
    """Train one epoch and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--volumes", type=int, default=2000, help="how many to train on (default: 2000)")
    parser.add_argument("--side", type=int, default=96, help="voxels along each axis")
    parser.add_argument("--cache-gb", type=float, default=0.1, help="room for prepared volumes")
    options = parser.parse_args()
    numbers = Cohort([Case(np.full((2, 2), float(n)), id=str(n)) for n in range(options.volumes)])
    X = Made(side=options.side).fit_transform(numbers)
    y = np.arange(options.volumes) % 2
    network = CNNClassifier(
        (options.side,) * 3,
        filters=(4, 8, 8),
        dense=8,
        epochs=1,
        batch_size=8,
        cache_gb=options.cache_gb,
        random_state=0,
    )
    begin = time.perf_counter()
    network.fit(X, y)
    print(f"{options.volumes} volumes: {time.perf_counter() - begin:.0f} s, at most {peak_gb():.2f} GB")


if __name__ == "__main__":
    main()
