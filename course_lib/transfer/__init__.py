"""The transfers: pixel-based, feature-based, and by optimizing the image.

Each name is imported from its room when it is first used, so that a reader of one waits for no
other.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
