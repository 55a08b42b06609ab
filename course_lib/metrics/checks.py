"""What every metric asks of the images it is given."""

from typing import Any

import numpy as np

from course_lib.checks import as_array
from course_lib.errors import ArgumentError

# A reconstruction that was not clipped leaves [0, 1] a little; images in 0 to 255 leave it far.
FAR_OUT = 2.0


def comparable(a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two images or batches of the same shape, as float64 arrays in about [0, 1]."""
    first, second = unit_range(a), unit_range(b)
    if first.shape != second.shape:
        raise ArgumentError(
            f"the shapes {first.shape} and {second.shape} differ. Compare images of one size, "
            "and an image with an image, not with a batch (write batch[0])."
        )
    return first, second


def unit_range(value: Any) -> np.ndarray:
    """An image or a batch as float64 in about [0, 1], or an ArgumentError that says why not."""
    array = as_array(value)
    if array.dtype.kind not in "fiub":
        raise ArgumentError(f"{type(value).__name__} is no image: give an array of numbers.")
    if array.ndim not in (3, 4) or array.size == 0:
        raise ArgumentError(
            f"an array of shape {array.shape} is neither an image (height, width, 3) nor a batch "
            "(batch, height, width, 3)."
        )
    values = array.astype(np.float64)
    if array.dtype == np.uint8:
        return values / 255
    if not np.all(np.isfinite(values)):
        raise ArgumentError("there is NaN or infinity in one of the images.")
    if np.max(np.abs(values)) > FAR_OUT:
        raise ArgumentError(
            f"values from {values.min():.3g} to {values.max():.3g} are not in [0, 1]. Divide by "
            "255 first, or give uint8."
        )
    return values


def as_batch(value: Any) -> np.ndarray:
    """An image or a batch as a batch (batch, height, width, channels), float64 in [0, 1]."""
    array = unit_range(value)
    return array.reshape(-1, *array.shape[-3:])


def gray(value: Any, *, smallest: int = 1, what: str = "") -> np.ndarray:
    """An image or a batch as brightness, the mean of its channels: (batch, height, width).

    Args:
        value: image or images.
        smallest: the least that each side must have.
        what: what needs that, for the error.
    """
    batch = as_batch(value)
    need_room(batch.shape, smallest, what)
    return batch.mean(axis=-1)


def need_room(shape: tuple[int, ...], smallest: int, what: str) -> None:
    """Raise an error unless both sides of (..., height, width, channels) are long enough."""
    height, width = shape[-3:-1]
    if min(height, width) < smallest:
        raise ArgumentError(
            f"images of {height} x {width} pixels are too small for {what}: each side must have "
            f"at least {smallest}."
        )
