"""Compiled loops of the filters: arrays in, arrays out.

Each is compiled on first use and cached on disk. Importing this package does not import numba; accessing a kernel
does::

    from radlearn.filters import _kernels

    response = _kernels.correlate_rows(image, weights, sources, before)
"""

from radlearn._lazy import import_on_use

# Kernel -> the module that holds it.
HOME = {
    "correlate_lines": "convolution",
    "correlate_rows": "convolution",
    "correlate_slices": "convolution",
    "pool_moduli": "modulus",
}

__getattr__, __dir__ = import_on_use(__name__, HOME)
