"""Networks, each built from plain arguments that can be written to a file."""

from radlearn.keras.networks.image import build_image_network

__all__ = ["build_image_network"]
