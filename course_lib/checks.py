"""Checks and conversions of arguments, which every room needs.

Each returns the value in the form that the caller computes with, or raises an error that names the
argument, the value received and what is expected. The kind of error is the caller's.
"""

import math
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from course_lib.errors import ArgumentError, CourseError


def as_number(value: Any) -> float:
    """A number of any kind as a float; NaN, which lies in no range, for what is no number."""
    try:
        return math.nan if isinstance(value, (str, bytes)) or np.ndim(value) else float(value)
    except (TypeError, ValueError):
        return math.nan


def is_count(value: Any) -> bool:
    """Whether it is an integer of 1 or more, of Python or NumPy; True and False are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) > 0


def whole_number(
    value: Any, least: float, name: str, *, error: type[CourseError] = ArgumentError
) -> int:
    """A whole number, whatever its type.

    Args:
        value: what was given; 3.0 counts as 3.
        least: the smallest that is allowed.
        name: of the argument, for the error.
        error: the kind of error.

    Returns:
        The number as an int.

    Raises:
        ArgumentError: or the given kind; no number, a fraction, infinite, or too small.
    """
    number = as_number(value)
    if not (least <= number < math.inf and number % 1 == 0):
        raise error(f"{name}={value!r}: give a whole number of {least} or more.")
    return int(number)


def number_between(
    value: Any,
    low: float,
    high: float,
    name: str,
    *,
    error: type[CourseError] = ArgumentError,
) -> float:
    """A number in [low, high]; where `high` is infinite, any finite number from `low` on.

    Raises:
        ArgumentError: or the given kind; no number, or outside.
    """
    number = as_number(value)
    if not (low <= number <= high and math.isfinite(number)):
        allowed = f"of {low:g} or more" if math.isinf(high) else f"from {low:g} to {high:g}"
        raise error(f"{name}={value!r}: give a number {allowed}.")
    return number


def check_choice(
    name: str,
    value: Any,
    choices: Iterable[str | None],
    *,
    error: type[CourseError] = ArgumentError,
) -> None:
    """Raises an error that lists the choices if ``value`` is none of them."""
    choices = tuple(choices)
    if not (value is None or isinstance(value, str)) or value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise error(f"{name}={value!r} is not known. Choose one of: {listed}.")


def as_array(value: Any, *, error: type[CourseError] = ArgumentError) -> np.ndarray:
    """An array, list or tensor of any backend as a NumPy array.

    Raises:
        ArgumentError: or the given kind; a list whose rows differ in length.
    """
    if isinstance(value, (list, tuple)):
        try:
            return np.asarray(value)
        except ValueError as problem:
            raise error(f"the list is no array of numbers: {problem}.") from problem
    # Only a tensor needs Keras, and whoever has one has imported it already.
    if not isinstance(value, np.ndarray) and hasattr(value, "shape") and "keras" in sys.modules:
        from keras import ops

        return np.asarray(ops.convert_to_numpy(value))
    return np.asarray(value)


def as_floats(value: Any, name: str, *, error: type[CourseError] = ArgumentError) -> np.ndarray:
    """Numbers of any kind as a float64 array.

    Raises:
        ArgumentError: or the given kind; not numbers.
    """
    try:
        return as_array(value, error=error).astype(np.float64)
    except (TypeError, ValueError) as problem:
        raise error(f"{name}: numbers are needed ({problem}).") from None


def as_tensor(
    value: Any, name: str, *, dtype: str | None = None, error: type[CourseError] = ArgumentError
) -> Any:
    """An array, list or tensor as a tensor of numbers of the backend.

    Args:
        value: what was given.
        name: of the argument, for the error.
        dtype: the tensor's type; by default the value's.
        error: the kind of error.

    Raises:
        ArgumentError: or the given kind; not numbers.
    """
    import keras

    try:
        tensor = keras.ops.convert_to_tensor(value, dtype=dtype)
        if keras.backend.standardize_dtype(tensor.dtype) == "string":
            raise TypeError("it is text")
    except Exception as problem:
        raise error(
            f"{name}: an array of numbers is needed, not {type(value).__name__} ({problem})."
        ) from None
    return tensor


def as_maps(
    value: Any,
    name: str,
    *,
    channels: int | None = None,
    dtype: str | None = None,
    error: type[CourseError] = ArgumentError,
) -> Any:
    """A batch of images or of feature maps as a tensor (batch, height, width, channels).

    Args:
        value: what was given.
        name: of the argument, in the plural, for the error.
        channels: how many there must be; any number by default.
        dtype: the tensor's type; by default the value's.
        error: the kind of error.

    Raises:
        ArgumentError: or the given kind; not numbers, not four axes, or other channels.
    """
    tensor = as_tensor(value, name, dtype=dtype, error=error)
    shape = tuple(tensor.shape)
    if len(shape) != 4 or channels not in (None, shape[-1]):
        raise error(
            f"{name} have shape {shape}; a batch (batch, height, width, {channels or 'channels'}) "
            "is needed. For a single image write images.to_batch(image)."
        )
    return tensor
