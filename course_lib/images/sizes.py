"""Other sizes of an image: resized, cropped; and the grain that lies on it."""

import functools
from typing import Any

import numpy as np
from PIL import Image

from course_lib.checks import is_count
from course_lib.errors import ImageError
from course_lib.images.arrays import (
    MAX_PIXELS,
    as_array,
    check_image,
    check_pixel_count,
    check_shape,
    size_text,
)

GRAIN_SIDE = 512
"""Pixels after which the grain repeats."""

COARSEST_GRAIN = 1 / 32
"""Lowest frequency in the grain, in periods a pixel."""


def resize(
    image: Any, size: int | tuple[int, int], *, max_pixels: int | None = MAX_PIXELS
) -> np.ndarray:
    """The image at another size, smoothed as needed so that no false patterns appear.

    Args:
        image: as for `check_image`.
        size: one integer sets the longer side and keeps the proportions (to the nearest pixel);
            (height, width) sets both, and distorts if their proportions are not the image's.
        max_pixels: refuse to make a larger image than this. None sets no limit.

    Returns:
        A new image of that size, float32 in [0, 1].

    Raises:
        ImageError: not an image, or not a size.

    Source: Lanczos filter with three lobes, as Pillow has it, on each channel in float32. It rings
        beyond [0, 1] next to hard edges, so the result is clipped.
    """
    image = check_image(image)
    height, width = _target_size(image, size)
    if (height, width) == image.shape[:2]:
        return image.copy()
    check_pixel_count((width, height), "resize", max_pixels)
    channels = [
        Image.fromarray(np.ascontiguousarray(image[..., channel])).resize(
            (width, height), Image.Resampling.LANCZOS
        )
        for channel in range(3)
    ]
    return np.clip(np.stack([np.asarray(channel) for channel in channels], axis=-1), 0, 1)


def resize_with_alpha(
    image: np.ndarray, alpha: np.ndarray, size: int | tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """An image and its transparency at another size: hidden colors do not leak into what is seen.

    Args:
        image: image (height, width, 3) float32 in [0, 1], in its own colors.
        alpha: array (height, width) float32 in [0, 1].
        size: as for `resize`.

    Returns:
        The image, white where nothing is seen, and its alpha.
    """
    if alpha.shape == size:
        return image, alpha
    cover = np.repeat(alpha[..., None], 3, axis=2)
    weighed, cover = resize(image * cover, size), resize(cover, size)
    seen = cover >= 1 / 510
    image = np.where(seen, np.minimum(weighed / np.maximum(cover, 1 / 510), 1), np.float32(1))
    return image, np.where(seen, cover, 0)[..., 0]


def _target_size(image: np.ndarray, size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = image.shape[:2]
    if is_count(size):
        scale = int(size) / max(height, width)  # type: ignore[arg-type]
        return max(1, round(height * scale)), max(1, round(width * scale))
    return _height_and_width(size, "size")


def _height_and_width(size: Any, name: str) -> tuple[int, int]:
    """An integer (a square) or (height, width), checked."""
    pair = (size, size) if is_count(size) else size
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(is_count(side) for side in pair):
        return int(pair[0]), int(pair[1])
    raise ImageError(
        f"{name}: {size!r} is not a size. Give one positive integer or (height, width)."
    )


def center_crop(image: Any, size: int | tuple[int, int]) -> np.ndarray:
    """The middle part of that size, as `keras.layers.CenterCrop` cuts it.

    Args:
        image: as for `check_image`.
        size: (height, width), or one integer for a square.

    Returns:
        A new image, float32 in [0, 1]. Where a side is too short, the largest middle part of these
        proportions is enlarged instead.

    Raises:
        ImageError: not an image, or not a size.
    """
    image = check_image(image)
    height, width = _height_and_width(size, "size")
    fits = min(1.0, image.shape[0] / height, image.shape[1] / width)
    rows, columns = max(1, round(height * fits)), max(1, round(width * fits))
    top, left = (image.shape[0] - rows) // 2, (image.shape[1] - columns) // 2
    part = image[top : top + rows, left : left + columns]
    return part.copy() if fits == 1.0 else resize(part, (height, width))


def crop_to_multiple(image: Any, multiple: int) -> np.ndarray:
    """The largest middle part whose height and width are multiples of a number.

    Args:
        image: as for `check_image`.
        multiple: for an encoder that halves the size three times, 8.

    Returns:
        A new image, float32 in [0, 1].

    Raises:
        ImageError: the image is smaller than the multiple.
    """
    if not is_count(multiple):
        raise ImageError(f"multiple: {multiple!r} is not a positive integer.")
    image = check_image(image, min_side=multiple)
    height, width = (side - side % multiple for side in image.shape[:2])
    return center_crop(image, (height, width))


def random_crop(
    image: Any, size: int | tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """A part of the image at a random place, for training.

    Args:
        image: as for `check_image`.
        size: one integer (a square) or (height, width).
        generator: where the randomness comes from, for example `np.random.default_rng(0)`. The same
            seed gives the same crops.

    Returns:
        A new image of that size, float32 in [0, 1].

    Raises:
        ImageError: the image is smaller than the crop.
    """
    if not isinstance(generator, np.random.Generator):
        raise ImageError(
            f"generator: {generator!r} is not a NumPy generator. Use np.random.default_rng(seed)."
        )
    height, width = _height_and_width(size, "size")
    array = as_array(image, "image")
    check_shape(array, "image")
    if array.shape[0] < height or array.shape[1] < width:
        raise ImageError(
            f"image: {size_text(array)} is smaller than the crop, {height} x {width}. "
            "Choose a smaller crop, or enlarge the image with resize."
        )
    top = int(generator.integers(array.shape[0] - height + 1))
    left = int(generator.integers(array.shape[1] - width + 1))
    # Only the crop is checked and converted: that is what makes this quick on a large image.
    return check_image(array[top : top + height, left : left + width].copy())


def grain(size: tuple[int, int], *, top: int = 0, left: int = 0) -> np.ndarray:
    """Faint irregularity of every size, as paper and film have: 1/f noise, always the same.

    Args:
        size: (height, width) of the piece in pixels.
        top: row of the endless pattern at which the piece begins, 0 or more.
        left: its column.

    Returns:
        Array (height, width, 1) float32 of mean 0 and standard deviation 1. It repeats after 512
        pixels.

    Source: the amplitude falls with the frequency, so that each octave has the same energy; Field,
    "Relations between the statistics of natural images", JOSA A 1987.
    """
    tile = _grain_tile()
    rows = np.arange(top, top + size[0]) % GRAIN_SIDE
    columns = np.arange(left, left + size[1]) % GRAIN_SIDE
    return tile[rows][:, columns, None]


@functools.cache
def _grain_tile() -> np.ndarray:
    """One period of the grain."""
    white = np.random.default_rng(0).standard_normal((GRAIN_SIDE, GRAIN_SIDE))
    frequencies = np.fft.fftfreq(GRAIN_SIDE)
    radius = np.hypot(frequencies[:, None], frequencies)
    # Below this frequency lie shades as large as objects, which a painter must not invent.
    radius = np.where(radius < COARSEST_GRAIN, np.inf, radius)
    tile = np.fft.ifft2(np.fft.fft2(white) / radius).real
    return ((tile - tile.mean()) / tile.std()).astype("float32")
