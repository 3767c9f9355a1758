"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.matches import LOWEST_BIT

# Voxels that are worked on at a time: few enough to stay in the nearest cache of a processor, and to leave out a good
# part of a box that a region hardly fills.
CHUNK = 1024

# Four counters of 16 bits share a word, so that one addition counts along four directions: entry k adds 1 to the
# counters of the bits of k. A voxel has bits for up to 13 directions.
TALLIES = np.array([sum((k >> bit & 1) << 16 * bit for bit in range(4)) for k in range(16)], np.int64)
N_WORDS = 4

# A counter is emptied before its highest bit, the sign of a word, may be needed: each counts every voxel of a chunk at
# most once.
FULL = (2**15 - 1) // CHUNK

# If at least this part of the voxels match along all directions, as every 31st of them tells, there are many long runs.
# Then lengths are carried from voxel to voxel, for long stretches at a time, along directions that lead at least so far
# in memory. Otherwise, and along other directions, runs are walked.
EVEN_PART, SAMPLE, FAR = 0.05, 31, 64

# In a walk, so many steps are taken from the third voxel on whether the run goes on or not: to guess wrong costs more.
BLIND_STEPS = 2


@kernel
def count_runs(matches, levels, shifts, matrices, counts):
    """Count runs by grey level and length.

    Most runs are of one or two voxels. Those of three and more are counted at their last voxel. A run of n voxels has
    n - 1 that match the one before: so the matches tell how many runs of two there are, and what is in none of them is
    a run of one.

    Parameters
    ----------
    matches : ndarray of uint16, shape (z + 2, y + 2, x + 2)
        What `match_neighbors` gives for the shifts; or a single slice of it.
    levels : ndarray of int16, of the same shape
        1 to n_g inside the region, 0 outside and in the outermost layer.
    shifts : ndarray of int64, shape (n_directions,)
        How much further in memory the next voxel lies along each direction, above 0.
    matrices : ndarray of int64, shape (n_directions,)
        Number of the matrix in which each direction is counted.
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_lengths + 1)
        With room for 2 or more; all 0; entry (m, i, k) becomes the number of runs of level i that are k voxels long.

    Returns
    -------
    longest : int
        Length of the longest run, if it is above 2. If it is above `n_lengths`, the counts are wrong.
    """
    n_levels, n_lengths = counts.shape[1], counts.shape[2] - 1
    flat_levels, flat_matches = levels.ravel(), matches.ravel()
    longest = np.uint64(0)
    n_voxels = np.zeros(n_levels, np.int64)
    n_tallied = 0
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    all_directions, n_even = 2**shifts.size - 1, 0
    for voxel in range(0, flat_matches.size, SAMPLE):
        n_even += flat_matches[voxel] == all_directions
    far = FAR if n_even * SAMPLE > EVEN_PART * flat_matches.size else flat_matches.size
    end = flat_levels.size - furthest
    chunk = max(min(CHUNK, end - furthest), 1)
    words = np.zeros((n_levels, N_WORDS), np.int64)
    last = np.empty(chunk, np.uint16)  # directions along which a voxel is the last of a run of three and more
    listed = np.empty(chunk, np.int64)
    # How many voxels of its run lie before a voxel: as far back as is looked at, in chunks that take turns.
    n_turns = (furthest - 1) // chunk + 2 if furthest >= far else 1
    lengths = np.zeros((shifts.size, n_turns * chunk if furthest >= far else 0), np.uint32)
    is_used = np.zeros(n_turns, np.bool_)
    for number, start in enumerate(range(furthest, end, chunk)):
        n, turn = min(chunk, end - start), number % n_turns
        place = turn * chunk
        here, levels_here = flat_matches[start : start + n], flat_levels[start : start + n]
        any_level, any_match = np.int16(0), np.uint16(0)
        for voxel in range(n):
            any_level |= levels_here[voxel]
            any_match |= here[voxel]
            last[voxel] = 0
        if any_match == 0 and is_used[turn]:
            lengths[:, place : place + chunk] = 0
            is_used[turn] = False
        if any_level == 0:
            continue
        for level in levels_here:
            if level > 0:
                n_voxels[np.uint64(level)] += 1
        if any_match == 0:
            continue
        is_used[turn] = True
        for direction in range(shifts.size):
            bit = np.uint16(1 << direction)
            before = flat_matches[start - shifts[direction] : start - shifts[direction] + n]
            behind = flat_matches[start + shifts[direction] : start + shifts[direction] + n]
            for voxel in range(n):
                last[voxel] |= here[voxel] & before[voxel] & ~behind[voxel] & bit
            if shifts[direction] >= far:
                _carry(here, bit, shifts[direction], place, lengths[direction])
        n_listed = np.uint64(0)
        for voxel in range(n):
            listed[n_listed] = voxel
            n_listed += np.uint64(here[voxel] > 0)
        for voxel in listed[:n_listed]:
            level, bits = np.uint64(flat_levels[start + voxel]), np.uint64(here[np.uint64(voxel)])
            for word in range(N_WORDS):
                words[level, word] += TALLIES[(bits >> np.uint64(4 * word)) & np.uint64(15)]
        n_tallied += 1
        if n_tallied == FULL:
            _empty(words, matrices, counts)
            n_tallied = 0
        n_listed = np.uint64(0)
        for voxel in range(n):
            listed[n_listed] = voxel
            n_listed += np.uint64(last[voxel] > 0)
        for voxel in listed[:n_listed]:
            level, bits = np.uint64(flat_levels[start + voxel]), np.uint64(last[np.uint64(voxel)])
            while bits > 0:
                direction = np.uint64(LOWEST_BIT[bits])
                bits &= bits - np.uint64(1)
                if shifts[direction] >= far:
                    length = np.uint64(lengths[direction, np.uint64(place + voxel)]) + np.uint64(1)
                else:
                    length = _walked(flat_matches, start + voxel, direction, shifts[direction])
                if length <= np.uint64(n_lengths):
                    counts[np.uint64(matrices[direction]), level, length] += 1
                longest = max(longest, length)
    _empty(words, matrices, counts)
    count_shorter_runs(matrices, n_voxels, counts)
    return longest


