from .audio import SoundTransfer
from .feature import FeatureTransfer, StyleCode
from .optimize import ImageOptimizer, optimize_image
from .pixel import PixelTransfer
from .tiles import TransferStopped, reconstruct_tiled
from .video import SteadyTransfer, stylize_video

__all__ = [
    "FeatureTransfer",
    "ImageOptimizer",
    "PixelTransfer",
    "SoundTransfer",
    "SteadyTransfer",
    "StyleCode",
    "TransferStopped",
    "optimize_image",
    "reconstruct_tiled",
    "stylize_video",
]
