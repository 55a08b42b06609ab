"""Programs that make images for the docs, each run as ``python -m workshop.galleries.NAME``."""
