"""A small image with unequal edges, and what PyRadiomics makes of it."""

import numpy as np
import pytest


@pytest.fixture
def image():
    """Noise on a slope, with negative intensities; edges of odd and even length."""
    rng = np.random.default_rng(0)
    return rng.normal(0, 30, (13, 18, 21)) + 5 * np.arange(21.0) - 60


@pytest.fixture
def spacing():
    return 2.5, 1.0, 0.8


@pytest.fixture
def pyradiomics(image, spacing):
    """Function of a name (``"LoG"``) and settings: the responses of PyRadiomics by their names."""
    imageoperations = pytest.importorskip("radiomics.imageoperations")
    sitk = pytest.importorskip("SimpleITK")

    def responses(name, **settings):
        source = sitk.GetImageFromArray(image)
        source.SetSpacing(spacing[::-1])
        generator = getattr(imageoperations, f"get{name}Image")(source, source, **settings)
        return {found: sitk.GetArrayFromImage(response) for response, found, _ in generator}

    return responses
