"""The command `radlearn`."""

import argparse
import time

import radlearn


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Default: those of the process.

    Returns
    -------
    status : int
        0, or 1 where a command could not do what it is for.
    """
    parser = argparse.ArgumentParser(prog="radlearn", description="scikit-learn for medical images")
    parser.add_argument("--version", action="version", version=f"radlearn {radlearn.__version__}")
    commands = parser.add_subparsers(title="commands", required=True)
    command = commands.add_parser("warmup", help="compile the kernels of the radiomics engine, for later processes")
    command.set_defaults(run=_warm_up)
    return parser.parse_args(arguments).run()


def _warm_up():
    from radlearn.radiomics import warm_up  # noqa: PLC0415 - `radlearn --help` needs no numba

    begin = time.perf_counter()
    result = warm_up()
    print(  # noqa: T201 - a command prints
        f"{result.n_compiled} of {result.n_kernels} kernels compiled in {time.perf_counter() - begin:.1f} s, "
        f"the others were there; kept in {result.folder or 'no folder'}"
    )
    if result.folder is None:
        print("no folder can be written: set NUMBA_CACHE_DIR to one, else every process compiles")  # noqa: T201
        return 1
    return 0
