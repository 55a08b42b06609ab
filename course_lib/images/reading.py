"""From wherever an image is to an array."""

import dataclasses
import difflib
import io
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from course_lib.checks import is_count
from course_lib.errors import ImageError
from course_lib.files import is_web_address
from course_lib.images.arrays import (
    MAX_PIXELS,
    as_array,
    check_sides,
    from_array,
    size_text,
    smallest_longer_side,
    unit_range,
)
from course_lib.images.notes import Notes
from course_lib.images.pillow import careful_pillow, pillow_formats, read_pillow, readable_formats
from course_lib.images.sizes import resize, resize_with_alpha

# How files begin that hold photographs of telephones, after their first eight bytes.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def load_image(
    source: Any,
    *,
    size: int | tuple[int, int] | None = None,
    at_most: int | None = None,
    max_pixels: int | None = MAX_PIXELS,
    min_side: int = 1,
) -> np.ndarray:
    """Reads an image from wherever it is.

    Args:
        source: a path, the bytes of an image file, a file opened for reading in binary mode (read
            from its beginning), a Pillow image, or an array: (height, width) gray, or (height,
            width, channels) with 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGB and alpha)
            channels, of uint8, uint16, bool, or float in [0, 1].
        size: None keeps the image's size; otherwise as in `resize`.
        at_most: the longer side, in pixels, to which a larger image is brought. A JPEG is then
            decoded at a fraction of its size, so that a huge one needs little memory.
        max_pixels: a file with more pixels is refused before it is decoded, because a file of a few
            kilobytes can claim to hold an image that fills the memory. None sets no limit.
        min_side: the returned image's shorter side has at least this many pixels.

    Returns:
        A new image (height, width, 3), float32 in [0, 1].

    Raises:
        ImageError: there is no such file, it is no image that we read, it is damaged, too
            large or too small, or the array has a wrong shape, type or range.
    """
    label, pixels, _ = _read(source, max_pixels, at_most, min_side)
    image = _shrunk(from_array(pixels, label), at_most, min_side, label)
    if size is not None:
        image = resize(image, size, max_pixels=max_pixels)
    check_sides(image, min_side, label)
    return image


def load_with_notes(
    source: Any,
    *,
    at_most: int | None = None,
    max_pixels: int | None = MAX_PIXELS,
    min_side: int = 1,
    keep_profile: bool = False,
) -> tuple[np.ndarray, Notes]:
    """Reads an image and what else its file says, to be handed on by ``save_image(notes=...)``.

    Args:
        source: as for `load_image`, and so are the next three.
        at_most: the longer side to which a larger image is brought.
        max_pixels: the most pixels.
        min_side: the shortest side.
        keep_profile: leave the colors of a wide color space (Display P3, Adobe RGB) as they are;
            ``notes.profile`` says what they mean. By default they are converted to sRGB.

    Returns:
        A new image (height, width, 3), float32 in [0, 1], and its `Notes`. Where there is alpha,
        the image is not laid on white: it has its own colors, and white where nothing is seen.

    Raises:
        ImageError: as for `load_image`.
    """
    label, pixels, notes = _read(source, max_pixels, at_most, min_side, keep_profile)
    alpha = None
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        alpha = unit_range(pixels[..., -1], label)
        if alpha.min() == 1:
            alpha = None
        pixels = np.where(pixels[..., -1:] == 0, _white(pixels), pixels[..., :-1])
    whole = from_array(pixels, label)
    image = _shrunk(whole, at_most, min_side, label)
    if alpha is not None and image is not whole:
        image, alpha = resize_with_alpha(whole, alpha, image.shape[:2])
    check_sides(image, min_side, label)
    return image, dataclasses.replace(notes, alpha=alpha)


def size_of(path: str | os.PathLike) -> tuple[int, int]:
    """The size that an image file will have when it is read; its pixels are not decoded.

    Args:
        path: of the file.

    Returns:
        (height, width), as the image stands upright.

    Raises:
        ImageError: there is no such file, or it is no image that we read.
    """
    data = _read_path(path)
    with careful_pillow():
        try:
            image = Image.open(io.BytesIO(data), formats=pillow_formats())
            lying = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
        except Exception as error:
            raise ImageError(_unreadable_message(str(path), data, error)) from None
    width, height = image.size
    return (width, height) if lying else (height, width)


def _white(pixels: np.ndarray) -> Any:
    whole = np.issubdtype(pixels.dtype, np.integer)
    return pixels.dtype.type(np.iinfo(pixels.dtype).max if whole else 1)


def _read(
    source: Any,
    max_pixels: int | None,
    at_most: int | None,
    min_side: int,
    keep_profile: bool = False,
) -> tuple[str, np.ndarray, Notes]:
    """What to call a source, its pixels of any kind, and its notes."""
    if at_most is not None and not is_count(at_most):
        raise ImageError(f"at_most={at_most!r}: give a whole number of pixels, 1 or more.")
    if isinstance(source, Image.Image):
        return "image", *read_pillow(source, "image", max_pixels, keep_profile=keep_profile)
    if isinstance(source, (str, os.PathLike)):
        label, data = str(source), _read_path(source)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        label, data = "bytes", bytes(source)
    elif callable(getattr(source, "read", None)):
        label = str(getattr(source, "name", "file object"))
        data = _read_stream(source, label)
    else:
        return "array", as_array(source, "array"), Notes()
    return label, *_decode(data, label, max_pixels, at_most, min_side, keep_profile)


