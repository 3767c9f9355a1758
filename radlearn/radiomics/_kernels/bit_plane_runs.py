"""Runs of few grey levels, 64 voxels at a time: short ones are counted as bits, the ends of longer ones are listed."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.bit_planes import WORD, list_set, look, n_set, packed, planes_of_levels
from radlearn.radiomics._kernels.memory import aligned
from radlearn.radiomics._kernels.runs import count_shorter_runs

# Words that are worked on at a time: few enough to stay in the nearest cache of a processor.
CHUNK = 256

# To list a voxel, and count it by its level, takes as long as to count so many words of one level.
OF_A_VOXEL = 40

# Lengths are carried from voxel to voxel along a direction if one in so many voxels may be the end of a longer run.
RARE = 200

# Lengths are carried for so many voxels at a time if the voxel before lies less than LONG behind: compilers make few
# instructions where they know the number. Of a longer stretch, they need not know it.
STRETCH, LONG = 32, 512


@kernel
def count_runs_of_few(levels, shifts, matrices, counts):
    """Count runs by grey level and length, where there are few grey levels, each of which has a bit plane.

    Parameters
    ----------
    levels, shifts, matrices
        As for `count_runs`.
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_lengths + 1)
        With room for 4 or more; all 0; becomes what `count_runs` makes of it.

    Returns
    -------
    longest : int
        Length of the longest run, if it is above 4. If it is above `n_lengths`, the counts are wrong.
    """
    n_levels = counts.shape[1]
    flat = levels.ravel()
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    margin = 3 * furthest // WORD + 2
    planes = packed(flat, n_levels, margin)
    of_levels = planes_of_levels(planes, n_levels)
    n_words = planes.shape[1]
    first, stop = margin, n_words - margin
    inside, match, longer = np.zeros(n_words, np.uint64), np.zeros(n_words, np.uint64), np.empty(n_words, np.uint64)
    for plane in planes:
        for word in range(n_words):
            inside[word] |= plane[word]
    n_voxels = np.zeros(n_levels, np.int64)
    _count_levels(inside[first:stop], flat, of_levels, first, n_voxels)
    lengths = aligned(flat.size, np.uint16)  # how many voxels of its run lie before a voxel
    one_back, two_back, three_back = aligned(CHUNK, np.uint64), aligned(CHUNK, np.uint64), aligned(CHUNK, np.uint64)
    behind, three, four = aligned(CHUNK, np.uint64), aligned(CHUNK, np.uint64), aligned(CHUNK, np.uint64)
    longest = np.int64(0)
    for direction in range(shifts.size):
        shift, of_matrix = shifts[direction], counts[matrices[direction]]
        _find_matches(planes, inside, margin, shift, match)
        _count_levels(match[first:stop], flat, of_levels, first, of_matrix[:, 2])
        n_longer = np.uint64(0)
        for start in range(first, stop, CHUNK):
            n = min(CHUNK, stop - start)
            look(match, start, -shift, one_back[:n])
            look(match, start, -2 * shift, two_back[:n])
            look(match, start, -3 * shift, three_back[:n])
            look(match, start, shift, behind[:n])
            here, far = match[start : start + n], longer[start : start + n]
            for word in range(n):
                ends = here[word] & one_back[word] & ~behind[word]
                three[word] = ends & ~two_back[word]
                four[word] = ends & two_back[word] & ~three_back[word]
                far[word] = ends & two_back[word] & three_back[word]
                n_longer += n_set(far[word])
            levels_here = flat[(start - first) * WORD :]
            _count_levels(three[:n], levels_here, of_levels, start, of_matrix[:, 3])
            _count_levels(four[:n], levels_here, of_levels, start, of_matrix[:, 4])
        if n_longer > 0:
            ends = np.empty(n_longer, np.uint64)
            list_set(longer[first:stop], ends)
            is_carried = shift > 1 and n_longer * np.uint64(RARE) > flat.size
            if is_carried:
                _carry(flat, shift, lengths)
            longest = max(longest, _count_longer(ends, flat, match, first, shift, is_carried, lengths, of_matrix))
    count_shorter_runs(matrices, n_voxels, counts)
    return longest


@kernel_part
def _find_matches(planes, inside, margin, shift, match):
    """Fill a plane with the voxels that have the level of the voxel before."""
    stop = inside.size - margin
    found, is_inside = match[margin:stop], inside[margin:stop]
    before = np.empty(found.size, np.uint64)
    for word in range(found.size):
        found[word] = ~is_inside[word]
    for plane in planes:
        look(plane, margin, -shift, before)
        here = plane[margin:stop]
        for word in range(found.size):
            found[word] |= here[word] ^ before[word]
    for word in range(found.size):
        found[word] = ~found[word]


@kernel_part
def _count_levels(plane, levels, of_levels, first, counts):
    """Add the number of set voxels of each level to the counts."""
    n_voxels = np.uint64(0)
    for word in plane:
        n_voxels += n_set(word)
    if n_voxels * np.uint64(OF_A_VOXEL) < np.uint64(len(of_levels) * plane.size):
        listed = np.empty(n_voxels, np.uint64)
        list_set(plane, listed)
        for voxel in listed:
            counts[np.uint64(levels[voxel])] += 1
        return
    for level in range(1, len(of_levels)):
        of_level = of_levels[level, first : first + plane.size]
        n_voxels = np.uint64(0)
        for word in range(plane.size):
            n_voxels += n_set(plane[word] & of_level[word])
        counts[level] += np.int64(n_voxels)


@kernel_part
def _carry(levels, shift, lengths):
    """Fill the lengths along a direction: one more than that of the voxel before, where levels are equal.

    Outside the region, where they are equal, too, lengths mean nothing.
    """
    for place in range(shift):
        lengths[place] = 0
    stretch = STRETCH if STRETCH <= shift < LONG else shift
    for start in range(shift, levels.size, stretch):
        _carry_stretch(levels, start, min(start + stretch, levels.size), shift, lengths)


@kernel_part
def _carry_stretch(levels, start, stop, shift, lengths):
    """Fill the lengths of a stretch of voxels, none of which waits for another one."""
    first, back = np.uint64(start), np.uint64(start - shift)
    if stop - start == STRETCH:  # the same, but of a number that the compiler knows
        for number in range(STRETCH):
            here, before = first + np.uint64(number), back + np.uint64(number)
            lengths[here] = (lengths[before] + np.uint16(1)) * np.uint16(levels[here] == levels[before])
    else:
        for number in range(stop - start):
            here, before = first + np.uint64(number), back + np.uint64(number)
            lengths[here] = (lengths[before] + np.uint16(1)) * np.uint16(levels[here] == levels[before])


@kernel_part
def _count_longer(ends, levels, match, first, shift, is_carried, lengths, counts):
    """Count runs at their ends; gives the length of the longest."""
    n_room, longest = np.uint64(counts.shape[1]), np.uint64(0)
    for end in ends:
        if is_carried:
            length = np.uint64(lengths[end]) + np.uint64(1)
        elif shift == 1:
            length = _ones_up_to(match, np.uint64(first), end) + np.uint64(1)
        else:
            length, place = np.uint64(5), end - np.uint64(4) * np.uint64(shift)
            while match[np.uint64(first) + place // np.uint64(WORD)] >> (place % np.uint64(WORD)) & np.uint64(1):
                length, place = length + np.uint64(1), place - np.uint64(shift)
        longest = max(longest, length)
        counts[np.uint64(levels[end]), length if length < n_room else np.uint64(0)] += 1
    return np.int64(longest)


@kernel_part
def _ones_up_to(plane, first, place):
    """Number of set bits without a gap up to a place, counted from a word of the plane."""
    word, n_bits = first + place // np.uint64(WORD), place % np.uint64(WORD) + np.uint64(1)
    total = np.uint64(0)
    while True:
        gaps = ~(plane[word] << (np.uint64(WORD) - n_bits))
        for n in (1, 2, 4, 8, 16, 32):
            gaps |= gaps >> np.uint64(n)
        n_ones = min(np.uint64(WORD) - n_set(gaps), n_bits)
        total += n_ones
        if n_ones < n_bits:
            return total
        word, n_bits = word - np.uint64(1), np.uint64(WORD)
