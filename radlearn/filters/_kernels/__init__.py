"""Compiled loops of the filters: arrays in, arrays out.

Each is compiled on first use and cached on disk. Importing this package does not import numba; accessing a kernel
does::

    from radlearn.filters import _kernels

    response = _kernels.correlate_rows(image, weights, sources)
"""

from importlib import import_module

# Kernel -> the module that holds it.
HOME = {
    "correlate_lines": "convolution",
    "correlate_rows": "convolution",
    "correlate_slices": "convolution",
    "pool_moduli": "modulus",
}


def __getattr__(name):
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = kernel = getattr(import_module(f"{__name__}.{HOME[name]}"), name)
    return kernel
