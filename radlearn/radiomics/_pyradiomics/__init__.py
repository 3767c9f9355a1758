"""PyRadiomics' parameter files, conventions and numbers, piece by piece; see `PyRadiomicsFeatures`."""
