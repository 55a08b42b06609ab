from .autoencoder import Autoencoder, PaintingDecoder
from .errors import CourseError
from .images import load_image, save_image
from .transfer import FeatureTransfer, PixelTransfer, optimize_image

__version__: str

__all__ = [
    "Autoencoder",
    "CourseError",
    "FeatureTransfer",
    "PaintingDecoder",
    "PixelTransfer",
    "load_image",
    "optimize_image",
    "save_image",
]
