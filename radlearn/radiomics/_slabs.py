"""Slabs of an array, which are processed one after the other and so stay in a near cache of the processor."""


def slabs_of(length, size, slab):
    """Slices of an axis along which each place holds `size` numbers: about `slab` numbers each.

    Examples
    --------
    >>> slabs_of(5, 100, 250)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    n_places = max(1, slab // size)
    return [slice(begin, min(begin + n_places, length)) for begin in range(0, length, n_places)]
