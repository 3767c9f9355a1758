"""Bit planes: a bit for each voxel, 64 to a word, so that one instruction of a processor looks at hundreds of voxels.

What is asked of all voxels, as whether a neighbor has the same grey level, is then a few operations on words. Planes
have words of 0 before and behind their voxels, so that neighbors can be looked up without a look at borders.
"""

import numpy as np

from radlearn._kernels.compiling import kernel_part

# Voxels of a word.
WORD = 64

# Eight numbers of 0 or 1, each in a byte, become the bits of one byte: the product has them in its highest one.
LOWEST_BITS, GATHERING = np.uint64(0x0101010101010101), np.uint64(0x0102040810204080)

# Voxels that are packed at a time: few enough to stay in the nearest cache of a processor, and to leave out a good part
# of a box that a region hardly fills.
CHUNK = 2048

# A word with one bit, times this, has a number in its six highest bits that no other such word has.
TELLING = np.uint64(0x03F79D71B4CB0A89)
PLACE_OF_BIT = np.zeros(WORD, np.uint8)
for _place in range(WORD):
    PLACE_OF_BIT[(int(TELLING) << _place & 2**WORD - 1) >> 58] = _place


@kernel_part
def packed(levels, n_levels, margin):
    """Planes of the bits of grey levels.

    Parameters
    ----------
    levels : ndarray of int16, shape (n_voxels,)
    n_levels : int
        All are below it.
    margin : int
        Number of words of 0 on each side.

    Returns
    -------
    planes : ndarray of uint64, shape (n_bits, n_words + 2 * margin)
    """
    n_bits = 1
    while 1 << n_bits < n_levels:
        n_bits += 1
    planes = np.zeros((n_bits, -(-levels.size // WORD) + 2 * margin), np.uint64)
    low, high = np.zeros(CHUNK, np.uint8), np.zeros(CHUNK, np.uint8)
    for start in range(0, levels.size, CHUNK):
        here = levels[start : start + CHUNK]
        any_level = np.int16(0)
        for level in here:
            any_level |= level
        if any_level == 0:
            continue
        for voxel in range(here.size):
            low[voxel] = here[voxel] & 255
        if n_bits > 8:
            for voxel in range(here.size):
                high[voxel] = here[voxel] >> 8
        low[here.size :] = high[here.size :] = 0
        first = margin + start // WORD
        stop = first - (-here.size // WORD)
        for bit in range(n_bits):
            eights = (low if bit < 8 else high).view(np.uint64)
            found, place = planes[bit, first:stop].view(np.uint8), np.uint64(bit % 8)
            for number in range(found.size):
                found[number] = ((eights[number] >> place) & LOWEST_BITS) * GATHERING >> np.uint64(56)
    return planes


@kernel_part
def planes_of_levels(planes, n_levels):
    """A plane for each grey level, with the voxels that have it.

    Parameters
    ----------
    planes : ndarray of uint64, shape (n_bits, n)
        See `packed`.
    n_levels : int

    Returns
    -------
    of_levels : ndarray of uint64, shape (n_levels, n)
        That of level 0 is not filled.
    """
    of_levels = np.empty((n_levels, planes.shape[1]), np.uint64)
    for level in range(1, n_levels):
        of_level = of_levels[level]
        for word in range(of_level.size):
            of_level[word] = ~np.uint64(0)
        for bit in range(len(planes)):
            plane, flip = planes[bit], np.uint64(0) if level >> bit & 1 else ~np.uint64(0)
            for word in range(of_level.size):
                of_level[word] &= plane[word] ^ flip
    return of_levels


@kernel_part
def is_empty(plane):
    """Whether a plane, or a part of it, has no voxels."""
    any_bit = np.uint64(0)
    for word in range(plane.size):
        any_bit |= plane[word]
    return any_bit == 0


@kernel_part
def look(plane, first, shift, result):
    """Fill words with what lies `shift` voxels behind those from word `first` on; before them, if it is negative."""
    start, n_bits = first + shift // WORD, np.uint64(shift % WORD)
    here, there = plane[start : start + result.size], plane[start + 1 : start + 1 + result.size]
    for word in range(result.size):
        # In two steps: what a shift by all 64 bits gives is not defined.
        result[word] = (here[word] >> n_bits) | (there[word] << np.uint64(1)) << (np.uint64(63) - n_bits)


@kernel_part
def n_set(word):
    """Number of set bits; compilers know this way, and make one instruction of it."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return word * LOWEST_BITS >> np.uint64(56)


@kernel_part
def list_set(plane, places):
    """Write where bits are set, from 0; gives their number."""
    n_listed = np.uint64(0)
    for number in range(plane.size):
        word = plane[number]
        while word != np.uint64(0):
            lowest = word & (~word + np.uint64(1))
            places[n_listed] = np.uint64(number * WORD) + np.uint64(PLACE_OF_BIT[lowest * TELLING >> np.uint64(58)])
            word ^= lowest
            n_listed += np.uint64(1)
    return n_listed