@kernel_part
def count_shorter_runs(matrices, n_voxels, counts):
    """Complete the counts: so far, what stands for runs of two is the number of voxels that match the one before."""
    for matrix in range(len(counts)):
        n_directions = 0
        for other in matrices:
            n_directions += other == matrix
        for level in range(1, n_voxels.size):
            in_longer = 0
            n_of_two = counts[matrix, level, 2]
            for length in range(3, counts.shape[2]):
                n_of_two -= (length - 1) * counts[matrix, level, length]
                in_longer += length * counts[matrix, level, length]
            counts[matrix, level, 2] = n_of_two
            counts[matrix, level, 1] = n_directions * n_voxels[level] - in_longer - 2 * n_of_two


@kernel_part
def _carry(matches, bit, shift, place, lengths):
    """Fill the lengths of a chunk along a direction: one more than that of the voxel before, where this one matches."""
    done = 0
    while done < matches.size:
        source = (place + done - shift) % lengths.size
        n = min(matches.size - done, shift, lengths.size - source)
        before, here = lengths[source : source + n], lengths[place + done : place + done + n]
        bits = matches[done : done + n]
        for voxel in range(n):
            here[voxel] = before[voxel] + np.uint32(1) if bits[voxel] & bit else np.uint32(0)
        done += n


@kernel_part
def _walked(matches, last, direction, shift):
    """Length of a run of three and more voxels, from its last one."""
    place = last - 2 * shift
    goes_on = (matches[np.uint64(place)] >> direction) & np.uint64(1)
    length = np.uint64(3) + goes_on
    for _ in range(BLIND_STEPS):
        place -= shift
        goes_on &= matches[np.uint64(max(place, 0))] >> direction
        length += goes_on
    while goes_on:
        place -= shift
        goes_on = (matches[np.uint64(place)] >> direction) & np.uint64(1)
        length += goes_on
    return length


@kernel_part
def _empty(words, matrices, counts):
    """Add what the counters hold to the runs of two, and set them to 0."""
    for level in range(1, len(words)):
        for direction in range(matrices.size):
            tally = words[level, direction // 4] >> 16 * (direction % 4)
            counts[matrices[direction], level, 2] += tally & (2**16 - 1)
        words[level] = 0
