"""Segmentations (DICOM SEG): one bit, or one label, per pixel of its frames."""

from functools import cached_property

import numpy as np

from radlearn.exceptions import GeometryError
from radlearn.io.dicom.frames import frames_of
from radlearn.io.dicom.pixels import stored_frames, stored_pixels
from radlearn.io.errors import cannot_read

# Fraction of a voxel by which a frame may lie off the grid of the image; headers are rounded.
_TOLERANCE = 0.1


class Segmentation:
    """Segments of a file.

    Parameters
    ----------
    source : FileSource
    header : pydicom.Dataset
        From `read_header`.

    Attributes
    ----------
    names : dict of int to str
        Labels of the segments by their numbers.
    frames_of_reference : dict of int to str
        Identifier of the coordinates of each segment.

    Raises
    ------
    ImageReadError
        If it holds probabilities.
    """

    def __init__(self, source, header):
        kind = header.get("SegmentationType")
        if kind not in ("BINARY", "LABELMAP"):
            problem = "it holds probabilities or an unknown kind of segments"
            raise cannot_read(source.name, problem, "threshold them and save a binary segmentation")
        self.source = source
        self.names = {int(item.SegmentNumber): str(item.get("SegmentLabel", "")) for item in header.SegmentSequence}
        self.frames_of_reference = dict.fromkeys(self.names, header.get("FrameOfReferenceUID"))
        self._is_label_map = kind == "LABELMAP"
        self._frames = frames_of(source, header)
        self._numbers = None if self._is_label_map else [_segment_number(header, frame) for frame in self._frames]

    def region(self, number, image):
        """Region of a segment on the grid of an image.

        Parameters
        ----------
        number : int
            Of the segment.
        image : ImageData
            A volume; or a picture, for a segment of one frame of its size.

        Returns
        -------
        region : ndarray of bool, of the shape of the image

        Raises
        ------
        GeometryError
            If a frame does not lie on the grid.
        """
        region = np.zeros(image.array.shape, bool)
        wanted = [f for f in self._frames if self._is_label_map or self._numbers[f.index] == number]
        planes = self._planes if self._is_label_map else self._stored(wanted)
        for frame, stored in zip(wanted, planes, strict=True):
            inside = stored == number if self._is_label_map else stored != 0
            region[self._place(frame, image, len(wanted))] |= inside
        return region

    @cached_property
    def _pixels(self):
        """Content of the file, read once for all segments."""
        return stored_pixels(self.source)

    @cached_property
    def _planes(self):
        """All frames of a label map, in each of which any segment may lie, decoded once."""
        return list(self._stored(self._frames))

    def _stored(self, frames):
        """Pixels of the frames as they are stored, one frame after another."""
        return (stored for stored, _ in stored_frames(self.source, [each.index for each in frames], self._pixels))

    def _place(self, frame, image, n_frames):
        """Index of the part of the image that a frame covers."""
        if image.array.ndim == 2:
            if n_frames > 1 or frame.shape != image.array.shape:
                raise self._misplaced(f"has {n_frames} frames of {frame.shape}, the picture {image.array.shape} pixels")
            return ...
        if image.affine is None or not frame.is_placed or frame.spacing is None:
            raise self._misplaced("or its image does not say where it lies")
        # Its first pixel, the last of its first row and the last of all tell place, directions and distances.
        rows, columns = np.subtract(frame.shape, 1)
        ends = np.array([(0, 0), (0, columns), (rows, columns)])
        world = frame.position + (ends * frame.spacing) @ frame.directions[::-1]
        voxels = np.column_stack([world, np.ones(3)]) @ np.linalg.inv(image.affine).T
        z, y, x = first = np.round(voxels[0, :3]).astype(int)
        on_grid = first + np.column_stack([np.zeros(3, int), ends])
        if np.abs(voxels[:, :3] - on_grid).max() > _TOLERANCE:
            raise self._misplaced(f"has a frame at the voxels {voxels[:, :3].round(2).tolist()}, beside the grid")
        if (on_grid < 0).any() or (on_grid >= image.array.shape).any():
            raise self._misplaced(f"has a frame at slice {z + 1}, outside of the image")
        return z, slice(y, y + rows + 1), slice(x, x + columns + 1)

    def _misplaced(self, what):
        return GeometryError(
            f"the segmentation '{self.source.name}' {what}",
            "check that it was drawn on this series, or resample both, for example with SimpleITK",
        )


def _segment_number(header, frame):
    for place in (*header.PerFrameFunctionalGroupsSequence[frame.index : frame.index + 1], *_shared(header)):
        if "SegmentIdentificationSequence" in place:
            return int(place.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
    raise ValueError


def _shared(header):
    return header.get("SharedFunctionalGroupsSequence") or []
