"""Videos opened, whatever they are made of: movies, animations, folders, frames in memory."""

import contextlib
import functools
import os
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import images
from course_lib.errors import TransferError
from course_lib.files import FASTEST, IMAGE_SUFFIXES
from course_lib.transfer.clips.clip import SMALLEST, Clip, Shown
from course_lib.transfer.clips.movies import FOLDER_RATE, MovieClip

# Browsers show a frame that asks for no more than the first of these, in seconds, for the second.
TOO_SHORT, GIVEN_INSTEAD = Fraction(1, 100), Fraction(1, 10)


def open_clip(source: Any, *, size: int | None = None, rate: float | None = None) -> Clip:
    """Open a video for reading.

    Args:
        source: path of a video file, of an animated GIF, WebP, PNG or AVIF, or of a folder of
            images, which are taken in the order of their names (frame-2 before frame-10). A `Clip`
            that is open already is given back as it is.
        size: longer side in pixels that larger frames are brought to; None keeps them.
        rate: frames a second of a folder, 25 by default. Files know their own.

    Returns:
        A `Clip`.

    Raises:
        TransferError: there is no such file, it is no video, it has no images, it is damaged, its
            frames are too small, or the size or rate is none.
    """
    if size is not None and not (isinstance(size, (int, np.integer)) and size >= SMALLEST):
        raise TransferError(f"size={size!r}: give a whole number of pixels, {SMALLEST} or more.")
    if rate is not None and not 0 < rate <= FASTEST:
        raise TransferError(
            f"rate={rate!r}: give the frames a second, above 0 and at most {FASTEST}."
        )
    if isinstance(source, Clip):
        if (size, rate) != (None, None):
            raise TransferError(
                f"{source.path}: is open already. Give size and rate where it is opened."
            )
        return source
    if not isinstance(source, (str, bytes, os.PathLike)):
        raise TransferError(
            f"{type(source).__name__} is no path. Give that of a video or a folder."
        )
    path = Path(os.fsdecode(source)).expanduser()
    if path.is_dir():
        return FolderClip(path, size, Fraction(rate or FOLDER_RATE).limit_denominator(1001))
    if not path.is_file():
        raise TransferError(f"{path}: there is no such file or folder. Check the path.")
    if path.stat().st_size == 0:
        raise TransferError(f"{path}: the file is empty (0 bytes). Copy or record it again.")
    if rate is not None:
        raise TransferError(
            f"{path}: a file knows its own rate; rate={rate} is for folders. Omit it."
        )
    return AnimationClip(path, size=size) if is_animation(path) else MovieClip(path, size=size)


class AnimationClip(Clip):
    """An animated GIF, WebP, PNG or AVIF, read with Pillow, which minds transparency and disposal.

    What its frames ask for is known only when they are decoded, and that is done once: so its rate
    is that of the first.
    """

    def __init__(self, path: Path, *, size: int | None = None):
        super().__init__(path, size=size)
        with self.opened() as image:
            self.size = self.fitted(image.height, image.width)
            count = getattr(image, "n_frames", 1)
            # A PNG may begin with an image for programs that know no animations.
            self.first = 1 if getattr(image, "default_image", False) and count > 1 else 0
            self.repeats = repeats_of(image)
            image.seek(self.first)
            self.rate = 1 / pause_of(image)
            self.count = count - self.first

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """The file, with Pillow's errors put into words."""
        from PIL import Image

        try:
            with Image.open(self.path) as image:
                yield image
        except TransferError:
            raise
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise TransferError(
                f"{self.path}: this animation is damaged, cut short, or none ({error}). "
                "Copy it again, or convert it to MP4."
            ) from None

    def read(self) -> Iterator[Shown]:
        """Images, starts and durations, as the file has them."""
        start = Fraction(0)
        with self.opened() as image:
            for number in range(self.count or 1):
                image.seek(self.first + number)
                pause = pause_of(image)
                yield resized(with_alpha(image.convert("RGBA")), self.size), start, pause
                start += pause

    @functools.cached_property
    def transparent(self) -> bool:  # type: ignore[override]
        """Whether any frame has alpha. That of a GIF need not: one frame may show another."""
        with contextlib.suppress(TransferError), self.opened() as image:
            if image.format != "GIF" and not image.has_transparency_data:
                return False
            for number in range(self.count or 1):
                image.seek(self.first + number)
                if image.convert("RGBA").getextrema()[3][0] < 255:
                    return True
        return False


def with_alpha(source: Any) -> np.ndarray:
    """An image (height, width, 3), or where there is alpha (height, width, 4).

    Args:
        source: as for `images.load_with_notes`.
    """
    image, notes = images.load_with_notes(source)
    return image if notes.alpha is None else np.dstack([image, notes.alpha])


