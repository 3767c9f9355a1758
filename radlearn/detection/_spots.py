"""Spots in an image: where they are, how much they stand out, and how they are found."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from scipy import ndimage
from skimage.feature import blob_dog, blob_log

from radlearn._boxes import box_columns


@dataclass(frozen=True, eq=False)
class Spot:
    """A small region of an image.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    inside : ndarray of bool
        Mask of the spot, in the smallest box that holds it.
    start : tuple of int
        Voxel of the image at which this mask begins.
    """

    image: np.ndarray
    inside: np.ndarray
    start: tuple[int, ...]

    @cached_property
    def center(self):
        """Voxel in the middle of its box."""
        return tuple(start + (length - 1) // 2 for start, length in zip(self.start, self.inside.shape, strict=True))

    @cached_property
    def contrast(self):
        """How much brighter the spot is than the rest of a box twice as large."""
        wide = tuple(
            slice(max(start - (length + 1) // 2, 0), start + length + (length + 1) // 2)
            for start, length in zip(self.start, self.inside.shape, strict=True)
        )
        around = self.image[wide]
        inside = np.zeros(around.shape, bool)
        inside[
            tuple(
                slice(start - along.start, start - along.start + length)
                for start, along, length in zip(self.start, wide, self.inside.shape, strict=True)
            )
        ] = self.inside
        outside = around[~inside]
        return float(around[inside].mean() - outside.mean()) if outside.size else 0.0

    def record(self, spacing):
        """Position, size and contrast, for `Case.meta`."""
        center, size = box_columns(self.inside.ndim)
        shape = self.inside.shape
        middle = [start + (length - 1) / 2 for start, length in zip(self.start, shape, strict=True)]
        volume, ndim = self.inside.sum() * np.prod(spacing), self.inside.ndim
        diameter = 2 * sqrt(volume / np.pi) if ndim == 2 else 2 * (3 * volume / (4 * np.pi)) ** (1 / 3)
        return {
            **dict(zip(center, middle, strict=True)),
            **dict(zip(size, shape, strict=True)),
            "diameter": float(diameter),
            "contrast": self.contrast,
        }

    def patch(self, image, margins):
        """Part of an image up to `margins` voxels from the center; beyond the image, its border is repeated."""
        places = (
            np.clip(np.arange(middle - margin, middle + margin + 1), 0, length - 1)
            for middle, margin, length in zip(self.center, margins, image.shape, strict=True)
        )
        return image[np.ix_(*places)]

    def mask(self, margins):
        """Mask of the spot in its patch; a spot that is larger is cut off."""
        mask = np.zeros([2 * margin + 1 for margin in margins], bool)
        target, source = [], []
        for start, middle, margin, length in zip(self.start, self.center, margins, self.inside.shape, strict=True):
            first = start - middle + margin
            target.append(slice(max(first, 0), min(first + length, 2 * margin + 1)))
            source.append(slice(target[-1].start - first, target[-1].stop - first))
        mask[tuple(target)] = self.inside[tuple(source)]
        return mask


def relief(image, *, dark):
    """The image with spots as heights; missing intensities are as low as the lowest one."""
    image = -image if dark else image
    known = np.isfinite(image)
    return image if known.all() else np.where(known, image, image[known].min() if known.any() else 0)


def blobs(image, spacing, *, method, diameters, n_scales, threshold):
    """Blobs of the Laplacian of Gaussian, or of the difference of Gaussians.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    spacing : tuple of float
        In mm.
    method : {"log", "dog"}
    diameters : tuple of two floats
        Smallest and largest diameter in mm.
    n_scales : int
        Number of scales, for ``"log"``.
    threshold : float
        Smallest response, as a fraction of the strongest one.

    Yields
    ------
    spot : Spot
        A ball of the diameter that fits best, and at least one voxel.
    """
    smallest, largest = ([diameter / 2 / sqrt(image.ndim) / step for step in spacing] for diameter in diameters)
    scales = {"num_sigma": n_scales} if method == "log" else {}
    find = blob_log if method == "log" else blob_dog
    found = find(image, smallest, largest, threshold=None, threshold_rel=threshold, **scales)
    for row in found:
        center, sigma = row[: image.ndim], row[image.ndim :]
        yield Spot(image, *_ball(center, sigma[-1] * spacing[-1] * sqrt(image.ndim), spacing, image.shape))


def _ball(center, radius, spacing, shape):
    """Mask of the voxels whose centers lie within the radius (mm) of the one in the middle, and where it begins."""
    middle = np.round(center).astype(int)
    reach = [int(radius / step) for step in spacing]
    start = np.maximum(middle - reach, 0)
    stop = np.minimum(middle + reach + 1, shape)
    offsets = np.ogrid[tuple(slice(first - at, last - at) for first, last, at in zip(start, stop, middle, strict=True))]
    squares = sum((offset * step) ** 2 for offset, step in zip(offsets, spacing, strict=True))
    return squares <= radius**2, tuple(start.tolist())


def components(image, spacing, *, diameters, threshold):
    """Connected voxels that rise above what lies around them.

    Parameters
    ----------
    image, spacing, diameters, threshold
        As for `blobs`; the response is the white top-hat, the image minus its opening by a cube of the largest
        diameter. The longest edge of a component lies between the two diameters.

    Yields
    ------
    spot : Spot
    """
    smallest, largest = diameters
    height = ndimage.white_tophat(image, size=[2 * int(largest / 2 / step) + 1 for step in spacing])
    parts, _ = ndimage.label(height > threshold * height.max(), np.ones((3,) * image.ndim))
    for number, box in enumerate(ndimage.find_objects(parts), start=1):
        inside = parts[box] == number
        if smallest <= max(np.multiply(inside.shape, spacing)) <= largest:
            yield Spot(image, inside, tuple(along.start for along in box))
