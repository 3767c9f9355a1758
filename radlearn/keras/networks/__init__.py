"""Networks, each built from plain arguments that can be written to a file."""

from radlearn.keras.networks.hybrid import build_hybrid
from radlearn.keras.networks.image import build_image_network
from radlearn.keras.networks.sequence import build_sequence
from radlearn.keras.networks.transfer import build_transfer

__all__ = ["build_hybrid", "build_image_network", "build_sequence", "build_transfer"]
