"""How good is it, in numbers: how close a reconstruction is, and how small a code.

Every metric says what it ranges over and which way is better. They are for looking, not for
training: they return plain Python numbers, without gradients. What training makes small is in
`course_lib.losses`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

SSIM_WINDOW = 7
# A reconstruction that was not clipped leaves [0, 1] a little; pictures in 0 to 255 leave it far.
FAR_OUT = 2.0


class MetricError(ValueError):
    """Two things cannot be compared; the message says which and why."""


def psnr(a: Any, b: Any) -> float:
    """Peak signal-to-noise ratio: the squared error, on a scale that one can remember.

    Twice the error is 6 dB less. Up to about 25 dB a reconstruction looks soft or noisy beside its
    photograph, above 35 dB hardly anybody sees a difference.

    Args:
        a: picture (height, width, 3) or images (batch, height, width, 3), array or tensor, float
            in [0, 1] or uint8. Values slightly outside [0, 1] count as they are.
        b: what it is compared with, of the same shape. The order does not matter.

    Returns:
        10 log10(1 / MSE) in decibels, the mean squared error MSE being taken over all values, those
        of a whole batch together. From about 0 (black for white) upward, higher is better, infinity
        where the two are equal.

    Raises:
        MetricError: shapes that differ, NaN, or values that cannot be a picture's.

    Source: the usual definition with a peak of 1, as in Huynh-Thu and Ghanbari, "Scope of Validity
    of PSNR in Image/Video Quality Assessment", Electronics Letters 2008.
    """
    first, second = _comparable(a, b)
    squared_error = float(np.mean(np.square(first - second)))
    return math.inf if squared_error == 0 else -10 * math.log10(squared_error)


def ssim(a: Any, b: Any) -> float:
    """Structural similarity: do small windows agree in brightness, contrast and pattern?

    Args:
        a: picture (height, width, 3) or images (batch, height, width, 3), array or tensor, float
            in [0, 1] or uint8; each side at least 7 pixels.
        b: what it is compared with, of the same shape. The order does not matter.

    Returns:
        The mean over all windows of 7 x 7 pixels, channels and pictures. In [-1, 1], higher is
        better, 1 where the two are equal; unrelated pictures come near 0.

    Raises:
        MetricError: as for `psnr`, or a side shorter than the window.

    Source: Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
    Structural Similarity", IEEE TIP 2004, equation 13; computed by scikit-image with its default
    uniform window.
    """
    from skimage.metrics import structural_similarity

    first, second = _comparable(a, b)
    if min(first.shape[-3:-1]) < SSIM_WINDOW:
        raise MetricError(
            f"pictures of {first.shape[-3]} x {first.shape[-2]} pixels are too small for SSIM: its "
            f"windows have {SSIM_WINDOW} x {SSIM_WINDOW}."
        )
    batches = (one.reshape(-1, *one.shape[-3:]) for one in (first, second))
    values = [
        structural_similarity(one, other, win_size=SSIM_WINDOW, channel_axis=-1, data_range=1.0)
        for one, other in zip(*batches, strict=True)
    ]
    return float(np.mean(values))


def compression_ratio(picture_shape: Sequence[int], code_shape: Sequence[int]) -> float:
    """How many numbers of the picture there are for each number of its code.

    Args:
        picture_shape: (height, width, 3).
        code_shape: (height, width, channels) of a code that is a feature map, or (length,) of one
            that is a vector.

    Returns:
        The number of values in the picture divided by that in the code. Above 1 the code is a
        bottleneck; at 1 or below it could hold a plain copy of the picture.

    Raises:
        MetricError: a size that is not positive.
    """
    for shape in (picture_shape, code_shape):
        if not len(shape) or min(shape) < 1:
            raise MetricError(f"{tuple(shape)} is no shape: every size must be 1 or more.")
    return math.prod(picture_shape) / math.prod(code_shape)


def bits_per_pixel(symbols: Any, pixels: int) -> float:
    """How many bits a code takes for each pixel of the picture, when it is stored well.

    Args:
        symbols: the code as whole numbers, of any shape: for example features divided by a step
            and rounded.
        pixels: the picture's height times its width.

    Returns:
        The entropy of the symbols, times their number, divided by the pixels. This is what an
        ideal coder needs that knows how often each symbol occurs and nothing else. At least 0,
        lower is smaller; an 8-bit RGB picture as it stands in memory takes 24.

    Raises:
        MetricError: numbers that are not whole, or no pixels.

    Source: Shannon, "A Mathematical Theory of Communication", 1948, section 6.
    """
    array = _array(symbols)
    if pixels < 1:
        raise MetricError(f"pixels={pixels!r}: give the picture's height times its width.")
    if not np.array_equal(array, np.round(array)):
        raise MetricError(
            "bits can be counted for whole numbers only: divide the code by a step and round it."
        )
    _, counts = np.unique(array, return_counts=True)
    shares = counts / array.size
    return float(-np.sum(shares * np.log2(shares)) * array.size / pixels)


def _comparable(a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures or batches of the same shape, as float64 arrays in about [0, 1]."""
    first, second = _unit_range(a), _unit_range(b)
    if first.shape != second.shape:
        raise MetricError(
            f"the shapes {first.shape} and {second.shape} differ. Compare pictures of one size, "
            "and a picture with a picture, not with a batch (write batch[0])."
        )
    return first, second


def _unit_range(value: Any) -> np.ndarray:
    array = _array(value)
    if array.ndim not in (3, 4) or array.size == 0:
        raise MetricError(
            f"an array of shape {array.shape} is neither a picture (height, width, 3) nor a batch "
            "(batch, height, width, 3)."
        )
    values = array.astype(np.float64)
    if array.dtype == np.uint8:
        return values / 255
    if not np.all(np.isfinite(values)):
        raise MetricError("there is NaN or infinity in one of the pictures.")
    if np.max(np.abs(values)) > FAR_OUT:
        raise MetricError(
            f"values from {values.min():.3g} to {values.max():.3g} are not in [0, 1]. Divide by "
            "255 first, or give uint8."
        )
    return values


def _array(value: Any) -> np.ndarray:
    """An array, list or tensor of any backend as a NumPy array."""
    if isinstance(value, (np.ndarray, list, tuple)):
        return np.asarray(value)
    # Only a tensor needs Keras, and whoever has one has imported it already.
    from keras import ops

    return np.asarray(ops.convert_to_numpy(value))