def _shrunk(image: np.ndarray, at_most: int | None, min_side: int, label: str) -> np.ndarray:
    """The image, brought to a longer side if its own is longer."""
    if at_most is None or max(image.shape[:2]) <= at_most:
        return image
    check_sides(image, min_side, label)
    least = smallest_longer_side(image.shape[:2], min_side)
    if at_most < least:
        raise ImageError(
            f"{label}: {size_text(image)} at a longer side of {at_most} would have a side of fewer "
            f"than {min_side} pixels. Give {least} or more (--size {least})."
        )
    return resize(image, at_most)


def _read_path(source: str | os.PathLike) -> bytes:
    name = os.fsdecode(source)
    if is_web_address(name):
        raise ImageError(
            f"{name}: this is a web address, not a file. Download the image, then give its path."
        )
    if not name:
        raise ImageError("The path of the image is empty. Give the path of an image file.")
    try:
        path = Path(name).expanduser()
        if path.is_dir():
            raise ImageError(f"{name}: this is a folder. Give the path of one image in it.")
        if not path.exists():
            raise ImageError(_missing_file_message(name, path))
        if not path.is_file():
            raise ImageError(
                f"{name}: this is a device or a pipe, not a file. Give the path of an image file."
            )
        return path.read_bytes()
    except ImageError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise ImageError(
            f"{name}: cannot be opened ({error}). Check the path and the right to read it."
        ) from None


def _missing_file_message(name: str, path: Path) -> str:
    folder = path.parent.absolute()
    if not folder.is_dir():
        return f"{name}: there is no such file, nor a folder {folder}. Check the path."
    if path.is_symlink():
        return (
            f"{name}: this is a link to {os.readlink(path)}, which is not there. Repair the link."
        )
    files = [one.name for one in folder.iterdir() if one.is_file()]
    similar = difflib.get_close_matches(path.name, files, n=1, cutoff=0.7)
    hint = f"Did you mean {similar[0]}?" if similar else "Check the name and the suffix."
    return f"{name}: there is no such file in {folder}. {hint}"


def _read_stream(stream: Any, label: str) -> bytes:
    try:
        if hasattr(stream, "seekable") and stream.seekable():
            stream.seek(0)
        data = stream.read()
    except Exception as error:
        raise ImageError(
            f"{label}: the file object cannot be read ({error}). Open it again with mode 'rb'."
        ) from None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ImageError(
            f"{label}: reading gives {type(data).__name__}, not bytes. Open it with mode 'rb'."
        )
    return bytes(data)


def _decode(
    data: bytes,
    label: str,
    max_pixels: int | None,
    at_most: int | None,
    min_side: int,
    keep_profile: bool,
) -> tuple[np.ndarray, Notes]:
    """Bytes of an image file -> pixels of any kind, and notes."""
    if not data:
        raise ImageError(f"{label}: the file is empty (0 bytes). Copy or download the image again.")
    with careful_pillow():
        try:
            image = Image.open(io.BytesIO(data), formats=pillow_formats())
            # One that would become too narrow is read whole, so that its own size can be named.
            least = smallest_longer_side(image.size, min_side)
            narrow = at_most is not None and at_most < least
            if at_most is not None and max(image.size) > 2 * at_most and not narrow:
                # Of a JPEG, every second, fourth or eighth pixel; twice as many as are needed.
                scale = 2 * at_most / max(image.size)
                width, height = (max(1, math.ceil(side * scale)) for side in image.size)
                image.draft(None, (width, height))
        except Exception as error:
            raise ImageError(_unreadable_message(label, data, error)) from None
        try:
            return read_pillow(image, label, max_pixels, keep_profile=keep_profile)
        except ImageError:
            raise
        except Exception as error:
            raise ImageError(_unreadable_message(label, data, error)) from None


def _unreadable_message(label: str, data: bytes, error: Exception) -> str:
    """Why Pillow gave up, in words that help."""
    if isinstance(error, MemoryError):
        return f"{label}: there is not enough memory for this image. Make it smaller first."
    beginning = _beginning_of_text(data)
    if beginning is not None:
        return (
            f"{label}: this is text, not an image; it begins with {beginning!r}. "
            "Check where the file came from."
        )
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS and "HEIC" not in readable_formats():
        return (
            f"{label}: this is HEIC, in which telephones keep photographs. To read it, run: "
            'python -m pip install pillow-heif (the extra "heic" of the course). Or have the '
            "telephone save it as JPEG."
        )
    if not isinstance(error, UnidentifiedImageError):
        reason = str(error) or type(error).__name__
        return f"{label}: is damaged or cut short ({reason}). Copy or download it again."
    return (
        f"{label}: this is not an image in a format that we read "
        f"({', '.join(readable_formats())}), or it is damaged. Copy it again, or open it in an "
        "image program and save it as PNG or JPEG."
    )


def _beginning_of_text(data: bytes) -> str | None:
    """The first characters if the data reads as text, else None."""
    # A character of several bytes may be cut at the end of the sample.
    text = data[:400].decode("utf-8", errors="replace").rstrip("\ufffd")
    if not text or not all(character.isprintable() or character.isspace() for character in text):
        return None
    return None if "\ufffd" in text else text.strip()[:40]
