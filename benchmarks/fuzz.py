"""Read damaged files of every format, and count how reading them ends: nothing but typed errors may come out.

    python benchmarks/fuzz.py --inputs 10000

Hypothesis makes the damage: bytes changed, numbers set to extremes, pieces and values of header fields exchanged, lost,
repeated, the end cut off. Where the system allows it, memory is limited, so that a file that asks for much of it is
found. The exit status is 1 if anything else than an image or a typed error came out; the first input of each kind is
kept.
"""

import argparse
import csv
import sys
import tempfile
import time
from collections import Counter
from math import ceil
from pathlib import Path

from files import check_folder
from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fuzzing import SEEDS, damaged, read_damaged

MEMORY_BYTES = 2**32
TYPED = ("read", "ImageReadError", "GeometryError")


def main():
    """Fuzz all readers and print a table of outcomes."""
    options = parsed()
    check_folder(options.csv)
    limit_memory()
    n_inputs = ceil(options.inputs / len(options.formats))
    rows = []
    for name in options.formats:
        row = {"format": name, **fuzz(name, n_inputs, options)}
        rows.append(row)
        print(f"{name:20}" + "".join(f"{key} {value:<8}" for key, value in row.items() if key != "format"), flush=True)
    total = Counter()
    for row in rows:
        total.update({key: value for key, value in row.items() if key not in ("format", "slowest")})
    print(f"{'all':20}" + "".join(f"{key} {value:<8}" for key, value in total.items()))
    if options.csv:
        with options.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["format", "slowest", *total], restval=0)
            writer.writeheader()
            writer.writerows(rows)
    return int(any(key not in TYPED for key in total))


def parsed():
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000, help="smallest number of damaged files (default: 10,000)")
    parser.add_argument("--formats", nargs="+", choices=list(SEEDS), default=list(SEEDS), help="these only")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other damage (default: 0)")
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz_failures"), help="folder for inputs that end in any other error"
    )
    parser.add_argument("--csv", type=Path, help="write the table to this file")
    return parser.parse_args()


def fuzz(name, n_inputs, options):
    """Number of inputs of one format for each outcome, and the longest time of one in seconds."""
    outcomes = Counter()
    slowest = 0.0

    @seed(options.seed)
    @settings(
        max_examples=n_inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(SEEDS[name].content))
    def read(content):
        nonlocal slowest
        begin = time.perf_counter()
        try:
            outcome = read_damaged(name, content, folder)
        except Exception as error:  # noqa: BLE001 - finding these is the purpose
            outcome = type(error).__name__
            if outcome not in outcomes:
                options.keep.mkdir(exist_ok=True)
                (options.keep / f"{outcome}-{name}").write_bytes((folder / name).read_bytes())
        outcomes[outcome] += 1
        slowest = max(slowest, time.perf_counter() - begin)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        read()
    return {**dict(sorted(outcomes.items())), "slowest": round(slowest, 2)}


def limit_memory():
    """Allow this process no more than `MEMORY_BYTES` of address space."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main())
