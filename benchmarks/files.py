"""Files that benchmarks write."""

import sys


def check_folder(path):
    """Stop at a file that cannot be written, before anything is computed.

    Parameters
    ----------
    path : Path or None
        None where nothing is to be written.
    """
    if path is not None and not path.parent.is_dir():
        sys.exit(f"{path} cannot be written: there is no folder {path.parent}")
