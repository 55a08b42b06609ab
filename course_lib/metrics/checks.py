"""What every metric asks of the pictures it is given."""

import sys
from typing import Any

import numpy as np

from course_lib.images import as_number

# A reconstruction that was not clipped leaves [0, 1] a little; pictures in 0 to 255 leave it far.
FAR_OUT = 2.0


class MetricError(ValueError):
    """Something cannot be measured or compared; the message says what and why."""


def comparable(a: Any, b: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures or batches of the same shape, as float64 arrays in about [0, 1]."""
    first, second = unit_range(a), unit_range(b)
    if first.shape != second.shape:
        raise MetricError(
            f"the shapes {first.shape} and {second.shape} differ. Compare pictures of one size, "
            "and a picture with a picture, not with a batch (write batch[0])."
        )
    return first, second


def unit_range(value: Any) -> np.ndarray:
    """A picture or a batch as float64 in about [0, 1], or a MetricError that says why not."""
    array = as_array(value)
    if array.dtype.kind not in "fiub":
        raise MetricError(f"{type(value).__name__} is no picture: give an array of numbers.")
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


def as_batch(value: Any) -> np.ndarray:
    """A picture or a batch as a batch (batch, height, width, channels), float64 in [0, 1]."""
    array = unit_range(value)
    return array.reshape(-1, *array.shape[-3:])


def gray(value: Any, smallest: int = 1, what: str = "") -> np.ndarray:
    """A picture or a batch as brightness, the mean of its channels: (batch, height, width).

    Args:
        value: picture or images.
        smallest: the least that each side must have.
        what: what needs that, for the error.
    """
    batch = as_batch(value)
    need_room(batch.shape, smallest, what)
    return batch.mean(axis=-1)


def need_room(shape: tuple[int, ...], smallest: int, what: str) -> None:
    """Raise a MetricError unless both sides of (..., height, width, channels) are long enough."""
    height, width = shape[-3:-1]
    if min(height, width) < smallest:
        raise MetricError(
            f"pictures of {height} x {width} pixels are too small for {what}: each side must have "
            f"at least {smallest}."
        )


def whole_number(value: Any, smallest: int, name: str) -> int:
    """A whole number that is large enough, or a MetricError."""
    if not (as_number(value) >= smallest and value % 1 == 0):
        raise MetricError(f"{name}={value!r}: give a whole number of {smallest} or more.")
    return int(value)


def as_floats(value: Any, name: str) -> np.ndarray:
    """Numbers as a float64 array, or a MetricError."""
    try:
        return as_array(value).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise MetricError(f"{name}: numbers are needed ({error}).") from None


def as_array(value: Any) -> np.ndarray:
    """An array, list or tensor of any backend as a NumPy array."""
    if isinstance(value, (list, tuple)):
        try:
            return np.asarray(value)
        except ValueError as error:
            raise MetricError(f"the list is no array of numbers: {error}.") from error
    # Only a tensor needs Keras, and whoever has one has imported it already.
    if not isinstance(value, np.ndarray) and hasattr(value, "shape") and "keras" in sys.modules:
        from keras import ops

        return np.asarray(ops.convert_to_numpy(value))
    return np.asarray(value)
