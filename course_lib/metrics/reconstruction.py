"""How close a reconstruction is to its image, and how small a code is."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.checks import as_floats, as_number
from course_lib.errors import ArgumentError
from course_lib.metrics.checks import as_batch, comparable, need_room

SSIM_WINDOW = 7


def psnr(image: Any, other: Any) -> float:
    """Peak signal-to-noise ratio: the squared error, on a scale that one can remember.

    Twice the error is 6 dB less. Up to about 25 dB a reconstruction looks soft or noisy beside its
    photograph, above 35 dB hardly anybody sees a difference.

    Args:
        image: image (height, width, 3) or images (batch, height, width, 3), array or tensor, float
            in [0, 1] or uint8. Values slightly outside [0, 1] count as they are.
        other: what it is compared with, of the same shape. The order does not matter.

    Returns:
        10 log10(1 / MSE) in decibels, the mean squared error MSE being taken over all values, those
        of a whole batch together. From about 0 (black for white) upward, higher is better, infinity
        where the two are equal.

    Raises:
        ArgumentError: shapes that differ, NaN, or values that cannot be an image's.

    Source: the usual definition with a peak of 1, as in Huynh-Thu and Ghanbari, "Scope of Validity
    of PSNR in Image/Video Quality Assessment", Electronics Letters 2008.
    """
    first, second = comparable(image, other)
    squared_error = float(np.mean(np.square(first - second)))
    return math.inf if squared_error == 0 else -10 * math.log10(squared_error)


def ssim(image: Any, other: Any) -> float:
    """Structural similarity: do small windows agree in brightness, contrast and pattern?

    Args:
        image: image (height, width, 3) or images (batch, height, width, 3), array or tensor, float
            in [0, 1] or uint8; each side at least 7 pixels.
        other: what it is compared with, of the same shape. The order does not matter.

    Returns:
        The mean over all windows of 7 x 7 pixels, channels and images. In [-1, 1], higher is
        better, 1 where the two are equal; unrelated images come near 0.

    Raises:
        ArgumentError: as for `psnr`, or a side shorter than the window.

    Source: Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
    Structural Similarity", IEEE TIP 2004, equation 13; with a uniform window, as scikit-image has
    it by default.
    """
    first, second = (as_batch(one) for one in comparable(image, other))
    need_room(first.shape, SSIM_WINDOW, f"SSIM, whose windows have {SSIM_WINDOW} x {SSIM_WINDOW}")
    return float(np.mean([ssim_map(*pair) for pair in zip(first, second, strict=True)]))


def ssim_map(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM of every window of two images, as scikit-image computes it.

    Args:
        a: array (height, width, channels) in [0, 1].
        b: array of the same shape.

    Returns:
        Array (height - 6, width - 6, channels) with values in [-1, 1].
    """
    from skimage.metrics import structural_similarity

    edge = SSIM_WINDOW // 2
    _, similar = structural_similarity(
        a,
        b,
        win_size=SSIM_WINDOW,
        channel_axis=-1,
        data_range=1.0,
        full=True,
    )
    return similar[edge:-edge, edge:-edge]


def compression_ratio(image_shape: Sequence[int], code_shape: Sequence[int]) -> float:
    """How many numbers of the image there are for each number of its code.

    Args:
        image_shape: (height, width, 3).
        code_shape: (height, width, channels) of a code that is a feature map, or (length,) of one
            that is a vector.

    Returns:
        The number of values in the image divided by that in the code. Above 1 the code is a
        bottleneck; at 1 or below it could hold a plain copy of the image.

    Raises:
        ArgumentError: a size that is not positive.
    """
    for shape in (image_shape, code_shape):
        if np.ndim(shape) != 1 or not len(shape) or not min(map(as_number, shape)) >= 1:
            raise ArgumentError(f"{shape!r} is no shape: every size must be 1 or more.")
    return math.prod(image_shape) / math.prod(code_shape)


def bits_per_pixel(symbols: Any, pixels: int) -> float:
    """How many bits a code takes for each pixel of the image, when it is stored well.

    Args:
        symbols: the code as whole numbers, of any shape: for example features divided by a step
            and rounded.
        pixels: the image's height times its width.

    Returns:
        The entropy of the symbols, times their number, divided by the pixels. This is what an
        ideal coder needs that knows how often each symbol occurs and nothing else. At least 0,
        lower is smaller; an 8-bit RGB image as it stands in memory takes 24.

    Raises:
        ArgumentError: numbers that are not whole, or no pixels.

    Source: Shannon, "A Mathematical Theory of Communication", 1948, section 6.
    """
    array = as_floats(symbols, "the code")
    if not as_number(pixels) >= 1:
        raise ArgumentError(f"pixels={pixels!r}: give the image's height times its width.")
    if not np.array_equal(array, np.round(array)):
        raise ArgumentError(
            "bits can be counted for whole numbers only: divide the code by a step and round it."
        )
    _, counts = np.unique(array, return_counts=True)
    shares = counts / array.size
    return float(-np.sum(shares * np.log2(shares)) * array.size / pixels)
