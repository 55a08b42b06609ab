"""Programs that make pictures for the docs, each run as ``python -m workshop.galleries.NAME``."""
