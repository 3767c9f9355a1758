"""Synthetic medical images: a finding is painted into an anatomy, and its signs are known."""
