"""Compare the speed of filters with those of pictologics, side by side on one core.

    python benchmarks/filters.py --peer /path/to/python3.12 --csv filters.csv

Each engine runs in a process of its own interpreter (`engines.py`), both in turn, on the same volume of noise that is
correlated as textures are, in single precision, with the same filter and parameters. Times are processor seconds, after
a run that is not counted, and the median of the rounds. The largest difference of the two responses is that of their
voxels over the largest magnitude.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from engine import ONE_CORE, Engine, Results, check_options, interpreter, measure, noise, stored
from engines import FILTERS
from scipy.stats import gmean

OURS, THEIRS = "radlearn-filters", "pictologics-filters"


def main():
    """Measure each filter; print times, ratios and differences."""
    options = parsed()
    os.environ.update(ONE_CORE)
    engines = [Engine(OURS, sys.executable), *([Engine(THEIRS, options.peer)] if options.peer else [])]
    results, ratios = Results(), []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        image, mask = noise(options.edge)
        path = stored(folder, image, mask, (1, 1, 1))
        for name in options.filters:
            request = {"do": "arrays", "path": path, "bins": {}, "families": [name]}
            seconds = measure(engines, request, results, ("filters", name, "noise", image.size), options.rounds)
            if THEIRS in seconds:
                ratios.append(seconds[THEIRS] / seconds[OURS])
                difference = difference_of(engines, folder)
                print(f"{name}: {ratios[-1]:.2f} times as fast, largest difference {difference:.1g}")
    if ratios:
        print(f"{len(ratios)} filters: {gmean(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")
    if options.csv:
        results.write(options.csv)


def parsed(arguments=None):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", type=interpreter, metavar="PYTHON", help="an interpreter that has pictologics")
    parser.add_argument("--edge", type=int, default=100, help="edge of the volume in voxels (default: 100)")
    parser.add_argument("--filters", nargs="+", choices=FILTERS, default=list(FILTERS), help="these filters only")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is taken (default: 5)")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    options = parser.parse_args(arguments)
    check_options(parser, options, options.csv)
    return options


def difference_of(engines, folder):
    """Largest difference of the two responses, relative to the largest magnitude."""
    responses = []
    for engine in engines:
        path = str(folder / f"{engine.name}.npy")
        engine.ask("save", path=path)
        responses.append(np.load(path))
    ours, theirs = responses
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


if __name__ == "__main__":
    main()
