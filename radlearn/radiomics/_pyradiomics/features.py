"""All feature classes of PyRadiomics 3.0.1, and which of their features need to be asked for by name."""

from radlearn.radiomics._pyradiomics.firstorder import FIRSTORDER
from radlearn.radiomics._pyradiomics.glcm import GLCM_CLASS
from radlearn.radiomics._pyradiomics.shape import SHAPE_2D_CLASS, SHAPE_CLASS
from radlearn.radiomics._pyradiomics.texture import GLDM_CLASS, GLRLM_CLASS, GLSZM_CLASS, NGTDM_CLASS

# In the order in which PyRadiomics computes them by default.
CLASSES = {
    "firstorder": FIRSTORDER,
    "glcm": GLCM_CLASS,
    "gldm": GLDM_CLASS,
    "glrlm": GLRLM_CLASS,
    "glszm": GLSZM_CLASS,
    "ngtdm": NGTDM_CLASS,
    "shape": SHAPE_CLASS,
    "shape2D": SHAPE_2D_CLASS,
}

FEATURES = {name: tuple(feature_class.features) for name, feature_class in CLASSES.items()}

# Equal to others up to a power or a factor, so that PyRadiomics computes them only where they are named.
ON_REQUEST = {
    "firstorder": frozenset({"StandardDeviation"}),
    "shape": frozenset({"Compactness1", "Compactness2", "SphericalDisproportion"}),
    "shape2D": frozenset({"SphericalDisproportion"}),
}

# Names that PyRadiomics knows and gives no column for, and what they equal.
WITHDRAWN = {
    "glcm": {
        "Dissimilarity": "DifferenceAverage",
        "Homogeneity1": "Id",
        "Homogeneity2": "Idm",
        "SumVariance": "ClusterTendency",
    },
    "gldm": {"GrayLevelNonUniformityNormalized": "Uniformity of firstorder", "DependencePercentage": "1"},
}
