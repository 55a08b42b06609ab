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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
