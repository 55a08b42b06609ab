"""The convolutional autoencoder: an encoder that sees, decoders that reconstruct or paint.

The architecture is plain on purpose: 3x3 convolutions, reflect padding, ReLU, pooling by 2 between
levels, no skip connection from encoder to decoder. What the decoder shows is then what the code
holds, and nothing else.

    layers.py     what the models are made of: convolution, pooling and ways back from it
    coders.py     Encoder and Decoder
    model.py      Autoencoder: both, trained together
    painting.py   PaintingDecoder: a decoder that takes on a style's statistics at every level
    storage.py    models in files
"""

from course_lib.autoencoder.coders import POOLINGS, Decoder, Encoder
from course_lib.autoencoder.layers import (
    TAPS,
    UPSAMPLINGS,
    ReflectConv2D,
    Upsample,
    center,
    convolve,
    double,
    half,
    level_sizes,
    make_even,
    max_pool_with_switches,
    tap_names,
    uncenter,
    unpool,
)
from course_lib.autoencoder.model import SMALLEST_IMAGE, Autoencoder
from course_lib.autoencoder.painting import PaintingDecoder
from course_lib.autoencoder.storage import (
    UNREADABLE,
    load_model,
    networks_of,
    save_model,
    write_arrays,
)

__all__ = [
    "POOLINGS",
    "SMALLEST_IMAGE",
    "TAPS",
    "UNREADABLE",
    "UPSAMPLINGS",
    "Autoencoder",
    "Decoder",
    "Encoder",
    "PaintingDecoder",
    "ReflectConv2D",
    "Upsample",
    "center",
    "convolve",
    "double",
    "half",
    "level_sizes",
    "load_model",
    "make_even",
    "max_pool_with_switches",
    "networks_of",
    "save_model",
    "tap_names",
    "uncenter",
    "unpool",
    "write_arrays",
]
