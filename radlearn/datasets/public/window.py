"""Pending step that cuts a window out of a 2-D image when a case is loaded."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """Rectangle of an image in pixels; what lies outside the image repeats its border.

    Parameters
    ----------
    start, stop : tuple of int
        First pixel and the one behind the last, ``(y, x)``.
    """

    start: tuple[int, int]
    stop: tuple[int, int]

    name = "Window"

    def run(self, case):
        """Load `case` and keep the window."""
        volume = case.load()
        pixels = [np.arange(low, high) for low, high in zip(self.start, self.stop, strict=True)]
        inside = np.ix_(*(np.clip(line, 0, size - 1) for line, size in zip(pixels, volume.shape, strict=True)))
        record = {"step": self.name, "parameters": {"start": list(self.start), "stop": list(self.stop)}}
        mask = None if volume.mask is None else volume.mask[inside]
        return volume.but(image=volume.image[inside], mask=mask, affine=None, history=(*volume.history, record))

    def fingerprint(self):
        """The corners."""
        return f"window {self.start} {self.stop}"
