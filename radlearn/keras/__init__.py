"""Deep models on cohorts, as scikit-learn estimators: optional, on Keras 3 with TensorFlow, PyTorch or JAX.

Importing this package checks that Keras and a backend are installed; Keras itself is imported when the first network
is built.
"""

from radlearn.keras._backend import choose_backend
from radlearn.keras.attack import accuracy_under_attack, fgsm, pgd
from radlearn.keras.augmentation import random_flips_and_shifts
from radlearn.keras.cnn import CNNClassifier
from radlearn.keras.explanation import grad_cam, integrated_gradients, occlusion
from radlearn.keras.files import export_keras, load_network, read_keras, save_network
from radlearn.keras.hybrid import HybridClassifier
from radlearn.keras.segmentation import ASPPSegmenter, UNetSegmenter, VNetSegmenter
from radlearn.keras.sequence import SequenceClassifier
from radlearn.keras.transfer import TransferClassifier

__all__ = [
    "ASPPSegmenter",
    "CNNClassifier",
    "HybridClassifier",
    "SequenceClassifier",
    "TransferClassifier",
    "UNetSegmenter",
    "VNetSegmenter",
    "accuracy_under_attack",
    "export_keras",
    "fgsm",
    "grad_cam",
    "integrated_gradients",
    "load_network",
    "occlusion",
    "pgd",
    "random_flips_and_shifts",
    "read_keras",
    "save_network",
]

choose_backend()
