"""Compare the speed of feature maps with that of PyRadiomics' voxel-based extraction, side by side on one core.

    python benchmarks/maps.py --peer /path/to/python --csv maps.csv

Each engine runs in a process of its own interpreter (`engines.py`), both in turn; times are processor seconds, after a
run that is not counted, and the median of the rounds. The region is a box in a volume of noise that is correlated as
textures are; neighborhoods are cubes of 27 voxels, grey levels 32. Memory is the peak of a fresh process that has
compiled already, with all that Python and its packages take.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from engine import FEW_BINS, ONE_CORE, Engine, Results, check_options, interpreter, measure, noise, stored
from engines import OF_MAPS

OURS, THEIRS = "radlearn-maps", "pyradiomics-maps"


def main():
    """Measure each class of features; print times per voxel, ratios and memory."""
    options = parsed()
    os.environ.update(ONE_CORE)
    engines = [Engine(OURS, sys.executable), *([Engine(THEIRS, options.peer)] if options.peer else [])]
    results = Results()
    with tempfile.TemporaryDirectory() as temporary:
        image, mask = region(options.voxels)
        path = stored(Path(temporary), image, mask, (1, 1, 1))
        for name in options.classes:
            request = {"do": "arrays", "path": path, "bins": FEW_BINS, "families": [name]}
            seconds = measure(engines, request, results, ("maps", name, "noise", int(mask.sum())), options.rounds)
            per_voxel = ", ".join(f"{who} {1e6 * value / mask.sum():.3g} us" for who, value in seconds.items())
            ratio = f", {seconds[THEIRS] / seconds[OURS]:.0f} times as fast" if THEIRS in seconds else ""
            print(f"{name}: per voxel {per_voxel}{ratio}")
            for engine in engines:
                fresh = Engine(engine.name, engine.python)
                fresh.ask("arrays", path=path, bins=FEW_BINS, families=[name])
                fresh.ask("run", at_least=0)
                peak = fresh.ask("whole_peak")
                results.add("memory", name, "noise", int(mask.sum()), engine.name, peak)
                print(f"{name}: peak memory of {engine.name} {peak / 1e6:.0f} MB")
                fresh.process.kill()
    if options.csv:
        results.write(options.csv)


def parsed(arguments=None):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", type=interpreter, metavar="PYTHON", help="an interpreter that has PyRadiomics")
    parser.add_argument("--voxels", type=int, default=2000, help="size of the region, about (default: 2000)")
    parser.add_argument("--classes", nargs="+", choices=OF_MAPS, default=list(OF_MAPS), help="these classes only")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is taken (default: 3)")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    options = parser.parse_args(arguments)
    check_options(parser, options, options.csv)
    if options.voxels < 1:
        parser.error(f"--voxels must be at least 1, got {options.voxels}")
    return options


def region(n_voxels):
    """Noise, and a box in its middle of about `n_voxels` voxels."""
    edge = round(n_voxels ** (1 / 3))
    image, mask = noise(edge + 8)
    return image, np.pad(np.ones((edge,) * 3, bool), 4) & mask


if __name__ == "__main__":
    main()
