"""What the compiled loops of all packages share."""
