"""DICOM: series, single images and multi-frame objects, and the masks of segmentations and structure sets."""
