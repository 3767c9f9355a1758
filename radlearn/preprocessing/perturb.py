"""Random changes of one volume, each by a generator of random numbers: what `Augment` draws from."""

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from radlearn._bounding_box import bounding_box
from radlearn._known import on_known
from radlearn.preprocessing.frame import framed
from radlearn.preprocessing.grid import changed_masks
from radlearn.preprocessing.moving import moved_image, moved_mask


def flipped(volume, axes, rng):
    """Mirror each of some axes, half of the time.

    Parameters
    ----------
    volume : Volume
    axes : str
        Letters out of x, y and z; an axis that the volume does not have is left out.
    rng : Generator

    Returns
    -------
    volume : Volume
        Content is mirrored in its frame, whose affine stays.
    """
    mirrored = ["zyx"[-volume.ndim :].find(axis) for axis in axes if rng.random() < 0.5]
    mirrored = [axis for axis in mirrored if axis >= 0]

    def flip(array):
        return np.ascontiguousarray(np.flip(array, mirrored))

    return volume.but(image=flip(volume.image), **changed_masks(volume, flip))


def moved(volume, angle_deg, scale, shift, rng):
    """Turn, enlarge and shift what a volume shows, around the center of its mask, or of the image where there is none.

    Parameters
    ----------
    volume : Volume
    angle_deg : float
        Largest angle: in the plane of 2-D images and of volumes of one slice, around an axis of random direction in
        other volumes.
    scale : float
        Largest fraction by which the content grows; it shrinks as often by the same factor.
    shift : float
        Largest shift along each axis, as a fraction of its length.
    rng : Generator

    Returns
    -------
    volume : Volume
        On the same grid. The volume itself where nothing would be left of its mask. Beyond the image, intensities are
        those of its edge.
    """
    rotation = _rotation(volume.shape, np.deg2rad(rng.uniform(-angle_deg, angle_deg)), rng)
    factor = (1 + scale) ** rng.uniform(-1, 1)
    spacing = np.array(volume.spacing)
    matrix = np.eye(volume.ndim + 1)
    matrix[:-1, :-1] = rotation / factor * spacing / spacing[:, None]  # distances are in mm
    shows_region = volume.mask is not None and volume.mask.any()
    center = ndimage.center_of_mass(volume.mask) if shows_region else (np.array(volume.shape) - 1) / 2
    offset = rng.uniform(-shift, shift, volume.ndim) * volume.shape if shift else 0.0
    matrix[:-1, -1] = center - matrix[:-1, :-1] @ center + offset
    masks = changed_masks(volume, lambda mask: moved_mask(mask, matrix, volume.shape))
    if shows_region and not masks["mask"].any():
        return volume
    return volume.but(image=moved_image(volume.image, matrix, volume.shape).astype(volume.image.dtype), **masks)


def cropped(volume, part, rng):
    """Cut a random part off each side, but nothing of the mask.

    Parameters
    ----------
    volume : Volume
    part : float
        Largest fraction of the length of an axis that is cut off on each of its sides.
    rng : Generator

    Returns
    -------
    volume : Volume
    """
    lengths = np.array(volume.shape)
    start, end = (np.floor(rng.uniform(0, part, volume.ndim) * lengths).astype(int) for _ in range(2))
    stop = lengths - end
    box = None if volume.mask is None else bounding_box(volume.mask)
    if box is not None:
        start = np.minimum(start, [along.start for along in box])
        stop = np.maximum(stop, [along.stop for along in box])
    return framed(volume, start.tolist(), (stop - start).tolist())


def blurred(volume, sigma, rng):
    """Smooth the image with a Gaussian of at most `sigma` mm."""
    reach = rng.uniform(0, sigma) / np.array(volume.spacing)
    return volume.but(image=on_known(volume.image, lambda image: ndimage.gaussian_filter(image, reach, mode="nearest")))


def shaded(volume, strength, rng):
    """Multiply the image by a smooth field, as the coil of an MR scanner does.

    Parameters
    ----------
    volume : Volume
    strength : float
        Largest absolute logarithm of the field.
    rng : Generator

    Returns
    -------
    volume : Volume
        Its field is the exponential of a random polynomial of second degree.
    """
    axes = np.ogrid[tuple(slice(-1, 1, n * 1j) for n in volume.shape)]
    terms = [*axes, *(one * other for number, one in enumerate(axes) for other in axes[number:])]
    field = sum(weight * term for weight, term in zip(rng.normal(size=len(terms)), terms, strict=True))
    field = field * rng.uniform(0, strength) / (np.abs(field).max() or 1.0)
    return volume.but(image=(volume.image * np.exp(field)).astype(volume.image.dtype))


def recolored(volume, strength, rng):
    """Change contrast by a random factor and brightness by a random offset.

    Parameters
    ----------
    volume : Volume
    strength : float
        Largest fraction by which the standard deviation of the intensities grows or shrinks; also the largest change of
        their mean, in standard deviations.
    rng : Generator

    Returns
    -------
    volume : Volume
    """
    mean, deviation = _moments(volume.image)
    contrast, brightness = (1 + strength) ** rng.uniform(-1, 1), rng.uniform(-strength, strength) * deviation
    image = (volume.image - mean) * contrast + (mean + brightness)
    return volume.but(image=image.astype(volume.image.dtype))


def noisy(volume, strength, rng):
    """Add normally distributed noise of at most `strength` standard deviations of the intensities."""
    _, deviation = _moments(volume.image)
    noise = rng.normal(0, rng.uniform(0, strength) * deviation, volume.shape)
    return volume.but(image=(volume.image + noise).astype(volume.image.dtype))


def _rotation(shape, angle, rng):
    """Matrix of a rotation, in the order of the array's axes."""
    if len(shape) == 2:
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    axis = np.equal(shape, 1).astype(float) if 1 in shape else rng.normal(size=3)
    return Rotation.from_rotvec(angle * axis / np.linalg.norm(axis)).as_matrix()


def _moments(image):
    """Mean and standard deviation of the finite intensities; 0 where there is none."""
    finite = image[np.isfinite(image)]
    return (float(finite.mean(dtype=float)), float(finite.std(dtype=float))) if finite.size else (0.0, 0.0)
