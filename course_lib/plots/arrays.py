"""What figures are drawn from: arrays and tensors of all kinds, checked and in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_lib.errors import ArgumentError


def as_image(value: Any, *, name: str = "") -> np.ndarray:
    """An array or tensor as a float32 image (height, width, 3) in [0, 1].

    Args:
        value: (height, width), (height, width, 1) or (height, width, 3), or a batch of one of
            these; uint8, bool or float.
        name: what errors call it.

    Raises:
        ArgumentError: the shape or the range is not that of an image, or there is NaN in it.
    """
    array = without_batch(np.asarray(to_numpy(value)))
    called = f"The image {name!r}" if name else "The image"
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or array.size == 0:
        raise ArgumentError(
            f"{called} has the shape {np.shape(value)}. An image is (height, width, 3) or "
            "(height, width)."
        )
    scale = 255.0 if array.dtype == np.uint8 else 1.0
    array = array.astype(np.float32) / np.float32(scale)
    if not np.all(np.isfinite(array)):
        raise ArgumentError(f"{called} contains NaN or infinity.")
    if array.min() < -1.0 or array.max() > 2.0:
        raise ArgumentError(
            f"{called} has values from {array.min():.3g} to {array.max():.3g}; expected were "
            "floats in [0, 1] or uint8. Divide by 255, or normalize them first."
        )
    return np.repeat(np.clip(array, 0, 1), 3 // array.shape[-1], axis=-1)


def stretched(values: np.ndarray) -> np.ndarray:
    """Values from their smallest to their largest, brought to [0, 1]; equal ones become 0."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / max(high - low, 1e-12)


def require(things: Any, name: str) -> None:
    """Refuse what is not a dictionary by title, or is empty, with a ArgumentError."""
    if not isinstance(things, Mapping):
        raise ArgumentError(
            f"The {name} are given as a dictionary by title, not as {type(things).__name__}."
        )
    if not things:
        raise ArgumentError(f"There are no {name} to draw.")


def pair(label: str, values: Any) -> tuple[Any, Any]:
    """The x and the y of a line or a point, or a ArgumentError."""
    count = len(values) if isinstance(values, (list, tuple)) else getattr(values, "shape", ())[:1]
    if count in (2, (2,)):
        return values[0], values[1]
    raise ArgumentError(f"{label!r} has no x and y: give a pair (x, y).")


def floats(value: Any, name: str) -> np.ndarray:
    """Numbers of any kind as an array that is not empty, or a ArgumentError."""
    try:
        array = np.asarray(to_numpy(value), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} holds something else than numbers ({error}).") from None
    if not array.size:
        raise ArgumentError(f"{name} is empty: its shape is {array.shape}.")
    return array


def without_batch(array: np.ndarray) -> np.ndarray:
    """The one array in a batch of one; any other as it is."""
    return array[0] if array.ndim == 4 and len(array) == 1 else array


def to_numpy(value: Any) -> Any:
    """A tensor of any framework as an array; a PyTorch tensor must be detached first."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value
