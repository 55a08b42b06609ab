"""A hands-on course on autoencoders in image style transfer: the library that its lessons build.

Importing this package imports no deep-learning framework; the rooms that need one load it when they
are used.
"""

__version__ = "0.1.0"
