"""Public image sets: for each a record of origin, terms, checksums and pitfalls, and the function that reads it."""
