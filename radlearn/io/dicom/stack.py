"""Slices in the order of their positions along the normal: checked for gaps, repeats and tilt, and repaired."""

from dataclasses import dataclass, field
from math import inf

import numpy as np
from scipy import ndimage

from radlearn.exceptions import GeometryError
from radlearn.io.limits import check_declared_size

# Slices nearer than this lie at one position.
_SAME_PLACE_MM = 0.005
# Fraction of a voxel by which a slice may deviate from an even grid; headers are rounded.
_TOLERANCE = 0.05
# Tilt below which the axes count as rectangular: 0.06 degrees, as in other formats.
_MAX_TILT = 1e-3
# Rows of a table that a message shows.
_MAX_LISTED = 12


@dataclass(eq=False)
class Stack:
    """Frames of one series in the order of their normal.

    Parameters
    ----------
    name : str
        The series as the user knows it.
    frames : list of Frame
        All of one size and orientation, placed in the world; in any order.
    pixel : tuple of float
        Distance of pixel centers in mm, along y and along x.

    Attributes
    ----------
    places : ndarray of shape (n,)
        Where the slices lie along the normal, in mm.
    step : float
        Distance between slices in mm; the median where it varies, NaN for a single slice.
    changes : list of str
        What was repaired.
    """

    name: str
    frames: list
    pixel: tuple[float, float]
    changes: list = field(default_factory=list)

    def __post_init__(self):
        self._sort(sorted(self.frames, key=self._place))

    def check(self):
        """Refuse slices that do not form a rectangular grid.

        Raises
        ------
        GeometryError
            With a table of the slices that are repeated, missing, uneven or shifted.
        """
        for problem, rows in (self._repeated(), self._uneven(), self._tilted()):
            if rows:
                raise GeometryError(
                    f"the slices of '{self.name}' {problem}:\n{table(rows)}\n",
                    "export the series again, list the files that belong together, or repair it with "
                    "DicomSource(..., repair=True)",
                )

    def drop_repeated(self, are_equal):
        """Keep the first of several slices at one position, if all of them have the same pixels.

        Parameters
        ----------
        are_equal : callable
            Whether two frames have the same values.

        Raises
        ------
        GeometryError
            If their pixels differ, as those of two acquisitions do.
        """
        kept = [self.frames[0]]
        for frame, gap in zip(self.frames[1:], self._gaps, strict=True):
            if gap >= _SAME_PLACE_MM:
                kept.append(frame)
            elif not are_equal(kept[-1], frame):
                _, rows = self._repeated()
                raise GeometryError(
                    f"the slices of '{self.name}' lie at one position and differ, as those of two acquisitions "
                    f"do:\n{table(rows)}\n",
                    "give the files of one acquisition as a list",
                )
        if dropped := len(self.frames) - len(kept):
            self.changes.append(f"{dropped} repeated slices dropped")
            self._sort(kept)

    def straighten(self, values):
        """Undo tilt and uneven distances by linear interpolation.

        Parameters
        ----------
        values : ndarray of shape (z, y, x)

        Returns
        -------
        values : ndarray of shape (z', y', x')
            On a rectangular grid of even distances.
        origin : ndarray of shape (3,)
            World coordinates of the center of its first voxel.
        """
        origin = self.frames[0].position
        if self._tilted()[1]:
            values, origin = self._untilted(values)
            self.changes.append(f"shift of {np.abs(self._shifts[-1]).max():.1f} mm along the slices undone")
        if self._uneven()[1]:
            values = self._evened(values)
            self.changes.append(f"{len(self.places)} uneven slices interpolated to {len(values)} even ones")
        return values, origin

    def _sort(self, frames):
        self.frames = frames
        self.places = np.array([self._place(frame) for frame in frames])
        self._gaps = np.diff(self.places)
        apart = self._gaps[self._gaps >= _SAME_PLACE_MM]
        usual = float(np.median(apart)) if apart.size else np.nan
        even = np.linspace(self.places[0], self.places[-1], len(frames))
        self._is_even = len(frames) < 3 or np.abs(self.places - even).max() <= _TOLERANCE * usual
        # Headers round the positions, so the mean distance is more accurate than any single one.
        self.step = round(float(np.mean(apart)) if self._is_even and apart.size else usual, 6)
        # How far each slice is shifted against the first along y and x, in mm.
        moved = np.array([frame.position for frame in frames]) - frames[0].position
        self._shifts = moved @ frames[0].directions[::-1].T

    def _place(self, frame):
        return float(frame.position @ self.frames[0].normal)

    def _repeated(self):
        same = np.flatnonzero(self._gaps < _SAME_PLACE_MM)
        rows = [("slices", "at mm", "files")]
        for k in same:
            files = dict.fromkeys(frame.file_name for frame in self.frames[k : k + 2])
            rows.append((f"{k + 1}, {k + 2}", f"{self.places[k]:.2f}", ", ".join(files)))
        return "lie at one position", rows if same.size else []

    def _uneven(self):
        """Table of the distances that differ from the usual one; empty if the slices lie on an even grid."""
        if self._is_even:
            return "", []
        rows = [("after slice", "at mm", "distance mm", "missing")]
        for k in np.flatnonzero(np.abs(self._gaps - self.step) > _TOLERANCE * self.step):
            times = self._gaps[k] / self.step
            missing = round(times) - 1 if abs(times - round(times)) < _TOLERANCE * 2 else "?"
            rows.append((k + 1, f"{self.places[k]:.2f}", f"{self._gaps[k]:.3g}", missing))
        return f"are missing or not {self.step:.3g} mm apart", rows

    def _tilted(self):
        length = self.places[-1] - self.places[0]
        if np.abs(self._shifts).max() <= max(_TOLERANCE * min(self.pixel), _MAX_TILT * length):
            return "", []
        angle = np.degrees(np.arctan2(np.linalg.norm(self._shifts[-1]), length))
        rows = [("slice", "at mm", "moved along y mm", "along x mm")]
        rows += [
            (k + 1, f"{self.places[k]:.2f}", *(f"{shift:.2f}" for shift in self._shifts[k]))
            for k in (0, len(self.places) - 1)
        ]
        return f"are shifted against each other (gantry tilt of {angle:.1f} degrees)", rows

    def _untilted(self, values):
        """Slices moved along y and x to where they were measured, on a grid that holds them all."""
        moves = self._shifts / self.pixel
        low, high = np.floor(moves.min(axis=0)), np.ceil(moves.max(axis=0))
        n_rows, n_columns = np.add(values.shape[1:], high - low).astype(int)
        check_declared_size(self.name, (len(values), n_rows, n_columns), values.dtype, file_bytes=inf)
        # Voxels that no slice covers get the smallest value, which is air.
        air = values.min()
        straight = np.full((len(values), n_rows, n_columns), air)
        straight[:, : values.shape[1], : values.shape[2]] = values
        for plane, move in zip(straight, moves - low, strict=True):
            plane[:] = ndimage.shift(plane, move, order=1, mode="grid-constant", cval=air)
        return straight, self.frames[0].position + (low * self.pixel) @ self.frames[0].directions[::-1]

    def _evened(self, values):
        n_slices = int((self.places[-1] - self.places[0]) / self.step + _TOLERANCE) + 1
        check_declared_size(self.name, (n_slices, *values.shape[1:]), values.dtype, file_bytes=inf)
        wanted = np.minimum(self.places[0] + self.step * np.arange(n_slices), self.places[-1])
        upper = np.clip(np.searchsorted(self.places, wanted), 1, len(self.places) - 1)
        weight = (wanted - self.places[upper - 1]) / self._gaps[upper - 1]
        weight = weight.astype(values.dtype)[:, np.newaxis, np.newaxis]
        return (1 - weight) * values[upper - 1] + weight * values[upper]


def table(rows):
    """Text of a table with aligned columns; of a long table only the first rows.

    Parameters
    ----------
    rows : list of tuple
        The first holds the names of the columns.

    Returns
    -------
    text : str

    Examples
    --------
    >>> print(table([("slices", "at mm"), ("1, 2", "-5.00")]))
      slices  at mm
      1, 2    -5.00
    """
    texts = [[str(cell) for cell in row] for row in rows[: _MAX_LISTED + 1]]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in texts]
    more = len(rows) - len(texts)
    return "\n".join(lines + ([f"  and {more} more"] if more else []))
