"""Spots in an image: where they are, how much they stand out, and how they are found."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log, sqrt

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree
from scipy.special import betainc
from skimage.feature import peak_local_max

from radlearn._bounding_box import box_within, widened
from radlearn._boxes import box_columns, center_and_size

# A blob is dropped if a larger one holds more than this share of it.
MAX_SHARED = 0.5

# Ratio of the two Gaussians whose difference stands for a Laplacian (Marr and Hildreth 1980).
RATIO = 1.6

# A difference is largest for the disc or ball for which the Laplacian of a wider Gaussian is: its narrower Gaussian is
# so many times narrower than that. There, the derivative of the response in the middle by the width is 0.
NARROWER = sqrt(2 * log(RATIO) / (1 - RATIO**-2))


@dataclass(frozen=True, eq=False)
class Spot:
    """A small region of an image.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    inside : ndarray of bool
        Mask of the spot in its box.
    box : tuple of slice
        Part of the image that just holds the spot.
    """

    image: np.ndarray
    inside: np.ndarray
    box: tuple[slice, ...]

    @cached_property
    def center(self):
        """Voxel in the middle of its box."""
        return tuple((along.start + along.stop - 1) // 2 for along in self.box)

    @cached_property
    def contrast(self):
        """How much brighter the spot is than the rest of a box twice as large."""
        wide = widened(self.box, [(length + 1) // 2 for length in self.inside.shape], self.image.shape)
        around = self.image[wide]
        inside = np.zeros(around.shape, bool)
        inside[box_within(self.box, wide)] = self.inside
        outside = around[~inside]
        return float(around[inside].mean() - outside.mean()) if outside.size else 0.0

    def record(self, spacing):
        """Position, size and contrast, for `Case.meta`."""
        volume, ndim = self.inside.sum() * np.prod(spacing), self.inside.ndim
        center, size = box_columns(ndim)
        diameter = 2 * sqrt(volume / np.pi) if ndim == 2 else 2 * (3 * volume / (4 * np.pi)) ** (1 / 3)
        return {
            **dict(zip([*center, *size], center_and_size(self.box), strict=True)),
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
        patch = [slice(at - margin, at + margin + 1) for at, margin in zip(self.center, margins, strict=True)]
        shared = [
            slice(max(one.start, other.start), min(one.stop, other.stop))
            for one, other in zip(self.box, patch, strict=True)
        ]
        mask[box_within(shared, patch)] = self.inside[box_within(shared, self.box)]
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
    smallest, largest = (diameter / 2 / sqrt(image.ndim) for diameter in diameters)
    if method == "log":
        found = _laplacian_blobs(image, spacing, np.geomspace(smallest, largest, n_scales), threshold)
    else:
        found = _difference_blobs(image, spacing, smallest, largest, threshold)
    for center, sigma in found:
        yield Spot(image, *_ball(center, sigma * sqrt(image.ndim), spacing, image.shape))


def _difference_blobs(image, spacing, smallest, largest, threshold):
    """Centers in voxels and standard deviations in mm of the maxima of the difference of Gaussians.

    `skimage.feature.blob_dog` takes the narrower Gaussian for that of a Laplacian: its blobs are a fifth too small.
    """
    n_scales = 1 + int(log(largest / smallest, RATIO) + 1e-9)  # the computed logarithm of 1.6**2 is less than 2
    sigmas = smallest * RATIO ** np.arange(n_scales + 1)
    neighbors = pairwise(_smoothed(image, spacing, sigma / NARROWER) for sigma in sigmas)
    responses = np.stack([(narrow - wide).astype(np.float32) for narrow, wide in neighbors], axis=-1)
    return _maxima(responses, spacing, sigmas, threshold)


def _laplacian_blobs(image, spacing, sigmas, threshold):
    """Centers in voxels and standard deviations in mm of the maxima of the Laplacian of Gaussian.

    `skimage.feature.blob_log` samples the derivative of the Gaussian at the voxels. Where it is hardly wider than a
    voxel, as along the axis of thick slices, these samples do not add up to 0: the response is that of the intensity
    itself. Second differences of the smoothed image add up to 0 at any width.
    """
    responses = np.stack([_laplacian(image, spacing, sigma) for sigma in sigmas], axis=-1)
    return _maxima(responses, spacing, sigmas, threshold)


def _maxima(responses, spacing, sigmas, threshold):
    """Centers in voxels and standard deviations in mm of maxima over places and scales, the last axis."""
    peaks = peak_local_max(
        responses, threshold_rel=threshold, exclude_border=False, footprint=np.ones((3,) * responses.ndim)
    )
    centers, found = peaks[:, :-1], sigmas[peaks[:, -1]]
    for kept in _apart(centers * np.array(spacing), found * sqrt(len(spacing))):
        yield centers[kept], found[kept]


def _laplacian(image, spacing, sigma):
    """Negative Laplacian of the image after a Gaussian of `sigma` mm, times ``sigma**2``, in single precision."""
    smooth = _smoothed(image, spacing, sigma)
    differences = (
        ndimage.correlate1d(smooth, [-1, 2, -1], axis=axis, mode="nearest") / step**2
        for axis, step in enumerate(spacing)
    )
    return (sigma**2 * sum(differences)).astype(np.float32)


def _smoothed(image, spacing, sigma):
    """The image above its minimum after a Gaussian of `sigma` mm."""
    return ndimage.gaussian_filter((image - image.min()).astype(float), [sigma / step for step in spacing])


def _apart(centers, radii):
    """Positions of the balls of which no larger one that is kept holds more than `MAX_SHARED`, the largest first."""
    order = np.argsort(-radii, kind="stable")
    rank, is_kept = np.argsort(order), np.ones(len(radii), bool)
    tree = KDTree(centers)
    for large in order:
        if is_kept[large]:
            for small in tree.query_ball_point(centers[large], 2 * radii[large]):
                distance = np.linalg.norm(centers[large] - centers[small])
                shared = shared_part(distance, radii[large], radii[small], centers.shape[1])
                is_kept[small] &= rank[small] <= rank[large] or shared <= MAX_SHARED
    return order[is_kept[order]]


def shared_part(distance, large, small, ndim):
    """Share of a disc or ball that lies in another one that is at least as large.

    Parameters
    ----------
    distance : float
        Of the centers.
    large, small : float
        The radii.
    ndim : {2, 3}

    Returns
    -------
    share : float
    """
    if distance <= large - small:
        return 1.0
    if distance >= large + small:
        return 0.0
    plane = (distance**2 + large**2 - small**2) / (2 * distance)  # that of the common circle, from the large center
    return (large / small) ** ndim * _cap(plane / large, ndim) + _cap((distance - plane) / small, ndim)


def _cap(depth, ndim):
    """Share of a ball of radius 1 that lies beyond a plane at this distance from its center."""
    part = betainc((ndim + 1) / 2, 0.5, 1 - depth**2) / 2
    return part if depth >= 0 else 1 - part


def _ball(center, radius, spacing, shape):
    """Mask of the voxels whose centers lie within the radius (mm) of the one in the middle, and its box."""
    middle = np.round(center).astype(int).tolist()
    box = widened([slice(at, at + 1) for at in middle], [int(radius / step) for step in spacing], shape)
    offsets = np.ogrid[tuple(slice(along.start - at, along.stop - at) for along, at in zip(box, middle, strict=True))]
    squares = sum((offset * step) ** 2 for offset, step in zip(offsets, spacing, strict=True))
    return squares <= radius**2, box


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
    height = ndimage.white_tophat(image, size=[int(largest / step) + 1 for step in spacing])
    parts, _ = ndimage.label(height > threshold * height.max(), np.ones((3,) * image.ndim))
    for number, box in enumerate(ndimage.find_objects(parts), start=1):
        inside = parts[box] == number
        if smallest <= max(np.multiply(inside.shape, spacing)) <= largest:
            yield Spot(image, inside, box)
