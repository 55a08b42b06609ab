"""What a video is while it is read: frames, each with its time."""

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from course_lib import images
from course_lib.errors import TransferError

SMALLEST = 16

# An image, with alpha as a fourth channel where there is any; when it is shown and for how long, as
# far as the file says it.
Shown = tuple[np.ndarray, Fraction | None, Fraction | None]


@dataclasses.dataclass(frozen=True)
class Frame:
    """One image of a video, and when it is shown.

    Attributes:
        image: image (height, width, 3) float32 in [0, 1]. Where there is alpha, it has its own
            colors, and white where nothing is seen.
        start: seconds since the beginning, an exact fraction.
        duration: seconds it is shown, or None where the file does not say.
        alpha: array (height, width) float32 in [0, 1], 1 where the image is opaque; None where all
            of it is.
    """

    image: np.ndarray
    start: Fraction
    duration: Fraction | None = None
    alpha: np.ndarray | None = None


class Clip:
    """A video that can be gone through as often as you like: ``for frame in clip``.

    Args:
        path: the file or folder.
        size: longer side that larger frames are brought to, or None.

    Attributes:
        path: the file or folder.
        size: (height, width) of the frames as they come out.
        rate: frames a second, a fraction: on average, or of an animation as it begins.
        count: number of frames as far as the file says it, else None.
        sound: the file whose first sound track belongs to the video, or None.
        repeats: how often it is played again after the first time; None for ever.
        transparent: whether any frame has alpha.
    """

    size: tuple[int, int]
    rate: Fraction
    count: int | None = None
    sound: Path | None = None
    repeats: int | None = None
    transparent: bool = False

    def __init__(self, path: Path, *, size: int | None = None):
        self.path = path
        self.longer_side = size

    def __iter__(self) -> Iterator[Frame]:
        """The frames, each read when it is asked for.

        Raises:
            TransferError: the file is damaged, or holds no frame.
        """
        last, span, found = Fraction(0), Fraction(0), False
        for image, start, duration in self.read():
            if start is None:
                start = last + span
            elif found and start <= last:
                # A damaged file may repeat a time; two frames at once cannot be written.
                start = last + span / 2
            alpha = image[..., 3] if image.shape[2] == 4 else None
            yield Frame(image[..., :3], start, duration, alpha)
            last, span, found = start, duration or 1 / self.rate, True
        if not found:
            raise TransferError(f"{self.path}: there is not a single frame in it. Record it again.")

    def read(self) -> Iterator[Shown]:
        """Images, starts and durations, as the file has them."""
        raise NotImplementedError

    def fitted(self, height: int, width: int) -> tuple[int, int]:
        """The size that frames of a given size are brought to, checked."""
        if height * width > images.MAX_PIXELS:
            raise TransferError(
                f"{self.path}: frames of {height} x {width} are more than {images.MAX_PIXELS:,} "
                "pixels. Make the video smaller first."
            )
        frames = f"{self.path}: frames of {height} x {width} (height x width)"
        if min(height, width) < SMALLEST:
            raise TransferError(
                f"{frames} are too small, each side needs at least {SMALLEST} pixels. Choose a "
                "larger video."
            )
        scale = min(1.0, (self.longer_side or max(height, width)) / max(height, width))
        small = round(height * scale), round(width * scale)
        if min(small) < SMALLEST:
            least = images.smallest_longer_side((height, width), SMALLEST)
            raise TransferError(
                f"{frames} at a longer side of {self.longer_side} would have a side of fewer than "
                f"{SMALLEST} pixels. Give {least} or more (--size {least})."
            )
        return small
