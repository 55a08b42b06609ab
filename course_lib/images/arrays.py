"""Images as arrays: what is one, its size, its parts, and batches of it."""

import math
from typing import Any

import numpy as np

from course_lib.errors import ImageError

MAX_PIXELS = 100_000_000
"""The most pixels that `load` and `resize` make unless told otherwise: 10,000 x 10,000."""

ROUNDING = 1e-4
"""How far a float array may leave [0, 1]. Rounding in float32 stays below, mistakes go beyond."""


def check_image(array: Any, *, min_side: int = 1, name: str = "image") -> np.ndarray:
    """Makes sure that an array is an image, and gives it as float32.

    Args:
        array: (height, width, 3); uint8, or float in [0, 1] (values that leave this range by no
            more than `ROUNDING` are clipped). Tensors are taken too.
        min_side: smallest allowed height and width.
        name: what to call the array in an error.

    Returns:
        Image (height, width, 3), float32 in [0, 1]. This is the array itself where nothing had to
        be converted: copy it before writing into it.

    Raises:
        ImageError: wrong shape, type or range, NaN, no pixels, or smaller than `min_side`.
    """
    array = as_array(array, name)
    check_shape(array, name)
    check_sides(array, min_side, name)
    return unit_range(array, name)


def to_uint8(image: Any) -> np.ndarray:
    """The image as screens and files want it.

    Args:
        image: as for `check_image`.

    Returns:
        New array (height, width, 3), uint8: values times 255, rounded to the nearest integer.
    """
    return np.rint(check_image(image) * 255).astype(np.uint8)


def to_pixels(image: Any, alpha: np.ndarray | None, *, keeps_alpha: bool = True) -> np.ndarray:
    """The image as a file takes it, with its transparency or on white.

    Args:
        image: as for `check_image`, in its own colors.
        alpha: array (height, width) in [0, 1], 1 where it is opaque; or None.
        keeps_alpha: whether the file can hold transparency.

    Returns:
        New array (height, width, 4), uint8, where there is alpha and the file can hold it; what is
        wholly hidden is white. Else (height, width, 3).

    Raises:
        ImageError: not an image, or the alpha does not fit it.
    """
    image = check_image(image)
    if alpha is None:
        return to_uint8(image)
    if alpha.shape != image.shape[:2]:
        raise ImageError(
            f"notes: transparency of {alpha.shape} does not fit an image of {size_text(image)}."
        )
    cover = alpha[..., None]
    if not keeps_alpha:
        return to_uint8(on_white(image, cover))
    seen = to_uint8(np.where(cover == 0, np.float32(1), image))
    return np.dstack([seen, np.rint(255 * alpha).astype(np.uint8)])


