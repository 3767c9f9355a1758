"""The command `radlearn`."""

import argparse
import os
import signal
import sys
import time
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import radlearn

# Exit status of a process that was stopped by Ctrl-C.
STOPPED = 130


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of the process.

    Returns
    -------
    status : int
        0; 1 where a command could not do all that it is for, 2 for input that makes no sense, 130 if it was stopped.
    """
    parser = argparse.ArgumentParser(prog="radlearn", description="scikit-learn for medical images")
    parser.add_argument("--version", action="version", version=f"radlearn {radlearn.__version__}")
    commands = parser.add_subparsers(title="commands", required=True)
    command = commands.add_parser("warmup", help="compile the kernels of the radiomics engine, for later processes")
    command.set_defaults(run=_warm_up)
    command = commands.add_parser(
        "extract", help="features of all cases of a table, by a parameter file of PyRadiomics"
    )
    command.add_argument("table", help="CSV with the columns Image, Mask and, if wanted, Label; others are copied")
    command.add_argument("--params", help="parameter file (YAML or JSON); default: those of PyRadiomics")
    command.add_argument("--out", help="CSV or Parquet file to write; default: CSV to standard output")
    command.add_argument("--n-jobs", type=int, help="number of cases that are computed at a time; -1: all processors")
    command.add_argument("--memory", help="folder in which features are kept, so that a stopped run can be taken up")
    command.add_argument("--backend", default="radlearn", help="radlearn, or pyradiomics for the installed package")
    command.set_defaults(run=_extract)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _warm_up(options):  # noqa: ARG001 - all commands are called alike
    from radlearn.radiomics import warm_up  # noqa: PLC0415 - `radlearn --help` needs no numba

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # folders have letters that a terminal may not have
    begin = time.perf_counter()
    result = warm_up()
    print(  # noqa: T201 - a command prints
        f"{result.n_compiled} of {result.n_kernels} kernels compiled in {time.perf_counter() - begin:.1f} s, "
        f"the others were there; kept in {result.folder or 'no folder'}",
        flush=True,  # else a closed pipe would be noticed too late
    )
    if result.folder is None:
        print("no folder can be written: set NUMBA_CACHE_DIR to one, else every process compiles")  # noqa: T201
        return 1
    return 0


def _extract(options):
    from radlearn.io.features import write_features  # noqa: PLC0415 - as above

    out = options.out or sys.stdout
    kept = f"what was computed is kept in {options.memory}" if options.memory else "nothing is kept without --memory"
    try:
        _check_output(out, options)  # before hours of work
        table, errors = _extracted(options)
        try:
            write_features(out, table)
        except OSError as error:
            error.add_note(kept)
            raise
    except BrokenPipeError:  # an OSError that ends every command alike
        raise
    except (ImportError, OSError, TypeError, ValueError) as error:
        _tell("; ".join([f"radlearn extract: {error}", *getattr(error, "__notes__", ())]))
        return 2
    except BrokenExecutor as error:  # a worker was killed
        _tell("\n".join([f"radlearn extract: {error}", *getattr(error, "__notes__", ())]))
        return 1
    except KeyboardInterrupt:
        _tell(f"radlearn extract: stopped; {kept}")
        return STOPPED
    for failure in errors.itertuples():
        _tell(f"{failure.case}: {failure.error}; {failure.remedy}")
    _tell(f"{len(table) - len(errors)} of {len(table)} cases extracted")
    return int(len(errors) > 0)


def _check_output(out, options):
    """Refuse an output that features cannot be written to, and prepare the one that is given."""
    from radlearn.io.features import ending_of_table  # noqa: PLC0415 - as above

    if out is None:
        raise OSError("standard output is closed; name a file with --out")
    ending_of_table(out)
    if options.out:
        _check_writable(Path(out), Path(options.table))
    elif hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8")  # as in files: names have letters that a terminal may not have


def _extracted(options):
    """Table of features, and table of the cases that failed."""
    from radlearn.radiomics import extract_table  # noqa: PLC0415 - as above

    with _stopped_by_sigterm():
        return extract_table(
            options.table,
            params=options.params,
            backend=options.backend,
            n_jobs=options.n_jobs,
            memory=options.memory,
            verbose=int(sys.stderr is not None and sys.stderr.isatty()),
        )


@contextmanager
def _stopped_by_sigterm():
    """Let SIGTERM, which clusters and `timeout` send, do what Ctrl-C does; by default it leaves workers behind."""

    def stop(*_):
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) is None:  # not one of Python's, which could not be put back
        yield
        return
    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # only the main thread may do so
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(message):
    """Print to standard error, if there is one and somebody reads it: the result does not depend on that.

    What a terminal would obey, such as in a name that a stranger's table gives a file, is left out.
    """
    message = "".join(letter for letter in message if letter.isprintable() or letter == "\n")
    with suppress(OSError, ValueError):
        if sys.stderr is not None:  # else print would take standard output
            print(message, file=sys.stderr)  # noqa: T201 - a command prints


def _check_writable(path, table):
    """Make the folder of a file, and refuse a file that cannot be written, or that is the table of the cases."""
    from radlearn.io.whole import check_writable  # noqa: PLC0415 - as above

    if path.exists() and table.exists() and path.samefile(table):
        raise FileExistsError(f"{str(path)!r} is the table of the cases; name another file for the features")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder; name a file")
    try:
        check_writable(path)
    except OSError as error:
        raise PermissionError(
            f"{str(path)!r} cannot be written ({error.strerror}); close it in other programs, choose another place, or "
            "get permission to write"
        ) from error
