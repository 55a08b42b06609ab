"""The transfers: pixel-based, feature-based, and by optimizing the image.

    common.py     what all transfers share: prepare, apply, strength, mixing, masks, colors
    pixel.py      PixelTransfer: the style's pixel values on the content, then the autoencoder
    feature.py    FeatureTransfer: the style's statistics in the content's features
    optimize.py   OptimizeTransfer and optimize_image: the image's pixels are the unknowns
    video.py      SteadyTransfer and stylize_video: frame by frame, and yet one image in motion
    audio.py      SoundTransfer: a spectrogram is an image, a timbre a style

Each name is imported from its room when it is first used, so that a reader of one waits for no
other.
"""

import importlib

HOMES = {
    "FeatureTransfer": "feature",
    "StyleCode": "codes",
    "TransferError": "feature",
    "ImageOptimizer": "optimize",
    "OptimizeTransfer": "optimize",
    "optimize_image": "optimize",
    "PixelTransfer": "pixel",
    "SoundTransfer": "audio",
    "SteadyTransfer": "video",
    "stylize_video": "video",
    "TransferStopped": "common",
    "reconstruct_tiled": "tiled",
}


def __getattr__(name):
    """Import a transfer from where it is written."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__():
    """The transfers there are."""
    return sorted(HOMES)
