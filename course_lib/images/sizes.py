"""Other sizes of an image: resized, cropped; and the grain that lies on it."""

import functools
from typing import Any

import numpy as np
from PIL import Image

from course_lib.checks import is_count
from course_lib.errors import PictureError
from course_lib.images.arrays import (
    MAX_PIXELS,
    as_array,
    check_picture,
    check_pixel_count,
    check_shape,
    size_text,
)

GRAIN_SIDE = 512
"""Pixels after which the grain repeats."""

COARSEST_GRAIN = 1 / 32
"""Lowest frequency in the grain, in periods a pixel."""


def resize(
    picture: Any, size: int | tuple[int, int], max_pixels: int | None = MAX_PIXELS
) -> np.ndarray:
    """The picture at another size, smoothed as needed so that no false patterns appear.

    Args:
        picture: as for `check_picture`.
        size: one integer sets the longer side and keeps the proportions (to the nearest pixel);
            (height, width) sets both, and distorts if their proportions are not the picture's.
        max_pixels: refuse to make a larger picture than this. None sets no limit.

    Returns:
        A new picture of that size, float32 in [0, 1].

    Raises:
        PictureError: not a picture, or not a size.

    Source: Lanczos filter with three lobes, as Pillow has it, on each channel in float32. It rings
        beyond [0, 1] next to hard edges, so the result is clipped.
    """
    picture = check_picture(picture)
    height, width = _target_size(picture, size)
    if (height, width) == picture.shape[:2]:
        return picture.copy()
    check_pixel_count((width, height), "resize", max_pixels)
    channels = [
        Image.fromarray(np.ascontiguousarray(picture[..., channel])).resize(
            (width, height), Image.Resampling.LANCZOS
        )
        for channel in range(3)
    ]
    return np.clip(np.stack([np.asarray(channel) for channel in channels], axis=-1), 0, 1)


def _target_size(picture: np.ndarray, size: int | tuple[int, int]) -> tuple[int, int]:
    height, width = picture.shape[:2]
    if is_count(size):
        scale = int(size) / max(height, width)  # type: ignore[arg-type]
        return max(1, round(height * scale)), max(1, round(width * scale))
    return _height_and_width(size, "size")


def _height_and_width(size: Any, name: str) -> tuple[int, int]:
    """An integer (a square) or (height, width), checked."""
    pair = (size, size) if is_count(size) else size
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(is_count(side) for side in pair):
        return int(pair[0]), int(pair[1])
    raise PictureError(
        f"{name}: {size!r} is not a size. Give one positive integer or (height, width)."
    )


def center_crop(picture: Any, multiple: int) -> np.ndarray:
    """The largest middle part whose height and width are multiples of a number.

    Args:
        picture: as for `check_picture`.
        multiple: for an encoder that halves the size three times, 8.

    Returns:
        A new picture, float32 in [0, 1].

    Raises:
        PictureError: the picture is smaller than the multiple.
    """
    if not is_count(multiple):
        raise PictureError(f"multiple: {multiple!r} is not a positive integer.")
    picture = check_picture(picture, min_side=multiple)
    height, width = (side - side % multiple for side in picture.shape[:2])
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width].copy()


def random_crop(
    picture: Any, size: int | tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """A part of the picture at a random place, for training.

    Args:
        picture: as for `check_picture`.
        size: one integer (a square) or (height, width).
        generator: where the randomness comes from, for example `np.random.default_rng(0)`. The same
            seed gives the same crops.

    Returns:
        A new picture of that size, float32 in [0, 1].

    Raises:
        PictureError: the picture is smaller than the crop.
    """
    if not isinstance(generator, np.random.Generator):
        raise PictureError(
            f"generator: {generator!r} is not a NumPy generator. Use np.random.default_rng(seed)."
        )
    height, width = _height_and_width(size, "size")
    array = as_array(picture, "picture")
    check_shape(array, "picture")
    if array.shape[0] < height or array.shape[1] < width:
        raise PictureError(
            f"picture: {size_text(array)} is smaller than the crop, {height} x {width}. "
            "Choose a smaller crop, or enlarge the picture with resize."
        )
    top = int(generator.integers(array.shape[0] - height + 1))
    left = int(generator.integers(array.shape[1] - width + 1))
    # Only the crop is checked and converted: that is what makes this quick on a large picture.
    return check_picture(array[top : top + height, left : left + width].copy())


def grain(size: tuple[int, int], top: int = 0, left: int = 0) -> np.ndarray:
    """Faint irregularity of every size, as paper and film have: 1/f noise, always the same.

    Args:
        size: (height, width) of the piece in pixels.
        top: row of the endless pattern at which the piece begins, 0 or more.
        left: its column.

    Returns:
        Array (height, width, 1) float32 of mean 0 and deviation 1. It repeats after 512 pixels.

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
