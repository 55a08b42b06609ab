from .audio import SoundTransfer
from .codes import StyleCode
from .common import TransferStopped
from .feature import FeatureTransfer
from .optimize import ImageOptimizer, OptimizeTransfer, optimize_image
from .pixel import PixelTransfer
from .tiled import reconstruct_tiled
from .video import SteadyTransfer, stylize_video

__all__ = [
    "FeatureTransfer",
    "ImageOptimizer",
    "OptimizeTransfer",
    "PixelTransfer",
    "SoundTransfer",
    "SteadyTransfer",
    "StyleCode",
    "TransferStopped",
    "optimize_image",
    "reconstruct_tiled",
    "stylize_video",
]
