"""A small extractor that counts its rows in a file, so that rows of other processes count, too."""

import time
from pathlib import Path

import numpy as np

from radlearn.base import CaseExtractor


class CountedMoments(CaseExtractor):
    """Mean and standard deviation of the region; `log` gets one line per computed row."""

    def __init__(
        self,
        *,
        scale=1.0,
        log=None,
        seconds=0,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.scale = scale
        self.log = log
        self.seconds = seconds
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _names(self):
        return ["mean", "std"]

    def _row(self, volume):
        time.sleep(self.seconds)
        if self.log is not None:
            with Path(self.log).open("a") as file:
                file.write(f"{volume.id}\n")
        values = volume.image[volume.region]
        return self.scale * np.array([values.mean(), values.std()])


def counted(log):
    """Ids of the rows computed so far."""
    return Path(log).read_text().split() if Path(log).exists() else []
