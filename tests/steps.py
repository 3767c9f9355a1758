"""What a step makes of a volume, with masks and affines that need no file."""

import numpy as np


def apply(step, volume):
    """The volume behind a step that learns nothing from its cases."""
    return step.fit([np.ones((2, 2))])._transform_volume(volume)
