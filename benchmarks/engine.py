"""Compare the speed of radlearn's engine with that of its peers, side by side on one core.

    python benchmarks/engine.py --peer pyradiomics=/path/to/python --peer pictologics=/path/to/python3.12 \
        --cases ~/radlearn_data/radiomics_phantoms --cases ~/radlearn_data/sarcoma_ibsi \
        --csv engine.csv --plot engine.png

Each engine runs in a process of its own interpreter (`engines.py`), all in turn, so that a machine that slows down
slows down all of them. Times are processor seconds, after a run that is not counted; the median of the rounds. Cases
are pairs of an image and its mask in a folder (or in its `images.zip`): ``CT_image.nii.gz`` with ``CT_mask.nii.gz``,
``x_image.nrrd`` with ``x_label.nrrd``, ``image/x.nii.gz`` with ``mask/mask.nii.gz``.

Measured: features of arrays; the same with reading the files; of one to three lesions far apart in one mask; how the
cost grows with the region, on noise that is correlated as textures are; the memory that a row needs; and a whole
process with an empty and with a filled cache of compiled code.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from engines import COMMON, ENGINES, FURTHER
from scipy.ndimage import gaussian_filter

from radlearn import Case
from radlearn.exceptions import RadlearnError

SETS = {"common": COMMON, "all": COMMON + FURTHER}
SIZES = (25, 46, 80, 128, 215, 256)  # 46**3 is about 10**5, 215**3 about 10**7
BINS = {"bin_width": 25.0}  # the default of PyRadiomics
FEW_BINS = {"bin_count": 32}  # where 25 is too wide, such as for uptake values
ONE_CORE = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "PICTOLOGICS", "NUMEXPR")
} | {"ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1"}
TOO_LONG = 20.0  # an engine that takes this many seconds does not get the next larger volume


class Engine:
    """A process that computes features when told to."""

    def __init__(self, name, python):
        self.name, self.python = name, python
        self.start()

    def start(self):
        """Begin anew."""
        self.process = subprocess.Popen(
            [self.python, Path(__file__).with_name("engines.py"), self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_CORE,
        )

    def ask(self, do, **arguments):
        """Answer of the process; a ValueError if the engine failed, or died of the request."""
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.start()
            raise ValueError("the process ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["value"]


class Results:
    """Rows of the CSV file: what was measured, for whom."""

    def __init__(self):
        self.rows = []

    def add(self, what, families, case, voxels, engine, value):
        """Keep a number and print it."""
        row = {"what": what, "families": families, "case": case, "voxels": voxels, "engine": engine, "value": value}
        self.rows.append(row)
        print(f"{what:10s} {families:7s} {case:28s} {voxels:10,d} {engine:20s} {value:.6g}", flush=True)

    def write(self, path):
        """Write all rows to a CSV file."""
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ("what", "families", "case", "voxels", "engine", "value"))
            writer.writeheader()
            writer.writerows(self.rows)

    def ratios(self, what, families, engine):
        """How many times longer (or more) than radlearn the engine takes, for each case that both did."""
        of = {
            name: {row["case"]: row["value"] for row in self.rows if self._is(row, what, families, name)}
            for name in ("radlearn", engine)
        }
        return {case: value / of["radlearn"][case] for case, value in of[engine].items() if case in of["radlearn"]}

    @staticmethod
    def _is(row, *key):
        return (row["what"], row["families"], row["engine"]) == key


def main():
    """Measure what was asked for; print ratios."""
    options = parsed()
    os.environ.update(ONE_CORE)
    engines = [Engine("radlearn", sys.executable), *(Engine(name, python) for name, python in options.peer)]
    for engine in engines:
        print(engine.name, engine.ask("version"))
    results = Results()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if "cases" in options.only:
            measure_cases(engines, list(pairs(options.cases, folder)), results, folder, options)
        if "lesions" in options.only:
            measure_lesions(engines, results, folder, options)
        if "growth" in options.only:
            measure_growth(engines, results, folder, options)
        if "memory" in options.only:
            measure_memory(engines, results, folder, options)
        if "start" in options.only:
            measure_start(engines, results, folder)
    report(results, [engine.name for engine in engines])
    if options.csv:
        results.write(options.csv)
    if options.plot:
        plot(results, options.plot)


def parsed(arguments=None):
    """Options of the command line."""
    parts = ("cases", "lesions", "growth", "memory", "start")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = ", ".join(name for name in ENGINES if name != "radlearn")
    parser.add_argument("--peer", type=peer, action="append", default=[], metavar="NAME=PYTHON", help=names)
    parser.add_argument("--cases", type=Path, action="append", default=[], metavar="DIR", help="folder of images")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    parser.add_argument("--plot", type=Path, help="draw times over region sizes to this file")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is taken (default: 5)")
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, help="these parts only")
    parser.add_argument("--largest", type=int, default=max(SIZES), help="edge of the largest volume of noise")
    options = parser.parse_args(arguments)
    if options.only == ["cases"] and not options.cases:
        parser.error("--only cases needs --cases")
    if missing := [folder for folder in options.cases if not folder.is_dir()]:
        parser.error(f"--cases: there is no folder {missing[0]}")
    check_options(parser, options, options.csv, options.plot)
    return options


def check_options(parser, options, *files):
    """Refuse what would stop the run after hours: no rounds, and files that have no folder."""
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    for file in files:
        if file is not None and not file.parent.is_dir():
            parser.error(f"{file} cannot be written: there is no folder {file.parent}")


def peer(text):
    """Name and interpreter; PyRadiomics is two engines."""
    name, _, python = text.partition("=")
    if name not in ENGINES or not python:
        raise argparse.ArgumentTypeError(f"expected NAME=PYTHON with NAME one of {', '.join(ENGINES)}, got {text!r}")
    return name, interpreter(python)


def interpreter(python):
    """The interpreter, if there is one."""
    if shutil.which(python) is None:
        raise argparse.ArgumentTypeError(f"there is no interpreter {python!r}")
    return python


def pairs(folders, temporary):
    """Name, image and mask of each case."""
    for number, given in enumerate(folders):
        folder = given
        if (given / "images.zip").exists():
            folder = temporary / str(number)
            with zipfile.ZipFile(given / "images.zip") as archive:
                archive.extractall(folder)
        for image in sorted(path for path in folder.rglob("*") if path.is_file()):
            candidates = [image.with_name(image.name.replace("image", word)) for word in ("mask", "label")]
            candidates.append(image.with_name(f"{image.stem}-label{image.suffix}"))
            if image.parent.name == "image":
                candidates = sorted((image.parent.parent / "mask").glob("mask.*"))
            if mask := next((path for path in candidates if path != image and path.exists()), None):
                yield str(image.relative_to(folder)).replace("/", " "), image, mask


def measure_cases(engines, cases, results, folder, options):
    """Features of each case, from arrays and from files."""
    for name, image, mask in cases:
        try:
            volume = Case(image, mask=mask).load()
        except RadlearnError as error:
            print(f"{name}: left out, {error}")
            continue
        intensities = volume.image[volume.mask]
        if volume.ndim != 3 or np.ptp(intensities) == 0:
            print(f"{name}: left out, the region is flat or of one intensity")
            continue
        bins = BINS if np.ptp(intensities) >= 8 * BINS["bin_width"] else FEW_BINS
        arrays = stored(folder, volume.image, volume.mask, volume.spacing)
        for families, chosen in SETS.items():
            request = {"do": "arrays", "path": arrays, "bins": bins, "families": chosen}
            key = (families, name, intensities.size)
            measure(engines, request, results, ("arrays", *key), options.rounds)
            request |= {"do": "files", "image": str(image), "mask": str(mask)}
            del request["path"]
            measure(engines, request, results, ("files", *key), options.rounds)


def measure_lesions(engines, results, folder, options):
    """Features of balls far apart in one mask, in noise of the size of a CT."""
    shape, spacing, radius = (120, 400, 400), (1.5, 0.8, 0.8), 7
    image = gaussian_filter(np.random.default_rng(0).normal(size=shape).astype(np.float32), 1.0)
    image = np.rint(100 * image / image.std()).astype(np.float32)
    mask = np.zeros(shape, bool)
    for number, center in enumerate([(20, 100, 100), (100, 330, 320), (60, 200, 50)], 1):
        steps = np.ogrid[tuple(slice(-place, length - place) for place, length in zip(center, shape, strict=True))]
        mask |= sum(step**2 for step in steps) <= radius**2
        path = stored(folder, image, mask, spacing)
        for families, chosen in SETS.items():
            request = {"do": "arrays", "path": path, "bins": BINS, "families": chosen}
            key = ("lesions", families, str(number), np.count_nonzero(mask))
            measure(engines, request, results, key, options.rounds)


def measure_growth(engines, results, folder, options):
    """Features of ever larger volumes."""
    engines = list(engines)
    for size in SIZES:
        if size > options.largest:
            break
        image, mask = noise(size)
        path = stored(folder, image, mask, (1, 1, 1))
        request = {"do": "arrays", "path": path, "bins": FEW_BINS, "families": COMMON}
        seconds = measure(engines, request, results, ("growth", "common", str(size), image.size), options.rounds)
        engines = [engine for engine in engines if seconds.get(engine.name, TOO_LONG) < TOO_LONG]


def measure(engines, request, results, key, rounds):
    """Let all engines take turns; median seconds of each that did it."""
    seconds = {}
    for engine in engines:
        try:
            engine.ask(**request)
            engine.ask("run", at_least=0)
            seconds[engine.name] = []
        except ValueError as error:
            print(f"{key}: {engine.name} failed, {error}")
    for _ in range(rounds):
        for engine in engines:
            if engine.name in seconds:
                seconds[engine.name].append(engine.ask("run", at_least=0.02)[1])
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    for name, value in medians.items():
        results.add(*key, name, value)
    return medians


def measure_memory(engines, results, folder, options):
    """Peak memory of a row above the input, in parts of the image, for fresh processes that have nothing to compile."""
    small, large = (stored(folder, *noise(size), (1, 1, 1)) for size in (25, min(215, options.largest)))
    shape = np.load(large)["image"].shape
    for families, chosen in SETS.items():
        for engine in engines:
            try:
                # The first process compiles what only large regions need, too, and leaves it on disk for the second.
                _, value = (peak_of_fresh(engine, (small, large), chosen) for _ in range(2))
                size = 4 * np.prod(shape)  # of the image as float32
                results.add("memory", families, f"{shape[0]}^3", int(np.prod(shape)), engine.name, value / size)
            except ValueError as error:
                print(f"memory: {engine.name} failed, {error}")


def peak_of_fresh(engine, paths, families):
    """Bytes above the input that a new process needs for the last of some regions."""
    fresh = Engine(engine.name, engine.python)
    try:
        for path in paths:
            fresh.ask("arrays", path=path, bins=FEW_BINS, families=families)
            value = fresh.ask("peak")
    finally:
        fresh.process.kill()
    return value


def measure_start(engines, results, folder):
    """Processor seconds of a process that computes one row, with an empty cache of compiled code and a filled one."""
    arguments = {"path": stored(folder, *noise(25), (1, 1, 1)), "bins": FEW_BINS, "families": SETS["all"]}
    for engine in engines:
        with tempfile.TemporaryDirectory() as cache:
            environment = os.environ | {"NUMBA_CACHE_DIR": cache}
            command = [engine.python, Path(__file__).with_name("engines.py"), engine.name, json.dumps(arguments)]
            for what, rounds in (("cold", 1), ("warm", 5)):
                quiet = {"stderr": subprocess.DEVNULL, "text": True, "env": environment}
                outputs = [subprocess.check_output(command, **quiet) for _ in range(rounds)]
                seconds = np.median([float(output.splitlines()[-1]) for output in outputs])
                results.add(what, "all", "process", 25**3, engine.name, float(seconds))


def stored(folder, image, mask, spacing):
    """Path of a file with the arrays."""
    path = folder / f"{'x'.join(map(str, image.shape))}.npz"
    np.savez(path, image=image, mask=mask, spacing=spacing)
    return str(path)


def noise(size):
    """A volume of correlated noise like the grey values of a CT, all region."""
    image = gaussian_filter(np.random.default_rng(size).normal(size=(size,) * 3).astype(np.float32), 1.5)
    return np.rint(100 * image / image.std()).astype(np.float32), np.ones(image.shape, bool)


def report(results, names):
    """Print the ratios of the peers to radlearn, and the growth."""
    titles = {
        "arrays": "arrays",
        "files": "with reading",
        "lesions": "lesions",
        "growth": "noise",
        "warm": "warm start",
    }
    for what, title in titles.items():
        for families in SETS:
            for name in names[1:]:
                if ratios := list(results.ratios(what, families, name).values()):
                    mean = np.exp(np.mean(np.log(ratios)))
                    print(
                        f"{name} / radlearn, {title}, {families} families: {mean:.1f} (geometric mean of "
                        f"{len(ratios)} cases; from {min(ratios):.2f} to {max(ratios):.1f})"
                    )
    for name in names:
        per_voxel = {
            row["voxels"]: row["value"] / row["voxels"]
            for row in results.rows
            if row["what"] == "growth" and row["engine"] == name
        }
        small, large = 46**3, 215**3
        if large in per_voxel:
            growth = per_voxel[large] / per_voxel[small]
            print(f"{name}: time per voxel at {large:,} voxels / at {small:,}: {growth:.2f}")


def plot(results, path):
    """Draw times over the number of voxels, both axes logarithmic."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.5), sharey=True, layout="constrained")
    # An engine looks the same in both, whichever others are there.
    names = list(dict.fromkeys(row["engine"] for row in results.rows))
    for axis, what, title in zip(axes, ("arrays", "growth"), ("Cases", "Correlated noise"), strict=True):
        rows = [row for row in results.rows if row["what"] == what and row["families"] == "common"]
        for number, name in enumerate(names):
            points = sorted((row["voxels"], row["value"]) for row in rows if row["engine"] == name)
            style = {"linestyle": "-" if what == "growth" else "none", "marker": "o^sDvPX"[number % 7], "markersize": 4}
            if points:
                axis.loglog(*np.transpose(points), label=name, color=f"C{number}", zorder=3, **style)
        axis.set(xlabel="Voxels in the region", title=title)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("Processor time of a row [s]")
    for axis in [axis for axis in axes if axis.lines][:1]:  # engines look alike in both parts
        axis.legend(frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