def resized(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An image with 3 or 4 channels brought to (height, width)."""
    if image.shape[2] == 3:
        return images.resize(image, size)
    return np.dstack(images.resize_with_alpha(image[..., :3], image[..., 3], size))


def may_have_alpha(file: Path) -> bool:
    """Whether an image file is of a kind that has alpha; its pixels are not decoded."""
    from PIL import Image

    with contextlib.suppress(OSError, SyntaxError, ValueError), Image.open(file) as image:
        return image.has_transparency_data
    return False


def pause_of(image: Any) -> Fraction:
    """How long, in seconds, the frame is shown at which Pillow's image stands."""
    # Of WebP, a frame's time is known only once its pixels are.
    image.load()
    pause = Fraction(image.info.get("duration", 0)).limit_denominator(1000) / 1000
    return pause if pause > TOO_SHORT else GIVEN_INSTEAD


def repeats_of(image: Any) -> int | None:
    """How often Pillow's image is played again after the first time; None for ever."""
    if image.format == "GIF":
        # GIF says how often again, and nothing if not at all.
        return (image.info["loop"] or None) if "loop" in image.info else 0
    plays = image.info.get("loop", 0)
    return plays - 1 if plays else None


class FolderClip(Clip):
    """A folder of images of one size, in the order of their names."""

    def __init__(self, path: Path, size: int | None, rate: Fraction):
        super().__init__(path, size=size)
        self.files = sorted(
            (one for one in path.iterdir() if is_image(one)), key=lambda one: by_number(one.name)
        )
        if not self.files:
            raise TransferError(
                f"{path}: there is no image in this folder. Give the folder that holds the frames."
            )
        self.rate, self.count = rate, len(self.files)
        self.shape = self.load(self.files[0]).shape
        self.size = self.fitted(*self.shape[:2])

    def load(self, file: Path) -> np.ndarray:
        """An image of the folder, with alpha as a fourth channel where there is any."""
        try:
            return with_alpha(file)
        except images.ImageError as error:
            raise TransferError(str(error)) from None

    @functools.cached_property
    def transparent(self) -> bool:  # type: ignore[override]
        """Whether any frame has alpha."""
        return any(may_have_alpha(file) and self.load(file).shape[2] == 4 for file in self.files)

    def read(self) -> Iterator[Shown]:
        """Images, starts and durations."""
        for number, file in enumerate(self.files):
            image = self.load(file)
            if image.shape[:2] != self.shape[:2]:
                sizes = [f"{shape[0]} x {shape[1]}" for shape in (image.shape, self.shape)]
                raise TransferError(
                    f"{file}: {sizes[0]} (height x width), but the first frame has {sizes[1]}. "
                    "The frames of a video have one size: resize it, or take it out."
                )
            yield resized(image, self.size), number / self.rate, 1 / self.rate


class ArrayClip(Clip):
    """Frames that are in memory already.

    Args:
        frames: array (frames, height, width, 3), or a list of images of one size.
        rate: frames a second.
        sound: file with a sound track, or None.
    """

    def __init__(self, frames: Any, rate: float, *, sound: Path | None = None):
        super().__init__(Path())
        if not (isinstance(frames, (list, tuple)) or np.ndim(frames) == 4) or not len(frames):
            raise TransferError(
                "frames: give an array (frames, height, width, 3) or a list of images, at least "
                "one."
            )
        images.check_image(frames[0], name="frame 0")
        self.frames, self.sound = frames, sound
        self.rate, self.count = Fraction(rate).limit_denominator(1001), len(frames)
        self.size = self.fitted(*np.shape(frames[0])[:2])

    def read(self) -> Iterator[Shown]:
        """Images, starts and durations."""
        for number, frame in enumerate(self.frames):
            image = images.check_image(frame, name=f"frame {number}")
            yield images.resize(image, self.size), number / self.rate, 1 / self.rate


def is_animation(path: Path) -> bool:
    """Whether a file begins as GIF, PNG, WebP and AVIF do, whatever its name is."""
    with open(path, "rb") as file:
        start = file.read(12)
    begins = start.startswith((b"GIF8", b"\x89PNG"))
    return begins or start[8:] == b"WEBP" or start[4:] in (b"ftypavis", b"ftypavif")


def is_image(path: Path) -> bool:
    """Whether a file's name is that of an image, and it is not hidden."""
    return (
        path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def by_number(name: str) -> list[tuple[int, Any]]:
    """A key for sorting by which frame-2 comes before frame-10."""
    parts = re.split(r"(\d+)", name.lower())
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
