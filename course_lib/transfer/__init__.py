"""The transfers: pixel-based, feature-based, and by optimizing the image.

Each name is imported from its room when it is first used, so that a reader of one waits for no
other.
"""

import importlib

HOMES = {
    "FeatureTransfer": "feature",
    "StyleCode": "feature",
    "TransferError": "feature",
    "ImageOptimizer": "optimize",
    "optimize_image": "optimize",
    "PixelTransfer": "pixel",
    "SoundTransfer": "audio",
    "SteadyTransfer": "video",
    "stylize_video": "video",
    "TransferStopped": "tiles",
    "reconstruct_tiled": "tiles",
}


def __getattr__(name):
    """Import a transfer from where it is written."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__():
    """The transfers there are."""
    return sorted(HOMES)
