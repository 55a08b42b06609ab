"""A hands-on course on autoencoders in image style transfer: the library that its lessons build.

Importing this package imports no deep-learning framework; each name is imported from its room when
it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