def on_white(color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colors laid on white by their alpha, both in [0, 1]."""
    return color * alpha + (1 - alpha)


def is_gray(image: np.ndarray) -> bool:
    """Whether an image has no color: in no pixel do the channels differ by more than 3 of 255."""
    # Most images have color almost everywhere, which a few pixels tell.
    return all(np.ptp(part, axis=-1).max() <= 3.01 / 255 for part in (image[::16, ::16], image))


def to_batch(image: Any) -> np.ndarray:
    """An image as a batch of one, which is what models take.

    Args:
        image: as for `check_image`.

    Returns:
        Images (1, height, width, 3), float32 in [0, 1].
    """
    return check_image(image)[np.newaxis]


def from_batch(images: Any, *, clip: bool = False) -> np.ndarray:
    """The image in a batch of one.

    Args:
        images: (1, height, width, 3), float in [0, 1]; array or tensor.
        clip: move values outside [0, 1] to its nearer end, for the output of a model that does not
            stay inside by itself. NaN and infinity are refused all the same.

    Returns:
        Image (height, width, 3), float32 in [0, 1].

    Raises:
        ImageError: not a batch of exactly one image, or its values are not an image's.
    """
    images = as_array(images, "images")
    if images.ndim != 4 or images.shape[0] != 1:
        raise ImageError(
            f"images: the shape {images.shape} is not (1, height, width, 3). "
            "Take one image of a larger batch with images[i]; an image needs no from_batch."
        )
    image = images[0]
    if clip and np.issubdtype(image.dtype, np.floating) and np.isfinite(image).all():
        image = np.clip(image, 0, 1)
    return check_image(image, name="images[0]")


def as_array(array: Any, name: str) -> np.ndarray:
    """An array or a tensor of any framework as a NumPy array of numbers."""
    if hasattr(array, "detach"):
        # A PyTorch tensor with gradients, or on an accelerator, refuses to become an array.
        array = array.detach().cpu()
    try:
        result = np.asarray(array)
    except Exception as error:
        raise ImageError(
            f"{name}: {type(array).__name__} cannot be made into an array ({error}). "
            "Give a path, bytes, a file opened with mode 'rb', or an array (height, width, 3)."
        ) from None
    if result.dtype.name == "bfloat16":
        # The short floats of accelerators are no floats to NumPy.
        result = result.astype(np.float32)
    if result.dtype.kind not in "biuf" or result.ndim == 0:
        raise ImageError(
            f"{name}: {type(array).__name__} is not an image. "
            "Give a path, bytes, a file opened with mode 'rb', or an array (height, width, 3)."
        )
    return result


def check_shape(array: np.ndarray, name: str) -> None:
    """Raises a `ImageError` unless the array is (height, width, 3) with pixels in it."""
    shape = array.shape
    if array.ndim != 3 or shape[2] != 3:
        hint = "Give an array with height, width and 3 channels (RGB)."
        if array.ndim == 4:
            hint = "That looks like a batch: take one image of it with images[i]."
        elif array.ndim == 3 and shape[0] in (1, 3, 4) and shape[2] > 4:
            hint = "That looks like channels first: use np.moveaxis(array, 0, -1)."
        elif array.ndim == 2 or (array.ndim == 3 and shape[2] in (1, 2, 4)):
            hint = "Gray and transparent images become RGB with images.load_image(array)."
        raise ImageError(f"{name}: the shape {shape} is not (height, width, 3). {hint}")
    if 0 in shape:
        raise ImageError(f"{name}: the shape {shape} has no pixels. Check how it was cut out.")


def check_sides(array: np.ndarray, min_side: int, name: str) -> None:
    """Raises a `ImageError` where a side is shorter than allowed."""
    if min(array.shape[:2]) < min_side:
        raise ImageError(
            f"{name}: {size_text(array)} is too small, each side needs at least {min_side} "
            "pixels. Choose a larger image, or enlarge it with resize."
        )


def smallest_longer_side(size: tuple[int, ...], min_side: int) -> int:
    """The longer side at which the shorter one still has ``min_side`` pixels.

    Args:
        size: (height, width) or (width, height).
        min_side: the smallest that the shorter side may become.
    """
    return math.ceil(min_side * max(size) / max(1, min(size)))


def check_pixel_count(size: tuple[int, int], label: str, max_pixels: int | None) -> None:
    """Raises a `ImageError` where (width, height) has no pixels, or more than the limit."""
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(f"{label}: the image has no pixels ({width} x {height}).")
    if max_pixels is not None and width * height > max_pixels:
        raise ImageError(
            f"{label}: {width} x {height} is {width * height:,} pixels, more than the limit of "
            f"{max_pixels:,}. If you trust the image, raise the limit with max_pixels=... "
            "(--max-pixels)."
        )


def unit_range(array: np.ndarray, name: str) -> np.ndarray:
    """Values of any image type -> float32 in [0, 1]."""
    if array.dtype in (np.uint8, np.uint16):
        return np.divide(array, np.iinfo(array.dtype).max, dtype=np.float32)
    if array.dtype == np.bool_:
        return array.astype(np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(
            f"{name}: the type {array.dtype} leaves open which value is white. Use uint8 in "
            "[0, 255], for example array.astype('uint8'), or float32 in [0, 1]."
        )
    if not np.isfinite(array).all():
        count = int(np.count_nonzero(~np.isfinite(array)))
        raise ImageError(
            f"{name}: {count} of {array.size} values are NaN or infinite. Look for a division by "
            "zero, or for a training that diverged, before this point."
        )
    low, high = float(array.min()), float(array.max())
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise ImageError(
            f"{name}: the values go from {low:.4g} to {high:.4g}, outside [0, 1]. "
            + _range_hint(low, high)
        )
    result = array.astype(np.float32, copy=False)
    return result if low >= 0 and high <= 1 else np.clip(result, 0, 1)


def _range_hint(low: float, high: float) -> str:
    if low >= 0 and 2 < high <= 255:
        return "If they are meant for [0, 255], divide by 255."
    if low >= -1 and high <= 1:
        return "If they are meant for [-1, 1], use (array + 1) / 2."
    return "Clip them with np.clip(array, 0, 1) if that is what you mean."


def from_array(source: Any, name: str) -> np.ndarray:
    """Array of any image kind -> float32 image that shares no memory with it."""
    array = as_array(source, name)
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or 0 in array.shape:
        check_shape(array, name)
    values = unit_range(array, name)
    color = values[..., : 1 if array.shape[2] < 3 else 3]
    if array.shape[2] in (2, 4):
        color = on_white(color, values[..., -1:])
    if color.shape[2] == 1:
        return np.repeat(color, 3, axis=2)
    return color.copy() if np.may_share_memory(color, array) else color


def size_text(array: np.ndarray) -> str:
    """The size of an array in words, for an error."""
    return f"{array.shape[0]} x {array.shape[1]} (height x width)"
